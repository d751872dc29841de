"""The next stage of an item (nächste Mahnstufe): which one it is, and the first day on which it may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from dunning.default import effective_due_date
from dunning.hold import AfterHold
from ledger.calendar import add_bank_days, is_working_day, public_holidays

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dunning.hold import Resumption
    from dunning.stage import Procedure, SentStage, Stage
    from dunning.track import Track
    from ledger.calendar import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStage:
    """What comes next for an item, as far as the calendar decides."""

    stage: Stage
    not_before: date


def next_stage(
    due_date: date,
    history: Iterable[SentStage],
    procedure: Procedure,
    region: Region,
    *,
    places: tuple[Region, ...] = (),
    track: Track | None = None,
    resumption: Resumption | None = None,
) -> NextStage | None:
    """Give the stage after the last one really sent; None once the ladder is climbed.

    No stage of the ``track`` (without one: the standard one) is skipped, however late the item is; what another track
    sent before counts by its place in the procedure. Stages of an older procedure keep the clock running, but are no
    place on this ladder. ``resumption`` is how the item goes on after a hold.

    A stage is said on a day of the creditor's ``region``; the holidays of all ``places`` (see ``dunning.place``), by
    default of the region alone, move the due date.
    """
    sent = sorted(history, key=lambda earlier: earlier.sent_on)
    ladder = track.stages if track else procedure.stages
    position = _position(sent, ladder, procedure)
    if resumption and resumption.after is AfterHold.SOFTER:
        position = max(position - 1, 0)
    if position == len(ladder):
        return None
    stage = ladder[position]
    due = effective_due_date(due_date, *(places or (region,)))
    first_day = max(due + timedelta(days=1), *_first_days(stage, due, sent, region, resumption))
    return NextStage(stage=stage, not_before=_day_for(stage, first_day, region))


def _position(sent: Sequence[SentStage], ladder: Sequence[Stage], procedure: Procedure) -> int:
    if not sent:
        return 0
    places = [place for earlier in sent if (place := procedure.position(earlier.stage)) is not None]
    if not places:
        return 0
    reached = max(places)
    if ladder is procedure.stages:
        return reached + 1
    above = (n for n, stage in enumerate(ladder) if (procedure.position(stage.name) or 0) > reached)
    return next(above, len(ladder))


def _first_days(
    stage: Stage, due: date, sent: Sequence[SentStage], region: Region, resumption: Resumption | None
) -> Iterator[date]:
    if resumption:
        yield resumption.silent_until + timedelta(days=1)
    # Who did not keep his word has had his time already.
    if resumption is None or not resumption.names_a_broken_word:
        yield _later(due, stage.days_overdue, stage, region)
        if sent:
            yield _later(max(one.left_on for one in sent), stage.days_after_previous, stage, region)
    # Money paid on the last day of a deadline is on the account one bank day later.
    deadlines = [deadline for earlier in sent if (deadline := earlier.lasting_deadline) is not None]
    if deadlines:
        yield _bank_day_after(max(deadlines))


def _later(day: date, count: int, stage: Stage, region: Region) -> date:
    if not stage.count_working_days:
        return day + timedelta(days=count)
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, region)
    return day


def _day_for(stage: Stage, day: date, region: Region) -> date:
    """Give the day itself or the first one after it on which the stage may be said."""
    while not is_day_for(stage, day, region):
        day += timedelta(days=1)
    return day


def is_day_for(stage: Stage, day: date, region: Region) -> bool:
    """Whether a stage may be said on a day: one of its weekdays, and no public holiday."""
    return day.weekday() in stage.weekdays and day not in public_holidays(region, day.year)


@lru_cache(maxsize=4096)
def _bank_day_after(day: date) -> date:
    return add_bank_days(day, 1)
