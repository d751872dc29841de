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
    mandate,
    nearly_number,
    number_range,
    order_number,
    paid_for,
    payer_in_text,
    payer_name,
    payment_service,
    running_number,
    shared_payer,
    similar_name,
    structured_reference,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import Evidence

    Rule = Callable[[StatementEntry, Index], Iterator[Evidence]]

# What most payments need: a number in full and the payer's own account.
_FIRST: Final[tuple[Rule, ...]] = (
    structured_reference.evidence,  # check digits and our own printing: cannot be a coincidence
    end_to_end_id.evidence,  # our own direct debit
    document_number.evidence,  # what most payers write
    known_payer.evidence,  # whose account it is
)
_THEN: Final[tuple[Rule, ...]] = (
    order_number.evidence,
    number_range.evidence,
    running_number.evidence,
    nearly_number.evidence,  # a slip of a finger
    customer_number.evidence,
    mandate.evidence,  # given by ourselves to one debtor
    shared_payer.evidence,
    payer_name.evidence,
    similar_name.evidence,
    payment_service.evidence,  # somebody between the customer and us
    paid_for.evidence,
    payer_in_text.evidence,
    exact_amount.evidence,  # coincidence is possible
    credit_note_payout.evidence,
)
RULES: Final = (*_FIRST, *_THEN)


def all_evidence(entry: StatementEntry, index: Index, *, thorough: bool = False) -> tuple[Evidence, ...]:
    """Ask the rules in order; where the first ones leave nothing to ask, the others are asked only if ``thorough``.

    That is so where one open document is named in full, nothing else is, and exactly its amount came from the own
    account of its debtor: most payments, and those that must be quick.
    """
    clues: list[Evidence] = []
    for rule in _FIRST:
        clues.extend(rule(entry, index))
    if thorough or not _leaves_nothing_to_ask(entry, clues, index):
        for rule in _THEN:
            clues.extend(rule(entry, index))
    return tuple(clues)


def _leaves_nothing_to_ask(entry: StatementEntry, first: Iterable[Evidence], index: Index) -> bool:
    named = {clue.item_id for clue in first if clue.item_id}
    owners = {clue.debtor_number for clue in first if clue.debtor_number}
    if len(named) != 1 or len(owners) != 1 or index.reading(entry).unknown:
        return False
    item = index.items[named.pop()]
    return item.debtor_number in owners and item.is_invoice and item.open_amount == entry.amount
