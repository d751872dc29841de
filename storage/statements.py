"""Bank statements: raw bytes, statements and entries, each stored once however often they are delivered."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ledger.batches import identify_bookings
from ledger.identity import may_overlap
from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus, Statement, StatementEntry
from storage.canonical import canonical, parsed
from storage.tables import RAW_FILE, REJECTED_FILE, STATEMENT, STATEMENT_ENTRY, STATEMENT_LINE
from storage.upsert import insert_missing, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking in one file changed."""

    statements: int
    new_entries: int
    known_entries: int  # delivered before, in whatever format


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedFile:
    """A file that was set aside, and why."""

    inbox: str
    name: str
    reason: str
    rejected_on: date


def has_file(connection: Connection, company_id: str, sha256: str) -> bool:
    """Whether these very bytes were taken in before."""
    return (
        connection.execute(
            select(RAW_FILE.c.sha256).where(RAW_FILE.c.company_id == company_id, RAW_FILE.c.sha256 == sha256)
        ).first()
        is not None
    )


def save_file(
    connection: Connection,
    company_id: str,
    *,
    name: str,
    sha256: str,
    content: bytes,
    statement_format: str,
    statements: Sequence[Statement],
    received_on: date,
) -> Taken:
    """Store a file with its statements; entries that other statements delivered before are recognised."""
    connection.execute(
        insert(RAW_FILE).values(
            company_id=company_id,
            sha256=sha256,
            name=name,
            format=statement_format,
            size_bytes=len(content),
            content=zlib.compress(content, 6),
            received_on=received_on,
        )
    )
    new = known = 0
    for index, statement in enumerate(statements):
        fresh, repeated = _save_statement(connection, company_id, sha256, index, statement)
        new, known = new + fresh, known + repeated
    return Taken(statements=len(statements), new_entries=new, known_entries=known)


def save_rejected(
    connection: Connection, company_id: str, *, sha256: str, inbox: str, name: str, reason: str, rejected_on: date
) -> None:
    """Remember that a file could not be read, and why."""
    upsert(
        connection,
        REJECTED_FILE,
        [
            {
                "company_id": company_id,
                "sha256": sha256,
                "inbox": inbox,
                "name": name,
                "reason": reason,
                "rejected_on": rejected_on,
            }
        ],
    )


def load_rejected(connection: Connection, company_id: str) -> list[RejectedFile]:
    """Give every file that could not be read, oldest first."""
    rows = connection.execute(
        select(REJECTED_FILE)
        .where(REJECTED_FILE.c.company_id == company_id)
        .order_by(REJECTED_FILE.c.rejected_on, REJECTED_FILE.c.name)
    ).mappings()
    return [
        RejectedFile(inbox=row["inbox"], name=row["name"], reason=row["reason"], rejected_on=row["rejected_on"])
        for row in rows
    ]


def raw_content(connection: Connection, company_id: str, sha256: str) -> bytes:
    """Give back the bytes of a file as they came."""
    return zlib.decompress(
        connection.execute(
            select(RAW_FILE.c.content).where(RAW_FILE.c.company_id == company_id, RAW_FILE.c.sha256 == sha256)
        ).scalar_one()
    )


def damaged_files(connection: Connection, company_id: str) -> list[str]:
    """Name every stored file whose bytes no longer have the hash they came with."""
    rows = connection.execute(
        select(RAW_FILE.c.name, RAW_FILE.c.sha256, RAW_FILE.c.content).where(RAW_FILE.c.company_id == company_id),
        execution_options={"yield_per": 20},
    )
    return [name for name, sha256, content in rows if _hash_of_compressed(content) != sha256]


def load_statements(connection: Connection, company_id: str, account: str) -> list[Statement]:
    """Give all statements of an account, without their entries, oldest first."""
    rows = connection.execute(
        select(STATEMENT)
        .where(STATEMENT.c.company_id == company_id, STATEMENT.c.account == account)
        .order_by(STATEMENT.c.closing_date, STATEMENT.c.number, STATEMENT.c.statement_id)
    ).mappings()
    return [_statement(row) for row in rows]


def load_entries(connection: Connection, company_id: str) -> dict[str, StatementEntry]:
    """Give every entry of a company by identity, in the order of booking."""
    rows = connection.execute(
        select(STATEMENT_ENTRY)
        .where(STATEMENT_ENTRY.c.company_id == company_id)
        .order_by(STATEMENT_ENTRY.c.booking_date, STATEMENT_ENTRY.c.entry_id)
    ).mappings()
    return {row["entry_id"]: _entry(row) for row in rows}


