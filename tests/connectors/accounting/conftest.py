"""Writes lists as accounting tools export them, and reads them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from connectors.accounting import FileSource

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.accounting.file import ListsPulled

HEADER = "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency"


@dataclass(frozen=True)
class Desk:
    """A folder with lists in it."""

    folder: Path

    def open_items(self, *rows: str, header: str = HEADER, **settings: Any) -> ListsPulled:
        """Read rows below a header."""
        path = self.folder / "open_items.csv"
        path.write_text("\n".join((header, *rows, "")), encoding="utf-8", newline="")
        return FileSource(name="file", open_items=path, **settings).pull()

    def raw(self, data: bytes, **settings: Any) -> ListsPulled:
        """Read bytes."""
        path = self.folder / "open_items.csv"
        path.write_bytes(data)
        return FileSource(name="file", open_items=path, **settings).pull()

    def debtors(self, *rows: str, header: str, **settings: Any) -> ListsPulled:
        """Read debtors beside an open-item list with one item of debtor 10001."""
        path = self.folder / "debtors.csv"
        path.write_text("\n".join((header, *rows, "")), encoding="utf-8", newline="")
        item = "RE-1,invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR"
        return self.open_items(item, debtors=path, **settings)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
