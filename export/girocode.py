"""The GiroCode (EPC069-12): a transfer order as a QR code, read by every German banking app."""

from __future__ import annotations

import io
import string
import unicodedata
from typing import TYPE_CHECKING, Final

from segno import helpers
from stdnum.iso7064 import mod_97_10

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segno import QRCode

_LONGEST_NAME: Final = 70
_LONGEST_TEXT: Final = 140  # unstructured remittance information, as in a SEPA transfer
_MOST_BYTES: Final = 331  # what version 13 with error correction M can hold
_FIXED_LINES: Final = ("BCD", "002", "1", "SCT", "EUR999999999.99")
_LONGEST_REFERENCE: Final = 21  # letters and digits behind RF and the check digits
_OF_REFERENCE: Final = frozenset(string.ascii_uppercase + string.digits)
_MOST: Final = Money(99_999_999_999, "EUR")


def girocode(*, name: str, iban: str, bic: str, amount: Money, text: str) -> QRCode | None:
    """Encode a transfer to ``name``; None where a GiroCode cannot say it.

    It speaks only EUR, from 0,01 to 999.999.999,99, and needs name, IBAN and text. The name is cut at 70 and the text
    at 140 characters, and the text further where umlauts (two bytes each) would not fit into 331 bytes. Error
    correction is M, as the guideline demands.
    """
    if amount.currency != "EUR" or not Money(0, "EUR") < amount <= _MOST:
        return None
    recipient, account = _recipient(name), _squeezed(iban)
    remittance = _cut(_one_line(text)[:_LONGEST_TEXT], room_for_text(name=name, iban=iban, bic=bic))
    if not (recipient and account and remittance):
        return None
    return helpers.make_epc_qr(
        name=recipient,
        iban=account,
        bic=_bank(bic) or None,
        amount=amount.decimal(),
        text=remittance,
        encoding="utf-8",
    )


def svg(code: QRCode) -> str:
    """Draw the code as SVG without its quiet zone: leave four modules of white around it."""
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=0, xmldecl=False, omitsize=True, nl=False)
    return drawn.getvalue().decode()


def payment_reference(
    document_numbers: Sequence[str], debtor_number: str, letter_number: str, *, short: str, most_bytes: int
) -> str:
    """Say what the payer is asked to write: one line of at most 140 characters and ``most_bytes`` in UTF-8.

    Document numbers come first: they are what accounting reads, and banks cut at the end. Where they do not all
    fit, none is named, because half a list would look like a payment for half of the items; ``short`` stands for all.
    """
    everything = " ".join(part for part in map(_one_line, (*document_numbers, debtor_number, letter_number)) if part)
    fits = len(everything) <= _LONGEST_TEXT and len(everything.encode()) <= most_bytes
    return everything if fits else _one_line(short)[:_LONGEST_TEXT]


def creditor_reference(letter_number: str) -> str:
    """Give the creditor reference (RF, ISO 11649) of a letter: check digits and its number, so one is as unique.

    Raises ValueError for a number that has more than 21 letters and digits, or none.
    """
    number = "".join(c for c in letter_number.upper() if c in _OF_REFERENCE)
    if not 0 < len(number) <= _LONGEST_REFERENCE:
        raise ValueError(f"{letter_number!r} is no letter number that a creditor reference could carry")
    return f"RF{mod_97_10.calc_check_digits(f'{number}RF')}{number}"


def room_for_text(*, name: str, iban: str, bic: str) -> int:
    """Give the bytes that are left for the text of a GiroCode to this recipient, whatever the amount."""
    fields = (*_FIXED_LINES, _bank(bic), _recipient(name), _squeezed(iban), "", "", "")
    return max(_MOST_BYTES - len("\n".join(fields).encode()), 0)


def _recipient(name: str) -> str:
    return _one_line(name)[:_LONGEST_NAME]


def _bank(bic: str) -> str:
    squeezed = _squeezed(bic)
    return squeezed if len(squeezed) in (8, 11) else ""


def _one_line(text: str) -> str:
    # A line break inside a field would shift every following field of the payload.
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in text).split())


def _squeezed(text: str) -> str:
    return "".join(text.split()).upper()


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[: max(most_bytes, 0)].decode(errors="ignore").rstrip()
