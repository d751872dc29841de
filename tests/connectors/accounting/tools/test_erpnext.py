"""ERPNext: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.document import RemoteKey, Standing, payload_hash
from connectors.accounting.erpnext import Erpnext, ErpnextSettings
from connectors.accounting.erpnext.customers import contact
from connectors.accounting.erpnext.documents import of_interest, translate
from connectors.accounting.orders import PaymentOrder
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

BASE = "https://erp.example.org"
IBAN = "DE02120300000000202051"
BANK = "1200 - Bank - MG"

Row = dict[str, Any]
Reply = tuple[int, dict[str, str], str]

OPEN, SETTLED, CANCELLED, DRAFT = Standing.OPEN, Standing.SETTLED, Standing.CANCELLED, Standing.DRAFT


def invoice(**more: Any) -> Row:
    """Give an invoice as a row of a list; amounts are floats there, which JSON reads exactly as they are written."""
    return {
        "name": "RE-2026-0001",
        "docstatus": 1,
        "status": "Unpaid",
        "customer": "Huber GmbH",
        "posting_date": "2026-04-01",
        "due_date": "2026-04-15",
        "currency": "EUR",
        "party_account_currency": "EUR",
        "grand_total": Decimal("119.0"),
        "rounded_total": Decimal("0.0"),
        "base_grand_total": Decimal("119.0"),
        "base_rounded_total": Decimal("0.0"),
        "outstanding_amount": Decimal("119.0"),
        "is_return": 0,
        "po_no": None,
        "modified": "2026-04-01 10:00:00.123456",
        "payment_schedule": [],
        **more,
    }


def credit_note(**more: Any) -> Row:
    negative = {key: Decimal("-20.0") for key in ("grand_total", "base_grand_total", "outstanding_amount")}
    return invoice(name="GS-2026-0001", status="Return", is_return=1, **negative) | more


def term(**more: Any) -> Row:
    return {
        "parent": "RE-2026-0001",
        "invoice_portion": Decimal("100.0"),
        "discount_type": "Percentage",
        "discount": Decimal("2.0"),
        "discount_date": "2026-04-08",
        **more,
    }


# --- What becomes of an invoice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "standing", "left"),
    [
        ({}, OPEN, 11_900),
        ({"status": "Overdue"}, OPEN, 11_900),
        ({"status": "Submitted"}, OPEN, 11_900),
        ({"status": "Partly Paid", "outstanding_amount": Decimal("79.0")}, OPEN, 7_900),
        ({"status": "Unpaid and Discounted"}, OPEN, 11_900),
        ({"status": "Partly Paid and Discounted", "outstanding_amount": Decimal("1.5")}, OPEN, 150),
        ({"status": "Overdue and Discounted"}, OPEN, 11_900),
        ({"status": "Paid", "outstanding_amount": Decimal("0.0")}, SETTLED, 0),
        ({"status": "Credit Note Issued", "outstanding_amount": Decimal("0.0")}, SETTLED, 0),
        ({"status": "Overdue", "outstanding_amount": Decimal("0.0")}, SETTLED, 0),
        ({"status": "Internal Transfer"}, SETTLED, 0),
        ({"outstanding_amount": Decimal("119.00000000000001")}, OPEN, 11_900),
        ({"outstanding_amount": Decimal("118.99999999999999")}, OPEN, 11_900),
    ],
)
def test_what_is_open(told: Row, standing: Standing, left: int) -> None:
    made = translate(invoice(**told), "erp")

    assert made.findings == ()
    assert made.standing is standing
    assert made.item is not None
    assert (made.item.kind, made.item.amount, made.item.open_amount) == (
        ItemKind.INVOICE,
        Money(11_900, "EUR"),
        Money(left, "EUR"),
    )


@pytest.mark.parametrize(("docstatus", "standing"), [(0, DRAFT), (2, CANCELLED)])
def test_drafts_and_cancelled_invoices_are_no_items(docstatus: int, standing: Standing) -> None:
    made = translate(invoice(docstatus=docstatus, status="whatever"), "erp")

    assert (made.standing, made.item, made.findings) == (standing, None, ())


def test_a_credit_note_is_positive_here_and_due_at_once_where_it_says_nothing() -> None:
    made = translate(credit_note(due_date=None), "erp")

    assert made.item is not None
    assert (made.item.kind, made.item.amount, made.item.open_amount) == (
        ItemKind.CREDIT_NOTE,
        Money(2_000, "EUR"),
        Money(2_000, "EUR"),
    )
    assert made.item.due_date == date(2026, 4, 1)
    settled = translate(credit_note(outstanding_amount=Decimal("0.0")), "erp")
    assert settled.standing is SETTLED


def test_a_rounded_total_is_what_is_asked_for() -> None:
    made = translate(invoice(grand_total=Decimal("119.04"), rounded_total=Decimal("119.0")), "erp")

    assert made.item is not None
    assert made.item.amount == Money(11_900, "EUR")


@pytest.mark.parametrize("status", ["Paid", "Credit Note Issued"])
def test_an_invoice_that_was_credited_after_it_was_paid_is_told_and_asks_for_nothing(status: str) -> None:
    made = translate(invoice(status=status, outstanding_amount=Decimal("-20.0")), "erp")

    assert made.item is not None
    assert made.item.open_amount == Money(0, "EUR")
    assert [finding.code for finding in made.findings] == ["overpaid_document"]


@pytest.mark.parametrize(
    ("left", "expected"), [("110.0", Money(11_900, "USD")), ("0.0", Money(0, "USD")), ("50.0", None)]
)
def test_an_invoice_in_dollars_kept_in_euro_is_open_whole_or_not_at_all(left: str, expected: Money | None) -> None:
    made = translate(
        invoice(currency="USD", base_grand_total=Decimal("110.0"), outstanding_amount=Decimal(left)), "erp"
    )

    assert (made.item.open_amount if made.item else None) == expected
    assert bool(made.findings) is (expected is None)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([term()], (Decimal("2.0"), date(2026, 4, 8))),
        ([], (None, None)),
        ([term(discount_type="Amount")], (None, None)),
        ([term(invoice_portion=Decimal("50.0")), term(invoice_portion=Decimal("50.0"))], (None, None)),
        ([term(discount_date=None)], (None, None)),
    ],
    ids=["2 % within a week", "none", "a fixed amount", "for parts", "without a day"],
)
def test_skonto_is_read_where_it_is_granted_on_the_whole(terms: list[Row], expected: tuple[Any, Any]) -> None:
    item = translate(invoice(payment_schedule=terms), "erp").item

    assert item is not None
    assert (item.skonto_percent, item.skonto_until) == expected


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"status": "Sold to Mars"}, "no state that we know"),
        ({"docstatus": 7}, "no state that we know"),
        ({"docstatus": None}, "no state that we know"),
        ({"status": "Paid"}, "contradicts"),
        ({"currency": "XXQ"}, "XXQ"),
        ({"currency": None}, "missing"),
        ({"party_account_currency": None}, "missing"),
        ({"outstanding_amount": None}, "missing"),
        ({"outstanding_amount": Decimal("79.004")}, "decimal places"),
        ({"grand_total": None}, "missing"),
        ({"due_date": None}, "missing"),
        ({"posting_date": "0001-01-01"}, "believable"),
        ({"payment_schedule": [term(discount=Decimal("200.0"))]}, "percentage"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: Row, says: str) -> None:
    made = translate(invoice(**told), "erp")

    assert made.item is None
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize(
    "key", ["docstatus", "status", "posting_date", "due_date", "currency", "grand_total", "outstanding_amount"]
)
def test_a_field_that_vanished_is_a_finding_and_never_a_default(key: str) -> None:
    row = invoice()
    del row[key]

    made = translate(row, "erp")

    assert made.item is None
    assert made.findings


@given(cents=st.integers(min_value=1, max_value=10**11), noise=st.sampled_from(["0", "1e-9", "-1e-9"]))
def test_an_amount_is_read_to_the_cent_whatever_binary_fractions_left_behind(cents: int, noise: str) -> None:
    told = Decimal(cents).scaleb(-2) + Decimal(noise)

    item = translate(invoice(grand_total=told, outstanding_amount=told), "erp").item

    assert item is not None
    assert item.open_amount == item.amount == Money(cents, "EUR")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1e999", "0", "2026-04-01"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["discount", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


@given(key=st.sampled_from(sorted(invoice())), told=ANYTHING)
def test_whatever_stands_in_a_field_it_is_read_or_told(key: str, told: Any) -> None:
    made = translate(of_interest(invoice(**{key: told})), "erp")

    assert made.item is not None or made.findings or made.standing in {DRAFT, CANCELLED}


def test_a_whole_invoice_and_its_row_in_a_list_are_the_same_to_us() -> None:
    whole = invoice(items=[{"item_code": "A"}], owner="somebody", payment_schedule=[term(idx=1, outstanding=119)])
    del whole["po_no"]  # a single document leaves out what is empty

    made = of_interest(whole)

    assert payload_hash(made) == payload_hash(invoice(payment_schedule=[term()]))
    assert translate(made, "erp").item == translate(invoice(payment_schedule=[term()]), "erp").item


# --- What becomes of a customer ------------------------------------------------------------------------------------

CUSTOMER: Row = {"name": "CUST-0001", "customer_name": "Huber GmbH", "customer_type": "Company", "language": "de"}
ADDRESSES: list[Row] = [
    {
        "name": "A-Lager",
        "address_type": "Shipping",
        "address_line1": "Lagerweg 2",
        "city": "Ulm",
        "country": "Germany",
    },
    {
        "name": "Huber-Rechnung",
        "address_type": "Billing",
        "address_line1": "Ring 1",
        "address_line2": "Hof",
        "pincode": "01067",
        "city": "Dresden",
        "country": "Germany",
        "email_id": "adresse@huber.example",
    },
]
COUNTRIES = {"Germany": "de", "Austria": "at"}


def test_a_customer_becomes_a_debtor_with_the_address_for_invoices() -> None:
    debtor = contact(CUSTOMER, "erp", "name", ADDRESSES, [], COUNTRIES).debtor

    assert debtor is not None
    assert (debtor.number, debtor.name, debtor.type) == ("CUST-0001", "Huber GmbH", DebtorType.BUSINESS)
    assert (debtor.street, debtor.postcode, debtor.city, debtor.country) == ("Ring 1, Hof", "01067", "Dresden", "DE")
    assert debtor.email == "adresse@huber.example"


@pytest.mark.parametrize(
    ("customer", "changed", "street"),
    [
        ({"customer_primary_address": "A-Lager"}, {}, "Lagerweg 2"),
        ({}, {"A-Lager": {"is_primary_address": 1}}, "Lagerweg 2"),
        ({}, {"Huber-Rechnung": {"disabled": 1}}, "Lagerweg 2"),
        ({}, {"A-Lager": {"disabled": 1}, "Huber-Rechnung": {"disabled": 1}}, ""),
    ],
    ids=["named by the customer", "preferred", "the other one is out of use", "none is in use"],
)
def test_which_address_is_written_to(customer: Row, changed: dict[str, Row], street: str) -> None:
    addresses = [row | changed.get(str(row["name"]), {}) for row in ADDRESSES]

    debtor = contact(CUSTOMER | customer, "erp", "name", addresses, [], COUNTRIES).debtor

    assert debtor is not None
    assert debtor.street == street


@pytest.mark.parametrize(
    ("customer", "persons", "email"),
    [
        ({"email_id": "rechnung@huber.example"}, [{"email_id": "eva@huber.example"}], "rechnung@huber.example"),
        ({}, [{"email_id": "eva@huber.example"}], "eva@huber.example"),
        ({}, [{"email_id": "a@huber.example"}, {"email_id": "b@huber.example"}], "adresse@huber.example"),
        (
            {},
            [{"email_id": "a@x.example"}, {"email_id": "b@x.example", "is_primary_contact": 1}],
            "b@x.example",
        ),
    ],
    ids=["of the customer", "of the only person", "of several nobody knows which", "of the primary contact"],
)
def test_which_mail_address_is_written_to(customer: Row, persons: list[Row], email: str) -> None:
    debtor = contact(CUSTOMER | customer, "erp", "name", ADDRESSES, persons, COUNTRIES).debtor

    assert debtor is not None
    assert debtor.email == email


def test_a_country_nobody_knows_is_left_out_and_a_private_person_may_be_a_trader() -> None:
    address = ADDRESSES[1] | {"country": "Atlantis"}

    debtor = contact(
        CUSTOMER | {"customer_type": "Individual", "language": "en-US"}, "erp", "name", [address], [], COUNTRIES
    ).debtor

    assert debtor is not None
    assert (debtor.country, debtor.type, debtor.language) == ("", DebtorType.UNKNOWN, "en")


def test_the_number_may_stand_in_a_field_of_the_offices_own() -> None:
    with_number = contact(CUSTOMER | {"debitor": "10001"}, "erp", "debitor", [], [], COUNTRIES)
    without = contact(CUSTOMER, "erp", "debitor", [], [], COUNTRIES)

    assert with_number.debtor is not None
    assert (with_number.remote_id, with_number.debtor.number) == ("CUST-0001", "10001")
    assert without.debtor is None
    assert [finding.place for finding in without.findings] == ["erp: Customer CUST-0001 › debitor"]


# --- A site that remembers -----------------------------------------------------------------------------------------


@dataclass
class FakeSite:
    """A small ERPNext: lists with filters, order and limit, child tables, and payments that settle invoices."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    broken: dict[str, list[Reply]] = field(default_factory=dict)  # method and start of a path: answers instead
    between: list[Any] = field(default_factory=list)  # done after each list, one by one
    payment_terms: list[Row] = field(default_factory=list)  # references that are proposed, where there are several
    asked: list[str] = field(default_factory=list)
    rate: float = 1.0  # of the debtor account, in the currency of the company
    longest: int = 0

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        self.longest = max(self.longest, len(str(request.path_url)))
        path, query = unquote(parts.path), {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.asked.append(f"{request.method} {path}")
        for start, replies in self.broken.items():
            if replies and f"{request.method} {path}".startswith(start):
                return replies.pop(0)
        assert request.headers["Authorization"] == "token s3cret-key-of-the-office"
        if path.startswith("/api/method/"):
            return self._method(path.removeprefix("/api/method/"), query)
        doctype, _, name = path.removeprefix("/api/resource/").partition("/")
        if request.method == "POST":
            return self._add(doctype, json.loads(request.body or "{}"))
        return self._one(doctype, name) if name else self._list(doctype, query)

    def _list(self, doctype: str, query: dict[str, str]) -> Reply:
        if doctype in {"Payment Schedule", "Dynamic Link"} and "parent" not in query:
            return _refusal(403, "PermissionError", "Not permitted")
        rows = self.tables.get(doctype, [])
        for key, operator, wished in json.loads(query.get("filters", "[]")):
            rows = [row for row in rows if _fits(row.get(key), operator, wished)]
        key, _, direction = query.get("order_by", "modified desc").partition(" ")
        rows = sorted(rows, key=lambda row: str(row.get(key)), reverse=direction == "desc")
        fields = json.loads(query.get("fields", '["name"]'))
        rows = [{name: row.get(name) for name in fields} for row in rows[: int(query.get("limit_page_length", 20))]]
        if self.between:
            self.between.pop(0)()
        return _data(rows)

    def _one(self, doctype: str, name: str) -> Reply:
        found = next((row for row in self.tables.get(doctype, []) if row["name"] == name), None)
        return _data(found) if found else _refusal(404, "DoesNotExistError", f"{doctype} {name} not found")

    def _method(self, method: str, query: dict[str, str]) -> Reply:
        if method == "frappe.auth.get_logged_user":
            return 200, {}, json.dumps({"message": "kontorist@example.org"})
        assert method == "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
        return 200, {}, json.dumps({"message": self._proposal(query["dn"])})

    def _proposal(self, name: str) -> Row:
        row = next(row for row in self.tables["Sales Invoice"] if row["name"] == name)
        receives = row["outstanding_amount"] > 0
        reference = {"reference_doctype": "Sales Invoice", "reference_name": name, "due_date": row["due_date"]}
        return {
            "doctype": "Payment Entry",
            "payment_type": "Receive" if receives else "Pay",
            "company": "Muster GmbH",
            "party_type": "Customer",
            "party": row["customer"],
            "cost_center": "Main - MG",
            "paid_from": "1400 - Debtors - MG" if receives else "Cash - MG",
            "paid_to": "Cash - MG" if receives else "1400 - Debtors - MG",
            "paid_from_account_currency": row["party_account_currency"],
            "paid_to_account_currency": row["party_account_currency"],
            "source_exchange_rate": self.rate,
            "target_exchange_rate": self.rate,
            "paid_amount": abs(row["outstanding_amount"]),
            "deductions": [{"account": "Discount - MG", "amount": 2.38}],
            "references": self.payment_terms or [reference | {"allocated_amount": row["outstanding_amount"]}],
        }

    def _add(self, doctype: str, values: Row) -> Reply:
        assert doctype == "Payment Entry"
        assert values["docstatus"] == 1
        for reference in values["references"]:
            row = next(row for row in self.tables["Sales Invoice"] if row["name"] == reference["reference_name"])
            row["outstanding_amount"] = round(row["outstanding_amount"] - reference["allocated_amount"], 2)
            row["status"] = row["status"] if row["outstanding_amount"] else "Paid"
        payments = self.tables.setdefault("Payment Entry", [])
        payments.append({"name": f"ACC-PAY-{len(payments) + 1}", "modified": "2026-05-04", **values})
        return _data(payments[-1])


def _fits(value: Any, operator: str, wished: Any) -> bool:
    match operator:
        case "=":
            return bool(value == wished)
        case "!=":
            return bool(value != wished)
        case "in":
            return value in wished
        case ">":
            return bool((value or type(wished)()) > wished)
        case ">=":
            return bool((value or type(wished)()) >= wished)
    raise AssertionError(operator)


def _data(found: Any) -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps({"data": found}, default=float)


def _refusal(status: int, kind: str, message: str) -> Reply:
    messages = json.dumps([json.dumps({"message": f"<b>{message}</b>", "title": "Message"})])
    body = {"exc_type": kind, "exception": f"frappe.exceptions.{kind}", "_server_messages": messages}
    return status, {"Content-Type": "application/json"}, json.dumps(body)


def stored(**more: Any) -> Row:
    """Give an invoice as the site keeps it."""
    row = invoice(company="Muster GmbH", **more)
    return {key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()}


@pytest.fixture
def site() -> Iterator[FakeSite]:
    fake = FakeSite(
        tables={
            "Sales Invoice": [stored()],
            "Customer": [CUSTOMER | {"name": "Huber GmbH"}],
            "Address": ADDRESSES,
            "Contact": [{"name": "Eva", "email_id": "eva@huber.example"}],
            "Country": [{"name": "Germany", "code": "de"}],
            "Dynamic Link": [
                {"name": "a1", "parenttype": "Address", "parent": "Huber-Rechnung"},
                {"name": "b1", "parenttype": "Contact", "parent": "Eva"},
                {"name": "c1", "parenttype": "Address", "parent": "Elsewhere", "link_doctype": "Supplier"},
            ],
            "Account": [{"name": BANK, "account_currency": "EUR", "company": "Muster GmbH"}],
            "Bank Account": [
                {
                    "name": "Hausbank",
                    "iban": "DE02 1203 0000 0000 2020 51",
                    "account": BANK,
                    "is_company_account": 1,
                    "company": "Muster GmbH",
                },
            ],
        }
    )
    for link in fake.tables["Dynamic Link"]:
        link.setdefault("link_doctype", "Customer")
        link.setdefault("link_name", "Huber GmbH")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def connected(line: Line, **more: Any) -> Erpnext:
    standard: Row = {"url": BASE, "token": SecretSettings(env="ERPNEXT_TOKEN"), "company": "Muster GmbH"}
    fast = {"requests_per_second": 100_000}
    return Erpnext.connect(ErpnextSettings(kind="erpnext", name="erp", **standard | fast | more), line)


@pytest.fixture
def tool(line: Line) -> Erpnext:
    return connected(line)


# --- What it is asked ----------------------------------------------------------------------------------------------


def test_the_open_set_is_what_is_submitted_and_outstanding_in_our_company(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Sales Invoice"] += [
        stored(name="RE-2", outstanding_amount=0.0, status="Paid"),
        stored(name="RE-3", docstatus=0, status="Draft"),
        stored(name="RE-4", docstatus=2, status="Cancelled"),
        stored(name="RE-5") | {"company": "Other AG"},
        stored(name="GS-6", outstanding_amount=-5.0, grand_total=-5.0, status="Return"),
    ]

    assert sorted(one.number for one in tool.open_documents()) == ["GS-6", "RE-2026-0001"]


def test_more_than_twenty_and_more_than_a_page_are_read(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Sales Invoice"] = [stored(name=f"Rechnung/Süd #{number:05d}") for number in range(1_203)]

    assert len({one.key for one in tool.open_documents()}) == 1_203
    assert site.longest < 4_094  # what gunicorn takes in one line


def test_a_row_that_leaves_while_we_read_moves_no_other(tool: Erpnext, site: FakeSite) -> None:
    rows = site.tables["Sales Invoice"] = [stored(name=f"RE-{number:05d}") for number in range(1_000)]
    site.between = [lambda: rows.pop(0)]

    assert len({one.key for one in tool.open_documents()}) == 1_000


def test_skonto_comes_from_the_rows_of_the_terms(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Payment Schedule"] = [
        {**term(), "name": "t1", "parenttype": "Sales Invoice", "discount": 2.0, "invoice_portion": 100.0},
        {
            **term(parent="RE-9"),
            "name": "t2",
            "parenttype": "Sales Invoice",
            "discount": 3.0,
            "invoice_portion": 100.0,
        },
    ]

    (found,) = tool.open_documents()

    assert found.item is not None
    assert (found.item.skonto_percent, found.item.skonto_until) == (Decimal("2.0"), date(2026, 4, 8))


def test_changes_are_asked_for_by_the_time_of_the_site_with_a_day_of_overlap(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Sales Invoice"] += [
        stored(name="RE-OLD", modified="2026-03-01 10:00:00.000000"),
        stored(name="RE-2", docstatus=2, status="Cancelled", modified="2026-05-04 09:00:00.000000"),
        stored(name="RE-3", docstatus=0, status="Draft", modified="2026-05-04 09:30:00.000000"),
    ]

    changes = tool.changed_documents("2026-04-02 02:00:00.000000")

    assert {one.number: one.standing for one in changes.documents} == {"RE-2026-0001": OPEN, "RE-2": CANCELLED}
    assert changes.cursor == "2026-05-04 09:30:00.000000"


def test_the_first_night_only_takes_the_time(tool: Erpnext, site: FakeSite) -> None:
    first = tool.changed_documents("")
    site.tables["Sales Invoice"] = []
    empty = tool.changed_documents("")

    assert (list(first.documents), first.cursor) == ([], "2026-04-01 10:00:00.123456")
    assert (list(empty.documents), empty.cursor) == ([], "")


def test_one_invoice_is_read_by_its_name_whatever_stands_in_it(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Sales Invoice"] = [stored(name="RE/2026 #1 ä", payment_schedule=[term(discount=2.0)])]

    found = tool.document(RemoteKey("invoice", "RE/2026 #1 ä"))

    assert found.item is not None
    assert found.item.skonto_percent == 2
    with pytest.raises(NotThere, match="not found"):
        tool.document(RemoteKey("invoice", "RE-GONE"))


def test_customers_come_with_their_linked_address_and_person(tool: Erpnext, site: FakeSite) -> None:
    (found,) = tool.contacts()

    assert found.debtor is not None
    assert (found.remote_id, found.debtor.city, found.debtor.email) == ("Huber GmbH", "Dresden", "eva@huber.example")


def test_a_pull_names_debtors_by_the_number_of_the_office(line: Line, site: FakeSite) -> None:
    site.tables["Customer"][0]["debitor"] = "10001"
    source = ToolSource(connected(line, debtor_number_field="debitor"))

    pulled = source.pull()

    assert [(item.document_number, item.debtor_number) for item in pulled.items] == [("RE-2026-0001", "10001")]
    assert pulled.complete
    assert pulled.cursors == {"changes": "2026-04-01 10:00:00.123456"}


def test_the_check_says_as_whom_we_are_known(tool: Erpnext, site: FakeSite) -> None:
    assert tool.check() == (
        "ERPNext answers, and knows us as kontorist@example.org; the newest document is RE-2026-0001"
    )
    site.tables["Sales Invoice"] = []
    assert tool.check().endswith("there is no invoice of Muster GmbH yet")


# --- What it answers when it cannot --------------------------------------------------------------------------------

ONE = "GET /api/resource/Sales Invoice/"


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (401, "AuthenticationError", Refused),
        (403, "PermissionError", Refused),
        (404, "DoesNotExistError", NotThere),
        (409, "DuplicateEntryError", Conflict),
        (417, "ValidationError", Refused),
        (500, "OperationalError", Unavailable),
        (503, "SessionStopped", Unavailable),
    ],
)
def test_each_status_means_something(
    tool: Erpnext, site: FakeSite, status: int, kind: str, error: type[Exception]
) -> None:
    site.broken = {ONE: [_refusal(status, kind, "So &amp; nicht")] * 9}

    with pytest.raises(error, match=rf"{status}, So & nicht"):
        tool.document(RemoteKey("invoice", "RE-2026-0001"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"exc_type": "PermissionError"}, "PermissionError"),
        ({"exception": "frappe.exceptions.DataError: Field not permitted"}, "Field not permitted"),
        ({"_server_messages": '["einfach so"]'}, "einfach so"),
        ({"_server_messages": "no list at all"}, "no list at all"),
        ({"_server_messages": "5"}, "_server_messages"),
        ([], r"\[\]"),
    ],
)
def test_a_refusal_is_told_in_whatever_words_there_are(tool: Erpnext, site: FakeSite, body: Any, says: str) -> None:
    site.broken = {ONE: [(417, {}, json.dumps(body))]}

    with pytest.raises(Refused, match=says):
        tool.document(RemoteKey("invoice", "RE-2026-0001"))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ((200, {}, "<html>Anmelden</html>"), "web page"),
        ((200, {}, '{"data": [{"na'), "not JSON"),
        ((200, {}, '{"data": {}}'), "list of objects"),
        ((200, {}, '{"data": [{"status": "Paid"}]}'), "a name in every row"),
    ],
)
def test_what_is_no_list_is_told_as_such(tool: Erpnext, site: FakeSite, reply: Reply, says: str) -> None:
    site.broken = {"GET /api/resource/Sales Invoice": [reply]}

    with pytest.raises(Unreadable, match=says):
        list(tool.open_documents())


