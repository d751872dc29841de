"""DATEVconnect: postings of one account and one Belegfeld 1 are a document, and nothing is ever written."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import responses

from connectors.accounting import TOOLS, Capability
from connectors.accounting.datevconnect import DatevConnect, DatevConnectSettings
from connectors.accounting.datevconnect.debtors import contact
from connectors.accounting.datevconnect.postings import grouped, translate
from connectors.accounting.datevconnect.year import Term, Year, terms_of, year_of
from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import BooksPayments, SetsDunning
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import NotThere, Refused, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

    from connectors.accounting.document import Document
    from connectors.wire.line import Line

CLIENT = "9c18c30b-ac17-451f-81c7-1b9b26dd73fe"
BASE = "http://localhost:58454/datev/api/accounting/v1"
ROOT = f"{BASE}/clients/{CLIENT}/fiscal-years"
YEAR = Year(id="20260101", digits=5, currency="EUR", today=date(2026, 6, 1))
TERMS = {"10": Term(percent=Decimal(2), days=14)}


def posting(**fields: Any) -> dict[str, Any]:
    """Write an invoice over 119 euros as DATEVconnect tells it, but for what is said otherwise."""
    row = {
        "id": "20260101_1",
        "account_number": 100010000,
        "document_field1": "RE-1",
        "evidence_type": "invoice",
        "amount_debit": Decimal("119.00"),
        "date": "2026-05-04T00:00:00+02:00",
        "due_date": "2026-06-03T00:00:00+02:00",
        "open_balance_of_item": Decimal("119.00"),
        "debit_credit_identifier": "S",
        "is_cleared": False,
        "has_dunning_block": False,
    } | fields
    return {key: value for key, value in row.items() if value is not None}


def payment(amount: str, **fields: Any) -> dict[str, Any]:
    """Write money that came for the same document."""
    said = {"id": "20260101_2", "evidence_type": "payment", "amount_debit": None, "amount_credit": Decimal(amount)}
    return posting(
        **said | {"due_date": None, "open_balance_of_item": None, "debit_credit_identifier": None} | fields
    )


BLOCK = "a dunning block (Mahnsperre) is set"
CREDIT = {"amount_debit": None, "amount_credit": Decimal("59.50"), "due_date": None}


def read(*rows: dict[str, Any], year: Year = YEAR) -> Document:
    return translate(rows, "datev", year, TERMS)


def block_of(*rows: dict[str, Any], year: Year = YEAR) -> str:
    item = read(*rows, year=year).item
    assert item
    return item.dunning_block


@pytest.mark.parametrize(
    ("what", "rows", "kind", "amount", "left"),
    [
        ("an invoice", [posting()], "invoice", 11900, 11900),
        (
            "paid in part, no balance said",
            [posting(open_balance_of_item=None), payment("50.00")],
            "invoice",
            11900,
            6900,
        ),
        (
            "paid in part, the balance of the document in each posting",
            [
                posting(open_balance_of_item=Decimal("69.00")),
                payment("50.00", open_balance_of_item=Decimal("69.00"), debit_credit_identifier="S"),
            ],
            "invoice",
            11900,
            6900,
        ),
        (
            "paid in part, its own balance in each posting",
            [posting(), payment("50.00", open_balance_of_item=Decimal("50.00"), debit_credit_identifier="H")],
            "invoice",
            11900,
            6900,
        ),
        (
            "Skonto that was taken",
            [posting(open_balance_of_item=None), payment("2.38", evidence_type="cash_discount")],
            "invoice",
            11900,
            11662,
        ),
        (
            "posted in two parts",
            [posting(open_balance_of_item=None), posting(id="20260101_2", open_balance_of_item=None)],
            "invoice",
            23800,
            23800,
        ),
        (
            "a credit note",
            [posting(evidence_type="credit_note", open_balance_of_item=None, **CREDIT)],
            "credit_note",
            5950,
            5950,
        ),
        (
            "a cleared posting beside open ones",
            [posting(), posting(id="20260101_2", is_cleared=True, open_balance_of_item=None)],
            "invoice",
            11900,
            11900,
        ),
    ],
)
def test_what_is_open_is_debits_less_credits(
    what: str, rows: list[dict[str, Any]], kind: str, amount: int, left: int
) -> None:
    item = read(*rows).item
    assert item, what
    assert (str(item.kind), item.amount.minor, item.open_amount.minor) == (kind, amount, left), what


def test_numbers_days_and_terms_of_an_invoice() -> None:
    document = read(posting(term_of_payment_id=10, assigned_due_date="2026-06-10T00:00:00+02:00"))
    item = document.item
    assert item
    assert (item.document_number, item.debtor_number, item.item_id) == (
        "RE-1",
        "10001",
        "datev:receivable:100010000/RE-1",
    )
    assert (item.document_date, item.due_date) == (date(2026, 5, 4), date(2026, 6, 10))
    assert (item.skonto_percent, item.skonto_until) == (Decimal(2), date(2026, 5, 18))
    assert (document.standing, document.findings) == (Standing.OPEN, ())


def test_a_payment_on_account_counts_as_a_credit_and_is_told() -> None:
    document = read(payment("50.00", document_field1=None))
    assert document.item
    assert (document.item.kind, document.item.document_number) == (ItemKind.CREDIT_NOTE, "Akonto 10001")
    assert [finding.code for finding in document.findings] == ["payment_on_account"]


def test_a_cleared_document_is_settled() -> None:
    document = read(posting(is_cleared=True), payment("119.00", is_cleared=True))
    assert document.item
    assert (document.standing, document.item.open_amount) == (Standing.SETTLED, Money(0, "EUR"))


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (posting(evidence_type="coupon"), "is no type of posting that we know"),
        (posting(evidence_type="payment"), "is no invoice, and yet it is owed"),
        (posting(document_field1=None), "document_field1: is missing"),
        (posting(due_date=None), "due_date: is missing"),
        (posting(date=None), "date: is missing"),
        (posting(amount_debit=None), "has neither debit nor credit"),
        (posting(amount_debit=Decimal("119.001")), "has more decimal places than EUR"),
        (posting(open_balance_of_item=Decimal("100.00")), "is not debits less credits"),
        (posting(debit_credit_identifier="X"), "is neither S nor H"),
        (posting(debit_credit_identifier="H"), "is not debits less credits"),
        (posting(currency_code="USD"), "another currency than the books"),
        (posting(is_cleared=None), "does not say whether it is open"),
        (posting(account_number=100010001), "is no account of 5 digits"),
        (posting(account_number=10001), "is no account of 5 digits"),
    ],
)
def test_what_cannot_be_read_is_one_finding(row: dict[str, Any], what: str) -> None:
    document = read(row)
    assert document.item is None
    assert document.standing is Standing.OPEN
    (finding,) = document.findings
    assert what in f"{finding.place.rpartition('› ')[2]}: {finding.what}"


def test_an_overpaid_invoice_waits_until_the_money_is_assigned() -> None:
    (finding,) = read(posting(open_balance_of_item=None), payment("129.00")).findings
    assert "was overpaid by 10,00 EUR" in finding.what


@pytest.mark.parametrize(
    ("length", "account", "number"),
    [(4, 700000000, "70000"), (4, 100010000, "10001"), (6, 100010000, "1000100"), (8, 100010001, "100010001")],
)
def test_accounts_have_one_digit_more_than_those_of_the_ledger(length: int, account: int, number: str) -> None:
    year = year_of({"id": "20260101", "account_length": length}, "datev")
    item = read(posting(account_number=account), year=year).item
    assert item
    assert item.debtor_number == number


@pytest.mark.parametrize("year", [{"id": "20260101"}, {"id": "20260101", "account_length": 9}, {"account_length": 4}])
def test_a_year_that_does_not_tell_its_accounts_is_refused(year: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="master data"):
        year_of(year, "datev")


def test_terms_by_the_calendar_grant_no_skonto() -> None:
    days = {"id": "010", "cash_discount1_percentage": Decimal(2), "due_in_days": {"cash_discount1_days": 14}}
    period = {"id": "11", "cash_discount1_percentage": Decimal(2), "due_type": "due_as_period"}
    assert terms_of([days, period], "datev") == TERMS


DEBTOR = {
    "id": "100010000",
    "account_number": 100010000,
    "legal_entity_type": "legal_person",
    "legal_person": {"legal_name": "Huber GmbH"},
    "accounting_information": {"language": "english"},
    "addresses": [
        {"street": "Lager 1", "postal_code": "89073", "city": "Ulm"},
        {
            "street": "Weg 2",
            "postal_code": "50667",
            "city": "Köln",
            "country_code": "DE",
            "address_usage_type": {"is_correspondence_address": True},
        },
    ],
    "communications": [
        {"communication_type": "phone", "communication_data_content": "0221 1"},
        {"communication_type": "email", "communication_data_content": "a@huber.example"},
    ],
    "banks": [{"iban": "DE38 7605 0000 0121 5400 61"}],
}


def test_a_debtor_with_everything() -> None:
    debtor = contact(DEBTOR, "datev", YEAR).debtor
    assert debtor
    assert (debtor.number, debtor.name, debtor.type, debtor.language) == (
        "10001",
        "Huber GmbH",
        DebtorType.BUSINESS,
        "en",
    )
    assert (debtor.street, debtor.postcode, debtor.city, debtor.email) == (
        "Weg 2",
        "50667",
        "Köln",
        "a@huber.example",
    )
    assert (debtor.phone, debtor.ibans) == ("0221 1", ("DE38760500000121540061",))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"natural_person": {"firstname": "Max", "surname": "Huber"}}, "Max Huber"),
        ({"not_specified_person": {"name": "Huber"}}, "Huber"),
        ({"caption": "Huber, Max"}, "Huber, Max"),
    ],
)
def test_the_name_of_a_debtor(said: dict[str, Any], name: str) -> None:
    debtor = contact({"id": "1", "account_number": 100010000, **said}, "datev", YEAR).debtor
    assert debtor
    assert (debtor.name, debtor.type) == (name, DebtorType.UNKNOWN)


@pytest.mark.parametrize(
    ("books", "silent"),
    [
        ({}, False),
        ({"is_insolvent": True}, True),
        ({"dunning_procedure": "no_dun"}, True),
        ({"dunning_procedure": "first_dun"}, False),
        ({"temp_dunning_block": "2026-06-01T00:00:00+02:00"}, True),
        ({"temp_dunning_block": "2026-05-31T00:00:00+02:00"}, False),
        ({"temp_dunning_block": "31.05.2026"}, True),
    ],
)
def test_whoever_must_not_be_dunned_cannot_be_written_to(books: dict[str, Any], silent: bool) -> None:
    found = contact(DEBTOR | {"accounting_information": books}, "datev", YEAR)
    assert found.debtor
    assert (not found.debtor.email, not found.debtor.city, not found.debtor.phone) == (silent,) * 3
    assert found.debtor.ibans  # payments are matched all the same
    assert [finding.code for finding in found.findings] == (["dunning_blocked"] if silent else [])


@pytest.mark.parametrize(
    ("row", "blocked"),
    [
        (posting(), False),
        (posting(has_dunning_block=None), False),
        (posting(has_dunning_block=True), True),
        (posting(has_dunning_block="perhaps"), True),
        (posting(temp_dunning_block="2026-06-01T00:00:00+02:00"), True),
        (posting(temp_dunning_block="2026-05-31T00:00:00+02:00"), False),
        (posting(temp_dunning_block="31.05.2026"), True),
        (posting(has_dunning_block=True, temp_dunning_block="2026-05-31T00:00:00+02:00"), True),
    ],
)
def test_a_blocked_posting_is_not_dunned(row: dict[str, Any], blocked: bool) -> None:
    assert block_of(row) == (BLOCK if blocked else "")


def test_one_blocked_posting_blocks_its_document_unless_it_is_cleared() -> None:
    more: dict[str, Any] = {"id": "20260101_2", "open_balance_of_item": None, "has_dunning_block": True}
    assert block_of(posting(open_balance_of_item=None), posting(**more)) == BLOCK
    assert block_of(posting(), posting(**more, is_cleared=True)) == ""


def test_a_passing_block_holds_where_no_clock_tells() -> None:
    row = posting(temp_dunning_block="2020-01-01T00:00:00+01:00")
    assert block_of(row, year=YEAR._replace(today=None)) == BLOCK


def test_postings_of_one_account_and_one_number_belong_together() -> None:
    rows = [
        posting(),
        posting(id="2", document_field1="RE-2"),
        posting(id="3", account_number=100020000),
        payment("1"),
    ]
    assert [len(group) for group in grouped(rows)] == [2, 1, 1]


class Server:
    """A DATEVconnect in memory."""

    def __init__(self) -> None:
        self.receivables = [posting()]
        self.debtors = [DEBTOR]
        self.terms: list[dict[str, Any]] = []
        self.ignores_skip = False
        self.readings = 0  # of the open set

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert request.method == "GET"
        assert str(request.headers["Authorization"]).startswith("Basic ")
        asked: dict[str, str] = getattr(request, "params", {})
        path = str(request.url).partition("?")[0].removeprefix(ROOT)
        if not path:
            return self._said([{"id": year} | YEARS for year in ("20250101", "20260101", "20270101")])
        rows = {
            "accounts-receivable": self._receivables(asked),
            "debitors": self.debtors,
            "terms-of-payment": self.terms,
        }
        found = rows[path.removeprefix("/20260101/")]
        skip = 0 if self.ignores_skip else int(asked["skip"])
        return self._said(found[skip : skip + int(asked["top"])])

    def _receivables(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        wanted = asked.get("filter", "")
        if wanted == "is_cleared eq false":
            self.readings += 1
            return [row for row in self.receivables if not row["is_cleared"]]
        return [row for row in self.receivables if wanted == f"account_number eq {row['account_number']}"]

    def _said(self, body: Any) -> tuple[int, dict[str, str], str]:
        return 200, {"Date": "Mon, 01 Jun 2026 00:30:00 GMT"}, json.dumps(body, default=float)


YEARS = {"account_length": 4, "currency_code": "EUR"}


@pytest.fixture
def server() -> Iterator[Server]:
    fake = Server()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        for path in ("", "/20260101/accounts-receivable", "/20260101/debitors", "/20260101/terms-of-payment"):
            wire.add_callback("GET", ROOT + path, callback=fake)
        yield fake


@pytest.fixture
def tool(line: Line) -> DatevConnect:
    return DatevConnect.connect(settings(), line)


def settings(**more: Any) -> DatevConnectSettings:
    password = SecretSettings(env="DATEV_PASSWORD")
    url = "http://localhost:58454"
    fixed = {"kind": "datevconnect", "name": "datev", "url": url, "allow_http": True, "user": "K", "client": CLIENT}
    return DatevConnectSettings.model_validate({**fixed, "password": password, **more})


def test_a_whole_reading(server: Server, tool: DatevConnect) -> None:
    server.receivables.append(posting(id="20260101_9", document_field1="RE-9", has_dunning_block=True))
    pulled = ToolSource(tool).pull(
        Known(open={RemoteKey("receivable", "100010000/RE-0"): "datev:receivable:100010000/RE-0"})
    )
    assert {item.document_number: item.dunning_block for item in pulled.items} == {"RE-1": "", "RE-9": BLOCK}
    assert [debtor.email for debtor in pulled.debtors] == ["a@huber.example"]  # he may be dunned for RE-1
    assert not pulled.findings
    assert server.readings == 1
    assert [left.standing for left in pulled.left] == [Standing.DELETED]
    assert pulled.complete


def test_one_document_is_read_out_of_its_account(server: Server, tool: DatevConnect) -> None:
    key = RemoteKey("receivable", "100010000/RE-1")
    assert tool.document(key).standing is Standing.OPEN
    server.receivables = [posting(is_cleared=True), payment("119.00", is_cleared=True)]
    assert tool.document(key).standing is Standing.SETTLED
    server.receivables = []
    with pytest.raises(NotThere):
        tool.document(key)


def test_pages_are_put_together_and_rows_that_come_twice_count_once(
    server: Server, tool: DatevConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.datevconnect.tool._SIZE", 2)
    server.receivables = [posting(id=f"20260101_{n}", document_field1=f"RE-{n}") for n in range(5)]
    assert len(list(tool.open_documents())) == 5
    server.receivables.insert(0, server.receivables[3])
    assert len(list(tool.open_documents())) == 5


def test_a_server_that_knows_no_pages_is_not_asked_for_ever(
    server: Server, tool: DatevConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.datevconnect.tool._SIZE", 1)
    server.ignores_skip = True
    with pytest.raises(Unreadable, match="other open items"):
        list(tool.open_documents())


def test_the_last_year_that_has_begun_is_read_unless_another_is_wished(server: Server, line: Line) -> None:
    assert "fiscal year 20260101" in DatevConnect.connect(settings(), line).check()
    assert "fiscal year 20250101" in DatevConnect.connect(settings(fiscal_year="20250101"), line).check()
    with pytest.raises(Refused, match="no fiscal year 20240101"):
        DatevConnect.connect(settings(fiscal_year="20240101"), line).check()


def test_a_refusal_is_told_in_datevs_own_words(line: Line) -> None:
    said = {"error": "DCO10007", "error_description": "Missing or invalid client."}
    tool = DatevConnect.connect(settings(), line)
    with responses.RequestsMock() as wire:
        wire.get(ROOT, status=400, json=said)
        with pytest.raises(Refused, match="DCO10007: Missing or invalid client"):
            tool.check()


def test_without_allow_http_nothing_is_sent_unencrypted_through_the_network(line: Line) -> None:
    with pytest.raises(Refused):
        DatevConnect.connect(settings(url="http://server.example:58454", allow_http=False), line).check()


def test_nothing_is_ever_written(tool: DatevConnect) -> None:
    assert TOOLS["datevconnect"] is DatevConnect
    assert not isinstance(tool, (BooksPayments, SetsDunning))
    assert not {Capability.BOOKS_PAYMENTS, Capability.SETS_DUNNING_LEVELS} & DatevConnect.capabilities
    assert not list(tool.changed_documents("").documents)


# --- The vendor's own description -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    folder = os.environ.get("KONTORIST_SPECS")
    if not folder:
        pytest.skip("KONTORIST_SPECS does not name the folder of the vendors' descriptions")
    found: dict[str, Any] = json.loads((Path(folder) / "datev" / "Desktop-Accounting-1.7.4.1.json").read_bytes())
    return found


FIELDS = {
    "schema_accounts-receivable": "id account_number document_field1 evidence_type amount_debit amount_credit date "
    "due_date assigned_due_date open_balance_of_item debit_credit_identifier is_cleared has_dunning_block "
    "temp_dunning_block currency_code term_of_payment_id",
    "schema_fiscal-year": "id account_length currency_code",
    "schema_term-of-payment": "id cash_discount1_percentage due_in_days",
    "schema_datev.due-in-days": "cash_discount1_days",
    "schema_debitor": "id account_number accounting_information caption legal_entity_type natural_person "
    "legal_person not_specified_person addresses communications banks",
    "schema_datev.debitor-accounting-information": "is_insolvent dunning_procedure temp_dunning_block language",
    "schema_datev.natural-person": "firstname name_prefix surname",
    "schema_datev.legal-person": "legal_name",
    "schema_datev.not-specified-person": "name",
    "schema_datev.address": "street post_office_box postal_code city country_code address_usage_type",
    "schema_datev.address-usage-type": "is_correspondence_address",
    "schema_datev.communication": "communication_type communication_data_content communication_usage_type",
    "schema_datev.communication-usage-type": "is_main_communication_usage_type",
    "schema_datev.bank": "iban",
    "schema_error-message": "error error_description",
}


@pytest.mark.parametrize("schema", FIELDS)
def test_every_field_that_is_read_is_described(described: dict[str, Any], schema: str) -> None:
    assert set(FIELDS[schema].split()) <= set(described["components"]["schemas"][schema]["properties"])


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("fiscal-years", ""),
        ("fiscal-years/{fiscal-year-id}/accounts-receivable", "Filter Top Skip"),
        ("fiscal-years/{fiscal-year-id}/debitors", "Expand Top Skip"),
        ("fiscal-years/{fiscal-year-id}/terms-of-payment", "Top Skip"),
    ],
)
def test_every_question_is_described(described: dict[str, Any], path: str, wanted: str) -> None:
    told = described["paths"][f"/clients/{{client-id}}/{path}"]["get"]["parameters"]
    assert {f"#/components/parameters/queryParameter_{one}" for one in wanted.split()} <= {p["$ref"] for p in told}
    assert {server["url"] for server in described["servers"]} >= {BASE}


def test_the_types_of_postings_are_those_described(described: dict[str, Any]) -> None:
    schema = described["components"]["schemas"]["schema_accounts-receivable"]["properties"]
    for kind in schema["evidence_type"]["enum"]:
        said = read(posting(evidence_type=kind)).findings
        assert all("is no type of posting" not in finding.what for finding in said), kind
    assert schema["debit_credit_identifier"]["enum"] == ["S", "H"]
