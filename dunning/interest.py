"""Statutory interest (Verzugszinsen, Fälligkeitszinsen): day-exact, rounded once (§§ 288, 247 BGB, § 353 HGB)."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from dunning.law_table import rows_of, verify_checksum
from dunning.notice import InterestSegment
from dunning.rate_table import Rate
from ledger.money import Money
from ledger.numerals import read_date, read_decimal
from ledger.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dunning.rate_table import RateTable

# The largest step so far was 2.5 points (1 January 2023); a larger one is far more likely a lost minus or comma.
LARGEST_STEP_POINTS: Final = Decimal(3)
_COLUMNS: Final = ("valid_from", "percent")
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


# Compared by identity: what was computed from a table is remembered for it, and rows are compared by their tuple.
@dataclass(frozen=True, slots=True, eq=False)
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
        # No half-year is missing, so that counting them finds the row.
        half_years = _half_years(day) - _half_years(self.known_from)
        return min(half_years, len(self.rates) - 1)


class ProvisionalInterest(ValueError):
    """Interest that needs a base rate nobody has published yet; it must not stand on a court form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestClaim:
    """The interest on one receivable: rounded once, with the days and rates that explain it.

    It is a claim of its own beside the principal and never becomes part of it: no interest on interest (§ 289 BGB).
    """

    amount: Money
    segments: tuple[InterestSegment, ...]
    provisional: bool  # a day beyond the last published base rate was needed


