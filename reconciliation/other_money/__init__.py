"""Money that is not ours to match (kein Debitorengeld): each file knows one kind; here they are asked in turn."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind
from ledger.text import words
from reconciliation.other_money import (
    authority,
    bank_charge,
    card_settlement,
    cash,
    customs,
    donation,
    insurance,
    interest,
    loan,
    own_transfer,
    payment_service,
    refund,
    rent,
    salary,
    social_insurance,
    subsidy,
    supplier_payment,
    tax,
)
from reconciliation.other_money.label import MoneyKind, OtherMoney, Sureness
from reconciliation.other_money.phrases import finder
from reconciliation.other_money.seen import Seen
from reconciliation.payment_services import service_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.statement import StatementEntry
    from reconciliation.own_transfers import OwnTransfer

    Recogniser = Callable[[Seen], OtherMoney | None]

__all__ = ["KINDS", "MoneyKind", "OtherMoney", "Sureness", "label_of"]

# Surest first: what the bank says of itself, then who it is, then what the text says, then the direction alone.
KINDS: Final[tuple[Recogniser, ...]] = (
    own_transfer.label,
    bank_charge.label,
    interest.label,
    cash.label,
    tax.label,
    customs.label,
    loan.label,  # a public bank lends more than it gives
    subsidy.label,
    social_insurance.label,
    authority.label,
    insurance.label,
    card_settlement.label,
    payment_service.label,
    salary.label,
    rent.label,
    donation.label,
    refund.label,
    supplier_payment.label,
)

_NAMES: Final = finder(
    {
        MoneyKind.CARD_SETTLEMENT: card_settlement.NAMES,
        MoneyKind.TAX: tax.NAMES,
        tax.CASH_OFFICE: tax.CASH_OFFICES,
        MoneyKind.CUSTOMS: customs.NAMES,
        MoneyKind.SOCIAL_INSURANCE: social_insurance.NAMES,
        MoneyKind.SUBSIDY: subsidy.NAMES,
        MoneyKind.AUTHORITY: authority.NAMES,
        MoneyKind.INSURANCE: insurance.NAMES,
        MoneyKind.SUPPLIER_PAYMENT: supplier_payment.NAMES,
    }
)
_TEXTS: Final = finder(
    {
        MoneyKind.LOAN: loan.TEXTS,
        MoneyKind.CARD_SETTLEMENT: card_settlement.TEXTS,
        MoneyKind.TAX: tax.TEXTS,
        MoneyKind.SOCIAL_INSURANCE: social_insurance.TEXTS,
        MoneyKind.SUBSIDY: subsidy.TEXTS,
        MoneyKind.INSURANCE: insurance.TEXTS,
        MoneyKind.SALARY: salary.TEXTS,
        MoneyKind.RENT: rent.TEXTS,
        MoneyKind.DONATION: donation.TEXTS,
        refund.REFUND: refund.TEXTS,
    }
)

# A trader, whatever else the name says: Finanzamt Catering GmbH sells meals, and a Barmer Bau KG builds.
_PRIVATE: Final = frozenset("gmbh kg ohg ug gbr ek ag se mbh inh inhaber catering makler berater kanzlei".split())

# Money that a debtor paid, or that a debtor's payment takes back: never anything else, whatever the text says.
_OF_DEBTORS: Final = frozenset({EntryKind.DIRECT_DEBIT, EntryKind.RETURNED_DEBIT, EntryKind.REVERSAL})
# What the bank says of its own doing; the name beside it may be anybody's.
_BY_CODE_ALONE: Final = MappingProxyType(
    {
        EntryKind.CHARGE: bank_charge.label,
        EntryKind.INTEREST: interest.label,
        EntryKind.REFUND: refund.label,
        EntryKind.RETURNED_TRANSFER: refund.label,
    }
)


_PLAIN: Final = frozenset({EntryKind.TRANSFER, EntryKind.INSTANT, EntryKind.OTHER})
_TELLING_CODES: Final = (*loan.CODES, *donation.CODES)


def label_of(entry: StatementEntry, transfer: OwnTransfer | None = None) -> OtherMoney | None:
    """Say what an entry is if it is no payment of a debtor; None where nothing says so.

    A label is no decision: an incoming amount from an authority, insurer or card company may still pay an invoice,
    so by name or text alone it is at most probable. ``transfer`` is what pairing our own accounts found
    (``reconciliation.own_transfers``). What leaves our account is certainly no payment to us; whether it pays out a
    credit note of a debtor must have been asked before.
    """
    if not entry.amount or entry.kind in _OF_DEBTORS:
        return None
    if transfer is None and (alone := _BY_CODE_ALONE.get(entry.kind)):
        return alone(Seen(entry, {}, {}))
    names, texts = _NAMES.find(entry.payer_name), _TEXTS.find(entry.remittance)
    if not (names or texts or transfer or service_named(entry.payer_name)) and _says_nothing(entry):
        return None
    seen = Seen(entry, names, texts, transfer, bool(names) and _is_private(entry.payer_name))
    return next((label for kind in KINDS if (label := kind(seen))), None)


def _says_nothing(entry: StatementEntry) -> bool:
    """Whether it is one of the many payments that come in with nothing but words; they need not be asked 18 times."""
    plain = entry.amount.minor > 0 and entry.kind in _PLAIN and not entry.purpose_code
    return plain and not entry.transaction_code.startswith(_TELLING_CODES)


def _is_private(name: str) -> bool:
    return not _PRIVATE.isdisjoint(words(name))
