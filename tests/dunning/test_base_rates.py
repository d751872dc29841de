"""The table of base rates: complete, in order, believable, or refused."""

from __future__ import annotations

import csv
import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dunning.base_rate_update import add_base_rates, base_rate_row, merge_base_rates
from dunning.interest import BaseRate, BaseRates, read_base_rates
from dunning.law_table import checksum

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = os.environ.get("KONTORIST_SHARED_DATA", "")

GOOD = """\
# the base rate
valid_from,percent
2022-07-01,-0.88
2023-01-01,1.62

2023-07-01,3.12
"""


def test_the_house_table_knows_every_half_year_since_2002(rates: BaseRates) -> None:
    assert rates.known_from == date(2002, 1, 1)
    assert rates.known_until == date(2026, 12, 31)
    assert len(rates.rates) == 50


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        ("2002-01-01", "2.57"),
        ("2008-12-31", "3.19"),
        ("2009-01-01", "1.62"),
        ("2013-07-01", "-0.38"),
        ("2018-09-14", "-0.88"),
        ("2022-12-31", "-0.88"),
        ("2023-01-01", "1.62"),
        ("2025-07-01", "1.27"),
        ("2026-06-30", "1.27"),
        ("2026-07-01", "1.52"),
        ("2027-03-01", "1.52"),
    ],
)
def test_the_rate_of_a_day_is_the_one_of_its_half_year(rates: BaseRates, day: str, percent: str) -> None:
    assert rates.on(date.fromisoformat(day)) == Decimal(percent)


def test_a_change_is_a_day_on_which_the_rate_is_really_different(rates: BaseRates) -> None:
    assert rates.next_change(date(2016, 7, 1)) == date(2023, 1, 1)
    assert rates.next_change(date(2026, 7, 1)) == date.max


def test_no_rate_is_invented_for_days_before_the_table(rates: BaseRates) -> None:
    with pytest.raises(ValueError, match="no base rate is known for 2001-12-31"):
        rates.on(date(2001, 12, 31))


def test_comments_and_empty_lines_are_skipped() -> None:
    rates = read_base_rates(GOOD)
    assert [rate.percent for rate in rates.rates] == [Decimal("-0.88"), Decimal("1.62"), Decimal("3.12")]
    assert rates.known_until == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: "", ["the table of base rates is empty"]),
        (lambda text: text.replace("2023-01-01,1.62\n", ""), ["the row of 2023-01-01 is expected, not 2023-07-01"]),
        (lambda text: text + "2023-07-01,3.12\n", ["the row of 2024-01-01 is expected, not 2023-07-01"]),
        (
            lambda text: text.replace("2023-01-01", "2023-01-02"),
            ["2023-01-02: base rates start on 1 January or 1 July"],
        ),
        (lambda text: text.replace("-0.88", "8.8"), ["2023-01-01: a step of -7.18 points"]),
        (lambda text: text.replace("1.62", "abc"), ["line 4: 'abc' is not a number"]),
        (lambda text: text.replace("1.62", "1,62"), ["line 4: '2023-01-01,1,62' has 3 columns"]),
        (
            lambda text: text.replace("2022-07-01", "31.02.2022").replace("3.12", ""),
            ["line 3: '31.02.2022' is not a day of the calendar", "line 6: '' is not a number"],
        ),
    ],
)
def test_a_table_with_mistakes_is_refused_and_every_mistake_is_told(
    spoil: Callable[[str], str], says: list[str]
) -> None:
    with pytest.raises(ValueError, match=re.escape(says[0])) as refused:
        read_base_rates(spoil(GOOD))
    lines = str(refused.value).splitlines()
    assert [any(expected in line for line in lines) for expected in says] == [True] * len(says)


def test_a_table_built_by_hand_is_checked_as_well() -> None:
    with pytest.raises(ValueError, match="the row of 2024-07-01 is expected, not 2025-01-01"):
        BaseRates(
            (
                BaseRate(valid_from=date(2024, 1, 1), percent=Decimal("3.62")),
                BaseRate(valid_from=date(2025, 1, 1), percent=Decimal("2.27")),
            )
        )


CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("country", ["de", "at"])
def test_the_house_tables_carry_a_checksum_and_a_spoiled_one_is_refused(country: str) -> None:
    text = (CONFIG / f"base_rates_{country}.csv").read_text(encoding="utf-8")
    assert f"# sha256 of the rows: {checksum(text)}" in text
    spoiled = text.replace("2026-07-01,1.5", "2026-07-01,1.6")
    assert spoiled != text
    with pytest.raises(ValueError, match="the rows were changed since the table was made"):
        read_base_rates(spoiled)


