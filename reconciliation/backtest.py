"""The back-test (Rückrechnung): a company's nights played again, as its rules are and as they would be."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.collector import collector_paused
from ledger.money import Money
from reconciliation.classes import CERTIFIED
from reconciliation.engine import reconcile_on, under
from reconciliation.index import build_index
from reconciliation.interpretation import principal
from reconciliation.outcome import MEMORY, KnownPayer, as_payment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ledger.allocation import Allocation, AllocationKind
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.outcome import Outcome, PastPayment
    from reconciliation.settings import MatchSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What may be tried: the company's wishes, and the weights with their certificate."""

    settings: MatchSettings
    model: Model


@dataclass(frozen=True, slots=True, kw_only=True)
class PastItem:
    """A document of the history. ``item.open_amount`` is what was open before any payment of the history."""

    item: OpenItem
    vanished_after: date | None = None  # last day the tool listed it, where no booking explains that it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the office knows of its past; the order of entries, items and bookings decides nothing."""

    entries: Sequence[StatementEntry]  # booked by the bank
    items: Sequence[PastItem]
    debtors: Mapping[str, Debtor]
    standing: Sequence[PastPayment]  # what stands in the books and was never undone: the truth, as far as known
    undone: Mapping[str, Sequence[Sequence[Allocation]]]  # entry id -> bookings that a person took back
    set_aside: Collection[str]  # entries a person ignored: nothing is what should be booked
    rules: RuleBook
    own_accounts: frozenset[str]
    own_names: frozenset[str]


class Verdict(StrEnum):
    """What became of an entry in its night, held against what stands in the books."""

    RIGHT = "right"  # booked without a person, and equal to what stands
    WRONG = "wrong"  # booked without a person, and not what stands; or what a person took back
    UNJUDGED = "unjudged"  # booked without a person, and nothing stands that could judge it
    NOT_BOOKED = "not_booked"  # left to a person, or set aside


class Change(StrEnum):
    """What the changed rules would mean for an entry."""

    GAINED = "gained"  # booked rightly, and was not before
    LOST = "lost"  # was booked rightly, and would wait for a person
    WRONG = "wrong"  # would be booked wrongly, whether it was before or not
    AVOIDED = "avoided"  # was booked wrongly, and would wait for a person
    UNJUDGED = "unjudged"  # would be booked, and nobody can say whether rightly


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What one set of rules makes of one entry."""

    verdict: Verdict
    allocations: tuple[Allocation, ...]
    evidence_class: str  # of the booking; empty where nothing is booked
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One entry under both sets of rules, and what stands in the books for it."""

    entry: StatementEntry
    stands: tuple[Allocation, ...] | None  # None where nothing is decided; empty where a person set it aside
    taken_back: Sequence[Sequence[Allocation]]  # bookings that stood, and that a person undid
    before: Played
    after: Played

    @property
    def is_new(self) -> bool:
        """Whether the two sets of rules book differently."""
        return _content(self.before.allocations) != _content(self.after.allocations)

    @property
    def change(self) -> Change | None:
        """What would be different, or is wrong or open to doubt either way; None where all is well as it is."""
        before, after = self.before.verdict, self.after.verdict
        if after is Verdict.WRONG:
            return Change.WRONG
        if after is Verdict.UNJUDGED:
            return Change.UNJUDGED
        if after is Verdict.RIGHT:
            return None if before is Verdict.RIGHT else Change.GAINED
        return {Verdict.RIGHT: Change.LOST, Verdict.WRONG: Change.AVOIDED}.get(before)

    @property
    def evidence_class(self) -> str:
        """The class the change belongs to: that of the new booking, or of the booking that would no longer be."""
        return self.after.evidence_class or self.before.evidence_class


def _watch_nothing(done: int, total: int) -> None:
    """Nobody waits."""


def backtest(
    history: History,
    *,
    as_it_is: RuleSet,
    changed: RuleSet,
    since: date | None = None,
    days_per_night: int = 1,
    progress: Callable[[int, int], None] = _watch_nothing,
) -> tuple[Compared, ...]:
    """Play every night from ``since`` on under both sets of rules, and judge each entry in its own night.

    Whatever is booked in the play, the books go on by what stands: so each night is judged on its own, and one
    difference does not become many. A night takes in the entries of ``days_per_night`` days; days without any have
    none. Ordered by booking date and id.
    """
    judge = _Judge(history)
    books = _books_before(history)
    compared: list[Compared] = []
    nights = _nights(history.entries, since, days_per_night)
    waiting = iter(sorted(history.standing, key=lambda p: (p.booking_date, p.entry_id)))
    following = next(waiting, None)
    for number, night in enumerate(nights, start=1):
        while following is not None and following.booking_date < night.first_day:
            books.book(following)
            following = next(waiting, None)
        index = _index(history, books, night, as_it_is.settings)
        before = _outcomes(history, books, night, as_it_is, index)
        after = before if changed == as_it_is else _outcomes(history, books, night, changed, index)
        compared += [judge.compared(e, before[e.entry_id], after[e.entry_id], changed) for e in night.entries]
        progress(number, len(nights))
    return tuple(compared)


