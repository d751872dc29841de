"""Open items and debtors: saved as their tool reported them, given back as we work with them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from ledger.allocation import SETTLES_PRINCIPAL
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_amount import OpenAmount, Reported, Settled, open_amount
from ledger.open_item import ItemKind, OpenItem
from ledger.tax_share import read_tax_shares, written_tax_shares
from storage.decisions import head
from storage.tables import ALLOCATION, DEBTOR, OPEN_ITEM, REPORTED_AMOUNT, SOURCE_READ
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An open item with everything known about its amount. ``item.open_amount`` is what is open now."""

    item: OpenItem
    amount: OpenAmount
    in_open_set: bool
    last_seen_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFreshness:
    """When a source was last read whole."""

    source: str
    read_on: date
    complete: bool


def save_open_set(
    connection: Connection,
    company_id: str,
    source: str,
    items: Sequence[OpenItem],
    *,
    complete: bool,
    keep: Collection[str],
    run_date: date,
) -> int:
    """Save what a source reports as open; return how many items left the open set.

    Where the whole set was read (``complete``), an item that is absent is open no longer, as long as it stays away.
    ``keep`` are document numbers that were in the source but could not be read; their last facts stay.
    """
    after = head(connection, company_id).seq
    before = _reported(connection, company_id, source)
    upsert(connection, OPEN_ITEM, [_item_row(company_id, item, run_date) for item in items])
    reports = [(item.item_id, item.open_amount.minor, False) for item in items]
    gone = []
    if complete:
        present = {item.item_id for item in items}
        gone = [
            item_id
            for item_id, (_, _, number, in_open_set) in before.items()
            if in_open_set and item_id not in present and number not in keep
        ]
        reports += [(item_id, 0, True) for item_id in gone]
        for item_id in gone:
            connection.execute(
                update(OPEN_ITEM)
                .where(OPEN_ITEM.c.company_id == company_id, OPEN_ITEM.c.item_id == item_id)
                .values(in_open_set=False, reported_open_minor=0)
            )
    rows = [
        {
            "company_id": company_id,
            "item_id": item_id,
            "report_no": before[item_id][1] + 1 if item_id in before else 1,
            "after_seq": after,
            "open_minor": minor,
            "absent": absent,
            "reported_on": run_date,
        }
        for item_id, minor, absent in reports
        if item_id not in before or before[item_id][0] != minor
    ]
    if rows:
        connection.execute(insert(REPORTED_AMOUNT), rows)
    upsert(
        connection,
        SOURCE_READ,
        [{"company_id": company_id, "source": source, "read_on": run_date, "complete": complete}],
    )
    return len(gone)


def save_debtors(
    connection: Connection,
    company_id: str,
    source: str,
    debtors: Sequence[Debtor],
    *,
    seen_on: date | None = None,
) -> None:
    """Save debtors as a source describes them in the run of a day."""
    upsert(
        connection,
        DEBTOR,
        [
            {
                "company_id": company_id,
                "debtor_number": debtor.number,
                "source": source,
                "name": debtor.name,
                "street": debtor.street,
                "postcode": debtor.postcode,
                "city": debtor.city,
                "country": debtor.country,
                "email": debtor.email,
                "phone": debtor.phone,
                "ibans": " ".join(debtor.ibans),
                "type": debtor.type.value,
                "language": debtor.language,
                "last_seen_on": seen_on,
            }
            for debtor in debtors
        ],
    )


def load_debtors(connection: Connection, company_id: str) -> dict[str, Debtor]:
    """Give all debtors of a company by number."""
    rows = connection.execute(select(DEBTOR).where(DEBTOR.c.company_id == company_id)).mappings()
    return {
        row["debtor_number"]: Debtor(
            number=row["debtor_number"],
            name=row["name"],
            street=row["street"],
            postcode=row["postcode"],
            city=row["city"],
            country=row["country"],
            email=row["email"],
            phone=row["phone"],
            ibans=tuple(row["ibans"].split()),
            type=DebtorType(row["type"]),
            language=row["language"],
        )
        for row in rows
    }


def missing_debtors(connection: Connection, company_id: str) -> dict[str, date]:
    """Give each debtor that the last list of debtors of its source left out, with the day it was last named."""
    last: dict[str, date] = {}
    seen: list[tuple[str, str, date]] = []
    for source, number, seen_on in connection.execute(
        select(DEBTOR.c.source, DEBTOR.c.debtor_number, DEBTOR.c.last_seen_on).where(
            DEBTOR.c.company_id == company_id
        )
    ):
        if seen_on is not None:
            seen.append((source, number, seen_on))
            last[source] = max(seen_on, last.get(source, seen_on))
    return {number: seen_on for source, number, seen_on in seen if seen_on < last[source]}


