"""Calls (Gesprächsnotizen): what debtors said, appended with the silence that followed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dunning.call import Call, Dispute
from dunning.cause import Cause
from dunning.hold import HoldReason
from ledger.money import Money
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.holds import place_hold
from storage.promises import save_promise
from storage.tables import CALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from dunning.call import FollowUp


def save_call(connection: Connection, company_id: str, author: Author, call: Call, follow: FollowUp) -> str:
    """Append a call, its promise, and the holds that follow from it; return the call's identification."""
    placed: dict[HoldReason, str] = {}
    hold_ids = []
    for wanted in follow.holds:
        hold_id = place_hold(
            connection,
            company_id,
            author,
            debtor_number=call.debtor_number,
            item_id=wanted.item_id,
            reason=wanted.reason.value,
            note=wanted.note,
            owner=call.owner,
            expires_on=wanted.expires_on,
        )
        placed[wanted.reason] = hold_id
        hold_ids.append(hold_id)
    if call.promise is not None:
        save_promise(connection, company_id, author, call.promise, hold_id=placed.get(HoldReason.PROMISE, ""))
    payload = {
        "debtor_number": call.debtor_number,
        "called_on": call.called_on.isoformat(),
        "owner": call.owner,
        "spoke_to": call.spoke_to,
        "cause": call.cause.value,
        "disputes": canonical([_written(dispute) for dispute in call.disputes]),
        "hold_ids": canonical(hold_ids),
        "note": call.note,
    }
    (seq,) = append(connection, company_id, author, [Decided("call", payload)])
    connection.execute(
        insert(CALL).values(
            **{**payload, "called_on": call.called_on},
            company_id=company_id,
            call_id=f"C{seq}",
            seq=seq,
        )
    )
    return f"C{seq}"


def load_calls(connection: Connection, company_id: str, debtor_number: str = "") -> dict[str, Call]:
    """Give the calls with one debtor or with all, by their identification, oldest first; without their promises."""
    query = select(CALL).where(CALL.c.company_id == company_id)
    if debtor_number:
        query = query.where(CALL.c.debtor_number == debtor_number)
    rows = connection.execute(query.order_by(CALL.c.seq)).mappings()
    return {row["call_id"]: _read(row) for row in rows}


def _written(dispute: Dispute) -> list[Any]:
    amount = dispute.amount
    return [
        dispute.item_id,
        dispute.document_number,
        amount.minor if amount else None,
        amount.currency if amount else "",
        dispute.reason,
    ]


def _read(row: Mapping[Any, Any]) -> Call:
    return Call(
        debtor_number=row["debtor_number"],
        called_on=row["called_on"],
        owner=row["owner"],
        spoke_to=row["spoke_to"],
        cause=Cause(row["cause"]),
        disputes=tuple(
            Dispute(
                item_id=item_id,
                document_number=number,
                amount=Money(minor, currency) if minor is not None else None,
                reason=reason,
            )
            for item_id, number, minor, currency, reason in parsed(row["disputes"])
        ),
        note=row["note"],
    )
