"""The invented books: their money adds up, they are the same every time, and everything occurs in them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from benchmarks.matching.books import Books, invent, known_on, month_of, open_at
from benchmarks.matching.number_formats import CREDIT_NOTES, FORMATS, HELD_OUT
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.seeds import FIT_SEEDS, TEST_SEEDS, THRESHOLD_SEEDS
from ledger.statement import EntryKind

_SEED = FIT_SEEDS[0]


@cache
def _books(profile: str = "default", seed: int = _SEED, items: int = 1_500) -> Books:
    return invent(PROFILES[profile].sized(items), seed)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_what_is_booked_is_what_moved_on_the_account(profile: str) -> None:
    books = _books(profile)
    for entry in books.entries:
        truth = books.truth[entry.entry_id]
        if truth.bookings:
            assert truth.moved_minor == entry.amount.minor, (entry, truth)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_no_item_is_ever_settled_beyond_what_is_open_or_reopened_beyond_its_amount(profile: str) -> None:
    books = _books(profile)
    items = {item.item_id: item for item in books.items}
    left = {item.item_id: item.amount.minor for item in books.items}
    for entry in books.entries:
        for item_id, minor in books.truth[entry.entry_id].allocations.items():
            item = items[item_id]
            left[item_id] -= minor if item.is_invoice else -minor
            assert 0 <= left[item_id] <= item.amount.minor, (entry, item)
            assert item.document_date <= entry.booking_date, "nobody can pay what is not written yet"
    assert {i: minor for i, minor in left.items() if minor} == open_at(books, books.last_day)


def test_the_same_seed_gives_the_same_books_and_another_seed_gives_others() -> None:
    profile = PROFILES["default"].sized(300)
    assert invent(profile, _SEED) == invent(profile, _SEED)
    assert invent(profile, _SEED).entries != invent(profile, _SEED + 1).entries


def test_every_class_occurs_in_a_company_of_usual_size() -> None:
    wanted = {*PROFILES["default"].shares, "end_to_end", "returned_debit", "credit_netted", "credit_payout"}
    seen: set[str] = set()
    for seed in FIT_SEEDS[:3]:
        seen |= {truth.payment_class for truth in _books(seed=seed, items=3_000).truth.values()}
    assert seen == wanted


def test_every_modifier_that_makes_matching_hard_occurs() -> None:
    seen = {m for seed in FIT_SEEDS[:3] for t in _books(seed=seed, items=3_000).truth.values() for m in t.modifiers}
    skonto = {"skonto_in_time", "skonto_in_grace", "skonto_late", "skonto_too_much"}
    payers = {"third_party", "shared_account", "payment_service", "new_account", "name_variant", "name_truncated"}
    texts = {"foreign_number", "upper_case", "umlauts_lost", "line_cut", "mt940", "camt", "equal_amounts"}
    assert skonto | payers | texts <= seen


def test_entries_come_in_the_order_of_their_days_with_ids_of_their_own() -> None:
    books = _books()
    days = [entry.booking_date for entry in books.entries]
    assert days == sorted(days)
    assert (days[-1] - days[0]).days > 365
    assert len({entry.entry_id for entry in books.entries}) == len(books.entries)
    assert all(day.weekday() < 5 for day in days), "banks do not book at weekends"


def test_about_a_third_of_the_documents_stays_unpaid() -> None:
    books = _books(items=3_000)
    assert 0.25 < len(open_at(books, books.last_day)) / len(books.items) < 0.42


@pytest.mark.parametrize(
    ("payment_class", "per_thousand"), [("exact", 330), ("no_number_single", 85), ("unrelated", 75), ("typo", 40)]
)
def test_the_frequent_classes_are_about_as_frequent_as_the_profile_says(
    payment_class: str, per_thousand: int
) -> None:
    counted = Counter(
        t.payment_class for seed in FIT_SEEDS[:3] for t in _books(seed=seed, items=3_000).truth.values()
    )
    assert counted[payment_class] / counted.total() * 1_000 == pytest.approx(per_thousand, rel=0.25)


@pytest.mark.parametrize("payment_class", ["unrelated", "duplicate", "settled_invoice"])
def test_what_is_not_owed_is_never_bookable_and_touches_no_item(payment_class: str) -> None:
    truths = [t for t in _books(items=3_000).truth.values() if t.payment_class == payment_class]
    assert truths
    assert not any(t.bookable or t.allocations for t in truths)


def test_two_open_invoices_of_one_amount_and_no_number_are_not_bookable() -> None:
    books = _books("collision", items=3_000)
    without = [
        t for t in books.truth.values() if t.payment_class == "no_number_single" and "equal_amounts" in t.modifiers
    ]
    assert without
    assert not any(t.bookable for t in without)


def test_a_returned_debit_takes_back_exactly_what_was_collected_and_keeps_the_charge_apart() -> None:
    books = _books("direct_debit")
    returned = [e for e in books.entries if e.kind is EntryKind.RETURNED_DEBIT]
    assert returned
    collected = {e.end_to_end_id: e.amount.minor for e in books.entries if e.kind is EntryKind.DIRECT_DEBIT}
    for entry in returned:
        truth = books.truth[entry.entry_id]
        assert sum(truth.allocations.values()) == entry.amount.minor - truth.fee_minor
        if entry.end_to_end_id:
            assert sum(truth.allocations.values()) == -collected[entry.end_to_end_id]


def test_numbers_follow_each_other_in_time_so_that_a_typing_error_hits_a_neighbour() -> None:
    book = _books("clean", seed=FIT_SEEDS[5])
    formats = len({"".join("9" if c.isdigit() else c for c in i.document_number) for i in book.items})
    assert formats <= 6
    assert len({item.document_number for item in book.items}) == len(book.items)


def test_there_are_many_number_formats_and_some_are_never_seen_while_fitting() -> None:
    assert len(FORMATS) >= 10
    assert len({one.example for one in (*FORMATS, *HELD_OUT, *CREDIT_NOTES)}) == len(FORMATS) + len(HELD_OUT) + 3


def test_seeds_for_fitting_thresholds_and_tests_never_meet() -> None:
    assert not set(FIT_SEEDS) & set(THRESHOLD_SEEDS)
    assert not set(TEST_SEEDS) & {*FIT_SEEDS, *THRESHOLD_SEEDS}


def test_the_state_of_any_day_can_be_replayed() -> None:
    books = _books()
    day = month_of(books, 6)
    known = known_on(books, day)
    assert all(item.document_date <= day for item in known)
    assert {i.item_id: i.open_amount.minor for i in known if i.open_amount} == open_at(books, day)
    assert any(not item.open_amount for item in known)
