"""A payment service pays out what it collected for us (PayPal, Stripe, Klarna)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    paypal*; stripe payments*; stripe technology*; stripe; klarna*; mollie*; amazon payments*; shopify payments*
    shopify international; unzer*; ratepay*; gocardless*; braintree*; billie gmbh; payrexx*; datatrans*
    etsy payments*; ebay s a r l; amazon services europe
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the service's name; behind the sum may be one invoice or hundreds, less fees."""
    signs = seen.by_name(MoneyKind.PAYMENT_SERVICE)
    if not signs:
        return None
    return seen.money(
        MoneyKind.PAYMENT_SERVICE,
        incoming=f"a payout of the payment service {seen.who}",
        outgoing=f"money to the payment service {seen.who}",
        signs=signs,
    )
