"""One night of reconciliation (Abgleich): every entry gets exactly one outcome, and every doubt its reasons."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.collector import collector_paused
from ledger.statement import EntryKind, EntryStatus
from reconciliation.assignment import Assignment, assign
from reconciliation.bid import bid_of, preferring, weighed_together
from reconciliation.case import Case, consider
from reconciliation.classes import blocked_because, class_of, missing_for_auto
from reconciliation.company_rules import NO_RULES
from reconciliation.ignored import ignored_because, needs_a_person, own_payment
from reconciliation.index import Index, build_index
from reconciliation.interpretation import on_account, principal
from reconciliation.learned_weights import SHIPPED
from reconciliation.outcome import EntryState, Outcome, as_payment
from reconciliation.own_transfers import own_transfers
from reconciliation.rejections import respecting
from reconciliation.returned import comes_back, returned_on, settle_returns
from reconciliation.telling import proposal_of, told
from reconciliation.weighing import Weighed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.assignment import Claim
    from reconciliation.company_rules import RuleBook
    from reconciliation.item_history import AskedCosts
    from reconciliation.model import Model
    from reconciliation.outcome import KnownPayer, PastPayment, Proposal
    from reconciliation.rejections import Rejection
    from reconciliation.revocations import Revocation
    from reconciliation.settings import MatchSettings

_AS_GOOD_AS_CERTAIN: Final = 0.9  # then the payer is known well enough not to spare others for an equal amount
_NOT_WORTH_SPARING: Final = 0.01
_PAID_TWICE: Final = 0.5  # what a taken item leaves for "paid twice": more would be a guess


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
    ordered = sorted(entries, key=lambda e: (e.booking_date, e.entry_id))
    assert len({e.entry_id for e in ordered}) == len(ordered), "entries need ids of their own"
    transfers = own_transfers(ordered, own_accounts, own_names)
    set_aside = ((e, ignored_because(e, index, rules, transfers)) for e in ordered)
    outcomes = {e.entry_id: _ignored(e, why) for e, why in set_aside if why}
    waiting = [e for e in ordered if e.entry_id not in outcomes]
    back = [e for e in waiting if comes_back(e)]
    considered = (
        consider(e, index, model, rules=rules, transfers=transfers, rejected=rejections.get(e.entry_id, ()))
        for e in waiting
        if not comes_back(e)
    )
    # Each bid is made at once, while what was read for its case is still at hand.
    thought = [(case, bid_of(case)) for case in considered]
    cases = [case for case, _ in thought]
    assignment = assign([bid for _, bid in thought], returned_on([c.entry for c in cases], back, index), index)
    outcomes |= {case.entry.entry_id: _outcome(case, assignment) for case in cases}
    tonight = (as_payment(case.entry, outcomes[case.entry.entry_id].allocations) for case in cases)
    booked = [payment for payment in tonight if payment.allocations]
    if back:
        returns = settle_returns(back, [*index.past, *booked], index)
        outcomes |= {r.entry_id: respecting(r, rejections.get(r.entry_id, ())) for r in returns}
    return tuple(outcomes[e.entry_id] for e in ordered)


def _ignored(entry: StatementEntry, why: str) -> Outcome:
    return Outcome(entry_id=entry.entry_id, state=EntryState.IGNORED, reasons=(why,))


def _outcome(case: Case, assignment: Assignment) -> Outcome:
    """Decide the state of one entry, now that all others have spoken."""
    entry = case.entry
    verdict = assignment.verdicts[entry.entry_id]
    if verdict.automatic is not None:
        return _automatic(preferring(case, verdict.automatic, verdict.probability))
    if entry.status is not EntryStatus.BOOKED:
        return _announced(case, assignment)
    return _review(case, assignment) if case.weighed else _without_proposal(case)


def _without_proposal(case: Case) -> Outcome:
    """Set aside what is surely our own money, and show the rest with what it may be."""
    entry = case.entry
    if why := needs_a_person(entry, case.index):
        return _unmatched(case, *case.asked, why)
    if not case.asked and entry.amount.minor < 0:
        return _ignored(entry, own_payment(entry))
    if not case.asked and entry.kind is EntryKind.REVERSAL:
        return _ignored(entry, "our own payment came back, and no credit note (Gutschrift) of a debtor is concerned")
    return _unmatched(case, *case.asked, *_labelled(case), *_nothing_known(case))


def _announced(case: Case, assignment: Assignment) -> Outcome:
    """Say what will be proposed once the bank has booked it; until then nobody can decide."""
    why = "the bank has not booked it yet (vorgemerkt)"
    outcome = _review(case, assignment) if case.weighed else _unmatched(case, why)
    return replace(outcome, state=EntryState.ANNOUNCED, reasons=tuple(dict.fromkeys((why, *outcome.reasons))))


def _automatic(case: Case) -> Outcome:
    best = case.best
    assert best is not None, case.entry
    proven = class_of(case, best)
    assert proven is not None, case.entry
    return Outcome(
        entry_id=case.entry.entry_id,
        state=EntryState.AUTO,
        reasons=(f"booked: {proven.why}", *told(best.evidence), *best.hypothesis.says),
        allocations=best.hypothesis.allocations,
        proposals=(proposal_of(best, (), proven.name, case.model),),
    )


def _review(case: Case, assignment: Assignment) -> Outcome:
    best = case.best
    assert best is not None, case.entry
    others = assignment.verdicts[case.entry.entry_id].blocked
    proven = class_of(case, best)
    lacking = () if proven else missing_for_auto(case, best)
    doubts = tuple(dict.fromkeys((*others, *blocked_because(case), *_labelled(case), *lacking)))
    left, twice = _what_is_left(case, assignment)
    shown = [
        proposal_of(
            w,
            doubts if w.hypothesis is best.hypothesis else missing_for_auto(case, w),
            proven.name if proven and w.hypothesis is best.hypothesis else "",
            case.model,
        )
        for w in left[: case.index.settings.maximum_proposals]
    ]
    proposals = _best_first([*twice, *shown])[: case.index.settings.maximum_proposals]
    debtors, cut = _possible_debtors(case)
    return Outcome(
        entry_id=case.entry.entry_id,
        state=EntryState.REVIEW,
        reasons=(*doubts, *cut),
        proposals=tuple(proposals),
        possible_debtors=debtors,
    )


def _what_is_left(case: Case, assignment: Assignment) -> tuple[list[Weighed], list[Proposal]]:
    """Drop what needs an item that another payment has taken; if that was the best, it may be paid twice."""
    together = weighed_together(case, assignment.verdicts[case.entry.entry_id].chances)
    left = [w for w in together if not _taken(w, assignment, case.index)]
    lost = [w for w in case.weighed if _taken(w, assignment, case.index)]
    if not lost or case.best is not lost[0]:
        return left, []
    claim = _taken(lost[0], assignment, case.index)[0]
    item = case.index.items[claim.item_id]
    why = (
        f"{item.document_number} is paid by the payment of {claim.since:%d.%m.%Y}: perhaps paid twice (Doppelzahlung)"
    )
    credit = on_account(case.entry, item.debtor_number, why)
    probability = min(_PAID_TWICE, sum(w.probability for w in lost))
    weighed = Weighed(credit, lost[0].arguments, lost[0].score, probability, lost[0].evidence)
    return [w for w in left if w.hypothesis.allocations != credit.allocations], [
        proposal_of(weighed, (), "", case.model)
    ]


def _taken(weighed: Weighed, assignment: Assignment, index: Index) -> Sequence[Claim]:
    """Give the claims of tonight that leave too little of an item for a hypothesis."""
    for item_id, minor in principal(weighed.hypothesis.allocations).items():
        claims = assignment.taken.get(item_id, ())
        left = index.items[item_id].open_amount.minor - sum(claim.minor for claim in claims)
        if claims and abs(minor) > left:
            return claims
    return ()


def _best_first(proposals: Iterable[Proposal]) -> list[Proposal]:
    return sorted(proposals, key=lambda p: -p.probability)  # stable: ties keep the order of weighing


def _unmatched(case: Case, *why: str) -> Outcome:
    debtors, cut = _possible_debtors(case)
    return Outcome(
        entry_id=case.entry.entry_id,
        state=EntryState.REVIEW if case.rejected else EntryState.UNMATCHED,  # of the rejected, something is known
        reasons=(*why, *cut),
        possible_debtors=debtors,
    )


def _labelled(case: Case) -> tuple[str, ...]:
    """Say what an entry may be instead of the payment of a debtor."""
    label = case.clues.other_money
    return (label.told(),) if label is not None else ()


def _nothing_known(case: Case) -> tuple[str, ...]:
    """Say plainly which questions were asked in vain."""
    amount = case.entry.amount
    same = len(case.index.with_amount(amount.currency, amount.minor))
    fitting = f"{same} open items have this amount, too many to tell" if same else "no open item has this amount"
    payer = "its account and name are not known" if not case.evidence else "no clue leads to a payable item"
    unknown = [
        f'"{f.text}" looks like a number of ours and is not known' for f in case.index.reading(case.entry).unknown
    ]
    return (*(unknown or ["no document number of ours is named"]), payer, fitting)


def _possible_debtors(case: Case) -> tuple[frozenset[str], tuple[str, ...]]:
    """Name everybody whose payment this may be; a common amount names many, up to a limit that is told.

    Where one booking is as good as certain, owing the same amount makes nobody else its payer.
    """
    index, amount = case.index, case.entry.amount
    clear = case.best is not None and case.best.probability >= _AS_GOOD_AS_CERTAIN
    clues = [clue for clue in case.evidence if not (clear and clue.rule == "exact_amount")]
    named = {index.items[c.item_id].debtor_number if c.item_id else c.debtor_number for c in clues}
    named |= {
        d for w in case.weighed if not clear or w.probability >= _NOT_WORTH_SPARING for d in w.hypothesis.debtors
    }
    if clear:
        return frozenset(named - {""}), ()
    limit = index.settings.maximum_possible_debtors
    few = index.owing(amount)[:limit]
    more = len(index.owing(amount)) - len(few)
    cut = (f"{more} more debtors owe this amount; only the {limit} with the oldest items are spared",) if more else ()
    return frozenset({*named, *few} - {""}), cut
