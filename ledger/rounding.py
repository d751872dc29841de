"""The one place where the house rounds (Rundung), by name."""

from fractions import Fraction


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero (kaufmännisch, DIN 1333).

    Python's own round() sends halves to the even neighbour, which no German invoice does.
    """
    doubled = abs(value) * 2 + 1
    whole = doubled.numerator // (doubled.denominator * 2)
    return whole if value >= 0 else -whole