# The ECB's main refinancing rate since July 2012, from the day of the first operation at it.
ECB = """
2012-07-11 0.75, 2013-05-08 0.50, 2013-11-13 0.25, 2014-06-11 0.15, 2014-09-10 0.05, 2016-03-16 0.00, 2022-07-27 0.50,
2022-09-14 1.25, 2022-11-02 2.00, 2022-12-21 2.50, 2023-02-08 3.00, 2023-03-22 3.50, 2023-05-10 3.75, 2023-06-21 4.00,
2023-08-02 4.25, 2023-09-20 4.50, 2024-06-12 4.25, 2024-09-18 3.65, 2024-10-23 3.40, 2024-12-18 3.15, 2025-02-05 2.90,
2025-03-12 2.65, 2025-04-23 2.40, 2025-06-11 2.15, 2026-06-17 2.40
"""
OPERATIONS = [(date.fromisoformat(one.split()[0]), Decimal(one.split()[1])) for one in ECB.split(",")]


def test_the_german_table_follows_from_the_rate_of_the_central_bank(rates: BaseRates) -> None:
    # Its changes between the half-years, and all of them (§ 247 Abs. 1 Satz 2 BGB).
    for rate in rates.rates:
        if rate.valid_from >= date(2013, 1, 1):
            last = [percent for day, percent in OPERATIONS if day < rate.valid_from][-1]
            assert rate.percent == last - Decimal("0.88"), rate


def test_the_austrian_table_follows_from_it_too_in_steps_of_half_a_point(austrian_rates: BaseRates) -> None:
    # Changes of less than 0.5 points since the last one wait for more (1. Euro-JuBeG Art. I § 1).
    base, moved_at = Decimal("0.38"), Decimal("1.00")
    by_day = []
    for day, percent in OPERATIONS:
        if abs(percent - moved_at) >= Decimal("0.5"):
            base, moved_at = base + percent - moved_at, percent
            by_day.append((day, base))
    for rate in austrian_rates.rates[1:]:
        assert rate.percent == [percent for day, percent in by_day if day <= rate.valid_from][-1], rate


BUNDESBANK = """\
"";BBIN1.M.DE.BBK.BBKBAS2.EUR.ME;BBIN1.M.DE.BBK.BBKBAS2.EUR.ME_FLAGS
"";Basiszinssatz gemäß § 247 BGB;
Einheit;Prozent;
Stand vom;28.12.2026 14:02:11;
2001-12;2,71;
2026-06;1,27;
2026-07;1,52;
2026-12;1,52;
2027-01;1,77;
2027-02;1,77;
"""

# what somebody brings -> which rows are new
BROUGHT = [
    ("2027-01-01,1.77", "2027-01-01,1.77"),
    ("valid_from,percent\n2027-01-01,1.77\n2027-07-01,1.52", "2027-01-01,1.77 2027-07-01,1.52"),
    ("2027-07-01,1.52\n2027-01-01,1.77", "2027-01-01,1.77 2027-07-01,1.52"),
    ("01.01.2027;1,77", "2027-01-01,1.77"),
    ("2027-01-01\t-0,12", "2027-01-01,-0.12"),
    ("2027-01-01;\u22120,12", "2027-01-01,-0.12"),
    ("2026-07-01,1.52", ""),
    ("# nothing yet\nvalid_from,percent\n", ""),
    ("", ""),
    (BUNDESBANK, "2027-01-01,1.77"),
]


@pytest.mark.parametrize(("text", "added"), BROUGHT)
def test_a_new_rate_is_read_from_what_somebody_brings(rates: BaseRates, text: str, added: str) -> None:
    update = merge_base_rates(rates, text)
    assert " ".join(map(base_rate_row, update.added)) == added
    assert update.rates.rates == (*rates.rates, *update.added)


REFUSED = [
    ("2026-07-01,1.27", "2026-07-01: this says 1.27, but 1.52 is known for it"),
    ("2025-09;1,77;", "2025-09-01: this says 1.77, but 1.27 is known for it"),  # within a half-year
    ("2027-07-01,1.77", "the row of 2027-01-01 is expected, not 2027-07-01"),
    ("2027-01-01,5.77", "a step of 4.25 points"),
    ("2027-01-01,", "line 1: '' is not a number"),
    ("2027-01-01,none", "line 1: 'none' is not a number"),
    ("valid_from,percent\n2027-13-01,1.77", "line 2: '2027-13-01' is not a day of the calendar"),
    ("2027-01-15,1.77", "2027-01-15: base rates start on 1 January or 1 July only"),
    ("2027-01-01 1.77", "line 1: '2027-01-01 1.77' is no row"),
    ("2027-01-01,1.77\n2027-03-01,1.70", "2027-03-01: this says 1.70, but 1.77 is known for it"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_contradicts_the_table_or_cannot_be_is_refused(rates: BaseRates, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        merge_base_rates(rates, text)


def test_the_same_row_twice_is_one_row(rates: BaseRates) -> None:
    row = BaseRate(valid_from=date(2027, 1, 1), percent=Decimal("1.77"))
    assert add_base_rates(rates, [row, row]).added == (row,)


if SHARED:

    def test_the_house_table_agrees_with_the_collected_one(rates: BaseRates) -> None:
        with (Path(SHARED) / "basiszins_de.csv").open(encoding="utf-8") as file:
            collected = [(row["valid_from"], Decimal(row["percent"])) for row in csv.DictReader(file)]
        assert [(rate.valid_from.isoformat(), rate.percent) for rate in rates.rates] == collected
