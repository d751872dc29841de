"""Money is exact, of one currency, and refused otherwise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import (
    MINOR_DIGITS,
    CurrencyMismatch,
    InexactAmount,
    Money,
    UnknownCurrency,
    english,
    from_decimal,
    german,
    total,
)

MINOR = st.integers(min_value=-(10**17), max_value=10**17)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("119.00", "EUR", 11900),
        ("119", "EUR", 11900),
        ("119.0000000000", "EUR", 11900),
        ("-0.01", "EUR", -1),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("0E+900000", "EUR", 0),
    ],
)
def test_an_exact_amount_becomes_minor_units(amount: str, currency: str, minor: int) -> None:
    assert from_decimal(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "EUR"),
        ("1.5", "JPY"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        # A decimal context of 28 digits would round the last one away without a word.
        ("1.00000000000000000000000000001", "EUR"),
        ("12345678901234567890123456789.01", "EUR"),
        # More than a database can keep.
        ("92233720368547758.08", "EUR"),
        ("1E+30", "EUR"),
        ("1E+999999", "EUR"),
    ],
)
def test_an_amount_that_cannot_be_kept_exactly_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(InexactAmount):
        from_decimal(Decimal(amount), currency)


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "€"])
def test_a_currency_we_do_not_know_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        from_decimal(Decimal(1), currency)


def test_two_currencies_are_never_combined() -> None:
    euro, franc = Money(100, "EUR"), Money(100, "CHF")
    for combine in (lambda: euro + franc, lambda: euro - franc, lambda: euro < franc, lambda: total([franc], "EUR")):
        with pytest.raises(CurrencyMismatch, match="cannot be combined"):
            combine()
    assert euro != franc


@pytest.mark.parametrize(
    ("money", "in_german", "in_english"),
    [
        (Money(0, "EUR"), "0,00", "0.00"),
        (Money(5, "EUR"), "0,05", "0.05"),
        (Money(-5, "EUR"), "-0,05", "-0.05"),
        (Money(123456, "EUR"), "1.234,56", "1,234.56"),
        (Money(-123456789, "CHF"), "-1.234.567,89", "-1,234,567.89"),
        (Money(1234, "JPY"), "1.234", "1,234"),
        (Money(1234, "KWD"), "1,234", "1.234"),
    ],
)
def test_money_is_written_in_the_readers_way(money: Money, in_german: str, in_english: str) -> None:
    assert german(money) == in_german
    assert english(money) == in_english
    assert str(money) == f"{in_german} {money.currency}"


@given(MINOR, st.sampled_from(sorted(MINOR_DIGITS)))
def test_major_units_lose_nothing(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert from_decimal(money.decimal(), currency) == money


@given(st.lists(MINOR))
def test_a_total_is_the_sum_of_its_cents(minors: list[int]) -> None:
    assert total((Money(minor, "EUR") for minor in minors), "EUR") == Money(sum(minors), "EUR")


@given(MINOR, MINOR)
def test_money_adds_orders_and_negates_like_its_cents(one: int, other: int) -> None:
    a, b = Money(one, "EUR"), Money(other, "EUR")
    assert (a + b) - b == a
    assert a + (-a) == Money(0, "EUR")
    assert (a < b, a <= b, a > b, a >= b) == (one < other, one <= other, one > other, one >= other)
    assert abs(a) == Money(abs(one), "EUR")
    assert bool(a) is (one != 0)
