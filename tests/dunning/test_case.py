"""The life of a case: every state meets every event, and moves or refuses aloud."""

from __future__ import annotations

from itertools import product

import pytest

from dunning.case import (
    FIRST_STATE,
    TRANSITIONS,
    CaseEvent,
    CaseState,
    HeldFor,
    ImpossibleMove,
    held_for,
    move,
    state_now,
)
from dunning.gate import CHECKS

# Rows are events, columns states; a dash refuses. An accountant can check this table.
TABLE = """
                  running      held         handed_over  court        settled   written_off
stage_sent        running      -            -            -            -         -
hold_placed       held         held         handed_over  court        -         -
holds_ended       -            running      handed_over  court        settled   written_off
part_paid         running      held         handed_over  court        -         written_off
paid              settled      settled      settled      settled      -         settled
cancelled         settled      settled      settled      settled      -         settled
payment_returned  running      held         handed_over  court        running   written_off
handed_over       handed_over  -            -            -            -         -
handed_back       -            -            running      running      settled   written_off
court_begun       court        court        court        -            -         -
court_ended       -            -            -            running      settled   written_off
written_off       written_off  written_off  written_off  written_off  -         -
write_off_undone  -            -            -            -            -         running
"""


def expected() -> dict[tuple[str, str], str]:
    states, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {(state, row[0]): after for row in rows for state, after in zip(states, row[1:], strict=True)}


@pytest.mark.parametrize(("state", "event"), list(product(CaseState, CaseEvent)))
def test_every_event_in_every_state_moves_or_refuses(state: CaseState, event: CaseEvent) -> None:
    after = expected()[state, event]
    if after == "-":
        with pytest.raises(ImpossibleMove, match=f"a case that is {state} cannot become {event}"):
            move(state, event)
    else:
        assert move(state, event) == after


def test_the_table_in_the_code_holds_nothing_else() -> None:
    assert {key for key, after in expected().items() if after != "-"} == set(TRANSITIONS)


def test_every_state_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(CaseState)
    assert {state for (state, _), after in TRANSITIONS.items() if state is not after} == set(CaseState)


def test_a_returned_payment_opens_a_settled_case_again() -> None:
    assert move(move(FIRST_STATE, CaseEvent.PAID), CaseEvent.PAYMENT_RETURNED) is CaseState.RUNNING


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ("open", "running"),
        ("open held", "held"),
        ("open held handed_over", "handed_over"),
        ("open held handed_over in_court", "court"),
        ("open held handed_over in_court written_off", "written_off"),
        ("held handed_over in_court written_off", "settled"),
    ],
)
def test_what_is_stronger_in_law_names_the_state(known: str, state: str) -> None:
    said = set(known.split())
    found = state_now(
        is_open="open" in said,
        written_off="written_off" in said,
        in_court="in_court" in said,
        handed_over="handed_over" in said,
        held="held" in said,
    )
    assert found == state


# What only needs time, master data, or is a state of its own, holds no case.
NOT_HELD = "debtor_unknown handed_over court written_off time_barred credit_covers_debt direct_debit_in_flight \
    blocked_in_tool below_threshold too_recent no_address master_data_incomplete"


def test_every_reason_of_the_gate_either_holds_a_case_or_says_that_it_needs_something_else() -> None:
    codes = [check.code for check in CHECKS]
    assert {code for code in codes if not held_for([code])} == set(NOT_HELD.split())
    assert set(held_for(codes)) == set(HeldFor)
    assert held_for(["promised", "bank_data_gap", "promised", "too_recent"]) == (HeldFor.PROMISED, HeldFor.STALE_DATA)


def test_what_ends_shows_again_what_it_covered() -> None:
    """The table names the state where nothing else is known; of several, the strongest in law is shown."""
    with_the_agency = {"is_open": True, "written_off": False, "handed_over": True, "held": True}
    assert state_now(in_court=True, **with_the_agency) is CaseState.COURT
    assert move(CaseState.COURT, CaseEvent.COURT_ENDED) is CaseState.RUNNING
    assert state_now(in_court=False, **with_the_agency) is CaseState.HANDED_OVER
    assert state_now(in_court=False, **with_the_agency | {"handed_over": False}) is CaseState.HELD
