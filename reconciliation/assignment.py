"""One assignment over all entries of the night (Zuordnung): no cent is taken twice, and luck decides nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from reconciliation.classes import blocked_because, class_of
from reconciliation.index import account_key, entry_key
from reconciliation.interpretation import principal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciliation.case import Case
    from reconciliation.index import Index

_STRICTLY_BETTER: Final = 1.0  # log-odds; less is no difference a person would see
_LIKELY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """What one case takes from one item, from its booking day until its debit is returned, if it is."""

    case: Case
    item_id: str
    minor: int
    until: date | None
    automatic: bool

    @property
    def since(self) -> date:
        """The day from which the item is paid."""
        return self.case.entry.booking_date

    @property
    def score(self) -> float:
        """The log-odds of the hypothesis behind the claim."""
        assert self.case.best is not None, self.case.entry
        return self.case.best.score

    @property
    def order(self) -> tuple[date, str]:
        """The order of booking."""
        return (self.since, self.case.entry.entry_id)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which entries may be booked, what keeps the others from it, and what is left of each item afterwards."""

    automatic: frozenset[str]  # entry ids
    blocked: Mapping[str, tuple[str, ...]]  # entry id -> reasons that other entries of the night give
    taken: Mapping[str, tuple[Claim, ...]]  # item id -> claims that are booked and not returned


def assign(cases: Sequence[Case], returned_on: Mapping[str, date], index: Index) -> Assignment:
    """Let the best hypotheses compete for their items; who cannot win by evidence or date goes to review."""
    claims = [claim for case in cases for claim in _claims(case, returned_on)]
    of_item: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_item[claim.item_id].append(claim)
    blocked: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for item_id in sorted(of_item):
        if len(of_item[item_id]) > 1:
            for entry_id, reason in _conflicts(item_id, sorted(of_item[item_id], key=lambda c: c.order), index):
                blocked[entry_id][reason] = None
    automatic = frozenset(c.case.entry.entry_id for c in claims if c.automatic) - blocked.keys()
    taken: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.case.entry.entry_id in automatic and claim.until is None:
            taken[claim.item_id].append(claim)
    reasons = {entry_id: tuple(why) for entry_id, why in blocked.items()}
    return Assignment(automatic, reasons, {item_id: tuple(found) for item_id, found in taken.items()})


def may_be_automatic(case: Case) -> bool:
    """Whether a case by itself, without its neighbours, could be booked without a person."""
    return case.best is not None and class_of(case, case.best) is not None and not blocked_because(case)


def _claims(case: Case, returned_on: Mapping[str, date]) -> list[Claim]:
    best = case.best
    automatic = may_be_automatic(case)
    if best is None or not (automatic or best.probability > _LIKELY):
        return []
    until = returned_on.get(case.entry.entry_id)
    settled = principal(best.hypothesis.allocations)
    return [Claim(case, item_id, abs(minor), until, automatic) for item_id, minor in settled.items()]


def _conflicts(item_id: str, claims: Sequence[Claim], index: Index) -> Iterable[tuple[str, str]]:
    """Give (entry, reason) for each automatic claim on one item that another claim forbids."""
    item = index.items[item_id]
    free = item.open_amount.minor
    winners = []
    for claim in claims:
        if not claim.automatic:
            continue
        rivals = [r for r in claims if r is not claim and _together(claim, r) and _collide(claim, r, free)]
        stronger = [r for r in rivals if not _beats(claim, r)]
        for rival in stronger:
            yield claim.case.entry.entry_id, _lost(claim, rival, item.document_number)
        if not stronger:
            winners.append(claim)
    # Three parts may fit two by two and still be too much together.
    for claim in winners:
        if sum(w.minor for w in winners if _together(claim, w)) > free:
            yield (
                claim.case.entry.entry_id,
                f"several payments together are more than is open on {item.document_number}",
            )


def _together(one: Claim, other: Claim) -> bool:
    """Whether two claims hold on the same day; a returned debit has freed its item for later payments."""
    ended = one.until is not None and one.until <= other.since
    return not ended and not (other.until is not None and other.until <= one.since)


def _collide(one: Claim, other: Claim, free: int) -> bool:
    """Whether two claims take more than there is, or look like the same payment made twice within days."""
    near = abs(one.since - other.since) <= timedelta(days=one.case.index.settings.duplicate_days)
    return one.minor + other.minor > free or (near and entry_key(one.case.entry) == entry_key(other.case.entry))


def _beats(claim: Claim, rival: Claim) -> bool:
    """Whether a claim wins by strictly better evidence, or was there first among payments of one payer.

    Where both are proven the document is paid twice, and no evidence says which of them came in vain.
    """
    if rival.automatic:
        return claim.since < rival.since and _same_payer(claim, rival)
    if claim.score >= rival.score + _STRICTLY_BETTER:
        return True
    if rival.score >= claim.score + _STRICTLY_BETTER:
        return False
    return claim.since < rival.since and _same_payer(claim, rival)


def _same_payer(claim: Claim, rival: Claim) -> bool:
    accounts = {account_key(c.case.entry.payer_iban) for c in (claim, rival)}
    return entry_key(claim.case.entry) == entry_key(rival.case.entry) or (len(accounts) == 1 and accounts != {""})


def _lost(claim: Claim, rival: Claim, number: str) -> str:
    entry = rival.case.entry
    told = f"the payment of {entry.amount} of {entry.booking_date:%d.%m.%Y}"
    if _beats(rival, claim):
        return f"{number} is paid by {told}: perhaps paid twice (Doppelzahlung)"
    return f"{told} could settle {number} just as well"
