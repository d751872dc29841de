"""A notice (Mahnschreiben, Anruf, Übergabe): everything that is said to one debtor in one run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from dunning.hold import Resumption
    from ledger.debtor import Debtor
    from ledger.money import Money


class Channel(StrEnum):
    """How a stage reaches the debtor."""

    EMAIL = "email"  # mail with the letter attached
    LETTER = "letter"  # PDF for the post
    CALL = "call"  # a line on the call list (Anrufliste)
    AGENCY = "agency"  # hand-over file for the collection agency (Inkasso) or court


class NoticeState(StrEnum):
    """What became of a notice. Only SENT moves an item to its next stage."""

    SENT = "sent"
    QUEUED = "queued"  # in the outbox: not yet delivered, or waiting for a person's release
    HELD = "held"  # the gate kept silent; held_because says why


@dataclass(frozen=True, slots=True)
class HeldBecause:
    """One reason of the gate: a stable code and a sentence for the accountant."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSegment:
    """Days with one principal, one rate and one day-count basis (§ 288, § 247 BGB)."""

    first_day: date
    last_day: date  # included
    days: int
    principal: Money
    rate_percent: Decimal  # base rate plus margin, per year
    basis_days: int  # 365 or 366


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeItem:
    """One item on a notice. Interest and fee are claims of their own, never part of the open amount."""

    item_id: str
    document_number: str
    document_date: date
    due_date: date
    original: Money  # invoice amount
    open: Money  # what is open now
    days_overdue: int
    stage: str  # the stage this item itself has reached with this notice
    interest: Money  # Verzugszinsen up to and including the run date that are still owed
    interest_segments: tuple[InterestSegment, ...] = ()  # of all that accrued, whatever was paid on it
    interest_paid: Money | None = None  # what part payments have covered of it (§ 367 BGB)
    fee: Money | None = None  # Mahngebühr, usually none
    lump_sum: Money | None = None  # Verzugspauschale (§ 288 Abs. 5 BGB), where the stage claims it

    @property
    def interest_accrued(self) -> Money:
        """All interest so far, as its segments add up to."""
        return self.interest + self.interest_paid if self.interest_paid else self.interest

    @property
    def claims(self) -> tuple[Money, ...]:
        """Everything that is asked for on this item; the total of a notice is the sum of these."""
        return (self.open, self.interest, *(cost for cost in (self.fee, self.lump_sum) if cost))


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierNotice:
    """A notice that was really sent before, as later letters refer to it."""

    stage: str
    title: str
    sent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one run wants to say to one debtor, or why it keeps silent.

    One letter per debtor and currency; the highest stage among the items sets its tone. ``total`` is open amounts
    plus interest, fees and lump sums. ``held_because`` is empty unless the gate spoke.
    """

    debtor: Debtor
    stage: str
    title: str  # of the stage, in the debtor's language: 1. Mahnung
    template: str  # name of the letter text
    channel: Channel
    run_date: date
    deadline: date | None  # pay until; always a working day
    items: tuple[NoticeItem, ...]
    total: Money
    payments_considered_until: date  # statements of every account are read up to this day
    earlier: tuple[EarlierNotice, ...] = ()
    resumptions: tuple[
        Resumption, ...
    ] = ()  # holds it goes on after: broken promises it names, soft words it asks for
    daily_interest: Money | None = None  # what another day costs, for the letter
    interest_provisional: bool = False  # a base rate beyond the last published one was needed
    needs_release: bool = False  # a person releases it (agency, court, key accounts)
    held_because: tuple[HeldBecause, ...] = ()
