"""The audit: every booked row against the decision that made it, and the other way round."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from storage.canonical import parsed
from storage.tables import ALLOCATION, DECISION, NOTICE, NOTICE_ITEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection


def decision_payloads(connection: Connection, company_id: str) -> dict[str, int]:
    """Count the decisions by kind."""
    rows = connection.execute(
        select(DECISION.c.kind, func.count()).where(DECISION.c.company_id == company_id).group_by(DECISION.c.kind)
    )
    return {kind: int(count) for kind, count in rows}


def hash_at(connection: Connection, company_id: str, seq: int) -> str | None:
    """Give the hash of one decision; None when it is not there."""
    return connection.execute(
        select(DECISION.c.hash).where(DECISION.c.company_id == company_id, DECISION.c.seq == seq)
    ).scalar()


def loose_rows(connection: Connection, company_id: str) -> Iterator[str]:
    """Describe every allocation or notice that differs from its decision, is missing, or has none."""
    yield from _allocations(connection, company_id)
    yield from _notices(connection, company_id)


def _allocations(connection: Connection, company_id: str) -> Iterator[str]:
    stored: dict[int, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    reversing: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(ALLOCATION).where(ALLOCATION.c.company_id == company_id)).mappings():
        if row["reverses"]:
            reversing[row["seq"]].add(row["reverses"])
        else:
            stored[row["seq"]][
                row["entry_id"], row["item_id"] or "", row["kind"], row["amount_minor"], row["currency"]
            ] += 1
    for seq, payload in _payloads(connection, company_id, "allocated"):
        said = Counter(
            (payload["entry_id"], a["item_id"], a["kind"], a["amount_minor"], a["currency"])
            for a in payload["allocations"]
        )
        if stored.pop(seq, Counter()) != said:
            yield f"decision {seq} booked something else than what is stored"
    for seq, payload in _payloads(connection, company_id, "reversed"):
        if reversing.pop(seq, set()) != set(payload["reverses"]):
            yield f"decision {seq} took back something else than what is stored"
    for seq in sorted([*stored, *reversing]):
        yield f"allocations under decision {seq} have no such decision"


def _notices(connection: Connection, company_id: str) -> Iterator[str]:
    items: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for row in connection.execute(select(NOTICE_ITEM).where(NOTICE_ITEM.c.company_id == company_id)).mappings():
        items[row["notice_id"]].add((row["item_id"], row["open_minor"]))
    stored = {
        row["seq"]: (row["debtor_number"], row["stage"], row["total_minor"], frozenset(items[row["notice_id"]]))
        for row in connection.execute(select(NOTICE).where(NOTICE.c.company_id == company_id)).mappings()
    }
    for seq, payload in _payloads(connection, company_id, "notice"):
        said = frozenset((item["item_id"], item["open_minor"]) for item in payload["items"])
        if stored.pop(seq, None) != (payload["debtor_number"], payload["stage"], payload["total_minor"], said):
            yield f"decision {seq} decided on another notice than the one that is stored"
    for seq in sorted(stored):
        yield f"the notice under decision {seq} has no such decision"


def _payloads(connection: Connection, company_id: str, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = connection.execute(
        select(DECISION.c.seq, DECISION.c.payload)
        .where(DECISION.c.company_id == company_id, DECISION.c.kind == kind)
        .order_by(DECISION.c.seq)
    )
    for seq, payload in rows:
        yield seq, parsed(payload)
