"""The payer wrote a number that differs from ours by one slip of a finger; never more than a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from reconciliation import weights
from reconciliation.outcome import Evidence
from reconciliation.reading import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Compare what was written with the items of this payer and of this amount, and with no others."""
    reading = index.reading(entry)
    written = [f for f in (*reading.known, *reading.unknown) if f.form in COMPLETE]
    if not written:
        return
    for item_id in index.likely_items(entry):
        number = index.numbers.squeezed.get(item_id, "")
        for found in written:
            shown = index.items[item_id].document_number
            if item_id not in found.item_ids and _one_slip(found.squeezed, number):
                yield Evidence(
                    rule="nearly_number",
                    strength=weights.NEARLY_NUMBER,
                    says=f'"{found.text}" in the text differs from {shown} in one place',
                    item_id=item_id,
                    span=found.span,
                )


def _one_slip(written: str, number: str) -> bool:
    """Whether one digit was changed, lost, doubled or swapped with its neighbour; lost letters do not count."""
    if written.isdigit():
        number = "".join(c for c in number if c.isdigit())
    return bool(number) and OSA.distance(written, number, score_cutoff=1) == 1
