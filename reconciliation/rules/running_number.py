"""The payer wrote only the running part of our document number, without series and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.index import has_amount
from reconciliation.outcome import Evidence
from reconciliation.reading import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_INCOMPLETE = (Form.RUNNING, Form.GLUED)


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find open documents by their running number, where the payer or the amount supports them."""
    likely = index.likely_debtors(entry)
    for found in index.reading(entry).known:
        if found.form not in _INCOMPLETE:
            continue
        for item_id in found.item_ids:
            item = index.items[item_id]
            if item.open_amount and (item.debtor_number in likely or has_amount(item, entry.amount)):
                yield Evidence(
                    rule="running_number",
                    strength=weights.RUNNING_NUMBER,
                    says=f'"{found.text}" in the text may be {item.document_number}',
                    item_id=item_id,
                    span=found.span,
                )
