"""Taking Skonto: in time, within the days of grace, too late, or more than was offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from benchmarks.matching.diary import Diary
    from ledger.allocation import Allocation
    from ledger.open_item import OpenItem

_TAKES: Final = 0.6
_GRACE_DAYS: Final = 3  # usual among German offices; also what MatchSettings begins with
_TOO_MUCH: Final = 0.05  # of those who take Skonto take a per cent more than offered


@dataclass(frozen=True, slots=True)
class Discount:
    """What a payer deducts from some invoices, and what the accountant grants of it."""

    deducted: dict[str, int]
    granted: dict[str, int]
    modifiers: tuple[str, ...]

    @property
    def needs_decision(self) -> bool:
        """Whether somebody has to decide about it."""
        return bool({"skonto_late", "skonto_too_much"} & set(self.modifiers))


def day_of_payment(diary: Diary, item: OpenItem, usual: date) -> date:
    """Give the day on which a payer who wants the Skonto pays, now and then some days too late."""
    if item.skonto_until is None or diary.rng.random() >= _TAKES:
        return usual
    chance = diary.rng.random()
    late = (
        -diary.rng.randint(0, 5)
        if chance < 0.78
        else diary.rng.randint(1, 3)
        if chance < 0.9
        else diary.rng.randint(4, 12)
    )
    return max(item.document_date + timedelta(days=1), item.skonto_until + timedelta(days=late))


def discount(diary: Diary, items: Sequence[OpenItem], day: date) -> Discount:
    """Deduct from each invoice that is still whole and was paid around the last day of its Skonto."""
    deducted: dict[str, int] = {}
    granted: dict[str, int] = {}
    modifiers: dict[str, None] = {}
    for item in items:
        if item.skonto_until is None or diary.left[item.item_id] != item.amount.minor:
            continue
        late = (day - item.skonto_until).days
        if late > 12 or not item.skonto().minor:
            continue
        modifiers[_kind(diary, late)] = None
        offered = item.skonto().minor
        kind = next(reversed(modifiers))
        percent = item.skonto_percent or 0
        deducted[item.item_id] = (
            offered * (int(percent) + 1) // int(percent) if kind == "skonto_too_much" else offered
        )
        granted[item.item_id] = 0 if kind == "skonto_late" and not diary.accepts_late_skonto else offered
    return Discount(deducted, granted, tuple(modifiers))


def _kind(diary: Diary, late: int) -> str:
    if late > _GRACE_DAYS:
        return "skonto_late"
    if diary.rng.random() < _TOO_MUCH:
        return "skonto_too_much"
    return "skonto_in_grace" if late > 0 else "skonto_in_time"


def pay_less(diary: Diary, items: Sequence[OpenItem], less: Discount) -> tuple[int, list[Allocation]]:
    """Settle invoices with their discounts; give what is transferred, and the bookings."""
    transferred, bookings = 0, []
    for item in items:
        due = diary.left[item.item_id]
        paid = due - less.deducted.get(item.item_id, 0)
        bookings += diary.settle(item, paid, less.granted.get(item.item_id, 0))
        transferred += paid
    return transferred, bookings
