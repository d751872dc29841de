"""What all tests share: a fresh database of each kind, and a small office to work in."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import os
from typing import TYPE_CHECKING

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text

from storage.database import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
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

    server = pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kontorist.db'}"
    maintenance: str = request.getfixturevalue("postgresql_server")
    name = f"test_{next(_numbers)}"
    engine = create_engine(maintenance, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(maintenance).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Open a fresh database with its tables."""
    opened = open_database(database_url, base=tmp_path)
    yield opened
    opened.dispose()
