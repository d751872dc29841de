"""bexio, as the conformance suite must know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.bexio import BexioSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 1_000
LISTS: dict[str, list[dict[str, Any]]] = {
    "3.0/currencies": [{"id": 1, "name": "CHF", "round_factor": 0.05}],
    "2.0/country": [{"id": 1, "name": "Schweiz", "name_short": "CH", "iso3166_alpha2": "CH"}],
    "2.0/language": [{"id": 1, "name": "Deutsch", "iso_639_1": "de"}],
}
CUSTOMER = {
    "id": 14,
    "nr": "000014",
    "contact_type_id": 1,
    "name_1": "UTA Immobilien AG",
    "name_2": "Bewirtschaftung",
    "street_name": "Stadtturmstrasse",
    "house_number": "15",
    "address": "Stadtturmstrasse 15",
    "postcode": "5400",
    "city": "Baden",
    "country_id": 1,
    "mail": "kreditoren@uta.example",
    "mail_second": "",
    "phone_fixed": "+41 56 111 22 33",
    "phone_mobile": "",
    "language_id": 1,
}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as bexio tells it: amounts are texts, and numbers stand for currencies and states."""
    return {
        "id": number,
        "document_nr": f"RE-{number:05d}",
        "contact_id": 14,
        "currency_id": 1,
        "total": "118.900000",
        "total_remaining_payments": "118.900000",
        "is_valid_from": "2026-04-01",
        "is_valid_to": "2026-05-01",
        "kb_item_status_id": 8,
        "reference": "Bestellung 4500012",
        "updated_at": "2026-04-01 13:17:32",
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a bexio with so many open invoices, and nobody archived."""
    rows = [invoice(number) for number in range(1, count + 1)]
    documents = {str(row["id"]): row for row in rows}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/"), parse_qs(parts.query)
        if path in LISTS:
            return _said(LISTS[path])
        if path == "2.0/contact":
            return _said(_cut([] if query["show_archived"] == ["true"] else [CUSTOMER], query))
        if path == "2.0/kb_invoice":
            return _said(_cut(rows, query))
        if path == "2.0/kb_invoice/search":
            return _said(_cut([row for row in rows if _fits(row, json.loads(request.body or ""))], query))
        found = documents.get(path.rpartition("/")[2])
        return _said(found) if found else Reply(404, {}, json.dumps(_error(404, "could not be found")))

    return answer


def _fits(row: dict[str, Any], criteria: list[dict[str, str]]) -> bool:
    """Whether a row fits all criteria of a search."""
    compared = {"!=": lambda a, b: a != b, ">=": lambda a, b: a >= b}
    return all(compared[one["criteria"]](str(row[one["field"]]), one["value"]) for one in criteria)


def _cut(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
    offset, limit = int(query.get("offset", ["0"])[0]), int(query["limit"][0])
    return rows[offset : offset + limit]


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error_code": code, "message": message}


GIVEN = Given(
    settings=BexioSettings(kind="bexio", name="bexio", key=SecretSettings(env="BEXIO_KEY")),
    make=make,
    rows="",
    page=SIZE,
    slow_down=Reply(
        429,
        {"RateLimit-Limit": "100", "RateLimit-Remaining": "0", "RateLimit-Reset": "41"},
        json.dumps(_error(429, "Too many requests")),
    ),
    refused=Reply(401, {}, json.dumps(_error(401, "Unauthorized"))),
)
