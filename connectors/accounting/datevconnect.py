"""DATEVconnect: open items of DATEV Rechnungswesen in the office's own network, by its REST API; it is only read.

Source: the vendor's description of its Accounting API (version 1.7.4). An open item there is a posting; those with the
same account and the same Belegfeld 1 are one document, and what is open of it is its debits less its credits.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import days_after, document_by, item_id_of, skonto_of
from connectors.accounting.tool import Changes
from connectors.wire import Answer, Basic, Manners, Rate, Wire
from connectors.wire.paging import Page, by_offset
from connectors.wire.settings import SecretSettings, WebToolSettings
from ledger.debtor import Debtor, DebtorType
from ledger.errors import NotThere, Refused
from ledger.finding import Finding, Severity
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from connectors.wire.line import Line

    Row = dict[str, Any]

_SIZE: Final = 1_000
_RATE: Final = Rate(requests=300, seconds=60)  # nothing is said of a limit; it is somebody's own server
_KIND: Final = "receivable"
_TECHNICAL: Final = 9  # digits to which every account is filled up with zeros at its end
_MOST_PAGES: Final = 10_000
_CREDITS: Final = frozenset({"credit_note", "credit_note_by_revocation"})
_EVIDENCE: Final = _CREDITS | {"", "invoice", "deposit", "payment", "cash_discount"}
_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"german": "de", "english": "en", "french": "fr", "spanish": "es", "italian": "it"}
)


class DatevConnectSettings(WebToolSettings):
    """A client (Mandant) in DATEV Rechnungswesen, reached by DATEVconnect on a computer of the office."""

    kind: Literal["datevconnect"]
    user: str = Field(min_length=1)
    password: SecretSettings
    client: str = Field(pattern=r"^[0-9a-fA-F-]{36}$")  # the id of the client, not its number
    fiscal_year: str = Field(default="", pattern=r"^([0-9]{8})?$")  # its first day, as 20260101; empty: the newest


class Year(NamedTuple):
    """The fiscal year (Wirtschaftsjahr) that is read, and what it says of all its accounts."""

    id: str
    digits: int  # of accounts of debtors: one more than those of the ledger
    currency: str


class Term(NamedTuple):
    """The first step of Skonto of a term of payment (Zahlungsbedingung)."""

    percent: Decimal | None
    days: int


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
        """The fiscal year that is read."""
        rows = self.wire.read(f"clients/{self.settings.client}/fiscal-years").rows()
        wanted = [row for row in rows if self.settings.fiscal_year in {"", str(row.get("id"))}]
        if not wanted:
            raise Refused(
                f"{self.name}: the client has no fiscal year {self.settings.fiscal_year}\n"
                "    Correct client or fiscal_year of this source."
            )
        return year_of(max(wanted, key=lambda row: str(row.get("id"))), self.name)

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The terms of payment that grant Skonto after so many days."""
        return terms_of(self._pages("terms-of-payment", {}), self.name)

    def contacts(self) -> Iterator[Contact]:
        """Give every debtor; the address of one who must not be dunned is withheld, so that nobody writes to him."""
        blocked = self._blocked_accounts()
        for row in self._pages("debitors", {"expand": "all"}):
            yield contact(row, self.name, self.year, blocked)

    def open_documents(self) -> Iterator[Document]:
        """Give the whole open set."""
        for rows in grouped(self._receivables("is_cleared eq false")):
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

    def _blocked_accounts(self) -> frozenset[str]:
        """Give the accounts with a posting that must not be dunned (Mahnsperre)."""
        return frozenset(
            str(row.get("account_number")) for row in self._receivables("is_cleared eq false") if _is_blocked(row)
        )

    def _receivables(self, filters: str) -> Iterator[Row]:
        """Give the postings, each once. A page may hold more than was asked for: what belongs together stays so."""
        seen: set[str] = set()
        for number in range(_MOST_PAGES):
            params = {"filter": filters, "top": _SIZE, "skip": number * _SIZE}
            rows = self.wire.read(self._path("accounts-receivable"), params=params).rows()
            for row in rows:
                if (remote_id := str(row.get("id") or "")) not in seen or not remote_id:
                    seen.add(remote_id)
                    yield row
            if len(rows) < _SIZE:
                return

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Row]:
        def ask(offset: int) -> Page:
            answer = self.wire.read(self._path(path), params={**params, "top": _SIZE, "skip": offset})
            return Page(rows=answer.rows())

        return by_offset(ask, size=_SIZE, identity=lambda row: str(row.get("id")))

    def _path(self, path: str) -> str:
        return f"clients/{self.settings.client}/fiscal-years/{self.year.id}/{path}"


