"""The payer is named as the debtor is, apart from legal form, umlauts, order of words and what the bank cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.names import SAME_NAME
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find debtors with the payer's name, or with the name of the party behind (abweichender Auftraggeber)."""
    for name in filter(None, dict.fromkeys((entry.payer_name, entry.ultimate_name))):
        for like in index.names.like(name):
            if like.score >= SAME_NAME:
                debtor = index.debtor_name(like.debtor_number)
                yield Evidence(
                    rule="payer_name",
                    strength=weights.SAME_NAME,
                    says=f'the payer "{name}" is named like {debtor} ({like.score:.0f} %)',
                    debtor_number=like.debtor_number,
                )
