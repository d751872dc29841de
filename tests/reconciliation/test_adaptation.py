"""A company's own weights: few decisions move little, nobody poisons others, and the certificate keeps its word."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.adaptation import (
    FEWEST_ACCEPTED,
    FEWEST_DECISIONS,
    LARGEST_STEP,
    MOST_PER_PAYER,
    Labelled,
    adapted,
    certified,
    judged,
    may_book,
    teaches,
)
from reconciliation.learned_weights import SHIPPED
from reconciliation.learning import NONE_OF_THEM, shares

if TYPE_CHECKING:
    from reconciliation.model import Model

DAY: Final = date(2026, 7, 1)
TARGET: Final = 0.003

NUMBER: Final = ("any", "amount: exact", "named: number", "payer: same_name")
ACCOUNT: Final = ("any", "amount: exact", "named: none", "payer: known", "time: when it was due")
ORDER: Final = ("any", "amount: skonto", "named: order", "payer: similar_name")
RUNNING: Final = ("any", "amount: exact", "named: running", "payer: mentioned", "time: very late")
PART: Final = ("any", "amount: partial", "named: number", "payer: same_name")
RIVAL: Final = ("any", "amount: exact", "named: none", "payer: unknown")


def decided(rng: random.Random, number: int, weights: dict[str, float], *, payers: int = 900) -> list[Labelled]:
    """Invent what the people of a company decided, whose payments follow these weights."""
    found = []
    for at in range(number):
        best = rng.choice((NUMBER, NUMBER, NUMBER, NUMBER, ACCOUNT, ACCOUNT, ORDER, RUNNING, PART))
        ways = (best, RIVAL) if rng.random() < 0.5 else (best,)
        believed = shares([sum(weights.get(argument, 0.0) for argument in way) for way in ways])
        right = rng.choices([*range(len(ways)), NONE_OF_THEM], believed)[0]
        found.append(Labelled(f"entry {at}", f"payer {rng.randrange(payers)}", ways, right))
    return found


def own_model(labelled: list[Labelled]) -> Model:
    model = adapted(labelled, SHIPPED, name="own")
    assert model is not None
    return model


def test_five_thousand_decisions_give_a_certificate_that_holds_on_payments_to_come() -> None:
    """The company's payments are a little unlike those we ship weights for; its certificate speaks of its own."""
    truth = dict(SHIPPED.weights) | {
        "payer: known": SHIPPED.weights["payer: known"] + 0.8,
        "named: running": SHIPPED.weights["named: running"] - 0.8,
    }
    kept = 0
    for seed in range(3):
        labelled = decided(random.Random(seed), 5_000, truth)
        model = own_model(labelled)
        certificate = certified(labelled, model, target=TARGET, issued_on=DAY)
        assert certificate is not None
        assert certificate.accepted >= FEWEST_ACCEPTED
        assert certificate.bound <= TARGET
        later = decided(random.Random(seed + 1_000), 20_000, truth)
        booked = [one for one in judged(later, model) if one.probability >= certificate.threshold]
        assert len(booked) > 10_000
        kept += sum(not one.is_right for one in booked) / len(booked) <= TARGET
    assert kept == 3


def test_a_company_whose_proposals_are_often_wrong_gets_no_certificate() -> None:
    labelled = decided(random.Random(1), 5_000, dict(SHIPPED.weights))
    rng = random.Random(2)
    wrong = [one._replace(right=NONE_OF_THEM) if rng.random() < 0.05 else one for one in labelled]
    assert certified(wrong, own_model(wrong), target=TARGET, issued_on=DAY) is None


def test_too_few_accepted_payments_certify_nothing_even_without_an_error() -> None:
    labelled = [Labelled(f"e{at}", f"p{at}", (NUMBER,), 0) for at in range(3_600)]
    model = own_model(labelled)
    assert certified(labelled, model, target=TARGET, issued_on=DAY) is None
    more = [*labelled, *(Labelled(f"f{at}", f"p{at}", (NUMBER,), 0) for at in range(400))]
    certificate = certified(more, model, target=TARGET, issued_on=DAY)
    assert certificate is not None
    assert certificate.errors == 0


