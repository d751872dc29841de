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
    from datetime import date

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


class Asking:
    """One entry and everything that is the same for all its hypotheses, so that it is asked once."""

    __slots__ = (
        "clues",
        "currency",
        "entry",
        "hinted",
        "index",
        "kinds",
        "named_customers",
        "named_payers",
        "paid",
        "repeated",
    )

    def __init__(self, entry: StatementEntry, clues: Clues, index: Index) -> None:
        self.entry = entry
        self.clues = clues
        self.index = index
        self.currency = entry.amount.currency
        self.paid = paid_on(entry)
        self.kinds = _kinds_of_words(entry, clues)
        self.repeated = bool(index.past_alike) and _is_repeated(entry, index)
        of_debtor = clues.of_debtor.items()
        self.named_customers = [debtor for debtor, rules in of_debtor if "customer_number" in rules]
        self.named_payers = [debtor for debtor, rules in of_debtor if "payer_name" in rules]
        hints = [clue.item_id for clue in clues.evidence if clue.rule in _POINTING]
        self.hinted = [item_id for item_id in hints if index.items[item_id].open_amount.minor]

    def about(self, hypothesis: Hypothesis, *, exact_besides: bool) -> tuple[str, ...]:
        """Name everything that speaks for or against a hypothesis, each argument once.

        ``exact_besides`` says that its documents, with others, would be exactly the amount.
        """
        asked = _Asked(hypothesis, self.clues)
        names = ["any", "amount: exact with others"] if exact_besides else ["any"]
        # Each question adds its answers to one list: a generator for each would cost more than the question.
        _about_amount(self, asked, names)
        _about_naming(self, asked, names)
        _about_payer(self, asked, names)
        _about_choice(self, asked, names)
        _left_unexplained(self, asked, names)
        _about_words(self, asked, names)
        _about_time(self, asked, names)
        return tuple(names)


class _Asked:
    """One hypothesis and what several questions ask of it: how it is named, who pays, how well the amount fits."""

    __slots__ = ("debtors", "fit", "hypothesis", "in_full", "item_ids", "naming", "payer", "strength")

    def __init__(self, hypothesis: Hypothesis, clues: Clues) -> None:
        self.hypothesis = hypothesis
        self.item_ids = hypothesis.item_ids
        self.debtors = hypothesis.debtors
        self.naming = clues.naming(hypothesis.item_ids)
        self.payer = clues.payer(hypothesis.debtors)
        self.in_full = self.naming in NAMED_IN_FULL
        self.strength = _strength(self.naming)
        self.fit = _fit(hypothesis)


def _kinds_of_words(entry: StatementEntry, clues: Clues) -> list[str]:
    kinds = words_in(entry.remittance)
    if "advance" in kinds and any(item.open_amount for item in clues.named):
        kinds = kinds - {"advance"} | {"part"}  # of an invoice that is named an advance is a part
    return sorted(kinds)


def _is_repeated(entry: StatementEntry, index: Index) -> bool:
    """Whether the same payment was booked days ago."""
    within = index.settings.duplicate_days
    alike = index.past_alike.get(entry_key(entry), ())
    return any(abs((entry.booking_date - payment.booking_date).days) <= within for payment in alike)


def _fit(hypothesis: Hypothesis) -> str:
    """Say how well the amount fits: exactly, nearly, or as a part or an overpayment."""
    if hypothesis.interpretation in SETTLES_EXACTLY:
        return "unclear" if hypothesis.doubt else "exact"
    return "near" if hypothesis.interpretation in _NEAR else "other"


def _strength(naming: Naming) -> str:
    if naming in NAMED_IN_FULL:
        return "full number"
    return "nothing named" if naming is Naming.NONE else "part of a number"


def _about_amount(asking: Asking, asked: _Asked, names: list[str]) -> None:
    names.append(_AMOUNT[asked.hypothesis.interpretation])
    if asked.hypothesis.doubt:
        names.append("amount: doubtful")
    if asked.fit == "other" and _amount_elsewhere(asking, asked):
        names.append("amount: that of another item")


def _amount_elsewhere(asking: Asking, asked: _Asked) -> bool:
    owed = asking.index.owed_exactly(asked.debtors, asking.entry.amount)
    return any(item.item_id not in asked.item_ids for item in owed)


def _about_naming(asking: Asking, asked: _Asked, names: list[str]) -> None:
    item_ids, clues = asked.item_ids, asking.clues
    names.append(_NAMED[asked.naming])
    if item_ids:
        names.append(_NAMED_AND_FIT[asked.naming, asked.fit])
        # The least well named says how a set is named, so only a set that it does not can be named in part.
        in_part = len(item_ids) > 1 and not asked.in_full
        if in_part and any(clues.naming_of(item_id) in NAMED_IN_FULL for item_id in item_ids):
            names.append("named: some of them")
    elif any(item.debtor_number in asked.debtors for item in clues.named):
        names.append("on account: of a named document")


