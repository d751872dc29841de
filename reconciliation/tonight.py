"""What is thought about one entry (Vorprüfung) before it is compared with the others of the night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reconciliation.bid import Bid, bid_of
from reconciliation.case import Case, consider
from reconciliation.decided import ignored
from reconciliation.ignored import ignored_because
from reconciliation.outcome import as_payment
from reconciliation.rejections import respecting
from reconciliation.returned import comes_back, settle_returns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from reconciliation.model import Model
    from reconciliation.outcome import Outcome
    from reconciliation.own_transfers import OwnTransfer
    from reconciliation.rejections import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonight:
    """Everything that is known when the first entry is looked at."""

    entries: Sequence[StatementEntry]  # by booking date and id
    index: Index
    model: Model
    rules: RuleBook
    transfers: Mapping[str, OwnTransfer]
    rejections: Mapping[str, Sequence[Rejection]]  # by entry

    def rejected(self, entry: StatementEntry) -> Sequence[Rejection]:
        """Give what a person said an entry does not settle."""
        return self.rejections.get(entry.entry_id, ())


class Thought(NamedTuple):
    """A payment that competes with others."""

    case: Case
    bid: Bid


def think(entry: StatementEntry, tonight: Tonight) -> Thought | Outcome | None:
    """Look at one entry: a payment competes, others are set aside; None where money comes back: that is told last."""
    if why := ignored_because(entry, tonight.index, tonight.rules, tonight.transfers):
        return ignored(entry, why)
    if comes_back(entry):
        return None
    case = consider(
        entry,
        tonight.index,
        tonight.model,
        rules=tonight.rules,
        transfers=tonight.transfers,
        rejected=tonight.rejected(entry),
    )
    # The bid is made at once, while what was read for its case is still at hand.
    return Thought(case, bid_of(case))


def returns(back: Sequence[StatementEntry], decided: Iterable[Outcome | None], tonight: Tonight) -> list[Outcome]:
    """Reopen what comes back, in the order given, now that it is known what is booked tonight.

    ``decided`` has the outcome of every entry in their order, None for those that come back.
    """
    booked = [
        as_payment(entry, outcome.allocations)
        for entry, outcome in zip(tonight.entries, decided, strict=True)
        if outcome is not None and outcome.allocations
    ]
    settled = settle_returns(back, [*tonight.index.past, *booked], tonight.index)
    return [respecting(r, tonight.rejections.get(r.entry_id, ())) for r in settled]
