"""One night per company at a time: a lock that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ledger.errors import Refused, Unavailable
from storage.database import lock_key, plain_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@contextmanager
def company_lock(engine: Engine, company_id: str) -> Iterator[None]:
    """Hold the lock of a company; raise Unavailable when another night of it is running.

    SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock, so that machines see each other.
    Both are released by the system when the process dies.
    """
    if engine.dialect.name == "sqlite":
        with _file_lock(engine, company_id):
            yield
        return
    key = lock_key("night", company_id)
    with plain_errors(engine), engine.connect() as connection:
        if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar():
            raise _running(company_id)
        connection.commit()  # the lock belongs to the session, not to the transaction
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))
            connection.commit()


@contextmanager
def _file_lock(engine: Engine, company_id: str) -> Iterator[None]:
    database = engine.url.database
    if not database or database == ":memory:":
        yield
        return
    path = Path(f"{database}.{company_id}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refused(
            f"{path}: the lock file cannot be written ({error.strerror})\n    Give this user the right to write it."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _running(company_id) from None
        yield
    finally:
        os.close(descriptor)


def _running(company_id: str) -> Unavailable:
    return Unavailable(
        f"company {company_id}: another night is running\n    Wait until it is done; nothing was started twice."
    )
