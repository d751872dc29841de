"""A promise buys silence until its day and three bank days, and is broken when the money is not there by then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.promise import (
    Promise,
    PromiseState,
    Received,
    left_for_others,
    may_promise_again,
    promise_mistakes,
    promise_state,
    silent_until,
)
from ledger.money import Money

_MADE = date(2026, 3, 2)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def promise(minor: int = 100_000, pay_by: date = date(2026, 3, 13)) -> Promise:
    return Promise(debtor_number="10023", amount=euros(minor), pay_by=pay_by, made_on=_MADE)


def test_silence_lasts_until_three_bank_days_after_the_promised_friday() -> None:
    assert silent_until(promise(pay_by=date(2026, 3, 13))) == date(2026, 3, 18)


@pytest.mark.parametrize(
    ("paid_on", "minor", "today", "state"),
    [
        (date(2026, 3, 13), 100_000, date(2026, 3, 14), PromiseState.KEPT),
        (date(2026, 3, 18), 100_000, date(2026, 3, 19), PromiseState.KEPT),
        (date(2026, 3, 19), 100_000, date(2026, 3, 19), PromiseState.BROKEN),  # too late by a day
        (date(2026, 3, 13), 95_000, date(2026, 3, 14), PromiseState.KEPT),  # nearly everything is a word kept
        (date(2026, 3, 13), 94_999, date(2026, 3, 14), PromiseState.RUNNING),
        (date(2026, 3, 13), 94_999, date(2026, 3, 19), PromiseState.BROKEN),
        (date(2026, 3, 1), 100_000, date(2026, 3, 19), PromiseState.BROKEN),  # paid before it was promised
        (date(2026, 3, 13), 100_000, date(2026, 3, 12), PromiseState.RUNNING),  # not yet there
    ],
)
def test_a_promise_is_judged_by_the_day_the_money_was_credited(
    paid_on: date, minor: int, today: date, state: PromiseState
) -> None:
    assert promise_state(promise(), [Received(paid_on, euros(minor))], today, read_until=today) is state


def test_a_promise_is_not_called_broken_before_the_statements_of_its_last_day_are_read() -> None:
    today = date(2026, 3, 19)
    for read_until, state in (
        (None, PromiseState.RUNNING),
        (date(2026, 3, 17), PromiseState.RUNNING),
        (date(2026, 3, 18), PromiseState.BROKEN),
    ):
        assert promise_state(promise(), [], today, read_until=read_until) is state


def test_a_debit_that_came_back_has_kept_no_promise() -> None:
    received = [Received(date(2026, 3, 13), euros(100_000)), Received(date(2026, 3, 17), euros(-100_000))]
    assert promise_state(promise(), received, date(2026, 3, 19), read_until=date(2026, 3, 18)) is PromiseState.BROKEN


def test_the_same_money_keeps_one_promise_only() -> None:
    received = [Received(date(2026, 3, 13), euros(60_000)), Received(date(2026, 3, 16), euros(70_000))]
    left = left_for_others(promise(), received)
    assert [one.amount.minor for one in left] == [0, 30_000]
    later = promise(50_000, pay_by=date(2026, 3, 27))
    assert promise_state(later, received, date(2026, 3, 17), read_until=None) is PromiseState.KEPT
    assert promise_state(later, left, date(2026, 3, 17), read_until=None) is PromiseState.RUNNING


def test_the_fourth_promise_after_three_broken_ones_in_a_year_buys_no_silence() -> None:
    today = date(2026, 11, 2)
    assert may_promise_again([], today)
    assert may_promise_again([date(2026, 5, 1), date(2026, 8, 1)], today)
    assert not may_promise_again([date(2026, 2, 1), date(2026, 5, 1), date(2026, 8, 1)], today)
    assert may_promise_again([date(2025, 2, 1), date(2026, 5, 1), date(2026, 8, 1)], today)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (promise(pay_by=date(2026, 3, 1)), "is over"),
        (promise(pay_by=date(2026, 6, 1)), "more than 60 days away"),
        (promise(0), "more than zero"),
        (promise(200_001), "is promised, but only"),
    ],
)
def test_what_is_no_promise_is_told(wrong: Promise, says: str) -> None:
    assert any(says in mistake for mistake in promise_mistakes(wrong, euros(200_000), _MADE))


def test_a_sound_promise_has_no_mistakes() -> None:
    assert promise_mistakes(promise(), euros(200_000), _MADE) == ()


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 100_000)), max_size=6), st.integers(0, 60))
def test_more_money_never_breaks_a_promise(paid: list[tuple[int, int]], later: int) -> None:
    received = [Received(_MADE + timedelta(days=day), euros(minor)) for day, minor in paid]
    today = _MADE + timedelta(days=later)
    before = promise_state(promise(), received, today, read_until=today)
    after = promise_state(promise(), [*received, Received(_MADE, euros(100_000))], today, read_until=today)
    assert after is PromiseState.KEPT
    assert before is not PromiseState.BROKEN or today > silent_until(promise())
