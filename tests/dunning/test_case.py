"""The life of a case: every state meets every event, and moves or refuses aloud."""

from __future__ import annotations

from itertools import product

import pytest

from dunning.case import FIRST_STATE, TRANSITIONS, CaseEvent, CaseState, ImpossibleMove, move

# Rows are events, columns states; a dash refuses. An accountant can check this table.
TABLE = """
                  running      held         handed_over  settled   written_off
stage_sent        running      -            -            -         -
hold_placed       held         held         handed_over  -         -
holds_ended       -            running      handed_over  settled   written_off
part_paid         running      held         handed_over  -         written_off
paid              settled      settled      settled      -         settled
cancelled         settled      settled      settled      -         settled
payment_returned  running      held         handed_over  running   written_off
handed_over       handed_over  -            -            -         -
handed_back       -            -            running      settled   written_off
written_off       written_off  written_off  written_off  -         -
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
