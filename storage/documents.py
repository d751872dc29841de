"""Documents (Schriftstücke): bytes exactly as they were sent, kept under their hash."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.tables import DOCUMENT
from storage.upsert import insert_missing

if TYPE_CHECKING:
    from sqlalchemy import Connection


def save_document(connection: Connection, company_id: str, *, name: str, media_type: str, content: bytes) -> str:
    """Keep a document; return its hash, under which it is found again."""
    sha256 = hashlib.sha256(content).hexdigest()
    insert_missing(
        connection,
        DOCUMENT,
        [{"company_id": company_id, "sha256": sha256, "name": name, "media_type": media_type, "content": content}],
    )
    return sha256


def load_document(connection: Connection, company_id: str, sha256: str) -> bytes:
    """Give back the bytes of a document."""
    return connection.execute(
        select(DOCUMENT.c.content).where(DOCUMENT.c.company_id == company_id, DOCUMENT.c.sha256 == sha256)
    ).scalar_one()


def damaged_documents(connection: Connection, company_id: str) -> list[str]:
    """Name every document whose bytes no longer have their hash."""
    rows = connection.execute(
        select(DOCUMENT.c.name, DOCUMENT.c.sha256, DOCUMENT.c.content).where(DOCUMENT.c.company_id == company_id),
        execution_options={"yield_per": 20},
    )
    return [name for name, sha256, content in rows if hashlib.sha256(content).hexdigest() != sha256]
