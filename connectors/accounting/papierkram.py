"""Papierkram: invoices by its REST API, which counts every question against a quota of the month; it is only read.

Source: answers recorded by others, and its public description. There is no filter by state, and nothing tells what
changed: all invoices are listed, and the open ones are taken from the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import document_by, item_id_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Bearer, Manners, Rate, Wire
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.debtor import Debtor
from ledger.errors import Unavailable
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from connectors.wire.line import Line

_SIZE: Final = 100
_RATE: Final = Rate(requests=60, seconds=60, burst=10)  # nothing is said of a limit by the minute
_QUOTA_LEFT: Final = "x-remaining-quota"
_KIND: Final = "invoice"
_CURRENCY: Final = "EUR"  # its invoices name none

# The states that are known from recorded answers; those of open invoices are a setting.
_STANDINGS: Final[Mapping[str, Standing]] = MappingProxyType(
    {"draft": Standing.DRAFT, "paid": Standing.SETTLED, "canceled": Standing.CANCELLED}
)
_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType({"deutschland": "DE", "österreich": "AT", "schweiz": "CH"})


class PapierkramSettings(ToolSettings):
    """A company at Papierkram; its key is made there under "Einstellungen", "API"."""

    kind: Literal["papierkram"]
    account: str = Field(pattern=r"^[A-Za-z0-9-]{1,60}$")  # the first part of its address: ACCOUNT.papierkram.de
    key: SecretSettings
    written_since: date | None = None  # older invoices are not read, where there are so many that the quota suffers
    calls_left: int = Field(default=500, ge=0)  # of the month's quota, for whatever else the office does with it
    open_states: tuple[str, ...] = ("open", "unpaid", "sent", "overdue", "partially_paid", "reminded", "dunned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Papierkram:
    """Reads Papierkram."""

    name: str
    wire: Wire
    settings: PapierkramSettings

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.READS_DEBTORS, Capability.READS_OPEN_AMOUNTS, Capability.READS_ONE_ITEM}
    )

    @classmethod
    def connect(cls, settings: PapierkramSettings, line: Line) -> Papierkram:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=f"https://{settings.account}.papierkram.de/api/v1",
            auth=Bearer(key),
            secret=key,
            rate=_RATE,
            manners=Manners(words=_words),
        )
        return cls(name=settings.name, wire=wire, settings=settings)

    def check(self) -> str:
        """Ask for one invoice, which needs the key, and tell what a night costs."""
        answer = self._read("income/invoices", {"page": 1, "page_size": 1})
        total, left = _total(answer), answer.headers.get(_QUOTA_LEFT)
        told = f"Papierkram answers, and has {total} invoices: {-(-total // _SIZE)} questions a night"
        return f"{told}, and {left} are left this month" if left else told

    def contacts(self) -> Iterator[Contact]:
        """Give every customer; suppliers are kept in the same list."""
        for row in self._pages("contact/companies", {}):
            if row.get("customer_no") or row.get("contact_type") == "customer":
                yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set, picked out of all invoices; what cannot be read is told with it."""
        since = self.settings.written_since
        for row in self._pages("income/invoices", {"document_date_range_start": since.isoformat()} if since else {}):
            document = self._translated(row)
            if document.standing is Standing.OPEN:
                yield document

    def changed_documents(self, since: str) -> Changes:
        """Give nothing: Papierkram cannot be asked for what changed."""
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        return self._translated(self._read(f"income/invoices/{key.remote_id}", {}).record())

    def _translated(self, row: dict[str, Any]) -> Document:
        return translate(row, self.name, self.settings.open_states)

    def _pages(self, path: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def ask(number: int) -> Page:
            order = {"order_by": "id", "order_direction": "asc"}  # what is new comes last, and moves nothing
            answer = self._read(path, {**filters, **order, "page": number, "page_size": _SIZE})
            more = answer.record().get("has_more")
            if not isinstance(more, bool):
                raise answer.unexpected("yes or no under 'has_more'")
            return Page(rows=answer.rows("entries"), total=_total(answer), more=more)

        return numbered(ask, first=1, size=_SIZE, identity=lambda row: str(row.get("id")))

    def _read(self, path: str, params: Mapping[str, Any]) -> Answer:
        """Ask, and stop asking when the quota of the month comes to its end."""
        answer = self.wire.read(path, params=dict(params))
        left = answer.headers.get(_QUOTA_LEFT, "")
        if left.isdecimal() and int(left) < self.settings.calls_left:
            raise Unavailable(
                f"{self.name}: only {left} questions of this month's quota are left, and {self.settings.calls_left} "
                "are kept for others\n    Wait for the next month, book a larger plan, or set calls_left lower."
            )
        return answer


def translate(row: dict[str, Any], source: str, open_states: Collection[str]) -> Document:
    """Make a document of ours out of one of theirs."""
    plain = Fields(row, source)
    key = RemoteKey(_KIND, plain.label("id"))
    fields = Fields(row, f"{source}: {_KIND} {plain.label('invoice_no') or key.remote_id}")

    def item(standing: Standing) -> OpenItem:
        amount, left = fields.money("total_gross", _CURRENCY), fields.money("outstanding_amount", _CURRENCY)
        dated = fields.needed_day("document_date")
        if standing is Standing.OPEN and amount.minor < 0:
            raise fields.mistake("total_gross", "is below zero, a credit note or half of a cancellation: nobody says")
        return OpenItem(
            item_id=item_id_of(source, key),
            document_number=fields.number("invoice_no"),
            kind=ItemKind.INVOICE if amount.minor >= 0 else ItemKind.CREDIT_NOTE,
            debtor_number=fields.number("customer_no"),
            document_date=dated,
            # Without a term a debt is due at once (§ 271 (1) BGB).
            due_date=fields.day("due_date") or dated,
            amount=abs(amount),
            open_amount=Money(max(0, left.minor) if standing is Standing.OPEN else 0, _CURRENCY),
            source=source,
            place=fields.place,
        )

    return document_by(key, fields.label("invoice_no"), row, lambda: _standing(fields, open_states), item)


def contact(row: dict[str, Any], source: str) -> Contact:
    """Make a debtor out of one of their companies; whether one is a consumer is not told."""
    plain = Fields(row, source)
    remote_id = plain.label("id")
    fields = Fields(row, f"{source}: company {plain.label('customer_no') or remote_id}")
    try:
        iban = fields.text("bank_iban").replace(" ", "")
        debtor = Debtor(
            number=fields.number("customer_no"),
            name=fields.needed("name"),
            street=fields.text("postal_street"),
            postcode=fields.text("postal_zip"),
            city=fields.text("postal_city"),
            country=_country(fields.text("postal_country")),
            email=fields.text("email"),
            phone=fields.text("phone"),
            ibans=(iban,) if iban else (),
        )
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))
    return Contact(remote_id=remote_id, debtor=debtor)


def _standing(fields: Fields, open_states: Collection[str]) -> Standing:
    state = fields.needed("state")
    if (known := _STANDINGS.get(state)) is not None:
        return known
    if state not in open_states:
        raise Mistake(
            f"{fields.place} › state",
            f"{state!r} is no state that we know",
            "If such invoices are open, add the word to open_states of this source.",
        )
    if fields.has("paid_at_date"):
        raise fields.mistake("paid_at_date", f"is set, though the state is {state}")
    return Standing.OPEN


def _country(name: str) -> str:
    """Give the code of a country that is written out; an unknown one is left empty, and no letter goes there."""
    if not name:
        return "DE"
    return name.upper() if len(name) == 2 else _COUNTRIES.get(name.lower(), "")


def _total(answer: Answer) -> int:
    total = answer.record().get("total_entries")
    if not isinstance(total, int):
        raise answer.unexpected("a whole number under 'total_entries'")
    return total


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"type": "error", "error_type": "…", "message": "…"}``."""
    return str(answer.record().get("message") or "")
