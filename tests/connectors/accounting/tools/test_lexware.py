"""Lexware Office: what becomes of its documents, how little is asked for, and what it answers when it cannot."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting.document import RemoteKey, Standing, payload_bytes
from connectors.accounting.lexware import Lexware, LexwareSettings
from connectors.accounting.lexware.contacts import contact
from connectors.accounting.lexware.documents import translate
from connectors.accounting.lexware.tool import BASE
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import NotThere, Refused, Unavailable, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests import PreparedRequest

    from connectors.wire import Rate
    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

CUSTOMER = "c0ffee00-0000-4000-8000-000000000001"
PATHS = {
    "invoice": "invoices",
    "downpaymentinvoice": "down-payment-invoices",
    "creditnote": "credit-notes",
    "salesinvoice": "vouchers",
    "salescreditnote": "vouchers",
}

Reply = tuple[int, dict[str, str], str]


def row(number: int = 1, **more: Any) -> dict[str, Any]:
    """Give a row as the list of vouchers tells it."""
    return {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "voucherType": "invoice",
        "voucherStatus": "open",
        "voucherNumber": f"RE{number:04d}",
        "voucherDate": "2026-04-01T00:00:00.000+02:00",
        "createdDate": "2026-04-01T09:12:44.000+02:00",
        "updatedDate": "2026-04-01T09:12:44.000+02:00",
        "dueDate": "2026-04-15T00:00:00.000+02:00",
        "contactId": CUSTOMER,
        "contactName": "Huber GmbH",
        "totalAmount": 119,
        "openAmount": 119,
        "currency": "EUR",
        "archived": False,
        **more,
    }


def detail(listed: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Give an invoice as it is told alone, with the clock of a document that was finished a second later."""
    return {
        "id": listed["id"],
        "voucherStatus": "open" if listed["voucherStatus"] == "overdue" else listed["voucherStatus"],
        "voucherNumber": listed["voucherNumber"],
        "voucherDate": listed["voucherDate"],
        "dueDate": listed["dueDate"],
        "updatedDate": "2026-04-01T09:12:45.120+02:00",
        "address": {
            "contactId": listed["contactId"],
            "name": "Erika Muster",
            "street": "Weg 3",
            "zip": "79112",
            "city": "Freiburg",
            "countryCode": "DE",
        },
        "totalPrice": {"currency": "EUR", "totalNetAmount": 100, "totalGrossAmount": listed["totalAmount"]},
        "paymentConditions": {
            "paymentTermLabel": "10 Tage 3 %, 30 Tage netto",
            "paymentTermDuration": 30,
            "paymentDiscountConditions": {"discountPercentage": 3, "discountRange": 10},
        },
        "closingInvoice": False,
        "claimedGrossAmount": None,
        **more,
    }


def payment(listed: Mapping[str, Any], *items: str, **more: Any) -> dict[str, Any]:
    return {
        "openAmount": str(listed["openAmount"] or "0.00"),  # a text, as one of their samples has it
        "currency": "EUR",
        "paymentStatus": "openRevenue",
        "voucherType": listed["voucherType"],
        "voucherStatus": "open" if listed["voucherStatus"] == "overdue" else listed["voucherStatus"],
        "paymentItems": [
            {"paymentItemType": kind, "postingDate": "2026-04-20T00:00:00.000+02:00", "amount": 1, "currency": "EUR"}
            for kind in items
        ],
        **more,
    }


def customer(contact_id: str = CUSTOMER, number: int = 10001, **more: Any) -> dict[str, Any]:
    return {
        "id": contact_id,
        "version": 3,
        "roles": {"customer": {"number": number}},
        "company": {"name": "Huber GmbH", "contactPersons": []},
        "addresses": {
            "billing": [{"street": "Hauptstraße 1", "zip": "80331", "city": "München", "countryCode": "DE"}]
        },
        "emailAddresses": {"business": ["rechnung@huber.example"]},
        "phoneNumbers": {"mobile": ["0170 1"]},
        "archived": False,
        **more,
    }


