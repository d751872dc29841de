"""The company's own weights (Anpassung): learned from what its people decided, held to the ones we ship.

Three limits keep a wrong confirmation from harming anybody but its own payer: of one payer only so many decisions
count, every weight is pulled back to the shipped one as by so many decisions against it, and none may end further
from it than a bounded step. What the weights learn from and what their certificate is measured on are kept apart.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciliation.certificate import Decided, certify
from reconciliation.clues import NAMED_IN_FULL, Naming, Payer
from reconciliation.interpretation import SETTLES_EXACTLY
from reconciliation.learning import NONE_OF_THEM, Decision, learned
from reconciliation.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from reconciliation.certificate import Certificate

FEWEST_DECISIONS: Final = 200  # below, the shipped weights stay as they are
FEWEST_ACCEPTED: Final = 3_000  # fewer would make a promise of little worth, whatever the bound says
MOST_PER_PAYER: Final = 5  # decisions of one payer that count; the others say the same again
LARGEST_STEP: Final = 1.0  # log-odds between an own weight and the shipped one: odds change by 2.7 at most
LEAST_PROBABILITY: Final = 0.98  # below, nothing is booked by probability alone, whatever could be certified

_MOST_DECISIONS: Final = 5_000  # more teach nothing new and take minutes
_RIDGE: Final = 10.0  # an argument must be wrong in ten decisions before its weight moves by one
_ROUNDS: Final = 120
_DIGITS: Final = 2  # of a weight; more would promise what no sample shows
_ONE_IN: Final = 5  # decisions teach the weights; the other four fifths are kept for the certificate

LABELS_NEEDED: Final = FEWEST_DECISIONS * _ONE_IN  # before an adaptation is tried

_EXACT: Final = frozenset(f"amount: {one.value}" for one in SETTLES_EXACTLY)
_SOMEBODY_WE_KNOW: Final = frozenset(
    f"payer: {one.value}" for one in Payer if one not in {Payer.UNKNOWN, Payer.OTHER, Payer.CUSTOMER_NUMBER}
)
_BY_ACCOUNT_OR_NAME: Final = frozenset({f"payer: {Payer.KNOWN.value}", f"payer: {Payer.SAME_NAME.value}"})
_IN_FULL: Final = frozenset(f"named: {one.value}" for one in NAMED_IN_FULL)
_FORBIDS: Final = frozenset(
    {
        "amount: doubtful",
        "amount: exact with others",
        "left out: a named settled item",
        "left out: 1 numbers we do not know",
        "left out: 2+ numbers we do not know",
        "time: the same payment days ago",
    }
)
_FORBIDS_WITHOUT_NUMBER: Final = frozenset({"time: before the invoice", "word: advance"})


class Labelled(NamedTuple):
    """A decided payment: every way to book it that was weighed, and which one a person took."""

    entry_id: str
    payer: str  # account or name: whose decisions count only so often
    ways: tuple[tuple[str, ...], ...]  # each by its arguments
    right: int  # which of them, or NONE_OF_THEM
    others: float = 0.0  # odds of ways that were not kept, where "none of them" has 1
    is_proven: bool = False  # a named class booked it, so its probability decided nothing


def teaches(entry_id: str) -> bool:
    """Whether a decision belongs to those the weights learn from; the others are kept for the certificate.

    By a hash of the entry alone, so that no decision ever changes sides.
    """
    return _hashed(entry_id) % _ONE_IN == 0


def adapted(labelled: Iterable[Labelled], shipped: Model, *, name: str) -> Model | None:
    """Give a company's own weights, without a certificate; None where too few decisions count."""
    counted = _counting(one for one in labelled if one.ways and teaches(one.entry_id))
    if len(counted) < FEWEST_DECISIONS:
        return None
    decisions = [Decision(*_in_order(one)) for one in counted]
    found = learned(decisions, shipped.weights, ridge=_RIDGE, rounds=_ROUNDS)
    weights = {argument: _bounded(weight, shipped.weights.get(argument, 0.0)) for argument, weight in found.items()}
    return Model(name=name, weights=weights, decisions=len(counted))


def certified(labelled: Iterable[Labelled], model: Model, *, target: float, issued_on: date) -> Certificate | None:
    """Certify weights on the decisions they did not learn from; None where that is too little, or too often wrong."""
    sample = judged((one for one in labelled if not teaches(one.entry_id)), model)
    digest = hashlib.sha256(repr(sorted(sample)).encode()).hexdigest()[:16]
    certificate = certify(sample, target=target, issued_on=issued_on, name=digest)
    return certificate if certificate is not None and certificate.accepted >= FEWEST_ACCEPTED else None


def judged(labelled: Iterable[Labelled], model: Model) -> list[Decided]:
    """Give the decisions that probability alone could have booked, right or wrong."""
    sample = []
    for one in labelled:
        if one.ways and not one.is_proven:
            best, probability = _best(one, model.weights)
            if probability >= LEAST_PROBABILITY and may_book(one.ways[best]):
                sample.append(Decided(probability, best == one.right))
    return sample


def may_book(arguments: Iterable[str]) -> bool:
    """Whether arguments leave the decision to probability alone, as far as they can say.

    What they cannot say (another currency, a rule of the company) would have asked a person. It makes the sample
    harder than what is booked, and the certificate stricter.
    """
    said = frozenset(arguments)
    if said & _FORBIDS or not said & _EXACT or not said & _SOMEBODY_WE_KNOW:
        return False
    if said & _IN_FULL:
        return True
    by_nothing = f"named: {Naming.NONE.value}" in said
    return not said & _FORBIDS_WITHOUT_NUMBER and not (by_nothing and not said & _BY_ACCOUNT_OR_NAME)


def _best(one: Labelled, weights: Mapping[str, float]) -> tuple[int, float]:
    """Give the most probable way, the first of equals, with its share of all that is possible."""
    scores = [sum(weights.get(argument, 0.0) for argument in way) for way in one.ways]
    best = max(range(len(scores)), key=lambda at: (scores[at], -at))
    highest = max(0.0, scores[best])
    everything = sum(exp(score - highest) for score in scores) + (1.0 + one.others) * exp(-highest)
    return best, exp(scores[best] - highest) / everything


def _counting(labelled: Iterable[Labelled]) -> list[Labelled]:
    """Keep so many decisions of each payer, and so many in all: chosen by hash, so that no order decides."""
    of_payer: defaultdict[str, list[Labelled]] = defaultdict(list)
    for one in labelled:
        of_payer[one.payer or one.entry_id].append(one)
    some = [one for every in of_payer.values() for one in _first(every, MOST_PER_PAYER)]
    return _first(some, _MOST_DECISIONS)


def _first(labelled: Sequence[Labelled], number: int) -> list[Labelled]:
    return sorted(labelled, key=lambda one: (_hashed(f"order {one.entry_id}"), one.entry_id))[:number]


def _in_order(one: Labelled) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Put the ways into an order of their own, so that equal patterns are counted together."""
    ways = sorted((way, at == one.right) for at, way in enumerate(one.ways))
    right = next((at for at, (_, is_right) in enumerate(ways) if is_right), NONE_OF_THEM)
    return tuple(way for way, _ in ways), right


def _bounded(weight: float, shipped: float) -> float:
    bounded = min(max(weight, shipped - LARGEST_STEP), shipped + LARGEST_STEP)
    return round(bounded, _DIGITS) + 0.0  # no -0.0


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
