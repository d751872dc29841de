"""What came back: the payments, and the parts of them, that a return may take back, with the clue that says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.money import total
from ledger.text import squeeze
from reconciliation import weights
from reconciliation.index import account_key
from reconciliation.reading import COMPLETE
from reconciliation.return_charge import charge_of, is_told, originals_that_fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ledger.money import Money
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import PastPayment

CERTAIN: Final = weights.FULL_NUMBER  # below, an original is only likely
_LIKELY: Final = weights.KNOWN_PAYER

# Banks book a return before the collection itself, when both fall on a weekend.
_BOOKED_LATER: Final = timedelta(days=2)

_SHORTEST_QUOTED: Final = 6  # shorter end-to-end ids are found in any text

_Line = tuple[AllocationKind, str, str, int]


@dataclass(frozen=True, slots=True)
class Original:
    """A payment, a part of one, or an item collected before our memory, that an entry may take back."""

    allocations: tuple[Allocation, ...]  # as they were booked
    amount: Money  # as it moved on the account
    says: str
    strength: float
    since: date | None = None  # booking day; unknown for an item collected before our memory
    payments: tuple[str, ...] = ()  # entry ids of payments that come back whole
    returns: int = 1  # how many collections came back in one sum
    is_part: bool = False  # less came back than was paid


@dataclass(frozen=True, slots=True)
class Payments:
    """Booked payments, filed by what a return repeats of them."""

    by_end_to_end_id: Mapping[str, Sequence[PastPayment]]
    by_mandate: Mapping[str, Sequence[PastPayment]]
    by_item: Mapping[str, Sequence[PastPayment]]
    by_account: Mapping[str, Sequence[PastPayment]]
    by_amount: Mapping[Money, Sequence[PastPayment]]


def file_payments(payments: Iterable[PastPayment]) -> Payments:
    """File payments once, so that a return looks at few of them."""
    by_end_to_end_id: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_mandate: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_item: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_account: defaultdict[str, list[PastPayment]] = defaultdict(list)
    by_amount: defaultdict[Money, list[PastPayment]] = defaultdict(list)
    for payment in payments:
        by_end_to_end_id[squeeze(payment.end_to_end_id)].append(payment)
        by_mandate[squeeze(payment.mandate_id)].append(payment)
        by_account[account_key(payment.payer_iban)].append(payment)
        by_amount[payment.amount].append(payment)
        for item_id in {a.item_id for a in payment.allocations if a.item_id}:
            by_item[item_id].append(payment)
    for lookup in (by_end_to_end_id, by_mandate, by_account):
        lookup.pop("", None)
    return Payments(by_end_to_end_id, by_mandate, by_item, by_account, by_amount)


def came_back(payments: Iterable[PastPayment]) -> dict[str, date]:
    """Say which payments were taken back whole by later ones, and when; the latest before the return is taken first.

    The same end-to-end id is often used again when a returned debit is collected once more.
    """
    waiting: defaultdict[tuple[str, frozenset[tuple[_Line, int]]], list[PastPayment]] = defaultdict(list)
    back: dict[str, date] = {}
    for payment in sorted(payments, key=lambda p: (p.booking_date, p.amount.minor < 0, p.entry_id)):
        lines = [a for a in payment.allocations if a.item_id or a.kind is not AllocationKind.BANK_CHARGE]
        mirrored = waiting[payment.amount.currency, _lines(lines, -1)]
        if mirrored and (mirrored[-1].amount.minor < 0) != (payment.amount.minor < 0):
            back[mirrored.pop().entry_id] = payment.booking_date
        elif lines:
            waiting[payment.amount.currency, _lines(lines, 1)].append(payment)
    return back


def originals_of(entry: StatementEntry, filed: Payments, index: Index) -> list[Original]:
    """Ask one kind of clue after the other, surest first; the first whose amount fits is believed."""
    for answers in _clues(entry, filed, index):
        fitting = [o for o in answers if _is_in_time(entry, o) and _fits(entry, o, index)]
        if fitting:
            return fitting
    return []


def concerned(entry: StatementEntry, filed: Payments, index: Index) -> frozenset[str]:
    """Name the debtors whose payment this may have been, whatever the amount says."""
    references = _references(entry, filed, index)
    payments = [
        *(p for reference in references for p in filed.by_end_to_end_id.get(reference, ())),
        *filed.by_mandate.get(squeeze(entry.mandate_id), ()),
        *_of_account(entry, filed, index),
    ]
    items = [*_named(entry, index), *_collected(references, index)]
    debtors = {a.debtor_number for p in payments for a in p.allocations} | {item.debtor_number for item in items}
    return frozenset(debtors - {""})


def _clues(entry: StatementEntry, filed: Payments, index: Index) -> Iterator[list[Original]]:
    references = _references(entry, filed, index)
    items, collected = _named(entry, index), _collected(references, index)
    under = f"was collected under the end-to-end id {entry.end_to_end_id}".rstrip()
    by_reference = _once(p for reference in references for p in filed.by_end_to_end_id.get(reference, ()))
    by_number = _once(p for item in items for p in filed.by_item.get(item.item_id, ()))
    shares = [_share(p, i.item_id) for i in (*collected, *items) for p in filed.by_item.get(i.item_id, ())]
    yield _whole(entry, by_reference, "end-to-end id", weights.END_TO_END_ID)
    yield [o for o in dict.fromkeys(shares) if o is not None]
    yield _before_memory(entry, _unknown(collected, filed), under, weights.END_TO_END_ID)
    yield _whole(entry, filed.by_mandate.get(squeeze(entry.mandate_id), ()), "mandate", CERTAIN)
    yield _whole(entry, by_number, "document number", CERTAIN)
    yield _before_memory(entry, _unknown(items, filed), "is named in the text of the return", CERTAIN)
    yield _together(entry, _pieces(entry, references, items, filed, index), index)
    yield _parts(entry, [*by_reference, *by_number])
    yield _whole(entry, _of_account(entry, filed, index), "account", weights.KNOWN_PAYER)
    by_amount = _once(p for amount in originals_that_fit(entry) for p in filed.by_amount.get(amount, ()))
    yield _whole(entry, by_amount, "amount alone", weights.ONLY_AMOUNT)


def _references(entry: StatementEntry, filed: Payments, index: Index) -> tuple[str, ...]:
    """Give the end-to-end id of the return; where it has none that we know, those that its text quotes."""
    known = (filed.by_end_to_end_id, index.end_to_end_ids)
    own = squeeze(entry.end_to_end_id)
    if any(own in lookup for lookup in known):
        return (own,)
    quoted = (w for w in index.reading(entry).windows if len(w) >= _SHORTEST_QUOTED)
    return tuple(w for w in quoted if any(w in lookup for lookup in known))


def _of_account(entry: StatementEntry, filed: Payments, index: Index) -> Sequence[PastPayment]:
    """Give what was paid from an account, unless so many share it that it says nothing."""
    shared = len(index.debtors_of_account(entry.payer_iban)) > index.settings.shared_account_maximum
    return () if shared else filed.by_account.get(account_key(entry.payer_iban), ())


def _collected(references: Iterable[str], index: Index) -> list[OpenItem]:
    return [index.items[i] for reference in references for i in index.end_to_end_ids.get(reference, ())]


def _named(entry: StatementEntry, index: Index) -> list[OpenItem]:
    return [index.items[i] for f in index.reading(entry).known if f.form in COMPLETE for i in f.item_ids]


def _is_in_time(entry: StatementEntry, original: Original) -> bool:
    late = _BOOKED_LATER if original.strength >= weights.END_TO_END_ID else timedelta()
    return original.since is None or original.since <= entry.booking_date + late


def _fits(entry: StatementEntry, original: Original, index: Index) -> bool:
    return charge_of(entry, original.amount, index.settings, original.returns) is not None


def _once(payments: Iterable[PastPayment]) -> list[PastPayment]:
    return list({p.entry_id: p for p in payments}.values())


def _whole(entry: StatementEntry, payments: Iterable[PastPayment], by: str, strength: float) -> list[Original]:
    return [
        Original(
            p.allocations,
            p.amount,
            f"the payment of {p.booking_date:%d.%m.%Y} has the same {by}",
            strength,
            p.booking_date,
            (p.entry_id,),
        )
        for p in payments
        if p.allocations and _moved_the_other_way(p, entry)
    ]


def _share(payment: PastPayment, item_id: str) -> Original | None:
    """Give what a payment for several documents settled of one of them, as batches of collections do."""
    own = tuple(a for a in payment.allocations if a.item_id == item_id)
    amount = money_moved(own, payment.amount.currency)
    if len(own) == len(payment.allocations) or not amount or amount.minor * payment.amount.minor < 0:
        return None
    number = own[0].document_number
    says = f"{number} was paid with the payment of {payment.booking_date:%d.%m.%Y} for several documents"
    return Original(own, amount, says, CERTAIN, payment.booking_date)


def _unknown(items: Iterable[OpenItem], filed: Payments) -> list[OpenItem]:
    """Give the items of which we remember no payment."""
    return [item for item in items if item.item_id not in filed.by_item]


def _before_memory(entry: StatementEntry, items: Iterable[OpenItem], says: str, strength: float) -> list[Original]:
    """Treat an item collected before our memory as if its whole amount had been paid once."""
    whole = entry.original_amount
    return [
        Original(
            (
                Allocation(
                    kind=AllocationKind.PAYMENT,
                    amount=amount,
                    item_id=item.item_id,
                    document_number=item.document_number,
                    debtor_number=item.debtor_number,
                ),
            ),
            amount,
            f"{item.document_number} {says}",
            strength,
        )
        for item in dict.fromkeys(items)
        if item.is_invoice
        for amount in (abs(whole) if whole is not None and whole.currency == item.currency else item.amount,)
    ]


def _pieces(
    entry: StatementEntry, references: Iterable[str], items: Iterable[OpenItem], filed: Payments, index: Index
) -> list[Original]:
    """Give one original for each collection or document that is named; nothing where one has none or several."""
    pieces: list[Original] = []
    for reference in references:
        whole = _whole(entry, filed.by_end_to_end_id.get(reference, ()), "end-to-end id", CERTAIN)
        found = whole or _before_memory(entry, _collected([reference], index), "was collected", CERTAIN)
        if len(found) != 1:
            return []
        pieces += found
    covered = {a.item_id for piece in pieces for a in piece.allocations}
    for item in (one for one in dict.fromkeys(items) if one.item_id not in covered):
        payments = filed.by_item.get(item.item_id, ())
        shares = [_share(p, item.item_id) for p in payments]
        found = [o for o in shares if o is not None] or _whole(entry, payments, "document number", CERTAIN)
        found = found or _before_memory(entry, _unknown([item], filed), "is named", CERTAIN)
        if len(found) != 1:
            return []
        pieces += found
    return list(dict.fromkeys(pieces))


def _together(entry: StatementEntry, pieces: Sequence[Original], index: Index) -> list[Original]:
    """Take everything that the text names together: banks post the returns of a day in one sum."""
    currencies = {piece.amount.currency for piece in pieces}
    if len(pieces) < 2 or currencies != {entry.amount.currency} or _overlap(pieces):
        return []
    amount = total((piece.amount for piece in pieces), entry.amount.currency)
    charge = charge_of(entry, amount, index.settings, len(pieces))
    certain = charge is not None and is_told(entry, charge)
    return [
        Original(
            tuple(a for piece in pieces for a in piece.allocations),
            amount,
            f"{len(pieces)} payments that the text names came back in one sum",
            CERTAIN if certain else _LIKELY,
            max((piece.since for piece in pieces if piece.since), default=None),
            tuple(payment for piece in pieces for payment in piece.payments),
            len(pieces),
        )
    ]


def _overlap(pieces: Iterable[Original]) -> bool:
    """Whether two pieces settled the same document, as a reference and a number of the same collection do."""
    items = [item_id for piece in pieces for item_id in {a.item_id for a in piece.allocations if a.item_id}]
    return len(items) != len(set(items))


def _parts(entry: StatementEntry, payments: Iterable[PastPayment]) -> list[Original]:
    """Read a smaller amount as a part of what was paid on a single document."""
    return [
        Original(
            (_of(payment.allocations[0], -entry.amount),),
            -entry.amount,
            f"only a part of the payment of {payment.booking_date:%d.%m.%Y} over {payment.amount} came back",
            _LIKELY,
            payment.booking_date,
            is_part=True,
        )
        for payment in _once(payments)
        if len(payment.allocations) == 1 and _moved_the_other_way(payment, entry)
        if payment.amount.currency == entry.amount.currency and abs(entry.amount) < abs(payment.amount)
    ]


def _of(allocation: Allocation, amount: Money) -> Allocation:
    return Allocation(
        kind=allocation.kind,
        amount=amount,
        item_id=allocation.item_id,
        document_number=allocation.document_number,
        debtor_number=allocation.debtor_number,
    )


def _moved_the_other_way(payment: PastPayment, entry: StatementEntry) -> bool:
    return (payment.amount.minor > 0) == (entry.amount.minor < 0)


def _lines(allocations: Iterable[Allocation], sign: int) -> frozenset[tuple[_Line, int]]:
    """Say what was booked, whatever the order: equal lines are counted."""
    lines = ((a.kind, a.item_id, a.debtor_number, sign * a.amount.minor) for a in allocations)
    return frozenset(Counter(lines).items())
