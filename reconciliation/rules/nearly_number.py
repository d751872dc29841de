"""The payer wrote a number that differs from ours by one slip of a finger; never more than a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract_iter

from ledger.text import squeeze
from reconciliation import weights
from reconciliation.numbers import digits_of
from reconciliation.outcome import Evidence
from reconciliation.reading import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.reading import Found

_SHORTEST: Final = 5  # digits; one slip makes any shorter number of any other


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Compare what was written with the items of this payer and of this amount, and with no others."""
    reading = index.reading(entry)
    complete = [found for found in reading.known if found.form in COMPLETE]
    if complete and _paid_as_named(entry, complete, index):
        return
    written = [(found, digits_of(found.squeezed)) for found in (*complete, *reading.unknown, *reading.others)]
    written = [(found, digits) for found, digits in written if len(digits) >= _SHORTEST]
    if not written:
        return
    items = index.likely_items(entry)
    likely = {item.item_id: squeeze(item.document_number) for item in items}
    slips = [(found, set(_one_slip(found.squeezed, digits, likely))) for found, digits in written]
    if not any(slipped for _, slipped in slips):
        return
    for item in items:
        for found, slipped in slips:
            if item.item_id in slipped and item.item_id not in found.item_ids:
                yield Evidence(
                    rule="nearly_number",
                    strength=weights.NEARLY_NUMBER,
                    says=f'"{found.text}" in the text differs from {item.document_number} in one place',
                    item_id=item.item_id,
                    span=found.span,
                )


def _paid_as_named(entry: StatementEntry, complete: Sequence[Found], index: Index) -> bool:
    """Whether what was paid is just what is open on the documents named in full: then nobody mistyped anything."""
    named = {item_id: index.items[item_id] for found in complete for item_id in found.item_ids}
    currency = entry.amount.currency
    due = [item.balance_minor for item in named.values() if item.open_amount.currency == currency]
    return entry.amount.minor in {sum(due), *due}


def _one_slip(written: str, digits: str, numbers: Mapping[str, str]) -> Iterator[str]:
    """Give whose numbers differ by one digit changed, lost, doubled or swapped; lost letters do not count."""
    # All are compared in one call: a debtor may have many items.
    if written == digits:
        numbers = {item_id: digits_of(number) for item_id, number in numbers.items()}
    near = extract_iter(written, numbers, scorer=OSA.distance, score_cutoff=1)
    return (item_id for _, distance, item_id in near if distance == 1)
