"""The gate to a credit bureau (Auskunftei): whether a late claim may be reported (§ 31 Abs. 2 Nr. 4 BDSG)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dunning.receipt import Proof

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_FOUR_WEEKS: Final = timedelta(weeks=4)
_ONE_DAY: Final = timedelta(days=1)


# Who reports must prove that both reminders were received (LG Mainz 3 O 12/20); to have sent them is no proof.
_PROVEN: Final = frozenset({Proof.CONFIRMED, Proof.SMTP_ACCEPTED})


class Answer(StrEnum):
    """Whether a condition holds."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"  # a person must find out, or find the proof


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReminder:
    """A reminder in writing, after the due date, with the day it was received and what it said."""

    received_on: date
    bureau_notice: bool | None = False  # it told the debtor that a bureau may be considered; None: nobody knows
    proof: Proof | None = None  # of the receipt; None: nothing is known but the day
    title: str = ""  # "1. Mahnung of 2026-03-02"

    @property
    def proven(self) -> bool:
        """Whether the receipt can be shown."""
        return self.proof in _PROVEN

    @property
    def told(self) -> str:
        """The reminder with its receipt, as evidence."""
        return f"{self.title or 'a reminder'}, received {self.received_on} ({self.proof or 'unproven'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauFacts:
    """What is known about one claim before it may be reported."""

    due_date: date
    reminders: tuple[WrittenReminder, ...] = ()
    disputed: bool = False  # ever, and not settled: one word of the debtor is enough
    time_barred: bool = False
    in_insolvency: bool = False
    disputed_on: date | None = None  # when, where it is known
    dispute_possible: str = ""  # what may be a dispute and nobody has looked at: a message, a debit asked back


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the law, whether it is met, since when, and on what evidence."""

    name: str
    answer: Answer
    since: date | None
    evidence: str


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
    valid = _valid(facts)
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


def checklist(facts: BureauFacts, day: date) -> tuple[Condition, ...]:
    """Give every condition on a day with its evidence; a person may think of reporting only where all are met.

    Where a reminder was sent and its receipt cannot be shown, the condition is unknown, not met.
    """
    # A letter that is still on its way was not received.
    valid = [one for one in _valid(facts) if one.received_on < day]
    return (
        _two_written(valid),
        _four_weeks(valid, day),
        _notice(valid),
        _undisputed(facts),
        _simple("not_time_barred", facts.time_barred, "the claim is time-barred", "the claim is not time-barred"),
        _simple("no_insolvency", facts.in_insolvency, "the debtor is insolvent", "no insolvency is known"),
    )


def _two_written(valid: list[WrittenReminder]) -> Condition:
    evidence = "; ".join(one.told for one in valid) or "no reminder in writing after the due date"
    proven = [one for one in valid if one.proven]
    if len(proven) > 1:
        return Condition(name="two_written", answer=Answer.MET, since=proven[1].received_on, evidence=evidence)
    answer = Answer.UNKNOWN if len(valid) > 1 else Answer.NOT_MET
    return Condition(name="two_written", answer=answer, since=None, evidence=evidence)


def _four_weeks(valid: list[WrittenReminder], day: date) -> Condition:
    if not valid:
        return Condition(name="four_weeks", answer=Answer.NOT_MET, since=None, evidence="there is no first reminder")
    proven = next((one for one in valid if one.proven), None)
    first = proven or valid[0]
    over = first.received_on + _FOUR_WEEKS
    if day <= over:
        return Condition(
            name="four_weeks", answer=Answer.NOT_MET, since=None, evidence=f"{first.told}; over at the end of {over}"
        )
    answer = Answer.MET if proven else Answer.UNKNOWN
    since = over + _ONE_DAY if proven else None
    return Condition(name="four_weeks", answer=answer, since=since, evidence=first.told)


def _notice(valid: list[WrittenReminder]) -> Condition:
    told = next((one for one in valid if one.bureau_notice), None)
    if told is not None:
        answer = Answer.MET if told.proven else Answer.UNKNOWN
        since = told.received_on if told.proven else None
        return Condition(name="notice_in_time", answer=answer, since=since, evidence=told.told)
    if any(one.bureau_notice is None for one in valid):
        evidence = "our texts name a credit bureau now; whether these reminders did, nobody has said"
        return Condition(name="notice_in_time", answer=Answer.UNKNOWN, since=None, evidence=evidence)
    evidence = "no reminder told the debtor that a credit bureau may be considered"
    return Condition(name="notice_in_time", answer=Answer.NOT_MET, since=None, evidence=evidence)


def _undisputed(facts: BureauFacts) -> Condition:
    if facts.disputed:
        when = f" on {facts.disputed_on}" if facts.disputed_on else ""
        evidence = f"the claim was disputed{when}: it must not be reported, and no letter may mention a bureau"
        return Condition(name="undisputed", answer=Answer.NOT_MET, since=facts.disputed_on, evidence=evidence)
    if facts.dispute_possible:
        return Condition(name="undisputed", answer=Answer.UNKNOWN, since=None, evidence=facts.dispute_possible)
    return Condition(name="undisputed", answer=Answer.MET, since=None, evidence="no dispute is known")


def _simple(name: str, broken: bool, says_broken: str, says_met: str) -> Condition:
    answer, evidence = (Answer.NOT_MET, says_broken) if broken else (Answer.MET, says_met)
    return Condition(name=name, answer=answer, since=None, evidence=evidence)


def _valid(facts: BureauFacts) -> list[WrittenReminder]:
    """Give the reminders that count, by their receipt: those received after the due date."""
    return sorted(
        (one for one in facts.reminders if one.received_on > facts.due_date), key=lambda one: one.received_on
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
