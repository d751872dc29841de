"""A bank's own rhythm says which day is missing, what is overdue and what went quiet; little history says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calendar import Region, add_bank_days, is_bank_day
from ledger.finding import Severity
from ledger.money import Money
from ledger.statement import Statement
from ledger.statement_calendar import Rhythm
from ledger.statement_completeness import Completeness, completeness

if TYPE_CHECKING:
    from collections.abc import Sequence

BAVARIA = Region("DE", "BY")
FIRST_DAY = date(2026, 1, 7)


def _bank_days(count: int, first: date = FIRST_DAY) -> list[date]:
    return [add_bank_days(first - timedelta(days=1), n + 1) for n in range(count)]


def _chain(
    days: Sequence[date], movements: Sequence[int], *, form: str = "camt.053.001.08", number: str = "0"
) -> list[Statement]:
    closings = list(accumulate(movements, initial=100_000))
    return [
        Statement(
            account="DE02120300000000202051",
            currency="EUR",
            number=number if number == "0" else f"{n + 1}",
            opening_date=day,
            opening=Money(closings[n], "EUR"),
            closing_date=day,
            closing=Money(closings[n + 1], "EUR"),
            format=form,
            place=f"{day}.xml:1",
        )
        for n, day in enumerate(days)
    ]


def _judged(
    statements: Sequence[Statement], today: date | None = None, region: Region | None = BAVARIA
) -> Completeness:
    today = today or max(s.closing_date for s in statements if s.closing_date) + timedelta(days=1)
    (judged,) = completeness(statements, today, grace_bank_days=3, region=region)
    return judged


def _codes(judged: Completeness) -> list[str]:
    return [finding.code for finding in judged.findings]


def _without(statements: Sequence[Statement], *lost: int) -> list[Statement]:
    return [
        statement for n, statement in enumerate(statements) if n not in {place % len(statements) for place in lost}
    ]


MOVING = [100 + n for n in range(60)]
NOW_AND_THEN = [0 if n % 7 == 3 else 100 + n for n in range(60)]


def test_a_quiet_day_is_missing_where_the_bank_writes_on_quiet_days_too() -> None:
    days = _bank_days(60)
    statements = _chain(days, NOW_AND_THEN)
    assert _codes(_judged(statements)) == []
    judged = _judged(_without(statements, 31))
    assert _codes(judged) == ["statement_day_missing"]
    assert judged.missing[0].days() == (days[31],)
    assert judged.rhythm is Rhythm.EVERY_BANK_DAY
    assert judged.complete_since == days[32]
    (finding,) = judged.findings
    assert finding.severity is Severity.WARNING
    assert finding.what == (
        f"a statement of DE02120300000000202051 comes on every bank day, but none came for {days[31]}"
    )


def test_days_in_a_row_are_told_once() -> None:
    statements = _chain(_bank_days(60), [0 if 30 <= n <= 33 or n % 7 == 3 else 1 for n in range(60)])
    judged = _judged(_without(statements, 30, 31, 32))
    assert _codes(judged) == ["statement_day_missing"]
    assert len(judged.missing[0].days()) == 3


def test_one_quiet_day_is_worth_a_question_where_a_statement_came_on_every_other_day() -> None:
    assert _codes(_judged(_without(_chain(_bank_days(60), [*MOVING[:30], 0, *MOVING[31:]]), 30))) == [
        "statement_day_missing"
    ]


def test_nothing_is_missing_where_statements_come_only_when_something_was_booked() -> None:
    movements = [0 if n % 13 == 5 else 100 for n in range(60)]
    statements = _chain(_bank_days(60), movements)
    judged = _judged([s for s, movement in zip(statements, movements, strict=True) if movement])
    assert (_codes(judged), judged.rhythm, judged.expected) == ([], Rhythm.WHEN_BOOKED, None)


def test_consecutive_numbers_prove_that_the_bank_made_no_statement() -> None:
    days = _bank_days(60)
    movements = [*NOW_AND_THEN[:31], 0, *NOW_AND_THEN[32:]]
    counted = [replace(s, number=str(n + 1)) for n, s in enumerate(_without(_chain(days, movements), 31))]
    assert _codes(_judged(counted)) == []


def test_a_skipped_number_and_a_missing_day_are_told_once() -> None:
    statements = _chain(_bank_days(60), [*NOW_AND_THEN[:31], 0, *NOW_AND_THEN[32:]], number="counted")
    assert _codes(_judged(_without(statements, 31))) == ["statement_number_missing"]


def test_a_period_covers_its_days_without_bookings() -> None:
    statements = _chain(_bank_days(60), NOW_AND_THEN)
    gone, following = statements[31], statements[32]
    assert gone.closing_date
    covering = replace(following, period_from=gone.closing_date, period_to=following.closing_date)
    assert _codes(_judged([*statements[:31], covering, *statements[33:]])) == []


def test_a_balance_dated_with_the_last_booking_does_not_shorten_the_period() -> None:
    months = [date(2026, month, 1) for month in range(1, 9)]
    ends = [after - timedelta(days=1) for after in months[1:]]
    statements = [
        replace(s, opening_date=None, period_from=first, period_to=end, closing_date=end - timedelta(days=4))
        for s, first, end in zip(_chain(ends, [5] * 7), months, ends, strict=False)
    ]
    judged = _judged(statements)
    assert (_codes(judged), judged.rhythm) == ([], Rhythm.MONTHLY)
    assert judged.complete_since == date(2026, 1, 1)


@pytest.mark.parametrize("day", [date(2026, 4, 3), date(2026, 5, 1), date(2026, 6, 4), date(2025, 12, 24)])
def test_nothing_is_expected_on_the_holidays_of_bank_and_region(day: date) -> None:
    days = [one for one in _bank_days(150, date(2025, 11, 3)) if one != day]
    assert _codes(_judged(_chain(days, [0, 5] * 75))) == []


def test_a_holiday_of_another_region_is_a_working_day() -> None:
    days = [day for day in _bank_days(150, date(2025, 11, 3)) if day not in {date(2026, 6, 4), date(2026, 1, 6)}]
    assert len(_judged(_chain(days, [0, 5] * 75), region=Region("DE", "HH")).missing) == 2


def test_little_history_gives_no_opinion() -> None:
    statements = _chain(_bank_days(19), [0] * 19)
    judged = _judged(_without(statements, 9), FIRST_DAY + timedelta(days=400))
    assert [code for code in _codes(judged) if code != "account_quiet"] == []
    assert _codes(_judged(_chain(_bank_days(8), [0] * 8), FIRST_DAY + timedelta(days=400))) == []


def _every(days: int, count: int) -> list[Statement]:
    first = date(2025, 1, 3)
    return _chain([first + timedelta(days=days * n) for n in range(count)], [0] * count)


@pytest.mark.parametrize(("days", "rhythm"), [(7, Rhythm.WEEKLY), (30, Rhythm.MONTHLY)])
def test_weeks_and_months_have_their_rhythm(days: int, rhythm: Rhythm) -> None:
    statements = _every(days, 12)
    judged = _judged(statements)
    assert (judged.rhythm, _codes(judged)) == (rhythm, [])
    assert judged.expected == judged.read_up_to + timedelta(days=days)
    missing = _judged(_without(statements, 6))
    assert (missing.rhythm, _codes(missing)) == (rhythm, ["statement_day_missing"])


def test_a_daily_statement_is_overdue_on_the_day_the_gate_calls_it_stale() -> None:
    days = _bank_days(60)
    statements = _chain(days, MOVING)
    # The gate wants the last bank day before today, less three.
    assert _codes(_judged(statements, add_bank_days(days[-1], 4))) == []
    late = _judged(statements, add_bank_days(days[-1], 5))
    assert _codes(late) == ["statement_overdue"]
    assert late.overdue is not None
    assert late.overdue.days() == (add_bank_days(days[-1], 1),)
    assert late.complete_since == days[0]


def test_a_weekly_statement_is_overdue_a_week_and_the_grace_after_the_last() -> None:
    statements = _every(7, 12)
    last = date(2025, 1, 3) + timedelta(days=77)
    due = last + timedelta(days=7)
    assert _codes(_judged(statements, add_bank_days(due, 3))) == []
    assert _codes(_judged(statements, add_bank_days(due, 4))) == ["statement_overdue"]


def test_an_account_is_quiet_when_it_is_silent_far_longer_than_ever_before() -> None:
    days = [FIRST_DAY + timedelta(days=day) for day in (0, 1, 9, 14, 15, 30, 33, 40, 41, 55, 61, 63)]
    statements = _chain(days, [7] * len(days))
    assert _codes(_judged(statements, days[-1] + timedelta(days=20))) == []
    (finding,) = _judged(statements, days[-1] + timedelta(days=40)).findings
    assert (finding.code, finding.severity) == ("account_quiet", Severity.WARNING)
    assert "since 2026-03-11" in finding.what


def test_a_gap_is_told_once_and_does_not_change_what_is_expected() -> None:
    days = _bank_days(60)
    judged = _judged(_without(_chain(days, MOVING), 30, 31, 32, 33))
    assert (_codes(judged), judged.rhythm) == (["statement_gap"], Rhythm.EVERY_BANK_DAY)
    assert judged.missing[0].days() == tuple(days[30:34])
    assert [missing.finding.code for missing in judged.certain] == ["statement_gap"]


def test_statements_without_balances_are_noted_once_for_each_format() -> None:
    bare = [replace(s, opening=None, closing=None) for s in _chain(_bank_days(5), [1] * 5, form="CSV")]
    (finding,) = _judged(bare).findings
    assert (finding.code, finding.severity) == ("statement_unchecked", Severity.NOTE)
    assert finding.what.startswith("5 CSV statements of DE02120300000000202051 lack")
    assert _codes(_judged([*bare, *_chain(_bank_days(5), [1] * 5)])) == []


def test_an_account_of_which_nothing_came_is_not_judged() -> None:
    assert completeness([], FIRST_DAY, grace_bank_days=3) == ()
    preview = replace(_chain([FIRST_DAY], [1])[0], format="camt.052.001.08")
    assert completeness([preview], FIRST_DAY, grace_bank_days=3) == ()


MONEY = st.integers(min_value=-2, max_value=2)


@given(st.lists(MONEY, min_size=60, max_size=90), st.data())
def test_a_complete_daily_chain_has_no_finding(movements: list[int], data: st.DataObject) -> None:
    days = _bank_days(len(movements))
    told = _chain(days, movements, number=data.draw(st.sampled_from(["0", "counted"])))
    if data.draw(st.booleans()):
        told += _chain(days, movements, form="MT940")
    told += data.draw(st.lists(st.sampled_from(told), max_size=5))
    assert _judged(data.draw(st.permutations(told))).findings == ()


@given(st.lists(MONEY, min_size=60, max_size=90), st.integers(min_value=1, max_value=58))
def test_every_lost_day_of_a_daily_rhythm_is_noticed_exactly_once(movements: list[int], lost: int) -> None:
    days = [day for day in _bank_days(len(movements) + 5) if is_bank_day(day)][: len(movements)]
    judged = _judged(_without(_chain(days, movements), lost))
    assert _codes(judged) == ["statement_gap" if movements[lost] else "statement_day_missing"]
    assert days[lost] in judged.missing[0].days()
