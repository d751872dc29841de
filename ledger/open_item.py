"""The open item (Offener Posten): a receivable or a credit note as its accounting tool last reported it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.money import Money
from ledger.rounding import half_up_ratio

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from ledger.tax_share import TaxShare


class ItemKind(StrEnum):
    """What the document is; amounts are positive for both."""

    INVOICE = "invoice"  # Rechnung
    CREDIT_NOTE = "credit_note"  # Gutschrift


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A receivable (Forderung) or a credit note, with the open amount we work with.

    ``open_amount`` is what the tool reported when the item comes from a connector, and what is open after our
    own unconfirmed allocations when it comes from storage (see ``ledger.open_amount``).
    """

    item_id: str  # natural key: source, kind and document number
    document_number: str  # Belegnummer, as printed on the invoice
    kind: ItemKind
    debtor_number: str  # Debitorennummer
    document_date: date  # Belegdatum
    due_date: date  # Fälligkeit
    amount: Money  # Rechnungsbetrag, positive
    open_amount: Money  # offener Betrag, positive
    skonto_percent: Decimal | None = None  # 2 means 2 % of the invoice amount
    skonto_until: date | None = None  # last day on which Skonto may be taken
    payment_reference: str = ""  # structured reference printed on the invoice (RF…, QRR)
    order_number: str = ""  # Bestellnummer, Auftragsnummer
    end_to_end_id: str = ""  # of our own direct debit for this item
    source: str = ""  # which connector reported it
    place: str = ""  # where in that source
    dunning_block: str = ""  # why its tool says that nobody is to be dunned for it (Mahnsperre); empty: it does not
    # Asked for very often: see skonto, and the open amount seen from our side, both in minor units.
    skonto_minor: int = field(init=False, repr=False, compare=False)
    balance_minor: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        minor = 0
        if self.skonto_percent:
            numerator, denominator = self.skonto_percent.as_integer_ratio()
            minor = half_up_ratio(numerator * self.amount.minor, denominator * 100)
        object.__setattr__(self, "skonto_minor", minor)
        balance = self.open_amount.minor if self.kind is ItemKind.INVOICE else -self.open_amount.minor
        object.__setattr__(self, "balance_minor", balance)

    tax_shares: tuple[TaxShare, ...] = ()  # the amount by VAT rate (Steuersätze); empty where the tool does not say

    @property
    def currency(self) -> str:
        """The currency of all amounts of this item."""
        return self.open_amount.currency

    @property
    def is_invoice(self) -> bool:
        """Whether the debtor owes it to us, rather than we to them."""
        return self.kind is ItemKind.INVOICE

    @property
    def balance(self) -> Money:
        """The open amount seen from our side: positive for invoices, negative for credit notes."""
        return self.open_amount if self.is_invoice else -self.open_amount

    def skonto(self) -> Money:
        """Give the discount (Skonto) on the invoice amount, rounded half up; nothing where none is offered."""
        return Money(self.skonto_minor, self.currency)

    def days_overdue(self, today: date) -> int:
        """Calendar days after the due date as printed; zero or negative while not yet overdue."""
        return (today - self.due_date).days
