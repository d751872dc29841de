"""Bringing statement files in by hand: copied into an inbox, as if the bank had put them there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from night.workplace import Workplace


def bring_in(work: Workplace, files: Sequence[Path]) -> list[Path]:
    """Copy files into the company's first inbox; the next pull reads them. Content decides what they are."""
    if not work.company.bank:
        raise Refused(f"company {work.company_id} has no bank account; add a [[company.bank]] with an inbox")
    inbox = work.office.resolve(work.company.bank[0].inbox)
    brought = []
    for file in files:
        target = inbox / file.name
        if target.exists():
            raise Refused(f"{target}: a file of this name waits there already; run a night first")
        partial = inbox / f"{file.name}.part"  # the inbox does not look at unfinished files
        try:
            shutil.copyfile(file, partial)
            partial.replace(target)
        except OSError as error:
            raise Refused(f"{file}: cannot be copied into {inbox} ({error.strerror})\n    Check both.") from error
        brought.append(target)
    return brought
