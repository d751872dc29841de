"""The payer's name resembles the debtor's: enough to support a document number, never to stand alone."""

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
    """Find debtors with a name that is similar, and not as good as equal."""
    for name in filter(None, dict.fromkeys((entry.payer_name, entry.ultimate_name))):
        who = "the payer" if name == entry.payer_name else "the party behind the payer"
        for like in index.names.like(name):
            if like.score < SAME_NAME:
                yield Evidence(
                    rule="similar_name",
                    strength=weights.SIMILAR_NAME,
                    says=f'{who} "{name}" resembles {index.debtor_name(like.debtor_number)} ({like.score:.0f} %)',
                    debtor_number=like.debtor_number,
                )
