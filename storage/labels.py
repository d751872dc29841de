"""Labels (beurteilte Zahlungen): what was weighed when a person decided, and what the person took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from reconciliation.adaptation import Labelled
from reconciliation.classes import CERTIFIED
from reconciliation.learning import NONE_OF_THEM
from reconciliation.outcome import EntryState
from storage.audit_draws import DrawState, load_draws
from storage.canonical import parsed
from storage.matches import load_ignored
from storage.tables import ALLOCATION, AUDIT_DRAW, DECISION, IGNORED, STATEMENT_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Select


def count_confirmed(connection: Connection, company_id: str, *, after_seq: int = 0) -> int:
    """Count the decisions by which a person booked an entry, taken back or not."""
    return int(
        connection.execute(
            select(func.count(func.distinct(ALLOCATION.c.seq))).where(
                ALLOCATION.c.company_id == company_id,
                ALLOCATION.c.state == EntryState.CONFIRMED.value,
                ALLOCATION.c.reverses.is_(None),
                ALLOCATION.c.seq > after_seq,
            )
        ).scalar_one()
    )


def load_labelled(connection: Connection, company_id: str, *, after_seq: int = 0) -> list[Labelled]:
    """Give every payment a person decided on, by entry: confirmed, set aside, or drawn for audit and answered.

    What was taken back is nobody's word any more. Decisions of versions that did not keep what they weighed are
    passed over.
    """
    found = {one.entry_id: one for one in _confirmed(connection, company_id, after_seq)}
    found |= {one.entry_id: one for one in _set_aside(connection, company_id, after_seq)}
    found |= {one.entry_id: one for one in _audited(connection, company_id, after_seq)}
    return [found[entry_id] for entry_id in sorted(found)]


def _confirmed(connection: Connection, company_id: str, after_seq: int) -> Iterator[Labelled]:
    reversal = ALLOCATION.alias()
    bookings = (
        select(ALLOCATION.c.seq, ALLOCATION.c.entry_id)
        .distinct()
        .outerjoin(
            reversal,
            (reversal.c.company_id == ALLOCATION.c.company_id) & (reversal.c.reverses == ALLOCATION.c.allocation_id),
        )
        .where(
            ALLOCATION.c.company_id == company_id,
            ALLOCATION.c.state == EntryState.CONFIRMED.value,
            ALLOCATION.c.reverses.is_(None),
            reversal.c.reverses.is_(None),
            ALLOCATION.c.seq > after_seq,
        )
    )
    for entry_id, payer, payload in _decided(connection, company_id, bookings):
        yield from _labelled(entry_id, payer, payload)


def _set_aside(connection: Connection, company_id: str, after_seq: int) -> Iterator[Labelled]:
    still = load_ignored(connection, company_id)
    ignoring = select(IGNORED.c.seq, IGNORED.c.entry_id).where(
        IGNORED.c.company_id == company_id, IGNORED.c.ignored, IGNORED.c.seq > after_seq
    )
    for entry_id, payer, payload in _decided(connection, company_id, ignoring):
        if entry_id in still:
            yield from _labelled(entry_id, payer, payload)


def _audited(connection: Connection, company_id: str, after_seq: int) -> Iterator[Labelled]:
    """Give what was drawn and answered. Of a wrong booking nothing that was weighed is known to be right."""
    states = {
        draw.booked_seq: draw.state
        for draw in load_draws(connection, company_id, DrawState.RIGHT, DrawState.WRONG)
        if draw.booked_seq > after_seq
    }
    bookings = (
        select(ALLOCATION.c.seq, ALLOCATION.c.entry_id)
        .distinct()
        .join(
            AUDIT_DRAW,  # by entry as well, because that has an index
            (AUDIT_DRAW.c.company_id == company_id)
            & (AUDIT_DRAW.c.entry_id == ALLOCATION.c.entry_id)
            & (AUDIT_DRAW.c.booked_seq == ALLOCATION.c.seq),
        )
        .where(ALLOCATION.c.company_id == company_id)
    )
    for entry_id, payer, payload in _decided(connection, company_id, bookings) if states else ():
        for one in _labelled(entry_id, payer, payload) if payload["seq"] in states else ():
            wrong = states[payload["seq"]] is DrawState.WRONG
            proven = payload["evidence_class"] != CERTIFIED
            yield one._replace(right=NONE_OF_THEM if wrong else one.right, is_proven=proven)


def _decided(
    connection: Connection, company_id: str, bookings: Select[int, str]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give entry, payer and payload of decisions about money that came in."""
    some = bookings.subquery()
    rows = connection.execute(
        select(
            some.c.seq,
            some.c.entry_id,
            STATEMENT_ENTRY.c.payer_iban,
            STATEMENT_ENTRY.c.payer_name,
            DECISION.c.payload,
        )
        .join(DECISION, (DECISION.c.company_id == company_id) & (DECISION.c.seq == some.c.seq))
        .join(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == company_id) & (STATEMENT_ENTRY.c.entry_id == some.c.entry_id),
        )
        .where(STATEMENT_ENTRY.c.amount_minor > 0)
        .order_by(some.c.seq)
    )
    for seq, entry_id, iban, name, payload in rows:
        yield entry_id, iban or name, parsed(payload) | {"seq": seq}


def _labelled(entry_id: str, payer: str, payload: Mapping[str, Any]) -> Iterator[Labelled]:
    if "rivals" not in payload:
        return
    taken = _taken(payload)
    ways = tuple(tuple(way) for way in ((taken,) if taken else ()) + tuple(payload["rivals"]))
    if ways:
        yield Labelled(
            entry_id=entry_id,
            payer=payer,
            ways=ways,
            right=0 if taken else NONE_OF_THEM,
            others=payload["others"],
        )


def _taken(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the arguments of the way that was booked; none where a person booked what nobody had proposed."""
    arguments = tuple(argument for argument, _ in payload.get("weights", ()))
    on_account = all(one["kind"] == "on_account" for one in payload.get("allocations", ()))
    return () if on_account and "amount: on_account" not in arguments else arguments
