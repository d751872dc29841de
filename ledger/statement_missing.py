"""A missing statement (fehlender Auszug): between which days it must lie, and what tells us so."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from ledger.calendar import is_bank_day
from ledger.statement_days import ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something the bank must have said that never came."""

    after: date  # up to this day we know everything that came before
    before: date  # last day of the statement at which it was noticed
    resumes: date  # from this day on we know again
    where: str  # in words, to follow "statements are missing": "before 14 of 2026-06-30"
    finding: Finding

    def days(self) -> tuple[date, ...]:
        """Give the bank days nobody told us of; the day it was noticed where there is none in between."""
        between = ((self.resumes - self.after) // ONE_DAY) - 1
        days = (self.after + n * ONE_DAY for n in range(1, between + 1))
        return tuple(day for day in days if is_bank_day(day)) or (self.before,)


def once(*told: Iterable[Missing]) -> tuple[Missing, ...]:
    """Join what several proofs say, the best one first: it alone speaks of a hole that others see too."""
    kept: list[Missing] = []
    for evidence in told:
        known = _Holes(kept)
        kept += [missing for missing in evidence if not known.hold(missing)]
    return tuple(sorted(kept, key=lambda missing: (missing.before, missing.after, missing.where)))


class _Holes:
    """Holes that are known already, in an order that answers quickly."""

    def __init__(self, missing: Iterable[Missing]) -> None:
        holes = sorted((one.after, one.before) for one in missing)
        self.same = set(holes)
        self.afters = [after for after, _ in holes]
        # The furthest end among all holes up to each one.
        self.befores = list(accumulate((before for _, before in holes), max))

    def hold(self, missing: Missing) -> bool:
        """Whether this hole is one of them, or overlaps with one; to touch is not to overlap."""
        if (missing.after, missing.before) in self.same:
            return True
        index = bisect_left(self.afters, missing.before)
        return index > 0 and self.befores[index - 1] > missing.after
