"""Writing a table: JSONL for programs, CSV for accountants (Auswertung schreiben)."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeAlias

from export.tables.excel_safe import excel_safe
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

CellValue: TypeAlias = str | int | Decimal | None
# JSON allows these inside a string, but many readers of JSONL take them for the end of a line.
_LINE_ENDS: Final = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
JOINT: Final = " | "  # between several texts in one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How one kind of row is laid out in a spreadsheet: its columns, and the lines one row becomes."""

    name: str
    columns: tuple[str, ...]
    lines: Callable[[Mapping[str, Any]], Iterator[dict[str, CellValue]]]


def write_jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO) -> None:
    """Write one JSON object per line, keys in the order of the row; open ``out`` with UTF-8."""
    out.writelines(json.dumps(row, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS) + "\n" for row in rows)


def write_csv(rows: Iterable[Mapping[str, Any]], out: TextIO, table: Table) -> None:
    """Write a table for a German spreadsheet: semicolons, decimal commas, ISO dates, no formulas.

    Open ``out`` with encoding ``utf-8-sig`` and ``newline=""``. The line of titles is always written.
    """
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in rows:
        for line in table.lines(row):
            writer.writerow([_cell(line.get(column)) for column in table.columns])


def major(minor: int, currency: str) -> Decimal:
    """Give the amount of an ``…_minor`` value in major units, for the column an accountant adds up."""
    return Money(minor, currency).decimal()


def _cell(value: CellValue) -> str | int:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}".replace(".", ",")
        case str():
            return excel_safe(value)
        case int():
            return value
