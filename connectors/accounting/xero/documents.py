"""Documents of Xero, made into items: invoices are owed to us, the three other kinds by us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields
from connectors.accounting.terms import document_by, item_id_of
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping


_MOMENT: Final = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_SHORT: Final = 8  # characters of an id, where a document has no number

_STANDINGS: Final[Mapping[str, Standing]] = MappingProxyType(
    {
        "DRAFT": Standing.DRAFT,
        "SUBMITTED": Standing.DRAFT,  # waits for somebody to approve it
        "AUTHORISED": Standing.OPEN,
        "PAID": Standing.SETTLED,
        "VOIDED": Standing.CANCELLED,
        "DELETED": Standing.DELETED,
    }
)


PURCHASES: Final = frozenset(
    {
        "ACCPAY",
        "ACCPAYCREDIT",
        "APOVERPAYMENT",
        "APPREPAYMENT",
        "SPEND-OVERPAYMENT",
        "SPEND-PREPAYMENT",
    }
)  # types of what we owe, or paid, to suppliers


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document: its name here, where it is there, and the fields in which it differs from the others."""

    name: str
    path: str
    identity: str
    number: str  # field that holds it; empty for what has none
    short: str  # what is put before the beginning of its id where it has no number
    left: str
    types: tuple[str, ...]  # sales; the same lists hold those of purchases
    item: ItemKind


INVOICE: Final = Kind(
    name="invoice",
    path="Invoices",
    identity="InvoiceID",
    number="InvoiceNumber",
    short="",
    left="AmountDue",
    types=("ACCREC",),
    item=ItemKind.INVOICE,
)
CREDIT_NOTE: Final = Kind(
    name="credit_note",
    path="CreditNotes",
    identity="CreditNoteID",
    number="CreditNoteNumber",
    short="",
    left="RemainingCredit",
    types=("ACCRECCREDIT",),
    item=ItemKind.CREDIT_NOTE,
)
OVERPAYMENT: Final = Kind(
    name="overpayment",
    path="Overpayments",
    identity="OverpaymentID",
    number="",
    short="OP",
    left="RemainingCredit",
    types=("RECEIVE-OVERPAYMENT", "AROVERPAYMENT"),
    item=ItemKind.CREDIT_NOTE,
)
PREPAYMENT: Final = Kind(
    name="prepayment",
    path="Prepayments",
    identity="PrepaymentID",
    number="InvoiceNumber",
    short="PP",
    left="RemainingCredit",
    types=("RECEIVE-PREPAYMENT", "ARPREPAYMENT"),
    item=ItemKind.CREDIT_NOTE,
)
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {kind.name: kind for kind in (INVOICE, CREDIT_NOTE, OVERPAYMENT, PREPAYMENT)}
)


def translate(kind: Kind, row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of theirs."""
    plain = Fields(row, source)
    key = RemoteKey(kind.name, plain.label(kind.identity))
    number = plain.label(kind.number) or _numberless(kind, key)
    fields = Fields(row, f"{source}: {kind.name} {number or key.remote_id}")

    def item(standing: Standing) -> OpenItem:
        if fields.text("Type") not in kind.types:
            raise fields.mistake("Type", "is no kind of document that is known")
        currency = fields.currency("CurrencyCode")
        amount, left = fields.money("Total", currency), fields.money(kind.left, currency)
        if amount.minor < 0:
            raise fields.mistake("Total", "is below zero, which Xero does not know")
        dated = needed_day(fields, "Date")
        fields.inside("Contact").needed("ContactID")
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number(kind.number) if fields.text(kind.number) or not kind.short else number,
            kind=kind.item,
            debtor_number="",
            document_date=dated,
            # Without a term a debt is due at once (§ 271 (1) BGB); what came too much was never due.
            due_date=(day(fields, "DueDate") if kind is INVOICE else None) or dated,
            amount=amount,
            open_amount=Money(max(0, left.minor), currency) if standing is Standing.OPEN else Money(0, currency),
            order_number=fields.text("Reference") if kind is INVOICE else "",
            source=source,
            place=fields.place,
        )

    contact = row.get("Contact")
    contact_id = Fields(contact, source).label("ContactID") if isinstance(contact, dict) else ""
    return document_by(key, number, row, lambda: _standing(fields), item, contact_id=contact_id)


def day(fields: Fields, key: str) -> date | None:
    """Read the day of a moment, which Xero writes as midnight in UTC; None where nothing is said."""
    if not (text := fields.text(key)):
        return None
    if not (found := _MOMENT.fullmatch(text)):
        return fields.day(key)
    try:
        return fields.believable(key, datetime.fromtimestamp(int(found[1]) // 1_000, UTC).date())
    except (OverflowError, ValueError, OSError):
        raise fields.mistake(key, "is no moment") from None


def needed_day(fields: Fields, key: str) -> date:
    """Read a day that must be there."""
    if (found := day(fields, key)) is None:
        raise fields.mistake(key, "is missing")
    return found


def _numberless(kind: Kind, key: RemoteKey) -> str:
    return f"{kind.short}-{key.remote_id[:_SHORT].upper()}" if kind.short else ""


def _standing(fields: Fields) -> Standing:
    status = fields.text("Status")
    if status not in _STANDINGS:
        raise fields.mistake("Status", "is no state that is known")
    return _STANDINGS[status]
