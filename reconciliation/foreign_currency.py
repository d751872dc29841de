"""A payment ordered in the currency of its documents, which our bank exchanged (Fremdwährung zum Kurs der Bank)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money, minor_digits
from ledger.rounding import half_up
from reconciliation.hypothesis import Hypothesis, Interpretation, numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry


def by_bank_rate(entry: StatementEntry, items: Sequence[OpenItem]) -> Hypothesis | None:
    """Read an exchanged payment as the documents of one debtor whose sum is exactly what the payer ordered.

    An allocation keeps one amount, that of our account, and what it settles is counted in it; so what arrived waits
    on account, where not a cent of it can be lost, and a person clears the documents. Never without doubt. None
    where the bank names no amount in the documents' currency, or another one.
    """
    ordered = entry.original_amount
    if not items or ordered is None or ordered.currency == entry.amount.currency or entry.amount.minor <= 0:
        return None
    debtors = {item.debtor_number for item in items}
    if len(debtors) > 1 or any(item.currency != ordered.currency for item in items):
        return None
    if sum(item.balance_minor for item in items) != abs(ordered.minor):
        return None
    credit = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=entry.amount, debtor_number=items[0].debtor_number)
    numbers = numbers_of(items)
    return Hypothesis(
        item_ids=tuple(sorted(item.item_id for item in items)),
        debtors=tuple(debtors),
        interpretation=Interpretation.ON_ACCOUNT,
        allocations=(credit,),
        says=(
            f"settles {numbers} in full: {abs(ordered)} were ordered and {entry.amount} arrived{_rate_says(entry)}",
            f"what arrived waits on account (Akonto) until {numbers} is cleared at this rate",
        ),
        residual=entry.amount,
        doubt=f"{numbers} is in {ordered.currency} and the payment in {entry.amount.currency}: a person clears it",
    )


def exchanged(ordered: Money, rate: str, arrived: Money) -> Money | None:
    """Give an amount at the bank's rate in the currency that arrived, rounded half up; None for an unreadable rate.

    Banks quote a rate either way round (1,0812 USD for an euro, or 0,9249 EUR for a dollar) and seldom say which.
    The way that comes nearer to what arrived is meant.
    """
    factor = _factor(rate)
    if factor is None:
        return None
    scale = Fraction(10) ** (minor_digits(arrived.currency) - minor_digits(ordered.currency))
    either = (half_up(ordered.minor * scale * factor), half_up(ordered.minor * scale / factor))
    return Money(min(either, key=lambda minor: (abs(minor - arrived.minor), minor)), arrived.currency)


def _rate_says(entry: StatementEntry) -> str:
    if entry.original_amount is None or not entry.exchange_rate:
        return ", the bank names no rate"
    expected = exchanged(abs(entry.original_amount), entry.exchange_rate, entry.amount)
    told = f", at the bank's rate {entry.exchange_rate}"
    if expected is None or expected == entry.amount:
        return told
    difference = expected - entry.amount
    way = "less" if difference.minor > 0 else "more"
    return f"{told}, which gives {expected}: {abs(difference)} {way} arrived"


def _factor(rate: str) -> Fraction | None:
    try:
        factor = Fraction(Decimal(rate.strip().replace(",", ".")))
    except (InvalidOperation, ValueError, OverflowError):  # no number, or NaN, or infinite
        return None
    return factor if factor > 0 else None
