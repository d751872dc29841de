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
    """Find the open documents of a range; others in between belong to other customers."""
    for found in index.reading(entry).known:
        if found.form is not Form.RANGE:
            continue
        for item_id in found.item_ids:
            if index.items[item_id].open_amount:
                yield Evidence(
                    rule="number_range",
                    strength=weights.RANGE_NUMBER,
                    says=f"{index.items[item_id].document_number} lies in a range of numbers in the text",
                    item_id=item_id,
                    span=found.span,
                )