def load_items(connection: Connection, company_id: str) -> list[StoredItem]:
    """Give every item ever reported, each with what is open now after our allocations."""
    reports: dict[str, list[Reported]] = defaultdict(list)
    columns = REPORTED_AMOUNT.c
    for item_id, after, minor, absent in connection.execute(
        select(columns.item_id, columns.after_seq, columns.open_minor, columns.absent)
        .where(columns.company_id == company_id)
        .order_by(columns.item_id, columns.report_no)
    ):
        reports[item_id].append(Reported(after=after, open_minor=minor, absent=absent))
    settlements: dict[str, list[Settled]] = defaultdict(list)
    for settled_id, seq, minor in connection.execute(
        select(ALLOCATION.c.item_id, ALLOCATION.c.seq, ALLOCATION.c.amount_minor).where(
            ALLOCATION.c.company_id == company_id,
            ALLOCATION.c.item_id.is_not(None),
            ALLOCATION.c.kind.in_([kind.value for kind in SETTLES_PRINCIPAL]),
        )
    ):
        settlements[str(settled_id)].append(Settled(seq=seq, minor=minor))
    rows = connection.execute(
        select(OPEN_ITEM).where(OPEN_ITEM.c.company_id == company_id).order_by(OPEN_ITEM.c.item_id)
    ).mappings()
    return [_stored_item(row, reports[row["item_id"]], settlements[row["item_id"]]) for row in rows]


def load_freshness(connection: Connection, company_id: str) -> dict[str, SourceFreshness]:
    """Tell when each source was last read."""
    rows = connection.execute(select(SOURCE_READ).where(SOURCE_READ.c.company_id == company_id)).mappings()
    return {
        row["source"]: SourceFreshness(source=row["source"], read_on=row["read_on"], complete=row["complete"])
        for row in rows
    }


def _reported(connection: Connection, company_id: str, source: str) -> dict[str, tuple[int, int, str, bool]]:
    """Give per item of a source: last reported amount, number of that report, document number, in the open set."""
    last: dict[str, int] = {}
    for item_id, report_no in connection.execute(
        select(REPORTED_AMOUNT.c.item_id, REPORTED_AMOUNT.c.report_no).where(
            REPORTED_AMOUNT.c.company_id == company_id
        )
    ):
        last[item_id] = max(report_no, last.get(item_id, 0))
    rows = connection.execute(
        select(
            OPEN_ITEM.c.item_id, OPEN_ITEM.c.reported_open_minor, OPEN_ITEM.c.document_number, OPEN_ITEM.c.in_open_set
        ).where(OPEN_ITEM.c.company_id == company_id, OPEN_ITEM.c.source == source)
    )
    return {
        item_id: (open_minor, last.get(item_id, 0), number, in_open_set)
        for item_id, open_minor, number, in_open_set in rows
    }


def _item_row(company_id: str, item: OpenItem, run_date: date) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "item_id": item.item_id,
        "source": item.source,
        "document_number": item.document_number,
        "kind": item.kind.value,
        "debtor_number": item.debtor_number,
        "document_date": item.document_date,
        "due_date": item.due_date,
        "amount_minor": item.amount.minor,
        "reported_open_minor": item.open_amount.minor,
        "currency": item.currency,
        "skonto_percent": str(item.skonto_percent) if item.skonto_percent is not None else "",
        "skonto_until": item.skonto_until,
        "payment_reference": item.payment_reference,
        "order_number": item.order_number,
        "end_to_end_id": item.end_to_end_id,
        "tax_shares": written_tax_shares(item.tax_shares),
        "place": item.place,
        "in_open_set": True,
        "last_seen_on": run_date,
    }


def _stored_item(row: Mapping[Any, Any], reports: Sequence[Reported], settlements: Sequence[Settled]) -> StoredItem:
    currency = row["currency"]
    kind = ItemKind(row["kind"])
    # An allocation is signed like the entry: what reduces a credit note is negative.
    signed = (
        settlements
        if kind is ItemKind.INVOICE
        else [Settled(seq=settled.seq, minor=-settled.minor) for settled in settlements]
    )
    amount = open_amount(reports, signed, currency)
    item = OpenItem(
        item_id=row["item_id"],
        document_number=row["document_number"],
        kind=kind,
        debtor_number=row["debtor_number"],
        document_date=row["document_date"],
        due_date=row["due_date"],
        amount=Money(row["amount_minor"], currency),
        open_amount=amount.open,
        skonto_percent=Decimal(row["skonto_percent"]) if row["skonto_percent"] else None,
        skonto_until=row["skonto_until"],
        payment_reference=row["payment_reference"],
        order_number=row["order_number"],
        end_to_end_id=row["end_to_end_id"],
        source=row["source"],
        place=row["place"],
        tax_shares=read_tax_shares(row["tax_shares"], currency),
    )
    return StoredItem(item=item, amount=amount, in_open_set=row["in_open_set"], last_seen_on=row["last_seen_on"])
