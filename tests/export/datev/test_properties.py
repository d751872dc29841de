"""What must hold for every batch, whatever was booked."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from export.datev.accounts import skr03
from export.datev.batch import DatevExport, DatevSettings, datev_batches
from export.datev.characters import document_field, windows_text
from export.datev.check import check_delivery
from export.datev.clearing import account_movements, clears, document_key
from export.datev.columns import COLUMNS
from export.datev.posting import PostingFact, Reversal
from export.datev.reader import read_batch
from ledger.allocation import SETTLES_PRINCIPAL, Allocation, AllocationKind, money_moved
from ledger.money import Money
from reconciliation.outcome import EntryState

IBAN = "DE02120300000000202051"
NIGHT = datetime(2026, 6, 1, tzinfo=UTC)
CHART = skr03(own_ibans=(IBAN,))
DEBTORS = ("10001", "10002", "69999")
DOCUMENTS = tuple(f"RE-{n}" for n in range(8))
ANYBODY = st.text(max_size=80)

amounts = st.integers(min_value=1, max_value=10_000_000)
signs = st.sampled_from((1, -1))


@st.composite
def documents_settled(draw: st.DrawFn) -> list[Allocation]:
    """One document with its payment, and what may come with it."""
    debtor, document = draw(st.sampled_from(DEBTORS)), draw(st.sampled_from(DOCUMENTS))
    sign = draw(signs)
    amounts_by_kind = {AllocationKind.PAYMENT: sign * draw(amounts)}
    if draw(st.booleans()):
        amounts_by_kind[AllocationKind.SKONTO] = sign * draw(amounts)
    for kind in draw(
        st.sets(
            st.sampled_from(
                (
                    AllocationKind.FEE,
                    AllocationKind.INTEREST,
                    AllocationKind.SMALL_DIFFERENCE,
                    AllocationKind.BANK_CHARGE,
                )
            )
        )
    ):
        amounts_by_kind[kind] = draw(signs) * draw(amounts)
    return [
        Allocation(
            kind=kind,
            amount=Money(minor, "EUR"),
            item_id=document,
            document_number=document,
            debtor_number=debtor,
        )
        for kind, minor in amounts_by_kind.items()
    ]


@st.composite
def entries(draw: st.DrawFn) -> list[Allocation]:
    """One entry: up to four documents, perhaps something on account, perhaps a charge of the bank."""
    settled = draw(st.lists(documents_settled(), max_size=4, unique_by=lambda a: a[0].document_number))
    allocations = [allocation for of_document in settled for allocation in of_document]
    if draw(st.booleans()):
        debtor = draw(st.sampled_from((*DEBTORS, "")))
        on_account = Money(draw(amounts), "EUR")
        allocations.append(Allocation(kind=AllocationKind.ON_ACCOUNT, amount=on_account, debtor_number=debtor))
    if draw(st.booleans()) or not allocations:
        charge = Money(-draw(amounts), "EUR")
        allocations.append(Allocation(kind=AllocationKind.BANK_CHARGE, amount=charge))
    return allocations


@st.composite
def facts(draw: st.DrawFn) -> list[PostingFact]:
    booked = draw(st.lists(entries(), min_size=1, max_size=4))
    return [
        PostingFact(
            entry_id=f"E{n}",
            booking_date=date(2026, 12, 30) + timedelta(days=n),
            account=IBAN,
            allocation=allocation,
            payer_name=draw(ANYBODY),
            remittance=draw(ANYBODY),
            end_to_end_id=draw(st.text(max_size=35)),
            state=draw(st.sampled_from((EntryState.AUTO, EntryState.CONFIRMED, EntryState.RETURNED))),
        )
        for n, allocations in enumerate(booked)
        for allocation in allocations
    ]


def export(booked: list[PostingFact], reversal: Reversal = Reversal.GENERALUMKEHR) -> DatevExport:
    return datev_batches("muster", booked, DatevSettings(chart=CHART, reversal=reversal), created_at=NIGHT)


def bank_movement(exported: DatevExport) -> Decimal:
    return sum(
        (account_movements(read_batch(b.content)).get(CHART.bank, Decimal(0)) for b in exported.batches), Decimal(0)
    )


@settings(max_examples=80, deadline=None)
@given(facts())
def test_the_bank_moves_by_every_entry_and_each_document_clears_by_its_allocations(booked: list[PostingFact]) -> None:
    exported = export(booked)
    assert exported.unclear == ()
    by_entry: defaultdict[str, list[PostingFact]] = defaultdict(list)
    owed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for fact in booked:
        by_entry[fact.entry_id].append(fact)
        if fact.allocation.kind in SETTLES_PRINCIPAL and fact.allocation.document_number:
            owed[fact.allocation.debtor_number, fact.allocation.document_number] += fact.allocation.amount.minor
    for of_entry in by_entry.values():
        assert bank_movement(export(of_entry)) == money_moved((f.allocation for f in of_entry), "EUR").decimal()
    assert bank_movement(exported) == money_moved((f.allocation for f in booked), "EUR").decimal()

    items = {document_key(int(d), n): Money(minor, "EUR").decimal() for (d, n), minor in owed.items()}
    balances = items
    for batch in exported.batches:
        balances = dict(clears(read_batch(batch.content), balances).balances)
    assert {key: balances[key] for key in items if balances[key]} == {}


@settings(max_examples=80, deadline=None)
@given(facts())
def test_what_is_written_is_read_and_found_correct(booked: list[PostingFact]) -> None:
    exported = export(booked)
    for batch in exported.batches:
        assert check_delivery(batch) == ()
    assert sum(len(b.facts) for b in exported.batches) == len(booked)


@settings(max_examples=60, deadline=None)
@given(facts(), st.sampled_from(Reversal))
def test_what_is_taken_back_leaves_nothing_behind(booked: list[PostingFact], reversal: Reversal) -> None:
    undone = [replace(f, is_reversal=True) for f in booked]
    exported = export([*booked, *undone], reversal)
    for batch in exported.batches:
        read = read_batch(batch.content)
        assert set(account_movements(read).values()) <= {Decimal(0)}
        assert clears(read, {}).open() == {}


@settings(max_examples=60, deadline=None)
@given(facts())
def test_the_order_of_entries_decides_nothing(booked: list[PostingFact]) -> None:
    ids = sorted({f.entry_id for f in booked}, reverse=True)
    shuffled = [f for entry_id in ids for f in booked if f.entry_id == entry_id]
    assert [b.content for b in export(shuffled).batches] == [b.content for b in export(booked).batches]


@given(st.text(max_size=300))
def test_every_text_can_be_written_in_windows_1252_and_stays_short(text: str) -> None:
    written = windows_text(text, 210)
    assert len(written) <= 210
    assert written.encode("cp1252").decode("cp1252") == written
    assert written.count("?") <= unicodedata.normalize("NFKD", text).count("?")
    assert written == windows_text(written, 210)


@given(st.text(max_size=60))
def test_every_document_number_is_normalised_once_and_for_all(number: str) -> None:
    written = document_field(number)
    assert COLUMNS[10].accepts(written)
    assert document_field(written) == written
