"""Returned debits (Rücklastschriften): find what was collected, reopen it, and keep the bank's charge apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.statement import EntryKind
from ledger.text import squeeze
from reconciliation import weights
from reconciliation.index import account_key
from reconciliation.interpretation import Hypothesis, Interpretation, principal
from reconciliation.outcome import EntryState, Evidence, Outcome
from reconciliation.reading import COMPLETE
from reconciliation.telling import proposal_of
from reconciliation.weighing import weigh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import PastPayment

TAKEN_BACK: Final = frozenset({EntryKind.RETURNED_DEBIT, EntryKind.REVERSAL})  # money received before leaves again
_CERTAIN: Final = weights.FULL_NUMBER  # below, an original is only likely


@dataclass(frozen=True, slots=True)
class _Original:
    """A payment, or an item collected before our memory, that an entry may take back; with the clue that says so."""

    allocations: tuple[Allocation, ...]  # as they were booked
    amount: Money
    says: str
    strength: float
    since: date | None = None  # booking day; unknown for an item collected before our memory


@dataclass(frozen=True, slots=True)
class _Payments:
    """Booked payments, filed by what a return repeats of them."""

    by_end_to_end_id: Mapping[str, Sequence[PastPayment]]
    by_mandate: Mapping[str, Sequence[PastPayment]]
    by_item: Mapping[str, Sequence[PastPayment]]
    by_account: Mapping[str, Sequence[PastPayment]]
    by_amount: Mapping[tuple[str, int], Sequence[PastPayment]]


@dataclass(frozen=True, slots=True)
class _Paid:
    """What is paid on each item, as booked by us or told by the tool, less what came back tonight already."""

    booked: Mapping[str, int]
    reopened: Mapping[str, int]
    index: Index

    def covers(self, allocations: Iterable[Allocation]) -> bool:
        """Whether as much is paid on every item as these allocations settled."""
        return all(minor <= self._on(item_id) for item_id, minor in principal(allocations).items())

    def _on(self, item_id: str) -> int:
        item = self.index.items.get(item_id)
        told = item.amount.minor - item.open_amount.minor if item else 0
        return max(self.booked.get(item_id, 0), told) - self.reopened.get(item_id, 0)


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
            and _charge(entry, same[0].amount, index) is not None
        ):
            days[same[0].entry_id] = entry.booking_date
    return days


def settle_returns(
    entries: Iterable[StatementEntry], payments: Iterable[PastPayment], index: Index
) -> Iterator[Outcome]:
    """Reopen what came back, in the order given; what was not paid before, or was taken back already, is not."""
    known = list(payments)
    filed = _file(known)
    booked: Counter[str] = Counter()
    for payment in known:
        booked.update(principal(payment.allocations))
    reopened: Counter[str] = Counter()
    for entry in entries:
        outcome = _settle(entry, filed, _Paid(booked, reopened, index), index)
        if outcome.state is EntryState.RETURNED:
            reopened.subtract(principal(outcome.allocations))
        yield outcome


def _settle(entry: StatementEntry, filed: _Payments, paid: _Paid, index: Index) -> Outcome:
    originals = [o for o in _originals(entry, filed, index) if _charge(entry, o.amount, index) is not None]
    free = [o for o in originals if paid.covers(o.allocations)]
    reopening = [(_reopen(entry, original, index), original) for original in free]
    hypotheses = [hypothesis for hypothesis, _ in reopening]
    evidence = tuple(
        Evidence(rule="returned_debit", strength=o.strength, says=o.says, item_id=item_id)
        for o in free
        for item_id in dict.fromkeys(a.item_id for a in o.allocations if a.item_id)
    )
    weighed = weigh(entry, hypotheses, evidence, index)
    told = (f"returned by the bank: {entry.return_reason}",) if entry.return_reason else ("returned by the bank",)
    certain = len(free) == 1 and free[0].strength >= _CERTAIN and entry.kind is EntryKind.RETURNED_DEBIT
    proposals = tuple(
        proposal_of(w, (), "returned_debit" if certain else "") for w in weighed[: index.settings.maximum_proposals]
    )
    debtors = frozenset(d for h in hypotheses for d in h.debtors)
    if certain:
        reasons = (*told, free[0].says, *hypotheses[0].says)
        return Outcome(
            entry_id=entry.entry_id,
            state=EntryState.RETURNED,
            reasons=reasons,
            allocations=hypotheses[0].allocations,
            proposals=proposals,
        )
    doubt = _doubt(entry, originals, free)
    if not proposals:
        named = frozenset(a.debtor_number for o in originals for a in o.allocations if a.debtor_number)
        state = EntryState.UNMATCHED
        return Outcome(entry_id=entry.entry_id, state=state, reasons=(*told, doubt), possible_debtors=named)
    return Outcome(
        entry_id=entry.entry_id,
        state=EntryState.REVIEW,
        reasons=(*told, doubt),
        proposals=proposals,
        possible_debtors=debtors,
    )


def _doubt(entry: StatementEntry, originals: Sequence[_Original], free: Sequence[_Original]) -> str:
    if entry.kind is not EntryKind.RETURNED_DEBIT and free:
        return "a reversal of the bank (Storno) is never booked without a person"
    if len(free) > 1:
        return f"{len(free)} payments could be the one that came back"
    if free:
        return f"only likely: {free[0].says}"
    if originals:
        return f"{originals[0].says}, but nothing is booked on it that could be reopened"
    return "the payment that came back is not known: look for the collection (Lastschrifteinzug)"


def _originals(entry: StatementEntry, filed: _Payments, index: Index) -> list[_Original]:
    """Ask one kind of clue after the other, surest first; the first that answers is believed."""
    reference = squeeze(entry.end_to_end_id)
    named = [index.items[i] for f in index.reading(entry).known if f.form in COMPLETE for i in f.item_ids]
    collected = [index.items[i] for i in index.end_to_end_ids.get(reference, ())]
    clues = (
        _payments(
            filed.by_end_to_end_id.get(reference, ()) if reference else (), "end-to-end id", weights.END_TO_END_ID
        ),
        _items(
            collected, f"was collected under the end-to-end id {entry.end_to_end_id}", weights.END_TO_END_ID, entry
        ),
        _payments(
            filed.by_mandate.get(squeeze(entry.mandate_id), ()) if entry.mandate_id else (), "mandate", _CERTAIN
        ),
        _payments([p for i in named for p in filed.by_item.get(i.item_id, ())], "document number", _CERTAIN),
        _items(named, "is named in the text of the return", _CERTAIN, entry),
        _payments(filed.by_account.get(account_key(entry.payer_iban), ()), "account", weights.KNOWN_PAYER),
        _payments(_of_amount(entry, filed), "amount alone", weights.ONLY_AMOUNT),
    )
    for answers in clues:
        fitting = [o for o in answers if o.since is None or o.since <= entry.booking_date]
        if any(_charge(entry, original.amount, index) is not None for original in fitting):
            return fitting
    return []


def _payments(payments: Iterable[PastPayment], by: str, strength: float) -> list[_Original]:
    return [
        _Original(
            p.allocations,
            p.amount,
            f"the payment of {p.booking_date:%d.%m.%Y} has the same {by}",
            strength,
            p.booking_date,
        )
        for p in {p.entry_id: p for p in payments}.values()
        if p.amount.minor > 0 and p.allocations
    ]


def _items(items: Iterable[OpenItem], says: str, strength: float, entry: StatementEntry) -> list[_Original]:
    """Treat an item collected before our memory as if its whole amount had been paid once."""
    whole = entry.original_amount
    return [
        _Original(
            (
                Allocation(
                    kind=AllocationKind.PAYMENT,
                    amount=whole if whole and whole.currency == item.currency else item.amount,
                    item_id=item.item_id,
                    document_number=item.document_number,
                    debtor_number=item.debtor_number,
                ),
            ),
            whole if whole and whole.currency == item.currency else item.amount,
            f"{item.document_number} {says}",
            strength,
        )
        for item in dict.fromkeys(items)
        if item.is_invoice
    ]


def _of_amount(entry: StatementEntry, filed: _Payments) -> Sequence[PastPayment]:
    principal = entry.original_amount or Money(
        -entry.amount.minor - (entry.charges.minor if entry.charges else 0), entry.amount.currency
    )
    return filed.by_amount.get((principal.currency, principal.minor), ())


def _charge(entry: StatementEntry, collected: Money, index: Index) -> Money | None:
    """Give the bank's part of a returned debit, |booked| less what was collected; None if the amounts do not fit."""
    if collected.currency != entry.amount.currency:
        return None
    if entry.original_amount is not None and abs(entry.original_amount) != collected:
        return None
    charge = -entry.amount - collected
    if entry.charges is not None and charge.minor not in {0, entry.charges.minor}:
        return None
    told = entry.charges is not None or entry.original_amount is not None
    limit = index.settings.return_charge_maximum_minor
    return charge if charge.minor >= 0 and (told or charge.minor <= limit) else None


