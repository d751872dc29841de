"""Donations given or got (Spenden)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

TEXTS: Final = phrases("spende; spenden; spendenzahlung; geldspende; donation; weihnachtsspende; spendenquittung")
CODES: Final = ("119", "165", "169")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the bank's codes for donations (GVC 119, 165, 169), the purpose, or the word."""
    coded = (*seen.by_code(*CODES), *seen.by_purpose("CHAR"))
    signs = (*coded, *seen.by_text(MoneyKind.DONATION))
    if not signs:
        return None
    incoming, outgoing = f"a donation (Spende) from {seen.who}", f"a donation (Spende) to {seen.who}"
    return seen.money(MoneyKind.DONATION, incoming=incoming, outgoing=outgoing, signs=signs)
