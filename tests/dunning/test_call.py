"""What was said on the telephone becomes silence with an owner and an end, and something to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dunning.call import Call, Dispute, WantedHold, call_mistakes, follow_up
from dunning.cause import ANSWERS, Cause
from dunning.hold import HoldReason
from dunning.promise import Promise
from ledger.money import Money

_DAY = date(2026, 3, 2)
_OPEN = {"EUR": Money(200_000, "EUR")}
_PROMISE = Promise(
    debtor_number="10023", amount=Money(100_000, "EUR"), pay_by=date(2026, 3, 13), made_on=_DAY, made_by="Frau Süß"
)
_WET = Dispute(item_id="file/invoice/RE-1", document_number="RE-1", reason="Zwei Paletten waren nass")


def call(cause: Cause, **more: Any) -> Call:
    return Call(debtor_number="10023", called_on=_DAY, owner="Weiß", cause=cause, **more)


def test_a_promise_keeps_everything_of_the_debtor_silent_until_its_day_and_three_bank_days() -> None:
    (hold,) = follow_up(call(Cause.FORGOTTEN, promise=_PROMISE)).holds
    assert (hold.reason, hold.item_id, hold.expires_on) == (HoldReason.PROMISE, "", date(2026, 3, 18))
    assert "Frau Süß" in hold.note
    assert "no deferral" in hold.note


def test_a_dispute_keeps_its_document_silent_until_somebody_has_answered() -> None:
    (hold,) = follow_up(call(Cause.UNHAPPY, disputes=(_WET,))).holds
    assert hold == WantedHold(
        item_id="file/invoice/RE-1",
        reason=HoldReason.DISPUTE,
        note="Zwei Paletten waren nass; answer by 2026-03-16",
        expires_on=None,
    )


@pytest.mark.parametrize(
    ("cause", "reason", "until"),
    [
        (Cause.NOT_RECEIVED, HoldReason.MANUAL, date(2026, 3, 9)),
        (Cause.INTERNAL_PROCESS, HoldReason.MANUAL, date(2026, 3, 16)),
        (Cause.SAYS_PAID, HoldReason.MANUAL, date(2026, 3, 9)),
        (Cause.INSOLVENCY, HoldReason.INSOLVENCY, None),
    ],
)
def test_a_cause_that_is_ours_or_the_courts_keeps_silent_without_a_promise(
    cause: Cause, reason: HoldReason, until: date | None
) -> None:
    (hold,) = follow_up(call(cause)).holds
    assert (hold.reason, hold.expires_on) == (reason, until)


@pytest.mark.parametrize("cause", [Cause.FORGOTTEN, Cause.SHORT_OF_CASH, Cause.REFUSES, Cause.NOT_REACHED])
def test_a_cause_without_a_word_given_stops_nothing(cause: Cause) -> None:
    assert follow_up(call(cause)).holds == ()


def test_every_cause_has_an_answer() -> None:
    assert set(ANSWERS) == set(Cause)


def test_the_promise_of_somebody_who_broke_three_is_written_down_and_stops_nothing() -> None:
    broken = [date(2025, 6, 1), date(2025, 9, 1), date(2025, 12, 1)]
    follow = follow_up(call(Cause.FORGOTTEN, promise=_PROMISE), broken_promises=broken)
    assert follow.holds == ()
    assert "buys no silence" in follow.warnings[0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (call(Cause.UNHAPPY), "say which document with --dispute"),
        (call(Cause.NOT_REACHED, promise=_PROMISE), "nobody was reached"),
        (call(Cause.OTHER), "say which with --note"),
        (call(Cause.UNHAPPY, disputes=(Dispute(document_number="RE-1", reason=" "),)), "lacks its reason"),
    ],
)
def test_what_cannot_be_recorded_is_told(wrong: Call, says: str) -> None:
    assert any(says in mistake for mistake in call_mistakes(wrong, _OPEN))


def test_who_owes_nothing_is_not_talked_to() -> None:
    assert "owes nothing" in call_mistakes(call(Cause.FORGOTTEN), {})[0]


def test_a_promise_in_a_currency_in_which_nothing_is_open_is_told() -> None:
    (mistake,) = call_mistakes(call(Cause.FORGOTTEN, promise=_PROMISE), {"CHF": Money(1, "CHF")})
    assert "nothing is open in EUR" in mistake
