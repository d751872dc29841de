"""The one place where arguments become a probability (Gewichtung): log-odds added up, then compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from reconciliation.arguments import Asking
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

    def with_probability(self, probability: float) -> Weighed:
        """Give the same with another share, as of all payments of a night."""
        return Weighed(self.hypothesis, self.arguments, self.score, probability, self.evidence)


def weigh(
    entry: StatementEntry, hypotheses: Iterable[Hypothesis], clues: Clues, index: Index, model: Model
) -> tuple[Weighed, ...]:
    """Weigh all hypotheses of one entry against each other and against "none of them" (odds 1), best first."""
    every = list(hypotheses)
    asking = Asking(entry, clues, index)
    # Only beside others can a hypothesis be a part of one that is exact.
    exact = [set(h.item_ids) for h in every if h.settles_exactly] if len(every) > 1 else []
    scored = []
    for h in every:
        names = asking.about(h, exact_besides=bool(exact) and is_exact_with_others(h, exact))
        scored.append((h, names, model.score(names), _supporting(h, clues)))
    return compared(scored)


def is_exact_with_others(hypothesis: Hypothesis, exact: Iterable[set[str]]) -> bool:
    """Whether the documents of a hypothesis that does not fit exactly would fit together with others."""
    items = set(hypothesis.item_ids)
    return bool(items) and not hypothesis.settles_exactly and any(items < some for some in exact)


def compared(
    scored: Iterable[tuple[Hypothesis, tuple[str, ...], float, tuple[Evidence, ...]]],
) -> tuple[Weighed, ...]:
    """Turn log-odds into shares of all that is possible, "none of them" among it; best first."""
    every = list(scored)
    if not every:
        return ()
    # Odds are taken relative to the best, so that no exponential can overflow.
    best = max(0.0, *[points for _, _, points, _ in every])
    odds = [exp(points - best) for _, _, points, _ in every]
    everything = exp(-best) + sum(odds)
    weighed = [
        Weighed(h, names, points, one / everything, evidence)
        for (h, names, points, evidence), one in zip(every, odds, strict=True)
    ]
    return tuple(sorted(weighed, key=_best_first) if len(weighed) > 1 else weighed)


def _supporting(hypothesis: Hypothesis, clues: Clues) -> tuple[Evidence, ...]:
    item_ids, debtors = hypothesis.item_ids, hypothesis.debtors
    if item_ids:
        return tuple([clue for clue in clues.evidence if clue.item_id in item_ids or clue.debtor_number in debtors])
    documents = {item.item_id for item in clues.named if item.debtor_number in debtors}
    return tuple(
        [
            clue
            for clue in clues.evidence
            if clue.debtor_number in debtors or (clue.rule in NAMING and clue.item_id in documents)
        ]
    )


def _best_first(weighed: Weighed) -> tuple[object, ...]:
    h = weighed.hypothesis
    return (-round(weighed.score, 6), h.interpretation.value, len(h.item_ids), h.item_ids, h.debtors)
