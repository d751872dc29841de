"""The balance after each booking (Saldo nach Buchung), checked row by row, whichever end of the file is newest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Step(NamedTuple):
    """One row as the balance sees it; ``is_open`` when the bank says that its money may not have moved yet."""

    line: int
    day: date
    minor: int
    balance: int
    is_open: bool


class Break(NamedTuple):
    """Where the balances do not add up: ``before`` + ``minor`` is not ``after``, in the row on ``line``."""

    line: int
    before: int
    minor: int
    after: int


@dataclass(frozen=True, slots=True)
class Proven:
    """Balances proven by every row between them; ``moved`` has line and day of open rows whose money did move."""

    opening: int
    closing: int
    moved: Mapping[int, date] = field(default_factory=dict)


@dataclass(slots=True)
class _Direction:
    """One of the two readings of the file: from the oldest booking down, or from the newest."""

    newest_first: bool
    broken: Break | None = None
    moved: dict[int, date] = field(default_factory=dict)

    def follow(self, upper: Step, lower: Step) -> None:
        """Check two rows that stand below each other."""
        older, newer = (lower, upper) if self.newest_first else (upper, lower)
        if newer.balance == older.balance + newer.minor:
            if newer.is_open and newer.minor:
                self.moved[newer.line] = newer.day
        elif not (newer.is_open and newer.balance == older.balance) and self.broken is None:
            self.broken = Break(newer.line, older.balance, newer.minor, newer.balance)

    def proven(self, first: Step, last: Step) -> Proven:
        """Give the balances before the oldest and after the newest booking.

        Of an oldest row that is still open nothing tells whether it moved, so it counts as the bank says: not yet.
        """
        oldest, newest = (last, first) if self.newest_first else (first, last)
        return Proven(oldest.balance - (0 if oldest.is_open else oldest.minor), newest.balance, self.moved)


@dataclass(slots=True)
class Chain:
    """The balances of one account and currency; memory grows with open rows that moved, with no others."""

    _first: Step | None = None
    _last: Step | None = None
    _down: _Direction = field(default_factory=lambda: _Direction(newest_first=False))
    _up: _Direction = field(default_factory=lambda: _Direction(newest_first=True))

    def add(self, step: Step) -> None:
        """Take in the next row of the file."""
        if self._last is None:
            self._first = step
        else:
            self._down.follow(self._last, step)
            self._up.follow(self._last, step)
        self._last = step

    def newest_first(self) -> bool | None:
        """Say which end of the file is the newest, as far as these rows tell: by balances, then by days."""
        possible = [way for way in (self._down, self._up) if way.broken is None]
        if len(possible) == 1:
            return possible[0].newest_first
        if self._first is None or self._last is None or self._first.day == self._last.day:
            return None
        return self._first.day > self._last.day

    def result(self, *, file_newest_first: bool | None = None) -> Proven | Break | None:
        """Say what the balances prove, or where they break; None where there are none, or two readings are possible.

        Where these rows leave open which end is the newest, the other rows of the file may tell.
        """
        if self._first is None or self._last is None:
            return None
        if self._down.broken and self._up.broken:
            return self._up.broken if self.newest_first() else self._down.broken
        newest_first = file_newest_first if (own := self.newest_first()) is None else own
        if newest_first is not None:
            return (self._up if newest_first else self._down).proven(self._first, self._last)
        down, up = (way.proven(self._first, self._last) for way in (self._down, self._up))
        return down if down == up else None
