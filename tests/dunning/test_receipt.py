"""Receipt (Zugang): on which day a notice counts as received, and which proof beats which."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.default import DefaultBasis, defaults_of, reminder_of
from dunning.due import next_stage
from dunning.notice import Channel
from dunning.receipt import Proof, Receipt, ReceiptFact, bounced, came_back, confirmed, mail_accepted, receipt_of
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.calendar import Region, is_working_day
from ledger.debtor import DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from dunning.stage import Procedure

BAVARIA, BERLIN = Region("DE", "BY"), Region("DE", "BE")
SENT_ON = date(2026, 9, 1)  # a Tuesday


def fact(proof: str, on: str, at: str = "") -> ReceiptFact:
    moment = datetime.fromisoformat(f"{on}T{at}").replace(tzinfo=UTC) if at else None
    return ReceiptFact(proof=Proof(proof), on=date.fromisoformat(on), at=moment, evidence=f"{proof} of {on}")


def received(channel: Channel, *facts: ReceiptFact, margin: int = 1, places: tuple[Region, ...] = (BAVARIA,)) -> str:
    receipt = receipt_of(channel, SENT_ON, facts, email_working_days=margin, letter_working_days=3, places=places)
    return f"{receipt.day if receipt.received else 'never'} {receipt.proof}"


MAIL = [
    # nothing is known: one working day is allowed for
    ((), 1, "2026-09-02 assumed"),
    # our server took it: no proof yet, the same day
    ((fact("handed_over", "2026-09-01", "02:30"),), 1, "2026-09-02 handed_over"),
    # without a margin the hour decides: within business hours at once, after them on the next working day
    ((fact("handed_over", "2026-09-01", "09:19"),), 0, "2026-09-01 handed_over"),
    ((fact("handed_over", "2026-09-01", "16:00"),), 0, "2026-09-02 handed_over"),
    ((fact("handed_over", "2026-09-01"),), 0, "2026-09-02 handed_over"),  # the hour is not known
    ((fact("smtp_accepted", "2026-09-05", "10:00"),), 0, "2026-09-07 smtp_accepted"),  # a Saturday
    # the debtor's server took it a day later, says its report
    (
        (fact("handed_over", "2026-09-01", "02:30"), fact("smtp_accepted", "2026-09-02", "08:00")),
        1,
        "2026-09-03 smtp_accepted",
    ),
    # a server's date before the sending proves a wrong clock
    ((fact("smtp_accepted", "2026-08-20", "08:00"),), 1, "2026-09-02 smtp_accepted"),
    # it came back, whatever a relay had said before or says later
    ((fact("smtp_accepted", "2026-09-01", "08:00"), fact("bounced", "2026-09-03")), 1, "never bounced"),
    ((fact("bounced", "2026-09-03"), fact("smtp_accepted", "2026-09-04", "08:00")), 1, "never bounced"),
    # but the debtor answers to it
    ((fact("bounced", "2026-09-03"), fact("confirmed", "2026-09-02")), 1, "2026-09-02 confirmed"),
    ((fact("confirmed", "2026-09-02"), fact("bounced", "2026-09-03")), 1, "2026-09-02 confirmed"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "margin", "expected"), MAIL)
def test_a_mail_is_received_when_the_debtor_may_be_expected_to_look(
    facts: tuple[ReceiptFact, ...], margin: int, expected: str
) -> None:
    assert received(Channel.EMAIL, *facts, margin=margin) == expected


LETTERS = [
    ((), "2026-09-04 assumed"),
    ((fact("posted", "2026-09-01"),), "2026-09-04 posted"),
    ((fact("posted", "2026-09-03"),), "2026-09-08 posted"),  # over the weekend
    ((fact("posted", "2026-09-03"), fact("posted", "2026-09-02")), "2026-09-07 posted"),  # corrected
    ((fact("posted", "2026-09-01"), fact("confirmed", "2026-09-02")), "2026-09-02 confirmed"),  # by messenger
    ((fact("posted", "2026-09-01"), fact("returned", "2026-09-09")), "never returned"),
    ((fact("returned", "2026-09-09"), fact("confirmed", "2026-09-11")), "2026-09-11 confirmed"),
    ((fact("confirmed", "2026-09-11"), fact("returned", "2026-09-14")), "never returned"),  # it was another letter
]


@pytest.mark.parametrize(("facts", "expected"), LETTERS)
def test_a_letter_is_received_some_days_after_it_was_posted(facts: tuple[ReceiptFact, ...], expected: str) -> None:
    assert received(Channel.LETTER, *facts) == expected
    assert came_back(facts) is expected.startswith("never")


def test_holidays_of_the_receiver_count_as_well_as_those_of_the_sender() -> None:
    # Women's Day, 8 March 2027, is a holiday in Berlin and a Monday in Bavaria.
    friday = date(2027, 3, 5)
    of_both = receipt_of(
        Channel.EMAIL, friday, (), email_working_days=1, letter_working_days=3, places=(BAVARIA, BERLIN)
    )
    assert of_both.day == date(2027, 3, 9)
    # A country whose holidays nobody knows has weekends.
    abroad = (BAVARIA, Region("XX"))
    assert receipt_of(Channel.EMAIL, friday, (), email_working_days=1, letter_working_days=3, places=abroad).received


def test_a_call_is_said_only_where_its_note_tells_so() -> None:
    assert received(Channel.CALL) == "2026-09-01 assumed"
    assert received(Channel.CALL, fact("spoken", "2026-09-02")) == "2026-09-02 spoken"


PROOFS = [one.value for one in Proof if one not in {Proof.ASSUMED, Proof.SPOKEN}]
FACTS = st.lists(
    st.builds(fact, st.sampled_from(PROOFS), st.dates(date(2026, 8, 1), date(2026, 12, 31)).map(date.isoformat)),
    max_size=5,
)


@given(FACTS, st.sampled_from([Channel.EMAIL, Channel.LETTER]), st.integers(0, 5))
def test_nothing_is_received_before_it_was_sent_and_only_persons_name_days_nobody_works(
    facts: list[ReceiptFact], channel: Channel, margin: int
) -> None:
    receipt = receipt_of(
        channel, SENT_ON, facts, email_working_days=margin, letter_working_days=margin, places=(BAVARIA,)
    )
    assert receipt.day >= SENT_ON
    assert receipt.received is not came_back(facts)
    if receipt.received and receipt.proof is not Proof.CONFIRMED:
        assert is_working_day(receipt.day, BAVARIA)


@given(FACTS)
def test_the_last_word_of_a_person_counts_whatever_servers_say(facts: list[ReceiptFact]) -> None:
    said = fact("confirmed", "2026-09-15")
    assert received(Channel.EMAIL, *facts, said) == "2026-09-15 confirmed"


SETTINGS = DunningSettings(region=BAVARIA)


def sent(receipt: Receipt | None, deadline: str = "") -> SentStage:
    return SentStage(
        stage="reminder",
        sent_on=SENT_ON,
        deadline=date.fromisoformat(deadline) if deadline else None,
        channel=Channel.LETTER,
        receipt=receipt,
    )


def test_default_begins_with_the_receipt_and_not_at_all_where_the_reminder_came_back() -> None:
    claim = OpenItem(
        item_id="file:invoice:RE-1",
        document_number="RE-1",
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date(2026, 8, 10),
        due_date=date(2026, 8, 20),
        amount=Money(11900, "EUR"),
        open_amount=Money(11900, "EUR"),
    )

    def first_day(receipt: Receipt | None) -> str:
        starts = defaults_of(claim, DebtorType.CONSUMER, [sent(receipt)], SETTINGS)
        return "".join(start.first_day.isoformat() for start in starts if start.basis is DefaultBasis.REMINDER)

    assert first_day(None) == "2026-09-05"  # assumed: Friday the 4th
    assert first_day(confirmed(date(2026, 9, 2))) == "2026-09-03"
    assert first_day(bounced(date(2026, 9, 3))) == ""


def test_who_got_a_letter_that_was_posted_late_has_as_many_days_as_everybody_else(procedure: Procedure) -> None:
    late = Receipt(day=date(2026, 9, 14), proof=Proof.POSTED, posted_on=SENT_ON + timedelta(days=8))
    assert reminder_of(sent(late, "2026-09-11"), SETTINGS).deadline == date(2026, 9, 19)
    due = date(2026, 8, 20)
    at_once, later = (next_stage(due, [sent(receipt, "2026-09-11")], procedure, BAVARIA) for receipt in (None, late))
    assert at_once is not None
    assert later is not None
    # The deadline of Friday the 11th, and the 19th, a Saturday; each and one bank day.
    assert (at_once.not_before, later.not_before) == (date(2026, 9, 14), date(2026, 9, 21))


def test_an_accepted_mail_of_the_evening_is_read_the_next_working_day() -> None:
    evening = datetime(2026, 9, 4, 18, 0, tzinfo=UTC)  # a Friday
    assert mail_accepted(evening.date(), 0, BAVARIA, at=evening).day == date(2026, 9, 7)
