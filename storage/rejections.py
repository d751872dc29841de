"""Rejections (Ablehnungen): what does not settle an entry, said and withdrawn by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from reconciliation.rejections import Ground, Rejection, Subject
from storage.canonical import canonical, parsed
from storage.decisions import Author, Decided, append
from storage.tables import REJECTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def save_rejection(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    entry_id: str,
    subject: Subject,
    grounds: tuple[Ground, ...],
    why: str,
) -> None:
    """Remember that a person rejected a booking of an entry, and everything it rested on."""
    _decide(connection, company_id, author, entry_id, why, subject, grounds, rejected=True)


def withdraw_rejections(connection: Connection, company_id: str, author: Author, entry_id: str, why: str) -> None:
    """Take back everything that was rejected on an entry."""
    _decide(connection, company_id, author, entry_id, why, Subject((), ()), (), rejected=False)


def load_rejections(connection: Connection, company_id: str) -> dict[str, tuple[Rejection, ...]]:
    """Give the rejections that stand, by entry, in the order they were made."""
    rows = connection.execute(
        select(REJECTION).where(REJECTION.c.company_id == company_id).order_by(REJECTION.c.seq)
    ).mappings()
    standing: dict[str, tuple[Rejection, ...]] = {}
    for row in rows:
        if row["rejected"]:
            standing[row["entry_id"]] = (*standing.get(row["entry_id"], ()), _rejection(row))
        else:
            standing.pop(row["entry_id"], None)
    return standing


def _decide(
    connection: Connection,
    company_id: str,
    author: Author,
    entry_id: str,
    why: str,
    subject: Subject,
    grounds: tuple[Ground, ...],
    *,
    rejected: bool,
) -> None:
    said = {
        "entry_id": entry_id,
        "rejected": rejected,
        "item_ids": canonical(subject.item_ids),
        "debtor_numbers": canonical(subject.debtor_numbers),
        "grounds": canonical(grounds),
        "who": author.actor,
        "why": why,
    }
    payload = said | {"decided_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("rejection", payload)])
    connection.execute(insert(REJECTION).values(company_id=company_id, seq=seq, decided_on=author.run_date, **said))


def _rejection(row: Mapping[Any, Any]) -> Rejection:
    return Rejection(
        entry_id=row["entry_id"],
        subject=Subject(tuple(parsed(row["item_ids"])), tuple(parsed(row["debtor_numbers"]))),
        grounds=tuple(Ground(*ground) for ground in parsed(row["grounds"])),
        rejected_on=row["decided_on"],
        who=row["who"],
        why=row["why"],
    )
