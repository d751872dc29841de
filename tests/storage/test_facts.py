"""What a tool reports is kept; what is open is what it reports, less our allocations it does not know of yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor, DebtorType
from ledger.open_item import ItemKind
from ledger.tax_share import read_tax_shares
from storage.database import reading, transaction
from storage.facts import (
    SourceFreshness,
    load_debtors,
    load_freshness,
    load_items,
    save_debtors,
    save_open_set,
)
from storage.matches import book, reverse
from storage.tables import REPORTED_AMOUNT
from tests.storage.given import (
    AUTHOR,
    COMPANY,
    RUN_DATE,
    booked,
    entry,
    entry_ids,
    euro,
    item,
    open_amounts,
    payment,
    report,
    statement,
    take_in,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

NEXT_NIGHT = date(2026, 7, 2)


def test_an_item_comes_back_exactly_as_it_was_reported(engine: Engine) -> None:
    bare = item("RE-1")
    full = item(
        "RE-2",
        "57,12",
        skonto_percent=Decimal("2.5"),
        skonto_until=date(2026, 4, 15),
        payment_reference="RF18539007547034",
        order_number="B-77 / Süd",
        end_to_end_id="E2E-1",
        place="open_items.csv:3",
        tax_shares=read_tax_shares("19:35.70 7:21.42 5.5:0.00", "EUR"),
    )
    credit = item("GS-1", kind=ItemKind.CREDIT_NOTE)
    report(engine, bare, full, credit)
    with reading(engine) as connection:
        stored = load_items(connection, COMPANY)
    assert {one.item for one in stored} == {bare, full, credit}
    assert all(one.in_open_set and one.last_seen_on == RUN_DATE for one in stored)


def test_an_item_that_left_the_complete_list_is_open_no_longer(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    assert report(engine, item("RE-1"), run_date=NEXT_NIGHT) == 1
    assert open_amounts(engine) == {"RE-1": "119,00 EUR", "RE-2": "0,00 EUR"}
    with reading(engine) as connection:
        assert [one.in_open_set for one in load_items(connection, COMPANY)] == [True, False]


def test_an_item_that_left_is_not_counted_as_leaving_every_night(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    assert [report(engine, item("RE-1")) for _ in range(2)] == [1, 0]


def test_an_item_may_leave_and_return_any_number_of_times(engine: Engine) -> None:
    for present in (True, False, True, False, True):
        report(engine, *[item("RE-1")] if present else [])
        assert open_amounts(engine) == {"RE-1": "119,00 EUR" if present else "0,00 EUR"}


def test_an_incomplete_list_proves_nothing_about_what_it_lacks(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    assert report(engine, item("RE-1", "50,00"), complete=False, run_date=NEXT_NIGHT) == 0
    assert open_amounts(engine) == {"RE-1": "50,00 EUR", "RE-2": "119,00 EUR"}
    with reading(engine) as connection:
        # Whoever duns must be able to see that RE-2 was not read tonight.
        assert [one.last_seen_on for one in load_items(connection, COMPANY)] == [NEXT_NIGHT, RUN_DATE]
        assert load_freshness(connection, COMPANY) == {
            "list": SourceFreshness(source="list", read_on=NEXT_NIGHT, complete=False)
        }


def test_an_item_whose_row_could_not_be_read_keeps_its_last_facts(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    assert report(engine, item("RE-1"), keep={"RE-2"}) == 0
    assert open_amounts(engine)["RE-2"] == "119,00 EUR"


def test_a_partial_payment_booked_in_the_tool_is_believed_though_nothing_was_decided_here(engine: Engine) -> None:
    for amount in ("119,00", "69,00", "19,00", "80,00"):
        report(engine, item("RE-1", amount))
        assert open_amounts(engine) == {"RE-1": f"{amount} EUR"}


def test_the_history_of_reports_grows_only_when_the_amount_changes(engine: Engine) -> None:
    for amount in ("119,00", "119,00", "69,00", "69,00", "119,00"):
        report(engine, item("RE-1", amount))
    with reading(engine) as connection:
        history = connection.execute(
            select(REPORTED_AMOUNT.c.report_no, REPORTED_AMOUNT.c.open_minor).order_by(REPORTED_AMOUNT.c.report_no)
        ).all()
    assert [tuple(row) for row in history] == [(1, 11900), (2, 6900), (3, 11900)]


def test_changed_facts_replace_the_old_ones(engine: Engine) -> None:
    report(engine, item("RE-1"))
    later = replace(item("RE-1"), due_date=date(2026, 8, 1), debtor_number="10002")
    report(engine, later)
    with reading(engine) as connection:
        assert [stored.item for stored in load_items(connection, COMPANY)] == [later]


def test_our_allocation_counts_until_the_tool_confirms_it_and_then_not_twice(engine: Engine) -> None:
    report(engine, item("RE-1"))
    take_in(engine, "a", statement("0,00", entry("RE-1")))
    (entry_id,) = entry_ids(engine)
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"))])
    assert open_amounts(engine) == {"RE-1": "0,00 EUR"}
    report(engine, item("RE-1"))  # the tool does not know yet
    assert open_amounts(engine) == {"RE-1": "0,00 EUR"}
    with reading(engine) as connection:
        (stored,) = load_items(connection, COMPANY)
        assert (stored.amount.reported, stored.amount.unconfirmed) == (euro("119,00"), euro("119,00"))
    report(engine)  # now it does
    assert open_amounts(engine) == {"RE-1": "0,00 EUR"}
    with transaction(engine, COMPANY) as connection:
        reverse(connection, COMPANY, AUTHOR, entry_id, "the debit came back")
    assert open_amounts(engine) == {"RE-1": "119,00 EUR"}


def test_skonto_settles_and_a_fee_does_not(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    take_in(engine, "a", statement("0,00", entry("both", "238,12")))
    (entry_id,) = entry_ids(engine)
    lines = (
        payment("RE-1", "116,62"),
        payment("RE-1", "2,38", AllocationKind.SKONTO),
        payment("RE-2", "100,00"),
        payment("RE-2", "21,50", AllocationKind.FEE),
    )
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(entry_id, *lines)])
    assert open_amounts(engine) == {"RE-1": "0,00 EUR", "RE-2": "19,00 EUR"}


def test_a_credit_note_that_is_netted_is_used_up(engine: Engine) -> None:
    report(engine, item("RE-1"), item("GS-1", "19,00", kind=ItemKind.CREDIT_NOTE, amount="19,00"))
    take_in(engine, "a", statement("0,00", entry("RE-1 less GS-1", "100,00")))
    (entry_id,) = entry_ids(engine)
    netted = Allocation(
        kind=AllocationKind.PAYMENT, amount=euro("-19,00"), item_id="list:credit_note:GS-1", document_number="GS-1"
    )
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), netted)])
    assert open_amounts(engine) == {"RE-1": "0,00 EUR", "GS-1": "0,00 EUR"}


def test_two_sources_do_not_close_each_others_items(engine: Engine) -> None:
    report(engine, item("RE-1"))
    other = replace(item("RE-1"), item_id="shop:invoice:RE-1", source="shop")
    with transaction(engine, COMPANY) as connection:
        save_open_set(connection, COMPANY, "shop", [other], complete=True, keep=(), run_date=RUN_DATE)
        save_open_set(connection, COMPANY, "shop", [], complete=True, keep=(), run_date=RUN_DATE)
        amounts = {one.item.item_id: one.item.open_amount for one in load_items(connection, COMPANY)}
    assert amounts == {"list:invoice:RE-1": euro("119,00"), "shop:invoice:RE-1": euro("0,00")}


def test_debtors_are_kept_as_last_described(engine: Engine) -> None:
    before = Debtor(
        number="10001", name="Bäckerei Müller", email="alt@example.org", ibans=("DE37370400440001111111",)
    )
    after = Debtor(
        number="10001",
        name="Bäckerei Müller & Söhne KG",
        street="Am Anger 1",
        postcode="01067",
        city="Dresden",
        country="AT",
        phone="+49 351 1",
        ibans=("DE37370400440001111111", "DE98100100100002222222"),
        type=DebtorType.BUSINESS,
        language="en",
    )
    with transaction(engine, COMPANY) as connection:
        save_debtors(connection, COMPANY, "list", [before, Debtor(number="10002", name="Karla Kolumna")])
        save_debtors(connection, COMPANY, "list", [after])
        assert load_debtors(connection, COMPANY) == {
            "10001": after,
            "10002": Debtor(number="10002", name="Karla Kolumna"),
        }


def test_a_long_list_is_saved_in_parts_and_completely(engine: Engine) -> None:
    items = [item(f"RE-{number}") for number in range(2001)]
    report(engine, *items)
    assert report(engine, *items[:1]) == 2000
    assert sum(amount != "0,00 EUR" for amount in open_amounts(engine).values()) == 1
