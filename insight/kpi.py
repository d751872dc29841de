"""Figures of a receivables office (Kennzahlen): how long money is out, and how much of it comes in.

All are exact fractions; round where they are shown. Days are calendar days, amounts minor units of one currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a period showed: receivables at its begin and end, and the credit sales (gross) within it."""

    days: int
    open_at_begin: int  # minor units
    sales: int
    open_at_end: int
    not_due_at_end: int  # of open_at_end


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidItem:
    """An item that was paid in a period."""

    amount: int  # minor units
    due_date: date
    paid_on: date


def days_sales_outstanding(period: Period) -> Fraction | None:
    """Give the days of sales that are still open (DSO): open / sales x days; None without sales."""
    return Fraction(period.open_at_end * period.days, period.sales) if period.sales else None


def best_possible_days_sales_outstanding(period: Period) -> Fraction | None:
    """Give what the DSO would be if nobody paid late (BPDSO): only what is not due counts; None without sales."""
    return Fraction(period.not_due_at_end * period.days, period.sales) if period.sales else None


def average_days_delinquent(period: Period) -> Fraction | None:
    """Give the days of sales that are open because somebody is late (ADD = DSO less BPDSO); None without sales."""
    overdue = period.open_at_end - period.not_due_at_end
    return Fraction(overdue * period.days, period.sales) if period.sales else None


def collection_effectiveness(period: Period) -> Fraction | None:
    """Give the share, in percent, of what could be collected that was (CEI); None where nothing could be.

    (begin + sales - end) / (begin + sales - not due at the end) x 100.
    """
    collectable = period.open_at_begin + period.sales - period.not_due_at_end
    collected = period.open_at_begin + period.sales - period.open_at_end
    return Fraction(collected * 100, collectable) if collectable else None


def count_back_days_sales_outstanding(open_at_end: int, months: Sequence[tuple[int, int]]) -> Fraction | None:
    """Give the count-back DSO, which does not jump with seasonal sales.

    ``months`` are pairs of days and credit sales, the latest first. Whole months are taken off what is open as long
    as it lasts; of the last one its part counts. None where the months given do not reach back far enough.
    """
    days, rest = Fraction(), open_at_end
    for length, sales in months:
        if rest <= 0:
            break
        if sales >= rest:
            return days + Fraction(length * rest, sales)
        days, rest = days + length, rest - sales
    return days if rest <= 0 else None


def weighted_days_late(items: Iterable[PaidItem]) -> Fraction | None:
    """Give the days by which paid items were late, weighted by amount; early ones are punctual; None without any."""
    late = total = 0
    for item in items:
        total += item.amount
        late += item.amount * max(0, (item.paid_on - item.due_date).days)
    return Fraction(late, total) if total else None
