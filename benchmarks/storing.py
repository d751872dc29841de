"""Storing statements: 100,000 entries into either database, new and delivered again, by the clock on the wall."""

from __future__ import annotations

import hashlib
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pgserver

from benchmarks.invented_statements import write_camt
from benchmarks.measure import Figure, peak_megabytes
from connectors.bank.reading import read_pieces
from storage.database import open_database, transaction
from storage.deliveries import Run, save_statements
from storage.raw_files import keep_raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_COUNT: Final = 100_000
_FIRST, _LAST = date(2026, 6, 1), date(2026, 6, 30)


def figures() -> Iterator[Figure]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.xml"
        write_camt(path, _COUNT)
        runs = [Run(p.number, p.statement, _FIRST, _LAST) for p in read_pieces(path)]
        engine = open_database("sqlite:///office.db", base=Path(folder))
        yield from _both_times("SQLite", engine, runs)
        engine.dispose()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about folders of the desktop, which a server does not have
            server = pgserver.get_server(Path(folder) / "postgresql")
        engine = open_database(server.get_uri().replace("postgresql://", "postgresql+psycopg://"), base=Path(folder))
        yield from _both_times("PostgreSQL", engine, runs)
        engine.dispose()
        server.cleanup()


def _both_times(database: str, engine: Engine, runs: list[Run]) -> Iterator[Figure]:
    for what in ("new", "delivered again"):
        begin = time.perf_counter()
        _store(engine, what, runs)
        yield Figure(
            what=f"stored in {database}, {what} (wall)",
            count=_COUNT,
            unit="entries",
            cpu_seconds=time.perf_counter() - begin,
            peak_megabytes=peak_megabytes(),
        )


def _store(engine: Engine, name: str, runs: list[Run]) -> None:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    with transaction(engine, "muster") as connection:
        keep_raw(
            connection,
            "muster",
            name=name,
            sha256=sha256,
            size_bytes=len(name),
            content=[name.encode()],
            statement_format="camt.053.001.08",
            received_on=_LAST,
        )
        taken = save_statements(connection, "muster", sha256, runs)
    assert taken.new_entries + taken.known_entries == _COUNT
