"""What courts, lawyers and agencies may cost, by value and date."""

from __future__ import annotations

import csv
import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.fee_tables import (
    CollectionRate,
    collection_cost,
    court_fee,
    court_lawyer_cost,
    payment_plan_cost,
    read_fee_schedule,
    table_on,
)
from dunning.law_table import checksum
from ledger.money import Money, from_decimal

if TYPE_CHECKING:
    from dunning.fee_tables import FeeSchedule

CONFIG = Path(__file__).parents[2] / "config"
SHARED = os.environ.get("KONTORIST_SHARED_DATA", "")
OLD, NEW = date(2025, 5, 31), date(2025, 6, 1)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


# value, lawyer, court: the printed tables of RVG and GKG from August 2013 to December 2020
PRINTED_2013 = [
    ("500.00", "45.00", "35.00"),
    ("500.01", "80.00", "53.00"),
    ("2000.00", "150.00", "89.00"),
    ("10000.00", "558.00", "241.00"),
    ("25000.00", "788.00", "371.00"),
    ("50000.00", "1163.00", "546.00"),
    ("200000.00", "2013.00", "1746.00"),
    ("500000.00", "3213.00", "3536.00"),
    ("500000.01", "3363.00", "3716.00"),
]


@pytest.mark.parametrize("day", [date(2013, 8, 1), date(2020, 12, 31)])
@pytest.mark.parametrize(("value", "lawyer", "court"), PRINTED_2013)
def test_older_mandates_keep_their_tables(fees: FeeSchedule, value: str, lawyer: str, court: str, day: date) -> None:
    assert table_on(fees.lawyer, day).fee(euro(value)) == euro(lawyer)
    assert table_on(fees.court, day).fee(euro(value)) == euro(court)


# value, lawyer until May 2025 and since, court until May 2025 and since: the printed tables of RVG and GKG
PRINTED = [
    ("0.01", "49.00", "51.50", "38.00", "40.00"),
    ("500.00", "49.00", "51.50", "38.00", "40.00"),
    ("500.01", "88.00", "93.00", "58.00", "61.00"),
    ("1000.00", "88.00", "93.00", "58.00", "61.00"),
    ("1500.00", "127.00", "134.50", "78.00", "82.00"),
    ("2000.01", "222.00", "235.50", "119.00", "125.50"),
    ("10000.00", "614.00", "652.00", "266.00", "283.00"),
    ("10000.01", "666.00", "707.00", "295.00", "313.50"),
    ("25000.00", "874.00", "927.00", "411.00", "435.50"),
    ("50000.00", "1279.00", "1357.00", "601.00", "638.00"),
    ("200000.00", "2219.00", "2352.00", "1921.00", "2038.00"),
    ("500000.00", "3539.00", "3752.00", "3901.00", "4138.00"),
    ("500000.01", "3704.00", "3927.00", "4099.00", "4348.00"),
]


@pytest.mark.parametrize(("value", "lawyer_old", "lawyer", "court_old", "court"), PRINTED)
def test_fees_are_those_of_the_printed_tables(
    fees: FeeSchedule, value: str, lawyer_old: str, lawyer: str, court_old: str, court: str
) -> None:
    assert table_on(fees.lawyer, OLD).fee(euro(value)) == euro(lawyer_old)
    assert table_on(fees.lawyer, NEW).fee(euro(value)) == euro(lawyer)
    assert table_on(fees.court, OLD).fee(euro(value)) == euro(court_old)
    assert table_on(fees.court, NEW).fee(euro(value)) == euro(court)


@pytest.mark.parametrize(
    ("value", "day", "fee"),
    [
        ("119.00", NEW, "38.00"),  # half of 40 is less than the minimum
        ("119.00", OLD, "36.00"),
        ("1500.00", NEW, "41.00"),
        ("3000.00", NEW, "62.75"),  # half of 125.50
        ("20000.00", NEW, "202.50"),
        ("600000.00", NEW, "2279.00"),  # two begun steps above 500,000: (4138 + 2 x 210) / 2
        ("600000.01", NEW, "2384.00"),
        ("1000.00", date(2020, 12, 31), "32.00"),
        ("1000.01", date(2020, 12, 31), "35.50"),
        ("1000.00", date(2021, 1, 1), "36.00"),
        ("1500.00", OLD, "39.00"),
    ],
)
def test_the_court_takes_half_a_fee_for_a_mahnbescheid(fees: FeeSchedule, value: str, day: date, fee: str) -> None:
    assert court_fee(euro(value), day, fees) == euro(fee)


# value, mandate, rate, fee, expenses (a fifth, 20 EUR at most)
AGENCY = [
    ("300.00", NEW, CollectionRate.UNDISPUTED, "46.35", "9.27"),  # 51.50 x 0.9
    ("300.00", NEW, CollectionRate.SIMPLE, "25.75", "5.15"),
    ("300.00", NEW, CollectionRate.DISPUTED, "66.95", "13.39"),
    ("300.00", OLD, CollectionRate.UNDISPUTED, "44.10", "8.82"),
    ("50.00", NEW, CollectionRate.UNDISPUTED, "28.35", "5.67"),  # 31.50 x 0.9
    ("50.00", NEW, CollectionRate.SIMPLE, "15.75", "3.15"),
    ("50.00", OLD, CollectionRate.SIMPLE, "15.00", "3.00"),  # 30.00 x 0.5 is the least fee
    ("50.00", NEW, CollectionRate.DISPUTED, "66.95", "13.39"),  # disputed: no reduced fee
    ("50.01", NEW, CollectionRate.UNDISPUTED, "46.35", "9.27"),
    ("12000.00", NEW, CollectionRate.UNDISPUTED, "636.30", "20.00"),
]


