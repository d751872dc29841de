"""Matching on one core: a month of invented payments against 10,000 and 100,000 open items."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, cpu_seconds, peak_megabytes
from reconciliation.engine import reconcile
from reconciliation.settings import MatchSettings
from tests.reconciliation.invented_books import OWN_ACCOUNT, Invented, invent

if TYPE_CHECKING:
    from collections.abc import Iterator


def figures() -> Iterator[Figure]:
    """Measure two sizes; the cost of a payment should hardly grow with the number of open items."""
    before: float | None = None
    for items, payments in ((10_000, 5_000), (100_000, 10_000)):
        books = invent(2026, items, payments)
        seconds = cpu_seconds(partial(_match, books), runs=1)
        yield Figure(
            what=f"payments matched against {items:,} open items",
            count=payments,
            unit="payments",
            cpu_seconds=seconds,
            peak_megabytes=peak_megabytes(),
            floor="a payment against 10,000 items" if before else "",
            floor_seconds=before * payments if before else None,
        )
        before = seconds / payments


def _match(books: Invented) -> None:
    reconcile(
        entries=books.entries,
        items=books.items,
        debtors=books.debtors,
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts=frozenset({OWN_ACCOUNT}),
    )
