"""Several debtors pay from this account: a parent company, a tax adviser, a payment service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Name each debtor of a shared account, weaker than one who has it alone."""
    debtors = index.debtors_of_account(entry.payer_iban)
    if not 1 < len(debtors) <= index.settings.shared_account_maximum:
        return
    for number in sorted(debtors):
        yield Evidence(
            rule="shared_payer",
            strength=weights.SHARED_PAYER,
            says=f"{len(debtors)} debtors pay from {entry.payer_iban}, {index.debtor_name(number)} among them",
            debtor_number=number,
        )
