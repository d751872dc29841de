"""One row read column by column: what cannot be read is noted with its place (Fundstelle), and never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from connectors.accounting.row import Cell, ErrorCell, Row, is_blank, text_of
from ledger.finding import Finding, Severity
from ledger.money import InexactAmount, Money, minor_digits
from ledger.numerals import UnreadableDate, UnreadableNumber, read_date, read_decimal, read_money
from ledger.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Mapping

# A spreadsheet computes in binary, so 0.1 + 0.2 is stored as 0.30000000000000004. What lies this near to a whole
# minor unit is that minor unit; what does not has too many digits and is refused.
NOISE: Final = Decimal("0.000001")

_PERCENT_DIGITS: Final = 4

# Ten thousand milliards: what is larger was mistyped, and would not fit into a database's whole numbers.
_TOO_MUCH: Final = 10**15

_LONGEST_KEY: Final = 100

# Spreadsheets show an empty date as 1899 or 1900, and tools write 9999 for never.
_FIRST_DAY: Final = date(1990, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a table stand, shared by all its records."""

    file: str
    header: tuple[str, ...]
    positions: Mapping[str, int]
    width: int  # cells up to the last column with a name

    def place(self, line: int, column: str = "") -> str:
        """Give ``file:line:column``, the column as the file calls it."""
        if column not in self.positions:
            return f"{self.file}:{line}:{column}" if column else f"{self.file}:{line}"
        return f"{self.file}:{line}:{self.header[self.positions[column]]}"


@dataclass(slots=True, kw_only=True)
class Record:
    """A row being read; when no longer ``usable`` it is set aside, but reading goes on to name all its mistakes."""

    layout: Layout
    row: Row
    findings: list[Finding]
    usable: bool = True

    def cell(self, column: str) -> Cell:
        """Give the cell of a column; a column that the file does not have is blank everywhere."""
        position = self.layout.positions.get(column)
        if position is None or position >= len(self.row.cells):
            return ""
        return self.row.cells[position]

    def text(self, column: str) -> str:
        """Read a text, without blanks around it."""
        cell = self.cell(column)
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, ErrorCell):
            self.set_aside("error_cell", column, f"the spreadsheet shows {cell.shown}", "Repair the formula.")
            return ""
        return text_of(cell)

    def mandatory(self, column: str) -> str:
        """Read a text that must be there."""
        text = self.text(column)
        if not text and not isinstance(self.cell(column), ErrorCell):
            self.set_aside("missing_value", column, f"{column} is missing", "Fill it in where the list comes from.")
        if column.endswith("_number") and len(text) > _LONGEST_KEY:
            what = f"{column} has {len(text)} characters, more than any number has"
            self.set_aside("value_too_long", column, what, "Look whether columns have slipped.")
        return text

    def day(self, column: str) -> date | None:
        """Read a date; None where nothing is written or what is written was refused."""
        cell = self.cell(column)
        text = self.text(column)
        try:
            return _believable(cell if isinstance(cell, date) else _day(text)) if text else None
        except UnreadableDate as error:
            self.set_aside("unreadable_date", column, str(error), "Correct the date where the list comes from.")
            return None

    def money(self, column: str, currency: str) -> Money | None:
        """Read an amount in minor units; None where nothing is written or what is written was refused."""
        cell = self.cell(column)
        try:
            if isinstance(cell, Decimal):
                return _money_of_number(cell, currency)
            text = self.text(column)
            return _money_of_text(text, currency) if text else None
        except (UnreadableNumber, InexactAmount) as error:
            what_to_do = (
                "Write the amount with its two decimal digits." if minor_digits(currency) == 2 else "Correct it."
            )
            self.set_aside("unreadable_amount", column, str(error), what_to_do)
            return None

    def percent(self, column: str) -> Decimal | None:
        """Read a percentage of at least 0 and less than 100; None as with amounts."""
        cell = self.cell(column)
        text = self.text(column)
        if not text:
            return None
        try:
            number = cell if isinstance(cell, Decimal) else read_decimal(text.removesuffix("%"))
        except UnreadableNumber as error:
            self.set_aside("unreadable_percent", column, str(error), "Write it as 2 or 2,5.")
            return None
        if not 0 <= number < 100:
            self.set_aside(
                "unreadable_percent", column, f"{text} is no percentage of a discount", "Write it as 2 or 2,5."
            )
            return None
        return _percent(number)

    def set_aside(self, code: str, column: str, what: str, what_to_do: str) -> None:
        """Note a mistake for which this row cannot be used."""
        self.usable = False
        self._note(code, column, f"{what}; the row was set aside", what_to_do, Severity.ERROR)

    def warn(self, code: str, column: str, what: str, what_to_do: str) -> None:
        """Note something a person should look at, while the row is used."""
        self._note(code, column, what, what_to_do, Severity.WARNING)

    def _note(self, code: str, column: str, what: str, what_to_do: str, severity: Severity) -> None:
        self.findings.append(
            Finding(
                code=code,
                place=self.layout.place(self.row.line, column),
                what=what,
                what_to_do=what_to_do,
                severity=severity,
                excerpt=" | ".join(text_of(cell) for cell in self.row.cells)[:300],
            )
        )


def open_record(layout: Layout, row: Row, findings: list[Finding]) -> Record:
    """Begin to read a row; one whose cells do not line up with the header is set aside at once."""
    record = Record(layout=layout, row=row, findings=findings)
    if row.trouble:
        record.set_aside(
            "unreadable_row",
            "",
            f"the quotes do not match ({row.trouble})",
            'Close every quote, and double (") the ones inside.',
        )
    elif len(row.cells) < layout.width or not is_blank(row.cells[len(layout.header) :]):
        record.set_aside(
            "wrong_cell_count",
            "",
            f"the row has {len(row.cells)} cells, the header {len(layout.header)}",
            "Look for a delimiter inside a text without quotes, or for a line that was cut.",
        )
    return record


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    # A list of many items has few days, so each is read once.
    return read_date(text)


@lru_cache(maxsize=1024)
def _money_of_text(text: str, currency: str) -> Money:
    # Most items are wholly open, so the same text comes twice.
    return _bounded(read_money(_without_currency(text, currency), currency))


def _believable(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise UnreadableDate(f"{day} is no day on which a document is written or due")
    return day


def _without_currency(text: str, currency: str) -> str:
    """Drop the sign or code of the row's own currency, as spreadsheets show it: ``1.234,56 €``."""
    mark = "€" if currency == "EUR" and text.endswith("€") else currency
    return text.removesuffix(mark).rstrip()


def _money_of_number(number: Decimal, currency: str) -> Money:
    minor = _without_noise(number.scaleb(minor_digits(currency))) if number.is_finite() else None
    if minor is None:
        raise InexactAmount(f"{number} is not a whole number of minor units of {currency}")
    return _bounded(Money(minor, currency))


def _bounded(money: Money) -> Money:
    if abs(money.minor) >= _TOO_MUCH:
        raise InexactAmount(f"{money} is more than anybody owes")
    return money


@lru_cache(maxsize=256)
def _percent(number: Decimal) -> Decimal:
    units = _without_noise(number.scaleb(_PERCENT_DIGITS))
    return number if units is None else Decimal(units).scaleb(-_PERCENT_DIGITS).normalize()


def _without_noise(number: Decimal) -> int | None:
    """Give the whole number this is, but for binary noise; None when it is not a whole number."""
    whole = half_up(Fraction(number))
    return whole if abs(number - whole) <= NOISE else None
