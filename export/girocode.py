"""The GiroCode (EPC069-12): a transfer order as a QR code, read by every German banking app."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Final

from segno import helpers

from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segno import QRCode

_LONGEST_NAME: Final = 70
_LONGEST_TEXT: Final = 140  # unstructured remittance information, as in a SEPA transfer
_MOST_BYTES: Final = 331  # what version 13 with error correction M can hold
_FIXED_LINES: Final = ("BCD", "002", "1", "SCT", "EUR999999999.99")
_MOST: Final = Money(99_999_999_999, "EUR")


def girocode(*, name: str, iban: str, bic: str, amount: Money, text: str) -> QRCode | None:
    """Encode a transfer to ``name``; None where a GiroCode cannot say it.

    It speaks only EUR, from 0,01 to 999.999.999,99, and needs name, IBAN and text. The name is cut at 70 and the text
    at 140 characters, and the text further where umlauts (two bytes each) would not fit into 331 bytes. Error
    correction is M, as the guideline demands.
    """
    if amount.currency != "EUR" or not Money(0, "EUR") < amount <= _MOST:
        return None
    recipient = _one_line(name)[:_LONGEST_NAME]
    account = _squeezed(iban)
    bank = _squeezed(bic) if len(_squeezed(bic)) in (8, 11) else None
    used = len("\n".join((*_FIXED_LINES, bank or "", recipient, account, "", "", "")).encode())
    remittance = _cut(_one_line(text)[:_LONGEST_TEXT], _MOST_BYTES - used)
    if not (recipient and account and remittance):
        return None
    return helpers.make_epc_qr(
        name=recipient, iban=account, bic=bank, amount=amount.decimal(), text=remittance, encoding="utf-8"
    )


def svg(code: QRCode) -> str:
    """Draw the code as SVG without its quiet zone: leave four modules of white around it."""
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=0, xmldecl=False, omitsize=True, nl=False)
    return drawn.getvalue().decode()


def payment_reference(document_numbers: Sequence[str], debtor_number: str, letter_number: str) -> str:
    """Say what the payer is asked to write, within the 140 characters of a SEPA transfer.

    Document numbers come first: they are what accounting reads, and banks cut at the end. Where they do not all
    fit, none is named, because half a list would look like a payment for half of the items.
    """
    sender = " ".join(part for part in (_one_line(debtor_number), _one_line(letter_number)) if part)
    everything = " ".join((*map(_one_line, document_numbers), sender))
    return (everything if len(everything) <= _LONGEST_TEXT else sender)[:_LONGEST_TEXT]


def _one_line(text: str) -> str:
    # A line break inside a field would shift every following field of the payload.
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in text).split())


def _squeezed(text: str) -> str:
    return "".join(text.split()).upper()


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[: max(most_bytes, 0)].decode(errors="ignore").rstrip()
