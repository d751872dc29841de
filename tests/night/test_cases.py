"""What persons say about a case decides whether the next night speaks: messages, hand-backs, successors, returns."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from dunning.hold import AfterHold, HoldReason
from ledger.errors import Refused
from night.outbox_desk import OutboxAnswer, answer_outbox
from review import cases, desk
from storage.cases import CaseDecision, Succession
from storage.holds import load_all_holds
from storage.messages import load_unanswered
from storage.outbox import EffectStatus, load_effects
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from storage.database import Connection
    from storage.decisions import Author

pytestmark = pytest.mark.slow  # months of nights on both databases

HUBER, KAYA = "10001", "10002"


@pytest.fixture(autouse=True)
def _debtors(office: TestOffice) -> None:
    office.debtor(HUBER)
    office.debtor(KAYA, "Kaya Bau GmbH", iban=PAYERS[1])


def night(office: TestOffice, day: str) -> list[str]:
    """Run a night with quiet accounts, and tell what it said: debtor, stage, and why not."""
    office.statement(day)
    office.night(day)
    return [
        " ".join([notice["debtor_number"], notice["stage"], *(notice["held_because"] or [notice["state"]])])
        for notice in office.notices()
        if notice["run_date"] == day
    ]


def note(office: TestOffice, decided: CaseDecision, day: str, document: str = "", debtor: str = HUBER) -> None:
    def decide(connection: Connection, company_id: str, author: Author) -> None:
        cases.note(
            connection,
            company_id,
            author,
            debtor_number=debtor,
            document_number=document,
            decided=decided,
            why="as the letter of the agency says",
        )

    office.decide(decide, day)


def test_nobody_is_dunned_whose_message_was_not_answered(office: TestOffice) -> None:
    office.item("RE-1", due="2026-06-01")
    night(office, "2026-06-05")
    office.decide(
        lambda c, i, a: cases.message(
            c, i, a, debtor_number=HUBER, received_on=date(2026, 6, 5), said="Wo bleibt die Gutschrift?"
        ),
        "2026-06-08",
    )
    assert night(office, "2026-06-09") == ["10001 reminder message_unanswered"]
    (message,) = office.read(lambda connection: load_unanswered(connection, "muster"))
    office.decide(lambda c, i, a: cases.answered(c, i, a, message.message_id, "Gutschrift abgelehnt"), "2026-06-09")
    assert night(office, "2026-06-10") == ["10001 reminder sent"]
    with pytest.raises(Refused, match="there is none that waits"):
        office.decide(lambda c, i, a: cases.answered(c, i, a, message.message_id, ""), "2026-06-10")


def handed_over(office: TestOffice) -> None:
    """Let an invoice climb to the agency, and a person release it."""
    office.item("RE-1", amount="500.00", due="2026-02-02")
    for day in ("2026-03-02", "2026-03-12", "2026-03-24", "2026-04-14", "2026-05-05", "2026-05-26"):
        night(office, day)

    def release(connection: Connection, company_id: str, author: Author) -> None:
        (waits,) = (e for e in load_effects(connection, company_id, EffectStatus.QUEUED) if e.needs_release)
        answer_outbox(connection, company_id, author, waits.outbox_id, OutboxAnswer.RELEASE)

    office.decide(release, "2026-05-26")
    night(office, "2026-05-27")


def test_what_the_agency_hands_back_waits_for_a_person_and_goes_on_softly(office: TestOffice) -> None:
    handed_over(office)
    office.item("RE-2", amount="500.00", due="2026-05-25")
    assert night(office, "2026-06-08") == ["10001 reminder handed_over"]
    note(office, CaseDecision.HANDED_BACK, "2026-06-09", "RE-1")
    assert night(office, "2026-06-10") == ["10001 reminder sent"]  # RE-1 is held, RE-2 is free again
    (held,) = office.read(lambda connection: load_all_holds(connection, "muster"))
    assert (held.reason, held.what_follows) == (HoldReason.MANUAL, AfterHold.SOFTER)
    office.decide(lambda c, i, a: desk.lift(c, i, a, held.hold_id), "2026-06-22")
    assert night(office, "2026-06-23") == ["10001 final_notice sent"]


def test_once_the_handed_over_items_are_settled_we_speak_for_ourselves_again(office: TestOffice) -> None:
    handed_over(office)
    office.item("RE-2", amount="200.00", due="2026-06-01")
    assert night(office, "2026-06-09") == ["10001 reminder handed_over"]
    office.items = [line for line in office.items if not line.startswith("RE-1,")]
    assert night(office, "2026-06-10") == ["10001 reminder sent"]


def test_only_what_is_possible_can_be_noted(office: TestOffice) -> None:
    office.item("RE-1", due="2026-05-04")
    night(office, "2026-05-05")
    for decided, says in (
        (CaseDecision.HANDED_BACK, "RE-1: a case that is running cannot become handed_back"),
        (CaseDecision.COURT_ENDED, "RE-1: a case that is running cannot become court_ended"),
        (CaseDecision.ASK_ANYWAY, "RE-1: it is not time-barred before the end of 2029-12-31"),
    ):
        with pytest.raises(Refused, match=says):
            note(office, decided, "2026-05-06")
    with pytest.raises(Refused, match="debtor 10001 has no open document RE-9"):
        note(office, CaseDecision.WRITTEN_OFF, "2026-05-06", "RE-9")


def test_in_court_and_written_off_nothing_is_said_until_that_ends(office: TestOffice) -> None:
    office.item("RE-1", due="2026-05-04")
    office.item("RE-2", due="2026-05-04", debtor=KAYA)
    night(office, "2026-05-05")
    note(office, CaseDecision.COURT_BEGUN, "2026-05-06")
    note(office, CaseDecision.WRITTEN_OFF, "2026-05-06", debtor=KAYA)
    assert night(office, "2026-05-12") == ["10001 reminder court", "10002 reminder written_off"]
    note(office, CaseDecision.COURT_ENDED, "2026-05-12")
    note(office, CaseDecision.WRITE_OFF_UNDONE, "2026-05-12", debtor=KAYA)
    assert night(office, "2026-05-13") == ["10001 reminder sent", "10002 reminder sent"]


def test_a_time_barred_claim_is_asked_for_when_a_person_says_so(office: TestOffice) -> None:
    office.item("RE-1", due="2021-05-04")
    assert night(office, "2026-05-05") == ["10001 reminder time_barred"]
    note(office, CaseDecision.ASK_ANYWAY, "2026-05-05")
    assert night(office, "2026-05-06") == ["10001 reminder sent"]


@pytest.mark.parametrize(
    ("reason", "code"), [("MD06", "return_disputed"), ("MD07", "return_deceased"), ("AM05", "return_our_mistake")]
)
def test_a_debit_that_came_back_for_a_reason_is_asked_about_first(office: TestOffice, reason: str, code: str) -> None:
    office.item("RE-1", due="2026-06-15", more=",,,,LS-1")
    debit = Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], end_to_end_id="LS-1", code="IDDT ESDD")
    office.statement("2026-06-15", debit)
    office.night("2026-06-16")
    back = Payment(
        amount="-119.00", payer="Huber GmbH", iban=PAYERS[0], text="x", end_to_end_id="LS-1", code="IDDT UPDD"
    )
    path = office.statement("2026-06-23", back)
    told = path.read_text(encoding="utf-8")
    path.write_text(
        told.replace("</RmtInf>", f"</RmtInf><RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>"), encoding="utf-8"
    )
    assert night(office, "2026-06-24") == [f"10001 reminder {code}"]
    note(office, CaseDecision.RETURN_CLARIFIED, "2026-06-24", "RE-1")
    assert night(office, "2026-06-25") == ["10001 reminder sent"]


def test_a_successor_is_written_to_about_what_it_took_over_with_everything_agreed_about_it(
    office: TestOffice,
) -> None:
    office.item("RE-1", due="2026-05-04")
    office.item("RE-2", due="2026-05-04")
    assert night(office, "2026-05-12") == ["10001 reminder sent"]

    def succeed(connection: Connection, company_id: str, author: Author, successor: str) -> None:
        cases.succeed(
            connection,
            company_id,
            author,
            debtor_number=HUBER,
            successor_number=successor,
            reason=Succession.MERGED,
            why="HRB 4711",
        )

    office.decide(
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number=HUBER, document_number="RE-2", reason=HoldReason.DISPUTE, note="", expires_on=None
        ),
        "2026-05-13",
    )
    office.decide(lambda c, i, a: succeed(c, i, a, KAYA), "2026-05-13")
    assert night(office, "2026-05-22") == ["10002 call sent"]
    (said,) = (notice for notice in office.notices() if notice["debtor_number"] == KAYA)
    assert [one["document_number"] for one in said["items"]] == ["RE-1"]
    office.decide(lambda c, i, a: succeed(c, i, a, HUBER), "2026-05-26")
    assert night(office, "2026-06-08") == ["10001 first_dunning sent"]
    with pytest.raises(Refused, match="there is no debtor 99"):
        office.decide(lambda c, i, a: succeed(c, i, a, "99"), "2026-06-09")


def test_a_debtor_who_is_missing_from_the_list_is_not_dunned(office: TestOffice) -> None:
    office.item("RE-1", due="2026-05-04")
    night(office, "2026-05-05")
    gone, office.debtors = office.debtors, office.debtors[1:]
    assert night(office, "2026-05-12") == ["10001 reminder debtor_not_listed"]
    office.debtors = gone
    assert night(office, "2026-05-13") == ["10001 reminder sent"]


def test_an_item_whose_row_cannot_be_read_is_left_out_and_the_others_are_dunned(office: TestOffice) -> None:
    office.item("RE-1", due="2026-05-04")
    office.item("RE-2", due="2026-05-04")
    night(office, "2026-05-05")
    office.items[0] = office.items[0].replace("119.00,119.00", "119.00,viel")
    office.statement("2026-05-11")
    report = office.night("2026-05-12")
    assert [notice["held_because"] for notice in office.notices() if notice["run_date"] == "2026-05-12"] == [[]]
    assert [
        (one["document_number"], [code for code, _ in one["because"]]) for one in report["dunned"]["left_out"]
    ] == [("RE-1", ["item_not_listed"])]


def test_while_one_notice_waits_for_its_release_no_other_follows(office: TestOffice) -> None:
    office.settings = '[[company.dunning.choice]]\ntrack = "protected"\ncustomers = ["10001"]\n'
    office.item("RE-1", due="2026-05-04")
    assert night(office, "2026-05-26") == ["10001 call queued"]
    office.item("RE-2", due="2026-05-14")
    assert night(office, "2026-05-27") == ["10001 call notice_waiting"]
    # It asked for payment by 2 June, and nobody let it go: it is said anew, about both.
    assert night(office, "2026-06-15") == ["10001 call queued"]


def test_what_was_agreed_and_said_about_a_document_goes_with_it_to_another_number(office: TestOffice) -> None:
    office.item("RE-1", due="2026-05-04")
    office.item("RE-2", due="2026-05-04")
    assert night(office, "2026-05-12") == ["10001 reminder sent"]
    office.decide(
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number=HUBER, document_number="RE-2", reason=HoldReason.DISPUTE, note="", expires_on=None
        ),
        "2026-05-13",
    )
    office.items = [line.replace(HUBER, KAYA) for line in office.items]
    office.item("RE-3", debtor=KAYA, due="2026-05-06")
    # The reminder of the 12th was about the same documents, so the new number is not written to within a week.
    assert night(office, "2026-05-15") == ["10002 reminder too_recent"]
    assert night(office, "2026-05-20") == ["10002 call sent"]
    (said,) = (notice for notice in office.notices() if notice["state"] == "sent" and notice["debtor_number"] == KAYA)
    assert [one["document_number"] for one in said["items"]] == ["RE-1", "RE-3"]


def test_a_document_whose_debit_came_back_goes_on_above_what_was_said_before_it_was_settled(
    office: TestOffice,
) -> None:
    office.item("RE-1", due="2026-05-04", more=",,,,LS-1")
    assert night(office, "2026-05-12") == ["10001 reminder sent"]
    debit = Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], end_to_end_id="LS-1", code="IDDT ESDD")
    office.statement("2026-05-13", debit)
    office.night("2026-05-14")
    assert office.open_items() == {}
    back = Payment(
        amount="-119.00", payer="Huber GmbH", iban=PAYERS[0], text="x", end_to_end_id="LS-1", code="IDDT UPDD"
    )
    path = office.statement("2026-06-01", back)
    told = path.read_text(encoding="utf-8")
    path.write_text(told.replace("</RmtInf>", "</RmtInf><RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"), encoding="utf-8")
    assert night(office, "2026-06-02") == ["10001 call sent"]
