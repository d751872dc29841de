"""How payers and banks write our document numbers, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.reconciliation.table import check, read_book

BOOK = """
    item RE-2026-00471  119,00
    item RE-2026-00472  200,00
    item RE-2026-00475  300,00
    closed RE-2026-00470 77,00
    credit GS-2026-00009 30,00
"""


@pytest.mark.parametrize(
    "text",
    [
        "RE-2026-00471",
        "Rechnung RE-2026-00471 danke",
        "re 2026 00471",
        "RE202600471",
        "RE-2026/00471",
        "RE - 2026 - 00471",
        "RE-2026-00 471",  # a line break of the bank
        "RE 2026 471",  # zeros lost
        "2026-00471",  # letters lost
        "202600471",
        "RG 2026-00471",  # other letters
        "Rechn.Nr. 2026/471",
        "RE-2026-00471 vom 12.03.2026 ueber 119,00 EUR",
        "KD 10001 RE-2026-00471",
    ],
)
def test_a_full_number_is_found_however_it_is_written(text: str) -> None:
    check(BOOK + f'paid 119,00 "{text}" from DE11 -> auto RE-2026-00471 119,00 /names RE-2026-00471/')


def test_a_number_cut_by_a_line_break_is_found_in_the_glued_text_and_shown_in_the_written_one() -> None:
    book = read_book(BOOK + 'paid 119,00 "Ihre Rechnung RE-20260 0471" glued "Ihre RechnungRE-202600471" from DE11')
    outcome = book.night()["e000"]
    clue = next(c for c in outcome.proposals[0].evidence if c.rule == "document_number")
    assert clue.span is not None
    assert book.entries[0].remittance[slice(*clue.span)] == "RE-20260 0471"


@pytest.mark.parametrize(
    "text",
    [
        "RE-2026-00471, RE-2026-00472, RE-2026-00475",
        "RE-2026-00471, 472, 475",
        "RE-2026-00471 / 472 / 475",
        "RE-2026-00471 + 00472 und 00475",
        "2026-00471; 2026-00472; 2026-00475",
        "RE 2026 471,472,475",
    ],
)
def test_several_numbers_are_paid_together(text: str) -> None:
    check(
        BOOK
        + f'paid 619,00 "{text}" from DE11 -> auto RE-2026-00471 119,00 RE-2026-00472 200,00 RE-2026-00475 300,00'
    )


def test_a_range_is_booked_where_the_sum_is_exact_and_the_account_is_known() -> None:
    check(
        BOOK
        + 'paid 619,00 "RE-2026-00471 bis 00475" from DE11'
        + "  -> auto RE-2026-00471 119,00 RE-2026-00472 200,00 RE-2026-00475 300,00"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("12032026", "Zahlung vom 12.03.2026"),
        ("12032026", "Zahlung vom 12032026"),
        ("20260312", "am 2026-03-12"),
        ("119000", "Betrag 1190,00"),
        ("119000", "1.190,00 EUR"),
        ("119000", "EUR 1190.00"),
        ("20260312", "am 2026/03/12"),
        ("893456", "Tel. 089/3456 12"),
        ("893456", "Telefon 089 3456"),
        ("123456", "+49 30 123456"),
        ("203000", "IBAN DE02 1203 0000 0000 2020 51"),
        ("120300", "DE02120300000000202051"),
    ],
)
def test_dates_amounts_telephone_numbers_and_ibans_are_no_document_numbers(number: str, text: str) -> None:
    table = f'item {number} 55,00\n paid 55,00 "{text}" from DE99 "Fremd" -> review {number} 55,00'
    outcome = check(table)["e000"]
    assert all(clue.rule == "exact_amount" for p in outcome.proposals for clue in p.evidence), outcome


def test_a_bare_number_is_found_where_nothing_says_that_it_is_something_else() -> None:
    check("""
        item 100471  55,00
        paid 55,00 "100471" from DE11            -> auto 100471 55,00
    """)


def test_a_customer_number_is_no_document_number() -> None:
    outcome = check("""
        debtor 100471 "Ganz Anders AG"
        item 100471  55,00
        paid 55,00 "Kd.Nr. 100471" from DE99     -> review 100471 55,00 /no document number is named in full/
    """)["e000"]
    assert outcome.possible_debtors == {"10001", "100471"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("RG0000471", "RG 471"),
        ("25000471", "Rechnung 25000471"),
        ("202600471", "2026-471"),
        ("R25/10-00471", "R25 10 00471"),
        ("R25/10-00471", "25/10-00471"),
        ("2026-RE-00471", "2026 RE 471"),
        ("4711", "Rechnung 4711"),
    ],
)
def test_other_shapes_of_numbers_are_learned_from_the_documents(number: str, text: str) -> None:
    check(f'item {number} 119,00\n paid 119,00 "{text}" from DE11 -> auto {number} 119,00')


def test_the_running_number_alone_needs_the_debtors_account() -> None:
    check(
        BOOK
        + """
        paid 119,00 "Rg 471" from DE11     -> auto RE-2026-00471 119,00 /may be RE-2026-00471/
        paid 200,00 "Rg 472" from DE99     -> review RE-2026-00472 200,00 /no document number is named in full/
    """
    )


def test_a_number_of_our_look_that_nobody_knows_blocks() -> None:
    check(
        BOOK
        + """
        paid 119,00 "RE-2026-00471 RE-2026-09999" from DE11 -> review RE-2026-00471 119,00 /09999" looks like/
        paid 200,00 "RE-2026-00999" from DE11               -> review RE-2026-00472 200,00 /is not known/
    """
    )


def test_a_wrong_digit_is_a_hint_and_never_enough_by_itself() -> None:
    for slip in ("RE-2026-00741", "RE-2026-00472", "RE-2026-0471", "Rg 2026-000471"):
        item, paid = "item RE-2026-00471 119,00 \n", f'paid 119,00 "{slip}" from DE99'
        check(f"{item} {paid} -> review RE-2026-00471 119,00")


def test_a_reference_with_check_digits_is_enough() -> None:
    check("""
        item RE-1  119,00  reference "RF18 5390 0754 7034"
        item RE-2   50,00  reference "21 00000 00003 13947 14300 09017"
        paid 119,00 "RF18 5390 0754 7034 danke" from DE99                        -> auto RE-1 119,00 /reference RF18/
        paid  50,00 "" reference "210000000003139471430009017" from DE99         -> auto RE-2 50,00
    """)


def test_a_short_reference_is_no_proof() -> None:
    check("""
        item RE-1  119,00  reference "4711"
        paid 119,00 "4711" from DE99  -> review RE-1 119,00
    """)


def test_the_number_may_stand_in_the_end_to_end_id() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472   80,00  collected SDD-77
        paid 119,00 "" e2e RE-2026-00471 from DE11    -> auto RE-2026-00471 119,00
        paid  80,00 "" e2e SDD-77                      -> auto RE-2026-00472 80,00 /end-to-end id SDD-77/
    """)


