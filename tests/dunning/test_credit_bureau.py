"""When a late claim may be reported to a credit bureau, and when never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dunning.credit_bureau import BureauFacts, WrittenReminder, bureau_gate


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
