"""Returned debits and payments (Rücklastschriften, Rücküberweisungen): reopen what was settled, charges apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.allocation import SETTLES_PRINCIPAL, Allocation, AllocationKind
from ledger.statement import EntryKind, EntryStatus
from ledger.text import squeeze
from reconciliation.interpretation import Hypothesis, Interpretation
from reconciliation.outcome import EntryState, Evidence, Outcome
from reconciliation.return_cause import told_reason
from reconciliation.return_charge import charge_of
from reconciliation.return_originals import CERTAIN, came_back, concerned, file_payments, originals_of
from reconciliation.telling import proposal_of
from reconciliation.weighing import compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import PastPayment
    from reconciliation.return_originals import Original, Payments

TAKEN_BACK: Final = frozenset({EntryKind.RETURNED_DEBIT, EntryKind.REVERSAL})  # money received before leaves again
_CERTAIN_KINDS: Final = frozenset({EntryKind.RETURNED_DEBIT, EntryKind.RETURNED_TRANSFER})
_PRIOR: Final = -2.0  # log-odds that what came back is any one particular payment, before any clue
_NO_PAYOUT: Final = "our own payment came back, and no credit note (Gutschrift) of a debtor is concerned"

_Pot = tuple[str, str]  # (item, ""), or (kind of credit or claim, debtor)


@dataclass(frozen=True, slots=True)
class _Books:
    """What is paid on each item and account, as booked by us or told by the tool, less what came back tonight."""

    index: Index
    booked: Counter[_Pot]
    back: dict[str, date]  # payments that came back whole, and when
    reopened: Counter[_Pot] = field(default_factory=Counter)

    def has(self, original: Original) -> bool:
        """Whether a payment is still booked, and as much is paid on everything it settled."""
        if any(payment in self.back for payment in original.payments):
            return False
        return all(_covers(self._on(pot), minor) for pot, minor in _pots(original.allocations).items())

    def take_back(self, outcome: Outcome, original: Original, day: date) -> None:
        """Remember that a payment came back tonight."""
        self.reopened.subtract(_pots(outcome.allocations))
        self.back.update(dict.fromkeys(original.payments, day))

    def _on(self, pot: _Pot) -> int:
        booked, (item_id, debtor) = self.booked.get(pot, 0), pot
        item = None if debtor else self.index.items.get(item_id)
        told = item.amount.minor - item.open_amount.minor if item else 0
        paid = max(booked, told) if item is None or item.is_invoice else min(booked, -told)
        return paid - self.reopened.get(pot, 0)


def comes_back(entry: StatementEntry) -> bool:
    """Whether an entry takes back what was booked before: a collection that is returned, or our own payment."""
    leaves = entry.kind in TAKEN_BACK and entry.amount.minor < 0
    arrives = entry.kind is EntryKind.RETURNED_TRANSFER and entry.amount.minor > 0
    return entry.status is EntryStatus.BOOKED and (leaves or arrives)


def returned_on(payments: Iterable[StatementEntry], back: Iterable[StatementEntry], index: Index) -> dict[str, date]:
    """Say which collections of this night come back this same night, and when, so that their items are free again."""
    collected: defaultdict[str, list[StatementEntry]] = defaultdict(list)
    for payment in payments:
        if payment.end_to_end_id and payment.amount.minor > 0:
            collected[squeeze(payment.end_to_end_id)].append(payment)
    days: dict[str, date] = {}
    earlier = {squeeze(payment.end_to_end_id) for payment in index.past}
    for entry in back:
        reference = squeeze(entry.end_to_end_id)
        same = collected.get(reference, []) if reference not in earlier else []
        if (
            entry.kind is EntryKind.RETURNED_DEBIT
            and len(same) == 1
            and same[0].booking_date <= entry.booking_date
            and charge_of(entry, same[0].amount, index.settings) is not None
        ):
            days[same[0].entry_id] = entry.booking_date
    return days


def settle_returns(
    entries: Iterable[StatementEntry], payments: Iterable[PastPayment], index: Index
) -> Iterator[Outcome]:
    """Reopen what came back, in the order given; what was not paid before, or was taken back already, is not."""
    known = list(payments)
    filed = file_payments(known)
    booked: Counter[_Pot] = Counter()
    for payment in known:
        booked.update(_pots(payment.allocations))
    books = _Books(index, booked, came_back(known))
    for entry in entries:
        outcome, original = _settle(entry, filed, books, index)
        if original is not None:
            books.take_back(outcome, original, entry.booking_date)
        yield outcome


def reopening(entry: StatementEntry, original: Original, index: Index) -> Hypothesis:
    """Undo every line of the original booking, waived Skonto too, and book the charge for itself."""
    charge = charge_of(entry, original.amount, index.settings, original.returns)
    assert charge is not None, (entry, original)
    undone = tuple(-a for a in original.allocations)
    # The charge names who caused it, so that it can be claimed from them; it settles no document.
    debtors = tuple(sorted({a.debtor_number for a in undone if a.debtor_number}))
    caused_by = debtors[0] if len(debtors) == 1 else ""
    fee = Allocation(kind=AllocationKind.BANK_CHARGE, amount=-charge, debtor_number=caused_by)
    numbers = ", ".join(dict.fromkeys(a.document_number for a in original.allocations if a.document_number))
    says = [f"reopens {numbers or 'the credit on account'} with {abs(original.amount)}"]
    if charge:
        says.append(f"the bank charged {charge} for the return (Rücklastschriftgebühr)")
    return Hypothesis(
        item_ids=tuple(sorted({a.item_id for a in undone if a.item_id})),
        debtors=debtors,
        interpretation=Interpretation.RETURN,
        allocations=(*undone, fee) if charge else undone,
        says=tuple(says),
    )


def _settle(entry: StatementEntry, filed: Payments, books: _Books, index: Index) -> tuple[Outcome, Original | None]:
    """Decide one return; the original is given only where it is booked."""
    originals = originals_of(entry, filed, index)
    free = [original for original in originals if books.has(original)]
    if not originals and entry.kind is EntryKind.RETURNED_TRANSFER:
        return _unknown_payout(entry, index), None
    told = (
        f"returned by the bank: {told_reason(entry.return_reason)}" if entry.return_reason else "returned by the bank"
    )
    hypotheses = [reopening(entry, original, index) for original in free]
    weighed = compared((h, (), o.strength + _PRIOR, _evidence(o)) for h, o in zip(hypotheses, free, strict=True))
    certain = len(free) == 1 and free[0].strength >= CERTAIN and entry.kind in _CERTAIN_KINDS
    shown = weighed[: index.settings.maximum_proposals]
    proposals = tuple(proposal_of(w, (), "returned_debit" if certain else "") for w in shown)
    if certain:
        outcome = Outcome(
            entry_id=entry.entry_id,
            state=EntryState.RETURNED,
            reasons=(told, free[0].says, *hypotheses[0].says),
            allocations=hypotheses[0].allocations,
            proposals=proposals,
        )
        return outcome, free[0]
    debtors = _debtors(free or originals) or concerned(entry, filed, index)
    outcome = Outcome(
        entry_id=entry.entry_id,
        state=EntryState.REVIEW if proposals else EntryState.UNMATCHED,
        reasons=(told, _doubt(entry, originals, free, books, known=bool(debtors))),
        proposals=proposals,
        possible_debtors=debtors,
    )
    return outcome, None


def _unknown_payout(entry: StatementEntry, index: Index) -> Outcome:
    """Our own payment came back: nobody's business here, unless a debtor or a document of ours is concerned."""
    debtors = frozenset(index.debtors_of_account(entry.payer_iban))
    named = [index.items[i] for found in index.reading(entry).known for i in found.item_ids]
    if not debtors and not named:
        return Outcome(entry_id=entry.entry_id, state=EntryState.IGNORED, reasons=(_NO_PAYOUT,))
    return Outcome(
        entry_id=entry.entry_id,
        state=EntryState.UNMATCHED,
        reasons=("our own payment to a debtor came back, and its booking is not known",),
        possible_debtors=debtors | {item.debtor_number for item in named},
    )


