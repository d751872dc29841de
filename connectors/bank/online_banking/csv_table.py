"""The table (Tabelle) in a bank's CSV export: its encoding, the line with its column names, its rows one by one."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TypeVar

from connectors.bank.format import unreadable
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

DELIMITERS: Final = (";", ",", "\t", "|")

# Online banking writes a dozen lines above the table; one who looks for column names further down finds purposes.
_HEADER_WITHIN: Final = 200
_FEWEST_COLUMNS: Final = 3
_MOST_COLUMNS: Final = 1_000  # no export has a tenth of them, and each has to be compared with every mapping
_LONGEST_LINE: Final = 200_000  # characters; a file without line breaks must not fill the memory
_CHUNK: Final = 1024 * 1024

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EXPORT_AGAIN: Final = "Download it again in online banking, and do not save it through a spreadsheet."

_Fit = TypeVar("_Fit")


class Row(NamedTuple):
    """The texts of one row, without the blanks around them, and the line of the file where it begins."""

    line: int
    cells: Sequence[str]


class Header(NamedTuple):
    """The line with the column names."""

    line: int
    delimiter: str
    names: tuple[str, ...]  # a column without a name is called ``column 13``, counted from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where the table of a file begins and how its rows are told apart."""

    path: Path
    place: str
    encoding: str
    header: Header
    above: tuple[Row, ...]  # account, period and balances, as banks write them above the table


def header_in(head: bytes, fits: Callable[[tuple[str, ...]], _Fit | None]) -> _Fit | None:
    """Give what ``fits`` says of the first line that it takes for column names, in the first bytes of a file."""
    encoding = _encoding_of_head(head)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    found = _find(text.splitlines()[:_HEADER_WITHIN], fits)
    return found[1] if found else None


def open_table(
    path: Path, place: str, fits: Callable[[tuple[str, ...]], _Fit | None], missing: str
) -> tuple[Table, _Fit]:
    """Find the column names; raise Unreadable, saying ``missing``, where no line holds them."""
    encoding = _encoding_of(path, place)
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(_lines(file, place), _HEADER_WITHIN))
    found = _find(lines, fits)
    if found is None:
        raise unreadable(place, missing, found=_first_words(lines), what_to_do=_EXPORT_AGAIN)
    header, fit = found
    above = tuple(
        Row(number, cells)
        for number, line in enumerate(lines[: header.line - 1], start=1)
        if (cells := _cells(line, header.delimiter))
    )
    return Table(path=path, place=place, encoding=encoding, header=header, above=above), fit


def rows(table: Table, *, quotes: bool) -> Iterator[Row]:
    """Give every row below the column names that is not blank; raise Unreadable where quotes do not close.

    ``quotes`` is False for banks that write quotation marks as plain characters.
    """
    with table.path.open(encoding=table.encoding, newline="") as file:
        lines = _lines(file, table.place)
        line = sum(1 for _ in islice(lines, table.header.line)) + 1
        reader = csv.reader(
            lines,
            delimiter=table.header.delimiter,
            quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
            strict=True,
        )
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise unreadable(
                    f"{table.place}:{line}",
                    f"the cells of this row cannot be told apart ({error})",
                    what_to_do=f"A quotation mark is not closed, or not doubled. {_EXPORT_AGAIN}",
                ) from None
            written = "".join(cells)
            if written and not written.isspace():
                # Stripping all cells at once is what makes a hundred thousand rows bearable.
                yield Row(line, [plain(cell) for cell in cells] if '="' in written else list(map(str.strip, cells)))
            line = table.header.line + reader.line_num + 1


def plain(cell: str) -> str:
    """Give the text of a cell without the blanks around it and without Excel's ``="…"`` that keeps leading zeros."""
    text = cell.strip()
    return text[2:-1].strip() if len(text) > 2 and text.startswith('="') and text.endswith('"') else text


@lru_cache(maxsize=4096)
def normalised(name: str) -> str:
    """Give the form in which column names and labels are compared: letters and digits, ä and ae the same."""
    return squeeze(name)


def _find(lines: Sequence[str], fits: Callable[[tuple[str, ...]], _Fit | None]) -> tuple[Header, _Fit] | None:
    for number, line in enumerate(lines, start=1):
        for delimiter in DELIMITERS:
            if not _FEWEST_COLUMNS <= line.count(delimiter) + 1 <= _MOST_COLUMNS:
                continue
            names = tuple(name or f"column {n}" for n, name in enumerate(_cells(line, delimiter), start=1))
            if names and (fit := fits(names)) is not None:
                return Header(number, delimiter, names), fit
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    """Split one line by itself; a line above the table that is no CSV has no cells for us."""
    try:
        return [plain(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _lines(file: IO[str], place: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(_LONGEST_LINE)
        except UnicodeError as error:
            raise unreadable(
                f"{place}:{number}",
                f"there are bytes here, or soon after, that are no characters ({error})",
                what_to_do=_EXPORT_AGAIN,
            ) from None
        if not line:
            return
        if len(line) == _LONGEST_LINE or "\0" in line:
            what = "a NUL character" if "\0" in line else f"a line of more than {_LONGEST_LINE:,} characters"
            raise unreadable(f"{place}:{number}", f"the file has {what}, so it is no CSV", what_to_do=_EXPORT_AGAIN)
        yield line


def _encoding_of(path: Path, place: str) -> str:
    """Find the encoding by mark, else UTF-8 if every byte of the file allows it, else Windows-1252."""
    with path.open("rb") as file:
        encoding = _encoding_of_head(head := file.read(_CHUNK))
        if encoding != "utf-8":
            return encoding
        if not head:
            raise unreadable(place, "the file is empty (0 bytes)", what_to_do="Fetch it again from the bank.")
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while head:
                decoder.decode(head)
                head = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _encoding_of_head(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    start = head[:64]
    # UTF-16 without its mark: every second byte of plain letters is zero.
    if len(start) > 8 and not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    if len(start) > 8 and not any(start[::2]) and all(start[1::2]):
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _first_words(lines: Iterable[str]) -> str:
    first = next((line.strip() for line in lines if line.strip()), "")
    return f"the first line is {first[:100]!r}"
