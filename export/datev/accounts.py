"""The accounts a batch is booked on (Kontenrahmen SKR03 and SKR04), and the person accounts of debtors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONE_RUN_OF_DIGITS: Final = re.compile(r"\D*0*(\d{1,9})\D*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartOfAccounts:
    """The G/L accounts (Sachkonten) of one company, in the full length its adviser uses.

    Start from ``skr03()`` or ``skr04()`` and replace what the adviser wants otherwise. A bank account is looked up
    in ``bank_accounts`` first; then the own IBANs are numbered in their order, from ``bank`` on in steps of
    ``bank_step``. Where the adviser fetches the statements himself, point the IBAN to ``money_transit``: then
    nothing is booked twice.
    """

    framework: str  # Sachkontenrahmen: "03" or "04"
    length: int = 4  # Sachkontenlänge, 4 to 8
    bank: int
    bank_step: int = 10
    own_ibans: tuple[str, ...] = ()  # without blanks; the first is ``bank``
    bank_accounts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # IBAN -> account
    money_transit: int  # Geldtransit
    unclear_receipts: int  # durchlaufende Posten: money of a payer nobody knows
    dunning_fees: int  # Mahngebühren: damages, no VAT (UStAE 1.3)
    interest: int  # Zinserträge: damages, no VAT (UStAE 1.3)
    bank_charges: int  # Nebenkosten des Geldverkehrs
    small_differences: int  # Kleindifferenzen, both ways
    skonto: int | None = None  # abweichendes Skontokonto for all Skonto; goes before ``skonto_accounts``
    skonto_accounts: Mapping[Decimal, int] = field(
        default_factory=lambda: MappingProxyType({})
    )  # VAT rate -> account

    def bank_account(self, iban: str) -> int | None:
        """Give the G/L account of one of our own bank accounts, None for an IBAN that nobody listed."""
        if iban in self.bank_accounts:
            return self.bank_accounts[iban]
        if iban in self.own_ibans:
            return self.bank + self.bank_step * self.own_ibans.index(iban)
        return None

    @property
    def money_accounts(self) -> frozenset[int]:
        """Every account on which payments may arrive."""
        numbered = (self.bank + self.bank_step * n for n in range(max(1, len(self.own_ibans))))
        return frozenset((*numbered, *self.bank_accounts.values(), self.money_transit))


# The granted Skonto (gewährte Skonti) by VAT rate. These accounts compute the tax by themselves (Automatikkonten);
# DATEV books on them, too, what stands in column 13. For Skonto without tax there are several accounts, by the reason
# why there is no tax, which we do not know.
SKONTO_SKR03: Final = MappingProxyType({Decimal(7): 8731, Decimal(19): 8736})
SKONTO_SKR04: Final = MappingProxyType({Decimal(7): 4731, Decimal(19): 4736})


def skr03(length: int = 4, own_ibans: tuple[str, ...] = ()) -> ChartOfAccounts:
    """Give the usual accounts of SKR03; longer G/L accounts get zeros on their right, as DATEV does it."""
    scale = _scale(length)
    return ChartOfAccounts(
        framework="03",
        length=length,
        own_ibans=own_ibans,
        bank=1200 * scale,
        bank_step=10 * scale,
        money_transit=1360 * scale,
        unclear_receipts=1590 * scale,
        dunning_fees=2700 * scale,
        interest=2650 * scale,
        bank_charges=4970 * scale,
        small_differences=2400 * scale,
        skonto_accounts=_scaled(SKONTO_SKR03, scale),
    )


def skr04(length: int = 4, own_ibans: tuple[str, ...] = ()) -> ChartOfAccounts:
    """Give the usual accounts of SKR04; longer G/L accounts get zeros on their right, as DATEV does it."""
    scale = _scale(length)
    return ChartOfAccounts(
        framework="04",
        length=length,
        own_ibans=own_ibans,
        bank=1800 * scale,
        bank_step=10 * scale,
        money_transit=1460 * scale,
        unclear_receipts=1370 * scale,
        dunning_fees=4830 * scale,
        interest=7100 * scale,
        bank_charges=6855 * scale,
        small_differences=6930 * scale,
        skonto_accounts=_scaled(SKONTO_SKR04, scale),
    )


def is_person_account(account: int, length: int) -> bool:
    """Whether an account is a debtor's or creditor's: one digit more than the G/L accounts."""
    return len(str(account)) == length + 1


def is_debtor_account(account: int, length: int) -> bool:
    """Whether an account is a debtor's (Debitor): 10000 to 69999 where G/L accounts have four digits."""
    return is_person_account(account, length) and str(account)[0] in "123456"


def debtor_account(debtor_number: str, length: int) -> int | None:
    """Read a debtor number as a debtor account; None where that would be guessing.

    The number may carry letters and signs around one run of digits (``D-10001``); leading zeros do not count.
    """
    found = _ONE_RUN_OF_DIGITS.fullmatch(debtor_number)
    if found is None:
        return None
    account = int(found[1])
    return account if is_debtor_account(account, length) else None


def _scaled(accounts: Mapping[Decimal, int], scale: int) -> Mapping[Decimal, int]:
    return MappingProxyType({rate: account * scale for rate, account in accounts.items()})


def _scale(length: int) -> int:
    assert 4 <= length <= 8, length
    scale: int = 10 ** (length - 4)
    return scale
