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

from dunning.interest import BaseRate, BaseRates, read_base_rates

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


if SHARED:

    def test_the_house_table_agrees_with_the_collected_one(rates: BaseRates) -> None:
        with (Path(SHARED) / "basiszins_de.csv").open(encoding="utf-8") as file:
            collected = [(row["valid_from"], Decimal(row["percent"])) for row in csv.DictReader(file)]
        assert [(rate.valid_from.isoformat(), rate.percent) for rate in rates.rates] == collected
