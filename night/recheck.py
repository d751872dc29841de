"""Asking again: whether what was written some time ago may still be said, and still says the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dunning.default import received_on
from dunning.gate import NoticeFacts, gate
from dunning.hold import HoldReason
from dunning.notice import Channel, HeldBecause
from dunning.reach import address_for, missing_for
from dunning.stage import SentStage
from dunning.track import Relation, chosen_track, narrowest_first
from ledger.debtor import Debtor
from ledger.money import Money
from night.stored_notice import as_notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from dunning.hold import Hold
    from dunning.stage import Stage
    from dunning.track import Track
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.confirmations import Confirmation
    from storage.notices import StoredNotice, StoredNoticeItem

_NOBODY_READS: Final = {
    HoldReason.INSOLVENCY: "insolvency proceedings are open; the administrator reads the post",
    HoldReason.DECEASED: "the debtor has died",
}


def reasons_to_keep_silent(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtors: Mapping[str, Debtor]
) -> tuple[HeldBecause, ...]:
    """Ask the gate again, just before sending; and whether all that the letter says is still so."""
    if successor := facts.successors.get(stored.debtor_number):
        return (HeldBecause("succeeded", f"{successor} answers for what debtor {stored.debtor_number} owed."),)
    debtor = _debtor(stored, debtors)
    if outdated := (*_outdated(work, stored, facts), *_moved(debtor, stored.channel, stored.sent_to)):
        return outdated
    return gate(_asked_again(work, stored, facts, debtor))


def reasons_against_text(
    said: Confirmation,
    by: Channel,
    holds: Iterable[Hold],
    successors: Mapping[str, str],
    debtors: Mapping[str, Debtor],
) -> tuple[HeldBecause, ...]:
    """Ask again about a text that is no stage: whether anybody is there to read it, where it is sent to.

    ``holds`` are those of today. Whether what it confirms is still agreed is not asked: it was said.
    """
    number = said.debtor_number
    if successor := successors.get(number):
        return (HeldBecause("succeeded", f"{successor} answers for what debtor {number} owed."),)
    closed = [hold.reason for hold in holds if hold.debtor_number == number and hold.reason in _NOBODY_READS]
    if closed:
        return tuple(HeldBecause(reason.value, f"Debtor {number}: {_NOBODY_READS[reason]}.") for reason in closed)
    debtor = debtors.get(number, Debtor(number=number, name=""))
    if missing := missing_for(debtor, by):
        return (HeldBecause("no_address", f"Debtor {number}: no {' and no '.join(missing)} it could be sent to."),)
    return tuple(_moved(debtor, by, said.sent_to))


def is_released_by_a_person(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtors: Mapping[str, Debtor]
) -> bool:
    """Whether a person releases a notice, by the stage of any of its items on that item's track."""
    if any(item.item_id not in facts.by_item for item in stored.items):
        return False
    return any(stage.needs_release for _, stage in _steps(work, stored, facts, _debtor(stored, debtors)) if stage)


def _outdated(work: Workplace, stored: StoredNotice, facts: DunningFacts) -> Iterator[HeldBecause]:
    """Tell what of a notice is no longer so; of its gate facts there are none where nothing is open any more."""
    changed = [one.document_number for one in stored.items if _is_another_amount(one, stored, facts)]
    if changed or (stored.debtor_number, stored.currency) not in facts.gate:
        documents = ", ".join(changed) or "this debtor"
        yield HeldBecause("amount_changed", f"What is open on {documents} changed since this was written.")
        return
    moved = [one for one in stored.items if facts.by_item[one.item_id].due_date != one.due_date]
    if moved:
        days = ", ".join(f"{one.document_number} is due on {facts.by_item[one.item_id].due_date}" for one in moved)
        yield HeldBecause("due_date_changed", f"Since this was written another day to pay was set: {days}.")
    yield from _too_late(work, stored)


def _moved(debtor: Debtor, channel: Channel, sent_to: str) -> Iterator[HeldBecause]:
    """Tell whether it would go to an address the debtor no longer has; that there is none is the gate's to say."""
    if sent_to and not missing_for(debtor, channel) and address_for(debtor, channel) != sent_to:
        yield HeldBecause("address_changed", f"Since this was written the address of debtor {debtor.number} changed.")


def _too_late(work: Workplace, stored: StoredNotice) -> Iterator[HeldBecause]:
    """Tell whether a letter or mail that waited would arrive when the days it grants are over."""
    # On the day it was planned the deadline is what the stage sets; in a call it is agreed.
    if stored.deadline is None or stored.run_date >= work.run_date or stored.channel is Channel.CALL:
        return
    arrives = _arrives_on(work, stored)
    if arrives >= stored.deadline:
        yield HeldBecause(
            "deadline_too_near", f"It asks for payment by {stored.deadline}, and would only arrive on {arrives}."
        )


def _is_another_amount(listed: StoredNoticeItem, stored: StoredNotice, facts: DunningFacts) -> bool:
    now = facts.by_item.get(listed.item_id)
    return now is None or (now.debtor_number, now.open_amount) != (
        stored.debtor_number,
        Money(listed.open_minor, stored.currency),
    )


def _arrives_on(work: Workplace, stored: StoredNotice) -> date:
    """Assume when the notice would reach the debtor if it were sent now."""
    sent = SentStage(stage=stored.stage, sent_on=work.run_date, deadline=None, channel=stored.channel)
    return received_on(sent, work.company.dunning.for_engine(work.company.region))


def _asked_again(work: Workplace, stored: StoredNotice, facts: DunningFacts, debtor: Debtor) -> NoticeFacts:
    steps = _steps(work, stored, facts, debtor)
    stages = [stage for _, stage in steps if stage and stage.name == stored.stage]
    known = facts.gate[stored.debtor_number, stored.currency]
    return NoticeFacts(
        notice=as_notice(stored, debtor),
        # It waits itself; that nothing else waits was asked when it was planned.
        facts=replace(known, waiting_notices=()),
        procedure=work.procedure,
        stage=work.procedure.highest(stages) if stages else None,
        minimum_gap_days=max(track.minimum_gap_days for track, _ in steps),
    )


def _debtor(stored: StoredNotice, debtors: Mapping[str, Debtor]) -> Debtor:
    return debtors.get(stored.debtor_number, Debtor(number=stored.debtor_number, name=""))


def _steps(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtor: Debtor
) -> list[tuple[Track, Stage | None]]:
    """Give the track of each item of a notice, with the stage it was planned for as that track has it today."""
    procedure = work.procedure
    tracks, choices = procedure.by_track, narrowest_first(facts.choosing.own, procedure.choices)
    relation = facts.relations.get(debtor.number, Relation())
    steps = []
    for listed in stored.items:
        item = facts.by_item[listed.item_id]
        track = chosen_track(item, debtor, relation, tracks, choices, facts.choosing, work.run_date).track
        steps.append((track, track.stage(listed.stage)))
    return steps
