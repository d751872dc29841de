"""The case (Vorgang): one entry with its clues and hypotheses, and the questions a careful accountant would ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.allocation import Allocation, AllocationKind
from reconciliation.clues import NAMING, Clues
from reconciliation.company_rules import NO_RULES
from reconciliation.hypotheses import hypotheses
from reconciliation.ignored import asked_because, not_ours
from reconciliation.interpretation import Hypothesis, Interpretation
from reconciliation.rejections import asked_again, respected
from reconciliation.rules import all_evidence
from reconciliation.weighing import Weighed, is_exact_with_others, weigh

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.classes import EvidenceClass
    from reconciliation.clues import Naming, Payer
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.outcome import Evidence
    from reconciliation.own_transfers import OwnTransfer
    from reconciliation.rejections import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything thought about one entry before it is compared with the others of the night."""

    entry: StatementEntry
    index: Index
    model: Model
    clues: Clues
    weighed: tuple[Weighed, ...]  # best first
    asked: tuple[str, ...] = ()  # why a person decides it, whatever proves it
    rejected: Sequence[Rejection] = ()  # what a person said it does not settle
    # What was found out about each weighed hypothesis, by its identity: several ask for it.
    proofs: dict[int, EvidenceClass | None] = field(default_factory=dict, repr=False, compare=False)
    doubts: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def evidence(self) -> Sequence[Evidence]:
        """All clues, in the order of the rules."""
        return self.clues.evidence

    @property
    def best(self) -> Weighed | None:
        """The most probable hypothesis, if there is any."""
        return self.weighed[0] if self.weighed else None

    @property
    def named(self) -> tuple[OpenItem, ...]:
        """The items named beyond doubt, settled ones too."""
        return self.clues.named

    def naming(self, hypothesis: Hypothesis) -> Naming:
        """Say how the least well named item of a hypothesis is named."""
        return self.clues.naming(hypothesis.item_ids)

    def payer(self, hypothesis: Hypothesis) -> Payer:
        """Say how the payer fits a hypothesis; a set of several debtors fits nobody."""
        return self.clues.payer(hypothesis.debtors)

    def settles_exactly(self, hypothesis: Hypothesis) -> bool:
        """Whether nothing is left over, Skonto in time included."""
        return hypothesis.settles_exactly

    def is_exact_with_others(self, hypothesis: Hypothesis) -> bool:
        """Whether the amount is exact for the documents of a hypothesis together with others."""
        if hypothesis.settles_exactly:
            return False
        exact = (set(w.hypothesis.item_ids) for w in self.weighed if w.hypothesis.settles_exactly)
        return is_exact_with_others(hypothesis, exact)

    def twin(self) -> Weighed | None:
        """Give another booking that explains the entry about as well as the best one, if there is any."""
        rivals = [
            w for w in self.weighed[1:] if w.hypothesis.item_ids and self.best and w.score > self.best.score - 1
        ]
        return rivals[0] if rivals else None

    def named_in_other_currency(self) -> tuple[OpenItem, ...]:
        """Give named items whose currency the payment does not have."""
        currency = self.entry.amount.currency
        return tuple([item for item in self.named if item.open_amount.currency != currency])


def consider(
    entry: StatementEntry,
    index: Index,
    model: Model,
    *,
    thorough: bool = False,
    rules: RuleBook = NO_RULES,
    transfers: Mapping[str, OwnTransfer] | None = None,
    rejected: Sequence[Rejection] = (),
) -> Case:
    """Collect the clues of one entry, build its hypotheses and weigh them."""
    evidence = all_evidence(entry, index, thorough=thorough)
    clues = Clues(
        evidence, index, index.reading(entry), not_ours(entry, index, (transfers or {}).get(entry.entry_id))
    )
    sets = hypotheses(entry, clues, index) if entry.amount.minor > 0 else payouts(entry, evidence, index)
    return Case(
        entry=entry,
        index=index,
        model=model,
        clues=clues,
        weighed=respected(weigh(entry, sets, clues, index, model), rejected),
        asked=(*asked_because(entry, index, rules, transfers), *asked_again(rejected)),
        rejected=rejected,
    )


def payouts(entry: StatementEntry, evidence: Iterable[Evidence], index: Index) -> tuple[Hypothesis, ...]:
    """Read money that left for a debtor as the payout of one open credit note of this amount."""
    item_ids = dict.fromkeys(e.item_id for e in evidence if e.rule in NAMING | {"credit_note_payout"})
    return tuple(
        payout_of(index.items[item_id])
        for item_id in item_ids
        if index.items[item_id].open_amount and index.items[item_id].balance == entry.amount
    )


def payout_of(item: OpenItem) -> Hypothesis:
    """Use up a credit note with the money that was paid for it."""
    allocation = Allocation(
        kind=AllocationKind.PAYMENT,
        amount=item.balance,
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
    )
    return Hypothesis(
        item_ids=(item.item_id,),
        debtors=(item.debtor_number,),
        interpretation=Interpretation.EXACT,
        allocations=(allocation,),
        says=(f"pays out the credit note (Gutschrift) {item.document_number} exactly",),
    )