def movements_match(connection: Connection, company_id: str) -> list[str]:
    """Describe every statement whose stored entries no longer add up to its balances, and entries of no statement."""
    sums: dict[str, int] = {}
    for statement_id, minor in connection.execute(
        select(STATEMENT_LINE.c.statement_id, STATEMENT_ENTRY.c.amount_minor)
        .join(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT_ENTRY.c.entry_id == STATEMENT_LINE.c.entry_id),
        )
        .where(STATEMENT_LINE.c.company_id == company_id, STATEMENT_ENTRY.c.status == EntryStatus.BOOKED.value)
    ):
        sums[statement_id] = sums.get(statement_id, 0) + minor
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
    return broken + [f"entry {entry_id} came with no statement" for entry_id in _strays(connection, company_id)]


def _strays(connection: Connection, company_id: str) -> Iterable[str]:
    return connection.execute(
        select(STATEMENT_ENTRY.c.entry_id)
        .outerjoin(
            STATEMENT_LINE,
            (STATEMENT_LINE.c.company_id == STATEMENT_ENTRY.c.company_id)
            & (STATEMENT_LINE.c.entry_id == STATEMENT_ENTRY.c.entry_id),
        )
        .where(STATEMENT_ENTRY.c.company_id == company_id, STATEMENT_LINE.c.entry_id.is_(None))
        .order_by(STATEMENT_ENTRY.c.entry_id)
    ).scalars()


def _save_statement(
    connection: Connection, company_id: str, sha256: str, index: int, statement: Statement
) -> tuple[int, int]:
    # What is only announced comes again when it is booked, on another day or not at all; the raw file keeps it.
    statement = replace(statement, entries=tuple(e for e in statement.entries if e.status is EntryStatus.BOOKED))
    known = _overlapping_entries(connection, company_id, statement)
    entries = identify_bookings(statement.entries, known.values(), _identities_of(connection, company_id, statement))
    fresh = [entry for entry in entries if entry.entry_id not in known]
    insert_missing(connection, STATEMENT_ENTRY, [_entry_row(company_id, entry) for entry in fresh])
    statement_id = f"{sha256[:40]}-{index}"
    connection.execute(insert(STATEMENT).values(_statement_row(company_id, statement_id, sha256, statement)))
    lines = [
        {"company_id": company_id, "statement_id": statement_id, "line_no": number, "entry_id": entry.entry_id}
        for number, entry in enumerate(entries)
    ]
    if lines:
        connection.execute(insert(STATEMENT_LINE), lines)
    return len(fresh), len(entries) - len(fresh)


def _overlapping_entries(connection: Connection, company_id: str, statement: Statement) -> dict[str, StatementEntry]:
    """Give the stored entries, of the days in question, that came with statements this one may overlap with."""
    if not statement.entries:
        return {}
    stored = _rows_of_days(connection, company_id, statement)
    others = {
        row["statement_id"]: _statement(row)
        for row in connection.execute(
            select(STATEMENT).where(
                STATEMENT.c.company_id == company_id,
                STATEMENT.c.account == statement.account,
                STATEMENT.c.statement_id.in_({statement_id for statement_id, _ in stored}),
            )
        ).mappings()
    }
    return {entry.entry_id: entry for statement_id, entry in stored if may_overlap(statement, others[statement_id])}


def _rows_of_days(connection: Connection, company_id: str, statement: Statement) -> list[tuple[str, StatementEntry]]:
    days = {entry.booking_date for entry in statement.entries}
    rows = connection.execute(
        select(STATEMENT_LINE.c.statement_id, STATEMENT_ENTRY)
        .join(
            STATEMENT_ENTRY,
            (STATEMENT_ENTRY.c.company_id == STATEMENT_LINE.c.company_id)
            & (STATEMENT_ENTRY.c.entry_id == STATEMENT_LINE.c.entry_id),
        )
        .where(
            STATEMENT_LINE.c.company_id == company_id,
            STATEMENT_ENTRY.c.account == statement.account,
            STATEMENT_ENTRY.c.booking_date.between(min(days), max(days)),
        )
        .order_by(STATEMENT_ENTRY.c.entry_id)
    ).mappings()
    return [(row["statement_id"], _entry(row)) for row in rows]


