"""Open items and debtors: saved as their tool reported them, given back as we work with them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, insert, select, update

from ledger.allocation import SETTLES_PRINCIPAL
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_amount import OpenAmount, Reported, Settled, open_amount
from ledger.open_item import ItemKind, OpenItem
from ledger.tax_share import read_tax_shares, written_tax_shares
from storage.bulk import among
from storage.decisions import decided_until, head
from storage.tables import ALLOCATION, DEBTOR, OPEN_ITEM, REPORTED_AMOUNT, SOURCE_READ
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection


_CHUNK: Final = 5_000  # values in one question to the database


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
    items: Collection[OpenItem],
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
        _close(connection, company_id, source, gone)
        mark_unread(connection, company_id, [i for i, old in before.items() if old[3] and old[2] in keep])
    _report(connection, company_id, reports, before, after, run_date)
    note_reading(connection, company_id, source, run_date, complete=complete)
    return len(gone)


def save_changed_items(
    connection: Connection,
    company_id: str,
    source: str,
    items: Sequence[OpenItem],
    *,
    gone: Collection[str],
    unread: Collection[str],
    run_date: date,
) -> None:
    """Save what changed at a source since it was last read; everything else it has stays as it is.

    ``gone`` are items that the tool does not know as a claim any more (cancelled, deleted), ``unread`` those that are
    there and could not be read tonight.
    """
    after = head(connection, company_id).seq
    before = _reported(connection, company_id, source, [*(item.item_id for item in items), *gone])
    rows = [_item_row(company_id, item, run_date) | {"in_open_set": bool(item.open_amount)} for item in items]
    upsert(connection, OPEN_ITEM, rows)
    reports = [(item.item_id, item.open_amount.minor, False) for item in items]
    reports += [(item_id, 0, True) for item_id in gone if item_id in before]
    _close(connection, company_id, source, gone)
    mark_unread(connection, company_id, unread)
    _report(connection, company_id, reports, before, after, run_date)


def note_reading(connection: Connection, company_id: str, source: str, run_date: date, *, complete: bool) -> None:
    """Write down that a source was read: whole, so that what is unchanged was seen too, or in part."""
    row = {"company_id": company_id, "source": source, "read_on": run_date, "complete": complete}
    upsert(connection, SOURCE_READ, [row])


def _close(connection: Connection, company_id: str, source: str, gone: Collection[str]) -> None:
    """Take items out of the open set; the last run that saw them was the last whole reading before."""
    before = load_freshness(connection, company_id).get(source)
    seen = OPEN_ITEM.c.last_seen_on
    last = case((seen < before.read_on, before.read_on), else_=seen) if before and before.complete else seen
    for some in _in_chunks(list(gone)):
        connection.execute(
            update(OPEN_ITEM)
            .where(OPEN_ITEM.c.company_id == company_id, among(connection, OPEN_ITEM.c.item_id, some))
            .values(in_open_set=False, reported_open_minor=0, unread=False, last_seen_on=last)
        )


def mark_unread(connection: Connection, company_id: str, unread: Collection[str]) -> None:
    """Note that items are still at their source and could not be read: nobody is dunned for them until they are."""
    for some in _in_chunks(list(unread)):
        connection.execute(
            update(OPEN_ITEM)
            .where(OPEN_ITEM.c.company_id == company_id, among(connection, OPEN_ITEM.c.item_id, some))
            .values(unread=True)
        )


def _report(
    connection: Connection,
    company_id: str,
    reports: Iterable[tuple[str, int, bool]],
    before: Mapping[str, tuple[int, int, str, bool]],
    after: int,
    run_date: date,
) -> None:
    """Write down every amount that is another one than the tool reported before."""
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


def _in_chunks(item_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (item_ids[start : start + _CHUNK] for start in range(0, len(item_ids), _CHUNK))


def save_debtors(
    connection: Connection,
    company_id: str,
    source: str,
    debtors: Sequence[Debtor],
    *,
    seen_on: date | None = None,
) -> None:
    """Save the debtors of a source as its whole list describes them in the run of a day.

    What is unchanged is not written again; who is no longer in the list is noted as missing from it.
    """
    if not debtors:
        return  # the source has no list of its own
    columns = DEBTOR.c
    stored = {
        row["debtor_number"]: dict(row)
        for row in connection.execute(
            select(DEBTOR).where(columns.company_id == company_id, columns.source == source)
        ).mappings()
    }
    before = load_freshness(connection, company_id).get(source)
    rows = [_debtor_row(company_id, source, debtor, seen_on) for debtor in debtors]
    upsert(connection, DEBTOR, [row for row in rows if _is_new(row, stored.get(row["debtor_number"]))])
    listed = {debtor.number for debtor in debtors}
    lost = [n for n, row in stored.items() if n not in listed and not row["missing"]] if seen_on else []
    for some in _in_chunks(lost):
        connection.execute(
            update(DEBTOR)
            .where(columns.company_id == company_id, among(connection, columns.debtor_number, some))
            .values(missing=True, **({"last_seen_on": before.read_on} if before else {}))
        )


def _is_new(row: Mapping[str, Any], stored: Mapping[str, Any] | None) -> bool:
    """Whether something but the day is otherwise than stored."""
    return stored is None or any(stored[key] != value for key, value in row.items() if key != "last_seen_on")


def _debtor_row(company_id: str, source: str, debtor: Debtor, seen_on: date | None) -> dict[str, Any]:
    return {
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
        "missing": False,
    }


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
    columns = DEBTOR.c
    rows = connection.execute(
        select(columns.debtor_number, columns.last_seen_on).where(columns.company_id == company_id, columns.missing)
    )
    return {str(number): seen_on for number, seen_on in rows if seen_on is not None}


def load_items(connection: Connection, company_id: str, *, until: date | None = None) -> list[StoredItem]:
    """Give every item ever reported, each with what is open now after our allocations.

    With ``until`` amounts are those of that day: what was reported or allocated in a later run does not count, and an
    item that nobody had reported yet is not there.
    """
    reports: dict[str, list[Reported]] = defaultdict(list)
    columns = REPORTED_AMOUNT.c
    reported_by_then = () if until is None else (columns.reported_on <= until,)
    for item_id, after, minor, absent in connection.execute(
        select(columns.item_id, columns.after_seq, columns.open_minor, columns.absent)
        .where(columns.company_id == company_id, *reported_by_then)
        .order_by(columns.item_id, columns.report_no)
    ):
        reports[item_id].append(Reported(after=after, open_minor=minor, absent=absent))
    settlements: dict[str, list[Settled]] = defaultdict(list)
    for settled_id, seq, minor in connection.execute(
        select(ALLOCATION.c.item_id, ALLOCATION.c.seq, ALLOCATION.c.amount_minor).where(
            ALLOCATION.c.company_id == company_id,
            ALLOCATION.c.item_id.is_not(None),
            ALLOCATION.c.kind.in_([kind.value for kind in SETTLES_PRINCIPAL]),
            *(() if until is None else (ALLOCATION.c.seq.in_(decided_until(company_id, until)),)),
        )
    ):
        settlements[str(settled_id)].append(Settled(seq=seq, minor=minor))
    rows = connection.execute(
        select(OPEN_ITEM).where(OPEN_ITEM.c.company_id == company_id).order_by(OPEN_ITEM.c.item_id)
    ).mappings()
    whole = {one.source: one.read_on for one in load_freshness(connection, company_id).values() if one.complete}
    return [
        _stored_item(row, reports[row["item_id"]], settlements[row["item_id"]], whole)
        for row in rows
        if until is None or row["item_id"] in reports
    ]


def load_debtor_number(connection: Connection, company_id: str, item_id: str) -> str:
    """Give the debtor of an item; empty for an item that nobody reported."""
    columns = OPEN_ITEM.c
    found = connection.execute(
        select(columns.debtor_number).where(columns.company_id == company_id, columns.item_id == item_id)
    ).scalar()
    return found or ""


def load_sources(connection: Connection, company_id: str) -> dict[str, str]:
    """Give the source of each item that is open there."""
    columns = OPEN_ITEM.c
    rows = connection.execute(
        select(columns.item_id, columns.source).where(columns.company_id == company_id, columns.in_open_set)
    )
    return {row[0]: row[1] for row in rows}


def load_freshness(connection: Connection, company_id: str) -> dict[str, SourceFreshness]:
    """Tell when each source was last read."""
    rows = connection.execute(select(SOURCE_READ).where(SOURCE_READ.c.company_id == company_id)).mappings()
    return {
        row["source"]: SourceFreshness(source=row["source"], read_on=row["read_on"], complete=row["complete"])
        for row in rows
    }


def _reported(
    connection: Connection, company_id: str, source: str, only: Sequence[str] | None = None
) -> dict[str, tuple[int, int, str, bool]]:
    """Give per item of a source: last reported amount, number of that report, document number, in the open set."""
    item, report = OPEN_ITEM.c, REPORTED_AMOUNT.c
    facts = select(item.item_id, item.reported_open_minor, item.document_number, item.in_open_set).where(
        item.company_id == company_id, item.source == source
    )
    numbers = select(report.item_id, func.max(report.report_no)).where(report.company_id == company_id)
    last: dict[str, int] = {}
    rows: list[tuple[str, int, str, bool]] = []
    for some in (None,) if only is None else _in_chunks(only):
        these = () if some is None else (among(connection, item.item_id, some),)
        those = () if some is None else (among(connection, report.item_id, some),)
        last |= {str(row[0]): row[1] for row in connection.execute(numbers.where(*those).group_by(report.item_id))}
        rows += [(row[0], row[1], row[2], row[3]) for row in connection.execute(facts.where(*these))]
    return {item_id: (minor, last.get(item_id, 0), number, in_open) for item_id, minor, number, in_open in rows}


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
        "unread": False,
        "dunning_block": item.dunning_block,
    }


def _stored_item(
    row: Mapping[Any, Any], reports: Sequence[Reported], settlements: Sequence[Settled], whole: Mapping[str, date]
) -> StoredItem:
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
        dunning_block=row["dunning_block"],
    )
    seen_on = row["last_seen_on"]
    if row["in_open_set"] and not row["unread"]:
        seen_on = max(seen_on, whole.get(row["source"], seen_on))
    return StoredItem(item=item, amount=amount, in_open_set=row["in_open_set"], last_seen_on=seen_on)
