"""Nothing of one company is seen or touched by another one."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from storage.audit import decision_payloads, hash_at, loose_rows
from storage.database import transaction
from storage.decisions import broken_links, head
from storage.documents import damaged_documents
from storage.entry_status import misjudged
from storage.facts import load_debtors, load_freshness, load_items
from storage.fetched_files import load_fetched
from storage.holds import load_holds
from storage.matches import load_all_booked, load_booked, load_ignored, load_outcomes
from storage.nights import load_nights
from storage.notices import last_letter_number, load_notices
from storage.outbox import has_effect, load_effects
from storage.postings import posted
from storage.raw_files import damaged_files, has_file, load_rejected
from storage.remote_documents import find_key, load_keys, load_known, load_payload
from storage.statements import (
    accounts_with_statements,
    load_entries,
    load_statements,
    movements_match,
)
from storage.tables import METADATA, WIRE_TURN
from tests.storage.given import (
    ACCOUNT,
    COMPANY,
    a_case_that_was_decided,
    a_full_life,
    a_model_of_its_own,
    a_rule_that_ended,
    item,
    somebody_says_no,
)
from tests.storage.given_talks import somebody_talks
from tests.storage.given_tools import a_tool_was_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

JUNE_SHA256 = hashlib.sha256(b"june").hexdigest()

# Everything that reads, and what it gives of a company that has nothing.
READS: dict[str, tuple[Callable[[Connection, str], Any], Any]] = {
    "items": (load_items, []),
    "debtors": (load_debtors, {}),
    "freshness": (load_freshness, {}),
    "entries": (load_entries, {}),
    "statements": (lambda connection, company: load_statements(connection, company, ACCOUNT), []),
    "accounts": (lambda connection, company: [*accounts_with_statements(connection, company)], []),
    "rejected": (load_rejected, []),
    "fetched": (lambda connection, company: load_fetched(connection, company, "bank"), []),
    "booked": (load_booked, []),
    "all booked": (load_all_booked, []),
    "ignored": (load_ignored, {}),
    "outcomes": (load_outcomes, {}),
    "holds": (load_holds, []),
    "notices": (load_notices, []),
    "letter number": (lambda connection, company: last_letter_number(connection, company, "M-2026-"), 0),
    "effects": (load_effects, []),
    "known documents": (lambda connection, company: load_known(connection, company, "list").open, {}),
    "cursors": (lambda connection, company: load_known(connection, company, "list").cursors, {}),
    "keys": (load_keys, {}),
    "a key": (lambda connection, company: find_key(connection, company, "list", item("RE-9").item_id), None),
    "a payload": (lambda connection, company: load_payload(connection, company, item("RE-9").item_id), None),
    "has effect": (lambda connection, company: has_effect(connection, company, "notice-M-2026-00001"), False),
    "has file": (lambda connection, company: has_file(connection, company, JUNE_SHA256), False),
    "posted": (posted, {}),
    "nights": (load_nights, []),
    "decisions": (decision_payloads, {}),
    "a hash": (lambda connection, company: hash_at(connection, company, 1), None),
    "head": (lambda connection, company: astuple(head(connection, company)), (0, "0" * 64)),
}

# What an audit of a healthy company says: nothing.
AUDITS: dict[str, Callable[[Connection, str], Any]] = {
    "broken links": broken_links,
    "loose rows": loose_rows,
    "movements": movements_match,
    "statuses": misjudged,
    "files": damaged_files,
    "documents": damaged_documents,
}


def _picture(connection: Connection, company: str) -> dict[str, Any]:
    return {name: read(connection, company) for name, (read, _) in READS.items()}


def test_a_company_that_has_nothing_sees_nothing_of_another_one(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        a_tool_was_read(connection, COMPANY)
        assert _picture(connection, "other") == {name: nothing for name, (_, nothing) in READS.items()}
        for name, (_, nothing) in READS.items():
            assert _picture(connection, COMPANY)[name] != nothing, f"{name} was not filled, so nothing is proven"


def test_what_one_company_does_changes_nothing_for_another_one(engine: Engine) -> None:
    """Both have the same numbers, files, payers and letters."""
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        before = _picture(connection, COMPANY)
        a_full_life(connection, "other")
        assert _picture(connection, COMPANY) == before


def test_the_same_life_has_the_same_shape_in_every_company(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        for company in (COMPANY, "other"):
            a_full_life(connection, company)
            a_rule_that_ended(connection, company)
            a_model_of_its_own(connection, company)
            somebody_says_no(connection, company)
            a_case_that_was_decided(connection, company)
            somebody_talks(connection, company)
            a_tool_was_read(connection, company)
        for table in METADATA.sorted_tables:
            if table is WIRE_TURN:  # companies that share a key share its limit
                continue
            rows = [row[0] for row in connection.execute(table.select())]
            assert rows.count(COMPANY) == rows.count("other") > 0, table.name


def test_an_audit_finds_nothing_in_two_healthy_companies(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        for company in (COMPANY, "other"):
            a_full_life(connection, company)
        for company in (COMPANY, "other"):
            found = [problem for audit in AUDITS.values() for problem in audit(connection, company)]
            assert found == []
