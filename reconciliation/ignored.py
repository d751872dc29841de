"""What is not about receivables: own transfers and payments, charges and interest of the bank (Nicht-Debitoren)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from reconciliation.index import account_key

if TYPE_CHECKING:
    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_BY_KIND: Final = MappingProxyType(
    {
        EntryKind.OWN_TRANSFER: "transfer between our own accounts (Umbuchung)",
        EntryKind.CHARGE: "charge of the bank (Entgelt)",
        EntryKind.INTEREST: "interest of the bank (Zinsen)",
        EntryKind.REFUND: "a debit on our account was refunded to us",
    }
)


def ignored_because(entry: StatementEntry, index: Index) -> str:
    """Say why an entry cannot be about receivables, whatever its text says; empty where it can."""
    if not entry.amount:
        return "no money moved"
    if account_key(entry.payer_iban) in index.own_accounts:
        return _BY_KIND[EntryKind.OWN_TRANSFER]
    return _BY_KIND.get(entry.kind, "")


def own_payment(entry: StatementEntry) -> str:
    """Say that money left our account for something that is no credit note of a debtor."""
    receiver = f" to {entry.payer_name}" if entry.payer_name else ""
    return f"our own payment{receiver}"
