"""One assignment over all payments of the night (Zuordnung): no cent is taken twice, and luck decides nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciliation.contest import Verdict, contest_of, decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reconciliation.bid import Bid
    from reconciliation.index import Index

_BOOKED_ALONE: Final = Verdict(automatic=0)
_WAITS_ALONE: Final = Verdict()


class Claim(NamedTuple):
    """What a payment that is booked takes from one item, in minor units, and since when."""

    since: date
    minor: int
    item_id: str


class Group(NamedTuple):
    """Payments that compete, in the order of booking, and the items that cannot have everybody who wants them."""

    bids: tuple[Bid, ...]
    contested: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What becomes of each payment, and what is taken from the items."""

    verdicts: Mapping[str, Verdict]  # by entry id
    taken: Mapping[str, Sequence[Claim]]  # by item id: booked, and not returned; the oldest first

    @property
    def automatic(self) -> frozenset[str]:
        """The entries that may be booked without a person."""
        return frozenset(entry_id for entry_id, verdict in self.verdicts.items() if verdict.automatic is not None)

    @property
    def blocked(self) -> dict[str, tuple[str, ...]]:
        """What other payments say against booking one that has proof by itself, by entry id."""
        return {entry_id: verdict.blocked for entry_id, verdict in self.verdicts.items() if verdict.blocked}


def assign(bids: Sequence[Bid], returned_on: Mapping[str, date], index: Index) -> Assignment:
    """Let the payments of a night compete for their items.

    Nearly all of them are alone with what they want, and are decided by themselves. The others are taken in groups
    that share an item beyond what is open on it.
    """
    verdicts = {bid.entry_id: alone(is_automatic=bid.is_automatic) for bid in bids}
    for group in rivals(bids, index):
        verdicts |= settle(group, returned_on, index)
    taken: defaultdict[str, list[Claim]] = defaultdict(list)
    for bid in bids:
        way = verdicts[bid.entry_id].automatic
        if way is not None and bid.entry_id not in returned_on:
            for item_id, minor in bid.ways[way].takes:
                taken[item_id].append(Claim(bid.since, minor, item_id))
    return Assignment(verdicts, {item_id: sorted(claims) for item_id, claims in taken.items()})


def alone(*, is_automatic: bool) -> Verdict:
    """Decide a payment that shares nothing with others."""
    return _BOOKED_ALONE if is_automatic else _WAITS_ALONE


def rivals(bids: Iterable[Bid], index: Index) -> list[Group]:
    """Find the payments that cannot all have what they want, in groups that have nothing to do with each other."""
    wanted = _contested(bids, index, timedelta(days=index.settings.duplicate_days))
    return [Group(tuple(group), frozenset(_wanted_by_all(group) & wanted.keys())) for group in _groups(wanted)]


def settle(group: Group, returned_on: Mapping[str, date], index: Index) -> dict[str, Verdict]:
    """Decide the payments of one group, by entry id."""
    contest = contest_of(
        group.bids,
        {item_id: index.items[item_id].open_amount.minor for item_id in group.contested},
        returned_on,
        numbers={item_id: index.items[item_id].document_number for item_id in group.contested},
        duplicate_days=timedelta(days=index.settings.duplicate_days),
    )
    return decide(contest)


def _contested(bids: Iterable[Bid], index: Index, within: timedelta) -> dict[str, list[Bid]]:
    """Give the items that cannot have everybody who wants them, with those who do."""
    wanted: defaultdict[str, list[Bid]] = defaultdict(list)
    for bid in bids:
        for item_id in _wanted_by(bid):
            wanted[item_id].append(bid)
    return {
        item_id: who
        for item_id, who in wanted.items()
        if len(who) > 1 and (_most(item_id, who) > index.items[item_id].open_amount.minor or _has_twins(who, within))
    }


def _wanted_by(bid: Bid) -> Iterable[str]:
    if len(bid.ways) == 1:
        return [item_id for item_id, _ in bid.ways[0].takes]
    return {item_id: None for way in bid.ways for item_id, _ in way.takes}


def _wanted_by_all(bids: Iterable[Bid]) -> set[str]:
    return {item_id for bid in bids for item_id in _wanted_by(bid)}


def _most(item_id: str, who: Iterable[Bid]) -> int:
    """Add up the most that each payment would take of an item."""
    return sum(max(minor for way in bid.ways for wanted, minor in way.takes if wanted == item_id) for bid in who)


def _has_twins(who: Iterable[Bid], within: timedelta) -> bool:
    """Whether two of them look the same and came within days."""
    last: dict[tuple[str, str, int, str], date] = {}
    for bid in sorted(who, key=_order):
        if bid.alike in last and bid.since - last[bid.alike] <= within:
            return True
        last[bid.alike] = bid.since
    return False


def _groups(wanted: Mapping[str, Sequence[Bid]]) -> Iterator[list[Bid]]:
    """Join the payments that want the same item, directly or through others (union-find; Tarjan, 1975)."""
    leader: dict[str, str] = {}

    def led_by(entry_id: str) -> str:
        while leader[entry_id] != entry_id:
            leader[entry_id] = entry_id = leader[leader[entry_id]]
        return entry_id

    members: dict[str, Bid] = {}
    for who in wanted.values():
        for bid in who:
            members[bid.entry_id] = bid
            leader.setdefault(bid.entry_id, bid.entry_id)
            leader[led_by(bid.entry_id)] = led_by(who[0].entry_id)
    groups: defaultdict[str, list[Bid]] = defaultdict(list)
    for bid in sorted(members.values(), key=_order):
        groups[led_by(bid.entry_id)].append(bid)
    yield from groups.values()


def _order(bid: Bid) -> tuple[date, str]:
    """Order payments as they were booked by the bank."""
    return (bid.since, bid.entry_id)
