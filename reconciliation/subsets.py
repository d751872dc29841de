"""Which sets of one debtor's items add up to an amount, and how many there are: one is a clue, several are doubt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Final

from reconciliation.interpretation import paid_on, skonto_in_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.settings import MatchSettings

    _Choice = tuple[int, tuple[int, ...]]  # the place of an item, and what may be paid for it

_MOST_BITS: Final = 60_000_000  # about 8 MB of sums; beyond it only single items and all together are tried
_MOST_IN_HALF: Final = 1_024  # sums of one half of the items that are simply listed
_ENOUGH: Final = 64  # sets; more are not told apart


@dataclass(frozen=True, slots=True)
class Sums:
    """Sets of items whose amounts give the payment; ``several`` when there are more than one, or perhaps more."""

    sets: tuple[tuple[OpenItem, ...], ...]
    several: bool


def sums_of(entry: StatementEntry, items: Sequence[OpenItem], settings: MatchSettings) -> Sums:
    """Find sets that give the payment exactly, each invoice in full or with Skonto still in time."""
    choices = _choices(entry, items, settings)
    amount = entry.amount.minor
    if len(items) > settings.subset_maximum_items:
        return _simple_sums(entry, items, choices)
    places = list(range(len(items)))
    most = amount - sum([values[0] for values in choices if values[0] < 0])  # with every credit note used up
    places = [place for place in places if choices[place][-1] <= most]
    middle = len(places) // 2
    halves = [[(place, choices[place]) for place in half] for half in (places[:middle], places[middle:])]
    if all(prod(1 + len(values) for _, values in half) <= _MOST_IN_HALF for half in halves):
        found = _meeting(halves[0], halves[1], amount, most)
    else:
        # A credit note that is not used counts like an amount that is paid, so every value is positive.
        if most * (len(items) + 1) > _MOST_BITS:
            return _simple_sums(entry, items, choices)
        found = _walked(halves[0] + halves[1], most, settings.subset_maximum_solutions)
    sets = (tuple([item for place, item in enumerate(items) if taken >> place & 1]) for taken in found)
    return Sums(tuple(islice(sets, settings.subset_maximum_solutions)), len(found) > 1)


def _meeting(one: Sequence[_Choice], other: Sequence[_Choice], amount: int, most: int) -> list[int]:
    """List the sums of two halves and let them meet in the middle (Horowitz and Sahni, 1974); smallest first.

    A set is a number with one bit for each place that is taken.
    """
    # Mostly no sums meet, and without what they are made of they are listed in no time.
    if set(_totals(one)).isdisjoint([amount - total for total in _totals(other)]):
        return []
    of_one: defaultdict[int, list[int]] = defaultdict(list)
    for total, taken in _sums(one, most):
        of_one[total].append(taken)
    found: set[int] = set()
    for total, taken in _sums(other, most):
        found.update(taken | rest for rest in of_one.get(amount - total, ()))
        if len(found) > _ENOUGH:
            break
    found.discard(0)
    return sorted(found, key=_smallest)


def _totals(choices: Sequence[_Choice]) -> list[int]:
    totals = [0]
    for _, values in choices:
        totals += [total + value for value in values for total in totals]
    return totals


def _sums(choices: Sequence[_Choice], most: int) -> list[tuple[int, int]]:
    """List (sum, what is taken) for every choice; what is above ``most`` comes down to the amount no more."""
    sums = [(0, 0)]
    for place, values in choices:
        bit = 1 << place
        sums += [(total + value, taken | bit) for value in values for total, taken in sums if total + value <= most]
    return sums


def _smallest(taken: int) -> tuple[int, int]:
    return (taken.bit_count(), taken)


def _walked(choices: Sequence[_Choice], target: int, most: int) -> list[int]:
    """Find sets among so many items that their sums cannot be listed, by marking which sums can be reached."""
    found: set[int] = set()
    for taken in _walk(_reachable([_positive(values) for _, values in choices], target), choices, target):
        found.add(taken)
        if len(found) > most:
            break
    return sorted(found, key=_smallest)


def _choices(entry: StatementEntry, items: Sequence[OpenItem], settings: MatchSettings) -> list[tuple[int, ...]]:
    choices: list[tuple[int, ...]] = [(item.balance_minor,) for item in items]
    paid = paid_on(entry)
    for place, item in enumerate(items):
        # What may_take_skonto says, without asking it of each of many items.
        if 0 < item.skonto_minor < item.balance_minor and skonto_in_time(paid, item, settings):
            choices[place] = (item.balance_minor, item.balance_minor - item.skonto_minor)
    return choices


def _simple_sums(entry: StatementEntry, items: Sequence[OpenItem], choices: Sequence[tuple[int, ...]]) -> Sums:
    """Try single items and all together; among so many there surely are other sums, so it never counts as one."""
    single = [(item,) for item, values in zip(items, choices, strict=True) if entry.amount.minor in values]
    whole = [tuple(items)] if sum(values[0] for values in choices) == entry.amount.minor else []
    return Sums(tuple([*single, *whole][:3]), several=True)


def _positive(values: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(abs(value) for value in values)


def _reachable(values: Sequence[tuple[int, ...]], target: int) -> list[int]:
    """Give for each place the sums that the items from there on can make, one bit per Cent."""
    within = (1 << (target + 1)) - 1
    reachable = [1]
    for amounts in reversed(values):
        sums = reachable[-1]
        for amount in amounts:
            sums |= (reachable[-1] << amount) & within
        reachable.append(sums)
    return reachable[::-1]


def _walk(reachable: Sequence[int], choices: Sequence[_Choice], target: int) -> Iterator[int]:
    """Walk only along sums that can be completed, so that every path ends in a set."""
    paths = [(0, 0, target)]
    while paths:
        at, taken, rest = paths.pop()
        # These numbers have millions of bits, so the shorter side of the one that is asked for is looked at.
        if not (reachable[at] & (1 << rest) if 2 * rest < target else reachable[at] >> rest & 1):
            continue
        if at == len(choices):
            yield taken
            continue
        place, values = choices[at]
        bit = 1 << place
        kept, used = (bit, 0) if values[0] < 0 else (0, bit)
        paths.append((at + 1, taken | kept, rest))
        paths.extend([(at + 1, taken | used, rest - value) for value in _positive(values) if value <= rest])
