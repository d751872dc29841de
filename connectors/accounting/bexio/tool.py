"""bexio as a tool: its settings, and what this house asks of it.

Source: the vendor's documentation of its API (docs.bexio.com, 2026), whose versions 2.0 and 3.0 stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.accounting.bexio.documents import STANDINGS, contact, translate
from connectors.accounting.bexio.payments import INVOICES, Payments, path_of
from connectors.accounting.bexio.reminders import Reminders
from connectors.accounting.capability import Capability
from connectors.accounting.document import Standing
from connectors.accounting.fields import Fields
from connectors.accounting.terms import overlapped
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Bearer, Manners, Quota, Rate, Wire
from connectors.wire.oauth import OAuth, OAuthClient
from connectors.wire.paging import Page, overlapping
from connectors.wire.settings import SecretSettings, ToolSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests.auth import AuthBase

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.accounting.orders import DunningOrder, PaymentOrder, Written
    from connectors.wire.line import Line

BASE: Final = "https://api.bexio.com"
CONSENT: Final = "https://auth.bexio.com/realms/bexio/protocol/openid-connect"

_SIZE: Final = 1_000
_MOST: Final = 2_000  # rows in one answer
_OVERLAP_DAYS: Final = 1  # its moments name no time zone
_RATE: Final = Rate(requests=100, seconds=60, burst=10)  # it publishes none, but says when it is used up
_QUOTA: Final = Quota(remaining="RateLimit-Remaining", reset="RateLimit-Reset")
_READS: Final = "openid offline_access contact_show kb_invoice_show"
_WRITES: Final = "kb_invoice_edit"

# Lists that explain numbers: where they are, and which field says what is meant.
_CURRENCIES: Final = ("3.0/currencies", "name")
_COUNTRIES: Final = ("2.0/country", "iso3166_alpha2")
_LANGUAGES: Final = ("2.0/language", "iso_639_1")

# Asked for by what it is not, so that a state we do not know comes as well, and is told.
_NOT_OPEN: Final = tuple(
    {"field": "kb_item_status_id", "value": str(status), "criteria": "!="}
    for status, standing in STANDINGS.items()
    if standing is not Standing.OPEN
)


class BexioSettings(ToolSettings):
    """A company at bexio, opened by a personal access token, or by the consent to an app of the office's own."""

    kind: Literal["bexio"]
    key: SecretSettings  # the personal access token; where client_id is given, the secret of that app
    client_id: str = ""
    bank_account_id: int = Field(default=0, ge=0)  # of the bank account there to which payments are booked
    bank_accounts: dict[str, int] = Field(default={})  # own IBAN -> another one, where there are several

    @model_validator(mode="after")
    def _names_what_it_writes(self) -> Self:
        if self.write_back.payments and not self.bank_account_id:
            raise ValueError("name the bank_account_id of bexio to which payments are booked")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Bexio:
    """Reads bexio, books payments there, and lays down reminders."""

    name: str
    wire: Wire
    payments: Payments
    reminders: Reminders
    names: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)  # lists that were read already

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CHANGES,
            Capability.READS_ONE_ITEM,
            Capability.BOOKS_PAYMENTS,
            Capability.BOOKS_PART_PAYMENTS,
            Capability.CREATES_DUNNING_DOCUMENTS,
        }
    )

    @classmethod
    def connect(cls, settings: BexioSettings, line: Line) -> Bexio:
        """Open a wire with the token that the settings name, or with the one that the consent gave."""
        key = line.secret(settings.key, "key")
        client = cls.oauth_client(settings, line)
        auth: AuthBase = Bearer(key)
        if client is not None:
            assert line.tokens is not None, settings.name
            auth = OAuth(client, line.tokens)
        manners = Manners(quotas=(_QUOTA,), words=_words)
        wire = line.wire(tool=settings.name, base=BASE, auth=auth, secret=key, rate=_RATE, manners=manners)
        accounts = {"": settings.bank_account_id, **settings.bank_accounts}
        return cls(
            name=settings.name,
            wire=wire,
            payments=Payments(wire=wire, accounts=accounts),
            reminders=Reminders(wire=wire),
        )

    @staticmethod
    def oauth_client(settings: BexioSettings, line: Line) -> OAuthClient | None:
        """Give how the consent is asked for; None for a personal access token, which needs none."""
        if not settings.client_id:
            return None
        writes = settings.write_back.payments or settings.write_back.dunning
        return OAuthClient(
            tool=settings.name,
            authorize_url=f"{CONSENT}/auth",
            token_url=f"{CONSENT}/token",
            client_id=settings.client_id,
            client_secret=line.secret(settings.key, "key"),
            scope=f"{_READS} {_WRITES}" if writes else _READS,
        )

    def check(self) -> str:
        """Ask for one contact and one invoice, which needs both rights."""
        for path in ("2.0/contact", INVOICES):
            self.wire.read(path, params={"limit": 1}).rows()
        return f"bexio answers, and shows contacts and invoices in {', '.join(self._named(_CURRENCIES).values())}"

    def contacts(self) -> Iterator[Contact]:
        """Give every contact; archived ones (Papierkorb) may still owe something, and come in a list of their own."""
        countries, languages = self._named(_COUNTRIES), self._named(_LANGUAGES)
        for archived in ("false", "true"):
            for row in self._pages("2.0/contact", {"show_archived": archived}):
                yield contact(row, self.name, countries, languages)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        return self._documents(*_NOT_OPEN)

    def changed_documents(self, since: str) -> Changes:
        """Give what was changed since a day; the cursor is the day of the last question, by their clock."""
        moment = self.wire.read(INVOICES, params={"limit": 1}).moment
        cursor = moment.date().isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        day = f"{overlapped(since, _OVERLAP_DAYS)} 00:00:00"
        return Changes(
            documents=self._documents({"field": "updated_at", "value": day, "criteria": ">="}), cursor=cursor
        )

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        row = self.wire.read(path_of(key)).record()
        return translate(row, self.name, self._named(_CURRENCIES))

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for the payment of this operation."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came."""
        return self.payments.book(order)

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look for the reminder of this level."""
        return self.reminders.dunned(order)

    def dun(self, order: DunningOrder) -> Written:
        """Lay the reminder of this level beside the invoice."""
        return self.reminders.dun(order)

    def _documents(self, *criteria: dict[str, str]) -> Iterator[Document]:
        currencies = self._named(_CURRENCIES)
        for row in self._pages(f"{INVOICES}/search", {}, criteria):
            yield translate(row, self.name, currencies)

    def _named(self, table: tuple[str, str]) -> Mapping[str, str]:
        """Give what the numbers of a list stand for, asking once."""
        path, said = table
        if path not in self.names:
            rows = [Fields(row, path) for row in self.wire.read(path, params={"limit": _MOST}).rows()]
            self.names[path] = {row.label("id"): row.label(said) for row in rows}
        return self.names[path]

    def _pages(
        self, path: str, filters: dict[str, str], criteria: tuple[dict[str, str], ...] = ()
    ) -> Iterator[dict[str, Any]]:
        """Give the rows of a list, or of a search, which is a POST that changes nothing; ids never change."""
        asked: dict[str, Any] = {"method": "POST", "json": list(criteria)} if criteria else {}

        def ask(offset: int) -> Page:
            params = {**filters, "limit": _SIZE, "offset": offset, "order_by": "id"}
            return Page(rows=self.wire.read(path, params=params, **asked).rows())

        return overlapping(ask, size=_SIZE, identity=lambda row: str(row.get("id")))


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error_code": 422, "message": "…", "errors": […]}``."""
    said = answer.record()
    errors = said.get("errors")
    more = errors if isinstance(errors, list) else [errors] if errors else []
    return ": ".join(filter(None, [str(said.get("message") or ""), *map(str, more)]))
