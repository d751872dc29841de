"""easybill: invoices and credit notes by its REST API; amounts are whole cents there.

Source: the vendor's description of its API (version 1.92). Days are days in Berlin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import DunningOrder, PaymentOrder, Written
from connectors.accounting.terms import days_after, document_by, item_id_of, overlapped, skonto_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Bearer, Manners, Rate, Wire
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.errors import Refused
from ledger.money import Money, minor_digits
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from connectors.wire.line import Line

BASE: Final = "https://api.easybill.de/rest/v1"

_SIZE: Final = 1_000
_TYPES: Final = "INVOICE,CREDIT"
_OVERLAP_DAYS: Final = 1  # edited_at counts whole days
_FAR: Final = "2099-12-31"  # a span of days needs an end
_ZONE: Final = ZoneInfo("Europe/Berlin")


class EasybillSettings(ToolSettings):
    """A company at easybill; its key is made there under "REST API"."""

    kind: Literal["easybill"]
    key: SecretSettings
    requests_per_minute: int = Field(default=10, ge=1)  # by plan: 10 (PLUS) or 60 (BUSINESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Easybill:
    """Reads easybill, books payments there, and lays down reminders."""

    name: str
    wire: Wire

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_SKONTO,
            Capability.READS_CHANGES,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.BOOKS_PART_PAYMENTS,
            Capability.BOOKS_DIFFERENCES,
            Capability.CREATES_DUNNING_DOCUMENTS,
            Capability.SENDS_WEBHOOKS,
        }
    )

    @classmethod
    def connect(cls, settings: EasybillSettings, line: Line) -> Easybill:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        rate = Rate(requests=settings.requests_per_minute, seconds=60)
        manners = Manners(words=_words)
        return cls(
            name=settings.name,
            wire=line.wire(tool=settings.name, base=BASE, auth=Bearer(key), secret=key, rate=rate, manners=manners),
        )

    def check(self) -> str:
        """Ask for the first document, which needs the key, and tell how many there are."""
        return f"easybill answers, and has {_total(self.wire.read('documents', params={'limit': 1}))} documents"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer; suppliers are kept in the same list, and have no customer number."""
        for row in self._pages("customers", {}):
            if row.get("number") or not row.get("supplier_number"):
                yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        return self._documents({"is_draft": 0, "paid_at": "null", "cancel_id": "null"})

    def changed_documents(self, since: str) -> Changes:
        """Give what was edited since a day; the cursor is the day of the last question, by their clock."""
        moment = self.wire.read("documents", params={"limit": 1}).moment
        cursor = moment.astimezone(_ZONE).date().isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        span = f"{overlapped(since, _OVERLAP_DAYS)},{_FAR}"
        return Changes(documents=self._documents({"edited_at": span}), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        row = self.wire.read(f"documents/{key.remote_id}").record()
        cancelled = self._cancelled_credits(key.remote_id) if row.get("type") == "CREDIT" else ()
        return translate(row, self.name, cancelled)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours: the reference of each names the operation."""
        for row in self._pages("document-payments", {"document_id": order.key.remote_id}):
            if row.get("reference") == order.operation:
                return Written(remote_id=str(row.get("id")), says=f"payment {row.get('id')} stands there already")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came; ``paid=true`` closes the document, and with it Skonto and differences."""
        if why := _not_bookable(order):
            raise Refused(f"{self.name}: {order.document_number}: {why}\n    Book it there by hand.")
        payment = {
            "document_id": int(order.key.remote_id),
            "amount": order.amount.minor,
            "payment_at": order.day.isoformat(),
            "type": "BANK_TRANSFER",
            "provider": "Kontorist",
            "reference": order.operation,
            "notice": order.text,
        }
        params = {"paid": "true"} if order.closes else {}
        number = _id(self.wire.write("POST", "document-payments", params=params, json=payment))
        return Written(remote_id=number, says=f"payment {number} over {order.amount}")

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look for the finished reminder of this stage: none of the tool's fields could hold our reference."""
        for row in self._reminders(order):
            if row.get("is_draft") is False:
                return Written(remote_id=str(row.get("id")), says=f"document {row.get('id')} stands there already")
        return None

    def dun(self, order: DunningOrder) -> Written:
        """Lay a reminder (level 1) or a dunning letter beside the invoice, finished; it is not sent from there.

        A draft is a document nobody was sent. One that a broken connection left behind is finished, not repeated.
        """
        kind = _dunning_kind(order)
        draft = next((str(row.get("id")) for row in self._reminders(order)), "")
        if not draft:
            draft = _id(self.wire.write("POST", f"documents/{order.key.remote_id}/{kind}"))
        self.wire.write("PUT", f"documents/{draft}/done")
        return Written(remote_id=draft, says=f"{kind.lower()} {draft} was laid down, not sent")

    def _reminders(self, order: DunningOrder) -> Iterator[dict[str, Any]]:
        """Give the reminders to this invoice that were made since the stage was said, drafts as well."""
        params = {"type": _dunning_kind(order), "ref_id": order.key.remote_id}
        since = order.sent_on.isoformat()
        return (row for row in self._pages("documents", params) if str(row.get("created_at"))[:10] >= since)

    def _documents(self, filters: dict[str, Any]) -> Iterator[Document]:
        cancelled: Collection[str] | None = None
        for row in self._pages("documents", {"type": _TYPES, **filters}):
            if row.get("type") == "CREDIT" and cancelled is None:
                cancelled = self._cancelled_credits()
            yield translate(row, self.name, cancelled or ())

    def _cancelled_credits(self, of: str = "") -> frozenset[str]:
        """Give the credit notes that a cancellation (Storno) refers to: only invoices name theirs themselves."""
        filters = {"type": "STORNO_CREDIT", "is_draft": 0} | ({"ref_id": of} if of else {})
        return frozenset(str(row.get("ref_id")) for row in self._pages("documents", filters))

    def _pages(self, path: str, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        def ask(number: int) -> Page:
            answer = self.wire.read(path, params={**filters, "limit": _SIZE, "page": number})
            return Page(rows=answer.rows("items"), total=_total(answer))

        return numbered(ask, first=1, size=_SIZE, identity=lambda row: str(row.get("id")))


def translate(row: dict[str, Any], source: str, cancelled_credits: Collection[str] = ()) -> Document:
    """Make a document of ours out of one of theirs."""
    plain = Fields(row, source)
    key = RemoteKey(plain.label("type").lower(), plain.label("id"))
    fields = Fields(row, f"{source}: {key.kind} {plain.label('number') or key.remote_id}")

    def stands() -> Standing:
        return Standing.CANCELLED if key.remote_id in cancelled_credits else _standing(fields)

    def item(standing: Standing) -> OpenItem:
        fields.needed("customer_id")
        kind, amount, left = _amounts(fields)
        dated = fields.needed_day("document_date")
        percent, until = skonto_of(fields.percent("cash_allowance"), _in(dated, fields, "cash_allowance_days"))
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("number"),
            kind=kind,
            debtor_number="",
            document_date=dated,
            # Without a term a debt is due at once (§ 271 (1) BGB).
            due_date=fields.day("due_date") or _in(dated, fields, "due_in_days") or dated,
            amount=amount,
            open_amount=left if standing is Standing.OPEN else Money(0, amount.currency),
            skonto_percent=percent,
            skonto_until=until,
            order_number=fields.text("order_number"),
            source=source,
            place=fields.place,
        )

    return document_by(key, fields.label("number"), row, stands, item, contact_id=fields.label("customer_id"))


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their customers."""
    plain = Fields(row, source)
    remote_id = plain.label("id")
    fields = Fields(row, f"{source}: customer {plain.label('number') or remote_id}")
    try:
        company = fields.text("company_name")
        person = " ".join(filter(None, (fields.text("first_name"), fields.text("last_name"))))
        emails = row.get("emails") or []
        iban = fields.text("bank_iban").replace(" ", "")
        debtor = Debtor(
            number=fields.number("number"),
            name=company or person or fields.needed("display_name"),
            street=fields.text("street"),
            postcode=fields.text("zip_code"),
            city=fields.text("city"),
            country=fields.text("country") or "DE",
            email=str(emails[0]) if isinstance(emails, list) and emails else "",
            phone=fields.text("phone_1"),
            ibans=(iban,) if iban else (),
            type=DebtorType.BUSINESS if company else DebtorType.UNKNOWN,
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _standing(fields: Fields) -> Standing:
    """Tell where a document stands; what the tool always says must be there, or a paid one would look open."""
    if fields.values.get("type") not in _TYPES.split(","):
        raise fields.mistake("type", "is neither an invoice nor a credit note")
    for key in ("is_draft", "paid_at", "paid_amount"):
        if key not in fields.values:
            raise fields.mistake(key, "is missing")
    if fields.truth("is_draft"):
        return Standing.DRAFT
    if fields.has("cancel_id"):
        return Standing.CANCELLED
    return Standing.SETTLED if fields.has("paid_at") else Standing.OPEN


def _amounts(fields: Fields) -> tuple[ItemKind, Money, Money]:
    """Give what it is, its amount, and what is left of it, both positive; an invoice below zero is owed by us."""
    currency = fields.currency("currency")
    if minor_digits(currency) != 2:
        raise fields.mistake("currency", "is not counted in hundredths, in which easybill counts")
    amount = fields.cents("amount", currency)
    paid = fields.cents("paid_amount", currency) if fields.has("paid_amount") else Money(0, currency)
    kind = ItemKind.CREDIT_NOTE if amount.minor < 0 or fields.values["type"] == "CREDIT" else ItemKind.INVOICE
    if kind is ItemKind.INVOICE:
        return kind, amount, Money(max(0, amount.minor - paid.minor), currency)
    return kind, abs(amount), Money(max(0, abs(amount.minor) - abs(paid.minor)), currency)


def _in(dated: date, fields: Fields, key: str) -> date | None:
    days = fields.term(key)
    return None if days is None else days_after(dated, days)


def _total(answer: Answer) -> int:
    total = answer.record().get("total")
    if not isinstance(total, int):
        raise answer.unexpected("a whole number under 'total'")
    return total


def _id(answer: Answer) -> str:
    number = answer.record().get("id")
    if not isinstance(number, int):
        raise answer.unexpected("an id")
    return str(number)


def _dunning_kind(order: DunningOrder) -> str:
    return "REMINDER" if order.level == 1 else "DUNNING"


def _not_bookable(order: PaymentOrder) -> str:
    """Say why a payment cannot be told; its description leaves open which sign a payment of a credit note has."""
    if order.is_credit_note:
        return "easybill is not told of payments of credit notes"
    if not order.amount:
        return "easybill closes no document without a payment"
    if order.settled != order.amount and not order.closes:
        return f"{order.settled - order.amount} is waived, which easybill only knows where it closes the document"
    return ""


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"code": 422, "message": "…", "arguments": […]}``."""
    said = answer.record()
    arguments = said.get("arguments") or []
    return ": ".join([str(said.get("message", "")), *map(str, arguments)])
