"""What an amount may mean for a set of items: exact, Skonto, partial, over, fee, charge (Auslegung des Betrags)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import combinations, islice
from typing import TYPE_CHECKING, Final

from ledger.allocation import SETTLES_PRINCIPAL, Allocation, AllocationKind
from ledger.money import Money, german
from reconciliation.index import account_key, oldest_first
from reconciliation.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.settings import MatchSettings

_SKONTO_CENT: Final = 1  # payers round the discount of each invoice their own way
_MOST_SKONTO_ITEMS: Final = 10  # among more, only all of them or none is tried
_INTEREST_SHARE: Final = 20  # a twentieth of what is due may be interest, however much that is
_USUAL_SKONTO: Final = (2, 3)  # per cent


class Interpretation(StrEnum):
    """What the amount says, in the order in which an accountant would like it to be."""

    EXACT = "exact"
    SKONTO = "skonto"
    SMALL_DIFFERENCE = "small_difference"
    SKONTO_LATE = "skonto_late"
    SKONTO_TOO_MUCH = "skonto_too_much"
    BANK_CHARGE = "bank_charge"
    FEE = "fee"
    OVER = "over"
    PARTIAL = "partial"
    ON_ACCOUNT = "on_account"
    RETURN = "return"


SETTLES_EXACTLY: Final = frozenset({Interpretation.EXACT, Interpretation.SKONTO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One complete way to book an entry: a set of items and what the amount means for them."""

    item_ids: tuple[str, ...]  # sorted
    debtors: tuple[str, ...]  # sorted
    interpretation: Interpretation
    allocations: tuple[Allocation, ...]
    says: tuple[str, ...]  # about the amount
    residual: Money | None = None
    solutions: int = 1  # how many sets of this debtor's items explain the amount as well
    doubt: str = ""  # why nobody should book this without looking, whatever names it

    @property
    def settles_exactly(self) -> bool:
        """Whether nothing is left over, Skonto in time included."""
        return self.interpretation in SETTLES_EXACTLY and not self.doubt


def interpret(entry: StatementEntry, items: Iterable[OpenItem], settings: MatchSettings) -> Iterator[Hypothesis]:
    """Give every sensible reading of a received amount for a set of items of its currency, the best first."""
    chosen = sorted(items, key=lambda item: (not item.is_invoice, oldest_first(item)))
    assert chosen, entry
    assert all(item.currency == entry.amount.currency for item in chosen), (entry, chosen)
    due = sum(item.balance.minor for item in chosen)
    short = due - entry.amount.minor
    if due <= 0:
        return
    if short == 0:
        yield _exact(entry, chosen)
    elif short > 0:
        yield from _short_paid(entry, chosen, short, settings)
    else:
        yield from _over_paid(entry, chosen, -short, settings)


def on_account(entry: StatementEntry, debtor_number: str, why: str) -> Hypothesis:
    """Book the whole amount as credit of a debtor (Akontozahlung): the last resort when no item fits."""
    return Hypothesis(
        item_ids=(),
        debtors=(debtor_number,),
        interpretation=Interpretation.ON_ACCOUNT,
        allocations=(Allocation(kind=AllocationKind.ON_ACCOUNT, amount=entry.amount, debtor_number=debtor_number),),
        says=(why,),
        residual=entry.amount,
    )


def skonto_in_time(entry: StatementEntry, item: OpenItem, settings: MatchSettings) -> bool:
    """Whether Skonto may still be taken: bank days on the way are not the debtor's, so the earlier date counts."""
    if item.skonto_until is None:
        return False
    return paid_on(entry) <= item.skonto_until + timedelta(days=settings.skonto_grace_days)


def paid_on(entry: StatementEntry) -> date:
    """Give the earlier of booking and value date."""
    return min(entry.booking_date, entry.value_date or entry.booking_date)


def may_take_skonto(item: OpenItem) -> bool:
    """Whether the item offers a discount that is smaller than what is open."""
    return item.is_invoice and 0 < item.skonto().minor < item.open_amount.minor


def principal(allocations: Iterable[Allocation]) -> Counter[str]:
    """Add up per item what some allocations settle of it, signed like them."""
    amounts: Counter[str] = Counter()
    for allocation in allocations:
        if allocation.item_id and allocation.kind in SETTLES_PRINCIPAL:
            amounts[allocation.item_id] += allocation.amount.minor
    return amounts


def _exact(entry: StatementEntry, items: Sequence[OpenItem]) -> Hypothesis:
    netted = any(not item.is_invoice for item in items)
    how = " after the credit notes (Gutschriften)" if netted else " together" if len(items) > 1 else ""
    return _hypothesis(items, Interpretation.EXACT, _paid(items, {}), (f"pays {entry.amount} exactly{how}",))


def _short_paid(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings
) -> Iterator[Hypothesis]:
    taken = _skonto_taken(items, short)
    if taken:
        yield _with_skonto(entry, items, taken, short, settings)
    if short <= settings.small_difference_minor:
        yield _small_difference(entry, items, short)
    if not taken:
        yield from _skonto_too_much(entry, items, short)
        yield from _bank_charge(entry, items, short, settings)
    yield _partial(entry, items, short, taken)


