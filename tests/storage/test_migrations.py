"""The migrations make exactly the tables the code speaks of, and the guards no code can pass."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import storage
from storage.database import open_database, reading, transaction
from storage.tables import METADATA
from tests.storage.given import COMPANY, a_full_life

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


def _append_only() -> tuple[str, ...]:
    path = Path(storage.__path__[0]) / "migrations" / "versions" / "0002_append_only.py"
    spec = importlib.util.spec_from_file_location("append_only", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names: tuple[str, ...] = (*module.APPEND_ONLY, "raw_part")  # 0003
    return names


APPEND_ONLY = _append_only()

# Facts are replaced by newer facts, effects move on, and what the last night thought is thought anew.
CHANGEABLE = {
    "debtor",
    "open_item",
    "source_read",
    "rejected_file",
    "statement",
    "statement_entry",
    "statement_line",
    "batch_payment",
    "outbox",
    "outcome",
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
