"""The gate: every reason to keep silent, with the sentence the accountant reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dunning.gate import (
    CHECKS,
    AccountReading,
    DirectDebitInFlight,
    GateFacts,
    NoticeFacts,
    PaymentInReview,
    ReturnedBecause,
    ReturnedDebit,
    gate,
    item_gate,
    required_statement_day,
)
from dunning.hold import Hold, HoldReason
from dunning.notice import Channel, Notice, NoticeItem
from ledger.debtor import Debtor
from ledger.money import Money, total

if TYPE_CHECKING:
    from dunning.stage import Procedure

TODAY = date(2026, 5, 12)  # a Tuesday
BANK = "DE02120300000000202051"
SAVINGS = "DE02500105170137075030"
DEBTOR = Debtor(
    number="10042",
    name="Beispiel OHG",
    postcode="80331",
    city="München",
    email="buchhaltung@example.com",
    phone="089 1",
)
CLEAR = GateFacts(
    day=TODAY,
    accounts=(AccountReading(account=BANK, read_until=date(2026, 5, 11)),),
    mirror_age_days=0,
    credit=Money(0, "EUR"),
)


def item(number: str = "RE-1", minor: int = 11900, due: date = date(2026, 4, 30)) -> NoticeItem:
    return NoticeItem(
        item_id=f"file:invoice:{number}",
        document_number=number,
        document_date=date(2026, 4, 1),
        due_date=due,
        original=Money(minor, "EUR"),
        open=Money(minor, "EUR"),
        days_overdue=(TODAY - due).days,
        stage="reminder",
        interest=Money(0, "EUR"),
    )


def notice(*items: NoticeItem, debtor: Debtor = DEBTOR, channel: Channel = Channel.EMAIL) -> Notice:
    listed = items or (item(),)
    return Notice(
        debtor=debtor,
        stage="reminder",
        title="Zahlungserinnerung",
        template="reminder",
        channel=channel,
        run_date=TODAY,
        deadline=date(2026, 5, 19),
        items=listed,
        total=total((one.open for one in listed), "EUR"),
        payments_considered_until=date(2026, 5, 11),
    )


def hold(reason: HoldReason, item_id: str = "", expires_on: date | None = None, note: str = "") -> Hold:
    return Hold(
        hold_id="H1",
        debtor_number="10042",
        item_id=item_id,
        reason=reason,
        note=note,
        owner="Frau Sommer",
        placed_on=date(2026, 5, 4),
        expires_on=expires_on,
    )


def returned(because: ReturnedBecause, reason: str) -> ReturnedDebit:
    return ReturnedDebit(item_id="file:invoice:RE-1", returned_on=date(2026, 5, 8), because=because, reason=reason)


def said(procedure: Procedure, asked: Notice, facts: GateFacts) -> list[tuple[str, str]]:
    reasons = gate(NoticeFacts(notice=asked, facts=facts, procedure=procedure))
    return [(reason.code, reason.sentence) for reason in reasons]


def test_nothing_is_held_when_everything_is_known_and_clear(procedure: Procedure) -> None:
    assert said(procedure, notice(), CLEAR) == []


REASONS: list[tuple[Notice, GateFacts, str, str]] = [
    (
        notice(),
        replace(CLEAR, accounts=(AccountReading(account=BANK, read_until=date(2026, 5, 5)),)),
        "bank_data_stale",
        (
            f"Account {BANK} is read up to 2026-05-05, but must be read up to 2026-05-06. "
            "Put the missing statements into its inbox."
        ),
    ),
    (
        notice(),
        replace(CLEAR, accounts=(*CLEAR.accounts, AccountReading(account=SAVINGS, read_until=None))),
        "bank_data_stale",
        f"No statement of account {SAVINGS} was ever read. Put its statements into the inbox.",
    ),
    (
        notice(),
        replace(CLEAR, accounts=()),
        "bank_data_stale",
        "No bank account is configured, so payments cannot be seen. Add one to the configuration.",
    ),
    (
        notice(),
        replace(
            CLEAR,
            accounts=(AccountReading(account=BANK, read_until=date(2026, 5, 11), gaps=("before statement 14",)),),
        ),
        "bank_data_gap",
        f"Statements of account {BANK} are missing before statement 14. Put them into its inbox.",
    ),
    (
        notice(),
        replace(
            CLEAR,
            accounts=(AccountReading(account=BANK, read_until=date(2026, 5, 11), unread_files=("a.xml", "b.sta")),),
        ),
        "bank_file_unread",
        (
            f"a.xml of account {BANK} could not be read and may contain a payment. "
            "See its reason, and fetch it from the bank again. "
            f"b.sta of account {BANK} could not be read and may contain a payment. "
            "See its reason, and fetch it from the bank again."
        ),
    ),
    (
        notice(),
        replace(
            CLEAR,
            payments_in_review=(
                PaymentInReview(entry_id="E7", booking_date=date(2026, 5, 8), amount=Money(11900, "EUR")),
            ),
        ),
        "payment_in_review",
        "119,00 EUR booked on 2026-05-08 may be this debtor's payment (entry E7). Decide it on the review desk.",
    ),
    (
        notice(),
        replace(CLEAR, credit=Money(11900, "EUR")),
        "credit_covers_debt",
        "The debtor's credit of 119,00 EUR covers the open 119,00 EUR. Settle one with the other, or pay it back.",
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.DISPUTE, "file:invoice:RE-1", note="wrong colour"),)),
        "disputed",
        (
            "RE-1 is disputed (wrong colour). Held since 2026-05-04 until somebody lifts it; Frau Sommer looks after "
            "it. Then the stages go on where they stood."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.DEFERRAL, expires_on=date(2026, 6, 30)),)),
        "deferred",
        (
            "Everything of debtor 10042 is deferred. "
            "Held since 2026-05-04 until 2026-06-30, or until it is lifted; Frau Sommer looks after it. "
            "Then the stages go on where they stood."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.PROMISE, "file:invoice:RE-1", date(2026, 5, 12)),)),
        "promised",
        (
            "RE-1 is promised to be paid. Held since 2026-05-04 until 2026-05-12, or until it is lifted; Frau Sommer "
            "looks after it. Then the next stage follows at once and names the broken promise."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.INSTALMENTS),)),
        "instalments",
        (
            "Everything of debtor 10042 is being paid in instalments. Held since 2026-05-04 until somebody lifts it; "
            "Frau Sommer looks after it. Then the next stage follows at once and asks for the whole rest."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.MANUAL),)),
        "on_hold",
        (
            "Everything of debtor 10042 is on hold. "
            "Held since 2026-05-04 until somebody lifts it; Frau Sommer looks after it. "
            "Then the stages go on where they stood."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.LEGAL, "file:invoice:RE-1"),)),
        "on_hold",
        (
            "RE-1 is on hold for legal reasons. "
            "Held since 2026-05-04 until somebody lifts it; Frau Sommer looks after it. "
            "Then the stages go on where they stood."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.DECEASED),)),
        "deceased",
        (
            "Everything of debtor 10042 is owed by somebody who has died; nobody writes to the dead, and the heirs "
            "must be known. Held since 2026-05-04 until somebody lifts it; Frau Sommer looks after it. "
            "Then the stages go on one earlier, with a soft letter."
        ),
    ),
    (
        notice(),
        replace(CLEAR, holds=(hold(HoldReason.INSOLVENCY),)),
        "insolvency",
        (
            "Everything of debtor 10042 is part of insolvency proceedings, where the claim must be filed. "
            "Held since 2026-05-04 until somebody lifts it; Frau Sommer looks after it. "
            "Then the stages go on where they stood."
        ),
    ),
    (
        notice(item(due=date(2022, 12, 31))),
        CLEAR,
        "time_barred",
        (
            "RE-1 was due on 2022-12-31 and is time-barred since the end of 2025-12-31 (§§ 195, 199 BGB). "
            "Only a person may still ask for it (`case note … ask_anyway`); otherwise write it off."
        ),
    ),
    (
        notice(item(minor=499)),
        CLEAR,
        "below_threshold",
        (
            "Only 4,99 EUR is open; reminder starts at 5,00 EUR. "
            "It waits until more is overdue, or until minimum_minor of the stage is lowered."
        ),
    ),
    (
        notice(),
        replace(CLEAR, credit=Money(11500, "EUR")),
        "below_threshold",
        (
            "Only 4,00 EUR is open after a credit of 115,00 EUR; reminder starts at 5,00 EUR. "
            "It waits until more is overdue, or until minimum_minor of the stage is lowered."
        ),
    ),
    (
        notice(),
        replace(CLEAR, last_notice_on=date(2026, 5, 6)),
        "too_recent",
        "The last notice went out on 2026-05-06; the next one may follow from 2026-05-13 on.",
    ),
    (
        notice(),
        replace(CLEAR, unanswered_message_on=date(2026, 5, 11)),
        "message_unanswered",
        "A message of the debtor of 2026-05-11 is unanswered. Answer it, and note that with `message answered`.",
    ),
    (
        notice(),
        replace(CLEAR, mirror_age_days=2),
        "mirror_stale",
        ("The accounting tool was last read 2 days before 2026-05-12; at most 0 are allowed. Let it be read again."),
    ),
    (
        notice(),
        replace(
            CLEAR,
            direct_debits=(DirectDebitInFlight(item_id="file:invoice:RE-1", collected_on=date(2026, 5, 13)),),
        ),
        "direct_debit_in_flight",
        "RE-1 is being collected by direct debit on 2026-05-13. It waits until the debit is booked or comes back.",
    ),
    (
        notice(),
        replace(CLEAR, blocked_in_tool={"file:invoice:RE-1": "a dunning block (Mahnsperre) is set"}),
        "blocked_in_tool",
        "RE-1 is blocked in the accounting tool: a dunning block (Mahnsperre) is set. Lift that there.",
    ),
    (
        notice(debtor=Debtor(number="10042", name="")),
        CLEAR,
        "debtor_unknown",
        "There is no master data for debtor 10042. Add the debtor in the accounting tool or in the debtor file.",
    ),
    (
        notice(debtor=Debtor(number="10042", name="Beispiel OHG", city="München")),
        CLEAR,
        "no_address",
        (
            "Debtor 10042 (Beispiel OHG) cannot be reached by email or letter: "
            "there is no e-mail address, no postcode. Complete the master data."
        ),
    ),
    (
        notice(debtor=replace(DEBTOR, email="")),
        CLEAR,
        "no_address",
        (
            "Debtor 10042 (Beispiel OHG) cannot be reached by email: there is no e-mail address. "
            "Complete the master data."
        ),
    ),
    (
        notice(),
        replace(CLEAR, letterhead_missing=("IBAN", "register number")),
        "master_data_incomplete",
        "The letterhead lacks IBAN, register number. Complete the company's data in the configuration.",
    ),
    (
        notice(),
        replace(CLEAR, handed_over_on=date(2026, 4, 2)),
        "handed_over",
        "Handed over on 2026-04-02; only the agency or the court speaks until the case is handed back.",
    ),
    (
        notice(),
        replace(CLEAR, court_since=date(2026, 3, 2)),
        "court",
        "In court since 2026-03-02; whatever we write now could be used there. Note its end when there is one.",
    ),
    (
        notice(),
        replace(CLEAR, written_off=frozenset({"file:invoice:RE-1"})),
        "written_off",
        "RE-1 is written off; the claim lives on, but nobody asks for it.",
    ),
    (
        notice(),
        replace(CLEAR, waiting_notices=("2. Mahnung of 2026-05-04",)),
        "notice_waiting",
        "2. Mahnung of 2026-05-04 to this debtor waits to be released or sent. Release it, or cancel it.",
    ),
    *(
        (
            notice(),
            replace(CLEAR, returned_debits=(returned(because, reason),)),
            f"return_{because}",
            (
                f"The debit of RE-1 came back on 2026-05-08 ({reason}): {says} "
                "Note what came of it: `case note … return_clarified`."
            ),
        )
        for because, reason, says in (
            (ReturnedBecause.DISPUTED, "MD06", "the debtor wanted the money back. Ask for the reason first."),
            (ReturnedBecause.DECEASED, "MD07", "the account holder has died. Find out who the heirs are."),
            (ReturnedBecause.OUR_MISTAKE, "AM05", "the mistake was ours. Ask for the payment, without a Mahnung."),
        )
    ),
    (
        notice(),
        replace(CLEAR, items_not_listed=frozenset({"file:invoice:RE-1"})),
        "item_not_listed",
        (
            "RE-1 could not be read in the accounting tool's list tonight; what is open there is not known. "
            "See the report for its row."
        ),
    ),
    (
        notice(),
        replace(CLEAR, not_listed_since=date(2026, 5, 11)),
        "debtor_not_listed",
        (
            "Debtor 10042 is missing from the accounting tool's list of debtors, where it last stood on 2026-05-11. "
            "See whether it was merged or renamed; `case succeeded` names who answers now."
        ),
    ),
    (
        notice(),
        replace(CLEAR, uncertain_notices=("reminder of 2026-05-04",)),
        "sending_uncertain",
        "It is not certain whether reminder of 2026-05-04 went out. Look, and mark it as sent or as not sent.",
    ),
]


@pytest.mark.parametrize(("asked", "facts", "code", "sentence"), REASONS)
def test_each_reason_keeps_silent_alone_and_says_why(
    procedure: Procedure, asked: Notice, facts: GateFacts, code: str, sentence: str
) -> None:
    assert said(procedure, asked, facts) == [(code, sentence)]


def test_every_check_has_its_sentence_in_this_file() -> None:
    assert {check.code for check in CHECKS} == {code for _, _, code, _ in REASONS}
    assert len(CHECKS) == len({check.code for check in CHECKS}) == 32


def test_all_reasons_are_given_in_the_order_of_the_table(procedure: Procedure) -> None:
    facts = replace(
        CLEAR, mirror_age_days=9, last_notice_on=TODAY, holds=(hold(HoldReason.PROMISE), hold(HoldReason.DISPUTE))
    )
    assert [code for code, _ in said(procedure, notice(), facts)] == [
        "disputed",
        "promised",
        "mirror_stale",
        "too_recent",
    ]


@pytest.mark.parametrize(
    ("placed_on", "expires_on", "silent"),
    [
        (date(2026, 5, 12), None, True),
        (date(2026, 5, 12), date(2026, 5, 12), True),
        (date(2026, 5, 1), date(2026, 5, 11), False),
        (date(2026, 5, 13), None, False),
    ],
)
def test_a_hold_counts_from_its_first_to_its_last_day(
    procedure: Procedure, placed_on: date, expires_on: date | None, silent: bool
) -> None:
    placed = replace(hold(HoldReason.MANUAL), placed_on=placed_on, expires_on=expires_on)
    assert bool(said(procedure, notice(), replace(CLEAR, holds=(placed,)))) is silent


def test_a_hold_on_another_item_or_a_debit_of_another_item_holds_nothing_here(procedure: Procedure) -> None:
    facts = replace(
        CLEAR,
        holds=(hold(HoldReason.DISPUTE, "file:invoice:RE-9"),),
        direct_debits=(DirectDebitInFlight(item_id="file:invoice:RE-9", collected_on=TODAY),),
    )
    assert said(procedure, notice(), facts) == []
    assert item_gate(item("RE-1"), facts) == ()
    assert [reason.code for reason in item_gate(item("RE-9"), facts)] == ["disputed", "direct_debit_in_flight"]


@pytest.mark.parametrize("reason", [HoldReason.INSOLVENCY, HoldReason.DECEASED])
def test_what_befalls_the_debtor_concerns_every_item_though_only_one_was_named(
    procedure: Procedure, reason: HoldReason
) -> None:
    facts = replace(CLEAR, holds=(hold(reason, "file:invoice:RE-9"),))
    assert item_gate(item("RE-9"), facts) == ()
    assert len(said(procedure, notice(), facts)) == 1


def test_the_debtors_hold_is_no_reason_of_a_single_item() -> None:
    assert item_gate(item(), replace(CLEAR, holds=(hold(HoldReason.DISPUTE),))) == ()


@pytest.mark.parametrize(
    ("last", "silent"), [(date(2026, 5, 5), False), (date(2026, 5, 6), True), (date(2026, 5, 12), True)]
)
def test_a_week_lies_between_two_notices(procedure: Procedure, last: date, silent: bool) -> None:
    assert bool(said(procedure, notice(), replace(CLEAR, last_notice_on=last))) is silent


def test_a_claim_can_be_asked_for_until_the_last_day_of_limitation(procedure: Procedure) -> None:
    old = notice(item(due=date(2022, 12, 31)))
    assert said(procedure, old, replace(CLEAR, day=date(2025, 12, 31), accounts=READ_LATER)) == []
    assert [code for code, _ in said(procedure, old, replace(CLEAR, day=date(2026, 1, 1)))] == ["time_barred"]


READ_LATER = (AccountReading(account=BANK, read_until=date(2026, 5, 11)),)


@pytest.mark.parametrize(
    ("day", "grace", "required"),
    [
        (date(2026, 5, 12), 0, date(2026, 5, 11)),
        (date(2026, 5, 11), 0, date(2026, 5, 8)),  # Monday: Friday must be read
        (date(2026, 5, 12), 3, date(2026, 5, 6)),
        (date(2026, 4, 7), 0, date(2026, 4, 2)),  # Tuesday after Easter: TARGET was closed Friday and Monday
        (date(2026, 4, 7), 3, date(2026, 3, 30)),
    ],
)
def test_statements_must_reach_the_last_bank_day_less_the_grace(day: date, grace: int, required: date) -> None:
    assert required_statement_day(day, grace) == required


def test_what_a_person_decided_to_ask_for_is_asked_for_though_time_barred(procedure: Procedure) -> None:
    old = notice(item(due=date(2022, 12, 31)))
    assert said(procedure, old, replace(CLEAR, time_bar_waived=frozenset({"file:invoice:RE-1"}))) == []


def test_the_gap_and_the_minimum_are_those_of_the_track(procedure: Procedure) -> None:
    facts = replace(CLEAR, last_notice_on=date(2026, 5, 4))
    asked = NoticeFacts(notice=notice(), facts=facts, procedure=procedure)
    dear = replace(procedure.stages[0], minimum_minor=20000)
    assert gate(asked) == ()
    assert [because.code for because in gate(replace(asked, minimum_gap_days=10))] == ["too_recent"]
    assert [because.code for because in gate(replace(asked, stage=dear))] == ["below_threshold"]


def test_a_call_needs_no_letterhead_and_a_hand_over_no_address(procedure: Procedure) -> None:
    assert said(procedure, notice(channel=Channel.CALL), replace(CLEAR, letterhead_missing=("IBAN",))) == []
    unreachable = Debtor(number="10042", name="Beispiel OHG")
    assert said(procedure, notice(debtor=unreachable, channel=Channel.AGENCY), CLEAR) == []
