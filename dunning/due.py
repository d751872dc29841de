"""The next stage of an item (nächste Mahnstufe): which one it is, and the first day on which it may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dunning.default import effective_due_date
from ledger.calendar import add_bank_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from dunning.stage import Procedure, SentStage, Stage
    from ledger.calendar import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStage:
    """What comes next for an item, as far as the calendar decides."""

    stage: Stage
    not_before: date


def next_stage(
    due_date: date, history: Iterable[SentStage], procedure: Procedure, region: Region
) -> NextStage | None:
    """Give the stage after the last one really sent; None once the ladder is climbed.

    No stage is skipped, however late the item is. Stages of an older procedure keep the clock running, but are no
    place on this ladder: the item starts where this procedure knows it.
    """
    sent = sorted(history, key=lambda earlier: earlier.sent_on)
    position = _position(sent, procedure)
    if position == len(procedure.stages):
        return None
    stage = procedure.stages[position]
    first_days = (
        effective_due_date(due_date, region) + timedelta(days=stage.days_overdue),
        *_after_previous(stage, sent),
    )
    return NextStage(stage=stage, not_before=max(first_days))


def _position(sent: Sequence[SentStage], procedure: Procedure) -> int:
    known = [position for earlier in sent if (position := procedure.position(earlier.stage)) is not None]
    return max(known) + 1 if known else 0


def _after_previous(stage: Stage, sent: Sequence[SentStage]) -> Iterator[date]:
    if not sent:
        return
    yield sent[-1].sent_on + timedelta(days=stage.days_after_previous)
    # Money paid on the last day of a deadline is on the account one bank day later.
    yield from (add_bank_days(earlier.deadline, 1) for earlier in sent if earlier.deadline is not None)
