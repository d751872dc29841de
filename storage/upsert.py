"""Insert or update in one statement, on both databases we speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Table

_CHUNK: Final = 2000


def upsert(connection: Connection, table: Table[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by primary key; what is there already is replaced by what is new."""
    keys = [column.key for column in table.primary_key]
    for start in range(0, len(rows), _CHUNK):
        statement = _insert(connection, table)
        changed = {c.key: statement.excluded[c.key] for c in table.columns if c.key not in keys}
        connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows[start : start + _CHUNK])
        )


def insert_missing(connection: Connection, table: Table[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows whose primary key is not there yet; leave the others as they are."""
    for start in range(0, len(rows), _CHUNK):
        statement = _insert(connection, table).on_conflict_do_nothing()
        connection.execute(statement, list(rows[start : start + _CHUNK]))


def _insert(connection: Connection, table: Table[Any]) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
