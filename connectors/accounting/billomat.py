"""Billomat: invoices and credit notes by its REST API, whose JSON is XML in disguise: texts, and one row is no list.

Source: the vendor's description of its API (German pages, 2026). It is not versioned. A created reminder completed
there is a stage that was said; nothing is sent from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import DunningOrder, PaymentOrder, Written
from connectors.accounting.terms import days_after, document_by, item_id_of, skonto_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Clock, HeaderKey, Manners, Quota, Rate, Wire
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.errors import Refused
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from connectors.wire.line import Line

_SIZE: Final = 1_000
_WINDOW_SECONDS: Final = 900  # quotas are counted by the quarter of an hour
_QUOTA: Final = Quota(remaining="X-Rate-Limit-Remaining", reset="X-Rate-Limit-Reset", clock=Clock.EPOCH)
_TRY_AGAIN: Final = re.compile(r"again in (\d+) second", re.IGNORECASE)

# The kinds of documents, as the addresses name them, with the states in which they are open.
_OPEN_STATES: Final[Mapping[str, str]] = MappingProxyType({"invoice": "OPEN,OVERDUE", "credit-note": "OPEN"})
_STANDINGS: Final[Mapping[str, Standing]] = MappingProxyType(
    {
        "DRAFT": Standing.DRAFT,
        "OPEN": Standing.OPEN,
        "OVERDUE": Standing.OPEN,
        "PAID": Standing.SETTLED,
        "CANCELED": Standing.CANCELLED,
    }
)


class BillomatSettings(ToolSettings):
    """A company at Billomat; a key belongs to a user there, who must be allowed to use the API."""

    kind: Literal["billomat"]
    account: str = Field(pattern=r"^[A-Za-z0-9-]{1,60}$")  # the first part of its address: ACCOUNT.billomat.net
    key: SecretSettings
    requests_per_quarter_hour: int = Field(default=300, ge=10)  # by plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Billomat:
    """Reads Billomat, books payments there, and lays down reminders."""

    name: str
    wire: Wire

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_SKONTO,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.BOOKS_PART_PAYMENTS,
            Capability.BOOKS_DIFFERENCES,
            Capability.CREATES_DUNNING_DOCUMENTS,
        }
    )

    @classmethod
    def connect(cls, settings: BillomatSettings, line: Line) -> Billomat:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        # Half of a quota at once and the other half spaced over its window: never more than all of it.
        half = settings.requests_per_quarter_hour // 2
        return cls(
            name=settings.name,
            wire=line.wire(
                tool=settings.name,
                base=f"https://{settings.account}.billomat.net/api",
                auth=HeaderKey("X-BillomatApiKey", key),
                secret=key,
                rate=Rate(requests=half, seconds=_WINDOW_SECONDS, burst=half),
                manners=Manners(quotas=(_QUOTA,), wait_in_words=_seconds_in_words, words=_words),
            ),
        )

    def check(self) -> str:
        """Ask whose account it is, which needs the key."""
        name = self._one("client", "clients/myself").get("name")
        return f"Billomat answers, for {name or 'an account without a name'}"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer, archived ones as well."""
        for row in self._pages("client", {}):
            yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set; oldest first, so that a new document appears on the last page."""
        for kind, states in _OPEN_STATES.items():
            # In an address a blank is written as a plus, which is how the description wants it.
            for row in self._pages(kind, {"status": states, "order_by": "date ASC"}):
                yield translate(kind, row, self.name)

    def changed_documents(self, since: str) -> Changes:
        """Give nothing: Billomat cannot be asked for what changed."""
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        return translate(key.kind, self._one(key.kind, f"{key.kind}s/{key.remote_id}"), self.name)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours: its comment names the operation."""
        kind = f"{order.key.kind}-payment"
        for row in self._pages(kind, {_reference(order.key.kind): order.key.remote_id}):
            if order.operation in str(row.get("comment")).split():
                return Written(remote_id=str(row.get("id")), says=f"payment {row.get('id')} stands there already")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that moved; marked as paid, the document is closed, and with it Skonto and differences."""
        if why := _not_bookable(order):
            raise Refused(f"{self.name}: {order.document_number}: {why}\n    Book it there by hand.")
        kind = order.key.kind
        payment = {
            _reference(kind): order.key.remote_id,
            "date": order.day.isoformat(),
            "amount": str(order.amount.decimal()),
            "comment": f"{order.operation} {order.text}",
            "type": "BANK_TRANSFER" if kind == "invoice" else "MISC",  # a credit note may have been set off
            f"mark_{_word(kind)}_as_paid": int(order.closes),
        }
        number = self._created(f"{kind}-payment", payment)
        return Written(remote_id=number, says=f"payment {number} over {order.amount}")

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look for a completed reminder of ours: its label names the operation."""
        for row in self._reminders(order):
            if row.get("status") not in {"DRAFT", "CANCELED"}:
                return Written(remote_id=str(row.get("id")), says=f"reminder {row.get('id')} stands there already")
        return None

    def dun(self, order: DunningOrder) -> Written:
        """Lay down a reminder and complete it, with the texts of the next level there; it is not sent from there.

        A draft that a broken connection left behind is completed, not repeated.
        """
        drafts = (str(row.get("id")) for row in self._reminders(order) if row.get("status") == "DRAFT")
        number = next(drafts, "") or self._created("reminder", _reminder(order))
        self.wire.write("PUT", f"reminders/{number}/complete", json={"complete": {}})
        return Written(remote_id=number, says=f"reminder {number} was laid down, not sent")

    def _reminders(self, order: DunningOrder) -> Iterator[dict[str, Any]]:
        found = self._pages("reminder", {"invoice_number": order.document_number})
        return (row for row in found if row.get("label") == order.operation)

    def _created(self, kind: str, values: Mapping[str, Any]) -> str:
        answer = self.wire.write("POST", f"{kind}s", params={"format": "json"}, json={kind: values})
        if not (number := _inner(answer, kind).get("id")):
            raise answer.unexpected("an id")
        return str(number)

    def _one(self, kind: str, path: str) -> dict[str, Any]:
        return _inner(self.wire.read(path, params={"format": "json"}), kind)

    def _pages(self, kind: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def ask(number: int) -> Page:
            params = {**filters, "format": "json", "per_page": _SIZE, "page": number}
            return _page(self.wire.read(f"{kind}s", params=params), kind, number)

        return numbered(ask, first=1, size=_SIZE, identity=lambda row: str(row.get("id")))


def translate(kind: str, row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of theirs; ``kind`` is ``invoice`` or ``credit-note``."""
    plain, name = Fields(row, source), f"{_word(kind)}_number"
    key = RemoteKey(kind, plain.label("id"))
    fields = Fields(row, f"{source}: {kind} {plain.label(name) or key.remote_id}")

    def stands() -> Standing:
        if (standing := _STANDINGS.get(fields.needed("status"))) is None:
            raise fields.mistake("status", "is no state of Billomat that we know")
        return standing

    def item(standing: Standing) -> OpenItem:
        fields.needed("client_id")
        currency = fields.currency("currency_code")
        amount, dated = fields.money("total_gross", currency), fields.needed_day("date")
        # A corrective invoice (Korrekturrechnung) is an invoice below zero: we owe it.
        is_invoice = kind == "invoice" and amount.minor >= 0
        percent, until = skonto_of(fields.percent("discount_rate"), _day(fields, "discount", dated))
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number(name),
            kind=ItemKind.INVOICE if is_invoice else ItemKind.CREDIT_NOTE,
            debtor_number="",
            document_date=dated,
            # Without a term a debt is due at once (§ 271 (1) BGB).
            due_date=_day(fields, "due", dated) or dated,
            amount=abs(amount),
            open_amount=_left(fields, amount) if standing is Standing.OPEN else Money(0, currency),
            skonto_percent=percent,
            skonto_until=until,
            source=source,
            place=fields.place,
        )

    return document_by(key, fields.label(name), row, stands, item, contact_id=fields.label("client_id"))


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their customers."""
    plain = Fields(row, source)
    remote_id = plain.label("id")
    fields = Fields(row, f"{source}: client {plain.label('client_number') or remote_id}")
    try:
        company = fields.text("name")
        person = " ".join(filter(None, (fields.text("first_name"), fields.text("last_name"))))
        iban = fields.text("bank_iban").replace(" ", "")
        debtor = Debtor(
            number=fields.number("client_number"),
            name=company or person or fields.needed("name"),
            street=fields.text("street"),
            postcode=fields.text("zip"),
            city=fields.text("city"),
            country=fields.text("country_code") or "DE",
            email=fields.text("email"),
            phone=fields.text("phone"),
            ibans=(iban,) if iban else (),
            type=DebtorType.BUSINESS if company else DebtorType.UNKNOWN,
            language=fields.text("locale")[:2].lower() or "de",
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _left(fields: Fields, amount: Money) -> Money:
    """Give what is open; credit notes are not described as saying it, and may only tell what was paid."""
    if fields.has("open_amount"):
        left = fields.money("open_amount", amount.currency)
    else:
        left = amount - fields.money("paid_amount", amount.currency)
    overpaid = (left.minor < 0) != (amount.minor < 0)
    return Money(0, amount.currency) if overpaid else abs(left)


def _day(fields: Fields, name: str, dated: date) -> date | None:
    """Give the day of a term, which is told as a date or in days."""
    days = fields.term(f"{name}_days")
    return fields.day(f"{name}_date") or (None if days is None else days_after(dated, days))


def _reminder(order: DunningOrder) -> dict[str, Any]:
    told = {"invoice_id": order.key.remote_id, "date": order.sent_on.isoformat(), "label": order.operation}
    return told | ({"due_date": order.deadline.isoformat()} if order.deadline else {})


def _not_bookable(order: PaymentOrder) -> str:
    if order.is_credit_note and order.key.kind == "invoice":
        return "Billomat does not say how the payment of a corrective invoice is booked"
    if not order.amount:
        return "Billomat closes no document without a payment"
    if order.settled != order.amount and not order.closes:
        return f"{order.settled - order.amount} is waived, which Billomat only knows where it closes the document"
    return ""


def _word(kind: str) -> str:
    return kind.replace("-", "_")


def _reference(kind: str) -> str:
    return f"{_word(kind)}_id"


def _page(answer: Answer, kind: str, number: int) -> Page:
    """Read a page: what it holds is absent where there is none, and no list where there is one."""
    around = answer.record().get(f"{kind}s")
    if not isinstance(around, dict):
        raise answer.unexpected(f"an object under '{kind}s'")
    found = around.get(kind) or []
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answer.unexpected(f"objects under '{kind}'")
    total, size = _count(answer, around, "@total"), _count(answer, around, "@per_page")
    return Page(rows=rows, total=total, more=number * size < total)


def _count(answer: Answer, around: Mapping[str, Any], key: str) -> int:
    text = str(around.get(key))
    if not text.isdecimal():
        raise answer.unexpected(f"a number under '{key}'")
    return int(text)


def _inner(answer: Answer, kind: str) -> dict[str, Any]:
    found = answer.record().get(kind)
    if not isinstance(found, dict):
        raise answer.unexpected(f"an object under '{kind}'")
    return found


def _seconds_in_words(answer: Answer) -> float | None:
    found = _TRY_AGAIN.search(answer.body[:10_000].decode("utf-8", "replace"))
    return float(found[1]) if found else None


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"errors": {"error": "…"}}``, or a list of them."""
    errors = answer.record().get("errors")
    said = errors.get("error") if isinstance(errors, dict) else errors
    return "; ".join(map(str, said)) if isinstance(said, list) else str(said or "")
