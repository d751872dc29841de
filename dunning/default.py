"""Default (Verzug): since when a debtor is late in law, and on which ground (§ 286 BGB)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dunning.noted import NOTHING_NOTED
from dunning.receipt import Receipt, assumed_receipt, posted
from ledger.calendar import Region, last_day_to_pay, months_later
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from dunning.noted import Deferral, NotedFacts
    from dunning.settings import DunningSettings
    from dunning.stage import SentStage
    from ledger.open_item import OpenItem

_ONE_DAY: Final = timedelta(days=1)
_THIRTY_DAYS: Final = timedelta(days=30)


class DefaultBasis(StrEnum):
    """What put the debtor in default."""

    CALENDAR_DATE = "calendar_date"  # a due date fixed by contract, § 286 Abs. 2 Nr. 1
    EVENT_PLUS_DAYS = "event_plus_days"  # agreed days after delivery or invoice, § 286 Abs. 2 Nr. 2
    THIRTY_DAYS = "thirty_days"  # 30 days after due date and invoice, § 286 Abs. 3
    REMINDER = "reminder"  # Mahnung, § 286 Abs. 1 Satz 1
    COURT_CLAIM = "court_claim"  # a lawsuit or Mahnbescheid was served, §§ 286 Abs. 1 Satz 2, 291
    REFUSAL = "refusal"  # the debtor refused seriously and finally, § 286 Abs. 2 Nr. 3
    DISPENSABLE = "dispensable"  # special reasons make a reminder needless, § 286 Abs. 2 Nr. 4

    @property
    def law(self) -> str:
        """The paragraph, as a letter or a court form cites it."""
        return _LAW[self]


_LAW: Final = {
    DefaultBasis.CALENDAR_DATE: "§ 286 Abs. 2 Nr. 1 BGB",
    DefaultBasis.EVENT_PLUS_DAYS: "§ 286 Abs. 2 Nr. 2 BGB",
    DefaultBasis.THIRTY_DAYS: "§ 286 Abs. 3 BGB",
    DefaultBasis.REMINDER: "§ 286 Abs. 1 Satz 1 BGB",
    DefaultBasis.COURT_CLAIM: "§§ 286 Abs. 1 Satz 2, 291 BGB",
    DefaultBasis.REFUSAL: "§ 286 Abs. 2 Nr. 3 BGB",
    DefaultBasis.DISPENSABLE: "§ 286 Abs. 2 Nr. 4 BGB",
}


class TermSource(StrEnum):
    """Where a time for payment comes from; only what both sides agreed fixes it (BGH III ZR 91/07)."""

    CONTRACT = "contract"
    ACCEPTED_TERMS = "accepted_terms"  # our terms became part of the contract (AGB)
    INVOICE_ONLY = "invoice_only"  # printed by the creditor alone


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultStart:
    """The first day of default, which is the first day that bears interest, and its ground."""

    first_day: date
    basis: DefaultBasis
    last_day: date | None = None  # where a deferral (Stundung) ended it; None: it goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTerm:
    """A time that the calendar gives from an event on: "14 days after delivery" (§ 286 Abs. 2 Nr. 2 BGB).

    A term of months ends on the day of the same number (§ 188 Abs. 2, 3 BGB); a week is seven days.
    """

    event_on: date  # delivery, or receipt of the invoice; this day itself is not counted (§ 187 Abs. 1 BGB)
    days: int = 0
    months: int = 0

    @property
    def last_day(self) -> date:
        """The last day of the term, before weekends and holidays move it (§ 188 BGB)."""
        return months_later(self.event_on, self.months) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A Mahnung about the claim: when it arrived, and until when it let the debtor pay."""

    receipt: Receipt
    deadline: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """What is known about one claim that may put its debtor in default. What is absent did not happen."""

    due_date: date  # Fälligkeit, as agreed or printed
    term: TermSource  # where due_date or event comes from
    event: EventTerm | None = None  # instead of a date of the calendar
    invoice_received: Receipt | None = None
    performance_received_on: date | None = None  # goods or service; counts where the invoice's receipt is uncertain
    consumer_notice: bool = False  # the invoice tells consumers of the 30 days (§ 286 Abs. 3 Satz 1 BGB)
    reminders: tuple[Reminder, ...] = ()
    court_claim_served_on: date | None = None  # Zustellung of lawsuit or Mahnbescheid
    refused_on: date | None = None  # a person read it and found it serious and final
    dispensable_on: date | None = None  # since when special reasons hold; a person decided it