@dataclass(frozen=True, slots=True)
class _Night:
    first_day: date
    last_day: date
    entries: Sequence[StatementEntry]


def _nights(entries: Sequence[StatementEntry], since: date | None, days: int) -> list[_Night]:
    ordered = sorted(entries, key=lambda e: (e.booking_date, e.entry_id))
    assert len({e.entry_id for e in ordered}) == len(ordered), "entries need ids of their own"
    if not ordered:
        return []
    start = since or ordered[0].booking_date
    of_night: defaultdict[int, list[StatementEntry]] = defaultdict(list)
    for entry in ordered:
        if entry.booking_date >= start:
            of_night[(entry.booking_date - start).days // days].append(entry)
    first_days = {number: start + timedelta(days=number * days) for number in of_night}
    return [_Night(first, first + timedelta(days=days - 1), of_night[n]) for n, first in first_days.items()]


def _outcomes(history: History, books: _Books, night: _Night, rule_set: RuleSet, index: Index) -> dict[str, Outcome]:
    """Reconcile until nothing more is booked, as every booking of a night may teach something.

    ``index`` has what is known when the night begins.
    """
    outcomes: dict[str, Outcome] = {}
    undecided = list(night.entries)
    known = under(index, rule_set.settings)
    while undecided:
        found = reconcile_on(
            known or _index(history, books, night, rule_set.settings),
            undecided,
            model=rule_set.model,
            rules=history.rules,
            own_names=history.own_names,
        )
        outcomes.update((outcome.entry_id, outcome) for outcome in found)
        booked = [e for e in undecided if outcomes[e.entry_id].allocations]
        undecided = [e for e in undecided if not outcomes[e.entry_id].allocations]
        if not booked:
            break
        known = None
        if undecided:
            books = books.with_tonight(as_payment(e, outcomes[e.entry_id].allocations) for e in booked)
    return outcomes


@collector_paused()
def _index(history: History, books: _Books, night: _Night, settings: MatchSettings) -> Index:
    return build_index(
        items=books.items_on(night.last_day),
        debtors=history.debtors,
        known_payers=books.payers.values(),
        past=books.past_on(night.last_day),
        settings=settings,
        own_accounts=history.own_accounts,
    )


@dataclass(slots=True)
class _Books:
    """How the books stood on the evening that is played, and what the office had learned by then."""

    known: Sequence[PastItem]  # oldest document first
    items: dict[str, OpenItem]
    left: dict[str, int]  # minor units; negative where bookings took more than was open
    touched_on: dict[str, date]
    past: list[PastPayment]
    payers: dict[tuple[str, str], KnownPayer]

    def with_tonight(self, payments: Iterable[PastPayment]) -> _Books:
        """Give the books with more booked in them, and leave these as they are."""
        more = replace(
            self,
            items=dict(self.items),
            left=dict(self.left),
            touched_on=dict(self.touched_on),
            past=list(self.past),
            payers=dict(self.payers),
        )
        for payment in payments:
            more.book(payment)
        return more

    def book(self, payment: PastPayment) -> None:
        """Let a payment settle its items, and remember who paid."""
        for item_id, minor in principal(payment.allocations).items():
            item = self.items[item_id]
            self.left[item_id] -= minor if item.is_invoice else -minor
            self.items[item_id] = _with_open(item, self.left[item_id])
            self.touched_on[item_id] = payment.booking_date
        self.past.append(payment)
        if payment.payer_iban and payment.amount.minor > 0:
            for debtor_number in {a.debtor_number for a in payment.allocations if a.debtor_number}:
                self._learn(payment.payer_iban, debtor_number, payment.booking_date)

    def _learn(self, iban: str, debtor_number: str, day: date) -> None:
        known = self.payers.get((iban, debtor_number))
        self.payers[iban, debtor_number] = KnownPayer(
            iban=iban,
            debtor_number=debtor_number,
            payments=known.payments + 1 if known else 1,
            last_seen=max(day, known.last_seen) if known and known.last_seen else day,
            first_seen=min(day, known.first_seen) if known and known.first_seen else day,
        )

    def items_on(self, day: date) -> Iterator[OpenItem]:
        """Give what was open that day, and what was settled lately."""
        for past in self.known:
            item = self.items[past.item.item_id]
            if item.document_date > day:
                break
            gone = past.vanished_after if past.vanished_after and past.vanished_after < day else None
            if item.open_amount and gone is None:
                yield item
            elif (gone or self.touched_on.get(item.item_id, item.document_date)) >= day - MEMORY:
                yield _with_open(item, 0)

    def past_on(self, day: date) -> list[PastPayment]:
        """Give the payments that are remembered that day."""
        return [payment for payment in self.past if payment.booking_date >= day - MEMORY]


def _books_before(history: History) -> _Books:
    """Give the books before the first payment: everything is open, and only the tool knows accounts."""
    known = sorted(history.items, key=lambda past: (past.item.document_date, past.item.item_id))
    told = ((iban, debtor.number) for debtor in history.debtors.values() for iban in debtor.ibans)
    return _Books(
        known=known,
        items={past.item.item_id: _with_open(past.item, past.item.open_amount.minor) for past in known},
        left={past.item.item_id: past.item.open_amount.minor for past in known},
        touched_on={},
        past=[],
        payers={key: KnownPayer(iban=key[0], debtor_number=key[1], payments=0) for key in told},
    )


def _with_open(item: OpenItem, minor: int) -> OpenItem:
    """Give an item with what is left of it; a booking may take more than was open, and then nothing is."""
    left = max(0, minor)
    return item if item.open_amount.minor == left else replace(item, open_amount=Money(left, item.currency))


class _Judge:
    """Holds what is booked in the play against what stands in the books, or was taken back."""

    def __init__(self, history: History) -> None:
        self._stands: dict[str, tuple[Allocation, ...]] = dict.fromkeys(history.set_aside, ())
        self._stands |= {payment.entry_id: payment.allocations for payment in history.standing}
        self._undone = history.undone

    def compared(self, entry: StatementEntry, before: Outcome, after: Outcome, changed: RuleSet) -> Compared:
        """Judge an entry under both sets of rules."""
        return Compared(
            entry=entry,
            stands=self._stands.get(entry.entry_id),
            taken_back=self._undone.get(entry.entry_id, ()),
            before=self._played(before),
            after=_told_as_tried(self._played(after), after, changed),
        )

    def _played(self, outcome: Outcome) -> Played:
        chosen = next((p for p in outcome.proposals if p.allocations == outcome.allocations), None)
        return Played(
            verdict=self._verdict(outcome),
            allocations=outcome.allocations,
            evidence_class=chosen.evidence_class if chosen and outcome.allocations else "",
            reasons=outcome.reasons,
        )

    def _verdict(self, outcome: Outcome) -> Verdict:
        if not outcome.allocations:
            return Verdict.NOT_BOOKED
        booked = _content(outcome.allocations)
        stands = self._stands.get(outcome.entry_id)
        if stands is not None:
            return Verdict.RIGHT if booked == _content(stands) else Verdict.WRONG
        taken_back = self._undone.get(outcome.entry_id, ())
        return Verdict.WRONG if any(booked == _content(one) for one in taken_back) else Verdict.UNJUDGED


def _told_as_tried(played: Played, outcome: Outcome, changed: RuleSet) -> Played:
    """Say of a booking by a threshold that was never certified that it is only tried."""
    certificate = changed.model.certificate
    if played.evidence_class != CERTIFIED or certificate is None or certificate.accepted:
        return played
    probability = next(p.probability for p in outcome.proposals if p.allocations == outcome.allocations)
    why = f"booked: its probability of {probability:.2%} reaches the {certificate.threshold:.2%} that are tried"
    return replace(played, reasons=(why, *played.reasons[1:]))


def _content(allocations: Iterable[Allocation]) -> dict[tuple[AllocationKind, str, str, str], int]:
    """Give what a booking says, however it is cut into lines: so much, as what, on which item or account."""
    said: Counter[tuple[AllocationKind, str, str, str]] = Counter()
    for a in allocations:
        said[a.kind, a.item_id, "" if a.item_id else a.debtor_number, a.amount.currency] += a.amount.minor
    return {key: minor for key, minor in said.items() if minor}
