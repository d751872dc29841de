"""The gate (Mahnsperre im Lauf): every reason to keep silent, asked when planning and again before sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from dunning.countries import GERMANY
from dunning.hold import Hold, HoldReason
from dunning.limitation import limitation_end, limitation_law
from dunning.notice import Channel, HeldBecause, Notice
from dunning.reach import missing_for
from ledger.calendar import add_bank_days
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from dunning.countries import CountryLaw
    from dunning.stage import Procedure, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReading:
    """How well we know one of our bank accounts."""

    account: str  # IBAN
    read_until: date | None  # closing date of the last statement read; None: never read
    gaps: tuple[str, ...] = ()  # where statements are missing, in words: "before statement 14"
    unread_files: tuple[str, ...] = ()  # names of files that came and could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInReview:
    """An entry that may be this debtor's payment and waits for a person, or for the bank."""

    entry_id: str
    booking_date: date
    amount: Money
    announced: bool = False  # the bank has not booked it yet (vorgemerkt)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectDebitInFlight:
    """A collection of ours that is submitted and not yet settled (Lastschrift unterwegs)."""

    item_id: str
    collected_on: date


class Claimed(Protocol):
    """An item as far as a reason of its own can concern it: an open item, or a line of a notice."""

    @property
    def item_id(self) -> str:
        """What facts are known by."""

    @property
    def document_number(self) -> str:
        """What a person calls it."""

    @property
    def due_date(self) -> date:
        """From which limitation is counted."""


class ReturnedBecause(StrEnum):
    """Why a direct debit came back, where dunning for it would be wrong; a lack of money is no such reason."""

    DISPUTED = "disputed"  # the debtor asked for the money back
    DECEASED = "deceased"
    OUR_MISTAKE = "our_mistake"  # wrong data, or collected twice


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedDebit:
    """A direct debit of ours that came back, and must be asked about before anybody is dunned for it."""

    item_id: str
    returned_on: date
    because: ReturnedBecause
    reason: str  # what the bank wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything the gate must know about one debtor in one currency, as of one day."""

    day: date  # the day on which is asked: the run date, or the day of sending
    accounts: tuple[AccountReading, ...]  # all bank accounts of the creditor
    mirror_age_days: int  # days since the accounting tool was last read completely
    credit: Money  # on account plus open credit notes, positive
    payments_in_review: tuple[PaymentInReview, ...] = ()
    holds: tuple[Hold, ...] = ()  # of this debtor and its items
    direct_debits: tuple[DirectDebitInFlight, ...] = ()
    blocked_in_tool: Mapping[str, str] = field(default_factory=dict)  # by item: why its tool forbids it (Mahnsperre)
    last_notice_on: date | None = None  # the last one really sent, whatever it was about
    unanswered_message_on: date | None = None  # the oldest message of the debtor nobody answered
    uncertain_notices: tuple[str, ...] = ()  # notices that may or may not have gone out: "reminder of 2026-05-04"
    handed_over_on: date | None = None  # to the agency, and neither settled nor handed back since
    court_since: date | None = None  # an order for payment or a lawsuit is pending
    waiting_notices: tuple[str, ...] = ()  # made ready and not sent yet: "2. Mahnung of 2026-05-04"
    returned_debits: tuple[ReturnedDebit, ...] = ()  # that nobody has asked about yet
    items_not_listed: frozenset[str] = frozenset()  # absent from the tool's list of tonight, or unreadable there
    not_listed_since: date | None = None  # the debtor is missing from the tool's list of debtors
    written_off: frozenset[str] = frozenset()  # items of ours to bear (ausgebucht)
    time_bar_waived: frozenset[str] = frozenset()  # items a person decided to ask for though they are time-barred
    law: CountryLaw = GERMANY  # of the company's country, for limitation
    limitation_renewed: Mapping[str, date] = field(default_factory=dict)  # by item: the last day, once acknowledged
    letterhead_missing: tuple[str, ...] = ()  # facts about the creditor that a letter must carry (§ 35a GmbHG)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """A notice and everything needed to judge whether it may go."""

    notice: Notice
    facts: GateFacts
    procedure: Procedure
    stage: Stage | None = None  # the notice's stage as its track has it; None: as the procedure has it
    minimum_gap_days: int | None = None  # of the tracks of its items; None: of the procedure

    @property
    def stage_said(self) -> Stage | None:
        """The stage of the notice; None where the procedure has dropped it."""
        return self.stage or self.procedure.stage(self.notice.stage)


