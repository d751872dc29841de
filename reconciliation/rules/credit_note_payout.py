"""We paid an open credit note out (Auszahlung einer Gutschrift): money left for a debtor in just this amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find open credit notes of the receiver with the amount that left our account."""
    if entry.amount.minor >= 0:
        return
    for debtor_number in index.likely_debtors(entry):
        for item in index.open_of(debtor_number, entry.amount.currency):
            if item.balance == entry.amount:
                yield Evidence(
                    rule="credit_note_payout",
                    strength=weights.ONLY_AMOUNT,
                    says=f"pays out the credit note (Gutschrift) {item.document_number} of {item.open_amount}",
                    item_id=item.item_id,
                )
