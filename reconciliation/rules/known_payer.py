"""The payer's account is known to belong to one debtor, told by the accounting tool or learned from payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Look the account up; an account of several debtors is another rule's clue."""
    debtors = index.debtors_of_account(entry.payer_iban)
    if len(debtors) != 1:
        return
    for number, payments in debtors.items():
        source = f"from {payments} earlier payments" if payments else "from the accounting tool"
        yield Evidence(
            rule="known_payer",
            strength=weights.KNOWN_PAYER,
            says=f"the account {entry.payer_iban} is known for {index.debtor_name(number)} {source}",
            debtor_number=number,
        )
