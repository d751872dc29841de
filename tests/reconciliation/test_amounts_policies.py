"""What an amount means by the policy for a customer, and by what happened to the document before."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.money import Money, german
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from ledger.tax_share import TaxPart, TaxShare
from reconciliation.customer_policy import ChargeBearer, CustomerPolicy, OnSkonto
from reconciliation.interpretation import Hypothesis, interpret
from reconciliation.item_history import NO_HISTORY, AskedCosts, ItemHistory
from reconciliation.outcome import PastPayment
from reconciliation.settings import MatchSettings
from tests.reconciliation.table import check, read_book

ACCEPT = MatchSettings(late_skonto=OnSkonto.ACCEPT, too_much_skonto=OnSkonto.ACCEPT)
KEEP_OPEN = MatchSettings(late_skonto=OnSkonto.KEEP_OPEN, too_much_skonto=OnSkonto.KEEP_OPEN)
ASK = MatchSettings()
LATE = """
    item RE-471  100,00  skonto 2 until 01.05.
"""
TWO_LATE = """
    item RE-471  100,00  skonto 2 until 01.05.
    item RE-472  300,00  skonto 2 until 30.05.
"""
BOTH_SKONTO = "skonto_late? RE-471 98,00, RE-472 294,00, RE-471 2,00 skonto, RE-472 6,00 skonto"
MUCH = """
    item RE-471  100,00  skonto 2 until 10.05.
"""
PLAIN = """
    item RE-471  100,00
"""
THOUSAND = """
    item RE-471  1000,00
