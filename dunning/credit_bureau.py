"""The gate to a credit bureau (Auskunftei): whether a late claim may be reported (§ 31 Abs. 2 Nr. 4 BDSG)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_FOUR_WEEKS: Final = timedelta(weeks=4)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReminder:
    """A reminder in writing, after the due date, with the day it was received and what it said."""

    received_on: date
    bureau_notice: bool = False  # it told the debtor that a bureau may be considered


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauFacts:
    """What is known about one claim before it may be reported."""

    due_date: date
    reminders: tuple[WrittenReminder, ...] = ()
    disputed: bool = False  # ever, and not settled: one word of the debtor is enough
    time_barred: bool = False
    in_insolvency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauGate:
    """The four conditions one by one, and the first day on which all of them are met."""

    two_written: bool
    first_received_on: date | None
    four_weeks_over: bool
    notice_given_on: date | None
    undisputed: bool
    possible_from: date | None  # None: not as things are
    because: tuple[str, ...]  # what is missing, in sentences; empty on a day on which it is possible

    @property
    def open(self) -> bool:
        """Whether it may be reported on the day that was asked for; a person still decides (Art. 6 (1)(f) GDPR)."""
        return not self.because


def bureau_gate(facts: BureauFacts, day: date) -> BureauGate:
    """Check whether a claim may be reported to a credit bureau on a day (§ 31 Abs. 2 Nr. 4 BDSG).

    At least two written reminders after the due date; the first received at least four whole weeks before; the debtor
    told, at the earliest with the first reminder and before reporting, that a bureau may be considered; not disputed.
    A dispute closes the gate at once, and nothing more may be said about a bureau then (BGH I ZR 157/13). This is the
    least the law wants, no permission: the balance of interests is a person's decision.
    """
    valid = sorted(
        (one for one in facts.reminders if one.received_on > facts.due_date), key=lambda one: one.received_on
    )
    first = valid[0].received_on if valid else None
    notice = next((one.received_on for one in valid if one.bureau_notice), None)
    possible = _possible_from(valid, notice, facts)
    return BureauGate(
        two_written=len(valid) > 1,
        first_received_on=first,
        four_weeks_over=first is not None and day > first + _FOUR_WEEKS,
        notice_given_on=notice,
        undisputed=not facts.disputed,
        possible_from=possible,
        because=tuple(_missing(valid, notice, facts, day)),
    )


def _possible_from(valid: list[WrittenReminder], notice: date | None, facts: BureauFacts) -> date | None:
    if len(valid) < 2 or notice is None or facts.disputed or facts.time_barred or facts.in_insolvency:
        return None
    # The day of receipt is not counted (§ 187 Abs. 1 BGB), and each letter is given the day to be read.
    return max(valid[0].received_on + _FOUR_WEEKS, valid[1].received_on, notice) + _ONE_DAY


def _missing(valid: list[WrittenReminder], notice: date | None, facts: BureauFacts, day: date) -> Iterator[str]:
    if facts.disputed:
        yield "The claim is disputed: it must not be reported, and no letter may mention a bureau any more."
    if facts.time_barred:
        yield "The claim is time-barred; it must not be reported."
    if facts.in_insolvency:
        yield "The debtor is insolvent: the claim is filed with the administrator, not reported."
    if len(valid) < 2:
        yield f"Two written reminders after the due date are needed; there is {len(valid)}."
    if valid and day <= valid[0].received_on + _FOUR_WEEKS:
        over = valid[0].received_on + _FOUR_WEEKS
        yield f"The first reminder was received on {valid[0].received_on}; four weeks are over at the end of {over}."
    if len(valid) > 1 and day <= valid[1].received_on:
        yield f"The second reminder was received only on {valid[1].received_on}."
    if notice is None:
        yield "No reminder told the debtor that a credit bureau may be considered."
    elif day <= notice:
        yield f"The debtor was told of a credit bureau only on {notice}."
