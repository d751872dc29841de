"""The days a statement covers (Auszugszeitraum), as the bank means the dates it writes."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import is_bank_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.statement import Statement

ONE_DAY: Final = timedelta(days=1)

# A year that somebody mistyped must not let us count through centuries.
_EARLIEST: Final = date(1970, 1, 1)
_LATEST: Final = date(2199, 12, 31)


class Span(NamedTuple):
    """A statement with the days it covers, from ``first`` to ``until``, both included."""

    first: date  # the same as ``last`` where the bank does not say where the statement begins
    last: date  # the day of the closing balance
    until: date  # where the bank says that it covers more days than the closing balance is dated with
    begins: bool  # whether the bank says where it begins
    statement: Statement

    @property
    def days(self) -> Days:
        """All days the statement covers."""
        return Days(self.first, self.until)

    @property
    def name(self) -> str:
        """What a person calls the statement: its number, else its reference, else its last day."""
        number = self.statement.number
        return number if number.strip("0/ ") else self.statement.statement_ref or self.last.isoformat()

    @property
    def title(self) -> str:
        """What the statement is called in a sentence: "statement 14 of 2026-06-30"."""
        last = self.last.isoformat()
        return f"the statement of {last}" if self.name == last else f"statement {self.name} of {last}"


class Days(NamedTuple):
    """A run of days, both included."""

    first: date
    last: date


def family(statement: Statement) -> str:
    """Give the format without its version: camt.053, MT940."""
    return statement.format.partition(".001.")[0]


def spans_by_currency(statements: Iterable[Statement]) -> dict[tuple[str, str], list[Span]]:
    """Give the binding statements with the days they cover, oldest first, for every account and currency.

    Reports and notifications are left out, and whatever names no day or one that no bank can mean: it proves nothing.
    """
    told: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.is_binding and _has_days(statement):
            told[statement.account, statement.currency, family(statement)].append(statement)
    found: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for (account, currency, _), together in told.items():
        found[account, currency] += _spans(together)
    for spans in found.values():
        spans.sort(key=_order)
    return dict(found)


def joined(runs: Iterable[Days]) -> list[Days]:
    """Join runs of days that overlap or touch, oldest first."""
    result: list[Days] = []
    for run in sorted(runs):
        if result and run.first <= result[-1].last + ONE_DAY:
            if run.last > result[-1].last:
                result[-1] = Days(result[-1].first, run.last)
        else:
            result.append(run)
    return result


def run_of(runs: Sequence[Days], day: date) -> Days | None:
    """Give the one of joined runs that has this day."""
    index = bisect_right(runs, (day, date.max))
    return runs[index - 1] if index and runs[index - 1].last >= day else None


def cover(runs: Sequence[Days], days: Days) -> bool:
    """Whether joined runs have the last of these days and every bank day among them."""
    day = days.last
    while day >= days.first:
        run = run_of(runs, day)
        if run is not None:
            day = run.first - ONE_DAY
        elif day == days.last or is_bank_day(day):
            return False
        else:
            day -= ONE_DAY
    return True


def _order(span: Span) -> tuple[date, date, int, str]:
    statement = span.statement
    return span.last, span.first, statement.page, statement.number


def _has_days(statement: Statement) -> bool:
    days = (statement.period_from, statement.opening_date, statement.closing_date, statement.period_to)
    told = [day for day in days if day is not None]
    return any(days[2:]) and min(told) >= _EARLIEST and max(told) <= _LATEST


def _spans(statements: Sequence[Statement]) -> list[Span]:
    """Give the spans of one account, currency and format."""
    told = [_told_days(statement) for statement in statements]
    day_before = _begins_on_the_day_before([(first, until) for first, _, until in told if first is not None])
    return [_span(statement, *days, day_before=day_before) for statement, days in zip(statements, told, strict=True)]


def _told_days(statement: Statement) -> tuple[date | None, date, date]:
    last = statement.closing_date or statement.period_to
    assert last is not None, statement
    # A balance may be dated with the last booking, days before the end of the period.
    return statement.period_from or statement.opening_date, last, max(last, statement.period_to or last)


def _span(statement: Statement, first: date | None, last: date, until: date, *, day_before: bool) -> Span:
    if first is None:
        return Span(last, last, until, False, statement)
    if day_before and first < until:
        first += ONE_DAY
    return Span(min(first, last), last, until, True, statement)


def _begins_on_the_day_before(told: Sequence[tuple[date, date]]) -> bool:
    """Learn whether statements are dated from the day the one before ended on, or from the first day of their own."""
    ends = sorted({last for _, last in told})
    before = dict(zip(ends[1:], ends, strict=False))
    touching = own = 0
    for first, last in told:
        if first < last and last in before:
            touching += first == before[last]
            own += first > before[last]
    return touching >= max(own, 1)
