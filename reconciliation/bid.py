"""The bid (Gebot): what one payment wants of which items, as far as other payments need to know it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, inf, nextafter
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciliation.classes import CERTIFIED, blocked_because, class_of
from reconciliation.index import account_key, entry_key
from reconciliation.interpretation import principal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ledger.money import Money
    from reconciliation.case import Case
    from reconciliation.weighing import Weighed

NEVER: Final = inf  # more than any probability
_WORTH_COMPARING: Final = 0.01  # a less probable way is no reason to doubt another payment


class Way(NamedTuple):
    """One way to book a payment."""

    takes: tuple[tuple[str, int], ...]  # items, and minor units of what is open on them, whatever their sign
    score: float
    probability: float  # as if this were the only payment
    least: float  # the probability from which on nobody needs to look; NEVER where no probability is enough
    is_proven: bool  # whether a named class proves it, not its probability

    @property
    def is_automatic(self) -> bool:
        """Whether it would be booked without a person if this were the only payment."""
        return self.probability >= self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """One payment and its ways that are worth comparing, best first, numbered like ``Case.weighed``.

    It is small, so that it travels cheaply between processes; the clues behind it stay where they were found.
    """

    entry_id: str
    since: date  # the day from which its items are paid
    amount: Money
    account: str
    alike: tuple[str, str, int, str]  # equal payments have equal keys, see ``entry_key``
    ways: tuple[Way, ...]
    others: float  # the probability of everything else, "none of them" included

    @property
    def is_automatic(self) -> bool:
        """Whether its best way would be booked without a person if this were the only payment."""
        return bool(self.ways) and self.ways[0].is_automatic

    def has_payer_of(self, other: Bid) -> bool:
        """Whether two payments come from one account, or look the same where the bank does not tell the account."""
        return self.alike == other.alike or (self.account == other.account != "")


def bid_of(case: Case) -> Bid:
    """Reduce a case to what the other payments of the night need to know."""
    ways = tuple(
        _way(case, number)
        for number, weighed in enumerate(case.weighed)
        if not number or weighed.probability >= _WORTH_COMPARING
    )
    return Bid(
        entry_id=case.entry.entry_id,
        since=case.entry.booking_date,
        amount=case.entry.amount,
        account=account_key(case.entry.payer_iban),
        alike=entry_key(case.entry),
        ways=ways,
        others=max(_none_of_them(case), 1.0 - sum(way.probability for way in ways)),
    )


def preferring(case: Case, number: int, probability: float | None) -> Case:
    """Give the case where the ways before one of its ways are out of question, and that one is so probable."""
    if probability is None and not number:
        return case
    chosen = case.weighed[number]
    if probability is not None:
        chosen = chosen.with_probability(probability)
    return replace(case, weighed=(chosen, *case.weighed[number + 1 :]), proofs={}, doubts={})


def weighed_together(case: Case, chances: Sequence[float] | None) -> tuple[Weighed, ...]:
    """Give the ways of a case with the probabilities they have among all payments of the night, best first."""
    if chances is None:
        return case.weighed
    compared = (w.with_probability(chance) for w, chance in zip(case.weighed, chances, strict=False))
    # Stable: what is equally probable keeps the order of weighing.
    return tuple(sorted((*compared, *case.weighed[len(chances) :]), key=lambda w: -w.probability))


def _way(case: Case, number: int) -> Way:
    weighed = case.weighed[number]
    takes = tuple([(item_id, abs(minor)) for item_id, minor in principal(weighed.hypothesis.allocations).items()])
    return Way(takes, weighed.score, weighed.probability, *_least(case, number))


def _least(case: Case, number: int) -> tuple[float, bool]:
    """Say which probability a way needs, and whether a named class proves it or its probability has to."""
    weighed, settings = case.weighed[number], case.index.settings
    if case.asked or weighed.hypothesis.doubt or not weighed.hypothesis.item_ids:
        return NEVER, False
    if (
        number and not weighed.hypothesis.settles_exactly
    ):  # a part or a rest that only a rival's success would explain
        return NEVER, False
    certificate = case.model.certificate if settings.book_by_certificate else None
    # Half is the toss of a coin, so half is never enough.
    needed = max(settings.auto_minimum_probability, nextafter(0.5, 1.0))
    highest = max(needed, certificate.threshold if certificate else 0.0)
    enough = not number and weighed.probability >= highest
    # Whatever is not probable enough by itself may become it when others want its rivals: asked as if it were.
    asked = case if enough else preferring(case, number, 1.0)
    assert asked.best is not None, case.entry
    proof = class_of(asked, asked.best)
    if proof is None or blocked_because(asked):
        return NEVER, False
    return (highest, False) if proof.name == CERTIFIED else (needed, True)


def _none_of_them(case: Case) -> float:
    """Give the probability that a payment is none of ours: its odds are 1, see ``weigh``."""
    return case.weighed[0].probability * exp(-case.weighed[0].score) if case.weighed else 1.0
