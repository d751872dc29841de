"""What the law of each country says about late payment, and which rule holds for which claim."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from config.country_laws import law_of
from dunning.countries import GERMANY, Applies, ClaimKind, rate_of, read_country
from dunning.interest import interest
from dunning.settings import DunningSettings
from ledger.calendar import Region
from ledger.debtor import DebtorType
from ledger.money import Money

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.interest import BaseRates

BUSINESS, CONSUMER, UNKNOWN = DebtorType.BUSINESS, DebtorType.CONSUMER, DebtorType.UNKNOWN
OLD, NEW = date(2014, 7, 28), date(2014, 7, 29)
SALE = ClaimKind.PERFORMANCE

# country, debtor, claim, contract, performed (of a continuing contract) -> points above the base rate, or flat
RULES = [
    ("DE", BUSINESS, SALE, None, None, "+9"),
    ("DE", CONSUMER, SALE, None, None, "+5"),
    ("DE", UNKNOWN, SALE, None, None, "+5"),
    ("DE", BUSINESS, ClaimKind.OTHER, None, None, "+5"),  # damages, the lump sum itself
    ("DE", BUSINESS, SALE, OLD, None, "+8"),
    ("DE", BUSINESS, SALE, NEW, None, "+9"),
    ("DE", CONSUMER, SALE, OLD, None, "+5"),
    ("DE", BUSINESS, SALE, OLD, date(2016, 6, 30), "+8"),
    ("DE", BUSINESS, SALE, OLD, date(2016, 7, 1), "+9"),
    # Before the reform of 2002 businesses owed no more than others, and continuing contracts until the end of 2002.
    ("DE", BUSINESS, SALE, date(2001, 12, 31), None, "+5"),
    ("DE", BUSINESS, SALE, date(2002, 1, 1), None, "+8"),
    ("DE", BUSINESS, SALE, date(2001, 12, 31), date(2002, 12, 31), "+5"),
    ("DE", BUSINESS, SALE, date(2001, 12, 31), date(2003, 1, 1), "+8"),
    ("DE", BUSINESS, SALE, date(2001, 12, 31), date(2016, 7, 1), "+9"),
    ("DE", CONSUMER, ClaimKind.CONSUMER_CREDIT, None, None, "+5"),
    ("DE", CONSUMER, ClaimKind.REAL_ESTATE_CREDIT, None, None, "+2.5"),
    ("AT", BUSINESS, SALE, None, None, "+9.2"),
    ("AT", BUSINESS, SALE, date(2013, 3, 16), None, "+9.2"),
    ("AT", BUSINESS, SALE, date(2013, 3, 15), None, "+8"),
    ("AT", BUSINESS, SALE, date(2013, 3, 15), date(2020, 1, 1), "+8"),  # continuing contracts of old, too
    ("AT", BUSINESS, ClaimKind.OTHER, None, None, "4"),
    ("AT", CONSUMER, SALE, None, None, "4"),
    ("AT", UNKNOWN, SALE, None, None, "4"),
    ("CH", BUSINESS, SALE, None, None, "5"),
    ("CH", CONSUMER, SALE, None, None, "5"),
    ("CH", CONSUMER, ClaimKind.CONSUMER_CREDIT, None, None, "5"),
]


@pytest.mark.parametrize(("country", "debtor", "kind", "contract", "performed", "expected"), RULES)
def test_parties_claim_and_contract_choose_the_rate(
    laws: dict[str, CountryLaw],
    country: str,
    debtor: DebtorType,
    kind: ClaimKind,
    contract: date | None,
    performed: date | None,
    expected: str,
) -> None:
    rule = laws[country].default_rule(debtor, kind, contract, performed)
    assert (f"+{rule.above_base}" if rule.above_base is not None else f"{rule.flat}") == expected
    assert rule.law


def test_thirty_days_are_german_and_lump_sums_are_where_the_law_has_them(laws: dict[str, CountryLaw]) -> None:
    assert {country: law.thirty_day_rule for country, law in laws.items()} == {"DE": True, "AT": False, "CH": False}
    sums = {country: law.lump_sum.amount if law.lump_sum else None for country, law in laws.items()}
    assert sums == {"DE": Money(4000, "EUR"), "AT": Money(4000, "EUR"), "CH": None}


def test_where_we_know_no_law_the_german_one_counts() -> None:
    assert law_of("FR") is GERMANY
    assert law_of("DE") is GERMANY


# 1000 euro for 31 days between businesses and with a consumer, and 1000 francs for 19 days
@pytest.mark.parametrize(
    ("country", "debtor", "days", "minor"),
    [("AT", BUSINESS, 31, 911), ("AT", CONSUMER, 31, 340), ("CH", BUSINESS, 19, 260), ("CH", CONSUMER, 365, 5000)],
)
def test_interest_by_austrian_and_swiss_law(
    laws: dict[str, CountryLaw],
    austrian_rates: BaseRates,
    country: str,
    debtor: DebtorType,
    days: int,
    minor: int,
) -> None:
    rate = rate_of(laws[country].default_rule(debtor), austrian_rates)
    start = date(2026, 1, 1)
    claim = interest(Money(100_000, "EUR"), start, start + timedelta(days=days), rate.points, rate.table)
    assert claim.amount == Money(minor, "EUR")


def test_a_flat_rate_is_never_provisional(laws: dict[str, CountryLaw], austrian_rates: BaseRates) -> None:
    rate = rate_of(laws["CH"].default_rule(CONSUMER), austrian_rates)
    far = date(2031, 1, 1)
    assert not interest(Money(1, "EUR"), far, far + timedelta(days=9), rate.points, rate.table).provisional


def test_the_austrian_base_rate_is_not_the_german_one(austrian_rates: BaseRates, rates: BaseRates) -> None:
    assert austrian_rates.known_from == date(2013, 1, 1)
    assert austrian_rates.known_until == rates.known_until
    assert [str(austrian_rates.on(date(2024, month, 1))) for month in (1, 7)] == ["3.88", "3.88"]
    assert str(austrian_rates.on(date(2025, 7, 1))) == "1.53"


def test_an_agreed_margin_replaces_the_statutory_one_for_the_price_of_goods_only(rates: BaseRates) -> None:
    settings = DunningSettings(region=Region("DE"), business_margin_points=Decimal(11))
    agreed = settings.rate(BUSINESS, rates)
    assert agreed.points == 11
    assert agreed.law == "as agreed, instead of § 288 Abs. 2 BGB"
    assert settings.rate(CONSUMER, rates).points == 5
    assert settings.rate(BUSINESS, rates, kind=ClaimKind.OTHER).points == 5
    assert settings.rate(BUSINESS, rates, contract_on=OLD).points == 11
    assert DunningSettings(region=Region("DE")).rate(BUSINESS, rates, contract_on=OLD).points == 8


def test_only_german_merchants_owe_interest_before_default(laws: dict[str, CountryLaw]) -> None:
    rule = laws["DE"].rule(Applies.MERCHANTS_BEFORE_DEFAULT)
    assert rule
    assert (rule.flat, rule.law) == (Decimal(5), "§§ 353, 352 HGB")
    assert laws["AT"].rule(Applies.MERCHANTS_BEFORE_DEFAULT) is None


GOOD = """
country = "XX"
thirty_day_rule = false
limitation_years = 3
limitation_from_year_end = true
[[interest]]
applies = "general"
flat = 4
law = "§ 1"
"""


def test_a_country_is_read_from_its_file() -> None:
    law = read_country(tomllib.loads(GOOD, parse_float=Decimal))
    assert replace(law, interest=()) == replace(
        GERMANY, country="XX", thirty_day_rule=False, lump_sum=None, interest=()
    )


@pytest.mark.parametrize(
    ("spoil", "by", "says"),
    [
        ("limitation_years = 3", "", "country: limitation_years is missing"),
        ("limitation_years = 3", "limitation_years = -1", "limitation_years = -1: write a whole number"),
        ("thirty_day_rule = false", "thirty_day_rule = 1", "thirty_day_rule = 1: write true or false"),
        ('"general"', '"everybody"', "interest 1: applies = 'everybody': write one of business, general"),
        ('"general"', '"business"', 'a rule that applies = "general" is missing'),
        ("flat = 4", "", "interest 1: write either above_base or flat"),
        ("flat = 4", "flat = 4\nabove_base = 9.2", "interest 1: write either above_base or flat"),
        ("flat = 4", "flat = 4\nflatly = 4", "interest 1: flatly is not known here"),
        ("flat = 4", "flat = -4", "interest 1: flat = -4: write percent or points"),
        ('law = "§ 1"', 'law = " "', "interest 1: law = ' ': write a name in quotation marks"),
        ("flat = 4", 'flat = 4\ncontracts_from = "2013"', "interest 1: contracts_from = '2013': write a day such as"),
        ('law = "§ 1"', 'law = "§ 1"\n[lump_sum]\nminor = 4000', "lump_sum: currency is missing"),
    ],
)
def test_every_mistake_in_the_file_of_a_country_is_told(spoil: str, by: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_country(tomllib.loads(GOOD.replace(spoil, by), parse_float=Decimal))
