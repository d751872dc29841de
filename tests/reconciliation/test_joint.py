"""The chances of payments that want the same cents are those of naive counting, only quicker."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.joint import Wish, marginals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciliation.joint import Place

ITEMS: Sequence[Place] = (("a", 0, ""), ("b", 0, ""), ("c", 0, ""))
A, B, C = ITEMS

PLACES = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 6), min_size=1, max_size=3)
WAYS = st.lists(st.tuples(st.floats(0.01, 1.0), PLACES), max_size=3).map(tuple)
WISHES = st.lists(st.builds(Wish, st.floats(0.001, 1.0), WAYS), min_size=1, max_size=5)
CAPACITY = st.fixed_dictionaries({place: st.integers(1, 10) for place in ITEMS})


def naive(wishes: Sequence[Wish], capacity: Mapping[Place, int]) -> list[tuple[float, ...]]:
    """Count every combination of ways, and keep those that fit."""
    sums = [[0.0] * (len(wish.ways) + 1) for wish in wishes]
    for combination in product(*(range(len(wish.ways) + 1) for wish in wishes)):
        chosen = [
            (wish.none, {}) if not at else wish.ways[at - 1] for wish, at in zip(wishes, combination, strict=True)
        ]
        used = Counter[tuple[str, int, str]]()
        for _, takes in chosen:
            used.update(takes)
        if all(minor <= capacity[place] for place, minor in used.items()):
            weight = prod(share for share, _ in chosen)
            for payment, at in enumerate(combination):
                sums[payment][at] += weight
    return [tuple(share / sum(of_payment) for share in of_payment[1:]) for of_payment in sums]


@settings(deadline=None)
@given(WISHES, CAPACITY)
def test_chances_are_those_of_naive_counting(wishes: list[Wish], capacity: dict[Place, int]) -> None:
    found = marginals(wishes, capacity)
    assert found is not None
    for mine, theirs in zip(found, naive(wishes, capacity), strict=True):
        assert mine == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None)
@given(WISHES, CAPACITY)
def test_the_order_of_payments_decides_nothing(wishes: list[Wish], capacity: dict[Place, int]) -> None:
    backwards, found = marginals(wishes[::-1], capacity), marginals(wishes, capacity)
    assert found is not None
    assert backwards is not None
    for mine, theirs in zip(found, backwards[::-1], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None)
@given(WISHES, CAPACITY, st.data())
def test_better_evidence_for_a_way_never_lowers_its_chance(
    wishes: list[Wish], capacity: dict[Place, int], data: st.DataObject
) -> None:
    payment = data.draw(st.integers(0, len(wishes) - 1))
    if not wishes[payment].ways:
        return
    way = data.draw(st.integers(0, len(wishes[payment].ways) - 1))
    better = list(wishes[payment].ways)
    better[way] = (better[way][0] * data.draw(st.floats(1.0, 1_000.0)), better[way][1])
    raised = [*wishes[:payment], Wish(wishes[payment].none, tuple(better)), *wishes[payment + 1 :]]
    before, after = marginals(wishes, capacity), marginals(raised, capacity)
    assert before is not None
    assert after is not None
    assert after[payment][way] >= before[payment][way] - 1e-12


def test_a_payment_that_is_alone_keeps_its_chances() -> None:
    found = marginals([Wish(0.1, ((0.7, {A: 5}), (0.2, {B: 5})))], {A: 5, B: 5})
    assert found is not None
    assert found[0] == pytest.approx((0.7, 0.2))


def test_two_equal_payments_of_one_item_have_half_a_chance_each() -> None:
    found = marginals([Wish(1e-6, ((1.0, {A: 100}),))] * 2, {A: 100})
    assert found is not None
    assert [chance for (chance,) in found] == pytest.approx([0.5, 0.5], abs=1e-5)


def test_two_equal_payments_of_two_equal_items_fill_both() -> None:
    found = marginals([Wish(1e-6, ((0.5, {A: 100}), (0.5, {B: 100})))] * 2, {A: 100, B: 100})
    assert found is not None
    for chances in found:
        assert chances == pytest.approx((0.5, 0.5), abs=1e-5)
        assert sum(chances) == pytest.approx(1.0, abs=1e-5)


def test_whose_item_goes_to_a_better_payment_falls_to_the_second() -> None:
    found = marginals(
        [Wish(1e-9, ((1.0, {A: 100}),)), Wish(0.01, ((0.8, {A: 100}), (0.19, {B: 100})))], {A: 100, B: 100}
    )
    assert found is not None
    assert found[0][0] > 0.999
    assert found[1] == pytest.approx((0.0, 0.95), abs=1e-6)


def test_three_parts_that_fit_two_by_two_have_two_thirds_each() -> None:
    found = marginals([Wish(1e-9, ((1.0, {A: 400}),))] * 3, {A: 1_000})
    assert found is not None
    assert [chance for (chance,) in found] == pytest.approx([2 / 3] * 3, abs=1e-6)


def test_three_hundred_payments_of_one_item_are_counted_without_losing_their_weight() -> None:
    found = marginals([Wish(1e-13, ((1.0, {A: 100}),))] * 300, {A: 100})
    assert found is not None
    assert sum(chance for (chance,) in found) == pytest.approx(1.0)


def test_twelve_payments_for_eight_items_are_counted_exactly() -> None:
    places: list[Place] = [(f"i{number}", 0, "") for number in range(8)]
    wish = Wish(1e-6, tuple((1 / 8, {place: 1}) for place in places))
    found = marginals([wish] * 12, dict.fromkeys(places, 1))
    assert found is not None
    assert sum(map(sum, found)) == pytest.approx(8, abs=1e-3)


def test_too_many_combinations_are_not_guessed() -> None:
    places: list[Place] = [(f"i{number}", 0, "") for number in range(18)]
    wish = Wish(0.1, tuple((0.05, {place: 1}) for place in places))
    assert marginals([wish] * 18, dict.fromkeys(places, 1)) is None
