"""How probable each way to book is once no cent may be taken twice (gemeinsame Wahrscheinlichkeit)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_STATES: Final = 20_000  # about a tenth of a second; real nights need a few dozen

Place = tuple[str, int, str]  # an item, a stretch of time, and a name where it is about equal payments
_State = tuple[int, ...]  # what is left of each place


class Wish(NamedTuple):
    """One payment: the weight of "none of them", and each way with its weight and what it takes from which place.

    Weights are relative: only their ratios within one payment count.
    """

    none: float
    ways: tuple[tuple[float, Mapping[Place, int]], ...]


def marginals(
    wishes: Sequence[Wish], capacity: Mapping[Place, int], most_states: int = MOST_STATES
) -> tuple[tuple[float, ...], ...] | None:
    """Give the probability of every way of every payment, among all combinations that fit into the places.

    A combination chooses one way, or none, for each payment; its weight is the product of theirs; it fits if no place
    gives more than its capacity. The sum over all of them is exact: payments are gone through one after the other,
    and combinations that leave the same are carried on together (forward-backward algorithm, as in Rabiner, 1989, on
    the lattice of what is left). None where more than ``most_states`` would have to be kept apart.
    """
    places = sorted({place for wish in wishes for _, takes in wish.ways for place in takes})
    number = {place: at for at, place in enumerate(places)}
    moves = [_moves(wish, number) for wish in wishes]
    steps = _forwards(tuple([capacity[place] for place in places]), moves, most_states)
    return _backwards(steps, moves) if steps else None


class _Move(NamedTuple):
    """One way of a payment, with what it takes by the number of the place."""

    weight: float
    takes: tuple[tuple[int, int], ...]


class _Step(NamedTuple):
    """Where the payments before one may have led, and where each of its own moves leads from there."""

    weights: dict[_State, float]
    possible: list[tuple[_State, int, _State]]


def _moves(wish: Wish, number: Mapping[Place, int]) -> list[_Move]:
    ways = [_Move(weight, tuple([(number[p], minor) for p, minor in takes.items()])) for weight, takes in wish.ways]
    return [_Move(wish.none, ()), *ways]


def _forwards(start: _State, moves: Sequence[Sequence[_Move]], most_states: int) -> list[_Step] | None:
    """Add up the weights of everything the payments so far may have chosen, by what it leaves."""
    steps, weights, states = [], {start: 1.0}, 1
    for of_payment, forgotten in zip(moves, _wanted_last(moves), strict=True):
        possible = []
        after: defaultdict[_State, float] = defaultdict(float)
        for state, weight in weights.items():
            for number, move in enumerate(of_payment):
                left = _left(state, move, forgotten)
                if left is not None:
                    possible.append((state, number, left))
                    after[left] += weight * move.weight
        states += len(after)
        if states > most_states:
            return None
        steps.append(_Step(weights, possible))
        weights = _scaled(after)
    return steps


def _backwards(steps: Sequence[_Step], moves: Sequence[Sequence[_Move]]) -> tuple[tuple[float, ...], ...]:
    """Go back, and share each payment out among its ways by what the payments after it can do with the rest."""
    beyond = {left: 1.0 for _, _, left in steps[-1].possible} if steps else {}
    found = []
    for step, of_payment in zip(reversed(steps), reversed(moves), strict=True):
        sums = [0.0] * len(of_payment)
        here: dict[_State, float] = defaultdict(float)
        for state, number, left in step.possible:
            worth = of_payment[number].weight * beyond[left]
            here[state] += worth
            sums[number] += step.weights[state] * worth
        beyond = _scaled(here)
        everything = sum(sums)
        found.append(tuple([one / everything for one in sums[1:]]))
    return tuple(reversed(found))


def _wanted_last(moves: Sequence[Sequence[_Move]]) -> list[list[int]]:
    """Give for each payment the places that nobody after it wants: what is left of them need not be told apart."""
    last = {at: payment for payment, of_payment in enumerate(moves) for move in of_payment for at, _ in move.takes}
    wanted: list[list[int]] = [[] for _ in moves]
    for at, payment in last.items():
        wanted[payment].append(at)
    return wanted


def _left(state: _State, move: _Move, forgotten: Sequence[int]) -> _State | None:
    """Say what a move leaves, None where it takes more than there is."""
    if not move.takes and not forgotten:
        return state
    left = list(state)
    for at, minor in move.takes:
        left[at] -= minor
        if left[at] < 0:
            return None
    for at in forgotten:
        left[at] = 0
    return tuple(left)


def _scaled(weights: Mapping[_State, float]) -> dict[_State, float]:
    """Relate all weights to the largest, so that the product of hundreds of payments is still a number."""
    largest = max(weights.values())
    return {state: weight / largest for state, weight in weights.items()}