def _about_payer(asking: Asking, asked: _Asked, names: list[str]) -> None:
    payer, debtors = asked.payer, asked.debtors
    names.append(_PAID_BY[payer])
    names.append(_PAYER_AND_NAMED[payer, asked.strength])
    if len(debtors) > 1:
        names.append("payer: pays for several")
    elif debtors and (rules := asking.clues.of_debtor.get(debtors[0])):
        if "customer_number" in rules and payer is not Payer.CUSTOMER_NUMBER:
            names.append("payer: and the customer number")
        if payer is Payer.KNOWN and ("payer_name" in rules or "similar_name" in rules):
            names.append("payer: and the name")


def _about_choice(asking: Asking, asked: _Asked, names: list[str]) -> None:
    """Ask how many other sets would have fitted as well, where no number chose this one."""
    hypothesis, index, item_ids = asked.hypothesis, asking.index, asked.item_ids
    size = len(item_ids)
    names.append(_counted("items: {}", size, (0, 1, 2, 4)))
    if not size or asked.in_full:
        return
    if not all(index.items[item_id].is_invoice for item_id in item_ids):
        names.append("items: with a credit note")
    if hypothesis.solutions > 1:
        names.append(_counted("choice: {} sets fit", hypothesis.solutions, (2, 3)))
    own = [item for debtor in asked.debtors for item in index.open_of(debtor, asking.currency)]
    names.append(_counted("choice: among {} open items", len(own), (1, 2, 4, 9, 21)))
    amount = asking.entry.amount
    if size == 1:
        same = len(index.with_amount(amount.currency, amount.minor))
        names.append(_counted("choice: {} items of this amount", same, (0, 1, 2, 4, 9)))
    if len(own) == size:
        names.append("choice: everything that is open")
    elif {item.item_id for item in own[:size]} == set(item_ids):
        names.append("choice: the oldest")
    if size == 1 and index.settled_with_amount(asked.debtors, amount):
        names.append("choice: a settled item has this amount")


@lru_cache(maxsize=4096)
def _counted(argument: str, number: int, steps: tuple[int, ...]) -> str:
    """Put a number into an argument in steps, so that few arguments are to be weighed: "1", "2-3", "8+"."""
    return argument.format(_few(number, steps))


def _few(number: int, steps: tuple[int, ...]) -> str:
    low = max((step for step in steps if step <= number), default=0)
    high = min((step - 1 for step in steps if step > number), default=None)
    if high is None:
        return f"{low}+"
    return str(low) if high == low else f"{low}-{high}"


def _left_unexplained(asking: Asking, asked: _Asked, names: list[str]) -> None:
    clues = asking.clues
    if not clues.named_ids.issubset(asked.item_ids):
        _left_out(clues, asked, names)
    if clues.unknown and (unknown := len(clues.unexplained(asked.hypothesis))):
        names.append(_counted("left out: {} numbers we do not know", unknown, (1, 2)))
    if asking.hinted and not asked.in_full and not set(asking.hinted).issubset(asked.item_ids):
        names.append("left out: a hint to another item")
    if clues.other_money is not None and asking.entry.amount.minor > 0:
        names.append("left out: looks like other money")
    if asking.named_customers and any(debtor not in asked.debtors for debtor in asking.named_customers):
        names.append("left out: another debtor's customer number")
    if asking.named_payers and any(debtor not in asked.debtors for debtor in asking.named_payers):
        names.append("left out: another debtor's payer name")


def _left_out(clues: Clues, asked: _Asked, names: list[str]) -> None:
    """Tell of the named documents that a hypothesis does not settle; there are some."""
    named = clues.named_besides(asked.hypothesis)
    if len(named) < len(clues.named_ids.difference(asked.item_ids)):
        names.append("left out: a number that may be a slip")
    if left := sum([bool(item.open_amount.minor) for item in named]):
        names.append(_counted("left out: {} named open items", left, (1, 2)))
    if asked.item_ids and left < len(named):
        names.append("left out: a named settled item")


def _about_words(asking: Asking, asked: _Asked, names: list[str]) -> None:
    for kind in asking.kinds:
        names.append(f"word: {kind}")
        if kind in {"refund", "invoice"}:
            names.append(f"word: {kind} & {asked.strength}")
        else:
            fit = asked.fit if kind == "part" else asked.hypothesis.interpretation.value
            names.append(f"word: {kind} & {fit}")


def _about_time(asking: Asking, asked: _Asked, names: list[str]) -> None:
    items = [asking.index.items[item_id] for item_id in asked.item_ids]
    if any(item.document_date > asking.paid for item in items):
        names.append("time: before the invoice")
    if items and not asked.in_full:
        names.append(f"time: {_when(asking.paid, items)}")
    if asking.repeated:
        names.append("time: the same payment days ago")


def _when(paid: date, items: list[OpenItem]) -> str:
    """Say when the payment came, seen from the due date of its oldest item."""
    days = (paid - min([item.due_date for item in items])).days
    for limit, words in ((-21, "long before it was due"), (7, "when it was due"), (45, "after a reminder")):
        if days <= limit:
            return words
    return "very late"
