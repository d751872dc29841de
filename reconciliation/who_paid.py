"""Who paid (Zahlerermittlung): the debtors whose payment an entry may be, best first, each with its reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciliation.rules import (
    customer_number,
    known_payer,
    mandate,
    paid_for,
    payer_in_text,
    payer_name,
    payment_service,
    shared_payer,
    similar_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.outcome import Evidence
    from reconciliation.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PossiblePayer:
    """A debtor who may have paid; ``strength`` is that of the best clue, because the others repeat it."""

    debtor_number: str
    strength: float
    evidence: tuple[Evidence, ...]  # strongest first


# One lookup each: no name is read.
BY_ACCOUNT: Final[tuple[Rule, ...]] = (mandate.evidence, known_payer.evidence, shared_payer.evidence)
BY_NAME: Final[tuple[Rule, ...]] = (payer_name.evidence, similar_name.evidence, payment_service.evidence)
BY_HABIT_AND_TEXT: Final[tuple[Rule, ...]] = (
    paid_for.evidence,
    customer_number.evidence,
    payer_in_text.evidence,
)


def who_paid(entry: StatementEntry, index: Index) -> tuple[PossiblePayer, ...]:
    """Ask everything and rank the debtors; equally good ones by number."""
    return _ranked(clue for rule in (*BY_ACCOUNT, *BY_NAME, *BY_HABIT_AND_TEXT) for clue in rule(entry, index))


def payer_by_account(entry: StatementEntry, index: Index) -> tuple[PossiblePayer, ...]:
    """Ask for account and mandate only, before any name is looked up."""
    return _ranked(clue for rule in BY_ACCOUNT for clue in rule(entry, index))


def payer_clues(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Give the clues one by one, the cheapest first; whoever has enough stops asking."""
    for rule in (*BY_ACCOUNT, *BY_NAME, *BY_HABIT_AND_TEXT):
        yield from rule(entry, index)


def _ranked(clues: Iterable[Evidence]) -> tuple[PossiblePayer, ...]:
    of_debtor: defaultdict[str, list[Evidence]] = defaultdict(list)
    for clue in clues:
        of_debtor[clue.debtor_number].append(clue)
    possible = (
        PossiblePayer(
            debtor_number=number,
            strength=max(clue.strength for clue in found),
            evidence=tuple(sorted(found, key=lambda clue: (-clue.strength, clue.rule, clue.says))),
        )
        for number, found in of_debtor.items()
    )
    return tuple(sorted(possible, key=lambda payer: (-payer.strength, payer.debtor_number)))