def _skonto_taken(items: Sequence[OpenItem], short: int) -> list[tuple[OpenItem, ...]]:
    """Find whose discounts explain the shortage, to one cent each: the fullest explanation, and a second if any."""
    offering = [item for item in items if may_take_skonto(item)]
    sizes = range(len(offering), 0, -1) if len(offering) <= _MOST_SKONTO_ITEMS else (len(offering),)
    explained = (
        some
        for size in sizes
        for some in combinations(offering, size)
        if abs(sum(item.skonto().minor for item in some) - short) <= _SKONTO_CENT * size
    )
    return list(islice(explained, 2))


def _with_skonto(
    entry: StatementEntry,
    items: Sequence[OpenItem],
    explained: Sequence[Sequence[OpenItem]],
    short: int,
    settings: MatchSettings,
) -> Hypothesis:
    taken = explained[0]
    waived = {item.item_id: item.skonto().minor for item in taken}
    waived[taken[0].item_id] += short - sum(waived.values())
    late = [item for item in taken if not skonto_in_time(entry, item, settings)]
    kind = Interpretation.SKONTO_LATE if late else Interpretation.SKONTO
    says = [f"pays {entry.amount}, that is with {_in_currency(short, entry)} Skonto"]
    says.extend(_skonto_says(entry, item) for item in taken)
    allocations = _paid(items, waived, AllocationKind.SKONTO)
    doubt = f"Skonto was taken too late on {_numbers(late)}" if late else ""
    if len(explained) > 1:
        doubt = f"it cannot be told from which document the Skonto was taken: {_numbers(explained[1])} fits as well"
    return _hypothesis(items, kind, allocations, says, doubt=doubt)


def _skonto_says(entry: StatementEntry, item: OpenItem) -> str:
    assert item.skonto_percent is not None, item
    rate = f"{item.skonto_percent:.2f}".replace(".", ",")
    if item.skonto_until is None:
        return f"{rate} % Skonto taken on {item.document_number}, which has no date for it"
    days = (item.skonto_until - paid_on(entry)).days
    when = "on its last day" if days == 0 else f"{_days(days)} before its end" if days > 0 else f"{_days(-days)} late"
    return f"{rate} % Skonto taken on {item.document_number} {when}"


def _small_difference(entry: StatementEntry, items: Sequence[OpenItem], short: int) -> Hypothesis:
    """Waive a few cents (or, with a negative shortage, keep them) on the item that carries the most."""
    largest = max(items, key=lambda item: (item.balance.minor, item.item_id))
    allocations = _paid(items, {largest.item_id: short}, AllocationKind.SMALL_DIFFERENCE)
    direction = "short" if short > 0 else "over"
    says = (f"pays {entry.amount}, {_in_currency(abs(short), entry)} {direction} (Kleindifferenz)",)
    return _hypothesis(items, Interpretation.SMALL_DIFFERENCE, allocations, says)


def _skonto_too_much(entry: StatementEntry, items: Sequence[OpenItem], short: int) -> Iterator[Hypothesis]:
    """Accept the discount that was offered, and leave open what was deducted beyond it."""
    offering = [item for item in items if may_take_skonto(item)]
    offered = sum(item.skonto().minor for item in offering)
    if not offering or not offered < short <= 2 * offered:
        return
    waived = {item.item_id: item.skonto().minor for item in offering}
    rest = Money(short - offered, entry.amount.currency)
    paid = _waterfall(items, entry.amount.minor, waived)
    yield _hypothesis(
        items,
        Interpretation.SKONTO_TOO_MUCH,
        paid + _waived(offering, waived, AllocationKind.SKONTO),
        (f"pays {entry.amount}: more Skonto than offered, {rest} stays open",),
        residual=rest,
        doubt="more was deducted than the Skonto that was offered",
    )


def _bank_charge(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings
) -> Iterator[Hypothesis]:
    """Read the shortage as a charge, if the bank says so or a small one is missing from abroad."""
    told = entry.charges is not None and entry.charges.minor == short
    told = told or (entry.original_amount is not None and entry.original_amount.minor == entry.amount.minor + short)
    small = short <= settings.bank_charge_maximum_minor and short * 10 <= entry.amount.minor
    abroad = entry.payer_iban[:2].isalpha() and account_key(entry.payer_iban)[:2] != account_key(entry.account)[:2]
    if not told and not (small and abroad):
        return
    largest = max(items, key=lambda item: (item.balance.minor, item.item_id))
    if short >= largest.balance.minor:
        return
    why = "the bank names this charge" if told else "the payment comes from abroad"
    yield _hypothesis(
        items,
        Interpretation.BANK_CHARGE,
        _paid(items, {largest.item_id: short}, AllocationKind.BANK_CHARGE),
        (f"pays {entry.amount}, {_in_currency(short, entry)} bank charge (Bankspesen) kept on the way: {why}",),
        doubt="" if told else "a bank charge was deducted, and nobody says so",
    )


