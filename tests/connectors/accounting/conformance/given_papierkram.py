"""Papierkram, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.papierkram import PapierkramSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 100
CUSTOMER = {"type": "company", "id": 3, "customer_no": "K-00001", "name": "Huber GmbH", "contact_type": "customer"}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Papierkram tells it."""
    return {
        "type": "invoice",
        "id": number,
        "invoice_no": f"R-{number:05d}",
        "customer_no": "K-00001",
        "state": "open",
        "document_date": "2026-04-01",
        "due_date": "2026-05-01",
        "paid_at_date": None,
        "total_gross": 119.0,
        "outstanding_amount": "119.0",
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Papierkram with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/api/v1/"), parse_qs(parts.query)
        if path == "contact/companies":
            return _page([CUSTOMER], query)
        if path == "income/invoices":
            return _page(list(documents.values()), query)
        found = documents.get(path.removeprefix("income/invoices/"))
        return _said(found) if found else Reply(404, {}, json.dumps({"type": "error", "message": "Couldn't find it"}))

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    end = int(query["page"][0]) * SIZE
    return _said({"total_entries": len(rows), "has_more": end < len(rows), "entries": rows[end - SIZE : end]})


def _said(body: Any) -> Reply:
    headers = {"Date": "Tue, 05 May 2026 00:30:00 GMT", "x-remaining-quota": "9910"}
    return Reply(200, headers, json.dumps(body))


GIVEN = Given(
    settings=PapierkramSettings(
        kind="papierkram", name="papierkram", account="muster", key=SecretSettings(env="PAPIERKRAM_KEY")
    ),
    make=make,
    rows="entries",
    page=SIZE,
)
