"""Why a collection came back (Rückgabegrund), as far as dunning and the next collection must know it."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.return_reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping


class ReturnCause(StrEnum):
    """What stands behind a reason code; German banks give MS03 for a lack of money and for a death."""

    ACCOUNT = "account"  # closed, wrong, or not for direct debits: not to be collected from again
    MANDATE = "mandate"  # missing or wrong: stop collecting until there is a valid one
    FUNDS = "funds"  # not enough money, or the bank does not say why
    DISPUTED = "disputed"  # the debtor asked for the money back: ask before dunning
    BLOCKED = "blocked"  # a list or limit at the debtor's bank
    DECEASED = "deceased"  # no dunning until the heirs are known
    OUR_MISTAKE = "our_mistake"  # wrong data or a collection sent twice: nobody is dunned for it
    UNKNOWN = "unknown"  # a code we do not know: a person reads what the bank wrote


# ISO 20022 External Code Sets, ExternalReturnReason1Code; their words are in ledger.return_reasons.
_CODES: Final = {
    ReturnCause.ACCOUNT: "AC01 AC04 AC06 AG01 DNOR",
    ReturnCause.MANDATE: "AC13 MD01 MD02",
    ReturnCause.FUNDS: "AM04 MS03",
    ReturnCause.DISPUTED: "MD06 MS02 SL12",
    ReturnCause.BLOCKED: "SL01 SL11 SL13 SL14",
    ReturnCause.DECEASED: "MD07",
    ReturnCause.OUR_MISTAKE: "AG02 AM05 BE04 BE05 CNOR FF01 FF05 RC01",
}
_CAUSES: Final[Mapping[str, ReturnCause]] = MappingProxyType(
    {code: cause for cause, codes in _CODES.items() for code in codes.split()}
)
_CODE: Final = re.compile(r"\b[A-Z]{2}(?:\d\d|OR)\b")


def cause_of(return_reason: str) -> ReturnCause:
    """Give the cause behind what the bank wrote as the reason of a return."""
    return next((_CAUSES[code] for code in _CODE.findall(return_reason) if code in _CAUSES), ReturnCause.UNKNOWN)


def told_reason(return_reason: str) -> str:
    """Say the reason as the bank wrote it, with its meaning where we know it: "AC04, the account is closed"."""
    meaning = next((REASONS[code].what for code in _CODE.findall(return_reason) if code in _CAUSES), "")
    return f"{return_reason}, {meaning}" if meaning else return_reason
