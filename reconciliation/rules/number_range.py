"""The payer wrote a range of document numbers, first to last, and this one lies between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence
from reconciliation.reading import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find the open documents of a range; where the payer's own are among them, the others belong to others."""
    ranged = [found for found in index.reading(entry).known if found.form is Form.RANGE]
    if not ranged:
        return
    likely = index.likely_debtors(entry)
    items = [(index.items[i], found) for found in ranged for i in found.item_ids if index.items[i].open_amount]
    own = [(item, found) for item, found in items if item.debtor_number in likely]
    for item, found in own or items:
        yield Evidence(
            rule="number_range",
            strength=weights.RANGE_NUMBER,
            says=f"{item.document_number} lies in a range of numbers in the text",
            item_id=item.item_id,
            span=found.span,
        )
