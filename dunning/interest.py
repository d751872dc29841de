"""Statutory default interest (Verzugszinsen): base rate plus margin, day-exact, rounded once (§§ 288, 247 BGB)."""

from __future__ import annotations

import csv
from bisect import bisect_right
from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from dunning.notice import InterestSegment
from ledger.money import Money
from ledger.numerals import UnreadableDate, UnreadableNumber, read_date, read_decimal
from ledger.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The largest step so far was 2.5 points (1 January 2023); a larger one is far more likely a lost minus or comma.
LARGEST_STEP_POINTS: Final = Decimal(3)
_COLUMNS: Final = ["valid_from", "percent"]
_ONE_DAY: Final = timedelta(days=1)


class DayCount(StrEnum):
    """How many days a year has when interest is counted. No statute says; both are used in court."""

    ACT_ACT = "act/act"  # taggenau: 1/365 a day, in a leap year 1/366; never claims more than act/365
    ACT_365 = "act/365"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """The base rate (Basiszinssatz) of one half-year, in percent; it may be negative (§ 247 BGB)."""

    valid_from: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class BaseRates:
    """All base rates without a hole: one row each 1 January and 1 July. Raises ValueError with every mistake."""

    rates: tuple[BaseRate, ...]

    def __post_init__(self) -> None:
        _refuse(_sequence_mistakes(self.rates))

    @property
    def known_from(self) -> date:
        """The first day whose base rate is known."""
        return self.rates[0].valid_from

    @property
    def known_until(self) -> date:
        """The last day of the last published half-year; interest beyond it is provisional."""
        return _next_half_year(self.rates[-1].valid_from) - _ONE_DAY

    def on(self, day: date) -> Decimal:
        """Give the percent of a day; beyond ``known_until`` the last one, before ``known_from`` a ValueError."""
        return self.rates[self._position(day)].percent

    def next_change(self, day: date) -> date:
        """Give the first later day with a different rate; date.max where none is known."""
        position = self._position(day)
        now = self.rates[position].percent
        return next((rate.valid_from for rate in self.rates[position + 1 :] if rate.percent != now), date.max)

    def _position(self, day: date) -> int:
        if day < self.known_from:
            raise ValueError(f"no base rate is known for {day}: the table starts on {self.known_from}")
        return bisect_right(self.rates, day, key=lambda rate: rate.valid_from) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestClaim:
    """The interest on one receivable: rounded once, with the days and rates that explain it."""

    amount: Money
    segments: tuple[InterestSegment, ...]
    provisional: bool  # a day beyond the last published base rate was needed
    daily: Money  # what the first day after the claim costs, rounded for showing


