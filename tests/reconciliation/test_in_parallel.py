"""A night that is thought about in slices decides the same as one in one piece, wherever it is cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.matching.books import invent as invent_books
from benchmarks.matching.books import known_on
from benchmarks.matching.profiles import PROFILES
from ledger.statement import EntryKind
from reconciliation.engine import reconcile_on, under
from reconciliation.index import build_index
from reconciliation.outcome import EntryState
from reconciliation.rejections import Rejection, subject_of
from reconciliation.settings import MatchSettings
from tests.reconciliation.invented_books import OWN_ACCOUNT, invent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from ledger.statement import StatementEntry
    from reconciliation.in_parallel import Work

BOOKS = invent(seed=7, items=160, payments=160)


INDEX = build_index(
    items=BOOKS.items,
    debtors=BOOKS.debtors,
    known_payers=(),
    past=(),
    settings=MatchSettings(),
    own_accounts={OWN_ACCOUNT},
)


def paid_again(entries: Sequence[StatementEntry], chance: Random) -> list[StatementEntry]:
    """Let some payments come twice, some for the item of another one, and some direct debits come back."""
    more = []
    for number, entry in enumerate(chance.sample(entries, len(entries) // 3)):
        other = chance.choice(entries)
        text, later = other.remittance, entry.booking_date + timedelta(days=chance.randint(0, 5))
        more += [
            entry._replace(entry_id=f"again{number}", booking_date=later),
            entry._replace(entry_id=f"same{number}", amount=other.amount, remittance=text, remittance_glued=text),
            entry._replace(entry_id=f"back{number}", amount=-entry.amount, kind=EntryKind.RETURNED_DEBIT),
        ]
    return [*entries, *more]


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 60), st.integers(1, 40))
def test_where_a_night_is_cut_decides_nothing(chance: Random, size: int, count: int) -> None:
    entries = paid_again(chance.sample(BOOKS.entries, count), chance)
    whole = reconcile_on(INDEX, entries)
    cut = reconcile_on(INDEX, entries, share=map, slice_size=size)
    assert tuple(cut) == whole
    assert len(cut) == len(whole)
    assert tuple(cut) == whole, "it can be read twice"


def test_payments_that_compete_are_among_them() -> None:
    alone = {o.entry_id: o for entry in BOOKS.entries for o in reconcile_on(INDEX, [entry])}
    together = reconcile_on(INDEX, BOOKS.entries)
    assert sum(alone[outcome.entry_id] != outcome for outcome in together) > 10


@pytest.mark.parametrize("kind", ["default", "dirty"])
def test_the_same_holds_for_other_kinds_of_companies(kind: str) -> None:
    books = invent_books(PROFILES[kind].sized(500), 1003)
    middle = date(2026, 1, 1)
    index = build_index(
        items=known_on(books, middle),
        debtors=books.debtors,
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts=books.own_accounts,
    )
    entries = [entry for entry in books.entries if entry.booking_date > middle]
    assert len(entries) > 80
    whole = reconcile_on(index, entries)
    assert tuple(reconcile_on(index, entries, share=map, slice_size=9)) == whole


def test_what_people_rejected_is_respected_in_every_slice() -> None:
    booked = next(o for o in reconcile_on(INDEX, BOOKS.entries) if o.state is EntryState.AUTO)
    said = Rejection(
        entry_id=booked.entry_id,
        subject=subject_of(booked.allocations),
        grounds=(),
        rejected_on=date(2026, 5, 20),
        who="erika",
        why="not theirs",
    )
    rejections = {booked.entry_id: (said,)}
    whole = reconcile_on(INDEX, BOOKS.entries, rejections=rejections)
    assert tuple(reconcile_on(INDEX, BOOKS.entries, rejections=rejections, share=map, slice_size=7)) == whole


def test_a_night_without_entries_has_no_outcomes() -> None:
    assert not list(reconcile_on(INDEX, [], share=map))


def test_lookups_serve_other_settings_unless_they_would_be_filed_otherwise() -> None:
    stricter = replace(MatchSettings(), book_by_certificate=False, auto_minimum_probability=0.99)
    known = under(INDEX, stricter)
    assert known is not None
    anew = build_index(
        items=BOOKS.items,
        debtors=BOOKS.debtors,
        known_payers=(),
        past=(),
        settings=stricter,
        own_accounts={OWN_ACCOUNT},
    )
    assert reconcile_on(known, BOOKS.entries) == reconcile_on(anew, BOOKS.entries)
    assert under(INDEX, replace(MatchSettings(), shared_account_maximum=2)) is None


def test_each_slice_is_thought_about_once_and_only_the_concerned_again() -> None:
    asked: list[list[Sequence[int]]] = []

    def counting(work: Work, slices: Sequence[Sequence[int]]) -> list[bytes]:
        asked.append(list(slices))
        return list(map(work, slices))

    reconcile_on(INDEX, BOOKS.entries, share=counting, slice_size=50)
    first, _groups, again = asked
    assert [number for cut in first for number in cut] == list(range(len(BOOKS.entries)))
    concerned = [number for cut in again for number in cut]
    assert 0 < len(concerned) == len(set(concerned)) < len(BOOKS.entries) / 2
