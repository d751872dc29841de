"""Receipts (Zugangsnachweise): what is known of the way of each mail and letter to the debtor, only ever appended."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, insert, select

from dunning.receipt import Proof, ReceiptFact
from storage.bounces import given_up
from storage.decisions import Author, Decided, append
from storage.tables import RECEIPT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_BY_A_PERSON: Final = (Proof.CONFIRMED.value, Proof.RETURNED.value)


def note_receipts(
    connection: Connection,
    company_id: str,
    author: Author,
    facts: Sequence[tuple[str, ReceiptFact]],
    *,
    address: str = "",
) -> None:
    """Append what became known of these effects; ``address`` is where a letter came back from.

    What is known already, word for word, is not appended once more: a report may be read twice.
    """
    payloads = [_payload(outbox_id, fact, address) for outbox_id, fact in facts]
    new = [payload for payload in payloads if not _is_known(connection, company_id, payload)]
    seqs = append(connection, company_id, author, [Decided("receipt", payload) for payload in new])
    rows = [
        {**payload, "happened_on": date.fromisoformat(payload["happened_on"]), "seq": seq}
        for seq, payload in zip(seqs, new, strict=True)
    ]
    if rows:
        connection.execute(insert(RECEIPT), [{**row, "company_id": company_id} for row in rows])


def load_receipt_facts(connection: Connection, company_id: str) -> dict[str, list[ReceiptFact]]:
    """Give what is known of each effect, in the order it became known; mails that came back included."""
    known: dict[str, list[tuple[int, ReceiptFact]]] = defaultdict(list)
    rows = connection.execute(select(RECEIPT).where(RECEIPT.c.company_id == company_id)).mappings()
    for row in rows:
        known[row["outbox_id"]].append((row["seq"], _fact(row)))
    for outbox_id, seq, fact in given_up(connection, company_id):
        known[outbox_id].append((seq, fact))
    return {
        outbox_id: [fact for _, fact in sorted(facts, key=lambda one: one[0])] for outbox_id, facts in known.items()
    }


def returned_addresses(connection: Connection, company_id: str) -> frozenset[str]:
    """Give the postal addresses from which letters came back, as ``dunning.reach.postal_address`` wrote them then.

    Where a person later says that the same letter arrived, its address is good again.
    """
    rows = connection.execute(
        select(RECEIPT.c.outbox_id, RECEIPT.c.proof, RECEIPT.c.address)
        .where(and_(RECEIPT.c.company_id == company_id, RECEIPT.c.proof.in_(_BY_A_PERSON)))
        .order_by(RECEIPT.c.seq)
    )
    last = {outbox_id: (proof, address) for outbox_id, proof, address in rows}
    return frozenset(address for proof, address in last.values() if proof == Proof.RETURNED.value and address)


def _payload(outbox_id: str, fact: ReceiptFact, address: str) -> dict[str, Any]:
    return {
        "outbox_id": outbox_id,
        "proof": fact.proof.value,
        "happened_on": fact.on.isoformat(),
        "happened_at": fact.at.isoformat() if fact.at else "",
        "evidence": fact.evidence,
        "address": address,
    }


def _is_known(connection: Connection, company_id: str, payload: Mapping[str, Any]) -> bool:
    """Whether the last thing known of this kind says exactly this."""
    last = (
        connection.execute(
            select(RECEIPT)
            .where(RECEIPT.c.company_id == company_id, RECEIPT.c.outbox_id == payload["outbox_id"])
            .order_by(RECEIPT.c.seq.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return last is not None and _payload(last["outbox_id"], _fact(last), last["address"]) == payload


def _fact(row: Mapping[Any, Any]) -> ReceiptFact:
    return ReceiptFact(
        proof=Proof(row["proof"]),
        on=row["happened_on"],
        at=datetime.fromisoformat(row["happened_at"]) if row["happened_at"] else None,
        evidence=row["evidence"],
    )
