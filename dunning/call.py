"""The call (Anruf): what a debtor said on the telephone, and what follows from it, in one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dunning.cause import ANSWERS, Cause
from dunning.hold import HoldReason
from dunning.promise import broken_within_a_year, may_promise_again, promise_mistakes, silent_until
from ledger.calendar import add_bank_days

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from dunning.promise import Promise
    from ledger.money import Money

# Until when a complaint is to be answered.
ANSWER_BANK_DAYS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A complaint (Reklamation): about one document, or about everything a debtor owes."""

    item_id: str = ""  # empty: everything
    document_number: str = ""
    amount: Money | None = None  # the disputed part; None: all of it
    reason: str  # in the debtor's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One conversation as it was written down."""

    debtor_number: str
    called_on: date
    owner: str  # who called
    spoke_to: str = ""
    cause: Cause
    promise: Promise | None = None
    disputes: tuple[Dispute, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHold:
    """Silence that follows from a call."""

    item_id: str = ""
    reason: HoldReason
    note: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What follows from a call: silence, something to do, and what should be said to the accountant."""

    holds: tuple[WantedHold, ...]
    to_do: str
    warnings: tuple[str, ...] = ()


def call_mistakes(call: Call, open_amounts: Mapping[str, Money]) -> tuple[str, ...]:
    """Tell everything that keeps a call from being recorded; ``open_amounts`` by currency, of the debtor today."""
    return tuple(_mistakes(call, open_amounts))


def follow_up(call: Call, *, broken_promises: Sequence[date] = ()) -> FollowUp:
    """Say what follows from a call that has no mistakes.

    A promise buys silence until three bank days after its day, unless more than two were broken within a year; then
    it is recorded and the stages go on. A dispute silences its document until it is answered, and does not expire by
    itself: an unanswered complaint is our fault, not the debtor's.
    """
    warnings: list[str] = []
    holds = [_of_dispute(dispute, answer_by(call.called_on)) for dispute in call.disputes]
    if call.promise is not None and may_promise_again(broken_promises, call.called_on):
        holds.append(_of_promise(call.promise))
    elif call.promise is not None:
        warnings.append(
            f"{broken_within_a_year(broken_promises, call.called_on)} promises were broken within a year; "
            "this one is written down, but buys no silence."
        )
    if not holds:
        holds.extend(_of_cause(call))
    return FollowUp(holds=tuple(holds), to_do=ANSWERS[call.cause].to_do, warnings=tuple(warnings))


def answer_by(called_on: date) -> date:
    """Give the day by which a complaint is to be answered: ten bank days later."""
    return add_bank_days(called_on, ANSWER_BANK_DAYS)


def _mistakes(call: Call, open_amounts: Mapping[str, Money]) -> Iterator[str]:
    if not open_amounts:
        yield f"debtor {call.debtor_number} owes nothing today; there is nothing to talk about"
    if call.cause is Cause.UNHAPPY and not call.disputes:
        yield "who is unhappy disputes something: say which document with --dispute, or --dispute all"
    if call.cause is Cause.NOT_REACHED and (call.promise or call.disputes):
        yield "nobody was reached, so nobody can have promised or disputed anything"
    if call.cause is Cause.OTHER and not call.note:
        yield "the cause is another one: say which with --note"
    for dispute in call.disputes:
        if not dispute.reason.strip():
            about = dispute.document_number or "everything"
            yield f"the complaint about {about} lacks its reason: say it with --reason"
    if call.promise and (still_open := open_amounts.get(call.promise.amount.currency)):
        yield from promise_mistakes(call.promise, still_open, call.called_on)
    elif call.promise and open_amounts:
        still_open_is = ", ".join(map(str, open_amounts.values()))
        yield f"nothing is open in {call.promise.amount.currency}; open is {still_open_is}"


def _of_dispute(dispute: Dispute, answer_until: date) -> WantedHold:
    part = f" ({dispute.amount} of it)" if dispute.amount else ""
    note = f"{dispute.reason}{part}; answer by {answer_until}"
    return WantedHold(item_id=dispute.item_id, reason=HoldReason.DISPUTE, note=note, expires_on=None)


def _of_promise(promise: Promise) -> WantedHold:
    by = f" by {promise.made_by}" if promise.made_by else ""
    note = f"{promise.amount} promised{by} until {promise.pay_by}; no deferral, interest goes on"
    return WantedHold(reason=HoldReason.PROMISE, note=note, expires_on=silent_until(promise))


def _of_cause(call: Call) -> Iterator[WantedHold]:
    answer = ANSWERS[call.cause]
    if answer.hold is None:
        return
    until = add_bank_days(call.called_on, answer.bank_days) if answer.bank_days is not None else None
    yield WantedHold(reason=answer.hold, note=call.note or call.cause.value, expires_on=until)
