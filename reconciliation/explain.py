"""Why, and why not: what speaks for and against one entry settling one item, in words (Erklärung)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation.case import consider
from reconciliation.classes import blocked_because, class_of, missing_for_auto
from reconciliation.learned_weights import SHIPPED
from reconciliation.telling import told

if TYPE_CHECKING:
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.case import Case
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.weighing import Weighed


def explain(entry: StatementEntry, item: OpenItem, index: Index, model: Model = SHIPPED) -> tuple[str, ...]:
    """Say for any pair of entry and item what was found, how it was read, and what kept it from being booked.

    This is the view of one entry alone; what other entries of the night took away, its outcome says.
    """
    return explained(consider(entry, index, model, thorough=True), item)


def concerns(case: Case, item: OpenItem) -> bool:
    """Whether a payment may settle an item, or anything in it points to the item or, while it is open, its debtor."""
    return chance(case, item) > 0 or any(
        item.item_id == clue.item_id or (item.open_amount and item.debtor_number == clue.debtor_number)
        for clue in case.evidence
    )


def chance(case: Case, item: OpenItem) -> float:
    """Give the probability of all bookings of a payment that settle some of an item."""
    return sum(w.probability for w in case.weighed if item.item_id in w.hypothesis.item_ids)


def explained(case: Case, item: OpenItem) -> tuple[str, ...]:
    """Say of a payment that was thought about thoroughly what it has to do with one item."""
    entry = case.entry
    clues = [c for c in case.evidence if item.item_id == c.item_id or item.debtor_number == c.debtor_number]
    found = told(clues) or (f"nothing in the payment points to {item.document_number} or its debtor",)
    own = [w for w in case.weighed if item.item_id in w.hypothesis.item_ids]
    if not own:
        return (*found, *_not_possible(entry, item), *_preferred(case, None))
    return (*found, *own[0].hypothesis.says, *_standing(case, own[0]))


def _not_possible(entry: StatementEntry, item: OpenItem) -> tuple[str, ...]:
    if item.currency != entry.amount.currency:
        return (f"{item.document_number} is in {item.currency}, the payment in {entry.amount.currency}",)
    if not item.open_amount:
        return (f"{item.document_number} is settled already",)
    difference = entry.amount - item.balance
    more = "more" if difference.minor > 0 else "less"
    return (f"the payment is {abs(difference)} {more} than the {item.balance} open on {item.document_number}",)


def _standing(case: Case, own: Weighed) -> tuple[str, ...]:
    """Say how probable it is, and what decided for or against it."""
    chance = f"probability {own.probability:.1%}"
    if own is not case.best:
        return (chance, *_preferred(case, own))
    proven, blocks = class_of(case, own), blocked_because(case)
    if proven and not blocks:
        return (chance, f"booked without a person: {proven.why}")
    lacking = blocks if proven else (*blocks, *missing_for_auto(case, own))
    return (chance, *(f"not booked without you: {reason}" for reason in dict.fromkeys(lacking)))


def _preferred(case: Case, own: Weighed | None) -> tuple[str, ...]:
    best = case.best
    if best is None or best is own or not best.hypothesis.item_ids:
        return ()
    numbers = ", ".join(case.index.items[i].document_number for i in best.hypothesis.item_ids)
    return (f"{numbers} explains the payment better: {'; '.join(told(best.evidence) or best.hypothesis.says)}",)
