"""Billomat, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.billomat import BillomatSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 1_000
CUSTOMER = {"id": "7", "client_number": "KD10001", "name": "Huber GmbH", "country_code": "DE", "locale": "de_DE"}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Billomat tells it: every number is a text."""
    return {
        "id": str(number),
        "client_id": "7",
        "invoice_number": f"RE{number:04d}",
        "status": "OPEN",
        "date": "2026-04-01",
        "due_date": "2026-05-01",
        "due_days": "30",
        "discount_rate": "2",
        "discount_date": "2026-04-11",
        "discount_days": "10",
        "total_gross": "119",
        "paid_amount": "0",
        "open_amount": "119",
        "currency_code": "EUR",
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Billomat with so many open invoices, and no credit notes."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/api/"), parse_qs(parts.query)
        if path == "clients":
            return _page("client", [CUSTOMER], query)
        if path == "invoices":
            return _page("invoice", list(documents.values()), query)
        if path == "credit-notes":
            return _page("credit-note", [], query)
        found = documents.get(path.partition("/")[2])
        return _said({"invoice": found}) if found else Reply(404, {}, json.dumps({"errors": {"error": "Not found"}}))

    return answer


def _page(kind: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    page = int(query["page"][0])
    some = rows[(page - 1) * SIZE : page * SIZE]
    held: dict[str, Any] = {kind: some[0] if len(some) == 1 else some} if some else {}
    return _said({f"{kind}s": held | {"@page": str(page), "@per_page": str(SIZE), "@total": str(len(rows))}})


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=BillomatSettings(
        kind="billomat", name="billomat", account="muster", key=SecretSettings(env="BILLOMAT_KEY")
    ),
    make=make,
    rows="invoices.invoice",
    page=SIZE,
    slow_down=Reply(429, {}, '{"errors": {"error": "Rate limit reached. Try again in 246 seconds."}}'),
    refused=Reply(401, {}, '{"errors": {"error": "Unauthorized"}}'),
)
