"""The numbers of statements (Auszugsnummern): where a bank counts without gaps, a skipped one is missing."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.finding import Finding, Severity
from ledger.statement_days import ONE_DAY, Days, Span, cover, family, joined
from ledger.statement_missing import Missing

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ledger.money import Money

# So many times the number must have grown by one before a first jump means anything, and so many times for every
# further one. Numbers that are made of dates jump at every weekend, which is one time in five.
_PROOF_STEPS: Final = 10
_STEPS_PER_JUMP: Final = 30

# No bank we know makes more statements of one account; a longer jump is a new way of counting.
_MOST_STATEMENTS_A_DAY: Final = 2


_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,11}")


class _Numbered(NamedTuple):
    number: int
    span: Span


@dataclass(slots=True)
class _Year:
    """The numbers of one calendar year, in the order of the days; each number once."""

    numbered: list[_Numbered]
    others: list[_Numbered]  # the same number again
    numbers: set[int] = field(default_factory=set)
    steps: int = 0
    jumps: int = 0

    def count(self, lost: Container[tuple[date, date]]) -> None:
        """Count how often the number grew by one, and how often it jumped, fell or came again on another day.

        A jump over a statement that is known to be lost tells nothing about the bank.
        """
        self.numbers = {one.number for one in self.numbered}
        for one, later in pairwise(self.numbered):
            if later.number == one.number + 1:
                self.steps += 1
            elif (one.span.last, later.span.last) in lost and later.number > one.number:
                continue
            elif not _is_jump_of_statements(one, later) or _skipped(one, later, self.numbers):
                self.jumps += 1
        days = {one.number: one.span.last for one in self.numbered}
        self.jumps += sum(one.span.last != days[one.number] for one in self.others)


def missing_numbers(spans: Sequence[Span], lost: Iterable[Missing] = ()) -> tuple[Missing, ...]:
    """Find numbers that were skipped, for one account and currency; ``lost`` is known to be missing anyway.

    Nothing is said of a bank that gives every statement the same number, makes numbers of dates or skips some anyway;
    nor where we know little of its numbers, or where another format covers the days in question.
    """
    covered = _covered(spans)
    return tuple(
        _missing(one, later, skipped)
        for name, year in _counted_without_gaps(spans, {(missing.after, missing.before) for missing in lost})
        for one, later in pairwise(year.numbered)
        if _is_jump_of_statements(one, later)
        and (skipped := _skipped(one, later, year.numbers))
        and not _covered_elsewhere(name, one.span, later.span, covered)
    )


def unbroken(spans: Sequence[Span]) -> list[Days]:
    """Give the days from one statement to the next where their numbers prove that there was none in between."""
    return joined(
        Days(one.span.last, later.span.last)
        for _, year in _counted_without_gaps(spans)
        for one, later in pairwise(year.numbered)
        if later.number == one.number + 1
    )


def numbers_twice(spans: Sequence[Span]) -> tuple[Finding, ...]:
    """Find different statements of one year that bear the same number, where the bank counts without gaps."""
    findings = []
    for _, year in _counted_without_gaps(spans):
        first = {(one.number, one.span.statement.page): one.span for one in reversed(year.numbered)}
        for number, span in year.others:
            other = first.setdefault((number, span.statement.page), span)
            if _content(other) != _content(span):
                findings.append(_twice(other, span))
    return tuple(findings)


def _counted_without_gaps(
    spans: Sequence[Span], lost: Container[tuple[date, date]] = ()
) -> Iterator[tuple[str, _Year]]:
    """Give the years, with their format, in which the numbers have proven to be consecutive."""
    years = _years(spans)
    for year in years.values():
        year.count(lost)
    for (name, year_number), year in years.items():
        before = years.get((name, year_number - 1))
        steps = year.steps + (before.steps if before else 0)
        jumps = year.jumps + (before.jumps if before else 0)
        if steps >= _PROOF_STEPS and jumps <= max(1, steps // _STEPS_PER_JUMP):
            yield name, year


def _years(spans: Sequence[Span]) -> Mapping[tuple[str, int], _Year]:
    by_year: dict[tuple[str, int], dict[int, _Numbered]] = defaultdict(dict)
    others: dict[tuple[str, int], list[_Numbered]] = defaultdict(list)
    for span in spans:
        written = span.statement.number.partition("/")[0].strip()
        if not _NUMBER.fullmatch(written):
            continue
        key = (family(span.statement), span.last.year)
        one = _Numbered(int(written), span)
        if by_year[key].setdefault(one.number, one) is not one:
            others[key].append(one)
    return {
        key: _Year(sorted(found.values(), key=lambda one: (one.span.last, one.number)), others[key])
        for key, found in by_year.items()
    }


def _is_jump_of_statements(one: _Numbered, later: _Numbered) -> bool:
    """Whether a bank may have made as many statements as were skipped between these two."""
    most = _MOST_STATEMENTS_A_DAY * ((later.span.last - one.span.last).days + 1)
    return one.number < later.number <= one.number + 1 + most


def _skipped(one: _Numbered, later: _Numbered, numbers: set[int]) -> list[int]:
    """Give the numbers between two that no statement of the year has."""
    return [number for number in range(one.number + 1, later.number) if number not in numbers]


def _covered(spans: Sequence[Span]) -> Mapping[str, Sequence[Days]]:
    covered: dict[str, list[Days]] = defaultdict(list)
    for span in spans:
        covered[family(span.statement)].append(span.days)
    return {name: joined(days) for name, days in covered.items()}


def _covered_elsewhere(name: str, one: Span, later: Span, covered: Mapping[str, Sequence[Days]]) -> bool:
    days = Days(min(one.last + ONE_DAY, later.last), later.last)
    return any(cover(runs, days) for other, runs in covered.items() if other != name)


def _content(span: Span) -> tuple[object, Money | None, Money | None]:
    return span.last, span.statement.opening, span.statement.closing


def _missing(one: _Numbered, later: _Numbered, skipped: Sequence[int]) -> Missing:
    statement = later.span.statement
    if len(skipped) == 1:
        numbers = f"statement {skipped[0]}"
    elif skipped[-1] - skipped[0] == len(skipped) - 1:
        numbers = f"statements {skipped[0]} to {skipped[-1]}"
    else:
        numbers = f"{len(skipped)} statements between {one.number} and {later.number}"
    return Missing(
        after=one.span.last,
        before=later.span.last,
        resumes=max(later.span.first, one.span.last),
        where=f"before {later.span.title}",
        finding=Finding(
            code="statement_number_missing",
            place=statement.place,
            what=f"{numbers} of {statement.account} never came",
            excerpt=f"number {one.number} is of {one.span.last}, number {later.number} of {later.span.last}; "
            "this bank counts without gaps",
            what_to_do="Look whether the bank has it, and put it into the inbox. No balance misses it, so nothing "
            "waits for it.",
        ),
    )


def _twice(one: Span, other: Span) -> Finding:
    statement = other.statement
    return Finding(
        code="statement_number_twice",
        severity=Severity.WARNING,
        place=statement.place,
        what=f"{other.title} of {statement.account} came before with other contents",
        excerpt=f"now {_told(other)}; in {one.statement.place} {_told(one)}",
        what_to_do="Compare the two with the online banking: the bank corrected one, or made two of the same number.",
    )


def _told(span: Span) -> str:
    return f"up to {span.last} from {span.statement.opening} to {span.statement.closing}"
