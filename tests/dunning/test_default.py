"""Since when a debtor is in default, and why; and when a claim is too old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.default import (
    ClaimFacts,
    DefaultBasis,
    DefaultStart,
    EventTerm,
    Reminder,
    TermSource,
    defaults_of,
    effective_due_date,
    grounds_of_default,
    received_on,
    reminder_of,
)
from dunning.notice import Channel
from dunning.receipt import Receipt, bounced, confirmed, mail_accepted, posted
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.calendar import Region
from ledger.debtor import DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

BAVARIA = Region("DE", "BY")
HESSE = Region("DE", "HE")
SETTINGS = DunningSettings(region=BAVARIA)


def item(due: str, written: str = "") -> OpenItem:
    due_date = date.fromisoformat(due)
    return OpenItem(
        item_id="file:invoice:RE-1",
        document_number="RE-1",
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date.fromisoformat(written) if written else due_date.replace(day=1),
        due_date=due_date,
        amount=Money(11900, "EUR"),
        open_amount=Money(11900, "EUR"),
    )


def sent(day: str, *, deadline: str = "", channel: Channel = Channel.EMAIL) -> SentStage:
    return SentStage(
        stage="reminder",
        sent_on=date.fromisoformat(day),
        deadline=date.fromisoformat(deadline) if deadline else None,
        channel=channel,
    )


@pytest.mark.parametrize(
    ("due", "region", "pay_until"),
    [
        ("2026-05-04", BAVARIA, "2026-05-04"),  # a Monday
        ("2026-05-02", BAVARIA, "2026-05-04"),  # a Saturday
        ("2026-05-01", BAVARIA, "2026-05-04"),  # Friday, Labour Day, then the weekend
        ("2026-01-06", BAVARIA, "2026-01-07"),  # Epiphany is a holiday in Bavaria
        ("2026-01-06", HESSE, "2026-01-06"),  # and none in Hesse
        ("2026-12-25", BAVARIA, "2026-12-28"),
        ("2027-01-01", BAVARIA, "2027-01-04"),
    ],
)
def test_a_due_date_on_a_weekend_or_holiday_moves_to_the_next_working_day(
    due: str, region: Region, pay_until: str
) -> None:
    assert effective_due_date(date.fromisoformat(due), region) == date.fromisoformat(pay_until)


@pytest.mark.parametrize(
    ("sent_on", "channel", "received"),
    [
        ("2026-05-04", Channel.EMAIL, "2026-05-05"),
        ("2026-04-30", Channel.EMAIL, "2026-05-04"),  # over Labour Day and the weekend
        ("2026-05-04", Channel.LETTER, "2026-05-07"),
        ("2026-05-07", Channel.LETTER, "2026-05-12"),  # Friday, Monday, Tuesday
        ("2026-05-04", Channel.CALL, "2026-05-04"),
    ],
)
def test_receipt_is_assumed_late_rather_than_early(sent_on: str, channel: Channel, received: str) -> None:
    assert received_on(sent(sent_on, channel=channel), SETTINGS) == date.fromisoformat(received)


# due, debtor, settings changed, reminders -> first day of default and its ground
GROUNDS = [
    ("2026-09-03", "business", {}, [], "2026-10-06 thirty_days"),  # 3 October is a Saturday and a holiday
    ("2026-09-03", "consumer", {}, [], ""),
    ("2026-09-03", "unknown", {}, [], ""),
    ("2026-09-03", "consumer", {"consumer_notice_on_invoice": True}, [], "2026-10-06 thirty_days"),
    ("2026-09-03", "unknown", {"consumer_notice_on_invoice": True}, [], "2026-10-06 thirty_days"),
    ("2026-09-03", "consumer", {"terms_are_contractual": True}, [], "2026-09-04 calendar_date"),
    ("2026-09-03", "consumer", {"terms_agreed_with": frozenset({"10001"})}, [], "2026-09-04 calendar_date"),
    ("2026-09-03", "consumer", {"terms_agreed_with": frozenset({"10002"})}, [], ""),  # agreed with somebody else
    ("2026-05-01", "consumer", {"terms_are_contractual": True}, [], "2026-05-05 calendar_date"),
    ("2025-05-03", "business", {"terms_are_contractual": True}, [], "2025-05-06 calendar_date"),
    # A reminder by mail of Thursday is received on Friday, and default starts on Saturday.
    ("2026-09-03", "consumer", {}, [sent("2026-09-10")], "2026-09-12 reminder"),
    ("2026-09-03", "business", {}, [sent("2026-09-10")], "2026-09-12 reminder"),
    # It granted a deadline, so nobody is in default before the deadline is over, unless the creditor decides so.
    ("2026-09-03", "consumer", {}, [sent("2026-09-10", deadline="2026-09-17")], "2026-09-18 reminder"),
    (
        "2026-09-03",
        "consumer",
        {"deadline_postpones_default": False},
        [sent("2026-09-10", deadline="2026-09-17")],
        "2026-09-12 reminder",
    ),
    # The earliest ground wins, in whatever order the reminders come.
    ("2026-09-03", "business", {}, [sent("2026-10-20"), sent("2026-09-21")], "2026-09-23 reminder"),
    ("2026-09-03", "business", {}, [sent("2026-10-20")], "2026-10-06 thirty_days"),
    ("2026-09-03", "business", {"terms_are_contractual": True}, [sent("2026-09-10")], "2026-09-04 calendar_date"),
    # A reminder before or on the due date has no effect, not even later.
    ("2026-09-03", "consumer", {}, [sent("2026-09-01"), sent("2026-09-02")], ""),
]


@pytest.mark.parametrize(("due", "debtor", "changed", "reminders", "expected"), GROUNDS)
def test_default_starts_on_the_earliest_ground(
    due: str, debtor: str, changed: dict[str, Any], reminders: list[SentStage], expected: str
) -> None:
    starts = defaults_of(item(due), DebtorType(debtor), reminders, replace(SETTINGS, **changed))
    assert "".join(f"{start.first_day} {start.basis}" for start in starts) == expected


def test_the_thirty_days_wait_for_the_invoice_to_arrive() -> None:
    # Written and due on Thursday 3 September; assumed to arrive on Tuesday the 8th; 8 October is a Thursday.
    starts = defaults_of(item("2026-09-03", written="2026-09-03"), DebtorType.BUSINESS, [], SETTINGS)
    assert starts == (DefaultStart(first_day=date(2026, 10, 9), basis=DefaultBasis.THIRTY_DAYS),)


def days(text: str) -> date:
    return date.fromisoformat(text)


INVOICE_ONLY = ClaimFacts(due_date=days("2026-09-03"), term=TermSource.INVOICE_ONLY)
CONTRACT = replace(INVOICE_ONLY, term=TermSource.CONTRACT)
ARRIVED = confirmed(days("2026-08-20"))

# What is known, who owes -> every ground with its first day, the earliest first
KNOWN = [
    (CONTRACT, "consumer", ["2026-09-04 calendar_date"]),
    (replace(CONTRACT, term=TermSource.ACCEPTED_TERMS), "consumer", ["2026-09-04 calendar_date"]),
    # What only the invoice says is no ground, whoever owes it.
    (INVOICE_ONLY, "business", []),
    (INVOICE_ONLY, "consumer", []),
    # 14 days after delivery on 3 September end on Thursday the 17th.
    (
        replace(CONTRACT, event=EventTerm(event_on=days("2026-09-03"), days=14)),
        "consumer",
        ["2026-09-18 event_plus_days"],
    ),
    (replace(INVOICE_ONLY, event=EventTerm(event_on=days("2026-09-03"), days=14)), "consumer", []),
    # A month after delivery on 31 August ends on 30 September; one after 31 January on the last day of February.
    (
        replace(CONTRACT, event=EventTerm(event_on=days("2026-08-31"), months=1)),
        "business",
        ["2026-10-01 event_plus_days"],
    ),
    (
        replace(CONTRACT, event=EventTerm(event_on=days("2025-01-31"), months=1)),
        "business",
        ["2025-03-01 event_plus_days"],
    ),
    # 30 days after 3 September end on Saturday 3 October, a holiday as well, so on Monday.
    (replace(INVOICE_ONLY, invoice_received=ARRIVED), "business", ["2026-10-06 thirty_days"]),
    (replace(INVOICE_ONLY, invoice_received=ARRIVED), "consumer", []),
    (replace(INVOICE_ONLY, invoice_received=ARRIVED, consumer_notice=True), "consumer", ["2026-10-06 thirty_days"]),
    # It arrived after it was due: the days count from its receipt.
    (replace(INVOICE_ONLY, invoice_received=confirmed(days("2026-09-07"))), "business", ["2026-10-08 thirty_days"]),
    # The invoice bounced: for a business the goods stand in for it, for a consumer nothing does.
    (
        replace(
            INVOICE_ONLY, invoice_received=bounced(days("2026-08-20")), performance_received_on=days("2026-09-08")
        ),
        "business",
        ["2026-10-09 thirty_days"],
    ),
    (
        replace(
            INVOICE_ONLY,
            invoice_received=bounced(days("2026-08-20")),
            performance_received_on=days("2026-09-08"),
            consumer_notice=True,
        ),
        "consumer",
        [],
    ),
    (replace(INVOICE_ONLY, court_claim_served_on=days("2026-09-21")), "consumer", ["2026-09-22 court_claim"]),
    (replace(INVOICE_ONLY, refused_on=days("2026-09-10")), "consumer", ["2026-09-11 refusal"]),
    # A refusal before the due date does not make the claim due.
    (replace(INVOICE_ONLY, refused_on=days("2026-08-10")), "consumer", ["2026-09-04 refusal"]),
    (replace(INVOICE_ONLY, dispensable_on=days("2026-09-14")), "consumer", ["2026-09-15 dispensable"]),
    (
        replace(CONTRACT, invoice_received=ARRIVED, refused_on=days("2026-09-10")),
        "business",
        ["2026-09-04 calendar_date", "2026-09-11 refusal", "2026-10-06 thirty_days"],
    ),
]


@pytest.mark.parametrize(("facts", "debtor", "grounds"), KNOWN)
def test_every_ground_is_told_and_the_earliest_comes_first(
    facts: ClaimFacts, debtor: str, grounds: list[str]
) -> None:
    found = grounds_of_default(facts, DebtorType(debtor), (BAVARIA,))
    assert [f"{ground.first_day} {ground.basis}" for ground in found] == grounds
    assert all(ground.basis.law.startswith("§") for ground in found)


def test_where_the_law_has_no_thirty_days_only_a_reminder_helps() -> None:
    facts = replace(INVOICE_ONLY, invoice_received=ARRIVED)
    assert grounds_of_default(facts, DebtorType.BUSINESS, (BAVARIA,), thirty_day_rule=False) == ()


# How the reminder of Thursday 10 September arrived -> the first day of default
ARRIVALS = [
    (mail_accepted(days("2026-09-10"), 1, BAVARIA, "250 2.0.0 Ok: queued as 4Zx"), "2026-09-12"),
    (mail_accepted(days("2026-09-10"), 0, BAVARIA), "2026-09-11"),
    (posted(days("2026-09-10"), 3, BAVARIA), "2026-09-16"),
    (confirmed(days("2026-09-11"), "RR 1234 5678 9DE"), "2026-09-12"),
    (bounced(days("2026-09-11"), "550 5.1.1 user unknown"), ""),
]


@pytest.mark.parametrize(("receipt", "first_day"), ARRIVALS)
def test_a_reminder_counts_from_the_day_its_receipt_proves_and_not_at_all_where_it_bounced(
    receipt: Receipt, first_day: str
) -> None:
    facts = replace(INVOICE_ONLY, reminders=(reminder_of(sent("2026-09-10"), SETTINGS, receipt),))
    found = grounds_of_default(facts, DebtorType.CONSUMER, (BAVARIA,))
    assert [str(ground.first_day) for ground in found] == ([first_day] if first_day else [])


@pytest.mark.parametrize(
    ("places", "first_day"),
    [
        ((BAVARIA,), "2026-01-08"),  # due on Epiphany, a holiday in Bavaria
        ((HESSE,), "2026-01-07"),
        ((HESSE, BAVARIA), "2026-01-08"),  # either place excuses the debtor
    ],
)
def test_a_holiday_of_the_creditors_or_the_debtors_land_moves_the_last_day(
    places: tuple[Region, ...], first_day: str
) -> None:
    facts = replace(CONTRACT, due_date=date(2026, 1, 6))
    (ground,) = grounds_of_default(facts, DebtorType.CONSUMER, places)
    assert str(ground.first_day) == first_day


@given(
    due=st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 12, 31)),
    received=st.integers(min_value=-30, max_value=60),
    deadline=st.none() | st.integers(min_value=1, max_value=30),
    debtor=st.sampled_from(DebtorType),
)
def test_nobody_is_in_default_on_or_before_the_last_day_to_pay(
    due: date, received: int, deadline: int | None, debtor: DebtorType
) -> None:
    arrived = due + timedelta(days=received)
    until = arrived + timedelta(days=deadline) if deadline else None
    facts = ClaimFacts(
        due_date=due,
        term=TermSource.INVOICE_ONLY,
        invoice_received=confirmed(arrived),
        consumer_notice=True,
        reminders=(Reminder(receipt=confirmed(arrived), deadline=until),),
        refused_on=arrived,
    )
    for ground in grounds_of_default(facts, debtor, (BAVARIA, HESSE)):
        assert ground.first_day > effective_due_date(due, BAVARIA)
        assert ground.first_day > arrived
        if ground.basis is DefaultBasis.REMINDER and until:
            assert ground.first_day > until
