"""Bank statements as they are stored: headers, entries, and who delivered what where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus, Statement, StatementEntry
from storage.canonical import canonical, parsed
from storage.tables import BATCH_PAYMENT, RAW_FILE, STATEMENT, STATEMENT_ENTRY, STATEMENT_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


def load_statements(connection: Connection, company_id: str, account: str) -> list[Statement]:
    """Give all statements of an account, without their entries, oldest first."""
    rows = connection.execute(
        select(STATEMENT)
        .where(STATEMENT.c.company_id == company_id, STATEMENT.c.account == account)
        .order_by(STATEMENT.c.closing_date, STATEMENT.c.number, STATEMENT.c.statement_id)
    ).mappings()
    return [statement_of(row) for row in rows]


def load_entries(connection: Connection, company_id: str, *statuses: EntryStatus) -> dict[str, StatementEntry]:
    """Give every entry of a company (or those of some statuses) by identity, in the order of booking."""
    query = select(STATEMENT_ENTRY).where(STATEMENT_ENTRY.c.company_id == company_id)
    if statuses:
        query = query.where(STATEMENT_ENTRY.c.status.in_([status.value for status in statuses]))
    rows = connection.execute(query.order_by(STATEMENT_ENTRY.c.booking_date, STATEMENT_ENTRY.c.entry_id))
    return {row[1]: entry_of(row) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Where an entry was told: which statement of which file, and at which place in it."""

    file: str
    sha256: str
    received_on: date
    format: str
    statement_ref: str
    number: str
    booked: bool  # or only announced
    place: str


def load_deliveries(connection: Connection, company_id: str, entry_id: str) -> list[Delivered]:
    """Give every delivery of an entry, oldest first."""
    rows = connection.execute(
        select(STATEMENT, STATEMENT_LINE.c.booked, STATEMENT_LINE.c.place.label("at"), RAW_FILE)
        .join(
            STATEMENT_LINE,
            (STATEMENT_LINE.c.company_id == STATEMENT.c.company_id)
            & (STATEMENT_LINE.c.statement_id == STATEMENT.c.statement_id),
        )
        .join(RAW_FILE, (RAW_FILE.c.company_id == STATEMENT.c.company_id) & (RAW_FILE.c.sha256 == STATEMENT.c.sha256))
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT_LINE.c.entry_id == entry_id)
        .order_by(RAW_FILE.c.received_on, STATEMENT.c.statement_id)
    ).mappings()
    return [
        Delivered(
            file=row[RAW_FILE.c.name],
            sha256=row[RAW_FILE.c.sha256],
            received_on=row[RAW_FILE.c.received_on],
            format=row[STATEMENT.c.format],
            statement_ref=row[STATEMENT.c.statement_ref],
            number=row[STATEMENT.c.number],
            booked=row[STATEMENT_LINE.c.booked] and row[STATEMENT.c.binding],
            place=row["at"],
        )
        for row in rows
    ]


def load_batch(connection: Connection, company_id: str, entry_id: str) -> dict[str, Any]:
    """Give the total an entry is a payment of, or the payments it is the total of; empty where it stands alone."""
    of_company = BATCH_PAYMENT.c.company_id == company_id
    rows = connection.execute(
        select(BATCH_PAYMENT)
        .where(of_company, (BATCH_PAYMENT.c.payment_id == entry_id) | (BATCH_PAYMENT.c.total_id == entry_id))
        .order_by(BATCH_PAYMENT.c.payment_id)
    ).mappings()
    found: dict[str, Any] = {}
    for row in rows:
        found["booked_as"] = "total" if row["total_stands"] else "payments"
        if row["payment_id"] == entry_id:
            found["total"] = row["total_id"]
        else:
            found.setdefault("payments", []).append(row["payment_id"])
    return found


def movements_match(connection: Connection, company_id: str) -> list[str]:
    """Describe every statement whose stored entries no longer add up to its balances, and entries of no statement."""
    rows = connection.execute(
        select(STATEMENT_LINE.c.statement_id, func.sum(STATEMENT_ENTRY.c.amount_minor))
        .join(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT_ENTRY.c.entry_id == STATEMENT_LINE.c.entry_id),
        )
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT_LINE.c.booked)
        .group_by(STATEMENT_LINE.c.statement_id)
    )
    sums = {statement_id: int(minor) for statement_id, minor in rows}
    broken = []
    for row in connection.execute(select(STATEMENT).where(STATEMENT.c.company_id == company_id)).mappings():
        stored = sums.get(row["statement_id"], 0)
        balances = row["opening_minor"] is not None and row["closing_minor"] is not None
        expected = row["closing_minor"] - row["opening_minor"] if balances else row["movement_minor"]
        if stored != expected:
            broken.append(
                f"{row['place']}: the stored entries add up to {Money(stored, row['currency'])}, "
                f"the statement moved {Money(expected, row['currency'])}"
            )
    broken += [f"entry {entry_id} came with no statement" for entry_id in _strays(connection, company_id)]
    broken += [f"statement {one} is gone, and its entries are not" for one in _headless(connection, company_id)]
    return broken + [f"entry {one} is gone, and its statement is not" for one in _lost(connection, company_id)]


