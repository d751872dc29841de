"""The lump sum in a run: asked for only where a stage claims it, of businesses in default, once for each invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dunning.costs import lump_sum_mistakes
from dunning.countries import GERMANY
from dunning.gate import AccountReading, GateFacts
from dunning.notice import Channel
from dunning.plan import plan
from dunning.principal import SettledPart
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.allocation import AllocationKind
from ledger.calendar import Region, add_bank_days
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dunning.countries import CountryLaw
    from dunning.interest import BaseRates
    from dunning.notice import Notice
    from dunning.stage import Procedure

DAY = date(2026, 6, 10)
SETTINGS = DunningSettings(region=Region("DE", "BY"), terms_are_contractual=True)
SHOP = Debtor(
    number="10042", name="Beispiel OHG", street="Weg 1", postcode="80331", city="München", type=DebtorType.BUSINESS
)
ITEM = OpenItem(
    item_id="file:invoice:RE-1",
    document_number="RE-1",
    kind=ItemKind.INVOICE,
    debtor_number="10042",
    document_date=date(2026, 4, 20),
    due_date=date(2026, 5, 4),
    amount=Money(100_000, "EUR"),
    open_amount=Money(100_000, "EUR"),
)
FIRST = SentStage(
    stage="first_dunning", sent_on=date(2026, 5, 20), deadline=date(2026, 5, 29), channel=Channel.LETTER
)


def claiming(procedure: Procedure, *names: str, **changed: Any) -> Procedure:
    def claims(stages: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(replace(s, claims_lump_sum=True, **changed) if s.name in names else s for s in stages)

    tracks = tuple(replace(track, stages=claims(track.stages)) for track in procedure.tracks)
    return replace(procedure, stages=claims(procedure.stages), tracks=tracks)


def second_letter(
    procedure: Procedure,
    rates: BaseRates,
    *items: OpenItem,
    debtor: Debtor = SHOP,
    settled: Sequence[SettledPart] = (),
    **settings: Any,
) -> Notice:
    reading = AccountReading(account="DE02120300000000202051", read_until=add_bank_days(DAY, -1))
    facts = GateFacts(day=DAY, accounts=(reading,), mirror_age_days=0, credit=Money(0, "EUR"))
    asked = items or (ITEM,)
    (notice,) = plan(
        run_date=DAY,
        items=asked,
        debtors={debtor.number: debtor},
        history={item.item_id: [FIRST] for item in asked},
        procedure=procedure,
        settings=replace(SETTINGS, **settings),
        rates=rates,
        facts={(debtor.number, "EUR"): facts},
        settled={ITEM.item_id: settled},
    ).notices
    assert notice.stage == "second_dunning"
    assert notice.total == total((claim for item in notice.items for claim in item.claims), "EUR")
    return notice


def lump_sums(notice: Notice) -> list[int | None]:
    return [item.lump_sum.minor if item.lump_sum else None for item in notice.items]


def test_the_house_claims_no_lump_sum_of_its_own_accord(procedure: Procedure, rates: BaseRates) -> None:
    assert not any(stage.claims_lump_sum for track in procedure.by_track.values() for stage in track.stages)
    assert lump_sums(second_letter(procedure, rates)) == [None]


def test_a_stage_that_claims_it_asks_for_forty_euros_on_each_late_invoice(
    procedure: Procedure, rates: BaseRates
) -> None:
    second = replace(ITEM, item_id="file:invoice:RE-2", document_number="RE-2", open_amount=Money(100, "EUR"))
    notice = second_letter(claiming(procedure, "second_dunning"), rates, ITEM, second)
    assert lump_sums(notice) == [4_000, 4_000]  # once for each, however small (ECJ C-585/20)


@pytest.mark.parametrize("kind", [DebtorType.CONSUMER, DebtorType.UNKNOWN])
def test_nobody_owes_it_who_is_not_known_to_be_a_business(
    kind: DebtorType, procedure: Procedure, rates: BaseRates
) -> None:
    notice = second_letter(claiming(procedure, "second_dunning"), rates, debtor=replace(SHOP, type=kind))
    assert lump_sums(notice) == [None]


def test_before_default_nobody_owes_it(procedure: Procedure, rates: BaseRates) -> None:
    # The term was merely printed, the first letter was no Mahnung, and thirty days are not over.
    stages = tuple(replace(stage, is_mahnung=False) for stage in procedure.stages)
    late = replace(ITEM, due_date=date(2026, 6, 2), document_date=date(2026, 5, 26))
    quick = claiming(replace(procedure, stages=stages), "second_dunning", days_overdue=5, days_after_previous=1)
    assert lump_sums(second_letter(quick, rates, late, terms_are_contractual=False)) == [None]
    assert lump_sums(second_letter(quick, rates, late)) == [4_000]


def test_an_invoice_of_before_the_law_bears_none(procedure: Procedure, rates: BaseRates) -> None:
    old = replace(ITEM, document_date=date(2014, 7, 28))
    assert lump_sums(second_letter(claiming(procedure, "second_dunning"), rates, old)) == [None]


@pytest.mark.parametrize(("paid", "asked"), [(0, 4_000), (1_500, 2_500), (4_000, None), (9_000, None)])
def test_what_was_paid_on_its_costs_counts_towards_it(
    paid: int, asked: int | None, procedure: Procedure, rates: BaseRates
) -> None:
    settled = [SettledPart(day=date(2026, 6, 1), kind=AllocationKind.FEE, amount=Money(paid, "EUR"))]
    assert lump_sums(second_letter(claiming(procedure, "second_dunning"), rates, settled=settled)) == [asked]


def test_no_fee_stands_beside_it(procedure: Procedure, rates: BaseRates) -> None:
    both = claiming(procedure, "second_dunning", fee_minor=150)
    (item,) = second_letter(both, rates).items
    assert (item.fee, item.lump_sum) == (None, Money(4_000, "EUR"))
    (of_consumer,) = second_letter(both, rates, debtor=replace(SHOP, type=DebtorType.CONSUMER)).items
    assert (of_consumer.fee, of_consumer.lump_sum) == (Money(150, "EUR"), None)


def test_interest_that_was_paid_is_told_beside_what_is_left(procedure: Procedure, rates: BaseRates) -> None:
    settled = [SettledPart(day=date(2026, 6, 1), kind=AllocationKind.INTEREST, amount=Money(500, "EUR"))]
    (item,) = second_letter(procedure, rates, settled=settled).items
    assert (item.interest_accrued, item.interest_paid, item.interest) == (
        Money(1041, "EUR"),
        Money(500, "EUR"),
        Money(541, "EUR"),
    )
    (untouched,) = second_letter(procedure, rates).items
    assert untouched.interest_paid is None


def test_a_claim_that_can_never_arise_is_a_mistake_of_the_procedure(
    procedure: Procedure, laws: dict[str, CountryLaw]
) -> None:
    assert list(lump_sum_mistakes(procedure, GERMANY)) == []
    claims = claiming(procedure, "final_notice")
    assert list(lump_sum_mistakes(claims, GERMANY)) == []  # the consumers' step has it from everybody's
    swiss = list(lump_sum_mistakes(claims, laws["CH"]))
    assert len(swiss) == len([t for t in claims.by_track.values() if any(s.claims_lump_sum for s in t.stages)])
    assert swiss[0] == (
        "track standard, stage final_notice: claims_lump_sum = true, but the law of CH knows none; write false"
    )


def test_a_step_of_consumers_that_claims_it_is_a_mistake(procedure: Procedure) -> None:
    only_theirs = tuple(
        replace(track, stages=tuple(replace(s, claims_lump_sum=s.name == "final_notice") for s in track.stages))
        if track.name == "consumer"
        else track
        for track in procedure.tracks
    )
    (mistake,) = lump_sum_mistakes(replace(procedure, tracks=only_theirs), GERMANY)
    assert mistake == (
        "track consumer, stage final_notice: claims_lump_sum = true, but consumers owe none (§ 288 Abs. 5 BGB); "
        "write false"
    )


def test_a_fee_beside_it_is_a_mistake(procedure: Procedure) -> None:
    both = replace(claiming(procedure, "final_notice", fee_minor=150), tracks=())
    (mistake,) = lump_sum_mistakes(both, GERMANY)
    assert "the lump sum covers the fee" in mistake
