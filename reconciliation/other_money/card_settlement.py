"""A card company pays out what customers paid by card (Kartenumsätze, Händlerabrechnung)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    concardis*; nexi; worldline*; six payment services; elavon*; first data*; fiserv; telecash*; payone*; adyen*
    sumup*; american express*; amex; evo payments*; b s card service; card complete*; viseca*; vr payment*; hobex*
    zettle; izettle*; transact elektronische zahlungssysteme; ccv gmbh; ccv deutschland; unicredit cards; swisscard*
""")
TEXTS: Final = phrases("""
    kartenumsa*; kartenzahlungen; kartenabrechnung*; haendlerabrechnung*; ec cash; girocard umsaetze
    settlement batch
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the bank's code or the card company's name; what goes out to it is its bill."""
    coded = seen.by_kind() if seen.entry.kind is EntryKind.CARD_SETTLEMENT else ()
    signs = (*coded, *seen.by_name(MoneyKind.CARD_SETTLEMENT), *seen.by_text(MoneyKind.CARD_SETTLEMENT))
    if not signs:
        return None
    return seen.money(
        MoneyKind.CARD_SETTLEMENT,
        incoming=f"card payments of customers (Kartenumsätze), paid out by {seen.who}",
        outgoing=f"a card payment of ours, or the bill of the card company {seen.who}",
        signs=signs,
    )
