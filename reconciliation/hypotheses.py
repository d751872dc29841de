"""Which sets of items an entry may settle (Hypothesen): named ones, fitting ones, sums, and credit on account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciliation.clues import NAMING
from reconciliation.foreign_currency import by_bank_rate
from reconciliation.interpretation import SETTLES_EXACTLY, Hypothesis, Interpretation, interpret, on_account
from reconciliation.subsets import sums_of
from reconciliation.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.clues import Clues
    from reconciliation.index import Index
    from reconciliation.outcome import Evidence

_HINTING: Final = frozenset(
    {"order_number", "number_range", "running_number", "nearly_number", "exact_amount", "credit_note_payout"}
)

_RANGING: Final = NAMING | {"number_range"}

_SETTLING: Final = SETTLES_EXACTLY | {
    Interpretation.SMALL_DIFFERENCE,
    Interpretation.SKONTO_LATE,
    Interpretation.BANK_CHARGE,
}
_FITTING_NOTHING: Final = frozenset({Interpretation.PARTIAL, Interpretation.OVER, Interpretation.SMALL_DIFFERENCE})


def hypotheses(entry: StatementEntry, clues: Clues, index: Index) -> tuple[Hypothesis, ...]:
    """Give every way to book a received amount that some clue supports, each once."""
    found: list[Hypothesis] = []
    # Few are about the same documents, so their lines need not all be hashed.
    places: dict[tuple[tuple[str, ...], Interpretation], list[int]] = {}
    for hypothesis in _all(entry, clues, index):
        same = places.setdefault((hypothesis.item_ids, hypothesis.interpretation), [])
        for place in same:
            if found[place].allocations == hypothesis.allocations:
                if found[place].solutions < hypothesis.solutions:
                    found[place] = hypothesis
                break
        else:
            same.append(len(found))
            found.append(hypothesis)
    return tuple(found)


def payable(items: Iterable[OpenItem], currency: str) -> list[OpenItem]:
    """Keep what is still open in the currency of the payment."""
    return [item for item in items if item.open_amount.minor and item.open_amount.currency == currency]


def _all(entry: StatementEntry, clues: Clues, index: Index) -> Iterator[Hypothesis]:
    evidence = clues.evidence
    named = payable(clues.named, entry.amount.currency)
    certain = [*_named_sets(entry, named, index), *_netted(entry, named, index)] if named else []
    yield from certain
    if foreign := _exchanged(entry, clues):
        yield foreign
    settled_by_name = any(h.interpretation in SETTLES_EXACTLY for h in certain)
    yield from _hinted(entry, evidence, named, index)
    if settled_by_name:
        return
    debtors = _likely_debtors(evidence, index)
    for debtor in debtors[: index.settings.likely_debtors_maximum]:
        items = index.open_of(debtor, entry.amount.currency)
        if items:
            yield from _sums(entry, items, named, index)
        if items and not named:
            yield from _late(entry, items, index)
            yield from _oldest_first(entry, items, index)
    yield from _on_account(entry, clues, debtors, index)


def _exchanged(entry: StatementEntry, clues: Clues) -> Hypothesis | None:
    foreign = [item for item in clues.named if item.open_amount and item.currency != entry.amount.currency]
    return by_bank_rate(entry, foreign) if foreign else None


def _named_sets(entry: StatementEntry, named: Sequence[OpenItem], index: Index) -> Iterator[Hypothesis]:
    """Read the amount for all named items together; where there are several, also for each sum of some of them."""
    together = list(interpret(entry, named, index.settings, index.history))
    yield from together
    if len(named) > 1 and not any(h.interpretation in SETTLES_EXACTLY for h in together):
        for some in sums_of(entry, named, index.settings).sets:
            yield from _settling(entry, some, index)


def _netted(entry: StatementEntry, named: Sequence[OpenItem], index: Index) -> Iterator[Hypothesis]:
    """Read a shortage as an open credit note of the debtor that the payer has deducted without naming it."""
    short = sum([item.balance_minor for item in named]) - entry.amount.minor
    if short <= 0:
        return
    debtors = {item.debtor_number for item in named}
    if len(debtors) != 1:
        return
    for item in index.open_of(debtors.pop(), entry.amount.currency):
        if item.balance_minor == -short and item not in named:
            yield from _settling(entry, [*named, item], index)


def _late(entry: StatementEntry, items: Sequence[OpenItem], index: Index) -> Iterator[Hypothesis]:
    """Read the amount as a single item less the Skonto that came too late: a rival of every other reading."""
    minor = entry.amount.minor
    for item in items:
        if item.balance_minor - item.skonto_minor == minor and item.skonto_percent and item.is_invoice:
            yield from _settling(entry, (item,), index)


def _hinted(
    entry: StatementEntry, evidence: Sequence[Evidence], named: Sequence[OpenItem], index: Index
) -> Iterator[Hypothesis]:
    """Read the amount for single items that a weaker clue points to, and for a range as a whole."""
    hints = [clue for clue in evidence if clue.rule in _HINTING]
    pointed = {clue.item_id for clue in hints if clue.rule in {"order_number", "running_number"}}
    hinted = dict.fromkeys([clue.item_id for clue in hints])
    for item in payable([index.items[item_id] for item_id in hinted], entry.amount.currency):
        if named and item is named[0] and len(named) == 1:
            continue  # it was read already
        if named or item.item_id not in pointed:
            yield from _settling(entry, (item,), index)
        else:
            yield from interpret(entry, (item,), index.settings, index.history)
    if any(clue.rule == "number_range" for clue in hints):
        ranged = dict.fromkeys([clue.item_id for clue in evidence if clue.rule in _RANGING])
        whole = payable([index.items[item_id] for item_id in ranged], entry.amount.currency)
        yield from _settling(entry, whole, index) if whole else ()


def _sums(
    entry: StatementEntry, items: Sequence[OpenItem], named: Sequence[OpenItem], index: Index
) -> Iterator[Hypothesis]:
    """Find sets of one debtor's items with this sum; if some of them are named, only sets with all of those."""
    sums = sums_of(entry, items, index.settings)
    needed = {item.item_id for item in named if item.debtor_number == items[0].debtor_number}
    for some in sums.sets:
        if needed <= {item.item_id for item in some}:
            for hypothesis in _settling(entry, some, index):
                yield replace(hypothesis, solutions=max(len(sums.sets), 1 + sums.several))