@dataclass
class FakeLexware:
    """A small Lexware Office: lists with a window, documents, payments and customers."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: list[dict[str, Any]] = field(default_factory=lambda: [customer()])
    hidden: list[dict[str, Any]] = field(default_factory=list)  # customers beyond the window of their list
    window: int = 10_000
    asked: list[str] = field(default_factory=list)
    questions: list[dict[str, str]] = field(default_factory=list)

    def has(self, listed: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Put a document in, with its detail and its payments."""
        self.rows.append(listed)
        self.details[listed["id"]] = detail(listed, **more)
        self.payments[listed["id"]] = payment(listed)
        return listed

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix("/v1/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.asked.append(path)
        self.questions.append(query)
        kind, _, remote_id = path.partition("/")
        if path == "profile":
            return self._said({"companyName": "Testfirma GmbH"})
        if path == "voucherlist":
            return self._page(self._listed(query), query)
        if path == "contacts":
            return self._page(self.customers, query)
        if kind == "contacts":
            return self._found(next((one for one in self.hidden if one["id"] == remote_id), None))
        if kind == "payments":
            return self._found(self.payments.get(remote_id))
        listed = next((one for one in self.rows if one["id"] == remote_id), None)
        return self._found(self.details[remote_id] if listed and PATHS[listed["voucherType"]] == kind else None)

    def _listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        assert query["voucherStatus"], "it is mandatory, as the types are"
        shown = {"open", "overdue"} if query["voucherStatus"] == "open" else None
        types = query["voucherType"].split(",")
        return [
            one
            for one in sorted(
                self.rows, key=lambda one: one["voucherDate"], reverse=query["sort"] == "voucherDate,DESC"
            )
            if (shown is None or one["voucherStatus"] in shown)
            and one["voucherType"] in types
            and query.get("voucherDateFrom", "") <= one["voucherDate"][:10] <= query.get("voucherDateTo", "9")
            and query.get("updatedDateFrom", "") <= one["updatedDate"][:10]
        ]

    def _page(self, rows: list[dict[str, Any]], query: dict[str, str]) -> Reply:
        number, size = int(query["page"]), int(query["size"])
        if number * size >= self.window:
            return 400, {}, json.dumps({"message": "Maximum search window size exceeded"})
        some = rows[number * size : (number + 1) * size]
        envelope = {"content": some, "last": (number + 1) * size >= len(rows), "number": number, "size": size}
        return self._said(envelope | {"totalElements": min(len(rows), self.window)})

    def _found(self, record: dict[str, Any] | None) -> Reply:
        return self._said(record) if record else (404, {}, json.dumps({"message": "Not Found"}))

    def _said(self, record: dict[str, Any]) -> Reply:
        return 200, {"Date": "Tue, 05 May 2026 22:30:00 GMT"}, json.dumps(record)  # already the sixth in Berlin


@dataclass
class Turns:
    """Counts the turns that were taken, and lets nobody wait."""

    rates: list[Rate] = field(default_factory=list)

    def turn(self, credential: str, rate: Rate) -> float:
        self.rates.append(rate)
        return 0.0

    def pause(self, credential: str, seconds: float) -> None:
        """Nobody waits here."""


@pytest.fixture
def lexware() -> Iterator[FakeLexware]:
    fake = FakeLexware()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


@pytest.fixture
def tool(line: Line) -> Lexware:
    return Lexware.connect(LexwareSettings(kind="lexware", name="lex", key=SecretSettings(env="LEXWARE_KEY")), line)


def known_of(*told: Any) -> Known:
    """Give what a first night leaves for the second, through the bytes that the storage keeps."""
    kept = {one.key: json.loads(payload_bytes(one.payload)) for one in told if one.standing is Standing.OPEN}
    return Known(open={key: f"lex:{key.kind}:{key.remote_id}" for key in kept}, told=kept.get)


# --- What becomes of a document ------------------------------------------------------------------------------------


def test_an_open_invoice_keeps_its_amounts_and_its_day_in_berlin() -> None:
    told = row(voucherDate="2026-03-31T22:00:00.000Z", totalAmount=Decimal("99.8"), openAmount="74.80")
    item = translate(told, "lex").item

    assert item is not None
    assert item.item_id == f"lex:invoice:{told['id']}"
    assert item.document_number == "RE0001"
    assert (item.amount, item.open_amount) == (Money(9_980, "EUR"), Money(7_480, "EUR"))
    assert (item.document_date, item.due_date) == (date(2026, 4, 1), date(2026, 4, 15))
    assert item.debtor_number == ""
    assert translate(told, "lex").contact_id == CUSTOMER


@pytest.mark.parametrize(
    ("status", "payments", "standing"),
    [
        ("draft", (), Standing.DRAFT),
        ("unchecked", (), Standing.DRAFT),
        ("open", (), Standing.OPEN),
        ("overdue", (), Standing.OPEN),
        ("open", ("irrecoverableReceivable",), Standing.OPEN),  # a part of it; the rest is still claimed
        ("paid", ("partPaymentFinancialTransaction", "cashDiscount"), Standing.SETTLED),
        ("paid", ("irrecoverableReceivable",), Standing.WRITTEN_OFF),
        ("paidoff", (), Standing.SETTLED),
        ("sepadebit", (), Standing.SETTLED),
        ("transferred", (), Standing.SETTLED),
        ("voided", (), Standing.CANCELLED),
    ],
)
def test_a_state_is_a_standing(status: str, payments: tuple[str, ...], standing: Standing) -> None:
    listed = row(voucherStatus=status)
    document = translate({**listed, "payment": payment(listed, *payments)}, "lex")

    assert document.standing is standing
    assert document.findings == ()
    if document.item is not None:
        assert bool(document.item.open_amount) == (standing is Standing.OPEN)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"voucherStatus": "disputed"}, "'disputed' is a state we do not know"),
        ({"voucherStatus": None}, "'None' is a state we do not know"),
        ({"voucherType": "proforma"}, "'proforma' is a kind of document we do not know"),
        ({"openAmount": None}, "is missing"),
        ({"openAmount": "much"}, "'much' is no number"),
        ({"openAmount": Decimal("1.005")}, "'1.005' has more decimal places than EUR"),
        ({"voucherNumber": None}, "is missing"),
        ({"voucherDate": "yesterday"}, "'yesterday' is no date"),
        ({"dueDate": None}, "is missing"),
        ({"currency": "DM"}, "DM"),
        ({"contactId": None, "detail": {"address": "Weg 3"}}, "'Weg 3' is no object"),
        ({"contactId": {"id": 7}}, "is no text"),
        ({"contactId": None, "detail": {"address": {"contactId": [7]}}}, "is no text"),
    ],
)
def test_what_cannot_be_read_is_one_finding_and_the_document_waits(told: dict[str, Any], what: str) -> None:
    document = translate(row(**told), "lex")

    assert document.item is None
    assert document.standing is Standing.OPEN
    assert [finding.code for finding in document.findings] == ["unreadable_document"]
    assert what in document.findings[0].what


