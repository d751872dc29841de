"""The one place where clues and amount become a probability (Gewichtung): log-odds added up, then compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.hypotheses import NAMING, named_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.interpretation import Hypothesis
    from reconciliation.outcome import Evidence


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hypothesis with the sum of its log-odds, its share among all hypotheses, and the clues that support it."""

    hypothesis: Hypothesis
    score: float
    probability: float
    evidence: tuple[Evidence, ...]


def weigh(
    entry: StatementEntry, hypotheses: Iterable[Hypothesis], evidence: Sequence[Evidence], index: Index
) -> tuple[Weighed, ...]:
    """Weigh all hypotheses of one entry against each other and against "none of ours" (odds 1), best first."""
    scored = [(score(entry, h, evidence, index), h) for h in hypotheses]
    # Odds are taken relative to the best, so that no exponential can overflow.
    best = max((points for points, _ in scored), default=0.0)
    best = max(best, 0.0)
    everything = exp(-best) + sum(exp(points - best) for points, _ in scored)
    weighed = [
        Weighed(h, points, exp(points - best) / everything, tuple(_supporting(h, evidence, index)))
        for points, h in scored
    ]
    return tuple(sorted(weighed, key=_best_first))


def score(entry: StatementEntry, hypothesis: Hypothesis, evidence: Sequence[Evidence], index: Index) -> float:
    """Add up what speaks for and against one hypothesis."""
    return (
        weights.PRIOR
        + weights.AMOUNT[hypothesis.interpretation]
        + _naming(hypothesis, evidence, index)
        + _payer(hypothesis, evidence)
        + _against(entry, hypothesis, evidence, index)
    )


def _naming(hypothesis: Hypothesis, evidence: Sequence[Evidence], index: Index) -> float:
    """Average over the set what names each item; its best clue counts, because the others repeat it."""
    if not hypothesis.item_ids:
        return max((_on_account_naming(clue, hypothesis, index) for clue in evidence), default=0.0)
    return sum(_item_naming(item_id, evidence) for item_id in hypothesis.item_ids) / len(hypothesis.item_ids)


def _item_naming(item_id: str, evidence: Sequence[Evidence]) -> float:
    own = [clue for clue in evidence if clue.item_id == item_id]
    named = max((clue.strength for clue in own if clue.rule != "exact_amount"), default=0.0)
    alone = max((clue.strength for clue in own if clue.rule == "exact_amount"), default=0.0)
    return named + alone


def _on_account_naming(clue: Evidence, hypothesis: Hypothesis, index: Index) -> float:
    """Count half for a debtor what names one of its documents, settled ones above all."""
    named = clue.rule in NAMING and index.items[clue.item_id].debtor_number in hypothesis.debtors
    return clue.strength / 2 if named else 0.0


def _payer(hypothesis: Hypothesis, evidence: Sequence[Evidence]) -> float:
    """Average over the debtors of the set what names each of them; account and name say the same thing."""
    strongest = (
        max((clue.strength for clue in evidence if clue.debtor_number == debtor), default=0.0)
        for debtor in hypothesis.debtors
    )
    return sum(strongest) / max(1, len(hypothesis.debtors))


def _against(entry: StatementEntry, hypothesis: Hypothesis, evidence: Sequence[Evidence], index: Index) -> float:
    named = named_items(evidence, index)
    left_out = sum(1 for i in named if i.open_amount and i.item_id not in hypothesis.item_ids)
    settled = sum(1 for i in named if not i.open_amount) if hypothesis.item_ids else 0
    unknown = len(index.reading(entry).unknown)
    others = any(c.rule == "known_payer" and c.debtor_number not in hypothesis.debtors for c in evidence)
    named_ids = {item.item_id for item in named}
    unnamed = sum(1 for item_id in hypothesis.item_ids if item_id not in named_ids)
    if _is_everything_open(entry, hypothesis, index):
        unnamed = 0
    return (
        weights.NAMED_BUT_LEFT_OUT * left_out
        + weights.SETTLED_NUMBER * settled
        + weights.UNKNOWN_NUMBER * min(unknown, 2)
        + weights.OTHER_PAYER * others
        + weights.UNNAMED_SET * max(0, unnamed - 1)
        - log(hypothesis.solutions)
    )


def _is_everything_open(entry: StatementEntry, hypothesis: Hypothesis, index: Index) -> bool:
    """Whether one debtor pays all that is open, which needs no number to be a natural thing to do."""
    everything = {
        item.item_id for debtor in hypothesis.debtors for item in index.open_of(debtor, entry.amount.currency)
    }
    return everything == set(hypothesis.item_ids)


def _supporting(hypothesis: Hypothesis, evidence: Sequence[Evidence], index: Index) -> list[Evidence]:
    documents = {item.item_id for item in named_items(evidence, index) if item.debtor_number in hypothesis.debtors}
    return [
        clue
        for clue in evidence
        if clue.item_id in hypothesis.item_ids
        or clue.debtor_number in hypothesis.debtors
        or (not hypothesis.item_ids and clue.item_id in documents)
    ]


def _best_first(weighed: Weighed) -> tuple[object, ...]:
    h = weighed.hypothesis
    return (-round(weighed.score, 6), h.interpretation.value, len(h.item_ids), h.item_ids, h.debtors)
