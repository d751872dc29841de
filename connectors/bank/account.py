"""Whether an account as a bank wrote it (IBAN, BLZ/Konto, BIC/Konto, with currency) is one of our IBANs."""

from __future__ import annotations

import re
from typing import Final

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from ledger.money import MINOR_DIGITS

_BANK_CODE_AND_NUMBER: Final = re.compile(r"(\d{3,9})/(\d+)")
_BIC_AND_NUMBER: Final = re.compile(r"([A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)/(\d+)")


def same_account(written: str, iban: str) -> bool:
    """Whether ``written`` names the account ``iban``; leading zeros, blanks and a currency at the end do not count.

    A bank code with number is compared with the parts of the IBAN. Banks that build IBANs by rules of their own
    (sub-accounts, replaced bank codes) deliver the IBAN itself; no such rule is guessed here.
    """
    ours = iban.replace(" ", "").upper()
    theirs = without_currency(written)
    if theirs == ours:
        return True
    if found := _BANK_CODE_AND_NUMBER.fullmatch(theirs):
        return _same_parts(found[1], found[2], ours)
    if found := _BIC_AND_NUMBER.fullmatch(theirs):
        return _same_bic(found[1], ours) and _account_number(ours) == found[2].lstrip("0")
    return False


def without_currency(written: str) -> str:
    """Give an account as written, upper case, without blanks and without a currency behind its digits."""
    squeezed = "".join(written.split()).upper()
    if len(squeezed) > 3 and squeezed[-3:] in MINOR_DIGITS and squeezed[-4].isdigit():
        return squeezed[:-3]
    return squeezed


def _same_parts(bank_code: str, number: str, iban: str) -> bool:
    basic = iban[4:]
    return basic.startswith(bank_code) and basic.removeprefix(bank_code).lstrip("0") == number.lstrip("0")


def _same_bic(bic: str, iban: str) -> bool:
    try:
        known = IBAN(iban).bic
    except SchwiftyException:
        return False
    # A bank has many BICs, one per branch and service; bank and country are what they share.
    return bic[4:6] == iban[:2] and (known is None or str(known)[:6] == bic[:6])


def _account_number(iban: str) -> str:
    return IBAN(iban, allow_invalid=True).account_code.lstrip("0")
