"""A payment that crossed our letter is apologised for once; thanks for one that ends a formal matter are a wish."""

from __future__ import annotations

import email
import email.policy
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from dunning.hold import HoldReason
from export.delivery import SmtpSettings
from night.outbox_desk import OutboxAnswer, answer_outbox
from review import cases, desk
from storage.cases import CaseDecision
from storage.holds import place_hold
from storage.outbox import EffectStatus, load_effects
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Connection
    from storage.decisions import Author

HUBER = "10001"
PAID = Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1")
THANKS = 'thanks_after_formal_letter = "mail"'


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office; what is asked of the database here is nothing that differs between the two."""
    return TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")


def dunned(office: TestOffice, settings: str = "", *, mail: str = "rechnung@huber.example") -> None:
    """Let an invoice of a debtor be reminded of on 9 June 2026."""
    office.settings = f"[company.dunning]\n{settings}\n"
    office.debtor(HUBER, email=mail)
    office.item("RE-1", due="2026-06-01")
    office.statement("2026-06-08")
    office.night("2026-06-09")


def courtesies(office: TestOffice) -> list[tuple[str, str]]:
    """Give every courtesy there ever was: which night's notice it is about, and where it stands."""
    effects = office.read(lambda connection: load_effects(connection, "muster"))
    return [(one.path.split("/")[0], one.status.value) for one in effects if one.outbox_id.startswith("message-K")]


def text_of(office: TestOffice) -> str:
    """Read the one mail that says a courtesy."""
    (path,) = [one for one in (office.output / "mail").iterdir() if "K-2026" in one.name]
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert not [part.get_filename() for part in mail.iter_attachments() if "RE-" in str(part.get_filename())]
    return f"{mail['Subject']}\n{plain.get_content()}"


def test_a_payment_credited_on_the_day_of_the_reminder_crossed_it_and_is_apologised_for_once(
    office: TestOffice,
) -> None:
    dunned(office)
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == [("mail", "sent")]
    said = text_of(office)
    assert "Unser Schreiben vom 09.06.2026" in said
    assert "119,00 €" in said
    assert "am 09.06.2026" in said
    assert "RE-1" in said
    office.night("2026-06-10")
    office.statement("2026-06-10")
    office.night("2026-06-11")
    assert courtesies(office) == [("mail", "sent")]
    assert office.verified() == []


@pytest.mark.parametrize(
    ("amount", "text", "credited"),
    [
        ("119.00", "RE-1", "2026-06-10"),  # a mail has arrived by then: this may be the answer to it
        ("60.00", "RE-1 Teilzahlung", "2026-06-09"),  # a part: the letter is not void
    ],
)
def test_what_may_answer_the_reminder_or_leaves_a_rest_is_not_apologised_for(
    office: TestOffice, amount: str, text: str, credited: str
) -> None:
    dunned(office)
    if credited != "2026-06-09":
        office.statement("2026-06-09")
    office.statement(credited, Payment(amount=amount, payer="Huber GmbH", iban=PAYERS[0], text=text))
    office.night("2026-06-11")
    assert courtesies(office) == []


def test_a_payment_that_is_only_proposed_is_not_apologised_for(office: TestOffice) -> None:
    dunned(office)
    office.statement("2026-06-09", Payment(amount="119.00", payer="Jemand", iban=PAYERS[2], text="Danke"))
    office.night("2026-06-10")
    assert courtesies(office) == []
    (entry_id,) = office.entry_ids()
    office.decide(lambda c, i, a: desk.assign(c, i, a, entry_id, [("RE-1", 11_900)]), "2026-06-10")
    office.statement("2026-06-10")
    office.night("2026-06-11")
    assert courtesies(office) == [("mail", "sent")]


@pytest.mark.parametrize(
    ("settings", "mail", "way"),
    [
        ("", "", []),
        ('crossed_payment_apology = "mail_or_letter"', "", [("letters", "sent")]),
        ('crossed_payment_apology = "never"', "a@b.example", []),
        ("enabled = true", "kaputt", []),  # no address a mail can be written to
    ],
)
def test_the_apology_takes_the_way_the_office_wishes(
    office: TestOffice, settings: str, mail: str, way: list[tuple[str, str]]
) -> None:
    dunned(office, settings, mail=mail)
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == way


def hold(office: TestOffice, reason: HoldReason) -> None:
    """Let a person keep silence about everything of the debtor."""

    def place(connection: Connection, company_id: str, author: Author) -> None:
        place_hold(
            connection,
            company_id,
            author,
            debtor_number=HUBER,
            item_id="",
            reason=reason.value,
            note="",
            owner="Lechner",
            expires_on=None,
        )

    office.decide(place, "2026-06-09")


