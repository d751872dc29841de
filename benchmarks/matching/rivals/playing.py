"""Playing a company's nights with rivals, each from the same true books, so that all know the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from benchmarks.matching.replay import Played
from benchmarks.matching.rivals.night import Booked, Night
from benchmarks.matching.truth import settled
from ledger.money import Money
from reconciliation.index import oldest_first
from reconciliation.outcome import EntryState, Outcome, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from benchmarks.matching.books import Books
    from benchmarks.matching.rivals.night import Answers, Rival, Suggestion
    from ledger.allocation import Allocation
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_NONE_STATED: Final = 0.0  # a rival's suggestions carry no probability that means anything


def play_rivals(
    books: Books, rivals: Sequence[Rival], *, start: date, history_months: int = 12, days_per_night: int = 7
) -> dict[str, Played]:
    """Let every rival decide on the incoming payments of each night from ``start`` on.

    Whatever a rival books, the next night begins with the books as they truly are: nobody suffers from yesterday's
    mistakes. ``history_months`` and the nights are those of ``replay``.
    """
    begun = {rival.name: rival.begin() for rival in rivals}
    outcomes: dict[str, dict[str, Outcome]] = {rival.name: {} for rival in rivals}
    judged: list[StatementEntry] = []
    for night in nights(books, start=start, history_months=history_months, days_per_night=days_per_night):
        judged += night.entries
        for name, decide in begun.items():
            outcomes[name] |= _book(night, decide(night))
    return {
        name: Played(books=books, entries=tuple(judged), outcomes=found, later={}) for name, found in outcomes.items()
    }


def nights(books: Books, *, start: date, history_months: int, days_per_night: int) -> Iterator[Night]:
    """Give what is known in each night; own transfers and money that leaves are no rival's concern."""
    known = _Known(books)
    remembered = start - timedelta(days=round(history_months * 30.4375))
    arrived: defaultdict[int, list[StatementEntry]] = defaultdict(list)
    for entry in books.entries:
        if entry.booking_date < start:
            known.book(entry, remember=entry.booking_date >= remembered)
        else:
            arrived[(entry.booking_date - start).days // days_per_night].append(entry)
    for number in sorted(arrived):
        yield known.night(arrived[number], start + timedelta(days=(number + 1) * days_per_night - 1))
        for entry in arrived[number]:
            known.book(entry, remember=True)


class _Known:
    """The books as they truly are, and what of the past is remembered."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._left = {item.item_id: item.open_amount.minor for item in books.items}
        self._signs = {item.item_id: 1 if item.is_invoice else -1 for item in books.items}
        self._past: list[Booked] = []
        self._payers: dict[str, dict[str, None]] = {}
        for debtor in books.debtors.values():
            for iban in debtor.ibans:
                self._payers.setdefault(iban, {})[debtor.number] = None

    def night(self, arrived: Sequence[StatementEntry], day: date) -> Night:
        written = [item for item in self._books.items if item.document_date <= day]
        return Night(
            day=day,
            entries=tuple(
                entry
                for entry in arrived
                if entry.amount.minor > 0 and entry.payer_iban not in self._books.own_accounts
            ),
            items=tuple(sorted(filter(None, map(self._open, written)), key=oldest_first)),
            documents={item.item_id: item for item in written},
            debtors=self._books.debtors,
            payers={iban: tuple(sorted(debtors)) for iban, debtors in self._payers.items()},
            past=tuple(self._past),
        )

    def book(self, entry: StatementEntry, *, remember: bool) -> None:
        bookings = self._books.truth[entry.entry_id].bookings
        for item_id, minor in settled(bookings).items():
            self._left[item_id] -= self._signs[item_id] * minor
        if not remember or not bookings or entry.amount.minor <= 0:
            return
        self._past.append(Booked(entry, bookings))
        if entry.payer_iban:
            for debtor in {a.debtor_number for a in bookings if a.debtor_number}:
                self._payers.setdefault(entry.payer_iban, {})[debtor] = None

    def _open(self, item: OpenItem) -> OpenItem | None:
        left = self._left[item.item_id]
        if left == item.open_amount.minor:
            return item
        return replace(item, open_amount=Money(left, item.currency)) if left else None


def _book(night: Night, answers: Answers) -> dict[str, Outcome]:
    """Book one payment after the other; no rival may take the same cent twice in a night."""
    left = {item.item_id: item.open_amount.minor for item in night.items}
    outcomes: dict[str, Outcome] = {}
    for entry in sorted(night.entries, key=lambda e: (e.booking_date, e.entry_id)):
        possible = [s for s in answers.get(entry.entry_id, ()) if _affordable(s.bookings, left)]
        outcomes[entry.entry_id] = _outcome(entry, possible)
        for item_id, minor in settled(outcomes[entry.entry_id].allocations).items():
            left[item_id] -= abs(minor)
    return outcomes


def _affordable(bookings: Sequence[Allocation], left: Mapping[str, int]) -> bool:
    return all(abs(minor) <= left[item_id] for item_id, minor in settled(bookings).items())


def _outcome(entry: StatementEntry, possible: Sequence[Suggestion]) -> Outcome:
    proposals = tuple(
        Proposal(probability=_NONE_STATED, allocations=suggestion.bookings, reasons=()) for suggestion in possible
    )
    if possible and possible[0].automatic:
        state, booked = EntryState.AUTO, possible[0].bookings
    else:
        state, booked = EntryState.REVIEW if possible else EntryState.UNMATCHED, ()
    return Outcome(entry_id=entry.entry_id, state=state, reasons=(), allocations=booked, proposals=proposals)
