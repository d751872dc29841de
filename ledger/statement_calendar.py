"""The rhythm of a bank (Auszugsrhythmus): on which days its statements come, and which one is missing or overdue."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import add_bank_days, bank_days_between, is_bank_day, public_holidays
from ledger.finding import Finding
from ledger.statement_days import ONE_DAY, Days, Span, joined, run_of
from ledger.statement_missing import Missing
from ledger.statement_numbers import unbroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.calendar import Region

# What is older says little about the habits of today.
_LOOKS_BACK: Final = timedelta(days=800)

# A day is judged by as many bank days before and after it: about a quarter of a year each.
_NEIGHBOURS: Final = 60

# So many statements of single days must have come before one is expected on every bank day, and on four days of five.
_PROOF_DAYS: Final = 20
_PROOF_SHARE: Final = (4, 5)

# Where the bank writes on days without movement too, a day without a statement is missing, if they are one in ten.
# Elsewhere nothing may have been booked that day, so that only one in forty is worth a question.
_PROOF_QUIET_DAYS: Final = 2
_STATEMENTS_PER_MISSING_ONE: Final = 40
_STATEMENTS_PER_MISSING_ONE_IF_QUIET_DAYS_COME: Final = 10

# Of so many distances between statements, the last ones, four of five must be a week or a month.
_PROOF_DISTANCES: Final = 5
_LAST_DISTANCES: Final = 13

# An account has gone quiet when it was silent twice as long as ever before, and so many bank days longer.
_PROOF_SILENCES: Final = 10
_LONGER_BY_BANK_DAYS: Final = 10

_HALF_HOLIDAYS: Final = ((12, 24), (12, 31))


class Rhythm(StrEnum):
    """On which days statements of an account come."""

    EVERY_BANK_DAY = "every_bank_day"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    WHEN_BOOKED = "when_booked"  # on no fixed days
    UNKNOWN = "unknown"  # too few statements to say


class _Period(NamedTuple):
    rhythm: Rhythm
    shortest: int  # days from the end of one statement to the end of the next
    longest: int
    words: str


_PERIODS: Final = (_Period(Rhythm.WEEKLY, 5, 9, "every week"), _Period(Rhythm.MONTHLY, 26, 36, "every month"))


@dataclass(frozen=True, slots=True)
class Habit:
    """What the statements of one account have taught us about when they come."""

    rhythm: Rhythm
    last: date  # the last day any of them covers
    expected: date | None  # the day the next one should end on; None where nobody can say
    missing: tuple[Missing, ...]  # those that should have come in between


def habit_of(spans: Sequence[Span], region: Region | None = None, lost: Iterable[Missing] = ()) -> Habit:
    """Learn from the statements of one account and currency: at least one, oldest first.

    ``lost``: what is known to be missing for better reasons; those days teach nothing about the habits of the bank.

    A statement is expected on bank days only; not on public holidays of ``region`` nor on 24 and 31 December, when
    many banks rest though TARGET settles. With little history nothing is expected at all.
    """
    last = max(span.until for span in spans)
    recent = [span for span in spans if span.until >= last - _LOOKS_BACK]
    days = _Days(recent, region, frozenset(day for missing in lost for day in missing.days()))
    if days.are_daily(len(days.usual) - _NEIGHBOURS, len(days.usual)):
        following = next(_usual_days(last + ONE_DAY, last + timedelta(days=30), region))
        return Habit(Rhythm.EVERY_BANK_DAY, last, following, tuple(days.missing()))
    ends = sorted({span.until for span in recent})
    distances = [(later - one).days for one, later in pairwise(ends)]
    for period in _PERIODS:
        regular = _regular(distances[-_LAST_DISTANCES:], period)
        if regular:
            missing = (*days.missing(), *_missing_periods(recent, period))
            return Habit(period.rhythm, last, last + timedelta(days=max(regular)), missing)
    rhythm = Rhythm.WHEN_BOOKED if len(distances) >= _PROOF_SILENCES else Rhythm.UNKNOWN
    return Habit(rhythm, last, None, tuple(days.missing()))


def overdue(habit: Habit, account: str, today: date, grace_bank_days: int) -> Missing | None:
    """Tell when the next statement should be here: it ends so many bank days before the last one before ``today``.

    That is the very day the gate asks for before anybody is dunned, so the two never contradict each other.
    """
    required = add_bank_days(add_bank_days(today, -1), -grace_bank_days)
    if habit.expected is None or habit.expected > required:
        return None
    daily = habit.rhythm is Rhythm.EVERY_BANK_DAY
    usual = "on every bank day" if daily else next(p.words for p in _PERIODS if p.rhythm is habit.rhythm)
    finding = Finding(
        code="statement_overdue",
        place=account,
        what=f"no statement of {account} came since the one of {habit.last}, though one comes {usual}",
        what_to_do=f"Fetch the statements from {habit.last + ONE_DAY} on and put them into the inbox. Look whether "
        "whatever fetches them still works.",
    )
    return Missing(
        after=habit.last if daily else habit.expected - ONE_DAY,
        before=required if daily else habit.expected,
        resumes=(required if daily else habit.expected) + ONE_DAY,
        where=f"after {habit.last}",
        finding=finding,
    )


def quiet(spans: Sequence[Span], account: str, today: date) -> Finding | None:
    """Tell when no statement of an account has come for much longer than ever before; at least one, oldest first."""
    last = max(span.until for span in spans)
    ends = sorted({span.until for span in spans if span.until >= last - _LOOKS_BACK})
    silences = [bank_days_between(one, later) for one, later in pairwise(ends)]
    silence = bank_days_between(last, today)
    longest = max(silences, default=0)
    if len(silences) < _PROOF_SILENCES or silence < max(2 * longest, longest + _LONGER_BY_BANK_DAYS):
        return None
    return Finding(
        code="account_quiet",
        place=account,
        what=f"no statement of {account} came for {silence} bank days, since {last}",
        excerpt=f"before that it was never silent for more than {longest}",
        what_to_do="Look whether the account still lives and whatever fetches its statements still works. Take an "
        "account that is closed out of the configuration.",
    )


class _Days:
    """The usual days of an account from its first to its last statement, and what came on each."""

    def __init__(self, spans: Sequence[Span], region: Region | None, lost: frozenset[date]) -> None:
        self.spans = spans
        self.runs = joined(span.days for span in spans)
        ends = {span.until for span in spans}
        self.usual = [day for day in _usual_days(spans[0].last, max(ends), region) if day not in lost]
        quiet_days = {
            span.last
            for span in spans
            if span.first == span.until and span.statement.opening == span.statement.closing is not None
        }
        self.ended = _counted(day in ends for day in self.usual)
        self.quiet = _counted(day in quiet_days for day in self.usual)
        self.holes = [place for place, day in enumerate(self.usual) if run_of(self.runs, day) is None]
        hole_places = set(self.holes)
        self.empty = _counted(place in hole_places for place in range(len(self.usual)))

    def are_daily(self, first: int, end: int) -> bool:
        """Whether from one usual day up to another, by their places, a statement comes on every one of them."""
        first, end = max(first, 0), min(end, len(self.usual))
        came = self.ended[end] - self.ended[first]
        empty = self.empty[end] - self.empty[first]
        enough, of = _PROOF_SHARE
        if came < _PROOF_DAYS or came * of < (end - first) * enough:
            return False
        if self.quiet[end] - self.quiet[first] >= _PROOF_QUIET_DAYS:
            return empty * _STATEMENTS_PER_MISSING_ONE_IF_QUIET_DAYS_COME <= came
        return empty * _STATEMENTS_PER_MISSING_ONE <= came

    def missing(self) -> Iterator[Missing]:
        """Find the days without a statement in a time in which one came on every day; days in a row are one."""
        proven = unbroken(self.spans)
        together: list[int] = []
        for place in self.holes:
            if not self.are_daily(place - _NEIGHBOURS, place + _NEIGHBOURS + 1):
                continue
            if _is_between(proven, self.usual[place]):
                continue
            if together and place != together[-1] + 1:
                yield self._missing(together)
                together = []
            together.append(place)
        if together:
            yield self._missing(together)

    def _missing(self, places: Sequence[int]) -> Missing:
        account = self.spans[0].statement.account
        first, last = self.usual[places[0]], self.usual[places[-1]]
        after = self.runs[bisect_right(self.runs, (first, date.max)) - 1].last
        following = self.runs[bisect_right(self.runs, (last, date.max))].first
        came = f"none came for {first}" if first == last else f"none came from {first} to {last}"
        return Missing(
            after=after,
            before=following,
            resumes=following,
            where=f"between {after} and {following}",
            finding=_day_missing(account, f"a statement of {account} comes on every bank day, but {came}"),
        )


def _day_missing(account: str, what: str) -> Finding:
    return Finding(
        code="statement_day_missing",
        place=account,
        what=what,
        what_to_do="Look whether the bank has one, and put it into the inbox. No balance misses it, so nothing waits "
        "for it.",
    )


def _missing_periods(spans: Sequence[Span], period: _Period) -> Iterator[Missing]:
    """Find the weeks or months without a statement, among the last ones."""
    first_by_end = {span.until: span.first for span in reversed(spans)}
    proven = unbroken(spans)
    account = spans[0].statement.account
    for one, later in [*pairwise(sorted(first_by_end))][-_LAST_DISTANCES:]:
        days = first_by_end[later] - one
        if days.days <= period.longest or _is_between(proven, one + ONE_DAY):
            continue
        yield Missing(
            after=one,
            before=later,
            resumes=first_by_end[later],
            where=f"between {one} and {later}",
            finding=_day_missing(
                account, f"a statement of {account} comes {period.words}, but none came between {one} and {later}"
            ),
        )


def _regular(distances: Sequence[int], period: _Period) -> list[int]:
    """Give the distances that are a week or a month, where most of them are."""
    regular = [days for days in distances if period.shortest <= days <= period.longest]
    enough, of = _PROOF_SHARE
    return regular if len(regular) >= _PROOF_DISTANCES and len(regular) * of >= len(distances) * enough else []


def _is_between(runs: Sequence[Days], day: date) -> bool:
    """Whether a day lies within a run and is neither its first nor its last."""
    run = run_of(runs, day)
    return run is not None and run.first < day < run.last


def _usual_days(first: date, last: date, region: Region | None) -> Iterator[date]:
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    return (day for day in days if is_bank_day(day) and not _rests(day, region))


def _rests(day: date, region: Region | None) -> bool:
    if (day.month, day.day) in _HALF_HOLIDAYS:
        return True
    return region is not None and day in public_holidays(region, day.year)


def _counted(told: Iterable[bool]) -> list[int]:
    """Count how many came up to each place, so that any stretch is counted by one subtraction."""
    return [0, *accumulate(told)]
