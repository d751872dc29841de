"""Xero, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.xero import XeroSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 1_000
TENANT = {"id": "c-1", "tenantId": "t-1", "tenantType": "ORGANISATION", "tenantName": "Muster GmbH"}
CUSTOMER = {
    "ContactID": "00000007-0000-4000-8000-000000000000",
    "AccountNumber": "10001",
    "Name": "Huber GmbH",
    "CompanyNumber": "HRB 4711",
    "EmailAddress": "rechnung@huber.example",
    "Addresses": [
        {
            "AddressType": "POBOX",
            "AddressLine1": "Ring 1",
            "City": "Dresden",
            "PostalCode": "01067",
            "Country": "Germany",
        }
    ],
    "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "12 34 56", "PhoneAreaCode": "351", "PhoneCountryCode": "49"}],
    "BankAccountDetails": "DE02120300000000202051",
    "IsCustomer": True,
    "IsSupplier": False,
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Xero tells it: days are milliseconds, and a short contact stands in it."""
    return {
        "Type": "ACCREC",
        "InvoiceID": f"{number:08x}-0000-4000-8000-000000000001",
        "InvoiceNumber": f"INV-{number:04d}",
        "Contact": {"ContactID": CUSTOMER["ContactID"], "Name": CUSTOMER["Name"]},
        "Date": "/Date(1775001600000+0000)/",
        "DueDate": "/Date(1777593600000+0000)/",
        "Status": "AUTHORISED",
        "CurrencyCode": "EUR",
        "Total": 119.0,
        "AmountDue": 119.0,
        "Reference": "B-1",
        "UpdatedDateUTC": "/Date(1775052816230+0000)/",
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Xero with so many open invoices, one organisation, and no credits."""
    rows = [invoice(number) for number in range(1, count + 1)]
    lists = {"Contacts": [CUSTOMER], "Invoices": rows, "CreditNotes": [], "Overpayments": [], "Prepayments": []}
    documents = {row["InvoiceID"]: row for row in rows}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/").removeprefix("api.xro/2.0/"), parse_qs(parts.query)
        if path == "connections":
            return _said([TENANT])
        if path in lists:
            return _page(path, lists[path], query)
        found = documents.get(path.partition("/")[2])
        return _said({"Invoices": [found]}) if found else Reply(404, {}, "The resource cannot be found")

    return answer


def _page(path: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    page, size = int(query["page"][0]), int(query["pageSize"][0])
    told = {"page": page, "pageSize": size, "pageCount": -(-len(rows) // size), "itemCount": len(rows)}
    return _said({"pagination": told, path: rows[(page - 1) * size : page * size]})


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=XeroSettings(
        kind="xero", name="xero", client_id="app", client_secret=SecretSettings(env="XERO_CLIENT_SECRET")
    ),
    make=make,
    rows="Invoices",
    page=SIZE,
    slow_down=Reply(429, {"Retry-After": "17", "X-Rate-Limit-Problem": "minute"}, ""),
    refused=Reply(401, {}, json.dumps({"Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired"})),
)
