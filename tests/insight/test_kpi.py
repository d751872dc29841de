"""Figures of a receivables office."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.kpi import (
    PaidItem,
    Period,
    average_days_delinquent,
    best_possible_days_sales_outstanding,
    collection_effectiveness,
    count_back_days_sales_outstanding,
    days_sales_outstanding,
    weighted_days_late,
)

# A quarter: 50,000 open at its begin, 180,000 sold, 60,000 open at its end, of which 45,000 are not due.
QUARTER = Period(days=90, open_at_begin=50_000, sales=180_000, open_at_end=60_000, not_due_at_end=45_000)


def test_the_figures_of_a_quarter() -> None:
    assert days_sales_outstanding(QUARTER) == 30
    assert best_possible_days_sales_outstanding(QUARTER) == Fraction(45, 2)
    assert average_days_delinquent(QUARTER) == Fraction(15, 2)
    # 170,000 of 185,000 that could have been collected
    assert collection_effectiveness(QUARTER) == Fraction(3400, 37)


def test_without_sales_there_are_no_days_of_sales() -> None:
    nothing = Period(days=30, open_at_begin=0, sales=0, open_at_end=0, not_due_at_end=0)
    assert days_sales_outstanding(nothing) is None
    assert best_possible_days_sales_outstanding(nothing) is None
    assert average_days_delinquent(nothing) is None
    assert collection_effectiveness(nothing) is None


@pytest.mark.parametrize(
    ("open_at_end", "months", "days"),
    [
        (60, [(30, 60), (31, 90)], 30),  # all of the last month
        (30, [(30, 60)], 15),
        (105, [(30, 60), (31, 90)], Fraction(91, 2)),  # and half of the one before
        (60, [(30, 0), (31, 120)], Fraction(91, 2)),  # a month without sales
        (0, [(30, 60)], 0),
        (200, [(30, 60), (31, 90)], None),  # older than what is known
    ],
)
def test_the_count_back_follows_the_months(
    open_at_end: int, months: list[tuple[int, int]], days: Fraction | int | None
) -> None:
    assert count_back_days_sales_outstanding(open_at_end, months) == days


def test_late_days_are_weighted_by_amount_and_early_payers_do_not_make_up_for_late_ones() -> None:
    due = date(2026, 5, 4)
    paid = [
        PaidItem(amount=100, due_date=due, paid_on=date(2026, 5, 14)),
        PaidItem(amount=300, due_date=due, paid_on=date(2026, 4, 20)),
    ]
    assert weighted_days_late(paid) == Fraction(5, 2)
    assert weighted_days_late([]) is None


amounts = st.integers(min_value=0, max_value=10**9)


@given(begin=amounts, sales=st.integers(1, 10**9), end=amounts, share=st.integers(0, 100), days=st.integers(1, 366))
def test_what_is_late_is_the_difference_of_both_days_of_sales(
    begin: int, sales: int, end: int, share: int, days: int
) -> None:
    period = Period(days=days, open_at_begin=begin, sales=sales, open_at_end=end, not_due_at_end=end * share // 100)
    real, best = days_sales_outstanding(period), best_possible_days_sales_outstanding(period)
    assert real is not None
    assert best is not None
    assert average_days_delinquent(period) == real - best
    assert real >= best
