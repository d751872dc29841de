"""Working days (Werktage, Bankarbeitstage), terms of months, and the shift of deadlines under § 193 BGB."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays


@dataclass(frozen=True, slots=True)
class Region:
    """A country and, where it has any, a Land or canton: ``Region("DE", "BY")``."""

    country: str
    state: str = ""


@lru_cache(maxsize=256)
def public_holidays(region: Region, year: int) -> frozenset[date]:
    """Give the public holidays of a region in a year; raise NotImplementedError for a region nobody knows."""
    return frozenset(holidays.country_holidays(region.country, subdiv=region.state or None, years=year))


# Holidays of some towns of a region only, or of its banks; nobody can be expected to pay on them.
_LOCAL_CATEGORIES: Final = {"DE": "catholic", "AT": "bank"}


@lru_cache(maxsize=512)
def possible_holidays(region: Region, year: int) -> frozenset[date]:
    """Give the days that are a public holiday in at least a part of the region.

    In Germany these add the days of Catholic towns (Mariä Himmelfahrt, Fronleichnam), in Austria those of the banks:
    Good Friday, which the law on payments treats like a holiday (BGBl. 37/1961). A country nobody knows has none.
    """
    try:
        everywhere = public_holidays(region, year)
    except NotImplementedError:
        return frozenset()
    category = _LOCAL_CATEGORIES.get(region.country)
    if category is None:
        return everywhere
    local = holidays.country_holidays(
        region.country, subdiv=region.state or None, years=year, categories=("public", category)
    )
    return everywhere | frozenset(local)


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("ECB", years=year))


def is_working_day(day: date, region: Region) -> bool:
    """Whether a day is neither Saturday, Sunday nor a public holiday of the region (§ 193 BGB)."""
    return day.weekday() < 5 and day not in public_holidays(region, day.year)


def is_bank_day(day: date) -> bool:
    """Whether TARGET settles on this day, so that a bank can book SEPA payments."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def next_working_day(day: date, region: Region) -> date:
    """Give the day itself, or the first working day after it (§ 193 BGB)."""
    while not is_working_day(day, region):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=65536)
def last_day_to_pay(day: date, places: tuple[Region, ...]) -> date:
    """Give the last day on which a payment due on ``day`` is in time (§ 193 BGB), in favour of who pays.

    Each place for itself moves a weekend or holiday to its next working day; the latest of these days counts. Where
    no place is given, only weekends move.
    """
    return max((_next_possible_day(day, place) for place in places), default=_next_weekday(day))


def _next_possible_day(day: date, place: Region) -> date:
    while day.weekday() > 4 or day in possible_holidays(place, day.year):
        day += timedelta(days=1)
    return day


def _next_weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def months_later(day: date, months: int) -> date:
    """Give the same day of a later month, or its last one where it has no such day (§ 188 Abs. 2, 3 BGB)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_bank_days(day: date, count: int) -> date:
    """Go forward (or, with a negative count, back) by whole bank days."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_bank_day(day):
            day += step
    return day


def bank_days_between(start: date, end: date) -> int:
    """Count the bank days after ``start`` up to and including ``end``; zero when end is not after start."""
    days = (end - start).days
    return sum(is_bank_day(start + timedelta(days=n)) for n in range(1, days + 1))
