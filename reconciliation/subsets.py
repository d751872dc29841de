"""Which sets of one debtor's items add up to an amount, and how many there are: one is a clue, several are doubt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Final

from reconciliation.interpretation import may_take_skonto, skonto_in_time

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
    choices = [_choices(entry, item, settings) for item in items]
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
        found = _walked(choices, most, settings.subset_maximum_solutions)
    sets = (tuple([item for place, item in enumerate(items) if taken >> place & 1]) for taken in found)
    return Sums(tuple(islice(sets, settings.subset_maximum_solutions)), len(found) > 1)


def _meeting(one: Sequence[_Choice], other: Sequence[_Choice], amount: int, most: int) -> list[int]:
    """List the sums of two halves and let them meet in the middle (Horowitz and Sahni, 1974); smallest first.

    A set is a number with one bit for each place that is taken.
    """
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


def _sums(choices: Sequence[_Choice], most: int) -> list[tuple[int, int]]:
    """List (sum, what is taken) for every choice; what is above ``most`` comes down to the amount no more."""
    sums = [(0, 0)]
    for place, values in choices:
        bit = 1 << place
        sums += [(total + value, taken | bit) for value in values for total, taken in sums if total + value <= most]
    return sums


def _smallest(taken: int) -> tuple[int, int]:
    return (taken.bit_count(), taken)


def _walked(choices: Sequence[tuple[int, ...]], target: int, most: int) -> list[int]:
    """Find sets among so many items that their sums cannot be listed, by marking which sums can be reached."""
    found: set[int] = set()
    for taken in _walk(_reachable([_positive(values) for values in choices], target), choices, target):
        found.add(sum(1 << place for place, take in enumerate(taken) if take))
        if len(found) > most:
            break
    return sorted(found, key=_smallest)


def _choices(entry: StatementEntry, item: OpenItem, settings: MatchSettings) -> tuple[int, ...]:
    full = item.balance_minor
    if item.skonto_percent and may_take_skonto(item) and skonto_in_time(entry, item, settings):
        return (full, full - item.skonto_minor)
    return (full,)


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


def _walk(reachable: Sequence[int], choices: Sequence[tuple[int, ...]], target: int) -> Iterator[tuple[bool, ...]]:
    """Walk only along sums that can be completed, so that every path ends in a set."""
    paths: list[tuple[tuple[bool, ...], int]] = [((), target)]
    while paths:
        path, rest = paths.pop()
        at = len(path)
        if not reachable[at] >> rest & 1:
            continue
        if at == len(choices):
            yield path
            continue
        credit_note = choices[at][0] < 0
        paths.append(((*path, credit_note), rest))
        paths.extend(((*path, not credit_note), rest - v) for v in _positive(choices[at]) if v <= rest)
