"""Amounts and days (Beträge, Tage) of CSV exports, once the decimal mark and the order of dates are known."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.money import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMA: Final = ","
DOT: Final = "."
DAY_FIRST: Final = "day first"
MONTH_FIRST: Final = "month first"

# Thousands in groups of three or not at all; a fraction has as many digits as the bank cared to write.
_AMOUNT: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        COMMA: re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:,(\d+))?(-?)"),
        DOT: re.compile(r"([+-]?)(\d{1,3}(?:[,'\u2019]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.(\d+))?(-?)"),
    }
)
_LOOKALIKES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-"})
_DECORATION: Final = re.compile(r"^([+-]?) ?(?:EUR|€)|(?: ?(?:EUR|€))$")
_NOT_DIGITS: Final = re.compile(r"\D")
_MOST_DIGITS: Final = 15  # of whole units, so that minor units fit into a database's 64 bits

_TIME: Final = r"(?:(?:[T ]|, ?)\d{1,2}:\d{2}.*)?"
_YEAR_FIRST: Final = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})" + _TIME)
# With dashes the year has four digits: 05-06-07 may begin or end with it.
_YEAR_LAST: Final = re.compile(r"(\d{1,2})(?:([./])(\d{1,2})\2(\d{4}|\d{2})|(-)(\d{1,2})-(\d{4}))" + _TIME)


class UnreadableValue(ValueError):
    """A cell that should have been an amount or a day, and is not one beyond doubt."""


def read_minor(text: str, decimal: str, currency: str) -> int:
    """Read an amount in minor units; ``decimal`` is COMMA or DOT, so ``1.000`` is one thousand with COMMA.

    Digits after the mark may be missing (``100,8``), never be too many. Raise UnreadableValue or UnknownCurrency.
    """
    found = _AMOUNT[decimal].fullmatch(without_currency(text, currency))
    if not found or (found[1] and found[4]):
        mark = "decimal comma" if decimal == COMMA else "decimal point"
        raise UnreadableValue(f"{text!r} is no amount with {mark}")
    sign, whole, fraction, trailing = found.groups()
    if not whole.isdigit():
        whole = _NOT_DIGITS.sub("", whole)
    digits = minor_digits(currency)
    fraction = fraction or ""
    if len(fraction) != digits:
        fraction = fraction.rstrip("0").ljust(digits, "0")
    if len(fraction) > digits or len(whole) > _MOST_DIGITS:
        raise UnreadableValue(f"{text!r} has more digits than an amount in {currency}")
    minor = int(whole + fraction)
    return -minor if "-" in (sign, trailing) else minor


def without_currency(text: str, currency: str = "") -> str:
    """Drop the currency that stands inside the cell (``1.234,56 €``), and make blanks and minus signs plain ones."""
    squeezed = text.translate(_LOOKALIKES).strip() if not text.isascii() else text.strip()
    if squeezed[-1:].isdigit() and squeezed[:1] in "+-0123456789":
        return squeezed
    if currency and squeezed.endswith(currency):
        squeezed = squeezed[: -len(currency)].rstrip()
    return _DECORATION.sub(r"\1", squeezed).strip()


def decimal_told_by(text: str) -> str:
    """Say which decimal mark an amount proves by itself; empty where it proves none (``1.234``, ``17``)."""
    number = without_currency(text).strip("+-")
    dots, commas = number.count(DOT), number.count(COMMA)
    if dots and commas:
        return COMMA if number.rfind(COMMA) > number.rfind(DOT) else DOT
    if dots > 1 or commas > 1:  # groups of thousands
        return COMMA if dots else DOT
    mark = COMMA if commas else DOT if dots else ""
    return mark if mark and len(number.rpartition(mark)[2]) != 3 else ""


def is_undecided(text: str) -> bool:
    """Whether an amount may be thousands or decimals: ``1.234``, ``-1,234``."""
    return decimal_told_by(text) == "" and any(mark in text for mark in (COMMA, DOT))


def looks_like_day(text: str) -> bool:
    """Whether a cell is written as a date, of whatever order."""
    return _YEAR_LAST.fullmatch(text) is not None or _YEAR_FIRST.fullmatch(text) is not None


def order_told_by(text: str) -> str:
    """Say which order of day and month a date proves; empty where it may be both, ``any`` where none matters.

    Germans write dots, and always the day first. Raise UnreadableValue for what is no date.
    """
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        _year_first(text)
        return "any"
    first, second = int(found[1]), int(found[3] or found[6])
    if found[2] == "." or first == second:
        return "any"
    if first > 12:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 else ""


@lru_cache(maxsize=4096)
def read_day(text: str, order: str) -> date:
    """Read 31.05.2026, 31.05.26, 2026-05-31 or, by ``order``, 31/05/2026 and 31-05-2026; a time behind is dropped.

    Two digits of a year are of this century. Raise UnreadableValue for what no calendar has.
    """
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        year, month, day = _year_first(text)
    else:
        day, month, written = int(found[1]), int(found[3] or found[6]), found[4] or found[7]
        year = int(written) + (2000 if len(written) == 2 else 0)
        if order == MONTH_FIRST and found[2] != ".":
            day, month = month, day
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableValue(f"{text!r} is no day of the calendar") from None


def _year_first(text: str) -> tuple[int, int, int]:
    found = _YEAR_FIRST.fullmatch(text)
    if not found:
        raise UnreadableValue(f"{text!r} is no date; 31.05.2026 or 2026-05-31 would be one")
    return int(found[1]), int(found[3]), int(found[4])
