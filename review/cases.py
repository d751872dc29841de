"""What a person notes in the life of a case (Mahnfall): checked against the table of moves, and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dunning.case import CaseEvent, ImpossibleMove, move, state_now
from dunning.countries import GERMANY
from dunning.hold import AfterHold, HoldReason
from dunning.limitation import limitation_end
from ledger.errors import Refused
from night.case_life import case_life
from storage.cases import CaseDecision, Succession, load_decisions, load_successors, note_decision, note_successor
from storage.facts import load_debtors, load_items
from storage.holds import load_all_holds, place_hold
from storage.messages import answer_message, note_message
from storage.notices import load_notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dunning.case import CaseState
    from dunning.countries import CountryLaw
    from dunning.hold import Hold
    from ledger.open_item import OpenItem
    from storage.cases import NotedDecision
    from storage.database import Connection
    from storage.decisions import Author
    from storage.notices import StoredNotice

# What moves a case; the other decisions only answer a question of the gate.
_MOVES: Final = {
    CaseDecision.HANDED_BACK: CaseEvent.HANDED_BACK,
    CaseDecision.COURT_BEGUN: CaseEvent.COURT_BEGUN,
    CaseDecision.COURT_ENDED: CaseEvent.COURT_ENDED,
    CaseDecision.WRITTEN_OFF: CaseEvent.WRITTEN_OFF,
    CaseDecision.WRITE_OFF_UNDONE: CaseEvent.WRITE_OFF_UNDONE,
}

# What happened before it was noted; an agreed day may still be to come.
_HAPPENED: Final = frozenset(
    {CaseDecision.REFUSED, CaseDecision.SERVED, CaseDecision.EVENT, CaseDecision.DISPENSABLE}
)
_GROUNDS: Final = _HAPPENED | {CaseDecision.AGREED}


def note(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    document_number: str,
    decided: CaseDecision,
    why: str,
    law: CountryLaw = GERMANY,
    happened_on: date | None = None,
    days: int = 0,
    months: int = 0,
) -> None:
    """Note a decision on one document of a debtor, or on all that it is possible for; refuse where it is for none.

    What the agency hands back is held until a person lifts it, and then goes on one stage earlier, softly: the agency
    gave up for a reason that a letter of ours should not ignore.

    A ground of default needs the day on which it happened (``happened_on``), an event the ``days`` or ``months`` that
    were agreed after it too.
    """
    _refuse_incomplete(decided, happened_on, days, months, author.run_date)
    items = _items(connection, company_id, debtor_number, document_number)
    notices, noted = load_notices(connection, company_id), load_decisions(connection, company_id)
    holds = load_all_holds(connection, company_id)
    refused: list[str] = []
    for item in items:
        problem = _problem(item, decided, _state(item, notices, noted, holds, author.run_date), author.run_date, law)
        if problem:
            refused.append(f"{item.document_number}: {problem}")
            continue
        note_decision(
            connection,
            company_id,
            author,
            debtor_number=item.debtor_number,
            item_id=item.item_id,
            decided=decided,
            note=why,
            happened_on=happened_on,
            days=days,
            months=months,
        )
        if decided is CaseDecision.HANDED_BACK:
            _hold_until_somebody_looks(connection, company_id, author, item, why)
    if len(refused) == len(items):
        raise Refused("; ".join(refused))


def succeed(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    successor_number: str,
    reason: Succession,
    why: str,
) -> None:
    """Let a successor answer for a debtor's items; naming the debtor itself takes that back."""
    debtors = load_debtors(connection, company_id)
    for number in (debtor_number, successor_number):
        if number not in debtors:
            raise Refused(f"there is no debtor {number}")
    if load_successors(connection, company_id).get(successor_number) == debtor_number:
        raise Refused(f"debtor {debtor_number} answers for {successor_number} already; a circle would have no end")
    note_successor(
        connection,
        company_id,
        author,
        debtor_number=debtor_number,
        successor_number=successor_number,
        reason=reason,
        note=why,
    )


def message(
    connection: Connection, company_id: str, author: Author, *, debtor_number: str, received_on: date, said: str
) -> str:
    """Note a message of a debtor, who is not dunned before it is answered; return its identification."""
    if debtor_number not in load_debtors(connection, company_id):
        raise Refused(f"there is no debtor {debtor_number}")
    if received_on > author.run_date:
        raise Refused(f"{received_on} is still to come; give the day on which the message came")
    return note_message(
        connection, company_id, author, debtor_number=debtor_number, received_on=received_on, note=said
    )


def answered(connection: Connection, company_id: str, author: Author, message_id: str, said: str) -> None:
    """Note that a message was answered; refuse one that does not wait."""
    answer_message(connection, company_id, author, message_id, said)


def _refuse_incomplete(decided: CaseDecision, happened_on: date | None, days: int, months: int, today: date) -> None:
    if decided in _GROUNDS and happened_on is None:
        raise Refused(f"{decided}: say with --on on which day that was")
    if decided not in _GROUNDS and happened_on is not None:
        raise Refused(f"{decided}: --on is the day of a ground of default; this counts from today")
    if decided in _HAPPENED and happened_on is not None and happened_on > today:
        raise Refused(f"{decided}: {happened_on} is a day to come; note it once it happened")
    term = days > 0 or months > 0
    if min(days, months) < 0 or term is not (decided is CaseDecision.EVENT):
        raise Refused("--days and --months are what was agreed after an event: event --on DAY --days 14")


def _items(connection: Connection, company_id: str, debtor_number: str, document_number: str) -> list[OpenItem]:
    items = [
        stored.item
        for stored in load_items(connection, company_id)
        if stored.item.debtor_number == debtor_number
        and stored.item.is_invoice
        and stored.item.open_amount.minor > 0
        and document_number in {"", stored.item.document_number}
    ]
    if not items:
        raise Refused(f"debtor {debtor_number} has no open document {document_number}".rstrip())
    return items


def _state(
    item: OpenItem,
    notices: Sequence[StoredNotice],
    noted: Sequence[NotedDecision],
    holds: Sequence[Hold],
    day: date,
) -> CaseState:
    life = case_life(item.item_id, notices, noted)
    held = any(
        hold.debtor_number == item.debtor_number
        and hold.holds_on(day)
        and (hold.concerns_debtor or hold.item_id == item.item_id)
        for hold in holds
    )
    return state_now(
        is_open=item.open_amount.minor > 0,
        written_off=life.written_off,
        in_court=life.in_court is not None,
        handed_over=life.handed_over is not None,
        held=held,
    )


def _problem(item: OpenItem, decided: CaseDecision, state: CaseState, day: date, law: CountryLaw) -> str:
    if decided is CaseDecision.ASK_ANYWAY and day <= limitation_end(item.due_date, law):
        return f"it is not time-barred before the end of {limitation_end(item.due_date, law)}"
    if decided not in _MOVES:
        return ""
    try:
        move(state, _MOVES[decided])
    except ImpossibleMove as problem:
        return str(problem)
    return ""


def _hold_until_somebody_looks(
    connection: Connection, company_id: str, author: Author, item: OpenItem, why: str
) -> None:
    place_hold(
        connection,
        company_id,
        author,
        debtor_number=item.debtor_number,
        item_id=item.item_id,
        reason=HoldReason.MANUAL.value,
        note=f"handed back by the agency: {why}" if why else "handed back by the agency",
        owner=author.actor,
        expires_on=None,
        after=AfterHold.SOFTER,
    )
