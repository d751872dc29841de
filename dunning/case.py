"""The life of a case (Mahnfall): one item from overdue to settled, as one table of moves."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class CaseState(StrEnum):
    """Where the case of one item stands. Stages are data; these few states are code."""

    RUNNING = "running"  # climbs the stages
    HELD = "held"  # somebody asked for silence
    HANDED_OVER = "handed_over"  # the agency speaks now, we do not
    COURT = "court"  # an order for payment was applied for (Mahnbescheid), or a lawsuit is pending
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
    COURT_BEGUN = "court_begun"  # Mahnbescheid beantragt, Klage erhoben; by us or by the agency
    COURT_ENDED = "court_ended"  # with a title, or without
    WRITTEN_OFF = "written_off"
    WRITE_OFF_UNDONE = "write_off_undone"


class ImpossibleMove(ValueError):
    """An event that cannot happen in this state: somebody's picture of the case is wrong."""


FIRST_STATE: Final = CaseState.RUNNING

# What may follow what. A state says what is strongest in law; where it ends, what it covered shows again: who leaves
# the court while the agency has the case is with the agency, and whose write-off is undone is where it was before.
TRANSITIONS: Final = MappingProxyType(
    {
        (CaseState.RUNNING, CaseEvent.STAGE_SENT): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.HOLD_PLACED): CaseState.HELD,
        (CaseState.RUNNING, CaseEvent.PART_PAID): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.RUNNING, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.RUNNING, CaseEvent.PAYMENT_RETURNED): CaseState.RUNNING,
        (CaseState.RUNNING, CaseEvent.HANDED_OVER): CaseState.HANDED_OVER,
        (CaseState.RUNNING, CaseEvent.COURT_BEGUN): CaseState.COURT,
        (CaseState.RUNNING, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # A held case may still be paid; what it may not is be dunned or handed over.
        (CaseState.HELD, CaseEvent.HOLD_PLACED): CaseState.HELD,
        (CaseState.HELD, CaseEvent.HOLDS_ENDED): CaseState.RUNNING,
        (CaseState.HELD, CaseEvent.PART_PAID): CaseState.HELD,
        (CaseState.HELD, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.HELD, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.HELD, CaseEvent.PAYMENT_RETURNED): CaseState.HELD,
        (CaseState.HELD, CaseEvent.COURT_BEGUN): CaseState.COURT,  # against limitation, whatever was promised
        (CaseState.HELD, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # After the hand-over a hold changes what the agency is told, not who speaks.
        (CaseState.HANDED_OVER, CaseEvent.HOLD_PLACED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.HOLDS_ENDED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.PART_PAID): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.HANDED_OVER, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.HANDED_OVER, CaseEvent.PAYMENT_RETURNED): CaseState.HANDED_OVER,
        (CaseState.HANDED_OVER, CaseEvent.HANDED_BACK): CaseState.RUNNING,
        (CaseState.HANDED_OVER, CaseEvent.COURT_BEGUN): CaseState.COURT,
        (CaseState.HANDED_OVER, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # While a court decides, we say nothing; what the debtor pays or asks for meanwhile changes nothing in that.
        (CaseState.COURT, CaseEvent.HOLD_PLACED): CaseState.COURT,
        (CaseState.COURT, CaseEvent.HOLDS_ENDED): CaseState.COURT,
        (CaseState.COURT, CaseEvent.PART_PAID): CaseState.COURT,
        (CaseState.COURT, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.COURT, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.COURT, CaseEvent.PAYMENT_RETURNED): CaseState.COURT,
        (CaseState.COURT, CaseEvent.HANDED_BACK): CaseState.RUNNING,  # the agency ends its mandate, and its lawsuit
        (CaseState.COURT, CaseEvent.COURT_ENDED): CaseState.RUNNING,
        (CaseState.COURT, CaseEvent.WRITTEN_OFF): CaseState.WRITTEN_OFF,
        # A kept promise: the payment settles the case first, the hold expires days later.
        (CaseState.SETTLED, CaseEvent.HOLDS_ENDED): CaseState.SETTLED,
        (CaseState.SETTLED, CaseEvent.HANDED_BACK): CaseState.SETTLED,
        (CaseState.SETTLED, CaseEvent.COURT_ENDED): CaseState.SETTLED,
        (CaseState.SETTLED, CaseEvent.PAYMENT_RETURNED): CaseState.RUNNING,
        # A write-off is our own bookkeeping; the debtor may still pay, and keeps owing when the payment bounces.
        (CaseState.WRITTEN_OFF, CaseEvent.HOLDS_ENDED): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.HANDED_BACK): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.COURT_ENDED): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.PART_PAID): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.PAID): CaseState.SETTLED,
        (CaseState.WRITTEN_OFF, CaseEvent.CANCELLED): CaseState.SETTLED,
        (CaseState.WRITTEN_OFF, CaseEvent.PAYMENT_RETURNED): CaseState.WRITTEN_OFF,
        (CaseState.WRITTEN_OFF, CaseEvent.WRITE_OFF_UNDONE): CaseState.RUNNING,
    }
)


