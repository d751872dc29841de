"""The template's invented tool, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.template import TemplateSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 100
CUSTOMER = {"id": 7, "number": "10001", "name": "Huber GmbH", "country": "DE", "is_company": True}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as the tool tells it."""
    return {
        "id": number,
        "kind": "invoice",
        "number": f"RE-{number:04d}",
        "status": "open",
        "currency": "EUR",
        "date": "2026-04-01",
        "due": "2026-05-01",
        "days": 30,
        "amount": "119.00",
        "open": "119.00",
        "skonto_percent": "2",
        "skonto_until": "2026-04-11",
        "customer": 7,
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a tool with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/api/"), parse_qs(parts.query)
        if path == "me":
            return _said({"company": "Muster GmbH"})
        if path == "customers":
            return _page([CUSTOMER], query)
        if path == "documents":
            return _page(list(documents.values()), query)
        found = documents.get(path.partition("/")[2])
        return _said(found) if found else Reply(404, {}, json.dumps({"error": "Not found"}))

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    start = (int(query["page"][0]) - 1) * SIZE
    return _said({"rows": rows[start : start + SIZE], "total": len(rows)})


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=TemplateSettings(
        kind="template", name="muster", url="https://tool.example/api", key=SecretSettings(env="TEMPLATE_KEY")
    ),
    make=make,
    rows="rows",
    page=SIZE,
)
