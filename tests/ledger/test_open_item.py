"""An open item answers for its discount, its balance and its delay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem


def _item(amount: int = 11900, kind: ItemKind = ItemKind.INVOICE, percent: str | None = None) -> OpenItem:
    return OpenItem(
        item_id="i",
        document_number="RE-1",
        kind=kind,
        debtor_number="10001",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 5, 1),
        amount=Money(amount, "EUR"),
        open_amount=Money(amount, "EUR"),
        skonto_percent=Decimal(percent) if percent is not None else None,
    )


@pytest.mark.parametrize(
    ("amount", "percent", "skonto"),
    [
        (11900, "2", 238),
        (11900, "3", 357),
        (10025, "2", 201),  # 200.5 cents
        (10024, "2", 200),  # 200.48 cents
        (4999, "2.5", 125),  # 124.975 cents
        (33333, "3", 1000),  # 999.99 cents
        (11900, "0", 0),
        (11900, None, 0),
        (1, "2", 0),
    ],
)
def test_skonto_is_taken_from_the_invoice_amount_and_rounded_half_up(
    amount: int, percent: str | None, skonto: int
) -> None:
    assert _item(amount, percent=percent).skonto() == Money(skonto, "EUR")


def test_a_credit_note_counts_against_us() -> None:
    assert _item().balance == Money(11900, "EUR")
    assert _item(kind=ItemKind.CREDIT_NOTE).balance == Money(-11900, "EUR")
    assert not _item(kind=ItemKind.CREDIT_NOTE).is_invoice


def test_an_item_is_overdue_from_the_day_after_its_due_date() -> None:
    assert _item().days_overdue(date(2026, 5, 1)) == 0
    assert _item().days_overdue(date(2026, 5, 2)) == 1
    assert _item().days_overdue(date(2026, 4, 30)) == -1
