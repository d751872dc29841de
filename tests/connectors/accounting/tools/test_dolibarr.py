"""Dolibarr: what becomes of its documents, what it is asked and told, and what it answers when it cannot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.document import RemoteKey, Standing, payload_hash
from connectors.accounting.dolibarr import Dolibarr, DolibarrSettings
from connectors.accounting.dolibarr.documents import contact, of_interest, translate
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

    from connectors.accounting.document import Document
    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

BASE = "https://erp.example.org/dolibarr"
API = f"{BASE}/api/index.php"
IBAN = "DE02120300000000202051"
BERLIN = "Europe/Berlin"

Row = dict[str, Any]
Reply = tuple[int, dict[str, str], str]

OPEN, SETTLED, CANCELLED, DRAFT = Standing.OPEN, Standing.SETTLED, Standing.CANCELLED, Standing.DRAFT
WRITTEN_OFF = Standing.WRITTEN_OFF


def moment(day: str, zone: str = BERLIN) -> int:
    """Give the moment at which a day begins on a server in that zone, as Dolibarr tells days."""
    return int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp())


def invoice(**more: Any) -> Row:
    """Give an invoice as version 19 tells it: ids and totals are texts, days are moments."""
    return {
        "id": "12",
        "ref": "FA2604-0001",
        "type": "0",
        "status": "1",
        "statut": "1",
        "close_code": None,
        "socid": "7",
        "date": moment("2026-04-01"),
        "date_lim_reglement": moment("2026-04-15"),
        "total_ttc": "119.00000000",
        "remaintopay": "119",
        "multicurrency_code": "EUR",
        "multicurrency_total_ttc": "119.00000000",
        "retained_warranty": None,
        "ref_client": "B-77",
        "ref_customer": "B-77",
        **more,
    }


def translated(row: Row) -> Document:
    return translate(row, "dolibarr", "EUR", BERLIN)


# --- What becomes of an invoice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "standing", "kind", "left"),
    [
        ({}, OPEN, ItemKind.INVOICE, 11_900),
        ({"remaintopay": 79}, OPEN, ItemKind.INVOICE, 7_900),
        ({"remaintopay": Decimal("78.99999999999999")}, OPEN, ItemKind.INVOICE, 7_900),
        ({"remaintopay": "0"}, OPEN, ItemKind.INVOICE, 0),
        ({"status": None}, OPEN, ItemKind.INVOICE, 11_900),
        ({"status": 1, "type": 1}, OPEN, ItemKind.INVOICE, 11_900),
        ({"type": "3"}, OPEN, ItemKind.INVOICE, 11_900),
        ({"type": "5"}, OPEN, ItemKind.INVOICE, 11_900),
        ({"multicurrency_code": "", "multicurrency_total_ttc": None}, OPEN, ItemKind.INVOICE, 11_900),
        ({"status": "2", "remaintopay": "0"}, SETTLED, ItemKind.INVOICE, 0),
        ({"status": "2", "close_code": "discount_vat", "remaintopay": "2.38"}, SETTLED, ItemKind.INVOICE, 0),
        ({"type": "2", "total_ttc": "-119", "remaintopay": "-19"}, OPEN, ItemKind.CREDIT_NOTE, 1_900),
        ({"type": "0", "total_ttc": "-119", "remaintopay": "-119"}, OPEN, ItemKind.CREDIT_NOTE, 11_900),
    ],
    ids=[
        "nothing paid",
        "part payment",
        "binary fraction",
        "paid and not yet classified",
        "older version",
        "replacement",
        "deposit",
        "situation",
        "without foreign currencies",
        "paid",
        "paid with Skonto",
        "credit note",
        "invoice below zero is owed by us",
    ],
)
def test_what_is_open(told: Row, standing: Standing, kind: ItemKind, left: int) -> None:
    made = translated(invoice(**told))

    assert made.findings == ()
    assert made.standing is standing
    assert made.item is not None
    assert (made.item.kind, made.item.amount, made.item.open_amount) == (
        kind,
        Money(11_900, "EUR"),
        Money(left, "EUR"),
    )
    assert made.item.order_number == "B-77"


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"status": "0", "ref": "(PROV12)"}, DRAFT),
        ({"status": "3", "close_code": "abandon"}, CANCELLED),
        ({"status": "3", "close_code": "replaced"}, CANCELLED),
        ({"status": "3", "close_code": "badcustomer"}, WRITTEN_OFF),
        ({"status": "2", "close_code": "badcustomer"}, WRITTEN_OFF),
    ],
)
def test_what_is_no_claim_is_no_item(told: Row, standing: Standing) -> None:
    made = translated(invoice(**told))

    assert (made.standing, made.item, made.findings) == (standing, None, ())


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "Europe/Paris", "Europe/London"])
@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-29", "2026-06-30", "2026-10-25"])
def test_a_day_is_the_same_day_on_servers_from_london_to_berlin(day: str, zone: str) -> None:
    made = translated(invoice(date=moment(day, zone), date_lim_reglement=str(moment(day, zone))))

    assert made.item is not None
    assert made.item.document_date == made.item.due_date == date.fromisoformat(day)


def test_a_credit_note_that_names_no_day_can_be_set_off_at_once() -> None:
    made = translated(invoice(type="2", total_ttc="-20", remaintopay="-20", date_lim_reglement=""))

    assert made.item is not None
    assert made.item.due_date == date(2026, 4, 1)


def test_more_than_the_invoice_is_told_and_nothing_is_open() -> None:
    made = translated(invoice(remaintopay="-0.5"))

    assert made.item is not None
    assert made.item.open_amount == Money(0, "EUR")
    assert [finding.code for finding in made.findings] == ["overpaid_document"]


@pytest.mark.parametrize(("left", "expected"), [("110", Money(11_900, "USD")), ("0", Money(0, "USD")), ("50", None)])
def test_an_invoice_in_dollars_is_open_whole_or_not_at_all(left: str, expected: Money | None) -> None:
    made = translated(
        invoice(
            multicurrency_code="USD",
            multicurrency_total_ttc="119.00000000",
            total_ttc="110.00000000",
            remaintopay=left,
        )
    )

    assert (made.item.open_amount if made.item else None) == expected
    assert bool(made.findings) is (expected is None)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"status": "9"}, "no state that we know"),
        ({"status": None, "statut": None}, "no state that we know"),
        ({"type": "4"}, "no type of an invoice"),
        ({"type": None}, "no type of an invoice"),
        ({"type": "2"}, "above zero"),
        ({"retained_warranty": "5.000"}, "kept back"),
        ({"remaintopay": None}, "missing"),
        ({"remaintopay": "12,50"}, "no number"),
        ({"total_ttc": "119.00400000"}, "decimal places"),
        ({"multicurrency_code": "XXQ"}, "XXQ"),
        ({"date": ""}, "missing"),
        ({"date_lim_reglement": None}, "missing"),
        ({"date": 0}, "believable"),
        ({"ref": ""}, "missing"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_leaves_the_item_as_it_was(told: Row, says: str) -> None:
    made = translated(invoice(**told))

    assert made.item is None
    assert made.standing is OPEN
    assert [finding.code for finding in made.findings] == ["unreadable_document"]
    assert says in made.findings[0].what


@pytest.mark.parametrize("key", ["ref", "type", "date", "date_lim_reglement", "total_ttc", "remaintopay"])
def test_a_field_that_vanished_is_a_finding_and_never_a_default(key: str) -> None:
    row = invoice()
    del row[key]

    made = translated(row)

    assert made.item is None
    assert made.findings


@given(cents=st.integers(min_value=1, max_value=10**11), left=st.integers(min_value=0, max_value=10**11))
def test_amounts_are_exact_to_the_cent(cents: int, left: int) -> None:
    row = invoice(total_ttc=f"{Decimal(cents).scaleb(-2)}000000", remaintopay=str(Decimal(left).scaleb(-2)))

    item = translated(row).item

    assert item is not None
    assert (item.amount.minor, item.open_amount.minor) == (cents, left)


@given(key=st.sampled_from(sorted(invoice())), told=st.none() | st.booleans() | st.integers() | st.lists(st.text()))
def test_whatever_stands_in_a_field_it_is_read_or_told(key: str, told: Any) -> None:
    made = translated(invoice(**{key: told}))

    assert made.item is not None or made.findings or made.standing not in {OPEN, SETTLED}


def test_a_whole_invoice_and_its_row_in_a_list_are_the_same_to_us() -> None:
    whole = invoice(lines=[{"qty": "1"}], linkedObjectsIds={"commande": ["3"]}, contacts_ids=[])

    assert payload_hash(of_interest(whole)) == payload_hash(of_interest(invoice()))


# --- What becomes of a third party ---------------------------------------------------------------------------------

PARTY: Row = {
    "id": "7",
    "name": "Huber GmbH",
    "code_client": "CU2604-00001",
    "address": "Ring 1\r\nHof",
    "zip": "01067",
    "town": "Dresden",
    "country_code": "DE",
    "email": "rechnung@huber.example",
    "phone": "+49 351 1",
    "typent_code": "TE_SMALL",
    "tva_intra": "",
    "default_lang": "de_DE",
}


def test_a_third_party_becomes_a_debtor() -> None:
    made = contact(PARTY, "dolibarr")

    assert made.remote_id == "7"
    assert made.debtor is not None
    assert (made.debtor.number, made.debtor.name, made.debtor.type) == (
        "CU2604-00001",
        "Huber GmbH",
        DebtorType.BUSINESS,
    )
    assert (made.debtor.street, made.debtor.postcode, made.debtor.city) == ("Ring 1 Hof", "01067", "Dresden")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"typent_code": "TE_PRIVATE"}, DebtorType.CONSUMER),
        ({"typent_code": "TE_UNKNOWN"}, DebtorType.UNKNOWN),
        ({"typent_code": None}, DebtorType.UNKNOWN),
        ({"typent_code": None, "tva_intra": "DE123456789"}, DebtorType.BUSINESS),
    ],
)
def test_who_is_a_business(told: Row, kind: DebtorType) -> None:
    debtor = contact(PARTY | told, "dolibarr").debtor

    assert debtor is not None
    assert debtor.type is kind


def test_without_a_customer_code_the_id_is_the_number_and_without_a_name_there_is_a_finding() -> None:
    without_code = contact(PARTY | {"code_client": None}, "dolibarr").debtor
    without_name = contact(PARTY | {"name": ""}, "dolibarr")

    assert without_code is not None
    assert without_code.number == "7"
    assert without_name.debtor is None
    assert [finding.place for finding in without_name.findings] == ["dolibarr: third party CU2604-00001 › name"]


# --- A server that remembers ---------------------------------------------------------------------------------------


@dataclass
class FakeDolibarr:
    """A small Dolibarr: lists by id with conditions, payments, and the classification of rests."""

    invoices: list[Row] = field(default_factory=list)
    payments: dict[str, list[Row]] = field(default_factory=dict)
    accounts: list[Row] = field(default_factory=list)
    old: bool = False  # says 404 for an empty list, and does not say in a list what is open
    broken: dict[str, list[Reply]] = field(default_factory=dict)
    between: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    entity: str | None = None

    def answer(self, request: PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        path, query = parts.path.split("/index.php/")[1], {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.asked.append(f"{request.method} {path}")
        self.entity = request.headers.get("DOLAPIENTITY")
        for start, replies in self.broken.items():
            if replies and f"{request.method} {path}".startswith(start):
                return replies.pop(0)
        assert request.headers["DOLAPIKEY"] == "s3cret-key-of-the-office"
        assert "s3cret" not in str(request.url)
        if request.method == "POST":
            return self._post(path, json.loads(request.body or "{}"))
        return self._get(path, query)

    def _get(self, path: str, query: dict[str, str]) -> Reply:
        if path == "status":
            body = {"success": {"code": 200, "dolibarr_version": "19.0.2"}}
            return 200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body)
        lists = {"invoices": self.invoices, "thirdparties": [PARTY], "bankaccounts": self.accounts}
        if path in lists:
            return self._list(lists[path], query)
        _, remote_id, *rest = path.split("/")
        if rest:
            return 200, {}, json.dumps(self.payments.get(remote_id, []))
        found = next((row for row in self.invoices if str(row["id"]) == remote_id), None)
        return (200, {}, json.dumps(found)) if found else refusal(404, "Not Found: Invoice not found")

    def _list(self, rows: list[Row], query: dict[str, str]) -> Reply:
        assert (query["sortfield"], query["sortorder"], query["page"]) == ("t.rowid", "ASC", "0")
        if query.get("status") == "unpaid":
            rows = [row for row in rows if str(row["statut"]) == "1"]
        for key, operator, wished in re.findall(r"\(t\.(\w+):(.):'(\w+)'\)", query.get("sqlfilters", "")):
            assert operator == ">"
            if key == "rowid":
                rows = [row for row in rows if int(row["id"]) > int(wished)]
            else:
                rows = [row for row in rows if str(row["tms"]) > wished]
        rows = sorted(rows, key=lambda row: int(row["id"]))[: int(query["limit"])]
        if self.between:
            self.between.pop(0)()
        if self.old:
            rows = [{key: value for key, value in row.items() if key != "remaintopay"} for row in rows]
            if not rows:
                return refusal(404, "Not Found: No invoice found")
        return 200, {}, json.dumps(rows)

    def _post(self, path: str, body: Row) -> Reply:
        if path.endswith("/settopaid"):
            row = next(row for row in self.invoices if f"invoices/{row['id']}/settopaid" == path)
            row.update(status="2", statut="2", close_code=body["close_code"], close_note=body["close_note"])
            return 200, {}, json.dumps(row)
        assert path == "invoices/paymentsdistributed"
        for remote_id, part in body["arrayofamounts"].items():
            row = next(row for row in self.invoices if str(row["id"]) == remote_id)
            left = Decimal(row["remaintopay"]) - Decimal(part["amount"])
            if left < 0:
                return refusal(400, "Bad Request: Payment amount on invoice ID 12 is higher than remain to pay")
            row["remaintopay"] = str(left)
            if not left and body["closepaidinvoices"] == "yes":
                row.update(status="2", statut="2")
            made = {"amount": part["amount"], "num": body["num_payment"], "ref": "PAY2605-1", "body": body}
            self.payments.setdefault(remote_id, []).append(made)
        return 200, {}, "31"


def refusal(status: int, message: str) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps({"error": {"code": status, "message": message}})


@pytest.fixture
def server() -> Iterator[FakeDolibarr]:
    fake = FakeDolibarr(invoices=[invoice()], accounts=[{"id": "4", "iban": "DE02 1203 0000 0000 2020 51"}])
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(API)), callback=fake.answer)
        yield fake


def connected(line: Line, **more: Any) -> Dolibarr:
    standard: Row = {"url": BASE, "key": SecretSettings(env="DOLIBARR_KEY"), "requests_per_second": 100_000}
    return Dolibarr.connect(DolibarrSettings(kind="dolibarr", name="dolibarr", **standard | more), line)


@pytest.fixture
def tool(line: Line) -> Dolibarr:
    return connected(line)


# --- What it is asked ----------------------------------------------------------------------------------------------


def test_the_open_set_is_what_is_validated_and_not_closed(tool: Dolibarr, server: FakeDolibarr) -> None:
    server.invoices += [invoice(id="13", ref="FA-2", status="2", statut="2"), invoice(id="14", ref="FA-3")]

    assert [one.number for one in tool.open_documents()] == ["FA2604-0001", "FA-3"]


@pytest.mark.parametrize("url", [BASE, f"{BASE}/", f"{API}", f"{API}/"])
def test_the_address_may_name_the_interface_or_not(line: Line, server: FakeDolibarr, url: str) -> None:
    assert connected(line, url=url).check() == "Dolibarr 19.0.2 answers, and shows us its invoices"


def test_an_entity_is_named_where_there_are_several(line: Line, server: FakeDolibarr) -> None:
    connected(line).check()
    assert server.entity is None
    connected(line, entity=3).check()
    assert server.entity == "3"


def test_pages_are_read_to_the_end_and_rows_that_leave_move_no_other(tool: Dolibarr, server: FakeDolibarr) -> None:
    rows = server.invoices = [invoice(id=str(number), ref=f"FA-{number}") for number in range(1, 331)]
    server.between = [lambda: rows.pop(0), lambda: rows.pop(100)]

    assert len({one.key for one in tool.open_documents()}) == 330


def test_an_older_version_says_404_for_nothing_and_is_asked_one_by_one(tool: Dolibarr, server: FakeDolibarr) -> None:
    server.old = True

    (found,) = tool.open_documents()

    assert found.item is not None
    assert found.item.open_amount == Money(11_900, "EUR")
    server.invoices = []
    assert list(tool.open_documents()) == []


def test_a_path_that_is_not_there_is_no_empty_list_and_no_deleted_invoice(
    tool: Dolibarr, server: FakeDolibarr
) -> None:
    """The module is switched off, or the address is wrong: nothing was deleted."""
    server.broken = {"GET invoices": [refusal(404, "Not Found")] * 2}

    with pytest.raises(Refused):
        list(tool.open_documents())
    with pytest.raises(Refused, match="module for invoices") as raised:
        tool.document(RemoteKey("invoice", "12"))
    assert not isinstance(raised.value, NotThere)


def test_a_deleted_invoice_is_not_there(tool: Dolibarr, server: FakeDolibarr) -> None:
    with pytest.raises(NotThere, match="Invoice not found"):
        tool.document(RemoteKey("invoice", "99"))


def test_changes_are_asked_for_by_days_with_two_days_of_overlap(tool: Dolibarr, server: FakeDolibarr) -> None:
    server.invoices = [
        invoice(id="1", ref="FA-1", tms="20260501"),
        invoice(id="2", ref="FA-2", tms="20260503", status="3", statut="3", close_code="abandon"),
        invoice(id="3", ref="(PROV3)", tms="20260504", status="0", statut="0"),
    ]

    changes = tool.changed_documents("2026-05-04")

    assert {one.number: one.standing for one in changes.documents} == {"FA-2": CANCELLED, "(PROV3)": DRAFT}
    assert changes.cursor == "2026-05-05"
    first = tool.changed_documents("")
    assert (list(first.documents), first.cursor) == ([], "2026-05-05")


def test_a_pull_names_debtors_by_their_customer_code(tool: Dolibarr, server: FakeDolibarr) -> None:
    pulled = ToolSource(tool).pull()

    assert [(item.document_number, item.debtor_number) for item in pulled.items] == [("FA2604-0001", "CU2604-00001")]
    assert pulled.complete


# --- What it answers when it cannot --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (409, Conflict),
        (422, Refused),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_status_means_something(
    tool: Dolibarr, server: FakeDolibarr, status: int, error: type[Exception]
) -> None:
    server.broken = {"GET invoices/12": [refusal(status, "So nicht")] * 9}

    with pytest.raises(error, match=rf"{status}, So nicht"):
        tool.document(RemoteKey("invoice", "12"))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ((200, {}, "<!DOCTYPE html><html>Anmelden</html>"), "web page"),
        ((200, {}, '[{"id": "1'), "not JSON"),
        ((200, {}, '{"data": []}'), "list of objects"),
        ((200, {}, '[{"ref": "FA-1"}]'), "an id in every row"),
    ],
)
def test_what_is_no_list_is_told_as_such(tool: Dolibarr, server: FakeDolibarr, reply: Reply, says: str) -> None:
    server.broken = {"GET invoices": [reply]}

    with pytest.raises(Unreadable, match=says):
        list(tool.open_documents())


def test_it_waits_when_something_before_it_asks_for_it(tool: Dolibarr, server: FakeDolibarr, waits: Waits) -> None:
    bad_gateway: Reply = (502, {"Content-Type": "text/html"}, "<html>Bad Gateway</html>")
    server.broken = {"GET invoices/12": [bad_gateway, (429, {"Retry-After": "17"}, "")]}

    assert tool.document(RemoteKey("invoice", "12")).item is not None
    assert any(seconds >= 17 for seconds in waits.seconds)


# --- What it is told -----------------------------------------------------------------------------------------------


def payment(**more: Any) -> PaymentOrder:
    standard: dict[str, Any] = {
        "operation": "kontorist-5f2c",
        "decision": 3,
        "item_id": "dolibarr:invoice:12",
        "key": RemoteKey("invoice", "12"),
        "document_number": "FA2604-0001",
        "debtor_number": "CU2604-00001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": Money(0, "EUR"),
        "difference": Money(0, "EUR"),
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH FA2604-0001",
        "own_account": IBAN,
    }
    return PaymentOrder(**standard | more)


def test_a_payment_is_booked_once_and_found_by_its_number(tool: Dolibarr, server: FakeDolibarr) -> None:
    assert tool.booked(payment()) is None

    written = tool.book(payment())

    told = server.payments["12"][0]["body"]
    assert written.remote_id == "31"
    assert told["arrayofamounts"] == {"12": {"amount": "119.00", "multicurrency_amount": ""}}
    assert (told["paymentid"], told["accountid"], told["closepaidinvoices"]) == (2, 4, "yes")
    assert datetime.fromtimestamp(told["datepaye"], UTC).date() == date(2026, 5, 4)
    assert tool.document(RemoteKey("invoice", "12")).standing is SETTLED
    assert tool.booked(payment()) is not None
    assert not any(asked.endswith("settopaid") for asked in server.asked)


def test_a_long_operation_is_found_again_though_dolibarr_would_cut_it_off(
    tool: Dolibarr, server: FakeDolibarr
) -> None:
    order = payment(operation="kontorist-" + "5" * 50)

    tool.book(order)

    assert len(server.payments["12"][0]["num"]) == 50
    assert tool.booked(order) is not None


def test_a_part_payment_leaves_the_rest_open(tool: Dolibarr, server: FakeDolibarr) -> None:
    tool.book(payment(amount=Money(4_000, "EUR"), closes=False))

    item = tool.document(RemoteKey("invoice", "12")).item
    assert item is not None
    assert item.open_amount == Money(7_900, "EUR")


@pytest.mark.parametrize(
    ("granted", "reason"),
    [({"skonto": Money(238, "EUR")}, "discount_vat"), ({"difference": Money(238, "EUR")}, "other")],
)
def test_a_rest_is_classified_by_its_reason(tool: Dolibarr, server: FakeDolibarr, granted: Row, reason: str) -> None:
    order = payment(amount=Money(11_662, "EUR"), **granted)

    tool.book(order)

    assert (server.invoices[0]["statut"], server.invoices[0]["close_code"]) == ("2", reason)
    assert tool.document(RemoteKey("invoice", "12")).standing is SETTLED
    assert tool.booked(order) is not None


@pytest.mark.parametrize("reply", [refusal(403, "Forbidden"), (504, {}, "<html>Gateway Time-out</html>")])
def test_a_payment_whose_rest_could_not_be_closed_is_never_told_again(
    tool: Dolibarr, server: FakeDolibarr, reply: Reply
) -> None:
    server.broken = {"POST invoices/12/settopaid": [reply]}
    order = payment(amount=Money(11_662, "EUR"), skonto=Money(238, "EUR"))

    with pytest.raises(Uncertain, match="was booked, but its rest"):
        tool.book(order)
    with pytest.raises(Refused, match="stands there, but its rest is still open"):
        tool.booked(order)
    server.invoices[0].update(status="2", statut="2", close_code="discount_vat")
    assert tool.booked(order) is not None
    assert len(server.payments["12"]) == 1


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"is_credit_note": True}, "by hand"),
        (
            {"amount": Money(1, "USD"), "skonto": Money(0, "USD"), "difference": Money(0, "USD")},
            "foreign currency",
        ),
        ({"amount": Money(4_000, "EUR"), "skonto": Money(80, "EUR"), "closes": False}, "only as a whole"),
        ({"own_account": "PAYPAL:KASSE"}, "no bank account"),
    ],
)
def test_what_cannot_be_booked_surely_is_refused_before_anything_is_written(
    tool: Dolibarr, server: FakeDolibarr, order: Row, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        tool.book(payment(**order))
    assert not any(asked.startswith("POST") for asked in server.asked)


def test_a_bank_account_and_a_mode_of_payment_may_be_named(line: Line, server: FakeDolibarr) -> None:
    connected(line, bank_account=9, payment_mode=53).book(payment(own_account="PAYPAL:KASSE"))

    told = server.payments["12"][0]["body"]
    assert (told["accountid"], told["paymentid"]) == (9, 53)


def test_a_refused_payment_is_told_in_dolibarrs_own_words(tool: Dolibarr, server: FakeDolibarr) -> None:
    with pytest.raises(Refused, match="higher than remain to pay"):
        tool.book(payment(amount=Money(12_000, "EUR")))


def test_a_payment_that_may_have_been_taken_is_never_told_twice(tool: Dolibarr, server: FakeDolibarr) -> None:
    server.broken = {"POST": [(500, {}, "<html>Fatal error</html>")]}

    with pytest.raises(Uncertain):
        tool.book(payment())
    assert sum(asked.startswith("POST") for asked in server.asked) == 1


# --- Settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time_zone": "Europe/Bonn"}, "no time zone"),
        ({"write_back": {"dunning": True}}, "no place where dunning"),
        ({"requests_per_second": 0}, "greater than or equal"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: Row, says: str) -> None:
    right = {"kind": "dolibarr", "name": "dolibarr", "url": BASE, "key": {"env": "DOLIBARR_KEY"}}
    DolibarrSettings.model_validate(right)

    with pytest.raises(ValidationError, match=says):
        DolibarrSettings.model_validate(right | wrong)
