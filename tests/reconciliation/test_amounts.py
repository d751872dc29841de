"""What the amount says once it is known which documents are meant."""

from __future__ import annotations

from tests.reconciliation.table import check


def test_skonto_in_time_is_booked_and_late_skonto_is_asked() -> None:
    check("""
        item RE-26-00471  100,00  skonto 2 until 10.05.
        item RE-26-00472  100,00  skonto 2 until 01.05.
        item RE-26-00473  100,00  skonto 2 until 04.05.
        paid 98,00 "RE-26-00471" from DE11 on 07.05. -> auto RE-26-00471 98,00 RE-26-00471 2,00 skonto /3 days before/
        paid 98,00 "RE-26-00473" from DE11 on 07.05. -> auto RE-26-00473 98,00 RE-26-00473 2,00 skonto /3 days late/
        paid 98,00 "RE-26-00472" from DE11 on 06.05. -> review /the shortage is the Skonto/
    """)


def test_skonto_may_be_rounded_by_a_cent() -> None:
    check("""
        item RE-26-00471  33,33  skonto 3 until 10.05.
        paid 32,34 "RE-26-00471" from DE11  -> auto RE-26-00471 32,34 RE-26-00471 0,99 skonto
        item RE-26-00472  33,33  skonto 3 until 10.05.
        paid 32,33 "RE-26-00472" from DE11  -> auto RE-26-00472 32,33 RE-26-00472 1,00 skonto
    """)


def test_skonto_on_some_of_several_documents() -> None:
    check("""
        item RE-26-00471  100,00  skonto 2 until 10.05.
        item RE-26-00472  200,00
        item RE-26-00473  100,00  skonto 2 until 10.05.
        paid 298,00 "RE-26-00471, 472" from DE11  -> auto RE-26-00471 98,00 RE-26-00472 200,00 RE-26-00471 2,00 skonto
    """)


def test_where_two_documents_offer_the_same_skonto_nobody_guesses_which_took_it() -> None:
    check("""
        item RE-26-00471  100,00  skonto 2 until 10.05.
        item RE-26-00473  100,00  skonto 2 until 10.05.
        paid 198,00 "RE-26-00471, 473" from DE11  -> review /from which document the Skonto was taken/
    """)


def test_too_much_skonto_and_skonto_that_nobody_offered_are_asked() -> None:
    check("""
        item RE-26-00471  100,00  skonto 2 until 10.05.
        paid 97,00 "RE-26-00471" from DE11  -> review /more was deducted than the Skonto/
    """)
    check("""
        item RE-26-00472  100,00
        paid 98,00 "RE-26-00472" from DE11  -> review RE-26-00472 98,00 /not offered/
    """)


def test_a_part_is_booked_with_number_and_account_only() -> None:
    check("""
        item RE-26-00471  1000,00
        item RE-26-00472  1000,00
        paid 400,00 "RE-26-00471" from DE11               -> auto RE-26-00471 400,00 /600,00 EUR stays open/
        paid 400,00 "RE-26-00472" from DE99 "Muster Bau"  -> review RE-26-00472 400,00 /account is not known/
    """)


def test_a_part_of_several_documents_is_asked() -> None:
    check("""
        item RE-26-00471  100,00
        item RE-26-00472  100,00
        paid 150,00 "RE-26-00471 472" from DE11
        paid 150,00 "RE-26-00471, 472" from DE11  -> review /did not say which/
    """)


def test_a_part_that_is_exactly_another_document_is_asked() -> None:
    check("""
        item RE-26-00471  1000,00
        item RE-26-00472   400,00
        paid 400,00 "RE-26-00471" from DE11  -> review RE-26-00471 400,00 /exactly that of RE-26-00472/
    """)


def test_what_is_over_waits_on_account_unless_it_may_be_a_fee() -> None:
    check("""
        item RE-26-00471  100,00
        item RE-26-00472  100,00  due 01.04.
        paid 150,00 "RE-26-00471" from DE11  -> auto RE-26-00471 100,00 account 50,00 /rest waits on account/
        paid 105,00 "RE-26-00472" from DE11  -> review RE-26-00472 100,00 fee 5,00 /fee and interest/
    """)


def test_a_fee_is_booked_where_the_payer_speaks_of_it() -> None:
    check("""
        item RE-26-00472  100,00  due 01.04.
        paid 105,00 "RE-26-00472 Mahngebuehr" from DE11 -> auto RE-26-00472 100,00 fee 5,00 /calls its cost/
    """)


def test_ten_times_the_invoice_is_a_slip_of_the_keys_until_a_person_says_otherwise() -> None:
    check("""
        item RE-26-00471  100,00
        paid 1.000,00 "RE-26-00471" from DE11  -> review RE-26-00471 100,00 account 900,00 /not exact/
    """)


def test_a_few_cents_are_written_off_where_the_payer_is_known_by_account_or_name() -> None:
    check("""
        item RE-26-00471  100,00
        item RE-26-00472  100,00
        item RE-26-00473  100,00
        paid  99,97 "RE-26-00471" from DE11               -> auto RE-26-00471 99,97 RE-26-00471 0,03 difference
        paid 100,02 "RE-26-00472" from DE11               -> auto RE-26-00472 100,02 RE-26-00472 -0,02 difference
        paid  99,97 "RE-26-00473" from DE99 "Muster Bau"  -> auto RE-26-00473 99,97 RE-26-00473 0,03 difference
        item RE-26-00474  100,00
        paid  99,97 "RE-26-00474" from DE98 "Frieda Fremd"  -> review RE-26-00474 99,97 RE-26-00474 0,03 difference
    """)


def test_credit_notes_are_netted_when_they_are_named() -> None:
    check("""
        item   RE-26-00471  100,00
        credit GS-2026-00009   30,00
        paid 70,00 "RE-26-00471 abzgl. GS-2026-00009" from DE11  -> auto RE-26-00471 100,00 GS-2026-00009 -30,00
    """)


def test_a_credit_note_that_is_not_named_is_netted_where_number_account_and_sum_fit() -> None:
    check("""
        item   RE-26-00471  100,00
        credit GS-2026-00009   30,00
        paid 70,00 "RE-26-00471" from DE11  -> auto RE-26-00471 100,00 GS-2026-00009 -30,00
    """)


def test_a_charge_kept_on_the_way_is_booked_where_the_bank_names_it_and_proposed_elsewhere() -> None:
    check("""
        item RE-26-00471  1000,00
        item RE-26-00472  1000,00
        paid 985,00 "RE-26-00471" from DE11 charges 15,00  -> auto RE-26-00471 985,00 RE-26-00471 15,00 charge
        paid 988,00 "RE-26-00472" from AT99                -> review RE-26-00472 988,00 RE-26-00472 12,00 charge
    """)


def test_a_payment_in_another_currency_is_never_booked() -> None:
    check("""
        item RE-26-00471  100,00  in USD
        item RE-26-00472  100,00
        paid 100,00 "RE-26-00471" from DE11  -> review /is in USD, the payment in EUR/
    """)


def test_a_payout_of_a_credit_note_uses_it_up() -> None:
    check("""
        credit GS-2026-00009   30,00
        credit GS-2026-00010   40,00
        debit 30,00 "GS-2026-00009" from DE11  -> auto GS-2026-00009 -30,00
        debit 40,00 "Erstattung" from DE11     -> review GS-2026-00010 -40,00
        debit 55,00 "Miete" from DE11          -> ignored /our own payment/
    """)
