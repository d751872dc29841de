"""Sales invoices of ERPNext in our words; a credit note (Gutschrift) is an invoice with a negative total there.

What is open is kept there in the currency of the debtor account, which need not be that of the invoice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.computed import amount_of, exchanged
from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields
from connectors.accounting.terms import document_of, item_id_of, skonto_of
from ledger.finding import Finding
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

INVOICE: Final = "Sales Invoice"
KIND: Final = "invoice"

FIELDS: Final = (
    "name",
    "docstatus",
    "status",
    "customer",
    "posting_date",
    "due_date",
    "currency",
    "party_account_currency",
    "grand_total",
    "rounded_total",
    "base_grand_total",
    "base_rounded_total",
    "outstanding_amount",
    "is_return",
    "po_no",
    "modified",
)
TERMS: Final = "payment_schedule"
TERM_FIELDS: Final = ("parent", "invoice_portion", "discount_type", "discount", "discount_date")

_OPEN: Final = frozenset(
    {
        "Submitted",
        "Unpaid",
        "Partly Paid",
        "Overdue",
        # A bank has advanced the money (Invoice Discounting); the debtor owes it as before.
        "Unpaid and Discounted",
        "Partly Paid and Discounted",
        "Overdue and Discounted",
        "Return",
        "Credit Note Issued",
        "Paid",
    }
)


def translate(row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of their invoices."""
    name = Fields(row, source).label("name")
    key = RemoteKey(KIND, str(row.get("name") or ""))
    fields = Fields(row, f"{source}: {INVOICE} {name}")
    standing = _standing(row)
    if standing is Standing.DRAFT or standing is Standing.CANCELLED:
        return Document(key=key, number=name, standing=standing, item=None, payload=row)

    def item() -> OpenItem:
        if standing is None:
            raise fields.mistake("status", f"with docstatus {row.get('docstatus')} is no state that we know")
        currency = fields.currency("currency")
        total = _total(fields, "", currency)
        left = _left(fields, total)
        if row.get("status") == "Paid" and left.minor > 0:
            raise fields.mistake("status", f"contradicts {left} that are still open")
        dated = fields.needed_day("posting_date")
        percent, until = _skonto(fields)
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("name"),
            kind=ItemKind.CREDIT_NOTE if total.minor < 0 else ItemKind.INVOICE,
            debtor_number="",
            document_date=dated,
            due_date=_due(fields, dated if total.minor < 0 else None),
            amount=abs(total),
            open_amount=Money(max(0, left.minor), currency) if standing is Standing.OPEN else Money(0, currency),
            skonto_percent=percent,
            skonto_until=until,
            order_number=fields.text("po_no"),
            source=source,
            place=fields.place,
        )

    contact_id = str(row.get("customer") or "")
    document = document_of(key, name, standing or Standing.OPEN, row, item, contact_id=contact_id)
    return _with_overpayment(document, fields)


def of_interest(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of a whole invoice what its row in a list has, so that both readings are equal."""
    return with_terms({field: row.get(field) for field in FIELDS}, row.get(TERMS) or [])


def with_terms(row: dict[str, Any], terms: Any) -> dict[str, Any]:
    """Put the terms of payment that grant a discount beside an invoice; what is no term stays, and is a mistake."""
    if isinstance(terms, list):
        terms = [_term(term) for term in terms if not isinstance(term, dict) or term.get("discount")]
    return row | {TERMS: terms}


def _term(term: Any) -> Any:
    return {field: term.get(field) for field in TERM_FIELDS} if isinstance(term, dict) else term


def _standing(row: dict[str, Any]) -> Standing | None:
    """Say where it stands; what has been paid shows in the amount, which is kept more carefully than the status."""
    match str(row.get("docstatus")), str(row.get("status")):
        case "0", _:
            return Standing.DRAFT
        case "2", _:
            return Standing.CANCELLED
        case "1", "Internal Transfer":  # between two branches of the same company
            return Standing.SETTLED
        case "1", status if status in _OPEN:
            return Standing.OPEN if row.get("outstanding_amount") else Standing.SETTLED
    return None


def _total(fields: Fields, prefix: str, currency: str) -> Money:
    """Read the total that is asked for: rounded, unless rounding is switched off, which shows as 0."""
    rounded = f"{prefix}rounded_total"
    return amount_of(fields, rounded if fields.decimal(rounded) else f"{prefix}grand_total", currency)


def _left(fields: Fields, total: Money) -> Money:
    """Read what is open, in the currency of the invoice and positive for both kinds; negative where too much came."""
    kept_in = fields.currency("party_account_currency")
    left = amount_of(fields, "outstanding_amount", kept_in)
    if kept_in != total.currency:
        left = exchanged(fields, "outstanding_amount", left, _total(fields, "base_", kept_in), total)
    return -left if total.minor < 0 else left


def _due(fields: Fields, otherwise: date | None) -> date:
    """Read when the last part of it falls due; before that day not everything is overdue."""
    return fields.day("due_date") or otherwise or fields.needed_day("due_date")


def _skonto(fields: Fields) -> tuple[Decimal | None, date | None]:
    """Read Skonto where one term covers the whole invoice; a fixed amount, or terms for parts of it, are none."""
    for term in fields.each(TERMS):
        if term.text("discount_type") == "Percentage" and term.decimal("invoice_portion") == 100:
            return skonto_of(term.percent("discount"), term.day("discount_date"))
    return None, None


def _with_overpayment(document: Document, fields: Fields) -> Document:
    """Say so where more was paid than the invoice asks for: nothing is open, and somebody has money to come."""
    item = document.item
    if item is None or document.standing is not Standing.OPEN:
        return document
    left = _left(fields, item.amount if item.is_invoice else -item.amount)
    if left.minor >= 0:
        return document
    found = Finding(
        code="overpaid_document",
        place=fields.place,
        what=f"{abs(left)} more were paid or credited than the document asks for, and stand there as credit",
        what_to_do="Pay it back in ERPNext, or set it off there against another invoice.",
    )
    return replace(document, findings=(*document.findings, found))
