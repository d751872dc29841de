"""The truth beside a payment: what was meant by it, and whether a careful accountant could know that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.allocation import MOVES_MONEY, SETTLES_PRINCIPAL, Allocation, AllocationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What one payment is. ``bookings`` is the booking an accountant who knows everything would make.

    ``bookable`` says whether a careful accountant with the statement, the books and their history would book exactly
    this without asking anybody. Two items of one amount and no clue, an invoice paid twice, a wrong number without
    any other clue, a decision about Skonto taken too late: these are not bookable.
    """

    payment_class: str
    modifiers: tuple[str, ...] = ()
    bookings: tuple[Allocation, ...] = ()
    bookable: bool = False

    @property
    def allocations(self) -> Mapping[str, int]:
        """By how many minor units each item falls, with what Skonto, differences and bank charges waive of it."""
        return settled(self.bookings)

    @property
    def on_account(self) -> Mapping[str, int]:
        """Minor units that wait as credit of each debtor."""
        return credited(self.bookings)

    @property
    def fee_minor(self) -> int:
        """Minor units that are fee or interest of a reminder; negative what a bank charged us for a return."""
        fees = {AllocationKind.FEE, AllocationKind.INTEREST}
        return sum(
            a.amount.minor
            for a in self.bookings
            if a.kind in fees or (a.kind is AllocationKind.BANK_CHARGE and not a.item_id)
        )

    @property
    def moved_minor(self) -> int:
        """Minor units that the bookings say have moved on the account: the amount of the payment."""
        return self.fee_minor + sum(
            a.amount.minor
            for a in self.bookings
            if a.kind in MOVES_MONEY and a.kind not in {AllocationKind.FEE, AllocationKind.INTEREST}
        )


def settled(allocations: Iterable[Allocation]) -> dict[str, int]:
    """Add up per item by how much allocations reduce what is open on it."""
    amounts: dict[str, int] = {}
    for a in allocations:
        if a.item_id and a.kind in SETTLES_PRINCIPAL:
            amounts[a.item_id] = amounts.get(a.item_id, 0) + a.amount.minor
    return {item_id: minor for item_id, minor in amounts.items() if minor}


def credited(allocations: Iterable[Allocation]) -> dict[str, int]:
    """Add up per debtor what allocations put on account."""
    amounts: dict[str, int] = {}
    for a in allocations:
        if a.kind is AllocationKind.ON_ACCOUNT:
            amounts[a.debtor_number] = amounts.get(a.debtor_number, 0) + a.amount.minor
    return {debtor: minor for debtor, minor in amounts.items() if minor}
