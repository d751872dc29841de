"""The principal over time (Hauptforderung): what was open of an item on each day, from what settled it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.allocation import SETTLES_PRINCIPAL, AllocationKind
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPart:
    """One allocation to an item with the day the bank credited it; negative where it was taken back or returned."""

    day: date  # value or booking date of the entry, not the day it was imported (ECJ C-306/06)
    kind: AllocationKind
    amount: Money


def principal_history(
    open_now: Money, parts: Iterable[SettledPart], first_day: date, original: Money
) -> tuple[tuple[date, Money], ...]:
    """Give what was open from ``first_day`` on, as pairs of a day and the principal from that day on.

    It is counted backwards from what is open now, which the accounting tool knows best: a payment we never saw makes
    the past smaller, never larger. No day shows more than the ``original`` amount, nor less than nothing. Fees and
    interest paid along change no principal (§ 367 BGB).
    """
    changes: defaultdict[date, int] = defaultdict(int)
    for part in parts:
        if part.kind in SETTLES_PRINCIPAL and part.day > first_day:
            changes[part.day] += part.amount.minor
    history: list[tuple[date, int]] = []
    minor = open_now.minor
    for day in sorted(changes, reverse=True):
        history.append((day, minor))
        minor += changes[day]
    history.append((first_day, minor))
    return tuple(
        (day, Money(min(max(was, 0), max(original.minor, open_now.minor)), open_now.currency))
        for day, was in reversed(history)
    )


def interest_paid(parts: Iterable[SettledPart], currency: str) -> Money:
    """Add up what was paid on interest; it is no longer owed."""
    return total((part.amount for part in parts if part.kind is AllocationKind.INTEREST), currency)


def costs_paid(parts: Iterable[SettledPart], currency: str) -> Money:
    """Add up what was paid on fees and other costs of dunning."""
    return total((part.amount for part in parts if part.kind is AllocationKind.FEE), currency)
