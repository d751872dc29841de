"""The migrations make exactly the tables the code speaks of, and the guards no code can pass."""

from __future__ import annotations

import hashlib
import importlib.util
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import storage
from storage.database import _alembic, connect_lazily, open_database, reading, transaction
from storage.entry_status import misjudged
from storage.facts import load_items
from storage.matches import load_all_booked
from storage.raw_files import damaged_files, raw_content
from storage.statements import load_deliveries, movements_match
from storage.tables import METADATA
from tests.storage.given import (
    COMPANY,
    a_case_that_was_decided,
    a_full_life,
    a_model_of_its_own,
    a_rule_that_ended,
    somebody_says_no,
)
from tests.storage.given_talks import somebody_talks

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


def _append_only() -> tuple[str, ...]:
    path = Path(storage.__path__[0]) / "migrations" / "versions" / "0002_append_only.py"
    spec = importlib.util.spec_from_file_location("append_only", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names: tuple[str, ...] = (
        *(*module.APPEND_ONLY, "raw_part", "company_rule", "company_rule_revoked"),  # 0003, 0004
        *("own_model", "own_model_reset", "audit_draw", "audit_result", "drift", "drift_ended"),  # 0005
        *("payer_revocation", "rejection"),  # 0006
        *("insolvency", "case_decision", "successor", "message", "message_answered"),  # 0008
        *("call", "promise", "promise_ended", "instalment_plan", "instalment_plan_ended"),  # 0009
        *("mail_message", "bounce"),  # 0009
        *("receipt", "print_batch", "print_batch_letter", "print_batch_laid"),  # 0011
    )
    return names


APPEND_ONLY = _append_only()

# Facts are replaced by newer facts, effects move on, and what the last night thought is thought anew.
CHANGEABLE = {
    "debtor",
    "open_item",
    "source_read",
    "source_cursor",
    "remote_document",
    "wire_turn",
    "oauth_token",
    "fetched_file",
    "rejected_file",
    "statement",
    "statement_entry",
    "statement_line",
    "batch_payment",
    "outbox",
    "outcome",
    "evidence_mix",
}


def test_an_empty_database_becomes_exactly_the_tables_of_the_code(empty_url: str, tmp_path: Path) -> None:
    engine = open_database(empty_url, base=tmp_path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert {*inspect(connection).get_table_names()} == {*METADATA.tables, "alembic_version"}
    engine.dispose()


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_the_company_leads_every_primary_key_and_every_reference(table: Table[Any]) -> None:
    assert next(column.name for column in table.primary_key) == "company_id"
    for reference in table.foreign_key_constraints:
        first = reference.elements[0]
        assert (first.parent.name, first.column.name) == ("company_id", "company_id")
    for index in table.indexes:
        assert index.columns.keys()[0] == "company_id"


def test_every_table_is_either_guarded_or_meant_to_change() -> None:
    assert {*APPEND_ONLY} | CHANGEABLE == {*METADATA.tables}
    assert not {*APPEND_ONLY} & CHANGEABLE


def test_no_guarded_row_can_be_changed_deleted_or_replaced(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        a_rule_that_ended(connection, COMPANY)
        a_model_of_its_own(connection, COMPANY)
        somebody_says_no(connection, COMPANY)
        a_case_that_was_decided(connection, COMPANY)
        somebody_talks(connection, COMPANY)
    before = _content(engine)
    for table in APPEND_ONLY:
        assert before[table], f"nothing to guard in {table}"
        attempts = [f"UPDATE {table} SET company_id = company_id", f"DELETE FROM {table}"]
        if engine.dialect.name == "sqlite":
            attempts.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        else:
            attempts.append(f"TRUNCATE {table} CASCADE")
        for attempt in attempts:
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
                connection.execute(text(attempt))
    assert _content(engine) == before


def _content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as connection:
        return {name: [*map(tuple, connection.execute(table.select()))] for name, table in METADATA.tables.items()}


def test_what_an_older_version_stored_keeps_its_meaning(empty_url: str, tmp_path: Path) -> None:
    """Files were kept whole, and no line said where in its file an entry stood."""
    content = b":20:STARTUMSE"
    sha256 = hashlib.sha256(content).hexdigest()
    engine = connect_lazily(empty_url, base=tmp_path)
    with engine.begin() as connection:
        command.upgrade(_alembic(connection), "0002")
        for table, row in _rows_of_0002(sha256, zlib.compress(content)).items():
            columns = ", ".join(row)
            values = ", ".join(f":{column}" for column in row)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)
        command.upgrade(_alembic(connection), "head")
    with reading(engine) as connection:
        assert b"".join(raw_content(connection, COMPANY, sha256)) == content
        assert damaged_files(connection, COMPANY) == []
        assert movements_match(connection, COMPANY) == []
        assert misjudged(connection, COMPANY) == []
        (delivered,) = load_deliveries(connection, COMPANY, "e-1")
        assert (delivered.place, delivered.booked, delivered.file) == ("june.sta:5", True, "june.sta")
    engine.dispose()


def test_bookings_and_items_of_the_time_before_vat_rates_are_read_without_any(empty_url: str, tmp_path: Path) -> None:
    engine = open_database(empty_url, base=tmp_path)
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        known = load_items(connection, COMPANY), load_all_booked(connection, COMPANY)
    with engine.begin() as connection:
        command.downgrade(_alembic(connection), "0006")
        command.upgrade(_alembic(connection), "head")
    with reading(engine) as connection:
        assert (load_items(connection, COMPANY), load_all_booked(connection, COMPANY)) == known
    assert known[1]
    engine.dispose()


def _rows_of_0002(sha256: str, content: bytes) -> dict[str, dict[str, object]]:
    day = "2026-06-30"
    empty = dict.fromkeys(
        (
            "payer_name payer_iban payer_bic ultimate_name remittance remittance_glued end_to_end_id mandate_id "
            "creditor_id bank_reference return_reason original_currency charges_currency posting_text "
            "transaction_code"
        ).split(),
        "",
    )
    return {
        "raw_file": {
            "company_id": COMPANY,
            "sha256": sha256,
            "name": "june.sta",
            "format": "MT940",
            "size_bytes": 13,
            "content": content,
            "received_on": day,
        },
        "statement": {
            "company_id": COMPANY,
            "statement_id": "s-0",
            "sha256": sha256,
            "account": "DE02120300000000202051",
            "currency": "EUR",
            "statement_ref": "",
            "number": "1",
            "opening_minor": 0,
            "closing_date": day,
            "closing_minor": 100,
            "movement_minor": 100,
            "format": "MT940",
            "place": "june.sta:1",
        },
        "statement_entry": {
            **empty,
            "company_id": COMPANY,
            "entry_id": "e-1",
            "account": "DE02120300000000202051",
            "booking_date": day,
            "amount_minor": 100,
            "currency": "EUR",
            "kind": "transfer",
            "status": "booked",
            "reference_list": "[]",
            "booking_ref": "1",
            "position": 0,
            "place": "june.sta:5",
        },
        "statement_line": {"company_id": COMPANY, "statement_id": "s-0", "line_no": 0, "entry_id": "e-1"},
    }
