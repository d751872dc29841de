"""Dun: plan the run, write what is to be said, and record both with the outbox in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dunning.notice import Notice, NoticeState
from dunning.plan import plan
from night.effects import say, scripts_of
from night.gate_facts import load_dunning_facts
from night.reach import unusable_mail, without_unusable_mail
from night.recheck import is_released_by_a_person, reasons_to_keep_silent
from storage.bounces import unusable_addresses
from storage.facts import load_debtors
from storage.notices import Planned, save_notices
from storage.outbox import EffectStatus, load_effects, settle
from storage.receipts import returned_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.plan import LeftOut
    from ledger.debtor import Debtor
    from ledger.finding import Finding
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.notices import StoredNotice


@dataclass(slots=True, kw_only=True)
class Dunned:
    """What tonight's run says to whom, and where it keeps silent."""

    written: list[Notice] = field(default_factory=list)
    held: list[Notice] = field(default_factory=list)
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()


def dun(work: Workplace) -> Dunned:
    """Plan and record one dunning run; nothing leaves the house here."""
    if not work.company.dunning.enabled:
        return Dunned()
    work.progress("dunning", 0, 1)
    with work.step() as connection:
        debtors = load_debtors(connection, work.company_id)
        bounced = unusable_addresses(connection, work.company_id, work.run_date)
        returned = returned_addresses(connection, work.company_id)
        reachable = without_unusable_mail(debtors, bounced, returned)
        _supersede(connection, work, reachable)
        facts = load_dunning_facts(connection, work)
        planned = plan(
            run_date=work.run_date,
            items=items_to_dun(facts),
            debtors=reachable,
            history=facts.history,
            procedure=work.procedure,
            settings=work.company.dunning.for_engine(work.company.region),
            rates=work.office.rates_of(work.company),
            facts=facts.gate,
            choosing=facts.choosing,
            relations=facts.relations,
            settled=facts.settled,
            noted=facts.noted,
        )
        to_send = [notice for notice in planned.notices if not notice.held_because]
        held = [notice for notice in planned.notices if notice.held_because]
        _record_silence(connection, work, facts, held)
        said = say(connection, work, to_send)
    return Dunned(
        written=to_send,
        held=held,
        left_out=planned.left_out,
        findings=(
            *unusable_mail(planned.notices, debtors, bounced, returned),
            *said,
        ),
    )


def _supersede(connection: Connection, work: Workplace, debtors: Mapping[str, Debtor]) -> None:
    """Withdraw what earlier runs wrote and could not send: tonight's run says it anew, with tonight's amounts.

    What waits for a person's release, or was released, stays as it is while it is still true.
    """
    queued = {e.outbox_id: e for e in load_effects(connection, work.company_id, EffectStatus.QUEUED)}
    if not queued:
        return
    facts = load_dunning_facts(connection, work)
    for notice in facts.notices:
        if notice.outbox_id not in queued or notice.run_date == work.run_date:
            continue
        if is_released_by_a_person(work, notice, facts, debtors) and not reasons_to_keep_silent(
            work, notice, facts, debtors
        ):
            continue
        message = f"The run of {work.run_date} says it anew."
        for outbox_id in (notice.outbox_id, scripts_of(notice.outbox_id)):
            if effect := queued.pop(outbox_id, None):
                settle(connection, work.company_id, work.author, effect, EffectStatus.CANCELLED, message)


def items_to_dun(facts: DunningFacts) -> list[OpenItem]:
    """Give the open items, except those that a notice in the outbox already speaks of."""
    spoken = spoken_of(facts.notices)
    return [
        stored.item
        for stored in facts.items
        if stored.item.item_id not in spoken and stored.item.open_amount.minor > 0
    ]


def spoken_of(notices: Iterable[StoredNotice]) -> frozenset[str]:
    """Name the items of notices that wait in the outbox."""
    return frozenset(
        item.item_id for notice in notices if notice.state is NoticeState.QUEUED for item in notice.items
    )


def _record_silence(connection: Connection, work: Workplace, facts: DunningFacts, held: Sequence[Notice]) -> None:
    """Write down who was spared and why, unless this day's log says so already."""
    today = {
        (notice.debtor_number, notice.currency, tuple(item.item_id for item in notice.items)): notice
        for notice in facts.notices
        if notice.run_date == work.run_date and notice.state is NoticeState.HELD
    }
    new = [notice for notice in held if not _says_the_same(today.get(_subject(notice)), notice)]
    save_notices(connection, work.company_id, work.author, [Planned(notice=notice) for notice in new])


def _subject(notice: Notice) -> tuple[str, str, tuple[str, ...]]:
    listed = sorted(notice.items, key=lambda one: (one.due_date, one.document_number))
    return notice.debtor.number, notice.total.currency, tuple(item.item_id for item in listed)


def _says_the_same(stored: StoredNotice | None, notice: Notice) -> bool:
    return stored is not None and (
        stored.stage,
        stored.total_minor,
        [held.code for held in stored.held_because],
        [(item.item_id, item.open_minor) for item in stored.items],
    ) == (
        notice.stage,
        notice.total.minor,
        [held.code for held in notice.held_because],
        [
            (item.item_id, item.open.minor)
            for item in sorted(notice.items, key=lambda one: (one.due_date, one.document_number))
        ],
    )
