"""Default interest to the cent, as a court would compute it."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.interest import (
    DayCount,
    ProvisionalInterest,
    exact_minor,
    for_court,
    interest,
    interest_at_rates,
    interest_of_one_day,
    interest_on_history,
    segments_of,
    shown_by_segment,
)
from dunning.rate_table import FlatRate, Rate
from ledger.money import Money, from_decimal
from ledger.rounding import half_up

if TYPE_CHECKING:
    from dunning.interest import BaseRates

SHARED = os.environ.get("KONTORIST_SHARED_DATA", "")
BUSINESS = Decimal(9)
CONSUMER = Decimal(5)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


# principal, first day, end (not included), points; act/act, act/365; by hand: principal x rate x days / year
WORKED = [
    # one rate: 2000 x 11.27 % x 30/365 = 18.526
    ("2000.00", "2025-04-01", "2025-05-01", BUSINESS, "18.53", "18.53"),
    # a new rate on 1 July: 5000 x (7.27 % x 15 + 6.27 % x 31)/365 = 41.564
    ("5000.00", "2025-06-16", "2025-08-01", CONSUMER, "41.56", "41.56"),
    # a negative base rate in a leap year: 4000 x (8.17 % x 30 + 8.12 % x 31)/366 = 54.297, or /365 = 54.446
    ("4000.00", "2016-06-01", "2016-08-01", BUSINESS, "54.30", "54.45"),
    # over New Year into a leap year: 10000 x (12.12 % x 12/365 + 12.62 % x 10/366) = 74.327, or all /365 = 74.422
    ("10000.00", "2023-12-20", "2024-01-11", BUSINESS, "74.33", "74.42"),
    # an old contract, before 29 July 2014: 1000 x (7.37 % x 52 + 7.27 % x 31)/365 = 16.674
    ("1000.00", "2014-05-10", "2014-08-01", Decimal(8), "16.67", "16.67"),
    # one day: 100 x 10.52 % / 365 = 0.029
    ("100.00", "2026-11-20", "2026-11-21", BUSINESS, "0.03", "0.03"),
    # half a cent goes up: 365 x 12.5 % / 365 = 0.125
    ("365.00", "2025-03-03", "2025-03-04", Decimal("10.23"), "0.13", "0.13"),
    # paid before default started: nothing
    ("100.00", "2025-05-01", "2025-05-01", BUSINESS, "0.00", "0.00"),
    ("100.00", "2025-05-02", "2025-05-01", BUSINESS, "0.00", "0.00"),
]


@pytest.mark.parametrize(("principal", "first_day", "end", "points", "act_act", "act_365"), WORKED)
def test_interest_to_the_cent(
    rates: BaseRates, principal: str, first_day: str, end: str, points: Decimal, act_act: str, act_365: str
) -> None:
    days = date.fromisoformat(first_day), date.fromisoformat(end)
    assert interest(euro(principal), *days, points, rates).amount == euro(act_act)
    assert interest(euro(principal), *days, points, rates, day_count=DayCount.ACT_365).amount == euro(act_365)


def test_days_are_cut_at_new_rates_and_new_years_only(rates: BaseRates) -> None:
    claim = interest(euro("999.99"), date(2022, 11, 15), date(2025, 7, 16), CONSUMER, rates)
    assert [(str(s.first_day), s.days, str(s.rate_percent), s.basis_days) for s in claim.segments] == [
        ("2022-11-15", 47, "4.12", 365),
        ("2023-01-01", 181, "6.62", 365),
        ("2023-07-01", 184, "8.12", 365),
        ("2024-01-01", 182, "8.62", 366),
        ("2024-07-01", 184, "8.37", 366),
        ("2025-01-01", 181, "7.27", 365),
        ("2025-07-01", 15, "6.27", 365),
    ]
    assert claim.segments[-1].last_day == date(2025, 7, 15)


def test_a_half_year_without_a_new_rate_is_not_cut(rates: BaseRates) -> None:
    claim = interest(euro("100"), date(2018, 3, 1), date(2018, 10, 1), BUSINESS, rates)
    assert [segment.days for segment in claim.segments] == [214]
    years = interest(euro("100"), date(2018, 3, 1), date(2020, 3, 1), BUSINESS, rates, day_count=DayCount.ACT_365)
    assert [segment.days for segment in years.segments] == [731]


def test_rounding_happens_once_and_not_in_each_segment(rates: BaseRates) -> None:
    claim = interest(euro("2500.00"), date(2016, 6, 1), date(2016, 8, 1), BUSINESS, rates)
    assert claim.amount == euro("33.94")
    assert sum(half_up(exact_minor([segment])) for segment in claim.segments) == 3393


def test_beyond_the_last_published_rate_interest_is_provisional(rates: BaseRates) -> None:
    known = interest(euro("1000"), date(2026, 12, 1), date(2027, 1, 1), BUSINESS, rates)
    guessed = interest(euro("1000"), date(2026, 12, 1), date(2027, 1, 2), BUSINESS, rates)
    assert not known.provisional
    assert guessed.provisional
    assert guessed.segments[-1].rate_percent == Decimal("10.52")


def test_the_daily_figure_is_the_one_of_its_day(rates: BaseRates) -> None:
    nine = Rate(points=BUSINESS, table=rates, law="§ 288 (2) BGB")
    assert interest_of_one_day([(euro("36500.00"), nine)], date(2026, 6, 30)) == euro("10.27")
    assert interest_of_one_day([(euro("36500.00"), nine)], date(2026, 7, 1)) == euro("10.52")
    # Rounded once, however many claims there are.
    assert interest_of_one_day([(euro("10.00"), nine)] * 3, date(2026, 7, 1)) == euro("0.01")


def test_a_part_payment_lowers_the_principal_from_its_day_on(rates: BaseRates) -> None:
    history = [(date(2025, 1, 2), euro("10000.00")), (date(2025, 1, 20), euro("6000.00"))]
    claim = interest_on_history(history, date(2025, 2, 1), BUSINESS, rates)
    # 11.27 % x (10000 x 18 + 6000 x 12)/365 = 77.809
    assert claim.amount == euro("77.81")
    assert [(s.days, s.principal) for s in claim.segments] == [(18, euro("10000.00")), (12, euro("6000.00"))]


def test_a_paid_principal_bears_no_more_interest_and_changes_after_the_end_do_not_count(rates: BaseRates) -> None:
    paid = [(date(2025, 1, 2), euro("1000.00")), (date(2025, 1, 20), euro("0.00"))]
    claim = interest_on_history(paid, date(2025, 6, 1), BUSINESS, rates)
    assert claim.amount == interest(euro("1000.00"), date(2025, 1, 2), date(2025, 1, 20), BUSINESS, rates).amount
    cut = interest_on_history(paid, date(2025, 1, 10), BUSINESS, rates)
    assert sum(segment.days for segment in cut.segments) == 8


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ([], "without a first day"),
        ([(date(2025, 1, 2), Money(-1, "EUR"))], "is -0,01 EUR; a claim is never negative"),
        ([(date(2025, 1, 2), Money(5, "EUR")), (date(2025, 1, 2), Money(4, "EUR"))], "sort the history"),
    ],
)
def test_a_history_that_cannot_be_is_refused(rates: BaseRates, history: list[tuple[date, Money]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        interest_on_history(history, date(2025, 6, 1), BUSINESS, rates)


def merchants(rates: BaseRates) -> tuple[Rate, Rate]:
    before = Rate(table=FlatRate(Decimal(5)), law="§§ 353, 352 HGB")
    return before, Rate(points=BUSINESS, table=rates, law="§ 288 Abs. 2 BGB")


def test_merchants_owe_five_percent_before_default_and_more_after_it(rates: BaseRates) -> None:
    before, after = merchants(rates)
    changes = [(date(2026, 3, 2), before), (date(2026, 4, 2), after)]
    claim = interest_at_rates([(date(2026, 3, 2), euro("10000.00"))], changes, date(2026, 5, 2))
    # 10000 x 5 % x 31/365 = 42.466, and 10000 x 10.27 % x 30/365 = 84.411: 126.877, rounded once
    assert claim.amount == euro("126.88")
    assert [(s.days, str(s.rate_percent)) for s in claim.segments] == [(31, "5"), (30, "10.27")]
    assert not claim.provisional


def test_a_part_payment_before_default_lowers_both_kinds_of_interest(rates: BaseRates) -> None:
    before, after = merchants(rates)
    principal = [(date(2026, 3, 2), euro("10000.00")), (date(2026, 3, 12), euro("4000.00"))]
    claim = interest_at_rates(principal, [(date(2026, 3, 2), before), (date(2026, 4, 2), after)], date(2026, 5, 2))
    # 10000 x 5 % x 10/365 + 4000 x 5 % x 21/365 + 4000 x 10.27 % x 30/365 = 13.699 + 11.507 + 33.764
    assert claim.amount == euro("58.97")
    assert [s.days for s in claim.segments] == [10, 21, 30]


def test_before_its_first_rate_a_principal_bears_nothing(rates: BaseRates) -> None:
    _, after = merchants(rates)
    principal = [(date(2026, 1, 1), euro("1000.00"))]
    claim = interest_at_rates(principal, [(date(2026, 4, 1), after)], date(2026, 5, 1))
    assert claim.amount == interest(euro("1000.00"), date(2026, 4, 1), date(2026, 5, 1), BUSINESS, rates).amount


def test_without_a_rate_or_with_rates_out_of_order_nothing_is_computed(rates: BaseRates) -> None:
    before, after = merchants(rates)
    principal = [(date(2026, 1, 1), euro("1000.00"))]
    with pytest.raises(ValueError, match="interest without a rate"):
        interest_at_rates(principal, [], date(2026, 5, 1))
    with pytest.raises(ValueError, match="sort them, one rate a day"):
        interest_at_rates(principal, [(date(2026, 3, 1), before), (date(2026, 3, 1), after)], date(2026, 5, 1))


def test_a_court_form_takes_no_guessed_rate(rates: BaseRates) -> None:
    known = interest(euro("1000"), date(2026, 12, 1), date(2027, 1, 1), BUSINESS, rates)
    assert for_court(known) is known
    guessed = interest(euro("1000"), date(2026, 12, 1), date(2027, 1, 2), BUSINESS, rates)
    with pytest.raises(
        ProvisionalInterest, match="interest up to 2027-01-01 needs a base rate that is not published"
    ):
        for_court(guessed)


def test_shown_amounts_add_up_and_the_largest_one_bears_the_cent(rates: BaseRates) -> None:
    claim = interest(euro("2500.00"), date(2016, 6, 1), date(2016, 8, 1), BUSINESS, rates)
    # 16.742 and 17.193 are 33.935: each rounded they would give 33.93
    assert shown_by_segment(claim) == (euro("16.74"), euro("17.20"))
    assert shown_by_segment(interest(euro("1"), date(2016, 6, 1), date(2016, 6, 1), BUSINESS, rates)) == ()


days = st.dates(min_value=date(2002, 1, 1), max_value=date(2029, 12, 31))
spans = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
cents = st.integers(min_value=0, max_value=10**10)
margins = st.decimals(min_value=5, max_value=12, places=2)
counts = st.sampled_from(DayCount)


@given(span=spans, cut=st.integers(min_value=0, max_value=10**4), minor=cents, margin=margins, count=counts)
def test_interest_over_two_periods_is_the_interest_over_both_before_rounding(
    rates: BaseRates, span: tuple[date, date], cut: int, minor: int, margin: Decimal, count: DayCount
) -> None:
    start, end = span
    middle = min(start + timedelta(days=cut), end)
    principal = Money(minor, "EUR")
    whole = exact_minor(segments_of(principal, start, end, margin, rates, count))
    first = exact_minor(segments_of(principal, start, middle, margin, rates, count))
    second = exact_minor(segments_of(principal, middle, end, margin, rates, count))
    assert whole == first + second
    assert interest(principal, start, end, margin, rates, day_count=count).amount.minor == half_up(whole)


@given(span=spans, minor=cents, margin=margins, count=counts)
def test_every_day_is_counted_once_and_interest_is_never_negative(
    rates: BaseRates, span: tuple[date, date], minor: int, margin: Decimal, count: DayCount
) -> None:
    claim = interest(Money(minor, "EUR"), *span, margin, rates, day_count=count)
    assert claim.amount.minor >= 0
    assert all((s.last_day - s.first_day).days + 1 == s.days for s in claim.segments)
    assert sum(s.days for s in claim.segments) == ((span[1] - span[0]).days if minor else 0)


@given(span=spans, minor=cents, margin=margins)
def test_the_default_day_count_never_claims_more(
    rates: BaseRates, span: tuple[date, date], minor: int, margin: Decimal
) -> None:
    principal = Money(minor, "EUR")
    act_365 = interest(principal, *span, margin, rates, day_count=DayCount.ACT_365)
    assert interest(principal, *span, margin, rates).amount <= act_365.amount


changes_of_principal = st.dictionaries(days, cents, min_size=1, max_size=5).map(
    lambda found: [(day, Money(found[day], "EUR")) for day in sorted(found)]
)


@given(history=changes_of_principal, span=spans, cut=st.integers(min_value=0, max_value=10**4))
def test_interest_on_a_changing_principal_is_additive_and_never_compounded(
    rates: BaseRates, history: list[tuple[date, Money]], span: tuple[date, date], cut: int
) -> None:
    start, end = span
    middle = min(start + timedelta(days=cut), end)
    nine = Rate(points=BUSINESS, table=rates, law="")
    whole = interest_at_rates(history, [(start, nine)], end)
    first = interest_at_rates(history, [(start, nine)], middle)
    second = interest_at_rates(history, [(middle, nine)], end)
    assert exact_minor(whole.segments) == exact_minor(first.segments) + exact_minor(second.segments)
    # Every segment bears interest on a principal that was open, never on interest added to it.
    assert {segment.principal for segment in whole.segments} <= {principal for _, principal in history}
    assert sum(amount.minor for amount in shown_by_segment(whole)) == whole.amount.minor


def shared_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((Path(SHARED) / "dunning_cases.json").read_text("utf-8"))["cases"]
    return [case for case in cases if case["kind"] == "interest"]


if SHARED:

    @pytest.mark.parametrize("case", shared_cases(), ids=lambda case: str(case["id"]))
    def test_collected_interest_cases(rates: BaseRates, case: dict[str, Any]) -> None:
        span = date.fromisoformat(case["start"]), date.fromisoformat(case["end_exclusive"])
        margin = Decimal(case["margin_pp"])
        claim = interest(euro(case["principal"]), *span, margin, rates)
        act_365 = interest(euro(case["principal"]), *span, margin, rates, day_count=DayCount.ACT_365)
        assert claim.amount == euro(case["expected_act_act"])
        assert act_365.amount == euro(case["expected_act_365"])
        assert [
            (str(s.first_day), str(s.last_day), s.days, str(s.rate_percent), s.basis_days) for s in claim.segments
        ] == [(s["from"], s["to"], s["days"], s["rate"], s["basis"]) for s in case["segments"]]
