"""The payer's account is known to belong to one debtor, told by the accounting tool or learned from payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.outcome import Evidence
from reconciliation.payers import is_own_account, worth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Look the account up; an account of several debtors, or known from one stranger's payment, is another's clue."""
    proofs = index.payers.of_account(entry.payer_iban, entry.payer_bic, entry.booking_date)
    if len(proofs) != 1 or not is_own_account(entry, proofs[0], index.debtors.get(proofs[0].debtor_number)):
        return
    number = proofs[0].debtor_number
    yield Evidence(
        rule="known_payer",
        strength=weights.KNOWN_PAYER * worth(proofs[0], proofs, entry.booking_date),
        says=f"the account {entry.payer_iban} is known for {index.debtor_name(number)} {proofs[0].says}",
        debtor_number=number,
    )
