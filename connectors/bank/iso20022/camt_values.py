"""Amounts, dates, flags and places as camt files write them, read strictly and with the place in every refusal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from connectors.bank.format import unreadable
from ledger.money import InexactAmount, Money, UnknownCurrency, from_decimal, minor_digits

# ISO 20022 allows 18 digits, 5 of them behind the point.
_DECIMAL: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?|\.[0-9]{1,5}")
_PLAIN_LENGTH: Final = 15  # characters of an amount that nobody needs to check for being too large
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?=$|T|Z|[+-][0-9]{2}:)")

# libxml2 counts lines up to here and then says nothing reliable any more.
_LAST_LINE: Final = 65_534


def place_of(file: str, line: int, path: str) -> str:
    """Give where something stands: ``june.xml:120 Stmt[1]/Ntry[5]``, in very long files without the line."""
    return f"{file}:{line} {path}" if line <= _LAST_LINE else f"{file}:{path}"


def told(place: str) -> str:
    """Shorten a place to file and line for a message, where that says enough: some files are one single line."""
    short = place.rpartition(" ")[0]
    line = short.rpartition(":")[2]
    return short if line.isdecimal() and line != "1" else place


def read_amount(text: str, currency: str, place: str) -> Money:
    """Read an unsigned amount (``xs:decimal``); raise Unreadable for everything that is not exact beyond doubt."""
    try:
        return exact_amount(text, currency)
    except (InexactAmount, UnknownCurrency) as error:
        amount = f"{text!r} {currency}" if _DECIMAL.fullmatch(text) else repr(text)
        raise unreadable(
            told(place),
            f"the amount {amount} cannot be read",
            found=str(error),
            what_to_do="Ask the bank for a correct file.",
        ) from error


@lru_cache(maxsize=4096)
def exact_amount(text: str, currency: str) -> Money:
    """Read an unsigned amount; raise InexactAmount or UnknownCurrency."""
    if not _DECIMAL.fullmatch(text):
        raise InexactAmount("ISO 20022 writes 1234.56, without sign and thousands marks")
    whole, _, rest = text.partition(".")
    if len(rest) == minor_digits(currency) and len(text) <= _PLAIN_LENGTH:
        return Money(int(whole + rest), currency)
    return from_decimal(Decimal(text), currency)


def is_credit(indicator: str, place: str) -> bool:
    """Read CRDT or DBIT; the real direction of the money, which RvslInd does not turn round."""
    if indicator == "CRDT":
        return True
    if indicator == "DBIT":
        return False
    raise unreadable(
        told(place),
        f"the direction {indicator!r} is neither CRDT nor DBIT",
        what_to_do="Ask the bank for a correct file.",
    )


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """Read the local day of a date or date with time, as written and whatever the zone; None where it is none."""
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
