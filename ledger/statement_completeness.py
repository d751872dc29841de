"""How completely an account is known (Vollständigkeit): what is missing, by balances, pages, numbers and rhythm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.finding import Finding, Severity
from ledger.statement_calendar import Rhythm, habit_of, overdue, quiet
from ledger.statement_chain import breaks
from ledger.statement_days import Span, cover, family, joined, spans_by_currency
from ledger.statement_missing import Missing, once
from ledger.statement_numbers import missing_numbers, numbers_twice
from ledger.statement_pages import missing_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ledger.calendar import Region
    from ledger.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How far, since when and how surely one account is known in one currency."""

    account: str
    currency: str
    read_up_to: date  # the last day a statement closes
    complete_since: date  # from this day on up to ``read_up_to`` nothing is missing
    rhythm: Rhythm
    expected: date | None  # the day the next statement should end on, as far as the rhythm tells
    missing: tuple[Missing, ...]  # holes between statements, oldest first
    overdue: Missing | None  # what should have come by now
    others: tuple[Finding, ...]  # gone quiet, numbered twice, unchecked

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything a person should know, oldest first, the present last."""
        late = (self.overdue.finding,) if self.overdue else ()
        return (*(missing.finding for missing in self.missing), *self.others, *late)

    @property
    def certain(self) -> tuple[Missing, ...]:
        """What is missing without doubt; dunning waits for it."""
        return tuple(missing for missing in self.missing if missing.finding.severity is Severity.ERROR)


def completeness(
    statements: Iterable[Statement], today: date, *, grace_bank_days: int, region: Region | None = None
) -> tuple[Completeness, ...]:
    """Judge statements without their entries, in any order, for every account and currency they are of.

    ``grace_bank_days``: how far statements may lag behind the last bank day. ``region``: where the bank rests on
    public holidays. One hole is told once, by the best of its proofs: pages, balances, numbers, rhythm.
    """
    judged = sorted(spans_by_currency(statements).items())
    return tuple(
        _of(account, currency, spans, today, grace_bank_days, region) for (account, currency), spans in judged
    )


def _of(
    account: str, currency: str, spans: Sequence[Span], today: date, grace_bank_days: int, region: Region | None
) -> Completeness:
    certain = once(missing_pages(spans), breaks(spans))
    lost = once(certain, missing_numbers(spans, certain))
    habit = habit_of(spans, region, lost)
    missing = once(lost, habit.missing)
    late = overdue(habit, account, today, grace_bank_days)
    silent = None if late else quiet(spans, account, today)
    return Completeness(
        account=account,
        currency=currency,
        read_up_to=max(span.last for span in spans),
        complete_since=max((one.resumes for one in missing), default=min(span.first for span in spans)),
        rhythm=habit.rhythm,
        expected=habit.expected,
        missing=missing,
        overdue=late,
        others=(*numbers_twice(spans), *_unchecked(account, spans), *((silent,) if silent else ())),
    )


def _unchecked(account: str, spans: Sequence[Span]) -> tuple[Finding, ...]:
    """Tell, once for each format, how many statements have no pair of balances and no other that vouches for them."""
    checked = joined(span.days for span in spans if _has_balances(span))
    alone = [span for span in spans if not _has_balances(span) and not cover(checked, span.days)]
    return tuple(
        Finding(
            code="statement_unchecked",
            severity=Severity.NOTE,
            place=account,
            what=f"{count} {name or 'other'} statements of {account} lack an opening or a closing balance, so that "
            "nothing proves that none is missing beside them",
            what_to_do="Ask the bank for camt.053 or MT940 with both balances.",
        )
        for name, count in sorted(Counter(family(span.statement) for span in alone).items())
    )


def _has_balances(span: Span) -> bool:
    return span.statement.opening is not None and span.statement.closing is not None
