"""What only a person knows: agreed days, a refusal, a service, an event; and the days a claim was deferred."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.default import EventTerm, default_on, defaults_of
from dunning.hold import Hold, HoldReason
from dunning.noted import NOTHING_NOTED, Deferral, NotedFacts, deferrals_of
from dunning.notice import Channel
from dunning.plan import interest_so_far
from dunning.principal import bearing_interest
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.calendar import Region
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from dunning.interest import BaseRates
    from dunning.stage import Procedure

SETTINGS = DunningSettings(region=Region("DE", "BY"))
AGREED = replace(SETTINGS, terms_are_contractual=True)
# Written on Monday 10 August 2026, due on Thursday 3 September.
ITEM = OpenItem(
    item_id="file:invoice:RE-1",
    document_number="RE-1",
    kind=ItemKind.INVOICE,
    debtor_number="10042",
    document_date=date(2026, 8, 10),
    due_date=date(2026, 9, 3),
    amount=Money(100_000, "EUR"),
    open_amount=Money(100_000, "EUR"),
)
SHOP = Debtor(number="10042", name="Beispiel OHG", type=DebtorType.BUSINESS)


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(settings: DunningSettings, noted: NotedFacts, *reminders: SentStage) -> list[str]:
    """Write every default of a consumer, who has no thirty days: from, to, ground, law."""
    found = defaults_of(ITEM, DebtorType.CONSUMER, reminders, settings, (), noted)
    return [f"{one.first_day} {one.last_day or '…'} {one.basis}" for one in found]


def reminded(on: str, deadline: str) -> SentStage:
    return SentStage(stage="reminder", sent_on=day(on), deadline=day(deadline), channel=Channel.EMAIL)


# What was noted about the invoice due on 3 September -> the first day of default and its ground
NOTED = [
    (NOTHING_NOTED, []),
    (NotedFacts(refused_on=day("2026-09-10")), ["2026-09-11 … refusal"]),
    (NotedFacts(refused_on=day("2026-08-20")), ["2026-09-04 … refusal"]),  # not before it was due
    (NotedFacts(served_on=day("2026-10-01")), ["2026-10-02 … court_claim"]),
    (NotedFacts(dispensable_on=day("2026-09-14")), ["2026-09-15 … dispensable"]),
    (NotedFacts(agreed_due=day("2026-09-03")), ["2026-09-04 … calendar_date"]),
    (NotedFacts(agreed_due=day("2026-09-19")), ["2026-09-22 … calendar_date"]),  # a Saturday
    # The invoice lets the debtor pay later than was agreed.
    (NotedFacts(agreed_due=day("2026-08-20")), ["2026-09-04 … calendar_date"]),
    (
        NotedFacts(event=EventTerm(event_on=day("2026-09-07"), days=14)),
        ["2026-09-22 … event_plus_days"],
    ),
    (
        NotedFacts(event=EventTerm(event_on=day("2026-08-31"), months=1)),
        ["2026-10-01 … event_plus_days"],
    ),
    (NotedFacts(event=EventTerm(event_on=day("2026-08-10"), days=14)), ["2026-09-04 … event_plus_days"]),
    # The earliest ground counts.
    (NotedFacts(refused_on=day("2026-09-10"), served_on=day("2026-10-01")), ["2026-09-11 … refusal"]),
]


@pytest.mark.parametrize(("noted", "expected"), NOTED)
def test_what_a_person_notes_is_a_ground_of_default(noted: NotedFacts, expected: list[str]) -> None:
    assert told(SETTINGS, noted) == expected


def deferred(first: str, last: str, agreed: str = "") -> NotedFacts:
    """Give a deferral; ``agreed`` is the day it was granted until, where somebody ended it before."""
    until = day(last) if last else None
    return NotedFacts(
        deferrals=(Deferral(first_day=day(first), last_day=until, agreed_until=day(agreed) if agreed else until),)
    )


REMINDED = reminded("2026-09-10", "2026-09-17")
# The due date was agreed (or not), what was sent, and the deferral -> when the debtor is in default
DEFERRED = [
    (AGREED, deferred("2026-08-20", "2026-10-15"), (), ["2026-10-16 … calendar_date"]),
    (AGREED, deferred("2026-08-20", "2026-09-01"), (), ["2026-09-04 … calendar_date"]),  # over before it was due
    (AGREED, deferred("2026-10-01", "2026-10-15"), (), ["2026-09-04 2026-09-30 calendar_date", "2026-10-16 … "]),
    # Until a Saturday: paid on Monday is paid in time.
    (AGREED, deferred("2026-10-01", "2026-10-17"), (), ["2026-09-04 2026-09-30 calendar_date", "2026-10-20 … "]),
    # Until somebody ends it: nothing follows, and after it somebody must ask.
    (AGREED, deferred("2026-10-01", ""), (), ["2026-09-04 2026-09-30 calendar_date"]),
    # Ended early: what was granted counts all the same.
    (
        AGREED,
        deferred("2026-10-01", "2026-10-07", "2026-10-15"),
        (),
        ["2026-09-04 2026-09-30 calendar_date", "2026-10-16 … "],
    ),
    # Only printed, and reminded of: the reminder of before is used up, the agreed last day is a ground of its own.
    (
        SETTINGS,
        deferred("2026-10-01", "2026-10-15"),
        (REMINDED,),
        ["2026-09-18 2026-09-30 reminder", "2026-10-16 … calendar_date"],
    ),
    # Granted within the deadline of the reminder: there was no default at all.
    (SETTINGS, deferred("2026-09-15", "2026-10-15"), (REMINDED,), ["2026-10-16 … calendar_date"]),
]


@pytest.mark.parametrize(("settings", "noted", "reminders", "expected"), DEFERRED)
def test_a_deferred_claim_is_not_due_and_nobody_is_in_default_with_it(
    settings: DunningSettings, noted: NotedFacts, reminders: tuple[SentStage, ...], expected: list[str]
) -> None:
    found = told(settings, noted, *reminders)
    assert len(found) == len(expected)
    assert all(one.startswith(says) for one, says in zip(found, expected, strict=True))


def test_a_deferral_without_an_agreed_end_needs_a_new_reminder() -> None:
    open_end = NotedFacts(
        deferrals=(Deferral(first_day=day("2026-10-01"), last_day=day("2026-10-15"), agreed_until=None),)
    )
    asked_anew = reminded("2026-10-19", "2026-10-26")
    assert told(AGREED, open_end) == ["2026-09-04 2026-09-30 calendar_date"]
    assert told(AGREED, open_end, asked_anew)[1:] == ["2026-10-27 … reminder"]


def test_a_refusal_before_a_deferral_is_forgotten_and_one_after_it_counts() -> None:
    granted = Deferral(first_day=day("2026-10-01"), last_day=day("2026-10-15"), agreed_until=None)
    before = NotedFacts(refused_on=day("2026-09-10"), deferrals=(granted,))
    after = replace(before, refused_on=day("2026-10-20"))
    assert told(SETTINGS, before) == ["2026-09-11 2026-09-30 refusal"]
    assert told(SETTINGS, after) == ["2026-10-21 … refusal"]


def test_interest_runs_before_and_after_a_deferral_and_not_during_it(procedure: Procedure, rates: BaseRates) -> None:
    def segments(noted: NotedFacts, on: str) -> list[str]:
        _, claim = interest_so_far(
            ITEM,
            SHOP,
            run_date=day(on),
            history=(),
            procedure=procedure,
            settings=AGREED,
            rates=rates,
            noted=noted,
        )
        return [f"{one.first_day} {one.last_day}" for one in claim.segments] if claim else []

    assert segments(NOTHING_NOTED, "2026-10-31") == ["2026-09-04 2026-10-31"]
    noted = deferred("2026-10-01", "2026-10-15")
    assert segments(noted, "2026-09-30") == ["2026-09-04 2026-09-30"]
    assert segments(noted, "2026-10-10") == ["2026-09-04 2026-09-30"]
    assert segments(noted, "2026-10-31") == ["2026-09-04 2026-09-30", "2026-10-16 2026-10-31"]
    assert segments(deferred("2026-08-20", "2026-10-15"), "2026-10-31") == ["2026-10-16 2026-10-31"]
    assert segments(deferred("2026-10-01", ""), "2026-12-31") == ["2026-09-04 2026-09-30"]


def test_merchants_owe_nothing_for_the_days_of_a_deferral_either(procedure: Procedure, rates: BaseRates) -> None:
    reminder = reminded("2026-10-19", "2026-10-26")
    _, claim = interest_so_far(
        ITEM,
        SHOP,
        run_date=day("2026-10-31"),
        history=(reminder,),
        procedure=procedure,
        settings=replace(SETTINGS, maturity_interest=True),
        rates=rates,
        noted=deferred("2026-09-10", "2026-09-30"),
    )
    assert claim
    found = [f"{one.first_day} {one.last_day} {one.rate_percent}" for one in claim.segments]
    assert found == ["2026-09-04 2026-09-09 5", "2026-10-01 2026-10-31 10.52"]


def hold(hold_id: str, placed: str, until: str, **more: Any) -> Hold:
    given = Hold(
        hold_id=hold_id,
        debtor_number="10042",
        reason=HoldReason.DEFERRAL,
        owner="Frau Sommer",
        placed_on=day(placed),
        expires_on=day(until) if until else None,
    )
    return replace(given, **more)


# Holds -> the days on which the invoice was deferred
HOLDS = [
    ([hold("H1", "2026-10-01", "2026-10-15")], ["2026-10-01 2026-10-15 2026-10-15"]),
    ([hold("H1", "2026-10-01", "2026-10-15", reason=HoldReason.PROMISE)], []),
    ([hold("H1", "2026-10-01", "2026-10-15", reason=HoldReason.INSTALMENTS)], []),
    ([hold("H1", "2026-10-01", "2026-10-15", item_id="file:invoice:RE-2")], []),
    ([hold("H1", "2026-10-01", "2026-10-15", ended_on=day("2026-10-08"))], ["2026-10-01 2026-10-07 2026-10-15"]),
    ([hold("H1", "2026-10-01", "2026-10-15", ended_on=day("2026-10-01"))], []),
    ([hold("H1", "2026-10-01", "")], ["2026-10-01 None None"]),
    ([hold("H1", "2026-10-05", "2026-10-15", since=day("2026-10-01"))], ["2026-10-01 2026-10-15 2026-10-15"]),
    ([hold("H1", "2026-08-01", "2026-10-15")], []),  # before there was an invoice
    (
        [hold("H2", "2026-10-10", "2026-10-31"), hold("H1", "2026-10-01", "2026-10-15")],
        ["2026-10-01 2026-10-31 2026-10-31"],
    ),
    (
        [hold("H1", "2026-10-01", "2026-10-31"), hold("H2", "2026-10-10", "2026-10-15")],
        ["2026-10-01 2026-10-31 2026-10-31"],
    ),
    (
        [hold("H1", "2026-10-01", "2026-10-15"), hold("H2", "2026-10-20", "2026-10-31")],
        ["2026-10-01 2026-10-15 2026-10-15", "2026-10-20 2026-10-31 2026-10-31"],
    ),
    ([hold("H1", "2026-10-01", "2026-10-15"), hold("H2", "2026-10-16", "")], ["2026-10-01 None None"]),
]


@pytest.mark.parametrize(("holds", "expected"), HOLDS)
def test_only_a_deferral_of_what_was_invoiced_then_counts(holds: list[Hold], expected: list[str]) -> None:
    found = deferrals_of(ITEM.item_id, ITEM.document_date, holds)
    assert [f"{one.first_day} {one.last_day} {one.agreed_until}" for one in found] == expected


@given(
    holds=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 40), st.booleans()).map(
            lambda one: hold(
                f"H{one}",
                str(date(2026, 9, 1) + timedelta(days=one[0])),
                "" if one[2] else str(date(2026, 9, 1) + timedelta(days=sum(one[:2]))),
            )
        ),
        max_size=4,
    ),
    asked=st.integers(0, 160),
)
def test_nobody_is_in_default_on_a_day_of_a_deferral_and_at_most_once_on_any_other(
    holds: list[Hold], asked: int
) -> None:
    granted = deferrals_of(ITEM.item_id, ITEM.document_date, holds)
    found = defaults_of(ITEM, DebtorType.BUSINESS, [REMINDED], AGREED, (), NotedFacts(deferrals=granted))
    on = date(2026, 9, 1) + timedelta(days=asked)
    in_default = [one for one in found if one.first_day <= on and (one.last_day is None or on <= one.last_day)]
    assert len(in_default) <= 1
    assert default_on(found, on) in {*in_default, *(one for one in found if one.first_day > on), None}
    if any(one.first_day <= on and (one.last_day is None or on <= one.last_day) for one in granted):
        assert not in_default


@given(
    starts=st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True).map(sorted),
    gap=st.tuples(st.integers(0, 60), st.integers(1, 30) | st.none()),
)
def test_days_left_out_bear_nothing_and_all_others_what_they_bore(
    starts: list[int], gap: tuple[int, int | None]
) -> None:
    zero = date(2026, 1, 1)
    history = [(zero + timedelta(days=n), Money(1_000 + n, "EUR")) for n in starts]
    first = zero + timedelta(days=gap[0])
    after = None if gap[1] is None else first + timedelta(days=gap[1])

    def on(changes: list[tuple[date, Money]], asked: date) -> Money | None:
        return next((amount for since, amount in reversed(changes) if since <= asked), None)

    left = list(bearing_interest(history, [(first, after)]))
    for n in range(100):
        asked = zero + timedelta(days=n)
        before = on(history, asked)
        inside = first <= asked and (after is None or asked < after)
        assert on(left, asked) == (Money(0, "EUR") if inside and before is not None else before)
