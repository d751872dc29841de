"""Confirmations (Bestätigungen) and other texts that are no stage: whom they were written to, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from storage.canonical import parsed
from storage.decisions import Author, Decided, append
from storage.outbox import EffectStatus, enqueue
from storage.tables import DECISION, OUTBOX

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.outbox import Effect

_KIND: Final = "confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A text in the outbox that is no stage."""

    outbox_id: str
    debtor_number: str
    what: str  # the name of its template
    sent_to: str  # as ``dunning.reach.address_for`` wrote it; empty: of an earlier version


def save_confirmation(
    connection: Connection, company_id: str, author: Author, effect: Effect, *, what: str, to: str, sent_to: str
) -> None:
    """Decide that a text is sent to a debtor (``to``), and put it into the outbox."""
    payload = {"outbox_id": effect.outbox_id, "what": what, "debtor_number": to, "sent_to": sent_to}
    (seq,) = append(connection, company_id, author, [Decided(_KIND, payload)])
    enqueue(connection, company_id, seq, [effect])


def waiting_confirmations(connection: Connection, company_id: str) -> dict[str, Confirmation]:
    """Give those that wait in the outbox, by their effect."""
    rows = connection.execute(
        select(OUTBOX.c.outbox_id, DECISION.c.payload)
        .join(DECISION, (DECISION.c.company_id == OUTBOX.c.company_id) & (DECISION.c.seq == OUTBOX.c.seq))
        .where(
            OUTBOX.c.company_id == company_id,
            OUTBOX.c.status == EffectStatus.QUEUED.value,
            DECISION.c.kind == _KIND,
        )
    )
    said = {str(outbox_id): parsed(payload) for outbox_id, payload in rows}
    return {
        outbox_id: Confirmation(
            outbox_id=outbox_id,
            debtor_number=payload["debtor_number"],
            what=payload["what"],
            sent_to=payload.get("sent_to", ""),
        )
        for outbox_id, payload in said.items()
        if "debtor_number" in payload
    }
