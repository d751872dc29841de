"""What an accounting tool said and asked for, to fill a database with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.remote_documents import RemoteRow, save_documents
from storage.tables import OAUTH_TOKEN, WIRE_TURN
from storage.upsert import upsert
from tests.storage.given import RUN_DATE, item

if TYPE_CHECKING:
    from sqlalchemy import Connection


def a_tool_was_read(connection: Connection, company_id: str) -> None:
    """Two documents, one of them paid meanwhile; how far changes were read; a consent, and a turn."""
    rows = [
        RemoteRow("invoice", "1", "open", item("RE-9"), "a" * 64, b'{"id":1}'),
        RemoteRow("invoice", "2", "settled", None, "b" * 64, b'{"id":2}'),
    ]
    save_documents(connection, company_id, "list", rows, run_date=RUN_DATE, cursors={"changes": "2026-06-30"})
    upsert(connection, OAUTH_TOKEN, [{"company_id": company_id, "source": "list", "sealed": b"sealed"}])
    upsert(connection, WIRE_TURN, [{"company_id": "*", "credential": company_id, "free_at": 1.0}])
