"""What clears at the adviser (OPOS-Ausgleich): a simulation of DATEV's clearing by person account and Belegfeld 1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from export.datev.accounts import is_person_account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from export.datev.reader import ReadBatch, Row


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """What DATEV clears by: the person account and the document number in Belegfeld 1, capitals alike."""

    account: int
    document_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """The adviser's open items after the import; invoices are positive, credit notes negative."""

    balances: Mapping[DocumentKey, Decimal]  # the items given, and every new item the batch made
    cleared: frozenset[DocumentKey]  # given, and now exactly zero

    def open(self) -> dict[DocumentKey, Decimal]:
        """Give what is still open: untouched or partly paid items, and credits that found no item."""
        return {key: balance for key, balance in self.balances.items() if balance}


def document_key(account: int, document_field: str) -> DocumentKey:
    """Make the key of an item; DATEV does not tell capitals from small letters."""
    return DocumentKey(account, document_field.upper())


def clears(batch: ReadBatch, open_items: Mapping[DocumentKey, Decimal]) -> Clearing:
    """Import a batch into the adviser's open items and say what became of them.

    On the person account a payment counts Umsatz and Skonto, on the bank only Umsatz.
    """
    balances: defaultdict[DocumentKey, Decimal] = defaultdict(Decimal, open_items)
    for row in batch.rows:
        for account, moved in debits(row, skonto_on_persons=True, length=batch.account_length):
            if is_person_account(account, batch.account_length):
                balances[document_key(account, row.value(11))] += moved
    cleared = frozenset(key for key in open_items if not balances[key])
    return Clearing(balances=dict(balances), cleared=cleared)


def account_movements(batch: ReadBatch) -> dict[int, Decimal]:
    """Add up what every account is debited (positive) or credited (negative); Skonto is DATEV's own booking."""
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in batch.rows:
        for account, amount in debits(row, skonto_on_persons=False, length=batch.account_length):
            moved[account] += amount
    return dict(moved)


def debits(row: Row, *, skonto_on_persons: bool, length: int) -> Iterator[tuple[int, Decimal]]:
    """Give what a line debits both of its accounts with; a credit is negative, a Generalumkehr turns both around."""
    amount, skonto = row.amount(1), row.amount(13) or Decimal(0)
    if amount is None or not (row.value(7).isdecimal() and row.value(8).isdecimal()):
        return
    sign = -1 if (row.value(2) == "H") != row.is_reversal else 1
    for account, direction in ((int(row.value(7)), sign), (int(row.value(8)), -sign)):
        on_top = skonto if skonto_on_persons and is_person_account(account, length) else Decimal(0)
        yield account, direction * (amount + on_top)
