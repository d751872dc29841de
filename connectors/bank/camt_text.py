"""What a payer wrote (Verwendungszweck), out of the many places where camt may carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.creditor_reference import creditor_references

if TYPE_CHECKING:
    from connectors.bank.camt_vocabulary import Record

_STRUCTURED: Final = "remittance_information.structured"
_FREE: Final = ("remittance_information.unstructured", f"{_STRUCTURED}.additional_information")
_CREDITOR_REFERENCE: Final = (
    f"{_STRUCTURED}.creditor_reference.reference",
    f"{_STRUCTURED}.creditor_reference.old_reference",
)
_DOCUMENT_NUMBER: Final = (
    f"{_STRUCTURED}.referred_document.number",
    f"{_STRUCTURED}.referred_document.old_number",
)


class PaymentText(NamedTuple):
    """The purpose for reading, the same with all lines joined without a blank, and the structured references."""

    remittance: str
    glued: str
    references: tuple[str, ...]


def payment_text(payment: Record, record: Record) -> PaymentText:
    """Read the purpose of a payment; where it has none, what the bank adds to the payment or to its booking."""
    references = [
        *("".join(reference.split()) for reference in payment.all_texts(*_CREDITOR_REFERENCE)),
        *payment.all_texts(*_DOCUMENT_NUMBER),
    ]
    lines = (
        tuple(line for line in payment.all_texts(*_FREE) if line != "NOTPROVIDED")
        or tuple(references)
        or payment.all_texts("additional_information")
        or record.all_texts("additional_information")
    )
    remittance = " ".join(" ".join(lines).split())
    glued = "".join(part.strip() for line in lines for part in line.splitlines())
    references += creditor_references(remittance, glued)
    provided = (reference for reference in references if reference != "NOTPROVIDED")
    return PaymentText(remittance, glued, tuple(dict.fromkeys(provided)))
