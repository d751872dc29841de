"""The reference of our own letter names what the letter still asks for, however banks and fingers write it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import Money
from ledger.numerals import read_money
from reconciliation.engine import reconcile_on
from reconciliation.index import build_index
from reconciliation.item_history import AskedCosts
from reconciliation.own_letters import OwnLetter, by_reference
from tests.reconciliation.table import read_book, shown

RF = "RF65M202600017"
ITEMS = ("RE-2026-00471", "RE-2026-00472", "RE-2026-00473")
BOOK = """
    item RE-2026-00471 119,00
    item RE-2026-00472 200,00
    item RE-2026-00473  81,00
    item RE-2026-00017 400,00 10002
"""


def letter(numbers: tuple[str, ...] = ITEMS, reference: str = RF) -> OwnLetter:
    book = read_book(BOOK)
    wanted = tuple(item.item_id for item in book.items if item.document_number in numbers)
    return OwnLetter("M-2026-00017", reference, wanted)


def outcome(table: str, *letters: OwnLetter, asked: tuple[str, str] = ("0.00", "0.00")) -> str:
    book = read_book(table)
    fee, interest = (read_money(amount, "EUR") for amount in asked)
    first = book.items[0].item_id
    costs = AskedCosts("N1", "2. Mahnung", date(2026, 5, 20), fee, interest)
    index = build_index(
        items=book.items,
        debtors=book.debtors,
        known_payers=(),
        past=(),
        settings=book.settings,
        own_accounts=(),
        asked={first: [costs]} if fee or interest else {},
        letters=letters,
    )
    (one,) = reconcile_on(index, book.entries)
    return shown(one)


WRITTEN = [
    RF,
    "RF65 M202 6000 17",
    "rf65m202600017",
    "SVWZ+RF65M202600017",
    "Rechnungen lt. RF65M202600017 danke",
    "RF65M202600017 10001",
    "/RFB/RF65M202600017",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_the_reference_names_every_invoice_of_the_letter(text: str) -> None:
    table = f'{BOOK}\npaid 400,00 "{text}" from DE99 "Privat"'
    assert outcome(table, letter()) == ("auto RE-2026-00471 119,00 RE-2026-00472 200,00 RE-2026-00473 81,00")


def test_the_number_inside_the_reference_is_no_document_number() -> None:
    # 2026 and 00017 stand in it, and RE-2026-00017 of somebody else owes exactly this.
    assert outcome(f'{BOOK}\npaid 400,00 "{RF}" from DE99 "Privat"', letter()).startswith("auto RE-2026-00471")


def test_the_reference_in_its_own_field_counts_as_well() -> None:
    assert outcome(f'{BOOK}\npaid 400,00 "" reference "{RF}" from DE99', letter()).startswith("auto RE-2026-00471")


def test_without_that_letter_the_reference_names_nothing() -> None:
    assert not outcome(f'{BOOK}\npaid 400,00 "{RF}" from DE99 "Privat"').startswith("auto")


def test_a_wrong_check_digit_names_nothing() -> None:
    assert not outcome(f'{BOOK}\npaid 400,00 "RF66M202600017" from DE99 "Privat"', letter()).startswith("auto")


def test_what_was_settled_since_is_not_asked_for() -> None:
    table = BOOK.replace("item RE-2026-00471 119,00", "item RE-2026-00471 119,00 10001 open 0,00")
    assert outcome(f'{table}\npaid 281,00 "{RF}" from DE99 "Privat"', letter()) == (
        "auto RE-2026-00472 200,00 RE-2026-00473 81,00"
    )


@pytest.mark.parametrize("amount", ["399,99", "200,00", "450,00"])
def test_another_amount_waits_for_a_person(amount: str) -> None:
    assert not outcome(f'{BOOK}\npaid {amount} "{RF}" from DE99 "Privat"', letter()).startswith("auto")


def test_the_letter_with_its_costs_is_booked_as_what_it_asked_for() -> None:
    table = f'{BOOK}\npaid 447,50 "{RF}" from DE99 "Muster Bau"'
    assert outcome(table, letter(), asked=("40.00", "7.50")) == (
        "auto RE-2026-00471 119,00 RE-2026-00472 200,00 RE-2026-00473 81,00 fee 40,00 interest 7,50"
    )


def test_costs_from_an_account_nobody_knows_wait_for_a_person() -> None:
    table = f'{BOOK}\npaid 447,50 "{RF}" from DE99 "Privat"'
    assert outcome(table, letter(), asked=("40.00", "7.50")).startswith("review RE-2026-00471 119,00")


@pytest.mark.parametrize("amount", ["440,00", "447,49", "447,51", "460,00"])
def test_costs_that_were_not_asked_for_are_never_guessed(amount: str) -> None:
    table = f'{BOOK}\npaid {amount} "{RF} Mahnung" from DE99 "Muster Bau"'
    assert not outcome(table, letter(), asked=("40.00", "7.50")).startswith("auto")


@given(st.lists(st.sampled_from([*ITEMS, "RE-2026-00999"]), unique=True), st.sets(st.sampled_from(ITEMS)))
def test_a_letter_names_what_is_open_of_it_or_else_all_that_is_known(numbers: list[str], settled: set[str]) -> None:
    book = read_book(BOOK)
    known = {item.document_number: item for item in book.items}
    items = {
        item.item_id: replace(
            item, open_amount=Money(0 if item.document_number in settled else item.amount.minor, "EUR")
        )
        for item in known.values()
    }
    asked = OwnLetter("M-1", RF, tuple(known[n].item_id if n in known else n for n in numbers))
    filed = by_reference([asked], items)
    still_open = [known[n].item_id for n in numbers if n in known and n not in settled]
    everything = [known[n].item_id for n in numbers if n in known]
    assert [list(one.item_ids) for one in filed.values()] == ([still_open or everything] if everything else [])
