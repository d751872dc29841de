"""easybill: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

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
from connectors.accounting.easybill import BASE, Easybill, EasybillSettings, contact, translate
from connectors.accounting.orders import DunningOrder, PaymentOrder
from connectors.wire.paging import Shifted
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

ANSWERED = {"Date": "Tue, 05 May 2026 22:30:00 GMT"}  # already the sixth in Berlin


def document(**more: Any) -> dict[str, Any]:
    """Give a document as the list and the single question tell it."""
    return {
        "id": 4711,
        "type": "INVOICE",
        "number": "RE-2026-0001",
        "document_date": "2026-04-01",
        "due_date": "2026-04-15",
        "due_in_days": 14,
        "amount": 11_900,
        "paid_amount": 0,
        "paid_at": None,
        "cancel_id": None,
        "is_draft": False,
        "currency": "EUR",
        "customer_id": 7,
        "cash_allowance": None,
        "cash_allowance_days": None,
        "order_number": "",
        **more,
    }


def page(rows: list[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    return {"page": 1, "pages": 1, "limit": 1000, "total": len(rows) if total is None else total, "items": rows}


@pytest.fixture
def tool(line: Line) -> Easybill:
    settings = EasybillSettings(
        kind="easybill", name="easybill", key=SecretSettings(env="EASYBILL_KEY"), requests_per_minute=60_000
    )
    return Easybill.connect(settings, line)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def asked(mock: responses.RequestsMock, number: int = -1) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(mock.calls[number].request.url)).query)


# --- What becomes of a document ----------------------------------------------------------------------------------

OPEN, SETTLED, CANCELLED, DRAFT = Standing.OPEN, Standing.SETTLED, Standing.CANCELLED, Standing.DRAFT


@pytest.mark.parametrize(
    ("told", "standing", "kind", "amount", "left"),
    [
        ({}, OPEN, ItemKind.INVOICE, 11_900, 11_900),
        ({"paid_amount": 4_000}, OPEN, ItemKind.INVOICE, 11_900, 7_900),
        ({"paid_amount": 11_900, "paid_at": "2026-04-20"}, SETTLED, ItemKind.INVOICE, 11_900, 0),
        ({"paid_amount": 11_662, "paid_at": "2026-04-08"}, SETTLED, ItemKind.INVOICE, 11_900, 0),
        ({"paid_amount": 12_000}, OPEN, ItemKind.INVOICE, 11_900, 0),
        ({"paid_amount": -500}, OPEN, ItemKind.INVOICE, 11_900, 12_400),
        ({"paid_amount": None}, OPEN, ItemKind.INVOICE, 11_900, 11_900),
        ({"type": "CREDIT"}, OPEN, ItemKind.CREDIT_NOTE, 11_900, 11_900),
        ({"type": "CREDIT", "amount": -11_900, "paid_amount": -900}, OPEN, ItemKind.CREDIT_NOTE, 11_900, 11_000),
        ({"amount": -2_000}, OPEN, ItemKind.CREDIT_NOTE, 2_000, 2_000),
    ],
    ids=[
        "nothing paid",
        "part payment",
        "paid",
        "paid with Skonto",
        "overpaid and not closed",
        "money went back",
        "never paid",
        "credit note",
        "credit note written below zero",
        "invoice below zero is owed by us",
    ],
)
def test_what_is_open(told: dict[str, Any], standing: Standing, kind: ItemKind, amount: int, left: int) -> None:
    made = translate(document(**told), "easybill")

    assert made.findings == ()
    assert made.standing is standing
    assert made.item is not None
    assert (made.item.kind, made.item.amount, made.item.open_amount) == (
        kind,
        Money(amount, "EUR"),
        Money(left, "EUR"),
    )


@pytest.mark.parametrize(
    ("told", "standing"),
    [({"is_draft": True, "number": None}, DRAFT), ({"cancel_id": 99}, CANCELLED)],
    ids=["draft without a number", "cancelled"],
)
def test_what_is_no_claim_is_no_item(told: dict[str, Any], standing: Standing) -> None:
    made = translate(document(**told), "easybill")

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("told", "due", "skonto"),
    [
        ({}, date(2026, 4, 15), None),
        ({"due_date": None}, date(2026, 4, 15), None),
        ({"due_date": None, "due_in_days": None}, date(2026, 4, 1), None),
        ({"cash_allowance": 2, "cash_allowance_days": 7}, date(2026, 4, 15), (Decimal(2), date(2026, 4, 8))),
        (
            {"cash_allowance": Decimal("2.5"), "cash_allowance_days": 0},
            date(2026, 4, 15),
            (Decimal("2.5"), date(2026, 4, 1)),
        ),
        ({"cash_allowance": 2, "cash_allowance_days": None}, date(2026, 4, 15), None),
        ({"cash_allowance": 0, "cash_allowance_days": 7}, date(2026, 4, 15), None),
    ],
    ids=["date", "days", "at once", "Skonto", "Skonto at once", "Skonto without days", "no Skonto"],
)
def test_the_terms_of_payment(told: dict[str, Any], due: date, skonto: tuple[Decimal, date] | None) -> None:
    item = translate(document(**told), "easybill").item

    assert item is not None
    assert item.due_date == due
    assert (item.skonto_percent, item.skonto_until) == (skonto or (None, None))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"type": "PROFORMA_INVOICE"}, "neither an invoice nor a credit note"),
        ({"currency": "JPY"}, "hundredths"),
        ({"currency": "ABC"}, "ABC"),
        ({"amount": Decimal("119.5")}, "no whole number"),
        ({"amount": None}, "missing"),
        ({"document_date": "31.04.2026"}, "no date"),
        ({"is_draft": "perhaps"}, "neither yes nor no"),
        ({"number": ""}, "missing"),
        ({"cash_allowance": 150}, "percentage"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: dict[str, Any], says: str) -> None:
    made = translate(document(**told), "easybill")

    assert made.item is None
    assert made.standing is OPEN
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize(
    "key", ["customer_id", "paid_at", "paid_amount", "is_draft", "amount", "currency", "document_date", "type"]
)
def test_a_field_that_vanished_is_a_finding_and_never_a_default(key: str) -> None:
    row = document()
    del row[key]

    made = translate(row, "easybill")

    assert made.item is None
    assert made.findings


@pytest.mark.parametrize(
    ("told", "name", "kind"),
    [
        (
            {"company_name": "Huber GmbH", "first_name": "Eva", "last_name": "Huber"},
            "Huber GmbH",
            DebtorType.BUSINESS,
        ),
        ({"company_name": None, "first_name": "Eva", "last_name": "Huber"}, "Eva Huber", DebtorType.UNKNOWN),
        ({"display_name": "Kasse"}, "Kasse", DebtorType.UNKNOWN),
    ],
)
def test_a_customer_becomes_a_debtor(told: dict[str, Any], name: str, kind: DebtorType) -> None:
    made = contact(
        {"id": 7, "number": "10001", "emails": ["eva@huber.example", "x@y.example"], "zip_code": "01067"}
        | {"city": "Dresden", "street": "Ring 1", "country": "DE", "bank_iban": "DE89 3704 0044 0532 0130 00"}
        | told,
        "easybill",
    )

    assert made.remote_id == "7"
    assert made.debtor is not None
    assert (made.debtor.number, made.debtor.name, made.debtor.type) == ("10001", name, kind)
    assert (made.debtor.postcode, made.debtor.email) == ("01067", "eva@huber.example")
    assert made.debtor.ibans == ("DE89370400440532013000",)


def test_a_customer_without_a_name_is_a_finding() -> None:
    made = contact({"id": 7, "number": "10001"}, "easybill")

    assert made.debtor is None
    assert [finding.place for finding in made.findings] == ["easybill: customer 10001 › display_name"]


# --- What it is asked ---------------------------------------------------------------------------------------------


def test_the_open_set_is_asked_for_as_the_description_says(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/documents", json=page([document()]))

    assert [one.number for one in tool.open_documents()] == ["RE-2026-0001"]
    assert asked(wire) == {
        "type": ["INVOICE,CREDIT"],
        "is_draft": ["0"],
        "paid_at": ["null"],
        "cancel_id": ["null"],
        "limit": ["1000"],
        "page": ["1"],
    }
    assert wire.calls[0].request.headers["Authorization"] == "Bearer s3cret-key-of-the-office"
    assert len(str(wire.calls[0].request.path_url)) < 4_094


def test_a_cancelled_credit_note_is_known_by_its_cancellation(tool: Easybill, wire: responses.RequestsMock) -> None:
    """Only invoices name the document that cancelled them."""
    notes = [document(id=1, type="CREDIT", number="GS-1"), document(id=2, type="CREDIT", number="GS-2")]
    wire.get(f"{BASE}/documents", json=page(notes))
    wire.get(f"{BASE}/documents", json=page([document(id=3, type="STORNO_CREDIT", ref_id=1)]))

    standings = {one.number: one.standing for one in tool.open_documents()}

    assert standings == {"GS-1": CANCELLED, "GS-2": OPEN}
    assert asked(wire)["type"] == ["STORNO_CREDIT"]


def test_one_credit_note_is_asked_for_together_with_its_cancellation(
    tool: Easybill, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/documents/1", json=document(id=1, type="CREDIT"))
    wire.get(f"{BASE}/documents", json=page([document(id=3, type="STORNO_CREDIT", ref_id=1)]))

    assert tool.document(RemoteKey("credit", "1")).standing is CANCELLED
    assert asked(wire)["ref_id"] == ["1"]


def test_changes_are_asked_for_by_days_of_berlin_with_a_day_of_overlap(
    tool: Easybill, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/documents", json=page([], total=12), headers=ANSWERED)
    wire.get(f"{BASE}/documents", json=page([document(paid_at="2026-05-04", paid_amount=11_900)]))

    changes = tool.changed_documents("2026-05-04")

    assert [one.standing for one in changes.documents] == [SETTLED]
    assert changes.cursor == "2026-05-06"
    assert asked(wire)["edited_at"] == ["2026-05-03,2099-12-31"]
    assert "paid_at" not in asked(wire)


def test_the_first_night_only_takes_the_day(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/documents", json=page([], total=12), headers=ANSWERED)

    changes = tool.changed_documents("")

    assert (list(changes.documents), changes.cursor) == ([], "2026-05-06")


def test_pages_are_read_to_the_end(tool: Easybill, wire: responses.RequestsMock) -> None:
    rows = [document(id=number) for number in range(1_500)]
    wire.get(f"{BASE}/documents", json=page(rows[:1_000], total=1_500))
    wire.get(f"{BASE}/documents", json=page(rows[1_000:], total=1_500))

    assert len({one.key for one in tool.open_documents()}) == 1_500
    assert asked(wire)["page"] == ["2"]


def test_a_row_that_moved_to_another_page_is_noticed(tool: Easybill, wire: responses.RequestsMock) -> None:
    rows = [document(id=number) for number in range(1_001)]
    wire.get(f"{BASE}/documents", json=page(rows[:1_000], total=1_002))
    wire.get(f"{BASE}/documents", json=page(rows[1_000:], total=1_001))

    with pytest.raises(Shifted):
        list(tool.open_documents())


def test_suppliers_in_the_list_of_customers_are_no_debtors(tool: Easybill, wire: responses.RequestsMock) -> None:
    supplier = {"id": 8, "number": "", "supplier_number": "70001", "company_name": "Lieferant AG"}
    wire.get(f"{BASE}/customers", json=page([{"id": 7, "number": "10001", "company_name": "Huber GmbH"}, supplier]))

    assert [one.debtor.number for one in tool.contacts() if one.debtor] == ["10001"]


def test_the_check_tells_how_many_documents_there_are(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/documents", json=page([], total=12))

    assert tool.check() == "easybill answers, and has 12 documents"


# --- What it answers when it cannot --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, Refused),
        (403, Refused),
        (404, NotThere),
        (409, Conflict),
        (414, Refused),
        (422, Refused),
        (500, Unavailable),
        (502, Unavailable),
    ],
)
def test_each_status_means_something(
    tool: Easybill, wire: responses.RequestsMock, status: int, error: type[Exception]
) -> None:
    wire.get(
        f"{BASE}/documents/1", status=status, json={"code": status, "message": "So nicht", "arguments": ["number"]}
    )

    with pytest.raises(error, match=rf"{status}, So nicht: number"):
        tool.document(RemoteKey("invoice", "1"))


def test_a_web_page_and_half_an_answer_are_told_as_such(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/documents", body="<html>Wartung</html>")
    with pytest.raises(Unreadable, match="web page"):
        list(tool.open_documents())
    wire.get(f"{BASE}/documents", body='{"items": [{"id": 1')
    with pytest.raises(Unreadable, match="not JSON"):
        list(tool.open_documents())
    wire.get(f"{BASE}/documents", json={"items": []})
    with pytest.raises(Unreadable, match="total"):
        list(tool.open_documents())


def test_it_waits_when_it_is_asked_to(tool: Easybill, wire: responses.RequestsMock, waits: Waits) -> None:
    wire.get(f"{BASE}/documents/1", status=429, headers={"Retry-After": "17"})
    wire.get(f"{BASE}/documents/1", json=document())

    assert tool.document(RemoteKey("invoice", "1")).item is not None
    assert any(seconds >= 17 for seconds in waits.seconds)


def test_by_itself_it_never_asks_more_than_the_plan_allows(
    line: Line, wire: responses.RequestsMock, waits: Waits
) -> None:
    settings = EasybillSettings(kind="easybill", name="easybill", key=SecretSettings(env="EASYBILL_KEY"))
    slow = Easybill.connect(settings, line)
    wire.get(f"{BASE}/documents/1", json=document())
    for _ in range(3):
        slow.document(RemoteKey("invoice", "1"))

    assert sum(waits.seconds) == pytest.approx(6 + 12, abs=1)


# --- What it is told ----------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "easybill:invoice:4711",
        "key": RemoteKey("invoice", "4711"),
        "document_number": "RE-2026-0001",
        "debtor_number": "10001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH RE-2026-0001",
        "own_account": "DE02120300000000202051",
    }
    return PaymentOrder(**standard | more)


def stage(level: int = 1) -> DunningOrder:
    return DunningOrder(
        operation="kontorist-77aa",
        item_id="easybill:invoice:4711",
        key=RemoteKey("invoice", "4711"),
        document_number="RE-2026-0001",
        level=level,
        stage="reminder",
        sent_on=date(2026, 5, 12),
        deadline=None,
        fee=Money(0, "EUR"),
        interest=Money(0, "EUR"),
    )


@pytest.mark.parametrize(
    ("order", "cents", "closes"),
    [
        (payment(), 11_900, True),
        (payment(amount=Money(5_000, "EUR"), closes=False), 5_000, False),
        (payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")), 11_662, True),
    ],
    ids=["whole", "part", "with Skonto"],
)
def test_the_money_that_came_is_booked(
    tool: Easybill, wire: responses.RequestsMock, order: PaymentOrder, cents: int, closes: bool
) -> None:
    wire.post(f"{BASE}/document-payments", status=201, json={"id": 55, "document_id": 4711, "amount": cents})

    written = tool.book(order)

    assert written.remote_id == "55"
    assert json.loads(wire.calls[0].request.body or "") == {
        "document_id": 4711,
        "amount": cents,
        "payment_at": "2026-05-04",
        "type": "BANK_TRANSFER",
        "provider": "Kontorist",
        "reference": "kontorist-5f2c",
        "notice": "Huber GmbH RE-2026-0001",
    }
    assert asked(wire) == ({"paid": ["true"]} if closes else {})


@pytest.mark.parametrize(
    "order",
    [
        payment(is_credit_note=True),
        payment(amount=Money(0, "EUR"), difference=Money(11_900, "EUR")),
        payment(amount=Money(5_000, "EUR"), skonto=Money(100, "EUR"), closes=False),
    ],
    ids=["credit note", "nothing came", "Skonto on a part"],
)
def test_what_it_cannot_be_told_is_refused_before_anything_is_written(tool: Easybill, order: PaymentOrder) -> None:
    with responses.RequestsMock(), pytest.raises(Refused, match="by hand"):
        tool.book(order)


def test_a_payment_of_ours_is_known_by_its_reference(tool: Easybill, wire: responses.RequestsMock) -> None:
    theirs = {"id": 54, "document_id": 4711, "amount": 11_900, "reference": ""}
    wire.get(f"{BASE}/document-payments", json=page([theirs, theirs | {"id": 55, "reference": "kontorist-5f2c"}]))
    found = tool.booked(payment())
    other = tool.booked(payment(operation="kontorist-other"))

    assert found is not None
    assert found.remote_id == "55"
    assert other is None
    assert asked(wire)["document_id"] == ["4711"]


def test_a_refused_payment_says_why_in_the_words_of_the_tool(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/document-payments", status=422, json={"code": 422, "message": "Zeitraum gesperrt"})

    with pytest.raises(Refused, match="Zeitraum gesperrt"):
        tool.book(payment())


def test_nobody_knows_after_a_gateway_gave_up(tool: Easybill, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/document-payments", status=504, body="<html>Gateway Time-out</html>")

    with pytest.raises(Uncertain):
        tool.book(payment())
    assert len(wire.calls) == 1


@pytest.mark.parametrize(("level", "kind"), [(1, "REMINDER"), (2, "DUNNING"), (3, "DUNNING")])
def test_a_stage_becomes_a_finished_document_beside_the_invoice(
    tool: Easybill, wire: responses.RequestsMock, level: int, kind: str
) -> None:
    wire.get(f"{BASE}/documents", json=page([]))
    wire.post(f"{BASE}/documents/4711/{kind}", status=201, json={"id": 901, "type": kind, "is_draft": True})
    wire.put(f"{BASE}/documents/901/done", json={"id": 901, "is_draft": False})

    assert tool.dun(stage(level)).remote_id == "901"


def test_a_draft_that_a_broken_connection_left_is_finished_and_not_made_again(
    tool: Easybill, wire: responses.RequestsMock
) -> None:
    left = {"id": 901, "ref_id": 4711, "type": "REMINDER", "is_draft": True, "created_at": "2026-05-12 03:10:00"}
    wire.get(f"{BASE}/documents", json=page([left]))
    wire.put(f"{BASE}/documents/901/done", json={"id": 901, "is_draft": False})

    assert tool.dunned(stage()) is None
    assert tool.dun(stage()).remote_id == "901"


@pytest.mark.parametrize(
    ("made", "is_draft", "stands"),
    [
        ("2026-05-12 03:10:00", False, True),
        ("2026-05-12 03:10:00", True, False),
        ("2026-03-02 09:00:00", False, False),
    ],
    ids=["finished since", "still a draft", "of an earlier stage"],
)
def test_a_stage_that_stands_there_is_recognised(
    tool: Easybill, wire: responses.RequestsMock, made: str, is_draft: bool, stands: bool
) -> None:
    row = {"id": 901, "ref_id": 4711, "type": "DUNNING", "is_draft": is_draft, "created_at": made}
    wire.get(f"{BASE}/documents", json=page([row]))

    assert (tool.dunned(stage(2)) is not None) is stands
    assert asked(wire)["ref_id"] == ["4711"]
    assert asked(wire)["type"] == ["DUNNING"]


# --- The vendor's description ---------------------------------------------------------------------------------------


def description() -> dict[str, Any]:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    loaded: dict[str, Any] = json.loads((Path(folder) / "easybill" / "openapi.json").read_bytes())
    return loaded


@pytest.mark.parametrize(
    ("method", "path", "parameters"),
    [
        ("get", "/documents", "type is_draft paid_at cancel_id edited_at ref_id"),
        ("get", "/documents/{id}", ""),
        ("get", "/customers", ""),
        ("get", "/document-payments", "document_id"),
        ("post", "/document-payments", "paid"),
        ("post", "/documents/{id}/{type}", ""),
        ("put", "/documents/{id}/done", ""),
    ],
)
def test_the_description_knows_every_question(method: str, path: str, parameters: str) -> None:
    known = {one.get("name") for one in description()["paths"][path][method]["parameters"]}

    assert set(parameters.split()) <= known


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "Document",
            "id type number document_date due_date due_in_days amount paid_amount paid_at cancel_id is_draft",
        ),
        ("Document", "currency customer_id cash_allowance cash_allowance_days order_number ref_id created_at"),
        ("DocumentPayment", "id document_id amount payment_at type provider reference notice"),
        ("Customer", "id number supplier_number company_name first_name last_name display_name street zip_code city"),
        ("Customer", "country emails phone_1 bank_iban"),
        ("List", "total limit page"),
    ],
)
def test_the_description_knows_every_field(name: str, fields: str) -> None:
    assert set(fields.split()) <= set(description()["definitions"][name]["properties"])


@pytest.mark.parametrize("kind", ["INVOICE", "CREDIT", "STORNO_CREDIT", "REMINDER", "DUNNING"])
def test_the_description_knows_every_type(kind: str) -> None:
    assert kind in description()["definitions"]["Document"]["properties"]["type"]["enum"]
