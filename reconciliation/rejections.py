"""Rejections (Ablehnungen): what a person said not to be the booking of an entry, and why it was proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciliation.clues import NAMING
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from ledger.allocation import Allocation
    from reconciliation.outcome import Evidence, Outcome, Proposal
    from reconciliation.weighing import Weighed

# Where these say it all, the other rules were never asked (rules.all_evidence).
_ASKED_FIRST: Final = NAMING | {"known_payer"}


class Subject(NamedTuple):
    """What a booking is about, whatever it makes of the amount: the same documents of the same debtors."""

    item_ids: tuple[str, ...]  # sorted; empty for credit on account
    debtor_numbers: tuple[str, ...]  # sorted


class Ground(NamedTuple):
    """One reason a proposal rested on. What the rule said is kept for people: it may be worded anew every night."""

    rule: str
    about: str  # item id or debtor number
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A person's word that an entry does not settle just these documents."""

    entry_id: str
    subject: Subject
    grounds: tuple[Ground, ...]  # everything that spoke for it then; nothing, where a person had assigned it by hand
    rejected_on: date
    who: str
    why: str


def subject_of(allocations: Iterable[Allocation]) -> Subject:
    """Say what some allocations are about."""
    every = list(allocations)
    return Subject(
        tuple(sorted({a.item_id for a in every if a.item_id})),
        tuple(sorted({a.debtor_number for a in every if a.debtor_number})),
    )


def grounds_of(evidence: Iterable[Evidence]) -> tuple[Ground, ...]:
    """Write down what a proposal rests on, each reason once, in an order of its own."""
    return tuple(sorted({Ground(clue.rule, clue.item_id or clue.debtor_number, clue.says) for clue in evidence}))


def respected(weighed: Sequence[Weighed], rejections: Sequence[Rejection]) -> tuple[Weighed, ...]:
    """Leave out what was rejected for the reasons it still rests on; what has a new reason comes back and says so.

    The rest is no more probable for it: where the best was wrong, "none of them" has become likelier.
    """
    if not rejections:
        return tuple(weighed)
    kept = []
    for one in weighed:
        before = _about(one.hypothesis.allocations, rejections)
        if before and not _news(one.evidence, before):
            continue
        says = (*one.hypothesis.says, *_came_back(one.evidence, before))
        kept.append(replace(one, hypothesis=replace(one.hypothesis, says=says)))
    return tuple(kept)


def respecting(outcome: Outcome, rejections: Sequence[Rejection]) -> Outcome:
    """Do the same for an outcome that was not weighed with others: the return of a payment."""
    if not rejections:
        return outcome
    proposals = tuple(_marked(p, rejections) for p in outcome.proposals if not _is_rejected(p, rejections))
    return replace(
        outcome,
        state=outcome.state if outcome.state is EntryState.IGNORED else EntryState.REVIEW,
        allocations=(),
        proposals=proposals,
        reasons=(*asked_again(rejections), *outcome.reasons),
    )


def asked_again(rejections: Iterable[Rejection]) -> tuple[str, ...]:
    """Say why a person goes on where a person has spoken: nothing is booked by what is left over."""
    return tuple(dict.fromkeys(f"a booking of this entry {_told(one)}, so a person decides" for one in rejections))


def _is_rejected(proposal: Proposal, rejections: Sequence[Rejection]) -> bool:
    before = _about(proposal.allocations, rejections)
    return bool(before) and not _news(proposal.evidence, before)


def _marked(proposal: Proposal, rejections: Sequence[Rejection]) -> Proposal:
    before = _about(proposal.allocations, rejections)
    return replace(proposal, reasons=(*proposal.reasons, *_came_back(proposal.evidence, before)))


def _about(allocations: Iterable[Allocation], rejections: Iterable[Rejection]) -> list[Rejection]:
    subject = subject_of(allocations)
    return [one for one in rejections if one.subject == subject]


def _news(evidence: Iterable[Evidence], before: Iterable[Rejection]) -> list[Evidence]:
    """Give the clues of rules that did not speak when the same was rejected."""
    said = {(ground.rule, ground.about) for one in before for ground in one.grounds}
    rules = {rule for rule, _ in said}
    # Number and account had said it all. That the others speak now, where one of these is gone, is no news.
    all_said = "known_payer" in rules and rules <= _ASKED_FIRST
    asked = [clue for clue in evidence if not all_said or clue.rule in _ASKED_FIRST]
    return [clue for clue in asked if (clue.rule, clue.item_id or clue.debtor_number) not in said]


def _came_back(evidence: Iterable[Evidence], before: Sequence[Rejection]) -> Iterator[str]:
    if before:
        news = "; ".join(dict.fromkeys(clue.says for clue in _news(evidence, before)))
        yield f"{_told(before[-1])}; new: {news}"


def _told(rejection: Rejection) -> str:
    why = f" ({rejection.why})" if rejection.why else ""
    return f"was rejected on {rejection.rejected_on:%d.%m.%Y} by {rejection.who}{why}"
