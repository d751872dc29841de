"""The bank pays or takes interest (Zinsen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.statement import EntryKind
from reconciliation.other_money.label import MoneyKind, OtherMoney, Sureness

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen


def label(seen: Seen) -> OtherMoney | None:
    """Believe the bank about its own interest; interest for late payment (Verzugszinsen) comes as a transfer."""
    if seen.entry.kind is not EntryKind.INTEREST:
        return None
    says = "interest of the bank (Zinsen)"
    return OtherMoney(kind=MoneyKind.INTEREST, says=says, sureness=Sureness.CERTAIN, signs=seen.by_kind())
