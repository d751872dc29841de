"""The rows of the exports: matches, notices and open items, as they stand in storage."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from export.tables.matches import match_row
from export.tables.notices import notice_row
from export.tables.open_items import open_item_row
from ledger.debtor import Debtor
from ledger.statement import EntryStatus
from night.receipts import receipt_told, receipts_of
from night.stored_notice import as_notice
from reconciliation.outcome import EntryState, Outcome
from storage.facts import load_debtors, load_items
from storage.holds import load_holds
from storage.matches import load_outcomes
from storage.notices import load_notices, one_per_run
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from config.settings import Company
    from storage.database import Connection


def match_rows(connection: Connection, company_id: str) -> Iterator[Mapping[str, Any]]:
    """Give one row per booked entry, in the order of booking; what is only announced is no booking yet."""
    outcomes = load_outcomes(connection, company_id)
    for entry in load_entries(connection, company_id, EntryStatus.BOOKED).values():
        outcome = outcomes.get(entry.entry_id) or Outcome(
            entry_id=entry.entry_id, state=EntryState.UNMATCHED, reasons=("No night has looked at it yet.",)
        )
        yield match_row(company_id, entry, outcome)


def notice_rows(connection: Connection, company: Company, run_date: date | None) -> Iterator[Mapping[str, Any]]:
    """Give one row per debtor and run, silent ones included; what was sent with its receipt."""
    debtors = load_debtors(connection, company.id)
    notices = one_per_run(load_notices(connection, company.id, run_date))
    receipts = receipts_of(connection, company, notices)
    for stored in notices:
        debtor = debtors.get(stored.debtor_number) or Debtor(number=stored.debtor_number, name="")
        receipt = receipt_told(receipts.get(stored.notice_id))
        yield notice_row(company.id, as_notice(stored, debtor), stored.state, receipt)


def open_item_rows(connection: Connection, company_id: str, today: date) -> Iterator[Mapping[str, Any]]:
    """Give one row per item that is open now, with the stage it has reached and why it is spared."""
    debtors = load_debtors(connection, company_id)
    stages: dict[str, str] = {}
    for notice in load_notices(connection, company_id):
        if notice.sent_on is not None and not notice.came_back:
            stages.update({item.item_id: item.stage for item in notice.items})
    holds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for hold in load_holds(connection, company_id):
        if hold["expires_on"] is None or hold["expires_on"] >= today:
            holds[hold["debtor_number"], hold["item_id"]].append(hold["reason"])
    for stored in load_items(connection, company_id):
        item = stored.item
        if item.open_amount.minor <= 0:
            continue
        yield open_item_row(
            company_id,
            item,
            reported_open=stored.amount.reported,
            debtor_name=debtors[item.debtor_number].name if item.debtor_number in debtors else "",
            today=today,
            stage=stages.get(item.item_id, ""),
            hold_codes=(*holds[item.debtor_number, ""], *holds[item.debtor_number, item.item_id]),
        )
