"""Draws for audit (Stichproben): automatic bookings a person looks at afterwards, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ledger.errors import Refused
from storage.decisions import Author, Decided, append
from storage.matches import reversed_with_files
from storage.tables import ALLOCATION, AUDIT_DRAW, AUDIT_RESULT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection


class DrawState(StrEnum):
    """What became of a drawn booking."""

    WAITING = "waiting"  # for a person
    RIGHT = "right"
    WRONG = "wrong"  # a person said so, or took the booking back
    GONE = "gone"  # with the file it came from; it says nothing about the booking


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One automatic booking that was drawn for audit."""

    draw_id: str
    entry_id: str
    booked_seq: int  # the decision that booked it
    evidence_class: str
    drawn_on: date
    state: DrawState


def keep_draws(
    connection: Connection, company_id: str, author: Author, drawn: Mapping[str, tuple[int, str]]
) -> list[str]:
    """Record what was drawn, by entry: the decision that booked it and its class of evidence."""
    if not drawn:
        return []
    payloads = [
        {
            "entry_id": entry_id,
            "booked_seq": booked_seq,
            "evidence_class": evidence_class,
            "drawn_on": author.run_date.isoformat(),
        }
        for entry_id, (booked_seq, evidence_class) in sorted(drawn.items())
    ]
    seqs = append(connection, company_id, author, [Decided("audit_drawn", payload) for payload in payloads])
    rows = [
        payload | {"company_id": company_id, "draw_id": f"A{seq}", "seq": seq, "drawn_on": author.run_date}
        for seq, payload in zip(seqs, payloads, strict=True)
    ]
    connection.execute(insert(AUDIT_DRAW), rows)
    return [f"A{seq}" for seq in seqs]


def answer_draw(
    connection: Connection, company_id: str, author: Author, entry_id: str, reason: str, *, is_right: bool
) -> str:
    """Record what a person found; raise Refused where the entry does not wait for an audit."""
    waiting = [d for d in load_draws(connection, company_id, DrawState.WAITING) if d.entry_id == entry_id]
    if not waiting:
        raise Refused(f"entry {entry_id}: it does not wait for an audit; `audit` lists those that do")
    (draw,) = waiting
    payload: dict[str, Any] = {"draw_id": draw.draw_id, "is_right": is_right, "reason": reason}
    told = payload | {"audited_on": author.run_date.isoformat()}
    (seq,) = append(connection, company_id, author, [Decided("audited", told)])
    row = payload | {"company_id": company_id, "seq": seq, "audited_on": author.run_date}
    connection.execute(insert(AUDIT_RESULT).values(**row))
    return draw.draw_id


def load_draws(connection: Connection, company_id: str, *states: DrawState, since: date | None = None) -> list[Draw]:
    """Give what was drawn, oldest first: all of it, or what is in some states, or was drawn since a day."""
    results = connection.execute(
        select(AUDIT_RESULT.c.draw_id, AUDIT_RESULT.c.is_right).where(AUDIT_RESULT.c.company_id == company_id)
    )
    said = {draw_id: DrawState.RIGHT if is_right else DrawState.WRONG for draw_id, is_right in results}
    back = _taken_back(connection, company_id)
    query = select(AUDIT_DRAW).where(AUDIT_DRAW.c.company_id == company_id).order_by(AUDIT_DRAW.c.seq)
    if since is not None:
        query = query.where(AUDIT_DRAW.c.drawn_on >= since)
    draws = [
        Draw(
            draw_id=row["draw_id"],
            entry_id=row["entry_id"],
            booked_seq=row["booked_seq"],
            evidence_class=row["evidence_class"],
            drawn_on=row["drawn_on"],
            state=said.get(row["draw_id"]) or back.get(row["booked_seq"], DrawState.WAITING),
        )
        for row in connection.execute(query).mappings()
    ]
    return [draw for draw in draws if not states or draw.state in states]


def _taken_back(connection: Connection, company_id: str) -> dict[int, DrawState]:
    """Say of every drawn booking that was reversed whether a person did that or it went with its file."""
    booking, reversal = ALLOCATION.alias(), ALLOCATION.alias()
    with_file = reversed_with_files(connection, company_id)
    rows = connection.execute(
        select(booking.c.seq, booking.c.entry_id, reversal.c.seq)
        .join(
            AUDIT_DRAW,  # by entry as well, because that has an index
            (AUDIT_DRAW.c.company_id == company_id)
            & (AUDIT_DRAW.c.entry_id == booking.c.entry_id)
            & (AUDIT_DRAW.c.booked_seq == booking.c.seq),
        )
        .join(
            reversal,
            (reversal.c.company_id == company_id) & (reversal.c.reverses == booking.c.allocation_id),
        )
        .where(booking.c.company_id == company_id)
    )
    return {
        seq: DrawState.WRONG if reversed_seq > with_file.get(entry_id, 0) else DrawState.GONE
        for seq, entry_id, reversed_seq in rows
    }
