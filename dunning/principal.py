"""The principal over time (Hauptforderung): what was open of an item on each day, from what settled it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ledger.allocation import SETTLES_PRINCIPAL, AllocationKind
from ledger.calendar import add_bank_days
from ledger.debtor import DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


# A transfer needs one bank day, on paper two (§ 675s Abs. 1 BGB), and the debtor's bank a cut-off hour.
_DAYS_ON_THE_WAY: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPart:
    """One allocation to an item with the day the bank credited it; negative where it was taken back or returned."""

    day: date  # value or booking date of the entry, not the day it was imported (ECJ C-306/06)
    kind: AllocationKind
    amount: Money


def by_day_of_payment(parts: Iterable[SettledPart], debtor_type: DebtorType) -> tuple[SettledPart, ...]:
    """Give the parts by the day on which the law takes them as paid.

    A business has paid when the money is credited (ECJ C-306/06); everybody else when the transfer was ordered
    (§§ 269, 270 BGB, BGH VIII ZR 222/15), which is taken to be three bank days before. What was taken back keeps its
    day.
    """
    if debtor_type is DebtorType.BUSINESS:
        return tuple(parts)
    return tuple(
        replace(part, day=add_bank_days(part.day, -_DAYS_ON_THE_WAY))
        if part.kind is AllocationKind.PAYMENT and part.amount.minor > 0
        else part
        for part in parts
    )


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


def bearing_interest(
    history: Sequence[tuple[date, Money]], interrupted: Iterable[tuple[date, date | None]]
) -> tuple[tuple[date, Money], ...]:
    """Leave out the days on which a claim was not due: nothing bears interest on them.

    Each interruption is its first day and the first day after it; None where nobody knows its end.
    """
    changes = dict(history)
    for first, after in interrupted:
        nothing = Money(0, history[0][1].currency)
        if after is not None and after > history[0][0]:
            changes[after] = _on(history, after)
        within = [day for day in changes if first <= day and (after is None or day < after)]
        changes |= dict.fromkeys([*within, *([first] if first > history[0][0] else [])], nothing)
    return tuple(sorted(changes.items()))


def _on(history: Sequence[tuple[date, Money]], day: date) -> Money:
    return [amount for since, amount in history if since <= day][-1]


def interest_paid(parts: Iterable[SettledPart], currency: str) -> Money:
    """Add up what was paid on interest; it is no longer owed."""
    return total((part.amount for part in parts if part.kind is AllocationKind.INTEREST), currency)


def costs_paid(parts: Iterable[SettledPart], currency: str) -> Money:
    """Add up what was paid on fees and other costs of dunning."""
    return total((part.amount for part in parts if part.kind is AllocationKind.FEE), currency)
