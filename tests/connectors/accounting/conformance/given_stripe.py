"""Stripe, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.stripe import StripeSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 100
CUSTOMER = {
    "id": "cus_7",
    "name": "Huber GmbH",
    "email": "rechnung@huber.example",
    "address": {"line1": "Ring 1", "city": "Dresden", "postal_code": "01067", "country": "DE"},
    "metadata": {"debitor": "10001"},
    "preferred_locales": ["de"],
    "tax_exempt": "none",
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Stripe tells it."""
    return {
        "id": f"in_{number:04d}",
        "number": f"ABCD-{number:04d}",
        "status": "open",
        "collection_method": "send_invoice",
        "currency": "eur",
        "total": 11_900,
        "amount_remaining": 11_900,
        "created": 1_774_994_400,
        "effective_at": None,
        "due_date": 1_777_586_400,
        "status_transitions": {"finalized_at": 1_774_994_400},
        "paid_out_of_band": False,
        "customer": CUSTOMER,
        "customer_name": "Huber GmbH",
        "customer_email": None,
        "customer_phone": None,
        "customer_address": None,
        "customer_tax_ids": [],
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Stripe with so many open invoices."""
    rows = [invoice(number) for number in range(1, count + 1)]
    documents = {row["id"]: row for row in rows}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/v1/"), parse_qs(parts.query)
        if path == "invoices":
            behind, size = query.get("starting_after", [""])[0], int(query["limit"][0])
            left = [row for row in rows if row["id"] > behind]
            return _said({"object": "list", "has_more": len(left) > size, "data": left[:size]})
        found = documents.get(path.partition("/")[2])
        return _said(found) if found else Reply(404, {}, json.dumps(_error("resource_missing")))

    return answer


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


def _error(code: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "code": code}}


GIVEN = Given(
    settings=StripeSettings(
        kind="stripe", name="stripe", key=SecretSettings(env="STRIPE_KEY"), debtor_number_metadata="debitor"
    ),
    make=make,
    rows="data",
    page=SIZE,
    refused=Reply(401, {}, json.dumps(_error("api_key_invalid"))),
)
