"""Courtesies (Dank, Entschuldigung): when a payment crossed our letter, and when one ended a formal matter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

# The texts of a formal stage; a friendly reminder that is paid needs no thanks.
FORMAL_TEMPLATES: Final = frozenset({"first_dunning", "second_dunning", "final_notice"})


class Courtesy(StrEnum):
    """What is said; the values are the names of the texts."""

    APOLOGY = "crossed_payment"  # our letter crossed the payment it asked for
    THANKS = "thank_you"  # a payment closed everything we had asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOnPaper:
    """A letter or mail that was really sent, with what it asked for."""

    notice_id: str
    seq: int  # of the decision to send it
    is_formal: bool
    sent_on: date
    received_on: date  # as it is assumed (Zugang, § 130 BGB)
    item_ids: tuple[str, ...]
    costs: Money  # interest, fees and lump sums it asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Money that was booked on one item; a proposal is none."""

    seq: int  # of the decision to book it
    item_id: str
    credited_on: date  # by the bank
    amount: Money
    is_new: bool  # booked these days: what was booked long ago is not spoken of any more


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCourtesy:
    """Something kind to say, about one notice and the payments that settled it."""

    courtesy: Courtesy
    notice_id: str
    booked_by: int  # the last decision to book: one that is taken back takes this courtesy with it
    item_ids: tuple[str, ...]
    paid: Money
    paid_on: date
    written_on: date


def courtesy_for(
    said: Iterable[SaidOnPaper],
    settled: Iterable[Settled],
    *,
    open_minor: Mapping[str, int],
    costs_paid: Sequence[tuple[int, Money]],
    overdue: bool,
) -> WantedCourtesy | None:
    """Say what to write to a debtor in one currency: an apology, thanks, or nothing.

    Only what closed everything that a notice had asked for, its interest and costs included, is spoken of: an apology
    that calls a letter void, or thanks that call a matter done, would otherwise give a claim away. A payment crossed
    the letter where the bank credited it before the letter is taken to have been received: nobody can have paid in
    answer to it. Thanks need a formal letter, and nothing else that is ``overdue``. ``open_minor`` is what is open
    now on each item (one that is missing counts as open); ``costs_paid`` are interest and fees, each with the number
    of the decision to book it.
    """
    by_item: dict[str, list[Settled]] = {}
    for one in settled:
        by_item.setdefault(one.item_id, []).append(one)
    for notice in sorted(said, key=lambda one: (one.sent_on, one.seq), reverse=True):
        paid = [one for item_id in notice.item_ids for one in by_item.get(item_id, ()) if one.seq > notice.seq]
        costs = total((amount for seq, amount in costs_paid if seq > notice.seq), notice.costs.currency)
        if not any(one.is_new for one in paid) or not _closed(notice, paid, open_minor, costs):
            continue
        if all(one.credited_on < notice.received_on for one in paid):
            return _wanted(Courtesy.APOLOGY, notice, paid)
        return _wanted(Courtesy.THANKS, notice, paid) if notice.is_formal and not overdue else None
    return None


def _closed(notice: SaidOnPaper, paid: Sequence[Settled], open_minor: Mapping[str, int], costs: Money) -> bool:
    """Whether money, and nothing else, closed every item of a notice, and paid the costs it asked for."""
    with_money = {one.item_id for one in paid}
    all_paid = all(item_id in with_money and open_minor.get(item_id, 1) <= 0 for item_id in notice.item_ids)
    return all_paid and costs >= notice.costs


def _wanted(courtesy: Courtesy, notice: SaidOnPaper, paid: Sequence[Settled]) -> WantedCourtesy:
    return WantedCourtesy(
        courtesy=courtesy,
        notice_id=notice.notice_id,
        booked_by=max(one.seq for one in paid),
        item_ids=notice.item_ids,
        paid=total((one.amount for one in paid), notice.costs.currency),
        paid_on=max(one.credited_on for one in paid),
        written_on=notice.sent_on,
    )
