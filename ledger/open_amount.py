"""The open amount (offener Betrag): what the tool reports, less our allocations that it does not know of yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The accounting tool said: this much is open. ``after`` is our last decision at that moment."""

    after: int
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """We decided: this much less is open (or, when negative, this much more). ``seq`` orders it among the reports."""

    seq: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAmount:
    """What is open now, and how it came about."""

    reported: Money  # the tool's last word
    unconfirmed: Money  # our allocations the tool has not confirmed by moving its own amount

    @property
    def open(self) -> Money:
        """What we work with: never counted twice, whoever books first."""
        return self.reported - self.unconfirmed


def open_amount(reports: Iterable[Reported], settlements: Iterable[Settled], currency: str) -> OpenAmount:
    """Tell how much of an item is open, from everything the tool reported (in that order) and all we allocated.

    The tool owns the amount. An allocation of ours stays unconfirmed until the reported amount falls; as far as it
    falls, the allocation is confirmed. A reversal works the same way in the other direction.
    """
    # Reports between the same two decisions stay in the order given, so the tool's last word is the last.
    events = sorted(
        [(report.after, 1, report.open_minor) for report in reports]
        + [(settlement.seq, 0, settlement.minor) for settlement in settlements],
        key=lambda event: event[:2],
    )
    reported = unconfirmed = 0
    seen = False
    for _, is_report, minor in events:
        if not is_report:
            unconfirmed += minor
            continue
        if seen:
            unconfirmed -= _confirmed_by(reported - minor, unconfirmed)
        reported, seen = minor, True
    return OpenAmount(reported=Money(reported, currency), unconfirmed=Money(unconfirmed, currency))


def _confirmed_by(fall: int, unconfirmed: int) -> int:
    if fall > 0 and unconfirmed > 0:
        return min(fall, unconfirmed)
    if fall < 0 and unconfirmed < 0:
        return max(fall, unconfirmed)
    return 0
