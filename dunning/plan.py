"""The dunning run (Mahnlauf): what to say to whom tonight, and to whom to say nothing, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dunning.default import default_start
from dunning.due import next_stage
from dunning.gate import GateFacts, NoticeFacts, gate, item_gate
from dunning.interest import InterestClaim, interest, interest_of_one_day
from dunning.notice import Channel, EarlierNotice, HeldBecause, Notice, NoticeItem
from dunning.reach import channel_for
from ledger.calendar import next_working_day
from ledger.debtor import Debtor
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.interest import BaseRates
    from dunning.settings import DunningSettings
    from dunning.stage import Procedure, SentStage, Stage
    from ledger.open_item import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that was due for a stage and is not on its debtor's notice, because of reasons of its own."""

    item_id: str
    document_number: str
    debtor_number: str
    because: tuple[HeldBecause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningPlan:
    """One run: a notice for each debtor and currency with something due, sent or held, in the order of numbers."""

    notices: tuple[Notice, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What is the same for every notice of a run."""

    day: date
    history: Mapping[str, Sequence[SentStage]]
    procedure: Procedure
    settings: DunningSettings
    rates: BaseRates


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueItem:
    """An item with the stage it reaches tonight, and its interest where that stage shows it."""

    item: OpenItem
    stage: Stage
    claim: InterestClaim | None
    in_default: bool

    @property
    def order(self) -> tuple[date, str, str]:
        return self.item.due_date, self.item.document_number, self.item.item_id


def plan(
    *,
    run_date: date,
    items: Iterable[OpenItem],
    debtors: Mapping[str, Debtor],
    history: Mapping[str, Sequence[SentStage]],
    procedure: Procedure,
    settings: DunningSettings,
    rates: BaseRates,
    facts: Mapping[tuple[str, str], GateFacts],
) -> DunningPlan:
    """Plan one run: every item that is due for its next stage, on one notice for each debtor and currency.

    ``items`` carry the open amounts of today, ``history`` the stages really sent, by item_id, and ``facts`` what the
    gate must know, by debtor number and currency, for every debtor with an open invoice. Credit notes are never
    listed; they count in ``facts.credit``. Nothing here depends on the order of the input, and nothing is remembered:
    the same arguments give the same plan.
    """
    run = _Run(day=run_date, history=history, procedure=procedure, settings=settings, rates=rates)
    due = _due_by_debtor(items, debtors, run)
    notices: list[Notice] = []
    left_out: list[LeftOut] = []
    for debtor_number, currency in sorted(due):
        key = debtor_number, currency
        held_back, remaining = _apart(due[key], facts[key])
        left_out.extend(held_back if remaining else ())
        # Where every item has its own reason for silence, the notice is held and shows them all.
        notice = _notice(_debtor(debtors, debtor_number), remaining or due[key], facts[key], run)
        asked = NoticeFacts(notice=notice, facts=facts[key], procedure=procedure)
        notices.append(replace(notice, held_because=gate(asked)))
    return DunningPlan(notices=tuple(notices), left_out=tuple(left_out))


def _due_by_debtor(
    items: Iterable[OpenItem], debtors: Mapping[str, Debtor], run: _Run
) -> Mapping[tuple[str, str], list[_DueItem]]:
    due: defaultdict[tuple[str, str], list[_DueItem]] = defaultdict(list)
    for item in items:
        if not item.is_invoice or item.open_amount.minor <= 0:
            continue
        history = run.history.get(item.item_id, ())
        following = next_stage(item.due_date, history, run.procedure, run.settings.region)
        if following and run.day >= following.not_before:
            debtor = _debtor(debtors, item.debtor_number)
            due[item.debtor_number, item.currency].append(_due_item(item, following.stage, debtor, run))
    for found in due.values():
        found.sort(key=lambda one: one.order)
    return due


def _due_item(item: OpenItem, stage: Stage, debtor: Debtor, run: _Run) -> _DueItem:
    reminders = [sent for sent in run.history.get(item.item_id, ()) if _is_mahnung(sent, run.procedure)]
    start = default_start(item, debtor.type, reminders, run.settings)
    in_default = start is not None and start.first_day <= run.day
    return _DueItem(
        item=item,
        stage=stage,
        claim=_claim(item, start.first_day, debtor, run) if stage.interest and start and in_default else None,
        in_default=in_default,
    )


def _is_mahnung(sent: SentStage, procedure: Procedure) -> bool:
    # What an older procedure sent under a name we no longer know is not taken for a Mahnung: that claims too little.
    stage = procedure.stage(sent.stage)
    return stage is not None and stage.is_mahnung


def _claim(item: OpenItem, first_day: date, debtor: Debtor, run: _Run) -> InterestClaim:
    return interest(
        item.open_amount,
        # A claim older than the table bears interest only where a rate is known.
        max(first_day, run.rates.known_from),
        run.day + timedelta(days=1),
        run.settings.margin_points(debtor.type),
        run.rates,
        day_count=run.settings.day_count,
    )


def _apart(due: Sequence[_DueItem], facts: GateFacts) -> tuple[list[LeftOut], list[_DueItem]]:
    held_back, remaining = [], []
    for one in due:
        if because := item_gate(_notice_item(one, None, facts.day), facts):
            held_back.append(_left_out(one.item, because))
        else:
            remaining.append(one)
    return held_back, remaining


def _left_out(item: OpenItem, because: tuple[HeldBecause, ...]) -> LeftOut:
    return LeftOut(
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
        because=because,
    )


def _notice(debtor: Debtor, due: Sequence[_DueItem], facts: GateFacts, run: _Run) -> Notice:
    stage = _highest([one.stage for one in due], run.procedure)
    charged = _bearer_of_fee(due, stage)
    items = tuple(_notice_item(one, stage if one is charged else None, run.day) for one in due)
    return Notice(
        debtor=debtor,
        stage=stage.name,
        title=stage.title(debtor.language),
        template=stage.template,
        channel=channel_for(debtor, stage.channels),
        run_date=run.day,
        deadline=_deadline(stage, run),
        items=items,
        total=total(_amounts(items), items[0].open.currency),
        # A debtor whose bank data was never read is held; the oldest day there is says the same.
        payments_considered_until=min((a.read_until or date.min for a in facts.accounts), default=date.min),
        earlier=_earlier(due, debtor.language, run),
        daily_interest=_daily_interest(due, debtor, run),
        interest_provisional=any(one.claim.provisional for one in due if one.claim),
        needs_release=stage.needs_release,
    )


def _highest(stages: Sequence[Stage], procedure: Procedure) -> Stage:
    return max(stages, key=procedure.stages.index)


def _bearer_of_fee(due: Sequence[_DueItem], stage: Stage) -> _DueItem | None:
    """Find the item that bears the fee of a notice: one fee for one letter, on its oldest item of the highest stage.

    Only a debtor already in default owes it; the notice that first causes default is free (§§ 280, 286 BGB).
    """
    if not stage.fee_minor:
        return None
    return next((one for one in due if one.stage is stage and one.in_default), None)


def _notice_item(one: _DueItem, fee_of: Stage | None, day: date) -> NoticeItem:
    item = one.item
    return NoticeItem(
        item_id=item.item_id,
        document_number=item.document_number,
        document_date=item.document_date,
        due_date=item.due_date,
        original=item.amount,
        open=item.open_amount,
        days_overdue=item.days_overdue(day),
        stage=one.stage.name,
        interest=one.claim.amount if one.claim else Money(0, item.currency),
        interest_segments=one.claim.segments if one.claim else (),
        fee=Money(fee_of.fee_minor, item.currency) if fee_of else None,
    )


def _amounts(items: Iterable[NoticeItem]) -> Iterable[Money]:
    for item in items:
        yield item.open
        yield item.interest
        if item.fee:
            yield item.fee


def _deadline(stage: Stage, run: _Run) -> date | None:
    if not stage.deadline_days:
        return None
    return next_working_day(run.day + timedelta(days=stage.deadline_days), run.settings.region)


def _earlier(due: Sequence[_DueItem], language: str, run: _Run) -> tuple[EarlierNotice, ...]:
    """List the written notices about these items; a call is nothing a letter can refer to."""
    sent = {
        (earlier.sent_on, earlier.stage)
        for one in due
        for earlier in run.history.get(one.item.item_id, ())
        if earlier.channel in {Channel.EMAIL, Channel.LETTER}
    }
    return tuple(
        EarlierNotice(stage=name, title=_title(name, language, run.procedure), sent_on=day)
        for day, name in sorted(sent)
    )


def _title(name: str, language: str, procedure: Procedure) -> str:
    stage = procedure.stage(name)
    return stage.title(language) if stage else name


def _daily_interest(due: Sequence[_DueItem], debtor: Debtor, run: _Run) -> Money | None:
    bearing = [one.item.open_amount for one in due if one.claim]
    if not bearing:
        return None
    return interest_of_one_day(
        total(bearing, bearing[0].currency),
        run.day + timedelta(days=1),
        run.settings.margin_points(debtor.type),
        run.rates,
        day_count=run.settings.day_count,
    )


def _debtor(debtors: Mapping[str, Debtor], number: str) -> Debtor:
    """Give the debtor; an unknown one has a number and no name, and the gate keeps silent."""
    return debtors.get(number) or Debtor(number=number, name="")
