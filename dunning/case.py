"""The life of a case (Mahnfall): one item from overdue to settled, as one table of moves."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class CaseState(StrEnum):
    """Where the case of one item stands. Stages are data; these few states are code."""

    RUNNING = "running"  # climbs the stages
    HELD = "held"  # somebody asked for silence
    HANDED_OVER = "handed_over"  # agency or court speaks now, we do not
    SETTLED = "settled"  # paid, credited or cancelled
    WRITTEN_OFF = "written_off"  # ausgebucht; the claim itself lives on


class CaseEvent(StrEnum):
    """What can happen to a case."""

    STAGE_SENT = "stage_sent"
    HOLD_PLACED = "hold_placed"
    HOLDS_ENDED = "holds_ended"  # the last hold was lifted or expired
    PART_PAID = "part_paid"
    PAID = "paid"
    CANCELLED = "cancelled"  # the invoice was cancelled or fully credited
    PAYMENT_RETURNED = "payment_returned"  # Rücklastschrift, or a booking was undone
    HANDED_OVER = "handed_over"
    HANDED_BACK = "handed_back"  # the agency gave the case back
    WRITTEN_OFF = "written_off"


class ImpossibleMove(ValueError):
    """An event that cannot happen in this state: somebody's picture of the case is wrong."""


FIRST_STATE: Final = CaseState.RUNNING

TRANSITIONS: Final = MappingProxyType(
    {
        (CaseState.RUNNING, CaseEvent.STAGE_SENT): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.HOLD_PLACED): CaseState.HELD,
        (CaseState.RUNNING, CaseEvent.PART_PAID): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.RUNNING, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.RUNNING, CaseEvent.PAYMENT_RETURNED): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.HANDED_OVER): CaseState.HANDED_OVER,
        (CaseState.RUNNING, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # A held case may still be paid; what it may not is be dunned or handed over.
        (CaseState.HELD, CaseEvent.HOLD_PLACED): CaseState.HELD,
        (CaseState.HELD, CaseEvent.HOLDS_ENDED): CaseState.RUNNING,
        (CaseState.HELD, CaseEvent.PART_PAID): CaseState.HELD,
        (CaseState.HELD, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.HELD, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.HELD, CaseEvent.PAYMENT_RETURNED): CaseState.HELD,
        (CaseState.HELD, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # After the hand-over a hold changes what the agency is told, not who speaks.
        (CaseState.HANDED_OVER, CaseEvent.HOLD_PLACED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.HOLDS_ENDED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.PART_PAID): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.HANDED_OVER, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.HANDED_OVER, CaseEvent.PAYMENT_RETURNED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.HANDED_BACK): CaseState.RUNNING,
        (CaseState.HANDED_OVER, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # A kept promise: the payment settles the case first, the hold expires days later.
        (CaseState.SETTLED, CaseEvent.HOLDS_ENDED): CaseState.SETTLED,
        (CaseState.SETTLED, CaseEvent.HANDED_BACK): CaseState.SETTLED,
        (CaseState.SETTLED, CaseEvent.PAYMENT_RETURNED): CaseState.RUNNING,
        # A write-off is our own bookkeeping; the debtor may still pay, and keeps owing when the payment bounces.
        (CaseState.WRITTEN_OFF, CaseEvent.HOLDS_ENDED): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.HANDED_BACK): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.PART_PAID): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.WRITTEN_OFF, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.WRITTEN_OFF, CaseEvent.PAYMENT_RETURNED): CaseState.WRITTEN_OFF,
    }
)


def move(state: CaseState, event: CaseEvent) -> CaseState:
    """Give the state after an event; raise ImpossibleMove where the table has no such move."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ImpossibleMove(f"a case that is {state} cannot become {event}; read its history again") from None
