"""Xero: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.capability import Capability
from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.fields import Fields
from connectors.accounting.orders import PaymentOrder, SetsDunning
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.accounting.xero import Xero, XeroSettings
from connectors.accounting.xero.contacts import contact
from connectors.accounting.xero.documents import CREDIT_NOTE, INVOICE, KINDS, OVERPAYMENT, PREPAYMENT, day, translate
from connectors.accounting.xero.tool import BASE, TOKENS
from connectors.wire import Secret
from connectors.wire.oauth import Tokens, ask_consent
from connectors.wire.paging import Shifted
from connectors.wire.settings import SecretSettings, WriteBack
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests import PreparedRequest

    from connectors.accounting.xero.documents import Kind
    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

API = f"{BASE}/api.xro/2.0"
CUSTOMER = "a3675fc4-f8dd-4f03-ba5b-f1870566bcd7"
TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58"
IBAN = "DE02120300000000202051"

Reply = tuple[int, dict[str, str], str]


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def moment(text: str) -> str:
    """Write a day as Xero does: the milliseconds of its midnight in UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return f"/Date({int(at.timestamp()) * 1000}+0000)/"


def document(kind: Kind = INVOICE, number: int = 1, **more: Any) -> dict[str, Any]:
    """Give a document as Xero tells it."""
    row: dict[str, Any] = {
        "Type": kind.types[0],
        kind.identity: guid(number),
        "Contact": {"ContactID": CUSTOMER, "Name": "Huber GmbH", "Addresses": []},
        "Date": moment("2026-04-01"),
        "Status": "AUTHORISED",
        "CurrencyCode": "EUR",
        "Total": Decimal("119.00"),
        kind.left: Decimal("119.00"),
        "UpdatedDateUTC": "/Date(1775052816230+0000)/",
    }
    if kind.number:
        row[kind.number] = f"{kind.name[:3].upper()}-{number:04d}"
    if kind is INVOICE:
        row |= {"DueDate": moment("2026-05-01"), "Reference": "PO 4711"}
    return row | more


def customer(**more: Any) -> dict[str, Any]:
    return {
        "ContactID": CUSTOMER,
        "AccountNumber": "10001",
        "Name": "Huber GmbH",
        "EmailAddress": "buchhaltung@huber.example",
        "Addresses": [
            {"AddressType": "STREET", "AddressLine1": "Werkstraße 9", "City": "Augsburg", "PostalCode": "86150"},
            {
                "AddressType": "POBOX",
                "AddressLine1": "Hauptstraße 1",
                "City": "München",
                "PostalCode": "80331",
                "Country": "Germany",
            },
        ],
        "Phones": [
            {"PhoneType": "FAX", "PhoneNumber": "99"},
            {"PhoneType": "DEFAULT", "PhoneNumber": "12 34 56", "PhoneAreaCode": "89", "PhoneCountryCode": "49"},
        ],
        "BankAccountDetails": "DE02 1203 0000 0000 2020 51",
        "IsCustomer": True,
        "IsSupplier": False,
        **more,
    }


