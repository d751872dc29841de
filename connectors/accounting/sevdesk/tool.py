"""The conversation with sevDesk: lists of what is open and what changed, one document again, and what it is told.

Source: the vendor's description of its API (version 2.0.0 of July 2025). Days are days in Berlin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal
from urllib.parse import quote

from connectors.accounting.capability import Capability
from connectors.accounting.fields import Fields
from connectors.accounting.orders import Written
from connectors.accounting.sevdesk import bookings
from connectors.accounting.sevdesk.contacts import contact, gathered
from connectors.accounting.sevdesk.desk import BASE, Desk, words
from connectors.accounting.sevdesk.documents import CREDIT_NOTE, INVOICE, is_claim, translate
from connectors.accounting.tool import Changes
from connectors.wire import Bearer, Manners, Rate
from connectors.wire.settings import SecretSettings, ToolSettings
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.accounting.orders import DunningOrder, PaymentOrder
    from connectors.accounting.sevdesk.desk import Row
    from connectors.wire.line import Line

_RATE: Final = Rate(requests=3, seconds=1)  # they publish no limit
_OVERLAP: Final = timedelta(minutes=15)
_CREDIT_NOTES_AGAIN: Final = timedelta(days=60)  # their list knows no "changed since"
_OPEN: Final = ("200", "750")  # open, partly paid; in this order, so that what is paid in part meanwhile comes twice
_ORDER: Final = {INVOICE: "orderByInvoiceNumber", CREDIT_NOTE: "orderByCreditNoteNumber"}


class SevdeskSettings(ToolSettings):
    """A company at sevDesk; its token stands there at the user who has the rights of an administrator."""

    kind: Literal["sevdesk"]
    key: SecretSettings
    check_account: str = ""  # Zahlungskonto that payments are booked on; empty: the one with the IBAN they came to


@dataclass(frozen=True, slots=True, kw_only=True)
class Sevdesk:
    """Reads sevDesk, links its bank transactions with what they paid, and lays down drafts of reminders."""

    name: str
    desk: Desk
    check_account: str = ""

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
        }
    )

    @classmethod
    def connect(cls, settings: SevdeskSettings, line: Line) -> Sevdesk:
        """Open a wire with the token that the settings name; it is written without "Bearer"."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=BASE,
            auth=Bearer(key, word=""),
            secret=key,
            rate=_RATE,
            manners=Manners(words=words),
        )
        return cls(name=settings.name, desk=Desk(name=settings.name, wire=wire), check_account=settings.check_account)

    def check(self) -> str:
        """Ask which version of its bookkeeping this company has."""
        version = self.desk.one("Tools/bookkeepingSystemVersion").get("version")
        return f"sevDesk answers, with version {version} of its bookkeeping"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer, with the addresses that sevDesk keeps in lists of their own."""
        addresses = gathered(self.desk.all("ContactAddress", {"embed": "country"}))
        emails = gathered(self.desk.all("CommunicationWay", {"type": "EMAIL"}))
        phones = gathered(self.desk.all("CommunicationWay", {"type": "PHONE"}))
        for row in self.desk.all("Contact", {"depth": "1"}):
            remote_id = Fields(row, self.name).label("id")
            found = contact(
                row, addresses.get(remote_id, ()), emails.get(remote_id, ()), phones.get(remote_id, ()), self.name
            )
            if found is not None:
                yield found

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set; by number, so that a new document appears on the last page."""
        for model, order in _ORDER.items():
            for status in _OPEN:
                for row in self.desk.all(model, {"status": status, order: "ASC"}):
                    if is_claim(model, row):
                        yield translate(model, row, self.name)

    def changed_documents(self, since: str) -> Changes:
        """Give the invoices that changed since a moment, and the credit notes of the last weeks; by their clock."""
        moment = self.desk.wire.read("Tools/bookkeepingSystemVersion").moment
        cursor = moment.isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        return Changes(documents=self._changed(datetime.fromisoformat(since).astimezone(UTC)), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        model = bookings.model_of(key)
        row = self.desk.one(f"{model}/{quote(key.remote_id, safe='')}")
        cancelled = model == INVOICE and str(row.get("status")) == "1000" and self._is_cancelled(key.remote_id)
        return translate(model, row, self.name, cancelled=cancelled)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for the bank transaction of that day and amount, and whether it is linked with this document."""
        return bookings.booked(self.desk, order, self.check_account)

    def book(self, order: PaymentOrder) -> Written:
        """Link the bank transaction with the document; the kind of booking closes Skonto and differences."""
        return bookings.book(self.desk, order, self.check_account)

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look for a reminder to this document of this level, or a higher one."""
        self._refuse_all_but_invoices(order)
        asked = {"invoiceType": "MA", "showMa": "all", **_origin(order.key.remote_id)}
        for row in self.desk.all(INVOICE, asked):
            if _origin_of(row) == order.key.remote_id and _level(row.get("dunningLevel")) >= order.level:
                return Written(remote_id=str(row.get("id")), says=f"reminder {row.get('id')} stands there already")
        if _level(self.desk.one(f"{INVOICE}/{order.key.remote_id}").get("dunningLevel")) >= order.level:
            return Written(remote_id="", says=f"the document is at dunning level {order.level} there already")
        return None

    def dun(self, order: DunningOrder) -> Written:
        """Lay down the draft of a reminder; its level is counted by sevDesk, and it is not sent from there."""
        self._refuse_all_but_invoices(order)
        reference = {"id": int(order.key.remote_id), "objectName": INVOICE}
        params = {"invoice[id]": order.key.remote_id, "invoice[objectName]": INVOICE}
        said = self.desk.tell("POST", "Invoice/Factory/createInvoiceReminder", {"invoice": reference}, params)
        return Written(
            remote_id=str(said.get("id") or ""), says=f"the draft of reminder {said.get('id')} was laid down"
        )

    def _changed(self, since: datetime) -> Iterator[Document]:
        after = {"updateAfter": str(int((since - _OVERLAP).timestamp()))}
        cancelling = self.desk.all(INVOICE, {"invoiceType": "SR", **after})
        cancelled = {_origin_of(row) for row in cancelling}
        for row in self.desk.all(INVOICE, {**after, _ORDER[INVOICE]: "ASC"}):
            if is_claim(INVOICE, row):
                yield translate(INVOICE, row, self.name, cancelled=str(row.get("id")) in cancelled)
        written = {"startDate": str(int((since - _CREDIT_NOTES_AGAIN).timestamp()))}
        for row in self.desk.all(CREDIT_NOTE, {**written, _ORDER[CREDIT_NOTE]: "ASC"}):
            yield translate(CREDIT_NOTE, row, self.name)

    def _refuse_all_but_invoices(self, order: DunningOrder) -> None:
        if bookings.model_of(order.key) != INVOICE:
            raise Refused(f"{self.name}: {order.document_number} is no invoice; sevDesk reminds of invoices alone")

    def _is_cancelled(self, remote_id: str) -> bool:
        """Ask for a cancellation (Stornorechnung) of an invoice, which is otherwise told as paid."""
        cancelling = self.desk.all(INVOICE, {"invoiceType": "SR", **_origin(remote_id)})
        return any(_origin_of(row) == remote_id for row in cancelling)


def _origin(remote_id: str) -> dict[str, str]:
    return {"origin[id]": remote_id, "origin[objectName]": INVOICE}


def _origin_of(row: Row) -> str:
    origin = row.get("origin")
    return str(origin.get("id")) if isinstance(origin, dict) else ""


def _level(said: object) -> int:
    return int(said) if isinstance(said, (int, str)) and str(said).isdigit() else 0
