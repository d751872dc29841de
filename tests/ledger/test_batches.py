"""A total and its payments are one booking, whichever came first."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ledger.batches import identify_bookings
from ledger.money import Money, total
from ledger.statement import StatementEntry

DAY = date(2026, 6, 30)


def _entry(minor: int, text: str, booking: str, place: str, position: int = 0) -> StatementEntry:
    return StatementEntry(
        account="DE02120300000000202051",
        booking_date=DAY,
        amount=Money(minor, "EUR"),
        remittance=text,
        remittance_glued=text,
        booking_ref=booking,
        position=position,
        place=place,
    )


def _batch(*minors: int) -> list[StatementEntry]:
    return [_entry(minor, f"RE-2026-0000{n}", "1", f"day.xml:{10 + n}", n) for n, minor in enumerate(minors)]


def _total(minor: int, text: str = "SAMMLER 2 POSTEN") -> StatementEntry:
    return _entry(minor, text, "1", "day.sta:5")


def _ids(entries: list[StatementEntry]) -> list[str]:
    return sorted(entry.entry_id for entry in entries)


def test_the_payments_of_a_known_total_are_not_booked_again() -> None:
    known = identify_bookings([_total(30_000)], [])
    assert _ids(identify_bookings(_batch(10_000, 20_000), known)) == _ids(known)


def test_the_total_of_known_payments_is_not_booked_again() -> None:
    known = identify_bookings(_batch(10_000, 20_000), [])
    assert _ids(identify_bookings([_total(30_000)], known)) == _ids(known)


def test_a_payment_of_the_same_amount_beside_the_batch_stays_a_payment() -> None:
    single = _entry(30_000, "RE-2026-00099", "2", "day.sta:9")
    known = identify_bookings([_total(30_000), single], [])
    again = [*_batch(10_000, 20_000), _entry(30_000, "RE-2026-00099", "2", "day.xml:40")]
    assert _ids(identify_bookings(again, known)) == _ids(known)


def test_two_payments_that_happen_to_equal_another_booking_are_new_when_that_is_there_already() -> None:
    known = identify_bookings([_total(30_000)], [])
    again = [_entry(30_000, "SAMMLER 2 POSTEN", "1", "day.xml:3"), *_batch_two()]
    assert len({entry.entry_id for entry in identify_bookings(again, known)}) == 3


def _batch_two() -> list[StatementEntry]:
    return [_entry(minor, f"RE-2026-0001{minor}", "2", "day.xml:20") for minor in (10_000, 20_000)]


def test_entries_without_a_booking_name_are_never_taken_for_a_batch() -> None:
    known = identify_bookings([_total(30_000)], [])
    loose = [_entry(10_000, "a" * 8, "", "x:1"), _entry(20_000, "b" * 8, "", "x:2")]
    assert len(identify_bookings(loose, known)) == 2


@given(st.lists(st.integers(1, 10**7), min_size=2, max_size=6))
def test_the_sum_of_what_is_booked_never_changes(minors: list[int]) -> None:
    batch = _batch(*minors)
    known = identify_bookings([_total(sum(minors))], [])
    again = identify_bookings(batch, known)
    assert total((e.amount for e in again), "EUR") == total((e.amount for e in batch), "EUR")
