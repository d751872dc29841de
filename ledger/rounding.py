"""The one place where the house rounds (Rundung), by name."""

from fractions import Fraction


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero (kaufmännisch, DIN 1333).

    Python's own round() sends halves to the even neighbour, which no German invoice does.
    """
    return half_up_ratio(value.numerator, value.denominator)


def half_up_ratio(numerator: int, denominator: int) -> int:
    """Round a quotient of whole numbers, the divisor positive, to the nearest one, halves away from zero."""
    assert denominator > 0, denominator
    whole = (abs(numerator) * 2 + denominator) // (denominator * 2)
    return whole if numerator >= 0 else -whole
