"""Tryton 8, as the conformance suite must know it: all questions go to one address, by the method they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.accounting.tryton import TrytonSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 500
HUBER = {"id": 2, "code": "10001", "name": "Huber GmbH", "email": "a@huber.example", "addresses.": []}
ANSWERS: dict[str, Any] = {
    "common.db.login": [2, "session-1", None],
    "common.server.version": "8.0.4",
    "model.res.user.get_preferences": {"company": 1, "companies": [1], "language": "de"},
    "model.party.party.fields_get": {"bank_accounts": {}},
    "model.party.party.search_read": [HUBER],
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Tryton tells it."""
    return {
        "id": number,
        "number": f"RE-{number:04d}",
        "state": "posted",
        "invoice_date": _day(4),
        "total_amount": _amount("119.00"),
        "amount_to_pay": _amount("119.00"),
        "currency.": {"id": 1, "code": "EUR"},
        "party.": {"id": 2, "code": "10001"},
        "reference": "B-1",
        "customer_payment_reference": "RF84 RE00 001",
        "lines_to_pay.": [{"id": number * 10, "maturity_date": _day(5), "reconciliation": None}],
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Tryton with so many open invoices."""
    documents = [invoice(number) for number in range(1, count + 1)]

    def answer(request: PreparedRequest) -> Reply:
        question = json.loads(request.body or "")
        method, params = question["method"], question["params"]
        if method == "model.account.invoice.search_read":
            rows = _found(documents, *params[:3])
            return _said([{"id": row["id"], "party": 2} for row in rows] if params[4] == ["party"] else rows)
        return _said(ANSWERS[method])

    return answer


def _found(documents: list[dict[str, Any]], domain: list[Any], offset: int, limit: int) -> list[dict[str, Any]]:
    """Search as Tryton does: by id, from the first one that fits."""
    for clause in domain:
        match clause:
            case ["id", ">", int(after)]:
                documents = [row for row in documents if row["id"] > after]
            case ["id", "=", int(wished)]:
                documents = [row for row in documents if row["id"] == wished]
    return documents[offset : offset + limit]


def _day(month: int) -> dict[str, Any]:
    return {"__class__": "date", "year": 2026, "month": month, "day": 1}


def _amount(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def _said(result: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps({"id": 1, "result": result}))


GIVEN = Given(
    settings=TrytonSettings(
        kind="tryton",
        name="tryton",
        url="https://tryton.example.org",
        database="office",
        user="kontorist",
        password=SecretSettings(env="TRYTON_PASSWORD"),
    ),
    make=make,
    rows="result",
    page=SIZE,
    # Tryton limits only sign-ins, and locks out then: whoever asks to slow down is a proxy before it.
    slow_down=Reply(503, {"Retry-After": "1"}, ""),
    refused=Reply(401, {"Content-Type": "text/html"}, "<!doctype html><title>401 Unauthorized</title>"),
)
