"""Cases collected elsewhere, to the cent and to the day; they are read where a folder with them is named."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dunning.allocation_order import OwedClaim, allocate_payment
from dunning.costs import LateClaim, claimable_total, recovery_cost
from dunning.countries import GERMANY, rate_of
from dunning.credit_bureau import BureauFacts, WrittenReminder, bureau_gate
from dunning.default import ClaimFacts, EventTerm, TermSource, grounds_of_default
from dunning.fee_tables import court_fee
from dunning.interest import interest, interest_on_history
from dunning.limitation import Suspension, SuspensionGround, limitation
from dunning.receipt import confirmed
from insight.kpi import (
    Period,
    average_days_delinquent,
    best_possible_days_sales_outstanding,
    collection_effectiveness,
    days_sales_outstanding,
)
from ledger.calendar import Region
from ledger.debtor import DebtorType
from ledger.money import Money, from_decimal

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.fee_tables import FeeSchedule
    from dunning.interest import BaseRates

SHARED = os.environ.get("KONTORIST_SHARED_DATA", "")
BAVARIA = (Region("DE", "BY"),)
SUMMER_2026 = date(2026, 7, 1)

pytestmark = pytest.mark.skipif(not SHARED, reason="KONTORIST_SHARED_DATA names no folder with collected cases")


def cases(kind: str) -> list[Any]:
    if not SHARED:
        return []
    every: list[dict[str, Any]] = json.loads((Path(SHARED) / "dunning_cases.json").read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in every if case["kind"] == kind]


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("case", cases("due_shift"))
def test_a_term_after_receipt(case: dict[str, Any]) -> None:
    term = EventTerm(event_on=day(case["received"]), days=case["term_days"])
    facts = ClaimFacts(due_date=term.last_day, term=TermSource.CONTRACT, event=term)
    (ground,) = grounds_of_default(facts, DebtorType.CONSUMER, BAVARIA)
    assert ground.first_day == day(case["default_start"])
    assert ground.first_day - timedelta(days=1) == day(case["due"])


@pytest.mark.parametrize("case", cases("days30"))
def test_the_thirty_days(case: dict[str, Any]) -> None:
    debtor_type = DebtorType.CONSUMER if case["consumer"] else DebtorType.BUSINESS
    facts = ClaimFacts(
        due_date=day(case["received"]),
        term=TermSource.INVOICE_ONLY,
        invoice_received=confirmed(day(case["received"])),
        consumer_notice=case.get("notice", False),
    )
    (ground,) = grounds_of_default(facts, debtor_type, BAVARIA)
    assert ground.first_day == day(case["default_start"])


def one_claim(case: dict[str, Any], costs: str, *, consumer_credit: bool) -> OwedClaim:
    return OwedClaim(
        claim_id="a",
        document_number="RE-1",
        due_date=date(2025, 1, 1),
        since=date(2025, 1, 1),
        principal=euro(case["principal_before"]),
        interest=euro(case["interest"]),
        costs=euro(case[costs]),
        consumer_credit=consumer_credit,
    )


@pytest.mark.parametrize("case", cases("allocation_367"))
def test_costs_then_interest_then_principal(rates: BaseRates, case: dict[str, Any]) -> None:
    claim = one_claim(case, "costs", consumer_credit=False)
    (left,) = allocate_payment(euro(case["payment"]), date(2025, 1, 20), [claim]).left
    assert (left.costs.minor, left.interest.minor) == (0, 0)
    assert left.principal == euro(case["principal_after"])
    # What is left bears interest from the day of the payment on, up to the day before the payoff.
    further = interest_on_history([(date(2025, 1, 20), left.principal)], date(2025, 7, 11), Decimal(9), rates)
    assert left.principal + further.amount == euro(case["payoff_2025_07_11"])


@pytest.mark.parametrize("case", cases("allocation_497"))
def test_costs_then_principal_then_interest(case: dict[str, Any]) -> None:
    claim = one_claim(case, "legal_costs", consumer_credit=True)
    (left,) = allocate_payment(euro(case["payment"]), date(2025, 6, 2), [claim]).left
    assert (left.principal, left.interest) == (euro(case["principal_after"]), euro(case["interest_after"]))
    assert not left.costs


@pytest.mark.parametrize("case", cases("lump_sum"))
def test_lump_sums(case: dict[str, Any]) -> None:
    debtor_type = DebtorType.BUSINESS if case["b2b"] else DebtorType.CONSUMER

    def claimable(pursuit: dict[int, Money]) -> Money:
        late = [
            LateClaim(claim_id=f"{n}", debtor_type=debtor_type, in_default=True, pursuit_cost=pursuit.get(n))
            for n in range(len(case["invoices"]))
        ]
        return claimable_total(recovery_cost(claim, GERMANY) for claim in late)

    assert claimable({}) == euro(case["claimable"])
    assert claimable({2: euro("55.62")}) == euro(case["with_agency_cost_on_third"])


@pytest.mark.parametrize("case", cases("court_fee_1100"))
def test_court_fees(fees: FeeSchedule, case: dict[str, Any]) -> None:
    for value, fee in case["rows"]:
        assert court_fee(euro(value), SUMMER_2026, fees) == euro(fee), value


@pytest.mark.parametrize("case", cases("limitation"))
def test_limitation(case: dict[str, Any]) -> None:
    pauses = []
    if "suspension" in case:
        first, last = map(day, case["suspension"])
        pauses = [Suspension(ground=SuspensionGround.NEGOTIATIONS, first_day=first, last_day=last)]
    acknowledged = [day(case["acknowledged"])] if "acknowledged" in case else []
    found = limitation(day(case["due"]), suspensions=pauses, acknowledged_on=acknowledged)
    if "nominal_end" in case:
        assert found.nominal_end == day(case["nominal_end"])
    if "end" in case:
        assert found.end == day(case["end"])


@pytest.mark.parametrize("case", cases("bureau_gate"))
def test_the_gate_to_the_bureau(case: dict[str, Any]) -> None:
    facts = BureauFacts(
        due_date=day(case["first"]) - timedelta(days=10),
        reminders=(
            WrittenReminder(received_on=day(case["first"]), bureau_notice=case["notice_in_first"]),
            WrittenReminder(received_on=day(case["second"])),
        ),
        disputed=case["disputed"],
    )
    possible = day(case["possible_from"]) if case["possible_from"] else None
    assert bureau_gate(facts, day(case["second"])).possible_from == possible


@pytest.mark.parametrize("case", cases("at_ch"))
def test_austria_and_switzerland(
    laws: dict[str, CountryLaw], austrian_rates: BaseRates, case: dict[str, Any]
) -> None:
    for row in case["rows"]:
        debtor_type = DebtorType.BUSINESS if row.get("b2b") else DebtorType.CONSUMER
        rate = rate_of(laws[row["country"]].default_rule(debtor_type), austrian_rates)
        first_day = date(2026, 7, 1)
        assert rate.points + rate.table.on(first_day) == Decimal(row["rate"])
        end = first_day + timedelta(days=row["days"])
        claim = interest(euro(row["principal"]), first_day, end, rate.points, rate.table)
        assert claim.amount == euro(row["expected"])


@pytest.mark.parametrize("case", cases("kpi"))
def test_figures(case: dict[str, Any]) -> None:
    period = Period(
        days=case["D"],
        open_at_begin=case["B"],
        sales=case["S"],
        open_at_end=case["E"],
        not_due_at_end=case["C"],
    )
    effectiveness = collection_effectiveness(period)
    assert days_sales_outstanding(period) == Fraction(str(case["DSO"]))
    assert best_possible_days_sales_outstanding(period) == Fraction(str(case["BPDSO"]))
    assert average_days_delinquent(period) == Fraction(str(case["ADD"]))
    assert effectiveness is not None
    assert round(effectiveness, 2) == Fraction(str(case["CEI"]))
