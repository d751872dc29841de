"""The batch booking (Sammelbuchung): told as one total here and as its payments there, it is booked in one form."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    """Pair totals with the batches whose payments add up to them on the same day; each has one partner at most.

    An equal reference decides; without one any batch of the same day and sum will do, because then either form of
    either booking adds up to the same.
    """
    waiting: dict[tuple[date, Money], list[Booking]] = defaultdict(list)
    for batch in sorted(batches, key=_by_key):
        if batch.payments > 1:
            waiting[batch.day, batch.amount].append(batch)
    pairs, unsure = [], []
    for total in sorted(totals, key=_by_key):
        candidates = waiting.get((total.day, total.amount), [])
        sure = next((b for b in candidates if b.batch_reference and b.batch_reference == total.batch_reference), None)
        if sure is None:
            unsure.append(total)
        else:
            candidates.remove(sure)
            pairs.append((total, sure))
    for total in unsure:
        pairs += [(total, batch) for batch in waiting.get((total.day, total.amount), [])[:1]]
        del waiting.get((total.day, total.amount), [])[:1]
    return pairs


def _by_key(booking: Booking) -> str:
    return str(booking.key)
