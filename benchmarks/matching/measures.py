"""What the nights were worth (Kennzahlen): how much was booked, how much wrongly, and how good proposals are."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, log1p
from typing import TYPE_CHECKING, Final

from benchmarks.matching.truth import credited, settled
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.matching.replay import Played
    from benchmarks.matching.truth import Truth
    from ledger.allocation import Allocation
    from reconciliation.outcome import Outcome

_BINS: Final = 10
_HALVINGS: Final = 60  # of an interval of length one: more than a float can hold
_PAID_TWICE: Final = frozenset({"duplicate", "settled_invoice"})


class Verdict(StrEnum):
    """What an outcome is worth, measured by the truth."""

    RIGHT = "right"  # booked: every item by its amount, and the credit of the right debtor
    WRONG_ITEM = "wrong item"
    INCOMPLETE = "incomplete set"  # right items only, but not all of them, or not by their amounts
    DOUBLE = "double"  # paid twice, and taken for the payment of something else
    NOT_TO_BE_BOOKED = "should not have been booked"
    WAITS = "waits for a person"
    IGNORED = "ignored"


WRONG: Final = (Verdict.WRONG_ITEM, Verdict.INCOMPLETE, Verdict.DOUBLE, Verdict.NOT_TO_BE_BOOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One entry of the judged nights with what was made of it."""

    entry_id: str
    payment_class: str
    modifiers: tuple[str, ...]
    is_ours: bool  # concerns a debtor at all
    bookable: bool
    verdict: Verdict
    rank: int | None  # place of the right booking among the proposals of the first night, from 1
    probability: float | None  # stated for the first proposal
    reasons: tuple[str, ...]

    @property
    def is_automatic(self) -> bool:
        """Whether it was booked without a person, right or wrong."""
        return self.verdict is Verdict.RIGHT or self.verdict in WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Entries whose first proposal was stated with about the same probability."""

    count: int
    stated: float  # mean of what was stated
    right: float  # share that was right


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Whether a stated probability means what it says."""

    bins: tuple[Bin | None, ...]  # ten, from improbable to certain; None where nothing was stated
    expected_error: float  # mean distance between stated and true (ECE), weighted by entries
    brier: float  # mean squared distance (Brier 1950)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The figures of some judged entries."""

    entries: int
    bookable: int
    automatic: int
    automatic_bookable: int  # right, and bookable
    wrong: Counter[Verdict]
    waiting: int
    waiting_ours: int
    waiting_bookable: int
    first: int  # waiting, ours, and the right booking is the first proposal
    among_three: int
    first_bookable: int
    among_three_bookable: int
    ignored_bookable: int  # nobody will ever look at these

    @property
    def automatic_rate(self) -> float:
        """Share of the bookable payments that were booked, rightly, without a person."""
        return _share(self.automatic_bookable, self.bookable)

    @property
    def review_rate(self) -> float:
        """Share of all entries that wait for a person."""
        return _share(self.waiting, self.entries)

    @property
    def wrong_per_ten_thousand(self) -> float:
        """Wrong bookings in ten thousand automatic ones."""
        return _share(self.wrong.total(), self.automatic) * 10_000

    @property
    def wrong_at_most(self) -> float:
        """Wrong bookings in ten thousand automatic ones, with a confidence of 95 % not more than this."""
        return upper_bound(self.wrong.total(), self.automatic) * 10_000


def judge(played: Played) -> tuple[Judged, ...]:
    """Compare every outcome with the truth."""
    truth = played.books.truth
    return tuple(
        _judged(e.entry_id, truth[e.entry_id], played.outcomes[e.entry_id], played.later.get(e.entry_id))
        for e in played.entries
    )


def measure(judged: Iterable[Judged]) -> Measures:
    """Count."""
    every = list(judged)
    waiting = [j for j in every if j.verdict is Verdict.WAITS]
    ours = [j for j in waiting if j.is_ours]
    bookable = [j for j in waiting if j.bookable]
    return Measures(
        entries=len(every),
        bookable=sum(j.bookable for j in every),
        automatic=sum(j.is_automatic for j in every),
        automatic_bookable=sum(j.bookable and j.verdict is Verdict.RIGHT for j in every),
        wrong=Counter(j.verdict for j in every if j.verdict in WRONG),
        waiting=len(waiting),
        waiting_ours=len(ours),
        waiting_bookable=len(bookable),
        first=_within(ours, 1),
        among_three=_within(ours, 3),
        first_bookable=_within(bookable, 1),
        among_three_bookable=_within(bookable, 3),
        ignored_bookable=sum(j.bookable and j.verdict is Verdict.IGNORED for j in every),
    )


