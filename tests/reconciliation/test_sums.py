"""Sums of open items are all found, and none that is not there, however they are looked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import StatementEntry
from reconciliation import subsets
from reconciliation.settings import MatchSettings
from reconciliation.subsets import Sums, sums_of

PAID_ON = date(2026, 5, 10)
WISHES = MatchSettings()
Lines = list[tuple[int, bool, bool]]  # Cents, whether it is a credit note, whether Skonto may still be taken

LINES: st.SearchStrategy[Lines] = st.lists(
    st.tuples(
        st.sampled_from([100, 200, 300, 500, 800, 1_300, 9_999]), st.sampled_from([False] * 4 + [True]), st.booleans()
    ),
    min_size=1,
    max_size=7,
)


def owed(lines: Lines) -> list[OpenItem]:
    return [
        OpenItem(
            item_id=f"i{place}",
            document_number=f"RE-{place}",
            kind=ItemKind.CREDIT_NOTE if credit_note else ItemKind.INVOICE,
            debtor_number="10001",
            document_date=date(2026, 4, 1),
            due_date=date(2026, 5, 1),
            amount=Money(cents, "EUR"),
            open_amount=Money(cents, "EUR"),
            skonto_percent=Decimal(2),
            skonto_until=date(2026, 5, 10) if in_time else date(2026, 4, 20),
        )
        for place, (cents, credit_note, in_time) in enumerate(lines)
    ]


def every_set(lines: Lines, paid: int) -> set[tuple[str, ...]]:
    """Try everything: each line is left out, paid in full, or paid less 2 per cent."""
    found = set()
    ways = [
        (None, -cents)
        if credit_note
        else (None, cents, cents - (cents * 2 + 50) // 100)
        if in_time
        else (None, cents)
        for cents, credit_note, in_time in lines
    ]
    for chosen in product(*ways):
        if sum(value for value in chosen if value is not None) == paid:
            found.add(tuple(f"i{place}" for place, value in enumerate(chosen) if value is not None))
    return found - {()}


def found_by(lines: Lines, paid: int) -> Sums:
    entry = StatementEntry(account="DE02120300000000202051", booking_date=PAID_ON, amount=Money(paid, "EUR"))
    return sums_of(entry, owed(lines), WISHES)


def ids(sums: Sums) -> set[tuple[str, ...]]:
    return {tuple(item.item_id for item in some) for some in sums.sets}


@settings(deadline=None, max_examples=150)
@given(lines=LINES, paid=st.one_of(st.integers(1, 40).map(lambda hundreds: hundreds * 100), st.integers(90, 3_000)))
def test_every_sum_is_found_whether_listed_or_marked(lines: Lines, paid: int) -> None:
    true = every_set(lines, paid)
    listed = found_by(lines, paid)
    with patch.object(subsets, "_MOST_IN_HALF", 0):  # as if there were too many sums to list them
        marked = found_by(lines, paid)
    for sums in (listed, marked):
        assert ids(sums) <= true
        assert sums.several == (len(true) > 1)
        assert len(sums.sets) == min(len(true), WISHES.subset_maximum_solutions)


def test_an_amount_that_nothing_gives_has_no_sums() -> None:
    assert found_by([(100, False, False), (300, False, False)], 250) == Sums((), several=False)
