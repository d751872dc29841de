"""Learns the weights we ship and certifies their threshold: ``python -m benchmarks.matching.fit``, some minutes.

Weights come from the companies of FIT_SEEDS, where nights are booked by the truth; the certificate from what the
engine then books on the companies of THRESHOLD_SEEDS. Writes ``reconciliation/learned_weights.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.matching.books import invent, month_of
from benchmarks.matching.measures import is_right
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.replay import replay, thought
from benchmarks.matching.seeds import FIT_SEEDS, THRESHOLD_SEEDS
from reconciliation.certificate import Certificate, Decided, certify
from reconciliation.classes import CERTIFIED
from reconciliation.learned_weights import SHIPPED
from reconciliation.learning import NONE_OF_THEM, Decision, learned
from reconciliation.model import Model
from reconciliation.settings import MatchSettings
from reconciliation.weights import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.matching.books import Books

_WRITTEN: Final = Path(__file__).parents[2] / "reconciliation" / "learned_weights.py"
_RIDGE: Final = 0.3
_ROUNDS: Final = 250
_TARGET: Final = 0.003  # wrong bookings among those by probability alone: one in eight, which no class covers
_LEAST: Final = 0.98  # below, nothing is booked by probability alone, whatever could be certified
_SHOWN: Final = (0.95, 0.97, 0.98, 0.99, 0.995, 0.998)
_DIGITS: Final = 2  # of a weight; more would promise what no sample shows

# Most companies are of the usual kind; the others keep the weights from being theirs alone.
_KINDS: Final = (
    "default",
    "default",
    "default",
    "dirty",
    "default",
    "cold",
    "b2c",
    "default",
    "property",
    "collision",
)


def main() -> None:
    """Learn, certify, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching.fit")
    parser.add_argument("--companies", type=int, default=24, help="how many to learn from")
    parser.add_argument("--judged", type=int, default=60, help="how many to certify with")
    parser.add_argument("--issued-on", type=date.fromisoformat, required=True, help="date of the certificate")
    parser.add_argument("--keep-weights", action="store_true", help="certify the weights we have, and learn none")
    wishes = parser.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        weights, decisions = dict(SHIPPED.weights), SHIPPED.decisions
        if not wishes.keep_weights:
            taught = list(chain.from_iterable(processes.map(_decisions, *_companies(FIT_SEEDS[: wishes.companies]))))
            found = learned(taught, BY_HAND, ridge=_RIDGE, rounds=_ROUNDS)
            weights = {name: round(weight, _DIGITS) + 0.0 for name, weight in found.items()}  # no -0.0
            decisions = len(taught)
        # Asked without a threshold what it would book, and then measured from where on it may.
        model = Model(name="learned", weights=weights, certificate=_unlimited(wishes.issued_on))
        profiles, seeds = _companies(THRESHOLD_SEEDS[: wishes.judged])
        sample = list(chain.from_iterable(processes.map(_decided, profiles, seeds, [model] * len(seeds))))
    digest = hashlib.sha256(repr(sorted(sample)).encode()).hexdigest()[:16]
    certificate = certify(
        [one for one in sample if one.probability >= _LEAST], target=_TARGET, issued_on=wishes.issued_on, name=digest
    )
    _WRITTEN.write_text(_source(weights, certificate, decisions), encoding="utf-8")
    for least in _SHOWN:
        accepted = [one for one in sample if one.probability >= least]
        print(f"from {least}: {len(accepted):,} booked, {sum(not one.is_right for one in accepted)} of them wrong")
    print(f"{decisions:,} decisions, {len(weights)} weights, {len(sample):,} judged: {certificate}")


def _companies(seeds: Sequence[int]) -> tuple[list[str], list[int]]:
    return [_KINDS[at % len(_KINDS)] for at in range(len(seeds))], list(seeds)


def _decisions(profile: str, seed: int) -> list[Decision]:
    books = invent(PROFILES[profile], seed)
    start = month_of(books, books.profile.months // 2)
    return list(_decided_by_truth(books, start))


def _decided_by_truth(books: Books, start: date) -> Iterator[Decision]:
    months = books.profile.history_months
    for case in thought(books, settings=MatchSettings(), start=start, history_months=months):
        truth = books.truth[case.entry.entry_id]
        ways = sorted((w.arguments, is_right(w.hypothesis.allocations, truth)) for w in case.weighed)
        right = next((at for at, (_, is_true) in enumerate(ways) if is_true), NONE_OF_THEM)
        yield Decision(tuple(way for way, _ in ways), right if truth.bookings else NONE_OF_THEM)


def _decided(profile: str, seed: int, model: Model) -> list[Decided]:
    """Give what was booked by probability alone, and whether it was right."""
    books = invent(PROFILES[profile], seed)
    start = month_of(books, books.profile.months // 2)
    months = books.profile.history_months
    played = replay(books, settings=MatchSettings(), start=start, history_months=months, model=model)
    return [
        Decided(outcome.proposals[0].probability, is_right(outcome.allocations, books.truth[entry_id]))
        for entry_id, outcome in played.outcomes.items()
        if outcome.allocations and outcome.proposals[0].evidence_class == CERTIFIED
    ]


def _unlimited(day: date) -> Certificate:
    return Certificate(
        threshold=0.0, target=1.0, confidence=0.0, accepted=0, errors=0, bound=1.0, issued_on=day, sample=""
    )


def _source(weights: dict[str, float], certificate: Certificate | None, decisions: int) -> str:
    lines = "\n".join(f'        "{name}": {weight},' for name, weight in sorted(weights.items()))
    first = f"The weights we ship, learned from {decisions:,} payments of invented companies."
    return f'''"""{first}"""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Final

from reconciliation.certificate import Certificate
from reconciliation.model import Model

_WEIGHTS: Final = MappingProxyType(
    {{
{lines}
    }}
)

_CERTIFICATE: Final = {_certificate_source(certificate)}

SHIPPED: Final = Model(
    name="learned from invented companies",
    weights=_WEIGHTS,
    decisions={decisions},
    certificate=_CERTIFICATE,
)
'''


def _certificate_source(certificate: Certificate | None) -> str:
    if certificate is None:
        return "None"
    one, day = certificate, certificate.issued_on
    return (
        "Certificate(\n"
        f"    threshold={one.threshold!r},\n    target={one.target!r},\n    confidence={one.confidence!r},\n"
        f"    accepted={one.accepted!r},\n    errors={one.errors!r},\n    bound={one.bound!r},\n"
        f"    issued_on=date({day.year}, {day.month}, {day.day}),\n    sample={one.sample!r},\n)"
    )


if __name__ == "__main__":
    main()
