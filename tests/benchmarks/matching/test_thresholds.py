"""The curve of the threshold: what would be booked, and how much of it wrongly."""

from __future__ import annotations

import pytest

from benchmarks.matching.measures import Judged, Verdict
from benchmarks.matching.thresholds import as_played, moved


def judged(probability: float | None, *, right: bool = True, bookable: bool = True, auto: bool = False) -> Judged:
    verdict = (Verdict.RIGHT if right else Verdict.WRONG_ITEM) if auto else Verdict.WAITS
    return Judged(
        entry_id="e",
        payment_class="exact",
        modifiers=(),
        is_ours=True,
        bookable=bookable,
        verdict=verdict,
        rank=1 if right else None,
        probability=probability,
        reasons=(),
    )


def test_a_higher_threshold_books_less_and_less_of_it_wrongly() -> None:
    some = [judged(0.99995)] * 60 + [judged(0.9)] * 30 + [judged(0.6, right=False)] * 10
    points = moved(some)
    assert (points[0].automatic_rate, points[0].wrong_per_ten_thousand) == (0.9, 1_000)
    assert (points[-1].automatic_rate, points[-1].wrong_per_ten_thousand) == (0.6, 0)
    assert [p.automatic_rate for p in points] == sorted((p.automatic_rate for p in points), reverse=True)


def test_what_nobody_could_know_is_no_success_and_what_has_no_proposal_is_not_booked() -> None:
    some = [judged(0.9), judged(0.9, bookable=False), judged(None)]
    assert moved(some)[0].automatic_rate == 0.5


def test_the_curve_ends_where_nothing_would_be_booked() -> None:
    assert moved([judged(0.4)]) == []
    assert len(moved([judged(0.4), judged(0.6)])) == 1


@pytest.mark.parametrize(("auto", "rate", "wrong"), [([True, True], 1.0, 0.0), ([True, False], 0.5, 5_000.0)])
def test_the_mark_shows_what_was_really_booked(auto: list[bool], rate: float, wrong: float) -> None:
    point = as_played([judged(0.9, right=right, auto=True) for right in auto])
    assert (point.automatic_rate, point.wrong_per_ten_thousand) == (rate, wrong)
    assert point.wrong_at_most > wrong


def test_who_books_nothing_is_wrong_in_nothing_and_proves_nothing() -> None:
    assert as_played([judged(0.9)]) == (0.0, 0.0, 10_000.0)
