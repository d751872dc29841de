"""Cash is paid in or drawn (Bargeld)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.statement import EntryKind
from reconciliation.other_money.label import MoneyKind, OtherMoney

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen


def label(seen: Seen) -> OtherMoney | None:
    """Cash paid in is usually our own till, but a debtor may pay an invoice at the bank's counter."""
    if seen.entry.kind is not EntryKind.CASH:
        return None
    incoming, outgoing = "cash paid in (Bareinzahlung)", "cash drawn from the account (Barauszahlung)"
    return seen.money(MoneyKind.CASH, incoming=incoming, outgoing=outgoing, signs=seen.by_kind())
