"""sevDesk, as the conformance suite must know it: numbers come as texts, and every list counts its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.sevdesk import SevdeskSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 500
HUBER = {"id": "7", "objectName": "Contact"}
OTHERS: dict[str, list[dict[str, Any]]] = {
    "Contact": [
        {**HUBER, "name": "Huber GmbH", "customerNumber": "10001", "category": {"id": "3"}, "bankAccount": None}
    ],
    "ContactAddress": [
        {"id": "70", "contact": HUBER, "street": "Ring 1", "zip": "80331", "country": {"id": "1", "code": "de"}}
    ],
    "EMAIL": [{"id": "71", "contact": HUBER, "type": "EMAIL", "value": "a@huber.example", "key": {"id": "8"}}],
    "PHONE": [{"id": "72", "contact": HUBER, "type": "PHONE", "value": "089 1", "key": {"id": "2"}}],
    "CreditNote": [],
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as sevDesk tells it."""
    return {
        "id": str(number),
        "objectName": "Invoice",
        "invoiceNumber": f"RE-{number:04d}",
        "invoiceType": "RE",
        "invoiceDate": "2026-04-01T00:00:00+02:00",
        "timeToPay": "30",
        "discount": "2",
        "discountTime": "10",
        "status": "200",
        "contact": HUBER,
        "currency": "EUR",
        "sumGross": "119",
        "sumGrossForeignCurrency": "0",
        "paidAmount": 0,
        "customerInternalNote": "B-1",
        "update": "2026-04-01T10:00:00+02:00",
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a sevDesk with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix("/api/v1/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if path == "Tools/bookkeepingSystemVersion":
            return _said({"objects": {"version": "2.0"}})
        model, _, remote_id = path.partition("/")
        if remote_id:
            found = documents.get(remote_id)
            return _said({"objects": [found]}) if found else Reply(404, {}, json.dumps({"error": {"message": ""}}))
        if model != "Invoice":
            return _page(OTHERS[query.get("type", model)], query)
        return _page(list(documents.values()) if _are_wished(query) else [], query)

    return answer


def _are_wished(query: dict[str, str]) -> bool:
    """Whether invoices are asked for, open ones among them, and no cancellations."""
    return query.get("status", "200") == "200" and query.get("invoiceType", "RE") == "RE"


def _page(rows: list[dict[str, Any]], query: dict[str, str]) -> Reply:
    start = int(query["offset"])
    return _said({"objects": rows[start : start + int(query["limit"])], "total": str(len(rows))})


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=SevdeskSettings(kind="sevdesk", name="sevdesk", key=SecretSettings(env="SEVDESK_KEY")),
    make=make,
    rows="objects",
    page=SIZE,
    refused=Reply(401, {}, json.dumps({"error": {"message": "Authentication required", "exceptionUUID": "x"}})),
)
