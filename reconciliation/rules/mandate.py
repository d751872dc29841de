"""The mandate (Mandatsreferenz) under which this debtor's direct debits are collected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.outcome import Evidence
from reconciliation.payers import worth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_MANDATE: Final = 6.5  # we gave it to one debtor; an account can change hands, a mandate cannot


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Look up whose debits were collected under the mandate of this entry."""
    proofs = index.payers.of_mandate(entry.mandate_id) if entry.mandate_id else ()
    for proof in proofs:
        number = proof.debtor_number
        alone = "" if len(proofs) == 1 else f", and {len(proofs) - 1} more"
        yield Evidence(
            rule="mandate",
            strength=_MANDATE * worth(proof, proofs, entry.booking_date),
            says=f"the mandate {entry.mandate_id} is known for {index.debtor_name(number)}{alone}, {proof.says}",
            debtor_number=number,
        )
