"""A movement (Umsatz) on an own account, and what it truly was: the answer a careful accountant would give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.allocation import Allocation
    from ledger.statement import StatementEntry


class PaymentClass(StrEnum):
    """How somebody paid, or why money moved that settles nothing."""

    EXACT = "exact"  # full number, full amount
    WITHOUT_SEPARATORS = "without_separators"  # RE202600471, RE 2026 00471
    LOWER_CASE = "lower_case"
    ZEROS_LOST = "zeros_lost"  # RE-2026-471
    BROKEN = "broken"  # the bank cut through the number
    STRUCTURED_REFERENCE = "structured_reference"  # RF…
    SEVERAL_INVOICES = "several_invoices"
    SHORT_FORMS = "short_forms"  # several invoices: RE-2026-00712, 713
    SKONTO_IN_TIME = "skonto_in_time"
    SKONTO_LATE = "skonto_late"
    PARTIAL = "partial"
    OVERPAYMENT = "overpayment"
    WRONG_NUMBER = "wrong_number"  # one digit off
    KNOWN_ACCOUNT = "known_account"  # no reference, but the IBAN is in the books
    NAME_ONLY = "name_only"  # no reference, and an IBAN nobody knows
    THIRD_PARTY = "third_party"  # tax adviser, parent company, spouse
    CREDIT_NOTE_NETTED = "credit_note_netted"
    DIRECT_DEBIT = "direct_debit"  # we collected
    RETURNED_DEBIT = "returned_debit"
    DUPLICATE = "duplicate"  # paid a second time
    TAX_REFUND = "tax_refund"
    SUPPLIER_REFUND = "supplier_refund"
    INTEREST = "interest"
    OUTGOING = "outgoing"
    BANK_CHARGE = "bank_charge"
    OWN_TRANSFER = "own_transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One payment: what the bank shows, and what it settles.

    ``cut_after`` says after how many characters the bank of the payer cut the remittance, 0 for not at all.
    """

    payment_class: PaymentClass
    entry: StatementEntry
    allocations: tuple[Allocation, ...] = ()
    cut_after: int = 0