def defaults_of(
    item: OpenItem,
    debtor_type: DebtorType,
    reminders: Iterable[SentStage],
    settings: DunningSettings,
    places: tuple[Region, ...] = (),
    noted: NotedFacts = NOTHING_NOTED,
) -> tuple[DefaultStart, ...]:
    """Give every time the debtor is in default with an item, the earliest first; none while there is no ground.

    ``reminders`` are the notices really sent about this item that are a Mahnung; ``places`` those whose holidays may
    excuse the debtor (see ``dunning.place``), by default the creditor's; ``noted`` is what persons know of it. A due
    date that the creditor merely printed is no ground by itself (BGH III ZR 91/07); it is one where it was agreed.

    A deferral makes the claim due anew: it ends the default there was, and after it a ground is needed again. The day
    until which it was granted is one (§ 286 Abs. 2 Nr. 1 BGB).
    """
    found = []
    for facts, last_day in _between_deferrals(_facts(item, reminders, settings, noted), noted.deferrals):
        grounds = grounds_of_default(
            facts,
            debtor_type,
            places or (settings.region,),
            deadline_postpones=settings.deadline_postpones_default,
            thirty_day_rule=settings.law.thirty_day_rule,
        )
        if grounds and (last_day is None or grounds[0].first_day <= last_day):
            found.append(replace(grounds[0], last_day=last_day))
    return tuple(found)


def default_on(defaults: Iterable[DefaultStart], day: date) -> DefaultStart | None:
    """Give the default of a day, else the next one; None where there is none, or a deferral ended the last."""
    return next((one for one in defaults if one.last_day is None or one.last_day >= day), None)


def grounds_of_default(
    facts: ClaimFacts,
    debtor_type: DebtorType,
    places: tuple[Region, ...],
    *,
    deadline_postpones: bool = True,
    thirty_day_rule: bool = True,
) -> tuple[DefaultStart, ...]:
    """Give every ground of default with its first day, the earliest first (§ 286 BGB).

    Last days on a weekend or holiday of any of the ``places`` move (§ 193 BGB; BGH III ZR 159/06). With
    ``deadline_postpones`` a reminder that sets a deadline starts default only after it. ``thirty_day_rule`` is False
    where the law has none (Austria, Switzerland). Whether a defence such as § 320 BGB excludes default is for a
    person to say: a dispute holds the item.
    """
    due = _due(facts, places)
    grounds = (
        *_by_term(facts, due),
        *(_by_thirty_days(facts, due, debtor_type, places) if thirty_day_rule else ()),
        *_by_reminder(facts, due, places, deadline_postpones=deadline_postpones),
        *_by_event_of_its_own(facts, due),
    )
    return tuple(sorted(grounds, key=lambda ground: (ground.first_day, ground.basis)))


def effective_due_date(due_date: date, *places: Region) -> date:
    """Give the last day to pay in time: the due date, or the working day after it in every place (§ 193 BGB)."""
    return last_day_to_pay(due_date, places)


def received_on(sent: SentStage, settings: DunningSettings) -> date:
    """Assume when a notice reached the debtor (§ 130 BGB); the creditor would have to prove an earlier day."""
    return reminder_of(sent, settings).receipt.day


def reminder_of(sent: SentStage, settings: DunningSettings, receipt: Receipt | None = None) -> Reminder:
    """Give the reminder that a sent notice is: received as ``receipt`` (else its own) proves, or as assumed."""
    known = (
        receipt
        or sent.receipt
        or assumed_receipt(
            sent.channel,
            sent.sent_on,
            email_working_days=settings.email_receipt_working_days,
            letter_working_days=settings.letter_receipt_working_days,
            region=settings.region,
        )
    )
    return Reminder(receipt=known, deadline=sent.lasting_deadline)


def _facts(
    item: OpenItem, reminders: Iterable[SentStage], settings: DunningSettings, noted: NotedFacts
) -> ClaimFacts:
    # Who prints a later day than was agreed lets the debtor pay until then.
    due = max(item.due_date, noted.agreed_due or item.due_date)
    event = noted.event
    if event and event.last_day < due:
        event = None if noted.agreed_due else replace(event, days=(due - event.event_on).days, months=0)
    agreed = settings.has_agreed_terms(item.debtor_number) or noted.agreed_due or noted.event
    return ClaimFacts(
        due_date=due,
        term=TermSource.CONTRACT if agreed else TermSource.INVOICE_ONLY,
        event=event,
        invoice_received=posted(item.document_date, settings.letter_receipt_working_days, settings.region),
        consumer_notice=settings.consumer_notice_on_invoice,
        reminders=tuple(reminder_of(sent, settings) for sent in reminders),
        court_claim_served_on=noted.served_on,
        refused_on=noted.refused_on,
        dispensable_on=noted.dispensable_on,
    )


