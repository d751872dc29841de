"""The outbox (Postausgang): effects recorded with their decision, sent afterwards, at most once where it hurts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from ledger.errors import Refused
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.documents import save_document
from storage.tables import MAIL_MESSAGE, NOTICE, NOTICE_ITEM, OUTBOX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


class EffectKind(StrEnum):
    """How an effect leaves the house."""

    MAIL = "mail"  # a repeat would hurt: never sent twice, rather asked about
    FILE = "file"  # a repeat is harmless: the same bytes under the same name
    TOOL = "tool"  # an order to an accounting tool: looked for before it is said, and read back


class EffectStatus(StrEnum):
    """Where an effect stands."""

    QUEUED = "queued"  # recorded, not yet tried, or tried in vain
    SENDING = "sending"  # handed to the world; after a crash nobody knows
    SENT = "sent"
    UNCERTAIN = "uncertain"  # may have been sent; a person must look before anything else is said
    CANCELLED = "cancelled"  # the gate spoke, or a person took it back


# What may be written down without a decision, and from where; what is settled stays settled.
_MARKED_FROM: Final = MappingProxyType(
    {
        EffectStatus.SENDING: (EffectStatus.QUEUED.value,),
        EffectStatus.QUEUED: (EffectStatus.QUEUED.value, EffectStatus.SENDING.value),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing to send: a mail or a file, with its bytes."""

    outbox_id: str
    kind: EffectKind
    name: str
    media_type: str
    content: bytes = field(repr=False)
    path: str = ""  # below the output folder, for files
    sender: str = ""
    recipients: tuple[str, ...] = ()
    needs_release: bool = False
    message_id: str = ""  # of a mail, by which later mails answer it and bounces name it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEffect:
    """An effect in the outbox, without its bytes."""

    outbox_id: str
    kind: EffectKind
    sender: str
    recipients: tuple[str, ...]
    path: str
    sha256: str
    needs_release: bool
    status: EffectStatus
    attempts: int
    message: str
    sent_on: date | None


def enqueue(connection: Connection, company_id: str, seq: int, effects: Sequence[Effect]) -> None:
    """Record effects together with the decision ``seq`` that wants them."""
    for effect in effects:
        sha256 = save_document(
            connection, company_id, name=effect.name, media_type=effect.media_type, content=effect.content
        )
        connection.execute(
            insert(OUTBOX).values(
                company_id=company_id,
                outbox_id=effect.outbox_id,
                seq=seq,
                kind=effect.kind.value,
                sender=effect.sender,
                recipients=canonical(effect.recipients),
                path=effect.path,
                sha256=sha256,
                needs_release=effect.needs_release,
                status=EffectStatus.QUEUED.value,
                attempts=0,
                message="",
                sent_on=None,
            )
        )
        if effect.message_id:
            row = {"company_id": company_id, "outbox_id": effect.outbox_id, "message_id": effect.message_id}
            connection.execute(insert(MAIL_MESSAGE).values(row))


def load_threads(connection: Connection, company_id: str) -> dict[str, list[str]]:
    """Give the Message-IDs of the mails that were sent about each item, oldest first."""
    rows = connection.execute(
        select(NOTICE_ITEM.c.item_id, MAIL_MESSAGE.c.message_id)
        .select_from(NOTICE_ITEM)
        .join(
            NOTICE,
            (NOTICE.c.company_id == NOTICE_ITEM.c.company_id) & (NOTICE.c.notice_id == NOTICE_ITEM.c.notice_id),
        )
        .join(OUTBOX, (OUTBOX.c.company_id == NOTICE.c.company_id) & (OUTBOX.c.outbox_id == NOTICE.c.outbox_id))
        .join(
            MAIL_MESSAGE,
            (MAIL_MESSAGE.c.company_id == OUTBOX.c.company_id) & (MAIL_MESSAGE.c.outbox_id == OUTBOX.c.outbox_id),
        )
        .where(NOTICE_ITEM.c.company_id == company_id, OUTBOX.c.status == EffectStatus.SENT.value)
        .order_by(NOTICE.c.seq)
    )
    threads: dict[str, list[str]] = defaultdict(list)
    for item_id, message_id in rows:
        threads[item_id].append(message_id)
    return dict(threads)