@pytest.mark.parametrize("reason", [HoldReason.DISPUTE, HoldReason.INSOLVENCY, HoldReason.DECEASED])
def test_who_disputes_is_insolvent_or_has_died_hears_nothing(office: TestOffice, reason: HoldReason) -> None:
    dunned(office)
    hold(office, reason)
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == []


def test_who_waits_for_an_answer_of_ours_hears_nothing_else_first(office: TestOffice) -> None:
    dunned(office)
    office.decide(
        lambda c, i, a: cases.message(c, i, a, debtor_number=HUBER, received_on=date(2026, 6, 9), said="Wieso?"),
        "2026-06-09",
    )
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == []


def test_nobody_in_court_or_with_an_agency_is_apologised_to(office: TestOffice) -> None:
    dunned(office)
    office.decide(
        lambda c, i, a: cases.note(
            c, i, a, debtor_number=HUBER, document_number="", decided=CaseDecision.COURT_BEGUN, why="Mahnbescheid"
        ),
        "2026-06-09",
    )
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == []


def test_a_payment_taken_back_before_the_mail_went_takes_the_apology_with_it(office: TestOffice) -> None:
    dunned(office)
    office.smtp = SmtpSettings(host="127.0.0.1", port=1, sender="a@muster.example", timeout_seconds=1)
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")
    assert courtesies(office) == [("mail", "queued")]
    (entry_id,) = office.entry_ids()
    office.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "belongs to another debtor"), "2026-06-10")
    office.smtp = None
    office.night("2026-06-10")
    assert courtesies(office) == [("mail", "cancelled")]
    assert not [name for name in office.sent_files() if "K-2026" in name]
    office.decide(lambda c, i, a: desk.assign(c, i, a, entry_id, [("RE-1", 11_900)]), "2026-06-10")
    office.night("2026-06-10")
    assert courtesies(office) == [("mail", "cancelled"), ("mail", "sent")]


def test_what_a_person_cancelled_is_not_said_again(office: TestOffice) -> None:
    dunned(office)
    office.smtp = SmtpSettings(host="127.0.0.1", port=1, sender="a@muster.example", timeout_seconds=1)
    office.statement("2026-06-09", PAID)
    office.night("2026-06-10")

    def cancel(connection: Connection, company_id: str, author: Author) -> None:
        (waits,) = load_effects(connection, company_id, EffectStatus.QUEUED)
        answer_outbox(connection, company_id, author, waits.outbox_id, OutboxAnswer.CANCEL)

    office.decide(cancel, "2026-06-10")
    office.smtp = None
    office.night("2026-06-10")
    assert courtesies(office) == [("mail", "cancelled")]


def formally_dunned(office: TestOffice, settings: str) -> None:
    """Let an invoice climb to the first formal letter of 30 June 2026."""
    dunned(office, settings)
    for day in ("2026-06-17", "2026-06-30"):
        office.statement(str(date.fromisoformat(day) - timedelta(days=1)))
        office.night(day)
    assert [notice["stage"] for notice in office.notices() if notice["state"] == "sent"] == [
        "reminder",
        "call",
        "first_dunning",
    ]


@pytest.mark.parametrize(
    ("settings", "more", "said"),
    [
        ("", "", []),
        (THANKS, "", [("mail", "sent")]),
        (THANKS, "2026-07-03", []),  # something else is overdue: not everything is done
        (THANKS, "2026-08-20", [("mail", "sent")]),  # not due yet
    ],
)
def test_a_payment_that_ends_a_formal_matter_is_thanked_for_where_the_office_wishes(
    office: TestOffice, settings: str, more: str, said: list[tuple[str, str]]
) -> None:
    formally_dunned(office, settings)
    if more:
        office.item("RE-2", amount="400.00", due=more)
    office.statement("2026-07-06", PAID)
    office.night("2026-07-07")
    assert courtesies(office) == said
    if said:
        assert "Vielen Dank" in text_of(office)
    office.statement("2026-07-07")
    office.night("2026-07-08")
    assert courtesies(office) == said


def test_a_friendly_reminder_that_is_paid_needs_no_thanks(office: TestOffice) -> None:
    dunned(office, THANKS)
    office.statement("2026-06-11", PAID)
    office.night("2026-06-12")
    assert courtesies(office) == []


def test_a_rehearsed_night_says_nothing(office: TestOffice) -> None:
    dunned(office)
    office.statement("2026-06-09", PAID)
    office.rehearse("2026-06-10")
    assert courtesies(office) == []
