"""The account statement of a debtor: every line, every allocation, and a balance that is right on each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.account_statement import AccountEvent, AccountStatement, EventKind, account_statement, text_of
from dunning.allocation_order import OwedClaim, allocate_payment
from ledger.debtor import Debtor
from ledger.money import Money, from_decimal, total

SHOP = Debtor(number="10042", name="Beispiel OHG")
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 30)


def euro(amount: str) -> Money:
    return from_decimal(Decimal(amount), "EUR")


def event(day: str, kind: str, amount: str, document: str = "", text: str = "") -> AccountEvent:
    return AccountEvent(
        event_id=f"{day}-{kind}-{document}",
        day=date.fromisoformat(day),
        kind=EventKind(kind),
        amount=euro(amount),
        document_number=document,
        text=text,
    )


STORY = [
    event("2025-12-10", "invoice", "100.00", "RE-1"),
    event("2025-12-20", "payment", "100.00", "RE-1"),
    event("2026-01-12", "invoice", "1190.00", "RE-2"),
    event("2026-03-02", "interest", "6.71", "RE-2", "9. Februar bis 2. März, 10,27 %"),
    event("2026-03-02", "lump_sum", "40.00", "RE-2"),
    event("2026-03-05", "payment", "500.00"),
    event("2026-03-12", "returned", "500.00", "", "AC04 Konto aufgelöst"),
    event("2026-03-12", "fee", "3.50", "", "Rücklastschrift, Kontoauszug 12"),
    event("2026-04-01", "credit_note", "190.00", "GU-1"),
    event("2026-04-02", "reversal", "-40.00", "RE-2", "Verzugspauschale erlassen"),
    event("2026-04-20", "payment", "1010.21"),
    event("2026-07-01", "invoice", "1.00", "RE-3"),
]


def drawn(first: date = JANUARY, last: date = JUNE) -> AccountStatement:
    return account_statement(SHOP, STORY, first, last, "EUR")


def test_the_balance_runs_from_line_to_line_and_ends_with_what_is_owed() -> None:
    balances = [(str(line.event.kind), str(line.balance.decimal())) for line in drawn().lines]
    assert balances == [
        ("invoice", "1190.00"),
        ("lump_sum", "1230.00"),
        ("interest", "1236.71"),
        ("payment", "736.71"),
        ("fee", "740.21"),
        ("returned", "1240.21"),
        ("credit_note", "1050.21"),
        ("reversal", "1010.21"),
        ("payment", "0.00"),
    ]
    assert drawn().opening == drawn().closing == euro("0")


def test_what_was_before_is_the_opening_balance() -> None:
    march = drawn(date(2026, 3, 3), date(2026, 3, 31))
    assert (march.opening, march.closing) == (euro("1236.71"), euro("1240.21"))


def test_another_currency_is_another_statement() -> None:
    franc = replace(STORY[2], amount=Money(119000, "CHF"))
    assert account_statement(SHOP, [*STORY, franc], JANUARY, JUNE, "EUR") == drawn()
    assert account_statement(SHOP, [*STORY, franc], JANUARY, JUNE, "CHF").closing == Money(119000, "CHF")


def test_the_text_shows_each_step_of_an_allocation() -> None:
    claim = OwedClaim(
        claim_id="RE-2",
        document_number="RE-2",
        due_date=date(2026, 2, 9),
        since=date(2026, 1, 12),
        principal=euro("1190"),
        interest=euro("6.71"),
        costs=euro("40"),
    )
    paid = allocate_payment(euro("500"), date(2026, 3, 5), [claim])
    story = [replace(one, steps=paid.steps) if one.event_id == "2026-03-05-payment-" else one for one in STORY]
    lines = text_of(account_statement(SHOP, story, JANUARY, date(2026, 3, 5), "EUR")).splitlines()
    assert lines[0] == "Account statement (Kontoauszug) of 10042 Beispiel OHG, 01.01.2026 to 05.03.2026, in EUR"
    assert lines[2:5] == [
        "day         what          document                         debit        credit         balance",
        "01.01.2026  opening balance                                                               0,00",
        "12.01.2026  invoice       RE-2                          1.190,00                      1.190,00",
    ]
    assert lines[8].split() == ["05.03.2026", "payment", "500,00", "736,71"]
    assert [line.strip().partition(":")[0] for line in lines[9:12]] == [
        "- 40,00 EUR settles costs of RE-2",
        "- 6,71 EUR settles interest of RE-2",
        "- 453,29 EUR settles principal of RE-2",
    ]
    assert lines[-1].split() == ["05.03.2026", "closing", "balance", "736,71"]


def test_a_debtor_who_paid_too_much_has_a_balance_in_his_favour() -> None:
    statement = account_statement(SHOP, [event("2026-02-01", "payment", "12.50")], JANUARY, JUNE, "EUR")
    assert statement.closing == euro("-12.50")
    assert text_of(statement).splitlines()[-1].endswith(" -12,50")


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="only a reversal has a sign of its own"):
        account_statement(SHOP, [event("2026-02-01", "payment", "-1.00")], JANUARY, JUNE, "EUR")
    steps = allocate_payment(
        euro("5"),
        JUNE,
        [
            OwedClaim(
                claim_id="a",
                document_number="a",
                due_date=JANUARY,
                since=JANUARY,
                principal=euro("9"),
                interest=euro("0"),
                costs=euro("0"),
            )
        ],
    ).steps
    too_much = replace(event("2026-02-01", "payment", "4.99"), steps=steps)
    with pytest.raises(ValueError, match="its steps settle 5,00 EUR, but only 4,99 EUR was paid"):
        account_statement(SHOP, [too_much], JANUARY, JUNE, "EUR")


events = st.lists(
    st.tuples(st.integers(min_value=-100, max_value=200), st.sampled_from(EventKind), st.integers(0, 10**6)),
    max_size=20,
).map(
    lambda rows: [
        AccountEvent(event_id=f"{n}", day=JANUARY + timedelta(days=days), kind=kind, amount=Money(minor, "EUR"))
        for n, (days, kind, minor) in enumerate(rows)
    ]
)


@given(happened=events)
def test_the_buckets_of_a_statement_add_up_to_its_balance_in_whatever_order_they_come(
    happened: list[AccountEvent],
) -> None:
    statement = account_statement(SHOP, happened, JANUARY, JUNE, "EUR")
    assert statement.closing == total((one.effect for one in happened if one.day <= JUNE), "EUR")
    assert account_statement(SHOP, happened[::-1], JANUARY, JUNE, "EUR") == statement
