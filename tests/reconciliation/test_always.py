"""What must hold for every night, whatever came in: hypothesis looks for the counterexample."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import SETTLES_PRINCIPAL, money_moved
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import EntryKind, StatementEntry
from reconciliation.engine import reconcile
from reconciliation.outcome import EntryState, Outcome
from reconciliation.settings import MatchSettings
from tests.reconciliation.invented_books import invent

if TYPE_CHECKING:
    from random import Random

DEBTORS = {
    "10001": Debtor(number="10001", name="Muster Bau GmbH", ibans=("DE11",)),
    "10002": Debtor(number="10002", name="Andere Leute AG", ibans=("DE22", "DE33")),
    "10003": Debtor(number="10003", name="Tochter OHG", ibans=("DE33",)),
}
FEW_AMOUNTS = st.sampled_from([1_000, 2_000, 3_000, 5_000, 9_800, 10_000])  # few, so that they meet and add up
DAYS = st.integers(0, 20).map(lambda days: date(2026, 5, 1) + timedelta(days=days))


@st.composite
def items(draw: st.DrawFn) -> list[OpenItem]:
    return [_item(draw, place) for place in range(draw(st.integers(1, 7)))]


def _item(draw: st.DrawFn, place: int) -> OpenItem:
    minor = draw(FEW_AMOUNTS)
    skonto = draw(st.booleans())
    return OpenItem(
        item_id=f"i{place}",
        document_number=f"RE-2026-{470 + place:05d}",
        kind=draw(st.sampled_from([ItemKind.INVOICE, ItemKind.INVOICE, ItemKind.CREDIT_NOTE])),
        debtor_number=draw(st.sampled_from(sorted(DEBTORS))),
        document_date=date(2026, 4, 1),
        due_date=draw(DAYS),
        amount=Money(minor, "EUR"),
        open_amount=Money(draw(st.sampled_from([0, minor, minor, minor // 2])), "EUR"),
        skonto_percent=Decimal(2) if skonto else None,
        skonto_until=draw(DAYS) if skonto else None,
        end_to_end_id=draw(st.sampled_from(["", "SDD-1", "SDD-2"])),
    )


@st.composite
def entries(draw: st.DrawFn) -> list[StatementEntry]:
    return [_entry(draw, place) for place in range(draw(st.integers(1, 8)))]


def _entry(draw: st.DrawFn, place: int) -> StatementEntry:
    numbers = draw(st.lists(st.integers(470, 479), max_size=3))
    returned = draw(st.integers(0, 5)) == 0
    minor = draw(FEW_AMOUNTS) + draw(st.sampled_from([0, 0, 0, 3, -3, 350]))
    return StatementEntry(
        entry_id=f"e{place}",
        account="DE02120300000000202051",
        booking_date=draw(DAYS),
        amount=Money(-minor if returned else minor, "EUR"),
        kind=EntryKind.RETURNED_DEBIT if returned else EntryKind.TRANSFER,
        payer_iban=draw(st.sampled_from(["DE11", "DE22", "DE33", "DE99"])),
        payer_name=draw(st.sampled_from(["", "Muster Bau", "Andere Leute", "Fremd"])),
        remittance=" ".join(f"RE-2026-{number:05d}" for number in numbers),
        end_to_end_id=draw(st.sampled_from(["", "", "SDD-1", "SDD-2"])),
    )


def night(book: list[OpenItem], paid: list[StatementEntry]) -> tuple[Outcome, ...]:
    return reconcile(
        entries=paid,
        items=book,
        debtors=DEBTORS,
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts=frozenset(),
    )


@settings(max_examples=150, deadline=None)
@given(items(), entries())
def test_no_cent_of_an_item_is_taken_twice_and_every_booking_is_complete(
    book: list[OpenItem], paid: list[StatementEntry]
) -> None:
    taken: Counter[str] = Counter()
    by_entry = {entry.entry_id: entry for entry in paid}
    for outcome in night(book, paid):
        booked = outcome.state in {EntryState.AUTO, EntryState.RETURNED}
        assert booked == bool(outcome.allocations)
        if booked:
            assert money_moved(outcome.allocations, "EUR") == by_entry[outcome.entry_id].amount
        for allocation in outcome.allocations:
            if allocation.item_id and allocation.kind in SETTLES_PRINCIPAL:
                taken[allocation.item_id] += allocation.amount.minor
    for item in book:
        balance, told_paid = item.balance.minor, item.amount.minor - item.open_amount.minor
        low, high = min(balance, -told_paid), max(balance, 0)
        assert low <= taken[item.item_id] <= high, (item, taken)


@settings(max_examples=75, deadline=None)
@given(items(), entries(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_decides_nothing(
    book: list[OpenItem], paid: list[StatementEntry], chance: Random
) -> None:
    first = night(book, paid)
    shuffled_book, shuffled = chance.sample(book, len(book)), chance.sample(paid, len(paid))
    assert night(shuffled_book, shuffled) == first


@settings(max_examples=75, deadline=None)
@given(items(), entries())
def test_every_entry_gets_one_outcome_with_reasons_and_sane_probabilities(
    book: list[OpenItem], paid: list[StatementEntry]
) -> None:
    outcomes = night(book, paid)
    by_entry = {entry.entry_id: entry for entry in paid}
    order = [(by_entry[o.entry_id].booking_date, o.entry_id) for o in outcomes]
    assert order == sorted((entry.booking_date, entry.entry_id) for entry in paid)
    for outcome in outcomes:
        assert outcome.reasons
        assert (outcome.state is EntryState.REVIEW) <= bool(outcome.proposals)
        assert (outcome.state is EntryState.REVIEW) <= bool(outcome.possible_debtors)
        chances = [proposal.probability for proposal in outcome.proposals]
        assert all(0 <= chance <= 1 for chance in chances)
        assert chances == sorted(chances, reverse=True)
        for proposal in outcome.proposals:
            assert money_moved(proposal.allocations, "EUR") == by_entry[outcome.entry_id].amount


def test_in_invented_books_nothing_is_booked_wrongly_and_most_is_booked() -> None:
    for number_format in range(6):
        invented = invent(seed=number_format, items=1_200, payments=600, number_format=number_format)
        outcomes = reconcile(
            entries=invented.entries,
            items=invented.items,
            debtors=invented.debtors,
            known_payers=(),
            past=(),
            settings=MatchSettings(),
            own_accounts=frozenset(),
        )
        booked = [o for o in outcomes if o.state is EntryState.AUTO]
        wrong = [o for o in booked if {a.item_id for a in o.allocations if a.item_id} != invented.truth[o.entry_id]]
        assert not wrong, wrong[0]
        assert len(booked) > 0.6 * len(outcomes)