@dataclass
class FakeXero:
    """A small Xero that remembers: four kinds of documents, contacts and payments."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    connections: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    broken: dict[str, Reply] = field(default_factory=dict)
    swallows: bool = False
    moves: Callable[[int], None] = lambda _page: None  # told the number of a page of invoices, before it is cut

    def __post_init__(self) -> None:
        self.rows = {"Contacts": [customer()], "Payments": [], **{kind.path: [] for kind in KINDS.values()}}
        self.connections.append({"tenantId": TENANT, "tenantType": "ORGANISATION", "tenantName": "Muster GmbH"})

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/api.xro/2.0/").strip("/"), parse_qs(parts.query)
        one = {key: values[0] for key, values in query.items()}
        self.asked.append((str(request.method), path, one))
        self.headers.append(dict(request.headers))
        for start, reply in self.broken.items():
            if f"{request.method} {path}".startswith(start):
                return reply
        if path == "connections":
            return said(self.connections)
        assert request.headers["xero-tenant-id"] == TENANT
        if request.method == "PUT":
            return self._paid(json.loads(request.body or "{}")["Payments"])
        return self._read(*path.split("/"), query=one)

    def _read(self, path: str, number: str = "", *, query: dict[str, str]) -> Reply:
        rows = self.rows[path]
        if number:
            found = [row for row in rows if number in row.values()]
            return said({path: found}) if found else (404, {}, "The resource you're looking for cannot be found")
        page, size = int(query["page"]), int(query["pageSize"])
        if path == "Invoices":
            self.moves(page)
        fitting = [row for row in rows if _fits(row, query)]
        told = {"page": page, "pageSize": size, "itemCount": len(fitting)}
        return said({"pagination": told, path: fitting[(page - 1) * size : page * size]})

    def _paid(self, payments: list[dict[str, Any]]) -> Reply:
        (payment,) = payments
        invoice = next(row for row in self.rows["Invoices"] if row["InvoiceID"] == payment["Invoice"]["InvoiceID"])
        invoice["AmountDue"] -= Decimal(str(payment["Amount"]))
        if not invoice["AmountDue"]:
            invoice["Status"] = "PAID"
        made = {"PaymentID": guid(900 + len(self.rows["Payments"])), "Status": "AUTHORISED", **payment}
        self.rows["Payments"].append(made)
        if self.swallows:
            return 504, {}, "<html>Gateway Time-out</html>"
        return said({"Payments": [made]})


def said(value: Any, status: int = 200) -> Reply:
    headers = {"Date": "Tue, 05 May 2026 00:30:00 GMT", "Content-Type": "application/json"}
    return status, headers, json.dumps(value, default=float)


def _fits(row: dict[str, Any], query: dict[str, str]) -> bool:
    """Whether a row fits the filters of a question."""
    where = query.get("where", "")
    wished = dict(re.findall(r'(\w+)=="(\w+)"', where))
    if invoice := re.fullmatch(r'Invoice\.InvoiceID=guid\("(.+)"\)', where):
        return bool(row["Invoice"]["InvoiceID"] == invoice[1])
    wished |= {"Status": query["Statuses"]} if "Statuses" in query else {}
    return all(row.get(key) == value for key, value in wished.items())


@pytest.fixture
def xero() -> Iterator[FakeXero]:
    fake = FakeXero()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.PUT):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


@dataclass
class Kept:
    """Tokens in memory."""

    tokens: Tokens | None = None

    def load(self) -> Tokens | None:
        return self.tokens

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        self.tokens = renew(self.tokens)
        return self.tokens


def settings(**more: Any) -> XeroSettings:
    return XeroSettings(**{"kind": "xero", "name": "xero", "client_id": "app", **more})


@pytest.fixture
def kept() -> Kept:
    return Kept(Tokens(access=Secret("access-token"), refresh=Secret("refresh-1"), seconds_left=1_800.0))


@pytest.fixture
def opened(line: Line, kept: Kept) -> Line:
    return replace(line, tokens=kept)


@pytest.fixture
def tool(opened: Line) -> Xero:
    return Xero.connect(settings(account="090", accounts={IBAN: guid(77)}), opened)


# --- What becomes of its documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "kind", "told", "standing", "left"),
    [
        ("approved, nothing paid", INVOICE, {}, Standing.OPEN, "119.00"),
        ("partly paid", INVOICE, {"AmountDue": Decimal("19.00")}, Standing.OPEN, "19.00"),
        ("whole numbers", INVOICE, {"Total": 100, "AmountDue": 100}, Standing.OPEN, "100.00"),
        ("a draft is no item", INVOICE, {"Status": "DRAFT"}, Standing.DRAFT, None),
        ("waits for approval", INVOICE, {"Status": "SUBMITTED"}, Standing.DRAFT, None),
        ("paid", INVOICE, {"Status": "PAID", "AmountDue": 0}, Standing.SETTLED, "0.00"),
        ("voided", INVOICE, {"Status": "VOIDED"}, Standing.CANCELLED, None),
        ("deleted", INVOICE, {"Status": "DELETED"}, Standing.DELETED, None),
        ("a credit note, half of it set off", CREDIT_NOTE, {"RemainingCredit": 50}, Standing.OPEN, "50.00"),
        ("a credit note that is used up", CREDIT_NOTE, {"Status": "PAID"}, Standing.SETTLED, "0.00"),
        ("paid too much", OVERPAYMENT, {"RemainingCredit": Decimal("0.10")}, Standing.OPEN, "0.10"),
        ("paid in advance", PREPAYMENT, {}, Standing.OPEN, "119.00"),
        ("paid in advance, and voided", PREPAYMENT, {"Status": "VOIDED"}, Standing.CANCELLED, None),
    ],
)
def test_a_document_stands_where_xero_says(
    what: str, kind: Kind, told: dict[str, Any], standing: Standing, left: str | None
) -> None:
    found = translate(kind, document(kind, **told), "xero")
    assert found.standing is standing, what
    assert found.findings == ()
    assert (found.item and str(found.item.open_amount.decimal())) == left


def test_every_fact_of_an_invoice_is_read() -> None:
    found = translate(INVOICE, document(number=7), "xero")
    item = found.item
    assert item is not None
    assert (found.key, found.contact_id) == (RemoteKey("invoice", guid(7)), CUSTOMER)
    assert (item.item_id, item.document_number) == (f"xero:invoice:{guid(7)}", "INV-0007")
    assert (item.kind, item.amount) == (ItemKind.INVOICE, Money(11_900, "EUR"))
    assert (item.document_date, item.due_date) == (date(2026, 4, 1), date(2026, 5, 1))
    assert item.order_number == "PO 4711"


@pytest.mark.parametrize(
    ("kind", "told", "number"),
    [
        (CREDIT_NOTE, {}, "CRE-0001"),
        (OVERPAYMENT, {"Reference": "Direct Debit"}, "OP-00000001"),
        (PREPAYMENT, {}, "PRE-0001"),
        (PREPAYMENT, {"InvoiceNumber": ""}, "PP-00000001"),
    ],
)
def test_credit_is_owed_by_us_and_has_a_number_to_be_found_by(kind: Kind, told: dict[str, Any], number: str) -> None:
    item = translate(kind, document(kind, **told), "xero").item
    assert item is not None
    assert (item.kind, item.document_number) == (ItemKind.CREDIT_NOTE, number)
    assert item.due_date == item.document_date


@pytest.mark.parametrize(
    ("kind", "told", "said_of_it"),
    [
        (INVOICE, {"Status": "ARCHIVED"}, "'ARCHIVED' is no state that is known"),
        (INVOICE, {"Status": None}, "is no state that is known"),
        (INVOICE, {"Total": Decimal("119.001")}, "more decimal places than EUR"),
        (INVOICE, {"Total": Decimal("-1.00")}, "is below zero"),
        (INVOICE, {"AmountDue": None}, "is missing"),
        (INVOICE, {"CurrencyCode": "XXQ"}, "XXQ"),
        (INVOICE, {"Date": None}, "is missing"),
        (INVOICE, {"Date": "/Date(99999999999999)/"}, "is no believable date"),
        (INVOICE, {"DueDate": "soon"}, "is no date"),
        (INVOICE, {"Contact": None}, "is missing"),
        (INVOICE, {"Contact": "Huber"}, "is no object"),
        (INVOICE, {"InvoiceNumber": None}, "is missing"),
        (INVOICE, {"InvoiceNumber": {"a": 1}}, "is no text"),
        (INVOICE, {"InvoiceNumber": "9" * 101}, "is longer than any number"),
        (INVOICE, {"Type": "ACCNEW"}, "'ACCNEW' is no kind of document that is known"),
        (CREDIT_NOTE, {"Type": None}, "is no kind of document that is known"),
        (CREDIT_NOTE, {"RemainingCredit": "much"}, "is no number"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_no_item(kind: Kind, told: dict[str, Any], said_of_it: str) -> None:
    found = translate(kind, document(kind, **told), "xero")
    assert (found.item, found.standing) == (None, Standing.OPEN)
    (finding,) = found.findings
    assert said_of_it in finding.what


@given(st.dates(date(1990, 1, 1), date(2199, 12, 31)), st.sampled_from(["+0000", "+1300", ""]))
def test_a_moment_is_the_day_it_was_written_for(on: date, offset: str) -> None:
    written = moment(on.isoformat()).replace("+0000", offset)
    assert day(Fields({"Date": written}, "xero"), "Date") == on


# --- Contacts -------------------------------------------------------------------------------------------------------


def test_a_contact_is_a_debtor_with_the_number_people_see() -> None:
    found = contact(customer(), "xero")
    debtor = found.debtor
    assert debtor is not None
    assert found.findings == ()
    assert (debtor.number, debtor.name, debtor.type) == ("10001", "Huber GmbH", DebtorType.UNKNOWN)
    assert (debtor.street, debtor.postcode, debtor.city) == ("Hauptstraße 1", "80331", "München")
    assert (debtor.country, debtor.phone, debtor.ibans) == ("DE", "49 89 12 34 56", (IBAN,))


def test_where_there_is_no_billing_address_the_street_is_taken() -> None:
    street = {"AddressType": "STREET", "AddressLine1": "c/o Maier", "AddressLine2": "Weg 3", "City": "Linz"}
    empty = {"AddressType": "POBOX", "AddressLine1": "", "City": ""}
    debtor = contact(customer(Addresses=[empty, street | {"Country": "Österreich"}]), "xero").debtor
    assert debtor is not None
    assert (debtor.street, debtor.city, debtor.country) == ("c/o Maier, Weg 3", "Linz", "AT")


def test_a_contact_with_little_said_of_it() -> None:
    told = customer(
        AccountNumber=None, Addresses=[], Phones=None, BankAccountDetails="my bank", CompanyNumber="HRB 1"
    )
    debtor = contact(told, "xero").debtor
    assert debtor is not None
    assert (debtor.number, debtor.street, debtor.country) == (CUSTOMER, "", "DE")
    assert (debtor.ibans, debtor.phone, debtor.type) == ((), "", DebtorType.BUSINESS)


@pytest.mark.parametrize(
    ("typed", "country", "findings"),
    [("AT", "AT", 0), ("uk", "GB", 0), ("Schweiz", "CH", 0), ("Atlantis", "", 1)],
)
def test_a_country_is_what_somebody_typed(typed: str, country: str, findings: int) -> None:
    address = {"AddressType": "POBOX", "AddressLine1": "Weg 1", "Country": typed}
    found = contact(customer(Addresses=[address]), "xero")
    assert found.debtor is not None
    assert found.debtor.country == country
    assert [finding.code for finding in found.findings] == ["unknown_country"] * findings


def test_a_contact_without_a_name_is_a_finding() -> None:
    found = contact(customer(Name=""), "xero")
    assert found.debtor is None
    assert "is missing" in found.findings[0].what


def test_suppliers_are_left_out_and_archived_customers_are_not(xero: FakeXero, tool: Xero) -> None:
    xero.rows["Contacts"] += [
        customer(ContactID=guid(2), IsCustomer=False, IsSupplier=True),
        customer(ContactID=guid(3), IsCustomer=True, IsSupplier=True),
    ]
    assert [found.remote_id for found in tool.contacts()] == [CUSTOMER, guid(3)]
    assert xero.asked[-1][2]["includeArchived"] == "true"


# --- Reading --------------------------------------------------------------------------------------------------------


_PURCHASE = {
    "invoice": "ACCPAY",
    "credit_note": "ACCPAYCREDIT",
    "overpayment": "SPEND-OVERPAYMENT",
    "prepayment": "APPREPAYMENT",
}


def fill(xero: FakeXero) -> None:
    """Put one open document of each kind into Xero, beside a paid one and one of a purchase."""
    for kind in KINDS.values():
        xero.rows[kind.path] += [
            document(kind, 1),
            document(kind, 2, Status="PAID"),
            document(kind, 3, Type=_PURCHASE[kind.name]),
        ]


def test_the_open_set_is_read_by_the_filters_that_are_quick(xero: FakeXero, tool: Xero) -> None:
    fill(xero)
    assert [found.key.kind for found in tool.open_documents()] == list(KINDS)
    asked = {path: query for _, path, query in xero.asked}
    assert asked["Invoices"] == {
        "where": 'Type=="ACCREC"',
        "Statuses": "AUTHORISED",
        "summaryOnly": "true",
        "order": "InvoiceID ASC",
        "page": "1",
        "pageSize": "1000",
    }
    assert asked["CreditNotes"]["where"] == 'Status=="AUTHORISED"'


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.accounting.xero.tool._SIZE", 2)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_every_page_is_read_once(xero: FakeXero, tool: Xero, count: int) -> None:
    xero.rows["Invoices"] += [document(number=number) for number in range(count)]
    assert [found.key.remote_id for found in tool.open_documents()] == [guid(number) for number in range(count)]


@pytest.mark.usefixtures("small_pages")
def test_a_row_that_leaves_while_pages_are_read_is_noticed_and_nothing_is_missed(xero: FakeXero, tool: Xero) -> None:
    xero.rows["Invoices"] += [document(number=number) for number in range(5)]

    def paid_meanwhile(page: int) -> None:
        if page == 2:
            xero.rows["Invoices"][0]["Status"] = "PAID"

    xero.moves = paid_meanwhile
    with pytest.raises(Shifted):
        list(tool.open_documents())
    xero.rows["Invoices"][0]["Status"] = "AUTHORISED"
    pulled = ToolSource(tool).pull(Known())
    assert pulled.complete
    assert {item.item_id for item in pulled.items} == {f"xero:invoice:{guid(number)}" for number in range(5)}


def test_changes_are_asked_for_since_a_moment_with_some_overlap(xero: FakeXero, tool: Xero) -> None:
    fill(xero)
    changes = tool.changed_documents("2026-05-04T00:30:00")
    found = list(changes.documents)
    assert [one.standing for one in found[:2]] == [Standing.OPEN, Standing.SETTLED]
    assert len(found) == 8
    assert changes.cursor == "2026-05-05T00:30:00"
    since = [headers.get("If-Modified-Since") for headers in xero.headers[-4:]]
    assert since == ["2026-05-04T00:20:00"] * 4
    assert all("Statuses" not in query for _, _, query in xero.asked)


def test_the_first_night_only_learns_where_to_begin(xero: FakeXero, tool: Xero) -> None:
    fill(xero)
    changes = tool.changed_documents("")
    assert (list(changes.documents), changes.cursor) == ([], "2026-05-05T00:30:00")


@pytest.mark.parametrize("told", [None, {}, [], True, ""])
def test_a_document_without_an_id_is_told_and_the_open_set_is_not_whole(
    xero: FakeXero, tool: Xero, told: object
) -> None:
    xero.rows["Invoices"] += [document(number=1), document(number=2, InvoiceID=told)]
    pulled = ToolSource(tool).pull(Known())
    assert [item.item_id for item in pulled.items] == [f"xero:invoice:{guid(1)}"]
    assert not pulled.complete
    assert "has no id" in pulled.findings[0].what


def test_a_type_that_nobody_knows_is_told_and_not_left_out(xero: FakeXero, tool: Xero) -> None:
    xero.rows["CreditNotes"].append(document(CREDIT_NOTE, 1, Type="ACCNEWCREDIT"))
    (found,) = tool.open_documents()
    assert (found.item, found.standing) == (None, Standing.OPEN)
    assert "'ACCNEWCREDIT' is no kind of document" in found.findings[0].what


def test_an_id_never_leads_elsewhere(xero: FakeXero, tool: Xero) -> None:
    with pytest.raises(NotThere):
        tool.document(RemoteKey("invoice", "../Contacts?page=1"))
    assert xero.asked[-1][1] == "Invoices/..%2FContacts%3Fpage%3D1"


def test_nothing_changed_may_be_said_without_a_word(xero: FakeXero, tool: Xero) -> None:
    changes = tool.changed_documents("2026-05-04T00:30:00")
    xero.broken["GET Invoices"] = 304, {}, ""
    assert list(changes.documents) == []


def test_a_whole_pull_names_debtors_and_looks_after_what_left(xero: FakeXero, tool: Xero) -> None:
    xero.rows["Invoices"] += [document(number=1), document(number=2, Status="VOIDED")]
    known = Known(open={RemoteKey("invoice", guid(n)): f"xero:invoice:{guid(n)}" for n in (1, 2, 3)})
    pulled = ToolSource(tool).pull(known)
    assert {item.item_id: item.debtor_number for item in pulled.items} == {f"xero:invoice:{guid(1)}": "10001"}
    assert {left.item_id: left.standing for left in pulled.left} == {
        f"xero:invoice:{guid(2)}": Standing.CANCELLED,
        f"xero:invoice:{guid(3)}": Standing.DELETED,
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_one_document_again_and_one_that_is_not_there(xero: FakeXero, tool: Xero, kind: Kind) -> None:
    xero.rows[kind.path].append(document(kind, 4))
    assert tool.document(RemoteKey(kind.name, guid(4))).item is not None
    with pytest.raises(NotThere):
        tool.document(RemoteKey(kind.name, guid(5)))


# --- Which organisation is meant ------------------------------------------------------------------------------------


def test_the_check_needs_all_rights_and_tells_for_whom_we_ask(xero: FakeXero, tool: Xero) -> None:
    assert tool.check() == "Xero answers, for Muster GmbH"
    assert [path for _, path, _ in xero.asked] == ["connections", "Contacts", *(k.path for k in KINDS.values())]


@pytest.mark.parametrize("wished", ["Muster GmbH", TENANT])
def test_of_several_organisations_the_named_one_is_asked(xero: FakeXero, opened: Line, wished: str) -> None:
    xero.connections += [
        {"tenantId": guid(8), "tenantType": "ORGANISATION", "tenantName": "Andere AG"},
        {"tenantId": guid(9), "tenantType": "PRACTICE", "tenantName": "Muster GmbH"},
    ]
    assert "Muster GmbH" in Xero.connect(settings(organisation=wished), opened).check()
    with pytest.raises(Refused, match="Andere AG, Muster GmbH"):
        Xero.connect(settings(), opened).check()


def test_an_organisation_without_an_id_is_not_asked(xero: FakeXero, tool: Xero) -> None:
    xero.connections[0]["tenantId"] = None
    with pytest.raises(Refused, match="opens these organisations"):
        tool.check()


def test_a_consent_that_opens_nothing_is_told(xero: FakeXero, tool: Xero) -> None:
    xero.connections.clear()
    with pytest.raises(Refused, match="opens these organisations: none"):
        tool.check()


# --- When it does not answer as it should ---------------------------------------------------------------------------

INVALID = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [{"ValidationErrors": [{"Message": "Payment amount exceeds the amount outstanding"}]}],
}


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        (said({"Title": "Unauthorized", "Detail": "TokenExpired"}, 401), Refused, "TokenExpired"),
        (said({"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}, 403), Refused, "may not do this"),
        ((404, {}, "The resource cannot be found"), NotThere, "cannot be found"),
        (said({"Message": "Busy"}, 409), Conflict, "Busy"),
        (said(INVALID, 400), Refused, "exceeds the amount outstanding"),
        (said({"Message": "Odd", "Elements": ["x", {"ValidationErrors": ["y"]}]}, 422), Refused, "Odd"),
        (said({"Message": "Odd", "Elements": 5}, 422), Refused, "Odd"),
        (said({"Message": "Odd", "Elements": [{"ValidationErrors": True}]}, 422), Refused, "Odd"),
        ((500, {}, ""), Unavailable, "500"),
        ((502, {}, "<html><h1>Bad gateway</h1>"), Unavailable, "502"),
        ((503, {}, "oauth_problem=rate limit exceeded"), Unavailable, "503"),
        ((200, {}, '{"Invoices": [{"In'), Unreadable, "is not JSON"),
        ((200, {}, "<html>Sign in</html>"), Unreadable, "web page"),
        ((200, {}, '{"Rechnungen": []}'), Unreadable, "under 'Invoices'"),
        ((200, {}, '{"Invoices": [], "pagination": {"itemCount": "x"}}'), Unreadable, "itemCount"),
    ],
)
def test_errors_say_what_to_do(xero: FakeXero, tool: Xero, reply: Reply, error: type[Exception], told: str) -> None:
    xero.broken["GET Invoices"] = reply
    with pytest.raises(error, match=told):
        list(tool.open_documents())


def test_when_a_minute_is_used_up_it_waits_as_long_as_xero_asks(xero: FakeXero, tool: Xero, waits: Waits) -> None:
    xero.broken["GET Invoices"] = 429, {"Retry-After": "23", "X-Rate-Limit-Problem": "minute"}, ""
    with pytest.raises(Unavailable, match="slow down"):
        list(tool.open_documents())
    assert 23 <= max(waits.seconds) < 60


def test_when_a_day_is_used_up_it_does_not_wait_for_the_next(xero: FakeXero, tool: Xero, waits: Waits) -> None:
    xero.broken["GET Invoices"] = 429, {"Retry-After": "66975", "X-Rate-Limit-Problem": "day"}, ""
    with pytest.raises(Unavailable, match="slow down"):
        list(tool.open_documents())
    assert [path for _, path, _ in xero.asked].count("Invoices") == 1
    assert all(seconds < 60 for seconds in waits.seconds)


# --- Payments -------------------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    given_: dict[str, Any] = {
        "operation": "kontorist-1a2b",
        "decision": 7,
        "item_id": f"xero:invoice:{guid(1)}",
        "key": RemoteKey("invoice", guid(1)),
        "document_number": "INV-0001",
        "debtor_number": "10001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH INV-0001",
        "own_account": IBAN,
        **more,
    }
    return PaymentOrder(**given_)


def test_a_payment_is_booked_with_its_key_and_found_again(xero: FakeXero, tool: Xero) -> None:
    xero.rows["Invoices"].append(document())
    assert tool.booked(payment()) is None
    tool.book(payment())
    (there,) = xero.rows["Payments"]
    assert (there["Date"], there["Amount"], there["Account"]) == ("2026-05-04", 119.0, {"AccountID": guid(77)})
    assert there["Reference"] == "Huber GmbH INV-0001 [kontorist-1a2b]"
    assert xero.headers[-1]["Idempotency-Key"] == "kontorist-1a2b"
    found = tool.booked(payment())
    assert found is not None
    assert found.remote_id == there["PaymentID"]
    assert tool.document(RemoteKey("invoice", guid(1))).standing is Standing.SETTLED


def test_a_part_payment_on_another_account_leaves_the_rest_open(xero: FakeXero, tool: Xero) -> None:
    xero.rows["Invoices"].append(document())
    tool.book(payment(amount=Money(5_001, "EUR"), closes=False, own_account="DE00"))
    assert xero.rows["Payments"][0]["Account"] == {"Code": "090"}
    item = tool.document(RemoteKey("invoice", guid(1))).item
    assert item is not None
    assert item.open_amount == Money(6_899, "EUR")


def test_a_payment_of_another_operation_or_a_deleted_one_is_not_ours(xero: FakeXero, tool: Xero) -> None:
    there = {"PaymentID": guid(5), "Status": "AUTHORISED", "Invoice": {"InvoiceID": guid(1)}, "Date": "2026-05-04"}
    xero.rows["Payments"] += [
        there | {"Reference": "kontorist-ffff"},
        there | {"Reference": None},
        there | {"Reference": "[kontorist-1a2b]", "Status": "DELETED"},
    ]
    assert tool.booked(payment()) is None


@given(st.integers(1, 99_999_999_999))
def test_every_amount_is_written_with_the_digits_it_has(minor: int) -> None:
    amount = Money(minor, "EUR")
    written = json.dumps(float(amount.decimal()))
    assert Decimal(written) == amount.decimal()


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (payment(is_credit_note=True), "paid out or set off"),
        (payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")), "credit note with its tax"),
        (payment(amount=Money(11_895, "EUR"), difference=Money(5, "EUR")), "credit note with its tax"),
        (payment(amount=Money(0, "EUR")), "without a payment"),
    ],
)
def test_what_xero_cannot_be_told_is_refused_before_anything_is_said(
    xero: FakeXero, tool: Xero, order: PaymentOrder, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        tool.book(order)
    assert xero.asked == []


def test_a_rejected_payment_is_told_in_the_words_of_xero(xero: FakeXero, tool: Xero) -> None:
    xero.broken["PUT Payments"] = said(INVALID, 400)
    with pytest.raises(Refused, match="exceeds the amount outstanding"):
        tool.book(payment())


def test_a_payment_that_broke_off_is_uncertain_said_once_and_found(xero: FakeXero, tool: Xero) -> None:
    """Within six minutes its key would make a second try harmless; a wire that hangs may take longer than that."""
    xero.rows["Invoices"].append(document())
    xero.swallows = True
    with pytest.raises(Uncertain):
        tool.book(payment())
    assert len(xero.rows["Payments"]) == 1
    assert tool.booked(payment()) is not None


@pytest.mark.parametrize("rows", [[], [{"PaymentID": ""}], [{"PaymentID": guid(1), "HasValidationErrors": True}]])
def test_an_answer_without_a_payment_is_no_payment(xero: FakeXero, tool: Xero, rows: list[dict[str, Any]]) -> None:
    xero.broken["PUT Payments"] = said({"Payments": rows})
    with pytest.raises(Unreadable, match="one payment with its id"):
        tool.book(payment())


def test_an_id_that_is_none_never_becomes_part_of_a_filter(xero: FakeXero, tool: Xero) -> None:
    with pytest.raises(Refused, match="is no id of Xero"):
        tool.booked(payment(key=RemoteKey("invoice", '") OR Status=="PAID')))
    assert xero.asked == []


# --- Settings and consent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said_of_it"),
    [
        ({"write_back": WriteBack(dunning=True)}, "cannot be told of dunning"),
        ({"write_back": WriteBack(payments=True)}, "name the account"),
        ({"client_id": ""}, "at least 1 character"),
    ],
)
def test_settings_that_cannot_work_are_mistakes(told: dict[str, Any], said_of_it: str) -> None:
    with pytest.raises(ValidationError, match=said_of_it):
        settings(**told)


@pytest.mark.parametrize(
    ("told", "scope"),
    [
        ({}, "accounting.payments.read"),
        ({"write_back": WriteBack(payments=True), "account": "090"}, "accounting.payments"),
    ],
)
def test_the_consent_asks_for_no_more_rights_than_are_used(line: Line, told: dict[str, Any], scope: str) -> None:
    client = Xero.oauth_client(settings(**told), line)
    assert client.scope == f"offline_access accounting.invoices.read accounting.contacts.read {scope}"
    assert client.client_secret is None


def test_the_browser_is_sent_back_to_localhost_which_is_all_that_xero_takes(line: Line) -> None:
    client = Xero.oauth_client(settings(client_secret=SecretSettings(env="XERO_SECRET")), line)
    assert client.client_secret is not None
    shown: list[str] = []

    def look(address: str) -> None:
        shown.append(address)
        raise Unavailable("seen")

    with pytest.raises(Unavailable, match="seen"):
        ask_consent(client, look)
    (redirect,) = parse_qs(urlsplit(shown[0]).query)["redirect_uri"]
    assert re.fullmatch(r"http://localhost:\d+/callback", redirect)


def test_a_token_lives_half_an_hour_and_its_renewal_comes_with_a_new_one(
    xero: FakeXero, opened: Line, kept: Kept
) -> None:
    kept.tokens = Tokens(access=Secret("old"), refresh=Secret("refresh-1"), seconds_left=3.0)
    with responses.RequestsMock() as mock:
        new = {"access_token": "new", "refresh_token": "refresh-2", "expires_in": 1800}
        mock.add(responses.POST, TOKENS, json=new)
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=xero.answer)
        Xero.connect(settings(), opened).check()
        told = parse_qs(str(mock.calls[0].request.body))
    assert told == {"grant_type": ["refresh_token"], "refresh_token": ["refresh-1"], "client_id": ["app"]}
    assert kept.tokens is not None
    assert kept.tokens.refresh.reveal() == "refresh-2"
    assert {headers["Authorization"] for headers in xero.headers} == {"Bearer new"}


def test_what_it_cannot_do_is_not_promised(tool: Xero) -> None:
    assert not isinstance(tool, SetsDunning)
    assert not {Capability.BOOKS_DIFFERENCES, Capability.REPEATS_SAFELY} & Xero.capabilities


# --- The vendor's own description -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def described() -> str:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    return (Path(folder) / "xero" / "xero_accounting.yaml").read_text(encoding="utf-8")


def part(text: str, *names: str) -> str:
    """Give what is written directly below a heading, below a heading …: the lines that are indented further."""
    for name in names:
        indent = re.match(r"\n*( *)", text)
        assert indent
        found = re.search(rf"^{indent[1]}{re.escape(name)}:.*\n((?:{indent[1]} +.*\n|\n)*)", text, re.MULTILINE)
        assert found, f"{name} is not described"
        text = found[1]
    return text


FIELDS = {
    "Invoice": "Type InvoiceID InvoiceNumber Reference Contact Date DueDate Status CurrencyCode Total AmountDue",
    "CreditNote": "Type CreditNoteID CreditNoteNumber Contact Date Status CurrencyCode Total RemainingCredit",
    "Overpayment": "Type OverpaymentID Contact Date Status CurrencyCode Total RemainingCredit",
    "Prepayment": "Type PrepaymentID InvoiceNumber Contact Date Status CurrencyCode Total RemainingCredit",
    "Contact": "ContactID AccountNumber Name Addresses Phones EmailAddress BankAccountDetails CompanyNumber "
    "IsCustomer IsSupplier",
    "Address": "AddressType AddressLine1 AddressLine2 AddressLine3 AddressLine4 City PostalCode Country",
    "Phone": "PhoneType PhoneNumber PhoneAreaCode PhoneCountryCode",
    "Payment": "PaymentID Invoice Account Date Amount Reference Status HasValidationErrors",
    "Account": "AccountID Code",
    "Pagination": "itemCount",
    "Error": "Message Elements",
}


@pytest.mark.parametrize("schema", FIELDS)
def test_every_field_that_is_read_is_described(described: str, schema: str) -> None:
    properties = part(described, "components", "schemas", schema, "properties")
    for name in FIELDS[schema].split():
        part(properties, name)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_type_and_state_is_described(described: str, kind: Kind) -> None:
    properties = part(described, "components", "schemas", kind.path[:-1], "properties")
    assert all(f"- {name}\n" in part(properties, "Type") for name in kind.types)
    states = set(re.findall(r"- ([A-Z]+)\n", part(properties, "Status")))
    assert states <= {"DRAFT", "SUBMITTED", "DELETED", "AUTHORISED", "PAID", "VOIDED"}


def test_every_question_and_its_parameters_are_described(described: str, xero: FakeXero, tool: Xero) -> None:
    fill(xero)
    list(tool.contacts())
    list(tool.open_documents())
    list(tool.changed_documents("2026-05-04T00:30:00").documents)
    tool.booked(payment())
    tool.book(payment())
    for method, path, query in xero.asked[1:]:
        question = part(described, "paths", f"/{path}", method.lower(), "parameters")
        for name in query:
            assert f"name: {name}\n" in question or f"parameters/{name}" in question, (path, name)
    assert "parameters/idempotencyKey" in part(described, "paths", "/Payments", "put", "parameters")
    for kind in KINDS.values():
        assert "parameters/ifModifiedSince" in part(described, "paths", f"/{kind.path}", "get", "parameters")
        part(described, "paths", f"/{kind.path}/{{{kind.identity}}}", "get")


def test_the_list_of_organisations_is_described(described: str) -> None:
    identity = (Path(os.environ["KONTORIST_SPECS"]) / "xero" / "xero-identity.yaml").read_text(encoding="utf-8")
    properties = part(identity, "components", "schemas", "Connection", "properties")
    for name in ("tenantId", "tenantType", "tenantName"):
        part(properties, name)
    assert TOKENS in described
