"""Rent we pay or get (Miete, Pacht)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

TEXTS: Final = phrases("""
    miete; mieten; mietzahlung; kaltmiete; warmmiete; bueromiete; ladenmiete; garagenmiete; pacht; pachtzins
    mietzins; nebenkostenabrechnung; hausgeld; mietkaution; kaution
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the words of a lease; where rents are invoiced, the tenant is a debtor, and the label counts nothing."""
    signs = (*seen.by_purpose("RENT"), *seen.by_text(MoneyKind.RENT))
    if not signs:
        return None
    incoming, outgoing = f"rent (Miete) from {seen.who}", f"rent (Miete) to {seen.who}"
    return seen.money(MoneyKind.RENT, incoming=incoming, outgoing=outgoing, signs=signs)
