"""Learning the weights of arguments from decided payments (Lernen): a conditional logit that begins at a prior.

Pure arithmetic over counted patterns: no payment and no name is remembered, and the same decisions in any order give
the same weights.
"""

from __future__ import annotations

from collections import Counter
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NONE_OF_THEM: Final = -1

# Adam (Kingma and Ba, 2015) over all patterns at once, so that nothing depends on their order.
_STEP: Final = 0.08
_SMOOTHING: Final = (0.9, 0.99)
_TINY: Final = 1e-9


class Decision(NamedTuple):
    """What a careful accountant chose among the ways to book one payment, each given by its arguments."""

    ways: tuple[tuple[str, ...], ...]
    right: int  # which of them, or NONE_OF_THEM


def learned(
    decisions: Iterable[Decision], prior: Mapping[str, float], *, ridge: float = 1.0, rounds: int = 300
) -> dict[str, float]:
    """Give the weights under which the decisions are likeliest, held to their prior as by ``1 / ridge`` variance.

    An argument that occurs rarely stays near its prior: a few confirmations cannot turn the matching upside down.
    """
    counted = sorted(Counter(decisions).items())
    names = sorted({name for decision, _ in counted for way in decision.ways for name in way} | prior.keys())
    place = {name: at for at, name in enumerate(names)}
    patterns = [
        _Pattern([[place[name] for name in way] for way in decision.ways], decision.right, count)
        for decision, count in counted
    ]
    start = [prior.get(name, 0.0) for name in names]
    weights = _descend(patterns, start, ridge, rounds)
    return dict(zip(names, weights, strict=True))


def surprise(decisions: Iterable[Decision], weights: Mapping[str, float]) -> float:
    """Give the mean surprise (negative log-likelihood) of decisions under weights; 0 is perfect foresight."""
    total, number = 0.0, 0
    for decision in decisions:
        scores = [sum(weights.get(name, 0.0) for name in way) for way in decision.ways]
        total -= log(max(shares(scores)[decision.right], _TINY))
        number += 1
    return total / max(1, number)


def shares(scores: Sequence[float]) -> list[float]:
    """Give the probability of each way, and at the end that of none."""
    best = max((0.0, *scores))
    odds = [*(exp(score - best) for score in scores), exp(-best)]
    whole = sum(odds)
    return [one / whole for one in odds]


class _Pattern(NamedTuple):
    ways: list[list[int]]  # places of the arguments
    right: int
    times: int


def _descend(patterns: Sequence[_Pattern], start: Sequence[float], ridge: float, rounds: int) -> list[float]:
    weights, first, second = list(start), [0.0] * len(start), [0.0] * len(start)
    number = sum(pattern.times for pattern in patterns) or 1
    for turn in range(1, rounds + 1):
        slope = _slope(patterns, weights)
        for at in range(len(weights)):
            steep = (slope[at] + ridge * (weights[at] - start[at])) / number
            first[at] += (1 - _SMOOTHING[0]) * (steep - first[at])
            second[at] += (1 - _SMOOTHING[1]) * (steep * steep - second[at])
            speed = first[at] / (1 - _SMOOTHING[0] ** turn)
            weights[at] -= _STEP * speed / (sqrt(second[at] / (1 - _SMOOTHING[1] ** turn)) + _TINY)
    return weights


def _slope(patterns: Sequence[_Pattern], weights: Sequence[float]) -> list[float]:
    """Give the gradient of the surprise: how much each argument is believed in, less how often it was right."""
    slope = [0.0] * len(weights)
    for ways, right, times in patterns:
        believed = shares([sum([weights[at] for at in way]) for way in ways])
        for way, share in zip(ways, believed, strict=False):
            for at in way:
                slope[at] += times * share
        if right != NONE_OF_THEM:
            for at in ways[right]:
                slope[at] -= times
    return slope
