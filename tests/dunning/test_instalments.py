"""Instalments follow the debtor's offer, add up to the cent, and are broken by a rule everybody was told."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.instalments import (
    MOST_INSTALMENTS,
    Claim,
    InstalmentPlan,
    Offer,
    PlanState,
    UnusableOffer,
    instalment_plan,
    plan_standing,
)
from dunning.promise import Received
from ledger.debtor import DebtorType
from ledger.money import Money, total

_AGREED = date(2026, 1, 20)
_BUSINESS = DebtorType.BUSINESS


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def plan(
    minor: int = 50_000,
    principal: int = 120_000,
    *,
    interest: int = 1_234,
    costs: int = 500,
    first: date = date(2026, 1, 31),
    debtor_type: DebtorType = _BUSINESS,
    every_months: int = 1,
    default_clause: bool = True,
) -> InstalmentPlan:
    return instalment_plan(
        Offer(
            offered_on=date(2026, 1, 15),
            offered_by="Frau Süß",
            amount=euros(minor),
            first_on=first,
            every_months=every_months,
        ),
        Claim(costs=euros(costs), interest=euros(interest), principal=euros(principal)),
        debtor_number="10023",
        debtor_type=debtor_type,
        agreed_on=_AGREED,
        default_clause=default_clause,
    )


def test_the_schedule_stays_on_the_last_day_of_the_month_and_pays_costs_then_interest_then_principal() -> None:
    rows = [
        (one.due_on, one.costs.minor, one.interest.minor, one.principal.minor, one.amount.minor)
        for one in plan().instalments
    ]
    assert rows == [
        (date(2026, 1, 31), 500, 1_234, 48_266, 50_000),
        (date(2026, 2, 28), 0, 0, 50_000, 50_000),
        (date(2026, 3, 31), 0, 0, 21_734, 21_734),
    ]


def test_the_offer_acknowledges_the_claim_and_so_does_every_payment() -> None:
    paid = [Received(date(2026, 2, 2), euros(50_000))]
    standing = plan_standing(plan(), paid, date(2026, 2, 3), debtor_type=_BUSINESS)
    assert standing.acknowledged_on == (date(2026, 1, 15), date(2026, 2, 2))


@pytest.mark.parametrize(
    ("today", "paid", "state", "due_at_once"),
    [
        (date(2026, 1, 31), 0, PlanState.ON_TRACK, False),
        (date(2026, 2, 5), 0, PlanState.LATE, False),
        (date(2026, 2, 28), 50_000, PlanState.ON_TRACK, False),
        (date(2026, 3, 10), 0, PlanState.LATE, False),  # the second is ten days late, not more
        (date(2026, 3, 11), 0, PlanState.BROKEN, True),
        (date(2026, 3, 11), 49_999, PlanState.BROKEN, True),  # one cent short is not paid
        (date(2026, 3, 11), 50_000, PlanState.LATE, False),
        (date(2026, 4, 11), 100_000, PlanState.BROKEN, True),  # the last one has no second beside it
        (date(2026, 3, 1), 121_734, PlanState.PAID, False),
    ],
)
def test_two_instalments_more_than_ten_days_late_make_the_rest_due(
    today: date, paid: int, state: PlanState, due_at_once: bool
) -> None:
    received = [Received(date(2026, 1, 30), euros(paid))] if paid else []
    standing = plan_standing(plan(), received, today, debtor_type=_BUSINESS)
    assert (standing.state, standing.rest_is_due) == (state, due_at_once)
    assert standing.paid + standing.rest == euros(121_734)


def test_a_consumer_is_warned_with_two_weeks_before_the_rest_falls_due() -> None:
    broken = plan(debtor_type=DebtorType.CONSUMER)
    today = date(2026, 3, 28)
    for deadline, due in ((None, False), (date(2026, 3, 28), False), (date(2026, 3, 27), True)):
        standing = plan_standing(broken, [], today, debtor_type=DebtorType.CONSUMER, last_deadline=deadline)
        assert (standing.state, standing.rest_is_due) == (PlanState.BROKEN, due)


def test_without_an_agreed_default_clause_the_rest_does_not_fall_due_by_itself() -> None:
    standing = plan_standing(plan(default_clause=False), [], date(2026, 3, 28), debtor_type=_BUSINESS)
    assert (standing.state, standing.rest_is_due) == (PlanState.BROKEN, False)


@pytest.mark.parametrize(("today", "late"), [(date(2026, 2, 4), 0), (date(2026, 2, 5), 1)])
def test_an_instalment_is_late_when_three_bank_days_after_its_day_are_over(today: date, late: int) -> None:
    assert len(plan_standing(plan(), [], today, debtor_type=_BUSINESS).late) == late  # due on Saturday, 31 January


def test_an_instalment_whose_debit_came_back_is_not_paid() -> None:
    received = [Received(date(2026, 1, 30), euros(50_000)), Received(date(2026, 2, 3), euros(-50_000))]
    standing = plan_standing(plan(), received, date(2026, 2, 6), debtor_type=_BUSINESS)
    assert (standing.state, standing.paid) == (PlanState.LATE, euros(0))
    assert standing.acknowledged_on == (date(2026, 1, 15), date(2026, 1, 30))


@pytest.mark.parametrize(("debtor_type", "review"), [(DebtorType.BUSINESS, False), (DebtorType.UNKNOWN, True)])
def test_a_plan_with_who_may_be_a_consumer_needs_a_look_at_the_law(debtor_type: DebtorType, review: bool) -> None:
    assert plan(debtor_type=debtor_type).needs_legal_review is review


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"minor": 100}, "more than 36"),
        ({"minor": 0}, "no instalment"),
        ({"first": _AGREED}, "is over"),
        ({"every_months": 7}, "one to six months"),
    ],
)
def test_an_offer_that_is_no_plan_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(UnusableOffer, match=says):
        plan(**wrong)


@given(
    minor=st.integers(1_000, 200_000),
    principal=st.integers(1, 3_000_000),
    interest=st.integers(0, 50_000),
    costs=st.integers(0, 5_000),
    day=st.integers(1, 31),
    every_months=st.integers(1, 6),
)
def test_instalments_always_add_up_and_their_days_always_rise(
    minor: int, principal: int, interest: int, costs: int, day: int, every_months: int
) -> None:
    try:
        made = plan(
            minor, principal, interest=interest, costs=costs, first=date(2026, 3, day), every_months=every_months
        )
    except UnusableOffer:
        assert -(-(principal + interest + costs) // minor) > MOST_INSTALMENTS
        return
    assert total((one.amount for one in made.instalments), "EUR") == made.claim.total
    assert total((one.interest for one in made.instalments), "EUR") == made.claim.interest
    assert all(one.amount == euros(minor) for one in made.instalments[:-1])
    assert made.instalments[-1].amount <= euros(minor)
    assert all(sooner.due_on < later.due_on for sooner, later in pairwise(made.instalments))
    assert all(one.due_on.day <= day for one in made.instalments)
