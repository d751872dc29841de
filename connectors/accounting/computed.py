"""Computed amounts (errechnete Beträge): what binary fractions, and ledgers in another currency, leave of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ledger.money import Money, minor_digits

if TYPE_CHECKING:
    from connectors.accounting.fields import Fields

_NOISE: Final = Decimal("0.0001")  # of a minor unit; whoever means something writes more


def amount_of(fields: Fields, key: str, currency: str) -> Money:
    """Read an amount that was calculated in binary fractions: 119.00000001 is 119, and 119.004 is a mistake."""
    shifted = fields.needed_decimal(key).scaleb(minor_digits(currency))
    whole = shifted.to_integral_value()
    near = whole if abs(shifted - whole) < _NOISE else shifted
    return fields.exact(key, near.scaleb(-minor_digits(currency)), currency)


def exchanged(fields: Fields, key: str, left: Money, kept: Money, total: Money) -> Money:
    """Give what is open of ``total``, where the tool keeps it in another currency: as ``left`` of ``kept``.

    All or nothing: between the two, no rate of exchange says exactly how much it is, and that is a Mistake.
    """
    if not left:
        return Money(0, total.currency)
    if left == kept:
        return total
    raise fields.mistake(key, f"is kept in {left.currency}, and a part of {total.currency} cannot be read from it")
