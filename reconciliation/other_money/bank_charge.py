"""The bank takes or gives back its charges (Entgelt, Kontoführung, Abschluss)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.statement import EntryKind
from reconciliation.other_money.label import MoneyKind, OtherMoney, Sureness

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen


def label(seen: Seen) -> OtherMoney | None:
    """Believe the bank about its own charges."""
    if seen.entry.kind is not EntryKind.CHARGE:
        return None
    says = "a charge given back by the bank" if seen.comes_in else "a charge of the bank (Entgelt)"
    return OtherMoney(kind=MoneyKind.BANK_CHARGE, says=says, sureness=Sureness.CERTAIN, signs=seen.by_kind())