@dataclass(frozen=True, slots=True)
class Check:
    """One reason to keep silent: about the debtor as a whole, about single items, or both."""

    code: str
    clear: str  # what is well where it finds nothing, for explanations
    of_debtor: Callable[[NoticeFacts], Iterator[str]] | None = None
    of_item: Callable[[Claimed, GateFacts], Iterator[str]] | None = None


def gate(asked: NoticeFacts) -> tuple[HeldBecause, ...]:
    """Give every reason to keep silent, in the order of the table, one per code; none means: send."""
    worth_asking = [item for item in asked.notice.items if _something_known(item, asked.facts)]
    return _reasons((check.code, _sentences(check, asked, worth_asking)) for check in CHECKS)


def clear_checks(because: Iterable[HeldBecause]) -> dict[str, str]:
    """Give what was asked and found nothing, by code: what is well, in words."""
    speaking = {reason.code for reason in because}
    return {check.code: check.clear for check in CHECKS if check.code not in speaking}


def item_gate(item: Claimed, facts: GateFacts) -> tuple[HeldBecause, ...]:
    """Give the reasons that concern this item alone: it is left out, and the debtor's other items may be dunned."""
    if not _something_known(item, facts):
        return ()
    return _reasons((check.code, check.of_item(item, facts)) for check in CHECKS if check.of_item)


def _something_known(item: Claimed, facts: GateFacts) -> bool:
    """Whether any reason could concern the item; of nearly all items of a large run nothing is known at all."""
    return bool(
        facts.holds
        or facts.direct_debits
        or facts.blocked_in_tool
        or facts.returned_debits
        or facts.items_not_listed
        or facts.written_off
        or facts.day > limitation_end(item.due_date, facts.law)
    )


def required_statement_day(day: date, max_statement_age_bank_days: int) -> date:
    """Give the day up to which every account must be read: the last bank day before ``day``, less the grace."""
    return add_bank_days(add_bank_days(day, -1), -max_statement_age_bank_days)


def _sentences(check: Check, asked: NoticeFacts, items: Iterable[Claimed]) -> Iterator[str]:
    if check.of_debtor:
        yield from check.of_debtor(asked)
    if check.of_item:
        for item in items:
            yield from check.of_item(item, asked.facts)


def _reasons(sentences_by_code: Iterable[tuple[str, Iterable[str]]]) -> tuple[HeldBecause, ...]:
    joined = ((code, " ".join(sentences)) for code, sentences in sentences_by_code)
    return tuple(HeldBecause(code, sentence) for code, sentence in joined if sentence)


def _debtor_unknown(asked: NoticeFacts) -> Iterator[str]:
    debtor = asked.notice.debtor
    if not debtor.name.strip():
        yield (
            f"There is no master data for debtor {debtor.number}. "
            "Add the debtor in the accounting tool or in the debtor file."
        )


def _handed_over(asked: NoticeFacts) -> Iterator[str]:
    day = asked.facts.handed_over_on
    if day is not None:
        yield f"Handed over on {day}; only the agency or the court speaks until the case is handed back."


def _in_court(asked: NoticeFacts) -> Iterator[str]:
    day = asked.facts.court_since
    if day is not None:
        yield f"In court since {day}; whatever we write now could be used there. Note its end when there is one."


def _written_off(item: Claimed, facts: GateFacts) -> Iterator[str]:
    if item.item_id in facts.written_off:
        yield f"{item.document_number} is written off; the claim lives on, but nobody asks for it."


def _notice_waiting(asked: NoticeFacts) -> Iterator[str]:
    for notice in asked.facts.waiting_notices:
        yield f"{notice} to this debtor waits to be released or sent. Release it, or cancel it."


