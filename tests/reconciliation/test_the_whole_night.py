"""Payments of one night against each other: duplicates, parts, returned debits."""

from __future__ import annotations

from tests.reconciliation.table import check


def test_of_two_payments_the_earlier_settles_and_the_later_is_suspected() -> None:
    check("""
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE11 on 08.05.  -> review account 119,00 /paid twice (Doppelzahlung)/
        paid 119,00 "RE-2026-00471" from DE11 on 06.05.  -> auto RE-2026-00471 119,00
    """)


def test_two_equal_payments_of_one_day_are_not_decided_by_luck() -> None:
    check("""
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE11  -> review RE-2026-00471 119,00 /just as well/
        paid 119,00 "RE-2026-00471" from DE11  -> review RE-2026-00471 119,00 /just as well/
    """)


def test_better_evidence_wins_against_an_earlier_date() -> None:
    check("""
        item RE-2026-00471  119,00
        paid 119,00 "RE-2026-00471" from DE99 "Fremd" on 01.05. -> review account 119,00 /payment of 03.05./
        paid 119,00 "RE-2026-00471" from DE11 on 03.05.          -> auto RE-2026-00471 119,00
    """)


def test_two_parts_fit_until_the_item_is_full() -> None:
    check("""
        item RE-2026-00471  1000,00
        paid 400,00 "RE-2026-00471 1. Rate" from DE11 on 01.05.  -> auto RE-2026-00471 400,00
        paid 500,00 "RE-2026-00471 2. Rate" from DE11 on 02.05.  -> auto RE-2026-00471 500,00
    """)


def test_parts_that_are_too_much_together_are_asked() -> None:
    outcomes = check("""
        item RE-2026-00471  1000,00
        paid 400,00 "RE-2026-00471 A" from DE11  -> review
        paid 400,00 "RE-2026-00471 B" from DE11  -> review
        paid 400,00 "RE-2026-00471 C" from DE11  -> review
    """)
    assert all("more than is open" in outcome.reasons[0] for outcome in outcomes.values())


def test_the_same_part_twice_within_days_is_suspected_and_a_monthly_rate_is_not() -> None:
    check("""
        item RE-2026-00471  1000,00
        item RE-2026-00472  1000,00
        paid 100,00 "RE-2026-00471 Rate" from DE11 on 01.05.  -> auto RE-2026-00471 100,00
        paid 100,00 "RE-2026-00471 Rate" from DE11 on 02.05.  -> review RE-2026-00471 100,00 /paid twice/
        paid 100,00 "RE-2026-00472 Rate" from DE11 on 01.04.  -> auto RE-2026-00472 100,00
        paid 100,00 "RE-2026-00472 Rate" from DE11 on 01.05.  -> auto RE-2026-00472 100,00
    """)


def test_a_settled_number_is_asked_and_credit_on_account_is_proposed() -> None:
    check("""
        closed RE-2026-00471  119,00
        item   RE-2026-00472  119,00
        item   RE-2026-00473   50,00
        paid 119,00 "RE-2026-00471" from DE11                 -> review /RE-2026-00471 is settled already/
        paid 169,00 "RE-2026-00471 RE-2026-00473" from DE11   -> review /is settled already/
    """)


def test_a_returned_debit_reopens_what_was_collected_and_keeps_the_charge_apart() -> None:
    check("""
        closed RE-2026-00471  119,00  collected SDD-77
        return 122,50 "Lastschrift" e2e SDD-77 because MS03  -> returned RE-2026-00471 -119,00 charge -3,50 /MS03/
    """)


def test_a_debit_collected_returned_and_paid_in_one_night_is_booked_three_times() -> None:
    check("""
        item RE-2026-00471  119,00  collected SDD-77
        paid   119,00 "" e2e SDD-77 kind direct_debit on 01.05.       -> auto RE-2026-00471 119,00
        return 122,50 "" e2e SDD-77 on 05.05.                         -> returned RE-2026-00471 -119,00 charge -3,50
        paid   119,00 "RE-2026-00471" from DE11 on 12.05.             -> auto RE-2026-00471 119,00
    """)


def test_a_debit_cannot_come_back_twice() -> None:
    check("""
        closed RE-2026-00471  119,00  collected SDD-77
        item RE-2026-00472  50,00  collected SDD-78
        paid    50,00 "" e2e SDD-78 kind direct_debit on 01.05.  -> auto RE-2026-00472 50,00
        return  50,00 "" e2e SDD-78 on 05.05.                    -> returned RE-2026-00472 -50,00
        return  50,00 "" e2e SDD-78 on 06.05.                    -> unmatched /nothing is booked on it/
    """)


def test_a_debit_the_tool_knows_as_paid_comes_back_once() -> None:
    check("""
        closed RE-2026-00471  119,00  collected SDD-77
        return 119,00 "" e2e SDD-77 on 05.05.  -> returned RE-2026-00471 -119,00
        return 119,00 "" e2e SDD-77 on 06.05.  -> unmatched /nothing is booked on it/
    """)


def test_a_return_on_an_item_that_is_open_anyway_reopens_nothing() -> None:
    outcome = check("""
        item RE-2026-00471  119,00  collected SDD-77
        return 119,00 "" e2e SDD-77  -> unmatched /nothing is booked on it that could be reopened/
    """)["e000"]
    assert outcome.possible_debtors == {"10001"}


def test_a_return_without_any_reference_is_proposed_only() -> None:
    check("""
        item RE-2026-00471  119,00
        paid   119,00 "RE-2026-00471" from DE11 on 01.05.  -> auto RE-2026-00471 119,00
        return 119,00 "Ruecklastschrift" from DE11          -> review RE-2026-00471 -119,00 /only likely/
    """)


def test_a_reversal_of_the_bank_is_never_booked_without_a_person() -> None:
    check("""
        item RE-2026-00471  119,00
        paid  119,00 "RE-2026-00471" from DE11 on 01.05.          -> auto RE-2026-00471 119,00
        debit 119,00 "Storno RE-2026-00471" kind reversal         -> review RE-2026-00471 -119,00 /Storno/
    """)
