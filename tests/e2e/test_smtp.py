"""A night with a mail server: letters arrive once, what is refused is said and kept, no password is ever written."""

from __future__ import annotations

import base64
import csv
import email
import fcntl
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from export.delivery import Security, SmtpSettings
from ledger.money import Money, german
from night.outbox_desk import OutboxAnswer, answer_outbox
from storage.documents import load_document
from storage.outbox import EffectKind, EffectStatus, load_effects
from tests.e2e.demo_office import DemoOffice
from tests.e2e.mail_server import PASSWORD, SENDER
from tests.office import TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.demo_office import NightProcess
    from tests.e2e.mail_server import MailServer

# aiosmtpd rightly warns of logins without TLS; here they never leave this machine.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

TONIGHT: Final = "2026-07-01"
TOMORROW: Final = "2026-07-02"
DAY_AFTER: Final = "2026-07-03"
ACCOUNTANT: Final = "lechner@isarwinkler-haustechnik.example"


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory, night_process: NightProcess) -> DemoOffice:
    """An office before its first reminders, with its statements read."""
    folder = tmp_path_factory.mktemp("smtp") / "before"
    until, since = date(2026, 6, 30), date(2026, 6, 24)
    office = DemoOffice.write(folder, night_process, until=until, since=since, debtors=5, items=15, months=1)
    office.deliver("2026-06-30")
    assert office.run("import", "--as-of", TONIGHT).exit_code < 2
    config = folder / "kontorist.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('state = "BY"', f'state = "BY"\nreport_to = ["{ACCOUNTANT}"]', 1), encoding="utf-8"
    )
    return office


@pytest.fixture
def office(before: DemoOffice, mail_server: MailServer, tmp_path: Path) -> DemoOffice:
    """An office with a mail server."""
    copied = before.copy(tmp_path / "office")
    copied.configure(mail_server.toml())
    return copied


def _by_mail(report: dict[str, Any]) -> list[str]:
    return sorted(one["debtor_number"] for one in report["dunned"]["written_to"] if one["channel"] == "email")


def _codes(report: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["code"].startswith("sending_")]


def _addresses(office: DemoOffice, report: dict[str, Any]) -> list[str]:
    """Look up the mail addresses of those who are written to by mail."""
    debtors = (office.folder / "debtors.csv").read_text(encoding="utf-8-sig").splitlines()
    by_number = {row["debtor_number"]: row["email"] for row in csv.DictReader(debtors)}
    return sorted(by_number[number] for number in _by_mail(report))


def test_every_letter_arrives_once_with_its_pdf_and_the_report_goes_to_the_accountant(
    office: DemoOffice, mail_server: MailServer
) -> None:
    report = office.night(TONIGHT).report
    assert len(_by_mail(report)) > 1
    assert mail_server.recipients() == sorted([*_addresses(office, report), ACCOUNTANT])
    for recipient, message in mail_server.received:
        attached = [part.get_content() for part in message.iter_attachments()]
        if recipient == ACCOUNTANT:
            assert str(message["Subject"]).startswith("Kontorist 2026-07-01: ")
            assert attached == []
        else:
            assert message["From"].addresses[0].addr_spec == SENDER
            assert message["To"].addresses[0].addr_spec == recipient
            assert [content[:5] for content in attached] == [b"%PDF-"]


def test_a_second_night_of_the_same_day_sends_nothing(office: DemoOffice, mail_server: MailServer) -> None:
    office.night(TONIGHT)
    before = mail_server.recipients()
    report = office.night(TONIGHT).report
    assert mail_server.recipients() == before
    assert report["sent"] == {"sent": [], "waiting": [], "uncertain": [], "withdrawn": []}


def test_what_is_sent_is_archived_as_the_server_received_it(office: DemoOffice, mail_server: MailServer) -> None:
    office.night(TONIGHT)
    kept = office.look(
        lambda connection: [
            load_document(connection, "muster", effect.sha256)
            for effect in load_effects(connection, "muster", EffectStatus.SENT)
            if effect.kind is EffectKind.MAIL
        ]
    )
    ids = sorted(str(message["Message-ID"]) for _, message in mail_server.received)
    assert sorted(str(email.message_from_bytes(raw)["Message-ID"]) for raw in kept) == ids