def _returned(because: ReturnedBecause, says: str) -> Callable[[Claimed, GateFacts], Iterator[str]]:
    def of_item(item: Claimed, facts: GateFacts) -> Iterator[str]:
        for debit in facts.returned_debits:
            if debit.item_id == item.item_id and debit.because is because:
                yield (
                    f"The debit of {item.document_number} came back on {debit.returned_on} ({debit.reason}): {says} "
                    f"Note what came of it: `case note … return_clarified`."
                )

    return of_item


def _item_not_listed(item: Claimed, facts: GateFacts) -> Iterator[str]:
    if item.item_id in facts.items_not_listed:
        yield (
            f"{item.document_number} could not be read in the accounting tool's list tonight; what is open there is "
            "not known. See the report for its row."
        )


def _debtor_not_listed(asked: NoticeFacts) -> Iterator[str]:
    day = asked.facts.not_listed_since
    if day is not None:
        yield (
            f"Debtor {asked.notice.debtor.number} is missing from the accounting tool's list of debtors, where it "
            f"last stood on {day}. See whether it was merged or renamed; `case succeeded` names who answers now."
        )


def _sending_uncertain(asked: NoticeFacts) -> Iterator[str]:
    for notice in asked.facts.uncertain_notices:
        yield f"It is not certain whether {notice} went out. Look, and mark it as sent or as not sent."


_HOLD_WORDS: Final = {
    HoldReason.DISPUTE: "is disputed",
    HoldReason.PROMISE: "is promised to be paid",
    HoldReason.DEFERRAL: "is deferred",
    HoldReason.INSTALMENTS: "is being paid in instalments",
    HoldReason.INSOLVENCY: "is part of insolvency proceedings, where the claim must be filed",
    HoldReason.MANUAL: "is on hold",
    HoldReason.LEGAL: "is on hold for legal reasons",
    HoldReason.DECEASED: "is owed by somebody who has died; nobody writes to the dead, and the heirs must be known",
}


def _hold_check(code: str, clear: str, *reasons: HoldReason) -> Check:
    def of_debtor(asked: NoticeFacts) -> Iterator[str]:
        for hold in _active(asked.facts, reasons):
            if hold.concerns_debtor:
                yield _hold_sentence(f"Everything of debtor {hold.debtor_number}", hold)

    def of_item(item: Claimed, facts: GateFacts) -> Iterator[str]:
        for hold in _active(facts, reasons):
            if hold.item_id == item.item_id and not hold.concerns_debtor:
                yield _hold_sentence(item.document_number, hold)

    return Check(code, clear, of_debtor, of_item)


def _active(facts: GateFacts, reasons: tuple[HoldReason, ...]) -> Iterator[Hold]:
    return (hold for hold in facts.holds if hold.reason in reasons and hold.holds_on(facts.day))


def _hold_sentence(subject: str, hold: Hold) -> str:
    note = f" ({hold.note})" if hold.note else ""
    until = f"until {hold.expires_on}, or until it is lifted" if hold.expires_on else "until somebody lifts it"
    held = f"Held since {hold.placed_on} {until}; {hold.owner} looks after it. Then {hold.follows}."
    return f"{subject} {_HOLD_WORDS[hold.reason]}{note}. {held}"


def _time_barred(item: Claimed, facts: GateFacts) -> Iterator[str]:
    nominal = limitation_end(item.due_date, facts.law)
    end = max(nominal, facts.limitation_renewed.get(item.item_id, nominal))
    if facts.day > end and item.item_id not in facts.time_bar_waived:
        yield (
            f"{item.document_number} was due on {item.due_date} and is time-barred since the end of {end} "
            f"({limitation_law(facts.law).period}). Only a person may still ask for it (`case note … ask_anyway`); "
            "otherwise write it off."
        )


def _bank_data_stale(asked: NoticeFacts) -> Iterator[str]:
    required = required_statement_day(asked.facts.day, asked.procedure.max_statement_age_bank_days)
    if not asked.facts.accounts:
        yield "No bank account is configured, so payments cannot be seen. Add one to the configuration."
    for reading in asked.facts.accounts:
        if reading.read_until is None:
            yield f"No statement of account {reading.account} was ever read. Put its statements into the inbox."
        elif reading.read_until < required:
            yield (
                f"Account {reading.account} is read up to {reading.read_until}, but must be read up to {required}. "
                "Put the missing statements into its inbox."
            )


