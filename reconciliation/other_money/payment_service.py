"""A payment service pays out what it collected for us (PayPal, Stripe, Klarna)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation.other_money.label import By, MoneyKind, OtherMoney, Sign
from reconciliation.payment_services import service_named

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen


def label(seen: Seen) -> OtherMoney | None:
    """Go by the service's name; behind the sum may be one invoice or hundreds, less fees."""
    if not service_named(seen.entry.payer_name):
        return None
    return seen.money(
        MoneyKind.PAYMENT_SERVICE,
        incoming=f"a payout of the payment service {seen.who}",
        outgoing=f"money to the payment service {seen.who}",
        signs=(Sign(By.NAME, seen.entry.payer_name.strip()),),
    )
