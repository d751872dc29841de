"""Promises to pay (Zahlungszusagen): made in a call, and ended as kept or broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from dunning.promise import Promise, PromiseState
from ledger.money import Money
from storage.decisions import Author, Decided, append
from storage.tables import PROMISE, PROMISE_ENDED

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPromise:
    """A promise with what became of it; ``ended_on`` is empty while it runs."""

    promise: Promise
    hold_id: str
    state: PromiseState
    ended_on: date | None


def save_promise(connection: Connection, company_id: str, author: Author, promise: Promise, *, hold_id: str) -> str:
    """Append a promise; return its identification. ``hold_id`` is empty where it buys no silence."""
    payload = {
        "debtor_number": promise.debtor_number,
        "amount_minor": promise.amount.minor,
        "currency": promise.amount.currency,
        "due_on": promise.pay_by.isoformat(),
        "made_on": promise.made_on.isoformat(),
        "made_by": promise.made_by,
        "owner": promise.owner,
        "hold_id": hold_id,
    }
    (seq,) = append(connection, company_id, author, [Decided("promise", payload)])
    connection.execute(
        insert(PROMISE).values(
            **{**payload, "due_on": promise.pay_by, "made_on": promise.made_on},
            company_id=company_id,
            promise_id=f"V{seq}",
            seq=seq,
        )
    )
    return f"V{seq}"


def end_promise(
    connection: Connection, company_id: str, author: Author, promise_id: str, state: PromiseState
) -> None:
    """Write down that a promise was kept or broken."""
    assert state is not PromiseState.RUNNING, promise_id
    decided = Decided("promise_ended", {"promise_id": promise_id, "state": state.value})
    (seq,) = append(connection, company_id, author, [decided])
    connection.execute(
        insert(PROMISE_ENDED).values(
            company_id=company_id, promise_id=promise_id, seq=seq, state=state.value, ended_on=author.run_date
        )
    )


def load_promises(connection: Connection, company_id: str) -> list[StoredPromise]:
    """Give every promise there ever was, in the order they were made."""
    rows = connection.execute(
        select(PROMISE, PROMISE_ENDED.c.state, PROMISE_ENDED.c.ended_on)
        .outerjoin(
            PROMISE_ENDED,
            (PROMISE_ENDED.c.company_id == PROMISE.c.company_id)
            & (PROMISE_ENDED.c.promise_id == PROMISE.c.promise_id),
        )
        .where(PROMISE.c.company_id == company_id)
        .order_by(PROMISE.c.seq)
    ).mappings()
    return [
        StoredPromise(
            promise=Promise(
                promise_id=row["promise_id"],
                debtor_number=row["debtor_number"],
                amount=Money(row["amount_minor"], row["currency"]),
                pay_by=row["due_on"],
                made_on=row["made_on"],
                made_by=row["made_by"],
                owner=row["owner"],
            ),
            hold_id=row["hold_id"],
            state=PromiseState(row["state"]) if row["state"] else PromiseState.RUNNING,
            ended_on=row["ended_on"],
        )
        for row in rows
    ]
