"""What stands under which VAT rate is read from a list of its own column, or doubted with a sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ledger.finding import Severity
from ledger.money import Money
from ledger.tax_share import TaxShare

if TYPE_CHECKING:
    from tests.connectors.accounting.conftest import Desk

HEADER = "document_number;kind;debtor_number;document_date;due_date;amount;open_amount;currency;"
ROW = "RE-1;{kind};10001;2026-05-01;2026-05-31;{amount};{amount};{currency};{shares}"


def row(shares: str, kind: str = "invoice", amount: str = "172,50", currency: str = "EUR") -> str:
    return ROW.format(kind=kind, amount=amount, currency=currency, shares=shares)


MIXED = (
    TaxShare(rate_percent=Decimal(19), gross=Money(11_900, "EUR")),
    TaxShare(rate_percent=Decimal(7), gross=Money(5_350, "EUR")),
)


@pytest.mark.parametrize("name", ["tax_shares", "Steuersätze", "Steueranteile", "steuer-sätze"])
@pytest.mark.parametrize("written", ["19:119.00 7:53.50", "19:119,00 7:53,50", " 19:119,00   7:53,50 "])
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_the_rates_of_an_invoice_or_a_credit_note_are_read(desk: Desk, name: str, written: str, kind: str) -> None:
    pulled = desk.open_items(row(written, kind), header=HEADER + name)
    assert [item.tax_shares for item in pulled.items] == [MIXED]
    assert (pulled.findings, pulled.complete) == ((), True)


def test_a_column_of_another_name_can_be_mapped(desk: Desk) -> None:
    pulled = desk.open_items(row("19:172,50"), header=HEADER + "USt", columns={"tax_shares": "USt"})
    assert [len(item.tax_shares) for item in pulled.items] == [1]


def test_no_column_and_an_empty_cell_say_nothing(desk: Desk) -> None:
    pulled = desk.open_items(row(""), header=HEADER + "tax_shares")
    assert [item.tax_shares for item in pulled.items] == [()]
    assert pulled.findings == ()


@pytest.mark.parametrize(
    ("shares", "amount", "code", "what"),
    [
        ("19:119,00 7:53,49", "172,50", "tax_shares_do_not_add_up", "the VAT rates add up to 172,49 EUR"),
        ("19:100,00 7:50,00", "172,50", "tax_shares_do_not_add_up", "the VAT rates add up to 150,00 EUR"),  # net
        ("19:1190,00", "172,50", "tax_shares_do_not_add_up", "to 1.190,00 EUR, the document to 172,50 EUR"),
        ("19 119,00", "172,50", "unreadable_tax_shares", "'19' is no share of a VAT rate"),
        ("19:172,50 7", "172,50", "unreadable_tax_shares", "'7' is no share of a VAT rate"),
        ("19:1.234", "1234,00", "unreadable_tax_shares", "'1.234' may mean thousands or decimals"),
        ("190:172,50", "172,50", "unreadable_tax_shares", "'190:172,50' is no share of a VAT rate"),
        ("7:-10,00 19:182,50", "172,50", "unreadable_tax_shares", "'7:-10,00' is no share of a VAT rate"),
        ("19:172,505", "172,50", "unreadable_tax_shares", "172"),
    ],
)
def test_a_mistake_in_the_rates_is_told_and_the_document_is_owed_all_the_same(
    desk: Desk, shares: str, amount: str, code: str, what: str
) -> None:
    pulled = desk.open_items(row(shares, amount=amount), header=HEADER + "Steuersätze")
    assert [(item.document_number, item.tax_shares) for item in pulled.items] == [("RE-1", ())]
    assert pulled.complete
    (finding,) = pulled.findings
    assert (finding.code, finding.place, finding.severity) == (code, "open_items.csv:2:Steuersätze", Severity.WARNING)
    assert what in finding.what
    assert "without its VAT rates" in finding.what
    assert "gross amount" in finding.what_to_do


def test_two_rows_of_a_document_that_differ_in_their_rates_contradict_each_other(desk: Desk) -> None:
    pulled = desk.open_items(row("19:172,50"), row("7:172,50"), header=HEADER + "tax_shares")
    assert [finding.code for finding in pulled.findings] == ["contradictory_rows"]
    assert pulled.items == ()


def test_a_currency_without_cents_has_rates_without_cents(desk: Desk) -> None:
    pulled = desk.open_items(row("10:1100", amount="1100", currency="JPY"), header=HEADER + "tax_shares")
    assert pulled.items[0].tax_shares == (TaxShare(rate_percent=Decimal(10), gross=Money(1_100, "JPY")),)
