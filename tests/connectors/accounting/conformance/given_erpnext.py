"""ERPNext, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.accounting.erpnext import ErpnextSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 500
OTHERS: dict[str, list[dict[str, Any]]] = {
    "Country": [{"name": "Germany", "code": "de"}],
    "Customer": [{"name": "Huber GmbH", "customer_name": "Huber GmbH", "customer_type": "Company", "language": "de"}],
    "Address": [{"name": "Ring", "address_type": "Billing", "address_line1": "Ring 1", "country": "Germany"}],
    "Contact": [{"name": "Eva", "email_id": "eva@huber.example", "is_primary_contact": 1}],
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as ERPNext tells it."""
    return {
        "name": f"RE-{number:04d}",
        "docstatus": 1,
        "status": "Unpaid",
        "customer": "Huber GmbH",
        "posting_date": "2026-04-01",
        "due_date": "2026-05-01",
        "currency": "EUR",
        "party_account_currency": "EUR",
        "grand_total": 119.0,
        "rounded_total": 119.0,
        "base_grand_total": 119.0,
        "base_rounded_total": 119.0,
        "outstanding_amount": 119.0,
        "is_return": 0,
        "po_no": "B-1",
        "modified": "2026-04-01 10:00:00.000000",
    }


def term(name: str) -> dict[str, Any]:
    """Write the term of payment of an invoice."""
    terms = {"invoice_portion": 100.0, "discount_type": "Percentage", "discount": 2.0, "discount_date": "2026-04-11"}
    return {"name": f"t-{name}", "parent": name, **terms}


def link(doctype: str, name: str) -> dict[str, Any]:
    """Write the row that links an address or a contact to its customer."""
    return {"name": f"l-{name}", "parent": name, "parenttype": doctype, "link_name": "Huber GmbH"}


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make an ERPNext with so many open invoices."""
    documents = {f"RE-{number:04d}": invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        doctype, _, name = unquote(parts.path).removeprefix("/api/resource/").partition("/")
        if name:
            found = documents.get(name)
            whole = found and found | {"payment_schedule": [term(name)]}
            return _said(whole) if whole else Reply(404, {}, json.dumps({"exc_type": "DoesNotExistError"}))
        if doctype == "Sales Invoice":
            return _page(list(documents.values()), query)
        if doctype == "Payment Schedule":
            return _page([term(name) for name in documents], query)
        if doctype == "Dynamic Link":
            of = "Ring" if query["parent"] == "Address" else "Eva"
            return _page([link(query["parent"], of)], query)
        return _page(OTHERS[doctype], query)

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, str]) -> Reply:
    for key, operator, wished in json.loads(query["filters"]):
        if (key, operator) == ("name", ">"):
            rows = [row for row in rows if row["name"] > str(wished)]
        if operator == "in":
            rows = [row for row in rows if row[key] in wished]
    return _said(rows[: int(query["limit_page_length"])])


def _said(found: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps({"data": found}))


GIVEN = Given(
    settings=ErpnextSettings(
        kind="erpnext",
        name="erpnext",
        url="https://erp.example.org",
        token=SecretSettings(env="ERPNEXT_TOKEN"),
        company="Muster GmbH",
    ),
    make=make,
    rows="data",
    page=SIZE,
    slow_down=Reply(429, {"Retry-After": "41", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "41"}, "Too Many"),
    refused=Reply(401, {}, json.dumps({"exc_type": "AuthenticationError"})),
)
