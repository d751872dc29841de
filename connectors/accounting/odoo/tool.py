"""Odoo as a tool: its settings, and what this house asks of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.odoo.database import Database, id_of, in_pages
from connectors.accounting.odoo.documents import (
    LINE_FIELDS,
    MATCHED,
    MOVE_FIELDS,
    PENDING_FIELDS,
    TYPES,
    Around,
    move_id_of,
    translate,
)
from connectors.accounting.odoo.doors import trouble, words
from connectors.accounting.odoo.partners import (
    BANK_ACCOUNT,
    CUSTOMERS,
    IBAN,
    NO_SUPPLIERS,
    PARTNER_FIELDS,
    Directory,
    contact,
    shared,
)
from connectors.accounting.odoo.payments import Payments
from connectors.accounting.tool import Changes
from connectors.wire import Bearer, Manners, Rate
from connectors.wire.settings import SecretSettings, WebToolSettings
from ledger.errors import NotThere, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.accounting.document import Contact, Document, RemoteKey
    from connectors.accounting.odoo.database import Domain, Row
    from connectors.accounting.orders import PaymentOrder, Written
    from connectors.wire.line import Line
    from ledger.debtor import Debtor

_RATE: Final = Rate(requests=600, seconds=60, burst=20)  # Odoo has no limit of its own; this is courtesy
_OVERLAP: Final = timedelta(hours=1)  # a change is dated when its transaction began, and may be seen much later
_MOMENT: Final = "%Y-%m-%d %H:%M:%S"  # how Odoo writes moments, always in UTC
_ARCHIVED_TOO: Final = {"active_test": False}
_KEYS: Final = "res.users.apikeys"


class OdooSettings(WebToolSettings):
    """A company in an Odoo database, and the accounts by which Odoo knows what is written there."""

    kind: Literal["odoo"]
    key: SecretSettings
    database: str = ""  # needed up to Odoo 18, and where one server holds several
    user: str = ""  # the sign-in name (Anmeldename); needed up to Odoo 18
    company_id: int = Field(default=0, ge=0)  # 0: the only one the user may see
    debtor_number: str = Field(default="ref", pattern=r"^[a-z][a-z0-9_]{0,62}$")  # the field that holds it
    journal: str = ""  # code of the bank journal for accounts that no journal of Odoo bears
    skonto_account: str = ""  # number of the account for Skonto that Odoo does not grant by itself; empty: by hand
    difference_account: str = ""  # the same for small differences and bank charges


@dataclass(frozen=True, kw_only=True)
class Odoo:
    """Reads Odoo, and books payments by its wizard."""

    name: str
    database: Database
    payments: Payments
    debtor_number: str = "ref"
    _listed: set[int] = field(default_factory=set)  # partners whom the list of customers has

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
        }
    )

    @classmethod
    def connect(cls, settings: OdooSettings, line: Line) -> Odoo:
        """Open a wire with the key that the settings name; which Odoo answers is asked with the first question."""
        key = line.secret(settings.key, "key")
        wire = line.wire(
            tool=settings.name,
            base=settings.url,
            auth=Bearer(key),
            secret=key,
            rate=_RATE,
            manners=Manners(words=words, trouble=trouble),
            headers={"X-Odoo-Database": settings.database} if settings.database else None,
            allow_http=settings.allow_http,
        )
        database = Database(
            wire=wire, key=key, name=settings.database, user=settings.user, company_id=settings.company_id
        )
        return cls(
            name=settings.name,
            database=database,
            payments=Payments(
                database=database,
                journal=settings.journal,
                skonto_account=settings.skonto_account,
                difference_account=settings.difference_account,
            ),
            debtor_number=settings.debtor_number,
        )

    def check(self) -> str:
        """Count the open documents, which needs the rights; tell version, company, and how long the key lives."""
        count = self.database.ask("account.move", "search_count", domain=self._open())
        version, company = self.database.door.version, self.database.company.name
        days = self._days_of_the_key()
        until = "" if days is None else f"; the first key of its user ends in {days} days"
        return f"Odoo {version} answers for {company}, and has {count} open documents{until}"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer, archived ones too: they may still owe."""
        for one in self._partners(CUSTOMERS):
            self._listed.add(int(one.remote_id))
            yield one

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        return self._documents(self._open())

    def changed_documents(self, since: str) -> Changes:
        """Give what was written since a moment; the cursor is the moment of the question, by their clock."""
        answer, _ = self.database.myself()
        cursor = answer.moment.strftime(_MOMENT) if answer.moment else since
        if not since:
            return Changes(documents=(), cursor=cursor)
        after = datetime.strptime(since, _MOMENT).replace(tzinfo=UTC) - _OVERLAP
        domain = [*self._posted(), ["write_date", ">=", after.strftime(_MOMENT)]]
        return Changes(documents=self._documents(domain), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now; raise Refused where it is hidden from us, which is not deleted."""
        rows = self.database.records("account.move", [move_id_of(key)], self._move_fields())
        found = {one.key: one for row in rows for one in self._translated([row], {})}
        if key not in found:
            raise NotThere(f"{self.name}: there is no {key.kind} {key.remote_id} in Odoo, or no longer")
        return found[key]

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that moved."""
        return self.payments.book(order)

    def _posted(self) -> Domain:
        return [
            ["company_id", "=", self.database.company.id],
            ["move_type", "in", list(TYPES)],
            ["state", "=", "posted"],
            ["payment_state", "!=", "invoicing_legacy"],  # of before Odoo followed payments: it knows nothing of them
        ]

    def _open(self) -> Domain:
        """Ask by the amount, not by the name of the state: from 18 on "in payment" may hide what is still open."""
        return [*self._posted(), ["amount_residual", "!=", 0]]

    def _move_fields(self) -> list[str]:
        return [*MOVE_FIELDS, *([MATCHED] if self.database.has("account.move", MATCHED) else [])]

    def _documents(self, domain: Domain) -> Iterator[Document]:
        for some in in_pages(self.database.rows("account.move", domain, self._move_fields())):
            yield from self._translated(some, self._unlisted(some))

    def _translated(self, moves: list[Row], debtors: dict[int, Debtor]) -> Iterator[Document]:
        """Translate a page of invoices, with their due dates and the payments that stand in no ledger."""
        lines = self._by_move(moves)
        pending = self._pending(moves)
        for move in moves:
            around = Around(
                lines=lines[move["id"]],
                pending=[pending[one] for one in _matched(move) if one in pending],
                debtor=debtors.get(id_of(move.get("commercial_partner_id"))),
            )
            yield from translate(move, around, self.name)

    def _by_move(self, moves: list[Row]) -> dict[int, list[Row]]:
        lines: dict[int, list[Row]] = defaultdict(list)
        domain = [["move_id", "in", [move["id"] for move in moves]], ["display_type", "=", "payment_term"]]
        for line in self.database.rows("account.move.line", domain, LINE_FIELDS):
            lines[id_of(line.get("move_id"))].append(line)
        return lines

    def _pending(self, moves: list[Row]) -> dict[int, Row]:
        ids = sorted({one for move in moves if move.get("amount_residual") for one in _matched(move)})
        if not ids:
            return {}
        domain = [["id", "in", ids], ["move_id", "=", False], ["state", "in", ["in_process", "paid"]]]
        return {row["id"]: row for row in self.database.rows("account.payment", domain, PENDING_FIELDS)}

    def _unlisted(self, moves: list[Row]) -> dict[int, Debtor]:
        """Read the customers that the list does not have: Odoo counts them a little later, or never."""
        ids = sorted({id_of(move.get("commercial_partner_id")) for move in moves} - self._listed - {0})
        found = self._partners([["id", "in", ids]]) if ids else ()
        return {int(one.remote_id): one.debtor for one in found if one.debtor is not None}

    def _partners(self, domain: Domain) -> Iterator[Contact]:
        directory, fields = self._directory, [*PARTNER_FIELDS, self.debtor_number]
        for some in in_pages(self.database.rows("res.partner", domain, fields, context=_ARCHIVED_TOO)):
            accounts = self._accounts(row["id"] for row in some)
            for row in some:
                yield contact(row, accounts[row["id"]], directory, self.name)

    def _accounts(self, partners: Iterable[int]) -> dict[int, list[str]]:
        accounts: dict[int, list[str]] = defaultdict(list)
        iban, domain = self.database.named(BANK_ACCOUNT, *IBAN), [["partner_id", "in", list(partners)]]
        for row in self.database.rows(BANK_ACCOUNT, domain, ["partner_id", iban]):
            if isinstance(row.get(iban), str):
                accounts[id_of(row.get("partner_id"))].append(row[iban])
        return accounts

    @cached_property
    def _directory(self) -> Directory:
        """What is needed to read partners; raise Refused where their numbers are to stand in a field that is not."""
        database, number = self.database, self.debtor_number
        if not database.has("res.partner", number):
            raise Refused(
                f"{self.name}: customers have no field {number!r} in this Odoo\n"
                "    Name the field that holds the debtor number as debtor_number in the configuration."
            )
        bearing = database.rows(
            "res.partner", [*NO_SUPPLIERS, [number, "!=", False]], [number], context=_ARCHIVED_TOO
        )
        countries = {row["id"]: str(row.get("code")) for row in database.rows("res.country", [], ["code"])}
        return Directory(
            number_field=number,
            shared_numbers=shared(bearing, number),
            countries=countries,
            home=countries.get(database.company.country_id, "DE"),
        )

    def _days_of_the_key(self) -> int | None:
        """Give the days until the first key of our user ends; None where no key ends or Odoo does not tell."""
        try:
            if not self.database.has(_KEYS, "expiration_date"):  # from 18 on
                return None
            answer, user = self.database.myself()
            domain = [["user_id", "=", user], ["expiration_date", "!=", False]]
            keys = self.database.rows(_KEYS, domain, ["expiration_date"])
            ends = [Fields(row, self.name).needed_day("expiration_date") for row in keys]
        except (Refused, Mistake):  # not every user may look at keys, and that is no reason not to work
            return None
        return (min(ends) - answer.moment.date()).days if ends and answer.moment else None


def _matched(move: Row) -> list[int]:
    """Name the payments for an invoice."""
    ids = move.get(MATCHED)
    return [one for one in ids if isinstance(one, int)] if isinstance(ids, list) else []
