"""Receipt decides: what came back was not said, what was posted late counts late; every letter is printed once."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pypdf
import pytest

import night.print_batch
import night.send
from config.loading import load_office
from export.delivery import Security, SmtpSettings
from ledger.errors import Refused
from night.explained_dunning import explain_dunning
from night.proofs import note_confirmed, note_posted, note_returned
from night.workplace import Workplace
from storage.bounces import unusable_addresses
from storage.database import reading
from storage.outbox import settle
from tests.e2e.mail_server import SENDER, MailServer
from tests.export.delivery.test_bounces import report
from tests.office import ROOT, TestOffice, author

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# aiosmtpd rightly warns of logins without TLS; here they never leave this machine.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

FIRST, SECOND = "2026-05-12", "2026-05-13"  # a Tuesday and a Wednesday
RECHNUNG = "rechnung@kunde.example"


class Killed(BaseException):
    """The night is cut off here, as by a power cut: nobody catches it."""


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def by_mail(office: TestOffice, mail_server: MailServer) -> TestOffice:
    """An office with one debtor who has a mail address, and a mail server."""
    office.debtor(email=RECHNUNG)
    office.item("RE-1", due="2026-05-04")
    office.smtp = SmtpSettings(
        host="127.0.0.1", port=mail_server.port, security=Security.NONE, sender=SENDER, timeout_seconds=5
    )
    return office


def run(office: TestOffice, day: str) -> dict[str, Any]:
    """Run a night with quiet accounts."""
    office.statement(day)
    return office.night(day)


def said(office: TestOffice, day: str) -> list[str]:
    return [
        " ".join([notice["stage"], notice["channel"], *(notice["held_because"] or [notice["state"]])])
        for notice in office.notices()
        if notice["run_date"] == day
    ]


def came_back(office: TestOffice, mail_server: MailServer, **facts: str) -> None:
    """Lay the report about the last mail into the folder."""
    folder = office.folder / "bounces" / "muster"
    folder.mkdir(parents=True, exist_ok=True)
    _, mail = mail_server.received[-1]
    raw = report(**facts).replace(b"<M-2026-00001.muster@x.example>", str(mail["Message-ID"]).encode())
    (folder / f"{len(list(folder.iterdir()))}.EML").write_bytes(raw)


def codes(told: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in told["findings"]}


@contextmanager
def explained(office: TestOffice, day: str) -> Iterator[dict[str, Any]]:
    loaded = load_office(office.config(), house=ROOT / "config")
    engine = office.engine()
    work = Workplace(office=loaded, company=loaded.settings.company[0], engine=engine, author=author(day, "night"))
    with reading(engine) as connection:
        yield explain_dunning(connection, work, "10001")["items"][0]
    engine.dispose()


def receipts(office: TestOffice) -> list[str]:
    rows = [notice["receipt"] for notice in office.notices() if notice["receipt"]]
    return [f"{row['day'] if row['received'] else 'never'} {row['proof']}" for row in rows]


def test_a_mail_carries_the_answer_of_the_server_as_its_proof(by_mail: TestOffice) -> None:
    run(by_mail, FIRST)
    (notice,) = by_mail.notices()
    assert notice["receipt"] == {
        "received": True,
        "day": SECOND,
        "proof": "handed_over",
        "evidence": "250 2.0.0 Ok: queued as 1",
        "posted_on": "",
    }
    with explained(by_mail, SECOND) as item:
        assert item["sent"][0]["receipt"] == notice["receipt"]
    assert by_mail.verified() == []


def test_what_came_back_was_not_said_and_is_said_again_by_letter(
    by_mail: TestOffice, mail_server: MailServer
) -> None:
    run(by_mail, FIRST)
    came_back(by_mail, mail_server)
    told = run(by_mail, SECOND)
    assert {"mail_came_back", "mail_address_unusable"} <= codes(told)
    (finding,) = (one for one in told["findings"] if one["code"] == "mail_came_back")
    assert "counts as not received, and what it said is said again" in finding["what"]
    # The same stage on the very next night: what nobody received starts no minimum gap.
    assert said(by_mail, SECOND) == ["reminder letter sent"]
    assert receipts(by_mail) == ["never bounced", "2026-05-19 assumed"]  # over Ascension Day
    with explained(by_mail, "2026-06-01") as item:
        assert [one["receipt"]["received"] for one in item["sent"] if one["receipt"]] == [False, True]
        assert "no such user" in item["sent"][0]["receipt"]["evidence"]
        # The letter granted until the 20th; the mail would have put the debtor in default earlier.
        assert item["in_default"]["since"] == "2026-05-21"
    assert by_mail.night(SECOND)["sent"]["sent"] == []
    assert by_mail.verified() == []


def test_a_full_mailbox_is_not_received_either_but_written_to_again_after_a_month(
    by_mail: TestOffice, mail_server: MailServer
) -> None:
    run(by_mail, FIRST)
    came_back(by_mail, mail_server, status="5.2.2", says="552 5.2.2 mailbox full")
    run(by_mail, SECOND)
    assert said(by_mail, SECOND) == ["reminder letter sent"]
    assert unusable_on(by_mail, "2026-06-11") == [RECHNUNG]
    assert unusable_on(by_mail, "2026-06-12") == []


def unusable_on(office: TestOffice, day: str) -> list[str]:
    found: list[str] = office.read(lambda c: [*unusable_addresses(c, "muster", date.fromisoformat(day))])
    return found


def test_a_warning_that_a_mail_is_late_changes_nothing(by_mail: TestOffice, mail_server: MailServer) -> None:
    run(by_mail, FIRST)
    came_back(by_mail, mail_server, action="delayed", status="4.4.1")
    assert "mail_came_back" not in codes(run(by_mail, SECOND))
    assert receipts(by_mail) == ["2026-05-13 handed_over"]


def test_the_debtors_own_server_proves_more_than_ours(by_mail: TestOffice, mail_server: MailServer) -> None:
    run(by_mail, FIRST)
    more = "Remote-MTA: dns; mx.kunde.example\nLast-Attempt-Date: Wed, 13 May 2026 00:10:00 +0000\n"
    for _ in range(2):  # the same report twice is one proof
        came_back(by_mail, mail_server, action="relayed", status="2.0.0", says="250 ok", more=more)
    run(by_mail, SECOND)
    # The 14th is Ascension Day.
    assert receipts(by_mail) == ["2026-05-15 smtp_accepted"]
    assert by_mail.verified() == []


def test_a_report_of_a_stranger_spoils_no_address(by_mail: TestOffice) -> None:
    run(by_mail, FIRST)
    folder = by_mail.folder / "bounces" / "muster"
    folder.mkdir(parents=True)
    forged = report().replace(b"Rechnung@kunde.example", b"buchhaltung@anderer.example")
    (folder / "forged.eml").write_bytes(forged)
    (folder / "answer.eml").write_bytes(b"From: a@b.example\nSubject: Re: Ihre Mahnung\n\nIch habe gezahlt.\n")
    (folder / "folder.eml").mkdir()
    told = run(by_mail, SECOND)
    assert {"mail_came_back_unknown", "no_delivery_report"} <= codes(told)
    assert "mail_came_back" not in codes(told)
    assert by_mail.read(lambda c: unusable_addresses(c, "muster")) == {}
    assert (folder / "other" / "answer.eml").is_file()
    assert (folder / "read" / "forged.eml").is_file()


def test_a_report_without_a_name_is_about_the_last_mail_to_that_address(by_mail: TestOffice) -> None:
    run(by_mail, FIRST)
    folder = by_mail.folder / "bounces" / "muster"
    folder.mkdir(parents=True)
    (folder / "nameless.eml").write_bytes(report().replace(b"Message-ID", b"X-Lost"))
    assert "mail_came_back" in codes(run(by_mail, SECOND))
    assert receipts(by_mail)[0] == "never bounced"


def test_the_debtors_word_beats_the_bounce_and_makes_his_address_good_again(
    by_mail: TestOffice, mail_server: MailServer
) -> None:
    run(by_mail, FIRST)
    came_back(by_mail, mail_server)
    office = by_mail
    office.statement(SECOND)
    office.settings = "[company.dunning]\nenabled = false"
    office.night(SECOND)
    number = "M-2026-00001"
    for day, words in (("2026-05-11", "was sent on"), ("2026-06-11", "a day to come")):
        with pytest.raises(Refused, match=words):
            office.decide(_confirmed(number, day), "2026-05-13")
    with pytest.raises(Refused, match="no letter or mail we sent"):
        office.decide(_confirmed("M-2026-00009", FIRST), "2026-05-13")
    office.decide(_confirmed(number, FIRST), "2026-05-13")
    assert receipts(office) == ["2026-05-12 confirmed"]
    assert office.read(lambda c: unusable_addresses(c, "muster")) == {}
    assert office.verified() == []


def _confirmed(number: str, day: str) -> Any:
    return lambda c, i, a: note_confirmed(
        c, i, a, letter=number, received_on=date.fromisoformat(day), how="answered to it"
    )


@pytest.fixture
def by_post(office: TestOffice) -> TestOffice:
    """An office with one debtor who is written to by post."""
    office.debtor()
    office.item("RE-1", due="2026-05-04")
    return office


def _posted(day: str, **chosen: Any) -> Any:
    return lambda c, i, a: note_posted(c, i, a, posted_on=date.fromisoformat(day), **chosen)


def test_a_letter_posted_a_week_late_counts_and_gives_time_from_then_on(by_post: TestOffice) -> None:
    run(by_post, FIRST)
    assert receipts(by_post) == ["2026-05-18 assumed"]
    with explained(by_post, SECOND) as item:
        at_once = item["next"]["not_before"]
    batch = "Druckstapel_2026-05-12_1"
    with pytest.raises(Refused, match="was sent on"):
        by_post.decide(_posted("2026-05-11", batch_id=batch), "2026-05-19")
    with pytest.raises(Refused, match="there is none of this name"):
        by_post.decide(_posted("2026-05-19", batch_id="Druckstapel"), "2026-05-19")
    by_post.decide(_posted("2026-05-19", batch_id=batch), "2026-05-19")
    assert receipts(by_post) == ["2026-05-22 posted"]
    with explained(by_post, "2026-05-19") as item:
        assert item["sent"][0]["deadline"] == "2026-05-26"  # the 19th, and seven days
        assert item["next"]["not_before"] > at_once
    # A slip is corrected by a second word; both stay in the log.
    by_post.decide(_posted("2026-05-12", letters=["M-2026-00001"]), "2026-05-19")
    assert receipts(by_post) == ["2026-05-18 posted"]
    by_post.decide(_posted("2026-05-19"), "2026-05-19")  # nothing is left to note
    assert receipts(by_post) == ["2026-05-18 posted"]
    assert by_post.verified() == []


def test_a_letter_that_came_back_was_not_said_and_its_address_waits_for_a_better_one(by_post: TestOffice) -> None:
    run(by_post, FIRST)
    by_post.decide(
        lambda c, i, a: note_returned(
            c, i, a, letter="M-2026-00001", returned_on=date(2026, 5, 18), why="unbekannt verzogen"
        ),
        "2026-05-18",
    )
    told = run(by_post, "2026-05-19")
    assert said(by_post, "2026-05-19") == ["reminder email no_address"]
    assert "postal_address_unusable" in codes(told)
    by_post.debtors[0] = by_post.debtors[0].replace("Hauptstraße 1", "Am Neubau 7")
    run(by_post, "2026-05-20")
    assert said(by_post, "2026-05-20") == ["reminder letter sent"]
    assert by_post.verified() == []


def printed(office: TestOffice) -> Counter[str]:
    """Count how often each letter stands in a print batch."""
    found: Counter[str] = Counter()
    for path in sorted((office.output / "print").glob("*.pdf")):
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages)
        found.update({number: 1 for number in letters(office) if number in text})
    return found


def letters(office: TestOffice) -> list[str]:
    return sorted(path.name.partition("_")[0] for path in (office.output / "letters").glob("*.pdf"))


@pytest.fixture
def three(tmp_path: Path) -> TestOffice:
    """An office with three debtors to be written to by post."""
    office = TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")
    for number in ("10001", "10002", "10003"):
        office.debtor(number, f"Kunde {number} GmbH", iban="")
        office.item(f"RE-{number}", number, due="2026-05-04")
    return office


@pytest.mark.parametrize(
    ("moment", "goes_on"),
    [
        ("between two letters", SECOND),
        ("between two letters", FIRST),
        ("before the batch", SECOND),
        ("while it is bound", SECOND),
        ("before it is noted", SECOND),
    ],
)
def test_a_night_killed_between_sending_and_printing_loses_no_letter_and_prints_none_twice(
    three: TestOffice, monkeypatch: pytest.MonkeyPatch, moment: str, goes_on: str
) -> None:
    with monkeypatch.context() as power:
        _cut(power, moment)
        with pytest.raises(Killed):
            run(three, FIRST)
    run(three, goes_on)
    run(three, "2026-05-14")
    assert len(letters(three)) == 3
    assert printed(three) == dict.fromkeys(letters(three), 1)
    assert three.verified() == []


def _cut(power: pytest.MonkeyPatch, moment: str) -> None:
    def cut(*_: object) -> None:
        raise Killed

    match moment:
        case "between two letters":
            answered: list[object] = []

            def second_time(*arguments: Any) -> None:
                answered.append(arguments)
                cut() if len(answered) == 2 else settle(*arguments)

            power.setattr("night.send.settle", second_time)
        case "before the batch":
            power.setattr(night.send, "lay_print_batches", cut)
        case "while it is bound":
            power.setattr(night.print_batch, "bind", cut)
        case _:
            power.setattr(night.print_batch, "note_laid", cut)


def test_a_batch_that_could_not_be_laid_comes_with_the_next_night(three: TestOffice) -> None:
    three.output.mkdir(parents=True)
    (three.output / "print").write_text("in the way", encoding="utf-8")
    assert "print_batch_missing" in codes(run(three, FIRST))
    (three.output / "print").unlink()
    assert "print_batch_missing" not in codes(run(three, SECOND))
    assert printed(three) == dict.fromkeys(letters(three), 1)


def test_a_batch_somebody_took_away_is_not_printed_again(three: TestOffice) -> None:
    run(three, FIRST)
    (three.output / "print" / "Druckstapel_2026-05-12_1.pdf").unlink()
    three.night(FIRST)
    run(three, SECOND)
    assert printed(three) == {}