def test_a_draft_without_a_number_is_no_finding() -> None:
    document = translate(row(voucherStatus="draft", voucherNumber=None, openAmount=None), "lex")

    assert (document.item, document.findings) == (None, ())


@pytest.mark.parametrize("kind", ["creditnote", "salescreditnote"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_credit_note_is_positive_and_due_at_once(kind: str, sign: int) -> None:
    told = row(voucherType=kind, totalAmount=sign * 50, openAmount=sign * 20, dueDate=None)
    item = translate(told, "lex").item

    assert item is not None
    assert item.kind is ItemKind.CREDIT_NOTE
    assert (item.amount, item.open_amount) == (Money(5_000, "EUR"), Money(2_000, "EUR"))
    assert item.due_date == item.document_date


def test_an_invoice_paid_twice_is_owed_by_nobody() -> None:
    item = translate(row(openAmount=-10), "lex").item

    assert item is not None
    assert not item.open_amount


def test_terms_come_from_the_single_document() -> None:
    listed = row(dueDate=None)
    item = translate({**listed, "detail": detail(listed)}, "lex").item

    assert item is not None
    assert (item.skonto_percent, item.skonto_until) == (Decimal(3), date(2026, 4, 11))
    assert item.due_date == date(2026, 5, 1)


def test_a_final_invoice_claims_what_its_down_payments_left() -> None:
    listed = row(totalAmount=1_190, openAmount=690)
    item = translate({**listed, "detail": detail(listed, closingInvoice=True, claimedGrossAmount=690)}, "lex").item

    assert item is not None
    assert item.amount == Money(69_000, "EUR")


def test_everybody_behind_the_collective_customer_is_a_debtor_of_his_own() -> None:
    first, second = row(1, contactId=None), row(2, contactId=None, contactName="Max Mann")
    one = translate({**first, "detail": detail(first)}, "lex")
    other = translate(second, "lex")

    assert one.debtor is not None
    assert other.debtor is not None
    assert (one.debtor.number, one.debtor.name, one.debtor.city) == (
        "SAMMEL-RE0001-00000001",
        "Erika Muster",
        "Freiburg",
    )
    assert (other.debtor.number, other.debtor.name, other.debtor.city) == ("SAMMEL-RE0002-00000002", "Max Mann", "")
    assert one.item is not None
    assert one.item.debtor_number == one.debtor.number


def test_a_customer_is_known_by_the_number_people_see() -> None:
    debtor = contact(customer(), "lex").debtor

    assert debtor is not None
    assert (debtor.number, debtor.name, debtor.type) == ("10001", "Huber GmbH", DebtorType.BUSINESS)
    assert (debtor.street, debtor.postcode, debtor.city) == ("Hauptstraße 1", "80331", "München")
    assert (debtor.email, debtor.phone) == ("rechnung@huber.example", "0170 1")


def test_a_person_may_be_a_consumer_and_an_address_may_be_missing() -> None:
    person = {"salutation": "Frau", "firstName": "Erika", "lastName": "Muster"}
    debtor = contact(customer(company=None, person=person, addresses={}, emailAddresses=None), "lex").debtor

    assert debtor is not None
    assert (debtor.name, debtor.type, debtor.city, debtor.email) == ("Erika Muster", DebtorType.UNKNOWN, "", "")


@pytest.mark.parametrize("told", [{"roles": {"vendor": {"number": 70001}}}, {"id": None}])
def test_a_customer_without_a_number_or_an_id_is_a_finding(told: dict[str, Any]) -> None:
    said = contact({**customer(), **told}, "lex")

    assert said.debtor is None
    assert said.findings[0].what.startswith("is missing")


@given(
    st.dictionaries(
        st.sampled_from([*row(), "detail", "payment", "contact"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_whatever_it_says_is_a_document_or_a_finding(strange: dict[str, Any]) -> None:
    for part in ("detail", "payment", "contact"):
        if not isinstance(strange.get(part), dict):  # these three are ours: asked for, and checked to be objects
            strange.pop(part, None)
    document = translate({**row(), **strange}, "lex")

    assert document.item is not None or document.findings or document.standing is Standing.DRAFT


# --- What is asked -------------------------------------------------------------------------------------------------


def test_the_open_set_is_asked_for_by_both_mandatory_filters(lexware: FakeLexware, tool: Lexware) -> None:
    lexware.has(row(1, voucherStatus="overdue"))
    lexware.has(row(2, voucherStatus="paid"))
    lexware.has(row(3, voucherType="salescreditnote"))

    found = list(tool.open_documents())

    assert [document.number for document in found] == ["RE0001", "RE0003"]
    assert lexware.questions[0]["voucherType"] == "invoice,downpaymentinvoice,creditnote,salesinvoice,salescreditnote"
    assert lexware.questions[0] | {"voucherStatus": "open", "page": "0", "size": "250"} == lexware.questions[0]


def test_two_questions_a_second_over_all_paths(lexware: FakeLexware, line: Line) -> None:
    limiter = Turns()
    settings = LexwareSettings(kind="lexware", name="lex", key=SecretSettings(env="LEXWARE_KEY"))
    tool = Lexware.connect(settings, replace(line, limiter=limiter))
    tool.check()
    list(tool.contacts())

    assert [(rate.requests, rate.seconds, rate.burst) for rate in limiter.rates] == [(2, 1, 1)] * 2


def test_a_list_beyond_its_window_is_read_in_halves_by_its_dates(
    lexware: FakeLexware, tool: Lexware, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.lexware.tool._WINDOW", 500)
    lexware.window = 500
    start = date(2025, 1, 1)
    for number in range(1_400):
        lexware.has(row(number, voucherDate=f"{start + timedelta(days=number // 4)}T00:00:00.000+01:00"))

    found = [document.number for document in tool.open_documents()]

    assert set(found) == {f"RE{number:04d}" for number in range(1_400)}
    assert len(found) < 1_400 + 40  # the days on which a list was cut come twice
    assert len(lexware.asked) < 30


def test_more_than_a_window_on_one_day_is_said_and_not_cut_off(
    lexware: FakeLexware, tool: Lexware, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.lexware.tool._WINDOW", 500)
    lexware.window = 500
    for number in range(501):
        lexware.has(row(number))

    with pytest.raises(Unreadable, match="more than 500 documents of 2026-04-01"):
        list(tool.open_documents())


def test_a_row_that_moves_to_a_page_already_read_is_not_missed(lexware: FakeLexware, tool: Lexware) -> None:
    for number in range(600):
        lexware.has(
            row(number, voucherDate=f"2026-04-{number // 30 + 1:02d}T00:00:00.000+02:00", voucherType="salesinvoice")
        )
    answer, pages = lexware.answer, 0

    def paid_meanwhile(request: PreparedRequest) -> Reply:
        nonlocal pages
        said = answer(request)
        pages += "voucherlist" in str(request.url)
        if pages == 1:
            lexware.rows[3]["voucherStatus"] = "paid"
        return said

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=paid_meanwhile)
        pulled = ToolSource(tool).pull()

    assert pulled.complete
    assert {item.document_number for item in pulled.items} == {f"RE{number:04d}" for number in range(600)}


def test_changes_are_asked_for_from_the_day_before_in_their_own_time(lexware: FakeLexware, tool: Lexware) -> None:
    lexware.has(row(1, voucherStatus="voided", updatedDate="2026-05-05T10:00:00.000+02:00"))
    lexware.has(row(2, voucherStatus="paid", updatedDate="2026-05-04T10:00:00.000+02:00"))

    first = tool.changed_documents("")
    second = tool.changed_documents("2026-05-06")
    found = list(second.documents)

    assert (list(first.documents), first.cursor, second.cursor) == ([], "2026-05-06", "2026-05-06")
    assert [(document.number, document.standing) for document in found] == [("RE0001", Standing.CANCELLED)]
    assert (lexware.questions[-1]["updatedDateFrom"], lexware.questions[-1]["voucherStatus"]) == ("2026-05-05", "any")


# --- Terms are asked for once --------------------------------------------------------------------------------------


def test_terms_are_asked_for_once_and_remembered_while_nothing_changes(lexware: FakeLexware, tool: Lexware) -> None:
    lexware.has(row(1))
    lexware.has(row(2, voucherType="salesinvoice"))
    first = ToolSource(tool).pull()
    lexware.asked.clear()
    second = ToolSource(tool).pull(known_of(*first.documents))

    assert [item.skonto_percent for item in first.items] == [Decimal(3), None]
    assert [item.debtor_number for item in first.items] == ["10001", "10001"]
    assert list(second.items) == list(first.items)
    assert [payload_bytes(one.payload) for one in second.documents] == [
        payload_bytes(one.payload) for one in first.documents
    ]
    assert not [path for path in lexware.asked if path.startswith("invoices/")]


def test_terms_are_asked_for_again_when_the_document_changed(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1))
    first = ToolSource(tool).pull()
    listed |= {"updatedDate": "2026-05-05T08:00:00.000+02:00"}
    lexware.details[listed["id"]]["paymentConditions"]["paymentDiscountConditions"] = None
    second = ToolSource(tool).pull(known_of(*first.documents))

    assert [item.skonto_percent for item in second.items] == [None]


def test_more_documents_than_a_night_may_ask_for_wait_for_their_terms(
    lexware: FakeLexware, tool: Lexware, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.sync._COMPLETED", 2)
    for number in range(1, 6):
        lexware.has(row(number))
    first = ToolSource(tool).pull()
    second = ToolSource(tool).pull(known_of(*first.documents))
    third = ToolSource(tool).pull(known_of(*second.documents))

    def with_terms(pulled: Any) -> int:
        return sum(item.skonto_percent is not None for item in pulled.items)

    assert [with_terms(pulled) for pulled in (first, second, third)] == [2, 4, 5]
    assert [f.what[:1] for f in first.findings if f.code == "terms_not_read"] == ["3"]
    assert third.findings == ()


def test_a_document_deleted_while_its_terms_are_asked_for_is_gone(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1))
    first = ToolSource(tool).pull()
    listed |= {"updatedDate": "2026-05-05T08:00:00.000+02:00"}
    del lexware.details[listed["id"]]
    lexware.details[listed["id"]] = {}

    pulled = ToolSource(tool).pull(known_of(*first.documents))

    assert [left.standing for left in pulled.left] == [Standing.DELETED]


def test_an_open_amount_that_the_list_leaves_out_is_asked_for(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1, openAmount=None))
    lexware.payments[listed["id"]]["openAmount"] = "1337.00"

    pulled = ToolSource(tool).pull()

    assert [item.open_amount for item in pulled.items] == [Money(133_700, "EUR")]


def test_an_open_amount_that_nobody_tells_is_a_finding(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1, openAmount=None, voucherType="creditnote"))
    del lexware.payments[listed["id"]]

    pulled = ToolSource(tool).pull()

    assert list(pulled.items) == []
    assert [finding.code for finding in pulled.findings] == ["unreadable_document"]


def test_what_was_written_off_is_told_from_what_was_paid(lexware: FakeLexware, tool: Lexware) -> None:
    paid, lost = lexware.has(row(1)), lexware.has(row(2))
    first = ToolSource(tool).pull()
    for listed, kind in ((paid, "manualPayment"), (lost, "irrecoverableReceivable")):
        listed |= {"voucherStatus": "paid", "openAmount": 0, "updatedDate": "2026-05-05T08:00:00.000+02:00"}
        lexware.payments[listed["id"]] = payment(listed, kind)
    known = known_of(*first.documents)
    second = ToolSource(tool).pull(Known(open=known.open, told=known.told, cursors={"changes": "2026-05-05"}))

    assert {document.number: document.standing for document in second.documents} == {
        "RE0001": Standing.SETTLED,
        "RE0002": Standing.WRITTEN_OFF,
    }


def test_a_customer_who_is_gone_does_not_take_his_open_document_with_him(lexware: FakeLexware, tool: Lexware) -> None:
    lexware.has(row(1, contactId="c0ffee00-0000-4000-8000-000000000009"))
    document = ToolSource(tool).pull().documents

    assert [(one.standing, one.item) for one in document] == [(Standing.OPEN, None)]
    assert ["was not read yet" in finding.what for one in document for finding in one.findings] == [True]


def test_a_row_without_an_id_is_said_and_not_taken_for_a_deleted_document(
    lexware: FakeLexware, tool: Lexware
) -> None:
    lexware.has(row(1))
    lexware.rows.append(row(2, id=None))
    pulled = ToolSource(tool).pull()

    assert [item.document_number for item in pulled.items] == ["RE0001"]
    assert not pulled.complete
    assert ["has no id" in finding.what for finding in pulled.findings] == [True]


def test_customers_beyond_the_window_of_their_list_are_asked_for_one_by_one(
    lexware: FakeLexware, tool: Lexware, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.lexware.tool._WINDOW", 500)
    lexware.window = 500
    other = "c0ffee00-0000-4000-8000-000000000002"
    lexware.customers += [customer(f"{number}", 20_000 + number) for number in range(600)]
    lexware.hidden.append(customer(other, 10_002, company={"name": "Meier AG"}))
    lexware.has(row(1, contactId=other, voucherType="salesinvoice"))

    first = ToolSource(tool).pull()
    lexware.asked.clear()
    second = ToolSource(tool).pull(known_of(*first.documents))

    assert [item.debtor_number for item in first.items] == ["10002"]
    assert [item.debtor_number for item in second.items] == ["10002"]
    assert "Meier AG" in {debtor.name for debtor in second.debtors}
    assert f"contacts/{other}" not in lexware.asked

    paid = lexware.rows[0]
    paid |= {"voucherStatus": "paid", "openAmount": 0}
    lexware.payments[paid["id"]] = payment(paid)
    third = ToolSource(tool).pull(known_of(*second.documents))
    assert [(item.debtor_number, item.open_amount.minor) for item in third.items] == [("10002", 0)]
    assert third.findings == ()


# --- One document again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "path"), PATHS.items())
def test_a_document_is_read_again_where_its_kind_lives(
    lexware: FakeLexware, tool: Lexware, kind: str, path: str
) -> None:
    listed = lexware.has(row(1, voucherType=kind))

    document = tool.document(RemoteKey(kind, listed["id"]))

    assert lexware.asked == [f"{path}/{listed['id']}", f"payments/{listed['id']}"]
    assert document.standing is Standing.OPEN
    assert document.item is not None
    assert document.item.open_amount == Money(11_900, "EUR")
    assert document.contact_id == CUSTOMER


def test_a_bookkeeping_voucher_names_its_amounts_differently(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1, voucherType="salesinvoice", contactId=None))
    lexware.details[listed["id"]] = {
        "id": listed["id"],
        "type": "salesinvoice",
        "voucherStatus": "open",
        "voucherNumber": "2023-000321",
        "voucherDate": "2026-04-01T00:00:00.000+02:00",
        "dueDate": "2026-04-15T00:00:00.000+02:00",
        "totalGrossAmount": 326.5,
        "useCollectiveContact": True,
        "contactId": CUSTOMER,  # which they ignore, and so do we
    }

    document = tool.document(RemoteKey("salesinvoice", listed["id"]))

    assert document.item is not None
    assert document.item.amount == Money(32_650, "EUR")
    assert document.contact_id == ""
    assert document.item.debtor_number.startswith("SAMMEL-2023-000321-")


def test_a_draft_is_not_asked_for_its_payments(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1, voucherStatus="draft"))

    assert tool.document(RemoteKey("invoice", listed["id"])).standing is Standing.DRAFT
    assert lexware.asked == [f"invoices/{listed['id']}"]


def test_a_debit_on_its_way_is_known_from_the_payments_alone(lexware: FakeLexware, tool: Lexware) -> None:
    listed = lexware.has(row(1))
    lexware.payments[listed["id"]]["voucherStatus"] = "sepadebit"

    assert tool.document(RemoteKey("invoice", listed["id"])).standing is Standing.SETTLED


def test_a_deleted_document_is_not_there(lexware: FakeLexware, tool: Lexware) -> None:
    with pytest.raises(NotThere):
        tool.document(RemoteKey("invoice", "gone"))
    assert lexware.asked == ["invoices/gone"]


def test_a_kind_that_nobody_knows_is_not_guessed_at(tool: Lexware) -> None:
    with pytest.raises(Unreadable, match="'dunning' is no kind of document we read"):
        tool.document(RemoteKey("dunning", "1"))


# --- When it cannot ------------------------------------------------------------------------------------------------


def test_it_says_whose_books_these_are(lexware: FakeLexware, tool: Lexware) -> None:
    assert tool.check() == "Lexware Office answers, with the books of Testfirma GmbH"
    assert lexware.asked == ["profile"]


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (401, {"message": "Unauthorized"}, Refused, "401, Unauthorized"),
        (402, {"message": "Payment Required"}, Refused, "plan of the tool"),
        (403, {"message": "Forbidden"}, Refused, "403"),
        (404, {"message": "Not Found"}, NotThere, "404"),
        (409, {"message": "Conflict"}, Refused, "409"),
        (
            406,
            {"message": "Validation failed", "details": [{"field": "page", "message": "darf nicht leer sein"}]},
            Refused,
            "406, Validation failed; page: darf nicht leer sein",
        ),
        (
            406,
            {"IssueList": [{"i18nKey": "missing_entity", "source": "company.name", "type": "validation_failure"}]},
            Refused,
            "406, company.name: missing_entity",
        ),
        (400, {"details": "x", "IssueList": ["y"]}, Refused, "400"),
    ],
)
def test_a_refusal_is_told_in_its_own_words(
    tool: Lexware, status: int, body: dict[str, Any], error: type[Exception], words: str
) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/profile", json=body, status=status)
        with pytest.raises(error) as refused:
            tool.check()
    assert words in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 500])