@pytest.mark.parametrize(("value", "mandate", "rate", "fee", "expenses"), AGENCY)
def test_an_agency_costs_no_more_than_a_lawyer(
    fees: FeeSchedule, value: str, mandate: date, rate: CollectionRate, fee: str, expenses: str
) -> None:
    cost = collection_cost(euro(value), mandate, rate, fees)
    assert (cost.fee, cost.expenses, cost.tax) == (euro(fee), euro(expenses), euro("0"))
    assert cost.total == euro(fee) + euro(expenses)


def test_vat_is_added_only_where_the_creditor_cannot_deduct_it(fees: FeeSchedule) -> None:
    cost = collection_cost(euro("300"), NEW, CollectionRate.UNDISPUTED, fees, tax_percent=Decimal(19))
    assert cost.tax == euro("10.57")  # 55.62 x 19 % = 10.5678
    assert cost.total == euro("66.19")


def test_an_instalment_plan_costs_seven_tenths_on_half_of_the_claim(fees: FeeSchedule) -> None:
    cost = payment_plan_cost(euro("1800.00"), NEW, fees)
    assert (cost.fee, cost.expenses) == (euro("65.10"), euro("13.02"))  # 900 EUR: 93.00 x 0.7


def test_a_lawyer_in_court_costs_a_whole_fee_and_half_of_one_for_the_enforcement_order(fees: FeeSchedule) -> None:
    assert court_lawyer_cost(euro("900"), NEW, fees).total == euro("111.60")
    assert court_lawyer_cost(euro("900"), NEW, fees, enforcement=True).total == euro("159.50")  # 139.50 + 20


def test_no_fee_is_invented_for_days_before_the_tables(fees: FeeSchedule) -> None:
    with pytest.raises(ValueError, match="no fee table is known for 2013-07-31: the oldest one starts on 2013-08-01"):
        court_fee(euro("100"), date(2013, 7, 31), fees)
    with pytest.raises(ValueError, match="the fee for instalments is known for mandates from 2021-10-01 on only"):
        payment_plan_cost(euro("100"), date(2021, 9, 30), fees)


@pytest.mark.parametrize("value", [Money(10_000, "CHF"), Money(-1, "EUR")])
def test_fees_are_computed_from_euro_only_and_never_from_less_than_nothing(fees: FeeSchedule, value: Money) -> None:
    with pytest.raises(ValueError, match="fees are computed from a value in euro, not from"):
        court_fee(value, NEW, fees)


def test_the_least_fee_is_owed_for_a_value_of_nothing_too(fees: FeeSchedule) -> None:
    assert table_on(fees.lawyer, NEW).fee(euro("0")) == euro("51.50")


def texts() -> list[str]:
    return [(CONFIG / f"fees_{name}.csv").read_text(encoding="utf-8") for name in ("rvg", "gkg", "fixed")]


@pytest.mark.parametrize("spoiled", range(3))
def test_a_table_whose_rows_were_changed_is_refused(spoiled: int) -> None:
    changed = texts()
    changed[spoiled] = re.sub(r"(?m)^(.*2025-06-01.*?)(\d)(\D*)$", r"\g<1>9\g<3>", changed[spoiled], count=1)
    assert changed != texts()
    with pytest.raises(ValueError, match="the rows were changed since the table was made"):
        read_fee_schedule(*changed)


def test_a_row_with_a_column_too_few_is_named() -> None:
    lawyer, court, fixed = texts()
    short = "\n".join(line for line in fixed.splitlines() if not line.startswith("#")) + "\nnew,2026-01-01\n"
    with pytest.raises(ValueError, match="line 9: 'new,2026-01-01' has 2 columns; write 3"):
        read_fee_schedule(lawyer, court, short)


def test_comments_and_blanks_do_not_change_the_checksum() -> None:
    assert checksum("# a\na, b\n\n1,2\n") == checksum("a,b\n1 ,2")
    assert checksum("a,b\n1,2") != checksum("a,b\n2,1")


@given(less=st.integers(min_value=1, max_value=10**8), more=st.integers(min_value=0, max_value=10**7))
def test_a_larger_claim_never_costs_less(fees: FeeSchedule, less: int, more: int) -> None:
    small, large = Money(less, "EUR"), Money(less + more, "EUR")
    assert court_fee(small, NEW, fees) <= court_fee(large, NEW, fees)
    for rate in CollectionRate:
        assert collection_cost(small, NEW, rate, fees).total <= collection_cost(large, NEW, rate, fees).total


if SHARED:

    def test_the_tables_agree_with_the_collected_ones(fees: FeeSchedule) -> None:
        with (Path(SHARED) / "gebuehren_rvg_gkg.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        tables = {"RVG §13 Abs.1": fees.lawyer, "GKG §34": fees.court}
        for row in rows:
            if row["table"] in tables:
                table = table_on(tables[row["table"]], date.fromisoformat(row["valid_from"]))
                assert table.fee(euro(row["value_up_to_eur"])) == euro(row["fee_1_0_eur"]), row
        assert len(rows) > 160
