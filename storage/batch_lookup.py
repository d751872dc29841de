"""Looking for totals and batches (Sammler) that only one of two overlapping groups of statements has told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, exists, func, select

from ledger.batches import Booking, may_be_total
from ledger.money import Money
from storage.statements import entry_of
from storage.tables import STATEMENT_ENTRY, STATEMENT_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select

    from ledger.statement import StatementEntry


def _unshared_bookings(
    company_id: str, statement_ids: Sequence[str], others: Sequence[str]
) -> Select[str, str, date, int, str, int, str, str]:
    """Ask for the bookings that these statements told, and none of the others did, payment by payment."""
    line = STATEMENT_LINE.alias()
    told_by_others = exists().where(
        line.c.company_id == company_id,
        line.c.entry_id == STATEMENT_ENTRY.c.entry_id,
        line.c.statement_id.in_(others),
    )
    is_shared = case((told_by_others, 1), else_=0)
    return (
        select(
            STATEMENT_LINE.c.statement_id,
            STATEMENT_LINE.c.booking_no,
            func.min(STATEMENT_ENTRY.c.booking_date),
            func.sum(STATEMENT_ENTRY.c.amount_minor),
            func.min(STATEMENT_ENTRY.c.currency),
            func.count(),
            func.max(STATEMENT_ENTRY.c.batch_reference),
            func.min(STATEMENT_ENTRY.c.entry_id),
        )
        .join(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT_ENTRY.c.entry_id == STATEMENT_LINE.c.entry_id),
        )
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT_LINE.c.statement_id.in_(statement_ids))
        .group_by(STATEMENT_LINE.c.statement_id, STATEMENT_LINE.c.booking_no)
        .having(func.sum(is_shared) == 0)
    )


def unshared_batches(
    connection: Connection, company_id: str, statement_ids: Sequence[str], others: Sequence[str]
) -> Iterator[Booking]:
    """Give the batches that these statements told and none of the others did."""
    query = _unshared_bookings(company_id, statement_ids, others).having(func.count() > 1)
    for statement_id, booking_no, day, minor, currency, payments, reference, _ in connection.execute(query):
        key = (statement_id, booking_no)
        yield Booking(key, day, Money(int(minor), currency), payments, reference)


def unshared_totals(
    connection: Connection,
    company_id: str,
    statement_ids: Sequence[str],
    others: Sequence[str],
    batches: Sequence[Booking],
) -> Iterator[Booking]:
    """Give the single bookings that may stand for one of these batches."""
    if not batches:
        return
    wanted = {batch.amount for batch in batches}
    query = _unshared_bookings(company_id, statement_ids, others).having(func.count() == 1)
    for _, _, day, minor, currency, payments, reference, entry_id in connection.execute(query):
        amount = Money(int(minor), currency)
        if amount in wanted and may_be_total(_entry(connection, company_id, entry_id)):
            yield Booking(entry_id, day, amount, payments, reference)


def _entry(connection: Connection, company_id: str, entry_id: str) -> StatementEntry:
    of_id = (STATEMENT_ENTRY.c.company_id == company_id) & (STATEMENT_ENTRY.c.entry_id == entry_id)
    return entry_of(connection.execute(select(STATEMENT_ENTRY).where(of_id)).one())


def payments_of(connection: Connection, company_id: str, batch: Booking) -> Sequence[str]:
    """Name the payments of a batch."""
    statement_id, booking_no = batch.key
    query = select(STATEMENT_LINE.c.entry_id).where(
        STATEMENT_LINE.c.company_id == company_id,
        STATEMENT_LINE.c.statement_id == statement_id,
        STATEMENT_LINE.c.booking_no == booking_no,
    )
    return connection.execute(query).scalars().all()
