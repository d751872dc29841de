"""The decision log keeps its promise on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import reading, transaction
from storage.decisions import GENESIS, Author, Decided, append, broken_links, head

if TYPE_CHECKING:
    from sqlalchemy import Engine

AUTHOR = Author(actor="test", now=datetime(2026, 7, 1, 2, 30, tzinfo=UTC), run_date=date(2026, 7, 1))


def _append(engine: Engine, count: int, company: str = "muster") -> None:
    with transaction(engine, "muster") as connection:
        append(connection, company, AUTHOR, [Decided("note", {"number": n}) for n in range(count)])


def test_decisions_are_numbered_without_gaps_and_chained(engine: Engine) -> None:
    _append(engine, 3)
    _append(engine, 2)
    with reading(engine) as connection:
        assert head(connection, "muster").seq == 5
        assert list(broken_links(connection, "muster")) == []


def test_an_empty_log_begins_with_the_genesis_hash(engine: Engine) -> None:
    with reading(engine) as connection:
        assert head(connection, "muster").hash == GENESIS


def test_companies_have_logs_of_their_own(engine: Engine) -> None:
    _append(engine, 2, "muster")
    _append(engine, 1, "other")
    with reading(engine) as connection:
        assert head(connection, "muster").seq == 2
        assert head(connection, "other").seq == 1


@pytest.mark.parametrize("statement", ["UPDATE decision SET payload = '{}'", "DELETE FROM decision WHERE seq = 2"])
def test_the_database_itself_refuses_to_change_a_decision(engine: Engine, statement: str) -> None:
    _append(engine, 3)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def _behind_the_guards(engine: Engine, statement: str) -> None:
    """Do what only somebody with the rights of the owner of the database can do."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER decision_no_update"))
            connection.execute(text("DROP TRIGGER decision_no_delete"))
        else:
            connection.execute(text("ALTER TABLE decision DISABLE TRIGGER USER"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE decision SET payload = '{}' WHERE seq = 2",
            ["decision 2 was changed after it was written"],
        ),
        ("DELETE FROM decision WHERE seq = 2", ["decision 2 is missing"]),
        ("DELETE FROM decision WHERE seq IN (1, 2)", ["decision 1 is missing (up to 2)"]),
    ],
)
def test_whoever_gets_past_the_guards_is_found_out(engine: Engine, statement: str, expected: list[str]) -> None:
    _append(engine, 4)
    _behind_the_guards(engine, statement)
    with reading(engine) as connection:
        assert list(broken_links(connection, "muster")) == expected