def _identities_of(connection: Connection, company_id: str, statement: Statement) -> set[str]:
    if not statement.entries:
        return set()
    days = {entry.booking_date for entry in statement.entries}
    return set(
        connection.execute(
            select(STATEMENT_ENTRY.c.entry_id).where(
                STATEMENT_ENTRY.c.company_id == company_id,
                STATEMENT_ENTRY.c.account == statement.account,
                STATEMENT_ENTRY.c.booking_date.between(min(days), max(days)),
            )
        ).scalars()
    )


def _hash_of_compressed(content: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(content)).hexdigest()
    except zlib.error:
        return ""


def _minor(money: Money | None) -> int | None:
    return money.minor if money is not None else None


def _money(minor: int | None, currency: str) -> Money | None:
    return Money(minor, currency) if minor is not None else None


def _statement_row(company_id: str, statement_id: str, sha256: str, statement: Statement) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "statement_id": statement_id,
        "sha256": sha256,
        "account": statement.account,
        "currency": statement.currency,
        "statement_ref": statement.statement_ref,
        "number": statement.number,
        "opening_date": statement.opening_date,
        "opening_minor": _minor(statement.opening),
        "closing_date": statement.closing_date,
        "closing_minor": _minor(statement.closing),
        "movement_minor": statement.movement().minor,
        "format": statement.format,
        "place": statement.place,
    }


def _statement(row: Mapping[Any, Any]) -> Statement:
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
        format=row["format"],
        place=row["place"],
    )


def _entry_row(company_id: str, entry: StatementEntry) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "entry_id": entry.entry_id,
        "account": entry.account,
        "booking_date": entry.booking_date,
        "value_date": entry.value_date,
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "kind": entry.kind.value,
        "status": entry.status.value,
        "payer_name": entry.payer_name,
        "payer_iban": entry.payer_iban,
        "payer_bic": entry.payer_bic,
        "ultimate_name": entry.ultimate_name,
        "remittance": entry.remittance,
        "remittance_glued": entry.remittance_glued,
        "reference_list": canonical(entry.references),
        "end_to_end_id": entry.end_to_end_id,
        "mandate_id": entry.mandate_id,
        "creditor_id": entry.creditor_id,
        "bank_reference": entry.bank_reference,
        "return_reason": entry.return_reason,
        "original_minor": _minor(entry.original_amount),
        "original_currency": entry.original_amount.currency if entry.original_amount is not None else "",
        "charges_minor": _minor(entry.charges),
        "charges_currency": entry.charges.currency if entry.charges is not None else "",
        "posting_text": entry.posting_text,
        "transaction_code": entry.transaction_code,
        "booking_ref": entry.booking_ref,
        "position": entry.position,
        "place": entry.place,
    }


def _entry(row: Mapping[Any, Any]) -> StatementEntry:
    return StatementEntry(
        entry_id=row["entry_id"],
        account=row["account"],
        booking_date=row["booking_date"],
        value_date=row["value_date"],
        amount=Money(row["amount_minor"], row["currency"]),
        kind=EntryKind(row["kind"]),
        status=EntryStatus(row["status"]),
        payer_name=row["payer_name"],
        payer_iban=row["payer_iban"],
        payer_bic=row["payer_bic"],
        ultimate_name=row["ultimate_name"],
        remittance=row["remittance"],
        remittance_glued=row["remittance_glued"],
        references=tuple(parsed(row["reference_list"])),
        end_to_end_id=row["end_to_end_id"],
        mandate_id=row["mandate_id"],
        creditor_id=row["creditor_id"],
        bank_reference=row["bank_reference"],
        return_reason=row["return_reason"],
        original_amount=_money(row["original_minor"], row["original_currency"]),
        charges=_money(row["charges_minor"], row["charges_currency"]),
        posting_text=row["posting_text"],
        transaction_code=row["transaction_code"],
        booking_ref=row["booking_ref"],
        position=row["position"],
        place=row["place"],
    )


def accounts_with_statements(connection: Connection, company_id: str) -> Iterable[str]:
    """Name every account of which statements were taken in."""
    return connection.execute(
        select(STATEMENT.c.account).where(STATEMENT.c.company_id == company_id).distinct()
    ).scalars()
