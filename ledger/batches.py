"""The batch booking (Sammelbuchung): told as one total here and as its payments there, it is booked in one form."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.identity import NEARBY_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from ledger.money import Money
    from ledger.statement import StatementEntry

# Batches by their own codes (GVC: DK, Anlage 3, chapter 8): transfers, instant, direct debits, cards, in and out.
_BATCH_CODE: Final = re.compile(r"(?:^|\+)(?:18[89]|19[0-8])(?:\+|$)")


class Booking(NamedTuple):
    """One booking of one delivery: how it is known, and what its two forms have in common."""

    key: Any
    day: date
    amount: Money
    payments: int
    batch_reference: str


def may_be_total(entry: StatementEntry) -> bool:
    """Whether an entry may stand for many payments: it names no payer of its own, or its code says batch."""
    is_nobody = not entry.end_to_end_id and entry.payer_iban in {"", entry.account}
    return is_nobody or _BATCH_CODE.search(entry.transaction_code) is not None


def same_bookings(totals: Iterable[Booking], batches: Iterable[Booking]) -> list[tuple[Booking, Booking]]:
    """Pair totals with the batches whose payments add up to them; each has one partner at most.

    An equal reference decides, even where notification or list of rejects came some days before the booking. Without
    one any batch of the same day and sum will do, because then either form of either booking adds up to the same.
    """
    waiting = [batch for batch in sorted(batches, key=_by_key) if batch.payments > 1]
    ordered = sorted(totals, key=_by_key)
    pairs = _paired(ordered, waiting, _by_reference, NEARBY_DAYS)
    gone_totals, gone_batches = {total.key for total, _ in pairs}, {batch.key for _, batch in pairs}
    return pairs + _paired(
        [total for total in ordered if total.key not in gone_totals],
        [batch for batch in waiting if batch.key not in gone_batches],
        _by_day,
        0,
    )


def _paired(
    totals: Iterable[Booking], batches: Iterable[Booking], alike: Callable[[Booking], Any], most_days: int
) -> list[tuple[Booking, Booking]]:
    waiting: dict[Any, list[Booking]] = defaultdict(list)
    for batch in batches:
        if (key := alike(batch)) is not None:
            waiting[key].append(batch)
    pairs = []
    for total in totals:
        near = [batch for batch in waiting.get(alike(total), ()) if abs((batch.day - total.day).days) <= most_days]
        if near:
            nearest = min(near, key=lambda batch: abs((batch.day - total.day).days))
            waiting[alike(total)].remove(nearest)
            pairs.append((total, nearest))
    return pairs


def _by_reference(booking: Booking) -> tuple[Money, str] | None:
    return (booking.amount, booking.batch_reference) if booking.batch_reference else None


def _by_day(booking: Booking) -> tuple[Money, date]:
    return booking.amount, booking.day


def _by_key(booking: Booking) -> str:
    return str(booking.key)
