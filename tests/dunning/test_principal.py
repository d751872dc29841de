"""What was open of an item on each day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.interest import interest_on_history
from dunning.principal import SettledPart, by_day_of_payment, costs_paid, interest_paid, principal_history
from ledger.allocation import AllocationKind
from ledger.debtor import DebtorType
from ledger.money import Money

if TYPE_CHECKING:
    from dunning.interest import BaseRates

START = date(2026, 3, 2)
FULL = Money(100_000, "EUR")


def part(day: str, minor: int, kind: AllocationKind = AllocationKind.PAYMENT) -> SettledPart:
    return SettledPart(day=date.fromisoformat(day), kind=kind, amount=Money(minor, "EUR"))


def history(open_minor: int, *parts: SettledPart) -> list[tuple[str, int]]:
    found = principal_history(Money(open_minor, "EUR"), parts, START, FULL)
    return [(str(day), principal.minor) for day, principal in found]


def test_a_part_payment_lowers_the_principal_from_the_day_it_was_credited() -> None:
    assert history(60_000, part("2026-04-01", 40_000)) == [("2026-03-02", 100_000), ("2026-04-01", 60_000)]


def test_what_was_paid_before_default_started_is_no_change() -> None:
    assert history(60_000, part("2026-03-02", 10_000), part("2026-02-01", 30_000)) == [("2026-03-02", 60_000)]


def test_two_payments_of_a_day_are_one_change_in_whatever_order_they_come() -> None:
    parts = [part("2026-05-01", 10_000), part("2026-04-01", 20_000), part("2026-04-01", 5_000)]
    expected = [("2026-03-02", 100_000), ("2026-04-01", 75_000), ("2026-05-01", 65_000)]
    assert history(65_000, *parts) == history(65_000, *parts[::-1]) == expected


@pytest.mark.parametrize(
    ("debtor", "day"),
    [
        (DebtorType.BUSINESS, "2026-04-09"),
        (DebtorType.CONSUMER, "2026-04-02"),  # three bank days before, Easter from Friday to Monday not counted
        (DebtorType.UNKNOWN, "2026-04-02"),
    ],
)
def test_a_consumer_has_paid_when_he_orders_the_transfer(debtor: DebtorType, day: str) -> None:
    (paid,) = by_day_of_payment([part("2026-04-09", 40_000)], debtor)
    assert (str(paid.day), paid.amount) == (day, Money(40_000, "EUR"))


def test_what_was_taken_back_or_waived_keeps_its_day() -> None:
    parts = (part("2026-04-09", -40_000), part("2026-04-09", 300, AllocationKind.SKONTO))
    assert by_day_of_payment(parts, DebtorType.CONSUMER) == parts


def test_a_returned_debit_makes_the_principal_rise_again() -> None:
    parts = [part("2026-04-01", 100_000), part("2026-04-09", -100_000)]
    assert history(100_000, *parts) == [("2026-03-02", 100_000), ("2026-04-01", 0), ("2026-04-09", 100_000)]


def test_costs_and_interest_paid_along_change_no_principal() -> None:
    parts = [part("2026-04-01", 500, AllocationKind.INTEREST), part("2026-04-01", 250, AllocationKind.FEE)]
    assert history(100_000, *parts) == [("2026-03-02", 100_000)]
    assert (interest_paid(parts, "EUR").minor, costs_paid(parts, "EUR").minor) == (500, 250)


def test_no_day_shows_more_than_the_invoice() -> None:
    assert history(90_000, part("2026-04-01", 40_000)) == [("2026-03-02", 100_000), ("2026-04-01", 90_000)]


days = st.integers(min_value=-60, max_value=200).map(lambda n: START + timedelta(days=n))
parts = st.lists(
    st.builds(
        SettledPart,
        day=days,
        kind=st.sampled_from(AllocationKind),
        amount=st.integers(min_value=-50_000, max_value=50_000).map(lambda minor: Money(minor, "EUR")),
    ),
    max_size=8,
)


@given(open_minor=st.integers(min_value=0, max_value=100_000), settled=parts)
def test_the_history_is_sorted_never_negative_and_ends_with_what_is_open_now(
    rates: BaseRates, open_minor: int, settled: list[SettledPart]
) -> None:
    found = principal_history(Money(open_minor, "EUR"), settled, START, FULL)
    assert [day for day, _ in found] == sorted({day for day, _ in found})
    assert found[0][0] == START
    assert found[-1][1].minor == open_minor
    assert all(0 <= principal.minor <= FULL.minor for _, principal in found)
    # Whatever was paid in between, interest never exceeds that on the whole invoice.
    end = START + timedelta(days=250)
    claim = interest_on_history(found, end, Decimal(9), rates)
    assert claim.amount <= interest_on_history([(START, FULL)], end, Decimal(9), rates).amount