def interest(
    principal: Money,
    first_day: date,
    end_exclusive: date,
    margin_points: Decimal,
    rates: RateTable,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> InterestClaim:
    """Compute default interest on one principal for the days from ``first_day`` up to, not including, the end.

    For interest "up to today" pass tomorrow; the day a payment is credited bears none any more. A negative base rate
    lowers the rate and is not clamped. Nothing is claimed where the end is not after the first day. Raises ValueError
    for days before the table. Source: §§ 288, 247, 187 BGB.
    """
    return interest_on_history([(first_day, principal)], end_exclusive, margin_points, rates, day_count=day_count)


def interest_on_history(
    principal_changes: Sequence[tuple[date, Money]],
    end_exclusive: date,
    margin_points: Decimal,
    rates: RateTable,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> InterestClaim:
    """Compute default interest on a principal that changed: each pair is a day and what is open from that day on.

    The first day is where default starts; the day a payment is credited already carries the lower principal. The sum
    over all segments is rounded once. Raises ValueError for an empty, unsorted or negative history.
    """
    _refuse(_history_mistakes(principal_changes))
    rate = Rate(points=margin_points, table=rates, law="")
    return interest_at_rates(principal_changes, [(principal_changes[0][0], rate)], end_exclusive, day_count=day_count)


def interest_at_rates(
    principal_changes: Sequence[tuple[date, Money]],
    rate_changes: Sequence[tuple[date, Rate]],
    end_exclusive: date,
    *,
    day_count: DayCount = DayCount.ACT_ACT,
) -> InterestClaim:
    """Compute interest where the rate's ground changes too: each pair is a day and the rate from that day on.

    Among merchants a claim bears 5 % from the due date and the higher default interest from its first day of default
    (§§ 353, 352 HGB, § 288 Abs. 2 BGB); it is one claim on the receivable, rounded once. Days before the first rate
    bear nothing. Raises ValueError for an empty, unsorted or negative history, and where no rate is given.
    """
    _refuse([*_history_mistakes(principal_changes), *_rate_mistakes(rate_changes)])
    ends = [day for day, _ in rate_changes[1:]] + [end_exclusive]
    legs = [
        (rate, tuple(_segments_of_history(_from(principal_changes, day), min(end, end_exclusive), rate, day_count)))
        for (day, rate), end in zip(rate_changes, ends, strict=True)
    ]
    segments = tuple(segment for _, found in legs for segment in found)
    return InterestClaim(
        amount=Money(half_up(exact_minor(segments)), principal_changes[0][1].currency),
        segments=segments,
        provisional=any(segment.last_day > rate.table.known_until for rate, found in legs for segment in found),
    )


def for_court(claim: InterestClaim) -> InterestClaim:
    """Give the claim for a court form; raise ProvisionalInterest where a rate is guessed (§ 690 ZPO).

    Where it is refused, claim the points above the base rate from the first day on, without an amount.
    """
    if claim.provisional:
        last = claim.segments[-1].last_day
        raise ProvisionalInterest(
            f"interest up to {last} needs a base rate that is not published; add it (base-rates add) or end earlier"
        )
    return claim


def shown_by_segment(claim: InterestClaim) -> tuple[Money, ...]:
    """Give an amount for each segment that add up to the claim; the largest one bears the cents of rounding."""
    shown = [half_up(exact_minor([segment])) for segment in claim.segments]
    if shown:
        largest = max(range(len(shown)), key=lambda n: (shown[n], -n))
        shown[largest] += claim.amount.minor - sum(shown)
    return tuple(Money(minor, claim.amount.currency) for minor in shown)


def interest_of_one_day(
    principals: Sequence[tuple[Money, Rate]], day: date, *, day_count: DayCount = DayCount.ACT_ACT
) -> Money:
    """Compute what one day costs, rounded half up: the figure a letter quotes for every further day.

    ``principals`` are what is open, each with its rate, at least one of them and all of one currency.
    """
    segments = [
        segment
        for principal, rate in principals
        for segment in segments_of(principal, day, day + _ONE_DAY, rate.points, rate.table, day_count)
    ]
    return Money(half_up(exact_minor(segments)), principals[0][0].currency)


def segments_of(
    principal: Money,
    first_day: date,
    end_exclusive: date,
    margin_points: Decimal,
    rates: RateTable,
    day_count: DayCount,
) -> Iterator[InterestSegment]:
    """Cut the days where the rate changes and, for act/act, where the year does; nowhere else."""
    for day, until, percent, basis_days in _stretches(first_day, end_exclusive, rates, day_count):
        yield InterestSegment(
            first_day=day,
            last_day=until - _ONE_DAY,
            days=(until - day).days,
            principal=principal,
            rate_percent=percent + margin_points,
            basis_days=basis_days,
        )


# A large run asks for the same few hundred periods a million times.
@lru_cache(maxsize=16384)
def _stretches(
    first_day: date, end_exclusive: date, rates: RateTable, day_count: DayCount
) -> tuple[tuple[date, date, Decimal, int], ...]:
    """Give the days of one rate and one year length: the first, the one after the last, percent, days of the year."""
    stretches = []
    day = first_day
    while day < end_exclusive:
        new_year = date(day.year + 1, 1, 1) if day_count is DayCount.ACT_ACT else date.max
        until = min(end_exclusive, rates.next_change(day), new_year)
        basis_days = 366 if day_count is DayCount.ACT_ACT and isleap(day.year) else 365
        stretches.append((day, until, rates.on(day), basis_days))
        day = until
    return tuple(stretches)


def exact_minor(segments: Iterable[InterestSegment]) -> Fraction:
    """Add up segments exactly, in minor units, before anything is rounded."""
    # Segments of one denominator are added as whole numbers, which is several times faster than adding fractions.
    numerators: dict[int, int] = {}
    for segment in segments:
        numerator, denominator = segment.rate_percent.as_integer_ratio()
        per_year = denominator * 100 * segment.basis_days
        interest_minor = numerator * segment.principal.minor * segment.days
        numerators[per_year] = numerators.get(per_year, 0) + interest_minor
    return sum((Fraction(numerator, per_year) for per_year, numerator in numerators.items()), Fraction())


def read_base_rates(text: str) -> BaseRates:
    """Read the table from CSV text: comment lines start with #, columns are valid_from and percent.

    Raises ValueError that lists every unreadable row with its line, and every hole or jump between readable rows; and
    where the text carries a checksum that its rows do not have.
    """
    rates: list[BaseRate | None] = []
    mistakes: list[str] = []
    for line, row in rows_of(text):
        if not rates and not mistakes and row == _COLUMNS:
            continue
        try:
            rates.append(_base_rate(row))
        except ValueError as problem:
            rates.append(None)
            mistakes.append(f"line {line}: {problem}")
    readable = tuple(rate for rate in rates if rate is not None)
    _refuse([*mistakes, *_sequence_mistakes(rates)])
    verify_checksum(text)
    return BaseRates(readable)


def _base_rate(row: Sequence[str]) -> BaseRate:
    match row:
        case (valid_from, percent):
            return BaseRate(valid_from=read_date(valid_from), percent=read_decimal(percent))
        case _:
            raise ValueError(f"{','.join(row)!r} has {len(row)} columns; write valid_from,percent")


def _from(principal_changes: Sequence[tuple[date, Money]], day: date) -> Sequence[tuple[date, Money]]:
    """Cut off what was open before a day; what is open on the day itself starts there."""
    before = [principal for since, principal in principal_changes if since <= day]
    later = [change for change in principal_changes if change[0] > day]
    return [(day, before[-1]), *later] if before else later


def _segments_of_history(
    principal_changes: Sequence[tuple[date, Money]], end_exclusive: date, rate: Rate, day_count: DayCount
) -> Iterator[InterestSegment]:
    ends = [day for day, _ in principal_changes[1:]] + [end_exclusive]
    for (first_day, principal), end in zip(principal_changes, ends, strict=True):
        if principal:
            until = min(end, end_exclusive)
            yield from segments_of(principal, first_day, until, rate.points, rate.table, day_count)


def _rate_mistakes(rate_changes: Sequence[tuple[date, Rate]]) -> Iterator[str]:
    if not rate_changes:
        yield "interest without a rate cannot be computed"
    for (earlier, _), (later, _) in pairwise(rate_changes):
        if later <= earlier:
            yield f"the rate of {later} follows the one of {earlier}; sort them, one rate a day"


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


def _half_years(day: date) -> int:
    return 2 * day.year + (day.month >= 7)


def _next_half_year(day: date) -> date:
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def _refuse(mistakes: Iterable[str]) -> None:
    listed = list(mistakes)
    if listed:
        raise ValueError("\n".join(listed))
