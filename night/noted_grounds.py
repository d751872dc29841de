"""Noted grounds (Verzugsgründe, Stundungen): what persons noted of each claim, in the words of the dunning room."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dunning.default import EventTerm
from dunning.noted import NOTHING_NOTED, NotedFacts, deferrals_of
from night.case_life import decided_by_item
from storage.cases import CaseDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dunning.hold import Hold
    from ledger.open_item import OpenItem
    from storage.cases import NotedDecision


def noted_grounds(
    items: Iterable[OpenItem], decisions: Sequence[NotedDecision], holds: Mapping[str, Sequence[Hold]]
) -> dict[str, NotedFacts]:
    """Give what was noted of each item, by item; ``holds`` are those of each debtor.

    An item of which nothing is known is absent. Of each kind of ground the last word counts, and what was undone was
    never true.
    """
    said = decided_by_item(decisions)
    found = {}
    for item in items:
        deferrals = deferrals_of(item.item_id, item.document_date, holds.get(item.debtor_number, ()))
        noted = replace(_grounds(said.get(item.item_id, ())), deferrals=deferrals)
        if noted != NOTHING_NOTED:
            found[item.item_id] = noted
    return found


def _grounds(said: Iterable[NotedDecision]) -> NotedFacts:
    noted = NOTHING_NOTED
    for one in said:
        match one.decided:
            case CaseDecision.REFUSED:
                noted = replace(noted, refused_on=one.happened_on)
            case CaseDecision.SERVED:
                noted = replace(noted, served_on=one.happened_on)
            case CaseDecision.AGREED:
                noted = replace(noted, agreed_due=one.happened_on)
            case CaseDecision.EVENT if one.happened_on:
                term = EventTerm(event_on=one.happened_on, days=one.days, months=one.months)
                noted = replace(noted, event=term)
            case CaseDecision.DISPENSABLE:
                noted = replace(noted, dispensable_on=one.happened_on)
            case CaseDecision.GROUNDS_UNDONE:
                noted = NOTHING_NOTED
    return noted
