"""What lies beside a hand-over file (Beilagen): the same case as CSV, as a workbook, and as a dossier to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from export.agency_tables import claims_csv, workbook
from export.delivery import deliver_file
from export.dossier import dossier

if TYPE_CHECKING:
    from pathlib import Path


def lay_companions(handed_over: Path, content: bytes) -> None:
    """Write CSV, XLSX and PDF beside the JSON that was handed over, made from its very bytes.

    What lies there already stays: a night that was interrupted between them goes on here.
    """
    case = json.loads(content)
    for suffix, made_from in ((".csv", claims_csv), (".xlsx", workbook), (".pdf", dossier)):
        target = handed_over.with_suffix(suffix)
        if not target.exists():
            deliver_file(target.parent, target.name, made_from(case))
