"""Reading an accounting tool: 100,000 open items, page by page, into the books; then a night without any change."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from benchmarks.measure import Figure, peak_megabytes
from connectors.accounting.document import RemoteKey
from connectors.accounting.easybill import Easybill
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire import Bearer, LocalLimiter, Rate, Secret, Wire
from night.remote import row_of
from storage.database import open_database, transaction
from storage.facts import note_reading, save_debtors
from storage.remote_documents import load_known, save_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.source import Pulled
    from storage.database import Engine

_SIZES: Final = (10_000, 100_000)
_CUSTOMERS: Final = 2_000
_PAGE: Final = 1_000
_NIGHT: Final = date(2026, 6, 1)
_COMPANY: Final = "muster"


def figures() -> Iterator[Figure]:
    """Read a small and a large tool, each in a first and in an unchanged night."""
    before: dict[str, Figure] = {}
    for size in _SIZES:
        for figure in _both_nights(size, before):
            before[figure.what.partition(" (")[0]] = figure
            yield figure


def _both_nights(size: int, before: dict[str, Figure]) -> Iterator[Figure]:
    queue: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=_serve, args=(size, queue), daemon=True)
    server.start()
    port = queue.get(timeout=120)
    try:
        with tempfile.TemporaryDirectory() as folder:
            engine = open_database("sqlite:///office.db", base=Path(folder))
            for night, what in enumerate(("read from a tool and stored", "read again, nothing changed")):
                secret = Secret("key")
                wire = Wire(
                    tool="easybill",
                    base=f"http://127.0.0.1:{port}",
                    auth=Bearer(secret),
                    credential="benchmark",
                    rate=Rate(requests=100_000, seconds=1, burst=1_000),
                    limiter=LocalLimiter(),
                )
                begin = time.process_time()
                read = _night(
                    engine, ToolSource(Easybill(name="easybill", wire=wire)), _NIGHT + timedelta(days=night)
                )
                seconds = time.process_time() - begin
                assert len(read.items) == size
                yield Figure(
                    what=f"{what} ({wire.asked} questions, {_written(engine)} rows written)",
                    count=size,
                    unit="open items",
                    cpu_seconds=seconds,
                    peak_megabytes=peak_megabytes(),
                    smaller=before.get(what),
                )
            engine.dispose()
    finally:
        server.terminate()


def _night(engine: Engine, source: ToolSource, day: date) -> Pulled:
    with transaction(engine, _COMPANY) as connection:
        known = load_known(connection, _COMPANY, source.name)
    read = source.pull(Known(open={RemoteKey(*key): one for key, one in known.open.items()}, cursors=known.cursors))
    with transaction(engine, _COMPANY) as connection:
        before = connection.execute(text("SELECT total_changes()")).scalar_one()
        save_debtors(connection, _COMPANY, source.name, read.debtors, seen_on=day)
        save_documents(
            connection, _COMPANY, source.name, map(row_of, read.documents), run_date=day, cursors=read.cursors
        )
        note_reading(connection, _COMPANY, source.name, day, complete=read.complete)
        _WRITTEN[engine] = connection.execute(text("SELECT total_changes()")).scalar_one() - before
    return read


_WRITTEN: Final[dict[Any, int]] = {}


def _written(engine: Engine) -> str:
    return f"{_WRITTEN[engine]:,}"


def _serve(size: int, queue: multiprocessing.Queue[int]) -> None:
    documents = [_document(number) for number in range(1, size + 1)]
    customers = [{"id": n, "number": str(10_000 + n), "company_name": f"Kunde {n} GmbH"} for n in range(_CUSTOMERS)]

    class Tool(BaseHTTPRequestHandler):
        """Answers as the tool would, page by page."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            rows = customers if parts.path == "/customers" else [] if "edited_at" in query else documents
            start = (int(query.get("page", ["1"])[0]) - 1) * _PAGE
            body = json.dumps({"total": len(rows), "items": rows[start : start + int(query["limit"][0])]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Tool) as server:
        queue.put(server.server_port)
        server.serve_forever()


def _document(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "INVOICE",
        "number": f"RE-2026-{number:06d}",
        "document_date": "2026-04-01",
        "due_date": "2026-05-01",
        "amount": 1_000 + number % 90_000,
        "paid_amount": 0,
        "paid_at": None,
        "cancel_id": None,
        "is_draft": False,
        "currency": "EUR",
        "customer_id": number % _CUSTOMERS,
        "title": "Rechnung",
        "text": "Vielen Dank für Ihren Auftrag. " * 8,
    }