"""


def readings(
    table: str,
    paid: str,
    settings: MatchSettings = ASK,
    history: ItemHistory = NO_HISTORY,
    *,
    charges: Money | None = None,
    original_amount: Money | None = None,
) -> list[Hypothesis]:
    """Read a payment for all items of a table."""
    book = read_book(f"{table}\n    paid {paid}")
    entry = book.entries[0]._replace(charges=charges, original_amount=original_amount)
    return list(interpret(entry, book.items, settings, history))


def told(hypothesis: Hypothesis) -> str:
    """Write a reading as these tables do: what it is, its lines, and a ? where a person is asked."""
    lines = (
        f"{a.document_number or 'apart'} {german(a.amount)}{'' if a.kind == 'payment' else f' {a.kind}'}"
        for a in hypothesis.allocations
    )
    return f"{hypothesis.interpretation}{'?' if hypothesis.doubt else ''} {', '.join(lines)}"


@pytest.mark.parametrize(
    ("table", "paid", "settings", "first"),
    [
        (LATE, "98,00 on 10.05.", ASK, "skonto_late? RE-471 98,00, RE-471 2,00 skonto"),
        (LATE, "98,00 on 10.05.", ACCEPT, "skonto_late RE-471 98,00, RE-471 2,00 skonto"),
        (LATE, "98,00 on 10.05.", KEEP_OPEN, "partial RE-471 98,00"),
        (TWO_LATE, "392,00 on 10.05.", ASK, BOTH_SKONTO),
        (TWO_LATE, "392,00 on 10.05.", KEEP_OPEN, "partial RE-471 98,00, RE-472 294,00, RE-472 6,00 skonto"),
        (MUCH, "97,00", ASK, "skonto_too_much? RE-471 97,00, RE-471 2,00 skonto"),
        (MUCH, "97,00", ACCEPT, "skonto_too_much RE-471 97,00, RE-471 3,00 skonto"),
        (MUCH, "97,00", KEEP_OPEN, "skonto_too_much RE-471 97,00, RE-471 2,00 skonto"),
        (MUCH, "97,00 on 20.05.", ACCEPT, "skonto_too_much? RE-471 97,00, RE-471 2,00 skonto"),
        (PLAIN, "98,00", ASK, "partial? RE-471 98,00"),
        (PLAIN, "98,00", ACCEPT, "skonto_too_much RE-471 98,00, RE-471 2,00 skonto"),
        (PLAIN, "98,00", KEEP_OPEN, "partial RE-471 98,00"),
    ],
)  # fmt: skip
def test_the_policy_says_what_becomes_of_skonto_without_a_right(
    table: str, paid: str, settings: MatchSettings, first: str
) -> None:
    hypothesis = readings(table, paid, settings)[0]
    assert told(hypothesis) == first
    assert any("policy for customer 10001" in sentence for sentence in hypothesis.says) == ("?" not in first)


def test_beyond_its_maximum_a_policy_decides_nothing() -> None:
    small = MatchSettings(late_skonto=OnSkonto.ACCEPT, late_skonto_maximum_minor=199)
    assert readings(LATE, "98,00 on 10.05.", small)[0].doubt == "Skonto was taken too late on RE-471"
    enough = MatchSettings(late_skonto=OnSkonto.ACCEPT, late_skonto_maximum_minor=200)
    assert not readings(LATE, "98,00 on 10.05.", enough)[0].doubt
    narrow = MatchSettings(too_much_skonto=OnSkonto.KEEP_OPEN, too_much_skonto_maximum_minor=99)
    assert readings(MUCH, "97,00", narrow)[0].doubt


def test_a_customer_is_treated_by_his_own_policy() -> None:
    friend = CustomerPolicy(skonto_grace_days=30)
    settings = MatchSettings(customers={"10001": friend})
    assert told(readings(LATE, "98,00 on 10.05.", settings)[0]) == "skonto RE-471 98,00, RE-471 2,00 skonto"
    assert readings(LATE, "98,00 on 10.05.", MatchSettings(customers={"10002": friend}))[0].doubt


def test_what_a_policy_keeps_open_is_booked_as_a_part_with_number_and_account() -> None:
    book = read_book("""
        item RE-26-00471  100,00  skonto 2 until 01.05.
        paid 98,00 "RE-26-00471" from DE11 on 10.05.
    """)
    book.settings = KEEP_OPEN
    (outcome,) = book.night().values()
    assert outcome.state == "auto"
    assert any("late Skonto up to 50,00 EUR stays open" in reason for reason in outcome.reasons)


@pytest.mark.parametrize(
    ("bearer", "first", "residual"),
    [
        (ChargeBearer.US, "bank_charge RE-471 985,00, RE-471 15,00 bank_charge", None),
        (ChargeBearer.SHARED, "bank_charge RE-471 985,00, RE-471 5,00 bank_charge", 1000),
        (ChargeBearer.DEBTOR, "partial RE-471 985,00", 1500),
    ],
)
def test_of_fifteen_euros_our_bank_kept_five_and_the_policy_says_who_bears_them(
    bearer: ChargeBearer, first: str, residual: int | None
) -> None:
    ordered, ours = Money(100_000, "EUR"), Money(500, "EUR")
    settings = MatchSettings(bank_charges_borne_by=bearer)
    best = readings(THOUSAND, "985,00 from AT99", settings, original_amount=ordered, charges=ours)[0]
    assert told(best) == first
    assert best.residual == (Money(residual, "EUR") if residual else None)


def test_a_charge_that_is_named_but_large_is_asked() -> None:
    best = readings(THOUSAND, "900,00 from AT99", charges=Money(10_000, "EUR"))[0]
    assert best.doubt == "the bank charge is more than the 50,00 EUR that are borne without asking"


def test_an_amount_ordered_in_another_currency_names_no_charge() -> None:
    best = readings(THOUSAND, "985,00 from DE11", original_amount=Money(100_000, "USD"))[0]
    assert told(best) == "partial RE-471 985,00"


def test_a_small_charge_from_abroad_is_borne_unnamed_only_where_the_policy_says_so() -> None:
    assert told(readings(THOUSAND, "988,00 from AT99")[0]) == "bank_charge? RE-471 988,00, RE-471 12,00 bank_charge"
    generous = MatchSettings(unnamed_bank_charge_maximum_minor=1_200)
    best = readings(THOUSAND, "988,00 from AT99", generous)[0]
    assert told(best) == "bank_charge RE-471 988,00, RE-471 12,00 bank_charge"
    assert "the policy for customer 10001 bears charges up to 12,00 EUR without proof" in best.says
    assert readings(THOUSAND, "987,99 from AT99", generous)[0].doubt
    assert told(readings(THOUSAND, "988,00 from DE11", generous)[0]) == "partial RE-471 988,00"


ASKED = ItemHistory(
    asked={
        "file/RE-471/10001": (
            AskedCosts("N1", "2. Mahnung", date(2026, 4, 20), Money(500, "EUR"), Money(21, "EUR")),
            AskedCosts("N2", "Letzte Mahnung", date(2026, 5, 2), Money(500, "EUR"), Money(34, "EUR")),
        )
    }
)


def test_what_a_notice_asked_for_is_fee_and_interest_without_a_doubt() -> None:
    table = "item RE-471  100,00  due 01.03."
    (best,) = readings(table, "105,34", history=ASKED)
    assert told(best) == "fee RE-471 100,00, RE-471 5,00 fee, RE-471 0,34 interest"
    assert best.says[0].endswith(
        "5,00 EUR fee and 0,34 EUR interest, exactly as asked for by Letzte Mahnung of 02.05.2026"
    )
    assert readings(table, "105,21", history=ASKED)[0].says[0].endswith("2. Mahnung of 20.04.2026")
    assert told(readings(table, "105,22", history=ASKED)[0]) == "fee? RE-471 100,00, RE-471 5,22 fee"


def test_the_costs_of_several_items_must_stand_on_one_notice() -> None:
    table = "item RE-471  100,00  due 01.03.\n item RE-472  50,00  due 01.03."
    one = AskedCosts("N1", "2. Mahnung", date(2026, 4, 20), Money(500, "EUR"), Money(21, "EUR"))
    other = AskedCosts("N1", "2. Mahnung", date(2026, 4, 20), Money(0, "EUR"), Money(10, "EUR"))
    together = ItemHistory(asked={"file/RE-471/10001": (one,), "file/RE-472/10001": (other,)})
    best = readings(table, "155,31", history=together)[0]
    costs = "RE-471 5,00 fee, RE-471 0,21 interest, RE-472 0,10 interest"
    assert told(best) == f"fee RE-471 100,00, RE-472 50,00, {costs}"
    apart = ItemHistory(asked={**together.asked, "file/RE-472/10001": (other._replace(notice_id="N9"),)})
    assert readings(table, "155,31", history=apart)[0].doubt


def past(minor: int, iban: str, item_id: str = "file/RE-471/10001") -> PastPayment:
    amount = Money(minor, "EUR")
    return PastPayment(
        entry_id="before",
        account="DE02120300000000202051",
        booking_date=date(2026, 4, 6),
        amount=amount,
        payer_iban=iban,
        payer_name="",
        end_to_end_id="",
        mandate_id="",
        remittance="",
        allocations=(Allocation(kind=AllocationKind.PAYMENT, amount=amount, item_id=item_id),),
    )


def test_the_amount_of_an_earlier_part_by_the_same_payer_is_an_instalment() -> None:
    table = "item RE-471  400,00  open 103,00  skonto 3 until 10.05."
    paid = '100,00 "Rate" from DE11'
    assert readings(table, paid)[-1].doubt == "the shortage is close to the Skonto"
    for payment, is_instalment in (
        (past(10_000, "de 11"), True),
        (past(10_000, "DE99"), False),
        (past(9_900, "DE11"), False),
    ):
        last = readings(table, paid, history=ItemHistory(payments={"file/RE-471/10001": (payment,)}))[-1]
        assert (not last.doubt) == is_instalment
        assert ("the same instalment (Rate) as on 06.04.2026" in last.says) == is_instalment


def test_a_few_cents_are_a_small_difference_and_nothing_else() -> None:
    assert [told(h) for h in readings(PLAIN, "99,97")] == [
        "small_difference RE-471 99,97, RE-471 0,03 small_difference"
    ]
    overdue = "item RE-471  100,00  due 01.03."
    assert [told(h) for h in readings(overdue, "100,02")] == [
        "small_difference RE-471 100,02, RE-471 -0,02 small_difference"
    ]


def test_documents_of_several_debtors_are_proposed_together_and_what_is_over_is_no_fee() -> None:
    check("""
        debtor 10002 "Andere Leute AG" DE22
        item RE-26-471  100,00  10001  due 01.03.
        item RE-26-472  200,00  10002  due 01.03.
        paid 300,00 "RE-26-471 RE-26-472" from DE99 -> review RE-26-471 100,00 RE-26-472 200,00 /several debtors/
    """)
    table = "item RE-471  100,00  10001  due 01.03.\n item RE-472  200,00  10002  due 01.03."
    (best,) = readings(table, "310,00")
    assert told(best) == "over? RE-471 100,00, RE-472 200,00, apart 10,00 on_account"


def test_skonto_is_split_over_the_tax_rates_of_its_document() -> None:
    item = OpenItem(
        item_id="i1",
        document_number="RE-471",
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 5, 30),
        amount=Money(22_600, "EUR"),
        open_amount=Money(22_600, "EUR"),
        skonto_percent=Decimal(2),
        skonto_until=date(2026, 5, 10),
        tax_shares=(
            TaxShare(rate_percent=Decimal(19), gross=Money(11_900, "EUR")),
            TaxShare(rate_percent=Decimal(7), gross=Money(10_700, "EUR")),
        ),
    )
    entry = StatementEntry(
        account="DE02120300000000202051", booking_date=date(2026, 5, 6), amount=Money(22_148, "EUR")
    )
    payment, skonto = next(iter(interpret(entry, (item,), ASK))).allocations
    assert not payment.tax_parts
    assert skonto.tax_parts == (
        TaxPart(rate_percent=Decimal(19), net=Money(200, "EUR"), tax=Money(38, "EUR")),
        TaxPart(rate_percent=Decimal(7), net=Money(200, "EUR"), tax=Money(14, "EUR")),
    )
    assert money_moved((payment, skonto), "EUR") == entry.amount


def test_no_sentence_of_a_policy_leaves_the_customer_unnamed() -> None:
    for settings in (ACCEPT, KEEP_OPEN):
        for table, paid in ((LATE, "98,00 on 10.05."), (MUCH, "97,00"), (PLAIN, "98,00")):
            sentences = [s for s in readings(table, paid, settings)[0].says if "policy" in s]
            assert all(re.search(r"customer 10001 .* up to \d+,\d\d EUR", sentence) for sentence in sentences)
            assert len(sentences) == 1


def test_late_skonto_of_a_few_cents_is_a_small_difference() -> None:
    table = "item RE-471  2,00  skonto 2 until 01.05."
    for settings in (ASK, ACCEPT, KEEP_OPEN):
        (best,) = readings(table, "1,96 on 10.05.", settings)
        assert told(best) == "small_difference RE-471 1,96, RE-471 0,04 small_difference"