def load_effects(connection: Connection, company_id: str, *statuses: EffectStatus) -> list[StoredEffect]:
    """Give the effects in these states (all, when none is named), in the order they were decided."""
    query = select(OUTBOX).where(OUTBOX.c.company_id == company_id)
    if statuses:
        query = query.where(OUTBOX.c.status.in_([status.value for status in statuses]))
    rows = connection.execute(query.order_by(OUTBOX.c.seq, OUTBOX.c.outbox_id)).mappings()
    return [_stored(row) for row in rows]


def has_effect(connection: Connection, company_id: str, outbox_id: str) -> bool:
    """Whether an effect was recorded before."""
    return (
        connection.execute(
            select(OUTBOX.c.outbox_id).where(OUTBOX.c.company_id == company_id, OUTBOX.c.outbox_id == outbox_id)
        ).first()
        is not None
    )


def mark(
    connection: Connection,
    company_id: str,
    outbox_id: str,
    status: EffectStatus,
    message: str = "",
    *,
    tries: int = 0,
) -> None:
    """Write down where an effect stands, without a decision: it is being tried, or could not be sent.

    Only what is queued can be tried; raise Refused when a person settled it, or somebody else tries it, meanwhile.
    """
    assert status in _MARKED_FROM, (outbox_id, status)
    changed = connection.execute(
        update(OUTBOX)
        .where(
            OUTBOX.c.company_id == company_id,
            OUTBOX.c.outbox_id == outbox_id,
            OUTBOX.c.status.in_(_MARKED_FROM[status]),
        )
        .values(status=status.value, message=message, attempts=OUTBOX.c.attempts + tries)
    )
    if status is EffectStatus.SENDING and changed.rowcount != 1:
        raise Refused(f"outbox: {outbox_id} is no longer queued; it was settled or tried meanwhile, and is not sent")


def settle(
    connection: Connection,
    company_id: str,
    author: Author,
    effect: StoredEffect,
    status: EffectStatus,
    message: str,
) -> None:
    """Decide what became of an effect: sent, uncertain or cancelled. This is what moves a dunning stage.

    What was sent or cancelled stays so; raise Refused when somebody else settled it meanwhile.
    """
    payload = {
        "outbox_id": effect.outbox_id,
        "status": status.value,
        "message": message,
    }
    changed = connection.execute(
        update(OUTBOX)
        .where(
            OUTBOX.c.company_id == company_id,
            OUTBOX.c.outbox_id == effect.outbox_id,
            OUTBOX.c.status.not_in([EffectStatus.SENT.value, EffectStatus.CANCELLED.value]),
        )
        .values(
            status=status.value,
            message=message,
            sent_on=author.run_date if status is EffectStatus.SENT else None,
        )
    )
    if changed.rowcount != 1:
        raise Refused(f"outbox: {effect.outbox_id} is settled already; look at it again")
    append(connection, company_id, author, [Decided("effect", payload)])


def release(connection: Connection, company_id: str, author: Author, effect: StoredEffect) -> None:
    """Let an effect go that waited for a person."""
    append(connection, company_id, author, [Decided("released", {"outbox_id": effect.outbox_id})])
    connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.company_id == company_id, OUTBOX.c.outbox_id == effect.outbox_id)
        .values(needs_release=False)
    )


def _stored(row: Mapping[Any, Any]) -> StoredEffect:
    return StoredEffect(
        outbox_id=row["outbox_id"],
        kind=EffectKind(row["kind"]),
        sender=row["sender"],
        recipients=tuple(parsed(row["recipients"])),
        path=row["path"],
        sha256=row["sha256"],
        needs_release=row["needs_release"],
        status=EffectStatus(row["status"]),
        attempts=row["attempts"],
        message=row["message"],
        sent_on=row["sent_on"],
    )
