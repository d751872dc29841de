"""Weights are learned from decisions: they find what is true, hold to what was known, and do not mind the order."""

from __future__ import annotations

import random
from math import log
from typing import Final

import pytest

from reconciliation.learning import NONE_OF_THEM, Decision, learned, shares, surprise

TRUE: Final = {"number": 5.0, "amount": 2.0, "stranger": -3.0, "any": -4.0}
NOTHING: Final = dict.fromkeys(TRUE, 0.0)


def _decided(number: int, seed: int = 1) -> list[Decision]:
    """Invent decisions of somebody who weighs exactly as TRUE says."""
    chance = random.Random(seed)
    decisions = []
    for _ in range(number):
        ways = tuple(
            ("any", *(name for name in ("number", "amount", "stranger") if chance.random() < 0.4))
            for _ in range(chance.randint(1, 3))
        )
        believed = shares([sum(TRUE[name] for name in way) for way in ways])
        (right,) = chance.choices([*range(len(ways)), NONE_OF_THEM], believed)
        decisions.append(Decision(ways, right))
    return decisions


def test_the_weights_behind_many_decisions_are_found() -> None:
    found = learned(_decided(20_000), NOTHING, ridge=0.1)
    assert found == pytest.approx(TRUE, abs=0.25)


def test_decisions_in_another_order_teach_the_same() -> None:
    decisions = _decided(500)
    assert learned(decisions, NOTHING, rounds=40) == learned(decisions[::-1], NOTHING, rounds=40)


def test_a_few_decisions_hardly_move_what_was_known() -> None:
    against = [Decision((("any", "number"),), NONE_OF_THEM)] * 2
    found = learned(against, TRUE, ridge=5.0)
    assert found["number"] > TRUE["number"] - 0.5
    assert found["stranger"] == TRUE["stranger"]


def test_learning_makes_decisions_less_surprising() -> None:
    decisions = _decided(2_000)
    found = learned(decisions, NOTHING, ridge=0.5)
    assert surprise(decisions, found) < surprise(decisions, NOTHING)
    # On payments it has not seen it is nearly as good as the truth itself.
    unseen = _decided(2_000, seed=2)
    assert surprise(unseen, found) < surprise(unseen, TRUE) + 0.01


def test_who_knows_nothing_gives_every_way_the_same_share() -> None:
    assert shares([0.0, 0.0]) == pytest.approx([1 / 3] * 3)
    assert surprise([Decision((("any",),), 0)], {}) == pytest.approx(log(2))


def test_an_overwhelming_score_does_not_overflow() -> None:
    assert shares([1e6, -1e6]) == [1.0, 0.0, 0.0]
