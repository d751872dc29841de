"""The calendar of the simulated year, written down by hand: bank days, and the holidays of three places."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_DAY: Final = timedelta(days=1)


def _days(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(word) for word in text.split())


# When TARGET is closed, besides weekends.
_NO_BANKING: Final = _days("2025-12-25 2025-12-26 2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-12-25 2027-01-01")
_EVERYWHERE: Final = _NO_BANKING | _days("2026-05-14 2026-05-25 2026-06-04 2026-10-03 2026-11-01 2026-12-26")
HOLIDAYS: Final = {
    "BY": _EVERYWHERE | _days("2026-01-06 2027-01-06"),
    "NW": _EVERYWHERE,
    # Its banks are closed on Good Friday, Christmas Eve and New Year's Eve.
    "AT": (_EVERYWHERE - _days("2026-10-03"))
    | _days("2025-12-08 2025-12-24 2025-12-31 2026-01-06 2026-10-26 2026-12-08 2026-12-24 2026-12-31 2027-01-06"),
}


def is_bank_day(day: date) -> bool:
    """Whether banks book."""
    return day.weekday() < 5 and day not in _NO_BANKING


def is_working_day(day: date, place: str = "BY") -> bool:
    """Whether people work there."""
    return day.weekday() < 5 and day not in HOLIDAYS[place]


def bank_day_after(day: date, count: int = 1) -> date:
    """Give the bank day so many later; a negative count goes back."""
    step = ONE_DAY if count >= 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_bank_day(day):
            day += step
    return day


def bank_day_from(day: date) -> date:
    """Give the day itself, or the next bank day."""
    return day if is_bank_day(day) else bank_day_after(day)


def working_days_after(day: date, count: int, place: str = "BY") -> date:
    """Give the day so many working days later; with 0 the day itself, or the next that people work on."""
    for _ in range(count):
        day = last_day(day + ONE_DAY, place)
    return last_day(day, place)


def last_day(day: date, *places: str) -> date:
    """Move a last day that no place works on; the place that moves it furthest counts."""
    return max(next(later for later in days_from(day) if is_working_day(later, place)) for place in places)


def days_from(day: date) -> Iterator[date]:
    """Give a day and all days after it."""
    while True:
        yield day
        day += ONE_DAY
