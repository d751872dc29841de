"""What a column holds (Spalteninhalt): the shares of days, amounts and codes in its first rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from connectors.accounting.open_item_rows import KINDS
from connectors.accounting.row import text_of
from ledger.money import MINOR_DIGITS
from ledger.numerals import UnreadableDate, UnreadableNumber, read_date, read_decimal
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.accounting.row import Cell, Row

_LOOKED_AT: Final = 200  # rows, from the top
_CODE: Final = re.compile(r"[A-Za-z]{0,6}[A-Za-z0-9/._-]*[0-9][A-Za-z0-9/._-]*")
_CENTS: Final = re.compile(r"[+-]?[0-9][0-9 .,'\u2019]*[.,][0-9]{2}")
_MOSTLY: Final = 0.6  # a share below which a column is something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The shares (0 to 1) of what stands in a column, blanks not counted; what is rare is 0."""

    days_seen: float
    cents_seen: float
    codes_seen: float  # numbers and keys, which are no days and no amounts
    kinds_seen: float
    currencies_seen: float
    distinct: int
    filled: int
    days: tuple[date | None, ...]  # row by row
    amounts: tuple[Decimal | None, ...]

    @property
    def is_unique(self) -> bool:
        """Whether (nearly) every row says something else."""
        return self.distinct * 20 >= self.filled * 19

    @property
    def repeats(self) -> bool:
        """Whether values come again."""
        return self.distinct < self.filled

    def values(self, ours: str) -> tuple[Decimal | None, ...]:
        """Give the days (counted) or the amounts, row by row, whichever a column of ours is about."""
        if not ours.endswith("_date"):
            return self.amounts
        return tuple(None if day is None else Decimal(day.toordinal()) for day in self.days)


def profile_of(rows: Sequence[Row], place: int) -> Profile:
    """Look at one column of the first rows."""
    cells = [row.cells[place] if place < len(row.cells) else "" for row in rows[:_LOOKED_AT]]
    texts = [text_of(cell) for cell in cells]
    days = tuple(_day(cell) for cell in cells)
    amounts = tuple(_amount(cell) for cell in cells)
    filled = sum(1 for text in texts if text)

    def share(count: int) -> float:
        part = count / filled if filled else 0.0
        return part if part >= _MOSTLY else 0.0

    # One amount with cents makes the whole numbers beside it amounts as well.
    are_amounts = any(_has_cents(cell) for cell in cells)
    written_amounts = sum(amount is not None for amount in amounts) if are_amounts else 0
    codes = (
        0
        if are_amounts
        else sum(day is None and bool(_CODE.fullmatch(text)) for text, day in zip(texts, days, strict=True))
    )
    return Profile(
        days_seen=share(sum(day is not None for day in days)),
        cents_seen=share(written_amounts),
        codes_seen=share(codes),
        kinds_seen=share(sum(squeeze(text) in KINDS for text in texts if text)),
        currencies_seen=share(sum(text.upper() in MINOR_DIGITS or text == "€" for text in texts)),
        distinct=len({text for text in texts if text}),
        filled=filled,
        days=days,
        amounts=amounts,
    )


def _day(cell: Cell) -> date | None:
    if isinstance(cell, date):
        return cell
    try:
        return read_date(text_of(cell))
    except UnreadableDate:
        return None


def _amount(cell: Cell) -> Decimal | None:
    if isinstance(cell, Decimal):
        return cell
    try:
        return read_decimal(_bare(text_of(cell)))
    except UnreadableNumber:
        return None


def _has_cents(cell: Cell) -> bool:
    """Whether it looks like an amount: two digits behind a mark, or a number of a spreadsheet that is not whole."""
    if isinstance(cell, Decimal):
        return cell != cell.to_integral_value()
    return isinstance(cell, str) and _CENTS.fullmatch(_bare(cell)) is not None and _day(cell) is None


def _bare(text: str) -> str:
    """Drop the currency around an amount."""
    return re.sub(r"^(?:€|[A-Z]{3}) ?| ?(?:€|[A-Z]{3})$", "", text.strip())