def interest(
    principal: Money,
    first_day: date,
    end_exclusive: date,
    margin_points: Decimal,
    rates: BaseRates,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> InterestClaim:
    """Compute default interest on one principal for the days from ``first_day`` up to, not including, the end.

    For interest "up to today" pass tomorrow. A negative base rate lowers the rate and is not clamped. Nothing is
    claimed where the end is not after the first day. Source: §§ 288, 247, 187 BGB.
    """
    return interest_on_history([(first_day, principal)], end_exclusive, margin_points, rates, day_count=day_count)


def interest_on_history(
    principal_changes: Sequence[tuple[date, Money]],
    end_exclusive: date,
    margin_points: Decimal,
    rates: BaseRates,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> InterestClaim:
    """Compute default interest on a principal that changed: each pair is a day and what is open from that day on.

    The first day is where default starts; the day a payment is credited already carries the lower principal. The sum
    over all segments is rounded once. Raises ValueError for an empty, unsorted or negative history.
    """
    _refuse(_history_mistakes(principal_changes))
    principal = principal_changes[-1][1]
    segments = tuple(_segments_of_history(principal_changes, end_exclusive, margin_points, rates, day_count))
    return InterestClaim(
        amount=Money(half_up(exact_minor(segments)), principal.currency),
        segments=segments,
        provisional=any(segment.last_day > rates.known_until for segment in segments),
        daily=interest_of_one_day(principal, end_exclusive, margin_points, rates, day_count=day_count),
    )


def interest_of_one_day(
    principal: Money,
    day: date,
    margin_points: Decimal,
    rates: BaseRates,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> Money:
    """Compute what one day costs, rounded half up: the figure a letter quotes for every further day."""
    (segment,) = segments_of(principal, day, day + _ONE_DAY, margin_points, rates, day_count)
    return Money(half_up(exact_minor([segment])), principal.currency)


def segments_of(
    principal: Money,
    first_day: date,
    end_exclusive: date,
    margin_points: Decimal,
    rates: BaseRates,
    day_count: DayCount,
) -> Iterator[InterestSegment]:
    """Cut the days where the rate changes and, for act/act, where the year does; nowhere else."""
    day = first_day
    while day < end_exclusive:
        new_year = date(day.year + 1, 1, 1) if day_count is DayCount.ACT_ACT else date.max
        until = min(end_exclusive, rates.next_change(day), new_year)
        yield InterestSegment(
            first_day=day,
            last_day=until - _ONE_DAY,
            days=(until - day).days,
            principal=principal,
            rate_percent=rates.on(day) + margin_points,
            basis_days=366 if day_count is DayCount.ACT_ACT and isleap(day.year) else 365,
        )
        day = until


def exact_minor(segments: Iterable[InterestSegment]) -> Fraction:
    """Add up segments exactly, in minor units, before anything is rounded."""
    return sum(
        (Fraction(s.rate_percent) / 100 * s.principal.minor * Fraction(s.days, s.basis_days) for s in segments),
        Fraction(),
    )


def read_base_rates(text: str) -> BaseRates:
    """Read the table from CSV text: comment lines start with #, columns are valid_from and percent.

    Raises ValueError that lists every unreadable row with its line, and every hole or jump between readable rows.
    """
    rates: list[BaseRate | None] = []
    mistakes: list[str] = []
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    for (line, _), row in zip(numbered, csv.reader(line for _, line in numbered), strict=True):
        if not rates and not mistakes and row == _COLUMNS:
            continue
        try:
            rates.append(_base_rate(row))
        except ValueError as problem:
            rates.append(None)
            mistakes.append(f"line {line}: {problem}")
    readable = tuple(rate for rate in rates if rate is not None)
    _refuse([*mistakes, *_sequence_mistakes(rates)])
    return BaseRates(readable)


def _base_rate(row: Sequence[str]) -> BaseRate:
    match row:
        case [valid_from, percent]:
            try:
                return BaseRate(valid_from=read_date(valid_from), percent=read_decimal(percent))
            except (UnreadableDate, UnreadableNumber) as problem:
                raise ValueError(str(problem)) from None
        case _:
            raise ValueError(f"{','.join(row)!r} has {len(row)} columns; write valid_from,percent")


def _segments_of_history(
    principal_changes: Sequence[tuple[date, Money]],
    end_exclusive: date,
    margin_points: Decimal,
    rates: BaseRates,
    day_count: DayCount,
) -> Iterator[InterestSegment]:
    ends = [day for day, _ in principal_changes[1:]] + [end_exclusive]
    for (first_day, principal), end in zip(principal_changes, ends, strict=True):
        if principal:
            yield from segments_of(principal, first_day, min(end, end_exclusive), margin_points, rates, day_count)


def _history_mistakes(principal_changes: Sequence[tuple[date, Money]]) -> Iterator[str]:
    if not principal_changes:
        yield "a principal without a first day cannot carry interest"
    for day, principal in principal_changes:
        if principal.minor < 0:
            yield f"from {day} on the principal is {principal}; a claim is never negative"
    for (earlier, _), (later, _) in pairwise(principal_changes):
        if later <= earlier:
            yield f"the change of {later} follows the one of {earlier}; sort the history, one amount a day"


def _sequence_mistakes(rates: Sequence[BaseRate | None]) -> Iterator[str]:
    if not rates:
        yield "the table of base rates is empty; it needs a row for each 1 January and 1 July"
    for rate in rates:
        if rate and (rate.valid_from.day, rate.valid_from.month) not in {(1, 1), (1, 7)}:
            yield f"{rate.valid_from}: base rates start on 1 January or 1 July only (§ 247 BGB)"
    for earlier, later in pairwise(rates):
        if earlier and later:
            yield from _step_mistakes(earlier, later)


def _step_mistakes(earlier: BaseRate, later: BaseRate) -> Iterator[str]:
    expected = _next_half_year(earlier.valid_from)
    if later.valid_from != expected:
        yield f"after {earlier.valid_from} the row of {expected} is expected, not {later.valid_from}"
    step = later.percent - earlier.percent
    if abs(step) > LARGEST_STEP_POINTS:
        yield f"{later.valid_from}: a step of {step} points from {earlier.percent} to {later.percent} cannot be right"


def _next_half_year(day: date) -> date:
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def _refuse(mistakes: Iterable[str]) -> None:
    listed = list(mistakes)
    if listed:
        raise ValueError("\n".join(listed))
