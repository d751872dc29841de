"""The open amount (offener Betrag): what the tool reports, less our allocations that it does not know of yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The accounting tool said: this much is open. ``after`` is our last decision at that moment.

    ``absent`` says that the tool no longer listed the item, which is weaker than saying that nothing is open.
    """

    after: int
    open_minor: int
    absent: bool = False


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

    An item that left the tool's list is settled while it is away. Where it comes back, the absence proved nothing (a
    list may have been cut off): the tool's word is then compared with its last one before.
    """
    # Reports between the same two decisions stay in the order given, so the tool's last word is the last.
    events: list[tuple[int, int, Reported | Settled]] = [(report.after, 1, report) for report in reports]
    events += [(settlement.seq, 0, settlement) for settlement in settlements]
    stand = _Stand()
    for _, _, event in sorted(events, key=lambda event: event[:2]):
        stand = _after_report(stand, event) if isinstance(event, Reported) else _after_settlement(stand, event)
    return OpenAmount(reported=Money(stand.reported, currency), unconfirmed=Money(stand.unconfirmed, currency))


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where an item stands; ``before`` is how it stood before it left the list."""

    reported: int = 0
    unconfirmed: int = 0
    seen: bool = False
    before: _Stand | None = None


def _after_settlement(stand: _Stand, settled: Settled) -> _Stand:
    before = stand.before and _after_settlement(stand.before, settled)
    return replace(stand, unconfirmed=stand.unconfirmed + settled.minor, before=before)


def _after_report(stand: _Stand, report: Reported) -> _Stand:
    if stand.before is not None and not report.absent:
        stand = stand.before
    before = (stand.before or stand) if report.absent else None
    confirmed = _confirmed_by(stand.reported - report.open_minor, stand.unconfirmed) if stand.seen else 0
    return _Stand(report.open_minor, stand.unconfirmed - confirmed, seen=True, before=before)


def _confirmed_by(fall: int, unconfirmed: int) -> int:
    if fall > 0 and unconfirmed > 0:
        return min(fall, unconfirmed)
    if fall < 0 and unconfirmed < 0:
        return max(fall, unconfirmed)
    return 0
