"""Skonto by VAT rate (Steuersatz): the accounts its parts go to, where both rates and accounts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.allocation import AllocationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from export.datev.accounts import ChartOfAccounts
    from ledger.allocation import Allocation
    from ledger.money import Money


def skonto_by_rate(allocation: Allocation, chart: ChartOfAccounts) -> tuple[tuple[Decimal, int, Money], ...]:
    """Give rate, account and gross amount of every part of a Skonto; nothing where DATEV has to find the rates.

    The accounts compute the tax inside the gross amount by themselves (§ 17 (1) UStG). It is all or nothing: a Skonto
    of which one rate has no account stays on the line of its payment, and so does all Skonto where the adviser wants
    it on a single account.
    """
    if chart.skonto is not None or tuple(_unknown_rates(allocation, chart)):
        return ()
    # Where a booking is undone, parts may still carry the sign it had; what counts is the sign of the amount.
    parts = [
        (part.rate_percent, chart.skonto_accounts[part.rate_percent], _signed(abs(part.gross), allocation.amount))
        for part in allocation.tax_parts
    ]
    assert not parts or sum(gross.minor for _, _, gross in parts) == allocation.amount.minor, allocation
    return tuple(parts)


def is_booked_by_rate(allocation: Allocation, chart: ChartOfAccounts) -> bool:
    """Whether an allocation is a Skonto with postings of its own, rather than one on the line of its payment."""
    return allocation.kind is AllocationKind.SKONTO and bool(skonto_by_rate(allocation, chart))


def rates_without_account(allocations: Iterable[Allocation], chart: ChartOfAccounts) -> tuple[Decimal, ...]:
    """Give the VAT rates for which the chart has no account, the lowest first."""
    if chart.skonto is not None:
        return ()
    return tuple(sorted({rate for allocation in allocations for rate in _unknown_rates(allocation, chart)}))


def written_rate(rate_percent: Decimal) -> str:
    """Write a rate as Germans do: ``5,5 %``."""
    return f"{rate_percent.normalize():f} %".replace(".", ",")


def _unknown_rates(allocation: Allocation, chart: ChartOfAccounts) -> Iterator[Decimal]:
    return (p.rate_percent for p in allocation.tax_parts if p.rate_percent not in chart.skonto_accounts)


def _signed(amount: Money, like: Money) -> Money:
    return -amount if like.minor < 0 else amount