def _bank_data_gap(asked: NoticeFacts) -> Iterator[str]:
    for reading in asked.facts.accounts:
        for gap in reading.gaps:
            yield f"Statements of account {reading.account} are missing {gap}. Put them into its inbox."


def _bank_file_unread(asked: NoticeFacts) -> Iterator[str]:
    for reading in asked.facts.accounts:
        for file in reading.unread_files:
            yield (
                f"{file} of account {reading.account} could not be read and may contain a payment. "
                "See its reason, and fetch it from the bank again."
            )


def _mirror_stale(asked: NoticeFacts) -> Iterator[str]:
    age, allowed = asked.facts.mirror_age_days, asked.procedure.max_mirror_age_days
    if age > allowed:
        yield (
            f"The accounting tool was last read {age} days before {asked.facts.day}; at most {allowed} are allowed. "
            "Let it be read again."
        )


def _payment_in_review(asked: NoticeFacts) -> Iterator[str]:
    for payment in asked.facts.payments_in_review:
        if payment.announced:
            yield (
                f"{payment.amount}, announced by the bank for {payment.booking_date}, may be this debtor's payment "
                f"(entry {payment.entry_id}). It is decided when it is booked."
            )
            continue
        yield (
            f"{payment.amount} booked on {payment.booking_date} may be this debtor's payment "
            f"(entry {payment.entry_id}). Decide it on the review desk."
        )


def _credit_covers_debt(asked: NoticeFacts) -> Iterator[str]:
    credit, debt = asked.facts.credit, _open(asked.notice)
    if credit >= debt:
        yield f"The debtor's credit of {credit} covers the open {debt}. Settle one with the other, or pay it back."


def _direct_debit_in_flight(item: Claimed, facts: GateFacts) -> Iterator[str]:
    for debit in facts.direct_debits:
        if debit.item_id == item.item_id:
            yield (
                f"{item.document_number} is being collected by direct debit on {debit.collected_on}. "
                "It waits until the debit is booked or comes back."
            )


def _blocked_in_tool(item: Claimed, facts: GateFacts) -> Iterator[str]:
    if why := facts.blocked_in_tool.get(item.item_id):
        yield f"{item.document_number} is blocked in the accounting tool: {why}. Lift that there."


def _message_unanswered(asked: NoticeFacts) -> Iterator[str]:
    day = asked.facts.unanswered_message_on
    if day is not None:
        yield f"A message of the debtor of {day} is unanswered. Answer it, and note that with `message answered`."


def _below_threshold(asked: NoticeFacts) -> Iterator[str]:
    stage = asked.stage_said
    debt = _open(asked.notice)
    left = debt - asked.facts.credit
    # A credit that covers everything is a reason of its own; a stage the procedure dropped has no minimum any more.
    if stage is None or left.minor <= 0 or left.minor >= stage.minimum_minor:
        return
    after_credit = f" after a credit of {asked.facts.credit}" if asked.facts.credit else ""
    yield (
        f"Only {left} is open{after_credit}; {stage.name} starts at {Money(stage.minimum_minor, left.currency)}. "
        "It waits until more is overdue, or until minimum_minor of the stage is lowered."
    )


def _too_recent(asked: NoticeFacts) -> Iterator[str]:
    last = asked.facts.last_notice_on
    gap = asked.procedure.minimum_gap_days if asked.minimum_gap_days is None else asked.minimum_gap_days
    if last is not None and (asked.facts.day - last).days < gap:
        yield f"The last notice went out on {last}; the next one may follow from {last + timedelta(days=gap)} on."


