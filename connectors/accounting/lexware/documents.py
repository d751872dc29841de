"""A document (Beleg) of Lexware Office as an open item: the row of the list, the single document, its payments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.lexware.contacts import contact
from connectors.accounting.terms import days_after, document_of, item_id_of, skonto_of
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ZONE: Final = "Europe/Berlin"

_KINDS: Final = {
    "invoice": ItemKind.INVOICE,
    "downpaymentinvoice": ItemKind.INVOICE,
    "salesinvoice": ItemKind.INVOICE,
    "creditnote": ItemKind.CREDIT_NOTE,
    "salescreditnote": ItemKind.CREDIT_NOTE,
}
_STANDINGS: Final = {
    "draft": Standing.DRAFT,
    "unchecked": Standing.DRAFT,  # a receipt nobody has looked at yet
    "blank": Standing.DRAFT,
    "open": Standing.OPEN,
    "overdue": Standing.OPEN,
    "paid": Standing.SETTLED,
    "paidoff": Standing.SETTLED,  # a credit note that was set off
    # The money is on its way by Lexware's own hand. It becomes "paid", or "open" again when that fails.
    "sepadebit": Standing.SETTLED,
    "transferred": Standing.SETTLED,
    "voided": Standing.CANCELLED,
}


def contact_id_of(told: Mapping[str, Any]) -> str:
    """Give the id of the customer; empty for the collective customer (Sammelkunde), who is many people."""
    said = _merged(told)
    if said.get("useCollectiveContact") is True:
        return ""
    address = said.get("address")
    addressed = address if isinstance(address, dict) else {}
    return Fields(said, "").label("contactId") or Fields(addressed, "").label("contactId")


def translate(told: Mapping[str, Any], source: str, *, unlisted: bool = False) -> Document:
    """Make a document of ours out of what they said of it: a row, and under names of ours what was asked besides.

    ``unlisted`` is for a customer whose number nobody has asked for yet: then the document waits.
    """
    said = _merged(told)
    row, plain = Fields(told, source), Fields(said, source)
    key = RemoteKey(row.label("voucherType"), row.label("id"))
    number, status = plain.label("voucherNumber"), plain.label("voucherStatus")
    fields = Fields(said, f"{source}: {key.kind} {number or key.remote_id}")
    standing = _standing(status, said)
    if standing is Standing.DRAFT:
        return Document(key=key, number=number, standing=standing, item=None, payload=told)
    contact_id = contact_id_of(told)

    def debtor() -> Debtor | None:
        if told.get("contact"):
            return _customer(told["contact"], fields, source)
        return None if contact_id else _one_of_many(fields, key)

    def item() -> OpenItem:
        if status not in _STANDINGS:
            raise fields.mistake("voucherStatus", "is a state we do not know")
        if key.kind not in _KINDS:
            raise fields.mistake("voucherType", "is a kind of document we do not know")
        if unlisted:
            raise fields.mistake("contactId", "is a customer whose number was not read yet")
        currency = _currency(fields)
        dated = fields.needed_day("voucherDate", ZONE)
        terms = fields.inside("paymentConditions")
        discount = next(terms.each("paymentDiscountConditions"), Fields({}, fields.place))
        days = discount.term("discountRange")
        percent, until = skonto_of(
            discount.percent("discountPercentage"), days_after(dated, days) if days is not None else None
        )
        owing = debtor()
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("voucherNumber"),
            kind=_KINDS[key.kind],
            debtor_number=owing.number if owing else "",
            document_date=dated,
            due_date=_due(fields, terms, dated, _KINDS[key.kind]),
            amount=abs(_amount(fields, currency)),
            open_amount=_left(fields, currency, _KINDS[key.kind], standing),
            skonto_percent=percent,
            skonto_until=until,
            source=source,
            place=fields.place,
        )

    document = document_of(key, number, standing, told, item, contact_id=contact_id)
    return document if document.item is None else replace(document, debtor=debtor())


def _merged(told: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what is known of a document over each other; the payments know best what is open, and the list the rest."""
    row = {key: value for key, value in told.items() if value is not None}
    return {**(told.get("detail") or {}), **row, **(told.get("payment") or {})}


def _standing(status: str, said: Mapping[str, Any]) -> Standing:
    standing = _STANDINGS.get(status, Standing.OPEN)  # an unknown one is told when the item is made, and waits
    payments = said.get("paymentItems")
    if standing is Standing.SETTLED and isinstance(payments, list):
        kinds = {one.get("paymentItemType") for one in payments if isinstance(one, dict)}
        return Standing.WRITTEN_OFF if "irrecoverableReceivable" in kinds else standing
    return standing


def _currency(fields: Fields) -> str:
    total = fields.inside("totalPrice")
    return total.currency("currency") if total.has("currency") else fields.currency("currency")


def _amount(fields: Fields, currency: str) -> Money:
    """Give what was claimed: a final invoice (Schlussrechnung) claims what its down payments have left."""
    if fields.has("claimedGrossAmount"):
        return fields.money("claimedGrossAmount", currency)
    if fields.has("totalAmount"):
        return fields.money("totalAmount", currency)
    if fields.has("totalPrice"):
        return fields.inside("totalPrice").money("totalGrossAmount", currency)
    return fields.money("totalGrossAmount", currency)


def _left(fields: Fields, currency: str, kind: ItemKind, standing: Standing) -> Money:
    if standing is not Standing.OPEN:
        return Money(0, currency)
    left = fields.money("openAmount", currency)
    # Credit notes count positive here; an invoice below nothing was paid twice, and nobody owes that to us.
    return abs(left) if kind is ItemKind.CREDIT_NOTE else Money(max(0, left.minor), currency)


def _due(fields: Fields, terms: Fields, dated: date, kind: ItemKind) -> date:
    if (due := fields.day("dueDate", ZONE)) is not None:
        return due
    if (days := terms.term("paymentTermDuration")) is not None:
        return days_after(dated, days)
    if kind is ItemKind.CREDIT_NOTE:
        return dated
    raise Mistake(f"{fields.place} › dueDate", "is missing")


def _customer(row: Mapping[str, Any], fields: Fields, source: str) -> Debtor:
    if (debtor := contact(row, source).debtor) is None:
        raise fields.mistake("contactId", "is a customer that cannot be read")
    return debtor


def _one_of_many(fields: Fields, key: RemoteKey) -> Debtor:
    """Give one of those behind the collective customer, to whom Lexware gives the same number.

    Each of their documents is a debtor of its own here: they are strangers to each other, and no letter may show
    one of them what another one owes.
    """
    address = fields.inside("address")
    for place in (fields, address):
        place.text("contactId")  # an id that cannot be read is not the collective customer's
    return Debtor(
        number=f"SAMMEL-{fields.text('voucherNumber')}-{key.remote_id[:8]}",
        name=address.text("name") or fields.text("contactName"),
        street=address.text("street"),
        postcode=address.text("zip"),
        city=address.text("city"),
        country=address.text("countryCode") or "DE",
    )
