"""The measures, on examples made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from benchmarks.matching.books import Books, invent, month_of
from benchmarks.matching.measures import (
    Judged,
    Verdict,
    by_class,
    by_modifier,
    is_right,
    judge,
    measure,
    reliability,
    upper_bound,
)
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.replay import Played, replay
from benchmarks.matching.seeds import FIT_SEEDS
from benchmarks.matching.truth import Truth
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.statement import StatementEntry
from reconciliation.outcome import EntryState, Outcome, Proposal
from reconciliation.settings import MatchSettings

_KINDS = {
    "pays": AllocationKind.PAYMENT,
    "skonto": AllocationKind.SKONTO,
    "fee": AllocationKind.FEE,
    "account": AllocationKind.ON_ACCOUNT,
}


def _booking(text: str) -> tuple[Allocation, ...]:
    """Read "pays A 100, skonto A 2, account 10001 5"."""
    lines = [line.split() for line in text.split(",") if line.strip()]
    return tuple(
        Allocation(
            kind=_KINDS[kind],
            amount=Money(int(minor), "EUR"),
            item_id=name if name.isalpha() else "",
            debtor_number="" if name.isalpha() else name,
        )
        for kind, name, minor in lines
    )


@pytest.mark.parametrize(
    ("truth", "booked", "right"),
    [
        ("pays A 100", "pays A 100", True),
        ("pays A 98, skonto A 2", "pays A 98, skonto A 2", True),
        ("pays A 98, skonto A 2", "pays A 98", False),  # two cents would stay open
        ("pays A 100, pays B 50", "pays B 50, pays A 100", True),
        ("pays A 100, pays B 50", "pays A 100", False),
        ("pays A 100, account 10001 5", "pays A 100, account 10001 5", True),
        ("pays A 100, account 10001 5", "pays A 100, account 10002 5", False),
        ("pays A 100, fee 10001 5", "pays A 100, account 10001 5", False),  # a fee is no credit
        ("pays A 100, fee 10001 5", "pays A 100, fee 10001 5", True),
        ("", "", False),  # nothing can be booked rightly where nothing is ours
    ],
)
def test_a_booking_is_right_if_every_item_and_every_credit_is(truth: str, booked: str, right: bool) -> None:
    assert is_right(_booking(booked), Truth(payment_class="x", bookings=_booking(truth))) is right


@pytest.mark.parametrize(
    ("payment_class", "truth", "booked", "verdict"),
    [
        ("exact", "pays A 100", "pays A 100", Verdict.RIGHT),
        ("exact", "pays A 100", "", Verdict.WAITS),
        ("exact", "pays A 100", "pays B 100", Verdict.WRONG_ITEM),
        ("exact", "pays A 100", "pays A 50, pays B 50", Verdict.WRONG_ITEM),
        ("several_numbers", "pays A 60, pays B 40", "pays A 60, account 10001 40", Verdict.INCOMPLETE),
        ("over", "pays A 90, account 10001 10", "pays A 90, fee 10001 10", Verdict.INCOMPLETE),
        ("duplicate", "account 10001 100", "pays A 100", Verdict.DOUBLE),
        ("settled_invoice", "account 10001 100", "pays A 100", Verdict.DOUBLE),
        ("prepayment", "account 10001 100", "pays A 100", Verdict.NOT_TO_BE_BOOKED),
        ("unrelated", "", "pays A 100", Verdict.NOT_TO_BE_BOOKED),
    ],
)
def test_every_mistake_has_a_name(payment_class: str, truth: str, booked: str, verdict: Verdict) -> None:
    assert _judged(payment_class, truth, booked).verdict is verdict


def test_the_place_of_the_right_proposal_counts() -> None:
    assert _judged("exact", "pays A 100", "", "pays B 100", "pays A 100").rank == 2
    assert _judged("exact", "pays A 100", "", "pays B 100").rank is None


def test_counts_of_a_morning() -> None:
    morning = [
        _judged("exact", "pays A 100", "pays A 100"),
        _judged("exact", "pays A 100", "pays B 100"),
        _judged("typo", "pays A 100", "", "pays A 100"),
        _judged("typo", "pays A 100", "", "pays B 100", "pays C 100", "pays A 100"),
        _judged("typo", "pays A 100", ""),
        _judged("unrelated", "", ""),
    ]
    m = measure(morning)
    assert (m.entries, m.bookable, m.automatic, m.waiting, m.waiting_ours) == (6, 5, 2, 4, 3)
    assert m.automatic_rate == 1 / 5
    assert m.wrong_per_ten_thousand == 5_000
    assert m.review_rate == 4 / 6
    assert (m.first, m.among_three) == (1, 2)
    assert {name: one.entries for name, one in by_class(morning).items()} == {"typo": 3, "exact": 2, "unrelated": 1}
    assert by_modifier(morning)["mt940"].entries == 6


@pytest.mark.parametrize(
    ("wrong", "trials", "bound"),
    [
        (0, 2_995, 0.001),  # the rule of three, exactly: 1 - 0.05 ** (1 / n)
        (0, 298, 0.01),
        (1, 38_620, 1.228e-4),
        (10, 100, 0.1637),
        (0, 0, 1.0),
        (5, 5, 1.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong: int, trials: int, bound: float) -> None:
    assert upper_bound(wrong, trials) == pytest.approx(bound, rel=2e-3)


def test_a_probability_of_eighty_per_cent_should_be_right_four_times_of_five() -> None:
    honest = [_stated(0.8, right=n < 4) for n in range(5)]
    boasting = [_stated(0.95, right=False)]
    r = reliability([*honest, *boasting])
    eighty = r.bins[8]
    assert eighty is not None
    assert (eighty.count, round(eighty.right, 3)) == (5, 0.8)
    assert r.bins[0] is None
    assert r.expected_error == pytest.approx(0.95 / 6)
    assert r.brier == pytest.approx((4 * 0.04 + 0.64 + 0.9025) / 6)


def test_a_replay_judges_every_entry_of_its_nights_once_and_never_forgets_who_paid() -> None:
    books = invent(PROFILES["clean"].sized(150), FIT_SEEDS[1])
    start = month_of(books, 15)
    for learn in (True, False):
        played = replay(books, settings=MatchSettings(), start=start, days_per_night=14, learn=learn)
        judged = judge(played)
        wanted = {entry.entry_id for entry in books.entries if entry.booking_date >= start}
        assert {j.entry_id for j in judged} == wanted
        assert measure(judged).automatic > 0


def _judged(payment_class: str, truth: str, booked: str, *proposals: str) -> Judged:
    """Play one entry with an outcome made by hand."""
    books = _few_books()
    entry = StatementEntry(account="x", booking_date=date(2026, 1, 2), amount=Money(100, "EUR"), entry_id="E")
    meant = Truth(payment_class=payment_class, modifiers=("mt940",), bookings=_booking(truth), bookable=bool(truth))
    outcome = Outcome(
        entry_id="E",
        state=EntryState.AUTO if booked else EntryState.REVIEW,
        reasons=(),
        allocations=_booking(booked),
        proposals=tuple(Proposal(probability=0.5, allocations=_booking(p), reasons=()) for p in proposals),
    )
    return judge(
        Played(books=replace(books, truth={"E": meant}), entries=(entry,), outcomes={"E": outcome}, later={})
    )[0]


@cache
def _few_books() -> Books:
    return invent(PROFILES["clean"].sized(20), FIT_SEEDS[0])


def _stated(probability: float, *, right: bool) -> Judged:
    return Judged(
        entry_id="E",
        payment_class="exact",
        modifiers=(),
        is_ours=True,
        bookable=True,
        verdict=Verdict.WAITS,
        rank=1 if right else 2,
        probability=probability,
        reasons=(),
    )
