"""The decision log (Entscheidungsprotokoll): appended, hash-chained, checkable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from storage.canonical import canonical
from storage.tables import DECISION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who decides, when, and for which run."""

    actor: str  # the engine with its version, or a person
    now: datetime  # aware
    run_date: date


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision before it is written: its kind and everything that belongs to it."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a company's log."""

    seq: int
    hash: str


def head(connection: Connection, company_id: str) -> Head:
    """Give the last decision; an empty log has number 0 and the genesis hash."""
    last = connection.execute(
        select(DECISION.c.seq, DECISION.c.hash)
        .where(DECISION.c.company_id == company_id)
        .order_by(DECISION.c.seq.desc())
        .limit(1)
    ).first()
    return Head(last.seq, last.hash) if last else Head(0, GENESIS)


def decided_until(company_id: str, day: date) -> Select[int]:
    """Select the numbers of everything that was decided in the runs up to and including a day."""
    return select(DECISION.c.seq).where(DECISION.c.company_id == company_id, DECISION.c.run_date <= day)


def append(connection: Connection, company_id: str, author: Author, decided: Sequence[Decided]) -> range:
    """Append decisions in the given order; return their numbers.

    The caller works in ``storage.database.transaction``, which lets one decide for a company at a time.
    """
    last = head(connection, company_id)
    previous, rows = last.hash, []
    decided_at = author.now.isoformat(timespec="microseconds")
    for seq, decision in enumerate(decided, start=last.seq + 1):
        payload = canonical(decision.payload)
        this = chain_hash(
            previous, company_id, seq, decision.kind, decided_at, author.actor, author.run_date, payload
        )
        rows.append(
            {
                "company_id": company_id,
                "seq": seq,
                "kind": decision.kind,
                "decided_at": decided_at,
                "actor": author.actor,
                "run_date": author.run_date,
                "payload": payload,
                "previous_hash": previous,
                "hash": this,
            }
        )
        previous = this
    if rows:
        connection.execute(insert(DECISION), rows)
    return range(last.seq + 1, last.seq + 1 + len(rows))


def chain_hash(
    previous: str, company_id: str, seq: int, kind: str, decided_at: str, actor: str, run_date: date, payload: str
) -> str:
    """Hash one decision together with the one before it."""
    parts = (previous, company_id, str(seq), kind, decided_at, actor, run_date.isoformat(), payload)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def broken_links(connection: Connection, company_id: str) -> Iterator[str]:
    """Walk the whole log and describe every place where it was changed or something is missing."""
    previous, expected = GENESIS, 1
    rows = connection.execute(
        select(DECISION).where(DECISION.c.company_id == company_id).order_by(DECISION.c.seq),
        execution_options={"yield_per": 2000},
    )
    for row in rows.mappings():
        seq = row["seq"]
        if seq != expected:
            yield f"decision {expected} is missing" + (f" (up to {seq - 1})" if seq - 1 > expected else "")
        elif row["previous_hash"] != previous:
            yield f"decision {seq} does not follow the one before it"
        stated = chain_hash(
            row["previous_hash"],
            company_id,
            seq,
            row["kind"],
            row["decided_at"],
            row["actor"],
            row["run_date"],
            row["payload"],
        )
        if stated != row["hash"]:
            yield f"decision {seq} was changed after it was written"
        previous, expected = row["hash"], seq + 1
