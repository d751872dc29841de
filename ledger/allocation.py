"""The allocation (Zuordnung): which part of a payment settles what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.tax_share import TaxPart


class AllocationKind(StrEnum):
    """As what an amount is booked."""

    PAYMENT = "payment"  # Zahlung
    SKONTO = "skonto"
    FEE = "fee"  # Mahngebühr paid along
    INTEREST = "interest"  # Verzugszinsen paid along
    SMALL_DIFFERENCE = "small_difference"  # Kleindifferenz
    BANK_CHARGE = "bank_charge"  # Bankspesen: kept by a bank on the way, or charged to us for a return
    ON_ACCOUNT = "on_account"  # Akontozahlung: credit of the debtor without a document


# These reduce what is open on the document; fee and interest are claims of their own.
SETTLES_PRINCIPAL: Final = frozenset(
    {
        AllocationKind.PAYMENT,
        AllocationKind.SKONTO,
        AllocationKind.SMALL_DIFFERENCE,
        AllocationKind.BANK_CHARGE,
    }
)

# These are money that moved on the account; Skonto and differences are waived, not paid.
MOVES_MONEY: Final = frozenset(
    {AllocationKind.PAYMENT, AllocationKind.FEE, AllocationKind.INTEREST, AllocationKind.ON_ACCOUNT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One line of a booking: an amount of one entry settles (part of) one item, or waits on account.

    The amount is signed like the entry: positive reduces an invoice; negative uses up a credit note, or reopens an
    invoice whose debit was returned. ``item_id`` is empty for on-account amounts and charges without a document.
    """

    kind: AllocationKind
    amount: Money
    item_id: str = ""
    document_number: str = ""
    debtor_number: str = ""
    tax_parts: tuple[TaxPart, ...] = ()  # of Skonto: the amount by VAT rate, where the document's rates are known

    def __neg__(self) -> Allocation:
        """Give the line that takes this one back."""
        parts = tuple(replace(part, net=-part.net, tax=-part.tax) for part in self.tax_parts)
        return replace(self, amount=-self.amount, tax_parts=parts)


def money_moved(allocations: Iterable[Allocation], currency: str) -> Money:
    """Add up what the allocations take from the entry; for a complete booking this is the entry's amount.

    A bank charge on an item was kept by a bank on the way and never reached us, so it does not count; a bank charge
    without an item is money that left our account (the fee inside a returned debit), so it does.
    """
    return total(
        (
            a.amount
            for a in allocations
            if a.kind in MOVES_MONEY or (a.kind is AllocationKind.BANK_CHARGE and not a.item_id)
        ),
        currency,
    )
