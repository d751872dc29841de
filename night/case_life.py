"""The life of a case (Mahnfall) outside our own letters: with the agency, in court, or written off."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dunning.notice import Channel
from storage.cases import CaseDecision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.cases import NotedDecision
    from storage.facts import StoredItem
    from storage.notices import StoredNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLife:
    """What became of one item outside our own letters."""

    handed_over: date | None = None
    in_court: date | None = None
    written_off: bool = False
    time_bar_waived: bool = False


def case_life(item_id: str, notices: Sequence[StoredNotice], decisions: Sequence[NotedDecision]) -> CaseLife:
    """Read the life of one item from what was sent and what persons noted."""
    return _life_of(_given_to_agency(notices).get(item_id), [one for one in decisions if one.item_id == item_id])


def case_lives(notices: Sequence[StoredNotice], decisions: Sequence[NotedDecision]) -> dict[str, CaseLife]:
    """Read the lives of all items of which anything is known, by item."""
    given, noted = _given_to_agency(notices), decided_by_item(decisions)
    return {item_id: _life_of(given.get(item_id), noted.get(item_id, ())) for item_id in given.keys() | noted.keys()}


def _life_of(given_on: date | None, said: Sequence[NotedDecision]) -> CaseLife:
    handed, court, off, waived = given_on, None, False, False
    for one in said:
        match one.decided:
            case CaseDecision.HANDED_BACK if handed is None or one.decided_on >= handed:
                handed = court = None
            case CaseDecision.COURT_BEGUN:
                court = one.decided_on
            case CaseDecision.COURT_ENDED:
                court = None
            case CaseDecision.WRITTEN_OFF:
                off = True
            case CaseDecision.WRITE_OFF_UNDONE:
                off = False
            case CaseDecision.ASK_ANYWAY:
                waived = True
    return CaseLife(handed_over=handed, in_court=court, written_off=off, time_bar_waived=waived)


def _given_to_agency(notices: Sequence[StoredNotice]) -> dict[str, date]:
    """Give the day each item was last handed over."""
    given: dict[str, date] = {}
    for notice in notices:
        if notice.channel is Channel.AGENCY and notice.sent_on is not None:
            given.update({one.item_id: max(notice.sent_on, given.get(one.item_id, date.min)) for one in notice.items})
    return given


def decided_by_item(decisions: Sequence[NotedDecision]) -> dict[str, list[NotedDecision]]:
    """Sort what was noted by the item it is about, in the order it was said."""
    noted: dict[str, list[NotedDecision]] = defaultdict(list)
    for one in decisions:
        noted[one.item_id].append(one)
    return noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """What is not ours to ask for: by debtor since when, and single items."""

    handed_over: Mapping[str, date]
    in_court: Mapping[str, date]
    written_off: frozenset[str]
    time_bar_waived: frozenset[str]


def away_of(items: Sequence[StoredItem], notices: Sequence[StoredNotice], decisions: Sequence[NotedDecision]) -> Away:
    """Tell who is with the agency or in court: as long as one of the items is open and was not handed back."""
    handed: dict[str, date] = {}
    court: dict[str, date] = {}
    off, waived = set(), set()
    given = _given_to_agency(notices)
    noted = decided_by_item(decisions)
    for stored in items:
        item = stored.item
        if item.open_amount.minor <= 0:
            continue
        life = _life_of(given.get(item.item_id), noted.get(item.item_id, ()))
        if life.handed_over:
            handed[item.debtor_number] = max(life.handed_over, handed.get(item.debtor_number, life.handed_over))
        if life.in_court:
            court[item.debtor_number] = min(life.in_court, court.get(item.debtor_number, life.in_court))
        off |= {item.item_id} if life.written_off else set()
        waived |= {item.item_id} if life.time_bar_waived else set()
    return Away(handed_over=handed, in_court=court, written_off=frozenset(off), time_bar_waived=frozenset(waived))
