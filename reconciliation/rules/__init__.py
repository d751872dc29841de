"""The rules (Regeln): each finds one kind of clue and knows no other; the order is the order of the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.rules import (
    credit_note_payout,
    customer_number,
    document_number,
    end_to_end_id,
    exact_amount,
    known_payer,
    nearly_number,
    number_range,
    order_number,
    payer_name,
    running_number,
    shared_payer,
    similar_name,
    structured_reference,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import Evidence

    Rule = Callable[[StatementEntry, Index], Iterator[Evidence]]

RULES: Final[tuple[Rule, ...]] = (
    structured_reference.evidence,  # check digits and our own printing: cannot be a coincidence
    end_to_end_id.evidence,  # our own direct debit
    document_number.evidence,  # what most payers write
    order_number.evidence,
    number_range.evidence,
    running_number.evidence,
    nearly_number.evidence,  # a slip of a finger
    customer_number.evidence,
    known_payer.evidence,  # whose account it is
    shared_payer.evidence,
    payer_name.evidence,
    similar_name.evidence,
    exact_amount.evidence,  # coincidence is possible
    credit_note_payout.evidence,
)


def all_evidence(entry: StatementEntry, index: Index) -> tuple[Evidence, ...]:
    """Ask every rule, in order."""
    return tuple(clue for rule in RULES for clue in rule(entry, index))
