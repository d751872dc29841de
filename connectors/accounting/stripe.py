"""Stripe: invoices that are sent to be paid by transfer (``send_invoice``); what it charges itself is no item here.

Source: the vendor's description of its API. Amounts are whole minor units, though not always those of ISO 4217.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import PaymentOrder, Written
from connectors.accounting.terms import document_of, item_id_of
from connectors.accounting.tool import Changes
from connectors.accounting.zones import TimeZone
from connectors.wire import Answer, Bearer, Manners, Rate, Wire
from connectors.wire.paging import Page, by_cursor
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.errors import Conflict, NotThere, Refused
from ledger.money import Money, minor_digits
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from connectors.wire.line import Line

BASE: Final = "https://api.stripe.com/v1"
KIND: Final = "invoice"

_VERSION: Final = "2024-06-20"  # answers stay as they were then, whatever the account was set to
_SIZE: Final = 100
_SENT: Final = "send_invoice"
_INVOICE_FIELDS: Final = (
    "id",
    "deleted",
    "number",
    "status",
    "collection_method",
    "currency",
    "total",
    "amount_remaining",
    "created",
    "effective_at",
    "due_date",
    "status_transitions",
    "paid_out_of_band",
    "customer_name",
    "customer_email",
    "customer_phone",
    "customer_address",
    "customer_tax_ids",
)
_CUSTOMER_FIELDS: Final = (
    "id",
    "name",
    "email",
    "phone",
    "address",
    "metadata",
    "preferred_locales",
    "tax_exempt",
)
_STANDINGS: Final[Mapping[str, Standing]] = MappingProxyType(
    {
        "draft": Standing.DRAFT,
        "open": Standing.OPEN,
        "paid": Standing.SETTLED,
        "uncollectible": Standing.WRITTEN_OFF,
        "void": Standing.CANCELLED,
        "deleted": Standing.DELETED,
    }
)
_CLAIMS: Final = frozenset({Standing.OPEN, Standing.SETTLED})
# Digits that Stripe counts where ISO 4217 counts others; of UGX it has said both, so nothing is read from it.
_OTHER_DIGITS: Final[Mapping[str, int]] = MappingProxyType({"ISK": 2, "MGA": 0})
_UNSURE: Final = frozenset({"UGX"})


class StripeSettings(ToolSettings):
    """An account at Stripe; a restricted key is enough."""

    kind: Literal["stripe"]
    key: SecretSettings
    debtor_number_metadata: str = (
        ""  # key in the metadata of a customer that holds his Debitorennummer; empty: his id
    )
    time_zone: TimeZone = "Europe/Berlin"  # in which moments become days
    requests_per_second: int = Field(default=20, ge=1)

    @model_validator(mode="after")
    def _dunning_is_not_noted(self) -> Self:
        if self.write_back.dunning:
            raise ValueError("Stripe has no place where dunning is noted; leave write_back.dunning away")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """Reads invoices from Stripe, and tells it that one was paid by transfer."""

    name: str
    wire: Wire
    zone: str
    number_key: str

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.REPEATS_SAFELY,
            Capability.SENDS_WEBHOOKS,
        }
    )

    @classmethod
    def connect(cls, settings: StripeSettings, line: Line) -> Stripe:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=BASE,
            auth=Bearer(key),
            secret=key,
            rate=Rate(requests=settings.requests_per_second, seconds=1),
            manners=Manners(words=_words),
            headers={"Stripe-Version": _VERSION},
        )
        return cls(name=settings.name, wire=wire, zone=settings.time_zone, number_key=settings.debtor_number_metadata)

    def check(self) -> str:
        """Ask for one invoice, which needs the key, and tell whether it is real money."""
        rows = self.wire.read("invoices", params={"collection_method": _SENT, "limit": "1"}).rows("data")
        if not rows:
            return "Stripe answers, and has no invoice yet that is sent to be paid by transfer"
        return f"Stripe answers in {'live' if rows[0].get('livemode') else 'test'} mode, and shows us its invoices"

    def contacts(self) -> Iterator[Contact]:
        """Give nobody: each invoice brings its customer, and most customers of an account have none."""
        yield from ()

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set, newest first; pages start behind an invoice, so that rows do not move."""

        def ask(after: str) -> Page:
            question = {"status": "open", "collection_method": _SENT, "limit": str(_SIZE)}
            question |= {"expand[]": "data.customer"} | ({"starting_after": after} if after else {})
            answer = self.wire.read("invoices", params=question)
            rows, more = answer.rows("data"), answer.record().get("has_more")
            if not isinstance(more, bool) or not all(row.get("id") and isinstance(row["id"], str) for row in rows):
                raise answer.unexpected("has_more, and an id in every row")
            return Page(rows=rows, more=more, after=str(rows[-1]["id"]) if rows else "")

        return map(self._translated, by_cursor(ask))

    def changed_documents(self, since: str) -> Changes:
        """Give nothing: Stripe cannot be asked for what changed since a moment."""
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        try:
            row = self.wire.read(f"invoices/{key.remote_id}", params={"expand[]": "customer"}).record()
        except NotThere as error:
            if "similar object exists" not in str(error):
                raise
            raise Refused(f"{error}\n    A test key was taken for a live one, or the other way round.") from None
        return self._translated(row)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look whether it is marked as paid outside of Stripe: that can only mean this payment."""
        said = self.document(order.key)
        if said.standing is Standing.SETTLED and said.payload.get("paid_out_of_band") is True:
            return Written(remote_id="", says="the invoice is marked there as paid outside of Stripe")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Say that the whole rest was paid outside of Stripe; a part, or a rest that is waived, it cannot be told."""
        said = self.document(order.key)
        left = said.item.open_amount if said.item else None
        if left is not None and left != order.open_before:
            raise Conflict(f"{order.document_number}: Stripe shows {left} as open: look at it there")
        if left != order.amount or order.is_credit_note:
            raise Refused(
                f"{order.document_number}: Stripe can only be told that the whole rest was paid, "
                f"and {order.amount} came\n"
                "    Write a credit note there for what is waived, or mark it as paid there when the rest has come."
            )
        self.wire.write(
            "POST",
            f"invoices/{order.key.remote_id}/pay",
            repeatable=True,
            data={"paid_out_of_band": "true"},
            headers={"Idempotency-Key": order.operation},
        )
        return Written(remote_id="", says=f"{order.amount} were paid outside of Stripe")

    def _translated(self, row: dict[str, Any]) -> Document:
        return translate(of_interest(row), self.name, self.zone, self.number_key)


