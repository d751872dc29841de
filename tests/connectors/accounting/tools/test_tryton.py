"""Tryton without its server: every shape of its answers, what goes wrong, and what must never be done twice."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import DunningOrder, PaymentOrder
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.accounting.tryton import Tryton, TrytonSettings
from connectors.accounting.tryton.documents import contact, translate
from connectors.accounting.tryton.session import decimal_of, plain
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

URL = "https://tryton.example.org"
NOT_FOUND = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"

Reply = tuple[int, dict[str, str], str]


def _day(text: str) -> dict[str, Any]:
    day = date.fromisoformat(text)
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def _amount(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def _row(id_: int, total: str = "119.00", left: str = "", **more: Any) -> dict[str, Any]:
    """Write an invoice as ``search_read`` gives it."""
    return {
        "id": id_,
        "number": f"RE-{id_:05d}",
        "state": "posted",
        "invoice_date": _day("2026-09-23"),
        "total_amount": _amount(total),
        "amount_to_pay": _amount(left or total),
        "currency.": {"code": "EUR", "id": 1},
        "party.": {"code": "10001", "id": 2},
        "reference": "Bestellung 4711",
        "customer_payment_reference": "RF84 RE00 001",
        "lines_to_pay.": [{"maturity_date": _day("2026-10-07"), "reconciliation": None, "id": id_ * 10}],
        **more,
    }


@dataclass
class FakeTryton:
    """A small server that remembers invoices, moves and dunnings, and fails where it is told to."""

    invoices: dict[int, dict[str, Any]] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)
    dunnings: list[dict[str, Any]] = field(default_factory=list)
    session: str = "session-1"
    failing: dict[str, list[Reply | Exception]] = field(default_factory=dict)  # method -> its next answers
    asked: list[str] = field(default_factory=list)
    started: dict[str, Any] = field(default_factory=dict)  # what the wizard was filled in with

    def add(self, number: int, total: str = "119.00", left: str = "", **more: Any) -> None:
        self.invoices[number] = _row(number, total, left, **more)

    def answer(self, request: PreparedRequest) -> Reply:
        asked = json.loads(request.body or "")
        assert set(asked) == {"id", "method", "params"}
        method, params = asked["method"], asked["params"]
        self.asked.append(method.removeprefix("model.").removeprefix("wizard."))
        if failures := self.failing.get(self.asked[-1]):
            failure = failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        if method == "common.db.login":
            return _said([2, self.session, None])
        if method == "common.server.version":
            return _said("8.2")
        if self.session not in _session_of(request):
            return 401, {"Content-Type": "text/html"}, "<!doctype html><title>401 Unauthorized</title>"
        return _said(self._result(self.asked[-1], params))

    def _result(self, method: str, params: list[Any]) -> Any:
        model, _, verb = method.rpartition(".")
        if model == "account.invoice.pay":
            return self._pay(verb, params)
        if model == "account.dunning" and verb != "search_read":
            return self._dun(verb, params)
        if verb == "search_read":
            clauses = {clause[0]: clause for clause in params[0] if clause[0] != "OR"}
            return self._found(model, clauses, params)
        return {
            "res.user.get_preferences": {"company": 1, "companies": [1], "company.rec_name": "Muster GmbH"},
            "account.invoice.search_count": len(self.invoices),
            "party.party.fields_get": {"bank_accounts": {}},
        }[method]

    def _found(self, model: str, clauses: dict[str, Any], params: list[Any]) -> list[dict[str, Any]]:
        levels = [11, 12, 13]
        if model == "account.invoice":
            return self._invoices(clauses, as_ids=params[4] == ["party"])[: params[2]]
        if model == "account.move":
            ending = clauses["description"][2].removeprefix("%")
            return [move for move in self.moves if move["description"].endswith(ending)]
        if model == "account.dunning":
            noted = [row for row in self.dunnings if row["line"] in clauses["line"][2]]
            return [{**row, "procedure.": {"id": 5, "levels": levels}} for row in noted]
        if model == "party.party":
            return [{"id": 2, "code": "10001", "name": "Huber GmbH"}]
        name = clauses["party.name" if model == "company.company" else "name"][2]
        known = {"Muster GmbH", "Bank", "Skonto", "Kleindifferenz", "Mahnverfahren"}
        return [{"id": 5, "name": name, "levels": levels}] if name in known else []

    def _dun(self, verb: str, params: list[Any]) -> list[int] | None:
        if verb == "write":
            for row in self.dunnings:
                row.update(params[1] if row["id"] in params[0] else {})
            return None
        made = [
            {**row, "id": 70 + place, "state": "draft"} for place, row in enumerate(params[0], len(self.dunnings))
        ]
        self.dunnings += made
        return [row["id"] for row in made]

    def _invoices(self, clauses: dict[str, Any], *, as_ids: bool) -> list[dict[str, Any]]:
        rows = [self.invoices[key] for key in sorted(self.invoices)]
        if "id" in clauses:
            _, sign, number = clauses["id"]
            rows = [row for row in rows if (row["id"] > number if sign == ">" else row["id"] == number)]
        if clauses.get("state", ["", ""])[1] == "=":
            rows = [row for row in rows if row["state"] == "posted"]
        return [{"id": row["id"], "party": row["party."]["id"]} for row in rows] if as_ids else rows

    def _pay(self, verb: str, params: list[Any]) -> Any:
        """Walk through the wizard as the real one does: what fits is booked at once, the rest is asked for."""
        if verb == "create":
            return [8, "start", "end"]
        if verb == "delete":
            return None
        row = self.invoices[params[-1]["active_id"]]
        state = params[2]
        if state == "start":
            filled_in = {
                "payee": 2,
                "company": 1,
                "currency": 1,
                "invoice_account": 39,
                "company.": {},
                "payees": [2],
            }
            return {"view": {"defaults": filled_in, "state": "start"}}
        if state == "choice":
            self.started = params[1]["start"]
            if self.started["amount"] != row["amount_to_pay"]:
                return {"view": {"defaults": {"lines_to_pay": [row["id"] * 10]}, "state": "ask"}}
        self.book(row, closes=state == "pay" and params[1]["ask"]["type"] == "writeoff")
        return {}

    def book(self, row: dict[str, Any], *, closes: bool) -> None:
        left = Decimal(row["amount_to_pay"]["decimal"]) - Decimal(self.started["amount"]["decimal"])
        row["amount_to_pay"] = _amount("0" if closes else str(left))
        row["state"] = "posted" if Decimal(row["amount_to_pay"]["decimal"]) else "paid"
        self.moves.append({"id": 90, "number": "17", "date": self.started["date"], **self.started})


def _said(result: Any) -> Reply:
    return 200, {"Date": "Sun, 22 Nov 2026 02:30:00 GMT"}, json.dumps({"id": 1, "result": result})


def _error(*error: Any) -> Reply:
    return 200, {}, json.dumps({"id": 1, "error": error})


def _session_of(request: PreparedRequest) -> str:
    return base64.b64decode(str(request.headers["Authorization"]).removeprefix("Session ")).decode()


@pytest.fixture(name="server")
def _server() -> Iterator[FakeTryton]:
    server = FakeTryton()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback("POST", f"{URL}/office/rpc/", callback=server.answer)
        mock.add_callback("POST", f"{URL}/rpc/", callback=server.answer)
        yield server


SETTINGS: dict[str, Any] = {
    "kind": "tryton",
    "name": "tryton",
    "url": URL,
    "database": "office",
    "user": "kontorist",
    "password": {"env": "TRYTON_PASSWORD"},
    "payment_method": "Bank",
    "skonto_write_off": "Skonto",
    "dunning_procedure": "Mahnverfahren",
}


@pytest.fixture(name="tryton")
def _tryton(line: Line) -> Tryton:
    return Tryton.connect(TrytonSettings(**SETTINGS), line)


def _euros(text: str) -> Money:
    return Money(int(Decimal(text) * 100), "EUR")


def _payment(amount: str, *, left: str = "119.00", **more: Any) -> PaymentOrder:
    order: dict[str, Any] = {
        "operation": "kontorist-1",
        "decision": 1,
        "item_id": "tryton:invoice:1",
        "key": RemoteKey("invoice", "1"),
        "document_number": "RE-00001",
        "debtor_number": "10001",
        "day": date(2026, 11, 20),
        "amount": _euros(amount),
        "skonto": _euros("0"),
        "difference": _euros("0"),
        "is_credit_note": False,
        "closes": amount == left,
        "open_before": _euros(left),
        "text": "Huber GmbH RE-00001",
        "own_account": "DE02120300000000202051",
    }
    return PaymentOrder(**{**order, **more})


def _dunning(level: int) -> DunningOrder:
    return DunningOrder(
        operation="kontorist-2",
        item_id="tryton:invoice:1",
        key=RemoteKey("invoice", "1"),
        document_number="RE-00001",
        level=level,
        stage="reminder",
        sent_on=date(2026, 11, 22),
        deadline=None,
        fee=_euros("0"),
        interest=_euros("0"),
    )


# --- Translated ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "left", "state", "kind", "amount", "open_amount", "standing"),
    [
        ("119.00", "119.00", "posted", "invoice", "119", "119", Standing.OPEN),
        ("119.00", "79.00", "posted", "invoice", "119", "79", Standing.OPEN),
        ("119.00", "0", "paid", "invoice", "119", "0", Standing.SETTLED),
        ("119.00", "0", "cancelled", "invoice", "119", "0", Standing.CANCELLED),
        ("-50.00", "-50.00", "posted", "credit_note", "50", "50", Standing.OPEN),
        ("-50.00", "-30.00", "posted", "credit_note", "50", "30", Standing.OPEN),
        ("-50.00", "0", "paid", "credit_note", "50", "0", Standing.SETTLED),
        ("0.00", "0", "posted", "invoice", "0", "0", Standing.OPEN),
        ("1234567.89", "1234567.89", "posted", "invoice", "1234567.89", "1234567.89", Standing.OPEN),
        ("119.0000", "119.0000", "posted", "invoice", "119", "119", Standing.OPEN),
    ],
)
def test_an_invoice_means_what_an_accountant_reads(
    total: str, left: str, state: str, kind: str, amount: str, open_amount: str, standing: Standing
) -> None:
    document = translate(plain(_row(1, total, left, state=state)), "tryton")
    assert document.item is not None
    assert (document.item.kind, document.standing) == (ItemKind(kind), standing)
    assert (document.item.amount, document.item.open_amount) == (_euros(amount), _euros(open_amount))
    assert not document.findings


def test_everything_else_of_an_invoice_is_read_as_it_stands_there() -> None:
    item = translate(plain(_row(1)), "tryton").item
    assert item is not None
    assert (item.item_id, item.document_number, item.debtor_number) == ("tryton:invoice:1", "RE-00001", "10001")
    assert (item.document_date, item.due_date) == (date(2026, 9, 23), date(2026, 10, 7))
    assert (item.payment_reference, item.order_number) == ("RF84RE00001", "Bestellung 4711")
    assert (item.source, item.place) == ("tryton", "tryton: invoice RE-00001")


@pytest.mark.parametrize(
    ("instalments", "due"),
    [
        ([("2026-10-07", None), ("2026-11-06", None)], "2026-11-06"),
        ([("2026-10-07", 4), ("2026-11-06", None)], "2026-11-06"),
        ([("2026-10-07", None), ("2026-11-06", 4)], "2026-10-07"),  # the later one was paid first
        ([("2026-10-07", 4), ("2026-11-06", 4)], "2026-11-06"),
    ],
)
def test_instalments_are_due_with_the_last_one_that_is_open(
    instalments: list[tuple[str, int | None]], due: str
) -> None:
    lines = [{"maturity_date": _day(day), "reconciliation": paid, "id": 1} for day, paid in instalments]
    item = translate(plain(_row(1) | {"lines_to_pay.": lines}), "tryton").item
    assert item is not None
    assert item.due_date == date.fromisoformat(due)


@pytest.mark.parametrize("state", ["draft", "validated"])
def test_what_nobody_was_sent_is_no_item(state: str) -> None:
    document = translate(plain(_row(1, state=state, number=None)), "tryton")
    assert (document.standing, document.item, document.findings) == (Standing.DRAFT, None, ())


@pytest.mark.parametrize(
    ("more", "place", "what"),
    [
        ({"state": "pending"}, "state", "is no state of an invoice that we know"),
        ({"state": None}, "state", "is no state of an invoice that we know"),
        ({"number": None}, "number", "is missing"),
        ({"invoice_date": None}, "invoice_date", "is missing"),
        ({"total_amount": None}, "total_amount", "is missing"),
        ({"total_amount": _amount("119.001")}, "total_amount", "more decimal places"),
        ({"amount_to_pay": None}, "amount_to_pay", "is missing"),
        ({"amount_to_pay": _amount("NaN")}, "amount_to_pay", "is no number"),
        ({"amount_to_pay": _amount("many")}, "amount_to_pay", "is no number"),
        ({"total_amount": {"__class__": "Decimal"}}, "total_amount", "is no number"),
        ({"invoice_date": {"__class__": "date", "year": 2026, "month": 13, "day": 1}}, "invoice_date", "is no text"),
        ({"currency.": {"code": "XYZ", "id": 1}}, "code", "XYZ"),
        ({"currency.": None}, "code", "is missing"),
        ({"party.": None}, "id", "is missing"),
        ({"lines_to_pay.": []}, "maturity_date", "is missing"),
    ],
)
def test_what_cannot_be_read_is_one_finding_and_no_guess(more: dict[str, Any], place: str, what: str) -> None:
    document = translate(plain(_row(1, **more)), "tryton")
    (finding,) = document.findings
    assert document.item is None
    assert place in finding.place
    assert what in finding.what


@pytest.mark.parametrize(("total", "left", "extra"), [("119.00", "-1.00", "1,00"), ("-50.00", "5.00", "5,00")])
def test_more_than_was_asked_for_leaves_nothing_open_and_is_told(total: str, left: str, extra: str) -> None:
    document = translate(plain(_row(1, total, left)), "tryton")
    assert document.item is not None
    assert document.item.open_amount == _euros("0")
    assert [finding.code for finding in document.findings] == ["overpaid_document"]
    assert extra in document.findings[0].what


def test_a_party_becomes_a_debtor_with_its_invoice_address() -> None:
    party = {
        "id": 2,
        "code": "10001",
        "name": "Blumen Yılmaz GmbH",
        "email": "buchhaltung@blumen.example",
        "phone": "+49 30 1234567",
        "lang.": {"code": "de_AT", "id": 5},
        "tax_identifier.": {"code": "136695976", "id": 1},
        "addresses.": [
            {"id": 1, "street": "Lager 1", "postal_code": "1010", "city": "Wien", "invoice": 0, "country.": None},
            {
                "id": 2,
                "street": "Rosenweg 7\n2. Stock",
                "postal_code": "10115",
                "city": "Berlin",
                "invoice": 1,
                "country.": {"code": "AT", "id": 9},
            },
        ],
        "bank_accounts.": [
            {
                "id": 1,
                "numbers.": [
                    {"type": "other", "number_compact": "123", "id": 1},
                    {"type": "iban", "number_compact": "DE02120300000000202051", "id": 2},
                ],
            }
        ],
    }
    debtor = contact(plain(party), "tryton").debtor
    assert debtor is not None
    assert (debtor.number, debtor.street, debtor.city) == ("10001", "Rosenweg 7 2. Stock", "Berlin")
    assert (debtor.country, debtor.language, debtor.type) == ("AT", "de", DebtorType.BUSINESS)
    assert debtor.ibans == ("DE02120300000000202051",)


def test_a_party_without_anything_is_known_by_its_id_and_one_without_a_name_is_a_finding() -> None:
    bare = contact({"id": 4, "name": "Änne Groß", "code": None}, "tryton").debtor
    assert bare is not None
    assert (bare.number, bare.email, bare.type) == ("4", "", DebtorType.UNKNOWN)
    nameless = contact({"id": 4, "code": "10002"}, "tryton")
    assert nameless.debtor is None
    assert "is missing" in nameless.findings[0].what


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_no_digit_is_lost_on_the_way_to_tryton_and_back(number: Decimal) -> None:
    assert plain(json.loads(json.dumps(decimal_of(number)))) == number


def test_moments_are_in_utc_there() -> None:
    moment = {"__class__": "datetime", "year": 2026, "month": 11, "day": 22, "hour": 9}
    assert plain({**moment, "minute": 1, "second": 2, "microsecond": 3}) == "2026-11-22T09:01:02.000003+00:00"


# --- Read ----------------------------------------------------------------------------------------------------------


def test_no_invoice_is_missed_or_read_twice_when_others_come_and_go_between_two_pages(
    server: FakeTryton, tryton: Tryton
) -> None:
    for number in range(1, 1201):
        server.add(number)
    read = []
    for document in tryton.open_documents():
        read.append(document.key.remote_id)
        if len(read) == 500:
            del server.invoices[10], server.invoices[700]
            server.add(1201)
    assert read == [str(number) for number in range(1, 1202) if number != 700]
    assert server.asked.count("account.invoice.search_read") == 3


def test_a_night_reads_debtors_open_set_changes_and_what_is_gone(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.add(2, state="paid", left="0")
    known = Known(
        open={RemoteKey("invoice", "1"): "one", RemoteKey("invoice", "3"): "three"},
        cursors={"changes": "2026-11-21T02:30:00+00:00"},
    )
    read = ToolSource(tryton).pull(known)
    assert {item.document_number: item.open_amount for item in read.items} == {
        "RE-00001": _euros("119"),
        "RE-00002": _euros("0"),
    }
    assert [debtor.number for debtor in read.debtors] == ["10001"]
    assert [(left.item_id, left.standing) for left in read.left] == [("three", Standing.DELETED)]
    assert read.cursors == {"changes": "2026-11-22T02:30:00+00:00"}
    assert read.complete


def test_without_the_bank_module_accounts_are_not_asked_for(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.failing["party.party.fields_get"] = [_said({})]
    assert [contact.debtor.number for contact in tryton.contacts() if contact.debtor] == ["10001"]


def test_a_user_without_a_company_is_refused_before_everything_seems_to_be_deleted(
    server: FakeTryton, tryton: Tryton
) -> None:
    server.failing["res.user.get_preferences"] = [_said({"company": None, "companies": []})]
    with pytest.raises(Refused, match="works for no company"):
        tryton.document(RemoteKey("invoice", "1"))


def test_preferences_are_said_back_as_they_came_with_their_fractions(server: FakeTryton, tryton: Tryton) -> None:
    preferred = {"company": 1, "locale": {"grouping": [3, 3]}, "zoom": 1.25}
    server.failing["res.user.get_preferences"] = [_said(preferred)]
    server.add(1)

    assert [document.number for document in tryton.open_documents()] == ["RE-00001"]
    assert tryton.rpc.context == {**preferred, "company_filter": "one"}


@pytest.mark.parametrize(("name", "found"), [("Muster GmbH", True), ("Andere GmbH", False)])
def test_a_company_is_chosen_by_its_name(server: FakeTryton, line: Line, name: str, *, found: bool) -> None:
    server.add(1)
    tryton = Tryton.connect(TrytonSettings(**{**SETTINGS, "company": name}), line)
    if found:
        assert tryton.check() == "Tryton 8.2 answers for Muster GmbH, and has 1 open documents"
    else:
        with pytest.raises(Refused, match="works for no company 'Andere GmbH'"):
            tryton.check()


def test_only_an_answer_says_that_a_document_is_gone_and_never_a_page_that_is_missing(
    server: FakeTryton, tryton: Tryton
) -> None:
    with pytest.raises(NotThere):
        tryton.document(RemoteKey("invoice", "5"))
    server.failing["account.invoice.search_read"] = [(404, {"Content-Type": "text/html"}, NOT_FOUND)]
    with pytest.raises(Refused) as told:
        tryton.document(RemoteKey("invoice", "5"))
    assert not isinstance(told.value, NotThere)


# --- What goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (["UserError", ["Kein Zugriff.", "In den Gruppen: ", None]], Refused, "Kein Zugriff. In den Gruppen:"),
        (["UserError", ["Kein Zugriff.", "", None]], Refused, "Kein Zugriff."),
        (["UserWarning", ["x.term", "Datum in der Vergangenheit?", ""]], Refused, "asks a person to confirm"),
        (["ConcurrencyException", "1 record"], Conflict, "somebody changed it meanwhile"),
        (["LoginException", ["sms", "Code?", "char"]], Refused, "second factor"),
        (["'account.dunning'", ""], Refused, "the server failed: 'account.dunning'"),
        ([], Refused, "failed without saying why"),
        ("broken", Refused, "failed without saying why"),
    ],
)
def test_an_error_inside_a_good_answer_is_told_in_trytons_words(
    server: FakeTryton, tryton: Tryton, error: Any, kind: type[Exception], words: str
) -> None:
    server.failing["account.invoice.search_count"] = [(200, {}, json.dumps({"id": 1, "error": error}))]
    with pytest.raises(kind, match=words):
        tryton.check()


def test_an_answer_without_a_result_is_not_taken_for_nothing(server: FakeTryton, tryton: Tryton) -> None:
    server.failing["account.invoice.search_read"] = [(200, {}, '{"id": 1}')]
    with pytest.raises(Unreadable, match="a result was expected"):
        list(tryton.open_documents())


@pytest.mark.parametrize(
    "result", [None, 7, "text", {"id": 1}, [7], [{"number": "RE-1"}], [{"id": "one"}], [{"id": True}]]
)
def test_rows_of_another_shape_are_unreadable(server: FakeTryton, tryton: Tryton, result: Any) -> None:
    server.failing["account.invoice.search_read"] = [_said(result)]
    with pytest.raises(Unreadable, match="in another shape"):
        list(tryton.open_documents())


@pytest.mark.parametrize(
    ("method", "result"), [("common.db.login", None), ("common.db.login", [2]), ("res.user.get_preferences", [])]
)
def test_a_sign_in_of_another_shape_is_unreadable(
    server: FakeTryton, tryton: Tryton, method: str, result: Any
) -> None:
    server.failing[method] = [_said(result)]
    with pytest.raises(Unreadable, match="in another shape"):
        tryton.check()


def test_one_invoice_that_cannot_be_read_does_not_keep_the_others(server: FakeTryton, tryton: Tryton) -> None:
    for number in (1, 2, 3):
        server.add(number)
    del server.invoices[2]["total_amount"], server.invoices[2]["party."]
    read = list(tryton.open_documents())
    assert [document.item is None for document in read] == [False, True, False]


def test_a_session_that_is_over_is_begun_again_once(server: FakeTryton, tryton: Tryton) -> None:
    tryton.check()
    server.session = "session-2"
    tryton.check()
    assert server.asked.count("common.db.login") == 2


def test_a_server_that_knows_no_session_is_not_asked_for_ever(server: FakeTryton, tryton: Tryton) -> None:
    server.failing["res.user.get_preferences"] = [(401, {}, ""), (401, {}, "")]
    with pytest.raises(Refused, match="401"):
        tryton.check()
    assert server.asked.count("common.db.login") == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "The key is wrong"), (429, "locked out after too many"), (404, "no database 'office'")],
)
def test_a_refused_sign_in_is_never_repeated(
    server: FakeTryton, tryton: Tryton, waits: Waits, status: int, words: str
) -> None:
    server.failing["common.db.login"] = [(status, {"Content-Type": "text/html"}, NOT_FOUND)]
    with pytest.raises(Refused, match=words) as told:
        tryton.check()
    assert server.asked.count("common.db.login") == 1
    assert "s3cret" not in str(told.value)
    assert not waits.seconds


def test_a_server_that_is_starting_is_waited_for(server: FakeTryton, tryton: Tryton, waits: Waits) -> None:
    server.failing["common.db.login"] = [_error("'res.user'", ""), (502, {}, "")]
    assert "answers" in tryton.check()
    assert server.asked.count("common.db.login") == 3
    assert len(waits.seconds) == 2


@pytest.mark.parametrize(
    "failure",
    [
        (500, {}, ""),
        (502, {"Content-Type": "text/html"}, "<html>Bad Gateway</html>"),
        (504, {}, ""),
        (429, {"Retry-After": "7"}, ""),
        requests.ConnectionError("broken"),
    ],
)
def test_reading_is_repeated_while_the_server_is_away(
    server: FakeTryton, tryton: Tryton, failure: Reply | Exception
) -> None:
    server.add(1)
    server.failing["account.invoice.search_read"] = [failure]
    assert len(list(tryton.open_documents())) == 1
    server.failing["account.invoice.search_read"] = [failure] * 3
    with pytest.raises(Unavailable):
        list(tryton.open_documents())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((200, {}, '{"id": 1, "resu'), Unreadable),
        ((200, {"Content-Type": "text/html"}, "<html>Sign in</html>"), Unreadable),
        ((400, {}, "bad"), Refused),
        ((403, {}, ""), Refused),
        ((409, {}, ""), Conflict),
        ((413, {}, ""), Refused),
        ((422, {}, ""), Refused),
    ],
)
def test_everything_else_is_told_at_once(
    server: FakeTryton, tryton: Tryton, reply: Reply, kind: type[Exception]
) -> None:
    server.failing["account.invoice.search_read"] = [reply]
    with pytest.raises(kind):
        list(tryton.open_documents())
    assert server.asked.count("account.invoice.search_read") == 1


# --- Told ----------------------------------------------------------------------------------------------------------


def test_a_payment_stands_there_with_our_reference_and_is_found_by_it(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    order = _payment("119.00")
    assert tryton.booked(order) is None
    assert tryton.book(order) == tryton.booked(order)
    assert server.started["description"] == "Huber GmbH RE-00001 [kontorist-1]"
    assert (server.started["amount"], server.started["date"]) == (_amount("119.00"), _day("2026-11-20"))
    assert tryton.document(order.key).standing is Standing.SETTLED
    assert server.asked.count("account.invoice.pay.create") == 1


@pytest.mark.parametrize(
    ("left", "order", "open_after"),
    [
        ("119.00", {"amount": "40.00"}, "79"),
        ("119.00", {"amount": "116.62", "skonto": _euros("2.38"), "closes": True}, "0"),
        ("119.00", {"amount": "118.99", "difference": _euros("0.01"), "closes": True}, "0"),
        ("-50.00", {"amount": "20.00", "left": "50.00", "is_credit_note": True}, "30"),
        ("-50.00", {"amount": "50.00", "left": "50.00", "is_credit_note": True}, "0"),
    ],
)
def test_parts_skonto_differences_and_credit_notes_are_booked_as_tryton_knows_them(
    server: FakeTryton, line: Line, left: str, order: dict[str, Any], open_after: str
) -> None:
    tryton = Tryton.connect(TrytonSettings(**{**SETTINGS, "difference_write_off": "Kleindifferenz"}), line)
    server.add(1, left)
    tryton.book(_payment(**order))
    item = tryton.document(RemoteKey("invoice", "1")).item
    assert item is not None
    assert item.open_amount == _euros(open_after)


def test_each_of_our_bank_accounts_has_its_own_payment_method(server: FakeTryton, line: Line) -> None:
    methods = {"DE89370400440532013000": "Scheck"}
    tryton = Tryton.connect(TrytonSettings(**{**SETTINGS, "payment_methods": methods}), line)
    server.add(1)
    with pytest.raises(Refused, match="called 'Scheck'"):
        tryton.book(_payment("40.00", own_account="DE89370400440532013000"))
    tryton.book(_payment("40.00"))


@pytest.mark.parametrize(
    ("left", "order", "kind", "words"),
    [
        ("79.00", {}, Conflict, "79,00 EUR is open in Tryton, and 119,00 EUR was expected"),
        ("119.00", {"amount": "100.00", "skonto": _euros("2.00")}, Refused, "19,00 EUR would be left"),
        (
            "119.00",
            {"amount": "100.00", "skonto": _euros("2.00"), "closes": True},
            Refused,
            "19,00 EUR would be left",
        ),
        (
            "119.00",
            {"amount": "116.00", "skonto": _euros("2.38"), "difference": _euros("0.62"), "closes": True},
            Refused,
            "Skonto and a difference at once",
        ),
        ("119.00", {"amount": "118.00", "difference": _euros("1.00"), "closes": True}, Refused, "called ''"),
        ("119.00", {"amount": "0.00", "difference": _euros("119.00"), "closes": True}, Refused, "no money came"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_told(
    server: FakeTryton, tryton: Tryton, left: str, order: dict[str, Any], kind: type[Exception], words: str
) -> None:
    server.add(1, "119.00", left)
    with pytest.raises(kind, match=words):
        tryton.book(_payment(**{"amount": "119.00", **order}))
    assert not any(asked.startswith("account.invoice.pay.") for asked in server.asked)


def test_an_invoice_with_several_payers_is_left_to_a_person(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.failing["account.invoice.pay.execute"] = [_said({"view": {"defaults": {"company": 1}}})]
    with pytest.raises(Refused, match="several parties may pay"):
        tryton.book(_payment("119.00"))
    assert not server.moves


def test_a_warning_that_asks_a_person_stops_the_payment(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    start = _said({"view": {"defaults": {"payee": 2, "company": 1, "currency": 1, "invoice_account": 39}}})
    server.failing["account.invoice.pay.execute"] = [start, _error("UserWarning", ["x", "Periode geschlossen?", ""])]
    with pytest.raises(Refused, match=r"Periode geschlossen\?\n    Tryton asks a person"):
        tryton.book(_payment("119.00"))
    assert server.asked[-1] == "account.invoice.pay.delete"
    assert not server.moves


@pytest.mark.parametrize(
    "failure",
    [(504, {}, ""), (502, {}, "<html></html>"), (200, {}, '{"id": 1, "re'), requests.ReadTimeout("silent")],
)
def test_a_payment_of_which_nobody_knows_is_told_once_and_looked_for(
    server: FakeTryton, tryton: Tryton, failure: Reply | Exception
) -> None:
    server.add(1)
    start = _said({"view": {"defaults": {"payee": 2, "company": 1, "currency": 1, "invoice_account": 39}}})
    server.failing["account.invoice.pay.execute"] = [start, failure]
    order = _payment("119.00")
    with pytest.raises(Uncertain, match=r"(?i)nobody knows"):
        tryton.book(order)
    assert server.asked.count("account.invoice.pay.execute") == 2
    assert tryton.booked(order) is None


def test_a_payment_that_tryton_does_not_show_afterwards_is_uncertain(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.failing["account.move.search_read"] = [_said([])]
    with pytest.raises(Uncertain, match="shows no move of it"):
        tryton.book(_payment("119.00"))


def test_a_payment_that_cannot_be_read_back_is_uncertain_and_no_failure(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.failing["account.move.search_read"] = [(502, {}, "")] * 3
    with pytest.raises(Uncertain, match="was booked in Tryton, which then said"):
        tryton.book(_payment("119.00"))


@pytest.mark.parametrize("said", [None, [], {"id": 8}])
def test_a_wizard_of_another_shape_books_nothing(server: FakeTryton, tryton: Tryton, said: Any) -> None:
    server.add(1)
    server.failing["account.invoice.pay.create"] = [_said(said)]
    with pytest.raises(Unreadable, match="in another shape"):
        tryton.book(_payment("119.00"))
    assert not server.moves


def test_what_is_left_of_the_wizard_does_not_hide_a_payment(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.failing["account.invoice.pay.delete"] = [_error("UserError", ["Weg", "", None])]
    assert tryton.book(_payment("119.00")).remote_id == "90"


# --- Dunned --------------------------------------------------------------------------------------------------------


def test_levels_are_noted_on_each_open_line_and_only_ever_raised(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.invoices[1]["lines_to_pay."] = [_line(10, None), _line(11, 4), _line(12, None)]
    assert tryton.dunned(_dunning(1)) is None
    tryton.dun(_dunning(2))
    assert [(row["line"], row["level"], row["blocked"]) for row in server.dunnings] == [
        (10, 12, True),
        (12, 12, True),
    ]
    assert tryton.dunned(_dunning(1)) == tryton.dunned(_dunning(1))
    assert tryton.dunned(_dunning(2)) is not None
    assert tryton.dunned(_dunning(3)) is None
    assert tryton.dun(_dunning(7)).says == "level 3 of Mahnverfahren is noted on RE-00001, the last one there"
    assert [row["level"] for row in server.dunnings] == [13, 13]


def _line(number: int, paid: int | None) -> dict[str, Any]:
    return {"maturity_date": _day("2026-10-07"), "reconciliation": paid, "id": number}


def test_what_tryton_itself_has_begun_to_dun_is_not_touched(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.dunnings.append({"id": 60, "line": 10, "state": "waiting", "level": 11})
    assert tryton.dunned(_dunning(1)) is not None
    with pytest.raises(Refused, match="Let one of the two dun, not both"):
        tryton.dun(_dunning(2))


def test_what_is_paid_is_not_dunned(server: FakeTryton, tryton: Tryton) -> None:
    server.add(1)
    server.invoices[1]["lines_to_pay."] = [_line(10, 4)]
    with pytest.raises(Refused, match="nothing to dun"):
        tryton.dun(_dunning(1))


def test_an_unknown_dunning_procedure_is_a_mistake_of_the_configuration(server: FakeTryton, line: Line) -> None:
    server.add(1)
    tryton = Tryton.connect(TrytonSettings(**{**SETTINGS, "dunning_procedure": "Gibt es nicht"}), line)
    with pytest.raises(Refused, match="no dunning procedure 'Gibt es nicht'"):
        tryton.dunned(_dunning(1))


# --- Configured ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wished", "missing"), [("payments", "name the payment_method"), ("dunning", "name the dunning_procedure")]
)
def test_what_is_to_be_written_must_have_its_name(wished: str, missing: str) -> None:
    bare = {key: value for key, value in SETTINGS.items() if key not in {"payment_method", "dunning_procedure"}}
    with pytest.raises(ValidationError, match=missing):
        TrytonSettings(**bare, write_back={wished: True})


def test_a_password_is_not_sent_without_encryption(line: Line) -> None:
    with pytest.raises(Refused, match="is not encrypted"):
        Tryton.connect(TrytonSettings(**{**SETTINGS, "url": "http://tryton.example.org"}), line)