@pytest.mark.parametrize(
    ("answer", "code", "severity"),
    [
        ("550 5.7.1 we do not take mail from you", "sending_refused", "error"),
        ("451 4.3.0 try again later", "sending_delayed", "warning"),
    ],
)
def test_what_the_server_does_not_take_is_said_and_tried_the_next_night_with_that_nights_amount(
    office: DemoOffice, mail_server: MailServer, answer: str, code: str, severity: str
) -> None:
    rehearsed = office.run("plan", "--as-of", TONIGHT, "--json").report
    unlucky = next(one for one in rehearsed["dunned"]["written_to"] if one["channel"] == "email")
    (address,) = _addresses(office, {"dunned": {"written_to": [unlucky]}})
    mail_server.answers[address] = answer
    ran = office.night(TONIGHT)
    assert ran.exit_code == 1
    assert [f for f in ran.report["findings"] if f["code"] == code] == [
        {
            "code": code,
            "severity": severity,
            "place": "notice-M-2026-00001",
            "what": f"not sent to {address}",
            "excerpt": f"mail server 127.0.0.1:{mail_server.port} rejected the recipient {address}: {answer}",
            "what_to_do": {
                "sending_refused": "Correct the address or the settings; it is tried again the next night.",
                "sending_delayed": "It is tried again the next night.",
            }[code],
        }
    ]
    assert ran.report["sent"]["waiting"] == ["notice-M-2026-00001"]
    assert address not in mail_server.recipients()

    mail_server.answers.clear()
    _reduce_by_one_euro(office, unlucky["items"][0])
    report = office.night(TOMORROW).report
    (again,) = (one for one in report["dunned"]["written_to"] if one["debtor_number"] == unlucky["debtor_number"])
    assert again["total_minor"] == unlucky["total_minor"] - 100
    (message,) = (message for recipient, message in mail_server.received if recipient == address)
    body = message.get_body()
    assert body is not None
    assert german(Money(again["total_minor"], "EUR")) in body.get_content()
    notices = [n for n in office.state(TOMORROW)["notices"] if n["debtor_number"] == unlucky["debtor_number"]]
    assert [(n["run_date"], n["state"], n["held_because"]) for n in notices] == [
        (TONIGHT, "held", ["withdrawn"]),
        (TOMORROW, "sent", []),
    ]


def test_with_the_server_out_of_reach_everything_else_is_done_and_the_mails_go_the_next_night(
    office: DemoOffice, mail_server: MailServer
) -> None:
    mail_server.stop()
    ran = office.night(TONIGHT)
    assert ran.exit_code == 1
    mails = len(_by_mail(ran.report))
    assert _codes(ran.report) == ["sending_delayed"] * mails
    assert len(ran.report["sent"]["waiting"]) == mails
    assert sorted({name.split("/")[1] for name in office.sent_files()}) == ["datev", "letters", "print"]

    mail_server.start()
    report = office.night(TOMORROW).report
    assert len(_by_mail(report)) == mails
    assert mail_server.recipients() == sorted([*_addresses(office, report), ACCOUNTANT, ACCOUNTANT])
    assert office.state(TOMORROW)["problems"] == []


