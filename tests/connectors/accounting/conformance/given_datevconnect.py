"""DATEVconnect, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.datevconnect import DatevConnectSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 1_000
CLIENT = "9c18c30b-ac17-451f-81c7-1b9b26dd73fe"
ROOT = f"/datev/api/accounting/v1/clients/{CLIENT}/fiscal-years"
YEAR = {"id": "20260101", "account_length": 4, "currency_code": "EUR"}
DEBTOR = {
    "id": "100010000",
    "account_number": 100010000,
    "legal_entity_type": "legal_person",
    "legal_person": {"legal_name": "Huber GmbH"},
}


def posting(number: int) -> dict[str, Any]:
    """Write an open item as DATEVconnect tells it."""
    return {
        "id": f"20260101_{number}",
        "account_number": 100010000,
        "document_field1": f"R-{number:05d}",
        "evidence_type": "invoice",
        "amount_debit": 119.0,
        "date": "2026-04-01T00:00:00+02:00",
        "due_date": "2026-05-01T00:00:00+02:00",
        "open_balance_of_item": 119.0,
        "debit_credit_identifier": "S",
        "is_cleared": False,
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a DATEVconnect with so many open invoices of one debtor."""
    rows = {"accounts-receivable": [posting(number) for number in range(1, count + 1)], "debitors": [DEBTOR]}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        if parts.path == ROOT:
            return _said([YEAR])
        query = parse_qs(parts.query)
        skip, top = int(query["skip"][0]), int(query["top"][0])
        return _said(rows.get(parts.path.removeprefix(f"{ROOT}/20260101/"), [])[skip : skip + top])

    return answer


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


GIVEN = Given(
    settings=DatevConnectSettings(
        kind="datevconnect",
        name="datev",
        url="https://datev.example",
        user="KONTORIST",
        password=SecretSettings(env="DATEV_PASSWORD"),
        client=CLIENT,
    ),
    make=make,
    rows="",
    page=SIZE,
)