def _doubt(
    entry: StatementEntry, originals: Sequence[Original], free: Sequence[Original], books: _Books, *, known: bool
) -> str:
    """Say why a person must look; ``known`` tells whether at least the debtor is."""
    if not free:
        return _nothing_to_reopen(originals, books, known=known)
    if entry.kind not in _CERTAIN_KINDS:
        return "a reversal of the bank (Storno) is never booked without a person"
    if len(free) > 1:
        return f"{len(free)} payments could be the one that came back"
    return f"only likely: {free[0].says}"


def _nothing_to_reopen(originals: Sequence[Original], books: _Books, *, known: bool) -> str:
    if not originals and known:
        return "the amount is neither that of the payment it names nor a part of it: look at the collection"
    if not originals:
        return "the payment that came back is not known: look for the collection (Lastschrifteinzug)"
    back = sorted(books.back[payment] for o in originals for payment in o.payments if payment in books.back)
    if back:
        return f"{originals[0].says}, but it came back already on {back[-1]:%d.%m.%Y}: nothing is booked on it"
    return (
        f"{originals[0].says}, but nothing is booked on it that could be reopened; "
        "if the collection is not on a statement yet, this settles itself when it is"
    )


def _debtors(originals: Iterable[Original]) -> frozenset[str]:
    return frozenset(a.debtor_number for original in originals for a in original.allocations if a.debtor_number)


def _evidence(original: Original) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(rule="returned_debit", strength=original.strength, says=original.says, item_id=item_id)
        for item_id in dict.fromkeys(a.item_id for a in original.allocations if a.item_id)
    )


def _pots(allocations: Iterable[Allocation]) -> Counter[_Pot]:
    """Add up what is booked on each item, and as credit, fee or interest of each debtor."""
    pots: Counter[_Pot] = Counter()
    for a in allocations:
        if a.item_id and a.kind in SETTLES_PRINCIPAL:
            pots[a.item_id, ""] += a.amount.minor
        elif a.kind is not AllocationKind.BANK_CHARGE:
            pots[f"{a.kind.value} {a.amount.currency}", a.debtor_number] += a.amount.minor
    return pots


def _covers(paid: int, minor: int) -> bool:
    return paid >= minor if minor >= 0 else paid <= minor
