"""A missing statement is noticed; pages, repeats and quiet days are not mistaken for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.finding import Severity
from ledger.money import Money
from ledger.statement import EntryStatus, Statement, StatementEntry
from ledger.statement_chain import certainly_missing, gaps, read_up_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST_DAY = date(2026, 5, 4)


def _statement(
    day: int, opening: int, closing: int, number: str = "", *, days: int = 1, form: str = "camt.053.001.08"
) -> Statement:
    closing_date = FIRST_DAY + timedelta(days=day)
    return Statement(
        account="DE02120300000000202051",
        currency="EUR",
        number=number or f"{day}",
        opening_date=closing_date - timedelta(days=days - 1),
        opening=Money(opening, "EUR"),
        closing=Money(closing, "EUR"),
        closing_date=closing_date,
        format=form,
        place=f"{closing_date}.sta:1",
    )


# day, opening, closing; and the numbers of the statements before which something is missing.
CHAINS: dict[str, tuple[list[Statement], list[str]]] = {
    "nothing yet": ([], []),
    "the first statement": ([_statement(0, 100, 200)], []),
    "three days in a row": ([_statement(0, 100, 200), _statement(1, 200, 150), _statement(2, 150, 300)], []),
    "a day is missing": ([_statement(0, 100, 200), _statement(2, 150, 300)], ["2"]),
    "two days are missing": ([_statement(0, 100, 200), _statement(2, 150, 300), _statement(4, 310, 400)], ["2", "4"]),
    "a day was delivered twice": ([_statement(0, 100, 200), _statement(0, 100, 200), _statement(1, 200, 150)], []),
    "the missing day arrives late": ([_statement(0, 100, 200), _statement(2, 150, 300), _statement(1, 200, 150)], []),
    "pages of one day": ([_statement(0, 100, 200), _statement(1, 200, 260), _statement(1, 260, 240)], []),
    "a page is missing": (
        [_statement(0, 100, 200), _statement(1, 200, 260), _statement(1, 270, 240, "2/3")],
        ["2/3"],
    ),
    "days and their week": (
        [_statement(0, 100, 200), _statement(1, 200, 150), _statement(4, 100, 300, days=5), _statement(5, 300, 320)],
        [],
    ),
    "a day is missing, and the next one opens as the very first did": (
        [_statement(0, 100, 200), _statement(1, 200, 150), _statement(3, 100, 120)],
        ["3"],
    ),
    "a day is missing, and the next one opens as an older one ended": (
        [_statement(0, 50, 100), _statement(1, 100, 80), _statement(3, 100, 120)],
        ["3"],
    ),
    "statements of the same day that take back what the first one did": (
        [_statement(0, 100, 200, "1"), _statement(0, 200, 100, "2"), _statement(1, 100, 90, "3")],
        [],
    ),
    "the same twice on one day, with a return in between": (
        [
            _statement(0, 90, 100, "1"),
            _statement(1, 100, 200, "2"),
            _statement(1, 200, 100, "3"),
            _statement(1, 100, 200, "4"),
            _statement(2, 200, 210, "5"),
        ],
        [],
    ),
    "a first and a fuller file of the same day": (
        [_statement(0, 90, 100), _statement(1, 100, 120), _statement(1, 100, 150), _statement(2, 150, 160)],
        [],
    ),
    "a month covers the days that lie in it": (
        [_statement(0, 100, 200), _statement(20, 500, 510), _statement(30, 200, 600, days=30)],
        [],
    ),
    "a month does not cover what lies before it": (
        [_statement(0, 100, 200), _statement(20, 500, 510), _statement(30, 300, 600, "month", days=25)],
        ["month"],
    ),
    "files that overlap without a common balance": (
        [_statement(0, 90, 100), _statement(3, 100, 200, days=3), _statement(5, 130, 300, days=4)],
        [],
    ),
    "one format begins where the other one ended": (
        [_statement(0, 100, 200), _statement(1, 200, 250, form="MT940"), _statement(2, 250, 240)],
        [],
    ),
    "two formats, each of which lacks another day": (
        [
            _statement(0, 100, 200),
            _statement(1, 200, 250, form="MT940"),
            _statement(2, 250, 240),
            _statement(2, 250, 240, form="MT940"),
            _statement(3, 240, 230),
        ],
        [],
    ),
    "two formats, both of which lack a day": (
        [
            _statement(0, 100, 200),
            _statement(0, 100, 200, form="MT940"),
            _statement(2, 250, 240),
            _statement(2, 250, 240, "2", form="MT940"),
        ],
        ["2"],
    ),
    "a day without bookings": ([_statement(0, 100, 200), _statement(1, 200, 200), _statement(2, 200, 300)], []),
    "a day is missing before a day without bookings": ([_statement(0, 100, 200), _statement(2, 300, 300)], ["2"]),
    "quiet days after a gap do not fill it": (
        [_statement(0, 100, 200), _statement(2, 300, 300), _statement(3, 300, 300)],
        ["2"],
    ),
    "what comes later cannot be what came before": ([_statement(0, 100, 200), _statement(2, 300, 350)], ["2"]),
    "an older statement is brought in afterwards": ([_statement(3, 200, 300), _statement(0, 100, 200)], []),
}


@pytest.mark.parametrize("case", CHAINS)
def test_statements_chain_or_something_is_missing(case: str) -> None:
    statements, missing = CHAINS[case]
    places = {statement.number: statement.place for statement in statements}
    assert [finding.place for finding in gaps(statements)] == [places[number] for number in missing]


def test_a_gap_is_an_error_that_says_what_to_do() -> None:
    (gap,) = gaps([_statement(0, 10000, 20000), _statement(2, 15000, 30000, "87")])
    assert gap.severity is Severity.ERROR
    assert str(gap) == (
        "2026-05-06.sta:1: a statement is missing before 87 of DE02120300000000202051\n"
        "    it opens with 150,00 EUR, but on 2026-05-04 the account stood at 200,00 EUR\n"
        "    Fetch the statements between 2026-05-04 and 2026-05-06 and put them into the inbox. "
        "Until then nobody is dunned."
    )


def test_a_gap_tells_the_days_and_the_place_in_words() -> None:
    (missing,) = certainly_missing([_statement(0, 100, 200), _statement(3, 150, 300, "87")])
    assert missing.days() == (date(2026, 5, 5), date(2026, 5, 6))
    assert missing.where == "before statement 87 of 2026-05-07"


def test_a_statement_without_a_useful_number_is_named_by_its_reference_or_its_day() -> None:
    first, nameless = _statement(0, 100, 200), _statement(2, 150, 300, "00000")
    assert certainly_missing([first, nameless])[0].where == "before the statement of 2026-05-06"
    assert certainly_missing([first, replace(nameless, statement_ref="STARTUMS")])[0].where == (
        "before statement STARTUMS of 2026-05-06"
    )


def test_statements_without_balances_prove_nothing_and_miss_nothing() -> None:
    bare = replace(_statement(2, 0, 0), opening=None, closing=None)
    assert gaps([_statement(0, 100, 200), bare]) == ()


def test_after_a_statement_without_balances_the_chain_begins_anew() -> None:
    bare = replace(_statement(1, 0, 0), opening=None, closing=None)
    assert gaps([_statement(0, 100, 200), bare, _statement(2, 950, 960)]) == ()
    assert gaps([_statement(0, 100, 200), bare, _statement(2, 950, 960), _statement(3, 970, 980)]) != ()


def test_a_closing_balance_alone_says_where_the_next_statement_must_begin() -> None:
    closing_only = replace(_statement(1, 0, 300), opening=None)
    assert gaps([_statement(0, 100, 200), closing_only, _statement(2, 300, 310)]) == ()
    assert [gap.place for gap in gaps([_statement(0, 100, 200), closing_only, _statement(2, 310, 320)])] == [
        "2026-05-06.sta:1"
    ]


def test_an_opening_balance_alone_must_follow_the_statement_before() -> None:
    opening_only = replace(_statement(1, 210, 0), closing=None)
    assert [gap.place for gap in gaps([_statement(0, 100, 200), opening_only])] == ["2026-05-05.sta:1"]


def test_a_list_without_balances_does_not_hide_a_gap_where_another_format_has_them() -> None:
    bare = replace(_statement(1, 0, 0, form="CSV"), opening=None, closing=None)
    told = [bare, _statement(0, 100, 200), _statement(1, 200, 250), bare, _statement(2, 270, 280)]
    assert [gap.place for gap in gaps(told)] == ["2026-05-06.sta:1"]


@pytest.mark.parametrize("form", ["camt.052.001.08", "camt.054.001.08", "MT942", "pain.002.001.10"])
def test_previews_are_no_part_of_the_chain(form: str) -> None:
    told = [_statement(0, 100, 200), _statement(2, 150, 300)]
    assert len(gaps([*told, _statement(1, 200, 150, form=form)])) == 1
    assert gaps([told[0], _statement(1, 777, 888, form=form)]) == ()
    assert read_up_to([told[0], _statement(9, 1, 2, form=form)]) == FIRST_DAY


def test_every_currency_and_every_account_is_a_chain_of_its_own() -> None:
    dollars = [
        replace(s, currency="USD", opening=Money(7, "USD"), closing=Money(9, "USD")) for s in [_statement(1, 7, 9)]
    ]
    other = [replace(_statement(1, 5, 6), account="DE02500105170137075030")]
    assert gaps([_statement(0, 100, 200), *dollars, *other, _statement(2, 200, 300)]) == ()
    assert len(gaps([_statement(0, 100, 200), *dollars, *other, _statement(2, 201, 300)])) == 1


def test_opening_balances_may_be_dated_with_the_day_before() -> None:
    day_before = [
        replace(s, opening_date=s.closing_date - timedelta(days=1)) for s in _chain(range(1, 9)) if s.closing_date
    ]
    assert gaps(day_before) == ()
    assert [gap.place for gap in gaps(day_before[:3] + day_before[4:])] == [day_before[4].place]


def test_a_cut_in_the_evening_is_no_overlap() -> None:
    # From 20:00 to 20:00: every period begins on the day the one before ended.
    told = [
        replace(s, opening_date=None, period_from=s.closing_date - timedelta(days=1), period_to=s.closing_date)
        for s in _chain(range(1, 9))
        if s.closing_date
    ]
    assert gaps(told) == ()
    assert [gap.place for gap in gaps(told[:3] + told[4:])] == [told[4].place]


def test_an_impossible_year_is_left_out_and_does_not_keep_us_busy() -> None:
    assert gaps([_statement(0, 100, 200), replace(_statement(1, 5, 6), closing_date=date.max)]) == ()


def test_an_account_is_known_up_to_its_last_closing_day() -> None:
    assert read_up_to([]) is None
    assert read_up_to([replace(_statement(0, 1, 2), closing_date=None)]) is None
    assert read_up_to([_statement(3, 1, 2), _statement(0, 1, 2)]) == FIRST_DAY + timedelta(days=3)


def _chain(movements: Iterable[int], *, form: str = "camt.053.001.08") -> list[Statement]:
    statements, balance = [], 1000
    for day, movement in enumerate(movements):
        statements.append(_statement(day, balance, balance + movement, f"{day + 1}", form=form))
        balance += movement
    return statements


def _weeks(movements: Sequence[int]) -> list[Statement]:
    """Put the same movements into statements of up to seven days."""
    opening = [1000 + sum(movements[:day]) for day in range(len(movements) + 1)]
    starts = range(0, len(movements), 7)
    ends = [min(start + 7, len(movements)) for start in starts]
    return [
        _statement(end - 1, opening[start], opening[end], days=end - start, form="MT940")
        for start, end in zip(starts, ends, strict=True)
    ]


MOVEMENTS = st.lists(st.integers(min_value=-500, max_value=500), min_size=1, max_size=25)


@given(MOVEMENTS, st.data())
def test_a_whole_chain_has_no_gap_in_whatever_order_formats_and_however_often(
    movements: list[int], data: st.DataObject
) -> None:
    statements = _chain(movements)
    if data.draw(st.booleans()):
        statements += _chain(movements, form="CSV")
    if data.draw(st.booleans()):
        statements += _weeks(movements)
    again = data.draw(st.lists(st.sampled_from(statements), max_size=5))
    assert gaps(data.draw(st.permutations(statements + again))) == ()


SOMETHING = st.integers(min_value=-3, max_value=3).filter(bool)


@given(st.lists(SOMETHING, min_size=3, max_size=25), st.data())
def test_every_missing_statement_that_moved_money_is_exactly_one_gap(
    movements: list[int], data: st.DataObject
) -> None:
    statements = _chain(movements)
    lost = data.draw(st.integers(min_value=1, max_value=len(statements) - 2))
    without = statements[:lost] + statements[lost + 1 :]
    told = data.draw(st.permutations(without + data.draw(st.lists(st.sampled_from(without), max_size=3))))
    assert [finding.place for finding in gaps(told)] == [statements[lost + 1].place]
    assert {s.closing_date for s in statements[lost : lost + 2]} >= set(certainly_missing(told)[0].days())


@given(st.lists(SOMETHING, min_size=3, max_size=25), st.data())
def test_what_one_format_lacks_another_one_has(movements: list[int], data: st.DataObject) -> None:
    one, other = _chain(movements), _chain(movements, form="MT940")
    lost = data.draw(st.sets(st.integers(min_value=0, max_value=len(movements) - 1)))
    told = [s for day, s in enumerate(one) if day not in lost] + [s for day, s in enumerate(other) if day in lost]
    assert gaps(data.draw(st.permutations(told))) == ()


def _entry(minor: int, status: EntryStatus = EntryStatus.BOOKED) -> StatementEntry:
    return StatementEntry(account="A", booking_date=FIRST_DAY, amount=Money(minor, "EUR"), status=status)


def test_opening_and_booked_entries_are_the_closing_balance() -> None:
    statement = replace(_statement(0, 100, 150), entries=(_entry(80), _entry(-30), _entry(999, EntryStatus.PENDING)))
    assert statement.movement() == Money(50, "EUR")
    assert statement.adds_up()
    assert not replace(statement, closing=Money(151, "EUR")).adds_up()
    assert replace(statement, closing=None).adds_up()
