"""Public cash offices (öffentliche Kassen), whose money has many reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

# Towns are left out: where they pay, they mostly pay an invoice.
NAMES: Final = phrases("""
    bundeskasse*; landeshauptkasse*; landesoberkasse*; landeskasse*; landesjustizkasse*; justizkasse*; gerichtskasse*
    oberjustizkasse*; zahlstelle des amtsgerichts; hinterlegungsstelle; staatsoberkasse*
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the cash office's name, after taxes and subsidies have been asked."""
    signs = () if seen.private else seen.by_name(MoneyKind.AUTHORITY)
    if not signs:
        return None
    incoming = f"public money from {seen.who}, which may also pay an invoice"
    return seen.money(MoneyKind.AUTHORITY, incoming=incoming, outgoing=f"public dues to {seen.who}", signs=signs)
