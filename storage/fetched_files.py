"""Fetched files (abgeholte Dateien): what was taken from a folder elsewhere, so that it is taken once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storage.tables import FETCHED_FILE
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def load_fetched(connection: Connection, company_id: str, fetch: str) -> list[dict[str, Any]]:
    """Give the files of one folder that were fetched: name, size_bytes, modified_at, sha256."""
    file = FETCHED_FILE.c
    rows = connection.execute(
        select(file.name, file.size_bytes, file.modified_at, file.sha256)
        .where(file.company_id == company_id, file.fetch == fetch)
        .order_by(file.name)
    )
    return [dict(row) for row in rows.mappings()]


def save_fetched(connection: Connection, company_id: str, fetch: str, file: Mapping[str, Any]) -> None:
    """Remember that a file was fetched as it is now."""
    key = {"company_id": company_id, "fetch": fetch, "name_hash": _hash_of(file["name"])}
    upsert(connection, FETCHED_FILE, [key | dict(file)])


def _hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
