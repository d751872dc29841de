"""What comes back reopens exactly what it had settled, to the cent, and the bank's charge stands apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.money import Money
from ledger.numerals import read_money
from ledger.statement import EntryKind, EntryStatus, StatementEntry
from reconciliation.outcome import EntryState, Outcome, PastPayment
from reconciliation.return_cause import ReturnCause, cause_of, told_reason
from reconciliation.return_charge import charge_of, told_in_text
from reconciliation.return_originals import came_back
from reconciliation.returned import comes_back, settle_returns
from reconciliation.settings import MatchSettings
from tests.reconciliation.table import OWN_ACCOUNT, Book, check, read_book, shown

DAY = date(2026, 5, 1)


def money(text: str) -> Money:
    return read_money(text, "EUR")


def line(
    number: str, amount: str, kind: AllocationKind = AllocationKind.PAYMENT, debtor: str = "10001"
) -> Allocation:
    item_id = f"file/{number}/{debtor}" if number else ""
    return Allocation(kind=kind, amount=money(amount), item_id=item_id, document_number=number, debtor_number=debtor)


def past(entry_id: str, *allocations: Allocation, on: int = 1, **said: str) -> PastPayment:
    facts = {"payer_iban": "", "payer_name": "", "end_to_end_id": "", "mandate_id": "", "remittance": "", **said}
    return PastPayment(
        entry_id=entry_id,
        account=OWN_ACCOUNT,
        booking_date=DAY + timedelta(days=on - 1),
        amount=money_moved(allocations, "EUR"),
        allocations=allocations,
        **facts,
    )


def settle(table: str, *payments: PastPayment, **changed: object) -> list[Outcome]:
    """Settle the returns of a table; ``changed`` fields are set on every one of them."""
    book = read_book(table)
    book.past = list(payments)
    entries = [replaced(entry, changed) for entry in book.entries]
    outcomes = list(settle_returns(entries, payments, book.index()))
    for entry, outcome in zip(entries, outcomes, strict=True):
        if outcome.allocations:
            assert money_moved(outcome.allocations, "EUR") == entry.amount
    return outcomes


def replaced(entry: StatementEntry, changed: dict[str, object]) -> StatementEntry:
    return StatementEntry(**{**entry._asdict(), **changed})


def one(table: str, *payments: PastPayment, **changed: object) -> str:
    (outcome,) = settle(table, *payments, **changed)
    return shown(outcome)


PAID = past("p1", line("RE-2026-00471", "119,00"), end_to_end_id="SDD-77", mandate_id="M-1", payer_iban="DE11")
CLOSED = "closed RE-2026-00471 119,00\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('return 119,00 "" e2e SDD-77', "returned RE-2026-00471 -119,00"),
        ('return 122,50 "" e2e sdd77', "returned RE-2026-00471 -119,00 charge -3,50"),
        ('return 122,50 "" mandate M-1', "returned RE-2026-00471 -119,00 charge -3,50"),
        ('return 122,50 "Rueckgabe RE-2026-00471"', "returned RE-2026-00471 -119,00 charge -3,50"),
        ('return 122,50 "Rueckgabe EREF SDD-77"', "unmatched"),  # so short a reference stands in any text
        ('return 122,50 "" e2e SDD-77 charges 3,50', "returned RE-2026-00471 -119,00 charge -3,50"),
        (
            'return 124,50 "" e2e SDD-77 charges 3,50',
            "returned RE-2026-00471 -119,00 charge -5,50",
        ),  # + our own bank's
        ('return 119,00 "" e2e SDD-77 charges 3,50', "returned RE-2026-00471 -119,00"),  # booked apart
        ('return 154,00 "ENTG. 35,00" e2e SDD-77', "returned RE-2026-00471 -119,00 charge -35,00"),
        ('return 119,00 "" from DE11', "review RE-2026-00471 -119,00"),  # the account alone
        ('return 122,50 "Entgelt 3,50"', "review RE-2026-00471 -119,00 charge -3,50"),  # the amount alone
        ('return 60,00 "" e2e SDD-77', "review RE-2026-00471 -60,00"),  # a part
        ('return 154,00 "" e2e SDD-77', "unmatched"),  # 35,00 is no charge that nobody tells
        ('return 500,00 "unbekannt"', "unmatched"),
    ],
)
def test_the_original_is_found_by_what_the_bank_repeats_of_it(text: str, says: str) -> None:
    assert one(CLOSED + text, PAID) == says


def test_what_is_not_understood_still_names_the_debtor_so_that_nobody_is_dunned_meanwhile() -> None:
    (outcome,) = settle(CLOSED + 'return 154,00 "" e2e SDD-77', PAID)
    assert outcome.possible_debtors == {"10001"}
    assert "the amount is neither that of the payment it names nor a part of it" in outcome.reasons[1]


def test_the_original_amount_of_the_bank_decides_what_is_charge() -> None:
    table = CLOSED + 'return 159,00 "" e2e SDD-77'
    assert one(table, PAID, original_amount=money("119,00")) == "returned RE-2026-00471 -119,00 charge -40,00"
    assert one(table, PAID, original_amount=money("118,00")) == "unmatched"


@pytest.mark.parametrize(
    ("text", "charges"),
    [
        ("Rücklastschrift Entgelt 3,00", "3,00"),
        ("SVWZ+ORG 98,50 PLUS ENTG.10,50", "10,50"),
        ("Eigenentgelt 3,00 Fremdentgelt EUR 2,50", "2,50 3,00 5,50"),
        ("Rücklastschriftgebühr: 4.50", "4,50"),
        ("Bankspesen in Höhe von EUR 7,00", "7,00"),
        ("CHARGES 12,50", "12,50"),
        ("Rechnung 3,00", ""),
        ("Entgelt 3,0012", ""),
    ],
)
def test_a_charge_is_read_in_the_text(text: str, charges: str) -> None:
    entry = StatementEntry(account="DE1", booking_date=DAY, amount=money("-1,00"), remittance=text)
    assert sorted(str(m).removesuffix(" EUR") for m in told_in_text(entry)) == charges.split()


def test_everything_a_payment_did_is_undone_skonto_and_fee_as_well() -> None:
    paid = past(
        "p1",
        line("RE-2026-00471", "116,62"),
        line("RE-2026-00471", "2,38", AllocationKind.SKONTO),
        line("", "5,00", AllocationKind.FEE),
        end_to_end_id="SDD-77",
    )
    (outcome,) = settle(CLOSED + 'return 124,62 "" e2e SDD-77', paid)
    assert [(a.kind, str(a.amount)) for a in outcome.allocations] == [
        ("payment", "-116,62 EUR"),
        ("skonto", "-2,38 EUR"),
        ("fee", "-5,00 EUR"),
        ("bank_charge", "-3,00 EUR"),
    ]


def test_credit_on_account_is_taken_back_once() -> None:
    paid = past("p1", line("", "80,00", AllocationKind.ON_ACCOUNT), end_to_end_id="SDD-77")
    first, second = settle(
        """
        return 83,00 "" e2e SDD-77 on 05.05.
        return 83,00 "" e2e SDD-77 on 06.05.
        """,
        paid,
    )
    assert shown(first) == "returned account -80,00 charge -3,00"
    assert shown(second) == "unmatched"
    assert "came back already on 05.05.2026" in second.reasons[1]


def test_what_came_back_on_an_earlier_night_does_not_come_back_again() -> None:
    back = past(
        "p2", line("", "-80,00", AllocationKind.ON_ACCOUNT), line("", "-3,00", AllocationKind.BANK_CHARGE), on=5
    )
    paid = past("p1", line("", "80,00", AllocationKind.ON_ACCOUNT), end_to_end_id="SDD-77")
    assert came_back([back, paid]) == {"p1": date(2026, 5, 5)}
    assert one('return 80,00 "" e2e SDD-77 on 09.05.', paid, back) == "unmatched"


def test_a_debit_collected_again_under_the_same_reference_may_come_back_again() -> None:
    back = past("p2", line("RE-2026-00471", "-119,00"), on=3, end_to_end_id="SDD-77")
    again = replace(PAID, entry_id="p3", booking_date=date(2026, 5, 4))
    (outcome,) = settle(CLOSED + 'return 119,00 "" e2e SDD-77 on 08.05.', PAID, back, again)
    assert shown(outcome) == "returned RE-2026-00471 -119,00"
    assert "the payment of 04.05.2026 has the same end-to-end id" in outcome.reasons


def test_two_payments_under_one_mandate_are_no_choice_of_luck() -> None:
    table = CLOSED + 'closed RE-2026-00472 119,00\nreturn 119,00 "" mandate M-1'
    other = past("p2", line("RE-2026-00472", "119,00"), mandate_id="M-1")
    (outcome,) = settle(table, PAID, other)
    assert outcome.state is EntryState.REVIEW
    assert "2 payments could be the one that came back" in outcome.reasons


def test_of_a_batch_only_the_returned_document_is_reopened() -> None:
    batch = past("p1", *(line(f"RE-2026-0047{n}", f"{n}00,00") for n in range(1, 5)), end_to_end_id="BATCH-1")
    closed = "\n".join(f"closed RE-2026-0047{n} {n}00,00 collected SDD-47{n}" for n in range(1, 5))
    assert one(f'{closed}\nreturn 303,00 "" e2e SDD-473', batch) == "returned RE-2026-00473 -300,00 charge -3,00"
    assert one(f'{closed}\nreturn 203,00 "RE-2026-00472"', batch) == "returned RE-2026-00472 -200,00 charge -3,00"


TWO = (
    past("p1", line("RE-2026-00471", "119,00"), end_to_end_id="SDD-7701"),
    past("p2", line("RE-2026-00472", "50,00", debtor="10002"), end_to_end_id="SDD-7702"),
)
BOTH = "closed RE-2026-00471 119,00\nclosed RE-2026-00472 50,00 10002\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            'return 169,00 "Rueckgaben RE-2026-00471, RE-2026-00472"',
            "returned RE-2026-00471 -119,00 RE-2026-00472 -50,00",
        ),
        (
            'return 175,00 "SDD-7701 SDD-7702 Entgelt 6,00"',
            "returned RE-2026-00471 -119,00 RE-2026-00472 -50,00 charge -6,00",
        ),
        (
            'return 175,00 "RE-2026-00471 RE-2026-00472"',
            "review RE-2026-00471 -119,00 RE-2026-00472 -50,00 charge -6,00",
        ),
        ('return 119,00 "RE-2026-00471 RE-2026-00472"', "returned RE-2026-00471 -119,00"),
        ('return 169,00 "RE-2026-00471"', "unmatched"),
    ],
)
def test_several_returned_debits_may_come_in_one_sum(text: str, says: str) -> None:
    assert one(BOTH + text, *TWO) == says


def test_a_return_waits_for_its_collection_and_takes_it_up_to_two_days_late() -> None:
    table = 'item RE-2026-00471 119,00 collected SDD-77\nreturn 119,00 "" e2e SDD-77 on 05.05.'
    (outcome,) = settle(table)
    assert shown(outcome) == "unmatched"
    assert "if the collection is not on a statement yet, this settles itself when it is" in outcome.reasons[1]
    assert one(table, replace(PAID, booking_date=date(2026, 5, 6))) == "returned RE-2026-00471 -119,00"
    assert one(table, replace(PAID, booking_date=date(2026, 5, 9))) == "unmatched"


def test_our_payout_that_came_back_reopens_the_credit_note() -> None:
    payout = past("p1", line("GS-2026-00009", "-30,00"), end_to_end_id="OUT-1", payer_iban="DE11")
    table = 'credit GS-2026-00009 30,00 10001 open 0,00\npaid {} "" kind returned_transfer e2e OUT-1 because AC04'
    assert one(table.format("30,00"), payout) == "returned GS-2026-00009 30,00"
    assert one(table.format("27,50"), payout) == "returned GS-2026-00009 30,00 charge -2,50"
    (outcome,) = settle(table.format("30,00"), payout)
    assert outcome.reasons[0] == "returned by the bank: AC04, the account is closed"


def test_our_payment_that_came_back_is_nobodys_business_unless_a_debtor_is_concerned() -> None:
    assert one('paid 500,00 "zurueck" kind returned_transfer from DE99') == "ignored"
    (outcome,) = settle('paid 500,00 "zurueck" kind returned_transfer from DE11')
    assert shown(outcome) == "unmatched"
    assert outcome.possible_debtors == {"10001"}


def test_what_comes_back_is_known_by_kind_and_direction() -> None:
    book = read_book("""
        return 10,00 ""
        debit  10,00 "" kind reversal
        paid   10,00 "" kind reversal
        paid   10,00 "" kind returned_transfer
        debit  10,00 ""
    """)
    assert [comes_back(entry) for entry in book.entries] == [True, True, False, True, False]
    assert not comes_back(book.entries[0]._replace(status=EntryStatus.PENDING))


@pytest.mark.parametrize(
    ("reason", "cause", "told"),
    [
        ("AC04", ReturnCause.ACCOUNT, "AC04, the account is closed"),
        ("MD01", ReturnCause.MANDATE, "MD01, there is no valid mandate"),
        ("AM04", ReturnCause.FUNDS, "AM04, there is not enough money on the account"),
        ("MS03 Sonstige Gründe", ReturnCause.FUNDS, "MS03 Sonstige Gründe, the debtor's bank gives no reason"),
        ("MD06", ReturnCause.DISPUTED, "MD06, the debtor asked for the money back"),
        ("MD07", ReturnCause.DECEASED, "MD07, the debtor has died"),
        ("AM05", ReturnCause.OUR_MISTAKE, "AM05, it was sent twice"),
        ("905 RETOURE", ReturnCause.UNKNOWN, "905 RETOURE"),
        ("", ReturnCause.UNKNOWN, ""),
    ],
)
def test_the_reason_is_kept_for_dunning_and_told_in_words(reason: str, cause: ReturnCause, told: str) -> None:
    assert cause_of(reason) is cause
    assert told_reason(reason).startswith(told)


def test_a_whole_night_tells_the_reason() -> None:
    check("""
        item RE-2026-00471  119,00  collected SDD-77
        paid   119,00 "" e2e SDD-77 kind direct_debit on 01.05.  -> auto RE-2026-00471 119,00
        return 122,50 "" e2e SDD-77 on 05.05. because AC04  -> returned RE-2026-00471 -119,00 charge -3,50 /closed/
    """)


AMOUNTS = st.integers(1, 30_000)


@st.composite
def payments(draw: st.DrawFn) -> PastPayment:
    count = draw(st.integers(1, 3))
    lines = [line(f"RE-2026-0047{n}", "1,00") for n in range(count)]
    lines = [replace(a, amount=Money(draw(AMOUNTS), "EUR")) for a in lines]
    extra = [AllocationKind.SKONTO, AllocationKind.FEE, AllocationKind.ON_ACCOUNT, AllocationKind.SMALL_DIFFERENCE]
    for kind in draw(st.lists(st.sampled_from(extra), max_size=2, unique=True)):
        on_item = kind in {AllocationKind.SKONTO, AllocationKind.SMALL_DIFFERENCE}
        more = line("RE-2026-00470" if on_item else "", "1,00", kind)
        lines.append(replace(more, amount=Money(draw(AMOUNTS), "EUR")))
    return past("p1", *lines, end_to_end_id="SDD-77", mandate_id="M-1")


@settings(max_examples=150, deadline=None)
@given(payments(), st.integers(0, 2_500), st.sampled_from(["e2e", "mandate"]))
def test_no_cent_is_lost_or_invented_and_undoing_the_return_restores_the_books(
    paid: PastPayment, charge: int, by: str
) -> None:
    entry = StatementEntry(
        entry_id="r1",
        account=OWN_ACCOUNT,
        booking_date=DAY + timedelta(days=5),
        amount=Money(-paid.amount.minor - charge, "EUR"),
        kind=EntryKind.RETURNED_DEBIT,
        end_to_end_id="SDD-77" if by == "e2e" else "",
        mandate_id="M-1" if by == "mandate" else "",
    )
    (outcome,) = settle_returns([entry], [paid], Book().index())
    assert outcome.state is EntryState.RETURNED
    assert money_moved(outcome.allocations, "EUR") == entry.amount
    apart = [a for a in outcome.allocations if a.kind is AllocationKind.BANK_CHARGE]
    assert sum(a.amount.minor for a in apart) == -charge
    books: Counter[tuple[str, str, str]] = Counter()
    for a in (*paid.allocations, *outcome.allocations):
        books[a.kind, a.item_id, a.debtor_number] += a.amount.minor
    assert {what: left for what, left in books.items() if left} == (
        {(AllocationKind.BANK_CHARGE, "", "10001"): -charge} if charge else {}
    )
    undone = [replace(a, amount=-a.amount) for a in outcome.allocations]
    assert money_moved([*outcome.allocations, *undone], "EUR") == Money(0, "EUR")
    again = past("p2", *outcome.allocations, on=6)
    (second,) = settle_returns(
        [entry._replace(entry_id="r2", booking_date=DAY + timedelta(days=9))], [paid, again], Book().index()
    )
    assert second.state is EntryState.UNMATCHED  # and after the undo it may come back once more
    (third,) = settle_returns([entry], [paid], Book().index())
    assert third.allocations == outcome.allocations


@settings(max_examples=100, deadline=None)
@given(st.integers(-5_000, 5_000), st.one_of(st.none(), st.integers(1, 3_000)), st.booleans())
def test_a_charge_is_never_negative_and_what_is_left_is_the_original(
    over: int, told: int | None, outgoing: bool
) -> None:
    original = Money(-20_000 if outgoing else 20_000, "EUR")
    entry = StatementEntry(
        account=OWN_ACCOUNT,
        booking_date=DAY,
        amount=Money(-original.minor - over, "EUR"),
        charges=Money(told, "EUR") if told else None,
    )
    charge = charge_of(entry, original, MatchSettings())
    if charge is not None:
        assert charge.minor == over >= 0
        assert entry.amount + charge == -original
        assert over <= max(MatchSettings().return_charge_maximum_minor, told or 0)
