"""Asking again: whether what was written some time ago may still be said, and still says the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dunning.gate import NoticeFacts, gate
from dunning.notice import HeldBecause
from dunning.track import Relation, chosen_track, narrowest_first
from ledger.debtor import Debtor
from night.stored_notice import as_notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dunning.track import Track
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.notices import StoredNotice


def reasons_to_keep_silent(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtors: Mapping[str, Debtor]
) -> tuple[HeldBecause, ...]:
    """Ask the gate again, just before sending; and whether every amount is still what the letter says."""
    now = facts.by_item
    changed = [
        item.document_number
        for item in stored.items
        if item.item_id not in now or now[item.item_id].open_amount.minor != item.open_minor
    ]
    moved = facts.successors.get(stored.debtor_number)
    gate_facts = facts.gate.get((stored.debtor_number, stored.currency))
    if moved:
        return (HeldBecause("succeeded", f"{moved} answers for what debtor {stored.debtor_number} owed."),)
    if changed or gate_facts is None:
        documents = ", ".join(changed) or "this debtor"
        return (HeldBecause("amount_changed", f"What is open on {documents} changed since this was written."),)
    debtor = debtors.get(stored.debtor_number, Debtor(number=stored.debtor_number, name=""))
    tracks = _tracks(work, stored, facts, debtor)
    stages = [stage for track in tracks if (stage := track.stage(stored.stage))]
    asked = NoticeFacts(
        notice=as_notice(stored, debtor),
        # It waits itself; that nothing else waits was asked when it was planned.
        facts=replace(gate_facts, waiting_notices=()),
        procedure=work.procedure,
        stage=work.procedure.highest(stages) if stages else None,
        minimum_gap_days=max(track.minimum_gap_days for track in tracks),
    )
    return gate(asked)


def is_released_by_a_person(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtors: Mapping[str, Debtor]
) -> bool:
    """Whether a person releases a notice, by the stage of any of its items on that item's track."""
    debtor = debtors.get(stored.debtor_number, Debtor(number=stored.debtor_number, name=""))
    if any(item.item_id not in facts.by_item for item in stored.items):
        return False
    tracks = _tracks(work, stored, facts, debtor)
    stages = [track.stage(item.stage) for track, item in zip(tracks, stored.items, strict=True)]
    return any(stage is not None and stage.needs_release for stage in stages)


def _tracks(work: Workplace, stored: StoredNotice, facts: DunningFacts, debtor: Debtor) -> list[Track]:
    procedure = work.procedure
    choices = narrowest_first(facts.choosing.own, procedure.choices)
    relation = facts.relations.get(debtor.number, Relation())
    return [
        chosen_track(
            facts.by_item[item.item_id], debtor, relation, procedure.by_track, choices, facts.choosing, work.run_date
        ).track
        for item in stored.items
    ]
