"""The payer wrote the order number (Bestellnummer, Auftragsnummer) instead of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation import weights
from reconciliation.number_words import Meaning, meaning_before
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_SOMETHING_ELSE: Final = frozenset({Meaning.CUSTOMER, Meaning.DATE})
_SHORT: Final = 6  # characters; shorter ones are also quantities, streets and numbers of somebody else


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find open items by the order they were invoiced for; a short number needs a word that says what it is."""
    windows = index.reading(entry).windows
    if index.orders.keys().isdisjoint(windows):
        return
    for words, span in windows.items():
        for item_id in index.orders.get(words, ()):
            item = index.items[item_id]
            said = meaning_before(entry.remittance, span[0])
            if not item.open_amount or said in _SOMETHING_ELSE:
                continue
            sure = said is Meaning.ORDER or len(words) >= _SHORT or not words.isdigit()
            yield Evidence(
                rule="order_number",
                strength=weights.ORDER_NUMBER if sure else weights.RUNNING_NUMBER,
                says=f"names the order {item.order_number} of {item.document_number}",
                item_id=item_id,
                span=span,
            )
