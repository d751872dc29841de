"""Bounces (unzustellbare E-Mails): what came back, and which addresses and mails that makes worthless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from storage.decisions import Author, Decided, append
from storage.documents import save_document
from storage.tables import BOUNCE, MAIL_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from dunning.bounce import Bounce


def save_bounces(
    connection: Connection, company_id: str, author: Author, name: str, raw: bytes, bounces: Sequence[Bounce]
) -> list[str]:
    """Append what a report tells; return the effects it speaks of, empty where a mail is none of ours.

    The same report read twice is recorded once: it is known by its hash.
    """
    sha256 = save_document(connection, company_id, name=name, media_type="message/rfc822", content=raw)
    known = select(BOUNCE.c.bounce_id).where(BOUNCE.c.company_id == company_id, BOUNCE.c.sha256 == sha256).limit(1)
    if not bounces or connection.execute(known).first() is not None:
        return []
    outbox_ids = [_effect_of(connection, company_id, bounce.message_id) for bounce in bounces]
    payloads = [
        {
            "sha256": sha256,
            "outbox_id": outbox_id,
            "recipient": bounce.recipient,
            "is_permanent": bounce.is_permanent,
            "status": bounce.status,
            "says": bounce.says,
        }
        for bounce, outbox_id in zip(bounces, outbox_ids, strict=True)
    ]
    seqs = append(connection, company_id, author, [Decided("bounce", payload) for payload in payloads])
    rows = [
        {**payload, "company_id": company_id, "bounce_id": f"U{seq}", "seq": seq, "bounced_on": author.run_date}
        for seq, payload in zip(seqs, payloads, strict=True)
    ]
    connection.execute(insert(BOUNCE), rows)
    return outbox_ids


def unusable_addresses(connection: Connection, company_id: str) -> dict[str, date]:
    """Give the addresses a mail to which came back for good, in small letters, with the day we learned it."""
    rows = connection.execute(
        select(BOUNCE.c.recipient, BOUNCE.c.bounced_on)
        .where(BOUNCE.c.company_id == company_id, BOUNCE.c.is_permanent)
        .order_by(BOUNCE.c.seq)
    )
    return {recipient.casefold(): bounced_on for recipient, bounced_on in rows}


def not_received(connection: Connection, company_id: str) -> frozenset[str]:
    """Name the mails (outbox effects) that came back for good: nobody received them (§ 130 BGB)."""
    rows = connection.execute(
        select(BOUNCE.c.outbox_id).where(BOUNCE.c.company_id == company_id, BOUNCE.c.is_permanent)
    )
    return frozenset(outbox_id for (outbox_id,) in rows if outbox_id)


def _effect_of(connection: Connection, company_id: str, message_id: str) -> str:
    found = connection.execute(
        select(MAIL_MESSAGE.c.outbox_id).where(
            MAIL_MESSAGE.c.company_id == company_id, MAIL_MESSAGE.c.message_id == message_id
        )
    ).first()
    return str(found.outbox_id) if found else ""
