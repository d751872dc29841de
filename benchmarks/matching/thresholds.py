"""How much would be booked, and how much of it wrongly, if the stated probability alone decided (Schwelle)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.matching.measures import measure, upper_bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.matching.measures import Judged

# From 0.5 to 0.9999, closer and closer to certainty, where thresholds are set.
_THRESHOLDS: Final = tuple(1 - 10 ** (-step / 10) for step in range(3, 41))


class Point(NamedTuple):
    """What booking costs and brings; shares are between 0 and 1."""

    automatic_rate: float  # of the bookable payments
    wrong_per_ten_thousand: float  # of the automatic bookings
    wrong_at_most: float  # the same with 95 % confidence


def moved(judged: Iterable[Judged]) -> list[Point]:
    """Give one point for each threshold, from the lowest on, for as long as anything would be booked.

    Every first proposal that reaches the threshold counts as booked, whatever its class and whatever blocks it.
    """
    every = list(judged)
    bookable = sum(j.bookable for j in every)
    stated = [(j.probability, j.rank == 1, j.bookable) for j in every if j.probability is not None]
    points = []
    for threshold in _THRESHOLDS:
        booked = [(right, possible) for probability, right, possible in stated if probability >= threshold]
        if booked and bookable:
            wrong = sum(not right for right, _ in booked)
            rate = sum(right and possible for right, possible in booked) / bookable
            points.append(_point(rate, wrong, len(booked)))
    return points


def as_played(judged: Sequence[Judged]) -> Point:
    """Give the point of what was really booked."""
    m = measure(judged)
    return _point(m.automatic_rate, m.wrong.total(), m.automatic)


def _point(rate: float, wrong: int, automatic: int) -> Point:
    share = wrong / automatic if automatic else 0.0
    return Point(rate, share * 10_000, upper_bound(wrong, automatic) * 10_000)
