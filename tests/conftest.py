"""What all tests share: a fresh database of each kind, and a small office to work in."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text

from storage.database import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

# pgserver brings a real PostgreSQL without a system install; it has no wheels for Python 3.13 and newer.
DATABASES = ["sqlite", *(["postgresql"] if importlib.util.find_spec("pgserver") else [])]

_numbers = itertools.count(1)

# Tests of logging set it up themselves; everywhere else log lines would stand between a story's own.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start one PostgreSQL server per test process; yield the URL of its maintenance database."""
    # The server keeps its socket there; without it, importing the package warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pgserver

    # Not below pytest's own folder: as root the server runs as another user, who must be able to enter.
    server = pgserver.get_server(tempfile.mkdtemp(prefix="kontorist-postgresql-"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


def _in_postgresql(server: str, *commands: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(text(command))
    engine.dispose()


def _make_tables(url: str, base: Path) -> None:
    open_database(url, base=base).dispose()


@pytest.fixture(scope="session")
def copied_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Give a function that copies a database with all tables and gives its URL."""
    # These databases live for a second, so nobody waits for the disk.
    hurry = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    _in_postgresql(postgresql_server, *hurry, "SELECT pg_reload_conf()", "CREATE DATABASE with_tables")
    server = make_url(postgresql_server)

    def url_of(name: str) -> str:
        return server.set(database=name).render_as_string(hide_password=False)

    def copy() -> str:
        name = f"storage_{next(_numbers)}"
        _in_postgresql(postgresql_server, f"CREATE DATABASE {name} TEMPLATE with_tables")
        return url_of(name)

    _make_tables(url_of("with_tables"), tmp_path_factory.mktemp("base"))
    return copy


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with all tables."""
    path = tmp_path_factory.mktemp("sqlite") / "with_tables.db"
    _make_tables(f"sqlite:///{path}", path.parent)
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database with empty tables, once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_with_tables"), tmp_path / "kontorist.db")
        return f"sqlite:///{tmp_path / 'kontorist.db'}"
    copy: Callable[[], str] = request.getfixturevalue("copied_postgresql")
    return copy()


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: str = request.getfixturevalue("postgresql_server")
    name = f"empty_{next(_numbers)}"
    _in_postgresql(server, f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Open a fresh database with its tables."""
    opened = open_database(database_url, base=tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Give the log back as it was: a command under test lets it write to a stream that ends with the test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