def by_class(judged: Iterable[Judged]) -> dict[str, Measures]:
    """Measure each payment class for itself, the frequent ones first."""
    return _grouped(judged, lambda j: (j.payment_class,))


def by_modifier(judged: Iterable[Judged]) -> dict[str, Measures]:
    """Measure the entries with each modifier, the frequent ones first; an entry may have several."""
    return _grouped(judged, lambda j: j.modifiers)


def reliability(judged: Iterable[Judged]) -> Reliability:
    """Compare what was stated for the first proposal with how often it was right, in ten bins of equal width."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for j in judged:
        if j.probability is not None:
            bins[min(_BINS - 1, int(j.probability * _BINS))].append((j.probability, j.rank == 1))
    stated = [pair for one in bins for pair in one]
    distances = [abs(sum(p for p, _ in one) - sum(right for _, right in one)) for one in bins]
    return Reliability(
        bins=tuple(_bin(one) if one else None for one in bins),
        expected_error=_share(sum(distances), len(stated)),
        brier=_share(sum((p - right) ** 2 for p, right in stated), len(stated)),
    )


def upper_bound(wrong: int, trials: int, confidence: float = 0.95) -> float:
    """Give the exact one-sided upper bound of an error rate (Clopper and Pearson 1934), found by bisection.

    It is the rate at which so few errors as were seen, or fewer, would have had a chance of ``1 - confidence``.
    """
    if wrong >= trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(wrong, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def is_right(allocations: Sequence[Allocation], truth: Truth) -> bool:
    """Whether a booking reduces every item by what the truth says, and credits the right debtors with as much."""
    same = settled(allocations) == truth.allocations and credited(allocations) == truth.on_account
    return same and bool(truth.bookings)


def _judged(entry_id: str, truth: Truth, outcome: Outcome, later: Outcome | None) -> Judged:
    ranks = (rank for rank, p in enumerate(outcome.proposals, 1) if is_right(p.allocations, truth))
    return Judged(
        entry_id=entry_id,
        payment_class=truth.payment_class,
        modifiers=truth.modifiers,
        is_ours=bool(truth.bookings),
        bookable=truth.bookable,
        verdict=_verdict(later or outcome, truth),
        rank=next(ranks, None),
        probability=outcome.proposals[0].probability if outcome.proposals else None,
        reasons=outcome.reasons,
    )


def _verdict(outcome: Outcome, truth: Truth) -> Verdict:
    if outcome.state is EntryState.IGNORED:
        return Verdict.IGNORED
    if not outcome.allocations:
        return Verdict.WAITS
    if is_right(outcome.allocations, truth):
        return Verdict.RIGHT
    return _mistake(outcome.allocations, truth)


def _mistake(allocations: Sequence[Allocation], truth: Truth) -> Verdict:
    items, meant = settled(allocations).keys(), truth.allocations.keys()
    if truth.payment_class in _PAID_TWICE and items:
        return Verdict.DOUBLE
    if not meant:
        return Verdict.NOT_TO_BE_BOOKED
    return Verdict.INCOMPLETE if items <= meant else Verdict.WRONG_ITEM


def _grouped(judged: Iterable[Judged], names: Callable[[Judged], Iterable[str]]) -> dict[str, Measures]:
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for j in judged:
        for name in names(j):
            groups[name].append(j)
    return {name: measure(groups[name]) for name in sorted(groups, key=lambda name: (-len(groups[name]), name))}


def _within(judged: Iterable[Judged], places: int) -> int:
    return sum(j.rank is not None and j.rank <= places for j in judged)


def _bin(pairs: Sequence[tuple[float, bool]]) -> Bin:
    return Bin(
        count=len(pairs),
        stated=sum(p for p, _ in pairs) / len(pairs),
        right=sum(right for _, right in pairs) / len(pairs),
    )


def _at_most(wrong: int, trials: int, rate: float) -> float:
    """Give the chance of at most so many errors in so many trials, each with the same rate (binomial)."""
    if not 0 < rate < 1:
        return float(rate <= 0)
    logs = (
        lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(rate) + (trials - k) * log1p(-rate)
        for k in range(wrong + 1)
    )
    return sum(map(exp, logs))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
