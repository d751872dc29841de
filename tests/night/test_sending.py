"""Just before sending: texts and call lists are asked again too, and a mail server that says no is believed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dunning.hold import HoldReason
from dunning.promise import Promise
from export.delivery import Security, SmtpSettings
from export.letters.messages import promise_confirmation
from ledger.money import Money
from night.dun import dun
from night.outbox_desk import OutboxAnswer, answer_outbox
from night.pull import pull
from night.reconcile import reconcile
from night.send import send
from night.talk import debtor_of, listed, open_invoices, queue_message
from review import cases, desk
from storage.bounces import unusable_addresses
from storage.cases import Succession
from storage.outbox import EffectStatus, load_effects
from tests.e2e.mail_server import PASSWORD, SENDER, MailServer
from tests.night.test_recheck import BY_LETTER
from tests.office import PAYERS, TestOffice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.decisions import Author

# aiosmtpd rightly warns of logins without TLS; here they never leave this machine.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

HUBER, KAYA = "10001", "10002"
MAIL = "kasse@huber.example"


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office; what is asked of the database here is nothing that differs between the two."""
    office = TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(HUBER, email=MAIL)
    office.debtor(KAYA, "Kaya Bau GmbH", iban=PAYERS[1], email="buero@kaya.example")
    office.item("RE-1", due="2026-05-04")
    office.item("RE-2", due="2026-05-04", debtor=KAYA)
    return office


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


def with_server(office: TestOffice, server: MailServer, password: str = "") -> None:
    office.smtp = SmtpSettings(
        host="127.0.0.1",
        port=server.port,
        security=Security.NONE,
        sender=SENDER,
        timeout_seconds=5,
        user="mahnwesen" if password else "",
        password=password,
    )


def decided(decision: Callable[[Connection, str, Author], object]) -> Callable[[Workplace], None]:
    def happens(work: Workplace) -> None:
        with work.step() as connection:
            decision(connection, work.company_id, work.author)

    return happens


def hold(reason: HoldReason) -> Callable[[Workplace], None]:
    return decided(
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number=HUBER, document_number="", reason=reason, note="", expires_on=None
        )
    )


def listed_as(office: TestOffice, change: str) -> Callable[[Workplace], None]:
    """Let the accounting tool name something else of the debtors: "before -> after"."""
    before, _, after = change.partition(" -> ")

    def happens(work: Workplace) -> None:
        office.debtors = [line.replace(before, after) for line in office.debtors]
        office.write_lists()
        pull(work)

    return happens


def confirmed_in_between(office: TestOffice, happens: Callable[[Workplace], object]) -> list[str]:
    """Queue the confirmation of a promise, let something happen, send; and tell why it was withdrawn."""

    def way(work: Workplace) -> dict[str, Any]:
        pull(work)
        with work.step() as connection:
            debtor = debtor_of(connection, work, HUBER)
            promise = Promise(
                debtor_number=HUBER,
                amount=Money(11_900, "EUR"),
                pay_by=date(2026, 5, 20),
                made_on=date(2026, 5, 12),
            )
            items = listed(open_invoices(connection, work, HUBER), work.run_date)
            message = promise_confirmation(debtor, items, promise, today=work.run_date, payments_until=work.run_date)
            queue_message(connection, work, message, "K-2026-C1-1")
        happens(work)
        send(work)
        with work.step() as connection:
            gone = load_effects(connection, work.company_id, EffectStatus.CANCELLED)
        return {"withdrawn": [effect.message for effect in gone]}

    told: list[str] = office.at_work(way, "2026-05-12")["withdrawn"]
    return told


SUCCEEDED = decided(
    lambda c, i, a: cases.succeed(
        c, i, a, debtor_number=HUBER, successor_number=KAYA, reason=Succession.MERGED, why=""
    )
)


def test_a_confirmation_nothing_speaks_against_is_sent(office: TestOffice) -> None:
    assert confirmed_in_between(office, lambda _: None) == []


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (
            hold(HoldReason.INSOLVENCY),
            "Debtor 10001: insolvency proceedings are open; the administrator reads the post.",
        ),
        (hold(HoldReason.DECEASED), "Debtor 10001: the debtor has died."),
        (SUCCEEDED, "10002 answers for what debtor 10001 owed."),
    ],
)
def test_a_confirmation_nobody_is_there_to_read_is_withdrawn(
    office: TestOffice, happens: Callable[[Workplace], object], says: str
) -> None:
    assert confirmed_in_between(office, happens) == [says]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (f"{MAIL} -> neu@huber.example", "Since this was written the address of debtor 10001 changed."),
        (f"{MAIL} -> ", "Debtor 10001: no e-mail address it could be sent to."),
    ],
)
def test_a_confirmation_to_an_address_the_debtor_no_longer_has_is_withdrawn(
    office: TestOffice, change: str, says: str
) -> None:
    assert confirmed_in_between(office, listed_as(office, change)) == [says]


