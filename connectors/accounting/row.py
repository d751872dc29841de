"""One row (Zeile) of a table as the file has it: texts from CSV; texts, numbers and days from XLSX."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence


class ErrorCell(NamedTuple):
    """A cell in which the spreadsheet itself shows an error, such as #N/A."""

    shown: str


Cell: TypeAlias = str | Decimal | date | ErrorCell


class Row(NamedTuple):
    """The cells of one row and the line where it starts; ``trouble`` says why the cells could not be told apart."""

    line: int
    cells: Sequence[Cell]
    trouble: str = ""


def text_of(cell: Cell) -> str:
    """Give a cell as the same text a CSV export of the sheet would hold: numbers plain, days as ISO 8601."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.shown


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether nothing at all stands in these cells."""
    return not any(cell.strip() if isinstance(cell, str) else True for cell in cells)
