"""The status of an entry (Buchungsstand): derived from who delivered it, and in which form it is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, case, delete, exists, false, not_, or_, select, update

from ledger.statement import EntryStatus
from storage.tables import BATCH_PAYMENT, OUTCOME, STATEMENT, STATEMENT_ENTRY, STATEMENT_LINE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

_CHUNK: Final = 1000


def refresh(connection: Connection, company_id: str, entry_ids: Collection[str]) -> None:
    """Derive the status of these entries anew; the state of what is no longer matched is forgotten."""
    ordered = sorted(entry_ids)
    for start in range(0, len(ordered), _CHUNK):
        some = ordered[start : start + _CHUNK]
        connection.execute(
            update(STATEMENT_ENTRY)
            .where(STATEMENT_ENTRY.c.company_id == company_id, STATEMENT_ENTRY.c.entry_id.in_(some))
            .values(status=_status(company_id))
        )
        _forget_outcomes(connection, company_id, some)


def misjudged(connection: Connection, company_id: str) -> list[str]:
    """Describe every entry whose stored status is not what its deliveries say."""
    derived = _status(company_id)
    rows = connection.execute(
        select(STATEMENT_ENTRY.c.entry_id, STATEMENT_ENTRY.c.status, derived)
        .where(STATEMENT_ENTRY.c.company_id == company_id, STATEMENT_ENTRY.c.status != derived)
        .order_by(STATEMENT_ENTRY.c.entry_id)
    )
    return [f"entry {entry_id} is {status}, but its deliveries say {true}" for entry_id, status, true in rows]


def _forget_outcomes(connection: Connection, company_id: str, entry_ids: Sequence[str]) -> None:
    gone = select(STATEMENT_ENTRY.c.entry_id).where(
        STATEMENT_ENTRY.c.company_id == company_id,
        STATEMENT_ENTRY.c.entry_id.in_(entry_ids),
        STATEMENT_ENTRY.c.status.in_([EntryStatus.REPLACED.value, EntryStatus.WITHDRAWN.value]),
    )
    connection.execute(delete(OUTCOME).where(OUTCOME.c.company_id == company_id, OUTCOME.c.entry_id.in_(gone)))


def _status(company_id: str) -> ColumnElement[str]:
    entry_id = STATEMENT_ENTRY.c.entry_id
    as_payment, as_total = BATCH_PAYMENT.alias("as_payment"), BATCH_PAYMENT.alias("as_total")
    of_total = and_(as_payment.c.company_id == company_id, as_payment.c.payment_id == entry_id)
    of_payments = and_(as_total.c.company_id == company_id, as_total.c.total_id == entry_id)
    total_stands = exists().where(of_total, as_payment.c.total_stands, _delivered(company_id, as_payment.c.total_id))
    payments_stand = exists().where(
        of_payments, as_total.c.total_stands == false(), _delivered(company_id, as_total.c.payment_id)
    )
    booked_as_total = exists().where(of_total, _booked(company_id, as_payment.c.total_id))
    return case(
        (not_(_delivered(company_id, entry_id)), EntryStatus.WITHDRAWN.value),
        (or_(total_stands, payments_stand), EntryStatus.REPLACED.value),
        (or_(_booked(company_id, entry_id), booked_as_total), EntryStatus.BOOKED.value),
        else_=EntryStatus.PENDING.value,
    )


def _delivered(company_id: str, entry_id: ColumnElement[str]) -> ColumnElement[bool]:
    line = STATEMENT_LINE.alias()
    return exists().where(line.c.company_id == company_id, line.c.entry_id == entry_id)


def _booked(company_id: str, entry_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a binding statement says that the entry is booked."""
    line, statement = STATEMENT_LINE.alias(), STATEMENT.alias()
    return exists().where(
        line.c.company_id == company_id,
        line.c.entry_id == entry_id,
        line.c.booked,
        statement.c.company_id == company_id,
        statement.c.statement_id == line.c.statement_id,
        statement.c.binding,
    )
