"""Bookings (Buchungssätze) as every rival makes them, so that rivals differ only in what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry


def in_full(items: Sequence[OpenItem], entry: StatementEntry) -> tuple[Allocation, ...]:
    """Settle all of these items, if the payment is their sum or their sum less Skonto in time; else give nothing.

    No system reads Skonto in less than this, so every rival gets it, whatever its model does.
    """
    if not items or any(item.currency != entry.amount.currency for item in items):
        return ()
    whole = sum(item.balance.minor for item in items)
    deducted = sum(skonto_in_time(item, entry) for item in items)
    if entry.amount.minor == whole:
        return tuple(_line(AllocationKind.PAYMENT, item, item.balance.minor) for item in items)
    if deducted and entry.amount.minor == whole - deducted:
        return tuple(line for item in items for line in _less_skonto(item, entry))
    return ()


def as_far_as_it_goes(items: Sequence[OpenItem], entry: StatementEntry) -> tuple[Allocation, ...]:
    """Settle one invoice after the other until the money is used up; what is left is credit of the last debtor."""
    invoices = [item for item in items if item.is_invoice and item.currency == entry.amount.currency]
    left, lines = entry.amount.minor, []
    for item in invoices:
        if left:
            lines.append(_line(AllocationKind.PAYMENT, item, min(left, item.open_amount.minor)))
            left -= lines[-1].amount.minor
    if invoices and left:
        credit = Money(left, entry.amount.currency)
        debtor = invoices[-1].debtor_number
        lines.append(Allocation(kind=AllocationKind.ON_ACCOUNT, amount=credit, debtor_number=debtor))
    return tuple(lines)


def fits(item: OpenItem, entry: StatementEntry) -> bool:
    """Whether the payment is exactly what is open on one invoice, or that less Skonto in time."""
    return item.currency == entry.amount.currency and entry.amount.minor in {
        item.balance.minor,
        item.balance.minor - skonto_in_time(item, entry),
    }


def skonto_in_time(item: OpenItem, entry: StatementEntry) -> int:
    """Give the Skonto in minor units that may still be deducted on the day of the payment."""
    untouched = item.open_amount == item.amount
    in_time = item.skonto_until is not None and entry.booking_date <= item.skonto_until
    return item.skonto().minor if item.is_invoice and untouched and in_time else 0


def _less_skonto(item: OpenItem, entry: StatementEntry) -> Iterator[Allocation]:
    skonto = skonto_in_time(item, entry)
    yield _line(AllocationKind.PAYMENT, item, item.balance.minor - skonto)
    if skonto:
        yield _line(AllocationKind.SKONTO, item, skonto)


def _line(kind: AllocationKind, item: OpenItem, minor: int) -> Allocation:
    return Allocation(
        kind=kind,
        amount=Money(minor, item.currency),
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
    )
