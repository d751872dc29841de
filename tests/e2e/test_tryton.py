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
from connectors.accounting.tryton.session import SignedIn
from connectors.wire import LocalLimiter, Secret
from connectors.wire.line import Line
from ledger.debtor import DebtorType
from ledger.errors import Conflict, NotThere, Refused
from ledger.money import Money
from ledger.open_item import ItemKind
from tests.e2e.tryton_server import Template, TrytonServer, template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

TODAY = date.today()  # noqa: DTZ011 - the server beside us has no other clock either
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


def _euros(text: str) -> Money:
    return Money(round(float(text) * 100), "EUR")


def _open(tryton: Tryton, key: RemoteKey) -> Money:
    item = tryton.document(key).item
    assert item is not None
    return item.open_amount


def _payment(tryton: Tryton, key: RemoteKey, amount: str, operation: str, *, skonto: str = "0") -> PaymentOrder:
    document = tryton.document(key)
    assert document.item is not None
    left, came, granted = document.item.open_amount, _euros(amount), _euros(skonto)
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
        difference=_euros("0"),
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


def test_tryton_says_which_version_it_is_and_for_whom_it_answers(tryton: Tryton) -> None:
    assert tryton.check().startswith("Tryton 8.2 answers for Muster Handels GmbH, and has ")


def test_the_open_set_is_what_is_posted_and_not_paid(made: Template, tmp_path: Path) -> None:
    server = TrytonServer(made, tmp_path)  # one in which nobody has paid anything yet
    try:
        items = [document.item for document in _connected(server).open_documents()]
        read = {
            (i.document_number, i.kind, i.debtor_number, i.amount, i.open_amount, (i.due_date - DATED).days)
            for i in items
            if i is not None
        }
    finally:
        server.stop()
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
    }


def test_customers_come_with_address_mail_and_bank_account(tryton: Tryton) -> None:
    debtors = {contact.debtor.number: contact.debtor for contact in tryton.contacts() if contact.debtor}
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


def _session(tryton: Tryton) -> str:
    auth = tryton.rpc.wire._session.auth
    assert isinstance(auth, SignedIn)
    return auth.session


# --- Signed in ----------------------------------------------------------------------------------------------------


def test_a_session_that_has_ended_is_begun_again_by_itself(server: TrytonServer) -> None:
    tryton = _connected(server)
    tryton.check()
    session = _session(tryton)
    server.sign_out(session)
    assert "answers for" in tryton.check()
    assert _session(tryton) != session


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


def test_a_user_without_the_right_is_told_so_in_trytons_words(server: TrytonServer) -> None:
    user, password = server.facts["reader"]
    with pytest.raises(Refused, match="Keine Zugriffsberechtigung"):
        _connected(server, user=user, password=password).check()


def test_a_document_that_was_never_there_is_not_there(tryton: Tryton) -> None:
    with pytest.raises(NotThere):
        tryton.document(RemoteKey("invoice", "987654"))
