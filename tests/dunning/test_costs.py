"""What being late costs beside interest: lump sum, fees, returned debits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dunning.costs import (
    LateClaim,
    ReturnCharge,
    claimable_total,
    fee_mistakes,
    owes_fee,
    passed_on,
    recovery_cost,
)
from dunning.countries import GERMANY, ClaimKind
from dunning.notice import Channel
from ledger.debtor import DebtorType
from ledger.money import Money, from_decimal

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.stage import Procedure

LATE = LateClaim(claim_id="RE-1", debtor_type=DebtorType.BUSINESS, in_default=True)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


# what is different -> lump sum, claimable, and why
LUMP_SUMS: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "40", "40", "40,00 EUR arose with default (§ 288 Abs. 5 BGB)."),
    ({"debtor_type": DebtorType.CONSUMER}, "0", "0", "No lump sum: the debtor is not known to be a business"),
    ({"debtor_type": DebtorType.UNKNOWN}, "0", "0", "No lump sum: the debtor is not known to be a business"),
    ({"kind": ClaimKind.OTHER}, "0", "0", "No lump sum: the claim is not the price of goods or services"),
    ({"in_default": False}, "0", "0", "No lump sum yet: the debtor is not in default"),
    ({"contract_on": date(2014, 7, 28)}, "0", "0", "No lump sum: the contract is older than 2014-07-29"),
    ({"contract_on": date(2014, 7, 29)}, "40", "40", "40,00 EUR arose with default"),
    # A continuing contract of old, performed after 30 June 2016.
    ({"contract_on": date(2012, 1, 1), "performed_on": date(2016, 7, 1)}, "40", "40", "40,00 EUR arose with default"),
    ({"contract_on": date(2012, 1, 1), "performed_on": date(2016, 6, 30)}, "0", "0", "No lump sum"),
    # Set off against what the agency costs, whichever is greater.
    ({"pursuit_cost": euro("55.62")}, "40", "55.62", "set off against 55,62 EUR"),
    ({"pursuit_cost": euro("18.90")}, "40", "40", "set off against 18,90 EUR"),
    ({"pursuit_cost": euro("55.62"), "debtor_type": DebtorType.CONSUMER}, "0", "55.62", "No lump sum"),
    # An agency that was instructed before default works at the creditor's own cost.
    ({"pursuit_cost": euro("55.62"), "in_default": False}, "0", "0", "No lump sum yet"),
]


@pytest.mark.parametrize(("changed", "lump_sum", "claimable", "says"), LUMP_SUMS)
def test_the_lump_sum_of_one_late_claim(changed: dict[str, Any], lump_sum: str, claimable: str, says: str) -> None:
    cost = recovery_cost(replace(LATE, **changed), GERMANY)
    assert (cost.lump_sum, cost.claimable) == (euro(lump_sum), euro(claimable))
    assert says in cost.because


def test_what_may_be_claimed_is_not_yet_claimed_and_not_claiming_is_no_waiver() -> None:
    silent, asked = recovery_cost(LATE, GERMANY), recovery_cost(replace(LATE, claimed=True), GERMANY)
    assert (silent.claimable, silent.claimed) == (euro("40"), euro("0"))
    assert (asked.claimable, asked.claimed) == (euro("40"), euro("40"))


def test_each_late_invoice_bears_its_own_lump_sum() -> None:
    costs = [recovery_cost(replace(LATE, claim_id=name), GERMANY) for name in ("RE-1", "RE-2", "RE-3")]
    assert claimable_total(costs) == euro("120")


def test_austria_has_a_lump_sum_too_and_switzerland_none(laws: dict[str, CountryLaw]) -> None:
    assert recovery_cost(LATE, laws["AT"]).because == "40,00 EUR arose with default (§ 458 UGB)."
    assert recovery_cost(replace(LATE, contract_on=date(2013, 3, 15)), laws["AT"]).claimable == euro("0")
    swiss = recovery_cost(LATE, laws["CH"], "CHF")
    assert (swiss.claimable, swiss.because) == (Money(0, "CHF"), "No lump sum in CHF: the law of CH knows none.")


def test_a_lump_sum_in_euro_is_not_mixed_with_a_claim_in_dollars() -> None:
    cost = recovery_cost(LATE, GERMANY, "USD")
    assert cost.claimable == Money(0, "USD")
    assert cost.because == (
        "No lump sum in USD: the law of DE knows 40,00 EUR, to be claimed apart (§ 288 Abs. 5 BGB)."
    )


@pytest.mark.parametrize(
    ("in_default", "channel", "lump_sum_claimed", "owed"),
    [
        (True, Channel.LETTER, False, True),
        (False, Channel.LETTER, False, False),  # the notice that causes default is free
        (True, Channel.EMAIL, False, False),  # a mail costs no paper
        (True, Channel.CALL, False, False),
        (True, Channel.LETTER, True, False),  # never beside the lump sum
    ],
)
def test_a_fee_is_real_damage_of_a_debtor_in_default(
    in_default: bool, channel: Channel, lump_sum_claimed: bool, owed: bool
) -> None:
    assert owes_fee(channel, in_default=in_default, lump_sum_claimed=lump_sum_claimed) is owed


def with_fee(procedure: Procedure, name: str, minor: int) -> Procedure:
    stages = tuple(replace(stage, fee_minor=minor) if stage.name == name else stage for stage in procedure.stages)
    return replace(procedure, stages=stages)


def test_the_houses_own_procedure_charges_nothing(procedure: Procedure) -> None:
    assert list(fee_mistakes(procedure)) == []
    assert all(stage.fee_minor == 0 for stage in procedure.stages)


def test_a_fee_above_what_a_letter_provably_costs_is_a_mistake(procedure: Procedure) -> None:
    assert list(fee_mistakes(with_fee(procedure, "second_dunning", 250))) == []
    (mistake,) = fee_mistakes(with_fee(procedure, "second_dunning", 500))
    assert mistake.startswith("stage second_dunning: fee_minor = 500 is more than a letter provably costs (250)")


def test_the_fees_of_every_track_are_looked_at(procedure: Procedure) -> None:
    strict = next(track for track in procedure.tracks if track.name == "strict")
    dear = replace(strict, stages=tuple(replace(stage, fee_minor=500) for stage in strict.stages[-2:-1]))
    (mistake,) = fee_mistakes(replace(procedure, tracks=(dear,)))
    assert mistake.startswith(
        "track strict, stage final_notice: fee_minor = 500 is more than a letter provably costs"
    )


def test_the_cap_is_raised_only_with_a_reason(procedure: Procedure) -> None:
    dear = with_fee(procedure, "second_dunning", 500)
    (mistake,) = fee_mistakes(dear, 500)
    assert "say in fee_cap_because what a letter costs" in mistake
    assert list(fee_mistakes(dear, 500, "registered letters, 4.95 EUR each")) == []


def test_in_switzerland_a_fee_is_owed_only_where_it_was_agreed(
    procedure: Procedure, laws: dict[str, CountryLaw]
) -> None:
    agreed = with_fee(procedure, "second_dunning", 250)
    (mistake,) = fee_mistakes(agreed, law=laws["CH"])
    assert mistake.startswith(
        "stage second_dunning: fee_minor = 250, but the law of CH gives no fee that was not agreed"
    )
    assert list(fee_mistakes(agreed, cap_because="clause 7 of our terms: CHF 2.50", law=laws["CH"])) == []
    assert list(fee_mistakes(procedure, law=laws["CH"])) == []
    assert list(fee_mistakes(agreed, law=laws["AT"])) == []


def test_a_stage_that_sends_no_letter_charges_nothing(procedure: Procedure) -> None:
    (mistake,) = fee_mistakes(with_fee(procedure, "agency", 100))
    assert "no letter is sent that could cost it" in mistake


@pytest.mark.parametrize(
    ("code", "proven", "amount", "asks"),
    [
        ("AM04", True, "7.32", False),  # no cover
        ("AC04", True, "7.32", False),  # the account is closed
        ("MD01", True, "0", False),  # our mandate was not valid
        ("MD06", True, "0", True),  # the debtor asked for the money back: ask why
        ("MS03", True, "0", True),  # the bank does not say
        ("", True, "0", True),
        ("AM04", False, "0", False),  # no statement shows a charge
    ],
)
def test_charges_of_a_returned_debit_are_passed_on_only_as_proven(
    code: str, proven: bool, amount: str, asks: bool
) -> None:
    charge = ReturnCharge(own_bank=euro("4.00"), other_bank=euro("3.32"), reason_code=code, proven=proven)
    found = passed_on(charge)
    assert (found.amount, found.needs_a_person) == (euro(amount), asks)
    assert found.because.endswith((".", ")."))
