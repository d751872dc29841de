"""Opening the database (SQLite or PostgreSQL), and one transaction that either happened or did not."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ledger.errors import ConnectorError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


# Other rooms pass these on without speaking SQL themselves.
__all__ = [
    "Connection",
    "Engine",
    "connect_lazily",
    "lock_key",
    "open_database",
    "plain_errors",
    "reading",
    "transaction",
]

# How long SQLite waits for another writer before it says that the database is locked.
BUSY_TIMEOUT_SECONDS: Final = 20


# What drivers say, whose fault it is, and what a person can do.
_WORDS: Final[tuple[tuple[tuple[str, ...], type[ConnectorError], str, str], ...]] = (
    (
        ("locked",),
        Unavailable,
        "the database is locked by another program",
        f"It was waited for up to {BUSY_TIMEOUT_SECONDS} seconds. Close the other program and start again.",
    ),
    (
        ("readonly", "read-only", "unable to open", "permission denied"),
        Refused,
        "the database cannot be written",
        "Give this user the right to write the file and its folder.",
    ),
    (
        ("disk is full", "disk I/O error", "No space left", "could not extend"),
        Refused,
        "the disk is full",
        "Nothing was lost: the step was undone. Make room and start again.",
    ),
    (
        ("not a database", "malformed"),
        Refused,
        "this is not a database of Kontorist, or it is damaged",
        "Restore the last backup.",
    ),
    (
        ("authentication failed", "pg_hba.conf", 'FATAL:  role "', 'FATAL:  database "'),
        Refused,
        "the database does not let us in",
        "Check user, password and name of the database in the configuration.",
    ),
    (
        ("connection", "could not translate host name", "timeout"),
        Unavailable,
        "the database does not answer",
        "Check that the server runs and that this machine may reach it.",
    ),
)


def open_database(url: str, *, base: Path) -> Engine:
    """Open the database and bring its tables up to date; a relative SQLite path starts at ``base``.

    Raises Refused for a URL, folder or schema that cannot be used, Unavailable for a server that does not answer.
    """
    engine = connect_lazily(url, base=base)
    try:
        with reading(engine) as connection:
            up_to_date = _is_current(connection)
        if not up_to_date:
            _upgrade(engine)
    except BaseException:
        engine.dispose()  # nobody else knows of its connections
        raise
    return engine


def _upgrade(engine: Engine) -> None:
    with plain_errors(engine), engine.connect() as connection:
        try:
            if engine.dialect.name == "postgresql":  # whoever comes second finds the tables made
                connection.execute(select(func.pg_advisory_xact_lock(lock_key("migration", ""))))
            command.upgrade(_alembic(connection), "head")
        except CommandError as error:
            where = engine.url.render_as_string(hide_password=True)
            raise Refused(
                f"{where}: a newer version of Kontorist wrote this database ({error})\n"
                "    Install that version; nothing was changed."
            ) from error
        connection.commit()


def connect_lazily(url: str, *, base: Path) -> Engine:
    """Make the engine without touching the database."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url, base)
        return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise Refused(
            f"database: the URL cannot be used: {error}; write sqlite:///file.db or postgresql+psycopg://…"
        ) from None


@contextmanager
def transaction(engine: Engine, company_id: str) -> Iterator[Connection]:
    """Open one transaction that decides for a company: committed when the block ends, rolled back when it fails.

    Whoever decides for the same company meanwhile waits, so that nothing is decided on what is no longer true.
    """
    with plain_errors(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # SQLite has one writer anyway
            connection.execute(select(func.pg_advisory_xact_lock(lock_key("decisions", company_id))))
        yield connection


def lock_key(purpose: str, company_id: str) -> int:
    """Give the number under which PostgreSQL knows a lock of ours."""
    digest = hashlib.sha256(f"kontorist:{purpose}:{company_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection for reading one consistent picture."""
    options: dict[str, Any] = {"only_reads": True}
    if engine.dialect.name == "postgresql":  # by itself it shows every question what was committed meanwhile
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with plain_errors(engine), engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def plain_errors(engine: Engine) -> Iterator[None]:
    """Turn what the driver says about the world into words for the operator; our own mistakes stay what they are."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip()
        where = engine.url.render_as_string(hide_password=True)
        for signs, family, what, what_to_do in _WORDS:
            if any(sign in said for sign in signs):
                raise family(f"{where}: {what} ({said})\n    {what_to_do}") from error
        raise


def _sqlite(url: str, base: Path) -> Engine:
    parsed = make_url(url)
    if parsed.database and parsed.database != ":memory:":
        parsed = parsed.set(database=str((base / parsed.database).resolve()))
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, **_query(parsed.query)})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        # The driver must not open transactions by itself: we begin them, and for writing at once.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a decision must survive a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE meets the guards of append-only tables, too

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock first means two writers wait for each other instead of failing half-way.
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _query(query: Any) -> dict[str, float]:
    return {"timeout": float(query["timeout"])} if "timeout" in query else {}


def _is_current(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(_alembic(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
