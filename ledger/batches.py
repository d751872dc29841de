"""The batch booking (Sammelbuchung): delivered as one total here and as its payments there, it is booked once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.identity import identify
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from datetime import date

    from ledger.statement import StatementEntry

Booking = list["StatementEntry"]  # the payments of one booking


def identify_bookings(
    incoming: Sequence[StatementEntry], known: Iterable[StatementEntry], taken: Iterable[str] = ()
) -> list[StatementEntry]:
    """Identify entries as ``identify`` does, and recognise a batch in whichever form it was delivered first.

    MT940 often posts the total of what camt.053 details. Whoever came first stays: payments take the place of a
    total that repeats them, and a known total takes the place of its payments. Both add up to the same.
    """
    before = list(known)
    identified = identify(incoming, before, taken)
    repeated = {entry.entry_id for entry in identified}
    free = [
        booking for booking in _bookings(before, _where_delivered) if not repeated & {e.entry_id for e in booking}
    ]
    totals: dict[tuple[date, Money], list[Booking]] = defaultdict(list)
    for booking in free:
        totals[_total(booking)].append(booking)
    known_ids = {entry.entry_id for entry in before}
    found: list[StatementEntry] = []
    for booking in _bookings(identified, lambda entry: entry.booking_ref):
        is_new = not any(entry.entry_id in known_ids for entry in booking)
        found.extend(_same_booking(booking, totals) if is_new else booking)
    return found


def _same_booking(booking: Booking, totals: dict[tuple[date, Money], list[Booking]]) -> Booking:
    """Give the known booking that is this one in its other form, or else the booking itself."""
    candidates = totals[_total(booking)]
    other_form = next((c for c in candidates if (len(c) > 1) != (len(booking) > 1)), None)
    if other_form is None:
        return booking
    candidates.remove(other_form)
    return other_form


def _bookings(entries: Iterable[StatementEntry], key: Callable[[StatementEntry], Hashable]) -> list[Booking]:
    grouped: dict[Hashable, Booking] = {}
    for number, entry in enumerate(entries):
        # An entry without a booking of its own name stands alone.
        grouped.setdefault(key(entry) if entry.booking_ref else number, []).append(entry)
    return list(grouped.values())


def _where_delivered(entry: StatementEntry) -> Hashable:
    return entry.booking_date, entry.place.rpartition(":")[0], entry.booking_ref


def _total(booking: Booking) -> tuple[date, Money]:
    first = booking[0]
    return first.booking_date, total((entry.amount for entry in booking), first.amount.currency)
