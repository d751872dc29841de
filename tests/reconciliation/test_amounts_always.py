"""What must hold for every reading of an amount, whatever arrives, is open, and is agreed with the customer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from ledger.tax_share import TaxShare
from reconciliation.customer_policy import ChargeBearer, CustomerPolicy, OnSkonto
from reconciliation.interpretation import interpret, principal
from reconciliation.item_history import AskedCosts, ItemHistory
from reconciliation.outcome import PastPayment
from reconciliation.settings import MatchSettings

DAYS = st.integers(0, 30).map(lambda days: date(2026, 5, 1) + timedelta(days=days))
CENTS = st.one_of(st.sampled_from([1_000, 5_000, 9_800, 10_000, 30_000]), st.integers(1, 50_000))


@st.composite
def items(draw: st.DrawFn, place: int) -> OpenItem:
    minor = draw(CENTS)
    offers = draw(st.booleans())
    first = draw(st.integers(0, minor))
    shares = (
        TaxShare(rate_percent=Decimal(19), gross=Money(first, "EUR")),
        TaxShare(rate_percent=Decimal(7), gross=Money(minor - first, "EUR")),
    )
    return OpenItem(
        item_id=f"i{place}",
        document_number=f"RE-{place}",
        kind=draw(st.sampled_from([ItemKind.INVOICE, ItemKind.INVOICE, ItemKind.INVOICE, ItemKind.CREDIT_NOTE])),
        debtor_number=draw(st.sampled_from(["10001", "10001", "10002"])),
        document_date=date(2026, 4, 1),
        due_date=draw(DAYS),
        amount=Money(minor, "EUR"),
        open_amount=Money(draw(st.sampled_from([minor, minor, max(1, minor // 2)])), "EUR"),
        skonto_percent=draw(st.sampled_from([Decimal(2), Decimal(3)])) if offers else None,
        skonto_until=draw(DAYS) if offers else None,
        tax_shares=draw(st.sampled_from([(), shares])),
    )


POLICIES = st.builds(
    CustomerPolicy,
    skonto_grace_days=st.integers(0, 10),
    late_skonto=st.sampled_from(OnSkonto),
    late_skonto_maximum_minor=st.sampled_from([0, 300, 100_000]),
    too_much_skonto=st.sampled_from(OnSkonto),
    too_much_skonto_maximum_minor=st.sampled_from([0, 300, 100_000]),
    bank_charges_borne_by=st.sampled_from(ChargeBearer),
    unnamed_bank_charge_maximum_minor=st.sampled_from([0, 2_000]),
)
SETTINGS = st.builds(
    MatchSettings,
    late_skonto=st.sampled_from(OnSkonto),
    too_much_skonto=st.sampled_from(OnSkonto),
    bank_charges_borne_by=st.sampled_from(ChargeBearer),
    customers=st.fixed_dictionaries({"10001": POLICIES}),
)


@st.composite
def payments(draw: st.DrawFn) -> tuple[StatementEntry, tuple[OpenItem, ...], ItemHistory]:
    chosen = tuple(draw(items(place)) for place in range(draw(st.integers(1, 4))))
    due = sum(item.balance_minor for item in chosen)
    skonto = sum(item.skonto_minor for item in chosen if draw(st.booleans()))
    other = draw(st.sampled_from([0, 0, 3, -3, -30, 500, -500, -1_500, 9_999]))
    minor = max(1, due - skonto + other)
    entry = StatementEntry(
        account="DE02120300000000202051",
        booking_date=draw(DAYS),
        amount=Money(minor, "EUR"),
        payer_iban=draw(st.sampled_from(["DE11", "AT99"])),
        remittance=draw(st.sampled_from(["", "Mahngebuehr"])),
        charges=draw(st.sampled_from([None, Money(500, "EUR"), Money(1_500, "EUR")])),
        original_amount=draw(st.sampled_from([None, Money(max(1, due), "EUR"), Money(max(1, due), "USD")])),
        entry_id="now",
    )
    asked = AskedCosts(
        "N1", "2. Mahnung", date(2026, 5, 1), Money(500, "EUR"), Money(draw(st.integers(0, 50)), "EUR")
    )
    part = Allocation(kind=AllocationKind.PAYMENT, amount=entry.amount, item_id="i0")
    before = PastPayment(
        entry_id="before",
        account=entry.account,
        booking_date=date(2026, 4, 2),
        amount=entry.amount,
        payer_iban="DE11",
        payer_name="",
        end_to_end_id="",
        mandate_id="",
        remittance="",
        allocations=(part,),
    )
    return entry, chosen, ItemHistory(asked={"i0": (asked,)}, payments={"i0": (before,)})


@settings(max_examples=400, deadline=None)
@given(payments(), SETTINGS)
def test_every_reading_takes_the_whole_payment_and_no_more_of_an_item_than_is_open(
    paid: tuple[StatementEntry, tuple[OpenItem, ...], ItemHistory], wishes: MatchSettings
) -> None:
    entry, chosen, history = paid
    due = sum(item.balance_minor for item in chosen)
    found = list(interpret(entry, chosen, wishes, history))
    assert bool(found) == (due > 0)
    for hypothesis in found:
        assert money_moved(hypothesis.allocations, "EUR") == entry.amount, hypothesis
        settled = principal(hypothesis.allocations)
        for item in chosen:
            low, high = sorted((0, item.balance_minor))
            assert low <= settled[item.item_id] <= high, (item, hypothesis)
        left = due - sum(settled.values())
        credited = sum(a.amount.minor for a in hypothesis.allocations if a.kind is AllocationKind.ON_ACCOUNT)
        assert (hypothesis.residual.minor if hypothesis.residual else 0) == left + credited, hypothesis


@settings(max_examples=200, deadline=None)
@given(payments(), SETTINGS)
def test_skonto_by_tax_rate_adds_up_and_nothing_else_has_a_tax_rate(
    paid: tuple[StatementEntry, tuple[OpenItem, ...], ItemHistory], wishes: MatchSettings
) -> None:
    entry, chosen, history = paid
    known = {item.item_id: bool(item.tax_shares) for item in chosen}
    for hypothesis in interpret(entry, chosen, wishes, history):
        for line in hypothesis.allocations:
            split = line.kind is AllocationKind.SKONTO and known[line.item_id]
            assert bool(line.tax_parts) == split
            assert not split or total((part.gross for part in line.tax_parts), "EUR") == line.amount


@settings(max_examples=200, deadline=None)
@given(payments(), SETTINGS)
def test_the_order_of_the_items_decides_nothing_and_no_reading_is_given_twice(
    paid: tuple[StatementEntry, tuple[OpenItem, ...], ItemHistory], wishes: MatchSettings
) -> None:
    entry, chosen, history = paid
    found = list(interpret(entry, chosen, wishes, history))
    assert list(interpret(entry, chosen[::-1], wishes, history)) == found
    keys = [(hypothesis.interpretation, hypothesis.allocations) for hypothesis in found]
    assert len(set(keys)) == len(keys), keys