def _between_deferrals(facts: ClaimFacts, deferrals: Iterable[Deferral]) -> Iterator[tuple[ClaimFacts, date | None]]:
    """Give the facts of each time between two deferrals, with its last day; None for the time that goes on."""
    for deferral in deferrals:
        yield facts, deferral.first_day - _ONE_DAY
        if deferral.last_day is None:
            return
        facts = _due_anew(facts, deferral, deferral.last_day)
    yield facts, None


def _due_anew(facts: ClaimFacts, deferral: Deferral, last_day: date) -> ClaimFacts:
    """Give the facts after a deferral: its last day is the due date, agreed where the calendar says it.

    Who defers a claim takes back what was said before: an earlier refusal or service counts no more. Whoever ends a
    deferral early asks anew; interest for days that were granted would be too much.
    """
    due = max(last_day, deferral.agreed_until or last_day)
    if due <= _last_day_printed(facts):
        return facts
    return replace(
        facts,
        due_date=due,
        term=TermSource.CONTRACT if deferral.agreed_until else TermSource.INVOICE_ONLY,
        event=None,
        court_claim_served_on=_since(facts.court_claim_served_on, deferral.first_day),
        refused_on=_since(facts.refused_on, deferral.first_day),
        dispensable_on=_since(facts.dispensable_on, deferral.first_day),
    )


def _since(happened_on: date | None, day: date) -> date | None:
    return happened_on if happened_on and happened_on >= day else None


def _last_day_printed(facts: ClaimFacts) -> date:
    return facts.event.last_day if facts.event else facts.due_date


def _due(facts: ClaimFacts, places: tuple[Region, ...]) -> date:
    return last_day_to_pay(_last_day_printed(facts), places)


def _by_term(facts: ClaimFacts, due: date) -> Iterator[DefaultStart]:
    if facts.term is TermSource.INVOICE_ONLY:
        return
    basis = DefaultBasis.EVENT_PLUS_DAYS if facts.event else DefaultBasis.CALENDAR_DATE
    yield DefaultStart(first_day=due + _ONE_DAY, basis=basis)


def _by_thirty_days(
    facts: ClaimFacts, due: date, debtor_type: DebtorType, places: tuple[Region, ...]
) -> Iterator[DefaultStart]:
    business = debtor_type is DebtorType.BUSINESS
    if not business and not facts.consumer_notice:
        return
    received = facts.invoice_received.day if facts.invoice_received and facts.invoice_received.received else None
    # Only for a business does the performance stand in for an invoice whose receipt is uncertain (Satz 2).
    if received is None and business:
        received = facts.performance_received_on
    if received is not None:
        last_day = last_day_to_pay(max(due, received) + _THIRTY_DAYS, places)
        yield DefaultStart(first_day=last_day + _ONE_DAY, basis=DefaultBasis.THIRTY_DAYS)


def _by_reminder(
    facts: ClaimFacts, due: date, places: tuple[Region, ...], *, deadline_postpones: bool
) -> Iterator[DefaultStart]:
    for reminder in facts.reminders:
        last_day = reminder.receipt.day
        # What bounced is no reminder; one before the claim is due has no effect, not even later.
        if not reminder.receipt.received or last_day <= due:
            continue
        # Who sets a deadline lets the debtor pay until then; to claim interest for those days would be too much.
        if deadline_postpones and reminder.deadline is not None:
            last_day = max(last_day, last_day_to_pay(reminder.deadline, places))
        yield DefaultStart(first_day=last_day + _ONE_DAY, basis=DefaultBasis.REMINDER)


def _by_event_of_its_own(facts: ClaimFacts, due: date) -> Iterator[DefaultStart]:
    for day, basis in (
        (facts.court_claim_served_on, DefaultBasis.COURT_CLAIM),
        (facts.refused_on, DefaultBasis.REFUSAL),
        (facts.dispensable_on, DefaultBasis.DISPENSABLE),
    ):
        # Nobody is in default before the claim is due, whatever he said.
        if day is not None:
            yield DefaultStart(first_day=max(day, due) + _ONE_DAY, basis=basis)
