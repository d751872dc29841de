"""The payer used the reference printed by us: RF creditor reference, QR reference, or the text of our GiroCode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stdnum import iso11649
from stdnum.ch import esr

from ledger.text import squeeze
from reconciliation import weights
from reconciliation.outcome import Evidence
from reconciliation.reading import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_LONG: Final = 12  # characters: too many to hit by chance, even where no check digit guards them
_OUR_LETTER: Final = re.compile(r"m20[0-9]{7}")  # M-2026-00017, squeezed: how we number dunning letters
_PERHAPS: Final = re.compile(r"m[\W_]*2[\W_]*0", re.IGNORECASE)  # most texts are told apart without squeezing them


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find references we gave out, in the fields for them or in the text."""
    found: dict[str, tuple[int, int] | None] = {}
    if index.references:
        found.update((squeeze(field), None) for field in (*entry.references, entry.end_to_end_id) if field)
        in_text = index.reading(entry).windows
        if not index.references.keys().isdisjoint(in_text):
            found.update(in_text)
    for reference, span in found.items():
        for item_id in index.references.get(reference, ()):
            item = index.items[item_id]
            yield Evidence(
                rule="structured_reference",
                strength=weights.STRUCTURED_REFERENCE if _is_proof(reference) else weights.ORDER_NUMBER,
                says=f"carries the reference {item.payment_reference} of {item.document_number}",
                item_id=item_id,
                span=span,
            )
    yield from _of_our_letters(entry, index)
    yield from _of_our_girocode(entry, index)


def _of_our_letters(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Recognise the creditor reference of one of our letters: it names what the letter still asks for."""
    if not index.letters:
        return
    found: dict[str, tuple[int, int] | None] = {squeeze(field): None for field in entry.references if field}
    in_text = index.reading(entry).windows
    if not index.letters.keys().isdisjoint(in_text):
        found.update(in_text)
    for reference, span in found.items():
        letter = index.letters.get(reference)
        if letter is None:
            continue
        for item_id in letter.item_ids:
            number = index.items[item_id].document_number
            yield Evidence(
                rule="structured_reference",
                strength=weights.STRUCTURED_REFERENCE,
                says=f"carries the reference of our letter {letter.number}, which asks for {number}",
                item_id=item_id,
                span=span,
            )


def _of_our_girocode(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Recognise the text our letters ask for: the documents, the customer, the letter, and not a word more."""
    if not _PERHAPS.search(entry.remittance):
        return
    full = [found for found in index.reading(entry).known if found.form is Form.FULL and len(found.item_ids) == 1]
    if not full:
        return
    items = [index.items[found.item_ids[0]] for found in full]
    asked = "".join([squeeze(item.document_number) for item in items]) + squeeze(items[0].debtor_number)
    written = squeeze(entry.remittance)
    if not written.startswith(asked) or not _OUR_LETTER.fullmatch(written, len(asked)):
        return
    if any(item.debtor_number != items[0].debtor_number for item in items):
        return
    for item, found in zip(items, full, strict=True):
        yield Evidence(
            rule="structured_reference",
            strength=weights.STRUCTURED_REFERENCE,
            says=f"is the text of our own letter, which asks for {item.document_number}",
            item_id=item.item_id,
            span=found.span,
        )


def _is_proof(reference: str) -> bool:
    """Whether a reference cannot be a coincidence: ISO 11649, QR reference, or long; tools also print short ones."""
    return len(reference) >= _LONG or iso11649.is_valid(reference) or esr.is_valid(reference)
