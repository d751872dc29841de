"""Money paid back (Erstattung): by our suppliers to us, or by us to our customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from reconciliation.other_money.label import MoneyKind, OtherMoney, Sureness
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

TEXTS: Final = phrases("""
    erstattung*; rueckerstattung*; rueckzahlung*; rueckverguetung*; ueberzahlung*; guthaben*; gutschrift*; refund*
    retoure*; doppelzahlung*; auszahlung guthaben; bonus; jahresbonus; umsatzbonus; kick back; storno; stornierung
""")
REFUND: Final = "refund"


def label(seen: Seen) -> OtherMoney | None:
    """Believe the bank about its own refunds; the word alone makes it probable, in either direction."""
    if seen.entry.kind is EntryKind.REFUND:
        says = "a debit on our account that was given back to us"
        kind, sureness = MoneyKind.SUPPLIER_REFUND, Sureness.CERTAIN
        return OtherMoney(kind=kind, says=says, sureness=sureness, signs=seen.by_kind())
    if seen.entry.kind is EntryKind.RETURNED_TRANSFER:
        says = "our own payment that came back"
        kind, sureness = MoneyKind.RETURNED_PAYMENT, Sureness.PROBABLE  # it may have paid out a credit note
        return OtherMoney(kind=kind, says=says, sureness=sureness, signs=seen.by_kind())
    signs = seen.by_text(REFUND)
    if not signs:
        return None
    if seen.comes_in:
        says = f"a refund (Erstattung) of the supplier {seen.who}"
        return OtherMoney(kind=MoneyKind.SUPPLIER_REFUND, says=says, sureness=Sureness.PROBABLE, signs=signs)
    says = f"a refund (Erstattung) to {seen.who}"
    return OtherMoney(kind=MoneyKind.REFUND_TO_CUSTOMER, says=says, sureness=Sureness.PROBABLE, signs=signs)