def test_an_order_number_names_the_document() -> None:
    check("""
        item RE-2026-00471  119,00  order B-4711
        item RE-2026-00472  119,00  order B-4712
        paid 119,00 "Bestellung B 4711" from DE99     -> review RE-2026-00471 119,00 /names the order B-4711/
    """)


def test_the_text_of_our_girocode_is_a_proof_of_its_own() -> None:
    check("""
        item RE-00471  119,00
        item RE-00472  200,00
        paid 319,00 "RE-00471 RE-00472 10001 M-2026-00017" from DE99  -> auto RE-00471 119,00 RE-00472 200,00
    """)


def test_the_girocode_of_another_customer_proves_nothing() -> None:
    outcome = check("""
        debtor 10002 "Ganz Anders AG"
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471 10002 M-2026-00017" from DE99  -> review
    """)["e000"]
    assert all(clue.rule != "structured_reference" for p in outcome.proposals for clue in p.evidence)


def test_an_order_number_behind_another_word_is_none() -> None:
    outcome = check("""
        item RE-2026-00471  119,00  order 471120
        paid 50,00 "Kunden-Nr. 471120" from DE99
    """)["e000"]
    assert not outcome.proposals


def test_digits_of_ours_with_other_letters_are_told_with_their_doubt() -> None:
    check("""
        item RE-2026-00471  119,00
        paid 119,00 "XK-2026-00471" from DE99  -> review RE-2026-00471 119,00 /the letters "XK" are not ours/
    """)


def test_in_a_range_the_payers_own_documents_count() -> None:
    outcome = check("""
        debtor 10002 "Ganz Anders AG" DE22
        item RE-2026-00471  119,00
        item RE-2026-00472  500,00  10002
        item RE-2026-00473  200,00
        paid 319,00 "RE-2026-00471 bis RE-2026-00473" from DE11
    """)["e000"]
    assert {clue.item_id.split("/")[1] for p in outcome.proposals for clue in p.evidence if clue.item_id} <= {
        "RE-2026-00471",
        "RE-2026-00473",
    }
