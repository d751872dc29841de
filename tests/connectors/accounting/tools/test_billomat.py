"""Billomat: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

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
from pydantic import ValidationError

from connectors.accounting.billomat import Billomat, BillomatSettings, contact, translate
from connectors.accounting.document import RemoteKey, Standing
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

BASE = "https://muster.billomat.net/api"


def invoice(**more: Any) -> dict[str, Any]:
    """Give an invoice as Billomat tells it: every number is a text."""
    return {
        "id": "4711",
        "client_id": "7",
        "invoice_number": "RE1001",
        "status": "OPEN",
        "date": "2026-04-01",
        "due_date": "2026-04-15",
        "due_days": "14",
        "discount_rate": "0",
        "discount_date": "",
        "discount_days": "",
        "total_gross": "119",
        "paid_amount": "0",
        "open_amount": "119",
        "currency_code": "EUR",
        **more,
    }


def credit_note(**more: Any) -> dict[str, Any]:
    return {
        "id": "88",
        "client_id": "7",
        "credit_note_number": "GS12",
        "status": "OPEN",
        "date": "2026-04-01",
        "total_gross": "50.00",
        "paid_amount": "0",
        "currency_code": "EUR",
        **more,
    }


def page(kind: str, rows: list[dict[str, Any]], *, number: int = 1, total: int | None = None) -> dict[str, Any]:
    """Give a page: one row is no list, and none is not there."""
    held: dict[str, Any] = {kind: rows[0] if len(rows) == 1 else rows} if rows else {}
    around = {"@page": str(number), "@per_page": "1000", "@total": str(len(rows) if total is None else total)}
    return {f"{kind}s": held | around}


@pytest.fixture
def tool(line: Line) -> Billomat:
    settings = BillomatSettings(
        kind="billomat",
        name="billomat",
        account="muster",
        key=SecretSettings(env="BILLOMAT_KEY"),
        requests_per_quarter_hour=10_000,
    )
    return Billomat.connect(settings, line)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def asked(mock: responses.RequestsMock, number: int = -1) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(mock.calls[number].request.url)).query)


def sent(mock: responses.RequestsMock, number: int = -1) -> Any:
    return json.loads(mock.calls[number].request.body or "")


# --- What becomes of a document -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "standing", "kind", "amount", "left"),
    [
        ({}, Standing.OPEN, ItemKind.INVOICE, 11_900, 11_900),
        ({"status": "OVERDUE", "open_amount": "69.5"}, Standing.OPEN, ItemKind.INVOICE, 11_900, 6_950),
        ({"open_amount": "-1"}, Standing.OPEN, ItemKind.INVOICE, 11_900, 0),
        ({"open_amount": 69, "total_gross": 119}, Standing.OPEN, ItemKind.INVOICE, 11_900, 6_900),
        ({"status": "PAID", "open_amount": "2.38"}, Standing.SETTLED, ItemKind.INVOICE, 11_900, 0),
        ({"total_gross": "-20", "open_amount": "-15"}, Standing.OPEN, ItemKind.CREDIT_NOTE, 2_000, 1_500),
    ],
    ids=["nothing paid", "part payment", "overpaid", "numbers", "paid with Skonto", "corrective invoice"],
)
def test_what_is_open_on_an_invoice(
    told: dict[str, Any], standing: Standing, kind: ItemKind, amount: int, left: int
) -> None:
    made = translate("invoice", invoice(**told), "billomat")

    assert made.findings == ()
    assert made.item is not None
    assert (made.standing, made.item.kind) == (standing, kind)
    assert (made.item.amount, made.item.open_amount) == (Money(amount, "EUR"), Money(left, "EUR"))


@pytest.mark.parametrize(
    ("told", "left"),
    [({}, 5_000), ({"paid_amount": "20"}, 3_000), ({"open_amount": "10.00"}, 1_000), ({"status": "PAID"}, 0)],
    ids=["nothing paid out", "a part paid out", "told by itself", "paid out"],
)
def test_what_is_open_on_a_credit_note(told: dict[str, Any], left: int) -> None:
    made = translate("credit-note", credit_note(**told), "billomat")

    assert made.item is not None
    assert (made.item.kind, made.item.document_number) == (ItemKind.CREDIT_NOTE, "GS12")
    assert made.item.open_amount == Money(left, "EUR")


@pytest.mark.parametrize(("status", "standing"), [("DRAFT", Standing.DRAFT), ("CANCELED", Standing.CANCELLED)])
def test_what_is_no_claim_is_no_item(status: str, standing: Standing) -> None:
    made = translate("invoice", invoice(status=status, invoice_number=""), "billomat")

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("told", "due", "skonto"),
    [
        ({}, date(2026, 4, 15), None),
        ({"due_date": ""}, date(2026, 4, 15), None),
        ({"due_date": "", "due_days": ""}, date(2026, 4, 1), None),
        ({"discount_rate": "2", "discount_date": "2026-04-08"}, date(2026, 4, 15), (Decimal(2), date(2026, 4, 8))),
        ({"discount_rate": "2.5", "discount_days": "10"}, date(2026, 4, 15), (Decimal("2.5"), date(2026, 4, 11))),
        ({"discount_rate": "2"}, date(2026, 4, 15), None),
    ],
    ids=["date", "days", "at once", "Skonto by date", "Skonto in days", "Skonto without a term"],
)
def test_the_terms_of_payment(told: dict[str, Any], due: date, skonto: tuple[Decimal, date] | None) -> None:
    item = translate("invoice", invoice(**told), "billomat").item

    assert item is not None
    assert (item.due_date, item.skonto_percent, item.skonto_until) == (due, *(skonto or (None, None)))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"status": "COLLECTION"}, "no state of Billomat"),
        ({"status": None}, "missing"),
        ({"total_gross": "119.005"}, "decimal places"),
        ({"total_gross": "119,00"}, "no number"),
        ({"currency_code": "EURO"}, "EURO"),
        ({"open_amount": "", "paid_amount": ""}, "missing"),
        ({"date": "0000-00-00"}, "no date"),
        ({"invoice_number": None}, "missing"),
        ({"client_id": None}, "missing"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: dict[str, Any], says: str) -> None:
    made = translate("invoice", invoice(**told), "billomat")

    assert (made.item, made.standing) == (None, Standing.OPEN)
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize(
    ("told", "name", "kind"),
    [
        ({"name": "Huber GmbH", "first_name": "Eva"}, "Huber GmbH", DebtorType.BUSINESS),
        ({"first_name": "Eva", "last_name": "Huber"}, "Eva Huber", DebtorType.UNKNOWN),
    ],
)
def test_a_customer_becomes_a_debtor(told: dict[str, Any], name: str, kind: DebtorType) -> None:
    made = contact(
        {"id": "7", "client_number": "KD123", "zip": "01067", "city": "Dresden", "country_code": "DE"}
        | {"email": "eva@huber.example", "locale": "en_GB", "bank_iban": "DE89 3704 0044 0532 0130 00"}
        | told,
        "billomat",
    )

    assert made.remote_id == "7"
    assert made.debtor is not None
    assert (made.debtor.number, made.debtor.name, made.debtor.type) == ("KD123", name, kind)
    assert (made.debtor.postcode, made.debtor.language) == ("01067", "en")
    assert made.debtor.ibans == ("DE89370400440532013000",)


def test_a_customer_without_a_number_is_a_finding() -> None:
    made = contact({"id": "7", "name": "Huber GmbH"}, "billomat")

    assert made.debtor is None
    assert [finding.place for finding in made.findings] == ["billomat: client 7 › client_number"]


# --- What it is asked -----------------------------------------------------------------------------------


def test_the_open_set_is_asked_for_as_the_description_says(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/invoices", json=page("invoice", [invoice(), invoice(id="4712")]))
    wire.get(f"{BASE}/credit-notes", json=page("credit-note", [credit_note()]))

    keys = [one.key for one in tool.open_documents()]

    assert keys == [("invoice", "4711"), ("invoice", "4712"), ("credit-note", "88")]
    assert asked(wire, 0) == {
        "status": ["OPEN,OVERDUE"],
        "order_by": ["date ASC"],
        "format": ["json"],
        "per_page": ["1000"],
        "page": ["1"],
    }
    assert "order_by=date+ASC" in str(wire.calls[0].request.url)
    assert asked(wire, 1)["status"] == ["OPEN"]
    assert wire.calls[0].request.headers["X-BillomatApiKey"] == "s3cret-key-of-the-office"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_none_one_and_many_are_lists(tool: Billomat, wire: responses.RequestsMock, count: int) -> None:
    clients = [{"id": str(n), "client_number": f"KD{n}", "name": "Huber"} for n in range(count)]
    wire.get(f"{BASE}/clients", json=page("client", clients))

    assert len(list(tool.contacts())) == count


def test_pages_are_read_to_the_end_however_small_they_are(tool: Billomat, wire: responses.RequestsMock) -> None:
    rows = [{"id": str(n), "client_number": f"KD{n}", "name": "Huber"} for n in range(5)]
    for number, some in enumerate((rows[:2], rows[2:4], rows[4:]), 1):
        small = page("client", some, number=number, total=5)
        small["clients"]["@per_page"] = "2"
        wire.get(f"{BASE}/clients", json=small)

    assert len(list(tool.contacts())) == 5
    assert asked(wire)["page"] == ["3"]


def test_a_row_that_moved_to_another_page_is_noticed(tool: Billomat, wire: responses.RequestsMock) -> None:
    rows = [invoice(id=str(n)) for n in range(1_001)]
    wire.get(f"{BASE}/invoices", json=page("invoice", rows[:1_000], total=1_002))
    wire.get(f"{BASE}/invoices", json=page("invoice", rows[1_000:], total=1_001))

    with pytest.raises(Shifted):
        list(tool.open_documents())


def test_one_document_is_asked_for_by_its_kind(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/credit-notes/88", json={"credit-note": credit_note(status="PAID")})

    assert tool.document(RemoteKey("credit-note", "88")).standing is Standing.SETTLED


def test_the_check_tells_whose_account_it_is(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/clients/myself", json={"client": {"id": "1", "name": "Muster GmbH"}})

    assert tool.check() == "Billomat answers, for Muster GmbH"


def test_changes_cannot_be_asked_for(tool: Billomat) -> None:
    assert list(tool.changed_documents("2026-05-01").documents) == []


# --- What it answers when it cannot ---------------------------------------------------------------------


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
    tool: Billomat, wire: responses.RequestsMock, status: int, error: type[Exception]
) -> None:
    wire.get(f"{BASE}/invoices/1", status=status, json={"errors": {"error": ["So nicht", "und so auch nicht"]}})

    with pytest.raises(error, match=f"{status}, So nicht; und so auch nicht"):
        tool.document(RemoteKey("invoice", "1"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html>Wartung</html>", "web page"),
        ('{"clients": {"client": [', "not JSON"),
        ('{"clients": []}', "an object"),
        ('{"clients": {"client": []}}', "@total"),
        ('{"clients": {"client": ["x"], "@total": "1", "@per_page": "9"}}', "objects"),
    ],
)
def test_another_shape_than_described_is_told_as_such(
    tool: Billomat, wire: responses.RequestsMock, body: str, says: str
) -> None:
    wire.get(f"{BASE}/clients", body=body)

    with pytest.raises(Unreadable, match=says):
        list(tool.contacts())


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, '{"errors": {"error": "Rate limit reached. Try again in 246 seconds."}}', 246),
        ({"X-Rate-Limit-Reset": "1777975200", "Date": "Tue, 05 May 2026 09:55:00 GMT"}, "{}", 300),
    ],
    ids=["in words", "by the header"],
)
def test_it_waits_as_long_as_it_is_told(
    tool: Billomat, wire: responses.RequestsMock, waits: Waits, headers: dict[str, str], body: str, seconds: int
) -> None:
    wire.get(f"{BASE}/invoices/4711", status=429, headers=headers, body=body)
    wire.get(f"{BASE}/invoices/4711", json={"invoice": invoice()})

    assert tool.document(RemoteKey("invoice", "4711")).item is not None
    assert seconds <= max(waits.seconds) <= seconds + 2


@pytest.mark.parametrize("quota", [-300, 0, 1, 9])
def test_a_quota_of_which_no_half_is_left_is_no_quota(quota: int) -> None:
    key = SecretSettings(env="BILLOMAT_KEY")
    with pytest.raises(ValidationError, match="requests_per_quarter_hour"):
        BillomatSettings(kind="billomat", name="billomat", account="muster", key=key, requests_per_quarter_hour=quota)


def test_with_the_smallest_quota_it_still_asks(line: Line, wire: responses.RequestsMock, waits: Waits) -> None:
    key = SecretSettings(env="BILLOMAT_KEY")
    small = BillomatSettings(
        kind="billomat", name="billomat", account="muster", key=key, requests_per_quarter_hour=10
    )
    wire.get(f"{BASE}/clients/myself", json={"client": {"name": "Muster GmbH"}})
    assert "Muster GmbH" in Billomat.connect(small, line).check()
    assert waits.seconds == []


def test_after_the_last_question_of_a_window_it_rests(
    tool: Billomat, wire: responses.RequestsMock, waits: Waits
) -> None:
    last = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1777975200"}
    wire.get(
        f"{BASE}/invoices/4711",
        json={"invoice": invoice()},
        headers=last | {"Date": "Tue, 05 May 2026 09:55:00 GMT"},
    )
    wire.get(f"{BASE}/invoices/4711", json={"invoice": invoice()})
    tool.document(RemoteKey("invoice", "4711"))
    tool.document(RemoteKey("invoice", "4711"))

    assert max(waits.seconds) == pytest.approx(300, abs=2)


# --- What it is told ------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "billomat:invoice:4711",
        "key": RemoteKey("invoice", "4711"),
        "document_number": "RE1001",
        "debtor_number": "KD123",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH RE1001",
        "own_account": "DE02120300000000202051",
    }
    return PaymentOrder(**standard | more)


def stage(**more: Any) -> DunningOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-77aa",
        "item_id": "billomat:invoice:4711",
        "key": RemoteKey("invoice", "4711"),
        "document_number": "RE1001",
        "level": 1,
        "stage": "reminder",
        "sent_on": date(2026, 5, 12),
        "deadline": date(2026, 5, 22),
        "fee": Money(0, "EUR"),
        "interest": Money(0, "EUR"),
    }
    return DunningOrder(**standard | more)


@pytest.mark.parametrize(
    ("order", "amount", "closes"),
    [
        (payment(), "119.00", 1),
        (payment(amount=Money(5_050, "EUR"), closes=False), "50.50", 0),
        (payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")), "116.62", 1),
    ],
    ids=["whole", "part", "with Skonto"],
)
def test_the_money_that_came_is_booked(
    tool: Billomat, wire: responses.RequestsMock, order: PaymentOrder, amount: str, closes: int
) -> None:
    wire.post(f"{BASE}/invoice-payments", status=201, json={"invoice-payment": {"id": "55"}})

    assert tool.book(order).remote_id == "55"
    assert sent(wire) == {
        "invoice-payment": {
            "invoice_id": "4711",
            "date": "2026-05-04",
            "amount": amount,
            "comment": "kontorist-5f2c Huber GmbH RE1001",
            "type": "BANK_TRANSFER",
            "mark_invoice_as_paid": closes,
        }
    }


def test_a_credit_note_is_booked_where_credit_notes_are(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/credit-note-payments", status=201, json={"credit-note-payment": {"id": "56"}})
    order = payment(key=RemoteKey("credit-note", "88"), is_credit_note=True, amount=Money(5_000, "EUR"))

    assert tool.book(order).remote_id == "56"
    told = sent(wire)["credit-note-payment"]
    assert (told["credit_note_id"], told["amount"], told["type"]) == ("88", "50.00", "MISC")
    assert told["mark_credit_note_as_paid"] == 1


@pytest.mark.parametrize(
    "order",
    [
        payment(is_credit_note=True),
        payment(amount=Money(0, "EUR"), difference=Money(11_900, "EUR")),
        payment(amount=Money(5_000, "EUR"), skonto=Money(100, "EUR"), closes=False),
    ],
    ids=["corrective invoice", "nothing came", "Skonto on a part"],
)
def test_what_it_cannot_be_told_is_refused_before_anything_is_written(tool: Billomat, order: PaymentOrder) -> None:
    with responses.RequestsMock(), pytest.raises(Refused, match="by hand"):
        tool.book(order)


def test_a_payment_of_ours_is_known_by_its_comment(tool: Billomat, wire: responses.RequestsMock) -> None:
    theirs = {"id": "54", "invoice_id": "4711", "amount": "119", "comment": None}
    ours = theirs | {"id": "55", "comment": "kontorist-5f2c Huber GmbH"}
    wire.get(f"{BASE}/invoice-payments", json=page("invoice-payment", [theirs, ours]))
    found, other = tool.booked(payment()), tool.booked(payment(operation="kontorist-5f2"))

    assert found is not None
    assert (found.remote_id, other) == ("55", None)
    assert asked(wire)["invoice_id"] == ["4711"]


def test_a_refused_payment_says_why_in_the_words_of_the_tool(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/invoice-payments", status=422, json={"errors": {"error": "Die Rechnung ist bezahlt"}})

    with pytest.raises(Refused, match="Die Rechnung ist bezahlt"):
        tool.book(payment())


def test_nobody_knows_after_a_gateway_gave_up(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/invoice-payments", status=502, body="<html>Bad Gateway</html>")

    with pytest.raises(Uncertain):
        tool.book(payment())
    assert len(wire.calls) == 1


def test_a_stage_becomes_a_completed_reminder(tool: Billomat, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/reminders", json=page("reminder", []))
    wire.post(f"{BASE}/reminders", status=201, json={"reminder": {"id": "901", "status": "DRAFT"}})
    wire.put(f"{BASE}/reminders/901/complete", body="")

    assert tool.dun(stage()).remote_id == "901"
    assert asked(wire, 0)["invoice_number"] == ["RE1001"]
    assert sent(wire, 1) == {
        "reminder": {
            "invoice_id": "4711",
            "date": "2026-05-12",
            "label": "kontorist-77aa",
            "due_date": "2026-05-22",
        }
    }
    assert sent(wire, 2) == {"complete": {}}


@pytest.mark.parametrize(
    ("label", "status", "stands"),
    [
        ("kontorist-77aa", "OPEN", True),
        ("kontorist-77aa", "OVERDUE", True),
        ("kontorist-77aa", "DRAFT", False),
        ("1. Mahnung", "OPEN", False),
    ],
    ids=["completed", "overdue itself", "still a draft", "by hand"],
)
def test_a_stage_that_stands_there_is_known_by_its_label(
    tool: Billomat, wire: responses.RequestsMock, label: str, status: str, stands: bool
) -> None:
    wire.get(f"{BASE}/reminders", json=page("reminder", [{"id": "901", "label": label, "status": status}]))

    assert (tool.dunned(stage()) is not None) is stands


def test_a_draft_that_a_broken_connection_left_is_completed_and_not_made_again(
    tool: Billomat, wire: responses.RequestsMock
) -> None:
    left = {"id": "901", "label": "kontorist-77aa", "status": "DRAFT"}
    wire.get(f"{BASE}/reminders", json=page("reminder", [left]))
    wire.put(f"{BASE}/reminders/901/complete", body="")

    assert tool.dun(stage()).remote_id == "901"


# --- The vendor's description ---------------------------------------------------------------------------


def endpoints() -> dict[tuple[str, str], dict[str, Any]]:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    told = json.loads((Path(folder) / "billomat" / "billomat.json").read_bytes())["resources"].values()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in (endpoint for resource in told for endpoint in resource["endpoints"] if endpoint["path"]):
        found.setdefault((one["method"], one["path"].partition("?")[0]), {}).update(one)
    return found


@pytest.mark.parametrize(
    ("method", "path", "filters", "fields"),
    [
        ("GET", "/api/invoices", "status", ""),
        ("GET", "/api/invoices/{id}", "", ""),
        ("POST", "/api/invoices", "", "client_id date due_date due_days discount_rate discount_date discount_days"),
        ("GET", "/api/credit-notes", "status", ""),
        ("GET", "/api/credit-notes/{id}", "", ""),
        ("GET", "/api/clients", "", ""),
        ("GET", "/api/clients/myself", "", ""),
        ("POST", "/api/clients", "", "name first_name last_name street zip city country_code email phone bank_iban"),
        ("GET", "/api/invoice-payments", "invoice_id", ""),
        ("POST", "/api/invoice-payments", "", "invoice_id date amount comment type mark_invoice_as_paid"),
        ("GET", "/api/credit-note-payments", "credit_note_id", ""),
        ("POST", "/api/credit-note-payments", "", "credit_note_id date amount comment type mark_credit_note_as_paid"),
        ("GET", "/api/reminders", "invoice_number", ""),
        ("POST", "/api/reminders", "", "invoice_id date due_date label"),
        ("PUT", "/api/reminders/{id}/complete", "", ""),
    ],
)
def test_the_description_knows_every_question(method: str, path: str, filters: str, fields: str) -> None:
    told = endpoints()[method, path]

    assert set(filters.split()) <= {one["name"] for one in told.get("filters", [])}
    assert set(fields.split()) <= {one["name"] for one in told.get("fields", [])}
