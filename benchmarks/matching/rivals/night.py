"""What a rival (Vergleichsverfahren) is told in a night, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from ledger.allocation import Allocation
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry


class Booked(NamedTuple):
    """A payment of an earlier night, and as what it was booked in the end."""

    entry: StatementEntry
    bookings: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Everything known in one night; the same for every rival, and what our own engine knows too."""

    day: date
    entries: tuple[StatementEntry, ...]  # incoming payments, oldest first
    items: tuple[OpenItem, ...]  # open invoices and credit notes, the oldest due first
    documents: Mapping[str, OpenItem]  # by item id: everything ever written until that day, settled or not
    debtors: Mapping[str, Debtor]
    payers: Mapping[str, tuple[str, ...]]  # account -> debtors known to pay from it
    past: Sequence[Booked]  # as far as it is remembered


class Suggestion(NamedTuple):
    """One way to book a payment. What is ``automatic`` is booked without a person if it comes first."""

    bookings: tuple[Allocation, ...]
    automatic: bool = False


if TYPE_CHECKING:
    Answers = Mapping[str, Sequence[Suggestion]]  # best first, by entry id; who has nothing to say is missing
    Decide = Callable[[Night], Answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A way to match payments, written anew from the description of how others do it."""

    name: str
    how: str  # one sentence for the page
    begin: Callable[[], Decide]  # for one company; what it learns there stays there
