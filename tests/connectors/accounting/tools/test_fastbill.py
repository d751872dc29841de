"""FastBill: what becomes of its invoices, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import responses
from pydantic import ValidationError

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.fastbill import BASE, FastBill, FastBillSettings, contact, translate
from connectors.accounting.orders import PaymentOrder
from connectors.wire.paging import Shifted
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Throttled, Unavailable, Uncertain, Unreadable
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

API = f"{BASE}/api.php"
UNPAID = "0000-00-00 00:00:00"


def invoice(**more: Any) -> dict[str, Any]:
    """Give an invoice as FastBill tells it."""
    return {
        "INVOICE_ID": "4711",
        "TYPE": "outgoing",
        "CUSTOMER_ID": "7",
        "CUSTOMER_NUMBER": "10001",
        "CURRENCY_CODE": "EUR",
        "INVOICE_NUMBER": "R-4711",
        "INVOICE_DATE": "2026-04-01 00:00:00",
        "DUE_DATE": "2026-04-15 00:00:00",
        "PAID_DATE": UNPAID,
        "IS_CANCELED": "0",
        "CASH_DISCOUNT_PERCENT": "0",
        "CASH_DISCOUNT_DAYS": "0",
        "TOTAL": Decimal("119.00"),
        "PAYMENTS": [],
        **more,
    }


def part(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"PAYMENT_ID": "1", "DATE": "2026-04-20", "AMOUNT": amount, "CURRENCY_CODE": currency}


def answered(response: dict[str, Any]) -> str:
    return json.dumps({"REQUEST": {}, "RESPONSE": response}, default=str)


def failed(*errors: str) -> str:
    return answered({"ERRORS": list(errors)})


def connected(line: Line, **more: Any) -> FastBill:
    settings: dict[str, Any] = {"kind": "fastbill", "name": "fastbill", "email": "eva@office.example"}
    key = SecretSettings(env="FASTBILL_KEY")
    return FastBill.connect(FastBillSettings(**settings | {"requests_per_hour": 50_000} | more, key=key), line)


@pytest.fixture
def tool(line: Line) -> FastBill:
    return connected(line)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def asked(mock: responses.RequestsMock, number: int = -1) -> Any:
    return json.loads(mock.calls[number].request.body or "")


# --- What becomes of an invoice --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "standing", "left"),
    [
        ({}, Standing.OPEN, 11_900),
        ({"PAYMENTS": [part("19.00"), part("50")]}, Standing.OPEN, 5_000),
        ({"PAYMENTS": part("19.00")}, Standing.OPEN, 10_000),
        ({"PAYMENTS": ""}, Standing.OPEN, 11_900),
        ({"PAYMENTS": [part("120.00")]}, Standing.OPEN, 0),
        ({"PAID_DATE": "2026-04-20 00:00:00", "PAYMENTS": [part("116.62")]}, Standing.SETTLED, 0),
        ({"PAID_DATE": ""}, Standing.OPEN, 11_900),
    ],
    ids=["nothing paid", "two parts", "one part, no list", "no payments", "overpaid", "paid with Skonto", "no day"],
)
def test_what_is_open_is_the_total_without_the_payments(told: dict[str, Any], standing: Standing, left: int) -> None:
    made = translate(invoice(**told), "fastbill")

    assert made.findings == ()
    assert made.item is not None
    assert (made.standing, made.item.open_amount) == (standing, Money(left, "EUR"))
    assert (made.item.amount, made.item.due_date) == (Money(11_900, "EUR"), date(2026, 4, 15))


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"TYPE": "draft", "INVOICE_NUMBER": ""}, Standing.DRAFT),
        ({"IS_CANCELED": "1"}, Standing.CANCELLED),
    ],
)
def test_what_is_no_claim_is_no_item(told: dict[str, Any], standing: Standing) -> None:
    made = translate(invoice(**told), "fastbill")

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("percent", "days", "skonto"),
    [
        ("2.00", "10", (Decimal("2.00"), date(2026, 4, 11))),
        ("0", "0", (None, None)),
        ("2.00", "", (None, None)),
    ],
)
def test_skonto_is_counted_from_the_day_of_the_invoice(
    percent: str, days: str, skonto: tuple[Decimal | None, date | None]
) -> None:
    item = translate(invoice(CASH_DISCOUNT_PERCENT=percent, CASH_DISCOUNT_DAYS=days), "fastbill").item

    assert item is not None
    assert (item.skonto_percent, item.skonto_until) == skonto


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"TYPE": "credit"}, "is no invoice"),
        ({"TOTAL": Decimal(-119)}, "below zero"),
        ({"TOTAL": "119,00"}, "no number"),
        ({"TOTAL": Decimal("119.00000001")}, "decimal places"),
        ({"IS_CANCELED": "perhaps"}, "neither yes nor no"),
        ({"PAYMENTS": [part("19.00", "USD")]}, "another currency"),
        ({"PAYMENTS": [part("")]}, "missing"),
        ({"INVOICE_DATE": UNPAID}, "no date"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: dict[str, Any], says: str) -> None:
    made = translate(invoice(**told), "fastbill")

    assert (made.item, made.standing) == (None, Standing.OPEN)
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize(
    "key", ["PAID_DATE", "IS_CANCELED", "PAYMENTS", "TYPE", "TOTAL", "CURRENCY_CODE", "CUSTOMER_ID"]
)
def test_a_field_that_vanished_is_a_finding_and_never_a_default(key: str) -> None:
    row = invoice()
    del row[key]

    made = translate(row, "fastbill")

    assert made.item is None
    assert made.findings


@pytest.mark.parametrize(
    ("told", "name", "kind"),
    [
        ({"CUSTOMER_TYPE": "business", "ORGANIZATION": "Huber GmbH"}, "Huber GmbH", DebtorType.BUSINESS),
        ({"CUSTOMER_TYPE": "consumer", "FIRST_NAME": "Eva", "LAST_NAME": "Huber"}, "Eva Huber", DebtorType.CONSUMER),
        ({"LAST_NAME": "Huber"}, "Huber", DebtorType.UNKNOWN),
    ],
)
def test_a_customer_becomes_a_debtor(told: dict[str, Any], name: str, kind: DebtorType) -> None:
    made = contact({"CUSTOMER_ID": "7", "CUSTOMER_NUMBER": "10001", "ZIPCODE": "01067"} | told, "fastbill")

    assert made.debtor is not None
    assert (made.remote_id, made.debtor.number, made.debtor.name, made.debtor.type) == ("7", "10001", name, kind)
    assert made.debtor.postcode == "01067"


# --- What it is asked ------------------------------------------------------------------------------------


def test_the_open_ones_are_picked_out_of_all_invoices(tool: FastBill, wire: responses.RequestsMock) -> None:
    rows = [invoice(), invoice(INVOICE_ID="2", PAID_DATE="2026-04-20"), invoice(INVOICE_ID="3", IS_CANCELED="1")]
    wire.post(API, body=answered({"INVOICES": [*rows, invoice(INVOICE_ID="4", TOTAL="x")]}))

    made = {one.key.remote_id: one.item is not None for one in tool.open_documents()}

    assert made == {"4711": True, "4": False}
    assert asked(wire) == {"SERVICE": "invoice.get", "FILTER": {"TYPE": "outgoing"}, "LIMIT": 100, "OFFSET": 0}
    told = wire.calls[0].request.headers["Authorization"]
    assert base64.b64decode(told.removeprefix("Basic ")) == b"eva@office.example:s3cret-key-of-the-office"


def test_old_invoices_need_not_be_read(line: Line, wire: responses.RequestsMock) -> None:
    wire.post(API, body=answered({"INVOICES": []}))

    assert list(connected(line, written_since=date(2025, 1, 1)).open_documents()) == []
    assert asked(wire)["FILTER"] == {"TYPE": "outgoing", "START_DATE": "2025-01-01"}


def test_pages_are_read_to_the_end(tool: FastBill, wire: responses.RequestsMock) -> None:
    rows = [invoice(INVOICE_ID=str(number)) for number in range(150)]
    wire.post(API, body=answered({"INVOICES": rows[:100]}))
    wire.post(API, body=answered({"INVOICES": rows[100:]}))

    assert len({one.key for one in tool.open_documents()}) == 150
    assert asked(wire)["OFFSET"] == 100


def test_a_row_that_comes_twice_is_noticed(tool: FastBill, wire: responses.RequestsMock) -> None:
    rows = [invoice(INVOICE_ID=str(number)) for number in range(100)]
    wire.post(API, body=answered({"INVOICES": rows}))
    wire.post(API, body=answered({"INVOICES": rows[-1:]}))

    with pytest.raises(Shifted):
        list(tool.open_documents())


def test_an_invoice_that_is_not_told_any_more_was_deleted(tool: FastBill, wire: responses.RequestsMock) -> None:
    wire.post(API, body=answered({"INVOICES": []}))

    with pytest.raises(NotThere):
        tool.document(RemoteKey("invoice", "4711"))
    assert asked(wire)["FILTER"] == {"INVOICE_ID": "4711"}


def test_customers_are_asked_for(tool: FastBill, wire: responses.RequestsMock) -> None:
    row = {"CUSTOMER_ID": "7", "CUSTOMER_NUMBER": "10001", "ORGANIZATION": "Huber GmbH"}
    wire.post(API, body=answered({"CUSTOMERS": [row, {"CUSTOMER_ID": "8", "LAST_NAME": "Meyer"}]}))

    made = list(tool.contacts())

    assert [one.debtor.number for one in made if one.debtor] == ["10001"]
    assert [one.findings[0].place for one in made if one.findings] == ["fastbill: customer 8 › CUSTOMER_NUMBER"]
    assert asked(wire)["SERVICE"] == "customer.get"


def test_the_check_needs_the_key(tool: FastBill, wire: responses.RequestsMock) -> None:
    wire.post(API, body=answered({"INVOICES": []}))

    assert tool.check() == "FastBill answers"


def test_changes_are_in_the_whole_list(tool: FastBill) -> None:
    assert list(tool.changed_documents("2026-05-01").documents) == []


# --- What it answers when it cannot ----------------------------------------------------------------------


def test_an_error_may_come_with_a_good_status(tool: FastBill, wire: responses.RequestsMock) -> None:
    wire.post(API, body=failed("Invalid API key", "Contact the support"))

    with pytest.raises(Refused, match="Invalid API key; Contact the support"):
        list(tool.open_documents())


@pytest.mark.parametrize("said", ["API limit exceeded", "Too many requests", "The hourly limit has been reached"])
def test_too_many_questions_are_asked_again_later(
    tool: FastBill, wire: responses.RequestsMock, waits: Waits, said: str
) -> None:
    wire.post(API, body=failed(said))
    wire.post(API, body=answered({"INVOICES": []}))

    assert list(tool.open_documents()) == []
    assert waits.seconds


def test_who_is_always_told_to_slow_down_gives_up_for_tonight(tool: FastBill, wire: responses.RequestsMock) -> None:
    wire.post(API, status=429, body=failed("Too many requests"))

    with pytest.raises(Throttled):
        list(tool.open_documents())


@pytest.mark.parametrize("quota", [-50, 0, 1, 9])
def test_a_quota_of_which_no_half_is_left_is_no_quota(quota: int) -> None:
    key = SecretSettings(env="FASTBILL_KEY")
    with pytest.raises(ValidationError, match="requests_per_hour"):
        FastBillSettings(kind="fastbill", name="fastbill", email="a@example.org", key=key, requests_per_hour=quota)


def test_by_itself_it_never_asks_more_than_the_plan_allows(
    line: Line, wire: responses.RequestsMock, waits: Waits
) -> None:
    small = connected(line, requests_per_hour=10)
    wire.post(API, body=answered({"INVOICES": []}))
    for _ in range(6):
        small.check()

    assert waits.seconds == [pytest.approx(3_600 / 5, abs=5)]


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
    tool: FastBill, wire: responses.RequestsMock, status: int, error: type[Exception]
) -> None:
    wire.post(API, status=status, body=failed("So nicht"))

    with pytest.raises(error, match=f"{status}, So nicht"):
        tool.document(RemoteKey("invoice", "1"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html>Wartung</html>", "web page"),
        ('{"RESPONSE": {"INVOICES": [', "not JSON"),
        ('{"RESPONSE": []}', "RESPONSE"),
        (answered({}), "INVOICES"),
        (answered({"INVOICES": ["x"]}), "INVOICES"),
    ],
)
def test_another_shape_is_told_as_such(tool: FastBill, wire: responses.RequestsMock, body: str, says: str) -> None:
    wire.post(API, body=body)

    with pytest.raises(Unreadable, match=says):
        list(tool.open_documents())


# --- What it is told -------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "fastbill:invoice:4711",
        "key": RemoteKey("invoice", "4711"),
        "document_number": "R-4711",
        "debtor_number": "10001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH R-4711",
        "own_account": "DE02120300000000202051",
    }
    return PaymentOrder(**standard | more)


def test_an_invoice_that_was_paid_as_a_whole_is_marked(tool: FastBill, wire: responses.RequestsMock) -> None:
    wire.post(API, body=answered({"STATUS": "success", "INVOICE_NUMBER": "R-4711"}))

    assert tool.book(payment()).says == "R-4711 was marked as paid on 2026-05-04"
    assert asked(wire) == {
        "SERVICE": "invoice.setpaid",
        "DATA": {"INVOICE_ID": "4711", "PAID_DATE": "2026-05-04", "PAYMENT_METHOD": "Überweisung"},
    }


@pytest.mark.parametrize(
    "order",
    [
        payment(amount=Money(5_000, "EUR"), closes=False),
        payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")),
        payment(is_credit_note=True),
    ],
    ids=["a part", "with Skonto", "a credit note"],
)
def test_it_is_never_told_that_more_was_paid_than_came(tool: FastBill, order: PaymentOrder) -> None:
    with responses.RequestsMock(), pytest.raises(Refused, match="by hand"):
        tool.book(order)


@pytest.mark.parametrize(
    ("paid", "stands"), [("2026-05-04 00:00:00", True), ("2026-05-01 00:00:00", False), (UNPAID, False)]
)
def test_a_mark_of_ours_is_known_by_its_day(
    tool: FastBill, wire: responses.RequestsMock, paid: str, stands: bool
) -> None:
    wire.post(API, body=answered({"INVOICES": [invoice(PAID_DATE=paid)]}))

    assert (tool.booked(payment()) is not None) is stands


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, failed("Invoice is locked"), Refused),
        (200, answered({"STATUS": "failed"}), Unreadable),
        (504, "<html>Gateway Time-out</html>", Uncertain),
    ],
    ids=["refused in its own words", "something else", "a gateway gave up"],
)
def test_a_mark_that_failed_is_told_once(
    tool: FastBill, wire: responses.RequestsMock, status: int, body: str, error: type[Exception]
) -> None:
    wire.post(API, status=status, body=body)

    with pytest.raises(error):
        tool.book(payment())
    assert len(wire.calls) == 1