class HeldFor(StrEnum):
    """Why a case is held, in one word for a list; the gate's sentence says the rest."""

    DISPUTED = "disputed"
    PROMISED = "promised"
    DEFERRED = "deferred"
    INSTALMENTS = "instalments"
    INSOLVENCY = "insolvency"
    DECEASED = "deceased"
    MANUAL = "manual"
    WAITING_FOR_REVIEW = "waiting_for_review"  # a payment, a returned debit or a message that a person must look at
    STALE_DATA = "stale_data"  # bank statements or the accounting tool are behind


_HELD_FOR: Final = MappingProxyType(
    {
        "disputed": HeldFor.DISPUTED,
        "promised": HeldFor.PROMISED,
        "deferred": HeldFor.DEFERRED,
        "instalments": HeldFor.INSTALMENTS,
        "insolvency": HeldFor.INSOLVENCY,
        "deceased": HeldFor.DECEASED,
        "on_hold": HeldFor.MANUAL,
        "payment_in_review": HeldFor.WAITING_FOR_REVIEW,
        "sending_uncertain": HeldFor.WAITING_FOR_REVIEW,
        "message_unanswered": HeldFor.WAITING_FOR_REVIEW,
        "notice_waiting": HeldFor.WAITING_FOR_REVIEW,
        "return_disputed": HeldFor.WAITING_FOR_REVIEW,
        "return_deceased": HeldFor.WAITING_FOR_REVIEW,
        "return_our_mistake": HeldFor.WAITING_FOR_REVIEW,
        "bank_data_stale": HeldFor.STALE_DATA,
        "bank_data_gap": HeldFor.STALE_DATA,
        "bank_file_unread": HeldFor.STALE_DATA,
        "mirror_stale": HeldFor.STALE_DATA,
        "item_not_listed": HeldFor.STALE_DATA,
        "debtor_not_listed": HeldFor.STALE_DATA,
    }
)


def held_for(codes: Iterable[str]) -> tuple[HeldFor, ...]:
    """Give why a case is held, from the gate's codes; what only needs time or master data holds no case."""
    return tuple(dict.fromkeys(_HELD_FOR[code] for code in codes if code in _HELD_FOR))


def state_now(*, is_open: bool, written_off: bool, in_court: bool, handed_over: bool, held: bool) -> CaseState:
    """Give the state from what is known today; what is stronger in law stands first."""
    if not is_open:
        return CaseState.SETTLED
    if written_off:
        return CaseState.WRITTEN_OFF
    if in_court:
        return CaseState.COURT
    if handed_over:
        return CaseState.HANDED_OVER
    return CaseState.HELD if held else CaseState.RUNNING


def move(state: CaseState, event: CaseEvent) -> CaseState:
    """Give the state after an event; raise ImpossibleMove where the table has no such move."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ImpossibleMove(f"a case that is {state} cannot become {event}; read its history again") from None
