"""The hold (Mahnsperre): why a debtor or one of its items is not dunned, who said so, until when, and what then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class HoldReason(StrEnum):
    """Why somebody asked for silence."""

    DISPUTE = "dispute"  # Reklamation
    PROMISE = "promise"  # Zahlungszusage
    DEFERRAL = "deferral"  # Stundung
    INSTALMENTS = "instalments"  # Ratenzahlung
    INSOLVENCY = "insolvency"  # Insolvenz, also preliminary
    MANUAL = "manual"  # a person's decision
    LEGAL = "legal"  # court, lawyer, set-off under way
    DECEASED = "deceased"  # Todesfall


class AfterHold(StrEnum):
    """What happens when a hold is over and the item is still open."""

    RESUME = "resume"  # the ladder goes on where it stood
    SOFTER = "softer"  # one stage earlier than it would be, in soft words
    AT_ONCE = "at_once"  # a broken promise: the next stage at once, and the text names it
    WHOLE_REST = "whole_rest"  # a broken instalment plan: at once, and the whole rest is due


# What is usual after each reason; a hold may say otherwise.
USUALLY_AFTER: Final = MappingProxyType(
    {
        HoldReason.DISPUTE: AfterHold.RESUME,
        HoldReason.PROMISE: AfterHold.AT_ONCE,
        HoldReason.DEFERRAL: AfterHold.RESUME,
        HoldReason.INSTALMENTS: AfterHold.WHOLE_REST,
        HoldReason.INSOLVENCY: AfterHold.RESUME,
        HoldReason.MANUAL: AfterHold.RESUME,
        HoldReason.LEGAL: AfterHold.RESUME,
        HoldReason.DECEASED: AfterHold.SOFTER,  # the heirs hear of it for the first time
    }
)
_NAMES_A_BROKEN_WORD: Final = frozenset({AfterHold.AT_ONCE, AfterHold.WHOLE_REST})

_TOLD: Final = {
    AfterHold.RESUME: "the stages go on where they stood",
    AfterHold.SOFTER: "the stages go on one earlier, with a soft letter",
    AfterHold.AT_ONCE: "the next stage follows at once and names the broken promise",
    AfterHold.WHOLE_REST: "the next stage follows at once and asks for the whole rest",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Silence about one item, or about everything a debtor owes."""

    hold_id: str
    debtor_number: str
    item_id: str = ""  # empty: the whole debtor
    reason: HoldReason
    note: str = ""  # what the debtor or the accountant said
    owner: str  # who looks after it
    placed_on: date
    expires_on: date | None = None  # the last day of silence; None: until somebody lifts it
    after: AfterHold | None = None  # None: what is usual for the reason
    since: date | None = None  # the day it is about: insolvency opened, death; None: the day it was placed
    ended_on: date | None = None  # the first day without it, where somebody ended it before it expired
    broken: bool = False  # it was ended because the debtor did not keep to it

    @property
    def concerns_debtor(self) -> bool:
        """Whether everything of the debtor is silent: no item is named, or the reason is about the person."""
        return not self.item_id or self.reason in {HoldReason.INSOLVENCY, HoldReason.DECEASED}

    def holds_on(self, day: date) -> bool:
        """Whether there is silence on this day; the day it expires still counts."""
        return self.placed_on <= day and (self.silent_until is None or day <= self.silent_until)

    @property
    def silent_until(self) -> date | None:
        """The last day of silence as it was or will be; None while nobody knows."""
        if self.ended_on is not None:
            lifted = self.ended_on - timedelta(days=1)
            return lifted if self.expires_on is None else min(lifted, self.expires_on)
        return self.expires_on

    @property
    def what_follows(self) -> AfterHold:
        """What happens when it is over; who was let off by a person has broken no word."""
        after = self.after or USUALLY_AFTER[self.reason]
        let_off = self.ended_on is not None and not self.broken and not self._expired_before_its_end
        return AfterHold.RESUME if let_off and after in _NAMES_A_BROKEN_WORD else after

    @property
    def follows(self) -> str:
        """What happens when it is over, as a part of a sentence."""
        return _TOLD[self.what_follows]

    @property
    def _expired_before_its_end(self) -> bool:
        return self.ended_on is not None and self.expires_on is not None and self.expires_on < self.ended_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """How an item goes on after a hold that is over; the first notice sent afterwards uses it up."""

    after: AfterHold
    reason: HoldReason
    silent_until: date
    hold_id: str
    note: str = ""

    @property
    def names_a_broken_word(self) -> bool:
        """Whether the next text says that a promise or an instalment plan was not kept."""
        return self.after in _NAMES_A_BROKEN_WORD


def resumption_of(item_id: str, holds: Iterable[Hold], last_sent: date | None, day: date) -> Resumption | None:
    """Give how an item goes on after its last hold; None where it simply goes on, or has gone on already.

    After a deferral (Stundung) it simply goes on as well, but the next letter says that it is over.
    """
    over = [
        (hold.silent_until, hold.hold_id, hold)
        for hold in holds
        if (hold.concerns_debtor or hold.item_id == item_id)
        and hold.silent_until is not None
        and hold.placed_on <= hold.silent_until < day
        and (last_sent is None or last_sent <= hold.silent_until)
    ]
    if not over:
        return None
    until, hold_id, hold = max(over, key=lambda one: one[:2])
    if hold.what_follows is AfterHold.RESUME and hold.reason is not HoldReason.DEFERRAL:
        return None
    return Resumption(
        after=hold.what_follows, reason=hold.reason, silent_until=until, hold_id=hold_id, note=hold.note
    )


def holds_known_on(holds: Iterable[Hold], day: date) -> tuple[Hold, ...]:
    """Give the holds as they were known on a day: those placed by then, and none ended that was lifted later."""
    return tuple(
        replace(hold, ended_on=None, broken=False) if hold.ended_on is not None and hold.ended_on > day else hold
        for hold in holds
        if hold.placed_on <= day
    )


def interest_stops_before(item_id: str, holds: Iterable[Hold]) -> date | None:
    """Give the day from which no interest is claimed any more: the opening of insolvency proceedings.

    Interest since the opening is subordinate (§ 39 Abs. 1 Nr. 1 InsO); it is filed up to the day before.
    """
    openings = [
        hold.since or hold.placed_on
        for hold in holds
        if hold.reason is HoldReason.INSOLVENCY
        and hold.ended_on is None
        and (hold.concerns_debtor or hold.item_id == item_id)
    ]
    return min(openings, default=None)
