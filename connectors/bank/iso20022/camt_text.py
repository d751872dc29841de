"""What a payer wrote (Verwendungszweck), out of the many places where camt may carry it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from stdnum.ch import esr

from connectors.bank.creditor_reference import creditor_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.bank.iso20022.camt_facts import PaymentFacts

# How an RF reference begins (ISO 11649); most texts have none and are not looked at any closer.
_CREDITOR_REFERENCE: Final = re.compile(r"RF\d\d", re.IGNORECASE)
# The reference of a Swiss QR invoice or of its orange ancestor: 27 digits, often printed in groups of five.
_QR_REFERENCE: Final = re.compile(r"(?<!\d)\d{2}(?: ?\d{5}){5}(?!\d)")
# The last two are codes of Swiss banks for "neither rejected nor wrong" (SPS, AddtlRmtInf).
_NOTHING: Final = frozenset({"", "NOTPROVIDED", "?REJECT?0", "?ERROR?000"})


class PaymentText(NamedTuple):
    """The purpose for reading, the same with all lines joined without a blank, and the structured references."""

    remittance: str
    glued: str
    references: tuple[str, ...]


def payment_text(facts: PaymentFacts, of_booking: Sequence[str], *, swiss: bool) -> PaymentText:
    """Read the purpose of a payment; where it has none, what the bank adds to the payment or to its booking.

    Into a ``swiss`` account people pay with QR references, which small banks deliver within the text.
    """
    lines: Sequence[str] = facts.unstructured
    if len(lines) != 1 or facts.additional_remittance or lines[0] in _NOTHING:
        lines = _said((*lines, *facts.additional_remittance))
    references: list[str] = []
    if facts.creditor_references or facts.document_numbers:
        references += ("".join(reference.split()) for reference in facts.creditor_references)
        references += (number.strip() for number in facts.document_numbers)
    lines = lines or references or facts.additional_information or of_booking
    if len(lines) == 1 and "\n" not in lines[0]:  # as good as always
        remittance = glued = " ".join(lines[0].split())
    else:
        remittance = " ".join(" ".join(lines).split())
        glued = "".join(part for line in lines for part in _parts(line)).strip()
    if _CREDITOR_REFERENCE.search(glued):
        references += creditor_references(remittance, glued)
    if swiss:
        references += (found[0].replace(" ", "") for found in _QR_REFERENCE.finditer(glued) if esr.is_valid(found[0]))
    if not references:
        return PaymentText(remittance, glued, ())
    return PaymentText(remittance, glued, tuple(dict.fromkeys(one for one in references if one not in _NOTHING)))


def _said(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip() not in _NOTHING]


def _parts(line: str) -> Iterator[str]:
    """Give a line, or its several ones, to be joined: a blank that the bank wrote at an end keeps words apart."""
    several = line.splitlines()
    for part in several:
        words = " ".join(part.split())
        # Beside a line break, blanks are the indentation of the file.
        if len(several) == 1 and words:
            words = f"{' ' if part[0] == ' ' else ''}{words}{' ' if part[-1] == ' ' else ''}"
        yield words
