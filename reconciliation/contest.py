"""The contest (Wettstreit): payments that want the same items, weighed together, and who of them may be booked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciliation.joint import Place, Wish, marginals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, timedelta

    from reconciliation.bid import Bid, Way

_STRICTLY_BETTER: Final = 1.0  # log-odds; less is no difference a person would see
_LIKELY: Final = 0.5
_MOST_TOGETHER: Final = 1_000  # payments that are compared with each other; among more nobody is booked


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the other payments of the night leave of one payment."""

    automatic: int | None = None  # the number of the way that may be booked
    blocked: tuple[str, ...] = ()  # what other payments say against booking what is proven by itself
    chances: tuple[float, ...] | None = None  # of its ways among all payments; None where they are as before

    @property
    def probability(self) -> float | None:
        """The probability of the way that may be booked; None where it is as before."""
        return None if self.automatic is None or self.chances is None else self.chances[self.automatic]


class Choice(NamedTuple):
    """One way of one payment, by their numbers."""

    payment: int
    way: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Some payments in the order of booking, and the places of the items that they cannot all have."""

    bids: Sequence[Bid]
    takes: Mapping[Choice, Mapping[Place, int]]
    capacity: Mapping[Place, int]
    numbers: Mapping[str, str]  # document numbers by item id
    duplicate_days: timedelta

    def way(self, choice: Choice) -> Way:
        """Give one way of one payment."""
        return self.bids[choice.payment].ways[choice.way]

    def collide(self, one: Choice, other: Choice) -> bool:
        """Whether two ways take more than there is, or the same payment would settle an item twice within days."""
        mine, theirs = self.takes[one], self.takes[other]
        return any(minor + theirs[place] > self.capacity[place] for place, minor in mine.items() if place in theirs)


def contest_of(
    bids: Sequence[Bid],
    free: Mapping[str, int],
    returned_on: Mapping[str, date],
    *,
    numbers: Mapping[str, str],
    duplicate_days: timedelta,
) -> Contest:
    """Set up a contest of payments, given in the order of booking, for what is ``free`` of each contested item."""
    takes: dict[Choice, dict[Place, int]] = {
        Choice(payment, way): {} for payment, bid in enumerate(bids) for way in range(len(bid.ways))
    }
    wanting: defaultdict[str, dict[Choice, int]] = defaultdict(dict)
    for choice in takes:
        for item_id, minor in bids[choice.payment].ways[choice.way].takes:
            if item_id in free:
                wanting[item_id][choice] = minor
    capacity: dict[Place, int] = {}
    for item_id, wanted in wanting.items():
        payments = sorted({choice.payment for choice in wanted})
        times = _times([bids[payment] for payment in payments], returned_on)
        run = _runs(payments, bids, duplicate_days)
        for choice, minor in wanted.items():
            bid = bids[choice.payment]
            for time in times[bid.entry_id]:
                capacity[item_id, time, ""] = free[item_id]
                takes[choice][item_id, time, ""] = minor
                if bid.entry_id in run:
                    # Of equal payments at most one may have an item, even if it is large enough for several parts.
                    capacity[item_id, time, run[bid.entry_id]] = 1
                    takes[choice][item_id, time, run[bid.entry_id]] = 1
    return Contest(bids=bids, takes=takes, capacity=capacity, numbers=numbers, duplicate_days=duplicate_days)


def decide(contest: Contest) -> dict[str, Verdict]:
    """Say what may be booked, by entry id; nobody gives way to a payment whose best way is not booked itself."""
    if len(contest.bids) > _MOST_TOGETHER:
        return {bid.entry_id: _too_many(bid, contest) for bid in contest.bids}
    lost = _lost_to_earlier(contest)
    while True:
        chances = _chances(contest, lost)
        chosen = _chosen(contest, lost, chances)
        in_vain = {choice for choice, winner in lost.items() if chosen.get(winner) != 0}
        if not in_vain:
            break
        lost = {choice: winner for choice, winner in lost.items() if choice not in in_vain}
    return {
        bid.entry_id: Verdict(
            chosen.get(payment),
            () if payment in chosen else tuple(dict.fromkeys(_against(contest, payment, lost, chosen))),
            chances[payment] if chances else None,
        )
        for payment, bid in enumerate(contest.bids)
    }


def _times(bids: Iterable[Bid], returned_on: Mapping[str, date]) -> dict[str, range]:
    """Say during which stretches of time payments hold an item: a debit that comes back frees it for later ones."""
    cuts = sorted({returned_on[bid.entry_id] for bid in bids if bid.entry_id in returned_on})
    times = {}
    for bid in bids:
        until = returned_on.get(bid.entry_id)
        last = len(cuts) if until is None else bisect_left(cuts, until)
        times[bid.entry_id] = range(min(bisect_right(cuts, bid.since), last), last + 1)
    return times


def _runs(payments: Iterable[int], bids: Sequence[Bid], within: timedelta) -> dict[str, str]:
    """Give the payments that look the same, each within days of the one before, the name of their run."""
    alike: defaultdict[object, list[Bid]] = defaultdict(list)
    for payment in payments:
        alike[bids[payment].alike].append(bids[payment])
    runs: dict[str, str] = {}
    for same in alike.values():
        for one, other in pairwise(same):
            if other.since - one.since <= within:
                runs[other.entry_id] = runs.setdefault(one.entry_id, one.entry_id)
    return runs


def _lost_to_earlier(contest: Contest) -> dict[Choice, int]:
    """Say which ways give way to an earlier payment of the same payer that has proof for the same item.

    It would have been booked before the later one arrived, had the statements come daily: how good the later one's
    evidence is makes no difference then. Of one day nobody is earlier.
    """
    lost: dict[Choice, int] = {}
    for earlier, later in combinations(range(len(contest.bids)), 2):
        winner, loser = contest.bids[earlier], contest.bids[later]
        if not winner.is_automatic or Choice(earlier, 0) in lost or winner.since == loser.since:
            continue
        if winner.has_payer_of(loser):
            for way in range(len(loser.ways)):
                if contest.collide(Choice(earlier, 0), Choice(later, way)):
                    lost.setdefault(Choice(later, way), earlier)
    return lost


def _chances(contest: Contest, lost: Mapping[Choice, int]) -> list[tuple[float, ...]] | None:
    """Weigh all payments together; what means an item that an earlier one has is "paid twice", so none of them."""
    wishes = [_wish(contest, payment, lost) for payment in range(len(contest.bids))]
    found = marginals(wishes, contest.capacity)
    if found is None:
        return None
    return [_with_lost(contest, payment, iter(of_payment), lost) for payment, of_payment in enumerate(found)]


def _wish(contest: Contest, payment: int, lost: Mapping[Choice, int]) -> Wish:
    bid = contest.bids[payment]
    choices = [Choice(payment, way) for way in range(len(bid.ways))]
    gone = sum(contest.way(choice).probability for choice in choices if choice in lost)
    left = ((contest.way(choice).probability, contest.takes[choice]) for choice in choices if choice not in lost)
    return Wish(bid.others + gone, tuple(left))


def _with_lost(
    contest: Contest, payment: int, found: Iterator[float], lost: Mapping[Choice, int]
) -> tuple[float, ...]:
    """Put the chances of one payment in the order of its ways.

    Where a payment of the same amount came within days, no chance rises: that the other one has an item does not say
    that this one was meant for something else.
    """
    bid = contest.bids[payment]
    may_be_twice = any(
        other is not bid and other.amount == bid.amount and abs(other.since - bid.since) <= contest.duplicate_days
        for other in contest.bids
    )
    chances = []
    for number, way in enumerate(bid.ways):
        choice = Choice(payment, number)
        chance = _chance_of_lost(contest, choice, lost[choice]) if choice in lost else next(found)
        chances.append(min(chance, way.probability) if may_be_twice else chance)
    return tuple(chances)


def _chance_of_lost(contest: Contest, choice: Choice, winner: int) -> float:
    """Halve what would fit beside the equal payment before it: it is a second part, or the first part paid twice."""
    mine, theirs = contest.takes[choice], contest.takes[Choice(winner, 0)]
    fits = all(
        minor + theirs.get(place, 0) <= contest.capacity[place] for place, minor in mine.items() if not place[2]
    )
    return contest.way(choice).probability / 2 if fits else 0.0


def _chosen(
    contest: Contest, lost: Mapping[Choice, int], chances: Sequence[Sequence[float]] | None
) -> dict[int, int]:
    """Choose the way of each payment that may be booked: good enough, and nobody else could claim the same."""
    chosen = {}
    for payment in range(len(contest.bids)):
        way = _good_enough(contest, payment, lost, chances)
        if way is not None and not _has_equal(contest, Choice(payment, way), lost, is_counted=chances is not None):
            chosen[payment] = way
    used: Counter[Place] = Counter()
    for payment, way in chosen.items():
        used.update(contest.takes[Choice(payment, way)])
    # Three parts may fit two by two and still be too much together.
    full = {place for place, minor in used.items() if minor > contest.capacity[place]}
    return {payment: way for payment, way in chosen.items() if full.isdisjoint(contest.takes[Choice(payment, way)])}


def _good_enough(
    contest: Contest, payment: int, lost: Mapping[Choice, int], chances: Sequence[Sequence[float]] | None
) -> int | None:
    """Give the most probable way of a payment, if it is probable enough for its evidence."""
    bid = contest.bids[payment]
    if chances is None:  # then nothing is booked because of its probability
        first = bid.ways[0]
        return 0 if first.is_automatic and first.is_proven and Choice(payment, 0) not in lost else None
    best = max(range(len(bid.ways)), key=lambda way: (chances[payment][way], -way))
    return best if chances[payment][best] >= bid.ways[best].least else None


def _has_equal(contest: Contest, choice: Choice, lost: Mapping[Choice, int], *, is_counted: bool) -> bool:
    """Whether another payment has proof for the same cents: no evidence says which of them came in vain.

    Where the combinations could not be counted, one that is likely and about as good is a rival as well.
    """
    bid = contest.bids[choice.payment]
    for other, rival in enumerate(contest.bids):
        as_good = not is_counted and _is_likely(rival) and not _is_clearly_better(bid, rival)
        if (
            (rival.is_automatic or as_good)
            and other != choice.payment
            and Choice(other, 0) not in lost
            and contest.collide(choice, Choice(other, 0))
        ):
            return True
    return False


def _against(contest: Contest, payment: int, lost: Mapping[Choice, int], chosen: Mapping[int, int]) -> Iterator[str]:
    """Say which payments keep one from being booked that would be by itself."""
    first = Choice(payment, 0)
    if not contest.bids[payment].is_automatic:
        return
    # Of a payment that is booked only the way it is booked in is a rival.
    rivals = [choice for choice in _rivals(contest, first) if choice.way == chosen.get(choice.payment, choice.way)]
    winners = [Choice(lost[first], 0)] if first in lost else [choice for choice in rivals if choice.payment in chosen]
    likely = [choice for choice in rivals if choice.way == 0 and _is_likely(contest.bids[choice.payment])]
    for winner in winners:
        told = _told(contest.bids[winner.payment])
        yield f"{_numbers(contest, first, winner)} is paid by {told}: perhaps paid twice (Doppelzahlung)"
    if winners:
        return
    for rival in likely or rivals:
        told, numbers = _told(contest.bids[rival.payment]), _numbers(contest, first, rival)
        yield f"{told} could settle {numbers} just as well" if likely else f"{told} may be meant for {numbers} too"
    if not rivals:
        yield f"several payments together are more than is open on {_numbers(contest, first)}"


def _rivals(contest: Contest, choice: Choice) -> list[Choice]:
    """Give every way of the other payments that collides with one."""
    return [rival for rival in contest.takes if rival.payment != choice.payment and contest.collide(choice, rival)]


def _too_many(bid: Bid, contest: Contest) -> Verdict:
    why = f"{len(contest.bids)} payments of this night want the same items: too many to tell them apart"
    return Verdict(None, (why,) if bid.is_automatic else ())


def _numbers(contest: Contest, choice: Choice, other: Choice | None = None) -> str:
    """Name the documents that a payment wants, or that two of them want."""
    places = contest.takes[choice].keys() & (contest.takes[other] if other else contest.takes[choice]).keys()
    return ", ".join(sorted({contest.numbers[item_id] for item_id, _, _ in places}))


def _is_clearly_better(one: Bid, other: Bid) -> bool:
    return one.ways[0].score >= other.ways[0].score + _STRICTLY_BETTER


def _is_likely(bid: Bid) -> bool:
    return bid.is_automatic or bid.ways[0].probability > _LIKELY


def _told(bid: Bid) -> str:
    return f"the payment of {bid.amount} of {bid.since:%d.%m.%Y}"
