"""The payer wrote only the running part of our document number, or something speaks against the whole number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation import weights
from reconciliation.index import has_amount
from reconciliation.outcome import Evidence
from reconciliation.reading import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_INCOMPLETE: Final = frozenset({Form.RUNNING, Form.GLUED, Form.DOUBTFUL})


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find open documents by an incomplete number, where the payer or the amount supports them."""
    incomplete = [found for found in index.reading(entry).known if found.form in _INCOMPLETE]
    if not incomplete:
        return
    likely = index.likely_debtors(entry)
    for found in incomplete:
        but = f"; but {found.doubt}" if found.doubt else ""
        for item_id in found.item_ids:
            item = index.items[item_id]
            if item.open_amount and (item.debtor_number in likely or has_amount(item, entry.amount)):
                yield Evidence(
                    rule="running_number",
                    strength=weights.RUNNING_NUMBER,
                    says=f'"{found.text}" in the text may be {item.document_number}{but}',
                    item_id=item_id,
                    span=found.span,
                )
