"""Dun: plan the run, write what is to be said, and record both with the outbox in one transaction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dunning.notice import Channel, Notice, NoticeState
from dunning.plan import plan
from export.letters import render_letters
from ledger.finding import Finding
from night.effects import on_paper, scripts_of, to_agency, to_call
from night.gate_facts import load_dunning_facts
from night.reach import unusable_mail, without_unusable_mail
from night.recheck import reasons_to_keep_silent
from storage.facts import load_debtors
from storage.notices import Planned, last_letter_number, save_notices
from storage.outbox import EffectStatus, enqueue, load_effects, settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dunning.plan import LeftOut
    from export.letters import Letter
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from night.effects import Said
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.notices import StoredNotice

_PAPER = (Channel.EMAIL, Channel.LETTER)


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
        _supersede(connection, work, debtors)
        facts = load_dunning_facts(connection, work)
        planned = plan(
            run_date=work.run_date,
            items=_items_to_dun(facts),
            debtors=without_unusable_mail(debtors),
            history=facts.history,
            procedure=work.procedure,
            settings=work.company.dunning.for_engine(work.company.region),
            rates=work.office.rates,
            facts=facts.gate,
        )
        to_send = [notice for notice in planned.notices if not notice.held_because]
        held = [notice for notice in planned.notices if notice.held_because]
        _record_silence(connection, work, facts, held)
        letters = _record_words(connection, work, debtors, to_send)
    return Dunned(
        written=to_send,
        held=held,
        left_out=planned.left_out,
        findings=(
            *unusable_mail(planned.notices, debtors),
            *(_unprintable(letter) for letter in letters if letter.unprintable),
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
        stage = work.procedure.stage(notice.stage)
        if stage and stage.needs_release and not reasons_to_keep_silent(work, notice, facts, debtors):
            continue
        message = f"The run of {work.run_date} says it anew."
        for outbox_id in (notice.outbox_id, scripts_of(notice.outbox_id)):
            if effect := queued.pop(outbox_id, None):
                settle(connection, work.company_id, work.author, effect, EffectStatus.CANCELLED, message)


def _items_to_dun(facts: DunningFacts) -> list[OpenItem]:
    """Give the open items, except those that a notice in the outbox already speaks of."""
    spoken_of = {
        item.item_id for notice in facts.notices if notice.state is NoticeState.QUEUED for item in notice.items
    }
    return [
        stored.item
        for stored in facts.items
        if stored.item.item_id not in spoken_of and stored.item.open_amount.minor > 0
    ]


def _record_silence(connection: Connection, work: Workplace, facts: DunningFacts, held: Sequence[Notice]) -> None:
    """Write down who was spared and why, unless this day's log says so already."""
    today = {
        (notice.debtor_number, notice.currency): notice
        for notice in facts.notices
        if notice.run_date == work.run_date and notice.state is NoticeState.HELD
    }
    new = [
        notice
        for notice in held
        if not _says_the_same(today.get((notice.debtor.number, notice.total.currency)), notice)
    ]
    save_notices(connection, work.company_id, work.author, [Planned(notice=notice) for notice in new])


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


def _record_words(
    connection: Connection, work: Workplace, debtors: dict[str, Debtor], notices: Sequence[Notice]
) -> Sequence[Letter]:
    """Record every notice with the effect that says it: mail, letter, line on the call list, or hand-over."""
    by_channel: dict[Channel, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_channel[notice.channel].append(notice)
    head = work.company.letter_head()
    paper = [notice for channel in _PAPER for notice in by_channel[channel]]
    prefix = f"M-{work.run_date.year}-"
    first = last_letter_number(connection, work.company_id, prefix) + 1
    numbers = [f"{prefix}{number:05d}" for number in range(first, first + len(paper))]
    letters = render_letters(paper, head, letter_numbers=numbers) if paper else ()
    planned: list[Said] = [
        on_paper(work, head, notice, letter) for notice, letter in zip(paper, letters, strict=True)
    ]
    planned += [to_agency(work, head, notice) for notice in by_channel[Channel.AGENCY]]
    planned += to_call(connection, work, head, by_channel[Channel.CALL])
    seqs = save_notices(connection, work.company_id, work.author, [plan_ for plan_, _ in planned])
    for seq, (_, effects) in zip(seqs, planned, strict=True):
        enqueue(connection, work.company_id, seq, effects)
    return letters


def _unprintable(letter: Letter) -> Finding:
    return Finding(
        code="letter_unprintable",
        place=letter.file_name,
        what=f"our letter fonts lack {letter.unprintable!r}; the letter shows ? instead",
        what_to_do="Write name and address in Latin letters in the accounting tool.",
    )
