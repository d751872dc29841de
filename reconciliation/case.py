"""The case (Vorgang): one entry with its clues and hypotheses, and the questions a careful accountant would ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.allocation import Allocation, AllocationKind
from reconciliation.hypotheses import NAMING, hypotheses, named_items
from reconciliation.interpretation import SETTLES_EXACTLY, Hypothesis, Interpretation
from reconciliation.rules import all_evidence
from reconciliation.weighing import Weighed, weigh
from reconciliation.weights import END_TO_END_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import Evidence


class Naming(StrEnum):
    """How the weakest named item of a set is named, best first."""

    STRUCTURED = "structured"  # reference with check digits, or our own end-to-end id
    NUMBER = "number"  # document number in full
    RUNNING = "running"  # running part of the document number
    ORDER = "order"
    NONE = "none"


class Payer(StrEnum):
    """How the payer fits the debtor of a set."""

    KNOWN = "known"  # the debtor's own account
    SAME_NAME = "same_name"
    SIMILAR_NAME = "similar_name"
    SHARED = "shared"  # an account of several debtors, this one among them
    UNKNOWN = "unknown"
    OTHER = "other"  # the account of another debtor


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything thought about one entry before it is compared with the others of the night."""

    entry: StatementEntry
    index: Index
    evidence: tuple[Evidence, ...]
    weighed: tuple[Weighed, ...]  # best first

    @property
    def best(self) -> Weighed | None:
        """The most probable hypothesis, if there is any."""
        return self.weighed[0] if self.weighed else None

    @property
    def named(self) -> tuple[OpenItem, ...]:
        """The items named beyond doubt, settled ones too."""
        return named_items(self.evidence, self.index)

    def naming(self, hypothesis: Hypothesis) -> Naming:
        """Say how the least well named item of a hypothesis is named."""
        ranks = list(Naming)
        weakest = max((ranks.index(self._naming_of(i)) for i in hypothesis.item_ids), default=len(ranks) - 1)
        return ranks[weakest]

    def payer(self, hypothesis: Hypothesis) -> Payer:
        """Say how the payer fits a hypothesis; a set of several debtors fits nobody."""
        known = {c.debtor_number for c in self.evidence if c.rule == "known_payer"}
        if known and not known.intersection(hypothesis.debtors):
            return Payer.OTHER
        if len(hypothesis.debtors) != 1:
            return Payer.UNKNOWN
        rules = {c.rule for c in self.evidence if c.debtor_number in hypothesis.debtors}
        fits = (
            ("known_payer", Payer.KNOWN),
            ("payer_name", Payer.SAME_NAME),
            ("similar_name", Payer.SIMILAR_NAME),
            ("shared_payer", Payer.SHARED),
        )
        return next((payer for rule, payer in fits if rule in rules), Payer.UNKNOWN)

    def settles_exactly(self, hypothesis: Hypothesis) -> bool:
        """Whether nothing is left over, Skonto in time included."""
        return hypothesis.interpretation in SETTLES_EXACTLY and not hypothesis.doubt

    def twin(self) -> Weighed | None:
        """Give another booking that explains the entry about as well as the best one, if there is any."""
        rivals = [
            w for w in self.weighed[1:] if w.hypothesis.item_ids and self.best and w.score > self.best.score - 1
        ]
        return rivals[0] if rivals else None

    def named_in_other_currency(self) -> tuple[OpenItem, ...]:
        """Give named items whose currency the payment does not have."""
        return tuple(item for item in self.named if item.currency != self.entry.amount.currency)

    def _naming_of(self, item_id: str) -> Naming:
        clues = [c for c in self.evidence if c.item_id == item_id]
        if any(c.rule in NAMING and c.strength >= END_TO_END_ID for c in clues):
            return Naming.STRUCTURED
        rules = {c.rule for c in clues}
        kinds = (
            ("document_number", Naming.NUMBER),
            ("running_number", Naming.RUNNING),
            ("order_number", Naming.ORDER),
        )
        return next((naming for rule, naming in kinds if rule in rules), Naming.NONE)


def consider(entry: StatementEntry, index: Index) -> Case:
    """Collect the clues of one entry, build its hypotheses and weigh them."""
    evidence = all_evidence(entry, index)
    sets = hypotheses(entry, evidence, index) if entry.amount.minor > 0 else payouts(entry, evidence, index)
    return Case(entry=entry, index=index, evidence=evidence, weighed=weigh(entry, sets, evidence, index))


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
