"""How much each argument weighs (Gewichtungsmodell), and where the weights come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from reconciliation.outcome import Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciliation.certificate import Certificate

_MOST_KEPT: Final = 20_000

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights in log-odds: 1 makes a booking 2.7 times as likely, 3 twenty times, 7 a thousand times.

    Learned as a conditional logit (McFadden, 1974): among all ways to book an entry, and "none of them" at weight 0,
    each is as likely as the exponential of its sum of weights.
    """

    name: str
    weights: Mapping[str, float] = field(repr=False)
    decisions: int = 0  # payments the weights were learned from
    certificate: Certificate | None = None  # without it only the named classes may book
    # Most payments have the same arguments as thousands of others.
    _weighed: dict[tuple[str, ...], tuple[Weight, ...]] = field(default_factory=dict, repr=False, compare=False)
    _scores: dict[tuple[str, ...], float] = field(default_factory=dict, repr=False, compare=False)

    def weigh(self, arguments: tuple[str, ...]) -> tuple[Weight, ...]:
        """Give the weight of each argument that says something, the heaviest first."""
        known = self._weighed.get(arguments)
        if known is None:
            weighed = [Weight(argument, self.weights.get(argument, 0.0)) for argument in arguments]
            known = tuple(sorted([one for one in weighed if one.log_odds], key=_heaviest))
            _keep(self._weighed, arguments, known)
        return known

    def score(self, arguments: tuple[str, ...]) -> float:
        """Add up the weights; an argument that was never seen while learning says nothing."""
        known = self._scores.get(arguments)
        if known is None:
            known = sum([self.weights.get(argument, 0.0) for argument in arguments])
            _keep(self._scores, arguments, known)
        return known


def _keep(cache: dict[tuple[str, ...], V], arguments: tuple[str, ...], value: V) -> None:
    if len(cache) >= _MOST_KEPT:
        cache.clear()
    cache[arguments] = value


def _heaviest(weight: Weight) -> tuple[float, str]:
    return (-abs(weight.log_odds), weight.argument)
