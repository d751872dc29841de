"""A payment that our bank exchanged, for documents in the currency in which it was ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ledger.allocation import money_moved
from ledger.money import Money
from reconciliation.foreign_currency import by_bank_rate, exchanged
from tests.reconciliation.table import read_book

if TYPE_CHECKING:
    from ledger.statement import StatementEntry

DOLLARS = """
    item RE-471  1000,00  in USD
    item RE-472   500,00  in USD
    credit GS-1   100,00  in USD
    item RE-473   300,00  10002  in USD
"""
ITEMS = {item.document_number: item for item in read_book(DOLLARS).items}


def arrived(minor: int, ordered: Money | None, rate: str = "") -> StatementEntry:
    entry = read_book('paid 1,00 "RE-471" from US99').entries[0]
    return entry._replace(amount=Money(minor, "EUR"), original_amount=ordered, exchange_rate=rate)


def test_what_was_ordered_exactly_settles_the_document_at_the_banks_rate_once_a_person_agrees() -> None:
    entry = arrived(92_490, Money(100_000, "USD"), "1,0812")
    found = by_bank_rate(entry, [ITEMS["RE-471"]])
    assert found is not None
    assert found.says[0] == (
        "settles RE-471 in full: 1.000,00 USD were ordered and 924,90 EUR arrived, at the bank's rate 1,0812"
    )
    assert found.doubt == "RE-471 is in USD and the payment in EUR: a person clears it"
    assert not found.settles_exactly
    assert (found.item_ids, found.debtors) == ((ITEMS["RE-471"].item_id,), ("10001",))
    assert not any(line.item_id for line in found.allocations)  # no euro is ever counted as a dollar


def test_what_the_rate_does_not_explain_is_said() -> None:
    found = by_bank_rate(arrived(91_490, Money(100_000, "USD"), "1.0812"), [ITEMS["RE-471"]])
    assert found is not None
    assert found.says[0].endswith("at the bank's rate 1.0812, which gives 924,90 EUR: 10,00 EUR less arrived")


def test_several_documents_and_a_credit_note_are_settled_by_their_exact_sum() -> None:
    together = [ITEMS["RE-471"], ITEMS["RE-472"], ITEMS["GS-1"]]
    assert by_bank_rate(arrived(129_486, Money(140_000, "USD"), "1.0812"), together)
    assert not by_bank_rate(arrived(129_486, Money(139_999, "USD"), "1.0812"), together)


def test_nothing_is_read_where_the_bank_names_no_amount_or_another_currency_or_debtor() -> None:
    assert not by_bank_rate(arrived(92_490, None), [ITEMS["RE-471"]])
    assert not by_bank_rate(arrived(92_490, Money(100_000, "GBP")), [ITEMS["RE-471"]])
    assert not by_bank_rate(arrived(100_000, Money(100_000, "EUR")), [ITEMS["RE-471"]])
    assert not by_bank_rate(arrived(120_000, Money(130_000, "USD")), [ITEMS["RE-471"], ITEMS["RE-473"]])
    assert not by_bank_rate(arrived(92_490, Money(100_000, "USD")), [])


def test_a_rate_is_understood_either_way_round_and_refused_where_it_is_none() -> None:
    dollars, euros = Money(100_000, "USD"), Money(92_490, "EUR")
    assert exchanged(dollars, "1.0812", euros) == euros
    assert exchanged(dollars, "0,9249", euros) == euros
    assert exchanged(Money(100_000, "JPY"), "162.5", Money(61_538, "EUR")) == Money(61_538, "EUR")
    for rate in ("", "0", "-1", "NaN", "Infinity", "1,08 USD"):
        assert exchanged(dollars, rate, euros) is None


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(["", "1.0812", "0", "x"]))
def test_both_currencies_are_conserved(minor: int, ordered: int, rate: str) -> None:
    item = ITEMS["RE-471"]
    entry = arrived(minor, Money(ordered, "USD"), rate)
    found = by_bank_rate(entry, [item])
    assert (found is not None) == (item.balance_minor == ordered)
    if found is not None:
        assert money_moved(found.allocations, "EUR") == entry.amount
        assert found.doubt


def test_the_exact_amount_in_dollars_is_always_read() -> None:
    for minor in (1, 92_490, 10**9):
        found = by_bank_rate(arrived(minor, Money(100_000, "USD")), [ITEMS["RE-471"]])
        assert found is not None
        assert "the bank names no rate" in found.says[0]
