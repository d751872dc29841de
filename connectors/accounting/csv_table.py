"""CSV (RFC 4180) as spreadsheets really write it: encoding and delimiter are found out, quotes are read strictly."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Final

from connectors.accounting.headers import normalised
from connectors.accounting.row import Row
from ledger.errors import Refused, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

DELIMITERS: Final = (";", ",", "\t", "|")

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_csv(data: bytes, path: Path, known_headers: Collection[str], delimiter: str, encoding: str) -> list[Row]:
    """Give all rows that are not blank, the header first; raise Unreadable where the bytes are no text."""
    text = decoded(data, path, encoding)
    if len(delimiter) > 1 or (delimiter and delimiter in '"\r\n'):
        raise Refused(
            f"{path}: {delimiter!r} cannot be a delimiter. Configure one of , ; | or a tab, or leave it out."
        )
    return list(_records(text, delimiter or _delimiter_of(text, known_headers)))


def decoded(data: bytes, path: Path, encoding: str = "") -> str:
    """Decode by the configured encoding, else by byte order mark, else as UTF-8, else as Windows-1252."""
    if encoding:
        return _strictly(data, encoding, path)
    for mark, encoding_of_mark in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding_of_mark, path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, "cp1252", path)
    return _without_nul(text, path)


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        text = data.decode(encoding)
    except LookupError:
        raise Refused(f"{path}: there is no encoding {encoding!r}. Configure utf-8, cp1252 or utf-16.") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"{path}:{line}: byte {error.start} (0x{data[error.start]:02x}) is no character in {encoding}. "
            "Export the list as UTF-8, or configure its encoding."
        ) from None
    # The codecs that drop the mark by themselves count the position of a bad byte without it.
    return _without_nul(text.removeprefix("\ufeff"), path)


def _without_nul(text: str, path: Path) -> str:
    if (position := text.find("\0")) >= 0:
        raise Unreadable(
            f"{path}: character {position} is a NUL, so this is not plain text, or UTF-16 without its mark. "
            "Export the list as UTF-8, or configure its encoding."
        )
    return text


def _delimiter_of(text: str, known_headers: Collection[str]) -> str:
    """Choose the delimiter with which most columns of the header are known, then the one that gives most columns."""

    def columns_by(delimiter: str) -> tuple[int, int]:
        header = next(_records(text, delimiter), Row(0, ()))
        return sum(normalised(str(cell)) in known_headers for cell in header.cells), len(header.cells)

    return max(DELIMITERS, key=columns_by)


def _records(text: str, delimiter: str) -> Iterator[Row]:
    # newline="" leaves line breaks inside quotes as they are, and splits at no other character than CR and LF.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, (), f"lines {line} to {max(line, reader.line_num)}: {error}")
            continue
        # Excel may write its delimiter above the header (sep=;), and blank lines mean nothing.
        if "".join(cells).strip() and not (line == 1 and cells[0].lower().startswith("sep=")):
            yield Row(line, cells)
