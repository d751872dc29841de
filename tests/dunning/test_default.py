"""Since when a debtor is in default, and why; and when a claim is too old."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dunning.default import DefaultBasis, DefaultStart, default_start, effective_due_date, received_on
from dunning.limitation import limitation_end
from dunning.notice import Channel
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.calendar import Region
from ledger.debtor import DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

SHARED = os.environ.get("KONTORIST_SHARED_DATA", "")
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
    start = default_start(item(due), DebtorType(debtor), reminders, replace(SETTINGS, **changed))
    assert (f"{start.first_day} {start.basis}" if start else "") == expected


def test_the_thirty_days_wait_for_the_invoice_to_arrive() -> None:
    # Written and due on Thursday 3 September; assumed to arrive on Tuesday the 8th; 8 October is a Thursday.
    start = default_start(item("2026-09-03", written="2026-09-03"), DebtorType.BUSINESS, [], SETTINGS)
    assert start == DefaultStart(first_day=date(2026, 10, 9), basis=DefaultBasis.THIRTY_DAYS)


def test_who_is_not_known_to_be_a_business_pays_the_lower_rate() -> None:
    assert SETTINGS.margin_points(DebtorType.BUSINESS) == Decimal(9)
    assert SETTINGS.margin_points(DebtorType.CONSUMER) == Decimal(5)
    assert SETTINGS.margin_points(DebtorType.UNKNOWN) == Decimal(5)


@pytest.mark.parametrize(
    ("due", "last_day"),
    [("2022-05-10", "2025-12-31"), ("2022-12-31", "2025-12-31"), ("2023-01-01", "2026-12-31")],
)
def test_a_claim_is_enforceable_until_the_end_of_the_third_year_after_its_due_date(due: str, last_day: str) -> None:
    assert limitation_end(date.fromisoformat(due)) == date.fromisoformat(last_day)


def shared_cases(kind: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((Path(SHARED) / "dunning_cases.json").read_text("utf-8"))["cases"]
    return [case for case in cases if case["kind"] == kind]


if SHARED:

    @pytest.mark.parametrize("case", shared_cases("due_shift"), ids=lambda case: str(case["id"]))
    def test_collected_shifts_of_the_due_date(case: dict[str, Any]) -> None:
        printed = date.fromordinal(date.fromisoformat(case["received"]).toordinal() + case["term_days"])
        contractual = replace(SETTINGS, terms_are_contractual=True)
        start = default_start(item(str(printed)), DebtorType.CONSUMER, [], contractual)
        assert str(effective_due_date(printed, BAVARIA)) == case["due"]
        assert start
        assert str(start.first_day) == case["default_start"]

    @pytest.mark.parametrize("case", shared_cases("days30"), ids=lambda case: str(case["id"]))
    def test_collected_thirty_day_cases(case: dict[str, Any]) -> None:
        start = default_start(item(case["received"], written="2026-08-20"), DebtorType.BUSINESS, [], SETTINGS)
        assert start
        assert str(start.first_day) == case["default_start"]

    @pytest.mark.parametrize("case", shared_cases("limitation"), ids=lambda case: str(case["id"]))
    def test_collected_limitation_cases_are_never_claimed_too_late(case: dict[str, Any]) -> None:
        last_day = limitation_end(date.fromisoformat(case["due"]))
        if "suspension" in case:
            # Suspension only adds time; until it is known, the earlier day is the safe one.
            assert str(last_day) < case["end"]
        else:
            assert str(last_day) == case.get("nominal_end", case.get("end"))
