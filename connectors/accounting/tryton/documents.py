"""Invoices and parties of Tryton in our words; a credit note (Gutschrift) is an invoice with a negative total."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import document_of, item_id_of
from ledger.debtor import Debtor, DebtorType
from ledger.finding import Finding
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

KIND: Final = "invoice"

INVOICE_FIELDS: Final = [
    "number",
    "state",
    "invoice_date",
    "total_amount",
    "amount_to_pay",
    "currency.code",
    "party.code",
    "reference",
    "customer_payment_reference",
    "lines_to_pay.maturity_date",
    "lines_to_pay.reconciliation",
]
PARTY_FIELDS: Final = [
    "code",
    "name",
    "email",
    "phone",
    "lang.code",
    "tax_identifier.code",
    "addresses.street",
    "addresses.postal_code",
    "addresses.city",
    "addresses.country.code",
    "addresses.invoice",
]
ACCOUNT_FIELDS: Final = ["bank_accounts.numbers.type", "bank_accounts.numbers.number_compact"]  # of the module bank

_STANDINGS: Final[Mapping[str, Standing]] = MappingProxyType(
    {
        "draft": Standing.DRAFT,
        "validated": Standing.DRAFT,  # has no number yet, and nobody was sent it
        "posted": Standing.OPEN,
        "paid": Standing.SETTLED,  # by money, by a credit note, or by writing it off: Tryton does not say which
        "cancelled": Standing.CANCELLED,
    }
)


def translate(row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of their invoices."""
    key = RemoteKey(KIND, str(row.get("id", "")))
    number = str(row.get("number") or "")
    fields = Fields(row, f"{source}: {KIND} {number or key.remote_id}")
    standing = _STANDINGS.get(str(row.get("state")))
    if standing is Standing.DRAFT:
        return Document(key=key, number=number, standing=standing, item=None, payload=row)

    def item() -> OpenItem:
        if standing is None:
            raise fields.mistake("state", "is no state of an invoice that we know")
        currency = fields.inside("currency").currency("code")
        total = fields.money("total_amount", currency)
        kind = ItemKind.CREDIT_NOTE if total.minor < 0 else ItemKind.INVOICE
        left = _left(fields, kind, currency) if standing is Standing.OPEN else Money(0, currency)
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("number"),
            kind=kind,
            debtor_number=_number_of(fields.inside("party")),
            document_date=fields.needed_day("invoice_date"),
            due_date=_due(fields),
            amount=abs(total),
            open_amount=Money(max(0, left.minor), currency),
            payment_reference=fields.text("customer_payment_reference").replace(" ", ""),
            order_number=fields.text("reference"),
            source=source,
            place=fields.place,
        )

    document = document_of(key, number, standing or Standing.OPEN, row, item)
    return _with_overpayment(document, fields)


def _number_of(party: Fields) -> str:
    """Give the customer number that people see; a party without one is known by its id."""
    return party.text("code") or party.number("id")


def _left(fields: Fields, kind: ItemKind, currency: str) -> Money:
    """Read what is open, positive for both kinds; negative where more came than was asked for."""
    left = fields.money("amount_to_pay", currency)
    return -left if kind is ItemKind.CREDIT_NOTE else left


def _due(fields: Fields) -> date:
    """Give the last day on which a part falls due that is still open: before it, not everything is overdue."""
    lines = list(fields.each("lines_to_pay"))
    still_open = [line for line in lines if not line.has("reconciliation")]
    return max(line.needed_day("maturity_date") for line in still_open or lines or [fields.inside("lines_to_pay")])


def _with_overpayment(document: Document, fields: Fields) -> Document:
    """Say so where more was paid than the invoice asks for: nothing is open, and somebody has money to come."""
    item = document.item
    if item is None or document.standing is not Standing.OPEN:
        return document
    left = _left(fields, item.kind, item.currency)
    if left.minor >= 0:
        return document
    found = Finding(
        code="overpaid_document",
        place=fields.place,
        what=f"{abs(left)} more were paid than the document asks for, and stand there as credit",
        what_to_do="Pay it back in the tool, or set it off there against another document.",
    )
    return replace(document, findings=(*document.findings, found))


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their parties."""
    fields = Fields(row, f"{source}: party {row.get('code') or row.get('id')}")
    remote_id = str(row.get("id", ""))
    try:
        address = _address(fields)
        debtor = Debtor(
            number=_number_of(fields),
            name=fields.needed("name"),
            street=address.text("street"),
            postcode=address.text("postal_code"),
            city=address.text("city"),
            country=address.inside("country").text("code") or "DE",
            email=fields.text("email"),
            phone=fields.text("phone"),
            ibans=_ibans(fields),
            # Only who is in business has a VAT number (USt-IdNr.); who has none may still be.
            type=DebtorType.BUSINESS if fields.inside("tax_identifier").has("code") else DebtorType.UNKNOWN,
            language=fields.inside("lang").text("code").partition("_")[0] or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _address(fields: Fields) -> Fields:
    """Choose the address for invoices, else the first one."""
    addresses = list(fields.each("addresses"))
    marked = [address for address in addresses if address.truth("invoice")]
    return next(iter(marked or addresses), Fields({}, fields.place))


def _ibans(fields: Fields) -> tuple[str, ...]:
    numbers = (number for account in fields.each("bank_accounts") for number in account.each("numbers"))
    return tuple(number.text("number_compact") for number in numbers if number.text("type") == "iban")
