"""Halves go away from zero, as on every German invoice."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rounding import half_up, half_up_ratio


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.4", 0),
        ("0.5", 1),
        ("1.5", 2),
        ("2.5", 3),
        ("-0.5", -1),
        ("-2.5", -3),
        ("-2.4", -2),
        ("2.49999999", 2),
        ("7", 7),
    ],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert half_up(Fraction(value)) == rounded


def test_a_third_needs_no_decimal_places() -> None:
    assert half_up(Fraction(1, 3)) == 0
    assert half_up(Fraction(2, 3)) == 1


@given(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=6))
def test_it_is_what_decimal_calls_half_up(value: Decimal) -> None:
    assert half_up(Fraction(value)) == int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(st.fractions())
def test_it_is_never_off_by_more_than_a_half(value: Fraction) -> None:
    assert abs(half_up(value) - value) <= Fraction(1, 2)
    assert half_up(-value) == -half_up(value)


@given(st.integers(), st.integers(min_value=1))
def test_a_quotient_is_rounded_like_the_fraction_it_is(numerator: int, denominator: int) -> None:
    assert half_up_ratio(numerator, denominator) == half_up(Fraction(numerator, denominator))