def _lost(connection: Connection, company_id: str) -> Iterable[str]:
    return connection.execute(
        select(STATEMENT_LINE.c.entry_id)
        .distinct()
        .outerjoin(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT_ENTRY.c.entry_id == STATEMENT_LINE.c.entry_id),
        )
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT_ENTRY.c.entry_id.is_(None))
        .order_by(STATEMENT_LINE.c.entry_id)
    ).scalars()


def _headless(connection: Connection, company_id: str) -> Iterable[str]:
    return connection.execute(
        select(STATEMENT_LINE.c.statement_id)
        .distinct()
        .outerjoin(
            STATEMENT,
            (STATEMENT.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT.c.statement_id == STATEMENT_LINE.c.statement_id),
        )
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT.c.statement_id.is_(None))
        .order_by(STATEMENT_LINE.c.statement_id)
    ).scalars()


def _strays(connection: Connection, company_id: str) -> Iterable[str]:
    return connection.execute(
        select(STATEMENT_ENTRY.c.entry_id)
        .outerjoin(
            STATEMENT_LINE,
            (STATEMENT_LINE.c.company_id == STATEMENT_ENTRY.c.company_id)
            & (STATEMENT_LINE.c.entry_id == STATEMENT_ENTRY.c.entry_id),
        )
        .where(
            STATEMENT_ENTRY.c.company_id == company_id,
            STATEMENT_LINE.c.entry_id.is_(None),
            STATEMENT_ENTRY.c.status != EntryStatus.WITHDRAWN.value,
        )
        .order_by(STATEMENT_ENTRY.c.entry_id)
    ).scalars()


def statement_of(row: Mapping[Any, Any]) -> Statement:
    """Give the header of a statement as it was stored."""
    currency = row["currency"]
    return Statement(
        account=row["account"],
        currency=currency,
        statement_ref=row["statement_ref"],
        number=row["number"],
        opening_date=row["opening_date"],
        opening=_money(row["opening_minor"], currency),
        closing_date=row["closing_date"],
        closing=_money(row["closing_minor"], currency),
        period_from=row["period_from"],
        period_to=row["period_to"],
        page=row["page"],
        is_last_page=row["is_last_page"],
        format=row["format"],
        place=row["place"],
    )


def entry_row(company_id: str, entry: StatementEntry) -> tuple[Any, ...]:
    """Give an entry as a row, in the order of the table's columns."""
    original, charges = entry.original_amount, entry.charges
    return (
        company_id,
        entry.entry_id,
        entry.account,
        entry.booking_date,
        entry.value_date,
        entry.amount.minor,
        entry.amount.currency,
        entry.kind.value,
        entry.status.value,
        entry.payer_name,
        entry.payer_iban,
        entry.payer_bic,
        entry.ultimate_name,
        entry.remittance,
        entry.remittance_glued,
        canonical(entry.references) if entry.references else "[]",
        entry.end_to_end_id,
        entry.mandate_id,
        entry.creditor_id,
        entry.bank_reference,
        entry.return_reason,
        None if original is None else original.minor,
        "" if original is None else original.currency,
        None if charges is None else charges.minor,
        "" if charges is None else charges.currency,
        entry.posting_text,
        entry.transaction_code,
        entry.booking_ref,
        entry.position,
        entry.place,
        entry.ultimate_own_name,
        entry.purpose_code,
        entry.batch_reference,
        entry.transaction_id,
        entry.exchange_rate,
    )


def entry_of(row: Sequence[Any]) -> StatementEntry:
    """Give an entry as it was stored: the reverse of ``entry_row``."""
    references = row[15]
    return StatementEntry(
        entry_id=row[1],
        account=row[2],
        booking_date=row[3],
        value_date=row[4],
        amount=Money(row[5], row[6]),
        kind=EntryKind(row[7]),
        status=EntryStatus(row[8]),
        payer_name=row[9],
        payer_iban=row[10],
        payer_bic=row[11],
        ultimate_name=row[12],
        remittance=row[13],
        remittance_glued=row[14],
        references=() if references == "[]" else tuple(parsed(references)),
        end_to_end_id=row[16],
        mandate_id=row[17],
        creditor_id=row[18],
        bank_reference=row[19],
        return_reason=row[20],
        original_amount=_money(row[21], row[22]),
        charges=_money(row[23], row[24]),
        posting_text=row[25],
        transaction_code=row[26],
        booking_ref=row[27],
        position=row[28],
        place=row[29],
        ultimate_own_name=row[30],
        purpose_code=row[31],
        batch_reference=row[32],
        transaction_id=row[33],
        exchange_rate=row[34],
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return Money(minor, currency) if minor is not None else None


def accounts_with_statements(connection: Connection, company_id: str) -> Iterable[str]:
    """Name every account of which statements were taken in."""
    return connection.execute(
        select(STATEMENT.c.account).where(STATEMENT.c.company_id == company_id).distinct()
    ).scalars()
