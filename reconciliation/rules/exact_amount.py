"""Only one open item, or very few, has this amount or this amount after Skonto: worth showing, not worth booking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Look the amount up; where many items have it, it says nothing."""
    item_ids = index.with_amount(entry.amount.currency, entry.amount.minor)
    if len(item_ids) > index.settings.amount_cap:
        return
    for item_id in item_ids:
        item = index.items[item_id]
        after = "" if item.open_amount == entry.amount else " after Skonto"
        alone = len(item_ids) == 1
        others = "the only open item" if alone else f"one of {len(item_ids)} open items"
        yield Evidence(
            rule="exact_amount",
            strength=weights.ONLY_AMOUNT if alone else weights.SHARED_AMOUNT,
            says=f"{item.document_number} is {others} with the amount {entry.amount}{after}",
            item_id=item_id,
        )
