"""What only a person knows of one claim (Feststellungen): an agreed day, a refusal, a service, a deferral."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dunning.hold import HoldReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dunning.default import EventTerm
    from dunning.hold import Hold


_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """An agreed right to pay later (Stundung): on these days, first and last included, the claim is not due.

    Who need not pay yet is in no default and owes no interest (§§ 271, 286 Abs. 1 BGB).
    """

    first_day: date
    last_day: date | None  # None: nobody knows yet
    agreed_until: date | None  # a day of the calendar that both agreed on; None: until somebody ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedFacts:
    """What persons noted about one claim; what is absent did not happen."""

    agreed_due: date | None = None  # a day to pay that both sides agreed on, apart from what the invoice prints
    event: EventTerm | None = None  # agreed days or months after an event
    served_on: date | None = None  # a lawsuit or Mahnbescheid
    refused_on: date | None = None  # seriously and finally
    dispensable_on: date | None = None  # special reasons make a reminder needless
    deferrals: tuple[Deferral, ...] = ()  # the earliest first, none touching another


NOTHING_NOTED: Final = NotedFacts()


def deferrals_of(item_id: str, document_date: date, holds: Iterable[Hold]) -> tuple[Deferral, ...]:
    """Give the deferrals that were granted for an item, the earliest first.

    What was invoiced later was no part of it. Promises and instalments are none: they keep the stages back, and the
    consequences of default stay.
    """
    return tuple(_joined(sorted(_granted(item_id, document_date, holds), key=lambda one: one.first_day)))


def _granted(item_id: str, document_date: date, holds: Iterable[Hold]) -> Iterator[Deferral]:
    for hold in holds:
        if hold.reason is not HoldReason.DEFERRAL or not (hold.concerns_debtor or hold.item_id == item_id):
            continue
        first, last = hold.since or hold.placed_on, hold.silent_until
        # One that was lifted on the day it was placed was none.
        if document_date <= first and (last is None or last >= first):
            yield Deferral(first_day=first, last_day=last, agreed_until=hold.expires_on)


def _joined(granted: Sequence[Deferral]) -> Iterator[Deferral]:
    """Join deferrals that overlap or follow each other; the one that lasts longest says how they end."""
    before: Deferral | None = None
    for one in granted:
        if before is None:
            before = one
        elif before.last_day is None or one.first_day <= before.last_day + _ONE_DAY:
            before = _together(before, one)
        else:
            yield before
            before = one
    if before is not None:
        yield before


def _together(earlier: Deferral, later: Deferral) -> Deferral:
    longer = later if _lasts_longer(later, earlier) else earlier
    return Deferral(first_day=earlier.first_day, last_day=longer.last_day, agreed_until=longer.agreed_until)


def _lasts_longer(one: Deferral, other: Deferral) -> bool:
    if one.last_day is None or other.last_day is None:
        return other.last_day is not None
    return one.last_day > other.last_day
