"""Amounts and days as SWIFT writes them, read strictly and with the place in every refusal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.bank.format import unreadable
from ledger.errors import Unreadable
from ledger.money import InexactAmount, Money, UnknownCurrency, from_decimal

_SWIFT: Final = re.compile(r"\d{0,15},\d{0,5}|\d{1,15}")  # 15d: a comma always, at least one digit somewhere
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3}){1,4},\d*")
_ENGLISH: Final = re.compile(r"\d{1,3}(?:,\d{3}){1,4}\.\d{2}")
_DOT: Final = re.compile(r"\d{1,15}\.\d{2}")  # three digits behind a dot could be thousands


class UnknownDialect(Unreadable):
    """A field is written in a way we do not know; another reader may. Becomes Unreadable if none does."""

    def __init__(self, place: str, what: str) -> None:
        remedy = "Fetch it again from the bank, as CAMT.053 if possible."
        super().__init__(str(unreadable(place, what, what_to_do=remedy)))


class AmbiguousSign(UnknownDialect):
    """An amount has a minus beside its mark: either the same said twice, or the opposite. Only a balance can tell."""


def read_amount(text: str, currency: str, place: str) -> Money:
    """Read an unsigned amount: ``1234,56``, ``1234,``, ``,50``, ``1234,5``, or unmistakable dialects of it.

    Raise UnknownDialect for what could be read in two ways.
    """
    if not (number := _plain_decimal(text)):
        raise UnknownDialect(place, f"the amount {text!r} cannot be read")
    try:
        return from_decimal(Decimal(number), currency)
    except (InexactAmount, UnknownCurrency) as error:
        raise UnknownDialect(place, f"the amount {text!r} {currency} cannot be read: {error}") from error


def _plain_decimal(text: str) -> str:
    if _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    if _SWIFT.fullmatch(text) and text != ",":
        return text.replace(",", ".")
    if _ENGLISH.fullmatch(text):
        text = text.replace(",", "")
    return text if _DOT.fullmatch(text) else ""


def read_day(text: str, place: str) -> date:
    """Read YYMMDD; raise Unreadable for a day that no calendar has."""
    day = day_of(text)
    if day is None:
        raise unreadable(place, f"{text!r} is no day of the calendar", what_to_do="Ask the bank for a correct file.")
    return day


def day_of(text: str) -> date | None:
    """Read YYMMDD, None where there is no such day. Years from 80 on are of the last century."""
    return _date(century_year(text), int(text[2:4]), int(text[4:6]))


def century_year(text: str) -> int:
    """Give the full year of YYMMDD."""
    year = int(text[:2])
    return year + (1900 if year >= 80 else 2000)


def days_of(value: str, booked: str) -> tuple[date | None, date | None]:
    """Give booking and value date of a booking (YYMMDD and MMDD, which may be missing); None for no day at all.

    The booking date is in the year that puts it nearest to the value date: value 31 December, booking 2 January is
    the next year's January, and the other way round.
    """
    value_date = day_of(value)
    if not booked:
        return value_date, value_date
    # An impossible value date still tells the year, as well as any day in its middle.
    near = value_date or date(century_year(value), min(max(int(value[2:4]), 1), 12), 15)
    return _nearest_day(booked, near), value_date


def _nearest_day(month_and_day: str, near: date) -> date | None:
    month, day = int(month_and_day[:2]), int(month_and_day[2:])
    candidates = (_date(near.year + shift, month, day) for shift in (-1, 0, 1))
    return min((d for d in candidates if d is not None), key=lambda d: abs(d - near), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