def _reopen(entry: StatementEntry, original: _Original, index: Index) -> Hypothesis:
    """Undo every line of the original booking, waived Skonto too, and book the charge for itself."""
    charge = _charge(entry, original.amount, index)
    assert charge is not None, (entry, original)
    undone = tuple(
        Allocation(
            kind=a.kind,
            amount=-a.amount,
            item_id=a.item_id,
            document_number=a.document_number,
            debtor_number=a.debtor_number,
        )
        for a in original.allocations
    )
    # The charge names who caused it, so that it can be claimed from them; it settles no document.
    debtors = tuple(sorted({a.debtor_number for a in undone if a.debtor_number}))
    caused_by = debtors[0] if len(debtors) == 1 else ""
    fee = Allocation(kind=AllocationKind.BANK_CHARGE, amount=-charge, debtor_number=caused_by)
    numbers = ", ".join(dict.fromkeys(a.document_number for a in original.allocations if a.document_number))
    says = [f"reopens {numbers or 'the credit on account'} with {original.amount}"]
    if charge:
        says.append(f"the bank charged {charge} for the return (Rücklastschriftgebühr)")
    return Hypothesis(
        item_ids=tuple(sorted({a.item_id for a in undone if a.item_id})),
        debtors=debtors,
        interpretation=Interpretation.RETURN,
        allocations=(*undone, fee) if charge else undone,
        says=tuple(says),
    )


def _file(payments: Sequence[PastPayment]) -> _Payments:
    by_end_to_end_id: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_mandate: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_item: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_account: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_amount: defaultdict[tuple[str, int], list[PastPayment]] = defaultdict(list)
    for payment in payments:
        by_end_to_end_id[squeeze(payment.end_to_end_id)].append(payment)
        by_mandate[squeeze(payment.mandate_id)].append(payment)
        by_account[account_key(payment.payer_iban)].append(payment)
        by_amount[(payment.amount.currency, payment.amount.minor)].append(payment)
        for item_id in {a.item_id for a in payment.allocations if a.item_id}:
            by_item[item_id].append(payment)
    by_account.pop("", None)
    return _Payments(by_end_to_end_id, by_mandate, by_item, by_account, by_amount)
