"""bexio: what becomes of its invoices, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.bexio import Bexio, BexioSettings
from connectors.accounting.bexio.documents import contact, translate
from connectors.accounting.bexio.tool import BASE, CONSENT
from connectors.accounting.capability import Capability
from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import DunningOrder, PaymentOrder
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire import Secret
from connectors.wire.line import Line
from connectors.wire.oauth import Tokens
from connectors.wire.settings import SecretSettings, WriteBack
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests import PreparedRequest

    from tests.connectors.accounting.tools.conftest import Waits

CURRENCIES = {"1": "CHF", "2": "EUR"}
COUNTRIES = {"1": "CH", "2": "DE"}
LANGUAGES = {"1": "de", "2": "fr"}
IBAN = "CH9300762011623852957"

Reply = tuple[int, dict[str, str], str]


def invoice(number: int = 4, **more: Any) -> dict[str, Any]:
    """Give an invoice as bexio tells it: amounts are texts with six decimal places."""
    return {
        "id": number,
        "document_nr": f"RE-{number:05d}",
        "title": None,
        "contact_id": 14,
        "language_id": 1,
        "bank_account_id": 1,
        "currency_id": 1,
        "total_gross": "110.000000",
        "total_net": "110.000000",
        "total_taxes": "8.9100",
        "total_received_payments": "0.000000",
        "total_credit_vouchers": "0.000000",
        "total_remaining_payments": "118.900000",
        "total": "118.900000",
        "total_rounding_difference": Decimal("-0.01"),
        "is_valid_from": "2026-04-01",
        "is_valid_to": "2026-05-01",
        "contact_address": "UTA Immobilien AG\nStadtturmstrasse 15\n5400 Baden",
        "kb_item_status_id": 8,
        "reference": None,
        "api_reference": None,
        "updated_at": "2026-04-01 13:17:32",
        "esr_id": 1,
        "qr_invoice_id": 1,
        "taxs": [{"percentage": "8.10", "value": "8.9100"}],
        **more,
    }


def company(number: int = 14, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "nr": f"{number:06d}",
        "contact_type_id": 1,
        "name_1": "UTA Immobilien AG",
        "name_2": "Bewirtschaftung",
        "address": "Stadtturmstrasse 15",
        "postcode": 5400,
        "city": "Baden",
        "country_id": 1,
        "mail": "kreditoren@uta.example",
        "mail_second": "",
        "phone_fixed": "+41 56 111 22 33",
        "phone_mobile": "",
        "language_id": None,
        "updated_at": "2026-04-01 13:17:32",
        **more,
    }


@dataclass
class FakeBexio:
    """A small bexio that remembers: invoices, payments and reminders."""

    invoices: dict[int, dict[str, Any]] = field(default_factory=dict)
    contacts: list[dict[str, Any]] = field(default_factory=lambda: [company()])
    archived: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    reminders: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    searched: list[list[dict[str, str]]] = field(default_factory=list)
    broken: dict[str, Reply] = field(default_factory=dict)  # start of a question -> the answer in its place
    swallows: bool = False  # does what it is told, and then the connection breaks
    moves: Callable[[int], None] = lambda _page: None  # told the number of every page, before it is cut

    def add(self, *rows: dict[str, Any]) -> None:
        self.invoices |= {row["id"]: row for row in rows}

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/"), {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.asked.append(f"{request.method} {path}")
        assert str(request.headers["Authorization"]).startswith("Bearer ")
        for start, reply in self.broken.items():
            if f"{request.method} {path}".startswith(start):
                return reply
        body = json.loads(request.body) if request.body else None
        if request.method == "POST" and not path.endswith("/search"):
            code, said = self._told(path, body)
            return (504, {}, "<html>Gateway Time-out</html>") if self.swallows else _said(said, code)
        return self._read(path, query, body)

    def _read(self, path: str, query: dict[str, str], body: Any) -> Reply:
        tables = {
            "3.0/currencies": [{"id": 1, "name": "CHF", "round_factor": 0.05}, {"id": 2, "name": "EUR"}],
            "2.0/country": [{"id": 1, "name": "Schweiz", "iso3166_alpha2": "CH"}],
            "2.0/language": [{"id": 1, "name": "Deutsch", "iso_639_1": "de"}],
        }
        if path in tables:
            return _said(tables[path])
        if path == "2.0/contact":
            return _said(self._cut(self.archived if query.get("show_archived") == "true" else self.contacts, query))
        if path == "2.0/kb_invoice/search":
            self.searched.append(body)
            self.moves(len(self.searched))
            return _said(self._cut([row for row in self.invoices.values() if _fits(row, body)], query))
        if path == "2.0/kb_invoice":
            return _said(self._cut(list(self.invoices.values()), query))
        return self._one(*path.split("/")[2:])

    def _one(self, number: str, what: str = "") -> Reply:
        if int(number) not in self.invoices:
            return _said({"error_code": 404, "message": "The requested resource could not be found."}, 404)
        beside = {"payment": self.payments, "kb_reminder": self.reminders}
        if what:
            return _said([row for row in beside[what] if row["kb_invoice_id"] == int(number)])
        return _said(self.invoices[int(number)] | {"positions": []})

    def _cut(self, rows: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 500))
        return sorted(rows, key=lambda row: row["id"])[offset : offset + limit]

    def _told(self, path: str, body: Any) -> tuple[int, Any]:
        _, _, number, what, *rest = path.split("/")
        document = self.invoices[int(number)]
        if what == "payment":
            left = Decimal(document["total_remaining_payments"]) - Decimal(body["value"])
            document["total_remaining_payments"] = f"{left:.6f}"
            document["kb_item_status_id"] = 16 if left else 9
            self.payments.append({"id": 100 + len(self.payments), "kb_invoice_id": int(number), **body})
            return 201, self.payments[-1]
        if rest:
            reminder = next(row for row in self.reminders if str(row["id"]) == rest[0])
            assert rest[1] == "mark_as_sent", "nothing is ever sent from there"
            reminder["is_sent"] = True
            return 200, {"success": True}
        level = 1 + sum(row["kb_invoice_id"] == int(number) for row in self.reminders)
        made = {"id": 900 + len(self.reminders), "kb_invoice_id": int(number), "reminder_level": level}
        self.reminders.append(made | {"is_sent": False, "remaining_price": "118.9000"})
        return 201, self.reminders[-1]


def _said(value: Any, status: int = 200) -> Reply:
    headers = {"Date": "Tue, 05 May 2026 00:30:00 GMT", "Content-Type": "application/json"}
    return status, headers, json.dumps(value, default=float)


def _fits(row: dict[str, Any], criteria: list[dict[str, str]]) -> bool:
    """Whether a row fits all criteria of a search."""
    compared = {"!=": lambda a, b: a != b, "=": lambda a, b: a == b, ">=": lambda a, b: a >= b}
    return all(compared[one["criteria"]](str(row[one["field"]]), one["value"]) for one in criteria)


@pytest.fixture
def bexio() -> Iterator[FakeBexio]:
    fake = FakeBexio()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def settings(**more: Any) -> BexioSettings:
    given: dict[str, Any] = {"kind": "bexio", "name": "bexio", "key": SecretSettings(env="BEXIO_KEY"), **more}
    return BexioSettings(**given)


@pytest.fixture
def tool(line: Line) -> Bexio:
    return Bexio.connect(settings(bank_account_id=7, bank_accounts={IBAN: 9}), line)


# --- What becomes of its invoices -----------------------------------------------------------------------------------

OPEN, SETTLED = Standing.OPEN, Standing.SETTLED


@pytest.mark.parametrize(
    ("what", "told", "standing", "left"),
    [
        ("issued, nothing paid", {}, OPEN, "118.90"),
        ("a draft is no item", {"kb_item_status_id": 7}, Standing.DRAFT, None),
        ("paid", {"kb_item_status_id": 9, "total_remaining_payments": "0.000000"}, SETTLED, "0.00"),
        ("bexio says paid: what is left counts no more", {"kb_item_status_id": 9}, SETTLED, "0.00"),
        ("partly paid", {"kb_item_status_id": 16, "total_remaining_payments": "18.900000"}, OPEN, "18.90"),
        ("cancelled", {"kb_item_status_id": 19}, Standing.CANCELLED, None),
        ("reminded, and still unpaid", {"kb_item_status_id": 31}, OPEN, "118.90"),
        ("overpaid, and not closed", {"total_remaining_payments": "-5.000000"}, OPEN, "0.00"),
    ],
)
def test_an_invoice_stands_where_bexio_says(
    what: str, told: dict[str, Any], standing: Standing, left: str | None
) -> None:
    document = translate(invoice(**told), "bexio", CURRENCIES)
    assert document.standing is standing, what
    assert document.findings == ()
    found = document.item and str(document.item.open_amount.decimal())
    assert found == left


def test_every_fact_of_an_invoice_is_read() -> None:
    document = translate(invoice(reference="Bestellung 4500012"), "bexio", CURRENCIES)
    item = document.item
    assert item is not None
    assert document.key == RemoteKey("invoice", "4")
    assert document.contact_id == "14"
    assert (item.item_id, item.document_number) == ("bexio:invoice:4", "RE-00004")
    assert (item.document_date, item.due_date) == (date(2026, 4, 1), date(2026, 5, 1))
    assert item.amount == Money(11_890, "CHF")
    assert item.order_number == "Bestellung 4500012"
    assert item.payment_reference == ""
    assert item.skonto_percent is None


def test_an_amount_rounded_to_five_rappen_is_taken_as_it_is_owed() -> None:
    """17.80 and 1.3706 of tax are 19.1706, of which 19.15 is asked for."""
    told: dict[str, Any] = {"total": "19.150000", "total_remaining_payments": "19.150000", "total_taxes": "1.3706"}
    item = translate(invoice(**told), "bexio", CURRENCIES).item
    assert item is not None
    assert item.amount == item.open_amount == Money(1_915, "CHF")


def test_an_invoice_in_another_currency_and_without_a_term() -> None:
    item = translate(invoice(currency_id=2, is_valid_to=None), "bexio", CURRENCIES).item
    assert item is not None
    assert item.currency == "EUR"
    assert item.due_date == item.document_date


def test_an_invoice_below_zero_is_owed_by_us() -> None:
    told: dict[str, Any] = {"total": "-50.000000", "total_remaining_payments": "-50.000000"}
    item = translate(invoice(**told), "bexio", CURRENCIES).item
    assert item is not None
    assert (item.kind, item.open_amount) == (ItemKind.CREDIT_NOTE, Money(5_000, "CHF"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"kb_item_status_id": 32}, "'32' is no state that is known"),
        ({"kb_item_status_id": None}, "is no state that is known"),
        ({"currency_id": 9}, "'9' is in no list of bexio"),
        ({"currency_id": None}, "currency: is missing"),
        ({"total": "19.170600"}, "more decimal places than CHF"),
        ({"total_remaining_payments": None}, "total_remaining_payments: is missing"),
        ({"total": "viel"}, "is no number"),
        ({"is_valid_from": None}, "is_valid_from: is missing"),
        ({"is_valid_to": "morgen"}, "is no date"),
        ({"contact_id": None}, "contact_id: is missing"),
        ({"document_nr": None}, "document_nr: is missing"),
        ({"document_nr": {"a": 1}}, "is no text"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_no_item(told: dict[str, Any], said: str) -> None:
    document = translate(invoice(**told), "bexio", CURRENCIES)
    assert document.item is None
    assert document.standing is Standing.OPEN
    (finding,) = document.findings
    assert said.replace(": is", " is") in f"{finding.place} {finding.what}".replace(": is", " is")


@given(st.integers(-10_000_000, 10_000_000), st.integers(-10_000_000, 10_000_000))
def test_six_decimal_places_never_change_a_rappen(total: int, left: int) -> None:
    told: dict[str, Any] = {
        "total": f"{Decimal(total) / 100:.6f}",
        "total_remaining_payments": f"{Decimal(left) / 100:.6f}",
    }
    item = translate(invoice(**told), "bexio", CURRENCIES).item
    assert item is not None
    assert item.amount.minor == abs(total)
    assert item.open_amount.minor == max(0, -left if total < 0 else left)


# --- Contacts -------------------------------------------------------------------------------------------------------


def test_a_company_is_a_debtor_with_the_number_people_see() -> None:
    found = contact(company(language_id=2), "bexio", COUNTRIES, LANGUAGES)
    assert found.remote_id == "14"
    assert found.debtor is not None
    assert (found.debtor.number, found.debtor.name) == ("000014", "UTA Immobilien AG")
    assert (found.debtor.street, found.debtor.postcode, found.debtor.city) == ("Stadtturmstrasse 15", "5400", "Baden")
    assert (found.debtor.country, found.debtor.language) == ("CH", "fr")
    assert (found.debtor.email, found.debtor.phone) == ("kreditoren@uta.example", "+41 56 111 22 33")
    assert found.debtor.type is DebtorType.BUSINESS


def test_a_person_may_be_a_consumer_and_has_a_first_name() -> None:
    told = company(contact_type_id=2, name_1="Muster", name_2="Anna", street_name="Seeweg", house_number="3a")
    debtor = contact(told, "bexio", COUNTRIES, LANGUAGES).debtor
    assert debtor is not None
    assert (debtor.name, debtor.type) == ("Anna Muster", DebtorType.UNKNOWN)
    assert debtor.street == "Seeweg 3a"


def test_a_contact_without_a_number_gets_one_that_no_other_has() -> None:
    debtor = contact(company(nr=None, country_id=None), "bexio", COUNTRIES, LANGUAGES).debtor
    assert debtor is not None
    assert (debtor.number, debtor.country, debtor.language) == ("id-14", "CH", "de")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"contact_type_id": 3}, "neither a company (1) nor a person (2)"),
        ({"name_1": ""}, "is missing"),
        ({"nr": None, "id": None}, "is missing"),
        ({"country_id": 77}, "'77' is in no list of bexio"),
    ],
)
def test_a_contact_that_cannot_be_read_is_a_finding(told: dict[str, Any], said: str) -> None:
    found = contact(company(**told), "bexio", COUNTRIES, LANGUAGES)
    assert found.debtor is None
    assert said in found.findings[0].what


def test_archived_contacts_are_read_as_well(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.archived.append(company(15, name_1="Alt & Co"))
    assert [found.remote_id for found in tool.contacts()] == ["14", "15"]


# --- Reading --------------------------------------------------------------------------------------------------------


def test_the_open_set_is_everything_that_is_neither_draft_nor_paid_nor_cancelled(
    bexio: FakeBexio, tool: Bexio
) -> None:
    for number, status in enumerate((7, 8, 9, 16, 19, 31, 32), 1):
        bexio.add(invoice(number, kb_item_status_id=status))
    found = {document.key.remote_id: document for document in tool.open_documents()}
    assert sorted(found) == ["2", "4", "6", "7"]
    assert found["7"].item is None, "a state that nobody knows is told, not left out"
    assert {one["criteria"] for one in bexio.searched[0]} == {"!="}


def test_the_lists_that_explain_numbers_are_asked_for_once(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice(1), invoice(2))
    list(tool.open_documents())
    list(tool.open_documents())
    tool.document(RemoteKey("invoice", "1"))
    assert bexio.asked.count("GET 3.0/currencies") == 1


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.accounting.bexio.tool._SIZE", 3)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 7, 11])
def test_every_page_is_read_once(bexio: FakeBexio, tool: Bexio, count: int) -> None:
    bexio.add(*(invoice(number) for number in range(1, count + 1)))
    assert [document.key.remote_id for document in tool.open_documents()] == [str(n) for n in range(1, count + 1)]


@pytest.mark.usefixtures("small_pages")
def test_a_row_that_leaves_while_pages_are_read_is_noticed_and_nothing_is_missed(
    bexio: FakeBexio, tool: Bexio
) -> None:
    """Invoice 1 is paid after the first page: all later ones move up, and without a look one would be on no page."""
    bexio.add(*(invoice(number) for number in range(1, 9)))

    def paid_meanwhile(page: int) -> None:
        if page == 2:
            bexio.invoices[1]["kb_item_status_id"] = 9

    bexio.moves = paid_meanwhile
    pulled = ToolSource(tool).pull(Known())
    assert pulled.complete
    assert sorted(item.item_id for item in pulled.items) == [f"bexio:invoice:{n}" for n in range(1, 9)]


def test_changes_are_asked_for_since_the_day_before_by_the_clock_of_bexio(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(
        invoice(1, updated_at="2026-05-03 23:59:59"),
        invoice(2, updated_at="2026-05-04 00:00:00", kb_item_status_id=9),
    )
    changes = tool.changed_documents("2026-05-05")
    assert [document.key.remote_id for document in changes.documents] == ["2"]
    assert changes.cursor == "2026-05-05"
    assert bexio.searched == [[{"field": "updated_at", "value": "2026-05-04 00:00:00", "criteria": ">="}]]


def test_the_first_night_only_learns_where_to_begin(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice(1))
    changes = tool.changed_documents("")
    assert (list(changes.documents), changes.cursor) == ([], "2026-05-05")


def test_a_whole_pull_names_debtors_by_their_numbers_and_looks_after_what_left(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice(1), invoice(2, kb_item_status_id=9), invoice(3, kb_item_status_id=19))
    known = Known(open={RemoteKey("invoice", str(n)): f"bexio:invoice:{n}" for n in (1, 2, 3, 4)})
    pulled = ToolSource(tool).pull(known)
    assert {item.item_id: item.debtor_number for item in pulled.items} == {
        "bexio:invoice:1": "000014",
        "bexio:invoice:2": "000014",
    }
    assert {left.item_id: left.standing for left in pulled.left} == {
        "bexio:invoice:3": Standing.CANCELLED,
        "bexio:invoice:4": Standing.DELETED,
    }


@pytest.mark.parametrize("told", [None, {}, [], True, ""])
def test_an_invoice_without_an_id_is_told_and_the_open_set_is_not_whole(
    bexio: FakeBexio, tool: Bexio, told: object
) -> None:
    bexio.add(invoice(1))
    answer = bexio.answer

    def nameless(request: PreparedRequest) -> Reply:
        status, headers, body = answer(request)
        rows = json.loads(body)
        if str(request.url).startswith(f"{BASE}/2.0/kb_invoice/search"):
            rows.append(rows[0] | {"id": told})
        return status, headers, json.dumps(rows)

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=nameless)
        pulled = ToolSource(tool).pull(Known())
    assert [item.item_id for item in pulled.items] == ["bexio:invoice:1"]
    assert not pulled.complete
    assert "has no id" in pulled.findings[0].what


def test_what_explains_a_number_is_a_text_or_nothing(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.broken["GET 2.0/country"] = _said([{"id": 1, "iso3166_alpha2": {"code": "CH"}}])
    (found,) = tool.contacts()
    assert found.debtor is None
    assert "is in no list of bexio" in found.findings[0].what


def test_an_id_never_leads_elsewhere(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.broken["GET 2.0/kb_invoice/"] = _said({"message": "Not found"}, 404)
    with pytest.raises(NotThere):
        tool.document(RemoteKey("invoice", "../contact?limit=1"))
    assert bexio.asked[-1] == "GET 2.0/kb_invoice/..%2Fcontact%3Flimit%3D1"


def test_one_invoice_again_and_one_that_was_deleted(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice(1))
    assert tool.document(RemoteKey("invoice", "1")).item is not None
    with pytest.raises(NotThere, match="could not be found"):
        tool.document(RemoteKey("invoice", "99"))


def test_the_check_needs_both_rights(bexio: FakeBexio, tool: Bexio) -> None:
    assert tool.check() == "bexio answers, and shows contacts and invoices in CHF, EUR"
    bexio.broken["GET 2.0/kb_invoice"] = _said({"error_code": 403, "message": "Insufficient permissions"}, 403)
    with pytest.raises(Refused, match="Insufficient permissions"):
        tool.check()


# --- When it does not answer as it should ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (_said({"error_code": 401, "message": "Unauthorized"}, 401), Refused, "renew it"),
        (_said({"error_code": 403, "message": "Forbidden"}, 403), Refused, "may not do this"),
        (_said({"error_code": 404, "message": "Not found"}, 404), NotThere, "Not found"),
        (_said({"message": "Busy"}, 409), Conflict, "Busy"),
        (
            _said({"error_code": 422, "message": "Invalid", "errors": ["limit is too big"]}, 422),
            Refused,
            "Invalid: limit is too big",
        ),
        (_said({"message": "Invalid", "errors": {"limit": "too big"}}, 422), Refused, "too big"),
        ((500, {}, ""), Unavailable, "500"),
        ((502, {}, "<html><h1>Bad gateway</h1>"), Unavailable, "502"),
        ((200, {}, '[{"id": 1'), Unreadable, "is not JSON"),
        ((200, {}, "<html>Sign in</html>"), Unreadable, "web page"),
        ((200, {}, '{"id": 1}'), Unreadable, "a list of objects was expected"),
    ],
)
def test_errors_say_what_to_do(
    bexio: FakeBexio, tool: Bexio, reply: Reply, error: type[Exception], said: str
) -> None:
    bexio.broken["POST 2.0/kb_invoice/search"] = reply
    with pytest.raises(error, match=said):
        list(tool.open_documents())


def test_it_waits_as_long_as_bexio_asks(bexio: FakeBexio, tool: Bexio, waits: Waits) -> None:
    bexio.broken["POST 2.0/kb_invoice/search"] = (429, {"ratelimit-reset": "37"}, "{}")
    with pytest.raises(Unavailable, match="slow down"):
        list(tool.open_documents())
    assert max(waits.seconds) >= 37


def test_it_rests_before_the_last_question_of_a_minute_is_used_up(
    bexio: FakeBexio, tool: Bexio, waits: Waits
) -> None:
    _, headers, body = _said([])
    bexio.broken["GET 2.0/contact"] = 200, headers | {"RateLimit-Remaining": "0", "RateLimit-Reset": "21"}, body
    tool.check()
    assert 20 < max(waits.seconds) < 25


# --- Payments -------------------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    amount = more.get("amount", Money(11_890, "CHF"))
    given: dict[str, Any] = {
        "operation": "kontorist-1a2b",
        "decision": 7,
        "item_id": "bexio:invoice:4",
        "key": RemoteKey("invoice", "4"),
        "document_number": "RE-00004",
        "debtor_number": "000014",
        "day": date(2026, 5, 4),
        "amount": amount,
        "skonto": Money(0, "CHF"),
        "difference": Money(0, "CHF"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_890, "CHF"),
        "text": "UTA Immobilien AG RE-00004",
        "own_account": IBAN,
        **more,
    }
    return PaymentOrder(**given)


def test_a_payment_is_booked_on_the_account_it_came_to_and_found_again(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    assert tool.booked(payment()) is None
    written = tool.book(payment())
    (there,) = bexio.payments
    assert (there["date"], there["value"], there["bank_account_id"]) == ("2026-05-04", "118.90", 9)
    assert "118.90 CHF" in written.says or "118,90" in written.says
    assert tool.booked(payment()) is not None
    assert tool.document(RemoteKey("invoice", "4")).standing is SETTLED


def test_a_part_payment_on_another_account_leaves_the_rest_open(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    tool.book(payment(amount=Money(5_000, "CHF"), closes=False, own_account="DE02120300000000202051"))
    assert bexio.payments[0]["bank_account_id"] == 7
    item = tool.document(RemoteKey("invoice", "4")).item
    assert item is not None
    assert item.open_amount == Money(6_890, "CHF")


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("another day", {"date": "2026-05-05"}),
        ("another amount", {"value": "118.8500"}),
        ("a credit voucher set off", {"kb_credit_voucher_id": 12}),
        ("a cash discount", {"is_cash_discount": True}),
    ],
)
def test_another_payment_is_not_ours(bexio: FakeBexio, tool: Bexio, what: str, changed: dict[str, Any]) -> None:
    bexio.add(invoice())
    there = {"id": 1, "kb_invoice_id": 4, "date": "2026-05-04", "value": "118.9000", "is_cash_discount": False}
    bexio.payments.append(there | changed)
    assert tool.booked(payment()) is None, what


def test_what_the_office_booked_itself_is_not_booked_again(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.payments.append({"id": 1, "kb_invoice_id": 4, "date": "2026-05-04", "value": "118.9000"})
    assert tool.booked(payment()) is not None


def test_two_equal_parts_of_one_day_are_two_payments(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    first, second = (payment(amount=Money(5_000, "CHF"), closes=False, operation=f"kontorist-{n}") for n in (1, 2))
    tool.book(first)
    assert tool.booked(second) is None
    tool.book(second)
    found = [tool.booked(one) for one in (first, second)]
    assert [one and one.remote_id for one in found] == ["100", "101"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (payment(is_credit_note=True), "payments to customers"),
        (payment(amount=Money(11_652, "CHF"), skonto=Money(238, "CHF")), "neither Skonto nor differences"),
        (payment(amount=Money(11_885, "CHF"), difference=Money(5, "CHF")), "neither Skonto nor differences"),
        (payment(amount=Money(0, "CHF"), skonto=Money(0, "CHF")), "without a payment"),
    ],
)
def test_what_bexio_cannot_be_told_is_refused_before_anything_is_said(
    bexio: FakeBexio, tool: Bexio, order: PaymentOrder, said: str
) -> None:
    bexio.add(invoice())
    with pytest.raises(Refused, match=said):
        tool.book(order)
    assert bexio.asked == []


def test_a_rejected_payment_is_told_in_the_words_of_bexio(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.broken["POST 2.0/kb_invoice/4/payment"] = _said(
        {"error_code": 422, "message": "Validation error", "errors": ["Geschäftsjahr ist abgeschlossen"]}, 422
    )
    with pytest.raises(Refused, match="Geschäftsjahr ist abgeschlossen"):
        tool.book(payment())


def test_a_payment_that_broke_off_is_uncertain_said_once_and_found(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.swallows = True
    with pytest.raises(Uncertain):
        tool.book(payment())
    assert len(bexio.payments) == 1
    assert tool.booked(payment()) is not None


@pytest.mark.parametrize("spoiled", [{"date": None}, {"value": {}}, {"id": None}, {"id": [1]}])
def test_payments_that_cannot_be_read_stop_the_booking(
    bexio: FakeBexio, tool: Bexio, spoiled: dict[str, Any]
) -> None:
    bexio.add(invoice())
    bexio.payments.append({"id": 1, "kb_invoice_id": 4, "date": "2026-05-04", "value": "118.9000", **spoiled})
    with pytest.raises(Unreadable, match="a date and a value"):
        tool.booked(payment())


# --- Reminders ------------------------------------------------------------------------------------------------------


def dunning(level: int = 1) -> DunningOrder:
    return DunningOrder(
        operation="kontorist-9f",
        item_id="bexio:invoice:4",
        key=RemoteKey("invoice", "4"),
        document_number="RE-00004",
        level=level,
        stage="reminder",
        sent_on=date(2026, 5, 12),
        deadline=date(2026, 5, 12) + timedelta(days=10),
        fee=Money(0, "CHF"),
        interest=Money(0, "CHF"),
    )


def test_a_stage_is_laid_down_marked_as_sent_and_found_again(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    assert tool.dunned(dunning()) is None
    tool.dun(dunning())
    assert [(row["reminder_level"], row["is_sent"]) for row in bexio.reminders] == [(1, True)]
    assert tool.dunned(dunning()) is not None
    assert tool.dunned(dunning(2)) is None
    tool.dun(dunning(2))
    assert [(row["reminder_level"], row["is_sent"]) for row in bexio.reminders] == [(1, True), (2, True)]
    assert not [asked for asked in bexio.asked if asked.endswith("/send")]


def test_a_higher_reminder_of_the_office_stands_for_ours(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.reminders.append({"id": 5, "kb_invoice_id": 4, "reminder_level": 2, "is_sent": True})
    assert tool.dunned(dunning(1)) is not None


def test_a_level_that_would_not_be_the_next_one_is_refused(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    with pytest.raises(Refused, match="would be of level 1, and level 2 was said"):
        tool.dun(dunning(2))
    assert bexio.reminders == []


def test_a_reminder_left_behind_is_marked_and_not_created_again(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.swallows = True
    with pytest.raises(Uncertain):
        tool.dun(dunning())
    bexio.swallows = False
    assert tool.dunned(dunning()) is None, "it is not marked as sent yet"
    tool.dun(dunning())
    assert [(row["reminder_level"], row["is_sent"]) for row in bexio.reminders] == [(1, True)]


def test_a_reminder_that_bexio_refuses_is_told_in_its_words(bexio: FakeBexio, tool: Bexio) -> None:
    bexio.add(invoice())
    bexio.broken["POST 2.0/kb_invoice/4/kb_reminder"] = _said({"message": "Letzte Mahnstufe erreicht"}, 400)
    with pytest.raises(Refused, match="Letzte Mahnstufe erreicht"):
        tool.dun(dunning())


@pytest.mark.parametrize(
    "row", [{"id": 5, "reminder_level": None}, {"reminder_level": 1}, {"id": None, "reminder_level": 1}]
)
def test_reminders_that_cannot_be_read_stop_the_noting(bexio: FakeBexio, tool: Bexio, row: dict[str, Any]) -> None:
    bexio.add(invoice())
    bexio.reminders.append({"kb_invoice_id": 4, "is_sent": False, **row})
    with pytest.raises(Unreadable, match="a level and an id"):
        tool.dun(dunning())


# --- Settings and consent -------------------------------------------------------------------------------------------


def test_payments_are_only_written_where_their_account_is_named() -> None:
    with pytest.raises(ValidationError, match="bank_account_id"):
        settings(write_back=WriteBack(payments=True))


def test_a_personal_access_token_needs_no_consent(line: Line) -> None:
    assert Bexio.oauth_client(settings(), line) is None


@dataclass
class Kept:
    """Tokens in memory."""

    tokens: Tokens | None = None

    def load(self) -> Tokens | None:
        return self.tokens

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        self.tokens = renew(self.tokens)
        return self.tokens


@pytest.mark.parametrize(
    ("write_back", "scope"),
    [
        (WriteBack(), "openid offline_access contact_show kb_invoice_show"),
        (WriteBack(dunning=True), "openid offline_access contact_show kb_invoice_show kb_invoice_edit"),
    ],
)
def test_the_consent_asks_for_no_more_rights_than_are_used(line: Line, write_back: WriteBack, scope: str) -> None:
    client = Bexio.oauth_client(settings(client_id="app", write_back=write_back), line)
    assert client is not None
    assert client.scope == scope


def test_a_token_that_is_about_to_end_is_renewed_first(bexio: FakeBexio, line: Line) -> None:
    kept = Kept(Tokens(access=Secret("old-access"), refresh=Secret("old-refresh"), seconds_left=5.0))
    asked: list[str] = []

    def renewed(request: PreparedRequest) -> Reply:
        asked.append(str(request.body))
        new = {"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": 3600}
        return 200, {}, json.dumps(new)

    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, f"{CONSENT}/token", callback=renewed)
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=bexio.answer)
        with_tokens = Line(
            secret=line.secret, limiter=line.limiter, sleep=line.sleep, bounds=line.bounds, tokens=kept
        )
        Bexio.connect(settings(client_id="app"), with_tokens).check()
        headers = [call.request.headers["Authorization"] for call in mock.calls]

    assert kept.tokens is not None
    assert kept.tokens.refresh.reveal() == "new-refresh"
    assert asked == ["grant_type=refresh_token&refresh_token=old-refresh"]
    assert headers[-1] == "Bearer new-access"


def test_what_it_cannot_do_is_not_promised() -> None:
    cannot = {Capability.READS_CREDIT_NOTES, Capability.READS_SKONTO, Capability.BOOKS_DIFFERENCES}
    assert not cannot & Bexio.capabilities
