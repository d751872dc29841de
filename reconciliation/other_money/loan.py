"""A loan is paid out or paid back (Darlehen, Tilgung)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

TEXTS: Final = phrases("darlehen*; tilgung*; kreditrate; annuitaet*; ratenkredit; leistungsrate; kreditauszahlung")
CODES: Final = ("LDAS", "604", "605")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the bank's domain for loans (LDAS), its GVC, the purpose, or the words of a loan."""
    coded = (*seen.by_code(*CODES), *seen.by_purpose("LOAN", "LOAR"))
    signs = (*coded, *seen.by_text(MoneyKind.LOAN))
    if not signs:
        return None
    incoming, outgoing = f"a loan paid out by {seen.who}", f"an instalment of a loan, to {seen.who}"
    return seen.money(MoneyKind.LOAN, incoming=incoming, outgoing=outgoing, signs=signs)
