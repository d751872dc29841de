"""The payer wrote a number that differs from ours by one slip of a finger; never more than a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import OSA

from ledger.text import squeeze
from reconciliation import weights
from reconciliation.numbers import digits_of
from reconciliation.outcome import Evidence
from reconciliation.reading import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_SHORTEST: Final = 5  # digits; one slip makes any shorter number of any other


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Compare what was written with the items of this payer and of this amount, and with no others."""
    reading = index.reading(entry)
    complete = [found for found in reading.known if found.form in COMPLETE]
    written = [(found, digits_of(found.squeezed)) for found in (*complete, *reading.unknown, *reading.others)]
    written = [(found, digits) for found, digits in written if len(digits) >= _SHORTEST]
    for item_id in index.likely_items(entry) if written else ():
        item = index.items[item_id]
        number = squeeze(item.document_number)
        for found, digits in written:
            if item_id not in found.item_ids and _one_slip(found.squeezed, digits, number):
                yield Evidence(
                    rule="nearly_number",
                    strength=weights.NEARLY_NUMBER,
                    says=f'"{found.text}" in the text differs from {item.document_number} in one place',
                    item_id=item_id,
                    span=found.span,
                )


def _one_slip(written: str, digits: str, number: str) -> bool:
    """Whether one digit was changed, lost, doubled or swapped with its neighbour; lost letters do not count."""
    if not -2 <= len(written) - len(number) <= 1 and written != digits:
        return False
    compared = number if written != digits else digits_of(number)
    return abs(len(written) - len(compared)) <= 1 and OSA.distance(written, compared, score_cutoff=1) == 1
