"""Template (Vorlage): a connector to an invented tool, to be copied; see docs/connectors/adding-a-tool.md.

Source: name the vendor's description and its version here, and in which zone the tool counts its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from urllib.parse import quote

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import PaymentOrder, Written
from connectors.accounting.terms import days_after, document_of, item_id_of, skonto_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Bearer, Manners, Rate, Wire
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, WebToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.wire.line import Line

_SIZE: Final = 100  # rows of a page; the tool gives no more
_KINDS: Final[Mapping[str, ItemKind]] = {"invoice": ItemKind.INVOICE, "credit_note": ItemKind.CREDIT_NOTE}
# Complete: what is not in here is a finding, never a guess.
_STANDINGS: Final[Mapping[str, Standing]] = {
    "draft": Standing.DRAFT,
    "open": Standing.OPEN,
    "partly_paid": Standing.OPEN,
    "paid": Standing.SETTLED,
    "cancelled": Standing.CANCELLED,
    "written_off": Standing.WRITTEN_OFF,
}


class TemplateSettings(WebToolSettings):
    """A company at the tool: where it is reached, and where its key is kept."""

    kind: Literal["template"]
    key: SecretSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Reads the tool, and books payments there."""

    name: str
    wire: Wire

    # The truth, not the wish: the rest of the house builds on it.
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_DEBTORS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_SKONTO,
            Capability.READS_CHANGES,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.BOOKS_PART_PAYMENTS,
            Capability.REPEATS_SAFELY,
        }
    )

    @classmethod
    def connect(cls, settings: TemplateSettings, line: Line) -> Template:
        """Open a wire with the key that the settings name; nothing is asked yet."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=settings.url,
            auth=Bearer(key),
            secret=key,
            rate=Rate(requests=5, seconds=1),
            manners=Manners(words=_words),
            allow_http=settings.allow_http,
        )
        return cls(name=settings.name, wire=wire)

    def check(self) -> str:
        """Ask who we are, which needs the key."""
        me = Fields(self.wire.read("me").record(), self.name)
        return f"{me.needed('company')} answers"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer."""
        for row in self._pages("customers", {}):
            yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        for row in self._pages("documents", {"status": "open,partly_paid"}):
            yield translate(row, self.name)

    def changed_documents(self, since: str) -> Changes:
        """Give what changed since a moment; the cursor is the moment of the question, by their clock."""
        moment = self.wire.read("me").moment
        cursor = moment.isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        rows = self._pages("documents", {"changed_since": since})
        return Changes(documents=(translate(row, self.name) for row in rows), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        return translate(self.wire.read(f"documents/{quote(key.remote_id, safe='')}").record(), self.name)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours: the reference of each names the operation."""
        for row in self._pages("payments", {"document": order.key.remote_id}):
            if row.get("reference") == order.operation:
                payment = Fields(row, self.name).needed("id")
                return Written(remote_id=payment, says=f"payment {payment} stands there already")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came; the same operation is booked once, however often it is told."""
        answer = self.wire.write(
            "POST",
            "payments",
            repeatable=True,
            headers={"Idempotency-Key": order.operation},
            json={
                "document": order.key.remote_id,
                "cents": order.amount.minor,
                "day": order.day.isoformat(),
                "reference": order.operation,
            },
        )
        payment = Fields(answer.record(), self.name).text("id")
        return Written(remote_id=payment, says=f"payment {payment} over {order.amount}")

    def _pages(self, path: str, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        def ask(number: int) -> Page:
            answer = self.wire.read(path, params={**filters, "page": number, "size": _SIZE})
            total = Fields(answer.record(), f"{self.name}: {path}").whole("total")
            return Page(rows=answer.rows("rows"), total=total)

        return numbered(ask, first=1, size=_SIZE, identity=lambda row: str(row.get("id")))


def translate(row: dict[str, Any], source: str) -> Document:
    """Make a document of ours out of one of theirs."""
    plain = Fields(row, source)
    key = RemoteKey(plain.label("kind"), plain.label("id"))
    number = plain.label("number")
    fields = Fields(row, f"{source}: {key.kind} {number or key.remote_id}")
    standing = _STANDINGS.get(plain.label("status"))

    def item() -> OpenItem:
        if key.kind not in _KINDS:
            raise fields.mistake("kind", "is no kind of document that is known")
        if standing is None:
            raise fields.mistake("status", "is no state that is known")
        currency = fields.currency("currency")
        dated = fields.needed_day("date")
        percent, until = skonto_of(fields.percent("skonto_percent"), fields.day("skonto_until"))
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("number"),
            kind=_KINDS[key.kind],
            debtor_number="",  # the documents name the customer by its id; the night finds the number
            document_date=dated,
            due_date=fields.day("due") or days_after(dated, fields.whole("days") or 0),
            amount=abs(
                fields.money("amount", currency)
            ),  # the sign says which way the money goes; the kind does, here
            open_amount=abs(fields.money("open", currency)) if standing is Standing.OPEN else Money(0, currency),
            skonto_percent=percent,
            skonto_until=until,
            source=source,
            place=fields.place,
        )

    # What is in no known state stays in the open set, as a finding, until somebody has looked.
    return document_of(key, number, standing or Standing.OPEN, row, item, contact_id=plain.label("customer"))


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their customers."""
    plain = Fields(row, source)
    fields = Fields(row, f"{source}: customer {plain.label('number') or plain.label('id')}")
    try:
        debtor = Debtor(
            number=fields.number("number"),
            name=fields.needed("name"),
            street=fields.text("street"),
            postcode=fields.text("postcode"),
            city=fields.text("city"),
            country=fields.text("country") or "DE",
            email=fields.text("email"),
            type=DebtorType.BUSINESS if fields.truth("is_company") else DebtorType.UNKNOWN,
        )
    except Mistake as mistake:
        return Contact(remote_id=plain.label("id"), debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=plain.label("id"), debtor=debtor)


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": "…"}``."""
    return str(answer.record().get("error", ""))
