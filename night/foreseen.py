"""Foreseen (Vorausschau): what the nights up to a day to come would say to a debtor who neither pays nor writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from dunning.gate import required_statement_day
from dunning.stage import SentStage
from ledger.calendar import add_bank_days
from night.explained_subject import plan_of
from night.gate_facts import debits_in_flight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dunning.gate import AccountReading, GateFacts
    from dunning.notice import Notice
    from night.explained_subject import Subject
    from night.gate_facts import DunningFacts
    from storage.facts import StoredItem

# By then every ladder is climbed, or something else keeps silence that no night will lift.
_NIGHTS: Final = 2 * 366


def foresee(of: Subject, last_night: date) -> tuple[Subject, tuple[Notice, ...]]:
    """Give the debtor as it would stand on its day, and what the nights before would say, in their order.

    Whatever the gate lets pass is taken as sent on its day; what a person must release waits from then on. Accounts
    and lists that were up to date in the last night are taken to stay so.
    """
    asked = of.day
    said: list[Notice] = []
    theirs = [stored for stored in of.facts.items if stored.item.debtor_number == of.debtor.number]
    for day in (last_night + timedelta(days=n) for n in range(1, min((asked - last_night).days, _NIGHTS))):
        of = _on(of, day, last_night, theirs)
        for notice in plan_of(of).notices:
            if not notice.held_because:
                of = _after(of, notice)
                said.append(notice)
    return _on(of, asked, last_night, theirs), tuple(said)


def _on(of: Subject, day: date, last_night: date, items: Sequence[StoredItem]) -> Subject:
    """Let the day come, and everything be read that was read in the last night."""
    required = required_statement_day(last_night, of.procedure.max_statement_age_bank_days)

    def known(facts: GateFacts) -> GateFacts:
        accounts = tuple(_read(account, required, add_bank_days(day, -1)) for account in facts.accounts)
        return replace(facts, day=day, accounts=accounts, direct_debits=tuple(debits_in_flight(items, day)))

    return replace(of, day=day, facts=_with_gate(of, known))


def _read(account: AccountReading, required: date, yesterday: date) -> AccountReading:
    up_to_date = account.read_until is not None and account.read_until >= required
    return replace(account, read_until=max(account.read_until or yesterday, yesterday)) if up_to_date else account


def _after(of: Subject, notice: Notice) -> Subject:
    """Let a notice be sent; or, where a person releases it, wait."""
    if notice.needs_release:
        listed = {one.item_id for one in notice.items}
        waits = f"{notice.title} of {notice.run_date}"
        told = _with_gate(of, lambda facts: replace(facts, waiting_notices=(*facts.waiting_notices, waits)))
        return replace(of, facts=told, spoken_of=of.spoken_of | listed)
    history = dict(of.facts.history)
    for one in notice.items:
        step = SentStage(
            stage=one.stage,
            sent_on=notice.run_date,
            deadline=notice.deadline,
            channel=notice.channel,
            fee_minor=one.fee.minor if one.fee else 0,
        )
        history[one.item_id] = [*history.get(one.item_id, ()), step]
    said = _with_gate(of, lambda facts: replace(facts, last_notice_on=notice.run_date))
    return replace(of, facts=replace(said, history=history))


def _with_gate(of: Subject, changed: Callable[[GateFacts], GateFacts]) -> DunningFacts:
    return replace(of.facts, gate={key: changed(facts) for key, facts in of.facts.gate.items()})
