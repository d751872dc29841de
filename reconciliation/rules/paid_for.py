"""Somebody else has paid for this debtor before: spouse, tax adviser, property manager, parent company (Dritte)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.outcome import Evidence
from reconciliation.payers import is_own_account, names_another, worth
from reconciliation.payment_services import service_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.index import Index
    from reconciliation.payers import Proof

_PAID_FOR: Final = 4.0  # three times or more, and for nobody else


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find whom the account paid for once, and whom somebody of this name paid for from another account."""
    if service_named(entry.payer_name):
        return
    payers = index.payers
    accounts = payers.of_account(entry.payer_iban, entry.payer_bic, entry.booking_date)
    names = payers.of_name(entry.payer_name, entry.booking_date) if entry.payer_name else ()
    if len(accounts) == 1 and not is_own_account(entry, accounts[0], index.debtors.get(accounts[0].debtor_number)):
        yield _paid(entry, index, accounts[0], accounts, "from this account")
    for proof in names:
        if names_another(entry.payer_name, index.debtors.get(proof.debtor_number)):
            yield _paid(entry, index, proof, names, "under this name")


def _paid(entry: StatementEntry, index: Index, proof: Proof, among: Sequence[Proof], how: str) -> Evidence:
    return Evidence(
        rule="paid_for",
        strength=_PAID_FOR * worth(proof, among, entry.booking_date),
        says=f'"{entry.payer_name}" paid for {index.debtor_name(proof.debtor_number)} before {how}, {proof.says}',
        debtor_number=proof.debtor_number,
    )