def test_too_fast_is_said_in_two_ways(tool: Lexware, waits: Waits, status: int) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/profile", json={"message": "Internal server error or rate limit exceeded"}, status=status)
        mock.get(f"{BASE}/profile", json={"companyName": "Testfirma GmbH"})
        assert "Testfirma" in tool.check()
    assert sum(waits.seconds) > 0.5


@pytest.mark.parametrize("status", [429, 500, 502, 504])
def test_who_never_answers_is_unavailable(tool: Lexware, status: int) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/profile", body="<html>Bad Gateway</html>", status=status)
        with pytest.raises(Unavailable):
            tool.check()
        assert len(mock.calls) == 3


@pytest.mark.parametrize(
    "body",
    ['{"content": [', "<html>Anmelden</html>", "[]", '{"content": {}}', '{"content": [], "totalElements": "many"}'],
)
def test_an_answer_of_another_shape_is_unreadable(tool: Lexware, body: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/voucherlist", body=body)
        with pytest.raises(Unreadable):
            list(tool.open_documents())


# --- The vendor's own samples --------------------------------------------------------------------------------------


@pytest.fixture(name="described", scope="module")
def _described() -> str:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS names no folder with the vendor's samples")
    return next(Path(folder, "lexoffice").glob("*.json")).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "question",
    [
        "/v1/voucherlist?voucherType=invoice,creditnote&voucherStatus=open,",
        "/v1/contacts?page=0",
        "customer=false",
        "/v1/invoices/",
        "/v1/credit-notes/",
        "/v1/down-payment-invoices/",
        "/v1/payments/",
    ],
)
def test_every_question_is_among_the_samples(described: str, question: str) -> None:
    assert question in described
