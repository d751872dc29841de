"""Ageing (Altersstruktur): how much is open, and since when it should have been paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.open_item import OpenItem

# Name of each bucket and the last day overdue that belongs to it.
_BUCKETS: Final = (("not due", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("over 90", None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Everything open of one age."""

    name: str  # days overdue
    items: int
    open: Money


def ageing(items: Iterable[OpenItem], currency: str, today: date) -> tuple[Bucket, ...]:
    """Sort the open invoices of one currency by days overdue.

    Credit notes are a bucket of their own: netting them against invoices of other debtors would hide both.
    """
    counts = dict.fromkeys([*(name for name, _ in _BUCKETS), "credit notes"], 0)
    sums = dict.fromkeys(counts, 0)
    for item in items:
        if item.currency == currency and item.open_amount.minor > 0:
            name = _bucket_of(item.days_overdue(today)) if item.is_invoice else "credit notes"
            counts[name] += 1
            sums[name] += item.open_amount.minor
    return tuple(Bucket(name=name, items=counts[name], open=Money(sums[name], currency)) for name in counts)


def _bucket_of(days_overdue: int) -> str:
    return next(name for name, last in _BUCKETS if last is None or days_overdue <= last)
