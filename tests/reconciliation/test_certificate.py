"""A certificate promises no more than its sample shows, and keeps the promise as often as it says."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.certificate import Certificate, Decided, at_most, certify, smallest_sample, upper_bound

DAY: Final = date(2026, 7, 1)


def _certified(sample: list[Decided], target: float) -> Certificate | None:
    return certify(sample, target=target, issued_on=DAY, name="a year of one company")


# Tables of the binomial distribution: errors, trials, 95 % upper bound.
@pytest.mark.parametrize(
    ("errors", "trials", "bound"),
    [(0, 100, 0.029513), (1, 100, 0.046560), (5, 100, 0.102253), (0, 2995, 0.0009997), (3, 10_000, 0.00077526)],
)
def test_the_bound_is_that_of_the_tables(errors: int, trials: int, bound: float) -> None:
    assert upper_bound(errors, trials) == pytest.approx(bound, rel=1e-3)


@pytest.mark.parametrize(("target", "payments"), [(0.01, 368), (0.005, 736), (0.001, 3_688), (0.0001, 36_887)])
def test_without_an_error_it_takes_so_many_payments(target: float, payments: int) -> None:
    assert smallest_sample(target, 0.975) == payments  # each of two sequences has half of the risk
    assert _certified([Decided(0.99, True)] * (payments - 1), target) is None
    certificate = _certified([Decided(0.99, True)] * payments, target)
    assert certificate is not None
    assert (certificate.accepted, certificate.errors, certificate.threshold) == (payments, 0, 0.99)
    assert certificate.bound <= target


def test_errors_below_the_threshold_do_not_count_against_it() -> None:
    sure = [Decided(0.999, True)] * 400
    guesses = [Decided(0.6, number % 2 == 0) for number in range(200)]
    certificate = _certified([*guesses, *sure], 0.01)
    assert certificate is not None
    assert certificate.threshold == 0.999
    assert certificate.errors == 0


def test_who_errs_among_the_surest_is_promised_nothing() -> None:
    assert _certified([*[Decided(0.999, False)] * 20, *[Decided(0.99, True)] * 400], 0.01) is None


def test_payments_of_equal_probability_are_accepted_together() -> None:
    certificate = _certified([*[Decided(0.99, True)] * 350, Decided(0.99, False)], 0.01)
    assert certificate is None or certificate.accepted == 351


def test_a_certificate_is_broken_no_more_often_than_it_says() -> None:
    chance, broken, issued = random.Random(7), 0, 0
    for _ in range(150):
        # The surer, the fewer errors: a payment of probability p errs with (1 - p) / 2.
        surenesses = [1 - chance.random() ** 2 * 0.1 for _ in range(1_500)]
        sample = [Decided(p, chance.random() > (1 - p) / 2) for p in surenesses]
        if (certificate := _certified(sample, 0.01)) is not None:
            issued += 1
            above = [(1 - p) / 2 for p in surenesses if p >= certificate.threshold]
            broken += sum(above) / len(above) > 0.01
    assert issued > 100
    assert broken / issued <= 0.05


@given(st.integers(0, 30), st.integers(1, 400), st.floats(0.5, 0.999))
def test_the_bound_is_never_below_what_was_seen(errors: int, more: int, confidence: float) -> None:
    trials = errors + more
    bound = upper_bound(errors, trials, confidence)
    assert errors / trials <= bound <= 1
    assert upper_bound(errors + 1, trials + 1, confidence) >= bound
    assert at_most(errors, trials, bound) == pytest.approx(1 - confidence, abs=1e-6)
