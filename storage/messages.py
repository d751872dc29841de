"""Messages of debtors (Nachrichten): noted when they come, and when they were answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from ledger.errors import Refused
from storage.decisions import Author, Decided, append, decided_until
from storage.tables import MESSAGE, MESSAGE_ANSWERED

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something a debtor wrote or said that waits for an answer."""

    message_id: str
    debtor_number: str
    received_on: date
    note: str


def note_message(
    connection: Connection, company_id: str, author: Author, *, debtor_number: str, received_on: date, note: str
) -> str:
    """Note that a debtor wrote or called; return the message's identification."""
    payload = {"debtor_number": debtor_number, "received_on": received_on.isoformat(), "note": note}
    (seq,) = append(connection, company_id, author, [Decided("message", payload)])
    connection.execute(
        insert(MESSAGE).values(
            company_id=company_id,
            message_id=f"B{seq}",
            seq=seq,
            debtor_number=debtor_number,
            received_on=received_on,
            note=note,
        )
    )
    return f"B{seq}"


def answer_message(connection: Connection, company_id: str, author: Author, message_id: str, note: str) -> None:
    """Note that a message was answered; raise Refused when there is none that waits."""
    if all(message.message_id != message_id for message in load_unanswered(connection, company_id)):
        raise Refused(f"message {message_id}: there is none that waits for an answer; `message list` shows them")
    (seq,) = append(
        connection, company_id, author, [Decided("message_answered", {"message_id": message_id, "note": note})]
    )
    connection.execute(
        insert(MESSAGE_ANSWERED).values(
            company_id=company_id, message_id=message_id, seq=seq, note=note, answered_on=author.run_date
        )
    )


def load_unanswered(connection: Connection, company_id: str, *, until: date | None = None) -> list[Message]:
    """Give the messages that wait for an answer (``until`` a day: that waited on it), the oldest first."""
    unanswered = MESSAGE_ANSWERED.c.message_id.is_(None)
    waits: list[ColumnElement[bool]] = [unanswered]
    if until is not None:
        waits = [
            unanswered | (MESSAGE_ANSWERED.c.answered_on > until),
            MESSAGE.c.seq.in_(decided_until(company_id, until)),
        ]
    rows = connection.execute(
        select(MESSAGE)
        .outerjoin(
            MESSAGE_ANSWERED,
            (MESSAGE_ANSWERED.c.company_id == MESSAGE.c.company_id)
            & (MESSAGE_ANSWERED.c.message_id == MESSAGE.c.message_id),
        )
        .where(MESSAGE.c.company_id == company_id, *waits)
        .order_by(MESSAGE.c.received_on, MESSAGE.c.seq)
    ).mappings()
    return [
        Message(
            message_id=row["message_id"],
            debtor_number=row["debtor_number"],
            received_on=row["received_on"],
            note=row["note"],
        )
        for row in rows
    ]
