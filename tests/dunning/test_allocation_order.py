"""Which debt a payment settles, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.allocation_order import ClaimPart, Designation, OwedClaim, allocate_payment
from ledger.money import Money, from_decimal, total

PAID_ON = date(2026, 6, 1)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


def owed(number: str, principal: str, interest: str = "0", costs: str = "0", **changed: Any) -> OwedClaim:
    claim = OwedClaim(
        claim_id=number,
        document_number=number,
        due_date=date(2026, 3, 1),
        since=date(2026, 2, 1),
        principal=euro(principal),
        interest=euro(interest),
        costs=euro(costs),
    )
    return replace(claim, **changed)


def steps(payment: str, *claims: OwedClaim, named: str = "", part: ClaimPart | None = None) -> list[str]:
    meant = Designation(claim_ids=tuple(named.split()), part=part, words=named) if named else None
    found = allocate_payment(euro(payment), PAID_ON, claims, meant)
    lines = [f"{step.document_number} {step.part} {step.amount.decimal()}" for step in found.steps]
    return [*lines, f"unused {found.unused.decimal()}"] if found.unused else lines


OLD = owed("OLD", "600.00", "12.00", "5.00", since=date(2026, 1, 5), due_date=date(2026, 2, 5))
YOUNG = owed("YOUNG", "300.00", "3.00", since=date(2026, 3, 5), due_date=date(2026, 4, 5))
LATER = owed("LATER", "200.00", since=date(2025, 12, 1), due_date=date(2026, 7, 1))


def test_within_a_claim_costs_come_first_then_interest_then_principal() -> None:
    claim = owed("RE-1", "8000.00", "150.25", "40.00")
    assert steps("3000.00", claim) == ["RE-1 costs 40.00", "RE-1 interest 150.25", "RE-1 principal 2809.75"]
    assert steps("100.00", claim) == ["RE-1 costs 40.00", "RE-1 interest 60.00"]
    assert steps("9000.00", claim)[-1] == "unused 809.75"


def test_of_a_consumer_credit_the_principal_comes_before_the_interest() -> None:
    claim = owed("RE-1", "1000.00", "30.00", "20.00", consumer_credit=True)
    assert steps("500.00", claim) == ["RE-1 costs 20.00", "RE-1 principal 480.00"]
    assert steps("1030.00", claim) == ["RE-1 costs 20.00", "RE-1 principal 1000.00", "RE-1 interest 10.00"]


def test_what_the_debtor_names_is_settled_first() -> None:
    assert steps("310.00", OLD, YOUNG, named="YOUNG") == [
        "YOUNG interest 3.00",
        "YOUNG principal 300.00",
        "OLD costs 5.00",
        "OLD interest 2.00",
    ]
    assert steps("250.00", OLD, LATER, named="LATER")[0] == "LATER principal 200.00"


def test_an_amount_that_is_exactly_one_claim_names_it() -> None:
    assert steps("303.00", OLD, YOUNG) == ["YOUNG interest 3.00", "YOUNG principal 300.00"]


def test_an_amount_that_is_exactly_one_invoice_pays_the_invoice_and_a_person_hears_of_it() -> None:
    found = allocate_payment(euro("300.00"), PAID_ON, [OLD, YOUNG])
    assert [(step.document_number, str(step.part)) for step in found.steps] == [("YOUNG", "principal")]
    (question,) = found.needs_a_person
    assert question.startswith("YOUNG: the debtor pays principal before costs and interest.")
    assert [claim.total for claim in found.left] == [OLD.total, euro("3.00")]


def test_an_amount_that_fits_two_claims_names_none() -> None:
    twin = replace(YOUNG, claim_id="TWIN", document_number="TWIN", since=date(2026, 3, 6))
    assert steps("303.00", twin, YOUNG)[0] == "YOUNG interest 3.00"
    assert steps("300.00", twin, YOUNG)[0] == "YOUNG interest 3.00"


# The claims in the order in which the law takes them, by one difference each.
RANKS = [
    ("due before not due, however old", OLD, LATER),
    ("unsecured before secured", YOUNG, replace(OLD, secured=True)),
    (
        "what is barred earlier is less secure",
        replace(YOUNG, time_barred_after=date(2028, 12, 31)),
        replace(OLD, time_barred_after=date(2029, 12, 31)),
    ),
    ("older before younger", OLD, YOUNG),
]


@pytest.mark.parametrize(("why", "first", "second"), RANKS, ids=[why for why, _, _ in RANKS])
def test_without_a_word_of_the_debtor_the_law_gives_the_order(why: str, first: OwedClaim, second: OwedClaim) -> None:
    assert why
    for claims in ((first, second), (second, first)):
        found = allocate_payment(euro("1.00"), PAID_ON, claims)
        assert [step.document_number for step in found.steps] == [first.document_number]


def test_the_claim_with_the_higher_interest_burdens_the_debtor_more() -> None:
    cheap = owed("CHEAP", "100", since=date(2026, 1, 1), rate_percent=Decimal("6.27"))
    dear = owed("DEAR", "100", since=date(2026, 2, 2), rate_percent=Decimal("10.27"))
    assert steps("10", cheap, dear) == ["DEAR principal 10.00"]
    assert steps("10", cheap, replace(dear, due_date=date(2026, 4, 1))) == ["DEAR principal 10.00"]


def test_claims_of_the_same_rank_share_in_proportion_and_no_cent_is_lost() -> None:
    claims = [owed(name, amount) for name, amount in (("A", "105"), ("B", "210"), ("C", "420"))]
    assert steps("100.00", *claims) == ["A principal 14.29", "B principal 28.57", "C principal 57.14"]


def test_every_step_is_a_sentence_that_cites_the_law() -> None:
    found = allocate_payment(euro("310"), PAID_ON, [OLD, YOUNG], Designation(claim_ids=("YOUNG",), words="RE YOUNG"))
    assert found.steps[0].because == (
        "3,00 EUR settles interest of YOUNG: the debtor named it (RE YOUNG) (§ 366 (1) BGB); within it costs, then "
        "interest, then principal (§ 367 (1) BGB)."
    )
    assert found.steps[2].because.startswith(
        "5,00 EUR settles costs of OLD: due, unsecured, next by security, burden and age (§ 366 (2) BGB); within it"
    )


@pytest.mark.parametrize(
    ("payment", "claims", "named", "says"),
    [
        ("0", [OLD], "", "0,00 EUR is no payment"),
        ("-5", [OLD], "", "-5,00 EUR is no payment"),
        ("5", [OLD, OLD], "", "a claim is given twice"),
        ("5", [OLD], "RE-9", "the payment names RE-9, which is not owed"),
        ("5", [owed("A", "-1")], "", "A: a bucket is below zero"),
    ],
)
def test_what_makes_no_sense_is_refused(payment: str, claims: list[OwedClaim], named: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        steps(payment, *claims, named=named)


cents = st.integers(min_value=0, max_value=50_000).map(lambda minor: Money(minor, "EUR"))
many_claims = st.lists(
    st.builds(
        OwedClaim,
        claim_id=st.just(""),
        document_number=st.just(""),
        due_date=st.integers(min_value=-60, max_value=60).map(lambda days: PAID_ON + timedelta(days=days)),
        since=st.sampled_from([date(2026, 1, 1), date(2026, 2, 1)]),
        principal=cents,
        interest=cents,
        costs=cents,
        secured=st.booleans(),
        consumer_credit=st.booleans(),
    ),
    max_size=6,
).map(lambda claims: [replace(one, claim_id=f"c{n}", document_number=f"c{n}") for n, one in enumerate(claims)])


@given(
    claims=many_claims,
    minor=st.integers(min_value=1, max_value=400_000),
    named=st.lists(st.integers(min_value=0, max_value=5)),
    part=st.none() | st.sampled_from(ClaimPart),
)
def test_never_more_is_given_than_was_paid_or_owed_and_no_cent_is_lost(
    claims: list[OwedClaim], minor: int, named: list[int], part: ClaimPart | None
) -> None:
    ids = tuple(f"c{n}" for n in named if n < len(claims))
    meant = Designation(claim_ids=ids, part=part) if ids else None
    found = allocate_payment(Money(minor, "EUR"), PAID_ON, claims, meant)
    assert total((step.amount for step in found.steps), "EUR") + found.unused == Money(minor, "EUR")
    assert all(step.amount.minor > 0 for step in found.steps)
    for before, after in zip(claims, found.left, strict=True):
        given_to = [step for step in found.steps if step.claim_id == before.claim_id]
        assert before.total - after.total == total((step.amount for step in given_to), "EUR")
        for bucket in ClaimPart:
            paid = total((step.amount for step in given_to if step.part is bucket), "EUR")
            assert before.part(bucket) - paid == after.part(bucket)
            assert after.part(bucket).minor >= 0
    # Credit is left only where nothing is owed any more.
    assert not found.unused or not any(claim.total for claim in found.left)
    again = allocate_payment(Money(minor, "EUR"), PAID_ON, claims[::-1], meant)
    assert (again.steps, again.unused) == (found.steps, found.unused)
