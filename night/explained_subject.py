"""What is explained (Gegenstand): a debtor and its open documents on a day, with everything known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dunning.plan import plan

if TYPE_CHECKING:
    from datetime import date

    from dunning.gate import GateFacts
    from dunning.interest import BaseRates
    from dunning.plan import DunningPlan
    from dunning.settings import DunningSettings
    from dunning.stage import Procedure
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A debtor on a day, as an explanation sees it."""

    day: date
    last_night: date | None  # the last night there was; what is said after it is foreseen
    facts: DunningFacts  # of its gate and history only what concerns the debtor
    debtor: Debtor
    items: tuple[OpenItem, ...]  # open invoices, oldest first
    procedure: Procedure
    settings: DunningSettings
    rates: BaseRates
    spoken_of: frozenset[str]  # items of notices that wait to be released or sent

    def gate_facts(self, item: OpenItem) -> GateFacts:
        """Give what the gate knows about the debtor in the currency of an item."""
        return self.facts.gate[item.debtor_number, item.currency]


def plan_of(of: Subject) -> DunningPlan:
    """Plan what the night of the day would say to the debtor, or keep back."""
    return plan(
        run_date=of.day,
        items=[item for item in of.items if item.item_id not in of.spoken_of],
        debtors={of.debtor.number: of.debtor} if of.debtor.name else {},
        history=of.facts.history,
        procedure=of.procedure,
        settings=of.settings,
        rates=of.rates,
        facts=of.facts.gate,
        settled=of.facts.settled,
        noted=of.facts.noted,
        choosing=of.facts.choosing,
        relations=of.facts.relations,
    )
