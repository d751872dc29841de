"""What an amount may mean for a set of items: exact, Skonto, partial, over, fee, charge (Auslegung des Betrags)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from reconciliation.bank_charges import bank_charge, borne_by_debtor
from reconciliation.dunning_costs import as_asked
from reconciliation.hypothesis import (
    SETTLES_EXACTLY,
    Hypothesis,
    Interpretation,
    hypothesis_of,
    in_currency,
    largest_of,
    paid_in_full,
    paid_on,
    principal,
    waterfall,
)
from reconciliation.index import oldest_first
from reconciliation.item_history import NO_HISTORY
from reconciliation.skonto import (
    looks_like_skonto,
    may_take_skonto,
    not_offered_stays_open,
    skonto_in_time,
    skonto_taken,
    too_much_skonto,
    with_skonto,
)
from reconciliation.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.item_history import ItemHistory
    from reconciliation.settings import MatchSettings

__all__ = [
    "SETTLES_EXACTLY",
    "Hypothesis",
    "Interpretation",
    "interpret",
    "may_take_skonto",
    "on_account",
    "paid_on",
    "principal",
    "skonto_in_time",
]

_INTEREST_SHARE: Final = 20  # a twentieth of what is due may be interest, however much that is


def interpret(
    entry: StatementEntry,
    items: Iterable[OpenItem],
    settings: MatchSettings,
    history: ItemHistory = NO_HISTORY,
    *,
    with_rest: bool = True,
) -> Iterator[Hypothesis]:
    """Give every sensible reading of a received amount for a set of items of its currency, the best first.

    ``with_rest`` says whether a part and an overpayment are wanted, which every amount can be.
    """
    chosen = list(items)
    if len(chosen) > 1:
        chosen.sort(key=_invoices_first)
    assert chosen, entry
    currency = entry.amount.currency
    assert all(item.open_amount.currency == currency for item in chosen), (entry, chosen)
    due = sum([item.balance_minor for item in chosen])
    short = due - entry.amount.minor
    if due <= 0:
        return
    if short == 0:
        yield _exact(entry, chosen)
    elif short > 0:
        yield from _short_paid(entry, chosen, short, settings, history, with_rest=with_rest)
    else:
        yield from _over_paid(entry, chosen, -short, settings, history, with_rest=with_rest)


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


def _invoices_first(item: OpenItem) -> tuple[object, ...]:
    return (not item.is_invoice, *oldest_first(item))


def _exact(entry: StatementEntry, items: Sequence[OpenItem]) -> Hypothesis:
    netted = not all(item.is_invoice for item in items)
    how = " after the credit notes (Gutschriften)" if netted else " together" if len(items) > 1 else ""
    return hypothesis_of(items, Interpretation.EXACT, paid_in_full(items, {}), (f"pays {entry.amount} exactly{how}",))


def _short_paid(
    entry: StatementEntry,
    items: Sequence[OpenItem],
    short: int,
    settings: MatchSettings,
    history: ItemHistory,
    *,
    with_rest: bool,
) -> Iterator[Hypothesis]:
    explained = skonto_taken(items, short)
    discounted = with_skonto(entry, items, explained, short, settings) if explained else None
    if short <= settings.small_difference_minor:
        if discounted and discounted.interpretation is Interpretation.SKONTO:
            yield discounted
        yield _small_difference(entry, items, short)
        return
    deducted = [discounted] if discounted else list(too_much_skonto(entry, items, short, settings))
    yield from deducted
    if not discounted and (charge := bank_charge(entry, items, short, settings)):
        yield charge
    # What the customer's policy has decided is no longer a part of which nobody knows why.
    if with_rest and not any(map(_is_decided, deducted)):
        yield _partial(entry, items, short, settings, history, is_skonto=bool(explained))


def _is_decided(deducted: Hypothesis) -> bool:
    """Whether a policy, and no date, made a deduction free of doubt."""
    return not deducted.doubt and deducted.interpretation is not Interpretation.SKONTO


def _small_difference(entry: StatementEntry, items: Sequence[OpenItem], short: int) -> Hypothesis:
    """Waive a few cents (or, with a negative shortage, keep them) on the item that carries the most."""
    lines = paid_in_full(items, {largest_of(items).item_id: short}, AllocationKind.SMALL_DIFFERENCE)
    direction = "short" if short > 0 else "over"
    says = (f"pays {entry.amount}, {in_currency(abs(short), entry)} {direction} (Kleindifferenz)",)
    return hypothesis_of(items, Interpretation.SMALL_DIFFERENCE, lines, says)


def _partial(
    entry: StatementEntry,
    items: Sequence[OpenItem],
    short: int,
    settings: MatchSettings,
    history: ItemHistory,
    *,
    is_skonto: bool,
) -> Hypothesis:
    rest = Money(short, entry.amount.currency)
    says = [f"pays {entry.amount} in part (Teilzahlung), {rest} stays open"]
    doubt = "the shortage is the Skonto" if is_skonto else _partial_doubt(items, short)
    why_not = _no_doubt(entry, items, short, settings, history) if len(items) == 1 and not is_skonto else ""
    if why_not:
        says.append(why_not)
    return hypothesis_of(
        items,
        Interpretation.PARTIAL,
        waterfall(items, entry.amount.minor, {}),
        says,
        residual=rest,
        doubt="" if why_not else doubt,
    )


def _partial_doubt(items: Sequence[OpenItem], short: int) -> str:
    if len(items) > 1:
        return "a part of several documents is paid, and the payer did not say which"
    if may_take_skonto(items[0]) and short <= 2 * items[0].skonto_minor:
        return "the shortage is close to the Skonto"
    return "the shortage looks like a Skonto that was not offered" if looks_like_skonto(items[0], short) else ""


def _no_doubt(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings, history: ItemHistory
) -> str:
    """Say what makes a part of one document plain: an instalment like the last, a charge, or the policy."""
    item = items[0]
    if earlier := history.instalment_like(entry, item.item_id):
        return f"the same instalment (Rate) as on {earlier.booking_date:%d.%m.%Y}"
    if borne := borne_by_debtor(entry, items, short, settings):
        return borne
    if may_take_skonto(item) or not looks_like_skonto(item, short):
        return ""
    return not_offered_stays_open(entry, item, short, settings)


def _over_paid(
    entry: StatementEntry,
    items: Sequence[OpenItem],
    over: int,
    settings: MatchSettings,
    history: ItemHistory,
    *,
    with_rest: bool,
) -> Iterator[Hypothesis]:
    if history.asked and (costs := as_asked(entry, items, over, history.asked)):
        yield costs
        return
    if over <= settings.small_difference_minor:
        yield _small_difference(entry, items, -over)
        return
    if not with_rest:
        return
    several = len({item.debtor_number for item in items}) > 1
    may_be_fee = not several and _may_be_fee(entry, items, over, settings)
    if may_be_fee:
        yield _fee(entry, items, over)
    rest = Money(over, entry.amount.currency)
    credit = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=rest, debtor_number=items[0].debtor_number)
    yield hypothesis_of(
        items,
        Interpretation.OVER,
        [*paid_in_full(items, {}), credit],
        (f"pays {entry.amount}, {rest} more than is open: the rest waits on account (Akonto)",),
        residual=rest,
        doubt=(
            "the documents belong to several debtors"
            if several
            else "the rest may be fee and interest of a reminder"
            if may_be_fee
            else ""
        ),
    )


def _may_be_fee(entry: StatementEntry, items: Sequence[OpenItem], over: int, settings: MatchSettings) -> bool:
    due = entry.amount.minor - over
    small = over < due and (over <= settings.fee_maximum_minor or over * _INTEREST_SHARE <= due)
    return small and any(item.is_invoice and item.due_date < paid_on(entry) for item in items)


def _fee(entry: StatementEntry, items: Sequence[OpenItem], over: int) -> Hypothesis:
    rest = Money(over, entry.amount.currency)
    # Of several documents nobody knows which of them the fee was asked for.
    of = items[0] if len(items) == 1 else None
    fee = Allocation(
        kind=AllocationKind.FEE,
        amount=rest,
        item_id=of.item_id if of else "",
        document_number=of.document_number if of else "",
        debtor_number=items[0].debtor_number,
    )
    return hypothesis_of(
        items,
        Interpretation.FEE,
        [*paid_in_full(items, {}), fee],
        (f"pays {entry.amount}, {rest} more than is open: perhaps fee and interest (Mahngebühr, Verzugszinsen)",),
        doubt="" if "reminder" in words_in(entry.remittance) else "the rest may be fee and interest of a reminder",
    )
