"""Every open cent is in exactly one bucket."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.ageing import ageing
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

TODAY = date(2026, 7, 1)


def _item(
    days_overdue: int, minor: int = 10_000, kind: ItemKind = ItemKind.INVOICE, currency: str = "EUR"
) -> OpenItem:
    return OpenItem(
        item_id=f"{kind}-{days_overdue}",
        document_number="RE-1",
        kind=kind,
        debtor_number="10001",
        document_date=TODAY - timedelta(days=200),
        due_date=TODAY - timedelta(days=days_overdue),
        amount=Money(minor, currency),
        open_amount=Money(minor, currency),
    )


@pytest.mark.parametrize(
    ("days_overdue", "bucket"),
    [
        (-5, "not due"),
        (0, "not due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (90, "61-90"),
        (91, "over 90"),
    ],
)
def test_an_item_is_as_old_as_it_is_overdue(days_overdue: int, bucket: str) -> None:
    assert [b.name for b in ageing([_item(days_overdue)], "EUR", TODAY) if b.items] == [bucket]


def test_credit_notes_are_not_netted_against_invoices() -> None:
    buckets = {b.name: b.open.minor for b in ageing([_item(5), _item(5, 4_000, ItemKind.CREDIT_NOTE)], "EUR", TODAY)}
    assert (buckets["1-30"], buckets["credit notes"]) == (10_000, 4_000)


def test_other_currencies_stand_on_their_own_page() -> None:
    assert all(b.items == 0 for b in ageing([_item(5, currency="CHF")], "EUR", TODAY))


@given(st.lists(st.tuples(st.integers(-100, 400), st.integers(0, 10**9))))
def test_no_cent_is_lost_or_counted_twice(items: list[tuple[int, int]]) -> None:
    buckets = ageing([_item(days, minor) for days, minor in items], "EUR", TODAY)
    assert sum(b.open.minor for b in buckets) == sum(minor for _, minor in items)
