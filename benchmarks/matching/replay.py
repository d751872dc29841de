"""Playing a company's nights (Nächte) one after the other, with an accountant every morning."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from benchmarks.matching.truth import settled
from ledger.money import Money
from reconciliation.case import consider
from reconciliation.engine import reconcile
from reconciliation.ignored import ignored_because
from reconciliation.index import build_index
from reconciliation.learned_weights import SHIPPED
from reconciliation.outcome import MEMORY, EntryState, KnownPayer, as_payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.matching.books import Books
    from ledger.allocation import Allocation
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.case import Case
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.outcome import Outcome, PastPayment
    from reconciliation.settings import MatchSettings

_BOOKED: Final = frozenset({EntryState.AUTO, EntryState.RETURNED})
_DONE: Final = _BOOKED | {EntryState.IGNORED}  # nobody looks at what was ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What became of each entry of the judged nights."""

    books: Books
    entries: tuple[StatementEntry, ...]  # of the judged nights
    outcomes: Mapping[str, Outcome]  # of each entry's first night, by entry id
    later: Mapping[str, Outcome]  # booked by the engine on a later night, where nobody had decided meanwhile


def replay(
    books: Books,
    *,
    settings: MatchSettings,
    start: date,
    history_months: int = 12,
    days_per_night: int = 7,
    learn: bool = True,
    nights: int | None = None,
    model: Model = SHIPPED,
) -> Played:
    """Let the engine work night after night from ``start`` on.

    Before, everything was booked by the truth; of that, the engine remembers the last ``history_months``. During the
    judged nights, what the engine books stands, right or wrong. With ``learn``, an accountant books the truth of
    everything else on the next morning; without, it waits, and is asked again every night.
    """
    desk = _desk_on(books, start, history_months, settings, model)
    outcomes: dict[str, Outcome] = {}
    later: dict[str, Outcome] = {}
    judged: list[StatementEntry] = []
    waiting: list[StatementEntry] = []
    for day, arrived in _nights(books, start, days_per_night, nights):
        found = desk.night([*waiting, *arrived], day)
        outcomes.update((entry.entry_id, found[entry.entry_id]) for entry in arrived)
        later.update((e.entry_id, found[e.entry_id]) for e in waiting if found[e.entry_id].state in _BOOKED)
        judged += arrived
        undecided = [e for e in (*waiting, *arrived) if found[e.entry_id].state not in _DONE]
        if learn:
            for entry in undecided:
                desk.book(entry, books.truth[entry.entry_id].bookings, remember=True)
        waiting = [] if learn else undecided
    return Played(books=books, entries=tuple(judged), outcomes=outcomes, later=later)


def thought(
    books: Books, *, settings: MatchSettings, start: date, history_months: int = 12, model: Model = SHIPPED
) -> Iterator[Case]:
    """Let the engine think about every payment from ``start`` on, day by day, and book the truth each evening."""
    desk = _desk_on(books, start, history_months, settings, model)
    for day, arrived in _nights(books, start, 1, None):
        index = desk.index(day) if arrived else None
        for entry in arrived:
            if index is not None and entry.amount.minor > 0 and not ignored_because(entry, index):
                yield consider(entry, index, model)
        for entry in arrived:
            desk.book(entry, books.truth[entry.entry_id].bookings, remember=True)


def _desk_on(books: Books, start: date, history_months: int, settings: MatchSettings, model: Model) -> _Desk:
    desk = _Desk(books, settings, model)
    remembered = start - timedelta(days=round(history_months * 30.4375))
    for entry in books.entries:
        if entry.booking_date < start:
            desk.book(entry, books.truth[entry.entry_id].bookings, remember=entry.booking_date >= remembered)
    return desk


