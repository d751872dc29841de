"""Amounts, dates and flags as XML Schema writes them, read strictly and with the place in every refusal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from connectors.bank.format import unreadable
from ledger.money import InexactAmount, Money, UnknownCurrency, from_decimal

# ISO 20022 allows 18 digits, 5 of them behind the point.
_DECIMAL: Final = re.compile(r"\d{1,18}(?:\.\d{0,5})?|\.\d{1,5}")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?=$|T|Z|[+-]\d\d:)")


def read_amount(text: str, currency: str, place: str) -> Money:
    """Read an unsigned amount (``xs:decimal``); raise Unreadable for everything that is not exact beyond doubt."""
    if not _DECIMAL.fullmatch(text):
        raise unreadable(
            place,
            f"the amount {text!r} cannot be read",
            found="ISO 20022 writes 1234.56, without sign and thousands marks",
            what_to_do="Ask the bank for a correct file.",
        )
    try:
        return from_decimal(Decimal(text), currency)
    except (InexactAmount, UnknownCurrency) as error:
        raise unreadable(
            place,
            f"the amount {text!r} {currency} cannot be read",
            found=str(error),
            what_to_do="Ask the bank for a correct file.",
        ) from error


def is_credit(indicator: str, place: str) -> bool:
    """Read CRDT or DBIT; the real direction of the money, which RvslInd does not turn round."""
    match indicator:
        case "CRDT":
            return True
        case "DBIT":
            return False
        case _:
            raise unreadable(
                place,
                f"the direction {indicator!r} is neither CRDT nor DBIT",
                what_to_do="Ask the bank for a correct file.",
            )


def read_day(text: str) -> date | None:
    """Read the local day of a date or date with time, as written and whatever the zone; None where it is none."""
    return _day(text[:11] if text[10:11] == "T" else text)


@lru_cache(maxsize=1024)
def _day(text: str) -> date | None:
    found = _DATE.match(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def is_true(text: str) -> bool:
    """Read ``xs:boolean``; a missing flag is false."""
    return text in {"true", "1"}
