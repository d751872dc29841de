"""Daily statements (Kontoauszüge) from movements: every bank day has one, and every balance follows from the last."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ledger.calendar import is_bank_day
from ledger.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from demo.movement import Movement
    from ledger.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyStatement:
    """A statement and its bookings; a booking of several movements is a batch (Sammler)."""

    statement: Statement
    bookings: tuple[tuple[Movement, ...], ...]

    @property
    def day(self) -> date:
        """The bank day it was closed."""
        assert self.statement.closing_date is not None, self.statement
        return self.statement.closing_date


def daily_statements(
    rng: Random, movements: Iterable[Movement], *, account: str, days: Sequence[date], opening: Money
) -> Iterator[DailyStatement]:
    """Give one statement per bank day, also for days on which nothing moved."""
    by_day: defaultdict[date, list[Movement]] = defaultdict(list)
    for movement in movements:
        if movement.entry.account == account:
            by_day[movement.entry.booking_date].append(movement)
    number = _bank_days_of_the_year_before(days[0])
    yesterday = _bank_day_before(days[0])
    for day in days:
        number = number + 1 if day.year == yesterday.year else 1
        bookings = _bookings(rng, by_day[day])
        statement = Statement(
            account=account,
            currency=opening.currency,
            number=str(number),
            statement_ref=f"{day:%Y}-{number:03d}",
            opening_date=yesterday,
            opening=opening,
            closing_date=day,
            entries=tuple(movement.entry for booking in bookings for movement in booking),
        )
        opening += statement.movement()
        yesterday = day
        yield DailyStatement(statement=replace(statement, closing=opening), bookings=bookings)


def bank_days(first: date, last: date) -> tuple[date, ...]:
    """Give every day of a period on which banks book, both ends included."""
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in every if is_bank_day(day))


def _bookings(rng: Random, movements: Sequence[Movement]) -> tuple[tuple[Movement, ...], ...]:
    """Mix the bookings of a day as a bank would, and give each its own bank reference."""
    grouped: dict[str, list[Movement]] = {}
    for n, movement in enumerate(movements):
        grouped.setdefault(movement.entry.booking_ref or str(n), []).append(movement)
    bookings = list(grouped.values())
    rng.shuffle(bookings)
    return tuple(
        tuple(_referenced(movement, n) for movement in booking) for n, booking in enumerate(bookings, start=1)
    )


def _referenced(movement: Movement, number: int) -> Movement:
    entry = movement.entry
    reference = f"{entry.booking_date:%y%m%d}{entry.account[-4:]}{number:05d}"
    return replace(movement, entry=entry._replace(bank_reference=reference))


def _bank_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_bank_day(day):
        day -= timedelta(days=1)
    return day


def _bank_days_of_the_year_before(day: date) -> int:
    return len(bank_days(date(day.year, 1, 1), day - timedelta(days=1)))
