"""The connector against a real Tryton 8.2: read, told, read back, refused, signed out and locked out."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.accounting.document import RemoteKey, Standing
from connectors.accounting.orders import DunningOrder, PaymentOrder
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.accounting.tryton import Tryton, TrytonSettings
from connectors.wire import LocalLimiter, Secret
from connectors.wire.line import Line
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused
from ledger.money import Money
from ledger.open_item import ItemKind
from tests.e2e.tryton_server import Template, TrytonServer, template
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.demo_office import NightProcess, Ran

pytestmark = pytest.mark.slow

TODAY = date(2026, 6, 30)
DATED = TODAY - timedelta(days=60)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(name="made", scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Fill a database once, however many processes test at the same time."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tryton"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return template(folder)


@pytest.fixture(name="server", scope="module")
def _server(made: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    server = TrytonServer(made, tmp_path_factory.mktemp("tryton-server"))
    yield server
    server.stop()


@pytest.fixture(name="untouched", scope="module")
def _untouched(made: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """Connect to a server in which no test changes anything."""
    server = TrytonServer(made, tmp_path_factory.mktemp("tryton-untouched"))
    yield _connected(server)
    server.stop()


@pytest.fixture(name="tryton", scope="module")
def _tryton(server: TrytonServer) -> Tryton:
    return _connected(server)


def _connected(server: TrytonServer, *, password: str = "", **changed: Any) -> Tryton:
    user, right = server.facts["clerk"]
    settings: dict[str, Any] = {
        "kind": "tryton",
        "name": "tryton",
        "url": server.url,
        "database": "office",
        "user": user,
        "password": {"env": "UNUSED"},
        "payment_method": "Bank",
        "skonto_write_off": "Skonto",
        "dunning_procedure": "Mahnverfahren",
    }
    line = Line(secret=lambda _, __: Secret(password or right), limiter=LocalLimiter())
    return Tryton.connect(TrytonSettings(**{**settings, **changed}), line)


def _key(server: TrytonServer, name: str) -> RemoteKey:
    return RemoteKey("invoice", str(server.invoice(name)))


def _euros(whole: str) -> Money:
    return Money(int(whole) * 100, "EUR")


def _open(tryton: Tryton, key: RemoteKey) -> Money:
    item = tryton.document(key).item
    assert item is not None
    return item.open_amount


def _payment(tryton: Tryton, key: RemoteKey, amount: str, operation: str, *, skonto: str = "0") -> PaymentOrder:
    document = tryton.document(key)
    assert document.item is not None
    left = document.item.open_amount
    came, granted = replace(_euros(amount), currency=left.currency), replace(_euros(skonto), currency=left.currency)
    return PaymentOrder(
        operation=f"kontorist-{operation}",
        decision=1,
        item_id=document.item.item_id,
        key=key,
        document_number=document.number,
        debtor_number=document.item.debtor_number,
        day=YESTERDAY,
        amount=came,
        skonto=granted,
        difference=replace(_euros("0"), currency=left.currency),
        is_credit_note=document.item.kind is ItemKind.CREDIT_NOTE,
        closes=came + granted == left,
        open_before=left,
        text="Blumen Yılmaz 100 % RE_00001",
        own_account="DE02120300000000202051",
    )


def _dunning(key: RemoteKey, level: int) -> DunningOrder:
    return DunningOrder(
        operation=f"kontorist-dun-{level}",
        item_id="any",
        key=key,
        document_number="RE-00008",
        level=level,
        stage="reminder",
        sent_on=TODAY,
        deadline=None,
        fee=_euros("0"),
        interest=_euros("0"),
    )


# --- Read --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("company", ["", "Muster Handels GmbH"])
def test_tryton_says_which_version_it_is_and_for_whom_it_answers(server: TrytonServer, company: str) -> None:
    said = _connected(server, company=company).check()
    assert said.startswith("Tryton 8.2 answers for Muster Handels GmbH, and has ")


def test_the_open_set_is_what_is_posted_and_not_paid(untouched: Tryton) -> None:
    items = [document.item for document in untouched.open_documents()]
    read = {
        (i.document_number, i.kind, i.debtor_number, i.amount, i.open_amount, (i.due_date - DATED).days)
        for i in items
        if i is not None
    }
    invoice, credit_note = ItemKind.INVOICE, ItemKind.CREDIT_NOTE
    assert read == {
        ("RE-00001", invoice, "10001", _euros("119"), _euros("119"), 14),
        ("RE-00002", invoice, "10001", _euros("238"), _euros("138"), 14),  # a part was paid
        ("RE-00003", credit_note, "10001", _euros("50"), _euros("50"), 14),  # -50.00 there
        (
            "RE-00004",
            invoice,
            "10002",
            _euros("200"),
            _euros("200"),
            44,
        ),  # two instalments: due as a whole with the last
        ("RE-00005", invoice, "10002", _euros("100"), _euros("100"), 14),
        ("RE-00007", invoice, "10002", _euros("77"), _euros("77"), 14),
        ("RE-00008", invoice, "10001", _euros("300"), _euros("300"), 14),
        ("RE-00009", invoice, "10001", _euros("64"), _euros("64"), 14),
        ("RE-00010", invoice, "10001", Money(8_000, "USD"), Money(8_000, "USD"), 14),
    }


def test_customers_come_with_address_mail_and_bank_account(untouched: Tryton) -> None:
    debtors = {contact.debtor.number: contact.debtor for contact in untouched.contacts() if contact.debtor}
    flowers, person = debtors["10001"], debtors["10002"]
    assert (flowers.name, flowers.street, flowers.postcode, flowers.city, flowers.country) == (
        "Blumen Yılmaz GmbH",
        "Rosenweg 7",
        "10115",
        "Berlin",
        "DE",
    )
    assert (flowers.email, flowers.phone) == ("buchhaltung@blumen.example", "+49 30 1234567")
    assert flowers.ibans == ("DE02500105170137075030",)
    assert (flowers.type, flowers.language) == (DebtorType.BUSINESS, "de")
    assert (person.name, person.type, person.email) == ("Änne Groß", DebtorType.UNKNOWN, "")


def test_one_document_tells_its_payment_reference_and_order_number(server: TrytonServer, tryton: Tryton) -> None:
    item = tryton.document(_key(server, "to_dun")).item
    assert item is not None
    assert (item.document_number, item.payment_reference, item.order_number) == (
        "RE-00008",
        "RF89RE00008",
        "Bestellung 4711",
    )


def test_a_paid_invoice_is_settled_and_a_draft_is_no_item(server: TrytonServer, tryton: Tryton) -> None:
    paid, draft = tryton.document(_key(server, "paid")), tryton.document(_key(server, "draft"))
    assert (paid.standing, paid.item and paid.item.open_amount) == (Standing.SETTLED, _euros("0"))
    assert (draft.standing, draft.item, draft.findings) == (Standing.DRAFT, None, ())


# --- The night's reading ------------------------------------------------------------------------------------------


def test_what_left_the_open_set_is_known_to_be_cancelled_deleted_or_paid(
    server: TrytonServer, tryton: Tryton
) -> None:
    source = ToolSource(tryton)
    first = source.pull()
    known = Known(
        open={d.key: d.number for d in first.documents if d.standing is Standing.OPEN}, cursors=first.cursors
    )
    assert first.complete

    server("model.account.invoice.cancel", [server.invoice("to_cancel")])
    gone = server.draft("10002", "5.00")
    server("model.account.invoice.delete", [gone])
    known = replace(known, open={**known.open, RemoteKey("invoice", str(gone)): "deleted"})
    server.pay(server.invoice("by_hand"), "64.00")
    second = source.pull(known)

    assert {(left.item_id, left.standing) for left in second.left} == {
        ("RE-00007", Standing.CANCELLED),
        ("deleted", Standing.DELETED),
    }
    assert {d.number for d in second.documents if d.standing is Standing.SETTLED} >= {"RE-00009"}
    assert second.complete
    assert not second.unclear
    assert not second.findings
    assert second.cursors["changes"] >= first.cursors["changes"]


# --- Told, and read back ------------------------------------------------------------------------------------------


def test_a_part_payment_and_the_rest_are_booked_once_each(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "part_paid")
    part = _payment(tryton, key, "38", "part")
    assert tryton.booked(part) is None
    written = tryton.book(part)
    assert tryton.booked(part) == written
    assert _open(tryton, key) == _euros("100")

    rest = _payment(tryton, key, "100", "rest")
    assert rest.closes
    tryton.book(rest)
    assert _open(tryton, key) == _euros("0")
    assert tryton.document(key).standing is Standing.SETTLED


def test_the_rest_of_an_invoice_is_closed_as_skonto(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "skonto")
    tryton.book(_payment(tryton, key, "98", "skonto", skonto="2"))
    assert tryton.document(key).standing is Standing.SETTLED


def test_instalments_are_paid_off_across_their_borders(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "halves")
    tryton.book(_payment(tryton, key, "150", "first"))
    assert _open(tryton, key) == _euros("50")
    tryton.book(_payment(tryton, key, "50", "second"))
    assert tryton.document(key).standing is Standing.SETTLED


def test_a_credit_note_is_paid_out_in_two_parts(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "credit_note")
    tryton.book(_payment(tryton, key, "20", "out-1"))
    assert _open(tryton, key) == _euros("30")
    tryton.book(_payment(tryton, key, "30", "out-2"))
    assert tryton.document(key).standing is Standing.SETTLED


def test_an_invoice_in_dollars_is_paid_in_dollars(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "dollars")
    tryton.book(_payment(tryton, key, "30", "usd-1"))
    assert _open(tryton, key) == Money(5_000, "USD")
    tryton.book(_payment(tryton, key, "50", "usd-2"))
    assert tryton.document(key).standing is Standing.SETTLED


def test_what_somebody_booked_meanwhile_is_not_booked_again(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "plain")
    order = _payment(tryton, key, "19", "overtaken")
    server.pay(server.invoice("plain"), "19.00")
    with pytest.raises(Conflict, match="100,00 EUR is open in Tryton, and 119,00 EUR was expected"):
        tryton.book(order)
    assert _open(tryton, key) == _euros("100")


def test_what_tryton_refuses_is_told_in_its_own_words_and_changes_nothing(
    server: TrytonServer, tryton: Tryton
) -> None:
    key = _key(server, "to_dun")
    with pytest.raises(Refused, match="Sie können keine Teilzahlung zur Rechnung"):
        tryton.book(_payment(tryton, key, "301", "too-much"))
    with pytest.raises(Refused, match=r"Buchungszeitraum|Periode|Zeitraum"):
        tryton.book(replace(_payment(tryton, key, "1", "too-early"), day=date(2001, 1, 1)))
    assert _open(tryton, key) == _euros("300")


def test_a_payment_method_that_tryton_does_not_have_is_a_mistake_of_the_configuration(server: TrytonServer) -> None:
    tryton = _connected(server, payment_method="Scheck")
    with pytest.raises(Refused, match="called 'Scheck' for this company"):
        tryton.book(_payment(tryton, _key(server, "to_dun"), "1", "method"))


def test_a_dunning_level_is_noted_raised_and_left_to_nobody_else(server: TrytonServer, tryton: Tryton) -> None:
    key = _key(server, "to_dun")
    assert tryton.dunned(_dunning(key, 1)) is None
    assert tryton.dun(_dunning(key, 1)) == tryton.dunned(_dunning(key, 1))
    assert tryton.dunned(_dunning(key, 2)) is None
    tryton.dun(_dunning(key, 2))
    assert tryton.dunned(_dunning(key, 1)) is not None  # a later level stands there
    assert "level 3 of Mahnverfahren is noted on RE-00008, the last one there" in tryton.dun(_dunning(key, 5)).says

    server.dun_by_itself()
    noted = server(
        "model.account.dunning.search_read", [], 0, 10, None, ["line", "state", "blocked", "level.sequence"]
    )
    ours = [row for row in noted if row["blocked"]]
    assert [(row["state"], row["level."]["sequence"]) for row in ours] == [("draft", 3)]


def test_what_tryton_duns_by_itself_is_left_to_tryton(server: TrytonServer, tryton: Tryton) -> None:
    server.dun_by_itself()
    with pytest.raises(Refused, match="Let one of the two dun, not both"):
        tryton.dun(_dunning(_key(server, "plain"), 3))


# --- Signed in ----------------------------------------------------------------------------------------------------


def test_a_session_that_has_ended_is_begun_again_by_itself(server: TrytonServer) -> None:
    tryton = _connected(server)
    tryton.check()
    server.end_sessions(*server.facts["clerk"])
    before = server.answered(401)
    assert "answers for" in tryton.check()
    assert server.answered(401) == before + 1


def test_a_wrong_password_is_tried_once_and_told_without_it(server: TrytonServer) -> None:
    tryton = _connected(server, user="gibt-es-nicht", password="geheim-und-falsch")
    with pytest.raises(Refused, match="401") as told:
        tryton.check()
    assert "geheim-und-falsch" not in str(told.value)
    assert server.sign_in("gibt-es-nicht", "x") == 401  # the second failure; a third one would be locked out


def test_a_locked_user_is_not_tried_again(server: TrytonServer) -> None:
    while server.sign_in("gesperrt", "x") != 429:
        pass
    with pytest.raises(Refused, match="locked out after too many failed sign-ins"):
        _connected(server, user="gesperrt").check()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"database": "woanders"}, "there is no database 'woanders'"),
        ({"company": "Andere GmbH"}, "the user works for no company 'Andere GmbH'"),
    ],
)
def test_a_wrong_name_in_the_configuration_is_told(server: TrytonServer, changed: dict[str, str], told: str) -> None:
    with pytest.raises(Refused, match=told):
        list(_connected(server, **changed).open_documents())


def test_the_right_to_read_two_models_is_enough_for_reading(server: TrytonServer) -> None:
    user, password = server.facts["reader"]
    reader = _connected(server, user=user, password=password)
    with pytest.raises(Refused, match="Keine Zugriffsberechtigung"):
        reader.check()
    server.allow_reading(user, "account.invoice", "account.move.line")
    read = ToolSource(reader).pull()
    assert read.complete
    assert "10001" in {debtor.number for debtor in read.debtors}
    with pytest.raises(Refused, match="Keine Zugriffsberechtigung"):
        reader.book(_payment(reader, _key(server, "to_dun"), "1", "not-allowed"))


def test_a_document_that_was_never_there_is_not_there(tryton: Tryton) -> None:
    with pytest.raises(NotThere):
        tryton.document(RemoteKey("invoice", "987654"))


# --- The whole night ----------------------------------------------------------------------------------------------

SOURCE = """\
kind = "tryton"
name = "tryton"
url = "{url}"
database = "office"
user = "{user}"
password = {{ env = "TEST_TRYTON_PASSWORD" }}
payment_method = "Bank"
dunning_procedure = "Mahnverfahren"
write_back = {{ payments = true, dunning = true }}
"""


def _night(night_process: NightProcess, office: TestOffice, server: TrytonServer) -> Ran:
    environment = {"TEST_TRYTON_PASSWORD": server.facts["clerk"][1]}
    return night_process.run(office.folder, "night", "--as-of", TODAY.isoformat(), "--json", environment=environment)


def test_a_night_reads_matches_duns_and_tells_tryton_once(
    made: Template, night_process: NightProcess, tmp_path: Path
) -> None:
    server = TrytonServer(made, tmp_path)
    try:
        office = TestOffice(tmp_path / "kontorist", "sqlite:///kontorist.db")
        office.tool = SOURCE.format(url=server.url, user=server.facts["clerk"][0])
        office.statement(
            YESTERDAY.isoformat(),
            Payment(amount="119.00", payer="Blumen Yilmaz GmbH", iban=PAYERS[0], text="RE-00001"),
            Payment(amount="138.00", payer="Blumen Yilmaz GmbH", iban=PAYERS[0], text="Rest RE-00002"),
            Payment(amount="150.00", payer="Änne Groß", iban=PAYERS[1], text="RE-00004 Teilzahlung"),
        )
        office.config()

        first = _night(night_process, office, server)
        open_then, moves_then, levels_then = server.open_amounts(), server.moves("kontorist-"), server.levels()
        second = _night(night_process, office, server)

        assert {first.exit_code, second.exit_code} <= {0, 1}, first.errors + second.errors  # a person may be needed
        assert open_then == {
            "RE-00003": "-50.00",
            "RE-00004": "50.00",
            "RE-00005": "100.00",
            "RE-00007": "77.00",
            "RE-00008": "300.00",
            "RE-00009": "64.00",
            "RE-00010": "80.00",
        }
        assert len(moves_then) == 3
        assert levels_then == {"RE-00008": 1, "RE-00009": 1, "RE-00010": 1}  # who has no address is not written to
        assert (server.open_amounts(), server.moves("kontorist-"), server.levels()) == (
            open_then,
            moves_then,
            levels_then,
        )
        assert office.open_items(TODAY.isoformat())["RE-00004"] == 5_000
        assert office.verified() == []
    finally:
        server.stop()