def _oldest_first(entry: StatementEntry, items: Sequence[OpenItem], index: Index) -> Iterator[Hypothesis]:
    """Pour an amount that fits nothing over the oldest items (§ 366 (2) BGB): where a person would start."""
    reached: list[OpenItem] = []
    due = 0
    for item in items:
        if item.balance_minor > 0:
            reached.append(item)
            due += item.balance_minor
        if due >= entry.amount.minor:
            break
    if reached:
        readings = interpret(entry, reached, index.settings, index.history)
        yield from (h for h in readings if h.interpretation in _FITTING_NOTHING)


def _on_account(entry: StatementEntry, clues: Clues, debtors: Sequence[str], index: Index) -> Iterator[Hypothesis]:
    settled = [item for item in clues.named if not item.open_amount]
    nothing = "no open item fits"
    if "advance" in words_in(entry.remittance):
        nothing = f"the payer speaks of an advance payment (Anzahlung), and {nothing}"
    for debtor in debtors[:2]:
        numbers = ", ".join(item.document_number for item in settled if item.debtor_number == debtor)
        why = f"{numbers} is settled already: perhaps paid twice (Doppelzahlung)" if numbers else nothing
        yield on_account(entry, debtor, f"{why}; the amount waits on account of {index.debtor_name(debtor)} (Akonto)")


def _likely_debtors(evidence: Sequence[Evidence], index: Index) -> list[str]:
    """Order the debtors that are named by account, name, customer number or document by their strongest clue."""
    strongest: dict[str, float] = {}
    for clue in evidence:
        debtor = clue.debtor_number
        if clue.rule in NAMING or clue.rule == "order_number":
            debtor = index.items[clue.item_id].debtor_number
        if debtor:
            strongest[debtor] = max(strongest.get(debtor, 0.0), clue.strength)
    return sorted(strongest, key=lambda number: (-strongest[number], number))


def _settling(entry: StatementEntry, items: Sequence[OpenItem], index: Index) -> Iterator[Hypothesis]:
    """Read the amount for some items, and keep what leaves nothing worth telling open."""
    readings = interpret(entry, items, index.settings, index.history, with_rest=False)
    return (reading for reading in readings if reading.interpretation in _SETTLING)
