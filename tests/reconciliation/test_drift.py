"""Drift is noticed when payments change, and not when they are what they were."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from ledger.money import Money
from ledger.statement import StatementEntry
from reconciliation.certificate import Decided
from reconciliation.drift import (
    CONFIRMED_ENOUGH,
    FALSE_ALARM,
    USUAL_AFTER_DAYS,
    Look,
    Mix,
    Vocabulary,
    common_beginning,
    looks_of,
    mix_of,
    over_because,
    shifts,
    unknown_numbers,
)
from reconciliation.outcome import EntryState, Outcome, Proposal, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL: Final[Mapping[Look, float]] = {
    Look.UNKNOWN_NUMBER: 0.01,
    Look.NAMES_NOTHING: 0.2,
    Look.HALF_NAMED: 0.05,
    Look.STRANGER: 0.06,
    Look.NO_AMOUNT: 0.1,
    Look.OTHER_MONEY: 0.03,
    Look.NEW_WORDS: 0.08,
    Look.NEW_FORM: 0.1,
}


def drawn(rng: random.Random, payments: int, shares: Mapping[Look, float] = USUAL) -> Mix:
    looks = {look: sum(rng.random() < share for _ in range(payments)) for look, share in shares.items()}
    return Mix(payments=payments, texts=payments, looks=looks)


def outcome(*arguments: str, reasons: tuple[str, ...] = ()) -> Outcome:
    weights = tuple(Weight(argument, 1.0) for argument in arguments)
    proposals = (Proposal(probability=0.9, allocations=(), reasons=(), weights=weights),) if arguments else ()
    return Outcome(entry_id="e", state=EntryState.REVIEW, reasons=reasons, proposals=proposals)


def test_the_same_mix_raises_no_alarm_more_often_than_is_said() -> None:
    """Measured: 12 of 20,000 such nights (0.06 %); here the first 400 of them."""
    alarms = 0
    for seed in range(400):
        rng = random.Random(seed)
        before, recent, tonight = drawn(rng, 600), drawn(rng, 100), drawn(rng, 40)
        alarms += bool(shifts(tonight, recent + tonight, before))
    assert alarms <= 2, "more than one in a thousand nights, beyond chance"
    assert FALSE_ALARM == 0.001


def test_a_new_number_range_is_noticed_in_its_first_night() -> None:
    noticed = 0
    for seed in range(200):
        rng = random.Random(seed)
        before, recent = drawn(rng, 600), drawn(rng, 200)
        tonight = drawn(rng, 60, {**USUAL, Look.UNKNOWN_NUMBER: 14 / 60})
        noticed += any(shift.look is Look.UNKNOWN_NUMBER for shift in shifts(tonight, recent + tonight, before))
    assert noticed >= 195


def test_a_slow_change_is_noticed_in_the_weeks_it_takes() -> None:
    rng = random.Random(7)
    changed = {**USUAL, Look.NAMES_NOTHING: 0.4}
    few = drawn(rng, 10, changed)
    found = shifts(few, drawn(rng, 300, changed) + few, drawn(rng, 2_000))
    assert [shift.look for shift in found] == [Look.NAMES_NOTHING]


def test_a_small_difference_is_none_however_certain_it_is() -> None:
    before = Mix(payments=100_000, texts=100_000, looks={Look.STRANGER: 6_000})
    tonight = Mix(payments=20_000, texts=20_000, looks={Look.STRANGER: 2_000})
    assert shifts(tonight, tonight, before) == ()


@pytest.mark.parametrize("before", [0, 199])
def test_without_enough_to_compare_with_nothing_is_said(before: int) -> None:
    strange = Mix(payments=60, texts=60, looks={Look.UNKNOWN_NUMBER: 60})
    assert shifts(strange, strange, Mix(payments=before, texts=before)) == ()


def test_easier_payments_are_no_alarm() -> None:
    before = Mix(payments=1_000, texts=1_000, looks={Look.STRANGER: 500})
    easier = Mix(payments=200, texts=200)
    assert shifts(easier, easier, before) == ()


def test_the_cause_is_told_in_words_with_the_beginning_of_the_numbers() -> None:
    before = Mix(payments=3_000, texts=3_000, looks={Look.UNKNOWN_NUMBER: 9})
    tonight = Mix(payments=60, texts=60, looks={Look.UNKNOWN_NUMBER: 14})
    (shift,) = shifts(tonight, tonight, before)
    assert shift.told(["2027-00012", "2027-00013", "RE-9"]) == (
        "14 of 60 payments name a number that looks like one of ours and is not known (before: 9 of 3,000); "
        '2 of 3 numbers begin with "2027-…"'
    )


@pytest.mark.parametrize(
    ("numbers", "beginning"),
    [
        (["2027-00012", "2027-00013"], "2027-"),
        (["RE-2027-0001", "RE-2027-0002", "x"], "RE-2027-"),
        (["27000123", "27000987"], "27000"),
        (["A-1", "B-1"], ""),
        (["2027-1"], ""),
        ([], ""),
    ],
)
def test_how_numbers_begin_alike(numbers: list[str], beginning: str) -> None:
    assert (f'"{beginning}…"' in common_beginning(numbers)) is bool(beginning)
    assert bool(common_beginning(numbers)) is bool(beginning)


UNKNOWN: Final = '"2027-0001", "2027-0002" looks like a number of ours and is not known'


@pytest.mark.parametrize(
    ("found", "looks"),
    [
        (outcome("any", "named: number", "payer: known", "amount: exact"), set()),
        (outcome("any", "named: none", "payer: known", "amount: skonto"), {Look.NAMES_NOTHING}),
        (outcome("any", "named: running", "payer: known", "amount: exact"), {Look.HALF_NAMED}),
        (
            outcome("any", "named: number", "payer: unknown", "amount: partial", "left out: looks like other money"),
            {Look.STRANGER, Look.NO_AMOUNT, Look.OTHER_MONEY},
        ),
        (outcome(reasons=(UNKNOWN,)), {Look.UNKNOWN_NUMBER, Look.STRANGER, Look.NO_AMOUNT}),
        (outcome(reasons=("no document number of ours is named",)), {Look.STRANGER, Look.NO_AMOUNT}),
    ],
)
def test_the_looks_of_a_payment(found: Outcome, looks: set[Look]) -> None:
    assert looks_of(found) == looks
    assert unknown_numbers(found) == (["2027-0001", "2027-0002"] if Look.UNKNOWN_NUMBER in looks else [])


def test_new_words_and_new_forms_of_numbers_are_seen_and_old_ones_are_not() -> None:
    known = Vocabulary(f"Rechnung RE-2026-{at:05} vielen Dank" for at in range(300))
    assert known.looks_of("Danke Rechnung RE-2026-99999") == set()
    assert known.looks_of("Rechnung RE-2026-99999") == frozenset()
    assert known.looks_of("Zahlungsavis Belegliste Rechnung INV/27/4711") == {Look.NEW_WORDS, Look.NEW_FORM}
    assert Vocabulary(["Rechnung"]).is_enough is False


def test_money_that_went_out_and_what_is_not_ours_is_not_counted() -> None:
    def entry(entry_id: str, minor: int) -> StatementEntry:
        return StatementEntry(
            account="DE1", booking_date=date(2026, 7, 1), amount=Money(minor, "EUR"), entry_id=entry_id
        )

    entries = {"in": entry("in", 100), "out": entry("out", -100), "not ours": entry("not ours", 100)}
    outcomes = [
        Outcome(entry_id="in", state=EntryState.UNMATCHED, reasons=()),
        Outcome(entry_id="out", state=EntryState.UNMATCHED, reasons=()),
        Outcome(entry_id="not ours", state=EntryState.IGNORED, reasons=()),
    ]
    mix = mix_of(outcomes, entries, Vocabulary(()))
    assert (mix.payments, mix.texts) == (1, 0)
    assert Mix.of_counted(mix.counted()) == mix


NOTICED: Final = date(2026, 7, 1)
RIGHT: Final = [Decided(0.99, True)] * CONFIRMED_ENOUGH
RECENT: Final = Mix(payments=100, texts=100)
SHIFT: Final = shifts(
    Mix(payments=60, looks={Look.STRANGER: 60}), Mix(), Mix(payments=1_000, looks={Look.STRANGER: 10})
)


@pytest.mark.parametrize(
    ("days", "still", "since", "over", "usual"),
    [
        (1, SHIFT, [], "", False),
        (1, SHIFT, RIGHT, "people decided 30", True),
        (1, SHIFT, [*RIGHT, Decided(0.99, False)], "", False),
        (1, SHIFT, RIGHT[1:], "", False),
        (USUAL_AFTER_DAYS, SHIFT, [], "for 60 days", True),
        (1, (), [], "again as they did before", False),
    ],
)
def test_what_ends_a_drift(days: int, still: tuple[()], since: list[Decided], over: str, usual: bool) -> None:
    why, is_usual = over_because(NOTICED, NOTICED + timedelta(days=days), still, RECENT, since)
    assert (over in why, bool(why), is_usual) == (True, bool(over), usual)
