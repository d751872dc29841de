"""Default (Verzug): since when a debtor is late in law, and on which ground (§ 286 BGB)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dunning.notice import Channel
from ledger.calendar import next_working_day
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from dunning.settings import DunningSettings
    from dunning.stage import SentStage
    from ledger.calendar import Region
    from ledger.open_item import OpenItem

_ONE_DAY: Final = timedelta(days=1)
_THIRTY_DAYS: Final = timedelta(days=30)


class DefaultBasis(StrEnum):
    """What put the debtor in default."""

    CALENDAR_DATE = "calendar_date"  # a due date fixed by contract, § 286 Abs. 2 Nr. 1
    THIRTY_DAYS = "thirty_days"  # 30 days after due date and invoice, § 286 Abs. 3
    REMINDER = "reminder"  # Mahnung, § 286 Abs. 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultStart:
    """The first day of default, which is the first day that bears interest, and its ground."""

    first_day: date
    basis: DefaultBasis


def default_start(
    item: OpenItem, debtor_type: DebtorType, reminders: Iterable[SentStage], settings: DunningSettings
) -> DefaultStart | None:
    """Find the earliest ground of default; None while there is none.

    ``reminders`` are the notices really sent about this item that are a Mahnung. A due date that the creditor merely
    printed is no ground by itself (BGH III ZR 91/07); it is one where ``terms_are_contractual``.
    """
    grounds = (
        *_by_calendar_date(item, settings),
        *_by_thirty_days(item, debtor_type, settings),
        *_by_reminder(item, reminders, settings),
    )
    return min(grounds, key=lambda ground: ground.first_day, default=None)


def effective_due_date(due_date: date, region: Region) -> date:
    """Give the last day to pay in time: the due date, or the working day after it (§ 193 BGB)."""
    return next_working_day(due_date, region)


def received_on(sent: SentStage, settings: DunningSettings) -> date:
    """Assume when a notice reached the debtor (§ 130 BGB); the creditor would have to prove an earlier day."""
    match sent.channel:
        case Channel.EMAIL:
            return _working_days_later(sent.sent_on, settings.email_receipt_working_days, settings.region)
        case Channel.LETTER:
            return _working_days_later(sent.sent_on, settings.letter_receipt_working_days, settings.region)
        case Channel.CALL | Channel.AGENCY:
            return sent.sent_on


def _by_calendar_date(item: OpenItem, settings: DunningSettings) -> Iterator[DefaultStart]:
    if settings.terms_are_contractual:
        last_day = effective_due_date(item.due_date, settings.region)
        yield DefaultStart(first_day=last_day + _ONE_DAY, basis=DefaultBasis.CALENDAR_DATE)


def _by_thirty_days(item: OpenItem, debtor_type: DebtorType, settings: DunningSettings) -> Iterator[DefaultStart]:
    if debtor_type is not DebtorType.BUSINESS and not settings.consumer_notice_on_invoice:
        return
    # The days count from the due date and the receipt of the invoice, whichever is later.
    due = effective_due_date(item.due_date, settings.region)
    invoice_received = _working_days_later(item.document_date, settings.letter_receipt_working_days, settings.region)
    last_day = next_working_day(max(due, invoice_received) + _THIRTY_DAYS, settings.region)
    yield DefaultStart(first_day=last_day + _ONE_DAY, basis=DefaultBasis.THIRTY_DAYS)


def _by_reminder(item: OpenItem, reminders: Iterable[SentStage], settings: DunningSettings) -> Iterator[DefaultStart]:
    due = effective_due_date(item.due_date, settings.region)
    for sent in reminders:
        last_day = received_on(sent, settings)
        # A reminder before the claim is due has no effect, not even later.
        if last_day <= due:
            continue
        # Who sets a deadline lets the debtor pay until then; to claim interest for those days would be too much.
        if settings.deadline_postpones_default and sent.deadline is not None:
            last_day = max(last_day, sent.deadline)
        yield DefaultStart(first_day=last_day + _ONE_DAY, basis=DefaultBasis.REMINDER)


def _working_days_later(day: date, count: int, region: Region) -> date:
    for _ in range(count):
        day = next_working_day(day + _ONE_DAY, region)
    return day
