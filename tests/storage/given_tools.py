"""What an accounting tool said and asked for, to fill a database with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.fetched_files import save_fetched
from storage.remote_documents import RemoteRow, save_documents
from storage.tables import OAUTH_TOKEN, WIRE_TURN
from storage.upsert import upsert
from tests.storage.given import RUN_DATE, item

if TYPE_CHECKING:
    from sqlalchemy import Connection


def a_tool_was_read(connection: Connection, company_id: str) -> None:
    """Two documents, one of them paid meanwhile; how far changes were read; a consent, a turn, a fetched file."""
    rows = [
        RemoteRow("invoice", "1", "open", item("RE-9"), "a" * 64, b'{"id":1}'),
        RemoteRow("invoice", "2", "settled", None, "b" * 64, b'{"id":2}'),
    ]
    save_documents(connection, company_id, "list", rows, run_date=RUN_DATE, cursors={"changes": "2026-06-30"})
    upsert(connection, OAUTH_TOKEN, [{"company_id": company_id, "source": "list", "sealed": b"sealed"}])
    upsert(connection, WIRE_TURN, [{"company_id": "*", "credential": company_id, "free_at": 1.0}])
    fetched = {"name": "june.sta", "size_bytes": 4, "modified_at": 1_782_864_000, "sha256": "c" * 64}
    save_fetched(connection, company_id, "bank", fetched)
