"""A document (Beleg) of sevDesk as an open item: what is open is what was not paid, and due is date and term."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import days_after, document_of, item_id_of, skonto_of
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping

INVOICE: Final = "Invoice"
CREDIT_NOTE: Final = "CreditNote"

_ZONE: Final = "Europe/Berlin"
_NUMBER: Final = {INVOICE: "invoiceNumber", CREDIT_NOTE: "creditNoteNumber"}
_DATE: Final = {INVOICE: "invoiceDate", CREDIT_NOTE: "creditNoteDate"}
_CLAIMS: Final = frozenset({"RE", "TR", "AR", "ER"})  # Rechnung, Teil-, Abschlags-, Schlussrechnung
_NO_CLAIMS: Final = frozenset({"MA", "SR", "WKR"})  # Mahnung, Stornorechnung, Vorlage: they claim nothing themselves
_STANDINGS: Final = MappingProxyType(
    {
        "50": Standing.DRAFT,
        "100": Standing.DRAFT,
        "200": Standing.OPEN,
        "750": Standing.OPEN,  # partly paid; before June 2024 these stayed 200
        "1000": Standing.SETTLED,
    }
)


def is_claim(model: str, row: Mapping[str, Any]) -> bool:
    """Whether a row is a document of its own, and neither a reminder nor a cancellation of another one."""
    return model == CREDIT_NOTE or str(row.get("invoiceType")) not in _NO_CLAIMS


def translate(model: str, row: Mapping[str, Any], source: str, *, cancelled: bool = False) -> Document:
    """Make a document of ours out of one of theirs; ``cancelled`` where a cancellation of it was found."""
    plain = Fields(row, source)
    key = RemoteKey(model.lower(), plain.label("id"))
    number = plain.label(_NUMBER[model])
    fields = Fields(row, f"{source}: {key.kind} {number or key.remote_id}")
    status = plain.label("status")
    standing = Standing.CANCELLED if cancelled else _STANDINGS.get(status, Standing.OPEN)
    if standing is Standing.DRAFT:
        return Document(key=key, number=number, standing=standing, item=None, payload=row)
    customer = row.get("contact")
    contact_id = Fields(customer, source).label("id") if isinstance(customer, dict) else ""

    def item() -> OpenItem:
        if status not in _STANDINGS:
            raise fields.mistake("status", "is a state we do not know")
        if model == INVOICE and str(row.get("invoiceType")) not in _CLAIMS:
            raise fields.mistake("invoiceType", "is a kind of invoice we do not know")
        if not contact_id:
            raise Mistake(f"{fields.place} › contact", "is missing")
        currency = fields.currency("currency")
        dated = fields.needed_day(_DATE[model], _ZONE)
        amount, foreign = _amount(fields, currency)
        kind = ItemKind.CREDIT_NOTE if model == CREDIT_NOTE or amount.minor < 0 else ItemKind.INVOICE
        left = _left(fields, amount, kind, foreign) if standing is Standing.OPEN else Money(0, currency)
        days = fields.term("discountTime")
        percent, until = skonto_of(fields.percent("discount"), days_after(dated, days) if days else None)
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number(_NUMBER[model]),
            kind=kind,
            debtor_number="",
            document_date=dated,
            due_date=days_after(dated, fields.term("timeToPay") or 0),
            amount=abs(amount),
            open_amount=left,
            skonto_percent=percent,
            skonto_until=until,
            order_number=fields.text("customerInternalNote"),
            source=source,
            place=fields.place,
        )

    return document_of(key, number, standing, row, item, contact_id=contact_id)


def _amount(fields: Fields, currency: str) -> tuple[Money, bool]:
    """Give the amount in the currency of the document, and whether that is another one than the company's."""
    own, foreign = fields.needed_decimal("sumGross"), fields.decimal("sumGrossForeignCurrency")
    if foreign and foreign != own:
        return fields.exact("sumGrossForeignCurrency", foreign, currency), True
    return fields.exact("sumGross", own, currency), False


def _left(fields: Fields, amount: Money, kind: ItemKind, foreign: bool) -> Money:
    """Give what is open: the amount less what was paid; guess nothing where sevDesk does not say that."""
    whole, paid = abs(amount), fields.decimal("paidAmount")
    if paid is None and fields.text("status") == "750":
        raise Mistake(
            f"{fields.place} › paidAmount", "is missing, though a part was paid", "Book the rest in sevDesk."
        )
    if not paid:
        return whole
    if foreign:
        raise fields.mistake("paidAmount", "was paid on a document in foreign currency, and nobody says in which")
    settled = fields.exact("paidAmount", paid, amount.currency)
    if kind is ItemKind.CREDIT_NOTE:  # what was paid out may be written as less than nothing
        settled = abs(settled)
    return Money(min(max(0, whole.minor - settled.minor), whole.minor), amount.currency)
