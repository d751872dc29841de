"""The promise to pay (Zahlungszusage): how long it buys silence, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.calendar import add_bank_days, months_later
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

# A transfer ordered on the promised day is on our account, and read by us, within three bank days.
TOLERANCE_BANK_DAYS: Final = 3
# Who pays nearly everything kept his word; the rest is an ordinary open amount.
KEPT_PERCENT: Final = 95
# Whoever broke three promises in a year gets no further silence for the fourth.
MOST_BROKEN_IN_A_YEAR: Final = 2


class PromiseState(StrEnum):
    """What became of a promise."""

    RUNNING = "running"  # silence
    KEPT = "kept"
    BROKEN = "broken"  # the stages go on where they stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An amount by a day, said by somebody. It is no deferral (Stundung): default and interest go on."""

    promise_id: str = ""
    debtor_number: str
    amount: Money
    pay_by: date
    made_on: date
    made_by: str = ""  # the person who promised
    owner: str = ""  # who of us looks after it


@dataclass(frozen=True, slots=True)
class Received:
    """Money of a debtor that counts towards a promise or a plan."""

    on: date  # the day the bank credited it
    amount: Money


def silent_until(promise: Promise) -> date:
    """Give the last day of silence: the promised day and three bank days."""
    return add_bank_days(promise.pay_by, TOLERANCE_BANK_DAYS)


def promise_state(
    promise: Promise, received: Iterable[Received], today: date, *, read_until: date | None
) -> PromiseState:
    """Tell whether a promise was kept: 95 % of it received from the day it was made to the last day of silence.

    It is broken only once the last day of silence is over and our statements are read up to it (``read_until``; None:
    not at all), and kept as soon as the money is there. Money that came later does not heal it. ``received`` is what
    the debtor paid, in the currency of the promise; a debit that came back counts with a minus.
    """
    last_day = silent_until(promise)
    in_time = received_in_time(promise, received, today)
    if in_time.minor * 100 >= promise.amount.minor * KEPT_PERCENT:
        return PromiseState.KEPT
    is_over = today > last_day and read_until is not None and read_until >= last_day
    return PromiseState.BROKEN if is_over else PromiseState.RUNNING


def received_in_time(promise: Promise, received: Iterable[Received], today: date) -> Money:
    """Add up what came for a promise from the day it was made to the last day of silence."""
    return total((one.amount for one in _in_time(promise, received, today)), promise.amount.currency)


def left_for_others(promise: Promise, received: Iterable[Received]) -> list[Received]:
    """Give what remains of the money received once a promise was kept with it, the earliest first.

    The same money keeps no second promise.
    """
    wanted, left = promise.amount.minor, []
    for one in sorted(received, key=lambda money: money.on):
        used = 0
        if promise.made_on <= one.on <= silent_until(promise):
            used = max(min(wanted, one.amount.minor), 0)
            wanted -= used
        left.append(Received(one.on, Money(one.amount.minor - used, one.amount.currency)))
    return left


def broken_within_a_year(broken_on: Iterable[date], today: date) -> int:
    """Count the promises that were broken within the twelve months before a day."""
    year_ago = months_later(today, -12)
    return sum(day > year_ago for day in broken_on)


def may_promise_again(broken_on: Iterable[date], today: date) -> bool:
    """Whether another promise still buys silence: not after more than two broken ones within twelve months."""
    return broken_within_a_year(broken_on, today) <= MOST_BROKEN_IN_A_YEAR


def _in_time(promise: Promise, received: Iterable[Received], today: date) -> Iterator[Received]:
    last_day = min(silent_until(promise), today)
    return (one for one in received if promise.made_on <= one.on <= last_day)


def promise_mistakes(promise: Promise, still_open: Money, today: date) -> tuple[str, ...]:
    """Tell why a promise cannot be recorded as it stands; empty where it can."""
    checks = (
        (promise.pay_by < today, f"the promised day {promise.pay_by} is over; ask for one to come"),
        (
            promise.pay_by > today + timedelta(days=60),
            f"{promise.pay_by} is more than 60 days away; that is a deferral (`hold place`) or a plan (`call plan`)",
        ),
        (promise.amount.minor <= 0, f"the promised amount {promise.amount} must be more than zero"),
        (
            promise.amount.currency == still_open.currency and promise.amount > still_open,
            f"{promise.amount} is promised, but only {still_open} is open",
        ),
        (
            promise.amount.currency != still_open.currency,
            f"the promise is in {promise.amount.currency}, what is open is in {still_open.currency}",
        ),
    )
    return tuple(says for wrong, says in checks if wrong)
