"""Stripe: what becomes of its invoices, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import PaymentOrder
from connectors.accounting.stripe import BASE, Stripe, StripeSettings, of_interest, translate
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

    from connectors.accounting.document import Document
    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

Row = dict[str, Any]
Reply = tuple[int, dict[str, str], str]

OPEN, SETTLED, CANCELLED, DRAFT = Standing.OPEN, Standing.SETTLED, Standing.CANCELLED, Standing.DRAFT


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def customer(**more: Any) -> Row:
    return {
        "id": "cus_7",
        "object": "customer",
        "name": "Huber GmbH",
        "email": "rechnung@huber.example",
        "phone": None,
        "address": {"line1": "Ring 1", "line2": None, "postal_code": "01067", "city": "Dresden", "country": "DE"},
        "metadata": {"debitor": "10001"},
        "preferred_locales": ["de-DE"],
        "tax_exempt": "none",
        **more,
    }


def invoice(**more: Any) -> Row:
    return {
        "id": "in_1",
        "object": "invoice",
        "number": "ABCD-0001",
        "status": "open",
        "collection_method": "send_invoice",
        "currency": "eur",
        "total": 11_900,
        "amount_due": 11_900,
        "amount_paid": 0,
        "amount_remaining": 11_900,
        "created": moment("2026-03-31 08:00"),
        "effective_at": None,
        "due_date": moment("2026-04-15 08:00"),
        "status_transitions": {"finalized_at": moment("2026-04-01 08:00"), "paid_at": None},
        "paid_out_of_band": False,
        "livemode": True,
        "customer": customer(),
        "customer_name": "Huber GmbH (alt)",
        "customer_email": "alt@huber.example",
        "customer_phone": None,
        "customer_address": {"line1": "Alter Weg 9", "city": "Ulm", "country": "DE"},
        "customer_tax_ids": [],
        "lines": {"object": "list", "data": [{"id": "il_1"}]},
        **more,
    }


def translated(row: Row, number_key: str = "") -> Document:
    return translate(of_interest(row), "stripe", "Europe/Berlin", number_key)


# --- What becomes of an invoice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "standing", "left"),
    [
        ({}, OPEN, 11_900),
        ({"amount_remaining": 4_000, "amount_paid": 7_900}, OPEN, 4_000),
        ({"status": "paid", "amount_remaining": 0}, SETTLED, 0),
        ({"status": "paid", "amount_remaining": 11_900, "paid_out_of_band": True}, SETTLED, 0),
    ],
    ids=["open", "part payment, or credited before it was paid", "paid", "paid outside of Stripe"],
)
def test_what_is_open(told: Row, standing: Standing, left: int) -> None:
    made = translated(invoice(**told))

    assert made.findings == ()
    assert made.standing is standing
    assert made.item is not None
    assert (made.item.kind, made.item.amount, made.item.open_amount) == (
        ItemKind.INVOICE,
        Money(11_900, "EUR"),
        Money(left, "EUR"),
    )
    assert (made.item.document_date, made.item.due_date) == (date(2026, 4, 1), date(2026, 4, 15))


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"status": "draft", "number": None}, DRAFT),
        ({"status": "void"}, CANCELLED),
        ({"status": "uncollectible"}, Standing.WRITTEN_OFF),
        ({"status": "deleted"}, Standing.DELETED),
        ({"deleted": True, "status": None, "collection_method": None}, Standing.DELETED),
        ({"collection_method": "charge_automatically", "due_date": None}, DRAFT),
    ],
)
def test_what_is_no_claim_of_ours_is_no_item(told: Row, standing: Standing) -> None:
    made = translated(invoice(**told))

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("currency", "counted", "expected"),
    [
        ("eur", 11_900, Money(11_900, "EUR")),
        ("jpy", 500, Money(500, "JPY")),
        ("kwd", 5_120, Money(5_120, "KWD")),
        ("isk", 50_000, Money(500, "ISK")),
        ("mga", 500, Money(50_000, "MGA")),
        ("isk", 50_050, None),
        ("ugx", 500, None),
        ("xxq", 500, None),
    ],
)
def test_amounts_are_counted_as_stripe_counts_them(currency: str, counted: int, expected: Money | None) -> None:
    made = translated(invoice(currency=currency, total=counted, amount_remaining=counted))

    assert (made.item.amount if made.item else None) == expected
    assert bool(made.findings) is (expected is None)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ({"effective_at": moment("2026-02-28 23:30")}, date(2026, 3, 1)),
        ({}, date(2026, 4, 1)),
        ({"status_transitions": None}, date(2026, 3, 31)),
    ],
    ids=["set by hand, already tomorrow in Berlin", "finalised", "made"],
)
def test_the_day_that_is_printed_on_it(told: Row, day: date) -> None:
    item = translated(invoice(**told)).item

    assert item is not None
    assert item.document_date == day


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"status": "pending"}, "no state that we know"),
        ({"status": None}, "no state that we know"),
        ({"collection_method": "carrier_pigeon"}, "no state that we know"),
        ({"collection_method": None}, "no state that we know"),
        ({"currency": None}, "missing"),
        ({"total": None}, "missing"),
        ({"total": -500}, "below zero"),
        ({"amount_remaining": "12.5"}, "no whole number"),
        ({"due_date": None}, "missing"),
        ({"number": None}, "missing"),
        ({"created": None, "status_transitions": None}, "missing"),
        ({"created": 0, "status_transitions": None}, "believable"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: Row, says: str) -> None:
    made = translated(invoice(**told))

    assert made.item is None
    assert made.standing is OPEN
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@given(key=st.sampled_from(sorted(invoice())), told=st.none() | st.booleans() | st.integers() | st.lists(st.text()))
def test_whatever_stands_in_a_field_it_is_read_or_told(key: str, told: Any) -> None:
    made = translated(invoice(**{key: told}))

    assert made.item is not None or made.findings or made.standing not in {OPEN, SETTLED}


@given(counted=st.integers(min_value=0, max_value=10**12), left=st.integers(min_value=0, max_value=10**12))
def test_cents_stay_cents(counted: int, left: int) -> None:
    item = translated(invoice(total=counted, amount_remaining=left)).item

    assert item is not None
    assert (item.amount.minor, item.open_amount.minor) == (counted, left)


# --- What becomes of a customer ------------------------------------------------------------------------------------


def test_an_invoice_brings_its_customer_as_he_is_now() -> None:
    made = translated(invoice(), "debitor")

    assert made.item is not None
    assert made.item.debtor_number == "10001"
    assert made.debtor is not None
    assert (made.debtor.number, made.debtor.name, made.debtor.email) == (
        "10001",
        "Huber GmbH",
        "rechnung@huber.example",
    )
    assert (made.debtor.street, made.debtor.postcode, made.debtor.city) == ("Ring 1", "01067", "Dresden")
    assert (made.debtor.language, made.debtor.type) == ("de", DebtorType.UNKNOWN)


@pytest.mark.parametrize("told", ["cus_7", {"id": "cus_7", "object": "customer", "deleted": True}])
def test_a_customer_who_is_gone_is_known_as_he_was(told: Any) -> None:
    made = translated(invoice(customer=told))

    assert made.item is not None
    assert made.item.debtor_number == "cus_7"
    assert made.debtor is not None
    assert (made.debtor.name, made.debtor.email, made.debtor.city) == ("Huber GmbH (alt)", "alt@huber.example", "Ulm")


@pytest.mark.parametrize(
    "told",
    [
        {"customer_tax_ids": [{"type": "eu_vat", "value": "DE123456789"}]},
        {"customer": customer(tax_exempt="reverse")},
    ],
)
def test_whoever_has_a_tax_number_or_owes_the_tax_is_a_business(told: Row) -> None:
    debtor = translated(invoice(**told)).debtor

    assert debtor is not None
    assert debtor.type is DebtorType.BUSINESS


def test_a_customer_without_the_number_of_the_office_is_a_finding() -> None:
    made = translated(invoice(customer=customer(metadata={})), "debitor")

    assert made.item is None
    assert [finding.place for finding in made.findings] == [
        "stripe: invoice ABCD-0001 › customer › metadata › debitor"
    ]


# --- An account that remembers -------------------------------------------------------------------------------------


@dataclass
class FakeStripe:
    """A small Stripe: lists that start behind an invoice, single ones, and payment outside of it."""

    invoices: list[Row] = field(default_factory=list)
    broken: dict[str, list[Reply]] = field(default_factory=dict)
    between: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    questions: list[dict[str, list[str]]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/v1/"), parse_qs(parts.query)
        self.asked.append(f"{request.method} {path}")
        self.questions.append(query)
        assert request.headers["Authorization"] == "Bearer s3cret-key-of-the-office"
        assert request.headers["Stripe-Version"] == "2024-06-20"
        if request.method == "POST":
            self.keys.append(request.headers["Idempotency-Key"])
        for start, replies in self.broken.items():
            if replies and f"{request.method} {path}".startswith(start):
                return replies.pop(0)
        if path == "invoices":
            return self._list({key: values[0] for key, values in query.items()})
        found = next((row for row in self.invoices if path.split("/")[1] == row["id"]), None)
        if found is None:
            return refusal(404, "resource_missing", "No such invoice: 'in_9'")
        if request.method == "POST":
            assert parse_qs(str(request.body)) == {"paid_out_of_band": ["true"]}
            found.update(status="paid", paid_out_of_band=True, amount_remaining=0)
        return 200, {}, json.dumps(found)

    def _list(self, query: dict[str, str]) -> Reply:
        wanted = {key: query[key] for key in ("status", "collection_method") if key in query}
        start = next((i + 1 for i, row in enumerate(self.invoices) if row["id"] == query.get("starting_after")), 0)
        fits = [row for row in self.invoices[start:] if all(row[key] == value for key, value in wanted.items())]
        size = int(query.get("limit", 10))
        if self.between:
            self.between.pop(0)()
        body = {"object": "list", "url": "/v1/invoices", "has_more": len(fits) > size, "data": fits[:size]}
        return 200, {}, json.dumps(body)


def refusal(status: int, code: str, message: str) -> Reply:
    body = {"error": {"type": "invalid_request_error", "code": code, "message": message}}
    return status, {"Content-Type": "application/json"}, json.dumps(body)


@pytest.fixture
def account() -> Iterator[FakeStripe]:
    fake = FakeStripe(invoices=[invoice()])
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def connected(line: Line, **more: Any) -> Stripe:
    standard: Row = {"key": SecretSettings(env="STRIPE_KEY"), "requests_per_second": 100_000}
    return Stripe.connect(StripeSettings(kind="stripe", name="stripe", **standard | more), line)


@pytest.fixture
def tool(line: Line) -> Stripe:
    return connected(line)


# --- What it is asked ----------------------------------------------------------------------------------------------


def test_only_open_invoices_that_were_sent_are_asked_for(tool: Stripe, account: FakeStripe) -> None:
    account.invoices += [
        invoice(id="in_2", status="paid"),
        invoice(id="in_3", collection_method="charge_automatically"),
        invoice(id="in_4", number="ABCD-0004"),
    ]

    assert [one.number for one in tool.open_documents()] == ["ABCD-0001", "ABCD-0004"]
    assert account.questions == [
        {"status": ["open"], "collection_method": ["send_invoice"], "limit": ["100"], "expand[]": ["data.customer"]}
    ]


def test_pages_start_behind_the_last_invoice_so_that_none_is_lost(tool: Stripe, account: FakeStripe) -> None:
    account.invoices = [invoice(id=f"in_{number}") for number in range(250)]
    account.between = [lambda: account.invoices[0].update(status="paid")]

    assert len({one.key for one in tool.open_documents()}) == 250
    assert [question.get("starting_after") for question in account.questions] == [None, ["in_99"], ["in_199"]]


def test_a_pull_brings_debtors_with_their_invoices(line: Line, account: FakeStripe) -> None:
    pulled = ToolSource(connected(line, debtor_number_metadata="debitor")).pull()

    assert [(item.document_number, item.debtor_number) for item in pulled.items] == [("ABCD-0001", "10001")]
    assert [(debtor.number, debtor.name) for debtor in pulled.debtors] == [("10001", "Huber GmbH")]
    assert pulled.complete
    assert pulled.cursors == {}
    assert account.asked == ["GET invoices"]


def test_what_changed_cannot_be_asked_for(tool: Stripe) -> None:
    changes = tool.changed_documents("")

    assert (list(changes.documents), changes.cursor) == ([], "")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([invoice()], "in live mode"),
        ([invoice(livemode=False)], "in test mode"),
        ([], "no invoice yet"),
    ],
)
def test_the_check_says_whether_it_is_real_money(
    tool: Stripe, account: FakeStripe, rows: list[Row], says: str
) -> None:
    account.invoices = rows

    assert says in tool.check()


# --- What it answers when it cannot --------------------------------------------------------------------------------


def test_a_key_of_the_other_mode_deletes_nothing(tool: Stripe, account: FakeStripe) -> None:
    says = "No such invoice: 'in_9'; a similar object exists in live mode, but a test mode key was used"
    account.broken = {"GET invoices/": [refusal(404, "resource_missing", says)]}

    with pytest.raises(Refused, match="the other way round") as raised:
        tool.document(RemoteKey("invoice", "in_9"))
    assert not isinstance(raised.value, NotThere)
    with pytest.raises(NotThere, match="No such invoice"):
        tool.document(RemoteKey("invoice", "in_9"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Refused),
        (402, Refused),
        (403, Refused),
        (409, Conflict),
        (422, Refused),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_status_means_something(tool: Stripe, account: FakeStripe, status: int, error: type[Exception]) -> None:
    account.broken = {"GET invoices/": [refusal(status, "some_code", "So nicht")] * 9}

    with pytest.raises(error, match=rf"{status}, So nicht"):
        tool.document(RemoteKey("invoice", "in_1"))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ((200, {}, "<html>Wartung</html>"), "web page"),
        ((200, {}, '{"data": [{"id": "in'), "not JSON"),
        ((200, {}, '{"object": "list"}'), "list of objects"),
        ((200, {}, '{"data": []}'), "has_more"),
        ((200, {}, '{"data": [{"status": "open"}], "has_more": true}'), "an id in every row"),
    ],
)
def test_what_is_no_list_is_told_as_such(tool: Stripe, account: FakeStripe, reply: Reply, says: str) -> None:
    account.broken = {"GET invoices": [reply]}

    with pytest.raises(Unreadable, match=says):
        list(tool.open_documents())


def test_it_waits_when_it_is_asked_to(tool: Stripe, account: FakeStripe, waits: Waits) -> None:
    slow: Reply = (429, {"Retry-After": "3"}, json.dumps({"error": {"code": "rate_limit"}}))
    account.broken = {"GET invoices/": [(502, {}, "<html>Bad Gateway</html>"), slow]}

    assert tool.document(RemoteKey("invoice", "in_1")).item is not None
    assert any(seconds >= 3 for seconds in waits.seconds)


# --- What it is told -----------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "stripe:invoice:in_1",
        "key": RemoteKey("invoice", "in_1"),
        "document_number": "ABCD-0001",
        "debtor_number": "10001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH ABCD-0001",
        "own_account": "DE02120300000000202051",
    }
    return PaymentOrder(**standard | more)


def test_the_whole_rest_is_marked_as_paid_outside(tool: Stripe, account: FakeStripe) -> None:
    assert tool.booked(payment()) is None

    tool.book(payment())

    assert account.keys == ["kontorist-5f2c"]
    assert tool.document(RemoteKey("invoice", "in_1")).standing is SETTLED
    assert tool.booked(payment()) is not None


def test_an_invoice_that_was_paid_by_card_is_not_taken_for_our_transfer(tool: Stripe, account: FakeStripe) -> None:
    account.invoices = [invoice(status="paid", amount_remaining=0)]

    assert tool.booked(payment()) is None


@pytest.mark.parametrize(
    ("order", "error", "says"),
    [
        ({"amount": Money(4_000, "EUR"), "closes": False}, Refused, "whole rest"),
        ({"amount": Money(11_662, "EUR"), "skonto": Money(238, "EUR")}, Refused, "credit note"),
        ({"amount": Money(11_899, "EUR"), "difference": Money(1, "EUR")}, Refused, "whole rest"),
        ({"is_credit_note": True}, Refused, "whole rest"),
        ({"open_before": Money(5_000, "EUR"), "amount": Money(5_000, "EUR")}, Conflict, "shows 119,00 EUR as open"),
    ],
)
def test_what_stripe_cannot_be_told_is_refused_before_anything_is_written(
    tool: Stripe, account: FakeStripe, order: Row, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        tool.book(payment(**order))
    assert not any(asked.startswith("POST") for asked in account.asked)


def test_a_write_is_repeated_with_the_same_key(tool: Stripe, account: FakeStripe) -> None:
    account.broken = {"POST": [(503, {}, ""), (500, {}, "")]}

    tool.book(payment())

    assert account.keys == ["kontorist-5f2c"] * 3


def test_a_write_that_never_succeeds_is_uncertain(tool: Stripe, account: FakeStripe) -> None:
    account.broken = {"POST": [(500, {}, "")] * 9}

    with pytest.raises(Uncertain):
        tool.book(payment())


def test_a_refused_payment_is_told_in_stripes_own_words(tool: Stripe, account: FakeStripe) -> None:
    account.broken = {"POST": [refusal(400, "invoice_not_editable", "Invoice is already paid")]}

    with pytest.raises(Refused, match="Invoice is already paid"):
        tool.book(payment())


# --- Settings, and the vendor's description -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time_zone": "Europe/Bonn"}, "no time zone"),
        ({"write_back": {"dunning": True}}, "no place where dunning"),
        ({"requests_per_second": 0}, "greater than or equal"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: Row, says: str) -> None:
    right = {"kind": "stripe", "name": "stripe", "key": {"env": "STRIPE_KEY"}}
    StripeSettings.model_validate(right)

    with pytest.raises(ValidationError, match=says):
        StripeSettings.model_validate(right | wrong)


@pytest.fixture(name="description", scope="module")
def _description() -> str:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    return (Path(folder) / "stripe" / "trimmed-invoices-customers.yaml").read_text(encoding="utf-8")


def below(description: str, *headings: str) -> str:
    """Give what is written below the outermost such heading, and below another one in there, and so on."""
    for heading in headings:
        every = re.finditer(rf"(?m)^( *){re.escape(heading)}:\n((?:\1 .*\n|\1- .*\n|\n)+)", description)
        description = min(every, key=lambda found: len(found[1]))[2]
    return description


def names_below(description: str, *headings: str) -> set[str]:
    """Give the first level of names below a heading."""
    block = below(description, *headings)
    indent = re.match(" *", block)
    assert indent
    return set(re.findall(rf"(?m)^{indent[0]}(\w+):", block))


def test_the_description_knows_every_question(description: str) -> None:
    listed = below(description, "/v1/invoices", "get", "parameters")
    single = below(description, "/v1/invoices/{invoice}", "get", "parameters")

    assert {"status", "collection_method", "limit", "starting_after", "expand"} <= set(
        re.findall(r"name: (\w+)", listed)
    )
    assert {"invoice", "expand"} <= set(re.findall(r"name: (\w+)", single))
    pay = names_below(description, "/v1/invoices/{invoice}/pay", "post", "requestBody", "schema", "properties")
    assert "paid_out_of_band" in pay


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("invoice", "id number status collection_method currency total amount_remaining created due_date livemode"),
        ("invoice", "status_transitions customer customer_name customer_email customer_phone customer_address"),
        ("invoice", "customer_tax_ids"),
        ("customer", "id name email phone address metadata preferred_locales tax_exempt"),
        ("invoices_status_transitions", "finalized_at"),
        ("deleted_invoice", "id deleted"),
    ],
)
def test_the_description_knows_every_field(description: str, name: str, fields: str) -> None:
    assert set(fields.split()) <= names_below(description, "schemas", name, "properties")


def test_the_description_knows_every_status(description: str) -> None:
    properties = below(description, "schemas", "invoice", "properties")

    def values(name: str) -> set[str]:
        return set(re.findall(r"- '?\"?(\w+)", below(properties, name, "enum")))

    assert values("status") == {"deleted", "draft", "open", "paid", "uncollectible", "void"}
    assert values("collection_method") == {"charge_automatically", "send_invoice"}