def _no_address(asked: NoticeFacts) -> Iterator[str]:
    notice = asked.notice
    missing = missing_for(notice.debtor, notice.channel)
    if not missing or not notice.debtor.name.strip():
        return
    stage = asked.stage_said
    closed = {channel: missing_for(notice.debtor, channel) for channel in (stage.channels if stage else ())}
    # Before sending, another channel may be open; the notice was made for this one and is planned anew.
    if not closed or not all(closed.values()):
        closed = {notice.channel: missing}
    no_facts = ", ".join(dict.fromkeys(f"no {fact}" for facts in closed.values() for fact in facts))
    who = f"Debtor {notice.debtor.number} ({notice.debtor.name})"
    yield f"{who} cannot be reached by {' or '.join(closed)}: there is {no_facts}. Complete the master data."


def _master_data_incomplete(asked: NoticeFacts) -> Iterator[str]:
    missing = asked.facts.letterhead_missing
    if missing and asked.notice.channel is not Channel.CALL:
        yield f"The letterhead lacks {', '.join(missing)}. Complete the company's data in the configuration."


def _open(notice: Notice) -> Money:
    return total((item.open for item in notice.items), notice.total.currency)


# Read from top to bottom, as the accountant does: first what no letter can cure, then what a person has asked for,
# then what we do not know, then what only needs time or a small correction.
CHECKS: Final = (
    Check("debtor_unknown", "the debtor's master data is known", _debtor_unknown),
    Check("handed_over", "nothing is with the agency", _handed_over),
    Check("court", "nothing is in court", _in_court),
    Check("written_off", "nothing is written off", of_item=_written_off),
    Check("sending_uncertain", "of every earlier notice it is known whether it went out", _sending_uncertain),
    Check("notice_waiting", "no other notice waits to be released or sent", _notice_waiting),
    _hold_check("insolvency", "no insolvency is known", HoldReason.INSOLVENCY),
    _hold_check("deceased", "no death is known", HoldReason.DECEASED),
    _hold_check("disputed", "nothing is disputed", HoldReason.DISPUTE),
    _hold_check("deferred", "nothing is deferred", HoldReason.DEFERRAL),
    _hold_check("promised", "no promise to pay is running", HoldReason.PROMISE),
    _hold_check("instalments", "no instalment plan is running", HoldReason.INSTALMENTS),
    _hold_check("on_hold", "nobody has put anything on hold", HoldReason.MANUAL, HoldReason.LEGAL),
    Check(
        "return_disputed",
        "no debit came back that the debtor objected to",
        of_item=_returned(ReturnedBecause.DISPUTED, "the debtor wanted the money back. Ask for the reason first."),
    ),
    Check(
        "return_deceased",
        "no debit came back because of a death",
        of_item=_returned(ReturnedBecause.DECEASED, "the account holder has died. Find out who the heirs are."),
    ),
    Check(
        "return_our_mistake",
        "no debit came back by a mistake of ours",
        of_item=_returned(
            ReturnedBecause.OUR_MISTAKE, "the mistake was ours. Ask for the payment, without a Mahnung."
        ),
    ),
    Check("time_barred", "nothing is time-barred, or a person decided to ask anyway", of_item=_time_barred),
    Check("bank_data_stale", "every account is read up to a recent bank day", _bank_data_stale),
    Check("bank_data_gap", "no statement is missing in between", _bank_data_gap),
    Check("bank_file_unread", "no file of a bank is unread", _bank_file_unread),
    Check("mirror_stale", "the open items are read lately enough", _mirror_stale),
    Check("item_not_listed", "every document could be read in the tool's list", of_item=_item_not_listed),
    Check("debtor_not_listed", "the debtor stands in the tool's list", _debtor_not_listed),
    Check("payment_in_review", "no payment waits that may be the debtor's", _payment_in_review),
    Check("credit_covers_debt", "the debtor's credit is less than the debt", _credit_covers_debt),
    Check("direct_debit_in_flight", "no direct debit is on its way", of_item=_direct_debit_in_flight),
    Check("blocked_in_tool", "the accounting tool forbids none of it", of_item=_blocked_in_tool),
    Check("message_unanswered", "every message of the debtor is answered", _message_unanswered),
    Check("below_threshold", "enough is open for the stage", _below_threshold),
    Check("too_recent", "no notice went out within the minimum gap", _too_recent),
    Check("no_address", "nothing is missing to reach the debtor", _no_address),
    Check("master_data_incomplete", "the letterhead is complete enough", _master_data_incomplete),
)
