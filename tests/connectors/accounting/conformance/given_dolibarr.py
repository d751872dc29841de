"""Dolibarr, as the conformance suite must know it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from connectors.accounting.dolibarr import DolibarrSettings
from connectors.wire.settings import SecretSettings
from tests.connectors.accounting.conformance.given import Given, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

SIZE = 100
CUSTOMER = {"id": "7", "name": "Huber GmbH", "code_client": "CU2604-00001", "country_code": "DE"}


def invoice(number: int) -> dict[str, Any]:
    """Write an invoice as Dolibarr tells it: ids and totals are texts, days are the moments at which they begin."""
    return {
        "id": str(number),
        "ref": f"FA2604-{number:04d}",
        "type": "0",
        "status": "1",
        "statut": "1",
        "close_code": None,
        "socid": "7",
        "date": 1_774_994_400,
        "date_lim_reglement": 1_777_586_400,
        "total_ttc": "119.00000000",
        "remaintopay": "119",
        "multicurrency_code": "EUR",
        "multicurrency_total_ttc": "119.00000000",
        "ref_client": "B-1",
        "retained_warranty": None,
    }


def make(count: int) -> Callable[[PreparedRequest], Reply]:
    """Make a Dolibarr with so many open invoices."""
    documents = {str(number): invoice(number) for number in range(1, count + 1)}

    def answer(request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.partition("/api/index.php/")[2], parse_qs(parts.query)
        if path == "status":
            return _said({"success": {"code": 200, "dolibarr_version": "19.0.2"}})
        if path == "thirdparties":
            return _page([CUSTOMER], query)
        if path == "invoices":
            return _page(list(documents.values()), query)
        found = documents.get(path.partition("/")[2])
        return _said(found) if found else Reply(404, {}, json.dumps(_error(404, "Not Found: Invoice not found")))

    return answer


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    behind = re.search(r"t\.rowid:>:'(\d+)'", query.get("sqlfilters", [""])[0])
    rows = [row for row in rows if int(row["id"]) > int(behind[1] if behind else 0)]
    return _said(rows[: int(query["limit"][0])])


def _said(body: Any) -> Reply:
    return Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body))


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


GIVEN = Given(
    settings=DolibarrSettings(
        kind="dolibarr", name="dolibarr", url="https://erp.example.org", key=SecretSettings(env="DOLIBARR_KEY")
    ),
    make=make,
    rows="",
    page=SIZE,
    refused=Reply(401, {}, json.dumps(_error(401, "Unauthorized: Failed to login to API"))),
)
