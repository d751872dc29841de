"""How DATEVconnect is asked: the settings, and its REST API in the office's own network; it is only read.

Source: the vendor's description of its Accounting API (version 1.7.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.datevconnect.debtors import contact
from connectors.accounting.datevconnect.postings import grouped, key_of, translate
from connectors.accounting.datevconnect.year import Term, Year, terms_of, year_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Basic, Manners, Rate, Wire
from connectors.wire.paging import Page, by_offset
from connectors.wire.settings import SecretSettings, WebToolSettings
from ledger.errors import NotThere, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.wire.line import Line

    Row = dict[str, Any]

_SIZE: Final = 1_000
_RATE: Final = Rate(requests=300, seconds=60)  # nothing is said of a limit; it is somebody's own server
_MOST_PAGES: Final = 10_000
_ZONE: Final = ZoneInfo("Europe/Berlin")
_OPEN: Final = "is_cleared eq false"


class DatevConnectSettings(WebToolSettings):
    """A client (Mandant) in DATEV Rechnungswesen, reached by DATEVconnect on a computer of the office."""

    kind: Literal["datevconnect"]
    user: str = Field(min_length=1)
    password: SecretSettings
    client: str = Field(pattern=r"^[0-9a-fA-F-]{36}$")  # the id of the client, not its number
    fiscal_year: str = Field(
        default="", pattern=r"^([0-9]{8})?$"
    )  # its first day, as 20260101; empty: the last begun


@dataclass(frozen=True, kw_only=True)
class DatevConnect:
    """Reads DATEVconnect."""

    name: str
    wire: Wire
    settings: DatevConnectSettings

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.READS_DEBTORS,
            Capability.READS_OPEN_AMOUNTS,
            Capability.READS_CREDIT_NOTES,
            Capability.READS_SKONTO,
            Capability.READS_ONE_ITEM,
        }
    )

    @classmethod
    def connect(cls, settings: DatevConnectSettings, line: Line) -> DatevConnect:
        """Open a wire with the user and the password that the settings name."""
        password = line.secret(settings.password, "password")
        wire = line.wire(
            tool=settings.name,
            base=f"{settings.url.rstrip('/')}/datev/api/accounting/v1",
            auth=Basic(settings.user, password),
            secret=password,
            rate=_RATE,
            manners=Manners(words=_words),
            allow_http=settings.allow_http,
        )
        return cls(name=settings.name, wire=wire, settings=settings)

    def check(self) -> str:
        """Ask for the fiscal year, which needs the password and the client."""
        return f"DATEVconnect answers; fiscal year {self.year.id}, accounts of debtors have {self.year.digits} digits"

    @cached_property
    def year(self) -> Year:
        """The fiscal year that is read: the one that is wished, else the last that has begun."""
        answer = self.wire.read(f"clients/{self.settings.client}/fiscal-years")
        moment, years = answer.moment, {str(row.get("id")): row for row in answer.rows()}
        today = moment.astimezone(_ZONE).date() if moment else None
        # A year may be made long before it begins, and then nothing is open in it.
        begun = {begin for begin in years if today is None or begin <= f"{today:%Y%m%d}"} or years.keys()
        wished = {self.settings.fiscal_year} & years.keys() if self.settings.fiscal_year else begun
        if not wished:
            raise Refused(
                f"{self.name}: the client has no fiscal year {self.settings.fiscal_year}\n"
                "    Correct client or fiscal_year of this source."
            )
        return year_of(years[max(wished)], self.name)._replace(today=today)

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The terms of payment that grant Skonto after so many days."""
        return terms_of(self._pages("terms-of-payment", {}), self.name)

    def contacts(self) -> Iterator[Contact]:
        """Give every debtor; the address of one who must not be dunned is withheld, so that nobody writes to him."""
        for row in self._pages("debitors", {"expand": "all"}):
            yield contact(row, self.name, self.year)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        for rows in grouped(self._receivables(_OPEN)):
            yield translate(rows, self.name, self.year, self.terms)

    def changed_documents(self, since: str) -> Changes:
        """Give nothing: DATEVconnect cannot be asked which items changed."""
        return Changes(documents=(), cursor=since)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now, out of all postings of its account."""
        account = key.remote_id.partition("/")[0]
        for rows in grouped(self._receivables(f"account_number eq {account}")):
            if key_of(rows[0]) == key:
                return translate(rows, self.name, self.year, self.terms)
        raise NotThere(f"{self.name}: there is no posting of {key.remote_id} any more")

    def _receivables(self, filters: str) -> Iterator[Row]:
        """Give the postings, each once. A page may hold more than was asked for: what belongs together stays so."""
        seen: set[str] = set()
        for number in range(_MOST_PAGES):
            params = {"filter": filters, "top": _SIZE, "skip": number * _SIZE}
            answer = self.wire.read(self._path("accounts-receivable"), params=params)
            rows = answer.rows()
            fresh = [row for row in rows if not row.get("id") or str(row["id"]) not in seen]
            seen |= {str(row.get("id")) for row in fresh}
            yield from fresh
            if len(rows) < _SIZE:
                return
            if not fresh:
                raise answer.unexpected("other open items on the next page")

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Row]:
        def ask(offset: int) -> Page:
            answer = self.wire.read(self._path(path), params={**params, "top": _SIZE, "skip": offset})
            return Page(rows=answer.rows())

        return by_offset(ask, size=_SIZE, identity=lambda row: str(row.get("id")))

    def _path(self, path: str) -> str:
        return f"clients/{self.settings.client}/fiscal-years/{self.year.id}/{path}"


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": "DCO10007", "error_description": "…"}``."""
    said = answer.record()
    return ": ".join(filter(None, (str(said.get("error") or ""), str(said.get("error_description") or ""))))
