"""FastBill, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.accounting.fastbill import FastBillSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 100
CUSTOMER = {"CUSTOMER_ID": "7", "CUSTOMER_NUMBER": "10001", "ORGANIZATION": "Huber GmbH", "COUNTRY_CODE": "DE"}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as FastBill tells it."""
    return {
        "INVOICE_ID": str(number),
        "TYPE": "outgoing",
        "CUSTOMER_ID": "7",
        "CUSTOMER_NUMBER": "10001",
        "CURRENCY_CODE": "EUR",
        "INVOICE_NUMBER": f"R-{number:04d}",
        "INVOICE_DATE": "2026-04-01 00:00:00",
        "DUE_DATE": "2026-05-01 00:00:00",
        "PAID_DATE": "0000-00-00 00:00:00",
        "IS_CANCELED": "0",
        "CASH_DISCOUNT_PERCENT": "2.00",
        "CASH_DISCOUNT_DAYS": "10",
        "TOTAL": 119.0,
        "PAYMENTS": [{"PAYMENT_ID": "1", "DATE": "2026-04-20", "AMOUNT": "19.00", "CURRENCY_CODE": "EUR"}],
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a FastBill with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        question = json.loads(request.body or "")
        if question["SERVICE"] == "customer.get":
            return _said({"CUSTOMERS": [CUSTOMER]})
        wanted = question["FILTER"].get("INVOICE_ID")
        rows = [row for key, row in documents.items() if wanted in {None, key}]
        start = question["OFFSET"]
        return _said({"INVOICES": rows[start : start + question["LIMIT"]]})

    return answer


def _said(response: dict[str, Any]) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps({"RESPONSE": response}))


def _errors(said: str) -> Reply:
    return _said({"ERRORS": [said]})


GIVEN = Given(
    settings=FastBillSettings(
        kind="fastbill",
        name="fastbill",
        email="eva@office.example",
        key=SecretSettings(env="FASTBILL_KEY"),
        requests_per_hour=1_000,
    ),
    make=make,
    rows="RESPONSE.INVOICES",
    page=SIZE,
    slow_down=_errors("API limit exceeded"),
    refused=_errors("Invalid API key"),
)
