"""The promise behind automatic booking (Zertifikat): a threshold, how often it errs at most, and how sure that is.

Learn then Test (Angelopoulos et al., 2021) with fixed sequences: thresholds are tried from the safest on, each by an
exact binomial test, and the last one before the first failure is certified. Two sequences share the risk: one begins
with the smallest sample, where a single error ends it, one with a sample that has room for a few. The usual way, to
take the threshold at which the *observed* error is small enough, breaks its promise about every second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log1p
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

CONFIDENCE: Final = 0.95  # that a certificate holds, as long as payments go on as they were
_STEPS: Final = 60  # of bisection: more digits than a float has
_BEGINNINGS: Final = (1, 3)  # times the smallest sample
_GROWTH: Final = 1.02  # each threshold tried accepts two per cent more payments than the one before


class Decided(NamedTuple):
    """A payment of the sample: how probable its best booking was, and whether the accountant booked the same."""

    probability: float
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was promised, on what grounds. It holds for payments like those of the sample, and for no others."""

    threshold: float  # least probability that is booked without a person
    target: float  # share of wrong bookings that is not exceeded
    confidence: float
    accepted: int  # payments of the sample at or above the threshold
    errors: int  # of these
    bound: float  # share of errors that is not exceeded, by these figures alone
    issued_on: date
    sample: str  # hash of the sample, so that it can be shown what the figures were taken from


def certify(
    sample: Iterable[Decided], *, target: float, issued_on: date, name: str, confidence: float = CONFIDENCE
) -> Certificate | None:
    """Give the lowest threshold that can be promised; None where the sample is too small or errs too often.

    Even without any error it takes some thousand accepted payments, see ``smallest_sample``.
    """
    ordered = sorted(sample, key=lambda one: -one.probability)
    # Each sequence may be wrong with a part of the risk, so that together they are not wrong more often.
    each = 1 - (1 - confidence) / len(_BEGINNINGS)
    smallest = smallest_sample(target, each)
    ends = [_last_certified(ordered, smallest * times, target, each) for times in _BEGINNINGS]
    accepted = max(ends)
    if not accepted:
        return None
    errors = _errors(ordered, accepted)
    return Certificate(
        threshold=ordered[accepted - 1].probability,
        target=target,
        confidence=confidence,
        accepted=accepted,
        errors=errors,
        bound=upper_bound(errors, accepted, each),
        issued_on=issued_on,
        sample=name,
    )


def _last_certified(ordered: Sequence[Decided], first: int, target: float, confidence: float) -> int:
    """Give how many payments the last threshold of one sequence accepts; 0 where the first one fails."""
    certified = 0
    for accepted in _sequence(ordered, first):
        if at_most(_errors(ordered, accepted), accepted, target) > 1 - confidence:
            break
        certified = accepted
    return certified


def _errors(ordered: Sequence[Decided], accepted: int) -> int:
    return sum(1 for one in ordered[:accepted] if not one.is_right)


def smallest_sample(target: float, confidence: float = CONFIDENCE) -> int:
    """Give how many payments without a single error it takes to promise ``target``: 2,995 for one in a thousand."""
    return ceil(log(1 - confidence) / log1p(-target))


def upper_bound(errors: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """Give the share of errors that is not exceeded with this confidence (Clopper and Pearson, 1934; one-sided)."""
    if errors >= trials:
        return 1.0
    low, high = errors / trials, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if at_most(errors, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def at_most(errors: int, trials: int, share: float) -> float:
    """Give the probability of at most so many errors where each trial errs with probability ``share``."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return float(errors >= trials)
    whole = lgamma(trials + 1)
    terms = (
        whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(share) + (trials - k) * log1p(-share)
        for k in range(errors + 1)
    )
    return min(1.0, sum(map(exp, terms)))


def _sequence(ordered: Sequence[Decided], smallest: int) -> Iterable[int]:
    """Give how many payments each threshold accepts, the strictest first.

    Chosen by the probabilities alone: a sequence that looked at the errors would be no fair test. Payments of equal
    probability are accepted together.
    """
    accepted = smallest
    while accepted <= len(ordered):
        last = ordered[accepted - 1].probability
        while accepted < len(ordered) and ordered[accepted].probability == last:
            accepted += 1
        yield accepted
        accepted = max(accepted + 1, ceil(accepted * _GROWTH))