def year_of(row: Row, source: str) -> Year:
    """Read a fiscal year; raise Refused where its accounts cannot be told, as then nothing could."""
    fields = Fields(row, f"{source}: fiscal year {row.get('id')}")
    try:
        length = fields.whole("account_length")
        if length is None or not 4 <= length <= 8:
            raise fields.mistake("account_length", "is no length of accounts")
        currency = fields.currency("currency_code") if fields.has("currency_code") else "EUR"
        return Year(id=fields.needed("id"), digits=length + 1, currency=currency)
    except Mistake as mistake:
        raise Refused(f"{mistake}\n    Look at the master data of the client in DATEV.") from None


def terms_of(rows: Iterable[Row], source: str) -> Mapping[str, Term]:
    """Read terms of payment; one by the calendar (due as period) grants no Skonto that we know of."""
    found: dict[str, Term] = {}
    for row in rows:
        fields = Fields(row, f"{source}: term of payment {row.get('id')}")
        try:
            days = fields.inside("due_in_days").term("cash_discount1_days")
            if days is not None:
                percent = fields.percent("cash_discount1_percentage")
                found[_term_id(fields.needed("id"))] = Term(percent=percent, days=days)
        except Mistake:
            continue  # without it no Skonto is granted: a discount that was taken is a difference for a person
    return MappingProxyType(found)


def grouped(rows: Iterable[Row]) -> Collection[list[Row]]:
    """Give the postings of each document together."""
    documents: defaultdict[RemoteKey, list[Row]] = defaultdict(list)
    for row in rows:
        documents[key_of(row)].append(row)
    return documents.values()


def key_of(row: Row) -> RemoteKey:
    """Give what names a document in DATEV: the account and Belegfeld 1."""
    return RemoteKey(_KIND, f"{row.get('account_number')}/{row.get('document_field1') or ''}")


def translate(rows: Sequence[Row], source: str, year: Year, terms: Mapping[str, Term]) -> Document:
    """Make a document of ours out of its postings."""
    key = key_of(rows[0])
    number = str(rows[0].get("document_field1") or "")
    place = f"{source}: {_KIND} {key.remote_id}"
    postings = [Fields(row, place) for row in sorted(rows, key=lambda row: str(row.get("id")))]

    def item(standing: Standing) -> OpenItem:
        live = postings if standing is Standing.SETTLED else [one for one in postings if not one.truth("is_cleared")]
        return _item(key, live, standing, source, year, terms)

    payload = {"postings": [dict(one.values) for one in postings]}
    document = document_by(key, number or key.remote_id, payload, lambda: _standing(postings), item)
    if document.item and document.item.open_amount and _is_payment(document.item, rows):
        return replace(document, findings=(_on_account(document.item),))
    return document


def _standing(postings: Sequence[Fields]) -> Standing:
    for one in postings:
        if one.values.get("is_cleared") is None:
            raise one.mistake("is_cleared", "does not say whether it is open")
    return Standing.SETTLED if all(one.truth("is_cleared") for one in postings) else Standing.OPEN


