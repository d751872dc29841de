"""The diary (Zahlungstagebuch): what is paid when, and the one way every movement is written down."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.books import CREDITOR_ID
from demo.movement import Movement, PaymentClass
from demo.transaction import TRANSACTIONS
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money
from ledger.statement import StatementEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from random import Random

    from demo.books import Books, Customer
    from ledger.open_item import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherParty:
    """Who stands on the other side of a movement, as the bank shows it."""

    name: str
    iban: str
    bic: str = ""
    ultimate_name: str = ""


@dataclass(slots=True, kw_only=True)
class Diary:
    """The period being invented: its bank days, what is still to be paid, and what has been written down."""

    rng: Random
    books: Books
    accounts: tuple[str, ...]  # our own IBANs
    days: tuple[date, ...]  # every bank day of the period
    pending: dict[str, dict[str, OpenItem]] = field(default_factory=dict)  # by debtor, by item: will be paid
    advisers: tuple[OtherParty, ...] = ()  # tax advisers who pay for several customers
    relatives: dict[str, OtherParty] = field(default_factory=dict)  # by debtor: who pays for it, always the same
    movements: list[Movement] = field(default_factory=list)

    def day(self, wished: date) -> date:
        """Give the wished day or the first bank day after it, inside the period."""
        return self.days[min(bisect_left(self.days, wished), len(self.days) - 1)]

    def later(self, day: date, bank_days: int) -> date | None:
        """Go forward by bank days; None beyond the period."""
        place = bisect_left(self.days, day) + bank_days
        return self.days[place] if place < len(self.days) else None

    def take(self, items: Sequence[OpenItem]) -> None:
        """Mark items as dealt with."""
        for item in items:
            self.pending[item.debtor_number].pop(item.item_id, None)

    def write(
        self,
        payment_class: PaymentClass,
        day: date,
        amount_minor: int,
        gvc: str,
        *,
        account: int,
        party: OtherParty | None = None,
        remittance: str = "",
        allocations: Sequence[Allocation] = (),
        end_to_end_id: str = "",
        mandate_id: str = "",
        references: tuple[str, ...] = (),
        returned: tuple[str, int, int] | None = None,
        cut_after: int = 0,
    ) -> None:
        """Write down a movement; ``returned`` is reason, original amount and charge in Cent."""
        transaction = TRANSACTIONS[gvc]
        entry = StatementEntry(
            account=self.accounts[account],
            booking_date=day,
            value_date=day,
            amount=Money(amount_minor, "EUR"),
            kind=transaction.kind,
            payer_name=party.name if party else "",
            payer_iban=party.iban if party else "",
            payer_bic=party.bic if party else "",
            ultimate_name=party.ultimate_name if party else "",
            remittance=remittance,
            references=references,
            end_to_end_id=end_to_end_id,
            mandate_id=mandate_id,
            creditor_id=CREDITOR_ID if mandate_id and gvc != "105" else "",
            return_reason=returned[0] if returned else "",
            original_amount=Money(returned[1], "EUR") if returned else None,
            charges=Money(returned[2], "EUR") if returned else None,
            posting_text=transaction.posting_text,
            transaction_code=gvc,
        )
        self.movements.append(
            Movement(payment_class=payment_class, entry=entry, allocations=tuple(allocations), cut_after=cut_after)
        )


def party_of(rng: Random, customer: Customer) -> OtherParty:
    """Give the customer's own account, with its name as banks deliver it."""
    name = customer.debtor.name
    spelling = rng.random()
    if spelling < 0.15:
        name = name.upper()
    elif spelling < 0.22:
        name = name.removesuffix(" GmbH").removesuffix(" & Co. KG")
    return OtherParty(name=name, iban=customer.iban, bic=customer.bank.bic)


def allocation(item: OpenItem, amount_minor: int, kind: AllocationKind = AllocationKind.PAYMENT) -> Allocation:
    """Say that an amount in Cent settles an item."""
    return Allocation(
        kind=kind,
        amount=Money(amount_minor, item.currency),
        item_id=item.item_id,
        document_number=item.document_number,
        debtor_number=item.debtor_number,
    )


def on_account(debtor_number: str, amount_minor: int) -> Allocation:
    """Say that an amount in Cent is credit of a debtor without a document."""
    return Allocation(kind=AllocationKind.ON_ACCOUNT, amount=Money(amount_minor, "EUR"), debtor_number=debtor_number)
