"""Where text becomes numbers and dates (Zahlen und Daten lesen): strictly, or not at all."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.money import Money, from_decimal

_GERMAN_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_GERMAN_PLAIN: Final = re.compile(r"[+-]?\d+,\d+")
_ENGLISH_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+")
_BLANK_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_SWISS_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:['\u2019]\d{3})+\.\d+")
_ISO_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_SIGN_APART: Final = re.compile(r"^([+-]) ")
_LOOKALIKES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-"})  # narrow blanks, the minus sign
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_GERMAN_DATE: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")


class UnreadableNumber(ValueError):
    """A text that should have been an amount or a percentage, and is not one beyond doubt."""


class UnreadableDate(ValueError):
    """A text that should have been a date, and is not one beyond doubt."""


def read_decimal(text: str) -> Decimal:
    """Read a German (1.234,56), Swiss (1'234.56) or ISO (1234.56) number; raise UnreadableNumber where in doubt.

    ``1.234`` may be one thousand or one and a bit, so it is refused. A grouped number with a single decimal
    (``1.234,5``) has lost a digit on its way and is refused as well; ``1234,5`` is what a spreadsheet writes.
    A blank may stand between thousands, nowhere else: ``119,00 19`` are two columns grown together.
    """
    squeezed = _SIGN_APART.sub(r"\1", text.translate(_LOOKALIKES).strip())
    if _BLANK_GROUPED.fullmatch(squeezed):
        number = squeezed.replace(" ", "").replace(",", ".")
        return _with_cents(text, number) if "." in number else Decimal(number)
    if _GERMAN_GROUPED.fullmatch(squeezed):
        return _with_cents(text, squeezed.replace(".", "").replace(",", "."))
    if _ENGLISH_GROUPED.fullmatch(squeezed):
        return _with_cents(text, squeezed.replace(",", ""))
    if _SWISS_GROUPED.fullmatch(squeezed):
        return _with_cents(text, squeezed.replace("'", "").replace("\u2019", ""))
    if _GERMAN_PLAIN.fullmatch(squeezed):
        return _unambiguous(text, squeezed.replace(",", "."))
    if _ISO_PLAIN.fullmatch(squeezed):
        return _unambiguous(text, squeezed)
    raise UnreadableNumber(f"{text!r} is not a number; write 1234,56 or 1234.56")


def read_money(text: str, currency: str) -> Money:
    """Read an amount of a currency; raise UnreadableNumber, InexactAmount or UnknownCurrency."""
    return from_decimal(read_decimal(text), currency)


def read_date(text: str) -> date:
    """Read 2026-05-31, 31.05.2026 or 31.05.26 (this century); raise UnreadableDate for everything else."""
    squeezed = text.strip()
    try:
        if found := _ISO_DATE.fullmatch(squeezed):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _GERMAN_DATE.fullmatch(squeezed):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            return date(year, int(found[2]), int(found[1]))
    except ValueError:
        raise UnreadableDate(f"{text!r} is not a day of the calendar; check day and month") from None
    raise UnreadableDate(f"{text!r} is not a date; write 2026-05-31 or 31.05.2026")


def _with_cents(text: str, number: str) -> Decimal:
    if len(number.rpartition(".")[2]) < 2:
        raise UnreadableNumber(
            f"{text!r} has thousands marks but one decimal digit; a digit seems lost, write it in full"
        )
    return Decimal(number)


def _unambiguous(text: str, number: str) -> Decimal:
    whole, _, fraction = number.partition(".")
    if len(fraction) == 3 and len(whole.lstrip("+-")) <= 3 and whole.lstrip("+-") != "0":
        raise UnreadableNumber(f"{text!r} may mean thousands or decimals; write it with two decimal digits")
    return Decimal(number)
