"""Customs duties and import VAT (Zoll, Einfuhrumsatzsteuer)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    hauptzollamt*; zollamt*; zollkasse*; zollverwaltung; zollzahlstelle; bazg; zoll oesterreich
    bundesamt fuer zoll*; eidgenoessische zollverwaltung; generalzolldirektion
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the customs office's name."""
    signs = () if seen.private else seen.by_name(MoneyKind.CUSTOMS)
    if not signs:
        return None
    incoming, outgoing = f"a refund of customs duties by {seen.who}", f"customs duties (Zoll) to {seen.who}"
    return seen.money(MoneyKind.CUSTOMS, incoming=incoming, outgoing=outgoing, signs=signs)
