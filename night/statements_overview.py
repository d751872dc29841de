"""The overview of statements (Auszugsübersicht): for every account each day, each statement, and what is missing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import is_bank_day
from ledger.finding import Severity
from ledger.statement import EntryStatus
from ledger.statement_completeness import Completeness, completeness
from ledger.statement_days import ONE_DAY, Days, joined, run_of, spans_by_currency
from storage.statements import load_entries, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.statement import Statement, StatementEntry
    from ledger.statement_days import Span
    from ledger.statement_missing import Missing
    from night.workplace import Workplace
    from storage.database import Connection


_LINE: Final = re.compile(r":\d+(?: |$)")


class DayState(StrEnum):
    """What we know of one day of an account."""

    BOOKINGS = "bookings"  # a statement came, with bookings of that day
    NO_MOVEMENT = "no_movement"  # a statement covers the day, and nothing was booked
    PREVIEW = "preview"  # only announced so far, by camt.052, camt.054 or MT942
    MISSING = "missing"  # a statement should be here and is not
    NOTHING = "nothing"  # no statement, and none was expected
    CLOSED = "closed"  # weekend or bank holiday
    NOT_YET = "not_yet"
    BEFORE = "before"  # earlier than the first statement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """What is known of one account in one currency."""

    judged: Completeness
    spans: Sequence[Span]
    booked: Mapping[date, int]  # how many booked entries each day has
    announced: frozenset[date]
    today: date


def judge(statements: Sequence[Statement], work: Workplace) -> tuple[Completeness, ...]:
    """Judge the statements of one account as of the day of a workplace and with its settings."""
    return completeness(
        statements,
        work.run_date,
        grace_bank_days=work.procedure.max_statement_age_bank_days,
        region=work.company.region,
    )


def overview(connection: Connection, work: Workplace, accounts: Sequence[str], *, months: int) -> dict[str, Any]:
    """Tell how completely each account is known; days and statements are those of the last months."""
    entries: dict[tuple[str, str], list[StatementEntry]] = defaultdict(list)
    for entry in load_entries(connection, work.company_id, EntryStatus.BOOKED, EntryStatus.PENDING).values():
        entries[entry.account, entry.amount.currency].append(entry)
    told: list[dict[str, Any]] = []
    for account in accounts:
        statements = load_statements(connection, work.company_id, account)
        known = _known(statements, entries, work)
        told += [_told(one, months) for one in known] or [_never_read(account)]
    return {"company": work.company_id, "as_of": work.run_date.isoformat(), "accounts": told}


def needs_a_person(told: Mapping[str, Any]) -> bool:
    """Whether somebody should look: an account was never read, or has a finding that is more than a note."""
    return any(
        account["read_up_to"] is None or any(one["severity"] != Severity.NOTE for one in account["findings"])
        for account in told["accounts"]
    )


def _known(
    statements: Sequence[Statement], entries: Mapping[tuple[str, str], Sequence[StatementEntry]], work: Workplace
) -> Iterator[_Account]:
    spans = spans_by_currency(statements)
    for judged in judge(statements, work):
        key = (judged.account, judged.currency)
        own = entries.get(key, ())
        yield _Account(
            judged=judged,
            spans=spans[key],
            booked=Counter(entry.booking_date for entry in own if entry.status is EntryStatus.BOOKED),
            announced=frozenset(_announced([s for s in statements if s.currency == judged.currency], own)),
            today=work.run_date,
        )


def _announced(statements: Sequence[Statement], entries: Sequence[StatementEntry]) -> Iterator[date]:
    """Give the days that reports and notifications tell of, and those of entries that are not booked yet."""
    for statement in statements:
        if not statement.is_binding:
            yield from (day for day in (statement.closing_date, statement.period_to) if day is not None)
    yield from (entry.booking_date for entry in entries if entry.status is EntryStatus.PENDING)


def _never_read(account: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("currency", "read_up_to", "complete_since", "rhythm", "next_expected"))
    lists: dict[str, Any] = {"days": [], "statements": [], "missing": [], "findings": []}
    return {"account": account, "summary": f"{account}: no statement was read yet", **nothing, **lists}


def _told(known: _Account, months: int) -> dict[str, Any]:
    judged = known.judged
    shown = _months_up_to(max(known.today, judged.read_up_to), months, since=min(span.first for span in known.spans))
    late = (judged.overdue,) if judged.overdue else ()
    return {
        "account": judged.account,
        "summary": _summary(judged),
        "currency": judged.currency,
        "read_up_to": judged.read_up_to.isoformat(),
        "complete_since": judged.complete_since.isoformat(),
        "rhythm": judged.rhythm.value,
        "next_expected": judged.expected.isoformat() if judged.expected else None,
        "days": list(_days(known, shown)),
        "statements": [_statement(span, known.booked) for span in known.spans if span.until >= shown.first],
        "missing": [_hole(missing) for missing in (*judged.missing, *late)],
        "findings": [asdict(finding) for finding in judged.findings],
    }


def _summary(judged: Completeness) -> str:
    """Say in a sentence how well an account is known."""
    read = f"{judged.account}: read up to {judged.read_up_to}"
    late = "; the next one is overdue" if judged.overdue else ""
    if not judged.missing:
        return f"{read}, complete since {judged.complete_since}{late}"
    others = len(judged.missing) - 1
    more = f" and in {others} more {'place' if others == 1 else 'places'}" if others else ""
    return (
        f"{read}; something is missing {judged.missing[-1].where}{more}; complete since {judged.complete_since}{late}"
    )


def _months_up_to(day: date, months: int, *, since: date) -> Days:
    """Give the days of so many calendar months up to that of ``day``, without those that end before ``since``."""
    first = max(day.year * 12 + day.month - months, since.year * 12 + since.month - 1)
    after = day.year * 12 + day.month
    return Days(date(first // 12, first % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - ONE_DAY)


def _days(known: _Account, shown: Days) -> Iterator[dict[str, Any]]:
    judged = known.judged
    holes = (*judged.missing, *((judged.overdue,) if judged.overdue else ()))
    missing = {day for hole in holes for day in hole.days()}
    covered = joined(span.days for span in known.spans)
    for number in range((shown.last - shown.first).days + 1):
        day = shown.first + number * ONE_DAY
        state = DayState.MISSING if day in missing else _state(known, covered, day)
        yield {"day": day.isoformat(), "state": state.value, "entries": known.booked.get(day, 0)}


def _state(known: _Account, covered: Sequence[Days], day: date) -> DayState:
    if known.booked.get(day):
        return DayState.BOOKINGS
    if is_bank_day(day) and run_of(covered, day) is not None:
        return DayState.NO_MOVEMENT
    if day in known.announced:
        return DayState.PREVIEW
    if day < covered[0].first:
        return DayState.BEFORE
    if not is_bank_day(day):
        return DayState.CLOSED
    # What was not read up to now may still come; only what is overdue is missing.
    return DayState.NOT_YET if day > known.judged.read_up_to else DayState.NOTHING


def _statement(span: Span, booked: Mapping[date, int]) -> dict[str, Any]:
    statement = span.statement
    days = (span.first + n * ONE_DAY for n in range((span.until - span.first).days + 1))
    return {
        "number": statement.number,
        "page": statement.page,
        "format": statement.format,
        "file": _file(statement.place),
        "place": statement.place,
        "first_day": span.first.isoformat(),
        "last_day": span.until.isoformat(),
        "opening_minor": statement.opening.minor if statement.opening is not None else None,
        "closing_minor": statement.closing.minor if statement.closing is not None else None,
        "currency": statement.currency,
        "entries": sum(booked.get(day, 0) for day in days),
    }


def _file(place: str) -> str:
    """Give the file of a place, which may go on with a line and more."""
    return _LINE.split(place)[0]


def _hole(missing: Missing) -> dict[str, Any]:
    return {
        "code": missing.finding.code,
        "where": missing.where,
        "after": missing.after.isoformat(),
        "before": missing.before.isoformat(),
        "days": [day.isoformat() for day in missing.days()],
    }
