"""Deadlines end on working days of the region (§ 193 BGB); banks settle on days of their own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calendar import (
    Region,
    add_bank_days,
    bank_days_between,
    is_bank_day,
    is_working_day,
    next_working_day,
    public_holidays,
)

BAVARIA, BERLIN, AUSTRIA, ZURICH = Region("DE", "BY"), Region("DE", "BE"), Region("AT"), Region("CH", "ZH")
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "region", "shifted"),
    [
        (date(2026, 5, 4), BAVARIA, date(2026, 5, 4)),  # a Monday
        (date(2026, 5, 2), BAVARIA, date(2026, 5, 4)),  # Saturday
        (date(2026, 5, 3), BAVARIA, date(2026, 5, 4)),  # Sunday
        (date(2026, 4, 3), BAVARIA, date(2026, 4, 7)),  # Good Friday to the Tuesday after Easter
        (date(2026, 12, 25), BAVARIA, date(2026, 12, 28)),  # Friday, Saturday and Sunday
        (date(2026, 5, 1), BERLIN, date(2026, 5, 4)),  # Labour Day, a Friday
        (date(2026, 6, 4), BAVARIA, date(2026, 6, 5)),  # Corpus Christi
        (date(2026, 6, 4), BERLIN, date(2026, 6, 4)),  # no holiday in Berlin
        (date(2027, 3, 8), BERLIN, date(2027, 3, 9)),  # Women's Day
        (date(2027, 3, 8), BAVARIA, date(2027, 3, 8)),
        (date(2026, 10, 26), AUSTRIA, date(2026, 10, 27)),  # Nationalfeiertag
        (date(2028, 8, 1), ZURICH, date(2028, 8, 2)),  # Bundesfeier
        (date(2026, 12, 31), BAVARIA, date(2026, 12, 31)),  # no public holiday, whatever banks think
    ],
)
def test_a_deadline_on_a_day_off_moves_to_the_next_working_day(day: date, region: Region, shifted: date) -> None:
    assert next_working_day(day, region) == shifted


def test_a_region_nobody_knows_is_refused() -> None:
    for region in (Region("DE", "XX"), Region("ZZ")):
        with pytest.raises(NotImplementedError):
            public_holidays(region, 2026)


@given(DAYS, st.sampled_from([BAVARIA, BERLIN, AUSTRIA, ZURICH]))
def test_the_shift_is_forward_to_a_working_day_and_skips_none(day: date, region: Region) -> None:
    shifted = next_working_day(day, region)
    assert shifted >= day
    assert is_working_day(shifted, region)
    assert next_working_day(shifted, region) == shifted
    assert not any(is_working_day(date.fromordinal(n), region) for n in range(day.toordinal(), shifted.toordinal()))


@pytest.mark.parametrize(
    ("day", "settles"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 5, 1), False),
        (date(2026, 12, 25), False),
        (date(2025, 12, 26), False),
        (date(2026, 5, 2), False),  # a Saturday
        (date(2026, 5, 14), True),  # Ascension: shops are closed, TARGET settles
        (date(2026, 12, 24), True),
        (date(2026, 12, 31), True),
    ],
)
def test_target_has_six_holidays_and_no_weekends(day: date, *, settles: bool) -> None:
    assert is_bank_day(day) is settles


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 5, 4), 1, date(2026, 5, 5)),
        (date(2026, 4, 30), 1, date(2026, 5, 4)),  # over Labour Day and a weekend
        (date(2026, 5, 4), -1, date(2026, 4, 30)),
        (date(2026, 4, 2), 3, date(2026, 4, 9)),  # over Easter
        (date(2026, 5, 3), 0, date(2026, 5, 3)),  # no step, no shift
        (date(2026, 5, 3), 1, date(2026, 5, 4)),  # from a Sunday
    ],
)
def test_bank_days_are_counted_over_weekends_and_holidays(day: date, count: int, then: date) -> None:
    assert add_bank_days(day, count) == then


def test_bank_days_between_count_the_last_day_but_not_the_first() -> None:
    assert bank_days_between(date(2026, 4, 30), date(2026, 5, 5)) == 2
    assert bank_days_between(date(2026, 5, 5), date(2026, 5, 5)) == 0
    assert bank_days_between(date(2026, 5, 5), date(2026, 4, 30)) == 0


@given(DAYS, st.integers(min_value=1, max_value=30))
def test_going_forward_and_counting_agree(day: date, count: int) -> None:
    assert bank_days_between(day, add_bank_days(day, count)) == count
    assert add_bank_days(add_bank_days(day, count), -count) <= day