def test_a_proxy_that_fails_with_a_page_is_asked_again(tool: Erpnext, site: FakeSite) -> None:
    site.broken = {ONE: [(502, {"Content-Type": "text/html"}, "<html>Bad Gateway</html>")]}

    assert tool.document(RemoteKey("invoice", "RE-2026-0001")).item is not None


def test_it_waits_until_its_time_budget_is_full_again(tool: Erpnext, site: FakeSite, waits: Waits) -> None:
    spent = {"X-RateLimit-Limit": "600000000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "41"}
    site.broken = {ONE: [(429, spent | {"Retry-After": "41"}, "Too Many Requests")]}

    assert tool.document(RemoteKey("invoice", "RE-2026-0001")).item is not None
    assert any(seconds >= 41 for seconds in waits.seconds)


def test_after_the_last_of_its_time_it_rests(tool: Erpnext, site: FakeSite, waits: Waits) -> None:
    last = {"X-RateLimit-Limit": "600000000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "41"}
    site.broken = {ONE: [(200, last, json.dumps({"data": stored()}))]}
    for _ in range(2):
        tool.document(RemoteKey("invoice", "RE-2026-0001"))

    assert any(seconds > 40 for seconds in waits.seconds)


# --- What it is told -----------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "erp:invoice:RE-2026-0001",
        "key": RemoteKey("invoice", "RE-2026-0001"),
        "document_number": "RE-2026-0001",
        "debtor_number": "Huber GmbH",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH RE-2026-0001",
        "own_account": IBAN,
    }
    return PaymentOrder(**standard | more)


def test_a_payment_is_one_submitted_entry_found_by_its_number(tool: Erpnext, site: FakeSite) -> None:
    assert tool.booked(payment()) is None

    written = tool.book(payment())

    (entry,) = site.tables["Payment Entry"]
    assert written.remote_id == "ACC-PAY-1"
    assert {key: entry[key] for key in ("payment_type", "party", "paid_from", "paid_to", "posting_date")} == {
        "payment_type": "Receive",
        "party": "Huber GmbH",
        "paid_from": "1400 - Debtors - MG",
        "paid_to": BANK,
        "posting_date": "2026-05-04",
    }
    assert (entry["paid_amount"], entry["received_amount"], entry["deductions"]) == (119.0, 119.0, [])
    assert (entry["reference_no"], entry["reference_date"]) == ("kontorist-5f2c", "2026-05-04")
    assert [(row["reference_name"], row["allocated_amount"]) for row in entry["references"]] == [
        ("RE-2026-0001", 119.0)
    ]
    assert tool.document(RemoteKey("invoice", "RE-2026-0001")).standing is SETTLED
    again = tool.booked(payment())
    assert again is not None
    assert again.remote_id == "ACC-PAY-1"


def test_a_part_payment_leaves_the_rest_open(tool: Erpnext, site: FakeSite) -> None:
    tool.book(payment(amount=Money(4_000, "EUR"), closes=False))

    item = tool.document(RemoteKey("invoice", "RE-2026-0001")).item
    assert item is not None
    assert item.open_amount == Money(7_900, "EUR")


def test_skonto_and_a_difference_are_closed_over_their_accounts(line: Line, site: FakeSite) -> None:
    tool = connected(line, skonto_account="8736 - Skonti - MG", difference_account="4970 - Kosten - MG")

    tool.book(payment(amount=Money(11_660, "EUR"), skonto=Money(238, "EUR"), difference=Money(2, "EUR")))

    (entry,) = site.tables["Payment Entry"]
    assert entry["paid_amount"] == 116.6
    assert entry["references"][0]["allocated_amount"] == 119.0
    assert entry["deductions"] == [
        {"account": "8736 - Skonti - MG", "cost_center": "Main - MG", "amount": 2.38},
        {"account": "4970 - Kosten - MG", "cost_center": "Main - MG", "amount": 0.02},
    ]


def test_money_that_goes_out_for_a_credit_note_is_allocated_below_zero(line: Line, site: FakeSite) -> None:
    negative = {"grand_total": -20.0, "base_grand_total": -20.0, "outstanding_amount": -20.0}
    site.tables["Sales Invoice"] = [stored(name="GS-1", status="Return", **negative)]
    tool = connected(line, difference_account="4970 - Kosten - MG", cost_center="Office - MG")

    tool.book(
        payment(
            key=RemoteKey("invoice", "GS-1"),
            is_credit_note=True,
            amount=Money(1_999, "EUR"),
            difference=Money(1, "EUR"),
        )
    )

    (entry,) = site.tables["Payment Entry"]
    assert (entry["payment_type"], entry["paid_from"], entry["paid_to"]) == ("Pay", BANK, "1400 - Debtors - MG")
    assert entry["paid_amount"] == 19.99
    assert entry["references"][0]["allocated_amount"] == -20.0
    assert entry["deductions"] == [{"account": "4970 - Kosten - MG", "cost_center": "Office - MG", "amount": -0.01}]


def test_a_payment_is_spread_over_the_terms_that_erpnext_proposes(tool: Erpnext, site: FakeSite) -> None:
    site.payment_terms = [
        {
            "reference_doctype": "Sales Invoice",
            "reference_name": "RE-2026-0001",
            "payment_term": name,
            "allocated_amount": 59.5,
        }
        for name in ("erste Hälfte", "zweite Hälfte")
    ]

    tool.book(payment(amount=Money(8_000, "EUR"), closes=False))

    (entry,) = site.tables["Payment Entry"]
    assert [(row["payment_term"], row["allocated_amount"]) for row in entry["references"]] == [
        ("erste Hälfte", 59.5),
        ("zweite Hälfte", 20.5),
    ]


def test_only_what_is_proposed_for_this_invoice_is_settled(tool: Erpnext, site: FakeSite) -> None:
    site.payment_terms = [{"reference_name": "RE-OTHER", "allocated_amount": 119.0}]

    with pytest.raises(Conflict, match="more would be settled"):
        tool.book(payment())
    assert "Payment Entry" not in site.tables


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"amount": Money(11_662, "EUR"), "skonto": Money(238, "EUR")}, "skonto_account"),
        ({"amount": Money(11_899, "EUR"), "difference": Money(1, "EUR")}, "difference_account"),
        ({"amount": Money(12_000, "EUR")}, "more would be settled"),
        ({"is_credit_note": True}, "would not Pay"),
        ({"own_account": "DE99"}, "no Bank Account"),
        (
            {"amount": Money(11_900, "USD"), "skonto": Money(0, "USD"), "difference": Money(0, "USD")},
            "not kept in USD",
        ),
    ],
)
def test_what_cannot_be_booked_surely_is_refused_before_anything_is_written(
    tool: Erpnext, site: FakeSite, order: Row, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        tool.book(payment(**order))
    assert not any(line.startswith("POST") for line in site.asked)


def test_a_debtor_account_in_another_currency_is_left_to_a_person(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Sales Invoice"][0]["party_account_currency"] = "CHF"

    with pytest.raises(Refused, match="kept in CHF"):
        tool.book(payment())


def test_what_is_granted_in_a_currency_that_is_not_the_companys_is_left_to_a_person(
    line: Line, site: FakeSite
) -> None:
    site.rate = 0.93
    tool = connected(line, skonto_account="8736 - Skonti - MG")

    with pytest.raises(Refused, match="not the currency of Muster GmbH"):
        tool.book(payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")))
    tool.book(payment())
    assert len(site.tables["Payment Entry"]) == 1


def test_a_bank_account_of_the_ledger_may_be_named(line: Line, site: FakeSite) -> None:
    site.tables["Bank Account"] = []

    connected(line, bank_account=BANK).book(payment(own_account="PAYPAL:KASSE"))

    assert site.tables["Payment Entry"][0]["paid_to"] == BANK


def test_a_draft_of_ours_is_left_to_a_person(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Payment Entry"] = [
        {"name": "ACC-PAY-9", "reference_no": "kontorist-5f2c", "company": "Muster GmbH", "docstatus": 0}
    ]

    with pytest.raises(Refused, match="ACC-PAY-9 stands there as a draft"):
        tool.booked(payment())


def test_a_cancelled_entry_of_ours_counts_as_not_booked(tool: Erpnext, site: FakeSite) -> None:
    site.tables["Payment Entry"] = [
        {"name": "ACC-PAY-9", "reference_no": "kontorist-5f2c", "company": "Muster GmbH", "docstatus": 2}
    ]

    assert tool.booked(payment()) is None


def test_a_refused_payment_is_told_in_erpnexts_own_words(tool: Erpnext, site: FakeSite) -> None:
    site.broken = {"POST": [_refusal(417, "ValidationError", "Accounting Period is closed")]}

    with pytest.raises(Refused, match="Accounting Period is closed"):
        tool.book(payment())


def test_a_payment_that_may_have_been_taken_is_never_told_twice(tool: Erpnext, site: FakeSite) -> None:
    site.broken = {"POST": [(504, {}, "<html>Gateway Time-out</html>")]}

    with pytest.raises(Uncertain):
        tool.book(payment())
    assert sum(line.startswith("POST") for line in site.asked) == 1


# --- Settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"company": ""},
        {"debtor_number_field": "name; drop"},
        {"requests_per_second": 0},
        {"token": {}},
        {"write_back": {"dunning": True}},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: Row) -> None:
    right = {"kind": "erpnext", "name": "erp", "url": BASE, "token": {"env": "TOKEN"}, "company": "Muster GmbH"}
    ErpnextSettings.model_validate(right)

    with pytest.raises(ValidationError):
        ErpnextSettings.model_validate(right | wrong)


def test_an_address_without_encryption_needs_to_be_wished(line: Line) -> None:
    with pytest.raises(Refused, match="not encrypted"):
        connected(line, url="http://erp.example.org")
