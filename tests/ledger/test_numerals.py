"""Numbers and dates as Germans, spreadsheets and machines write them: read exactly, or refused aloud."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import InexactAmount, Money, UnknownCurrency, english, german
from ledger.numerals import UnreadableDate, UnreadableNumber, read_date, read_decimal, read_money


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("119", "119"),
        ("119,00", "119.00"),
        ("119.00", "119.00"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("1234,5", "1234.5"),
        ("1234.5", "1234.5"),
        ("12345,678", "12345.678"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("-62,50", "-62.50"),
        ("+62,50", "62.50"),
        ("\u221262,50", "-62.50"),
        (" 119,00 ", "119.00"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("- 62,50", "-62.50"),
        ("1 234", "1234"),
        ("1 234 567,89", "1234567.89"),
        ("007", "7"),
    ],
)
def test_a_number_that_has_one_reading_is_read(written: str, means: str) -> None:
    assert read_decimal(written) == Decimal(means)


NOT_A_NUMBER = "is not a number; write 1234,56 or 1234.56"
AMBIGUOUS = "may mean thousands or decimals; write it with two decimal digits"
DIGIT_LOST = "has thousands marks but one decimal digit; a digit seems lost, write it in full"


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("1.234", AMBIGUOUS),
        ("1,234", AMBIGUOUS),
        ("-12.345", AMBIGUOUS),
        ("1.234,5", DIGIT_LOST),
        ("1,234.5", DIGIT_LOST),
        ("1 234,5", DIGIT_LOST),
        ("12.3456,00", NOT_A_NUMBER),
        ("1.23,45", NOT_A_NUMBER),
        ("1.234.567", NOT_A_NUMBER),
        ("1,2,3", NOT_A_NUMBER),
        ("", NOT_A_NUMBER),
        ("   ", NOT_A_NUMBER),
        ("-", NOT_A_NUMBER),
        (",50", NOT_A_NUMBER),
        ("119,", NOT_A_NUMBER),
        ("119,--", NOT_A_NUMBER),
        ("119,00-", NOT_A_NUMBER),
        ("119,00 €", NOT_A_NUMBER),
        ("(119,00)", NOT_A_NUMBER),
        ("1e3", NOT_A_NUMBER),
        ("NaN", NOT_A_NUMBER),
        ("Infinity", NOT_A_NUMBER),
        ("#REF!", NOT_A_NUMBER),
        ("II9,00", NOT_A_NUMBER),
    ],
)
def test_a_number_with_no_reading_or_two_is_refused_and_shown(written: str, because: str) -> None:
    with pytest.raises(UnreadableNumber) as refused:
        read_decimal(written)
    assert str(refused.value) == f"{written!r} {because}"


@pytest.mark.parametrize("written", ["12 34,00", "119,00 19", "1 19,00", "100 20"])
def test_a_blank_may_only_separate_thousands(written: str) -> None:
    """Two columns that grew together are two numbers, not a larger one."""
    with pytest.raises(UnreadableNumber):
        read_decimal(written)


def test_an_amount_with_fractions_of_a_cent_is_refused() -> None:
    with pytest.raises(InexactAmount, match=r"119\.0050 is not a whole number of minor units of EUR"):
        read_money("119,0050", "EUR")


def test_trailing_zeros_are_no_fractions_of_a_cent() -> None:
    assert read_money("119,0000", "EUR") == Money(11900, "EUR")


def test_an_amount_of_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency, match="'EURO' is not a currency we know"):
        read_money("119,00", "EURO")


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["EUR", "CHF", "JPY"]))
def test_what_the_house_writes_it_can_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    for text in (german(money), english(money)):
        try:
            assert read_money(text, currency) == money
        except UnreadableNumber:
            # Without decimals, "1.234" has two readings, and is refused rather than guessed.
            assert currency == "JPY"
            assert abs(minor) >= 1000


@given(st.text(alphabet="0123456789.,+- \u00a0", max_size=14))
def test_no_text_is_read_in_two_ways(text: str) -> None:
    """Whatever is read has exactly the digits that were written, in their order."""
    try:
        number = read_decimal(text)
    except UnreadableNumber:
        return
    digits = "".join(c for c in text if c.isdigit())
    assert "".join(map(str, number.as_tuple().digits)).lstrip("0") == digits.lstrip("0")


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-05-31", date(2026, 5, 31)),
        ("31.05.2026", date(2026, 5, 31)),
        ("31.05.26", date(2026, 5, 31)),
        ("1.5.2026", date(2026, 5, 1)),
        (" 2026-05-31 ", date(2026, 5, 31)),
        ("29.02.2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_read(written: str, means: date) -> None:
    assert read_date(written) == means


@pytest.mark.parametrize(
    "written", ["31.02.2026", "2026-02-30", "32.01.2026", "01.13.2026", "29.02.2026", "00.01.2026"]
)
def test_a_day_that_no_calendar_has_is_refused(written: str) -> None:
    with pytest.raises(UnreadableDate) as refused:
        read_date(written)
    assert str(refused.value) == f"{written!r} is not a day of the calendar; check day and month"


@pytest.mark.parametrize(
    "written", ["", "31.02.", "05/31/2026", "2026-5-31", "20260531", "31.05.226", "morgen", "46173"]
)
def test_what_is_not_a_date_is_refused(written: str) -> None:
    with pytest.raises(UnreadableDate) as refused:
        read_date(written)
    assert str(refused.value) == f"{written!r} is not a date; write 2026-05-31 or 31.05.2026"


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31)))
def test_a_date_is_the_same_in_both_writings(day: date) -> None:
    assert read_date(day.isoformat()) == read_date(f"{day.day}.{day.month}.{day.year}") == day
