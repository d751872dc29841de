"""Tryton 8 as a tool: its settings, and what this house asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.accounting.capability import Capability
from connectors.accounting.tool import Changes
from connectors.accounting.tryton.documents import ACCOUNT_FIELDS, INVOICE_FIELDS, PARTY_FIELDS, contact, translate
from connectors.accounting.tryton.dunning import Dunnings
from connectors.accounting.tryton.payment import Payments
from connectors.accounting.tryton.session import SIZE, Nobody, Rpc, SignedIn, in_chunks, moment_of
from connectors.wire import Answer, Manners, Rate
from connectors.wire.paging import Page, by_cursor
from connectors.wire.settings import SecretSettings, WebToolSettings
from ledger.errors import NotThere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.accounting.orders import DunningOrder, PaymentOrder, Written
    from connectors.wire.line import Line

_RATE: Final = Rate(requests=600, seconds=60, burst=20)  # Tryton limits only sign-ins; this is courtesy
_OVERLAP: Final = timedelta(days=1)  # a change is dated when its transaction began, by the clock of the database
_NUMBERED: Final = [["type", "=", "out"], ["number", "!=", None]]


class TrytonSettings(WebToolSettings):
    """A company in a Tryton database, and the names by which Tryton knows what is written there."""

    kind: Literal["tryton"]
    database: str
    user: str
    password: SecretSettings
    company: str = ""  # for a user with several companies; empty: the one the user works for
    payment_method: str = ""  # by which payments are booked (Zahlungsart)
    payment_methods: dict[str, str] = Field(default={})  # own IBAN -> another one, for further bank accounts
    skonto_write_off: str = ""  # by which granted Skonto is closed (Abschreibungsart); empty: by hand
    difference_write_off: str = ""  # the same for small differences and bank charges
    dunning_procedure: str = ""  # whose levels are noted (Mahnverfahren)

    @model_validator(mode="after")
    def _names_what_it_writes(self) -> Self:
        if self.write_back.payments and not self.payment_method:
            raise ValueError("name the payment_method of Tryton by which payments are booked")
        if self.write_back.dunning and not self.dunning_procedure:
            raise ValueError("name the dunning_procedure of Tryton whose levels are noted")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Tryton:
    """Reads Tryton, books payments by its wizard, and notes dunning levels."""

    name: str
    rpc: Rpc
    payments: Payments
    dunnings: Dunnings

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
            Capability.SETS_DUNNING_LEVELS,
        }
    )

    @classmethod
    def connect(cls, settings: TrytonSettings, line: Line) -> Tryton:
        """Open two wires: one that signs in, and one that is signed in."""
        password = line.secret(settings.password, "password")
        same: dict[str, Any] = {
            "tool": settings.name,
            "base": settings.url,
            "secret": password,
            "rate": _RATE,
            "allow_http": settings.allow_http,
        }
        door = line.wire(**same, auth=Nobody(), manners=Manners(slow_down=frozenset(), words=_at_the_door))
        signed_in = SignedIn(door=door, database=settings.database, user=settings.user, password=password)
        rpc = Rpc(wire=line.wire(**same, auth=signed_in), database=settings.database, company_name=settings.company)
        return cls(
            name=settings.name,
            rpc=rpc,
            payments=Payments(
                rpc=rpc,
                methods={"": settings.payment_method, **_compact(settings.payment_methods)},
                skonto_write_off=settings.skonto_write_off,
                difference_write_off=settings.difference_write_off,
            ),
            dunnings=Dunnings(rpc=rpc, procedure=settings.dunning_procedure),
        )

    def check(self) -> str:
        """Count the open documents, which needs the rights, and tell the version and for whom we ask."""
        version = self.rpc.version().record().get("result")
        company = self.rpc.company_name or self.rpc.context.get("company.rec_name")
        count = self.rpc.ask("model.account.invoice.search_count", self._open())
        return f"Tryton {version} answers for {company}, and has {count} open documents"

    def contacts(self) -> Iterator[Contact]:
        """Give every party to whom an open document is addressed: Tryton does not tell customers from suppliers."""
        parties = (row.get("party") for row in self._invoices(self._open(), ["party"]))
        ids = sorted({party for party in parties if isinstance(party, int)})
        with_accounts = self.rpc.ask("model.party.party.fields_get", ["bank_accounts"])
        fields = [*PARTY_FIELDS, *ACCOUNT_FIELDS] if with_accounts else PARTY_FIELDS
        for some in in_chunks(ids):
            domain = [["id", "in", some], ["active", "in", [True, False]]]
            for row in self.rpc.rows("party.party", domain, fields, party_contact_mechanism_usage="invoice"):
                yield contact(row, self.name)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        return (translate(row, self.name) for row in self._invoices(self._open(), INVOICE_FIELDS))

    def changed_documents(self, since: str) -> Changes:
        """Give what was written since a moment; the cursor is the moment of the question, by their clock."""
        moment = self.rpc.version().moment
        cursor = moment.isoformat() if moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        after = moment_of(datetime.fromisoformat(since) - _OVERLAP)
        written = ["OR", [["write_date", ">=", after]], [["write_date", "=", None], ["create_date", ">=", after]]]
        settled = ["state", "in", ["posted", "paid", "cancelled"]]
        rows = self._invoices([*self._ours(), settled, written], INVOICE_FIELDS)
        return Changes(documents=(translate(row, self.name) for row in rows), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        domain = [["type", "=", "out"], self._of_the_company(), ["id", "=", int(key.remote_id)]]
        for row in self.rpc.rows("account.invoice", domain, INVOICE_FIELDS, limit=1):
            return translate(row, self.name)
        raise NotThere(f"{self.name}: there is no invoice {key.remote_id} in Tryton, or no longer")

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came, after a look whether Tryton still shows what we believe."""
        return self.payments.book(order, self.document(order.key))

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look whether the level is noted."""
        return self.dunnings.dunned(order)

    def dun(self, order: DunningOrder) -> Written:
        """Note the level."""
        return self.dunnings.dun(order)

    def _open(self) -> list[Any]:
        return [*self._ours(), ["state", "=", "posted"]]

    def _ours(self) -> list[Any]:
        return [*_NUMBERED, self._of_the_company()]

    def _of_the_company(self) -> list[Any]:
        return ["company", "=", self.rpc.context["company"]]

    def _invoices(self, domain: list[Any], fields: list[str]) -> Iterator[dict[str, Any]]:
        """Read invoices page by page, each from the last id on: whatever comes or goes, no row is missed."""

        def ask(after: str) -> Page:
            rows = self.rpc.rows("account.invoice", [*domain, ["id", ">", int(after or 0)]], fields)
            return Page(rows=rows, more=len(rows) == SIZE, after=str(rows[-1]["id"]) if rows else "")

        return by_cursor(ask)


def _compact(by_iban: dict[str, str]) -> dict[str, str]:
    return {iban.replace(" ", ""): name for iban, name in by_iban.items()}


def _at_the_door(answer: Answer) -> str:
    """Say in words what a refused sign-in means."""
    if answer.status == 429:
        return "the user was locked out after too many failed sign-ins, for five minutes; is the password right?"
    return ""
