"""Verify (Prüfung): the decision log is whole, balances add up, and nothing is booked that no decision says."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ledger.allocation import money_moved
from ledger.money import Money
from ledger.statement import EntryStatus
from ledger.statement_chain import gaps
from storage.audit import decision_payloads, hash_at, loose_rows
from storage.decisions import broken_links, head
from storage.documents import damaged_documents
from storage.entry_status import misjudged
from storage.facts import load_items
from storage.matches import load_booked
from storage.nights import load_nights
from storage.raw_files import damaged_files
from storage.statements import (
    accounts_with_statements,
    load_entries,
    load_statements,
    movements_match,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Connection


def verify(connection: Connection, company_id: str) -> dict[str, Any]:
    """Check everything that can be checked; ``problems`` is empty when all is well."""
    problems = [
        *(f"decision log: {problem}" for problem in broken_links(connection, company_id)),
        *(f"decision log: {problem}" for problem in _cut_tail(connection, company_id)),
        *(f"decisions: {problem}" for problem in loose_rows(connection, company_id)),
        *(f"statements: {problem}" for problem in movements_match(connection, company_id)),
        *(f"entries: {problem}" for problem in misjudged(connection, company_id)),
        *(f"allocations: {problem}" for problem in _misallocated(connection, company_id)),
        *(f"raw files: {name} was changed" for name in damaged_files(connection, company_id)),
        *(f"documents: {name} was changed" for name in damaged_documents(connection, company_id)),
    ]
    notes = [
        str(finding)
        for account in accounts_with_statements(connection, company_id)
        for finding in gaps(load_statements(connection, company_id, account))
    ]
    end = head(connection, company_id)
    return {
        "company": company_id,
        "decisions": end.seq,
        "head": end.hash,
        "problems": problems,
        "missing_statements": notes,
        "kinds": dict(sorted(decision_payloads(connection, company_id).items())),
    }


def _cut_tail(connection: Connection, company_id: str) -> Iterator[str]:
    """Every night noted where the log ended; a log that no longer contains that place was cut or replaced."""
    for night in load_nights(connection, company_id):
        if night.head_seq and hash_at(connection, company_id, night.head_seq) != night.head_hash:
            yield f"the night of {night.run_date} ended with decision {night.head_seq}, which is no longer the same"


def _misallocated(connection: Connection, company_id: str) -> Iterator[str]:
    entries = load_entries(connection, company_id)
    by_entry = defaultdict(list)
    for booked in load_booked(connection, company_id):
        by_entry[booked.entry_id].append(booked.allocation)
    for entry_id, allocations in by_entry.items():
        amount = entries[entry_id].amount
        if entries[entry_id].status is not EntryStatus.BOOKED:
            yield f"entry {entry_id} is {entries[entry_id].status.value}, and something is allocated from it"
        moved = money_moved(allocations, amount.currency)
        if moved != amount:
            yield f"entry {entry_id} is {amount}, but {moved} of it is allocated"
    for stored in load_items(connection, company_id):
        if stored.item.open_amount < Money(0, stored.item.currency):
            yield f"{stored.item.document_number} is settled by {-stored.item.open_amount} more than was open"
