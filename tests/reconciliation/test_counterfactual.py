"""What would have made a payment automatic is found out by asking again, and is told in words."""

from __future__ import annotations

from reconciliation.case import consider
from reconciliation.counterfactual import would_be_booked
from reconciliation.learned_weights import SHIPPED
from tests.reconciliation.table import read_book


def told(table: str) -> tuple[str, ...]:
    book = read_book(table)
    return would_be_booked(consider(book.entries[0], book.index(), SHIPPED))


def test_a_stranger_who_names_the_document_lacks_a_known_account() -> None:
    assert told("""
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE99 "Frieda Fremd"
    """) == ("the account DE99 were known for Muster Bau GmbH",)


def test_two_documents_of_one_amount_want_a_number() -> None:
    assert told("""
        item RE-2026-00471  119,00
        item RE-2026-00472  119,00
        paid 119,00 "danke" from DE11
    """) == ("the text named RE-2026-00471 in full",)


def test_where_two_facts_are_missing_both_are_told_in_one_line() -> None:
    assert told("""
        item RE-2026-00471  119,00
        item RE-2026-00472  119,00
        paid 119,00 "danke" from DE99 "Frieda Fremd"
    """) == ("the text named RE-2026-00471 in full and the account DE99 were known for Muster Bau GmbH",)


def test_too_much_skonto_would_be_no_question_with_the_whole_amount() -> None:
    assert "the amount were 119,00 EUR" in told("""
        item RE-2026-00471  119,00  skonto 2 until 10.05.  due 20.05.
        paid 114,50 "RE-2026-00471" from DE11 on 06.05.
    """)


def test_late_skonto_would_be_no_question_under_a_rule_that_grants_it() -> None:
    assert told("""
        item RE-2026-00471  119,00  skonto 2 until 10.05.  due 20.05.
        paid 116,62 "RE-2026-00471" from DE11 on 20.05.
    """) == ("the amount were 119,00 EUR", 'your rule said late_skonto = "accept"')


def test_where_no_fact_of_the_payment_would_help_nothing_is_promised() -> None:
    assert (
        told("""
        item   RE-2026-00471  119,00
        closed RE-2026-00470  119,00
        paid 119,00 "RE-2026-00471 RE-2026-00470" from DE11
    """)
        == ()
    )
