"""What persons noted in the life of a case (Mahnfall), and who answers for a debtor's items now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from storage.decisions import Author, Decided, append
from storage.tables import CASE_DECISION, SUCCESSOR

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


class CaseDecision(StrEnum):
    """What a person may note about an item."""

    HANDED_BACK = "handed_back"  # by the agency
    COURT_BEGUN = "court_begun"
    COURT_ENDED = "court_ended"
    WRITTEN_OFF = "written_off"
    WRITE_OFF_UNDONE = "write_off_undone"
    ASK_ANYWAY = "ask_anyway"  # though it is time-barred
    RETURN_CLARIFIED = "return_clarified"  # somebody asked why a direct debit came back
    # Grounds of default (§ 286 BGB) that stand in no book; of each kind the last word counts.
    REFUSED = "refused"  # seriously and finally
    SERVED = "served"  # a lawsuit or Mahnbescheid, by the court
    AGREED = "agreed"  # both sides agreed on a day to pay
    EVENT = "event"  # and on days or months after an event
    DISPENSABLE = "dispensable"  # special reasons make a reminder needless
    GROUNDS_UNDONE = "grounds_undone"  # none of these is true


class Succession(StrEnum):
    """Why another debtor answers for the items of one."""

    MERGED = "merged"  # Verschmelzung (§ 20 UmwG), Geschäftsübernahme
    HEIRS = "heirs"  # Erben (§ 1967 BGB)
    RENUMBERED = "renumbered"  # the accounting tool gave a new number


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedDecision:
    """One of these decisions, as it stands in the log."""

    seq: int
    debtor_number: str
    item_id: str
    decided: CaseDecision
    note: str
    who: str
    decided_on: date
    happened_on: date | None = None  # of a ground of default
    days: int = 0  # after an event
    months: int = 0


def note_decision(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    item_id: str,
    decided: CaseDecision,
    note: str,
    happened_on: date | None = None,
    days: int = 0,
    months: int = 0,
) -> None:
    """Note a decision; whether it is possible now was asked before."""
    payload: dict[str, Any] = {
        "debtor_number": debtor_number,
        "item_id": item_id,
        "decided": decided.value,
        "note": note,
    }
    if happened_on is not None:
        payload |= {"happened_on": happened_on.isoformat(), "days": days, "months": months}
    (seq,) = append(connection, company_id, author, [Decided("case", payload)])
    row = payload | {"happened_on": happened_on}
    connection.execute(
        insert(CASE_DECISION).values(
            company_id=company_id, seq=seq, who=author.actor, decided_on=author.run_date, **row
        )
    )


def load_decisions(connection: Connection, company_id: str, *, until: date | None = None) -> list[NotedDecision]:
    """Give all of them (``until`` a day) in the order they were made."""
    wanted = [CASE_DECISION.c.company_id == company_id]
    if until is not None:
        wanted.append(CASE_DECISION.c.decided_on <= until)
    rows = connection.execute(select(CASE_DECISION).where(*wanted).order_by(CASE_DECISION.c.seq)).mappings()
    return [
        NotedDecision(
            seq=row["seq"],
            debtor_number=row["debtor_number"],
            item_id=row["item_id"],
            decided=CaseDecision(row["decided"]),
            note=row["note"],
            who=row["who"],
            decided_on=row["decided_on"],
            happened_on=row["happened_on"],
            days=row["days"] or 0,
            months=row["months"] or 0,
        )
        for row in rows
    ]


def note_successor(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    successor_number: str,
    reason: Succession,
    note: str,
) -> None:
    """Let another debtor answer for the items of one from now on."""
    payload = {
        "debtor_number": debtor_number,
        "successor_number": successor_number,
        "reason": reason.value,
        "note": note,
    }
    (seq,) = append(connection, company_id, author, [Decided("successor", payload)])
    connection.execute(
        insert(SUCCESSOR).values(company_id=company_id, seq=seq, decided_on=author.run_date, **payload)
    )


def load_successors(connection: Connection, company_id: str, *, until: date | None = None) -> dict[str, str]:
    """Give who answers for whom now, to the end of each chain; nobody is named who answers for himself.

    With ``until``, who answered for whom on that day.
    """
    wanted = [SUCCESSOR.c.company_id == company_id]
    if until is not None:
        wanted.append(SUCCESSOR.c.decided_on <= until)
    rows = connection.execute(
        select(SUCCESSOR.c.debtor_number, SUCCESSOR.c.successor_number).where(*wanted).order_by(SUCCESSOR.c.seq)
    )
    following = {str(debtor): str(successor) for debtor, successor in rows}
    return {debtor: last for debtor in following if (last := _end_of_chain(debtor, following)) != debtor}


def _end_of_chain(debtor: str, following: dict[str, str]) -> str:
    seen = {debtor}
    while (after := following.get(debtor, debtor)) not in seen:
        seen.add(after)
        debtor = after
    return debtor
