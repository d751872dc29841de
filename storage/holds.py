"""Holds (Mahnsperren): placed and lifted by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ledger.errors import Refused
from storage.decisions import Author, Decided, append
from storage.tables import HOLD, HOLD_LIFTED

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


def place_hold(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    item_id: str,
    reason: str,
    note: str,
    owner: str,
    expires_on: date | None,
) -> str:
    """Keep a debtor, or one item, out of dunning; return the hold's identification."""
    payload = {
        "debtor_number": debtor_number,
        "item_id": item_id,
        "reason": reason,
        "note": note,
        "owner": owner,
        "expires_on": expires_on.isoformat() if expires_on else None,
    }
    (seq,) = append(connection, company_id, author, [Decided("hold", payload)])
    connection.execute(
        insert(HOLD).values(
            company_id=company_id,
            hold_id=f"H{seq}",
            seq=seq,
            debtor_number=debtor_number,
            item_id=item_id,
            reason=reason,
            note=note,
            owner=owner,
            placed_on=author.run_date,
            expires_on=expires_on,
        )
    )
    return f"H{seq}"


def lift_hold(connection: Connection, company_id: str, author: Author, hold_id: str) -> None:
    """End a hold; raise Refused when there is no such hold, or it was lifted before."""
    if all(hold["hold_id"] != hold_id for hold in load_holds(connection, company_id)):
        raise Refused(f"hold {hold_id}: there is none that could be lifted")
    (seq,) = append(connection, company_id, author, [Decided("hold_lifted", {"hold_id": hold_id})])
    connection.execute(insert(HOLD_LIFTED).values(company_id=company_id, hold_id=hold_id, seq=seq))


def load_holds(connection: Connection, company_id: str) -> list[dict[str, Any]]:
    """Give the holds that were not lifted, expired ones included, in the order they were placed."""
    rows = connection.execute(
        select(HOLD)
        .outerjoin(
            HOLD_LIFTED, (HOLD_LIFTED.c.company_id == HOLD.c.company_id) & (HOLD_LIFTED.c.hold_id == HOLD.c.hold_id)
        )
        .where(HOLD.c.company_id == company_id, HOLD_LIFTED.c.hold_id.is_(None))
        .order_by(HOLD.c.seq)
    ).mappings()
    return [dict(row) for row in rows]
