"""Papierkram: what becomes of its invoices, what it is asked, and what it answers when it cannot."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.papierkram import Papierkram, PapierkramSettings, contact, translate
from connectors.wire.paging import Shifted
from connectors.wire.settings import SecretSettings
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

BASE = "https://muster.papierkram.de/api/v1"
INVOICES = f"{BASE}/income/invoices"
OPEN_STATES = ("open", "overdue")


def invoice(**more: Any) -> dict[str, Any]:
    """Give an invoice as the list tells it: the sum as a number, what is outstanding as a text."""
    return {
        "type": "invoice",
        "id": 12,
        "invoice_no": "R-00012",
        "customer_no": "K-00001",
        "state": "open",
        "record_state": "active",
        "document_date": "2026-04-01",
        "due_date": "2026-04-15",
        "paid_at_date": None,
        "total_gross": 119.0,
        "outstanding_amount": "119.0",
        "billing": {"company": "Huber GmbH", "country": "Deutschland"},
        **more,
    }


def as_read(row: dict[str, Any]) -> Any:
    """Give what the wire makes of it: numbers with a point are exact."""
    return json.loads(json.dumps(row), parse_float=Decimal)


def page(rows: list[dict[str, Any]], *, total: int | None = None, more: bool = False) -> dict[str, Any]:
    total = len(rows) if total is None else total
    return {"type": "list", "page": 1, "page_size": 100, "total_entries": total, "has_more": more, "entries": rows}


def connected(line: Line, **more: Any) -> Papierkram:
    given: dict[str, Any] = {"kind": "papierkram", "name": "papierkram", "account": "muster"}
    return Papierkram.connect(PapierkramSettings(**given, key=SecretSettings(env="PAPIERKRAM_KEY"), **more), line)


@pytest.fixture
def tool(line: Line) -> Papierkram:
    return connected(line)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def asked(mock: responses.RequestsMock, number: int = -1) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(mock.calls[number].request.url)).query)


@pytest.mark.parametrize(
    ("told", "standing", "left"),
    [
        ({}, Standing.OPEN, 11_900),
        ({"state": "overdue", "outstanding_amount": "19.5"}, Standing.OPEN, 1_950),
        ({"outstanding_amount": "-1.0"}, Standing.OPEN, 0),
        ({"state": "paid", "outstanding_amount": "0.0", "paid_at_date": "2026-04-20"}, Standing.SETTLED, 0),
        ({"state": "paid", "outstanding_amount": "2.38"}, Standing.SETTLED, 0),
    ],
    ids=["nothing paid", "part payment", "overpaid", "paid", "paid with a rest"],
)
def test_what_is_open(told: dict[str, Any], standing: Standing, left: int) -> None:
    made = translate(as_read(invoice(**told)), "papierkram", OPEN_STATES)

    assert made.findings == ()
    assert made.item is not None
    assert (made.standing, made.item.kind, made.item.debtor_number) == (standing, ItemKind.INVOICE, "K-00001")
    assert (made.item.amount, made.item.open_amount) == (Money(11_900, "EUR"), Money(left, "EUR"))
    assert (made.item.due_date, made.item.skonto_percent) == (date(2026, 4, 15), None)


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"state": "draft", "invoice_no": None}, Standing.DRAFT),
        ({"state": "canceled", "paid_at_date": "2026-04-12"}, Standing.CANCELLED),
    ],
    ids=["draft without a number", "cancelled, with everything still outstanding"],
)
def test_what_is_no_claim_is_no_item(told: dict[str, Any], standing: Standing) -> None:
    made = translate(as_read(invoice(**told)), "papierkram", OPEN_STATES)

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"state": "in_collection"}, "'in_collection' is no state that we know"),
        ({"state": None}, "missing"),
        ({"paid_at_date": "2026-04-12"}, "is set, though the state is open"),
        ({"total_gross": -119.0, "outstanding_amount": "-119.0"}, "below zero"),
        ({"outstanding_amount": None}, "missing"),
        ({"outstanding_amount": "119,0"}, "no number"),
        ({"total_gross": "119.005"}, "decimal places"),
        ({"customer_no": None}, "missing"),
        ({"document_date": "soon"}, "no date"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: dict[str, Any], says: str) -> None:
    made = translate(as_read(invoice(**told)), "papierkram", OPEN_STATES)

    assert (made.item, made.standing) == (None, Standing.OPEN)
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize(
    ("country", "code"), [("Deutschland", "DE"), ("Österreich", "AT"), ("ch", "CH"), (None, "DE"), ("Atlantis", "")]
)
def test_a_company_becomes_a_debtor(country: str | None, code: str) -> None:
    made = contact(
        {"id": 3, "customer_no": "K-00001", "name": "Huber GmbH", "postal_street": "Ring 1", "postal_zip": "01067"}
        | {"postal_city": "Dresden", "postal_country": country, "bank_iban": "DE89 3704 0044 0532 0130 00"},
        "papierkram",
    )

    assert made.debtor is not None
    assert (made.debtor.number, made.debtor.name, made.debtor.country) == ("K-00001", "Huber GmbH", code)
    assert (made.debtor.postcode, made.debtor.ibans) == ("01067", ("DE89370400440532013000",))


def test_suppliers_are_no_debtors_and_a_customer_without_a_number_is_a_finding(
    tool: Papierkram, wire: responses.RequestsMock
) -> None:
    rows = [
        {"id": 3, "name": "Huber GmbH", "contact_type": "customer", "customer_no": "K-00001"},
        {"id": 4, "name": "Lieferant AG", "contact_type": "supplier", "customer_no": None},
        {"id": 5, "name": "Meyer", "contact_type": "customer", "customer_no": None},
    ]
    wire.get(f"{BASE}/contact/companies", json=page(rows))

    made = list(tool.contacts())

    assert [one.debtor.number for one in made if one.debtor] == ["K-00001"]
    assert [one.findings[0].place for one in made if one.findings] == ["papierkram: company 5 › customer_no"]


def test_the_open_ones_are_picked_out_of_all_invoices(tool: Papierkram, wire: responses.RequestsMock) -> None:
    drafts = [invoice(id=2, state="draft"), invoice(id=3, state="paid"), invoice(id=4, state="canceled")]
    wire.get(INVOICES, json=page([invoice(), *drafts, invoice(id=5, state="strange")]))

    made = {one.key.remote_id: one.item is not None for one in tool.open_documents()}

    assert made == {"12": True, "5": False}
    assert asked(wire) == {"order_by": ["id"], "order_direction": ["asc"], "page": ["1"], "page_size": ["100"]}
    assert wire.calls[0].request.headers["Authorization"] == "Bearer s3cret-key-of-the-office"


def test_a_state_of_the_offices_own_can_be_named_open(line: Line, wire: responses.RequestsMock) -> None:
    wire.get(f"{INVOICES}/12", json=invoice(state="strange"))

    assert connected(line, open_states=("strange",)).document(RemoteKey("invoice", "12")).item is not None


def test_old_invoices_need_not_be_read(line: Line, wire: responses.RequestsMock) -> None:
    wire.get(INVOICES, json=page([]))

    assert list(connected(line, written_since=date(2025, 1, 1)).open_documents()) == []
    assert asked(wire)["document_date_range_start"] == ["2025-01-01"]


def test_pages_are_read_to_the_end(tool: Papierkram, wire: responses.RequestsMock) -> None:
    rows = [invoice(id=number) for number in range(150)]
    wire.get(INVOICES, json=page(rows[:100], total=150, more=True))
    wire.get(INVOICES, json=page(rows[100:], total=150))

    assert len({one.key for one in tool.open_documents()}) == 150


def test_a_row_that_moved_to_another_page_is_noticed(tool: Papierkram, wire: responses.RequestsMock) -> None:
    rows = [invoice(id=number) for number in range(101)]
    wire.get(INVOICES, json=page(rows[:100], total=102, more=True))
    wire.get(INVOICES, json=page(rows[100:], total=101))

    with pytest.raises(Shifted):
        list(tool.open_documents())


def test_the_quota_of_the_month_is_not_used_up(line: Line, wire: responses.RequestsMock) -> None:
    wire.get(INVOICES, json=page([invoice()], more=True, total=900), headers={"x-remaining-quota": "499"})

    with pytest.raises(Unavailable, match="only 499 questions of this month's quota are left"):
        list(connected(line).open_documents())
    assert len(wire.calls) == 1


def test_the_check_tells_what_a_night_costs(tool: Papierkram, wire: responses.RequestsMock) -> None:
    wire.get(INVOICES, json=page([invoice()], total=1_234), headers={"x-remaining-quota": "9910"})

    assert tool.check() == (
        "Papierkram answers, and has 1234 invoices: 13 questions a night, and 9910 are left this month"
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, Refused),
        (403, Refused),
        (404, NotThere),
        (409, Conflict),
        (422, Refused),
        (500, Unavailable),
        (502, Unavailable),
    ],
)
def test_each_status_means_something(
    tool: Papierkram, wire: responses.RequestsMock, status: int, error: type[Exception]
) -> None:
    body = {"type": "error", "error_type": "x", "message": "So nicht", "correlation_id": "1"}
    wire.get(f"{INVOICES}/1", status=status, json=body)

    with pytest.raises(error, match=f"{status}, So nicht"):
        tool.document(RemoteKey("invoice", "1"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html>Wartung</html>", "web page"),
        ('{"entries": [', "not JSON"),
        ('{"entries": [], "total_entries": 0}', "has_more"),
        ('{"entries": [], "has_more": false}', "total_entries"),
        ('{"entries": {}, "has_more": false, "total_entries": 0}', "entries"),
    ],
)
def test_another_shape_than_recorded_is_told_as_such(
    tool: Papierkram, wire: responses.RequestsMock, body: str, says: str
) -> None:
    wire.get(INVOICES, body=body)

    with pytest.raises(Unreadable, match=says):
        list(tool.open_documents())


def test_it_waits_when_it_is_asked_to(tool: Papierkram, wire: responses.RequestsMock, waits: Waits) -> None:
    wire.get(f"{INVOICES}/12", status=429, headers={"Retry-After": "17"})
    wire.get(f"{INVOICES}/12", json=invoice())

    assert tool.document(RemoteKey("invoice", "12")).item is not None
    assert max(waits.seconds) >= 17


def test_changes_cannot_be_asked_for(tool: Papierkram) -> None:
    assert list(tool.changed_documents("2026-05-01").documents) == []


@pytest.mark.parametrize(
    ("file", "fields"),
    [
        ("get_all_income_invoices_paginated.yml", "id invoice_no customer_no state document_date due_date"),
        ("get_all_income_invoices_paginated.yml", "paid_at_date total_gross outstanding_amount"),
        ("get_all_income_invoices_paginated.yml", "total_entries has_more entries"),
        ("get_all_contact_companies_paginated.yml", "id name contact_type customer_no email phone bank_iban"),
        ("get_all_contact_companies_paginated.yml", "postal_street postal_zip postal_city postal_country"),
        ("cannot_create_a_nameless_contact_company.yml", "message"),
    ],
)
def test_the_recorded_answers_have_every_field(file: str, fields: str) -> None:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    recorded = (Path(folder) / "papierkram" / file).read_text(encoding="utf-8")

    assert [field for field in fields.split() if f'"{field}":' not in recorded] == []
