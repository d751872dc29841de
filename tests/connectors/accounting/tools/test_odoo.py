"""Odoo without its server: both doors, every state of an invoice, and what must never be done twice."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.odoo import Odoo, OdooSettings
from connectors.accounting.odoo.documents import Around, percent_of, translate
from connectors.accounting.odoo.partners import Directory, contact
from connectors.accounting.orders import BooksPayments, PaymentOrder, SetsDunning
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused, Throttled, Unavailable, Uncertain, Unreadable
from ledger.money import Money
from ledger.open_item import ItemKind
from ledger.rounding import half_up_ratio
from tests.connectors.accounting.tools.conftest import SECRET
from tests.connectors.accounting.tools.fake_odoo import INVOICE, LINE, NOT_FOUND, PARTNER, URL, FakeOdoo, Fault, only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.accounting.document import Document
    from connectors.wire.line import Line
    from tests.connectors.accounting.tools.conftest import Waits

MOVE = INVOICE | {
    "id": 42,
    "name": "RE/2026/00042",
    "amount_total": Decimal("119.0"),
    "amount_residual": Decimal("119.0"),
}
DUE = LINE | {"id": 420, "move_id": [42, "RE"], "amount_currency": Decimal("119.0")}
DUE |= {"amount_residual_currency": Decimal("119.0"), "discount_amount_currency": Decimal("0.0")}
KEY = RemoteKey("out_invoice", "42")


def _settings(version: int = 19, **more: Any) -> OdooSettings:
    before = {"database": "office", "user": "kontorist@example.org"} if version < 19 else {}
    return OdooSettings(kind="odoo", name="odoo", url=URL, key=SecretSettings(env="ODOO_KEY"), **before | more)


def _one(row: dict[str, Any], *lines: dict[str, Any], pending: tuple[dict[str, Any], ...] = ()) -> Document:
    return only(translate(row, Around(lines=lines, pending=pending), "odoo"))  # type: ignore[return-value,arg-type]


def _order(**more: Any) -> PaymentOrder:
    nothing = Money(0, "EUR")
    values: dict[str, Any] = {
        "operation": "kontorist-0123456789abcdef0123",
        "decision": 1,
        "item_id": "odoo:out_invoice:42",
        "key": KEY,
        "document_number": "RE/2026/00042",
        "debtor_number": "10001",
        "day": date(2026, 5, 4),
        "amount": Money(11_900, "EUR"),
        "skonto": nothing,
        "difference": nothing,
        "is_credit_note": False,
        "closes": True,
        "open_before": Money(11_900, "EUR"),
        "text": "Huber GmbH RE/2026/00042",
        "own_account": "DE75512108001245126199",
    }
    return PaymentOrder(**values | more)


@pytest.fixture(params=[17, 18, 19], ids=["Odoo 17", "Odoo 18", "Odoo 19"])
def server(request: pytest.FixtureRequest) -> Iterator[FakeOdoo]:
    yield from _served(FakeOdoo(version=request.param))


@pytest.fixture
def newest() -> Iterator[FakeOdoo]:
    yield from _served(FakeOdoo())


@pytest.fixture
def older() -> Iterator[FakeOdoo]:
    yield from _served(FakeOdoo(version=18))


def _served(fake: FakeOdoo) -> Iterator[FakeOdoo]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(URL)), callback=fake.answer)
        yield fake


@pytest.fixture
def connect(line: Line) -> Callable[..., Odoo]:
    return lambda fake, **more: Odoo.connect(_settings(fake.version, **more), line)


# --- Translations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "left", "standing", "open_amount"),
    [
        ({"payment_state": "not_paid"}, "119.0", Standing.OPEN, 11_900),
        ({"payment_state": "partial"}, "19.0", Standing.OPEN, 1_900),
        ({"payment_state": "blocked"}, "119.0", Standing.OPEN, 11_900),
        ({"payment_state": "in_payment"}, "0.0", Standing.SETTLED, 0),
        ({"payment_state": "paid"}, "0.0", Standing.SETTLED, 0),
        ({"payment_state": "reversed"}, "0.0", Standing.SETTLED, 0),
        # Nobody is dunned for what Odoo calls paid, whatever its amounts say.
        ({"payment_state": "in_payment"}, "119.0", Standing.SETTLED, 0),
    ],
)
def test_an_invoice_is_as_open_as_odoo_says(
    says: dict[str, str], left: str, standing: Standing, open_amount: int
) -> None:
    document = _one(MOVE | says, DUE | {"amount_residual_currency": Decimal(left)})

    assert document.standing is standing
    assert document.item is not None
    assert (document.item.amount.minor, document.item.open_amount.minor) == (11_900, open_amount)


def test_who_is_marked_as_blocked_in_odoo_is_not_dunned() -> None:
    blocked, plain = (_one(MOVE | {"payment_state": state}, DUE).item for state in ("blocked", "not_paid"))

    assert blocked is not None
    assert blocked.dunning_block == "it is marked as blocked there"
    assert plain is not None
    assert plain.dunning_block == ""


@pytest.mark.parametrize(("state", "standing"), [("draft", Standing.DRAFT), ("cancel", Standing.CANCELLED)])
def test_a_draft_or_cancelled_invoice_is_no_claim_even_without_number_and_date(
    state: str, standing: Standing
) -> None:
    document = _one(MOVE | {"state": state, "name": False, "invoice_date": False}, DUE)

    assert (document.standing, document.item, document.findings) == (standing, None, ())


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"payment_state": "half_paid"}, "payment_state"),
        ({"payment_state": "invoicing_legacy"}, "payment_state"),
        ({"payment_state": False}, "payment_state"),
        ({"state": "sent"}, "state"),
        ({"invoice_date": False}, "invoice_date"),
        ({"invoice_date": "1900-01-01"}, "invoice_date"),
        ({"name": False}, "name"),
        ({"currency_id": False}, "name"),
        ({"commercial_partner_id": False}, "commercial_partner_id"),
        ({"currency_id": [1, "Taler"]}, "name"),
    ],
)
def test_what_nobody_can_know_is_a_finding_and_never_a_guess(wrong: dict[str, Any], where: str) -> None:
    document = _one(MOVE | wrong, DUE)

    assert (document.item, document.standing) == (None, Standing.OPEN)
    assert f"› {where}" in only(document.findings).place  # type: ignore[arg-type,attr-defined]


@pytest.mark.parametrize("amount", ["118.994", "-119.0", "1e999999", False, "many"])
def test_an_amount_that_is_none_is_a_finding(amount: Any) -> None:
    document = _one(
        MOVE, DUE | {"amount_residual_currency": amount if amount in {False, "many"} else Decimal(amount)}
    )

    assert document.item is None
    assert "amount_residual_currency" in document.findings[0].place


@pytest.mark.parametrize("noise", ["118.99999999999999", "119.00000000000001", "119", "119.00"])
def test_binary_noise_is_no_cent(noise: str) -> None:
    document = _one(MOVE, DUE | {"amount_residual_currency": Decimal(noise)})

    assert document.item is not None
    assert document.item.open_amount == Money(11_900, "EUR")


@given(st.integers(1, 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_every_amount_that_a_binary_fraction_can_hold_is_read_exactly(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    said = json.loads(json.dumps(float(money.decimal())), parse_float=Decimal)
    document = _one(MOVE | {"currency_id": [1, currency]}, DUE | {"amount_currency": said})

    assert document.item is not None
    assert document.item.amount == money


def test_a_credit_note_is_a_positive_amount_of_its_own_kind() -> None:
    line = DUE | {"amount_currency": Decimal("-23.8"), "amount_residual_currency": Decimal("-23.8")}
    item = _one(MOVE | {"move_type": "out_refund", "discount_date": False}, line).item

    assert item is not None
    assert (item.kind, item.amount, item.open_amount) == (ItemKind.CREDIT_NOTE, *(Money(2_380, "EUR"),) * 2)
    assert item.item_id == "odoo:out_refund:42"


def test_amounts_are_those_of_the_document_not_of_the_company() -> None:
    item = _one(MOVE | {"currency_id": [2, "CHF"]}, DUE).item

    assert item is not None
    assert item.amount == Money(11_900, "CHF")


def test_each_due_date_of_an_instalment_plan_is_its_own_item() -> None:
    later = DUE | {"id": 421, "date_maturity": "2026-06-01", "amount_currency": Decimal("60.0")}
    later |= {"amount_residual_currency": Decimal("60.0")}
    first = DUE | {"amount_currency": Decimal("59.0"), "amount_residual_currency": Decimal("0.0")}
    documents = translate(MOVE | {"payment_state": "partial"}, Around(lines=[later, first]), "odoo")

    assert [(d.key.remote_id, d.standing, d.item.due_date.isoformat() if d.item else "") for d in documents] == [
        ("42-420", Standing.SETTLED, "2026-05-01"),
        ("42-421", Standing.OPEN, "2026-06-01"),
    ]
    assert {d.number for d in documents} == {"RE/2026/00042"}


def test_an_invoice_without_due_dates_is_read_as_a_whole() -> None:
    item = _one(MOVE).item

    assert item is not None
    assert (item.amount.minor, item.due_date) == (11_900, date(2026, 5, 1))


@pytest.mark.parametrize(
    ("lines", "pending", "left"),
    [
        # of one due date: 40 of 119 are paid, and stand in no ledger
        (["119.0"], [{"amount": "40.0"}], [7_900]),
        (["119.0"], [{"amount": "119.0"}], [0]),
        (["59.0", "60.0"], [{"amount": "70.0"}], [0, 4_900]),
        (["119.0"], [{"amount": "40.0"}, {"amount": "10.0"}], [6_900]),
        # what the bank confirmed is counted only where nothing else says why the invoice is called paid
        (["119.0"], [{"amount": "40.0"}, {"amount": "10.0", "state": "paid"}], [7_900]),
        (["119.0"], [{"amount": "40.0", "state": "paid"}], [7_900]),
        # what is left cannot be known: then it is paid, as Odoo says
        (["119.0"], [{"amount": "40.0", "invoice_ids": [42, 43]}], [0]),
        (["119.0"], [{"amount": "40.0", "currency_id": [2, "CHF"]}], [0]),
        (["119.0"], [], [0]),
    ],
)
def test_payments_without_an_entry_leave_open_what_they_do_not_pay(
    lines: list[str], pending: list[dict[str, Any]], left: list[int]
) -> None:
    due = [
        DUE | {"id": 420 + n, "amount_currency": Decimal(part), "amount_residual_currency": Decimal(part)}
        for n, part in enumerate(lines)
    ]
    without_entry = {"id": 500, "state": "in_process", "currency_id": [1, "EUR"], "invoice_ids": [42]}
    payments = [without_entry | one | {"amount": Decimal(one["amount"])} for one in pending]
    documents = translate(MOVE | {"payment_state": "in_payment"}, Around(lines=due, pending=payments), "odoo")

    assert [d.item.open_amount.minor for d in documents if d.item] == left


@pytest.mark.parametrize(("paid", "left"), [("116.62", 0), ("116.61", 239)])
def test_skonto_that_was_taken_is_not_claimed_before_the_bank_confirms_it(paid: str, left: int) -> None:
    payment = {"id": 500, "state": "in_process", "currency_id": [1, "EUR"], "invoice_ids": [42]}
    line = DUE | {"discount_date": "2026-04-11", "discount_amount_currency": Decimal("116.62")}
    document = _one(MOVE | {"payment_state": "in_payment"}, line, pending=(payment | {"amount": Decimal(paid)},))

    assert document.item is not None
    assert document.item.open_amount.minor == left


def test_an_open_amount_is_left_alone_where_odoo_does_not_call_it_paid() -> None:
    payment = {"id": 500, "state": "paid", "currency_id": [1, "EUR"], "invoice_ids": [42], "amount": Decimal(40)}
    document = _one(MOVE | {"payment_state": "partial"}, DUE, pending=(payment,))

    assert document.item is not None
    assert document.item.open_amount.minor == 11_900


@pytest.mark.parametrize(
    ("reduced", "percent", "skonto"),
    [
        ("116.62", "2", 238),  # 2 % of the total
        ("117.0", "1.68", 200),  # 2 % of the net amount alone, as tax is corrected elsewhere
        ("115.43", "3", 357),
        ("119.0", None, 0),
        ("0.0", None, 0),
    ],
)
def test_skonto_is_what_odoo_would_take_off(reduced: str, percent: str | None, skonto: int) -> None:
    item = _one(MOVE, DUE | {"discount_date": "2026-04-11", "discount_amount_currency": Decimal(reduced)}).item

    assert item is not None
    assert item.skonto_percent == (None if percent is None else Decimal(percent))
    assert item.skonto_until == (date(2026, 4, 11) if percent else None)
    assert item.skonto_minor == skonto


@given(st.integers(1, 10**9), st.data())
def test_the_percentage_gives_exactly_the_discount_that_odoo_tells(total: int, data: st.DataObject) -> None:
    discount = data.draw(st.integers(1, max(1, total // 2)))
    percent = percent_of(Money(total, "EUR"), Money(total - discount, "EUR"))
    numerator, denominator = percent.as_integer_ratio()

    assert half_up_ratio(numerator * total, denominator * 100) == discount


@pytest.mark.parametrize(
    ("said", "reference", "order_number"),
    [
        ({"payment_reference": "RE/2026/00042"}, "", ""),
        ({"payment_reference": "RF18 5390 0754 7034", "ref": "PO-7"}, "RF18539007547034", "PO-7"),
        ({"invoice_origin": "S00017"}, "", "S00017"),
    ],
)
def test_references_are_those_that_payers_may_write(said: dict[str, str], reference: str, order_number: str) -> None:
    item = _one(MOVE | said, DUE).item

    assert item is not None
    assert (item.payment_reference, item.order_number) == (reference, order_number)


DIRECTORY = Directory(
    number_field="ref", shared_numbers=frozenset({"10002"}), countries={56: "DE", 12: "AT"}, home="AT"
)


@pytest.mark.parametrize(
    ("says", "number", "country", "kind", "language"),
    [
        ({}, "10001", "DE", DebtorType.BUSINESS, "de"),
        ({"country_id": [12, "Austria"], "lang": "en_GB"}, "10001", "AT", DebtorType.BUSINESS, "en"),
        ({"country_id": False, "lang": False}, "10001", "AT", DebtorType.BUSINESS, "de"),
        ({"is_company": False}, "10001", "DE", DebtorType.BUSINESS, "de"),  # has a VAT number
        ({"is_company": False, "vat": False}, "10001", "DE", DebtorType.UNKNOWN, "de"),
        ({"ref": False}, "ID7", "DE", DebtorType.BUSINESS, "de"),
        ({"ref": "10002"}, "ID7", "DE", DebtorType.BUSINESS, "de"),
    ],
)
def test_a_customer_becomes_a_debtor(
    says: dict[str, Any], number: str, country: str, kind: DebtorType, language: str
) -> None:
    one = contact(PARTNER | {"id": 7} | says, ["DE02120300000000202051"], DIRECTORY, "odoo")

    assert one.debtor is not None
    assert (one.debtor.number, one.debtor.country, one.debtor.type, one.debtor.language) == (
        number,
        country,
        kind,
        language,
    )
    assert (one.debtor.street, one.debtor.ibans) == ("Hauptstraße 1, Hinterhaus", ("DE02120300000000202051",))


def test_a_number_that_two_customers_bear_names_neither_of_them() -> None:
    one = contact(PARTNER | {"id": 7, "ref": "10002"}, [], DIRECTORY, "odoo")

    assert [finding.code for finding in one.findings] == ["debtor_number_shared"]


def test_a_customer_without_a_name_is_a_finding() -> None:
    one = contact(PARTNER | {"id": 7, "name": False}, [], DIRECTORY, "odoo")

    assert (one.debtor, len(one.findings)) == (None, 1)


# --- Reading --------------------------------------------------------------------------------------------------------


def test_the_whole_open_set_is_read_by_either_door(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(1)
    server.invoice(2, left=19.0, payment_state="partial")
    server.invoice(3, left=0.0, payment_state="paid")
    server.invoice(4, state="draft")
    server.invoice(5, move_type="out_refund")
    server.invoice(6, move_type="in_invoice")
    server.invoice(7, company_id=[2, "Andere GmbH"])
    server.invoice(8, payment_state="invoicing_legacy")

    pulled = ToolSource(connect(server)).pull()

    assert {item.item_id: item.open_amount.minor for item in pulled.items} == {
        "odoo:out_invoice:1": 11_900,
        "odoo:out_invoice:2": 1_900,
        "odoo:out_refund:5": 11_900,
    }
    assert {item.debtor_number for item in pulled.items} == {"10001"}
    assert [debtor.name for debtor in pulled.debtors] == ["Huber GmbH"]
    assert (pulled.complete, pulled.findings) == (True, ())
    doors = {path for path, _ in server.asked if path.startswith("account.move/")}
    assert doors == {"account.move/fields_get", "account.move/search_read"}


def test_the_version_decides_the_door(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    assert (
        connect(server)
        .check()
        .startswith(f"Odoo {server.version}.0 answers for Muster GmbH, and has 0 open documents")
    )


@pytest.mark.parametrize("version", [17, 18, 19])
def test_how_long_the_key_lives_is_told_where_odoo_tells_it(version: int, connect: Callable[..., Odoo]) -> None:
    for fake in _served(FakeOdoo(version=version)):
        told = connect(fake).check()
        assert ("its user ends in 40 days" in told) is (version >= 18)
        fake.faults["res.users.apikeys/search_read"] = Fault("odoo.exceptions.AccessError", "Nein", 403)
        assert "ends" not in connect(fake).check()


def test_no_row_is_missed_when_rows_move_between_pages(
    newest: FakeOdoo, connect: Callable[..., Odoo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.accounting.odoo.database.SIZE", 3)
    for number in range(1, 11):
        newest.invoice(number)
    read = connect(newest).open_documents()
    seen = [next(read)]
    newest.tables["account.move"][1] |= {"amount_residual": 0.0, "payment_state": "paid"}  # paid while we read
    newest.invoice(11)  # and a new one
    seen += read

    assert [document.key.remote_id for document in seen] == [str(number) for number in range(1, 12)]


def test_due_dates_and_payments_of_a_page_are_asked_for_together(
    newest: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    for number in range(1, 101):
        newest.invoice(number)
    assert len(list(connect(newest).open_documents())) == 100
    assert sum(path == "account.move.line/search_read" for path, _ in newest.asked) == 1


def test_a_payment_without_an_entry_is_looked_for(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.invoice(1, payment_state="in_payment", matched_payment_ids=[501])
    values = {"amount": 40.0, "currency_id": [1, "EUR"], "invoice_ids": [1], "company_id": [1, "Muster GmbH"]}
    newest.add("account.payment", 501, **values, state="in_process", move_id=False)

    document = only(connect(newest).open_documents())  # type: ignore[arg-type]

    assert document.item.open_amount.minor == 7_900  # type: ignore[attr-defined]


def test_a_customer_that_no_list_has_comes_with_his_document(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.tables["res.partner"][7]["customer_rank"] = 0
    newest.invoice(1)

    pulled = ToolSource(connect(newest)).pull()

    assert [debtor.number for debtor in pulled.debtors] == ["10001"]
    assert [item.debtor_number for item in pulled.items] == ["10001"]


def test_numbers_that_are_given_twice_do_not_mix_two_customers(
    newest: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    newest.add("res.partner", 9, **PARTNER | {"name": "Maier GmbH"})
    newest.invoice(1)
    newest.invoice(2, commercial_partner_id=[9, "Maier GmbH"])

    pulled = ToolSource(connect(newest)).pull()

    assert sorted(item.debtor_number for item in pulled.items) == ["ID7", "ID9"]
    assert {finding.code for finding in pulled.findings} == {"debtor_number_shared"}


def test_a_supplier_may_bear_the_number_of_a_customer(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.add("res.partner", 9, **PARTNER | {"customer_rank": 0, "supplier_rank": 3})

    assert [one.debtor.number for one in connect(newest).contacts() if one.debtor] == ["10001"]


def test_another_field_may_hold_the_debtor_number(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.tables["res.partner"][7]["l10n_de_datev_identifier_customer"] = 12345

    tool = connect(newest, debtor_number="l10n_de_datev_identifier_customer")
    assert [one.debtor.number for one in tool.contacts() if one.debtor] == ["12345"]
    with pytest.raises(Refused, match="no field 'x_debitor'"):
        list(connect(newest, debtor_number="x_debitor").contacts())


def test_a_field_that_a_later_version_renamed_is_found(connect: Callable[..., Odoo]) -> None:
    for fake in _served(FakeOdoo(version=20)):
        fake.invoice(42)
        tool = connect(fake)
        assert [one.debtor.ibans for one in tool.contacts() if one.debtor] == [("DE02120300000000202051",)]
        tool.book(_order())
        assert len(fake.tables["account.payment"]) == 1


def test_changes_are_read_from_an_hour_before_the_last_question(
    server: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    server.invoice(1, left=0.0, payment_state="paid", write_date="2026-05-05 10:30:00")
    server.invoice(2, left=0.0, payment_state="paid", write_date="2026-05-05 09:30:00")
    tool = connect(server)

    first = tool.changed_documents("")
    later = tool.changed_documents("2026-05-05 11:00:00")

    assert (list(first.documents), first.cursor) == ([], "2026-05-05 12:00:00")
    assert [document.key.remote_id for document in later.documents] == ["1"]


def test_one_document_is_read_again(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42, left=19.0, payment_state="partial")

    document = connect(server).document(KEY)

    assert document.item is not None
    assert document.item.open_amount.minor == 1_900


@pytest.mark.parametrize("key", ["42", "43-430", "43-999"], ids=["never was", "one due date now", "another plan"])
def test_a_deleted_document_is_not_there(server: FakeOdoo, connect: Callable[..., Odoo], key: str) -> None:
    server.invoice(43)

    with pytest.raises(NotThere):
        connect(server).document(RemoteKey("out_invoice", key))


def test_a_document_that_is_hidden_from_us_is_not_deleted(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.faults["account.move/read"] = Fault("odoo.exceptions.AccessError", "Kein Zugriff auf Rechnungen", 403)

    with pytest.raises(Refused, match="Kein Zugriff") as caught:
        connect(server).document(KEY)
    assert not isinstance(caught.value, NotThere)


def test_a_record_that_odoo_misses_is_not_there(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.faults["account.move/read"] = Fault("odoo.exceptions.MissingError", "Datensatz gelöscht", 404)

    with pytest.raises(NotThere):
        connect(server).document(KEY)


def test_a_page_that_is_not_there_deletes_no_document(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.invoice(42)
    tool = connect(newest)
    tool.document(KEY)
    newest.replies["account.move/read"] = [(404, {"Content-Type": "text/html"}, NOT_FOUND)]

    with pytest.raises(Refused) as caught:
        tool.document(KEY)
    assert not isinstance(caught.value, NotThere)


@pytest.mark.parametrize(
    ("becomes", "standing"),
    [({"state": "cancel"}, Standing.CANCELLED), ({"state": "draft"}, Standing.DRAFT), (None, Standing.DELETED)],
)
def test_what_left_the_open_set_is_looked_after(
    server: FakeOdoo, connect: Callable[..., Odoo], becomes: dict[str, Any] | None, standing: Standing
) -> None:
    server.invoice(42)
    if becomes is None:
        del server.tables["account.move"][42]
    else:
        server.tables["account.move"][42] |= becomes

    pulled = ToolSource(connect(server)).pull(Known(open={KEY: "odoo:out_invoice:42"}))

    assert [left.standing for left in pulled.left] == [standing]


# --- Companies, keys and what goes wrong ----------------------------------------------------------------------------


def test_two_companies_are_never_mixed(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.add("res.company", 2, name="Andere GmbH", country_id=[12, "Austria"])
    server.invoice(1)
    server.invoice(2, company_id=[2, "Andere GmbH"])

    with pytest.raises(Refused, match="1 Muster GmbH, 2 Andere GmbH"):
        list(connect(server).open_documents())
    assert [d.key.remote_id for d in connect(server, company_id=2).open_documents()] == ["2"]
    with pytest.raises(Refused, match="may see: none"):
        connect(server, company_id=3).check()


def test_every_question_names_the_company(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    tool = connect(server)
    list(tool.open_documents())
    tool.book(_order())

    about = [said["context"] for path, said in server.asked if path.startswith("account.")]
    assert about
    assert all(one["allowed_company_ids"] == [1] for one in about)


@pytest.mark.parametrize("missing", ["database", "user"])
def test_older_versions_want_database_and_user(older: FakeOdoo, connect: Callable[..., Odoo], missing: str) -> None:
    with pytest.raises(Refused, match="name both"):
        connect(older, **{missing: ""}).check()


def test_a_wrong_key_is_said(server: FakeOdoo, line: Line, connect: Callable[..., Odoo]) -> None:
    tool = connect(server, **({"user": "somebody@example.org"} if server.version < 19 else {}))
    server.replies["res.company/search_read"] = [
        (401, {}, json.dumps({"name": "Unauthorized", "message": "Invalid apikey"}))
    ]

    with pytest.raises(Refused, match=r"Invalid apikey|does not let in"):
        tool.check()


def test_a_server_that_is_too_old_or_none_at_all_is_said(connect: Callable[..., Odoo]) -> None:
    for fake in _served(FakeOdoo(version=15)):
        with pytest.raises(Refused, match="older than 16"):
            connect(fake).check()


def test_something_else_at_the_address_is_said(line: Line) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/web/version", body="<html>Anmeldung</html>")
        mock.post(f"{URL}/jsonrpc", json={"jsonrpc": "2.0", "id": None, "result": {"version": 7}})
        with pytest.raises(Unreadable, match="which version"):
            Odoo.connect(_settings(), line).check()


ERRORS = [
    ("odoo.exceptions.AccessDenied", "Access Denied", Refused),
    ("odoo.exceptions.AccessError", "Sie dürfen das nicht", Refused),
    ("odoo.exceptions.UserError", "So nicht", Refused),
    ("odoo.exceptions.ValidationError", "Unstimmig", Refused),
    ("odoo.http.SessionExpiredException", "Session expired", Refused),
    ("psycopg2.errors.SerializationFailure", "could not serialize access", Unavailable),
    ("psycopg2.OperationalError", 'FATAL: database "office" does not exist', Refused),
    ("builtins.KeyError", "'x'", Refused),
]


@pytest.mark.parametrize(("name", "message", "family"), ERRORS)
def test_errors_inside_an_answer_are_told_in_the_words_of_odoo(
    older: FakeOdoo, connect: Callable[..., Odoo], name: str, message: str, family: type[Exception]
) -> None:
    older.faults["account.move/search_read"] = Fault(name, message)

    with pytest.raises(family) as caught:
        list(connect(older).open_documents())
    assert type(caught.value) is family
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_closed_door_is_said(older: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    error = {
        "code": 404,
        "message": "404: Not Found",
        "data": {"name": "werkzeug.exceptions.NotFound", "message": ""},
    }
    older.replies["account.move/search_read"] = [
        (200, {}, json.dumps({"jsonrpc": "2.0", "id": None, "error": error}))
    ]

    with pytest.raises(Refused, match="is closed"):
        list(connect(older).open_documents())


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (401, Refused),
        (403, Refused),
        (404, Refused),
        (409, Conflict),
        (422, Refused),
        (429, Throttled),
        (500, Unavailable),
        (502, Unavailable),
    ],
)
def test_each_status_means_what_to_do_next(
    newest: FakeOdoo, connect: Callable[..., Odoo], status: int, family: type[Exception]
) -> None:
    said = {"name": "odoo.exceptions.UserError", "message": "So nicht", "debug": "Traceback: secret"}
    newest.replies["account.move/search_read"] = [(status, {}, json.dumps(said))] * 3

    with pytest.raises(family) as caught:
        list(connect(newest).open_documents())
    assert type(caught.value) is family
    assert "Traceback" not in str(caught.value)


def test_a_bad_gateway_in_between_is_got_over(server: FakeOdoo, connect: Callable[..., Odoo], waits: Waits) -> None:
    server.invoice(1)
    server.replies["account.move/search_read"] = [
        (502, {"Content-Type": "text/html"}, "<html>Bad Gateway</html>")
    ] * 2

    assert len(list(connect(server).open_documents())) == 1
    assert len(waits.seconds) == 2


def test_whoever_asks_to_slow_down_is_waited_for(
    server: FakeOdoo, connect: Callable[..., Odoo], waits: Waits
) -> None:
    server.invoice(1)
    server.replies["account.move/search_read"] = [(429, {"Retry-After": "7"}, "")]

    assert len(list(connect(server).open_documents())) == 1
    assert max(waits.seconds) >= 7


@pytest.mark.parametrize(
    "body", ['[{"id": 1, "na', "7", '{"a": 1}', '[{"name": "without id"}]', "<html>Wartung</html>"]
)
def test_half_an_answer_or_another_one_is_never_an_empty_list(
    newest: FakeOdoo, connect: Callable[..., Odoo], body: str
) -> None:
    newest.replies["account.move/search_read"] = [(200, {}, body)]

    with pytest.raises(Unreadable):
        list(connect(newest).open_documents())


def test_an_answer_without_a_result_is_never_an_empty_list(older: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    older.replies["account.move/search_read"] = [(200, {}, '{"jsonrpc": "2.0", "id": null}')]

    with pytest.raises(Unreadable):
        list(connect(older).open_documents())


def test_one_document_that_cannot_be_read_is_one_finding(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(1)
    server.invoice(2, currency_id=[9, "XXQ"])
    server.invoice(3)

    pulled = ToolSource(connect(server)).pull()

    assert len(pulled.items) == 2
    assert [finding.code for finding in pulled.findings] == ["unreadable_document"]


def test_the_key_stands_in_no_address(older: FakeOdoo, newest: FakeOdoo, line: Line) -> None:
    with responses.RequestsMock() as mock:
        mock.get(re.compile(re.escape(URL)), json={"version_info": [19, 0], "version": "19.0"})
        mock.post(re.compile(re.escape(URL)), status=403, json={"name": "x.AccessError", "message": "Nein"})
        with pytest.raises(Refused):
            Odoo.connect(_settings(), line).check()
        assert all(SECRET not in str(call.request.url) for call in mock.calls)
        assert SECRET not in repr(Odoo.connect(_settings(), line))


# --- Payments -------------------------------------------------------------------------------------------------------


def test_odoo_can_do_what_it_says_it_can(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    assert isinstance(connect(newest), BooksPayments)
    assert not isinstance(connect(newest), SetsDunning)


def test_a_payment_is_booked_once_and_found_again(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    tool = connect(server)

    assert tool.booked(_order()) is None
    written = tool.book(_order())

    payment = only(server.tables["account.payment"].values())
    assert written == tool.booked(_order())
    assert (written.remote_id, payment["amount"]) == (str(payment["id"]), 119.0)
    assert payment["memo" if server.version >= 18 else "ref"].startswith("RE/2026/00042 · Huber GmbH")
    wizard = only(server.tables["account.payment.register"].values())
    assert {
        name: wizard[name] for name in ("journal_id", "payment_method_line_id", "payment_date", "currency_id")
    } == {
        "journal_id": 5,
        "payment_method_line_id": 11,
        "payment_date": "2026-05-04",
        "currency_id": 1,
    }
    again = tool.document(KEY)
    assert (again.standing, again.item.open_amount.minor if again.item else None) == (Standing.SETTLED, 0)


def test_a_part_payment_leaves_the_rest_open(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    tool = connect(server)
    tool.book(_order(amount=Money(10_000, "EUR"), closes=False))

    again = tool.document(KEY)
    assert (again.standing, again.item.open_amount.minor if again.item else None) == (Standing.OPEN, 1_900)


def test_a_part_payment_without_an_entry_leaves_the_rest_open(newest: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    newest.ledgerless = True
    newest.invoice(42)
    tool = connect(newest)
    tool.book(_order(amount=Money(10_000, "EUR"), closes=False))

    again = tool.document(KEY)
    assert (again.standing, again.item.open_amount.minor if again.item else None) == (Standing.OPEN, 1_900)


def test_one_due_date_of_several_is_paid(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42, due=[("2026-05-01", 59.0), ("2026-06-01", 60.0)])
    tool = connect(server)
    key = RemoteKey("out_invoice", "42-421")
    tool.book(_order(key=key, amount=Money(6_000, "EUR")))

    assert tool.document(key).standing is Standing.SETTLED
    assert tool.document(RemoteKey("out_invoice", "42-420")).standing is Standing.OPEN


def test_money_that_went_out_is_booked_by_hand_and_never_by_a_file_for_the_bank(
    server: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    server.invoice(42, move_type="out_refund")
    key = RemoteKey("out_refund", "42")
    tool = connect(server)
    tool.book(_order(key=key, is_credit_note=True))

    assert only(server.tables["account.payment.register"].values())["payment_method_line_id"] == 12
    assert tool.document(key).standing is Standing.SETTLED


SKONTO = {"amount": Money(11_662, "EUR"), "skonto": Money(238, "EUR")}
DIFFERENCE = {"amount": Money(11_880, "EUR"), "difference": Money(20, "EUR")}


@pytest.mark.parametrize(
    ("order", "settings", "discount", "account"),
    [
        (SKONTO, {}, "2.38", None),  # Odoo grants it itself, and corrects the tax
        (SKONTO, {"skonto_account": "4730"}, None, 40),  # later than agreed
        (DIFFERENCE, {"difference_account": "4730"}, None, 40),
    ],
)
def test_skonto_and_differences_close_the_document(
    server: FakeOdoo,
    connect: Callable[..., Odoo],
    order: dict[str, Money],
    settings: dict[str, str],
    discount: str | None,
    account: int | None,
) -> None:
    server.invoice(42)
    server.discount = Decimal(discount) if discount else None
    tool = connect(server, **settings)
    tool.book(_order(**order))

    wizard = only(server.tables["account.payment.register"].values())
    assert (wizard["payment_difference_handling"], wizard.get("writeoff_account_id")) == ("reconcile", account)
    assert tool.document(KEY).standing is Standing.SETTLED


@pytest.mark.parametrize(
    ("order", "settings", "why"),
    [
        (SKONTO, {}, "no skonto_account"),
        (DIFFERENCE, {}, "no difference_account"),
        (SKONTO, {"skonto_account": "9999"}, "no account 9999"),
        (SKONTO | {"difference": Money(1, "EUR")}, {}, "one account only"),
        (SKONTO | {"closes": False}, {}, "cannot do both"),
        (SKONTO | {"amount": Money(11_000, "EUR")}, {"skonto_account": "4730"}, "somebody changed the document"),
        ({"amount": Money(12_000, "EUR")}, {}, "less than 120,00 EUR is open"),
        ({"amount": Money(0, "EUR"), "difference": Money(20, "EUR")}, {}, "without any money"),
        ({"own_account": "DE00"}, {}, "none is named"),
        ({"own_account": "DE00"}, {"journal": "BNK9"}, "no bank journal BNK9"),
    ],
)
def test_nothing_is_booked_that_is_not_exactly_what_was_ordered(
    server: FakeOdoo, connect: Callable[..., Odoo], order: dict[str, Any], settings: dict[str, str], why: str
) -> None:
    server.invoice(42)

    with pytest.raises(Refused, match=why):
        connect(server, **settings).book(_order(**order))
    assert server.tables["account.payment"] == {}


def test_nothing_is_written_off_where_odoo_would_make_no_entry(
    newest: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    newest.ledgerless = True
    newest.invoice(42, payment_state_before_switch=False)

    with pytest.raises(Refused, match="has no account for payments"):
        connect(newest, skonto_account="4730").book(_order(**SKONTO))
    assert newest.tables["account.payment"] == {}


@pytest.mark.parametrize("said", [[], None, [77]])
def test_a_wizard_that_shows_nothing_is_not_pressed(
    newest: FakeOdoo, connect: Callable[..., Odoo], said: Any
) -> None:
    newest.invoice(42)
    newest.replies["account.payment.register/create"] = [(200, {}, json.dumps(said))]

    with pytest.raises(Refused, match="does not show"):
        connect(newest).book(_order())


@pytest.mark.parametrize("model", ["account.move", "account.move.line", "res.partner", "res.company", "res.country"])
@pytest.mark.parametrize("said", [None, {}, "no", [1], [{"name": "without id"}]])
def test_nothing_strange_is_taken_for_records(
    server: FakeOdoo, connect: Callable[..., Odoo], model: str, said: Any
) -> None:
    server.invoice(1)
    body = said if server.version >= 19 else {"jsonrpc": "2.0", "id": None, "result": said}
    server.replies[f"{model}/search_read"] = [(200, {}, json.dumps(body))]

    with pytest.raises(Unreadable):
        ToolSource(connect(server)).pull()


def test_the_named_journal_takes_what_no_other_one_bears(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    connect(server, journal="BNK1").book(_order(own_account="PAYPAL:KASSE"))

    assert len(server.tables["account.payment"]) == 1


def test_a_journal_without_a_manual_method_books_nothing(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    del server.tables["account.payment.method.line"][11]

    with pytest.raises(Refused, match="no manual inbound method"):
        connect(server).book(_order())


def test_a_wizard_that_changes_the_amount_is_not_pressed(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    fill_in = server._filled_in  # a module there may compute the amount anew

    def otherwise(values: dict[str, Any], context: dict[str, Any]) -> int:
        id_ = fill_in(values, context)
        server.tables["account.payment.register"][id_]["amount"] = 116.62
        return id_

    server._filled_in = otherwise  # type: ignore[method-assign]
    with pytest.raises(Refused, match=r"would book 116.62"):
        connect(server).book(_order())
    assert server.tables["account.payment"] == {}


def test_what_odoo_refuses_is_told_in_its_own_words(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    said = Fault("odoo.exceptions.UserError", "Der Zeitraum ist gesperrt")
    server.faults["account.payment.register/action_create_payments"] = said

    with pytest.raises(Refused, match="Zeitraum ist gesperrt"):
        connect(server).book(_order())


def test_a_paid_document_is_not_paid_again(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42, left=0.0, payment_state="paid")

    with pytest.raises(Refused, match="nothing left to pay"):
        connect(server).book(_order())


def test_a_booking_that_broke_off_is_uncertain_and_then_found(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    server.swallows = True
    tool = connect(server)

    with pytest.raises(Uncertain):
        tool.book(_order())
    assert tool.booked(_order()) is not None
    pressed = [path for path, _ in server.asked if path.endswith("action_create_payments")]
    assert len(pressed) == len(server.tables["account.payment"]) == 1


def test_two_at_once_in_the_database_leave_it_uncertain(older: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    older.invoice(42)
    said = Fault("psycopg2.errors.SerializationFailure", "could not serialize access")
    older.faults["account.payment.register/action_create_payments"] = said

    with pytest.raises(Uncertain):
        connect(older).book(_order())


def test_filling_in_the_wizard_may_be_said_again(server: FakeOdoo, connect: Callable[..., Odoo]) -> None:
    server.invoice(42)
    server.replies["account.payment.register/create"] = [(502, {"Content-Type": "text/html"}, "<html></html>")]
    connect(server).book(_order())

    assert len(server.tables["account.payment"]) == 1


def test_a_payment_that_was_cancelled_there_is_not_booked_again(
    server: FakeOdoo, connect: Callable[..., Odoo]
) -> None:
    server.invoice(42)
    tool = connect(server)
    tool.book(_order())
    only(server.tables["account.payment"].values())["state"] = "canceled" if server.version >= 18 else "cancel"

    with pytest.raises(Refused, match="was cancelled in Odoo"):
        tool.booked(_order())


def test_a_lost_connection_is_no_answer(line: Line) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/web/version", body=requests.ConnectionError())
        with pytest.raises(Unavailable):
            Odoo.connect(_settings(), line).check()
