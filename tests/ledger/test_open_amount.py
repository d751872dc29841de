"""The open amount: what the tool says, less what it does not know of yet; nothing counted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import Money
from ledger.numerals import read_money
from ledger.open_amount import Reported, Settled, open_amount

# Who said what, one line after the other, and what is open afterwards.
STORIES = {
    "we book first, the tool follows": """
        tool  119,00  -> 119,00
        we    119,00  ->   0,00
        tool    0,00  ->   0,00
    """,
    "the tool is booked by hand, the item leaves its list": """
        tool  119,00  -> 119,00
        tool    0,00  ->   0,00
    """,
    "the tool books a part by hand, then the rest, and nothing was decided in between": """
        tool  119,00  -> 119,00
        tool   69,00  ->  69,00
        tool   19,00  ->  19,00
    """,
    "the tool corrects the amount upwards": """
        tool  100,00  -> 100,00
        tool  119,00  -> 119,00
    """,
    "the tool tells the same every night and knows nothing of our payment": """
        tool  119,00  -> 119,00
        we     50,00  ->  69,00
        tool  119,00  ->  69,00
        tool  119,00  ->  69,00
    """,
    "the tool confirms our partial payments one by one": """
        tool  300,00  -> 300,00
        we    100,00  -> 200,00
        we     50,00  -> 150,00
        tool  200,00  -> 150,00
        tool  150,00  -> 150,00
        we    150,00  ->   0,00
        tool    0,00  ->   0,00
    """,
    "the tool confirms our payment and a second one that we have not seen": """
        tool  300,00  -> 300,00
        we    100,00  -> 200,00
        tool   50,00  ->  50,00
    """,
    "a booking is taken back before the tool heard of it": """
        tool  119,00  -> 119,00
        we    119,00  ->   0,00
        we   -119,00  -> 119,00
        tool  119,00  -> 119,00
    """,
    "a booking is taken back after the tool confirmed it, and the tool follows": """
        tool  119,00  -> 119,00
        we    119,00  ->   0,00
        tool    0,00  ->   0,00
        we   -119,00  -> 119,00
        tool  119,00  -> 119,00
    """,
    "a returned debit reopens what the tool has closed": """
        tool   59,50  ->  59,50
        we     59,50  ->   0,00
        tool    0,00  ->   0,00
        we    -59,50  ->  59,50
        tool    0,00  ->  59,50
    """,
    "the invoice grows while our payment is unconfirmed": """
        tool  100,00  -> 100,00
        we    100,00  ->   0,00
        tool  150,00  ->  50,00
    """,
    "the item leaves the list and comes back": """
        tool  119,00  -> 119,00
        tool    0,00  ->   0,00
        tool  119,00  -> 119,00
    """,
    "we book, the item leaves the list, and stays away": """
        tool  119,00  -> 119,00
        we    119,00  ->   0,00
        gone          ->   0,00
    """,
    "the list was cut off for one night; our payment still counts": """
        tool  119,00  -> 119,00
        we    119,00  ->   0,00
        gone          ->   0,00
        tool  119,00  ->   0,00
        tool    0,00  ->   0,00
    """,
    "the list was cut off; part of our payment was already confirmed": """
        tool  300,00  -> 300,00
        we    200,00  -> 100,00
        tool  250,00  -> 100,00
        gone          ->   0,00
        tool  250,00  -> 100,00
        tool  100,00  -> 100,00
    """,
    "the tool booked and closed it; then the debit was returned, and the tool opens it again": """
        tool   59,50  ->  59,50
        we     59,50  ->   0,00
        gone          ->   0,00
        we    -59,50  ->  59,50
        gone          ->  59,50
        tool   59,50  ->  59,50
    """,
    "an item we know nothing of leaves the list and comes back smaller": """
        tool  119,00  -> 119,00
        gone          ->   0,00
        tool   19,00  ->  19,00
    """,
    "overpaid by mistake, shown as such": """
        tool  100,00  -> 100,00
        we    100,00  ->   0,00
        we     20,00  -> -20,00
    """,
}


@pytest.mark.parametrize("story", STORIES)
def test_an_accountant_finds_the_open_amount_after_every_line(story: str) -> None:
    reports: list[Reported] = []
    settlements: list[Settled] = []
    decisions = 0
    for line in STORIES[story].strip().splitlines():
        said, _, expected = line.partition("->")
        who, *amount = said.split()
        minor = read_money(amount[0], "EUR").minor if amount else 0
        if who == "we":
            decisions += 1
            settlements.append(Settled(seq=decisions, minor=minor))
        else:
            reports.append(Reported(after=decisions, open_minor=minor, absent=who == "gone"))
        assert open_amount(reports, settlements, "EUR").open == read_money(expected, "EUR"), line


def test_what_the_tool_does_not_know_yet_is_told_apart() -> None:
    amount = open_amount([Reported(after=0, open_minor=11900)], [Settled(seq=1, minor=5000)], "EUR")
    assert amount.reported == Money(11900, "EUR")
    assert amount.unconfirmed == Money(5000, "EUR")


def test_an_allocation_is_later_than_the_report_its_decision_followed() -> None:
    """A report after decision 7 knows of decision 7 or not, but is never older than it."""
    amount = open_amount(
        [Reported(after=0, open_minor=100), Reported(after=7, open_minor=0)], [Settled(seq=7, minor=100)], "EUR"
    )
    assert amount.open == Money(0, "EUR")
    assert amount.unconfirmed == Money(0, "EUR")


CENTS = st.integers(min_value=1, max_value=100_000)


@given(st.lists(CENTS, min_size=1, max_size=6), st.data())
def test_however_the_tool_splits_its_confirmation_the_open_amount_is_the_same(
    parts: list[int], data: st.DataObject
) -> None:
    """We allocate once; the tool books it in any number of steps, over any number of nights."""
    rest = data.draw(st.integers(min_value=0, max_value=100_000))
    paid = sum(parts)
    reports = [Reported(after=0, open_minor=rest + paid)]
    settlements = [Settled(seq=1, minor=paid)]
    still_open = rest + paid
    for part in parts:
        still_open -= part
        reports.append(Reported(after=1, open_minor=still_open))
        assert open_amount(reports, settlements, "EUR").open == Money(rest, "EUR")
    assert open_amount(reports, settlements, "EUR").unconfirmed == Money(0, "EUR")


@given(st.lists(CENTS, max_size=6), st.data())
def test_whenever_the_tool_hears_of_our_payments_none_counts_twice(payments: list[int], data: st.DataObject) -> None:
    """After each of our decisions the tool has booked all of them, some of them, or none; nothing else happens."""
    invoice = sum(payments) + data.draw(CENTS)
    reports = [Reported(after=0, open_minor=invoice)]
    settlements: list[Settled] = []
    known = 0
    for number, payment in enumerate(payments, start=1):
        settlements.append(Settled(seq=number, minor=payment))
        allocated = sum(payments[:number])
        known = data.draw(st.integers(min_value=known, max_value=allocated))
        if data.draw(st.booleans()):
            reports.append(Reported(after=number, open_minor=invoice - known))
        else:
            known = invoice - reports[-1].open_minor
        assert open_amount(reports, settlements, "EUR").open == Money(invoice - allocated, "EUR")


@given(st.lists(st.integers(min_value=0, max_value=1000), min_size=1))
def test_without_allocations_the_tools_last_word_counts(amounts: list[int]) -> None:
    reports = [Reported(after=0, open_minor=amount) for amount in amounts]
    assert open_amount(reports, [], "EUR").open == Money(amounts[-1], "EUR")


@given(
    st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=5),
    st.lists(st.integers(min_value=-1000, max_value=1000), max_size=5),
)
def test_every_decision_and_its_reversal_leave_no_trace_when_the_tool_says_nothing(
    amounts: list[int], settled: list[int]
) -> None:
    reports = [Reported(after=0, open_minor=amount) for amount in amounts]
    there = [Settled(seq=n, minor=minor) for n, minor in enumerate(settled, start=1)]
    back = [Settled(seq=len(settled) + n, minor=-minor) for n, minor in enumerate(settled, start=1)]
    assert open_amount(reports, there + back, "EUR") == open_amount(reports, [], "EUR")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1000))), st.lists(st.integers(-1000, 1000), max_size=5))
def test_the_order_in_which_allocations_are_handed_over_decides_nothing(
    reported: list[tuple[int, int]], settled: list[int]
) -> None:
    reports = [Reported(after=after, open_minor=minor) for after, minor in sorted(reported, key=lambda r: r[0])]
    settlements = [Settled(seq=n, minor=minor) for n, minor in enumerate(settled, start=1)]
    assert open_amount(reports, settlements, "EUR") == open_amount(reports, settlements[::-1], "EUR")
