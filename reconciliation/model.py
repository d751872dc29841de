"""How much each argument weighs (Gewichtungsmodell), and where the weights come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciliation.outcome import Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciliation.certificate import Certificate


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

    def weigh(self, arguments: Iterable[str]) -> tuple[Weight, ...]:
        """Give the weight of each argument that says something, the heaviest first."""
        weighed = (Weight(argument, self.weights.get(argument, 0.0)) for argument in arguments)
        return tuple(
            sorted((one for one in weighed if one.log_odds), key=lambda one: (-abs(one.log_odds), one.argument))
        )

    def score(self, arguments: Iterable[str]) -> float:
        """Add up the weights; an argument that was never seen while learning says nothing."""
        weights = self.weights
        return sum(weights[argument] for argument in arguments if argument in weights)
