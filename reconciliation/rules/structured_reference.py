"""The payer used the structured reference printed on our invoice (RF creditor reference, QR reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stdnum import iso11649
from stdnum.ch import esr

from ledger.text import squeeze
from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_LONG: Final = 12  # characters: too many to hit by chance, even where no check digit guards them


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find references we gave out, in the fields for them or in the text."""
    in_text = index.reading(entry).windows
    given = {squeeze(reference): None for reference in (*entry.references, entry.end_to_end_id)}
    for reference, span in {**given, **in_text}.items():
        for item_id in index.references.get(reference, ()):
            item = index.items[item_id]
            yield Evidence(
                rule="structured_reference",
                strength=weights.STRUCTURED_REFERENCE if _is_proof(reference) else weights.ORDER_NUMBER,
                says=f"carries the reference {item.payment_reference} of {item.document_number}",
                item_id=item_id,
                span=span,
            )


def _is_proof(reference: str) -> bool:
    """Whether a reference cannot be a coincidence: ISO 11649, QR reference, or long; tools also print short ones."""
    return len(reference) >= _LONG or iso11649.is_valid(reference) or esr.is_valid(reference)
