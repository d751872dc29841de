"""Why a collection came back (Rückgabegrund), as far as dunning and the next collection must know it."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

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


# ISO 20022 External Code Sets, ExternalReturnReason1Code.
_CAUSES: Final[Mapping[str, tuple[ReturnCause, str]]] = MappingProxyType(
    {
        "AC01": (ReturnCause.ACCOUNT, "the IBAN is wrong"),
        "AC04": (ReturnCause.ACCOUNT, "the account is closed"),
        "AC06": (ReturnCause.ACCOUNT, "the account is blocked"),
        "AC13": (ReturnCause.MANDATE, "the debtor is a consumer, who cannot be debited as a business (B2B)"),
        "AG01": (ReturnCause.ACCOUNT, "the account does not allow direct debits"),
        "AG02": (ReturnCause.OUR_MISTAKE, "the transaction code or the sequence type is wrong"),
        "AM04": (ReturnCause.FUNDS, "there is not enough money on the account"),
        "AM05": (ReturnCause.OUR_MISTAKE, "it was collected twice"),
        "BE04": (ReturnCause.OUR_MISTAKE, "the address of the creditor is missing or wrong"),
        "BE05": (ReturnCause.OUR_MISTAKE, "the creditor identifier is wrong"),
        "CNOR": (ReturnCause.OUR_MISTAKE, "our bank cannot be reached"),
        "DNOR": (ReturnCause.ACCOUNT, "the debtor's bank cannot be reached"),
        "FF01": (ReturnCause.OUR_MISTAKE, "the file is wrong"),
        "FF05": (ReturnCause.OUR_MISTAKE, "the kind of direct debit is wrong"),
        "MD01": (ReturnCause.MANDATE, "there is no valid mandate"),
        "MD02": (ReturnCause.MANDATE, "the mandate data are missing or wrong"),
        "MD06": (ReturnCause.DISPUTED, "the debtor asked for the money back"),
        "MD07": (ReturnCause.DECEASED, "the debtor has died"),
        "MS02": (ReturnCause.DISPUTED, "the debtor refused it without a reason"),
        "MS03": (ReturnCause.FUNDS, "the bank gives no reason, which mostly means a lack of money"),
        "RC01": (ReturnCause.OUR_MISTAKE, "the BIC is wrong"),
        "SL01": (ReturnCause.BLOCKED, "a service of the debtor's bank has blocked it"),
        "SL11": (ReturnCause.BLOCKED, "we are not on the debtor's list of allowed creditors"),
        "SL12": (ReturnCause.DISPUTED, "we are on the debtor's list of blocked creditors"),
        "SL13": (ReturnCause.BLOCKED, "it is more than the debtor's limit"),
        "SL14": (ReturnCause.BLOCKED, "it is one more than the debtor's limit allows"),
    }
)
_CODE: Final = re.compile(r"\b[A-Z]{2}(?:\d\d|OR)\b")


def cause_of(return_reason: str) -> ReturnCause:
    """Give the cause behind what the bank wrote as the reason of a return."""
    return next((_CAUSES[code][0] for code in _CODE.findall(return_reason) if code in _CAUSES), ReturnCause.UNKNOWN)


def told_reason(return_reason: str) -> str:
    """Say the reason as the bank wrote it, with its meaning where we know it: "AC04, the account is closed"."""
    meaning = next((_CAUSES[code][1] for code in _CODE.findall(return_reason) if code in _CAUSES), "")
    return f"{return_reason}, {meaning}" if meaning else return_reason
