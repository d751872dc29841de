"""What every tool needs to make an open item (Offener Posten) out of its documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from typing import Any

    from ledger.finding import Finding
    from ledger.open_item import OpenItem

_IN_THE_BOOKS: Final = frozenset({Standing.OPEN, Standing.SETTLED})  # of these items are made; others are gone


_LONGEST_TERM: Final = 3_660  # days


def item_id_of(source: str, key: RemoteKey) -> str:
    """Give the natural key of an item: the tool's own id, because printed numbers come again in other years."""
    return f"{source}:{key.kind}:{key.remote_id}"


def days_after(day: date, days: int) -> date:
    """Give the day so many calendar days later: the due date of a term, or the last day of Skonto.

    Raises Mistake for a term nobody believes.
    """
    if abs(days) > _LONGEST_TERM:
        raise Mistake("term of payment", f"{days} days are no believable term")
    return day + timedelta(days=days)


def skonto_of(percent: Decimal | None, until: date | None) -> tuple[Decimal | None, date | None]:
    """Give Skonto as items know it: both or neither."""
    return (percent, until) if percent and until else (None, None)


def document_of(
    key: RemoteKey,
    number: str,
    standing: Standing,
    payload: Mapping[str, Any],
    make: Callable[[], OpenItem],
    *,
    contact_id: str = "",
) -> Document:
    """Make the document, its item by ``make``; a Mistake in there becomes its finding, and the next one goes on."""
    try:
        item = make()
    except Mistake as mistake:
        return Document(
            key=key,
            number=number,
            standing=standing,
            item=None,
            payload=payload,
            contact_id=contact_id,
            findings=(mistake.finding(f"{key.kind} {number or key.remote_id}"),),
        )
    return Document(key=key, number=number, standing=standing, item=item, payload=payload, contact_id=contact_id)


def document_by(
    key: RemoteKey,
    number: str,
    payload: Mapping[str, Any],
    stands: Callable[[], Standing],
    make: Callable[[Standing], OpenItem],
    *,
    contact_id: str = "",
) -> Document:
    """Make the document: where it stands by ``stands``, its item by ``make`` where it is one.

    A Mistake in either becomes its finding, and the next one goes on. A document whose standing cannot be read is
    taken for open: then its item is marked as not seen, and its debtor is left in peace.
    """
    standing, item = Standing.OPEN, None
    findings: tuple[Finding, ...] = ()
    try:
        standing = stands()
        if standing in _IN_THE_BOOKS:
            item = make(standing)
    except Mistake as mistake:
        findings = (mistake.finding(f"{key.kind} {number or key.remote_id}"),)
    return Document(
        key=key,
        number=number,
        standing=standing,
        item=item,
        payload=payload,
        contact_id=contact_id,
        findings=findings,
    )


def overlapped(day: str, days: int) -> str:
    """Give the ISO day so many days before: what is asked for twice is recognised, what is missed is not."""
    return (date.fromisoformat(day[:10]) - timedelta(days=days)).isoformat()
