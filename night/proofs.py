"""Proofs of receipt (Zugangsnachweise) that a person gives: posted, confirmed by the debtor, or come back by post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunning.reach import postal_address
from dunning.receipt import Proof, ReceiptFact
from ledger.errors import Refused
from storage.facts import load_debtors
from storage.outbox import EffectKind, EffectStatus, load_effects
from storage.print_batches import addressee, letters_of_batch
from storage.receipts import load_receipt_facts, note_receipts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from storage.database import Connection
    from storage.decisions import Author
    from storage.outbox import StoredEffect


def note_posted(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    posted_on: date,
    batch_id: str = "",
    letters: Sequence[str] = (),
) -> list[str]:
    """Note on which day letters were given to the post: those named, those of a batch, or all not yet noted.

    A second word on the same letter counts instead of the first, and leaves it in the log. Returns the letters;
    raises Refused for a day before one was sent, for a day to come, and for what is no letter we sent.
    """
    sent = _sent(connection, company_id, EffectKind.FILE)
    if letters:
        chosen = [_letter(sent, number) for number in letters]
    elif batch_id:
        chosen = [sent[one] for one in letters_of_batch(connection, company_id, batch_id) if one in sent]
    else:
        known = load_receipt_facts(connection, company_id)
        chosen = [effect for effect in sent.values() if effect.outbox_id not in known]
    if batch_id and not chosen:
        raise Refused(f"print batch {batch_id}: there is none of this name; see the names in the folder print")
    for effect in chosen:
        _refuse_impossible(effect, posted_on, author, "posted")
    evidence = f"given to the post, says {author.actor}" + (f" ({batch_id})" if batch_id else "")
    fact = ReceiptFact(proof=Proof.POSTED, on=posted_on, evidence=evidence)
    note_receipts(connection, company_id, author, [(effect.outbox_id, fact) for effect in chosen])
    return [effect.outbox_id for effect in chosen]


def note_confirmed(
    connection: Connection, company_id: str, author: Author, *, letter: str, received_on: date, how: str
) -> str:
    """Note that the debtor has a letter or mail, and since when; this beats whatever was assumed or came back.

    Raises Refused for a day before it was sent, for a day to come, and for what we never sent.
    """
    effect = _letter(_sent(connection, company_id, EffectKind.FILE, EffectKind.MAIL), letter)
    _refuse_impossible(effect, received_on, author, "received")
    evidence = f"{how} ({author.actor})" if how else f"says {author.actor}"
    fact = ReceiptFact(proof=Proof.CONFIRMED, on=received_on, evidence=evidence)
    note_receipts(connection, company_id, author, [(effect.outbox_id, fact)])
    return effect.outbox_id


def note_returned(
    connection: Connection, company_id: str, author: Author, *, letter: str, returned_on: date, why: str
) -> str:
    """Note that the post brought a letter back: it was not received, and its address is used no more.

    Raises Refused for a day before it was sent, for a day to come, and for what is no letter we sent.
    """
    effect = _letter(_sent(connection, company_id, EffectKind.FILE), letter)
    _refuse_impossible(effect, returned_on, author, "returned")
    evidence = f"{why} ({author.actor})" if why else f"says {author.actor}"
    fact = ReceiptFact(proof=Proof.RETURNED, on=returned_on, evidence=evidence)
    debtor = load_debtors(connection, company_id).get(addressee(connection, company_id, effect))
    address = postal_address(debtor) if debtor else ""
    note_receipts(connection, company_id, author, [(effect.outbox_id, fact)], address=address)
    return effect.outbox_id


def _sent(connection: Connection, company_id: str, *kinds: EffectKind) -> dict[str, StoredEffect]:
    """Give the letters (and mails) that left the house, by their effect."""
    return {
        effect.outbox_id: effect
        for effect in load_effects(connection, company_id, EffectStatus.SENT)
        if effect.kind in kinds and effect.path.startswith(("letters/", "mail/"))
    }


def _letter(sent: Mapping[str, StoredEffect], number: str) -> StoredEffect:
    for outbox_id in (number, f"notice-{number}", f"message-{number}"):
        if outbox_id in sent:
            return sent[outbox_id]
    raise Refused(f"{number}: this is no letter or mail we sent; its number stands on it, like M-2026-00001")


def _refuse_impossible(effect: StoredEffect, day: date, author: Author, what: str) -> None:
    if effect.sent_on is not None and day < effect.sent_on:
        raise Refused(f"{effect.outbox_id} was sent on {effect.sent_on}; it cannot have been {what} on {day}")
    if day > author.run_date:
        raise Refused(f"{effect.outbox_id}: {day} is a day to come; say it once it was {what}")
