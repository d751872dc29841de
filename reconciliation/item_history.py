"""What happened to items before a payment (Vorgeschichte): what our notices asked for, and what was paid on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.allocation import AllocationKind
from ledger.text import squeeze
from reconciliation.payers import account_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ledger.money import Money
    from ledger.statement import StatementEntry
    from reconciliation.outcome import PastPayment


class AskedCosts(NamedTuple):
    """What a notice that was really sent asked for besides one of its items."""

    notice_id: str  # the same for every item of the notice
    title: str  # 2. Mahnung
    sent_on: date
    fee: Money
    interest: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHistory:
    """What is remembered, by item id."""

    asked: Mapping[str, Sequence[AskedCosts]] = field(default_factory=dict)
    payments: Mapping[str, Sequence[PastPayment]] = field(default_factory=dict)  # oldest first

    def instalment_like(self, entry: StatementEntry, item_id: str) -> PastPayment | None:
        """Give the last payment by which the same payer paid the same amount on this item alone (Rate), if any."""
        for payment in reversed(self.payments.get(item_id, ())):
            if payment.amount == entry.amount and payment.entry_id != entry.entry_id and _same_payer(entry, payment):
                paid_for = {(a.item_id, a.kind) for a in payment.allocations}
                if paid_for == {(item_id, AllocationKind.PAYMENT)}:
                    return payment
        return None


def _same_payer(entry: StatementEntry, payment: PastPayment) -> bool:
    if entry.payer_iban and account_key(entry.payer_iban) == account_key(payment.payer_iban):
        return True
    name = squeeze(entry.payer_name)
    return bool(name) and name == squeeze(payment.payer_name)


NO_HISTORY: Final = ItemHistory()
