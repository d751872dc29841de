"""The interest a run shows: on what was open when, by the law of the country, less what was paid on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dunning.gate import AccountReading, GateFacts
from dunning.notice import Channel
from dunning.plan import interest_so_far, plan
from dunning.principal import SettledPart
from dunning.settings import DunningSettings
from dunning.stage import SentStage
from ledger.allocation import AllocationKind
from ledger.calendar import Region, add_bank_days
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.interest import BaseRates, InterestClaim
    from dunning.notice import Notice
    from dunning.stage import Procedure

SETTINGS = DunningSettings(region=Region("DE", "BY"), terms_are_contractual=True)
SHOP = Debtor(
    number="10042", name="Beispiel OHG", street="Weg 1", postcode="80331", city="München", type=DebtorType.BUSINESS
)
# Default since 5 May 2026; 1000 euro at 1.27 + 9 = 10.27 %.
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


def paid(day: str, minor: int, kind: AllocationKind = AllocationKind.PAYMENT) -> SettledPart:
    return SettledPart(day=date.fromisoformat(day), kind=kind, amount=Money(minor, "EUR"))


class Asking:
    """What was accrued by the end of 3 June 2026, where a test does not say otherwise: 30 days."""

    def __init__(self, procedure: Procedure, rates: BaseRates) -> None:
        self.procedure, self.rates = procedure, rates

    def __call__(self, item: OpenItem = ITEM, debtor: Debtor = SHOP, **changed: Any) -> InterestClaim | None:
        settled = changed.pop("settled", ())
        return interest_so_far(
            item,
            debtor,
            run_date=date(2026, 6, 3),
            history=changed.pop("history", ()),
            procedure=self.procedure,
            settings=replace(SETTINGS, **{key: value for key, value in changed.items() if key != "rates"}),
            rates=changed.get("rates", self.rates),
            settled=settled,
        )[1]


@pytest.fixture
def accrued(procedure: Procedure, rates: BaseRates) -> Asking:
    return Asking(procedure, rates)


def minor(claim: InterestClaim | None) -> int:
    assert claim is not None
    return claim.amount.minor


def test_a_part_payment_counts_from_its_day_and_not_for_the_days_before(accrued: Asking) -> None:
    assert minor(accrued()) == 844  # 1000 x 10.27 % x 30/365
    half = replace(ITEM, open_amount=Money(50_000, "EUR"))
    assert minor(accrued(half)) == 422  # a payment we know nothing of: too little rather than too much
    assert minor(accrued(half, settled=[paid("2026-05-15", 50_000)])) == 563  # 10 days on 1000, 20 on 500


def test_a_returned_debit_bears_no_interest_for_the_days_it_was_paid(accrued: Asking) -> None:
    settled = [paid("2026-05-15", 100_000), paid("2026-05-25", -100_000)]
    assert minor(accrued(settled=settled)) == 563  # 10 days, none for 10, then 10 again


def test_an_invoice_of_an_old_contract_bears_eight_points(accrued: Asking) -> None:
    old = replace(ITEM, document_date=date(2014, 7, 28))
    claim = accrued(old)
    assert claim
    assert str(claim.segments[0].rate_percent) == "9.27"


def test_merchants_owe_five_percent_from_the_due_date_where_the_office_says_so(accrued: Asking) -> None:
    reminded = SentStage(
        stage="reminder", sent_on=date(2026, 5, 11), deadline=date(2026, 5, 18), channel=Channel.EMAIL
    )
    changed: dict[str, Any] = {"terms_are_contractual": False, "history": [reminded]}
    late = accrued(**changed)
    merchant = accrued(maturity_interest=True, **changed)
    consumer = accrued(debtor=replace(SHOP, type=DebtorType.CONSUMER), maturity_interest=True, **changed)
    assert late
    assert merchant
    assert consumer
    assert [(s.days, str(s.rate_percent)) for s in late.segments] == [(16, "10.27")]
    assert [(s.days, str(s.rate_percent)) for s in merchant.segments] == [(14, "5"), (16, "10.27")]
    assert [(s.days, str(s.rate_percent)) for s in consumer.segments] == [(16, "6.27")]


def test_a_holiday_of_the_debtors_land_moves_the_first_day(accrued: Asking) -> None:
    # 31 October 2025 is a Friday, and Reformation Day in Saxony but not in Bavaria.
    item = replace(ITEM, due_date=date(2025, 10, 31), document_date=date(2025, 10, 1))
    bavaria, saxony = accrued(item), accrued(item, replace(SHOP, postcode="01067"))
    assert bavaria
    assert saxony
    assert str(bavaria.segments[0].first_day) == "2025-11-01"
    assert str(saxony.segments[0].first_day) == "2025-11-04"


@pytest.mark.parametrize(
    ("country", "debtor_type", "expected"),
    [
        ("AT", DebtorType.BUSINESS, 882),  # 1.53 + 9.2 = 10.73 %
        ("AT", DebtorType.CONSUMER, 329),
        ("CH", DebtorType.BUSINESS, 411),
        ("CH", DebtorType.CONSUMER, 411),
    ],
)
def test_the_law_of_the_company_gives_the_rate(
    accrued: Asking,
    laws: dict[str, CountryLaw],
    austrian_rates: BaseRates,
    country: str,
    debtor_type: DebtorType,
    expected: int,
) -> None:
    debtor = replace(SHOP, country=country, postcode="", type=debtor_type)
    claim = accrued(debtor=debtor, law=laws[country], region=Region(country), rates=austrian_rates)
    assert minor(claim) == expected


def test_without_a_thirty_day_rule_only_a_reminder_or_a_contract_starts_interest(
    accrued: Asking, laws: dict[str, CountryLaw]
) -> None:
    old = replace(ITEM, due_date=date(2026, 3, 2), document_date=date(2026, 2, 16))
    assert accrued(old, terms_are_contractual=False) is not None
    assert accrued(old, terms_are_contractual=False, law=laws["AT"]) is None


@pytest.mark.parametrize(("on_interest", "left"), [(0, 1041), (500, 541), (2000, 0)])
def test_interest_that_was_paid_is_not_asked_for_again(
    procedure: Procedure, rates: BaseRates, on_interest: int, left: int
) -> None:
    # The second letter comes on 10 June, after 37 days: 1000 x 10.27 % x 37/365 = 10.411.
    day = date(2026, 6, 10)
    sent = SentStage(
        stage="first_dunning", sent_on=date(2026, 5, 20), deadline=date(2026, 5, 29), channel=Channel.LETTER
    )
    (notice,) = _planned(procedure, rates, day, sent, on_interest)
    (shown,) = notice.items
    assert shown.interest.minor == left
    assert notice.total.minor == 100_000 + left


def _planned(
    procedure: Procedure, rates: BaseRates, day: date, sent: SentStage, on_interest: int
) -> tuple[Notice, ...]:
    reading = AccountReading(account="DE02120300000000202051", read_until=add_bank_days(day, -1))
    facts = GateFacts(day=day, accounts=(reading,), mirror_age_days=0, credit=Money(0, "EUR"))
    settled = [paid("2026-06-01", on_interest, AllocationKind.INTEREST)]
    return plan(
        run_date=day,
        items=[ITEM],
        debtors={SHOP.number: SHOP},
        history={ITEM.item_id: [sent]},
        procedure=procedure,
        settings=SETTINGS,
        rates=rates,
        facts={(SHOP.number, "EUR"): facts},
        settled={ITEM.item_id: settled},
    ).notices
