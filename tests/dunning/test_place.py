"""Whose holidays excuse a debtor who pays a day later."""

from __future__ import annotations

from datetime import date

import pytest

from dunning.place import places_of_performance
from ledger.calendar import Region, last_day_to_pay, possible_holidays
from ledger.debtor import Debtor

HAMBURG = Region("DE", "HH")


def debtor(postcode: str, country: str = "DE") -> Debtor:
    return Debtor(number="1", name="Muster", postcode=postcode, country=country)


@pytest.mark.parametrize(
    ("postcode", "lands"),
    [("80331", "BY"), ("34346", "HE NW NI"), ("86150", "BY Augsburg"), ("97877", "BY BW"), (" 01067", "SN BB")],
)
def test_a_postcode_stands_for_every_land_it_may_lie_in(postcode: str, lands: str) -> None:
    places = places_of_performance(debtor(postcode), HAMBURG)
    assert places == (HAMBURG, *(Region("DE", land) for land in lands.split()))


def test_a_german_debtor_without_a_postcode_may_live_anywhere() -> None:
    states = {place.state for place in places_of_performance(debtor(""), HAMBURG)}
    assert len(states - {"Augsburg"}) == 16


def test_swiss_cantons_follow_the_first_digit_and_other_countries_have_no_parts() -> None:
    assert Region("CH", "ZH") in places_of_performance(debtor("8001", "CH"), HAMBURG)
    assert len(places_of_performance(debtor("", "CH"), HAMBURG)) == 27
    assert places_of_performance(debtor("75001", "FR"), HAMBURG) == (HAMBURG, Region("FR"))


# due, creditor's land, debtor's postcode -> the last day to pay
LAST_DAYS = [
    ("2026-06-04", "HH", "20095", "2026-06-04"),  # Corpus Christi is a Thursday like any other in Hamburg
    ("2026-06-04", "HH", "80331", "2026-06-05"),  # and a holiday in Munich
    ("2026-06-04", "BY", "20095", "2026-06-05"),
    ("2026-10-31", "BY", "80331", "2026-11-02"),  # a Saturday; All Saints is the Sunday
    ("2025-10-31", "BY", "20095", "2025-11-03"),  # Reformation Day, a Friday, is a holiday in Hamburg only
    ("2025-08-15", "HH", "80331", "2025-08-18"),  # Assumption holds in most Bavarian towns
    ("2025-08-08", "HH", "86150", "2025-08-11"),  # the Peace Festival of Augsburg
    ("2026-05-16", "HH", "20095", "2026-05-18"),
]


@pytest.mark.parametrize(("due", "land", "postcode", "last"), LAST_DAYS)
def test_the_last_day_to_pay_is_the_later_of_both_places(due: str, land: str, postcode: str, last: str) -> None:
    places = places_of_performance(debtor(postcode), Region("DE", land))
    assert last_day_to_pay(date.fromisoformat(due), places) == date.fromisoformat(last)


def test_without_a_place_only_weekends_move() -> None:
    assert last_day_to_pay(date(2026, 5, 1), ()) == date(2026, 5, 1)
    assert last_day_to_pay(date(2026, 5, 2), ()) == date(2026, 5, 4)
    assert last_day_to_pay(date(2026, 5, 3), ()) == date(2026, 5, 4)


def test_good_friday_counts_in_austria_and_unknown_countries_have_no_holidays() -> None:
    assert date(2026, 4, 3) in possible_holidays(Region("AT"), 2026)
    assert possible_holidays(Region("XX"), 2026) == frozenset()
