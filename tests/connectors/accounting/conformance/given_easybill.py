"""easybill, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.easybill import EasybillSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 1_000
CUSTOMER = {"id": 7, "number": "10001", "company_name": "Huber GmbH", "country": "DE", "emails": ["a@huber.example"]}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as easybill tells it."""
    return {
        "id": number,
        "type": "INVOICE",
        "number": f"RE-{number:04d}",
        "document_date": "2026-04-01",
        "due_date": "2026-05-01",
        "due_in_days": 30,
        "amount": 11_900,
        "paid_amount": 0,
        "paid_at": None,
        "cancel_id": None,
        "is_draft": False,
        "currency": "EUR",
        "customer_id": 7,
        "cash_allowance": 2,
        "cash_allowance_days": 10,
        "order_number": "B-1",
        "last_postbox_id": None,
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make an easybill with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/rest/v1/"), parse_qs(parts.query)
        if path == "customers":
            return _page([CUSTOMER], query)
        if path == "documents":
            return _page(list(documents.values()), query)
        found = documents.get(path.partition("/")[2])
        return _said(found) if found else Reply(404, {}, json.dumps({"code": 404, "message": "Not Found"}))

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    start = (int(query.get("page", ["1"])[0]) - 1) * SIZE
    return _said({"items": rows[start : start + SIZE], "total": len(rows)})


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=EasybillSettings(kind="easybill", name="easybill", key=SecretSettings(env="EASYBILL_KEY")),
    make=make,
    rows="items",
    page=SIZE,
)
