"""Invoices and third parties of Dolibarr in our words; credit notes (Gutschriften) are below zero there.

What is open is kept there in the main currency, which need not be that of the invoice. Days are moments there.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.computed import amount_of, exchanged
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

LEFT: Final = "remaintopay"
FIELDS: Final = (
    "id",
    "ref",
    "type",
    "status",
    "statut",  # the same in older versions
    "close_code",
    "socid",
    "date",
    "date_lim_reglement",
    "total_ttc",
    LEFT,
    "multicurrency_code",
    "multicurrency_total_ttc",
    "retained_warranty",
    "ref_client",
    "ref_customer",  # the same in newer versions
)

_CREDIT_NOTE: Final = "2"
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"0": "invoice", "1": "replacement", _CREDIT_NOTE: "credit note", "3": "deposit", "5": "situation"}
)
_NO_CLAIM: Final = frozenset({Standing.DRAFT, Standing.CANCELLED, Standing.WRITTEN_OFF})
_BAD_DEBT: Final = "badcustomer"
_BUSINESSES: Final = frozenset(
    {"TE_STARTUP", "TE_GROUP", "TE_MEDIUM", "TE_SMALL", "TE_ADMIN", "TE_WHOLE", "TE_RETAIL"}
)


def translate(row: dict[str, Any], source: str, currency: str, zone: str) -> Document:
    """Make a document of ours out of one of their invoices.

    ``currency`` is the main one there, ``zone`` the one in which the server counts its days.
    """
    key = RemoteKey(KIND, str(row.get("id") or ""))
    number = Fields(row, source).label("ref")
    fields = Fields(row, f"{source}: invoice {number or key.remote_id}")
    standing = standing_of(row)
    if standing is not None and standing in _NO_CLAIM:
        return Document(key=key, number=number, standing=standing, item=None, payload=row)

    def item() -> OpenItem:
        if standing is None:
            raise fields.mistake("statut" if row.get("status") is None else "status", "is no state that we know")
        total = _total(fields, currency)
        _refuse_what_is_no_plain_claim(fields, total)
        left = _left(fields, total, currency) if standing is Standing.OPEN else Money(0, total.currency)
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("ref"),
            kind=ItemKind.CREDIT_NOTE if total.minor < 0 else ItemKind.INVOICE,
            debtor_number="",
            document_date=_day(fields, "date", zone),
            due_date=_due(fields, total, zone),
            amount=abs(total),
            open_amount=Money(max(0, left.minor), total.currency),
            order_number=fields.text("ref_customer") or fields.text("ref_client"),
            source=source,
            place=fields.place,
        )

    contact_id = str(row.get("socid") or "")
    document = document_of(key, number, standing or Standing.OPEN, row, item, contact_id=contact_id)
    return _with_overpayment(document, fields, currency)


def of_interest(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of an invoice what matters here: lists and single questions tell different things beside it."""
    return {field: row.get(field) for field in FIELDS}


def standing_of(row: dict[str, Any]) -> Standing | None:
    """Say where it stands; why a closed one was not paid in full stands in ``close_code``."""
    status = row.get("statut") if row.get("status") in (None, "") else row.get("status")
    written_off = row.get("close_code") == _BAD_DEBT
    match str(status):
        case "0":
            return Standing.DRAFT
        case "1":
            return Standing.OPEN
        case "2":
            return Standing.WRITTEN_OFF if written_off else Standing.SETTLED
        case "3":  # abandoned, or replaced by another invoice
            return Standing.WRITTEN_OFF if written_off else Standing.CANCELLED
    return None


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their third parties; where it has no customer code, its id is the number."""
    remote_id = str(row.get("id") or "")
    number = Fields(row, source).label("code_client")
    fields = Fields(row, f"{source}: third party {number or remote_id}")
    try:
        debtor = Debtor(
            number=fields.number("code_client" if fields.has("code_client") else "id"),
            name=fields.needed("name"),
            street=fields.text("address"),
            postcode=fields.text("zip"),
            city=fields.text("town"),
            country=fields.text("country_code").upper() or "DE",
            email=fields.text("email"),
            phone=fields.text("phone"),
            type=_type(fields),
            language=fields.text("default_lang").lower().partition("_")[0] or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _total(fields: Fields, currency: str) -> Money:
    code = fields.currency("multicurrency_code") if fields.has("multicurrency_code") else currency
    return amount_of(fields, "total_ttc" if code == currency else "multicurrency_total_ttc", code)


def _refuse_what_is_no_plain_claim(fields: Fields, total: Money) -> None:
    kind = _TYPES.get(fields.text("type"))
    if kind is None:
        raise fields.mistake("type", "is no type of an invoice that we know")
    if fields.text("type") == _CREDIT_NOTE and total.minor > 0:
        raise fields.mistake("type", f"is a credit note, and has a total of {total} above zero")
    if fields.decimal("retained_warranty"):
        raise fields.mistake("retained_warranty", "is kept back, and falls due on another day than the rest")


def _left(fields: Fields, total: Money, currency: str) -> Money:
    """Read what is open, in the currency of the invoice and positive for both kinds; negative where too much came."""
    left = amount_of(fields, LEFT, currency)
    if total.currency != currency:
        left = exchanged(fields, LEFT, left, amount_of(fields, "total_ttc", currency), total)
    return -left if total.minor < 0 else left


def _due(fields: Fields, total: Money, zone: str) -> date:
    """Read when it falls due; a credit note that does not say so can be set off at once."""
    at_once = total.minor < 0 and not fields.has("date_lim_reglement")
    return _day(fields, "date" if at_once else "date_lim_reglement", zone)


def _day(fields: Fields, key: str, zone: str) -> date:
    """Read a day: it is told as the moment at which it begins on the server, in seconds since 1970."""
    written_out = "-" in fields.text(key)
    day = fields.day(key) if written_out else fields.epoch_day(key, zone)
    return day or fields.needed_day(key)


def _type(fields: Fields) -> DebtorType:
    kind = fields.text("typent_code")
    if kind == "TE_PRIVATE":
        return DebtorType.CONSUMER
    return DebtorType.BUSINESS if kind in _BUSINESSES or fields.has("tva_intra") else DebtorType.UNKNOWN


def _with_overpayment(document: Document, fields: Fields, currency: str) -> Document:
    """Say so where more was paid than the invoice asks for: nothing is open, and somebody has money to come."""
    item = document.item
    if item is None or document.standing is not Standing.OPEN:
        return document
    left = _left(fields, item.amount if item.is_invoice else -item.amount, currency)
    if left.minor >= 0:
        return document
    found = Finding(
        code="overpaid_document",
        place=fields.place,
        what=f"{abs(left)} more were paid than the document asks for, and stand there as credit",
        what_to_do="Turn it into a credit in Dolibarr, or pay it back there.",
    )
    return replace(document, findings=(*document.findings, found))
