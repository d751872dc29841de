"""The hold (Mahnsperre): why a debtor or one of its items is not dunned, who said so, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

    @property
    def concerns_debtor(self) -> bool:
        """Whether everything of the debtor is silent: no item is named, or the reason is about the person."""
        return not self.item_id or self.reason in {HoldReason.INSOLVENCY, HoldReason.DECEASED}

    def holds_on(self, day: date) -> bool:
        """Whether there is silence on this day; the day it expires still counts."""
        return self.placed_on <= day and (self.expires_on is None or day <= self.expires_on)
