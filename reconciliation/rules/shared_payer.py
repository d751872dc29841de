"""Several debtors pay from this account: a parent company, a tax adviser, a property manager, a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.outcome import Evidence
from reconciliation.payers import names_another, worth
from reconciliation.payment_services import service_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_ALL_OF_IT: Final = 3.0  # for the share of one debtor in all payments from the account; half of them is 1.5


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Name each debtor of a shared account, by its share of what was paid from there."""
    proofs = index.payers.of_account(entry.payer_iban, entry.payer_bic, entry.booking_date)
    if len(proofs) < 2:
        return
    passed_on = bool(service_named(entry.payer_name))
    for proof in proofs:
        number = proof.debtor_number
        if passed_on and names_another(entry.payer_name, index.debtors.get(number)):
            continue
        yield Evidence(
            rule="shared_payer",
            strength=_ALL_OF_IT * worth(proof, proofs, entry.booking_date),
            says=f"{len(proofs)} debtors pay from {entry.payer_iban}, {index.debtor_name(number)} among them",
            debtor_number=number,
        )