def _item(
    key: RemoteKey, live: Sequence[Fields], standing: Standing, source: str, year: Year, terms: Mapping[str, Term]
) -> OpenItem:
    nets = [_net(one, year.currency) for one in live]
    debit = total((net for net in nets if net.minor > 0), year.currency)
    credit = -total((net for net in nets if net.minor < 0), year.currency)
    left = debit - credit if standing is Standing.OPEN else Money(0, year.currency)
    if standing is Standing.OPEN:
        _prove(live, nets, year.currency)
    first = live[0]
    if debit and left.minor < 0:
        raise first.mistake("document_field1", f"was overpaid by {-left}; assign the money in DATEV (Ausziffern)")
    side = [one for one, net in zip(live, nets, strict=True) if (net.minor > 0) is bool(debit)]
    invoices = [one for one in side if one.text("evidence_type") in {"", "invoice"}]
    if debit and not invoices:
        raise first.mistake("evidence_type", "is no invoice, and yet it is owed")
    dated = min(one.needed_day("date") for one in invoices or side)
    term = terms.get(_term_id(side[0].text("term_of_payment_id"))) if debit and len(side) == 1 else None
    percent, until = skonto_of(term.percent, days_after(dated, term.days)) if term else (None, None)
    account = account_of(first, year)
    number = first.number("document_field1") if debit else first.text("document_field1") or f"Akonto {account}"
    return OpenItem(
        item_id=item_id_of(source, key),
        document_number=number,
        kind=ItemKind.INVOICE if debit else ItemKind.CREDIT_NOTE,
        debtor_number=account,
        document_date=dated,
        due_date=_due(invoices) if debit else dated,
        amount=debit or credit,
        open_amount=abs(left),
        skonto_percent=percent,
        skonto_until=until,
        source=source,
        place=first.place,
    )


def _net(fields: Fields, currency: str) -> Money:
    """Give what a posting adds to the debt, in the currency of the books."""
    if fields.text("evidence_type") not in _EVIDENCE:
        raise fields.mistake("evidence_type", "is no type of posting that we know")
    if fields.text("currency_code").upper() not in {"", currency}:
        raise fields.mistake("currency_code", f"is owed in another currency than the books, which are in {currency}")
    if not fields.has("amount_debit") and not fields.has("amount_credit"):
        raise fields.mistake("amount_debit", "has neither debit nor credit")
    sides = [
        fields.money(k, currency) if fields.has(k) else Money(0, currency) for k in ("amount_debit", "amount_credit")
    ]
    return sides[0] - sides[1]


def _prove(live: Sequence[Fields], nets: Sequence[Money], currency: str) -> None:
    """Compare with the balances that DATEV itself gives: those of the document, or those of each posting."""
    whole = total(nets, currency)
    said = [
        (_balance(one, currency), net) for one, net in zip(live, nets, strict=True) if one.has("open_balance_of_item")
    ]
    if any(balance != whole for balance, _ in said) and any(balance != net for balance, net in said):
        raise live[0].mistake("open_balance_of_item", f"is not debits less credits, which are {whole}")


def _balance(fields: Fields, currency: str) -> Money:
    side = fields.needed("debit_credit_identifier")
    if side not in {"S", "H"}:
        raise fields.mistake("debit_credit_identifier", "is neither S nor H")
    balance = fields.money("open_balance_of_item", currency)
    return balance if side == "S" else -balance


def _due(invoices: Sequence[Fields]) -> date:
    """Give the day on which the last part is due; the one assigned to the item goes before that of the term."""
    return max(one.day("assigned_due_date") or one.needed_day("due_date") for one in invoices)


def account_of(fields: Fields, year: Year) -> str:
    """Give an account as people write it: 9 digits with zeros at the end there, 100010000 for 10001."""
    text = fields.needed("account_number")
    if len(text) != _TECHNICAL or not text.isdecimal() or text[year.digits :].strip("0"):
        raise fields.mistake("account_number", f"is no account of {year.digits} digits filled up to {_TECHNICAL}")
    return text[: year.digits]


def _term_id(text: str) -> str:
    return text.lstrip("0")


def _is_blocked(row: Row) -> bool:
    """Whether a posting must not be dunned; until when a passing block lasts is DATEV's to say, so it counts."""
    return row.get("has_dunning_block") not in (None, False) or bool(row.get("temp_dunning_block"))


def _is_payment(item: OpenItem, rows: Iterable[Row]) -> bool:
    return not item.is_invoice and not any(row.get("evidence_type") in _CREDITS for row in rows)


