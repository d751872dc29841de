"""Which sets of one debtor's items add up to an amount, and how many there are: one is a clue, several are doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciliation.interpretation import may_take_skonto, skonto_in_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.settings import MatchSettings

_MOST_BITS: Final = 60_000_000  # about 8 MB of sums; beyond it only single items and all together are tried


@dataclass(frozen=True, slots=True)
class Sums:
    """Sets of items whose amounts give the payment; ``several`` when there are more than one, or perhaps more."""

    sets: tuple[tuple[OpenItem, ...], ...]
    several: bool


def sums_of(entry: StatementEntry, items: Sequence[OpenItem], settings: MatchSettings) -> Sums:
    """Find sets that give the payment exactly, each invoice in full or with Skonto still in time."""
    choices = [_choices(entry, item, settings) for item in items]
    credited = sum(-values[0] for values in choices if values[0] < 0)
    # A credit note that is not used counts like an amount that is paid, so every value is positive.
    target = entry.amount.minor + credited
    if len(items) > settings.subset_maximum_items or target * (len(items) + 1) > _MOST_BITS:
        return _simple_sums(entry, items, choices)
    found: list[tuple[OpenItem, ...]] = []
    for taken in _walk(_reachable([_positive(values) for values in choices], target), choices, target):
        chosen = tuple(item for item, take in zip(items, taken, strict=True) if take)
        if chosen not in found:
            found.append(chosen)
        if len(found) > settings.subset_maximum_solutions:
            break
    return Sums(tuple(sorted(found, key=len)[: settings.subset_maximum_solutions]), len(found) > 1)


def _choices(entry: StatementEntry, item: OpenItem, settings: MatchSettings) -> tuple[int, ...]:
    full = item.balance.minor
    if may_take_skonto(item) and skonto_in_time(entry, item, settings):
        return (full, full - item.skonto().minor)
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
