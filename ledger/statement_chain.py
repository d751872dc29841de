"""The chain of statements: each begins with the balance the one before ended with, or something is missing."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from ledger.finding import Finding, Severity
from ledger.money import Money
from ledger.statement_days import ONE_DAY, Days, Span, family, joined, run_of, spans_by_currency
from ledger.statement_missing import Missing, once
from ledger.statement_pages import missing_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from ledger.statement import Statement


def gaps(statements: Iterable[Statement]) -> tuple[Finding, ...]:
    """Find everything that is certainly missing: breaks in the chain of balances, and pages.

    Statements may come in any order, overlap, repeat each other and be in several formats; each account and currency
    is a chain of its own. Reports and notifications (camt.052, camt.054, MT942, pain.002) take no part.
    """
    return tuple(missing.finding for missing in certainly_missing(statements))


def certainly_missing(statements: Iterable[Statement]) -> tuple[Missing, ...]:
    """Find what ``gaps`` finds, with the days it concerns; oldest first for each account and currency."""
    chains = spans_by_currency(statements).values()
    return tuple(missing for spans in chains for missing in once(missing_pages(spans), breaks(spans)))


def read_up_to(statements: Iterable[Statement]) -> date | None:
    """Give the last day that binding statements close; None where there is none yet.

    It says how far we have read, not that nothing is missing before: that is what ``gaps`` says.
    """
    return max((s.closing_date for s in statements if s.closing_date is not None and s.is_binding), default=None)


@dataclass(frozen=True, slots=True)
class _Link:
    """One statement as the chain sees it."""

    first: date
    last: date
    begins: bool
    opening: int | None
    closing: int | None
    family: str
    span: Span

    @property
    def content(self) -> tuple[str, int | None, int | None, str, int]:
        """What is the same when a statement is delivered twice in one format."""
        return self.family, self.opening, self.closing, self.span.statement.number, self.span.statement.page


@dataclass(slots=True)
class _Past:
    """At which balances the account may have stood at the end of which day; None where nobody told."""

    inside: list[Days]  # days that begin in the middle of a longer statement
    days: list[date] = field(default_factory=list)
    standings: list[frozenset[int] | None] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    @property
    def standing(self) -> frozenset[int] | None:
        """Where the account stands now."""
        return self.standings[-1] if self.standings else None

    def before(self, day: date) -> frozenset[int] | None:
        """Where the account stood when the day began."""
        index = bisect_right(self.days, day - ONE_DAY)
        return self.standings[index - 1] if index else None

    def is_inside(self, day: date) -> bool:
        """Whether a longer statement runs through the beginning of the day, so that no balance need be known."""
        return run_of(self.inside, day) is not None


def breaks(spans: Sequence[Span]) -> tuple[Missing, ...]:
    """Find every statement of one account and currency whose opening balance the account did not have then.

    The oldest statement begins the chain. After a statement without a closing balance nobody knows where the account
    stands, and the next one begins the chain anew.
    """
    past = _Past(inside=joined(Days(s.first + ONE_DAY, s.last) for s in spans if s.first < s.last))
    missing: list[Missing] = []
    for day, together in groupby(spans, key=lambda span: span.last):
        missing += _add_day(day, [_link(span) for span in together], past)
    return tuple(missing)


def _link(span: Span) -> _Link:
    opening, closing = span.statement.opening, span.statement.closing
    return _Link(
        span.first,
        span.last,
        span.begins,
        None if opening is None else opening.minor,
        None if closing is None else closing.minor,
        family(span.statement),
        span,
    )


def _add_day(day: date, links: Sequence[_Link], past: _Past) -> list[Missing]:
    """Follow the chain through all statements that end on a day; give what is missing before them."""
    walk = _Walk(links, past.standing)
    missing = []
    for link in walk.heads():
        if not _may_begin_here(link, walk, past):
            missing.append(_missing(link, day if walk.reached_any else past.days[-1], past))
        walk.go(link)
    standing = _ends(links, past.standing)
    past.days.append(day)
    past.standings.append(frozenset(standing) if standing else None)
    past.seen.update(balance for link in links for balance in (link.opening, link.closing) if balance is not None)
    return missing


class _Walk:
    """Statements of one day, reached from the balances the account stood at, or waiting to be."""

    def __init__(self, links: Sequence[_Link], standing: frozenset[int] | None) -> None:
        self.waiting: dict[int, list[_Link]] = defaultdict(list)
        self.closed_at: dict[int, set[str]] = defaultdict(set)  # by which formats
        self.reached_any = False
        for link in links:
            if link.opening is not None:
                self.waiting[link.opening].append(link)
        for balance in standing or ():
            self._reach(balance)
        for link in links:
            # Nobody can say whether such a statement follows; others may follow it.
            if link.opening is None and link.closing is not None:
                self._reach(link.closing)

    def is_waiting(self, link: _Link) -> bool:
        """Whether no balance led to this statement yet."""
        return link.opening is not None and link.opening in self.waiting

    def go(self, link: _Link) -> None:
        """Take a statement as reached, and follow where it leads."""
        assert link.opening is not None
        self._reach(link.opening)

    def heads(self) -> Iterator[_Link]:
        """Give the statements that nothing leads to; whoever takes one goes on from it before the next is given."""
        links = [link for together in self.waiting.values() for link in together]
        inner = {link.closing for link in links if link.closing != link.opening}
        yield from (link for link in links if link.opening not in inner and self.is_waiting(link))
        # What is left leads to itself in a circle, which may begin anywhere.
        yield from (link for link in links if self.is_waiting(link))

    def closes_elsewhere(self, link: _Link) -> bool:
        """Whether a statement of another format, reached without this one, ends the day at the same balance."""
        return link.closing is not None and bool(self.closed_at[link.closing] - {link.family})

    def _reach(self, balance: int) -> None:
        reached = [balance]
        while reached:
            for link in self.waiting.pop(reached.pop(), ()):
                self.reached_any = True
                if link.closing is not None:
                    self.closed_at[link.closing].add(link.family)
                    reached.append(link.closing)


def _may_begin_here(link: _Link, walk: _Walk, past: _Past) -> bool:
    """Whether a statement that does not follow the day before is well nevertheless: it runs beside others."""
    if walk.closes_elsewhere(link):
        return True
    if not link.begins:
        return link.opening in past.seen or past.standing is None
    standing = past.before(link.first)
    if standing is None:
        # The first of all, or after an unknown balance; its later pages must follow it.
        return link.first < link.last or not walk.reached_any
    return link.opening in standing or past.is_inside(link.first)


def _ends(links: Sequence[_Link], standing: frozenset[int] | None) -> set[int]:
    """Give the balances a day may have ended with: each format's statements lead from one balance to another.

    Where several lead through the day, the one balance that is reached once more than it is left is the last.
    """
    by_family: dict[str, Counter[int]] = defaultdict(Counter)
    for link in {link.content: link for link in links}.values():
        times = by_family[link.family]
        if link.closing is not None:
            times[link.closing] += 1
        if link.opening is not None and (link.first == link.last or link.opening in (standing or ())):
            times[link.opening] -= 1
    ends = set()
    for times in by_family.values():
        for balance in standing or ():
            if balance in times:
                times[balance] += 1
        ends |= {balance for balance, count in times.items() if count > 0}
    return ends or {link.closing for link in links if link.closing is not None}


def _missing(link: _Link, after: date, past: _Past) -> Missing:
    return Missing(
        after=after,
        before=link.last,
        resumes=link.first,
        where=f"before {link.span.title}",
        finding=_gap(link.span, after, past),
    )


def _gap(span: Span, after: date, past: _Past) -> Finding:
    statement = span.statement
    stood = f"no statement up to {span.last} ends with that"
    if past.standing and len(past.standing) == 1 and after == past.days[-1]:
        (minor,) = past.standing
        stood = f"on {after} the account stood at {Money(minor, statement.currency)}"
    which = f"the statements between {after} and {span.last}" if after < span.last else f"all statements of {after}"
    return Finding(
        code="statement_gap",
        severity=Severity.ERROR,
        place=statement.place,
        what=f"a statement is missing before {span.name} of {statement.account}",
        excerpt=f"it opens with {statement.opening}, but {stood}",
        what_to_do=f"Fetch {which} and put them into the inbox. Until then nobody is dunned.",
    )