def _on_account(item: OpenItem) -> Finding:
    return Finding(
        code="payment_on_account",
        place=item.place,
        what=f"{item.open_amount} were paid on account (Akontozahlung); they count as a credit of the debtor",
        what_to_do="Clear it (Ausziffern) in DATEV.",
        severity=Severity.WARNING,
    )


def contact(row: Row, source: str, year: Year, blocked: Collection[str] = ()) -> Contact:
    """Make a debtor out of one of their business partners; without an address where he must not be dunned."""
    remote_id = str(row.get("id", ""))
    fields = Fields(row, f"{source}: debtor {row.get('account_number') or remote_id}")
    try:
        books = fields.inside("accounting_information")
        debtor = Debtor(
            number=account_of(fields, year),
            name=_name(fields),
            ibans=tuple(iban for bank in fields.each("banks") if (iban := bank.text("iban").replace(" ", ""))),
            type=DebtorType.BUSINESS if fields.text("legal_entity_type") == "legal_person" else DebtorType.UNKNOWN,
            language=_LANGUAGES.get(books.text("language"), "de"),
        )
        if why := _why_silent(books, fields.text("account_number") in blocked):
            return Contact(remote_id=remote_id, debtor=debtor, findings=(_silent(fields.place, why),))
        return Contact(remote_id=remote_id, debtor=_reachable(debtor, fields))
    except Mistake as mistake:
        return Contact(remote_id=remote_id, debtor=None, findings=(mistake.finding(),))


def _name(fields: Fields) -> str:
    person = fields.inside("natural_person")
    parts = (person.text("firstname"), person.text("name_prefix"), person.text("surname"))
    company = fields.inside("legal_person").text("legal_name") or fields.inside("not_specified_person").text("name")
    return company or " ".join(filter(None, parts)) or fields.needed("caption")


def _reachable(debtor: Debtor, fields: Fields) -> Debtor:
    """Add where the debtor is written to: the address of correspondence, else the first one."""
    addresses = sorted(
        fields.each("addresses"), key=lambda one: not _marked(one, "address", "is_correspondence_address")
    )
    spoken = sorted(
        fields.each("communications"),
        key=lambda one: not _marked(one, "communication", "is_main_communication_usage_type"),
    )
    ways = {kind: [one for one in spoken if one.text("communication_type") == kind] for kind in ("email", "phone")}
    first = addresses[0] if addresses else Fields({}, fields.place)
    box = first.text("post_office_box")
    return replace(
        debtor,
        street=first.text("street") or (f"Postfach {box}" if box else ""),
        postcode=first.text("postal_code"),
        city=first.text("city"),
        country=first.text("country_code") or "DE",
        email=ways["email"][0].text("communication_data_content") if ways["email"] else "",
        phone=ways["phone"][0].text("communication_data_content") if ways["phone"] else "",
    )


def _marked(fields: Fields, what: str, mark: str) -> bool:
    return fields.inside(f"{what}_usage_type").truth(mark)


def _why_silent(books: Fields, has_blocked_item: bool) -> str:
    if books.truth("is_insolvent"):
        return "the debtor is insolvent (Insolvenz-Kennzeichen)"
    if books.text("dunning_procedure") == "no_dun" or books.has("temp_dunning_block"):
        return "the debtor is not to be dunned (Mahnsperre)"
    return "one of the open items has a dunning block (Mahnsperre)" if has_blocked_item else ""


def _silent(place: str, why: str) -> Finding:
    return Finding(
        code="dunning_blocked",
        place=place,
        what=f"{why}; the debtor's address is withheld, so that nobody is written to, and payments are still matched",
        what_to_do="Nothing, if that is meant. To block one item alone, hold it here and take the block away there.",
        severity=Severity.WARNING,
    )


def _words(answer: Answer) -> str:
    """Give the reason of a refusal: ``{"error": "DCO10007", "error_description": "…"}``."""
    said = answer.record()
    return ": ".join(filter(None, (str(said.get("error") or ""), str(said.get("error_description") or ""))))
