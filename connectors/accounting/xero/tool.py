"""Xero as a tool: its settings, and what this house asks of it.

Source: the vendor's OpenAPI description (16.1) and its pages on limits, scopes and idempotency (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from connectors.accounting.capability import Capability
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.tool import Changes
from connectors.accounting.xero.contacts import contact
from connectors.accounting.xero.documents import INVOICE, KINDS, PURCHASES, translate
from connectors.accounting.xero.payments import Payments
from connectors.accounting.xero.tenant import Tenant
from connectors.wire import Answer, Manners, Rate, Secret
from connectors.wire.oauth import OAuth, OAuthClient
from connectors.wire.paging import Page, numbered
from connectors.wire.settings import SecretSettings, ToolSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.accounting.orders import PaymentOrder, Written
    from connectors.accounting.xero.documents import Kind
    from connectors.wire.line import Line

BASE: Final = "https://api.xero.com"
CONSENT: Final = "https://login.xero.com/identity/connect/authorize"
TOKENS: Final = "https://identity.xero.com/connect/token"

_SIZE: Final = 1_000
_OVERLAP: Final = timedelta(minutes=10)
_RATE: Final = Rate(requests=50, seconds=60, burst=5)  # 60 a minute are allowed, and five at once
_READS: Final = "offline_access accounting.invoices.read accounting.contacts.read"
_NOT_MODIFIED: Final = 304


class XeroSettings(ToolSettings):
    """An organisation at Xero, opened by the consent to an app of the office's own."""

    kind: Literal["xero"]
    client_id: str = Field(min_length=1)
    client_secret: SecretSettings | None = None  # of a web app; an app with PKCE has none
    organisation: str = ""  # its name or tenant id, where the consent opens several
    account: str = ""  # code or id of the bank account there to which payments are booked
    accounts: dict[str, str] = Field(default={})  # own IBAN -> another one, where there are several

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.write_back.dunning:
            raise ValueError("Xero cannot be told of dunning")
        if self.write_back.payments and not self.account:
            raise ValueError("name the account of Xero to which payments are booked")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Xero:
    """Reads Xero, and books payments of invoices there."""

    name: str
    tenant: Tenant
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
            Capability.SENDS_WEBHOOKS,
        }
    )

    @classmethod
    def connect(cls, settings: XeroSettings, line: Line) -> Xero:
        """Open a wire with the tokens that the consent gave; its limit is counted by app and organisation."""
        assert line.tokens is not None, settings.name
        wire = line.wire(
            tool=settings.name,
            base=BASE,
            auth=OAuth(cls.oauth_client(settings, line), line.tokens),
            secret=Secret(f"xero {settings.client_id} {settings.organisation or settings.name}"),
            rate=_RATE,
            manners=Manners(words=_words),
        )
        tenant = Tenant(wire=wire, wished=settings.organisation)
        accounts = {"": settings.account, **settings.accounts}
        return cls(name=settings.name, tenant=tenant, payments=Payments(tenant=tenant, accounts=accounts))

    @staticmethod
    def oauth_client(settings: XeroSettings, line: Line) -> OAuthClient:
        """Give how the consent is asked for: rights to write payments only where they are to be written."""
        payments = "accounting.payments" if settings.write_back.payments else "accounting.payments.read"
        secret = settings.client_secret
        return OAuthClient(
            tool=settings.name,
            authorize_url=CONSENT,
            token_url=TOKENS,
            client_id=settings.client_id,
            client_secret=line.secret(secret, "client_secret") if secret else None,
            scope=f"{_READS} {payments}",
            loopback="localhost",
        )

    def check(self) -> str:
        """Ask for one of each list, which needs all rights, and tell for whom we ask."""
        for path in ("Contacts", *(kind.path for kind in KINDS.values())):
            self.tenant.read(path, params={"page": 1, "pageSize": 1}).rows(path)
        return f"Xero answers, for {self.tenant.name()}"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer, archived ones as well; who only supplies is kept in the same list."""
        for row in self._pages("Contacts", "ContactID", {"includeArchived": "true"}):
            if row.get("IsCustomer") or not row.get("IsSupplier"):
                yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set: invoices, and whatever is owed to the same customers."""
        for kind in KINDS.values():
            yield from self._documents(kind, _filters(kind, open_only=True))

    def changed_documents(self, since: str) -> Changes:
        """Give what was changed since a moment in UTC; the cursor is the moment of the question, by their clock."""
        moment = self.tenant.read(INVOICE.path, params={"page": 1, "pageSize": 1}).moment
        cursor = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment else since
        return Changes(documents=self._changed(since) if since else (), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        kind = KINDS[key.kind]
        answer = self.tenant.read(f"{kind.path}/{quote(key.remote_id, safe='')}")
        rows = answer.rows(kind.path)
        if len(rows) != 1:
            raise answer.unexpected(f"one document under {kind.path!r}")
        return translate(kind, rows[0], self.name)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for the payment of this operation."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came."""
        return self.payments.book(order)

    def _changed(self, since: str) -> Iterator[Document]:
        asked = (datetime.fromisoformat(since) - _OVERLAP).isoformat(timespec="seconds")
        for kind in KINDS.values():
            yield from self._documents(kind, _filters(kind, open_only=False), {"If-Modified-Since": asked})

    def _documents(
        self, kind: Kind, filters: dict[str, str], headers: dict[str, str] | None = None
    ) -> Iterator[Document]:
        """Give the documents of a kind; the same lists hold those of purchases. A type nobody knows is told."""
        for row in self._pages(kind.path, kind.identity, filters, headers):
            if Fields(row, self.name).label("Type") not in PURCHASES:
                yield translate(kind, row, self.name)

    def _pages(
        self, path: str, identity: str, params: Mapping[str, str], headers: dict[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        def ask(number: int) -> Page:
            asked = {**params, "order": f"{identity} ASC", "page": number, "pageSize": _SIZE}
            answer = self.tenant.read(path, params=asked, headers=headers)
            if answer.status == _NOT_MODIFIED:
                return Page(rows=())
            return Page(rows=answer.rows(path), total=_total(answer))

        return numbered(ask, first=1, size=_SIZE, identity=lambda row: str(row.get(identity)))


def _filters(kind: Kind, *, open_only: bool) -> dict[str, str]:
    """Give the filters that Xero has made quick; others are refused where an organisation is large."""
    if kind is INVOICE:
        statuses = {"Statuses": "AUTHORISED"} if open_only else {}
        return {"where": 'Type=="ACCREC"', "summaryOnly": "true", **statuses}
    return {"where": 'Status=="AUTHORISED"'} if open_only else {}


def _total(answer: Answer) -> int | None:
    """Read how many rows the list has; None where that is not told."""
    try:
        return Fields(answer.record(), "").inside("pagination").whole("itemCount")
    except Mistake:
        raise answer.unexpected("a whole number as 'itemCount'") from None


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: its message, and those of the elements that are not valid."""
    said = answer.record()
    reasons = [str(said.get("Message") or said.get("Detail") or said.get("Title") or "")]
    for element in _objects(said.get("Elements")):
        reasons += [str(one.get("Message")) for one in _objects(element.get("ValidationErrors"))]
    return ": ".join(filter(None, reasons))


def _objects(value: Any) -> list[dict[str, Any]]:
    """Give the objects of what should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
