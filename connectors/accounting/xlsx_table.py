"""XLSX (ECMA-376) through openpyxl: what a cell holds, exactly, and formulas by the value saved with them."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol, cast
from xml.etree.ElementTree import ParseError

import openpyxl
from lxml.etree import XMLSyntaxError

from connectors.accounting.row import Cell, ErrorCell, Row, is_blank
from ledger.errors import Refused, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


# What openpyxl raises on a broken workbook; it has no error of its own for that.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    XMLSyntaxError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
)

_ZERO_PADDED: Final = re.compile(r"0{2,}")


class _SheetCell(Protocol):
    """What we use of openpyxl's cells when it reads only; its published types know the writable ones."""

    @property
    def value(self) -> object: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str: ...


class _Sheet(Protocol):
    """What we use of openpyxl's sheets when it reads only."""

    title: str

    def reset_dimensions(self) -> None: ...
    def iter_rows(self, min_row: int, *, min_col: int) -> Iterator[tuple[_SheetCell, ...]]: ...


def read_xlsx(data: bytes, path: Path, sheet: str, *, max_bytes: int) -> list[Row]:
    """Give all rows of one sheet that are not blank, the header first.

    Without a name the first sheet is read. Raise Refused for an unknown sheet and for a workbook that unpacks to more
    than ``max_bytes``, Unreadable for a broken one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_bombs(archive, path, max_bytes)
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it does not know; none of them changes a value.
            warnings.simplefilter("ignore", category=UserWarning)
            workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                return _padded(list(_rows(_chosen(cast("list[_Sheet]", workbook.worksheets), path, sheet))))
            finally:
                workbook.close()
    except _BROKEN as error:
        raise Unreadable(
            f"{path}: this workbook is damaged ({type(error).__name__}: {error}). Save it again, or export it as CSV."
        ) from error


def _refuse_bombs(archive: zipfile.ZipFile, path: Path, max_bytes: int) -> None:
    # Python never unpacks more of a member than its declared size, so the declared sizes are a true bound.
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > max_bytes:
        raise Refused(f"{path}: this workbook unpacks to {unpacked:,} bytes, too much for a list. Export it as CSV.")
    for member in archive.infolist():
        # No spreadsheet program writes a document type; entities are how a small XML file becomes a large one.
        with archive.open(member) as part:
            start = part.read(4096)
        if b"<!DOCTYPE" in start:
            raise Refused(f"{path}: {member.filename} declares a document type. Save the workbook again with Excel.")


def _chosen(sheets: Sequence[_Sheet], path: Path, sheet: str) -> _Sheet:
    if not sheets:
        raise Unreadable(f"{path}: this workbook has no sheet with cells.")
    if not sheet:
        return sheets[0]
    for candidate in sheets:
        if candidate.title == sheet:
            return candidate
    raise Refused(f"{path}: there is no sheet {sheet!r}. Found: {', '.join(s.title for s in sheets)}.")


def _rows(sheet: _Sheet) -> Iterator[Row]:
    # Some programs declare a wrong extent, and rows beyond it would be lost without a word.
    sheet.reset_dimensions()
    for line, cells in enumerate(sheet.iter_rows(min_row=1, min_col=1), start=1):
        values = [_value(cell) for cell in cells]
        if not is_blank(values):
            yield Row(line, values)


def _padded(rows: list[Row]) -> list[Row]:
    """Give every row the cells it shares with the header; a sheet does not store empty ones at the end."""
    width = len(rows[0].cells) if rows else 0
    return [row._replace(cells=[*row.cells, *[""] * (width - len(row.cells))]) for row in rows]


def _value(cell: _SheetCell) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return ErrorCell(value) if cell.data_type == "e" else value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else str(value)


def _number(value: float, number_format: str) -> Cell:
    # repr is the shortest decimal that names this float: 119.5, not 119.4999….
    number = Decimal(repr(value))
    if "%" in number_format:
        return number * 100
    if isinstance(value, int) and value >= 0 and _ZERO_PADDED.fullmatch(number_format):
        # The format 00000 shows a postcode as 01067; what the eye sees is what is meant.
        return f"{value:0{len(number_format)}d}"
    return number
