"""The payer wrote the order number (Bestellnummer, Auftragsnummer) instead of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find open items by the order they were invoiced for."""
    for words, span in index.reading(entry).windows.items():
        for item_id in index.orders.get(words, ()):
            item = index.items[item_id]
            if item.open_amount:
                yield Evidence(
                    rule="order_number",
                    strength=weights.ORDER_NUMBER,
                    says=f"names the order {item.order_number} of {item.document_number}",
                    item_id=item_id,
                    span=span,
                )
