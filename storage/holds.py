"""Holds (Mahnsperren): placed and lifted by decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dunning.hold import AfterHold, Hold, HoldReason
from ledger.errors import Refused
from storage.decisions import Author, Decided, append
from storage.tables import DECISION, HOLD, HOLD_LIFTED, INSOLVENCY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Insolvency:
    """What a claim is filed with (Forderungsanmeldung, § 174 InsO)."""

    court: str = ""
    file_number: str = ""  # Aktenzeichen
    administrator: str = ""  # Insolvenzverwalter
    file_by: date | None = None  # Anmeldefrist


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
    after: AfterHold | None = None,
    since: date | None = None,
    insolvency: Insolvency | None = None,
) -> str:
    """Keep a debtor, or one item, out of dunning; return the hold's identification.

    ``after`` is what happens when it is over (None: what is usual for the reason), ``since`` the day it is about: of
    the opening of insolvency proceedings, of a death.
    """
    payload = {
        "debtor_number": debtor_number,
        "item_id": item_id,
        "reason": reason,
        "note": note,
        "owner": owner,
        "expires_on": expires_on.isoformat() if expires_on else None,
        "after": after.value if after else "",
        "since": since.isoformat() if since else None,
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
            after=after.value if after else "",
            since=since,
        )
    )
    if insolvency is not None:
        connection.execute(
            insert(INSOLVENCY).values(
                company_id=company_id,
                hold_id=f"H{seq}",
                court=insolvency.court,
                file_number=insolvency.file_number,
                administrator=insolvency.administrator,
                file_by=insolvency.file_by,
            )
        )
    return f"H{seq}"


def lift_hold(connection: Connection, company_id: str, author: Author, hold_id: str, *, broken: bool = False) -> None:
    """End a hold; raise Refused when there is no such hold, or it was lifted before.

    ``broken`` says that the debtor did not keep to it: what follows a broken promise or plan, follows.
    """
    if all(hold["hold_id"] != hold_id for hold in load_holds(connection, company_id)):
        raise Refused(f"hold {hold_id}: there is none that could be lifted")
    (seq,) = append(connection, company_id, author, [Decided("hold_lifted", {"hold_id": hold_id, "broken": broken})])
    connection.execute(insert(HOLD_LIFTED).values(company_id=company_id, hold_id=hold_id, seq=seq, broken=broken))


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


def load_all_holds(connection: Connection, company_id: str) -> list[Hold]:
    """Give every hold there ever was, ended ones with the day they ended on, in the order they were placed."""
    rows = connection.execute(
        select(HOLD, HOLD_LIFTED.c.broken, DECISION.c.run_date.label("ended_on"))
        .outerjoin(
            HOLD_LIFTED, (HOLD_LIFTED.c.company_id == HOLD.c.company_id) & (HOLD_LIFTED.c.hold_id == HOLD.c.hold_id)
        )
        .outerjoin(
            DECISION, (DECISION.c.company_id == HOLD_LIFTED.c.company_id) & (DECISION.c.seq == HOLD_LIFTED.c.seq)
        )
        .where(HOLD.c.company_id == company_id)
        .order_by(HOLD.c.seq)
    ).mappings()
    return [_hold(row) for row in rows]


def _hold(row: Mapping[Any, Any]) -> Hold:
    return Hold(
        hold_id=row["hold_id"],
        debtor_number=row["debtor_number"],
        item_id=row["item_id"],
        reason=HoldReason(row["reason"]),
        note=row["note"],
        owner=row["owner"],
        placed_on=row["placed_on"],
        expires_on=row["expires_on"],
        after=AfterHold(row["after"]) if row["after"] else None,
        since=row["since"],
        ended_on=row["ended_on"],
        broken=bool(row["broken"]),
    )


def load_insolvencies(connection: Connection, company_id: str) -> dict[str, Insolvency]:
    """Give what claims are filed with, by the hold that keeps silence."""
    rows = connection.execute(select(INSOLVENCY).where(INSOLVENCY.c.company_id == company_id)).mappings()
    return {
        row["hold_id"]: Insolvency(
            court=row["court"],
            file_number=row["file_number"],
            administrator=row["administrator"],
            file_by=row["file_by"],
        )
        for row in rows
    }
