"""A total and the payments it consists of are one booking, and each has one partner at most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.batches import Booking, may_be_total, same_bookings
from ledger.money import Money
from ledger.statement import StatementEntry

DAY = date(2026, 6, 30)
ACCOUNT = "DE02120300000000202051"
BAKERY = "DE37370400440001111111"


def _booking(key: str, minor: int, payments: int, reference: str = "", day: date = DAY) -> Booking:
    return Booking(key, day, Money(minor, "EUR"), payments, reference)


def _pairs(totals: list[Booking], batches: list[Booking]) -> list[tuple[str, str]]:
    return [(total.key, batch.key) for total, batch in same_bookings(totals, batches)]


def test_payments_that_add_up_to_a_total_of_the_day_are_that_total() -> None:
    assert _pairs([_booking("T", 30_000, 1)], [_booking("B", 30_000, 2)]) == [("T", "B")]


@pytest.mark.parametrize(
    "batch",
    [_booking("B", 30_001, 2), _booking("B", 30_000, 2, day=date(2026, 7, 1)), _booking("B", 30_000, 1)],
    ids=["another sum", "another day", "a single payment"],
)
def test_what_does_not_add_up_on_that_day_is_something_else(batch: Booking) -> None:
    assert _pairs([_booking("T", 30_000, 1)], [batch]) == []


def test_of_two_batches_with_the_same_sum_the_reference_decides() -> None:
    totals = [_booking("T1", 100, 1, "PAYROLL"), _booking("T2", 100, 1, "CARDS")]
    batches = [_booking("B1", 100, 2, "CARDS"), _booking("B2", 100, 5, "PAYROLL")]
    assert sorted(_pairs(totals, batches)) == [("T1", "B2"), ("T2", "B1")]


@pytest.mark.parametrize(("days", "same"), [(0, True), (3, True), (8, False)])
def test_with_an_equal_reference_the_booking_may_come_some_days_after_its_payments_were_told(
    days: int, same: bool
) -> None:
    told = _booking("B", -30_000, 2, "PAIN-7", day=DAY - timedelta(days=days))
    assert _pairs([_booking("T", -30_000, 1, "PAIN-7")], [told]) == ([("T", "B")] if same else [])


def test_a_total_takes_only_one_of_two_equal_batches() -> None:
    assert len(_pairs([_booking("T", 100, 1)], [_booking("B1", 100, 2), _booking("B2", 100, 2)])) == 1


@given(
    st.lists(st.sampled_from([100, 200]), max_size=5),
    st.lists(st.sampled_from([100, 200]), max_size=5),
    st.data(),
)
def test_the_order_decides_nothing_and_nobody_has_two_partners(
    totals: list[int], batches: list[int], data: st.DataObject
) -> None:
    ones = [_booking(f"T{n}", minor, 1) for n, minor in enumerate(totals)]
    manys = [_booking(f"B{n}", minor, 3) for n, minor in enumerate(batches)]
    pairs = _pairs(ones, manys)
    assert pairs == _pairs(data.draw(st.permutations(ones)), data.draw(st.permutations(manys)))
    assert len({one for one, _ in pairs}) == len({many for _, many in pairs}) == len(pairs)
    assert len(pairs) == sum(min(totals.count(minor), batches.count(minor)) for minor in (100, 200))


def _entry(**more: Any) -> StatementEntry:
    return StatementEntry(account=ACCOUNT, booking_date=DAY, amount=Money(30_000, "EUR"), **more)


@pytest.mark.parametrize(
    ("entry", "may_be"),
    [
        (_entry(remittance="SAMMLER 2 POSTEN"), True),
        (_entry(payer_iban=ACCOUNT), True),
        (_entry(payer_iban=BAKERY), False),
        (_entry(end_to_end_id="RE-4711"), False),
        (_entry(payer_iban=BAKERY, transaction_code="194"), True),
        (_entry(payer_iban=BAKERY, transaction_code="NTRF+192+9310"), True),
        (_entry(payer_iban=BAKERY, transaction_code="166"), False),
    ],
    ids=["nobody", "ourselves", "a payer", "a reference", "a batch by its code", "by its long code", "a transfer"],
)
def test_only_what_names_no_payer_or_says_batch_may_be_a_total(entry: StatementEntry, may_be: bool) -> None:
    assert may_be_total(entry) is may_be
