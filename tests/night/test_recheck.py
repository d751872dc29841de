"""Between the plan and the sending: the gate is asked again, and what a letter says must still be so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dunning.gate import (
    CHECKS,
    AccountReading,
    DirectDebitInFlight,
    GateFacts,
    PaymentInReview,
    ReturnedBecause,
    ReturnedDebit,
)
from dunning.hold import Hold, HoldReason
from ledger.money import Money
from night.dun import dun
from night.gate_facts import load_dunning_facts
from night.pull import pull
from night.recheck import reasons_to_keep_silent
from night.reconcile import reconcile
from night.send import send
from review import cases, desk
from storage.cases import CaseDecision
from storage.facts import load_debtors
from storage.outbox import EffectStatus, load_effects
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.debtor import Debtor
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.decisions import Author

HUBER, KAYA = "10001", "10002"
ITEM = "file:invoice:RE-1"


@pytest.fixture(autouse=True)
def _somebody_owes(office: TestOffice) -> None:
    office.debtor(HUBER)
    office.debtor(KAYA, "Kaya Bau GmbH", iban=PAYERS[1])
    office.item("RE-1", amount="500.00", due="2026-05-04")


def in_between(office: TestOffice, happens: Callable[[Workplace], object]) -> list[str]:
    """Plan a night, let something happen, send; and tell why what was planned was withdrawn."""

    def way(work: Workplace) -> dict[str, Any]:
        pull(work)
        reconcile(work)
        assert len(dun(work).written) == 1
        happens(work)
        sent = send(work)
        with work.step() as connection:
            cancelled = load_effects(connection, work.company_id, EffectStatus.CANCELLED)
        assert len(sent.sent) + len(sent.withdrawn) == 1
        return {"withdrawn": [effect.message for effect in cancelled]}

    office.statement("2026-05-11")
    told: list[str] = office.at_work(way, "2026-05-12")["withdrawn"]
    return told


def decided(decision: Callable[[Connection, str, Author], object]) -> Callable[[Workplace], None]:
    def happens(work: Workplace) -> None:
        with work.step() as connection:
            decision(connection, work.company_id, work.author)

    return happens


def listed_anew(office: TestOffice, *lines: str) -> Callable[[Workplace], None]:
    def happens(work: Workplace) -> None:
        office.items = list(lines)
        office.write_lists()
        pull(work)

    return happens


def test_what_nothing_speaks_against_is_sent(office: TestOffice) -> None:
    assert in_between(office, lambda _: None) == []


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (
            decided(
                lambda c, i, a: desk.hold(
                    c,
                    i,
                    a,
                    debtor_number=HUBER,
                    document_number="RE-1",
                    reason=HoldReason.DISPUTE,
                    note="falsche Farbe",
                    expires_on=None,
                )
            ),
            "RE-1 is disputed (falsche Farbe).",
        ),
        (
            decided(
                lambda c, i, a: cases.message(
                    c, i, a, debtor_number=HUBER, received_on=date(2026, 5, 12), said="Wo ist die Ware?"
                )
            ),
            "A message of the debtor of 2026-05-12 is unanswered.",
        ),
        (
            decided(
                lambda c, i, a: cases.note(
                    c, i, a, debtor_number=HUBER, document_number="", decided=CaseDecision.COURT_BEGUN, why=""
                )
            ),
            "In court since 2026-05-12;",
        ),
    ],
)
def test_what_a_person_notes_after_the_plan_keeps_the_letter_back(
    office: TestOffice, happens: Callable[[Workplace], object], says: str
) -> None:
    (told,) = in_between(office, happens)
    assert told.startswith(says)


OTHER = "RE-9,invoice,10002,2026-05-01,2026-07-01,500.00,500.00,EUR,,,,,"
OPEN = "RE-1,invoice,10001,2026-04-01,2026-05-04,500.00,500.00,EUR,,,,,"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([OPEN.replace("500.00,500.00", "500.00,450.00")], "What is open on RE-1 changed since this was written."),
        ([OTHER], "What is open on RE-1 changed since this was written."),
        (
            [OPEN, "GU-1,credit_note,10001,2026-05-11,2026-05-11,500.00,500.00,EUR,,,,,"],
            "The debtor's credit of 500,00 EUR covers the open 500,00 EUR.",
        ),
        (
            [OPEN.replace("2026-05-04", "2026-06-30")],
            "Since this was written another day to pay was set: RE-1 is due on 2026-06-30.",
        ),
        ([OPEN.replace(HUBER, KAYA)], "What is open on RE-1 changed since this was written."),
    ],
    ids=["part paid", "gone from the list", "credit note", "due later", "owed by another number"],
)
def test_what_the_tool_says_anew_after_the_plan_keeps_the_letter_back(
    office: TestOffice, lines: list[str], says: str
) -> None:
    (told,) = in_between(office, listed_anew(office, *lines))
    assert told.startswith(says)


def test_a_payment_that_is_booked_after_the_plan_keeps_the_letter_back(office: TestOffice) -> None:
    def pays(work: Workplace) -> None:
        office.statement("2026-05-12", Payment(amount="500.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1"))
        pull(work)
        reconcile(work)

    assert in_between(office, pays) == ["What is open on RE-1 changed since this was written."]


def known(**changed: Any) -> Callable[[GateFacts], GateFacts]:
    return lambda facts: replace(facts, **changed)


def held(reason: HoldReason) -> Callable[[GateFacts], GateFacts]:
    hold = Hold(
        hold_id="H1",
        debtor_number=HUBER,
        reason=reason,
        owner="Frau Sommer",
        placed_on=date(2026, 5, 12),
        item_id=ITEM,
    )
    return known(holds=(hold,))


def returned(because: ReturnedBecause) -> Callable[[GateFacts], GateFacts]:
    debit = ReturnedDebit(item_id=ITEM, returned_on=date(2026, 5, 11), because=because, reason="MD06")
    return known(returned_debits=(debit,))


UNREAD = AccountReading(account="DE02", read_until=date(2026, 5, 11), gaps=("before 14",), unread_files=("a.xml",))
IN_REVIEW = PaymentInReview(entry_id="E1", booking_date=date(2026, 5, 11), amount=Money(50000, "EUR"))
LEARNED: dict[str, Callable[[GateFacts], GateFacts]] = {
    "handed_over": known(handed_over_on=date(2026, 5, 11)),
    "court": known(court_since=date(2026, 5, 11)),
    "written_off": known(written_off=frozenset({ITEM})),
    "sending_uncertain": known(uncertain_notices=("reminder of 2026-05-04",)),
    "insolvency": held(HoldReason.INSOLVENCY),
    "deceased": held(HoldReason.DECEASED),
    "disputed": held(HoldReason.DISPUTE),
    "deferred": held(HoldReason.DEFERRAL),
    "promised": held(HoldReason.PROMISE),
    "instalments": held(HoldReason.INSTALMENTS),
    "on_hold": held(HoldReason.MANUAL),
    "return_disputed": returned(ReturnedBecause.DISPUTED),
    "return_deceased": returned(ReturnedBecause.DECEASED),
    "return_our_mistake": returned(ReturnedBecause.OUR_MISTAKE),
    "bank_data_stale": known(accounts=()),
    "bank_data_gap": known(accounts=(replace(UNREAD, unread_files=()),)),
    "bank_file_unread": known(accounts=(replace(UNREAD, gaps=()),)),
    "mirror_stale": known(mirror_age_days=1),
    "item_not_listed": known(items_not_listed=frozenset({ITEM})),
    "debtor_not_listed": known(not_listed_since=date(2026, 5, 11)),
    "payment_in_review": known(payments_in_review=(IN_REVIEW,)),
    "credit_covers_debt": known(credit=Money(50000, "EUR")),
    "direct_debit_in_flight": known(
        direct_debits=(DirectDebitInFlight(item_id=ITEM, collected_on=date(2026, 5, 12)),)
    ),
    "blocked_in_tool": known(blocked_in_tool={ITEM: "a dunning block (Mahnsperre) is set"}),
    "message_unanswered": known(unanswered_message_on=date(2026, 5, 11)),
    "below_threshold": known(credit=Money(49900, "EUR")),
    "too_recent": known(last_notice_on=date(2026, 5, 11)),
    "master_data_incomplete": known(letterhead_missing=("IBAN",)),
}
# What is asked of the master data, of the item's own days, and of other notices, which only the plan can know.
ASKED_OTHERWISE = {"debtor_unknown", "no_address", "time_barred", "notice_waiting"}


def test_every_reason_of_the_gate_speaks_again_just_before_sending(office: TestOffice) -> None:
    def way(work: Workplace) -> dict[str, Any]:
        pull(work)
        reconcile(work)
        dun(work)
        with work.step() as connection:
            facts = load_dunning_facts(connection, work)
            debtors = load_debtors(connection, work.company_id)
        (notice,) = (one for one in facts.notices if one.outbox_id)
        key = notice.debtor_number, notice.currency

        def speaking(debtor: Debtor | None, change: Callable[[GateFacts], GateFacts]) -> list[str]:
            learned = replace(facts, gate={key: change(facts.gate[key])})
            named = {debtor.number: debtor} if debtor else {}
            return [one.code for one in reasons_to_keep_silent(work, notice, learned, named)]

        huber = debtors[HUBER]
        far = date(2031, 1, 2)
        return {
            **{code: speaking(huber, change) for code, change in LEARNED.items()},
            "debtor_unknown": speaking(None, known()),
            "no_address": speaking(replace(huber, city=""), known()),
            "time_barred": [one for one in speaking(huber, known(day=far)) if one != "bank_data_stale"],
        }

    office.statement("2026-05-11")
    assert {check.code for check in CHECKS} == LEARNED.keys() | ASKED_OTHERWISE
    found = office.at_work(way, "2026-05-12")
    assert found == {code: [code] for code in found}
    assert len(found) == len(CHECKS) - 1


PROTECTED = '[[company.dunning.choice]]\ntrack = "protected"\ncustomers = ["10001"]\n'
BY_LETTER = """
one_letter_per = "debtor"
minimum_gap_days = 7
max_statement_age_bank_days = 3
max_mirror_age_days = 0
[[stage]]
name = "reminder"
titles = { de = "Zahlungserinnerung" }
days_overdue = 7
days_after_previous = 0
count_working_days = false
weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
channels = ["letter"]
deadline_days = 10
minimum_minor = 0
interest = false
fee_minor = 0
is_mahnung = true
needs_release = true
template = "reminder"
"""


def test_a_letter_that_was_released_too_late_for_its_own_deadline_is_written_anew(office: TestOffice) -> None:
    office.folder.mkdir(parents=True, exist_ok=True)
    (office.folder / "ladder.toml").write_text(BY_LETTER, encoding="utf-8")
    office.settings = '[company.dunning]\nprocedure = "ladder.toml"\n'

    def waiting(day: str) -> list[str]:
        office.statement(day)
        office.night(day)
        return [notice["run_date"] for notice in office.notices() if notice["state"] == "queued"]

    assert waiting("2026-05-12") == ["2026-05-12"]  # to be paid by the 22nd
    # Posted on the 18th it arrives on the 21st, and the debtor still has a day.
    assert waiting("2026-05-18") == ["2026-05-12"]
    # Posted on the 19th it would arrive on the day of its deadline.
    assert waiting("2026-05-19") == ["2026-05-19"]
