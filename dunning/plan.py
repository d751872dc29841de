"""The dunning run (Mahnlauf): what to say to whom tonight, and to whom to say nothing, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from dunning.costs import lump_sum_to_ask, owes_fee
from dunning.countries import Applies, rate_of
from dunning.default import default_on, defaults_of
from dunning.due import is_day_for, next_stage
from dunning.gate import GateFacts, NoticeFacts, gate, item_gate
from dunning.hold import resumption_of
from dunning.interest import InterestClaim, interest_at_rates, interest_of_one_day
from dunning.noted import NOTHING_NOTED
from dunning.notice import Channel, EarlierNotice, HeldBecause, Notice, NoticeItem
from dunning.place import places_of_performance
from dunning.principal import bearing_interest, by_day_of_payment, costs_paid, interest_paid, principal_history
from dunning.reach import channel_for
from dunning.stage import LetterPer
from dunning.track import Choosing, Relation, chosen_track, narrowest_first
from ledger.calendar import last_day_to_pay
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.default import DefaultStart
    from dunning.due import NextStage
    from dunning.hold import Resumption
    from dunning.interest import BaseRates
    from dunning.noted import NotedFacts
    from dunning.principal import SettledPart
    from dunning.rate_table import Rate
    from dunning.settings import DunningSettings
    from dunning.stage import Procedure, SentStage, Stage
    from dunning.track import Choice, Chosen, Track
    from ledger.calendar import Region
    from ledger.open_item import OpenItem


_STRANGER: Final = Relation()


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
    settled: Mapping[str, Sequence[SettledPart]]
    noted: Mapping[str, NotedFacts]
    tracks: Mapping[str, Track]
    choices: Sequence[Choice]
    choosing: Choosing
    relations: Mapping[str, Relation]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPath:
    """Where an item stands tonight: its track and why, and what comes next; ``following`` is None at the top."""

    chosen: Chosen
    following: NextStage | None
    resumption: Resumption | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueItem:
    """An item with the stage it reaches tonight, and what may be asked for beside it where that stage shows it."""

    item: OpenItem
    stage: Stage
    track: Track
    resumption: Resumption | None
    claim: InterestClaim | None
    interest_owed: Money  # the claim, less what was paid on it
    in_default: bool  # asked only where the stage shows interest or costs
    lump_sum: Money | None  # where the stage claims it
    unpaid_fees: Money | None = None  # of earlier letters, where it is handed over

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
    settled: Mapping[str, Sequence[SettledPart]] | None = None,
    noted: Mapping[str, NotedFacts] | None = None,
    choosing: Choosing | None = None,
    relations: Mapping[str, Relation] | None = None,
) -> DunningPlan:
    """Plan one run: every item that is due for its next stage, on one notice for each debtor and currency.

    The procedure may ask for a notice for each stage or item instead. ``choosing`` and ``relations`` (by debtor
    number) say which track an item is on; without ``choosing`` everybody is on the standard one.

    ``items`` carry the open amounts of today, ``history`` the stages really sent, by item_id, and ``facts`` what the
    gate must know, by debtor number and currency, for every debtor with an open invoice. Credit notes are never
    listed; they count in ``facts.credit``. ``settled`` is what was paid on each item and when, by item_id, for the
    interest on what was open meanwhile; ``noted`` what only persons know of it; ``rates`` are those of the country of
    ``settings.law``. Nothing depends on the order of the input, and nothing is remembered: the same arguments give
    the same plan.
    """
    run = _run(run_date, history, procedure, settings, rates, settled or {}, noted or {}, choosing, relations or {})
    due = _due_by_debtor(items, debtors, facts, run)
    notices: list[Notice] = []
    left_out: list[LeftOut] = []
    for debtor_number, currency in sorted(due):
        key = debtor_number, currency
        for said_together in _letters(due[key], procedure.one_letter_per):
            held_back, remaining = _apart(said_together, facts[key])
            left_out.extend(held_back if remaining else ())
            # Where every item has its own reason for silence, the notice is held and shows them all.
            said = remaining or said_together
            stage = procedure.highest(one.stage for one in said)
            debtor = _debtor(debtors, debtor_number)
            if Channel.AGENCY in stage.channels:
                said = [_handed_over(one, debtor, run) for one in said]
            notice = _notice(debtor, said, stage, facts[key], run)
            asked = NoticeFacts(
                notice=notice,
                facts=facts[key],
                procedure=procedure,
                stage=stage,
                minimum_gap_days=max(one.track.minimum_gap_days for one in said),
            )
            notices.append(replace(notice, held_because=gate(asked)))
    return DunningPlan(notices=tuple(notices), left_out=tuple(left_out))


def item_path(
    item: OpenItem,
    debtor: Debtor,
    *,
    run_date: date,
    history: Sequence[SentStage],
    procedure: Procedure,
    settings: DunningSettings,
    facts: GateFacts,
    choosing: Choosing,
    relation: Relation,
) -> ItemPath:
    """Tell where one item stands on a day, as the run of that day would see it."""
    choices = narrowest_first(choosing.own, procedure.choices)
    chosen = chosen_track(item, debtor, relation, procedure.by_track, choices, choosing, run_date)
    return _path(item, debtor, chosen, history, facts, procedure, settings, run_date)


def defaults_so_far(
    item: OpenItem,
    debtor: Debtor,
    *,
    history: Sequence[SentStage],
    procedure: Procedure,
    settings: DunningSettings,
    noted: NotedFacts = NOTHING_NOTED,
) -> tuple[DefaultStart, ...]:
    """Give every time a debtor is in default with an item, by what was sent and noted; see ``dunning.default``."""
    reminders = [sent for sent in history if _is_mahnung(sent, procedure)]
    places = places_of_performance(debtor, settings.region)
    return defaults_of(item, debtor.type, reminders, settings, places, noted)


def interest_so_far(
    item: OpenItem,
    debtor: Debtor,
    *,
    run_date: date,
    history: Sequence[SentStage],
    procedure: Procedure,
    settings: DunningSettings,
    rates: BaseRates,
    settled: Sequence[SettledPart] = (),
    noted: NotedFacts = NOTHING_NOTED,
) -> tuple[DefaultStart | None, InterestClaim | None]:
    """Give since when an item is in default, and its interest up to and including a day, shown by a stage or not.

    The default is that of the day, or the next one; after a deferral there may be interest of before and no default.
    """
    of = item.item_id
    run = _run(run_date, {of: history}, procedure, settings, rates, {of: settled}, {of: noted}, None, {})
    defaults = _defaults(item, debtor, run)
    return default_on(defaults, run_date), _claim(item, defaults, debtor, run)


def _path(
    item: OpenItem,
    debtor: Debtor,
    chosen: Chosen,
    history: Sequence[SentStage],
    facts: GateFacts,
    procedure: Procedure,
    settings: DunningSettings,
    day: date,
) -> ItemPath:
    last_sent = max((sent.sent_on for sent in history), default=None)
    # What was invoiced later was no part of what was promised, and has its own time.
    known = [hold for hold in facts.holds if item.document_date <= (hold.since or hold.placed_on)]
    resumption = resumption_of(item.item_id, known, last_sent, day) if known else None
    following = next_stage(
        item.due_date,
        history,
        procedure,
        settings.region,
        places=places_of_performance(debtor, settings.region),
        track=chosen.track,
        resumption=resumption,
    )
    return ItemPath(chosen=chosen, following=following, resumption=resumption)


def _run(
    day: date,
    history: Mapping[str, Sequence[SentStage]],
    procedure: Procedure,
    settings: DunningSettings,
    rates: BaseRates,
    settled: Mapping[str, Sequence[SettledPart]],
    noted: Mapping[str, NotedFacts],
    choosing: Choosing | None,
    relations: Mapping[str, Relation],
) -> _Run:
    return _Run(
        day=day,
        history=history,
        procedure=procedure,
        settings=settings,
        rates=rates,
        settled=settled,
        noted=noted,
        tracks=procedure.by_track,
        choices=narrowest_first(choosing.own, procedure.choices) if choosing else (),
        choosing=choosing or Choosing(),
        relations=relations,
    )


def _letters(due: Sequence[_DueItem], per: LetterPer) -> Iterable[Sequence[_DueItem]]:
    """Give what is said together, in the order of the items; the hand-over is one for each debtor in any case."""
    if per is LetterPer.DEBTOR:
        return (due,)
    apart: dict[str, list[_DueItem]] = {}
    for one in due:
        alone = per is LetterPer.ITEM and Channel.AGENCY not in one.stage.channels
        apart.setdefault(one.item.item_id if alone else one.stage.name, []).append(one)
    return apart.values()


def _due_by_debtor(
    items: Iterable[OpenItem],
    debtors: Mapping[str, Debtor],
    facts: Mapping[tuple[str, str], GateFacts],
    run: _Run,
) -> Mapping[tuple[str, str], list[_DueItem]]:
    due: defaultdict[tuple[str, str], list[_DueItem]] = defaultdict(list)
    for item in items:
        if not item.is_invoice or item.open_amount.minor <= 0:
            continue
        # Most items of a night are not overdue at all, and need no closer look.
        if item.due_date >= run.day:
            continue
        debtor = _debtor(debtors, item.debtor_number)
        relation = run.relations.get(item.debtor_number, _STRANGER)
        chosen = chosen_track(item, debtor, relation, run.tracks, run.choices, run.choosing, run.day)
        key = item.debtor_number, item.currency
        history = run.history.get(item.item_id, ())
        path = _path(item, debtor, chosen, history, facts[key], run.procedure, run.settings, run.day)
        if path.following and _is_time(path.following, run):
            due[key].append(_due_item(item, path.following.stage, path, debtor, run))
    for found in due.values():
        found.sort(key=lambda one: one.order)
    return due


def _is_time(following: NextStage, run: _Run) -> bool:
    return run.day >= following.not_before and is_day_for(following.stage, run.day, run.settings.region)


def _due_item(item: OpenItem, stage: Stage, path: ItemPath, debtor: Debtor, run: _Run) -> _DueItem:
    asks_for_more = stage.interest or stage.fee_minor or stage.claims_lump_sum
    defaults = _defaults(item, debtor, run) if asks_for_more else ()
    start = default_on(defaults, run.day)
    in_default = start is not None and start.first_day <= run.day
    claim = _claim(item, defaults, debtor, run) if stage.interest else None
    lump_sum = _lump_sum(item, debtor, run, in_default=in_default) if stage.claims_lump_sum else None
    return _DueItem(
        item=item,
        stage=stage,
        track=path.chosen.track,
        resumption=path.resumption,
        claim=claim,
        interest_owed=_owed(claim, item, run),
        in_default=in_default,
        lump_sum=lump_sum,
    )


def _handed_over(one: _DueItem, debtor: Debtor, run: _Run) -> _DueItem:
    """Give an item as an agency gets it: with all that is owed on it, whatever its own stage would show.

    Fees of earlier letters are owed until they are paid; a lump sum that is claimed covers them (§ 288 Abs. 5 BGB).
    """
    item = one.item
    defaults = _defaults(item, debtor, run)
    start, claim = default_on(defaults, run.day), _claim(item, defaults, debtor, run)
    return replace(
        one,
        claim=claim,
        interest_owed=_owed(claim, item, run),
        in_default=start is not None and start.first_day <= run.day,
        unpaid_fees=None if one.lump_sum else _unpaid_fees(item, run),
    )


def _unpaid_fees(item: OpenItem, run: _Run) -> Money | None:
    asked = Money(sum(sent.fee_minor for sent in run.history.get(item.item_id, ())), item.currency)
    rest = asked - costs_paid(run.settled.get(item.item_id, ()), item.currency)
    return rest if rest.minor > 0 else None


def _defaults(item: OpenItem, debtor: Debtor, run: _Run) -> tuple[DefaultStart, ...]:
    return defaults_so_far(
        item,
        debtor,
        history=run.history.get(item.item_id, ()),
        procedure=run.procedure,
        settings=run.settings,
        noted=run.noted.get(item.item_id, NOTHING_NOTED),
    )


def _is_mahnung(sent: SentStage, procedure: Procedure) -> bool:
    # What an older procedure sent under a name we no longer know is not taken for a Mahnung: that claims too little.
    stage = procedure.stage(sent.stage)
    return stage is not None and stage.is_mahnung


def _places(debtor: Debtor, run: _Run) -> tuple[Region, ...]:
    return places_of_performance(debtor, run.settings.region)


def _rate(item: OpenItem, debtor: Debtor, run: _Run) -> Rate:
    # The contract is no younger than its invoice.
    return run.settings.rate(debtor.type, run.rates, contract_on=item.document_date)


def _claim(item: OpenItem, defaults: Sequence[DefaultStart], debtor: Debtor, run: _Run) -> InterestClaim | None:
    """Compute the interest of all days in default so far; None where there was none."""
    if not defaults or defaults[0].first_day > run.day:
        return None
    rates = [
        # A claim older than the table bears interest only where a rate is known.
        (max(day, rate.table.known_from), rate)
        for day, rate in _rates_by_day(item, defaults[0], debtor, run)
    ]
    first_day = rates[0][0]
    settled = by_day_of_payment(run.settled.get(item.item_id, ()), debtor.type)
    history = principal_history(item.open_amount, settled, first_day, item.amount)
    interrupted = list(_interruptions(item, defaults, run))
    return interest_at_rates(
        bearing_interest(history, interrupted) if interrupted else history,
        rates,
        run.day + timedelta(days=1),
        day_count=run.settings.day_count,
    )


def _interruptions(item: OpenItem, defaults: Sequence[DefaultStart], run: _Run) -> Iterable[tuple[date, date | None]]:
    """Give the days from each deferral to the default that follows it; what ended before the due date was none."""
    for deferral in run.noted.get(item.item_id, NOTHING_NOTED).deferrals:
        if deferral.last_day is None or deferral.last_day >= item.due_date:
            after = (one.first_day for one in defaults if one.first_day > deferral.first_day)
            yield deferral.first_day, next(after, None)


def _rates_by_day(item: OpenItem, start: DefaultStart, debtor: Debtor, run: _Run) -> Iterable[tuple[date, Rate]]:
    """Give the rate of default and, among merchants, the lower one from the due date on (§ 353 HGB)."""
    law = run.settings.law
    before = law.rule(Applies.MERCHANTS_BEFORE_DEFAULT) if run.settings.maturity_interest else None
    due = last_day_to_pay(item.due_date, _places(debtor, run)) + timedelta(days=1)
    if before and debtor.type is DebtorType.BUSINESS and due < start.first_day:
        yield due, rate_of(before, run.rates)
    yield start.first_day, _rate(item, debtor, run)


def _owed(claim: InterestClaim | None, item: OpenItem, run: _Run) -> Money:
    nothing = Money(0, item.currency)
    if claim is None:
        return nothing
    return max(claim.amount - interest_paid(run.settled.get(item.item_id, ()), item.currency), nothing)


def _lump_sum(item: OpenItem, debtor: Debtor, run: _Run, *, in_default: bool) -> Money | None:
    paid = costs_paid(run.settled.get(item.item_id, ()), item.currency)
    return lump_sum_to_ask(item, debtor.type, run.settings.law, in_default=in_default, paid=paid)


def _apart(due: Sequence[_DueItem], facts: GateFacts) -> tuple[list[LeftOut], list[_DueItem]]:
    held_back, remaining = [], []
    for one in due:
        if because := item_gate(one.item, facts):
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


def _notice(debtor: Debtor, due: Sequence[_DueItem], stage: Stage, facts: GateFacts, run: _Run) -> Notice:
    channel = channel_for(debtor, stage.channels)
    charged = _bearer_of_fee(due, stage, channel)
    items = tuple(_notice_item(one, stage if one is charged else None, run.day) for one in due)
    return Notice(
        debtor=debtor,
        stage=stage.name,
        title=stage.title(debtor.language),
        template=stage.template,
        channel=channel,
        run_date=run.day,
        deadline=_deadline(stage, debtor, run),
        items=items,
        total=total((claim for item in items for claim in item.claims), items[0].open.currency),
        # A debtor whose bank data was never read is held; the oldest day there is says the same.
        payments_considered_until=min((a.read_until or date.min for a in facts.accounts), default=date.min),
        earlier=_earlier(due, debtor.language, run),
        resumptions=tuple(dict.fromkeys(one.resumption for one in due if one.resumption)),
        daily_interest=_daily_interest(due, debtor, run),
        interest_provisional=any(one.claim.provisional for one in due if one.claim),
        # What needs a person for one item needs it for the letter.
        needs_release=any(one.stage.needs_release for one in due),
    )


def _bearer_of_fee(due: Sequence[_DueItem], stage: Stage, channel: Channel) -> _DueItem | None:
    """Find the item that bears the fee of a notice: one fee for one letter, on its oldest item of the highest stage.

    Only a debtor already in default owes it; the notice that first causes default is free (§§ 280, 286 BGB), and so
    is one that claims a lump sum.
    """
    lump_sum = any(one.lump_sum for one in due)
    bears = (
        one
        for one in due
        if one.stage.name == stage.name and owes_fee(channel, in_default=one.in_default, lump_sum_claimed=lump_sum)
    )
    return next(bears, None) if stage.fee_minor else None


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
        interest=one.interest_owed,
        interest_segments=one.claim.segments if one.claim else (),
        interest_paid=_covered(one),
        fee=Money(fee_of.fee_minor, item.currency) if fee_of else one.unpaid_fees,
        lump_sum=one.lump_sum,
    )


def _covered(one: _DueItem) -> Money | None:
    """Give how much of the interest is paid; more than has accrued is none of this letter's business."""
    paid = one.claim.amount - one.interest_owed if one.claim else None
    return paid or None


