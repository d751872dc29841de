"""The conversation with Lexware Office: lists in windows of 10,000 rows, two questions a second, details one by one.

Source: the vendor's public documentation of its API, as of July 2026. Days are days in Berlin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.lexware.contacts import contact
from connectors.accounting.lexware.documents import ZONE, contact_id_of, translate
from connectors.accounting.terms import overlapped
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Bearer, Manners, Rate, Wire
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.errors import NotThere, Refused, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.wire.line import Line

BASE: Final = "https://api.lexware.io/v1"

_PATHS: Final = {
    "invoice": "invoices",
    "downpaymentinvoice": "down-payment-invoices",
    "creditnote": "credit-notes",
    "salesinvoice": "vouchers",
    "salescreditnote": "vouchers",
}
_WITH_TERMS: Final = frozenset({"invoice", "downpaymentinvoice"})  # the others know no Skonto
_TYPES: Final = ",".join(_PATHS)
_SIZE: Final = 250
_WINDOW: Final = 10_000  # rows that a list shows; beyond it is an error
_RATE: Final = Rate(requests=2, seconds=1)  # over all paths together
_OVERLAP_DAYS: Final = 1  # updatedDateFrom counts whole days


class LexwareSettings(ToolSettings):
    """A company at Lexware Office; its key is made there under "Erweiterungen", "Public API"."""

    kind: Literal["lexware"]
    key: SecretSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexware:
    """Reads Lexware Office. Payments and stages are noted there by hand: its API takes neither."""

    name: str
    wire: Wire
    customers: set[str] = field(default_factory=set)  # whom the list of tonight named, by their id

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_SKONTO,
            Capability.READS_CHANGES,
            Capability.READS_ONE_ITEM,
            Capability.SENDS_WEBHOOKS,
        }
    )

    @classmethod
    def connect(cls, settings: LexwareSettings, line: Line) -> Lexware:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        manners = Manners(slow_down=frozenset({429, 500}), words=_words)  # their 500 means "or rate limit exceeded"
        return cls(
            name=settings.name,
            wire=line.wire(tool=settings.name, base=BASE, auth=Bearer(key), secret=key, rate=_RATE, manners=manners),
        )

    def check(self) -> str:
        """Ask whose books these are."""
        profile = self.wire.read("profile").record()
        return f"Lexware Office answers, with the books of {profile.get('companyName') or 'an unnamed company'}"

    def contacts(self) -> Iterator[Contact]:
        """Give the customers; of more than 10,000 the others are asked for when a document names them."""
        self.customers.clear()
        for row in numbered(self._customers, first=0, size=_SIZE, identity=_identity):
            customer = contact(row, self.name)
            self.customers.add(customer.remote_id)
            yield customer

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set, what is overdue among it; oldest first, so that a new one is on the last page."""
        for row in self._vouchers({"voucherStatus": "open"}):
            yield self._translated(row)

    def changed_documents(self, since: str) -> Changes:
        """Give what changed since a day; the cursor is the day of the last question, by their clock."""
        moment = self.wire.read("profile").moment
        cursor = moment.astimezone(ZoneInfo(ZONE)).date().isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        rows = self._vouchers({"voucherStatus": "any", "updatedDateFrom": overlapped(since, _OVERLAP_DAYS)})
        return Changes(documents=map(self._translated, rows), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now, with what was paid on it."""
        detail = self._detail(key)
        told = {"id": key.remote_id, "voucherType": key.kind, "detail": detail}
        if detail.get("voucherStatus") != "draft":  # which has no payments, and to ask for them is an error
            told["payment"] = self._payment(key)
        return self._translated(self._with_customer(told))

    def remembered(self, document: Document, told: Mapping[str, Any] | None) -> Document | None:
        """Complete a listed document with the terms read before; those of a finished invoice never change."""
        row = document.payload
        if "detail" in row or document.standing not in {Standing.OPEN, Standing.SETTLED}:
            return document
        if document.standing is Standing.SETTLED:  # paid or written off: only the payments know
            return None
        before = {part: told[part] for part in ("detail", "contact") if part in told} if told else {}
        stale = document.key.kind in _WITH_TERMS and (
            told is None or "detail" not in before or told.get("updatedDate") != row.get("updatedDate")
        )
        if stale or row.get("openAmount") is None or (self._is_unlisted(row) and "contact" not in before):
            return None
        return self._translated({**row, **before}) if before else document

    def completed(self, document: Document) -> Document:
        """Ask for what the list leaves out: the terms, payments, and a customer whom the list did not name."""
        told = dict(document.payload)
        if document.standing is Standing.OPEN and document.key.kind in _WITH_TERMS:
            told["detail"] = self._detail(document.key)
        if document.standing is Standing.SETTLED or told.get("openAmount") is None:
            told["payment"] = self._payment(document.key)
        return self._translated(self._with_customer(told))

    def _with_customer(self, told: dict[str, Any]) -> dict[str, Any]:
        if not self._is_unlisted(told):
            return told
        try:
            found = self.wire.read(f"contacts/{quote(contact_id_of(told), safe='')}").record()
        except NotThere:  # the customer is gone, but the document is not: it waits
            return told
        return {**told, "contact": found}

    def _translated(self, told: Mapping[str, Any]) -> Document:
        return translate(told, self.name, unlisted=self._is_unlisted(told) and "contact" not in told)

    def _is_unlisted(self, told: Mapping[str, Any]) -> bool:
        contact_id = contact_id_of(told)
        return bool(contact_id and self.customers and contact_id not in self.customers)

    def _detail(self, key: RemoteKey) -> dict[str, Any]:
        if key.kind not in _PATHS:
            raise Unreadable(f"{self.name}: {key.kind!r} is no kind of document we read; look for a newer version")
        return self.wire.read(f"{_PATHS[key.kind]}/{quote(key.remote_id, safe='')}").record()

    def _payment(self, key: RemoteKey) -> dict[str, Any]:
        """Ask what was paid; nothing for what has no payments, such as a credit note that belongs to an invoice."""
        try:
            return self.wire.read(f"payments/{quote(key.remote_id, safe='')}").record()
        except Refused:  # the document itself was read: then an open amount that nobody tells is its mistake
            return {}

    def _customers(self, number: int) -> Page:
        page = self._page("contacts", {"customer": "true"}, number)
        if page.total is not None and page.total >= _WINDOW:
            return page._replace(total=None, more=number + 1 < _WINDOW // _SIZE)
        return page

    def _vouchers(self, filters: dict[str, str], first: str = "", last: str = "") -> Iterator[dict[str, Any]]:
        """Give the rows of a list, in two halves by their dates where there are more than it shows."""
        asked = {"voucherType": _TYPES, **filters, "sort": "voucherDate,ASC"}
        asked |= {name: day for name, day in (("voucherDateFrom", first), ("voucherDateTo", last)) if day}

        def ask(number: int) -> Page:
            page = self._page("voucherlist", asked, number)
            if page.total is not None and page.total >= _WINDOW:
                raise _TooMany
            return page

        try:
            yield from numbered(ask, first=0, size=_SIZE, identity=_identity)
        except _TooMany:
            middle = self._middle(asked)
            yield from self._vouchers(filters, first, middle)
            yield from self._vouchers(filters, middle, last)  # that day twice: nobody says whether it ends a span

    def _middle(self, asked: dict[str, str]) -> str:
        """Give the day halfway between the first and the last document of a list."""
        first, last = (self._edge({**asked, "sort": f"voucherDate,{order}"}) for order in ("ASC", "DESC"))
        if (last - first).days < 2:
            raise Unreadable(
                f"{self.name}: there are more than {_WINDOW:,} documents of {first}; the list ends there"
            )
        return (first + timedelta(days=(last - first).days // 2)).isoformat()

    def _edge(self, asked: dict[str, str]) -> date:
        answer = self.wire.read("voucherlist", params={**asked, "page": 0, "size": 1})
        try:
            return Fields(answer.rows("content")[0], self.name).needed_day("voucherDate", ZONE)
        except (IndexError, Mistake):
            raise answer.unexpected("a document with its date") from None

    def _page(self, path: str, filters: dict[str, str], number: int) -> Page:
        answer = self.wire.read(path, params={**filters, "page": number, "size": _SIZE})
        envelope = answer.record()
        try:
            total = Fields(envelope, self.name).whole("totalElements")
        except Mistake:
            raise answer.unexpected("a page that tells how many rows there are") from None
        more = envelope["last"] is not True if "last" in envelope else None
        return Page(rows=answer.rows("content"), total=total, more=more)


class _TooMany(Exception):
    """A list has more rows than it shows."""


def _identity(row: dict[str, Any]) -> str:
    return str(row.get("id"))


def _words(answer: Answer) -> str:
    """Give the reason of a refusal, which comes in three shapes."""
    said = answer.record()
    reasons = [str(said.get("message") or "")]
    for key, where, what in (("IssueList", "source", "i18nKey"), ("details", "field", "message")):
        issues = said.get(key)
        listed = issues if isinstance(issues, list) else []
        reasons += [f"{issue.get(where)}: {issue.get(what)}" for issue in listed if isinstance(issue, dict)]
    return "; ".join(filter(None, reasons))