def _nights(books: Books, start: date, days: int, limit: int | None) -> Iterator[tuple[date, list[StatementEntry]]]:
    """Give the last day of each night's statements, and what they brought; quiet weeks have a night too."""
    by_night: defaultdict[int, list[StatementEntry]] = defaultdict(list)
    for entry in books.entries:
        if entry.booking_date >= start:
            by_night[(entry.booking_date - start).days // days].append(entry)
    last = max(by_night, default=-1)
    for number in range(last + 1 if limit is None else min(limit, last + 1)):
        yield start + timedelta(days=(number + 1) * days - 1), by_night[number]


class _Desk:
    """The state of the books as the office has it, and everything the engine may remember."""

    def __init__(self, books: Books, settings: MatchSettings, model: Model) -> None:
        self._books = books
        self._settings = settings
        self._model = model
        self._signs = {item.item_id: 1 if item.is_invoice else -1 for item in books.items}
        self._whole = {item.item_id: item.amount.minor for item in books.items}
        self._left = dict(self._whole)
        self._settled_on: dict[str, date] = {}
        self._past: list[PastPayment] = []
        self._payments: Counter[tuple[str, str]] = Counter()
        self._last_seen: dict[tuple[str, str], date] = {}

    def night(self, entries: Sequence[StatementEntry], day: date) -> dict[str, Outcome]:
        """Reconcile until nothing more is booked, as every booking may teach something."""
        outcomes: dict[str, Outcome] = {}
        undecided = list(entries)
        while undecided:
            found = self._reconcile(undecided, day)
            outcomes.update((outcome.entry_id, outcome) for outcome in found)
            booked = {outcome.entry_id: outcome.allocations for outcome in found if outcome.allocations}
            for entry in undecided:
                if entry.entry_id in booked:
                    self.book(entry, booked[entry.entry_id], remember=True)
            undecided = [entry for entry in undecided if entry.entry_id not in booked]
            if not booked:
                break
        return outcomes

    def book(self, entry: StatementEntry, allocations: Sequence[Allocation], *, remember: bool) -> None:
        """Book, and remember the payment and its payer; what is not ours leaves no trace."""
        for item_id, minor in settled(allocations).items():
            # A wrong booking may have taken before what the truth needs now: then nothing is left of it.
            left = self._left[item_id] - self._signs[item_id] * minor
            self._left[item_id] = min(max(0, left), self._whole[item_id])
            if not self._left[item_id]:
                self._settled_on[item_id] = entry.booking_date
        if not remember or not allocations:
            return
        self._past.append(as_payment(entry, allocations))
        if entry.payer_iban and entry.amount.minor > 0:
            for debtor in {a.debtor_number for a in allocations if a.debtor_number}:
                key = (entry.payer_iban, debtor)
                self._payments[key] += 1
                self._last_seen[key] = entry.booking_date

    def _reconcile(self, entries: Sequence[StatementEntry], day: date) -> tuple[Outcome, ...]:
        return reconcile(
            entries=entries,
            items=tuple(self._items(day)),
            debtors=self._books.debtors,
            known_payers=tuple(self._known_payers()),
            past=[payment for payment in self._past if payment.booking_date >= day - MEMORY],
            settings=self._settings,
            own_accounts=self._books.own_accounts,
            model=self._model,
        )

    def index(self, day: date) -> Index:
        """Build the lookups of a night."""
        return build_index(
            items=tuple(self._items(day)),
            debtors=self._books.debtors,
            known_payers=tuple(self._known_payers()),
            past=[payment for payment in self._past if payment.booking_date >= day - MEMORY],
            settings=self._settings,
            own_accounts=self._books.own_accounts,
        )

    def _items(self, day: date) -> Iterator[OpenItem]:
        """Give what is open that day, and what was settled lately."""
        for item in self._books.items:
            if item.document_date > day:
                break
            left = self._left[item.item_id]
            if left == item.open_amount.minor:
                yield item
            elif left or self._settled_on[item.item_id] >= day - MEMORY:
                yield replace(item, open_amount=Money(left, item.currency))

    def _known_payers(self) -> Iterable[KnownPayer]:
        told = {(iban, debtor.number): 0 for debtor in self._books.debtors.values() for iban in debtor.ibans}
        for (iban, debtor), count in sorted({**told, **self._payments}.items()):
            seen = self._last_seen.get((iban, debtor))
            yield KnownPayer(iban=iban, debtor_number=debtor, payments=count, last_seen=seen)
