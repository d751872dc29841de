"""Answering for the outbox: releasing what waits for a person, and settling what may or may not have been sent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.errors import Refused
from storage.outbox import EffectStatus, load_effects, release, settle

if TYPE_CHECKING:
    from storage.database import Connection
    from storage.decisions import Author
    from storage.outbox import StoredEffect

_OPEN = (EffectStatus.QUEUED, EffectStatus.SENDING, EffectStatus.UNCERTAIN)


class OutboxAnswer(StrEnum):
    """What a person may say of an effect."""

    RELEASE = "release"  # it may go
    SENT = "sent"  # it did arrive
    AGAIN = "again"  # it did not; send it once more
    CANCEL = "cancel"  # it shall not go


def show_outbox(connection: Connection, company_id: str) -> list[StoredEffect]:
    """Give everything that is not settled."""
    return load_effects(connection, company_id, *_OPEN)


def answer_outbox(
    connection: Connection, company_id: str, author: Author, outbox_id: str, answer: OutboxAnswer
) -> StoredEffect:
    """Record a person's answer; refuse one that does not fit the state of the effect."""
    effect = next((e for e in show_outbox(connection, company_id) if e.outbox_id == outbox_id), None)
    if effect is None:
        raise Refused(f"outbox: nothing unsettled is called {outbox_id}")
    unclear = effect.status is not EffectStatus.QUEUED
    match answer:
        case OutboxAnswer.RELEASE if effect.needs_release and not unclear:
            release(connection, company_id, author, effect)
        case OutboxAnswer.SENT if unclear:
            settle(connection, company_id, author, effect, EffectStatus.SENT, f"{author.actor} says it arrived")
        case OutboxAnswer.AGAIN if unclear:
            settle(
                connection, company_id, author, effect, EffectStatus.QUEUED, f"{author.actor} says it did not arrive"
            )
        case OutboxAnswer.CANCEL:
            settle(connection, company_id, author, effect, EffectStatus.CANCELLED, f"cancelled by {author.actor}")
        case _:
            raise Refused(f"outbox: {outbox_id} is {effect.status.value}; {answer.value!r} is no answer to that")
    return effect
