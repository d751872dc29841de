"""The bank repeats the end-to-end id of our own direct debit (Ende-zu-Ende-Referenz)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.text import squeeze
from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find the items that were collected under this id."""
    for item_id in index.end_to_end_ids.get(squeeze(entry.end_to_end_id), ()):
        number = index.items[item_id].document_number
        yield Evidence(
            rule="end_to_end_id",
            strength=weights.END_TO_END_ID,
            says=f"carries the end-to-end id {entry.end_to_end_id} under which {number} was collected",
            item_id=item_id,
        )
