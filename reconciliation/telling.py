"""How a proposal and its doubts are told to the accountant (Begründung)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation.outcome import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciliation.model import Model
    from reconciliation.outcome import Evidence
    from reconciliation.weighing import Weighed


def proposal_of(weighed: Weighed, doubts: Iterable[str], evidence_class: str, model: Model | None = None) -> Proposal:
    """Turn a weighed hypothesis into a proposal: clues first, then the amount, then what is missing."""
    h = weighed.hypothesis
    missing = tuple(f"not booked without you: {doubt}" for doubt in dict.fromkeys(filter(None, doubts)))
    return Proposal(
        probability=weighed.probability,
        allocations=h.allocations,
        reasons=(*told(weighed.evidence), *h.says, *missing),
        evidence=weighed.evidence,
        weights=model.weigh(weighed.arguments) if model else (),
        evidence_class=evidence_class,
        residual=h.residual,
    )


def told(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Say each clue once, the strongest first."""
    ordered = sorted(evidence, key=lambda clue: -clue.strength)
    return tuple(dict.fromkeys(clue.says for clue in ordered if clue.strength > 0))
