"""One night of reconciliation (Abgleich): every entry gets exactly one outcome, and every doubt its reasons."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ledger.collector import collector_paused
from reconciliation.assignment import assign
from reconciliation.company_rules import NO_RULES
from reconciliation.decided import decided
from reconciliation.in_parallel import SLICE, in_slices
from reconciliation.index import build_index
from reconciliation.learned_weights import SHIPPED
from reconciliation.own_transfers import own_transfers
from reconciliation.returned import returned_on
from reconciliation.tonight import Thought, Tonight, returns, think

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.company_rules import RuleBook
    from reconciliation.in_parallel import Share
    from reconciliation.index import Index
    from reconciliation.item_history import AskedCosts
    from reconciliation.model import Model
    from reconciliation.outcome import KnownPayer, Outcome, PastPayment
    from reconciliation.rejections import Rejection
    from reconciliation.revocations import Revocation
    from reconciliation.settings import MatchSettings


@collector_paused()
def reconcile(
    *,
    entries: Sequence[StatementEntry],
    items: Sequence[OpenItem],
    debtors: Mapping[str, Debtor],
    known_payers: Sequence[KnownPayer],
    past: Sequence[PastPayment],
    settings: MatchSettings,
    own_accounts: frozenset[str],
    model: Model = SHIPPED,
    rules: RuleBook = NO_RULES,
    own_names: frozenset[str] = frozenset(),
    revocations: Iterable[Revocation] = (),
    rejections: Mapping[str, Sequence[Rejection]] = MappingProxyType({}),
    asked: Mapping[str, Sequence[AskedCosts]] = MappingProxyType({}),
) -> tuple[Outcome, ...]:
    """Say of every undecided entry what is booked, what is proposed, and why; ordered by booking date and id.

    ``items`` holds open and recently settled ones, so that the number of a settled invoice is recognised;
    ``open_amount`` is what is open now. ``rejections`` (by entry) and ``revocations`` are what people said against
    bookings and payers; ``asked`` (by item) is what notices that were sent asked for on top. The order of the
    arguments decides nothing.
    """
    index = build_index(
        items=items,
        debtors=debtors,
        known_payers=known_payers,
        past=past,
        settings=settings,
        own_accounts=own_accounts,
        revocations=revocations,
        asked=asked,
    )
    return tuple(reconcile_on(index, entries, model=model, rules=rules, own_names=own_names, rejections=rejections))


@collector_paused()
def reconcile_on(
    index: Index,
    entries: Iterable[StatementEntry],
    *,
    model: Model = SHIPPED,
    rules: RuleBook = NO_RULES,
    own_names: frozenset[str] = frozenset(),
    rejections: Mapping[str, Sequence[Rejection]] = MappingProxyType({}),
    share: Share | None = None,
    slice_size: int = SLICE,
) -> Collection[Outcome]:
    """Do the same on an index that is there already; ordered by booking date and id.

    With ``share`` the entries are thought about in slices, by several processes if it uses some, and the outcomes are
    unpacked only while they are read: a million do not lie in memory. They are the same either way.
    """
    ordered = sorted(entries, key=lambda e: (e.booking_date, e.entry_id))
    assert len({e.entry_id for e in ordered}) == len(ordered), "entries need ids of their own"
    tonight = Tonight(
        entries=ordered,
        index=index,
        model=model,
        rules=rules,
        transfers=own_transfers(ordered, index.own_accounts, own_names),
        rejections=rejections,
    )
    return _in_one_piece(tonight) if share is None else in_slices(tonight, share, slice_size)


def under(index: Index, settings: MatchSettings) -> Index | None:
    """Give the same lookups for other settings; None where they would be filed otherwise."""
    is_filed_alike = settings.shared_account_maximum == index.settings.shared_account_maximum
    return replace(index, settings=settings) if is_filed_alike else None


def _in_one_piece(tonight: Tonight) -> tuple[Outcome, ...]:
    looked = [think(entry, tonight) for entry in tonight.entries]
    back = [entry for entry, thought in zip(tonight.entries, looked, strict=True) if thought is None]
    thoughts = [thought for thought in looked if isinstance(thought, Thought)]
    when_back = returned_on([thought.case.entry for thought in thoughts], back, tonight.index)
    assignment = assign([thought.bid for thought in thoughts], when_back, tonight.index)
    outcomes = [
        decided(thought.case, assignment.verdicts[thought.bid.entry_id], assignment.taken)
        if isinstance(thought, Thought)
        else thought
        for thought in looked
    ]
    reopened = iter(returns(back, outcomes, tonight) if back else ())
    return tuple(next(reopened) if outcome is None else outcome for outcome in outcomes)
