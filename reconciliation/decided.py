"""What becomes of one entry (Entscheidung), once all other payments of the night have spoken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind, EntryStatus
from reconciliation.bid import preferring, weighed_together
from reconciliation.classes import blocked_because, class_of, missing_for_auto
from reconciliation.ignored import needs_a_person, own_payment
from reconciliation.interpretation import on_account, principal
from reconciliation.outcome import EntryState, Outcome
from reconciliation.telling import proposal_of, told
from reconciliation.weighing import Weighed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.assignment import Claim
    from reconciliation.case import Case
    from reconciliation.contest import Verdict
    from reconciliation.index import Index
    from reconciliation.outcome import Proposal

    Taken = Mapping[str, Sequence[Claim]]  # what is taken from each item tonight

_AS_GOOD_AS_CERTAIN: Final = 0.9  # then the payer is known well enough not to spare others for an equal amount
_NOT_WORTH_SPARING: Final = 0.01
_PAID_TWICE: Final = 0.5  # what a taken item leaves for "paid twice": more would be a guess


def decided(case: Case, verdict: Verdict, taken: Taken) -> Outcome:
    """Decide the state of one entry by what the others leave of it; ``taken`` says what is taken from its items."""
    entry = case.entry
    if verdict.automatic is not None:
        return _automatic(preferring(case, verdict.automatic, verdict.probability))
    if entry.status is not EntryStatus.BOOKED:
        return _announced(case, verdict, taken)
    return _review(case, verdict, taken) if case.weighed else _without_proposal(case)


def ignored(entry: StatementEntry, why: str) -> Outcome:
    """Set an entry aside."""
    return Outcome(entry_id=entry.entry_id, state=EntryState.IGNORED, reasons=(why,))


def _without_proposal(case: Case) -> Outcome:
    """Set aside what is surely our own money, and show the rest with what it may be."""
    entry = case.entry
    if why := needs_a_person(entry, case.index):
        return _unmatched(case, *case.asked, why)
    if not case.asked and entry.amount.minor < 0:
        return ignored(entry, own_payment(entry))
    if not case.asked and entry.kind is EntryKind.REVERSAL:
        return ignored(entry, "our own payment came back, and no credit note (Gutschrift) of a debtor is concerned")
    return _unmatched(case, *case.asked, *_labelled(case), *_nothing_known(case))


def _announced(case: Case, verdict: Verdict, taken: Taken) -> Outcome:
    """Say what will be proposed once the bank has booked it; until then nobody can decide."""
    why = "the bank has not booked it yet (vorgemerkt)"
    outcome = _review(case, verdict, taken) if case.weighed else _unmatched(case, why)
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


def _review(case: Case, verdict: Verdict, taken: Taken) -> Outcome:
    best = case.best
    assert best is not None, case.entry
    proven = class_of(case, best)
    lacking = () if proven else missing_for_auto(case, best)
    doubts = tuple(dict.fromkeys((*verdict.blocked, *blocked_because(case), *_labelled(case), *lacking)))
    left, twice = _what_is_left(case, verdict, taken)
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


def _what_is_left(case: Case, verdict: Verdict, taken: Taken) -> tuple[list[Weighed], list[Proposal]]:
    """Drop what needs an item that another payment has taken; if that was the best, it may be paid twice."""
    together = weighed_together(case, verdict.chances)
    if not taken:
        return list(together), []
    left = [w for w in together if not _claims(w, taken, case.index)]
    lost = [w for w in case.weighed if _claims(w, taken, case.index)]
    if not lost or case.best is not lost[0]:
        return left, []
    claim = _claims(lost[0], taken, case.index)[0]
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


def _claims(weighed: Weighed, taken: Taken, index: Index) -> Sequence[Claim]:
    """Give the claims of tonight that leave too little of an item for a hypothesis."""
    for item_id, minor in principal(weighed.hypothesis.allocations).items():
        claims = taken.get(item_id, ())
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
    unknown = [f'"{f.text}" looks like a number of ours and is not known' for f in case.clues.unknown]
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
