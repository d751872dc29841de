"""Asking again: whether what was written some time ago may still be said, and still says the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunning.gate import NoticeFacts, gate
from dunning.notice import HeldBecause
from ledger.debtor import Debtor
from night.stored_notice import as_notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.notices import StoredNotice


def reasons_to_keep_silent(
    work: Workplace, stored: StoredNotice, facts: DunningFacts, debtors: Mapping[str, Debtor]
) -> tuple[HeldBecause, ...]:
    """Ask the gate again, just before sending; and whether every amount is still what the letter says."""
    open_now = {one.item.item_id: one.item.open_amount.minor for one in facts.items}
    changed = [item.document_number for item in stored.items if open_now.get(item.item_id, 0) != item.open_minor]
    gate_facts = facts.gate.get((stored.debtor_number, stored.currency))
    if changed or gate_facts is None:
        documents = ", ".join(changed) or "this debtor"
        return (HeldBecause("amount_changed", f"What is open on {documents} changed since this was written."),)
    debtor = debtors.get(stored.debtor_number, Debtor(number=stored.debtor_number, name=""))
    return gate(NoticeFacts(notice=as_notice(stored, debtor), facts=gate_facts, procedure=work.procedure))