def test_what_teaches_is_never_what_certifies() -> None:
    labelled = [Labelled(f"e{at}", f"p{at}", (NUMBER,), 0) for at in range(5_000)]
    taught = [one for one in labelled if teaches(one.entry_id)]
    assert 900 < len(taught) < 1_100
    model = own_model(labelled)
    certificate = certified(labelled, model, target=TARGET, issued_on=DAY)
    lied = [one._replace(right=NONE_OF_THEM) if teaches(one.entry_id) else one for one in labelled]
    assert certified(lied, model, target=TARGET, issued_on=DAY) == certificate
    other = [one if teaches(one.entry_id) else one._replace(right=NONE_OF_THEM) for one in labelled]
    assert own_model(other) == model


def test_too_few_decisions_leave_the_shipped_weights_as_they_are() -> None:
    labelled = [one for one in decided(random.Random(3), 2_000, dict(SHIPPED.weights)) if teaches(one.entry_id)]
    assert adapted(labelled[: FEWEST_DECISIONS - 1], SHIPPED, name="own") is None
    assert adapted([], SHIPPED, name="own") is None


def test_one_payer_confirmed_wrongly_a_thousand_times_counts_as_five_decisions() -> None:
    honest = decided(random.Random(4), 3_000, dict(SHIPPED.weights))
    poison = [Labelled(f"bad {at}", "the bad payer", ((*RIVAL, "word: refund"), NUMBER), 0) for at in range(1_000)]
    clean, poisoned = own_model(honest), own_model([*honest, *poison])
    assert poisoned.decisions - clean.decisions == MOST_PER_PAYER
    moved = max(abs(weight - clean.weights.get(name, 0.0)) for name, weight in poisoned.weights.items())
    assert moved <= 0.5
    # Whoever else pays is booked as before: the same best way, at nearly the same probability.
    others = [one for one in honest if not teaches(one.entry_id)]
    before, after = judged(others, clean), judged(others, poisoned)
    assert abs(len(before) - len(after)) <= len(before) // 100


def test_no_weight_ends_further_from_the_shipped_one_than_a_step() -> None:
    absurd = [Labelled(f"e{at}", f"p{at}", (NUMBER, ACCOUNT), NONE_OF_THEM) for at in range(8_000)]
    model = own_model(absurd)
    steps = [abs(weight - SHIPPED.weights.get(name, 0.0)) for name, weight in model.weights.items()]
    assert max(steps) == pytest.approx(LARGEST_STEP, abs=0.01)


def test_few_decisions_move_little_and_many_move_more() -> None:
    truth = dict(SHIPPED.weights) | {"named: running": SHIPPED.weights["named: running"] - 7}
    few, many = (own_model(decided(random.Random(5), number, truth, payers=9_000)) for number in (1_100, 12_000))
    shipped = SHIPPED.weights["named: running"]
    assert shipped > few.weights["named: running"] > many.weights["named: running"] >= shipped - LARGEST_STEP


@settings(max_examples=3, deadline=None)
@given(st.integers())
def test_the_order_of_decisions_decides_nothing(seed: int) -> None:
    labelled = decided(random.Random(6), 2_000, dict(SHIPPED.weights), payers=100)
    model = own_model(labelled)
    shuffled = list(labelled)
    random.Random(seed).shuffle(shuffled)
    assert own_model(shuffled) == model
    assert judged(sorted(shuffled), model) == judged(sorted(labelled), model)


def test_ways_that_were_not_kept_stay_as_likely_as_they_were() -> None:
    alone = Labelled("e", "p", (NUMBER,), 0)
    (sure,) = judged([alone], SHIPPED)
    (unsure,) = judged([alone._replace(others=200.0)], SHIPPED)
    assert sure.probability > unsure.probability
    assert judged([alone._replace(is_proven=True)], SHIPPED) == []


@pytest.mark.parametrize(
    ("arguments", "may"),
    [
        (NUMBER, True),
        (ACCOUNT, True),
        (RIVAL, False),
        (PART, False),
        ((*NUMBER, "amount: doubtful"), False),
        ((*NUMBER, "left out: 1 numbers we do not know"), False),
        ((*NUMBER, "left out: a named settled item"), False),
        ((*NUMBER, "left out: 1 named open items"), True),  # a doubt, which is weighed
        ((*NUMBER, "time: before the invoice"), True),
        ((*ACCOUNT, "time: before the invoice"), False),
        ((*ACCOUNT, "word: advance"), False),
        (("any", "amount: exact", "named: none", "payer: mentioned"), False),
        (("any", "amount: exact", "named: number", "payer: customer_number"), False),
        ((), False),
    ],
)
def test_what_probability_alone_may_book(arguments: tuple[str, ...], may: bool) -> None:
    assert may_book(arguments) is may
