"""Who paid: accounts, names, other people's accounts, and payments that are not about receivables."""

from __future__ import annotations

import pytest

from tests.reconciliation.table import check, read_book


def test_a_known_account_and_the_only_way_to_the_amount_is_booked() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472   80,00
        paid 119,00 "danke" from DE11  -> auto RE-2026-00471 119,00 /the account DE11 is known for Muster Bau GmbH/
    """)


def test_everything_that_is_open_is_booked_in_one_payment() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472   80,00
        item RE-2026-00473   11,00
        paid 210,00 "alles" from DE11  -> auto RE-2026-00471 119,00 RE-2026-00472 80,00 RE-2026-00473 11,00
    """)


def test_a_sum_of_some_items_is_proposed_only() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472   80,00
        item RE-2026-00473   11,00
        paid 199,00 "danke" from DE11  -> review RE-2026-00471 119,00 RE-2026-00472 80,00
    """)


def test_two_items_with_one_amount_are_never_a_choice_of_luck() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472  119,00
        paid 119,00 "danke" from DE11  -> review /several sets of open items give this amount/
    """)


def test_an_amount_that_fits_nothing_is_proposed_for_the_oldest_items() -> None:
    check("""
        item RE-2026-00471  100,00  due 10.05.
        item RE-2026-00472  100,00  due 01.05.
        paid 130,00 "Rate" from DE11  -> review RE-2026-00472 100,00 RE-2026-00471 30,00
    """)


def test_late_skonto_without_a_number_is_proposed() -> None:
    check("""
        item RE-2026-00471  100,00  skonto 2 until 01.04.
        item RE-2026-00472   55,00
        paid 98,00 "" from DE99  -> review RE-2026-00471 98,00 RE-2026-00471 2,00 skonto /after Skonto/
    """)


def test_an_item_and_a_sum_with_one_amount_are_never_a_choice_of_luck() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472  100,00
        item RE-2026-00473   19,00
        paid 119,00 "danke" from DE11  -> review /several sets of open items give this amount/
    """)


def test_a_running_number_that_points_elsewhere_makes_the_amount_doubtful() -> None:
    check("""
        item RE-2026-00471  119,00
        item RE-2026-00472   80,00
        paid 119,00 "Rg 472" from DE11  -> review RE-2026-00471 119,00 /may be RE-2026-00472/
    """)


def test_a_settled_item_of_the_same_amount_makes_a_payment_without_number_doubtful() -> None:
    check("""
        closed RE-2026-00470  119,00
        item   RE-2026-00471  119,00
        paid 119,00 "danke" from DE11          -> review RE-2026-00471 119,00 /RE-2026-00470 of the same amount/
    """)


def test_a_name_and_an_amount_nobody_else_owes_is_booked() -> None:
    check("""
        debtor 20001 "Schröder & Söhne GmbH & Co. KG"
        debtor 20002 "Fritz Klein"
        item RE-2026-00471  119,00  20001
        item RE-2026-00472   80,00  20001
        item RE-2026-00473   80,00  20002
        paid 119,00 "danke" from DE99 "SCHROEDER UND SOEHNE"  -> auto RE-2026-00471 119,00 /is named like/
        paid  80,00 "danke" from DE99 "SCHROEDER UND SOEHNE"  -> review RE-2026-00472 80,00
    """)


@pytest.mark.parametrize("name", ["Fritz Kleiner", "Franz Klein", "Fritze Klein", "Klein"])
def test_another_name_is_another_person(name: str) -> None:
    check(f"""
        debtor 20002 "Fritz Klein"
        item RE-2026-00473   80,00  20002
        paid 80,00 "danke" from DE99 "{name}"  -> review RE-2026-00473 80,00
    """)


def test_a_name_cut_off_by_the_bank_is_recognised() -> None:
    check("""
        debtor 20003 "Wasserwirtschaftsverband Niederrhein Nord"
        item RE-2026-00473   80,00  20003
        paid 80,00 "RE-2026-00473" from DE99 "Wasserwirtschaftsverband Ni"  -> auto RE-2026-00473 80,00
    """)


def test_full_number_and_exact_amount_of_a_stranger_are_asked() -> None:
    outcome = check("""
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE99 "Erika Fremd" -> review RE-2026-00471 119,00 /account is not known/
    """)["e000"]
    assert outcome.proposals[0].probability > 0.95


def test_a_number_paid_from_another_customers_account_is_asked() -> None:
    outcome = check("""
        debtor 20001 "Andere Leute GmbH" DE22
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE22  -> review RE-2026-00471 119,00 /belongs to Andere Leute GmbH/
    """)["e000"]
    assert outcome.possible_debtors == {"10001", "20001"}


def test_a_shared_account_is_weaker_than_an_own_one() -> None:
    check("""
        debtor 20001 "Tochter A GmbH" DE33
        debtor 20002 "Tochter B GmbH" DE33
        item RE-2026-00471  119,00  20001
        paid 119,00 "danke" from DE33  -> review RE-2026-00471 119,00 /2 debtors pay from DE33/
    """)


def test_a_learned_account_counts_like_one_the_tool_told() -> None:
    check("""
        item RE-2026-00471  119,00
        known DE77 10001 4
        paid 119,00 "danke" from DE77  -> auto RE-2026-00471 119,00 /from 4 earlier payments/
    """)


def test_an_invoice_written_after_the_payment_is_not_what_was_paid() -> None:
    check("""
        item RE-2026-00471  119,00  dated 20.05.
        paid 119,00 "danke" from DE11 on 06.05.  -> review RE-2026-00471 119,00
    """)


def test_unrelated_income_is_left_alone_with_a_plain_reason() -> None:
    check("""
        item RE-2026-00471  119,00
        paid 17,23 "Steuererstattung" from DE99 "Finanzamt"  -> unmatched /no open item has this amount/
    """)


def test_what_is_not_about_receivables_is_ignored_and_says_why() -> None:
    check("""
        item RE-2026-00471  119,00
        paid  119,00 "Zinsen" kind interest                           -> ignored /interest of the bank/
        debit  12,00 "Kontofuehrung" kind charge                      -> ignored /charge of the bank/
        paid  119,00 "Uebertrag" from DE02500105170137075030          -> ignored /between our own accounts/
        debit 119,00 "Uebertrag" kind own_transfer                    -> ignored /between our own accounts/
        debit 500,00 "Rechnung 88" from DE99 "Lieferant AG"           -> ignored /our own payment to Lieferant AG/
        paid  500,00 "zurueck" kind returned_transfer from DE99       -> ignored /our own payment came back/
    """)


def test_an_amount_of_many_names_them_all_up_to_a_limit_that_is_told() -> None:
    debtors = "\n".join(f'debtor {n} "Kunde {n}"\n item R-{n} 10,00 {n}' for n in range(30000, 30060))
    outcome = check(debtors + '\n paid 10,00 "danke" from DE99 -> unmatched /10 more debtors owe this amount/')[
        "e000"
    ]
    assert len(outcome.possible_debtors) == 50


def test_a_pending_entry_is_never_matched() -> None:

    from ledger.statement import EntryStatus

    book = read_book('item RE-2026-00471 119,00\n paid 119,00 "RE-2026-00471" from DE11')
    book.entries[0] = book.entries[0]._replace(status=EntryStatus.PENDING)
    outcome = book.night()["e000"]
    assert (outcome.state, outcome.allocations) == ("announced", ())
    assert outcome.possible_debtors == {"10001"}
