"""A missing statement is noticed; pages, repeats and quiet days are not mistaken for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.finding import Severity
from ledger.money import Money
from ledger.statement import EntryStatus, Statement, StatementEntry
from ledger.statement_chain import gaps, read_up_to

FIRST_DAY = date(2026, 5, 4)


def _statement(day: int, opening: int, closing: int, number: str = "") -> Statement:
    closing_date = FIRST_DAY + timedelta(days=day)
    return Statement(
        account="DE02120300000000202051",
        currency="EUR",
        number=number or f"{day}",
        opening=Money(opening, "EUR"),
        closing=Money(closing, "EUR"),
        closing_date=closing_date,
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
        [_statement(0, 100, 200), _statement(1, 200, 150), _statement(4, 100, 300), _statement(5, 300, 320)],
        [],
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
    assert [finding.place for finding in gaps(statements)] == [
        statement.place for number in missing for statement in statements if statement.number == number
    ]


def test_a_gap_is_an_error_that_says_what_to_do() -> None:
    (gap,) = gaps([_statement(0, 10000, 20000), _statement(2, 15000, 30000, "87")])
    assert gap.severity is Severity.ERROR
    assert str(gap) == (
        "2026-05-06.sta:1: a statement is missing before 87 of DE02120300000000202051\n"
        "    it opens with 150,00 EUR, but no statement up to 2026-05-06 ends with that\n"
        "    Fetch the missing statement and put it into the inbox. Until then nobody is dunned."
    )


def test_statements_without_balances_prove_nothing_and_miss_nothing() -> None:
    bare = replace(_statement(2, 0, 0), opening=None, closing=None)
    assert gaps([_statement(0, 100, 200), bare]) == ()


def test_an_account_is_known_up_to_its_last_closing_day() -> None:
    assert read_up_to([]) is None
    assert read_up_to([replace(_statement(0, 1, 2), closing_date=None)]) is None
    assert read_up_to([_statement(3, 1, 2), _statement(0, 1, 2)]) == FIRST_DAY + timedelta(days=3)


@given(st.lists(st.integers(min_value=-500, max_value=500), min_size=1, max_size=12), st.data())
def test_a_whole_chain_has_no_gap_in_whatever_order_and_however_often_it_is_delivered(
    movements: list[int], data: st.DataObject
) -> None:
    statements, balance = [], 1000
    for day, movement in enumerate(movements):
        statements.append(_statement(day, balance, balance + movement))
        balance += movement
    again = data.draw(st.lists(st.sampled_from(statements), max_size=5))
    assert gaps(data.draw(st.permutations(statements + again))) == ()


@given(st.lists(st.integers(min_value=1, max_value=500), min_size=3, max_size=12), st.data())
def test_every_missing_day_with_bookings_is_noticed(movements: list[int], data: st.DataObject) -> None:
    statements, balance = [], 1000
    for day, movement in enumerate(movements):
        statements.append(_statement(day, balance, balance + movement))
        balance += movement
    lost = data.draw(st.integers(min_value=1, max_value=len(statements) - 2))
    without = statements[:lost] + statements[lost + 1 :]
    assert [finding.place for finding in gaps(without)] == [statements[lost + 1].place]


def _entry(minor: int, status: EntryStatus = EntryStatus.BOOKED) -> StatementEntry:
    return StatementEntry(account="A", booking_date=FIRST_DAY, amount=Money(minor, "EUR"), status=status)


def test_opening_and_booked_entries_are_the_closing_balance() -> None:
    statement = replace(_statement(0, 100, 150), entries=(_entry(80), _entry(-30), _entry(999, EntryStatus.PENDING)))
    assert statement.movement() == Money(50, "EUR")
    assert statement.adds_up()
    assert not replace(statement, closing=Money(151, "EUR")).adds_up()
    assert replace(statement, closing=None).adds_up()
