"""The payer wrote the customer number (Kundennummer, Debitorennummer)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation import weights
from reconciliation.number_words import Meaning, meaning_before
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_SOMETHING_ELSE: Final = frozenset({Meaning.ORDER, Meaning.OTHER, Meaning.DATE})


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find customer numbers in the text; with a word before them they count for more."""
    windows = index.reading(entry).windows
    if index.customer_numbers.keys().isdisjoint(windows):
        return
    for squeezed, span in windows.items():
        number = index.customer_numbers.get(squeezed)
        if number is None:
            continue
        said = meaning_before(entry.remittance, span[0])
        if said in _SOMETHING_ELSE:
            continue
        told = said is Meaning.CUSTOMER
        yield Evidence(
            rule="customer_number",
            strength=weights.CUSTOMER_NUMBER if told else weights.BARE_CUSTOMER_NUMBER,
            says=f"names the customer number {number} of {index.debtor_name(number)}",
            debtor_number=number,
            span=span,
        )