def _reduce_by_one_euro(office: DemoOffice, document_number: str) -> None:
    """Let the accounting tool report one euro less as open."""
    path = office.folder / "open_items.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    column = rows[0].index("open_amount")
    for row in rows:
        if row[0] == document_number:
            row[column] = str(Decimal(row[column]) - 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def test_a_mail_interrupted_between_hand_over_and_book_keeping_is_asked_about_and_never_sent_again(
    office: DemoOffice, mail_server: MailServer, tmp_path: Path
) -> None:
    points = office.copy(tmp_path / "undisturbed").night(TONIGHT).points
    first = points.index("smtplib.connect") + 1
    # Before the final dot; and when the server has answered, before that is written down.
    for point in (first + 6, first + 7):
        mail_server.received.clear()
        _is_asked_about(office.copy(tmp_path / f"{point}"), mail_server, point)


@pytest.mark.slow
def test_wherever_sending_is_interrupted_nobody_receives_a_mail_twice(
    office: DemoOffice, mail_server: MailServer, tmp_path: Path
) -> None:
    points = office.copy(tmp_path / "undisturbed").night(TONIGHT).points
    everybody = mail_server.recipients()
    first = points.index("smtplib.connect") + 1
    # Two mails from one end to the other, and the last one, which carries the report.
    for point in (*range(first - 8, first + 26), *range(len(points) - 12, len(points) + 1)):
        mail_server.received.clear()
        copied = office.copy(tmp_path / f"{point}")
        assert copied.night(TONIGHT, die_at=point).killed
        assert copied.night(TONIGHT).exit_code == 1 or point < first
        assert copied.night(TOMORROW).exit_code < 2
        received = Counter(mail_server.recipients())
        unclear = copied.look(lambda c: load_effects(c, "muster", EffectStatus.UNCERTAIN))
        del received[ACCOUNTANT]
        assert max(received.values()) == 1, point
        missing = set(everybody) - {ACCOUNTANT} - received.keys()
        assert missing <= {recipient for effect in unclear for recipient in effect.recipients}, point


def _is_asked_about(office: DemoOffice, mail_server: MailServer, point: int) -> None:
    assert office.night(TONIGHT, die_at=point).killed
    handed_over = [recipient for recipient, _ in mail_server.received]
    ran = office.night(TONIGHT)
    (unclear,) = office.look(lambda connection: load_effects(connection, "muster", EffectStatus.UNCERTAIN))
    (address,) = unclear.recipients
    assert mail_server.recipients().count(address) == handed_over.count(address) <= 1
    assert Counter(mail_server.recipients()).most_common(1)[0][1] == 1, point
    assert ran.exit_code == 1
    assert ran.report["sent"]["uncertain"] == [unclear.outbox_id]
    assert _codes(ran.report) == ["sending_uncertain"]
    # Every night asks again, until somebody answers.
    tomorrow = office.night(TOMORROW).report
    assert _codes(tomorrow) == ["sending_uncertain"]
    assert mail_server.recipients().count(address) == handed_over.count(address)


def test_a_debtor_who_may_have_been_written_to_hears_nothing_until_somebody_answers(
    mail_server: MailServer, tmp_path: Path
) -> None:
    office = TestOffice(tmp_path / "office", "sqlite:///kontorist.db")
    office.smtp = SmtpSettings(
        host="127.0.0.1", port=mail_server.port, security=Security.NONE, sender=SENDER, timeout_seconds=5
    )
    office.debtor(email="kasse@huber.example")
    office.item("RE-2026-00001", due="2026-06-01")
    office.item("RE-2026-00002", due="2026-07-01")
    office.statement("2026-06-30")
    mail_server.hangs_up = True
    report = office.night("2026-07-01")
    assert report["sent"]["uncertain"] == ["notice-M-2026-00001"]
    assert mail_server.recipients() == ["kasse@huber.example"]

    mail_server.hangs_up = False
    office.statement("2026-07-14")
    report = office.night("2026-07-15")
    assert [one["because"][0][0] for one in report["dunned"]["spared"]] == ["sending_uncertain"]
    assert _codes(report) == ["sending_uncertain"]
    assert mail_server.recipients() == ["kasse@huber.example"]

    office.decide(lambda c, i, a: answer_outbox(c, i, a, "notice-M-2026-00001", OutboxAnswer.SENT), "2026-07-15")
    office.statement("2026-07-27")
    report = office.night("2026-07-28")
    assert [(one["stage"], one["items"]) for one in report["dunned"]["written_to"]] == [
        ("call", ["RE-2026-00001", "RE-2026-00002"])
    ]
    assert mail_server.recipients() == ["kasse@huber.example"] * 2


def test_a_mail_that_did_not_arrive_after_all_is_written_anew_once(mail_server: MailServer, tmp_path: Path) -> None:
    office = TestOffice(tmp_path / "office", "sqlite:///kontorist.db")
    office.smtp = SmtpSettings(
        host="127.0.0.1", port=mail_server.port, security=Security.NONE, sender=SENDER, timeout_seconds=5
    )
    office.debtor(email="kasse@huber.example")
    office.item("RE-2026-00001", due="2026-06-01")
    office.statement("2026-06-30")
    mail_server.hangs_up = True
    office.night("2026-07-01")
    mail_server.hangs_up = False
    mail_server.received.clear()
    office.decide(lambda c, i, a: answer_outbox(c, i, a, "notice-M-2026-00001", OutboxAnswer.AGAIN), "2026-07-01")
    for day in ("2026-07-02", "2026-07-03"):
        office.statement(day)
        office.night(day)
    assert mail_server.recipients() == ["kasse@huber.example"]
    assert [(n["run_date"], n["stage"], n["state"]) for n in office.notices()] == [
        ("2026-07-01", "reminder", "held"),
        ("2026-07-02", "reminder", "sent"),
    ]


@pytest.mark.parametrize(
    ("kept_in", "password"), [("environment", PASSWORD), ("file", PASSWORD), ("file", "falsch-und-doch-geheim-Qr7")]
)
def test_the_password_is_never_written_anywhere(
    before: DemoOffice, mail_server: MailServer, tmp_path: Path, kept_in: str, password: str
) -> None:
    office = before.copy(tmp_path / "office")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "smtp").write_text(f"{password}\n", encoding="utf-8")
    where = 'password_env = "SMTP_SECRET"' if kept_in == "environment" else f'password_file = "{secrets / "smtp"}"'
    office.configure(mail_server.toml(f'user = "mahnwesen"\n{where}'))
    environment = {"SMTP_SECRET": password}
    written = b""
    for arguments in (
        ("--verbose", "night", "--as-of", TONIGHT),
        ("night", "--as-of", TONIGHT, "--json"),
        ("doctor", "--as-of", TONIGHT),
        ("export", "notices"),
        ("outbox",),
        ("verify", "--json"),
    ):
        ran = office.run(*arguments, environment=environment)
        written += ran.output.encode() + ran.errors.encode()
    assert bool(mail_server.received) is (password == PASSWORD)
    if password != PASSWORD:
        assert b"535" in written
    for path in office.folder.rglob("*"):
        if path.is_file():
            written += path.read_bytes()
    written += b"".join(
        office.look(
            lambda connection: [
                load_document(connection, "muster", effect.sha256) for effect in load_effects(connection, "muster")
            ]
        )
    )
    assert b"mahnwesen" in written
    for secret in (password.encode(), base64.b64encode(password.encode()).rstrip(b"="), password.encode("utf-16-le")):
        assert secret not in written


def test_a_night_that_could_not_finish_tells_the_accountant(office: DemoOffice, mail_server: MailServer) -> None:
    lock = (office.folder / "kontorist.db.muster.lock").open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert office.run("night", "--as-of", TONIGHT, "--json").exit_code == 3
    lock.close()
    ((recipient, message),) = mail_server.received
    assert recipient == ACCOUNTANT
    assert "could not finish" in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    assert "another night is running" in body.get_content()
