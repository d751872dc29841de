"""What speaks for and against one way to book an entry (Argumente): each has a name, and one weight for all payments.

An argument is either there or not, so that the weights simply add up and every one of them can be read. The few that
name two things at once ("number & exact") are those where the two together say more than each for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.clues import NAMED_IN_FULL, Naming, Payer
from reconciliation.index import entry_key, has_amount
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


def arguments(
    entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index, *, exact_besides: bool
) -> tuple[str, ...]:
    """Name everything that speaks for or against a hypothesis, each argument once.

    ``exact_besides`` says that its documents, with others, would be exactly the amount.
    """
    return tuple(
        dict.fromkeys(
            (
                "any",
                *(("amount: exact with others",) if exact_besides else ()),
                *_about_amount(entry, hypothesis, index),
                *_about_naming(hypothesis, clues),
                *_about_payer(hypothesis, clues),
                *_about_choice(entry, hypothesis, clues, index),
                *_left_unexplained(entry, hypothesis, clues, index),
                *_about_words(entry, hypothesis, clues),
                *_about_time(entry, hypothesis, clues, index),
            )
        )
    )


def _fit(hypothesis: Hypothesis) -> str:
    """Say how well the amount fits: exactly, nearly, or as a part or an overpayment."""
    if hypothesis.interpretation in SETTLES_EXACTLY:
        return "unclear" if hypothesis.doubt else "exact"
    return "near" if hypothesis.interpretation in _NEAR else "other"


def _about_amount(entry: StatementEntry, hypothesis: Hypothesis, index: Index) -> Iterator[str]:
    yield f"amount: {hypothesis.interpretation.value}"
    if hypothesis.doubt:
        yield "amount: doubtful"
    if _fit(hypothesis) == "other" and _amount_elsewhere(entry, hypothesis, index):
        yield "amount: that of another item"


def _amount_elsewhere(entry: StatementEntry, hypothesis: Hypothesis, index: Index) -> bool:
    return any(
        item.item_id not in hypothesis.item_ids and has_amount(item, entry.amount)
        for debtor in hypothesis.debtors
        for item in index.open_of(debtor, entry.amount.currency)
    )


def _about_naming(hypothesis: Hypothesis, clues: Clues) -> Iterator[str]:
    naming = clues.naming(hypothesis.item_ids)
    yield f"named: {naming.value}"
    if hypothesis.item_ids:
        yield f"{naming.value} & {_fit(hypothesis)}"
        number = sum(1 for item_id in hypothesis.item_ids if clues.naming_of(item_id) in NAMED_IN_FULL)
        if 0 < number < len(hypothesis.item_ids):
            yield "named: some of them"
    elif any(item.debtor_number in hypothesis.debtors for item in clues.named):
        yield "on account: of a named document"


def _about_payer(hypothesis: Hypothesis, clues: Clues) -> Iterator[str]:
    payer = clues.payer(hypothesis.debtors)
    yield f"payer: {payer.value}"
    yield f"{payer.value} & {_strength(clues.naming(hypothesis.item_ids))}"
    if len(hypothesis.debtors) > 1:
        yield "payer: pays for several"
    if len(hypothesis.debtors) == 1:
        rules = clues.of_debtor.get(hypothesis.debtors[0], ())
        if "customer_number" in rules and payer is not Payer.CUSTOMER_NUMBER:
            yield "payer: and the customer number"
        if payer is Payer.KNOWN and ("payer_name" in rules or "similar_name" in rules):
            yield "payer: and the name"


def _strength(naming: Naming) -> str:
    if naming in NAMED_IN_FULL:
        return "full number"
    return "nothing named" if naming is Naming.NONE else "part of a number"


def _about_choice(entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index) -> Iterator[str]:
    """Ask how many other sets would have fitted as well, where no number chose this one."""
    size = len(hypothesis.item_ids)
    yield f"items: {_few(size, (0, 1, 2, 4))}"
    if not size or clues.naming(hypothesis.item_ids) in NAMED_IN_FULL:
        return
    own = [item for debtor in hypothesis.debtors for item in index.open_of(debtor, entry.amount.currency)]
    if any(not index.items[item_id].is_invoice for item_id in hypothesis.item_ids):
        yield "items: with a credit note"
    if hypothesis.solutions > 1:
        yield f"choice: {_few(hypothesis.solutions, (2, 3))} sets fit"
    yield f"choice: among {_few(len(own), (1, 2, 4, 9, 21))} open items"
    same = len(index.with_amount(entry.amount.currency, entry.amount.minor))
    if size == 1:
        yield f"choice: {_few(same, (0, 1, 2, 4, 9))} items of this amount"
    if len(own) == size:
        yield "choice: everything that is open"
    elif {item.item_id for item in own[:size]} == set(hypothesis.item_ids):
        yield "choice: the oldest"
    if size == 1 and index.settled_with_amount(hypothesis.debtors, entry.amount):
        yield "choice: a settled item has this amount"


def _few(number: int, steps: tuple[int, ...]) -> str:
    """Say a number in steps: "1", "2-3", "8+"."""
    low = max((step for step in steps if step <= number), default=0)
    high = min((step - 1 for step in steps if step > number), default=None)
    if high is None:
        return f"{low}+"
    return str(low) if high == low else f"{low}-{high}"


def _left_unexplained(entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index) -> Iterator[str]:
    chosen = set(hypothesis.item_ids)
    named = clues.named_besides(hypothesis)
    if len(named) < sum(1 for item in clues.named if item.item_id not in chosen):
        yield "left out: a number that may be a slip"
    if left := sum(1 for item in named if item.open_amount):
        yield f"left out: {_few(left, (1, 2))} named open items"
    if hypothesis.item_ids and any(not item.open_amount for item in named):
        yield "left out: a named settled item"
    if unknown := len(clues.unexplained(index.reading(entry).unknown, hypothesis)):
        yield f"left out: {_few(unknown, (1, 2))} numbers we do not know"
    if _points_elsewhere(clues, chosen, hypothesis, index):
        yield "left out: a hint to another item"
    if clues.other_money is not None and entry.amount.minor > 0:
        yield "left out: looks like other money"
    others = [debtor for debtor in clues.of_debtor if debtor not in hypothesis.debtors]
    for rule in ("customer_number", "payer_name"):
        if any(rule in clues.of_debtor[debtor] for debtor in others):
            yield f"left out: another debtor's {rule.replace('_', ' ')}"


def _points_elsewhere(clues: Clues, chosen: set[str], hypothesis: Hypothesis, index: Index) -> bool:
    if clues.naming(hypothesis.item_ids) in NAMED_IN_FULL:
        return False
    return any(
        clue.rule in _POINTING and clue.item_id not in chosen and index.items[clue.item_id].open_amount
        for clue in clues.evidence
    )


def _about_words(entry: StatementEntry, hypothesis: Hypothesis, clues: Clues) -> Iterator[str]:
    fit, naming = _fit(hypothesis), _strength(clues.naming(hypothesis.item_ids))
    kinds = words_in(entry.remittance)
    if "advance" in kinds and any(item.open_amount for item in clues.named):
        kinds = kinds - {"advance"} | {"part"}  # of an invoice that is named an advance is a part
    for kind in sorted(kinds):
        yield f"word: {kind}"
        if kind in {"refund", "invoice"}:
            yield f"word: {kind} & {naming}"
        else:
            yield f"word: {kind} & {hypothesis.interpretation.value if kind != 'part' else fit}"


def _about_time(entry: StatementEntry, hypothesis: Hypothesis, clues: Clues, index: Index) -> Iterator[str]:
    items = [index.items[item_id] for item_id in hypothesis.item_ids]
    if any(item.document_date > paid_on(entry) for item in items):
        yield "time: before the invoice"
    if items and clues.naming(hypothesis.item_ids) not in NAMED_IN_FULL:
        yield f"time: {_when(entry, items)}"
    for payment in index.past_alike.get(entry_key(entry), ()):
        if abs((entry.booking_date - payment.booking_date).days) <= index.settings.duplicate_days:
            yield "time: the same payment days ago"


def _when(entry: StatementEntry, items: list[OpenItem]) -> str:
    """Say when the payment came, seen from the due date of its oldest item."""
    days = (paid_on(entry) - min(item.due_date for item in items)).days
    for limit, words in ((-21, "long before it was due"), (7, "when it was due"), (45, "after a reminder")):
        if days <= limit:
            return words
    return "very late"