def _deadline(stage: Stage, debtor: Debtor, run: _Run) -> date | None:
    if not stage.deadline_days:
        return None
    return last_day_to_pay(run.day + timedelta(days=stage.deadline_days), _places(debtor, run))


def _earlier(due: Sequence[_DueItem], language: str, run: _Run) -> tuple[EarlierNotice, ...]:
    """List the written notices about these items; a call is nothing a letter can refer to."""
    sent = {
        (earlier.sent_on, earlier.stage)
        for one in due
        for earlier in run.history.get(one.item.item_id, ())
        if earlier.channel in {Channel.EMAIL, Channel.LETTER}
    }
    titles = {name: _title(name, language, run.procedure) for name in {stage for _, stage in sent}}
    return tuple(EarlierNotice(stage=name, title=titles[name], sent_on=day) for day, name in sorted(sent))


def _title(name: str, language: str, procedure: Procedure) -> str:
    stage = procedure.stage(name)
    return stage.title(language) if stage else name


def _daily_interest(due: Sequence[_DueItem], debtor: Debtor, run: _Run) -> Money | None:
    bearing = [(one.item.open_amount, _rate(one.item, debtor, run)) for one in due if one.claim and one.in_default]
    tomorrow = run.day + timedelta(days=1)
    return interest_of_one_day(bearing, tomorrow, day_count=run.settings.day_count) if bearing else None


def _debtor(debtors: Mapping[str, Debtor], number: str) -> Debtor:
    """Give the debtor; an unknown one has a number and no name, and the gate keeps silent."""
    return debtors.get(number) or Debtor(number=number, name="")
