"""The audit of automatic bookings (Stichprobe): which ones are drawn, and what their results say of the promise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reconciliation.certificate import CONFIDENCE, at_most, smallest_sample, upper_bound

if TYPE_CHECKING:
    from datetime import date

DRAWN_SHARE: Final = 0.015  # of the automatic bookings

_WHOLE: Final = 2**64


class Verdict(StrEnum):
    """What audited bookings say of a promised share of errors."""

    TOO_FEW = "too_few"  # nothing yet, neither for nor against
    HOLDS = "holds"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """How many drawn bookings were looked at, and how many of them were wrong."""

    audited: int
    wrong: int

    @property
    def bound(self) -> float:
        """The share of errors that is not exceeded with 95 % confidence (Clopper and Pearson); 1 without any."""
        return upper_bound(self.wrong, self.audited)


def is_drawn(company_id: str, entry_id: str, run_date: date) -> bool:
    """Whether an automatic booking is drawn for audit.

    By a hash, not by counting: who pays or books cannot tell which one is next, and a night that is rehearsed and
    then run, or run again after a crash, draws the same.
    """
    told = f"audit\n{company_id}\n{entry_id}\n{run_date.isoformat()}"
    drawn = int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big")
    return drawn < DRAWN_SHARE * _WHOLE


def verdict(found: Audited, target: float, confidence: float = CONFIDENCE) -> Verdict:
    """Compare the results of an audit with what was promised.

    Broken is a promise as soon as so many errors would be too unlikely under it, even in a small sample; and in a
    sample that is large enough to prove it, whenever the upper bound is above it.
    """
    if found.wrong and 1 - at_most(found.wrong - 1, found.audited, target) < 1 - confidence:
        return Verdict.BROKEN
    if found.audited < smallest_sample(target, confidence):
        return Verdict.TOO_FEW
    return Verdict.HOLDS if found.bound <= target else Verdict.BROKEN
