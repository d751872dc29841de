"""The payer wrote our document number (Belegnummer), however banks and fingers have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence
from reconciliation.reading import COMPLETE, Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.reading import Found


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find complete numbers in the text, and in the fields where payers also put them; settled documents too."""
    for found in index.reading(entry).known:
        yield from _named(found, f'in the text ("{found.text}")', found.span, index)
    for field in dict.fromkeys((*entry.references, entry.end_to_end_id)):
        for found in index.reading_of(field).known if field else ():
            yield from _named(found, f'in the reference ("{field}")', None, index)


def _named(found: Found, where: str, span: tuple[int, int] | None, index: Index) -> Iterator[Evidence]:
    if found.form not in COMPLETE:
        return
    strength = weights.LISTED_NUMBER if found.form is Form.LISTED else weights.FULL_NUMBER
    for item_id in found.item_ids:
        item = index.items[item_id]
        settled = "" if item.open_amount else ", which is settled already"
        yield Evidence(
            rule="document_number",
            strength=strength,
            says=f"names {item.document_number} {where}{settled}",
            item_id=item_id,
            span=span,
        )