def of_interest(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of an invoice and its customer what matters here; lines and payment methods are much, and change."""
    customer = row.get("customer")
    if isinstance(customer, dict):
        customer = {field: customer.get(field) for field in _CUSTOMER_FIELDS}
    return {**{field: row.get(field) for field in _INVOICE_FIELDS}, "customer": customer}


def translate(row: dict[str, Any], source: str, zone: str, number_key: str) -> Document:
    """Make a document of ours out of one of their invoices; ``number_key``: see the settings."""
    key = RemoteKey(KIND, str(row.get("id") or ""))
    number = Fields(row, source).label("number")
    fields = Fields(row, f"{source}: invoice {number or key.remote_id}")
    standing = _standing(row)
    if standing is not None and standing not in _CLAIMS:
        return Document(key=key, number=number, standing=standing, item=None, payload=row)
    customer = row.get("customer")
    person = Fields(customer if isinstance(customer, dict) else {}, f"{fields.place} › customer")
    contact_id = person.label("id") or fields.label("customer")

    def item() -> OpenItem:
        if standing is None:
            raise fields.mistake("status", f"collected by {row.get('collection_method')!r} is no state that we know")
        currency = fields.currency("currency")
        total = _money(fields, "total", currency)
        left = _money(fields, "amount_remaining", currency)
        if total.minor < 0 or left.minor < 0:
            raise fields.mistake("total", "is below zero, which Stripe would have put to the customer's balance")
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("number"),
            kind=ItemKind.INVOICE,
            debtor_number=person.inside("metadata").number(number_key) if number_key else contact_id,
            document_date=_written_on(fields, zone),
            due_date=fields.epoch_day("due_date", zone) or fields.needed_day("due_date"),
            amount=total,
            open_amount=left if standing is Standing.OPEN else Money(0, currency),
            source=source,
            place=fields.place,
        )

    document = document_of(key, number, standing or Standing.OPEN, row, item, contact_id=contact_id)
    return _with_debtor(document, fields, person)


def _standing(row: dict[str, Any]) -> Standing | None:
    """Say where it stands for us; what Stripe has come to charge itself is no longer ours to ask for."""
    if row.get("deleted") is True:
        return Standing.DELETED
    if row.get("collection_method") == "charge_automatically":
        return Standing.DRAFT
    return _STANDINGS.get(str(row.get("status"))) if row.get("collection_method") == _SENT else None


def _money(fields: Fields, key: str, currency: str) -> Money:
    """Read an amount in Stripe's own minor units."""
    if currency in _UNSURE:
        raise fields.mistake("currency", "is counted by Stripe in a way that is not clear")
    digits = _OTHER_DIGITS.get(currency, minor_digits(currency))
    counted = fields.needed_decimal(key)
    if counted != counted.to_integral_value():
        raise fields.mistake(key, "is no whole number of minor units")
    return fields.exact(key, counted.scaleb(-digits), currency)


def _written_on(fields: Fields, zone: str) -> date:
    """Give the day that is printed on it: set by hand, else that on which it was finalised, or at least made."""
    finalised = fields.inside("status_transitions").epoch_day("finalized_at", zone)
    day = fields.epoch_day("effective_at", zone) or finalised or fields.epoch_day("created", zone)
    return day or fields.needed_day("created")


def _with_debtor(document: Document, fields: Fields, person: Fields) -> Document:
    """Put the customer beside his invoice: as he is now, else as he was when it was finalised."""
    item = document.item
    if item is None:
        return document
    try:
        return replace(document, debtor=_debtor(item.debtor_number, fields, person))
    except Mistake as mistake:
        return replace(document, findings=(*document.findings, mistake.finding()))


def _debtor(number: str, fields: Fields, person: Fields) -> Debtor:
    address = person.inside("address") if person.has("address") else fields.inside("customer_address")
    email = person.text("email") or fields.text("customer_email")
    business = fields.has("customer_tax_ids") or person.text("tax_exempt") == "reverse"
    return Debtor(
        number=number,
        name=person.text("name") or fields.text("customer_name") or email or number,
        street=", ".join(filter(None, (address.text("line1"), address.text("line2")))),
        postcode=address.text("postal_code"),
        city=address.text("city"),
        country=address.text("country").upper() or "DE",
        email=email,
        phone=person.text("phone") or fields.text("customer_phone"),
        type=DebtorType.BUSINESS if business else DebtorType.UNKNOWN,
        language=_language(person),
    )


def _language(person: Fields) -> str:
    locales = person.values.get("preferred_locales")
    preferred = str(locales[0]) if isinstance(locales, list) and locales else "de"
    return preferred.lower().partition("-")[0]


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": {"code": "resource_missing", "message": "…"}}``."""
    said = answer.record().get("error")
    return str(said.get("message") or said.get("code") or "") if isinstance(said, dict) else ""
