"""What would have made a payment automatic (Was gefehlt hat): its facts are changed one by one, and asked again."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from reconciliation.case import consider
from reconciliation.classes import blocked_because, class_of
from reconciliation.clues import NAMED_IN_FULL, Payer
from reconciliation.company_rules import NO_RULES
from reconciliation.customer_policy import OnSkonto
from reconciliation.interpretation import Interpretation
from reconciliation.payers import Proof, account_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.case import Case
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from reconciliation.own_transfers import OwnTransfer

_BY_POLICY: Final = {
    Interpretation.SKONTO_LATE: "late_skonto",
    Interpretation.SKONTO_TOO_MUCH: "too_much_skonto",
}


@dataclass(frozen=True, slots=True)
class _Change:
    """A fact that could have been otherwise, in words that go on from "it would have been booked if"."""

    says: str
    change: Callable[[StatementEntry, Index], tuple[StatementEntry, Index]]


def would_be_booked(
    case: Case, rules: RuleBook = NO_RULES, transfers: Mapping[str, OwnTransfer] | None = None
) -> tuple[str, ...]:
    """Say which facts would have let the best proposal be booked without a person, the fewest first.

    Each line is enough by itself, and no part of it would be. Nothing is said where no such fact helps: then the
    doubt lies in what was written, and only a person can dissolve it.
    """
    best = case.best
    if best is None or not best.hypothesis.item_ids:
        return ()
    changes = tuple(_changes(case))
    enough: list[frozenset[_Change]] = []
    for size in range(1, len(changes) + 1):
        for some in combinations(changes, size):
            if any(known <= set(some) for known in enough):
                continue
            entry, index = case.entry, case.index
            for change in some:
                entry, index = change.change(entry, index)
            again = consider(entry, index, case.model, rules=rules, transfers=transfers, rejected=case.rejected)
            if _is_booked(again, best.hypothesis.item_ids):
                enough.append(frozenset(some))
    return tuple(" and ".join(change.says for change in changes if change in some) for some in enough)


def _changes(case: Case) -> Iterator[_Change]:
    assert case.best is not None, case.entry
    hypothesis = case.best.hypothesis
    items = [case.index.items[item_id] for item_id in hypothesis.item_ids]
    unnamed = [item for item in items if case.clues.naming_of(item.item_id) not in NAMED_IN_FULL]
    if unnamed:
        yield _naming(unnamed)
    if len(hypothesis.debtors) == 1 and case.payer(hypothesis) is not Payer.KNOWN:
        yield _knowing(case, hypothesis.debtors[0])
    if not hypothesis.settles_exactly:
        yield _paying(case, items)
    if hypothesis.interpretation in _BY_POLICY:
        yield _granting(_BY_POLICY[hypothesis.interpretation])


def _naming(items: list[OpenItem]) -> _Change:
    numbers = ", ".join(item.document_number for item in items)

    def change(entry: StatementEntry, index: Index) -> tuple[StatementEntry, Index]:
        text = f"{numbers} {entry.remittance}"
        return entry._replace(remittance=text, remittance_glued=text), index

    return _Change(f"the text named {numbers} in full", change)


def _knowing(case: Case, debtor_number: str) -> _Change:
    name = case.index.debtor_name(debtor_number)
    if not case.entry.payer_iban:
        return _Change(
            f"the payer were named {name}",
            lambda entry, index: (entry._replace(payer_name=name), index),
        )

    def change(entry: StatementEntry, index: Index) -> tuple[StatementEntry, Index]:
        proof = Proof(debtor_number, payments=0, told=True, first=None, last=None)
        key = account_key(entry.payer_iban, entry.payer_bic)
        known: dict[str, tuple[Proof, ...]] = {key: (proof,), account_key(entry.payer_iban): (proof,)}
        payers = replace(index.payers, accounts=ChainMap(known, dict(index.payers.accounts)))
        return entry, replace(index, payers=payers)

    return _Change(f"the account {case.entry.payer_iban} were known for {name}", change)


def _paying(case: Case, items: list[OpenItem]) -> _Change:
    due = replace(case.entry.amount, minor=sum(item.balance_minor for item in items))
    return _Change(f"the amount were {due}", lambda entry, index: (entry._replace(amount=due), index))


def _granting(key: str) -> _Change:
    def change(entry: StatementEntry, index: Index) -> tuple[StatementEntry, Index]:
        granted: dict[str, Any] = {key: OnSkonto.ACCEPT, "customers": {}}
        return entry, replace(index, settings=replace(index.settings, **granted))

    return _Change(f'your rule said {key} = "accept"', change)


def _is_booked(case: Case, item_ids: tuple[str, ...]) -> bool:
    best = case.best
    if best is None or best.hypothesis.item_ids != item_ids:
        return False
    return class_of(case, best) is not None and not blocked_because(case)
