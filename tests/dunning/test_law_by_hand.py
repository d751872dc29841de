"""The law in cases worked out by hand: default, holidays of every Land, interest, costs, allocation, limitation."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.allocation_order import Designation, OwedClaim, allocate_payment
from dunning.countries import Applies, ClaimKind, rate_of
from dunning.default import ClaimFacts, EventTerm, Reminder, TermSource, grounds_of_default
from dunning.fee_tables import CollectionRate, collection_cost, court_fee, court_lawyer_cost
from dunning.interest import DayCount, interest, interest_at_rates
from dunning.limitation import Suspension, SuspensionGround, limitation
from dunning.receipt import bounced, confirmed
from ledger.calendar import Region, last_day_to_pay
from ledger.debtor import DebtorType
from ledger.money import Money, from_decimal
from ledger.rounding import half_up

if TYPE_CHECKING:
    from dunning.countries import CountryLaw
    from dunning.fee_tables import FeeSchedule
    from dunning.interest import BaseRates


def day(text: str) -> date:
    return date.fromisoformat(text)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


def places(lands: str) -> tuple[Region, ...]:
    return tuple(Region("DE", land) for land in lands.split())


# The last day to pay what is due on a day, by the Land of the creditor and of the debtor (§ 193 BGB).
HOLIDAYS = """
2025-08-15 | SL          | 2025-08-18 | Assumption, a Friday, is a holiday in the Saarland
2025-08-15 | BY          | 2025-08-18 | and in most towns of Bavaria
2025-08-15 | HE          | 2025-08-15 | and a working day in Hesse
2025-08-08 | Augsburg    | 2025-08-11 | the Peace Festival of Augsburg
2025-08-08 | BY          | 2025-08-08 | and of no other town
2025-11-19 | SN          | 2025-11-20 | the Day of Repentance has been left to Saxony alone
2025-11-19 | BY          | 2025-11-19 | in Bavaria only schools are closed
2026-06-04 | HE          | 2026-06-05 | Corpus Christi
2026-06-04 | SN          | 2026-06-05 | is kept in some Catholic villages of Saxony
2026-06-04 | TH          | 2026-06-05 | and of Thuringia
2026-06-04 | NI          | 2026-06-04 |
2016-10-31 | BB          | 2016-11-01 | Reformation Day in the east
2016-10-31 | HH          | 2016-10-31 | and not in the north before 2018
2017-10-31 | HE          | 2017-11-01 | 500 years on, once everywhere
2017-10-31 | NW          | 2017-11-02 | where All Saints follows
2018-10-31 | HH          | 2018-11-01 | in the north since 2018
2018-10-31 | HE          | 2018-10-31 | and no more in Hesse
2019-03-08 | BE          | 2019-03-11 | Women's Day, a Friday, in Berlin since 2019
2018-03-08 | BE          | 2018-03-08 |
2022-03-08 | MV          | 2022-03-08 |
2023-03-08 | MV          | 2023-03-09 | in Mecklenburg since 2023
2019-09-20 | TH          | 2019-09-23 | Children's Day, a Friday, in Thuringia since 2019
2018-09-20 | TH          | 2018-09-20 |
2020-05-08 | BE          | 2020-05-11 | 75 years after the war, a Friday, once
2020-05-08 | BB          | 2020-05-08 |
2025-05-08 | BE          | 2025-05-09 | and 80 years after it, once
2026-05-08 | BE          | 2026-05-08 |
2024-11-01 | RP          | 2024-11-04 | All Saints, a Friday
2024-11-01 | HH          | 2024-11-01 |
2026-01-06 | ST          | 2026-01-07 | Epiphany
2026-01-06 | HE          | 2026-01-06 |
2025-04-18 | HH          | 2025-04-22 | Good Friday until Easter Tuesday
2026-12-25 | HH          | 2026-12-28 | Christmas on a Friday
2024-12-24 | BY          | 2024-12-24 | Christmas Eve is a working day
2026-12-31 | BY          | 2026-12-31 | and so is New Year's Eve
2027-01-01 | BY          | 2027-01-04 |
2026-10-03 | NW          | 2026-10-05 | Unity Day on a Saturday
2024-10-31 | HH BY       | 2024-11-01 | Reformation Day in Hamburg, All Saints only in Bavaria: each Land for itself
2024-10-31 | BY HH       | 2024-11-01 | whoever of them is the creditor
2025-06-19 | HH BW       | 2025-06-20 | the later of both Länder
2024-02-29 | HH          | 2024-02-29 | a Thursday
"""


@pytest.mark.parametrize("row", HOLIDAYS.strip().splitlines())
def test_the_last_day_to_pay_in_each_land(row: str) -> None:
    due, lands, last, _ = (cell.strip() for cell in row.split("|"))
    assert last_day_to_pay(day(due), places(lands)) == day(last)


def facts(due: str, **more: str) -> ClaimFacts:
    """Build the facts of a claim from words; what is not named did not happen."""
    received = more.get("received")
    return ClaimFacts(
        due_date=day(due),
        term=TermSource(more.get("term", "invoice_only")),
        event=EventTerm(event_on=day(more["event"]), days=int(more.get("days", "0"))) if "event" in more else None,
        invoice_received=confirmed(day(received)) if received else None,
        performance_received_on=day(more["goods"]) if "goods" in more else None,
        consumer_notice=more.get("notice") == "yes",
        reminders=tuple(
            Reminder(
                receipt=bounced(day(arrived)) if "bounced" in more else confirmed(day(arrived)),
                deadline=day(more["until"]) if "until" in more else None,
            )
            for arrived in more.get("reminder", "").split()
        ),
        court_claim_served_on=day(more["served"]) if "served" in more else None,
        refused_on=day(more["refused"]) if "refused" in more else None,
    )


# due, debtor, Land, what else is known -> the first day of default and its ground (§ 286 BGB)
DEFAULTS = """
2025-04-18 | business | HH | term=contract                                   | 2025-04-23 calendar_date
2024-12-31 | consumer | HH | term=accepted_terms                             | 2025-01-01 calendar_date
2024-02-29 | business | HH | term=contract                                   | 2024-03-01 calendar_date
2025-06-13 | business | HH |                                                 | none
2025-05-20 | business | HE | term=contract event=2025-05-20 days=30          | 2025-06-21 event_plus_days
2025-05-20 | business | HH | term=contract event=2025-05-20 days=30          | 2025-06-20 event_plus_days
2024-01-31 | business | HH | term=contract event=2024-01-31 days=30          | 2024-03-02 event_plus_days
2025-01-31 | business | HH | received=2025-01-31                             | 2025-03-04 thirty_days
2024-01-31 | business | HH | received=2024-01-31                             | 2024-03-02 thirty_days
2024-11-25 | business | HH | received=2024-11-25                             | 2024-12-28 thirty_days
2025-06-16 | business | HH | received=2025-06-02                             | 2025-07-17 thirty_days
2025-06-14 | business | HH | received=2025-06-02                             | 2025-07-17 thirty_days
2025-06-02 | business | HH | received=2025-06-16                             | 2025-07-17 thirty_days
2025-06-16 | consumer | HH | received=2025-06-02                             | none
2025-06-16 | unknown  | HH | received=2025-06-02                             | none
2025-06-16 | consumer | HH | received=2025-06-02 notice=yes                  | 2025-07-17 thirty_days
2025-05-05 | business | HE | goods=2025-05-20                                | 2025-06-21 thirty_days
2025-05-05 | business | HH | goods=2025-05-20                                | 2025-06-20 thirty_days
2025-05-05 | consumer | HH | goods=2025-05-20 notice=yes                     | none
2025-06-13 | consumer | HH | reminder=2025-06-13                             | none
2025-06-13 | consumer | HH | reminder=2025-06-14                             | 2025-06-15 reminder
2025-06-14 | consumer | HH | reminder=2025-06-16                             | none
2025-06-14 | consumer | HH | reminder=2025-06-17                             | 2025-06-18 reminder
2025-06-13 | consumer | HH | reminder=2025-06-20 bounced=yes                 | none
2025-06-13 | consumer | HH | reminder=2025-06-20 until=2025-06-28            | 2025-07-01 reminder
2025-06-13 | business | HH | received=2025-05-30 reminder=2025-07-01 until=2025-07-31 | 2025-07-15 thirty_days
2025-06-13 | business | HH | term=contract reminder=2025-06-20 until=2025-06-30       | 2025-06-14 calendar_date
2025-03-17 | consumer | HH | refused=2025-03-03                              | 2025-03-18 refusal
2025-03-17 | consumer | HH | refused=2025-04-02                              | 2025-04-03 refusal
2025-03-17 | consumer | HH | served=2025-09-05                               | 2025-09-06 court_claim
"""


@pytest.mark.parametrize("row", DEFAULTS.strip().splitlines())
def test_since_when_somebody_is_in_default(row: str) -> None:
    due, debtor, land, known, expected = (cell.strip() for cell in row.split("|"))
    more = dict(pair.split("=") for pair in known.split())
    found = grounds_of_default(facts(due, **more), DebtorType(debtor), places(land))
    assert (f"{found[0].first_day} {found[0].basis}" if found else "none") == expected


# principal, first day, end (not included), points; act/act and act/365
INTEREST = [
    ("1000.00", "2024-02-29", "2024-03-01", "9", "0.34", "0.35"),  # the 29 February: 1000 x 12.62 % / 366
    ("1000.00", "2020-12-31", "2021-01-02", "9", "0.44", "0.44"),  # 81.20/366 + 81.20/365
    ("7500.00", "2012-06-20", "2012-07-11", "8", "34.94", "35.04"),  # a half-year with the same rate
    ("7500.00", "2012-12-20", "2013-01-20", "8", "50.69", "50.75"),  # below zero, and out of a leap year
    ("250.00", "2002-01-01", "2002-07-01", "5", "9.38", "9.38"),  # the first half-year of the table
    ("250.00", "2002-06-30", "2002-07-02", "8", "0.14", "0.14"),
    ("99.99", "2008-12-15", "2009-02-01", "8", "1.34", "1.34"),
    ("4321.09", "2016-06-30", "2016-07-02", "9", "1.92", "1.93"),
    ("100000.00", "2022-12-31", "2023-01-02", "9", "51.34", "51.34"),  # 8.12 % one day, 10.62 % the next
    ("20000.00", "2019-01-01", "2020-01-01", "5", "824.00", "824.00"),  # a year of 365 days is a whole year
    ("20000.00", "2020-01-01", "2021-01-01", "5", "824.00", "826.26"),  # and so is one of 366
    ("20000.00", "2023-10-01", "2024-04-01", "2.5", "587.64", "588.47"),  # a consumer credit with a mortgage
    ("0.01", "2016-01-01", "2026-01-01", "9", "0.01", "0.01"),
    ("12345.67", "2014-07-29", "2026-07-01", "9", "13370.19", "13379.92"),  # more than the claim itself
    ("888.88", "2026-06-30", "2026-07-02", "9", "0.51", "0.51"),
    ("1000000.00", "2026-07-01", "2026-07-02", "9", "288.22", "288.22"),
]


@pytest.mark.parametrize(("principal", "first", "end", "points", "act_act", "act_365"), INTEREST)
def test_interest_by_hand(
    rates: BaseRates, principal: str, first: str, end: str, points: str, act_act: str, act_365: str
) -> None:
    claim = euro(principal), day(first), day(end), Decimal(points), rates
    assert interest(*claim).amount == euro(act_act)
    assert interest(*claim, day_count=DayCount.ACT_365).amount == euro(act_365)


def test_interest_in_a_foreign_currency_and_in_one_without_cents(rates: BaseRates) -> None:
    days = day("2025-04-01"), day("2025-05-01")
    assert interest(Money(100_000, "USD"), *days, Decimal(9), rates).amount == Money(926, "USD")
    assert interest(Money(100_000, "JPY"), *days, Decimal(9), rates).amount == Money(926, "JPY")


def test_a_merchants_interest_before_default_in_a_leap_year(laws: dict[str, CountryLaw], rates: BaseRates) -> None:
    law = laws["DE"]
    before = law.rule(Applies.MERCHANTS_BEFORE_DEFAULT)
    assert before
    changes = [
        (day("2024-02-01"), rate_of(before, rates)),
        (day("2024-03-01"), rate_of(law.default_rule(DebtorType.BUSINESS), rates)),
    ]
    # 10000 x (5 % x 29 + 12.62 % x 31) / 366 = 39.617 + 106.891
    claim = interest_at_rates([(day("2024-02-01"), euro("10000.00"))], changes, day("2024-04-01"))
    assert claim.amount == euro("146.51")


def test_a_principal_and_a_rate_that_change_on_the_same_day(rates: BaseRates, laws: dict[str, CountryLaw]) -> None:
    nine = rate_of(laws["DE"].default_rule(DebtorType.BUSINESS), rates)
    principal = [(day("2025-06-01"), euro("8000.00")), (day("2025-07-01"), euro("3000.00"))]
    claim = interest_at_rates(principal, [(day("2025-06-01"), nine)], day("2025-08-01"))
    # 8000 x 11.27 % x 30/365 + 3000 x 10.27 % x 31/365 = 74.104 + 26.167
    assert [(one.days, str(one.rate_percent)) for one in claim.segments] == [(30, "11.27"), (31, "10.27")]
    assert claim.amount == euro("100.27")


# country, debtor, claim, contract; 1000.00 from 15 December 2024 until 14 January 2025, both included
ABROAD = [
    ("AT", "business", "performance", None, "10.57"),  # 13.08 % x 17/366 + 11.73 % x 14/365
    ("AT", "business", "performance", "2013-03-15", "9.56"),  # 11.88 % and 10.53 %
    ("AT", "consumer", "performance", None, "3.39"),  # 4 % x 17/366 + 4 % x 14/365 = 3.392
    ("AT", "business", "other", None, "3.39"),
    ("CH", "business", "performance", None, "4.24"),  # 5 %
    ("DE", "business", "other", None, "6.68"),  # 8.37 % x 17/366 + 7.27 % x 14/365 = 3.888 + 2.788
    ("DE", "business", "performance", None, "10.07"),  # 12.37 % and 11.27 %
    ("DE", "business", "performance", "2014-07-28", "9.22"),  # 11.37 % and 10.27 %
    ("DE", "business", "performance", "2001-12-31", "6.68"),
    ("DE", "consumer", "performance", None, "6.68"),
]


@pytest.mark.parametrize(("country", "debtor", "kind", "contract", "amount"), ABROAD)
def test_a_month_of_default_over_new_year_by_country_and_contract(
    laws: dict[str, CountryLaw],
    rates: BaseRates,
    austrian_rates: BaseRates,
    country: str,
    debtor: str,
    kind: str,
    contract: str | None,
    amount: str,
) -> None:
    rule = laws[country].default_rule(DebtorType(debtor), ClaimKind(kind), day(contract) if contract else None)
    rate = rate_of(rule, austrian_rates if country == "AT" else rates)
    claim = interest(euro("1000.00"), day("2024-12-15"), day("2025-01-15"), rate.points, rate.table)
    assert claim.amount == euro(amount)


@settings(max_examples=60)
@given(
    first=st.dates(min_value=date(2002, 1, 1), max_value=date(2026, 6, 30)),
    length=st.integers(min_value=0, max_value=500),
    minor=st.integers(min_value=1, max_value=10**9),
    points=st.sampled_from([Decimal("2.5"), Decimal(5), Decimal(8), Decimal(9)]),
    day_count=st.sampled_from(DayCount),
)
def test_segments_give_what_adding_up_day_by_day_gives(
    rates: BaseRates, first: date, length: int, minor: int, points: Decimal, day_count: DayCount
) -> None:
    by_half_year = {rate.valid_from: rate.percent for rate in rates.rates}
    exact = Fraction(0)
    for number in range(length):
        one = first + timedelta(days=number)
        percent = by_half_year.get(date(one.year, 1 if one.month < 7 else 7, 1), rates.rates[-1].percent) + points
        basis = 366 if day_count is DayCount.ACT_ACT and isleap(one.year) else 365
        exact += Fraction(minor) * Fraction(percent) / 100 / basis
    end = first + timedelta(days=length)
    claim = interest(Money(minor, "EUR"), first, end, points, rates, day_count=day_count)
    assert claim.amount.minor == half_up(exact)


# value, mandate or application, rate -> the fee, expenses
COLLECTION = [
    ("50.00", "2021-10-01", CollectionRate.UNDISPUTED, "27.00", "5.40"),  # 30.00 x 0.9
    ("50.00", "2021-09-30", CollectionRate.UNDISPUTED, "44.10", "8.82"),  # before 30.00 was law
    ("500.00", "2025-06-01", CollectionRate.SIMPLE, "25.75", "5.15"),
    ("500.01", "2025-06-01", CollectionRate.SIMPLE, "46.50", "9.30"),
    ("1000.00", "2025-06-01", CollectionRate.UNDISPUTED, "83.70", "16.74"),
    ("1000.01", "2025-06-01", CollectionRate.UNDISPUTED, "121.05", "20.00"),  # 134.50 x 0.9
    ("1500.00", "2025-05-31", CollectionRate.UNDISPUTED, "114.30", "20.00"),  # 127.00 x 0.9
    ("5000.00", "2025-06-01", CollectionRate.DISPUTED, "460.85", "20.00"),  # 354.50 x 1.3
    ("5000.00", "2020-12-31", CollectionRate.DISPUTED, "393.90", "20.00"),  # 303.00 x 1.3
    ("600000.00", "2025-06-01", CollectionRate.UNDISPUTED, "3691.80", "20.00"),  # 4102.00 x 0.9
]


@pytest.mark.parametrize(("value", "mandate", "rate", "fee", "expenses"), COLLECTION)
def test_what_an_agency_may_cost(
    fees: FeeSchedule, value: str, mandate: str, rate: CollectionRate, fee: str, expenses: str
) -> None:
    cost = collection_cost(euro(value), day(mandate), rate, fees)
    assert (cost.fee, cost.expenses) == (euro(fee), euro(expenses))


# value, application -> the court's fee, and a lawyer's for the order and its enforcement with expenses
COURT = [
    ("100.00", "2020-12-31", "32.00", "81.00"),  # 45.00 + 22.50, and a fifth
    ("100.00", "2021-01-01", "36.00", "88.20"),
    ("100.00", "2025-05-31", "36.00", "88.20"),
    ("100.00", "2025-06-01", "38.00", "92.70"),
    ("1000.00", "2025-06-01", "38.00", "159.50"),  # 93.00 + 46.50, and 20.00
    ("1500.00", "2025-06-01", "41.00", "221.75"),
    ("2400.00", "2021-01-01", "59.50", "353.00"),
    ("2400.00", "2025-06-01", "62.75", "373.25"),
    ("500000.00", "2025-06-01", "2069.00", "5648.00"),
]


@pytest.mark.parametrize(("value", "applied", "court", "lawyer"), COURT)
def test_what_an_order_for_payment_costs(
    fees: FeeSchedule, value: str, applied: str, court: str, lawyer: str
) -> None:
    assert court_fee(euro(value), day(applied), fees) == euro(court)
    assert court_lawyer_cost(euro(value), day(applied), fees, enforcement=True).total == euro(lawyer)


def owed(line: str) -> OwedClaim:
    """Read "RE-1 due since principal interest costs rate", and what marks it: secured, credit."""
    name, due, since, principal, accrued, costs, rate, *marks = line.split()
    return OwedClaim(
        claim_id=name,
        document_number=name,
        due_date=day(due),
        since=day(since),
        principal=euro(principal),
        interest=euro(accrued),
        costs=euro(costs),
        rate_percent=Decimal(rate),
        secured="secured" in marks,
        consumer_credit="credit" in marks,
    )


OLD = "OLD 2025-02-03 2025-01-03 1000.00 20.00 40.00 10.27"
YOUNG = "YOUNG 2025-04-01 2025-03-01 500.00 5.00 0 10.27"
DEAR = "DEAR 2025-04-01 2025-03-01 500.00 5.00 0 12.00"
SAFE = "SAFE 2025-01-02 2024-12-02 500.00 5.00 0 10.27 secured"
LATER = "LATER 2025-12-01 2024-11-01 500.00 0 0 10.27"
CREDIT = "CREDIT 2025-02-03 2025-01-03 1000.00 20.00 40.00 6.27 credit"
TWIN = "TWIN 2025-02-03 2025-01-03 500.00 10.00 20.00 10.27"

# paid on 2 June 2025, what is owed, what the debtor names -> steps: claim, bucket, amount
PAID = [
    ("40.00", [OLD], "", "OLD costs 40.00"),
    ("60.01", [OLD], "", "OLD costs 40.00, OLD interest 20.00, OLD principal 0.01"),
    ("1000.00", [OLD], "", "OLD principal 1000.00"),  # exactly the invoice names the invoice
    ("1060.00", [OLD], "", "OLD costs 40.00, OLD interest 20.00, OLD principal 1000.00"),
    ("50.00", [CREDIT], "", "CREDIT costs 40.00, CREDIT principal 10.00"),
    ("1050.00", [CREDIT], "", "CREDIT costs 40.00, CREDIT principal 1000.00, CREDIT interest 10.00"),
    ("100.00", [LATER, SAFE, YOUNG, OLD], "", "OLD costs 40.00, OLD interest 20.00, OLD principal 40.00"),
    ("100.00", [SAFE, YOUNG, OLD, DEAR], "", "DEAR interest 5.00, DEAR principal 95.00"),
    ("100.00", [LATER, SAFE], "", "SAFE interest 5.00, SAFE principal 95.00"),
    ("100.00", [LATER, SAFE], "LATER", "LATER principal 100.00"),
    ("505.00", [OLD, YOUNG], "", "YOUNG interest 5.00, YOUNG principal 500.00"),
    ("510.00", [OLD, YOUNG], "YOUNG", "YOUNG interest 5.00, YOUNG principal 500.00, OLD costs 5.00"),
    # 1060 and 530 of one age: two thirds and one third of 90.00.
    ("90.00", [OLD, TWIN], "", "OLD costs 40.00, OLD interest 20.00, TWIN costs 20.00, TWIN interest 10.00"),
]


@pytest.mark.parametrize(("payment", "claims", "named", "expected"), PAID)
def test_what_a_payment_settles(payment: str, claims: list[str], named: str, expected: str) -> None:
    meant = Designation(claim_ids=tuple(named.split())) if named else None
    found = allocate_payment(euro(payment), day("2025-06-02"), [owed(one) for one in claims], meant)
    steps = [f"{step.claim_id} {step.part} {step.amount.decimal()}" for step in found.steps]
    assert ", ".join(steps) == expected
    assert not found.unused


# due, suspended from and until and why, acknowledged -> the last day (§§ 195, 199, 203 ff., 212 BGB)
LIMITATION = [
    ("2023-01-01", "", "", "2026-12-31"),
    ("2023-12-31", "", "", "2026-12-31"),
    ("2024-01-31", "", "2025-03-20", "2028-03-20"),
    ("2024-01-31", "", "2024-12-31", "2027-12-31"),  # before the time began
    ("2024-01-31", "", "2025-01-01", "2028-01-01"),  # on its first day
    ("2022-05-10", "negotiations 2025-12-20 2026-01-31", "", "2026-04-30"),  # three months are left
    ("2022-05-10", "deferral 2024-01-01 2024-12-31", "", "2027-01-01"),  # 366 days
    ("2022-05-10", "court 2025-12-15 2026-01-15", "", "2026-08-01"),  # 17 days were left on 15 July
]


@pytest.mark.parametrize(("due", "suspended", "acknowledged", "end"), LIMITATION)
def test_until_when_a_claim_can_be_enforced(due: str, suspended: str, acknowledged: str, end: str) -> None:
    pauses = []
    if suspended:
        ground, first, last = suspended.split()
        pauses = [Suspension(ground=SuspensionGround(ground), first_day=day(first), last_day=day(last))]
    found = limitation(day(due), suspensions=pauses, acknowledged_on=[day(one) for one in acknowledged.split()])
    assert found.end == day(end)