def release_all(connection: Connection, company_id: str, author: Author) -> None:
    for effect in load_effects(connection, company_id, EffectStatus.QUEUED):
        if effect.needs_release:
            answer_outbox(connection, company_id, author, effect.outbox_id, OutboxAnswer.RELEASE)


def test_a_released_letter_goes_to_the_new_address_and_not_to_the_old_one(office: TestOffice) -> None:
    office.folder.mkdir(parents=True, exist_ok=True)
    (office.folder / "ladder.toml").write_text(BY_LETTER, encoding="utf-8")
    office.settings = '[company.dunning]\nprocedure = "ladder.toml"\n'
    office.items = office.items[:1]
    office.statement("2026-05-11")
    office.night("2026-05-12")
    office.decide(release_all, "2026-05-12")

    def moves(work: Workplace) -> dict[str, Any]:
        listed_as(office, "Hauptstraße 1 -> Nebenstraße 2")(work)
        sent = send(work)
        return {"sent": sent.sent, "said": [finding.excerpt for finding in sent.findings]}

    told = office.at_work(moves, "2026-05-12")
    assert told == {"sent": [], "said": ["Since this was written the address of debtor 10001 changed."]}
    office.statement("2026-05-12")
    office.night("2026-05-13")
    assert [notice["state"] for notice in office.notices()] == ["held", "queued"]


def test_a_call_list_is_asked_again_and_names_who_must_not_be_called(office: TestOffice) -> None:
    office.debtors = [line.replace(",,DE", ",089 1,DE") for line in office.debtors]
    office.debtors = [re.sub(r"[a-z]+@[a-z.]+", "", line) for line in office.debtors]
    office.statement("2026-05-11")
    office.night("2026-05-12")

    def way(work: Workplace) -> dict[str, Any]:
        pull(work)
        reconcile(work)
        written = [f"{notice.debtor.number} {notice.channel}" for notice in dun(work).written]
        hold(HoldReason.DISPUTE)(work)
        sent = send(work)
        return {"written": written, "sent": sent.sent, "said": [finding.excerpt for finding in sent.findings]}

    office.statement("2026-05-20")
    told = office.at_work(way, "2026-05-21")
    assert told["written"] == ["10001 call", "10002 call"]
    assert told["sent"] == []
    assert [one.partition(".")[0] for one in told["said"]] == ["10001: Everything of debtor 10001 is disputed"] * 2
    office.statement("2026-05-21")
    office.night("2026-05-22")
    said = [(n["debtor_number"], n["state"]) for n in office.notices() if n["run_date"] == "2026-05-22"]
    assert said == [(HUBER, "held"), (KAYA, "sent")]


def test_an_address_our_server_knows_nobody_at_is_used_no_more_and_the_letter_goes_by_post(
    office: TestOffice, mail_server: MailServer
) -> None:
    with_server(office, mail_server)
    mail_server.answers[MAIL] = "550 5.1.1 no such mailbox"
    office.statement("2026-05-11")
    report = office.night("2026-05-12")
    assert "mail_address_refused" in {finding["code"] for finding in report["findings"]}
    assert report["sent"]["withdrawn"] == ["notice-M-2026-00001"]
    assert office.read(lambda c: unusable_addresses(c, "muster")) == {MAIL: date(2026, 5, 12)}
    office.statement("2026-05-12")
    office.night("2026-05-13")
    said = [(n["channel"], n["state"]) for n in office.notices() if n["debtor_number"] == HUBER]
    assert said == [("email", "held"), ("letter", "sent")]
    assert office.verified() == []


@pytest.mark.parametrize("answer", ["550 5.7.1 we do not like you", "550 no", "451 4.3.0 later"])
def test_a_no_that_does_not_blame_the_address_spoils_none(
    office: TestOffice, mail_server: MailServer, answer: str
) -> None:
    with_server(office, mail_server)
    mail_server.answers[MAIL] = answer
    office.statement("2026-05-11")
    report = office.night("2026-05-12")
    assert report["sent"]["waiting"] == ["notice-M-2026-00001"]
    assert office.read(lambda c: unusable_addresses(c, "muster")) == {}


def test_a_wrong_password_is_told_once_and_the_other_mails_wait_untried(
    office: TestOffice, mail_server: MailServer
) -> None:
    with_server(office, mail_server, password="falsch-0815")
    office.statement("2026-05-11")
    report = office.night("2026-05-12")
    assert [finding["code"] for finding in report["findings"]].count("sending_refused") == 1
    assert report["sent"]["waiting"] == ["notice-M-2026-00001", "notice-M-2026-00002"]
    effects = office.read(lambda c: load_effects(c, "muster", EffectStatus.QUEUED))
    assert [effect.attempts for effect in effects] == [1, 0]
    assert office.smtp is not None
    office.smtp = replace(office.smtp, password=PASSWORD)
    report = office.night("2026-05-12")
    assert len(report["sent"]["sent"]) == 2
