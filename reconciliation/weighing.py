"""The one place where arguments become a probability (Gewichtung): log-odds added up, then compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from reconciliation.arguments import arguments
from reconciliation.clues import NAMING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.statement import StatementEntry
    from reconciliation.clues import Clues
    from reconciliation.index import Index
    from reconciliation.interpretation import Hypothesis
    from reconciliation.model import Model
    from reconciliation.outcome import Evidence


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hypothesis with its arguments, their sum, its share among all hypotheses, and the clues that support it."""

    hypothesis: Hypothesis
    arguments: tuple[str, ...]  # empty for returns, which are weighed by their one clue
    score: float
    probability: float
    evidence: tuple[Evidence, ...]


def weigh(
    entry: StatementEntry, hypotheses: Iterable[Hypothesis], clues: Clues, index: Index, model: Model
) -> tuple[Weighed, ...]:
    """Weigh all hypotheses of one entry against each other and against "none of them" (odds 1), best first."""
    every = list(hypotheses)
    exact = [set(h.item_ids) for h in every if h.settles_exactly]
    return compared(
        (h, names, model.score(names), tuple(_supporting(h, clues)))
        for h in every
        for names in (arguments(entry, h, clues, index, exact_besides=is_exact_with_others(h, exact)),)
    )


def is_exact_with_others(hypothesis: Hypothesis, exact: Iterable[set[str]]) -> bool:
    """Whether the documents of a hypothesis that does not fit exactly would fit together with others."""
    items = set(hypothesis.item_ids)
    return bool(items) and not hypothesis.settles_exactly and any(items < some for some in exact)


def compared(
    scored: Iterable[tuple[Hypothesis, tuple[str, ...], float, tuple[Evidence, ...]]],
) -> tuple[Weighed, ...]:
    """Turn log-odds into shares of all that is possible, "none of them" among it; best first."""
    every = list(scored)
    # Odds are taken relative to the best, so that no exponential can overflow.
    best = max((0.0, *(points for _, _, points, _ in every)))
    everything = exp(-best) + sum(exp(points - best) for _, _, points, _ in every)
    weighed = (
        Weighed(h, names, points, exp(points - best) / everything, evidence) for h, names, points, evidence in every
    )
    return tuple(sorted(weighed, key=_best_first))


def _supporting(hypothesis: Hypothesis, clues: Clues) -> list[Evidence]:
    documents = {item.item_id for item in clues.named if item.debtor_number in hypothesis.debtors}
    return [
        clue
        for clue in clues.evidence
        if clue.item_id in hypothesis.item_ids
        or clue.debtor_number in hypothesis.debtors
        or (not hypothesis.item_ids and clue.rule in NAMING and clue.item_id in documents)
    ]


def _best_first(weighed: Weighed) -> tuple[object, ...]:
    h = weighed.hypothesis
    return (-round(weighed.score, 6), h.interpretation.value, len(h.item_ids), h.item_ids, h.debtors)
