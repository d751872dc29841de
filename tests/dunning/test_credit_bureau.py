"""When a late claim may be reported to a credit bureau, and when never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.credit_bureau import Answer, BureauFacts, WrittenReminder, bureau_gate, checklist
from dunning.receipt import Proof


def reminder(day: str, *, notice: bool = False) -> WrittenReminder:
    return WrittenReminder(received_on=date.fromisoformat(day), bureau_notice=notice)


FIRST, SECOND = reminder("2026-03-02", notice=True), reminder("2026-03-16")
FACTS = BureauFacts(due_date=date(2026, 2, 20), reminders=(FIRST, SECOND))

# what is different -> possible from
GATES: list[tuple[dict[str, Any], str]] = [
    ({}, "2026-03-31"),  # four weeks after 2 March end with the 30th
    ({"reminders": (SECOND, FIRST)}, "2026-03-31"),
    ({"reminders": (FIRST, reminder("2026-04-10"))}, "2026-04-11"),  # the second one came late
    ({"reminders": (reminder("2026-03-02"), reminder("2026-04-10", notice=True))}, "2026-04-11"),
    ({"reminders": (FIRST,)}, ""),
    ({"reminders": (reminder("2026-03-02"), SECOND)}, ""),  # nobody told the debtor
    ({"reminders": (reminder("2026-02-18", notice=True), SECOND)}, ""),  # the first one came before the due date
    ({"disputed": True}, ""),
    ({"time_barred": True}, ""),
    ({"in_insolvency": True}, ""),
]


@pytest.mark.parametrize(("changed", "possible_from"), GATES)
def test_the_first_day_on_which_reporting_is_possible(changed: dict[str, Any], possible_from: str) -> None:
    facts = replace(FACTS, **changed)
    gate = bureau_gate(facts, date(2026, 12, 1))
    assert (str(gate.possible_from) if gate.possible_from else "") == possible_from
    assert gate.open == bool(possible_from)
    if gate.possible_from:
        eve = bureau_gate(facts, date.fromordinal(gate.possible_from.toordinal() - 1))
        assert not eve.open
        assert bureau_gate(facts, gate.possible_from).open


def test_everything_that_is_missing_is_said_at_once() -> None:
    facts = BureauFacts(due_date=date(2026, 2, 20), reminders=(reminder("2026-03-02"),), disputed=True)
    gate = bureau_gate(facts, date(2026, 3, 10))
    assert (gate.two_written, gate.four_weeks_over, gate.undisputed) == (False, False, False)
    assert gate.because == (
        "The claim is disputed: it must not be reported, and no letter may mention a bureau any more.",
        "Two written reminders after the due date are needed; there is 1.",
        "The first reminder was received on 2026-03-02; four weeks are over at the end of 2026-03-30.",
        "No reminder told the debtor that a credit bureau may be considered.",
    )


def told(received: str, *, proof: Proof | None = Proof.CONFIRMED, notice: bool | None = False) -> WrittenReminder:
    return WrittenReminder(
        received_on=date.fromisoformat(received), bureau_notice=notice, proof=proof, title=f"Mahnung of {received}"
    )


def answers(day: str, *reminders: WrittenReminder, **more: Any) -> dict[str, str]:
    facts = BureauFacts(due_date=date(2026, 2, 20), reminders=reminders, **more)
    return {one.name: one.answer.value for one in checklist(facts, date.fromisoformat(day))}


def test_two_proven_reminders_with_notice_in_time_and_no_dispute_meet_every_condition() -> None:
    met = answers("2026-04-06", told("2026-03-02", notice=True), told("2026-03-20"))
    assert set(met.values()) == {"met"}


@pytest.mark.parametrize(
    ("day", "reminders", "condition", "answer"),
    [
        ("2026-04-06", (told("2026-03-02"),), "two_written", "not_met"),
        ("2026-04-06", (told("2026-03-02"), told("2026-02-20")), "two_written", "not_met"),  # before it was late
        (
            "2026-04-06",
            (told("2026-03-02", proof=None), told("2026-03-20", proof=Proof.POSTED)),
            "two_written",
            "unknown",
        ),
        ("2026-04-06", (told("2026-03-02"), told("2026-04-06")), "two_written", "not_met"),  # still on its way
        ("2026-03-30", (told("2026-03-02"),), "four_weeks", "not_met"),
        ("2026-03-31", (told("2026-03-02"),), "four_weeks", "met"),
        ("2026-03-31", (told("2026-03-02", proof=Proof.ASSUMED),), "four_weeks", "unknown"),
        ("2026-04-06", (told("2026-03-02", notice=None),), "notice_in_time", "unknown"),
        ("2026-04-06", (told("2026-03-02", notice=True, proof=None),), "notice_in_time", "unknown"),
        ("2026-04-06", (told("2026-03-02"),), "notice_in_time", "not_met"),
    ],
)
def test_what_cannot_be_shown_is_unknown_and_not_met_by_guess(
    day: str, reminders: tuple[WrittenReminder, ...], condition: str, answer: str
) -> None:
    assert answers(day, *reminders)[condition] == answer


def test_a_dispute_closes_the_gate_and_a_message_nobody_read_may_be_one() -> None:
    full = told("2026-03-02", notice=True), told("2026-03-20")
    assert answers("2026-04-06", *full, disputed=True)["undisputed"] == "not_met"
    assert answers("2026-04-06", *full, dispute_possible="a message is unanswered")["undisputed"] == "unknown"
    assert answers("2026-04-06", *full, time_barred=True)["not_time_barred"] == "not_met"
    assert answers("2026-04-06", *full, in_insolvency=True)["no_insolvency"] == "not_met"


@given(
    facts=st.builds(
        BureauFacts,
        due_date=st.just(date(2026, 2, 20)),
        reminders=st.lists(
            st.builds(
                WrittenReminder,
                received_on=st.dates(min_value=date(2026, 2, 1), max_value=date(2026, 5, 1)),
                bureau_notice=st.sampled_from([True, False, None]),
                proof=st.sampled_from([Proof.CONFIRMED, Proof.SMTP_ACCEPTED, Proof.POSTED, None]),
            ),
            max_size=4,
        ).map(tuple),
        disputed=st.booleans(),
        time_barred=st.booleans(),
    ),
    day=st.dates(min_value=date(2026, 2, 1), max_value=date(2026, 6, 1)),
)
def test_the_checklist_never_allows_what_the_law_does_not(facts: BureauFacts, day: date) -> None:
    if all(one.answer is Answer.MET for one in checklist(facts, day)):
        assert bureau_gate(facts, day).open
