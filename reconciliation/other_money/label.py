"""The label (Kennzeichnung): what money that is not about receivables seems to be, how sure that is, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class MoneyKind(StrEnum):
    """What moves on an account beside payments of debtors."""

    OWN_TRANSFER = "own_transfer"  # Umbuchung
    BANK_CHARGE = "bank_charge"  # Entgelt der Bank
    INTEREST = "interest"  # Zinsen der Bank
    LOAN = "loan"  # Darlehen
    CASH = "cash"  # Bargeld
    CARD_SETTLEMENT = "card_settlement"  # Kartenumsätze
    PAYMENT_SERVICE = "payment_service"  # Auszahlung eines Zahlungsdienstes
    TAX = "tax"  # Steuern
    CUSTOMS = "customs"  # Zoll, Einfuhrumsatzsteuer
    SOCIAL_INSURANCE = "social_insurance"  # Sozialversicherung
    SUBSIDY = "subsidy"  # Zuschuss, Förderung
    AUTHORITY = "authority"  # öffentliche Kasse
    INSURANCE = "insurance"  # Versicherung
    SALARY = "salary"  # Lohn, Gehalt
    RENT = "rent"  # Miete, Pacht
    DONATION = "donation"  # Spende
    REFUND_TO_CUSTOMER = "refund_to_customer"  # Erstattung an Debitoren
    SUPPLIER_REFUND = "supplier_refund"  # Erstattung von Lieferanten
    RETURNED_PAYMENT = "returned_payment"  # our own payment came back
    DIRECT_DEBIT_BY_OTHERS = "direct_debit_by_others"  # Lastschrift zu unseren Lasten
    SUPPLIER_PAYMENT = "supplier_payment"  # our own payment, to whomever


class Sureness(StrEnum):
    """How sure a label is; only what is certain may be set aside without a person."""

    CERTAIN = "certain"
    PROBABLE = "probable"


class By(StrEnum):
    """Where a sign was read, in words for the accountant."""

    BANK_CODE = "the bank's code"
    PURPOSE_CODE = "the purpose code"
    NAME = "the name"
    TEXT = "the text"
    ACCOUNT = "the account"
    CREDITOR_ID = "the creditor identifier (Gläubiger-ID)"
    OTHER_SIDE = "the other account's statement"
    DIRECTION = "the direction of the payment"


class Sign(NamedTuple):
    """One sign of a kind of money; ``span`` is its place in the name or in the remittance information."""

    by: By
    text: str
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f'{self.by.value} "{self.text}"' if self.text else self.by.value


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMoney:
    """What an entry seems to be, if it is no payment of a debtor."""

    kind: MoneyKind
    says: str  # a half-sentence for the accountant: "refund of VAT by the Finanzamt Augsburg"
    sureness: Sureness
    signs: tuple[Sign, ...]

    @property
    def is_certain(self) -> bool:
        """Whether it may be set aside without a person, if nothing speaks for a debtor."""
        return self.sureness is Sureness.CERTAIN

    def told(self) -> str:
        """Say what it is, how sure, and by what."""
        sure = "is" if self.is_certain else "is probably"
        return f"{sure} {self.says}, by {' and '.join(map(str, self.signs))}"
