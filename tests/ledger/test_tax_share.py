"""A discount is split over the VAT rates of its document, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import InexactAmount, Money, from_decimal, total
from ledger.numerals import UnreadableNumber
from ledger.tax_share import TaxShare, read_tax_shares, split_by_rate, written_tax_shares

RATES = st.sampled_from([Decimal(0), Decimal(7), Decimal("5.5"), Decimal(19), Decimal(20)])
SHARES = st.lists(st.builds(TaxShare, rate_percent=RATES, gross=st.integers(0, 10**9).map(lambda m: Money(m, "EUR"))))


@pytest.mark.parametrize(
    ("discount", "shares", "parts"),
    [
        ("2.38", "19:119.00", "19: 2.00 + 0.38"),
        ("4.52", "19:119.00 7:107.00", "19: 2.00 + 0.38, 7: 2.00 + 0.14"),
        ("0.01", "19:50.00 7:50.00", "19: 0.01 + 0.00"),  # the cent goes to the higher rate
        ("1.00", "19:50.00 7:25.00 0:25.00", "19: 0.42 + 0.08, 7: 0.23 + 0.02, 0: 0.25 + 0.00"),
        ("0.05", "7:33.34 19:33.33 0:33.33", "19: 0.02 + 0.00, 7: 0.02 + 0.00, 0: 0.01 + 0.00"),
        ("-4.52", "19:119.00 7:107.00", "19: -2.00 + -0.38, 7: -2.00 + -0.14"),  # taken back
        ("4.52", "19:60.00 7:107.00 19:59.00", "19: 2.00 + 0.38, 7: 2.00 + 0.14"),  # one part per rate
        ("4.52", "", ""),
    ],
)
def test_a_discount_reduces_the_tax_of_each_rate(discount: str, shares: str, parts: str) -> None:
    split = split_by_rate(from_decimal(Decimal(discount), "EUR"), read_tax_shares(shares, "EUR"))
    told = ", ".join(f"{part.rate_percent}: {part.net.decimal()} + {part.tax.decimal()}" for part in split)
    assert told == parts


@given(st.integers(-(10**9), 10**9), SHARES)
def test_the_parts_add_up_and_each_is_as_near_to_its_proportion_as_cents_allow(
    minor: int, shares: list[TaxShare]
) -> None:
    amount = Money(minor, "EUR")
    split = split_by_rate(amount, shares)
    whole = sum(share.gross.minor for share in shares)
    assert total((part.net + part.tax for part in split), "EUR") == (amount if whole else Money(0, "EUR"))
    for part in split:
        assert part.gross == part.net + part.tax
        own = sum(share.gross.minor for share in shares if share.rate_percent == part.rate_percent)
        assert abs(part.gross.minor * whole - minor * own) < whole
        # Not more than half a cent beside rate / (100 + rate) of the gross.
        assert abs(part.tax.minor * (100 + part.rate_percent) - part.gross.minor * part.rate_percent) * 2 <= (
            100 + part.rate_percent
        )


@given(SHARES)
def test_the_order_of_the_shares_decides_nothing(shares: list[TaxShare]) -> None:
    assert split_by_rate(Money(1_234, "EUR"), shares) == split_by_rate(Money(1_234, "EUR"), shares[::-1])


def test_thousandths_of_a_dinar_are_no_thousands() -> None:
    shares = (TaxShare(rate_percent=Decimal(5), gross=Money(1_234, "KWD")),)
    assert written_tax_shares(shares) == "5:1.234"
    assert read_tax_shares("5:1.234", "KWD") == shares
    assert read_tax_shares("10:1000", "JPY") == (TaxShare(rate_percent=Decimal(10), gross=Money(1_000, "JPY")),)


@given(SHARES)
def test_written_shares_are_read_as_they_were(shares: list[TaxShare]) -> None:
    assert read_tax_shares(written_tax_shares(shares), "EUR") == tuple(shares)


def test_shares_are_read_with_comma_or_point_and_refused_where_in_doubt() -> None:
    assert read_tax_shares("19:119,00 7:53,50", "EUR") == read_tax_shares("19:119.00 7:53.50", "EUR")
    for wrong in ("19", "19:", ":119,00", "19:-119,00", "-19:119,00", "19 119,00", "USt19:119,00"):
        with pytest.raises(UnreadableNumber):
            read_tax_shares(wrong, "EUR")
    with pytest.raises(InexactAmount):
        read_tax_shares("19:119,0051", "EUR")
