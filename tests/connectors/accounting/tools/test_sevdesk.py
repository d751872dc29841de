"""sevDesk: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import DunningOrder, PaymentOrder
from connectors.accounting.sevdesk import Sevdesk, SevdeskSettings
from connectors.accounting.sevdesk.contacts import contact
from connectors.accounting.sevdesk.desk import BASE
from connectors.accounting.sevdesk.documents import CREDIT_NOTE, INVOICE, translate
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

OUR_IBAN = "DE02120300000000202051"

Reply = tuple[int, dict[str, str], str]


def invoice(number: int = 1, **more: Any) -> dict[str, Any]:
    """Give an invoice as sevDesk tells it: numbers as texts, but what was paid as a number."""
    return {
        "id": str(number),
        "objectName": "Invoice",
        "invoiceNumber": f"RE-{number:04d}",
        "invoiceType": "RE",
        "invoiceDate": "2026-04-01T00:00:00+02:00",
        "timeToPay": "14",
        "discount": "0",
        "discountTime": "0",
        "status": "200",
        "contact": {"id": "7", "objectName": "Contact"},
        "currency": "EUR",
        "sumGross": "119",
        "sumGrossForeignCurrency": "0",
        "paidAmount": 0,
        "dunningLevel": None,
        "customerInternalNote": None,
        "update": "2026-04-01T10:00:00+02:00",
        "taxType": "default",
        **more,
    }


def credit_note(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "objectName": "CreditNote",
        "creditNoteNumber": f"GU-{number:04d}",
        "creditNoteDate": "2026-04-02T00:00:00+02:00",
        "status": "200",
        "contact": {"id": "7", "objectName": "Contact"},
        "currency": "EUR",
        "sumGross": "58.31",
        "taxRule": {"id": "1", "objectName": "TaxRule"},
        **more,
    }


def customer(**more: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "objectName": "Contact",
        "name": "Huber GmbH",
        "customerNumber": "10001",
        "category": {"id": "3", "objectName": "Category"},
        "bankAccount": "DE89 3704 0044 0532 0130 00",
        **more,
    }


def address(**more: Any) -> dict[str, Any]:
    return {
        "id": "70",
        "contact": {"id": "7", "objectName": "Contact"},
        "street": "Hauptstraße 1",
        "zip": "80331",
        "city": "München",
        "country": {"id": "1", "objectName": "StaticCountry", "code": "de"},
        "category": {"id": "43", "objectName": "Category"},
        **more,
    }


def transaction(number: int, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "objectName": "CheckAccountTransaction",
        "valueDate": "2026-05-04T12:00:00+02:00",
        "entryDate": "2026-05-04T00:00:00+02:00",
        "amount": amount,
        "payeePayerName": "Huber GmbH",
        "paymtPurpose": "RE-0001",
        "status": "100",
        "checkAccount": {"id": "5", "objectName": "CheckAccount"},
        **more,
    }


def payment(**more: Any) -> PaymentOrder:
    order = PaymentOrder(
        operation="kontorist-1",
        decision=1,
        item_id="sev:invoice:1",
        key=RemoteKey("invoice", "1"),
        document_number="RE-0001",
        debtor_number="10001",
        day=date(2026, 5, 4),
        amount=Money(11_900, "EUR"),
        skonto=Money(0, "EUR"),
        difference=Money(0, "EUR"),
        is_credit_note=False,
        closes=True,
        open_before=Money(11_900, "EUR"),
        text="Huber GmbH RE-0001",
        own_account=OUR_IBAN,
    )
    return replace(order, **more)


def stage(level: int, **more: Any) -> DunningOrder:
    order = DunningOrder(
        operation="kontorist-2",
        item_id="sev:invoice:1",
        key=RemoteKey("invoice", "1"),
        document_number="RE-0001",
        level=level,
        stage="reminder",
        sent_on=date(2026, 5, 5),
        deadline=date(2026, 5, 19),
        fee=Money(0, "EUR"),
        interest=Money(0, "EUR"),
    )
    return replace(order, **more)


@dataclass
class FakeSevdesk:
    """A small sevDesk: lists with filters, and bank transactions that become linked."""

    lists: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            "Invoice": [],
            "CreditNote": [],
            "Contact": [customer()],
            "ContactAddress": [address()],
            "CommunicationWay": [],
            "CheckAccount": [{"id": "5", "name": "Geschäftskonto", "iban": "DE02 1203 0000 0000 2020 51"}],
            "CheckAccountTransaction": [],
            "CheckAccountTransactionLog": [],
        }
    )
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    swallows: bool = False  # does it, and then the connection breaks
    refuses: str = ""

    def has(self, *records: dict[str, Any]) -> None:
        for record in records:
            self.lists[record["objectName"]].append(record)

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix("/api/v1/")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        assert request.headers["Authorization"] == "s3cret-key-of-the-office", "no Bearer"
        if request.method != "GET":
            return self._told(path, json.loads(request.body or "{}"))
        self.asked.append((path, query))
        if path == "Tools/bookkeepingSystemVersion":
            return self._said({"objects": {"version": "2.0"}})
        model, _, remote_id = path.partition("/")
        if remote_id:
            return self._said({"objects": [one for one in self.lists[model] if one["id"] == remote_id]})
        rows = self._listed(model, query)
        first, size = int(query["offset"]), int(query["limit"])
        return self._said({"objects": rows[first : first + size], "total": str(len(rows))})

    def _listed(self, model: str, query: dict[str, str]) -> list[dict[str, Any]]:
        rows = self.lists[model]
        if model == "Invoice":
            kind = query.get("invoiceType")
            rows = [one for one in rows if (one["invoiceType"] == kind if kind else one["invoiceType"] != "MA")]
        if "status" in query:
            rows = [one for one in rows if one["status"] == query["status"]]
        if "type" in query:
            rows = [one for one in rows if one["type"] == query["type"]]
        return rows

    def _told(self, path: str, said: dict[str, Any]) -> Reply:
        if self.refuses:
            return 422, {}, json.dumps({"error": {"message": self.refuses, "exceptionUUID": "x"}})
        if path == "Invoice/Factory/createInvoiceReminder":
            level = 1 + sum(one["invoiceType"] == "MA" for one in self.lists["Invoice"])
            origin = {"id": str(said["invoice"]["id"]), "objectName": "Invoice"}
            made = invoice(900 + level, invoiceType="MA", status="100", dunningLevel=str(level), origin=origin)
            self.has(made)
            return self._said({"objects": made})
        model, remote_id, _ = path.split("/")
        self.told.append(said)
        number = str(said["checkAccountTransaction"]["id"])
        linked = next(one for one in self.lists["CheckAccountTransaction"] if one["id"] == number)
        linked["status"] = "400"
        document = next(one for one in self.lists[model] if one["id"] == remote_id)
        paid = Decimal(str(document.get("paidAmount", 0))) + abs(Decimal(said["amount"]))
        document["paidAmount"] = str(paid)
        closed = said["type"] in {"CB", "O"} or paid >= Decimal(document["sumGross"])
        document["status"] = "1000" if closed else "750"
        self.lists["CheckAccountTransactionLog"].append(
            {
                "id": str(len(self.told)),
                "checkAccountTransaction": {"id": number, "objectName": "CheckAccountTransaction"},
                "object": {"id": remote_id, "objectName": model},
                "amountPaid": said["amount"],
            }
        )
        if self.swallows:
            return 504, {}, "<html>Gateway Time-out</html>"
        return self._said(
            {"id": "1", "objectName": "InvoiceLog", "fromStatus": "200", "toStatus": document["status"]}
        )

    def _said(self, record: dict[str, Any]) -> Reply:
        return 200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(record)


@pytest.fixture
def sevdesk() -> Iterator[FakeSevdesk]:
    fake = FakeSevdesk()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.PUT, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


@pytest.fixture
def tool(line: Line) -> Sevdesk:
    return Sevdesk.connect(SevdeskSettings(kind="sevdesk", name="sev", key=SecretSettings(env="SEVDESK_KEY")), line)


# --- What becomes of a document ------------------------------------------------------------------------------------


def test_what_is_open_is_what_was_not_paid_and_due_is_date_and_term() -> None:
    document = translate(INVOICE, invoice(sumGross="119.00", paidAmount="19.5", status="750"), "sev")
    item = document.item

    assert item is not None
    assert item.item_id == "sev:invoice:1"
    assert (item.amount, item.open_amount) == (Money(11_900, "EUR"), Money(9_950, "EUR"))
    assert (item.document_date, item.due_date) == (date(2026, 4, 1), date(2026, 4, 15))
    assert (document.contact_id, item.debtor_number) == ("7", "")


@pytest.mark.parametrize(
    ("status", "paid", "standing", "left"),
    [
        ("50", 0, Standing.DRAFT, None),
        ("100", 0, Standing.DRAFT, None),
        ("200", None, Standing.OPEN, 11_900),
        ("200", 100, Standing.OPEN, 1_900),  # paid in part before June 2024, when 750 came
        ("200", 200, Standing.OPEN, 0),
        ("200", -10, Standing.OPEN, 11_900),  # paid back more than came: never more than was claimed
        ("750", "19", Standing.OPEN, 10_000),
        ("1000", 119, Standing.SETTLED, 0),
        ("1000", 100, Standing.SETTLED, 0),  # with Skonto
    ],
)
def test_a_state_is_a_standing(status: str, paid: object, standing: Standing, left: int | None) -> None:
    document = translate(INVOICE, invoice(status=status, paidAmount=paid), "sev")

    assert (document.standing, document.findings) == (standing, ())
    assert (document.item.open_amount.minor if document.item else None) == left


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"status": "300"}, "'300' is a state we do not know"),
        ({"status": None}, "is a state we do not know"),
        ({"invoiceType": "XX"}, "'XX' is a kind of invoice we do not know"),
        ({"status": "750", "paidAmount": None}, "is missing, though a part was paid"),
        ({"invoiceDate": None}, "is missing"),
        ({"invoiceNumber": None}, "is missing"),
        ({"contact": None}, "is missing"),
        ({"contact": {"id": True}}, "is missing"),
        ({"sumGross": "119.005"}, "'119.005' has more decimal places than EUR"),
        ({"sumGross": "one"}, "'one' is no number"),
        ({"currency": "DM"}, "DM"),
        ({"timeToPay": "2.5"}, "is no whole number"),
        ({"timeToPay": "99999999"}, "is no believable number of days"),
        ({"discountTime": "-1", "discount": "2"}, "is no believable number of days"),
        ({"discount": "120", "discountTime": "3"}, "is no percentage of a discount"),
        (
            {"currency": "USD", "sumGrossForeignCurrency": "130", "paidAmount": 60},
            "was paid on a document in foreign currency",
        ),
    ],
)
def test_what_cannot_be_read_is_one_finding_and_the_document_waits(told: dict[str, Any], what: str) -> None:
    document = translate(INVOICE, invoice(**told), "sev")

    assert (document.item, document.standing) == (None, Standing.OPEN)
    assert what in document.findings[0].what


def test_skonto_needs_both_its_percentage_and_its_days() -> None:
    given_both = translate(INVOICE, invoice(discount="2", discountTime="8"), "sev").item
    without_days = translate(INVOICE, invoice(discount="2", discountTime="0"), "sev").item

    assert given_both is not None
    assert without_days is not None
    assert (given_both.skonto_percent, given_both.skonto_until) == (Decimal(2), date(2026, 4, 9))
    assert (without_days.skonto_percent, without_days.skonto_until) == (None, None)


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"currency": "USD", "sumGrossForeignCurrency": "130.5"}, Money(13_050, "USD")),
        ({"currency": "JPY", "sumGross": "119.37", "sumGrossForeignCurrency": "20000"}, Money(20_000, "JPY")),
        ({"currency": "CHF", "sumGrossForeignCurrency": "0"}, Money(11_900, "CHF")),  # a company in Switzerland
        ({"sumGrossForeignCurrency": "119.00", "paidAmount": 0}, Money(11_900, "EUR")),
    ],
)
def test_an_amount_is_in_the_currency_of_its_document(told: dict[str, Any], amount: Money) -> None:
    item = translate(INVOICE, invoice(**told), "sev").item

    assert item is not None
    assert (item.amount, item.open_amount) == (amount, amount)


def test_a_credit_note_is_positive_and_due_at_once() -> None:
    item = translate(CREDIT_NOTE, credit_note(), "sev").item

    assert item is not None
    assert (item.item_id, item.kind) == ("sev:creditnote:1", ItemKind.CREDIT_NOTE)
    assert (item.amount, item.open_amount, item.due_date) == (
        Money(5_831, "EUR"),
        Money(5_831, "EUR"),
        date(2026, 4, 2),
    )


def test_a_credit_note_paid_in_part_waits_because_sevdesk_does_not_say_how_much() -> None:
    assert translate(CREDIT_NOTE, credit_note(status="750"), "sev").item is None


def test_an_invoice_below_nothing_is_money_of_the_debtor() -> None:
    item = translate(INVOICE, invoice(sumGross="-20", paidAmount=-5), "sev").item

    assert item is not None
    assert (item.kind, item.open_amount) == (ItemKind.CREDIT_NOTE, Money(1_500, "EUR"))


def test_both_versions_of_the_bookkeeping_are_read_alike() -> None:
    first = translate(INVOICE, invoice(taxType="default"), "sev").item
    second = translate(INVOICE, invoice(taxType=None, taxRule={"id": "1", "objectName": "TaxRule"}), "sev").item

    assert first == second


def test_a_customer_is_put_together_from_three_lists() -> None:
    ways = [
        {"key": {"id": "2"}, "main": "1", "value": "info@huber.example"},
        {"key": {"id": "8"}, "main": "0", "value": "rechnung@huber.example"},
    ]
    said = contact(customer(), [address(), address(category={"id": "47"}, street="Postfach 9")], ways, (), "sev")

    assert said is not None
    assert said.debtor is not None
    assert (said.debtor.number, said.debtor.name, said.debtor.type) == ("10001", "Huber GmbH", DebtorType.BUSINESS)
    assert (said.debtor.street, said.debtor.country) == ("Postfach 9", "DE")
    assert (said.debtor.email, said.debtor.phone) == ("rechnung@huber.example", "")
    assert said.debtor.ibans == ("DE89370400440532013000",)


@pytest.mark.parametrize(
    ("told", "number", "name"),
    [
        ({"name": None, "surename": "Erika", "familyname": "Muster"}, "10001", "Erika Muster"),
        ({"customerNumber": None}, "7", "Huber GmbH"),
        ({"customerNumber": "10002", "category": {"id": "2"}}, "10002", "Huber GmbH"),
    ],
)
def test_who_has_no_customer_number_is_known_by_his_id(told: dict[str, Any], number: str, name: str) -> None:
    said = contact(customer(**told), (), (), (), "sev")

    assert said is not None
    assert said.debtor is not None
    assert (said.debtor.number, said.debtor.name) == (number, name)


def test_a_supplier_is_no_debtor() -> None:
    assert contact(customer(customerNumber="", category={"id": "2"}), (), (), (), "sev") is None


def test_a_contact_without_an_id_is_a_finding_and_gets_nobodys_address() -> None:
    said = contact(customer(id=None), (), (), (), "sev")

    assert said is not None
    assert (said.remote_id, said.debtor) == ("", None)
    assert said.findings[0].what.startswith("is missing")


def test_a_country_that_nobody_names_is_a_finding() -> None:
    said = contact(customer(), [address(country={"id": "14"})], (), (), "sev")

    assert said is not None
    assert said.debtor is None
    assert "which country" in said.findings[0].what


@given(
    st.sampled_from([INVOICE, CREDIT_NOTE]),
    st.dictionaries(
        st.sampled_from([*invoice(), *credit_note()]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
            max_leaves=4,
        ),
    ),
)
def test_whatever_it_says_is_a_document_or_a_finding(model: str, strange: dict[str, Any]) -> None:
    row = invoice() if model == INVOICE else credit_note()
    document = translate(model, {**row, **strange}, "sev")

    assert document.item is not None or document.findings or document.standing is Standing.DRAFT


# --- What is asked -------------------------------------------------------------------------------------------------


def test_a_whole_reading(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), invoice(2, status="750", paidAmount=19), invoice(3, status="1000"))
    sevdesk.has(invoice(4, invoiceType="MA"), invoice(5, invoiceType="SR"), invoice(6, invoiceType="ER"))
    sevdesk.has(credit_note(1))

    pulled = ToolSource(tool).pull()

    assert [item.document_number for item in pulled.items] == ["RE-0001", "RE-0006", "RE-0002", "GU-0001"]
    assert {item.debtor_number for item in pulled.items} == {"10001"}
    assert [debtor.city for debtor in pulled.debtors] == ["München"]
    assert pulled.cursors == {"changes": "2026-05-05T00:30:00+00:00"}
    assert pulled.complete
    assert ("Contact", {"depth": "1", "limit": "500", "offset": "0", "countAll": "true"}) in sevdesk.asked


def test_a_row_without_an_id_is_said_and_becomes_no_item(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), invoice(2, id=None))

    pulled = ToolSource(tool).pull()

    assert [item.item_id for item in pulled.items] == ["sev:invoice:1"]
    assert not pulled.complete
    assert ["has no id" in finding.what for finding in pulled.findings] == [True]


def test_changes_are_asked_for_from_a_little_earlier_on(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1, status="1000", paidAmount=119), invoice(2, status="1000"), invoice(3, status="100"))
    sevdesk.has(invoice(4, invoiceType="SR", status="1000", origin={"id": "2", "objectName": "Invoice"}))
    sevdesk.has(credit_note(1, status="1000"))

    found = {d.key: d.standing for d in tool.changed_documents("2026-05-05T00:30:00+00:00").documents}
    asked = [query for path, query in sevdesk.asked if path in {"Invoice", "CreditNote"}]

    assert found == {
        RemoteKey("invoice", "1"): Standing.SETTLED,
        RemoteKey("invoice", "2"): Standing.CANCELLED,
        RemoteKey("invoice", "3"): Standing.DRAFT,
        RemoteKey("creditnote", "1"): Standing.SETTLED,
    }
    assert asked[0]["updateAfter"] == asked[1]["updateAfter"] == "1777940100"  # 00:15
    assert "updateAfter" not in asked[2]  # credit notes know none: the last 60 days are read again
    assert asked[2]["startDate"] == "1772757000"


def test_what_left_the_open_set_was_paid_cancelled_or_deleted(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1, status="1000"), invoice(2, status="1000"))
    sevdesk.has(invoice(9, invoiceType="SR", status="1000", origin={"id": "2", "objectName": "Invoice"}))
    keys = [RemoteKey("invoice", number) for number in ("1", "2", "3")]

    pulled = ToolSource(tool).pull(Known(open={key: f"sev:invoice:{key.remote_id}" for key in keys}))

    assert {left.key.remote_id: left.standing for left in pulled.left} == {
        "2": Standing.CANCELLED,
        "3": Standing.DELETED,
    }
    assert [(item.document_number, item.open_amount.minor) for item in pulled.items] == [
        ("RE-0001", 0),
        ("RE-0002", 0),
    ]


def test_a_row_that_moves_while_the_list_is_read_is_not_missed(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(*(invoice(number) for number in range(1, 1_201)))
    answer, pages = sevdesk.answer, 0

    def paid_meanwhile(request: PreparedRequest) -> Reply:
        nonlocal pages
        said = answer(request)
        pages += "/Invoice?" in str(request.url)
        if pages == 1:
            sevdesk.lists["Invoice"][3]["status"] = "1000"
        return said

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=paid_meanwhile)
        pulled = ToolSource(tool).pull()

    assert pulled.complete
    assert len(pulled.items) == 1_200


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"objects": []}),
        (200, {"objects": None}),
        (400, {"error": {"message": "Invoice was not found"}}),
        (404, {"error": {"message": "Not found", "code": 151}}),
    ],
)
def test_a_deleted_document_is_said_in_several_ways(tool: Sevdesk, status: int, body: dict[str, Any]) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/Invoice/1", json=body, status=status)
        with pytest.raises(NotThere):
            tool.document(RemoteKey("invoice", "1"))


def test_a_refusal_of_another_kind_is_no_deletion(tool: Sevdesk) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/Invoice/1", json={"error": {"message": "No access"}}, status=403)
        with pytest.raises(Refused, match="No access") as refused:
            tool.document(RemoteKey("invoice", "1"))
    assert not isinstance(refused.value, NotThere)


# --- What it is told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "amount", "kind", "status"),
    [
        (payment(), "119.00", "N", "1000"),
        (payment(amount=Money(5_000, "EUR"), closes=False), "50.00", "N", "750"),
        (payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR")), "116.62", "CB", "1000"),
        (payment(amount=Money(11_890, "EUR"), difference=Money(10, "EUR")), "118.90", "O", "1000"),
    ],
    ids=["whole", "part", "Skonto", "small difference"],
)
def test_the_bank_transaction_is_linked_once(
    sevdesk: FakeSevdesk, tool: Sevdesk, order: PaymentOrder, amount: str, kind: str, status: str
) -> None:
    sevdesk.has(invoice(1), transaction(50, amount), transaction(51, "7.00"))

    before = tool.booked(order)
    written = tool.book(order)
    after = tool.booked(order)

    assert before is None
    assert after is not None
    assert (written.remote_id, after.remote_id) == ("50", "50")
    assert sevdesk.told == [
        {
            "amount": amount,
            "date": 1777896000,  # noon of that day
            "type": kind,
            "checkAccount": {"id": 5, "objectName": "CheckAccount"},
            "checkAccountTransaction": {"id": 50, "objectName": "CheckAccountTransaction"},
            "createFeed": True,
        }
    ]
    assert sevdesk.lists["Invoice"][0]["status"] == status


def test_a_credit_note_was_paid_out(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(credit_note(1), transaction(50, "-58.31"), transaction(51, "58.31"))
    order = payment(key=RemoteKey("creditnote", "1"), amount=Money(5_831, "EUR"), is_credit_note=True)

    assert tool.book(order).remote_id == "50"
    assert sevdesk.told[0]["amount"] == "-58.31"
    assert sevdesk.lists["CreditNote"][0]["status"] == "1000"


@pytest.mark.parametrize(
    ("transactions", "order", "why"),
    [
        ([], payment(), "0 free bank transactions of 2026-05-04"),
        ([transaction(50, "119", status="400")], payment(), "0 free bank transactions"),
        ([transaction(50, "119", valueDate="2026-05-03T12:00:00+02:00", entryDate=None)], payment(), "0 free"),
        ([transaction(50, "300")], payment(), "0 free bank transactions"),  # one transfer for several invoices
        ([transaction(50, "119"), transaction(51, "119")], payment(), "2 free bank transactions"),
        (
            [transaction(50, "119", payeePayerName="Meier AG", paymtPurpose="RE-0002")],  # ours is not imported yet
            payment(),
            "0 free bank transactions",
        ),
        (
            [transaction(50, "119", payeePayerName="", paymtPurpose="Nr. 1 vom 1.4.")],
            payment(document_number="1"),
            "0 free bank transactions",
        ),
        ([transaction(50, "119")], payment(own_account="DE00"), "0 accounts there are with the IBAN DE00"),
        (
            [transaction(50, "119")],
            payment(skonto=Money(2, "EUR"), difference=Money(1, "EUR")),
            "cannot be told in one booking",
        ),
        ([transaction(50, "119")], payment(skonto=Money(2, "EUR"), closes=False), "this one stays open"),
        (
            [transaction(50, "119")],
            payment(amount=Money(11_900, "USD"), skonto=Money(0, "USD"), difference=Money(0, "USD")),
            "another currency",
        ),
    ],
)
def test_what_is_not_beyond_doubt_is_booked_by_hand(
    sevdesk: FakeSevdesk, tool: Sevdesk, transactions: list[dict[str, Any]], order: PaymentOrder, why: str
) -> None:
    sevdesk.has(invoice(1), *transactions)

    with pytest.raises(Refused, match=why):
        tool.book(order)
    assert sevdesk.told == []


def test_of_equal_transactions_that_of_the_payer_is_meant(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    other = transaction(50, "119", payeePayerName="Meier AG", paymtPurpose="Rechnung")
    sevdesk.has(invoice(1), other, transaction(51, "119", paymtPurpose="Rechnung"))

    assert tool.book(payment(text="HUBER  GMBH Rechnung 1")).remote_id == "51"


def test_of_equal_transactions_of_one_payer_that_of_the_document_is_meant(
    sevdesk: FakeSevdesk, tool: Sevdesk
) -> None:
    sevdesk.has(invoice(1), transaction(50, "119", paymtPurpose="RE-0002"), transaction(51, "119"))

    assert tool.book(payment()).remote_id == "51"


def test_an_archived_account_is_not_meant(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.lists["CheckAccount"].append({"id": "4", "name": "Alt", "iban": OUR_IBAN, "status": "0"})
    sevdesk.has(invoice(1), transaction(50, "119"))

    assert tool.book(payment()).remote_id == "50"


def test_the_account_may_be_named(sevdesk: FakeSevdesk, line: Line) -> None:
    settings = SevdeskSettings(
        kind="sevdesk", name="sev", key=SecretSettings(env="SEVDESK_KEY"), check_account="geschäftskonto"
    )
    sevdesk.has(invoice(1), transaction(50, "119"))

    assert Sevdesk.connect(settings, line).book(payment(own_account="PAYPAL:KASSE")).remote_id == "50"


def test_a_transaction_linked_with_another_document_is_not_this_booking(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), invoice(2), transaction(50, "119"))
    tool.book(payment(key=RemoteKey("invoice", "2")))

    assert tool.booked(payment()) is None


def test_a_booking_that_broke_off_is_found(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), transaction(50, "119"))
    sevdesk.swallows = True

    with pytest.raises(Uncertain):
        tool.book(payment())
    assert tool.booked(payment()) is not None
    assert len(sevdesk.told) == 1


def test_a_refused_booking_is_told_in_the_words_of_sevdesk(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), transaction(50, "119"))
    sevdesk.refuses = "Zeitraum ist festgeschrieben"

    with pytest.raises(Refused, match="Zeitraum ist festgeschrieben"):
        tool.book(payment())


def test_a_reminder_is_laid_down_as_a_draft_once_for_each_level(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1), invoice(2))

    before = tool.dunned(stage(1))
    written = tool.dun(stage(1))

    assert before is None
    assert written.says == "the draft of reminder 901 was laid down"
    assert tool.dunned(stage(1)) is not None
    assert tool.dunned(stage(2)) is None
    assert tool.dunned(stage(1, key=RemoteKey("invoice", "2"))) is None
    assert ("showMa", "all") in sevdesk.asked[0][1].items()


def test_the_level_of_the_invoice_itself_counts_as_well(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    sevdesk.has(invoice(1, dunningLevel="2"))

    assert tool.dunned(stage(2)) is not None
    assert tool.dunned(stage(3)) is None


def test_nobody_is_reminded_of_a_credit_note(tool: Sevdesk) -> None:
    order = stage(1, key=RemoteKey("creditnote", "1"))
    with pytest.raises(Refused, match="is no invoice"):
        tool.dun(order)
    with pytest.raises(Refused, match="is no invoice"):  # the invoice with the same id is another document
        tool.dunned(order)


# --- When it cannot ------------------------------------------------------------------------------------------------


def test_it_says_which_bookkeeping_this_is(sevdesk: FakeSevdesk, tool: Sevdesk) -> None:
    assert tool.check() == "sevDesk answers, with version 2.0 of its bookkeeping"


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
def test_a_refusal_is_told_in_its_own_words(tool: Sevdesk, status: int) -> None:
    body = {"error": {"message": "Nicht erlaubt", "exceptionUUID": "0-1"}}
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/Tools/bookkeepingSystemVersion", json=body, status=status)
        with pytest.raises(Refused) as refused:
            tool.check()
    assert f"{status}, Nicht erlaubt" in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 502])
def test_who_never_answers_is_unavailable(tool: Sevdesk, waits: Waits, status: int) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/Tools/bookkeepingSystemVersion", body="<html>Bad Gateway</html>", status=status)
        with pytest.raises(Unavailable):
            tool.check()
        assert len(mock.calls) == 3
    assert waits.seconds


@pytest.mark.parametrize(
    "body", ['{"objects": [', "<html>Login</html>", "[]", '{"objects": "x"}', '{"objects": [], "total": "many"}']
)
def test_an_answer_of_another_shape_is_unreadable(tool: Sevdesk, body: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/Invoice", body=body)
        with pytest.raises(Unreadable):
            list(tool.open_documents())


# --- The vendor's description --------------------------------------------------------------------------------------


@pytest.fixture(name="described", scope="module")
def _described() -> str:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS names no folder with the vendor's description")
    return next(Path(folder, "sevdesk").glob("*.yaml")).read_text(encoding="utf-8")


def _part(described: str, start: str, end: str) -> str:
    found = re.search(rf"(?ms)^{start}:\n(.*?)(?=^{end})", described)
    assert found is not None, start
    return found.group(1)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/Tools/bookkeepingSystemVersion", ["version"]),
        ("/Invoice", ["status", "get:"]),
        ("/Invoice/{invoiceId}", ["get:"]),
        ("/CreditNote", ["status", "startDate"]),
        ("/CreditNote/{creditNoteId}", ["get:"]),
        ("/Contact", ["depth"]),
        ("/ContactAddress", ["get:"]),
        ("/CommunicationWay", ["type"]),
        ("/CheckAccount", ["get:"]),
        ("/CheckAccountTransaction", ["checkAccount[id]", "checkAccount[objectName]", "startDate", "endDate"]),
        (
            "/Invoice/{invoiceId}/bookAmount",
            ["put:", "amount", "date", "type", "checkAccount", "checkAccountTransaction", "createFeed", "CB", "O"],
        ),
        ("/CreditNote/{creditNoteId}/bookAmount", ["put:", "amount", "checkAccountTransaction", "createFeed"]),
        ("/Invoice/Factory/createInvoiceReminder", ["post:", "invoice[id]", "invoice[objectName]"]),
    ],
)
def test_every_path_and_parameter_is_in_the_description(described: str, path: str, words: list[str]) -> None:
    part = _part(described, f"  {re.escape(path)}", "  /")

    assert [word for word in words if word not in part] == []


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("Model_InvoiceResponse", [name for name in invoice() if name != "taxType"]),
        ("Model_creditNoteResponse", list(credit_note())),
        ("Model_ContactResponse", ["surename", "familyname", *customer()]),
        ("Model_ContactAddressResponse", list(address())),
        ("Model_CommunicationWayResponse", ["key", "main", "value", "contact", "type"]),
        ("Model_CheckAccountResponse", ["id", "name", "iban", "currency"]),
        ("Model_CheckAccountTransactionResponse", list(transaction(1, "1"))),
    ],
)
def test_every_field_is_in_the_description(described: str, model: str, names: list[str]) -> None:
    part = _part(described, f"    {model}", "    Model_")

    assert [name for name in names if f"        {name}:" not in part] == []


@pytest.mark.parametrize(
    "filter_name",
    [
        "updateAfter=",
        "invoiceType=",
        "showMa=all",
        "origin[id]=",
        "orderByInvoiceNumber=",
        "orderByCreditNoteNumber=",
    ],
)
def test_every_filter_is_in_the_description(described: str, filter_name: str) -> None:
    assert filter_name in described
