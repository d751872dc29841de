"""Bounces (unzustellbare E-Mails): what came back, and which addresses and mails that makes worthless."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, or_, select

from dunning.receipt import Proof, ReceiptFact
from storage.canonical import parsed
from storage.decisions import Author, Decided, append
from storage.documents import save_document
from storage.tables import BOUNCE, MAIL_MESSAGE, OUTBOX, RECEIPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from dunning.bounce import Bounce

# Mail servers give up after five days (RFC 5321, 4.5.4.1); somebody may lay the report into the folder later.
_REPORTED_WITHIN: Final = timedelta(days=10)
# A full mailbox or a server that is down gets well again; until then the debtor is reached in another way.
_TRIED_AGAIN_AFTER: Final = timedelta(days=30)


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
    concerned = [mail_of(connection, company_id, author, bounce.message_id, bounce.recipient) for bounce in bounces]
    payloads = [
        {
            "sha256": sha256,
            "outbox_id": outbox_id,
            "recipient": recipient,
            "is_permanent": bounce.is_permanent,
            "status": bounce.status,
            "says": bounce.says,
            "gave_up": bounce.gave_up,
        }
        for bounce, (outbox_id, recipient) in zip(bounces, concerned, strict=True)
    ]
    seqs = append(connection, company_id, author, [Decided("bounce", payload) for payload in payloads])
    rows = [
        {**payload, "company_id": company_id, "bounce_id": f"U{seq}", "seq": seq, "bounced_on": author.run_date}
        for seq, payload in zip(seqs, payloads, strict=True)
    ]
    connection.execute(insert(BOUNCE), rows)
    return [outbox_id for outbox_id, _ in concerned]


def save_refused(connection: Connection, company_id: str, author: Author, outbox_id: str, bounce: Bounce) -> None:
    """Append that our own server refused an address before it took the mail; its answer is the evidence."""
    raw = f"{author.run_date} {outbox_id} RCPT TO:<{bounce.recipient}>: {bounce.says}\n".encode()
    sha256 = save_document(connection, company_id, name=f"{outbox_id}.smtp.txt", media_type="text/plain", content=raw)
    payload = {
        "sha256": sha256,
        "outbox_id": outbox_id,
        "recipient": bounce.recipient,
        "is_permanent": bounce.is_permanent,
        "status": bounce.status,
        "says": bounce.says,
        "gave_up": bounce.gave_up,
    }
    (seq,) = append(connection, company_id, author, [Decided("bounce", payload)])
    row = {**payload, "company_id": company_id, "bounce_id": f"U{seq}", "seq": seq, "bounced_on": author.run_date}
    connection.execute(insert(BOUNCE), [row])


def mail_of(
    connection: Connection, company_id: str, author: Author, message_id: str, recipient: str
) -> tuple[str, str]:
    """Give the mail (outbox effect) a report speaks of, and to which of its recipients; no mail where it is none.

    A report names the mail, or at least somebody we wrote to in the last days: nobody else's report may spoil an
    address. Where the only recipient of a mail forwards it, the report names an address we never heard of.
    """
    named = _named(connection, company_id, message_id)
    if named:
        outbox_id, recipients = named
        ours = _same(recipient, recipients) or (recipients[0] if len(recipients) == 1 else "")
        return (outbox_id, ours) if ours else ("", recipient)
    for outbox_id, recipients in _lately_sent(connection, company_id, author.run_date):
        if ours := _same(recipient, recipients):
            return outbox_id, ours
    return "", recipient


def given_up(connection: Connection, company_id: str) -> Iterator[tuple[str, int, ReceiptFact]]:
    """Give each mail that nobody received (§ 130 BGB): its effect, the decision that says so, what is known."""
    failed: dict[str, list[Mapping[Any, Any]]] = defaultdict(list)
    recipients: dict[str, frozenset[str]] = {}
    rows = connection.execute(
        select(BOUNCE, OUTBOX.c.recipients)
        .join(OUTBOX, (OUTBOX.c.company_id == BOUNCE.c.company_id) & (OUTBOX.c.outbox_id == BOUNCE.c.outbox_id))
        .where(BOUNCE.c.company_id == company_id, _gave_up())
        .order_by(BOUNCE.c.seq)
    ).mappings()
    for row in rows:
        failed[row["outbox_id"]].append(row)
        recipients[row["outbox_id"]] = frozenset(one.casefold() for one in parsed(row["recipients"]))
    for outbox_id, bounces in failed.items():
        if recipients[outbox_id] <= {one["recipient"].casefold() for one in bounces}:
            last = bounces[-1]
            evidence = " ".join(f"{last['recipient']}: {last['status']} {last['says']}".split())
            yield outbox_id, last["seq"], ReceiptFact(proof=Proof.BOUNCED, on=last["bounced_on"], evidence=evidence)


def unusable_addresses(connection: Connection, company_id: str, today: date | None = None) -> dict[str, date]:
    """Give the addresses mails came back from, in small letters, with the day we learned it.

    For good where the address is to blame; with ``today``, also for a month where the mail could not be delivered for
    another reason. A person who says that such a mail arrived makes its address good again.
    """
    arrived = dict(
        connection.execute(
            select(RECEIPT.c.outbox_id, RECEIPT.c.seq)
            .where(RECEIPT.c.company_id == company_id, RECEIPT.c.proof == Proof.CONFIRMED.value)
            .order_by(RECEIPT.c.seq)
        ).all()
    )
    rows = connection.execute(
        select(BOUNCE).where(BOUNCE.c.company_id == company_id, _gave_up()).order_by(BOUNCE.c.seq)
    ).mappings()
    return {
        row["recipient"].casefold(): row["bounced_on"]
        for row in rows
        if (row["outbox_id"] or row["gave_up"] is None)
        and (row["is_permanent"] or (today is not None and today - row["bounced_on"] < _TRIED_AGAIN_AFTER))
        and arrived.get(row["outbox_id"], 0) < row["seq"]
    }


def _gave_up() -> ColumnElement[bool]:
    # Rows of an earlier version do not say it; what was permanent had been given up.
    return or_(BOUNCE.c.gave_up, BOUNCE.c.is_permanent)


def _named(connection: Connection, company_id: str, message_id: str) -> tuple[str, tuple[str, ...]] | None:
    """Find the mail of a Message-ID with its recipients; None where we sent none of that name."""
    found = connection.execute(
        select(OUTBOX.c.outbox_id, OUTBOX.c.recipients)
        .join(
            MAIL_MESSAGE,
            (MAIL_MESSAGE.c.company_id == OUTBOX.c.company_id) & (MAIL_MESSAGE.c.outbox_id == OUTBOX.c.outbox_id),
        )
        .where(MAIL_MESSAGE.c.company_id == company_id, MAIL_MESSAGE.c.message_id == message_id)
    ).first()
    return (str(found.outbox_id), tuple(parsed(found.recipients))) if found else None


def _lately_sent(connection: Connection, company_id: str, today: date) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the mails of the last days, the newest first."""
    rows = connection.execute(
        select(OUTBOX.c.outbox_id, OUTBOX.c.recipients)
        .where(
            OUTBOX.c.company_id == company_id,
            OUTBOX.c.kind == "mail",
            OUTBOX.c.sent_on > today - _REPORTED_WITHIN,
            OUTBOX.c.sent_on <= today,
        )
        .order_by(OUTBOX.c.seq.desc())
    )
    for outbox_id, recipients in rows:
        yield outbox_id, tuple(parsed(recipients))


def _same(recipient: str, recipients: Sequence[str]) -> str:
    """Find the address among ours; capital letters do not make another mailbox, whatever RFC 5321 allows."""
    return next((one for one in recipients if one.casefold() == recipient.casefold()), "")
