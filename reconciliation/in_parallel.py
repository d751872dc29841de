"""A large night in slices (Scheiben): several processes may think about one each, and little of each is kept.

Whoever calls says how slices are shared out, because a pure room starts no processes; ``map`` does one after the
other. What comes back is packed. First every payment is decided as if it were alone. Only then is known who wants the
same items: those groups are decided next, and whoever is concerned by another payment is thought about once more. So
the outcomes are the same as in one piece, wherever the night was cut.
"""

from __future__ import annotations

import gc
import pickle
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import compress, decompress

from ledger.collector import collector_paused
from reconciliation.assignment import Claim, alone, rivals, settle
from reconciliation.bid import Bid, Way
from reconciliation.decided import decided
from reconciliation.index import account_key, entry_key
from reconciliation.interpretation import principal
from reconciliation.returned import returned_on
from reconciliation.tonight import Thought, returns, think

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date

    from ledger.statement import StatementEntry
    from reconciliation.contest import Verdict
    from reconciliation.outcome import Outcome
    from reconciliation.tonight import Tonight

SLICE: Final = 2_000  # entries: enough that packing costs little, and few enough that all processes end together
_CUTS: Final = 64  # into so many parts the groups that compete are dealt out

# Gives, in the order of the slices, what the work makes of each; a slice names entries or groups by their numbers.
Work = Callable[[Sequence[int]], bytes]
Share = Callable[[Work, Sequence[Sequence[int]]], Iterable[bytes]]


class _Light(NamedTuple):
    """What the others need to know of a payment, in plain tuples, which are packed quickly."""

    number: int
    ways: tuple[tuple[Any, ...], ...]  # see Way
    others: float
    rest: tuple[tuple[str, int], ...]  # what less probable ways take

    def wanted(self) -> set[str]:
        """Give the items of the ways that are worth comparing."""
        return {item_id for way in self.ways for item_id, _ in way[0]}

    def takes(self) -> Iterator[tuple[str, int]]:
        """Give every item with what some way takes of it."""
        for way in self.ways:
            yield from way[0]
        yield from self.rest


class _Slice(NamedTuple):
    """What was thought about some entries, packed; ``outcomes`` are those of payments that are alone."""

    back: Sequence[int]  # the numbers of those that come back
    booked: bytes  # _Light of what is booked if it is alone
    waiting: bytes  # _Light of what is not
    outcomes: bytes  # Outcome by place in the slice; None for those that come back


@dataclass(frozen=True, slots=True)
class Packed(Collection["Outcome"]):
    """The outcomes of a night in the order of its entries: unpacked while they are read, as often as wanted."""

    slices: Sequence[bytes]  # Outcome or None for each entry, as if it were alone
    again: Mapping[int, bytes]  # by slice: what is otherwise because of other payments, by place in the slice
    returns: Sequence[Outcome]  # what comes back, in order
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Outcome]:
        back = iter(self.returns)
        for outcome in self.payments():
            yield next(back) if outcome is None else outcome

    def __contains__(self, outcome: object) -> bool:
        return any(outcome == one for one in self)

    def payments(self) -> Iterator[Outcome | None]:
        """Give all outcomes, None for what comes back."""
        for number, packed in enumerate(self.slices):
            outcomes: list[Outcome | None] = _unpacked(packed)
            for place, outcome in _unpacked(self.again[number]) if number in self.again else ():
                outcomes[place] = outcome
            yield from outcomes


def in_slices(tonight: Tonight, share: Share, size: int = SLICE) -> Packed:
    """Give the outcome of every entry."""
    entries, numbers = tonight.entries, range(len(tonight.entries))
    cuts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    slices = [_Slice(*_heard(carried)) for carried in share(lambda some: _first_look(some, tonight), cuts)]
    back = [entries[number] for one in slices for number in one.back]
    together = _together(slices, back, tonight, share)
    concerned = {number: found for number, one in enumerate(slices) if (found := list(_concerned(one, together)))}
    looked = share(lambda some: _second_look(some, size, together, tonight), list(concerned.values()))
    again = dict(zip(concerned, looked, strict=True))
    outcomes = Packed([one.outcomes for one in slices], again, (), len(entries))
    return replace(outcomes, returns=returns(back, outcomes.payments(), tonight)) if back else outcomes


def _first_look(numbers: Sequence[int], tonight: Tonight) -> bytes:
    """Think about a slice of entries, and decide each as if it were alone."""
    gc.collect(0)  # what formed cycles in the slice before: the collector itself is paused
    back: list[int] = []
    booked: list[_Light] = []
    waiting: list[_Light] = []
    outcomes: list[Outcome | None] = []
    for number in numbers:
        thought = think(tonight.entries[number], tonight)
        if isinstance(thought, Thought):
            is_automatic = thought.bid.is_automatic
            (booked if is_automatic else waiting).append(_light(number, thought))
            outcomes.append(decided(thought.case, alone(is_automatic=is_automatic), {}))
            continue
        outcomes.append(thought)
        if thought is None:
            back.append(number)
    plain = (list(map(tuple, lights)) for lights in (booked, waiting))
    return _carried((back, *map(_packed, plain), _packed(outcomes)))


def _second_look(numbers: Sequence[int], size: int, together: _Together, tonight: Tonight) -> bytes:
    """Think again about payments that others concern, and decide them by what the others leave; with their places."""
    gc.collect(0)
    outcomes = []
    for number in numbers:
        thought = think(tonight.entries[number], tonight)
        assert isinstance(thought, Thought), tonight.entries[number]
        verdict = together.verdicts.get(number) or alone(is_automatic=thought.bid.is_automatic)
        outcomes.append((number % size, decided(thought.case, verdict, together.taken)))
    return _packed(outcomes)


