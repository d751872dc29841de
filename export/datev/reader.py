"""Reading a posting batch back (Einlesen), as strictly as DATEV does: nothing is repaired, everything is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from export.datev.columns import COLUMNS, HEADER
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from export.datev.columns import Field

_CELLS: Final = re.compile(r'(?:^|;)("(?:[^"]|"")*"|[^;"]*)')
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_AMOUNT: Final = re.compile(r"\d+,\d{2}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it stands in the file: its text without quotes, and whether it had some."""

    text: str
    quoted: bool


_EMPTY: Final = Cell("", quoted=False)  # most of the 125 values are empty
_EMPTY_TEXT: Final = Cell("", quoted=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of postings: its number in the file, and its values by column title."""

    line: int
    cells: tuple[Cell, ...]

    def value(self, number: int) -> str:
        """Give the text of a column, counted from 1; empty where the line is too short."""
        return self.cells[number - 1].text if number <= len(self.cells) else ""

    def as_dict(self) -> dict[str, str]:
        """Give all values by the official column title."""
        return {column.title: cell.text for column, cell in zip(COLUMNS, self.cells, strict=False)}

    def amount(self, number: int) -> Decimal | None:
        """Give an amount, None where the column holds none that DATEV would read."""
        text = self.value(number)
        return Decimal(text.replace(",", ".")) if _AMOUNT.fullmatch(text) else None

    @property
    def is_reversal(self) -> bool:
        """Whether the line takes another one back (Generalumkehr)."""
        return self.value(118) in ("1", "G")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatch:
    """A batch as it was read. ``findings`` tells what could not be read at all; the rules are checked elsewhere."""

    header_cells: tuple[Cell, ...]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]

    @property
    def header(self) -> Mapping[str, str]:
        """The header by official field title; the reserved fields share one and are of no interest."""
        return {f.title: cell.text for f, cell in zip(HEADER, self.header_cells, strict=False)}

    def header_value(self, number: int) -> str:
        """Give a header field, counted from 1; empty where the header is too short."""
        return self.header_cells[number - 1].text if number <= len(self.header_cells) else ""

    @property
    def account_length(self) -> int:
        """The length of G/L accounts (Sachkontenlänge); 4 where the header does not say it readably."""
        text = self.header_value(14)
        return int(text) if text in set("45678") else 4

    def sums(self) -> tuple[Decimal, Decimal]:
        """Add up Umsatz of the lines marked S and of those marked H; a Generalumkehr counts with a minus."""
        return self._sum("S"), self._sum("H")

    def _sum(self, side: str) -> Decimal:
        rows = [row for row in self.rows if (row.value(2) or "S") == side]
        return sum((_signed(row) for row in rows), start=Decimal("0.00"))


def read_batch(content: bytes) -> ReadBatch:
    """Read a batch; what is no Windows-1252, no CRLF line or no list of values is told in ``findings``."""
    findings = [*_encoding_findings(content)]
    text = content.decode("cp1252", errors="replace")
    if "\n" in text.replace("\r\n", "") or "\r" in text.replace("\r\n", ""):
        findings.append(_file_finding("datev-line-ends", "a line does not end with CRLF", "Write CRLF everywhere."))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    else:
        findings.append(_file_finding("datev-cut", "the last line has no end", "The file was cut; export it again."))
    split = [_cells(number, line, findings) for number, line in enumerate(lines, start=1)]
    return ReadBatch(
        header_cells=split[0] if split else (),
        titles=tuple(cell.text for cell in split[1]) if len(split) > 1 else (),
        rows=tuple(Row(line=number, cells=cells) for number, cells in enumerate(split[2:], start=3)),
        findings=tuple(findings),
    )


def problem(code: str, line: int, of_field: Field | None, what: str, what_to_do: str, excerpt: str = "") -> Finding:
    """Make a finding about one line, and one field of it where it has one to blame."""
    column = f", field {of_field.number} {of_field.title}" if of_field else ""
    return Finding(
        code=code,
        place=f"DATEV batch, line {line}{column}",
        what=what,
        what_to_do=what_to_do,
        severity=Severity.ERROR,
        excerpt=excerpt,
    )


def _cells(number: int, line: str, findings: list[Finding]) -> tuple[Cell, ...]:
    """Split a line at its semicolons, respecting quotes; a character that belongs to no value is told."""
    written = _CELLS.findall(line)
    if sum(map(len, written)) + len(written) - 1 != len(line):
        what = "a quotation mark stands where none may stand"
        what_to_do = "Put text in quotation marks and double those inside it."
        findings.append(problem("datev-quotes", number, None, what, what_to_do, line))
    return tuple(map(_cell, written))


def _cell(text: str) -> Cell:
    if not text:
        return _EMPTY
    if text == '""':
        return _EMPTY_TEXT
    if text.startswith('"'):
        return Cell(text[1:-1].replace('""', '"'), quoted=True)
    return Cell(text, quoted=False)


def _encoding_findings(content: bytes) -> Sequence[Finding]:
    if content.startswith(_BYTE_ORDER_MARKS):
        return [_file_finding("datev-encoding", "the file starts with a byte order mark", "Write Windows-1252.")]
    if _is_utf8_beyond_ascii(content):
        return [_file_finding("datev-encoding", "the file is written in UTF-8", "Write Windows-1252.")]
    try:
        content.decode("cp1252")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is no character of Windows-1252"
        return [_file_finding("datev-encoding", what, "Write Windows-1252.")]
    return []


def _is_utf8_beyond_ascii(content: bytes) -> bool:
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _file_finding(code: str, what: str, what_to_do: str) -> Finding:
    return Finding(code=code, place="DATEV batch", what=what, what_to_do=what_to_do, severity=Severity.ERROR)


def _signed(row: Row) -> Decimal:
    amount = row.amount(1) or Decimal(0)
    return -amount if row.is_reversal else amount
