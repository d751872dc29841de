"""The connector to ERPNext: its settings, what it can, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey
from connectors.accounting.erpnext.customers import contacts_of
from connectors.accounting.erpnext.documents import (
    FIELDS,
    INVOICE,
    TERM_FIELDS,
    of_interest,
    translate,
    with_terms,
)
from connectors.accounting.erpnext.payments import Payments
from connectors.accounting.erpnext.site import Site, words
from connectors.accounting.terms import overlapped
from connectors.accounting.tool import Changes
from connectors.wire import Bearer, Manners, Quota, Rate
from connectors.wire.settings import SecretSettings, WebToolSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.accounting.erpnext.site import Filter, Row
    from connectors.accounting.orders import PaymentOrder, Written
    from connectors.wire.line import Line

# Time stamps have no zone there, and go back by an hour in autumn; a day of overlap covers that.
_OVERLAP_DAYS: Final = 1
# The first line of a question may have 4,094 bytes (gunicorn); so many are left for names.
_NAMES_BYTES: Final = 2_500


class ErpnextSettings(WebToolSettings):
    """A company on a site of ERPNext, with the token of a user there: ``key:secret``."""

    kind: Literal["erpnext"]
    token: SecretSettings
    company: str = Field(min_length=1)  # its name there
    debtor_number_field: str = Field(default="name", pattern=r"^[a-z][a-z0-9_]*$")  # of Customer
    requests_per_second: int = Field(default=10, ge=1)
    bank_account: str = ""  # of the ledger; empty: the one of the bank account there with the same IBAN
    skonto_account: str = ""  # over which granted Skonto is closed; empty: such payments are booked by hand
    difference_account: str = ""  # the same for small differences and bank charges
    cost_center: str = ""  # of these; empty: the one of the invoice

    @model_validator(mode="after")
    def _dunning_is_not_noted(self) -> Self:
        if self.write_back.dunning:
            raise ValueError("nothing is noted in ERPNext about dunning; leave write_back.dunning away")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Erpnext:
    """Reads ERPNext and books payments there."""

    name: str
    company: str
    debtor_number_field: str
    site: Site
    payments: Payments

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
            Capability.SENDS_WEBHOOKS,
        }
    )

    @classmethod
    def connect(cls, settings: ErpnextSettings, line: Line) -> Erpnext:
        """Open a wire with the token that the settings name."""
        token = line.secret(settings.token, "token")
        # Sites that limit anything limit the time they work for one user, in microseconds.
        quota = Quota(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset")
        wire = line.wire(
            tool=settings.name,
            base=settings.url,
            auth=Bearer(token, word="token"),
            secret=token,
            rate=Rate(requests=settings.requests_per_second, seconds=1),
            manners=Manners(quotas=(quota,), words=words),
            allow_http=settings.allow_http,
        )
        site = Site(wire)
        return cls(
            name=settings.name,
            company=settings.company,
            debtor_number_field=settings.debtor_number_field,
            site=site,
            payments=Payments(
                site=site,
                company=settings.company,
                bank_account=settings.bank_account,
                skonto_account=settings.skonto_account,
                difference_account=settings.difference_account,
                cost_center=settings.cost_center,
            ),
        )

    def check(self) -> str:
        """Ask who we are there, and whether invoices of the company can be seen."""
        user = self.site.call("frappe.auth.get_logged_user").record().get("message")
        newest = self._newest()
        seen = (
            f"the newest document is {newest.get('name')}" if newest else f"there is no invoice of {self.company} yet"
        )
        return f"ERPNext answers, and knows us as {user}; {seen}"

    def contacts(self) -> Iterator[Contact]:
        """Give every customer."""
        yield from contacts_of(self.site, self.name, self.debtor_number_field)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set: whatever is submitted and has something outstanding, in either direction."""
        yield from self._documents([["docstatus", "=", 1], ["outstanding_amount", "!=", 0]])

    def changed_documents(self, since: str) -> Changes:
        """Give what was changed since the last change that was seen; the cursor is a time of theirs."""
        cursor = str(self._newest().get("modified") or since)
        if not since:
            return Changes(documents=(), cursor=cursor)
        span = ["modified", ">=", overlapped(since, _OVERLAP_DAYS)]
        return Changes(documents=self._documents([["docstatus", "!=", 0], span]), cursor=cursor)

    def document(self, key: RemoteKey) -> Document:
        """Give one document as it stands now."""
        return translate(of_interest(self.site.one(INVOICE, key.remote_id)), self.name)

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours."""
        return self.payments.booked(order)

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came, and close what is granted with it."""
        return self.payments.book(order)

    def _newest(self) -> Row:
        return self.site.first(INVOICE, [["company", "=", self.company]], ["name", "modified"], "modified desc")

    def _documents(self, filters: list[Filter]) -> Iterator[Document]:
        rows = self.site.rows(INVOICE, [["company", "=", self.company], *filters], FIELDS)
        for some in _in_chunks(rows):
            terms = self._terms([str(row["name"]) for row in some])
            for row in some:
                yield translate(with_terms(row, terms.get(str(row["name"]), [])), self.name)

    def _terms(self, names: list[str]) -> dict[str, list[Row]]:
        """Read the terms of payment with a discount, which are rows of their own; where there is none, nothing."""
        filters: list[Filter] = [["parenttype", "=", INVOICE], ["parent", "in", names], ["discount", ">", 0]]
        found: dict[str, list[Row]] = {}
        for row in self.site.rows("Payment Schedule", filters, ["name", *TERM_FIELDS], parent=INVOICE):
            found.setdefault(str(row.get("parent")), []).append(row)
        return found


def _in_chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Cut rows so that the names of each chunk fit into one question."""
    some: list[Row] = []
    size = 0
    for row in rows:
        long = len(quote(str(row["name"]), safe="")) + len("%22%22%2C")
        if some and size + long > _NAMES_BYTES:
            yield some
            some, size = [], 0
        some.append(row)
        size += long
    if some:
        yield some
