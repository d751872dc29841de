"""The limitation watch of a company (Verjährungswatch): which open claims expire, for the report and the terminal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dunning.case import CaseState, state_now
from dunning.limitation import WARNINGS, Urgency, limitation_end
from dunning.limitation_watch import expiry
from ledger.calendar import months_later
from ledger.finding import Finding, Severity
from ledger.money import Money, total
from night.acknowledged import watched_claims
from night.case_life import case_lives
from storage.cases import load_decisions, load_successors
from storage.facts import load_debtors
from storage.notices import load_notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from dunning.limitation_watch import Expiry
    from ledger.open_item import OpenItem
    from night.workplace import Workplace
    from storage.database import Connection

# What nobody asks for, or what a court decides already, needs no warning.
_NO_WARNING = frozenset({CaseState.WRITTEN_OFF, CaseState.COURT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """One claim that expires, with whose it is and where its case stands."""

    expiry: Expiry
    debtor_number: str  # who answers for it now
    debtor_name: str
    state: CaseState

    @property
    def warns(self) -> bool:
        """Whether somebody must hear of it tonight."""
        near = self.expiry.urgency not in {Urgency.LATER, Urgency.OVER}
        return near and self.state not in _NO_WARNING


def expiring(
    connection: Connection, work: Workplace, items: Iterable[OpenItem], *, until: date | None = None
) -> list[Expiring]:
    """Give the open claims that expire by a day, the next one first; without ``until`` those that need a warning.

    What is time-barred already is among them only with ``until``. The cost grows with the items and, where any of
    them expires, with the bookings.
    """
    law, day = work.company.dunning.for_engine(work.company.region).law, work.run_date
    horizon = until or _months_ahead(day)
    near = [
        item
        for item in items
        if item.is_invoice and item.open_amount.minor > 0 and limitation_end(item.due_date, law) <= horizon
    ]
    if not near:
        return []
    debtors, successors = load_debtors(connection, work.company_id), load_successors(connection, work.company_id)
    notices = load_notices(connection, work.company_id, silent_on=day)
    lives = case_lives(notices, load_decisions(connection, work.company_id))
    found = []
    for claim in watched_claims(connection, work.company_id, near, day=day, law=law):
        item, life = claim.item, lives.get(claim.item.item_id)
        number = successors.get(item.debtor_number, item.debtor_number)
        debtor = debtors.get(number)
        one = Expiring(
            expiry=expiry(claim, day, law),
            debtor_number=number,
            debtor_name=debtor.name if debtor else "",
            state=state_now(
                is_open=True,
                written_off=bool(life and life.written_off),
                in_court=bool(life and life.in_court),
                handed_over=bool(life and life.handed_over),
                held=False,
            ),
        )
        if one.warns or (until and one.expiry.last_day <= until):
            found.append(one)
    return sorted(found, key=_order)


def expiring_json(one: Expiring) -> dict[str, Any]:
    """Write one claim for machines; the keys are documented in docs/report.md."""
    item = one.expiry.claim.item
    return {
        "debtor_number": one.debtor_number,
        "name": one.debtor_name,
        "document_number": item.document_number,
        "due": item.due_date.isoformat(),
        "open_minor": item.open_amount.minor,
        "currency": item.currency,
        "state": one.state.value,
        "urgency": one.expiry.urgency.value,
        "last_day": one.expiry.last_day.isoformat(),
        "without_acknowledgement": one.expiry.limitation.nominal_end.isoformat(),
        "file_by": one.expiry.file_by.isoformat(),
        "why": list(one.expiry.why),
        "what_to_do": one.expiry.what_to_do,
    }


def limitation_findings(claims: Sequence[Expiring]) -> list[Finding]:
    """Say it as a finding, one for each last day, when only a month is left: a person is needed then."""
    by_day: dict[tuple[date, str], list[Money]] = defaultdict(list)
    for one in claims:
        if one.warns and one.expiry.urgency is Urgency.NOW:
            amount = one.expiry.claim.item.open_amount
            by_day[one.expiry.last_day, amount.currency].append(amount)
    return [
        Finding(
            code="limitation_near",
            severity=Severity.WARNING,
            place=f"claims until {day}",
            what=f"{_counted(amounts, currency)} with the end of {day}",
            what_to_do="`limitation` lists them, each with what stops the time; a reminder does not.",
        )
        for (day, currency), amounts in sorted(by_day.items())
    ]


def _counted(amounts: Sequence[Money], currency: str) -> str:
    return (
        f"1 claim of {amounts[0]} expires"
        if len(amounts) == 1
        else f"{len(amounts)} claims of {total(amounts, currency)} expire"
    )


def _months_ahead(day: date) -> date:
    """Give a day no warning reaches beyond: the longest one, and a day for months of different length."""
    return months_later(day, max(months for months, _ in WARNINGS) + 1)


def _order(one: Expiring) -> tuple[date, str, str, str]:
    item = one.expiry.claim.item
    return one.expiry.last_day, one.debtor_number, item.document_number, item.item_id
