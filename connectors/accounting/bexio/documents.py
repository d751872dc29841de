"""Invoices and contacts of bexio, made into items and debtors; numbers stand for currencies, countries, languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import document_by, item_id_of
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDINGS: Final[Mapping[int, Standing]] = MappingProxyType(
    {
        7: Standing.DRAFT,
        8: Standing.OPEN,  # offen
        9: Standing.SETTLED,
        16: Standing.OPEN,  # teilweise bezahlt
        19: Standing.CANCELLED,
        31: Standing.OPEN,  # unbezahlt, gemahnt
    }
)


def translate(row: dict[str, Any], source: str, currencies: Mapping[str, str]) -> Document:
    """Make a document of ours out of one of their invoices; ``currencies`` gives the codes of their ids."""
    plain = Fields(row, source)
    key = RemoteKey("invoice", plain.label("id"))
    number = plain.label("document_nr")
    fields = Fields(row, f"{source}: invoice {number or key.remote_id}")

    def item(standing: Standing) -> OpenItem:
        kind, amount, left = _amounts(fields, currencies)
        dated = fields.needed_day("is_valid_from")
        fields.needed("contact_id")
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("document_nr"),
            kind=kind,
            debtor_number="",
            document_date=dated,
            due_date=fields.day("is_valid_to") or dated,  # without a term a debt is due at once (Art. 75 OR)
            amount=amount,
            open_amount=left if standing is Standing.OPEN else Money(0, amount.currency),
            order_number=fields.text("reference"),
            source=source,
            place=fields.place,
        )

    return document_by(key, number, row, lambda: _standing(fields), item, contact_id=fields.label("contact_id"))


def contact(row: dict[str, Any], source: str, countries: Mapping[str, str], languages: Mapping[str, str]) -> Contact:
    """Make a debtor out of one of their contacts: a company (Firma) or a person."""
    plain = Fields(row, source)
    remote_id = plain.label("id")
    fields = Fields(row, f"{source}: contact {plain.label('nr') or remote_id}")
    try:
        is_company = _is_company(fields)
        name, second = fields.needed("name_1"), fields.text("name_2")
        street = " ".join(filter(None, (fields.text("street_name"), fields.text("house_number"))))
        debtor = Debtor(
            number=fields.number("nr") if fields.has("nr") else f"id-{fields.needed('id')}",
            name=name if is_company else f"{second} {name}".strip(),
            street=street or fields.text("address"),
            postcode=fields.text("postcode"),
            city=fields.text("city"),
            country=_meant(fields, "country_id", countries) or "CH",
            email=fields.text("mail") or fields.text("mail_second"),
            phone=fields.text("phone_fixed") or fields.text("phone_mobile"),
            type=DebtorType.BUSINESS if is_company else DebtorType.UNKNOWN,
            language=_meant(fields, "language_id", languages) or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _standing(fields: Fields) -> Standing:
    status = fields.whole("kb_item_status_id")
    if status is None or status not in STANDINGS:
        raise fields.mistake("kb_item_status_id", "is no state that is known")
    return STANDINGS[status]


def _amounts(fields: Fields, currencies: Mapping[str, str]) -> tuple[ItemKind, Money, Money]:
    """Give what it is, its amount, and what is left of it, both positive; an invoice below zero is owed by us.

    The amount is rounded to 5 Rappen where the currency is (total_rounding_difference says by how much), and what is
    left has credit vouchers and cash discounts (Skonto) taken off.
    """
    currency = Fields({"currency": _meant(fields, "currency_id", currencies)}, fields.place).currency("currency")
    amount, left = fields.money("total", currency), fields.money("total_remaining_payments", currency)
    if amount.minor < 0:
        return ItemKind.CREDIT_NOTE, abs(amount), Money(max(0, -left.minor), currency)
    return ItemKind.INVOICE, amount, Money(max(0, left.minor), currency)


def _meant(fields: Fields, key: str, names: Mapping[str, str]) -> str:
    """Give what a number stands for; empty where none is said."""
    number = fields.text(key)
    if number and not names.get(number):
        raise fields.mistake(key, "is in no list of bexio")
    return names.get(number, "")


def _is_company(fields: Fields) -> bool:
    kind = fields.whole("contact_type_id")
    if kind not in (1, 2):
        raise fields.mistake("contact_type_id", "is neither a company (1) nor a person (2)")
    return kind == 1
