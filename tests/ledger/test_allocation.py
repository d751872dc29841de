"""What a booking takes from the entry, and what it only waives."""

from __future__ import annotations

import pytest

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.money import CurrencyMismatch, Money

PAYMENT, SKONTO, FEE, INTEREST, SMALL, CHARGE, ACCOUNT = (
    AllocationKind.PAYMENT,
    AllocationKind.SKONTO,
    AllocationKind.FEE,
    AllocationKind.INTEREST,
    AllocationKind.SMALL_DIFFERENCE,
    AllocationKind.BANK_CHARGE,
    AllocationKind.ON_ACCOUNT,
)


@pytest.mark.parametrize(
    ("booking", "moved"),
    [
        ([(PAYMENT, 11900, "RE-1")], 11900),
        ([(PAYMENT, 11662, "RE-1"), (SKONTO, 238, "RE-1")], 11662),
        ([(PAYMENT, 11899, "RE-1"), (SMALL, 1, "RE-1")], 11899),
        ([(PAYMENT, 11901, "RE-1"), (SMALL, -1, "RE-1")], 11901),
        ([(PAYMENT, 11900, "RE-1"), (FEE, 250, ""), (INTEREST, 113, "")], 12263),
        ([(PAYMENT, 11900, "RE-1"), (ACCOUNT, 100, "")], 12000),
        ([(PAYMENT, 11900, "RE-1"), (PAYMENT, -1900, "GS-1")], 10000),
        # A bank on the way kept 5,00, so 114,00 arrived and 119,00 are settled.
        ([(PAYMENT, 11400, "RE-1"), (CHARGE, 500, "RE-1")], 11400),
        # A returned debit of 59,50 costs 3,00, and both leave our account.
        ([(PAYMENT, -5950, "RE-1"), (CHARGE, -300, "")], -6250),
        ([], 0),
    ],
)
def test_only_money_that_moved_is_taken_from_the_entry(
    booking: list[tuple[AllocationKind, int, str]], moved: int
) -> None:
    allocations = [Allocation(kind=kind, amount=Money(minor, "EUR"), item_id=item) for kind, minor, item in booking]
    assert money_moved(allocations, "EUR") == Money(moved, "EUR")


def test_an_allocation_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        money_moved([Allocation(kind=PAYMENT, amount=Money(1, "CHF"))], "EUR")