def _partial(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, taken: Sequence[Sequence[OpenItem]]
) -> Hypothesis:
    rest = Money(short, entry.amount.currency)
    return _hypothesis(
        items,
        Interpretation.PARTIAL,
        _waterfall(items, entry.amount.minor, {}),
        (f"pays {entry.amount} in part (Teilzahlung), {rest} stays open",),
        residual=rest,
        doubt=_partial_doubt(items, short, taken),
    )


def _partial_doubt(items: Sequence[OpenItem], short: int, taken: Sequence[Sequence[OpenItem]]) -> str:
    if taken:
        return "the shortage is the Skonto"
    if len(items) > 1:
        return "a part of several documents is paid, and the payer did not say which"
    amount = items[0].amount.minor
    if any(may_take_skonto(item) for item in items) and short <= 2 * items[0].skonto().minor:
        return "the shortage is close to the Skonto"
    if any(abs(short * 100 - amount * percent) <= 100 for percent in _USUAL_SKONTO):
        return "the shortage looks like a Skonto that was not offered"
    return ""


def _over_paid(
    entry: StatementEntry, items: Sequence[OpenItem], over: int, settings: MatchSettings
) -> Iterator[Hypothesis]:
    if over <= settings.small_difference_minor:
        yield _small_difference(entry, items, -over)
    rest = Money(over, entry.amount.currency)
    overdue = any(item.is_invoice and item.due_date < paid_on(entry) for item in items)
    due = entry.amount.minor - over
    may_be_fee = overdue and over < due and (over <= settings.fee_maximum_minor or over * _INTEREST_SHARE <= due)
    debtor = items[0].debtor_number
    several = len({item.debtor_number for item in items}) > 1
    if may_be_fee:
        fee = Allocation(kind=AllocationKind.FEE, amount=rest, debtor_number=debtor)
        says_so = "reminder" in words_in(entry.remittance)
        yield _hypothesis(
            items,
            Interpretation.FEE,
            (*_paid(items, {}), fee),
            (f"pays {entry.amount}, {rest} more than is open: perhaps fee and interest (Mahngebühr, Verzugszinsen)",),
            doubt="" if says_so else "the rest may be fee and interest of a reminder",
        )
    credit = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=rest, debtor_number=debtor)
    yield _hypothesis(
        items,
        Interpretation.OVER,
        (*_paid(items, {}), credit),
        (f"pays {entry.amount}, {rest} more than is open: the rest waits on account (Akonto)",),
        residual=rest,
        doubt=(
            "the rest may be fee and interest of a reminder"
            if may_be_fee
            else "the documents belong to several debtors"
            if several
            else ""
        ),
    )


def _hypothesis(
    items: Sequence[OpenItem],
    interpretation: Interpretation,
    allocations: Iterable[Allocation],
    says: Iterable[str],
    *,
    residual: Money | None = None,
    doubt: str = "",
) -> Hypothesis:
    return Hypothesis(
        item_ids=tuple(sorted(item.item_id for item in items)),
        debtors=tuple(sorted({item.debtor_number for item in items})),
        interpretation=interpretation,
        allocations=tuple(a for a in allocations if a.amount),
        says=tuple(says),
        residual=residual,
        doubt=doubt,
    )


def _paid(
    items: Sequence[OpenItem], waived: Mapping[str, int], kind: AllocationKind = AllocationKind.SKONTO
) -> tuple[Allocation, ...]:
    """Pay every item in full, apart from what is waived on it."""
    paid = [
        _allocation(item, AllocationKind.PAYMENT, item.balance.minor - waived.get(item.item_id, 0)) for item in items
    ]
    return (*paid, *_waived(items, waived, kind))


def _waived(items: Iterable[OpenItem], waived: Mapping[str, int], kind: AllocationKind) -> tuple[Allocation, ...]:
    return tuple(_allocation(item, kind, waived[item.item_id]) for item in items if waived.get(item.item_id))


def _waterfall(items: Sequence[OpenItem], minor: int, waived: Mapping[str, int]) -> tuple[Allocation, ...]:
    """Pour an amount over the items, oldest due first (§ 366 (2) BGB), after using up the credit notes."""
    credit_notes = [item for item in items if not item.is_invoice]
    lines = [_allocation(item, AllocationKind.PAYMENT, item.balance.minor) for item in credit_notes]
    rest = minor + sum(item.open_amount.minor for item in credit_notes)
    for item in items:
        if item.is_invoice and rest > 0:
            part = min(rest, item.open_amount.minor - waived.get(item.item_id, 0))
            lines.append(_allocation(item, AllocationKind.PAYMENT, part))
            rest -= part
    assert rest == 0, (items, minor)
    return tuple(lines)


def _allocation(item: OpenItem, kind: AllocationKind, minor: int) -> Allocation:
    return Allocation(
        kind=kind,
        amount=Money(minor, item.currency),
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
    )


def _in_currency(minor: int, entry: StatementEntry) -> str:
    return f"{german(Money(minor, entry.amount.currency))} {entry.amount.currency}"


def _numbers(items: Iterable[OpenItem]) -> str:
    return ", ".join(item.document_number for item in items)


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
