"""FastBill: invoices by its one address for everything, which answers 200 to all mistakes; few questions an hour.

Source: the vendor's pages of its API 1.0. There is no filter for what is unpaid: all invoices are listed, and the
open ones are taken from the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import PaymentOrder, Written
from connectors.accounting.terms import days_after, document_by, item_id_of, skonto_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Basic, Manners, Rate, Wire
from connectors.wire.paging import Page, by_offset
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.errors import ConnectorError, NotThere, Refused, Throttled
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.wire.line import Line

BASE: Final = "https://my.fastbill.com/api/1.0"

_PATH: Final = "api.php"
_SIZE: Final = 100
_HOUR: Final = 3_600
_KIND: Final = "invoice"
_NO_DAY: Final = "0000-00-00"
_TOO_MANY: Final = re.compile(r"too many|limit (was |is |has been )?(reached|exceeded)", re.IGNORECASE)
_TYPES: Final = {"business": DebtorType.BUSINESS, "consumer": DebtorType.CONSUMER}


class FastBillSettings(ToolSettings):
    """A company at FastBill; the key stands in its account settings, and belongs to an e-mail address."""

    kind: Literal["fastbill"]
    email: str = Field(pattern=r"^[^@\s:]+@[^@\s:]+$")
    key: SecretSettings
    requests_per_hour: int = Field(default=50, ge=10)  # by plan: 50, 100, 500 or 1000
    written_since: date | None = (
        None  # older invoices are not read, where there are so many that the night is too long
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FastBill:
    """Reads FastBill, and marks invoices as paid there that were paid as a whole."""

    name: str
    wire: Wire
    written_since: date | None

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_SKONTO,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
        }
    )

    @classmethod
    def connect(cls, settings: FastBillSettings, line: Line) -> FastBill:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        # Half of a quota at once and the other half spaced over its hour: never more than all of it.
        half = settings.requests_per_hour // 2
        wire = line.wire(
            tool=settings.name,
            base=BASE,
            auth=Basic(settings.email, key),
            secret=key,
            rate=Rate(requests=half, seconds=_HOUR, burst=half),
            manners=Manners(words=_words, trouble=_trouble),
        )
        return cls(name=settings.name, wire=wire, written_since=settings.written_since)

    def check(self) -> str:
        """Ask for one invoice, which needs the key."""
        self._rows("invoice.get", "INVOICES", {"TYPE": "outgoing"}, limit=1)
        return "FastBill answers"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer."""
        for row in self._pages("customer.get", "CUSTOMERS", {}):
            yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set, picked out of all invoices; what cannot be read is told with it."""
        since = {"START_DATE": self.written_since.isoformat()} if self.written_since else {}
        for row in self._pages("invoice.get", "INVOICES", {"TYPE": "outgoing", **since}):
            document = translate(row, self.name)
            if document.standing is Standing.OPEN:
                yield document

    def changed_documents(self, since: str) -> Changes:
        """Give nothing: every night reads all invoices, and nothing can have changed beside them."""
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        page = self._rows("invoice.get", "INVOICES", {"INVOICE_ID": key.remote_id}, limit=2)
        row = next((row for row in page if str(row.get("INVOICE_ID")) == key.remote_id), None)
        if row is None:
            raise NotThere(f"{self.name}: there is no invoice {key.remote_id}, or no longer")
        return translate(row, self.name)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look whether the invoice is paid since that very day: nothing there could hold our reference."""
        payload = self.document(order.key).payload
        if str(payload.get("PAID_DATE"))[:10] != order.day.isoformat():
            return None
        return Written(remote_id="", says=f"{order.document_number} is marked as paid there already")

    def book(self, order: PaymentOrder) -> Written:
        """Mark an invoice as paid; FastBill then takes all that was open as paid, so no less may have come."""
        if order.is_credit_note or order.amount != order.open_before:
            raise Refused(
                f"{self.name}: {order.document_number}: {order.amount} was paid and {order.open_before} is open; "
                "FastBill only knows invoices that are paid as a whole\n    Book it there by hand."
            )
        paid = {
            "INVOICE_ID": order.key.remote_id,
            "PAID_DATE": order.day.isoformat(),
            "PAYMENT_METHOD": "Überweisung",
        }
        answer = self.wire.write("POST", _PATH, json={"SERVICE": "invoice.setpaid", "DATA": paid})
        if _response(answer).get("STATUS") != "success":
            raise answer.unexpected("STATUS: success")
        return Written(remote_id="", says=f"{order.document_number} was marked as paid on {order.day}")

    def _pages(self, service: str, holder: str, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        identity = "INVOICE_ID" if holder == "INVOICES" else "CUSTOMER_ID"
        return by_offset(
            lambda offset: Page(rows=self._rows(service, holder, filters, limit=_SIZE, offset=offset)),
            size=_SIZE,
            identity=lambda row: str(row.get(identity)),
        )

    def _rows(
        self, service: str, holder: str, filters: Mapping[str, str], *, limit: int, offset: int = 0
    ) -> list[dict[str, Any]]:
        question = {"SERVICE": service, "FILTER": dict(filters), "LIMIT": limit, "OFFSET": offset}
        answer = self.wire.read(_PATH, method="POST", json=question)
        rows = _response(answer).get(holder)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise answer.unexpected(f"a list of objects under '{holder}'")
        return rows


def translate(row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of theirs."""
    plain = Fields(row, source)
    key = RemoteKey(_KIND, plain.label("INVOICE_ID"))
    fields = Fields(row, f"{source}: {_KIND} {plain.label('INVOICE_NUMBER') or key.remote_id}")

    def item(standing: Standing) -> OpenItem:
        fields.needed("CUSTOMER_ID")
        currency = fields.currency("CURRENCY_CODE")
        amount, dated = fields.money("TOTAL", currency), fields.needed_day("INVOICE_DATE")
        if standing is Standing.OPEN and amount.minor < 0:
            raise fields.mistake("TOTAL", "is below zero, a credit note or half of a cancellation: nobody says")
        days = fields.term("CASH_DISCOUNT_DAYS")
        percent, until = skonto_of(
            fields.percent("CASH_DISCOUNT_PERCENT"), None if days is None else days_after(dated, days)
        )
        left = max(0, (amount - _paid(fields, currency)).minor) if standing is Standing.OPEN else 0
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("INVOICE_NUMBER"),
            kind=ItemKind.INVOICE if amount.minor >= 0 else ItemKind.CREDIT_NOTE,
            debtor_number="",
            document_date=dated,
            # Without a term a debt is due at once (§ 271 (1) BGB).
            due_date=_day(fields, "DUE_DATE") or dated,
            amount=abs(amount),
            open_amount=Money(left, currency),
            skonto_percent=percent,
            skonto_until=until,
            source=source,
            place=fields.place,
        )

    return document_by(
        key,
        fields.label("INVOICE_NUMBER"),
        row,
        lambda: _standing(fields),
        item,
        contact_id=fields.label("CUSTOMER_ID"),
    )


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their customers."""
    plain = Fields(row, source)
    remote_id = plain.label("CUSTOMER_ID")
    fields = Fields(row, f"{source}: customer {plain.label('CUSTOMER_NUMBER') or remote_id}")
    try:
        person = " ".join(filter(None, (fields.text("FIRST_NAME"), fields.text("LAST_NAME"))))
        iban = fields.text("BANK_IBAN").replace(" ", "")
        debtor = Debtor(
            number=fields.number("CUSTOMER_NUMBER"),
            name=fields.text("ORGANIZATION") or person or fields.needed("LAST_NAME"),
            street=fields.text("ADDRESS"),
            postcode=fields.text("ZIPCODE"),
            city=fields.text("CITY"),
            country=fields.text("COUNTRY_CODE") or "DE",
            email=fields.text("EMAIL"),
            phone=fields.text("PHONE"),
            ibans=(iban,) if iban else (),
            type=_TYPES.get(fields.text("CUSTOMER_TYPE"), DebtorType.UNKNOWN),
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _standing(fields: Fields) -> Standing:
    """Tell where a document stands; what tells it must be there, or a paid one would look open."""
    kind = fields.needed("TYPE")
    if kind == "draft":
        return Standing.DRAFT
    if kind != "outgoing":
        raise fields.mistake("TYPE", "is no invoice")
    for key in ("PAID_DATE", "IS_CANCELED", "PAYMENTS"):
        if key not in fields.values:
            raise fields.mistake(key, "is missing")
    if fields.truth("IS_CANCELED"):
        return Standing.CANCELLED
    return Standing.SETTLED if _day(fields, "PAID_DATE") else Standing.OPEN


def _paid(fields: Fields, currency: str) -> Money:
    """Add up what was paid; a payment in another currency is no part of it that we could count."""
    paid = []
    for payment in fields.each("PAYMENTS"):
        if payment.has("CURRENCY_CODE") and payment.currency("CURRENCY_CODE") != currency:
            raise payment.mistake("CURRENCY_CODE", "is another currency than that of the invoice")
        paid.append(payment.money("AMOUNT", currency))
    return total(paid, currency)


def _day(fields: Fields, key: str) -> date | None:
    """Read a day; FastBill writes noughts where there is none."""
    return None if fields.text(key).startswith(_NO_DAY) else fields.day(key)


def _response(answer: Answer) -> dict[str, Any]:
    found = answer.record().get("RESPONSE")
    if not isinstance(found, dict):
        raise answer.unexpected("an object under 'RESPONSE'")
    return found


def _words(answer: Answer) -> str:
    """Give the reasons of a refusal: ``{"RESPONSE": {"ERRORS": ["…"]}}``, which may come with status 200."""
    response = answer.record().get("RESPONSE")
    errors = response.get("ERRORS") if isinstance(response, dict) else None
    return "; ".join(map(str, errors)) if isinstance(errors, list) else str(errors or "")


def _trouble(answer: Answer) -> ConnectorError | None:
    if not (said := _words(answer)):
        return None
    if _TOO_MANY.search(said):
        return Throttled(f"{answer.place}: the tool asks us to slow down ({said})")
    return Refused(f"{answer.place}: {said}")
