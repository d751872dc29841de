"""What speaks for and against one way to book an entry (Argumente): each has a name, and one weight for all payments.

An argument is either there or not, so that the weights simply add up and every one of them can be read. The few that
name two things at once ("number & exact") are those where the two together say more than each for itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reconciliation.clues import NAMED_IN_FULL, Naming, Payer
from reconciliation.index import entry_key
from reconciliation.interpretation import SETTLES_EXACTLY, Interpretation, paid_on
from reconciliation.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.clues import Clues
    from reconciliation.index import Index
    from reconciliation.interpretation import Hypothesis

_POINTING: Final = frozenset({"order_number", "running_number", "nearly_number", "number_range"})
_NEAR: Final = frozenset({Interpretation.SMALL_DIFFERENCE, Interpretation.SKONTO_LATE, Interpretation.BANK_CHARGE})

# The names of the commonest arguments, put together once.
_NAMED: Final = {naming: f"named: {naming.value}" for naming in Naming}
_PAID_BY: Final = {payer: f"payer: {payer.value}" for payer in Payer}
_AMOUNT: Final = {kind: f"amount: {kind.value}" for kind in Interpretation}
_NAMED_AND_FIT: Final = {
    (n, fit): f"{n.value} & {fit}" for n in Naming for fit in ("exact", "unclear", "near", "other")
}
_PAYER_AND_NAMED: Final = {
    (payer, strength): f"{payer.value} & {strength}"
    for payer in Payer
    for strength in ("full number", "nothing named", "part of a number")
}


class _Asked:
    """One hypothesis and what several questions ask of it: how it is named, who pays, how well the amount fits."""

    __slots__ = ("clues", "entry", "fit", "hypothesis", "in_full", "index", "naming", "payer", "strength")

    def __init__(self, entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index) -> None:
        self.entry = entry
        self.hypothesis = hypothesis
        self.clues = clues
        self.index = index
        self.naming = clues.naming(hypothesis.item_ids)
        self.payer = clues.payer(hypothesis.debtors)
        self.in_full = self.naming in NAMED_IN_FULL
        self.strength = _strength(self.naming)
        self.fit = _fit(hypothesis)

    def open_items(self) -> list[OpenItem]:
        """Give what its debtors owe."""
        currency = self.entry.amount.currency
        return [item for debtor in self.hypothesis.debtors for item in self.index.open_of(debtor, currency)]


def arguments(
    entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index, *, exact_besides: bool
) -> tuple[str, ...]:
    """Name everything that speaks for or against a hypothesis, each argument once.

    ``exact_besides`` says that its documents, with others, would be exactly the amount.
    """
    asked = _Asked(entry, hypothesis, clues, index)
    names = ["any"]
    if exact_besides:
        names.append("amount: exact with others")
    for about in (
        _about_amount,
        _about_naming,
        _about_payer,
        _about_choice,
        _left_unexplained,
        _about_words,
        _about_time,
    ):
        names.extend(about(asked))
    return tuple(dict.fromkeys(names))


def _fit(hypothesis: Hypothesis) -> str:
    """Say how well the amount fits: exactly, nearly, or as a part or an overpayment."""
    if hypothesis.interpretation in SETTLES_EXACTLY:
        return "unclear" if hypothesis.doubt else "exact"
    return "near" if hypothesis.interpretation in _NEAR else "other"


def _strength(naming: Naming) -> str:
    if naming in NAMED_IN_FULL:
        return "full number"
    return "nothing named" if naming is Naming.NONE else "part of a number"


def _about_amount(asked: _Asked) -> Iterator[str]:
    yield _AMOUNT[asked.hypothesis.interpretation]
    if asked.hypothesis.doubt:
        yield "amount: doubtful"
    if asked.fit == "other" and _amount_elsewhere(asked):
        yield "amount: that of another item"


def _amount_elsewhere(asked: _Asked) -> bool:
    amount, chosen = asked.entry.amount, asked.hypothesis.item_ids
    owed = asked.index.owed_exactly(asked.hypothesis.debtors, amount)
    return any(item.item_id not in chosen for item in owed)


def _about_naming(asked: _Asked) -> Iterator[str]:
    item_ids, clues = asked.hypothesis.item_ids, asked.clues
    yield _NAMED[asked.naming]
    if item_ids:
        yield _NAMED_AND_FIT[asked.naming, asked.fit]
        number = sum([clues.naming_of(item_id) in NAMED_IN_FULL for item_id in item_ids])
        if 0 < number < len(item_ids):
            yield "named: some of them"
    elif any(item.debtor_number in asked.hypothesis.debtors for item in clues.named):
        yield "on account: of a named document"


def _about_payer(asked: _Asked) -> Iterator[str]:
    payer, debtors = asked.payer, asked.hypothesis.debtors
    yield _PAID_BY[payer]
    yield _PAYER_AND_NAMED[payer, asked.strength]
    if len(debtors) > 1:
        yield "payer: pays for several"
    if len(debtors) == 1:
        rules = asked.clues.of_debtor.get(debtors[0], ())
        if "customer_number" in rules and payer is not Payer.CUSTOMER_NUMBER:
            yield "payer: and the customer number"
        if payer is Payer.KNOWN and ("payer_name" in rules or "similar_name" in rules):
            yield "payer: and the name"


def _about_choice(asked: _Asked) -> Iterator[str]:
    """Ask how many other sets would have fitted as well, where no number chose this one."""
    hypothesis, index, amount = asked.hypothesis, asked.index, asked.entry.amount
    size = len(hypothesis.item_ids)
    yield f"items: {_few(size, (0, 1, 2, 4))}"
    if not size or asked.in_full:
        return
    own = asked.open_items()
    if any(not index.items[item_id].is_invoice for item_id in hypothesis.item_ids):
        yield "items: with a credit note"
    if hypothesis.solutions > 1:
        yield f"choice: {_few(hypothesis.solutions, (2, 3))} sets fit"
    yield f"choice: among {_few(len(own), (1, 2, 4, 9, 21))} open items"
    if size == 1:
        same = len(index.with_amount(amount.currency, amount.minor))
        yield f"choice: {_few(same, (0, 1, 2, 4, 9))} items of this amount"
    if len(own) == size:
        yield "choice: everything that is open"
    elif {item.item_id for item in own[:size]} == set(hypothesis.item_ids):
        yield "choice: the oldest"
    if size == 1 and index.settled_with_amount(hypothesis.debtors, amount):
        yield "choice: a settled item has this amount"


@lru_cache(maxsize=4096)
def _few(number: int, steps: tuple[int, ...]) -> str:
    """Say a number in steps: "1", "2-3", "8+"."""
    low = max((step for step in steps if step <= number), default=0)
    high = min((step - 1 for step in steps if step > number), default=None)
    if high is None:
        return f"{low}+"
    return str(low) if high == low else f"{low}-{high}"


def _left_unexplained(asked: _Asked) -> Iterator[str]:
    entry, hypothesis, clues, index = asked.entry, asked.hypothesis, asked.clues, asked.index
    besides = [item for item in clues.named if item.item_id not in hypothesis.item_ids]
    named = clues.named_besides(hypothesis) if besides else []
    if len(named) < len(besides):
        yield "left out: a number that may be a slip"
    if left := sum([bool(item.open_amount) for item in named]):
        yield f"left out: {_few(left, (1, 2))} named open items"
    if hypothesis.item_ids and any(not item.open_amount for item in named):
        yield "left out: a named settled item"
    if unknown := len(clues.unexplained(index.reading(entry).unknown, hypothesis)):
        yield f"left out: {_few(unknown, (1, 2))} numbers we do not know"
    if not asked.in_full and _points_elsewhere(asked):
        yield "left out: a hint to another item"
    if clues.other_money is not None and entry.amount.minor > 0:
        yield "left out: looks like other money"
    others = [rules for debtor, rules in clues.of_debtor.items() if debtor not in hypothesis.debtors]
    for rule in ("customer_number", "payer_name") if others else ():
        if any(rule in rules for rules in others):
            yield f"left out: another debtor's {rule.replace('_', ' ')}"


def _points_elsewhere(asked: _Asked) -> bool:
    items, chosen = asked.index.items, asked.hypothesis.item_ids
    return any(
        clue.rule in _POINTING and clue.item_id not in chosen and items[clue.item_id].open_amount
        for clue in asked.clues.evidence
    )


def _about_words(asked: _Asked) -> Iterator[str]:
    kinds = words_in(asked.entry.remittance)
    if "advance" in kinds and any(item.open_amount for item in asked.clues.named):
        kinds = kinds - {"advance"} | {"part"}  # of an invoice that is named an advance is a part
    for kind in sorted(kinds):
        yield f"word: {kind}"
        if kind in {"refund", "invoice"}:
            yield f"word: {kind} & {asked.strength}"
        else:
            yield f"word: {kind} & {asked.fit if kind == 'part' else asked.hypothesis.interpretation.value}"


def _about_time(asked: _Asked) -> Iterator[str]:
    entry, index = asked.entry, asked.index
    items = [index.items[item_id] for item_id in asked.hypothesis.item_ids]
    paid = paid_on(entry)
    if any(item.document_date > paid for item in items):
        yield "time: before the invoice"
    if items and not asked.in_full:
        yield f"time: {_when(entry, items)}"
    for payment in index.past_alike.get(entry_key(entry), ()) if index.past_alike else ():
        if abs((entry.booking_date - payment.booking_date).days) <= index.settings.duplicate_days:
            yield "time: the same payment days ago"


def _when(entry: StatementEntry, items: list[OpenItem]) -> str:
    """Say when the payment came, seen from the due date of its oldest item."""
    days = (paid_on(entry) - min(item.due_date for item in items)).days
    for limit, words in ((-21, "long before it was due"), (7, "when it was due"), (45, "after a reminder")):
        if days <= limit:
            return words
    return "very late"