class _Together(NamedTuple):
    """What payments mean for each other."""

    verdicts: Mapping[int, Verdict]  # by number: those of payments that compete
    taken: Mapping[str, Sequence[Claim]]  # from the items that some other payment might have
    open_minor: Mapping[str, int]  # of those items


def _together(slices: Sequence[_Slice], back: Sequence[StatementEntry], tonight: Tonight, share: Share) -> _Together:
    """Let the payments that want the same items compete, group by group, and say what is taken in the end."""
    competing = _competing(slices)
    returned = returned_on(_payments(slices, tonight), back, tonight.index) if back else {}
    groups = rivals((_bid(light, tonight) for light in competing), tonight.index)
    cuts = [range(start, len(groups), _CUTS) for start in range(min(_CUTS, len(groups)))]
    by_entry: dict[str, Verdict] = {}
    for carried in share(lambda some: _carried([settle(groups[n], returned, tonight.index) for n in some]), cuts):
        for settled in _heard(carried):
            by_entry |= settled
    ids = ((light, tonight.entries[light.number].entry_id) for light in competing)
    verdicts = {light.number: by_entry[entry_id] for light, entry_id in ids if entry_id in by_entry}
    asked = {item_id for light in competing if light.number in verdicts for item_id, _ in light.takes()}
    asked |= {item_id for one in slices for light in _lights(one.waiting) for item_id, _ in light.takes()}
    taken = _taken(slices, competing, verdicts, asked, returned, tonight)
    return _Together(verdicts, taken, {item_id: tonight.index.items[item_id].open_amount.minor for item_id in taken})


def _competing(slices: Sequence[_Slice]) -> list[_Light]:
    """Give the payments that want an item which another one wants too."""
    seen: set[str] = set()
    shared: set[str] = set()
    for light in _all_lights(slices):
        wanted = light.wanted()
        shared |= wanted & seen
        seen |= wanted
    return [light for light in _all_lights(slices) if not shared.isdisjoint(light.wanted())]


def _taken(
    slices: Sequence[_Slice],
    competing: Iterable[_Light],
    verdicts: Mapping[int, Verdict],
    asked: Container[str],
    returned: Mapping[str, date],
    tonight: Tonight,
) -> dict[str, list[Claim]]:
    """Collect what is booked on the items somebody else asked for."""
    alone_booked = (light for one in slices for light in _lights(one.booked) if light.number not in verdicts)
    ways = [(light, verdicts[light.number].automatic) for light in competing if light.number in verdicts]
    taken: defaultdict[str, list[Claim]] = defaultdict(list)
    for light, way in chain(((light, 0) for light in alone_booked), ways):
        entry = tonight.entries[light.number]
        if way is None or entry.entry_id in returned:
            continue
        for item_id, minor in light.ways[way][0]:
            if item_id in asked:
                taken[item_id].append(Claim(entry.booking_date, minor, item_id))
    return {item_id: sorted(claims) for item_id, claims in taken.items()}


def _concerned(one: _Slice, together: _Together) -> Iterator[int]:
    """Give the numbers of those of a slice whose outcome is not that of a payment that is alone."""
    for light in _lights(one.waiting):
        if light.number in together.verdicts or any(_is_gone(*taking, together) for taking in light.takes()):
            yield light.number
    yield from (light.number for light in _lights(one.booked) if light.number in together.verdicts)


def _is_gone(item_id: str, minor: int, together: _Together) -> bool:
    """Whether what others take of an item leaves too little; what a payment takes itself does not count twice."""
    claims = together.taken.get(item_id, ())
    return bool(claims) and minor > together.open_minor[item_id] - sum(claim.minor for claim in claims)


def _light(number: int, thought: Thought) -> _Light:
    case, bid = thought
    rest = [taking for w in case.weighed[len(bid.ways) :] for taking in principal(w.hypothesis.allocations).items()]
    ways = tuple([tuple(way) for way in bid.ways])
    return _Light(number, ways, bid.others, tuple([(item_id, abs(minor)) for item_id, minor in rest]))


def _bid(light: _Light, tonight: Tonight) -> Bid:
    """Give the bid of a payment again."""
    entry = tonight.entries[light.number]
    return Bid(
        entry_id=entry.entry_id,
        since=entry.booking_date,
        amount=entry.amount,
        account=account_key(entry.payer_iban),
        alike=entry_key(entry),
        ways=tuple(map(Way._make, light.ways)),
        others=light.others,
    )


def _payments(slices: Iterable[_Slice], tonight: Tonight) -> list[StatementEntry]:
    return [tonight.entries[number] for number in sorted(light.number for light in _all_lights(slices))]


def _all_lights(slices: Iterable[_Slice]) -> Iterator[_Light]:
    for one in slices:
        yield from _lights(one.booked)
        yield from _lights(one.waiting)


def _lights(packed: bytes) -> Iterator[_Light]:
    return map(_Light._make, _unpacked(packed))


def _packed(values: object) -> bytes:
    """Pack what is kept for long: reasons repeat, so that the least compression leaves a quarter."""
    return compress(_carried(values), level=1)


def _unpacked(packed: bytes) -> Any:
    return _heard(decompress(packed))


def _carried(values: object) -> bytes:
    return pickle.dumps(values, pickle.HIGHEST_PROTOCOL)


@collector_paused()
def _heard(carried: bytes) -> Any:
    """Read what this very program has written, in this process or in one that it forked."""
    return pickle.loads(carried)  # noqa: S301 - nobody else writes into the pipe between a process and its child
