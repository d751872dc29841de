"""Lexware Office, as the conformance suite must know it: a list of rows, and each invoice whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.lexware import LexwareSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 250
CUSTOMER = {
    "id": "c0ffee00-0000-4000-8000-000000000001",
    "roles": {"customer": {"number": 10001}},
    "company": {"name": "Huber GmbH"},
    "addresses": {"billing": [{"street": "Ring 1", "zip": "80331", "city": "München", "countryCode": "DE"}]},
    "emailAddresses": {"business": ["a@huber.example"]},
    "phoneNumbers": {"mobile": ["0170 1"]},
}


def row(number: int) -> dict[str, Any]:
    """Write an invoice as the list tells it."""
    return {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "voucherType": "invoice",
        "voucherStatus": "open",
        "voucherNumber": f"RE{number:04d}",
        "voucherDate": "2026-04-01T00:00:00.000+02:00",
        "updatedDate": "2026-04-01T09:12:44.000+02:00",
        "dueDate": "2026-05-01T00:00:00.000+02:00",
        "contactId": CUSTOMER["id"],
        "contactName": "Huber GmbH",
        "totalAmount": 119.0,
        "openAmount": 119.0,
        "currency": "EUR",
    }


def whole(listed: dict[str, Any]) -> dict[str, Any]:
    """Write the same invoice as it is told alone."""
    alone = ("id", "voucherStatus", "voucherNumber", "voucherDate", "updatedDate", "dueDate")
    return {
        **{name: listed[name] for name in alone},
        "address": {"contactId": listed["contactId"], "name": "Huber GmbH", "countryCode": "DE"},
        "totalPrice": {"currency": "EUR", "totalNetAmount": 100.0, "totalGrossAmount": 119.0},
        "paymentConditions": {
            "paymentTermDuration": 30,
            "paymentDiscountConditions": {"discountPercentage": 2, "discountRange": 10},
        },
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Lexware Office with so many open invoices."""
    documents = {str(listed["id"]): listed for listed in map(row, range(1, count + 1))}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/v1/"), parse_qs(parts.query)
        if path == "profile":
            return _said({"companyName": "Muster GmbH"})
        if path == "contacts":
            return _page([CUSTOMER], query)
        if path == "voucherlist":
            return _page(list(documents.values()), query)
        kind, _, remote_id = path.partition("/")
        if remote_id not in documents:
            return Reply(404, {}, json.dumps({"message": "Not Found"}))
        if kind == "payments":
            return _said({"openAmount": 119.0, "currency": "EUR", "voucherStatus": "open", "paymentItems": []})
        return _said(whole(documents[remote_id]))

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    start = int(query["page"][0]) * SIZE
    return _said(
        {"content": rows[start : start + SIZE], "totalElements": len(rows), "last": start + SIZE >= len(rows)}
    )


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=LexwareSettings(kind="lexware", name="lexware", key=SecretSettings(env="LEXWARE_KEY")),
    make=make,
    rows="content",
    page=SIZE,
    refused=Reply(401, {}, json.dumps({"message": "Unauthorized"})),
)
