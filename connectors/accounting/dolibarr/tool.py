"""The connector to Dolibarr: its settings, what it can, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey
from connectors.accounting.dolibarr.documents import FIELDS, LEFT, contact, of_interest, translate
from connectors.accounting.dolibarr.payments import Payments
from connectors.accounting.dolibarr.server import Server, words
from connectors.accounting.terms import overlapped
from connectors.accounting.tool import Changes
from connectors.accounting.zones import TimeZone
from connectors.wire import HeaderKey, Manners, Rate
from connectors.wire.settings import SecretSettings, WebToolSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.dolibarr.server import Row
    from connectors.accounting.orders import PaymentOrder, Written
    from connectors.wire.line import Line

_API: Final = "/api/index.php"
_OVERLAP_DAYS: Final = 2  # time stamps are in the time of the server, our cursor is in UTC
_PROPERTIES: Final = ",".join(FIELDS)  # newer versions leave everything else out


class DolibarrSettings(WebToolSettings):
    """A Dolibarr, with the key of a user there."""

    kind: Literal["dolibarr"]
    key: SecretSettings
    entity: int = 0  # of the module Multicompany; 0: the one the user works for
    currency: str = "EUR"  # the main one there
    time_zone: TimeZone = "Europe/Berlin"  # in which the server counts its days
    requests_per_second: int = Field(default=5, ge=1)
    bank_account: int = 0  # id of the bank account that payments are booked on; 0: the one with the same IBAN
    payment_mode: int = 2  # id of the Zahlungsart; 2 is the bank transfer (VIR) that every Dolibarr comes with

    @model_validator(mode="after")
    def _dunning_is_not_noted(self) -> Self:
        if self.write_back.dunning:
            raise ValueError("Dolibarr has no place where dunning is noted; leave write_back.dunning away")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Dolibarr:
    """Reads Dolibarr and books payments there."""

    name: str
    currency: str
    time_zone: str
    server: Server
    payments: Payments

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_CHANGES,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.BOOKS_PART_PAYMENTS,
            Capability.BOOKS_DIFFERENCES,
        }
    )

    @classmethod
    def connect(cls, settings: DolibarrSettings, line: Line) -> Dolibarr:
        """Open a wire with the key that the settings name."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=settings.url.rstrip("/").removesuffix(_API) + _API,
            auth=HeaderKey("DOLAPIKEY", key),
            secret=key,
            rate=Rate(requests=settings.requests_per_second, seconds=1),
            manners=Manners(words=words),
            headers={"DOLAPIENTITY": str(settings.entity)} if settings.entity else None,
            allow_http=settings.allow_http,
        )
        server = Server(wire)
        payments = Payments(
            server=server,
            currency=settings.currency,
            time_zone=settings.time_zone,
            bank_account=settings.bank_account,
            payment_mode=settings.payment_mode,
        )
        return cls(
            name=settings.name,
            currency=settings.currency,
            time_zone=settings.time_zone,
            server=server,
            payments=payments,
        )

    def check(self) -> str:
        """Ask for the version, and whether invoices can be seen."""
        said = self.server.wire.read("status").record().get("success")
        version = said.get("dolibarr_version") if isinstance(said, dict) else None
        self.server.page("invoices", 1)
        return f"Dolibarr {version or 'of an unknown version'} answers, and shows us its invoices"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer."""
        for row in self.server.rows("thirdparties", mode="1"):
            yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set: whatever is validated, and neither closed as paid nor abandoned."""
        yield from map(self._read, self.server.rows("invoices", properties=_PROPERTIES, status="unpaid"))

    def changed_documents(self, since: str) -> Changes:
        """Give what was changed since a day; the cursor is the day of the last question, by their clock."""
        moment = self.server.wire.read("status").moment
        cursor = moment.date().isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        day = overlapped(since, _OVERLAP_DAYS).replace("-", "")
        rows = self.server.rows("invoices", f"(t.tms:>:'{day}')", properties=_PROPERTIES)
        return Changes(documents=map(self._read, rows), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        return self._translated(self.server.invoice(key.remote_id))

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came."""
        return self.payments.book(order)

    def _read(self, row: Row) -> Document:
        """Translate a row; where an older list does not say what is open, the single invoice is asked."""
        return self._translated(row if row.get(LEFT) is not None else self.server.invoice(str(row["id"])))

    def _translated(self, row: Row) -> Document:
        return translate(of_interest(row), self.name, self.currency, self.time_zone)
