"""Money moved between our own accounts (Umbuchung)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation.other_money.label import By, MoneyKind, OtherMoney, Sign, Sureness

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen


def label(seen: Seen) -> OtherMoney | None:
    """Take over what pairing the accounts has found: certain with both sides, probable with one."""
    transfer = seen.transfer
    purpose = seen.by_purpose("INTC", "CASH", "TREA") if seen.comes_in else ()
    if transfer is None and not purpose:
        return None
    if transfer is None:
        says = f"a transfer within the group, from {seen.who}"
        return OtherMoney(kind=MoneyKind.OWN_TRANSFER, says=says, sureness=Sureness.PROBABLE, signs=purpose)
    paired = bool(transfer.other_side)
    return OtherMoney(
        kind=MoneyKind.OWN_TRANSFER,
        says=transfer.says,
        sureness=Sureness.CERTAIN if paired else Sureness.PROBABLE,
        signs=(Sign(By.OTHER_SIDE if paired else By.ACCOUNT, ""),),
    )
