"""CAMT.052, .053 and .054 of every version (ISO 20022), read by local name in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from connectors.bank import balance, camt_entry
from connectors.bank.camt_entry import Account
from connectors.bank.camt_values import is_credit, read_amount, read_day
from connectors.bank.camt_vocabulary import HEADER, Record, record_of
from connectors.bank.format import Piece, Reading, plain_ascii, unreadable
from connectors.bank.xml_stream import elements, forget
from ledger.finding import Finding
from ledger.statement import Statement, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from lxml import etree

    from ledger.money import Money

# Message and statement element. Wrappers around the message are no concern of ours.
_MESSAGES: Final = {
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
}
_STATEMENTS: Final = ("Stmt", "Rpt", "Ntfctn")
_VERSION: Final = re.compile(r"camt\.05[234]\.\d{3}\.\d{2}")

# Booked balances in the order we trust them. Available balances (…AV) never take part in a sum.
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_INTERIM: Final = "ITBD"
_BOOKED: Final = frozenset({*_OPENING, *_CLOSING, _INTERIM})


def looks_like(head: bytes) -> bool:
    """Whether these first bytes belong to a camt message, in whatever encoding and wrapper."""
    text = plain_ascii(head)
    return text.lstrip().startswith(b"<") and any(name.encode() in text for name in _MESSAGES)


def read(path: Path, place: str) -> Reading:
    """Read every statement, report and notification of a file; raise Unreadable with line and remedy."""
    page: _Page | None = None
    pages: list[_Page] = []
    findings: list[Finding] = []
    for element in elements(path, place, ("Ntry", *_STATEMENTS)):
        is_entry = _local_name(element) == "Ntry"
        statement_element = element.getparent() if is_entry else element
        if statement_element is None or not _message_of(statement_element):
            continue
        if page is None or page.element is not statement_element:
            page = _Page.begin(statement_element, place)
        if is_entry:
            page.add(element, findings)
        else:
            page.finish()
            pages.append(page)
            page = None
        forget(element)
    if not pages:
        raise unreadable(place, "the message holds no statement", what_to_do="Fetch it again from the bank.")
    statements = tuple(page.statement(findings) for page in pages)
    return Reading(statements[0].format, statements, tuple(findings))


def pieces(path: Path, place: str) -> Iterator[Piece]:
    """Read piece by piece."""
    reading = read(path, place)
    for number, statement in enumerate(reading.statements):
        yield Piece(number, statement, True, reading.findings if number == 0 else ())


@dataclass(slots=True)
class _Page:
    """A statement while its entries are being read."""

    element: etree._Element
    header: Record
    account: Account
    format: str
    entries: list[StatementEntry] = field(default_factory=list)
    bookings: int = 0

    @classmethod
    def begin(cls, element: etree._Element, place: str) -> _Page:
        """Open a statement at its first entry: the account and the balances stand before it."""
        header = record_of(element, HEADER)
        message = _message_of(element)
        number = header.text("account.id.iban", "account.id.other.id")
        if not number:
            raise unreadable(
                f"{place}:{header.line}",
                "the statement names no account",
                what_to_do="Ask the bank for a correct file.",
            )
        account = Account(
            number="".join(number.split()),
            owner=header.text("account.owner.name", "account.owner.party.name"),
            currency=_currency(header),
            provisional=message == "camt.052",
            made_on=read_day(header.text("creation_date_time", "from_to_date.to")),
            place=place,
        )
        return cls(element, header, account, _version(element, message))

    def add(self, element: etree._Element, findings: list[Finding]) -> None:
        """Read one booking."""
        self.bookings += 1
        self.entries.extend(camt_entry.read(element, self.bookings, self.account, findings))
        if not self.account.currency:  # nobody named it, so the first booking does for all
            self.account = replace(self.account, currency=self.entries[0].amount.currency)

    def finish(self) -> None:
        """Read the header once more, now that everything is there."""
        line = self.header.line
        self.header = record_of(self.element, HEADER)
        self.header.line = line

    def statement(self, findings: list[Finding]) -> Statement:
        """Build the statement and check its balances."""
        header, place = self.header, f"{self.account.place}:{self.header.line}"
        has_balances = self.format.startswith("camt.053")
        opening, closing = _balances(header, self.account) if has_balances else (None, None)
        statement = Statement(
            account=self.account.number,
            currency=self.account.currency,
            statement_ref=header.text("id"),
            number=header.text("electronic_sequence_number", "legal_sequence_number"),
            opening=opening.amount if opening else None,
            opening_date=opening.day if opening else None,
            closing=closing.amount if closing else None,
            closing_date=closing.day if closing else None,
            entries=tuple(self.entries),
            format=self.format,
            place=place,
        )
        balance.check(statement)
        if has_balances and (opening is None or closing is None):
            findings.append(_unchecked(statement))
        return statement


@dataclass(frozen=True, slots=True)
class _Balance:
    code: str
    sub_code: str
    amount: Money
    day: date | None


def _balances(header: Record, account: Account) -> tuple[_Balance | None, _Balance | None]:
    """Pick opening and closing: OPBD, PRCD or the first interim one; CLBD or the last interim one.

    German banks open with the previous closing balance (PRCD); pages in between open and close with ITBD, which
    a bank may mark as OIBD or CIBD. One interim balance is never both ends of a statement.
    """
    found = [_balance(record, account) for record in header.group("balance") if _balance_code(record) in _BOOKED]
    interim = [b for b in found if b.code == _INTERIM]
    opening = _first(found, _OPENING)
    closing = _first(found, _CLOSING)
    if opening is None:
        opening = next((b for b in interim if b.sub_code != "CIBD"), None)
        if closing is None and len(interim) == 1 and interim[0].sub_code != "OIBD":
            opening = None
    if closing is None:
        closing = next((b for b in reversed(interim) if b is not opening and b.sub_code != "OIBD"), None)
    return opening, closing


def _first(found: list[_Balance], codes: tuple[str, ...]) -> _Balance | None:
    return next((b for code in codes for b in found if b.code == code), None)


def _balance(record: Record, account: Account) -> _Balance:
    place = f"{account.place}:{record.line}"
    amount = read_amount(record.text("amount"), record.text("amount.currency"), place)
    credit = is_credit(record.text("credit_debit_indicator"), place)
    day = read_day(record.text("date.date", "date.date_time"))
    return _Balance(_balance_code(record), record.text("type.sub_type.code"), amount if credit else -amount, day)


def _balance_code(record: Record) -> str:
    return record.text("type.code_or_proprietary.code")


def _currency(header: Record) -> str:
    for record in header.group("balance"):
        if _balance_code(record) in _BOOKED and record.text("amount.currency"):
            return record.text("amount.currency")
    return header.text("account.currency")


def _unchecked(statement: Statement) -> Finding:
    missing = " and ".join(
        name for name, there in (("opening", statement.opening), ("closing", statement.closing)) if there is None
    )
    return Finding(
        code="statement_unchecked",
        place=statement.place,
        what=f"the statement has no {missing} balance, so nothing proves that it is complete",
        what_to_do="Ask the bank to deliver opening and closing balances (OPBD or PRCD, and CLBD).",
    )


def _local_name(element: etree._Element) -> str:
    tag = element.tag
    return tag[tag.rfind("}") + 1 :]


def _message_of(statement_element: etree._Element) -> str:
    parent = statement_element.getparent()
    if parent is None:
        return ""
    # The very first versions put their number into the name: BkToCstmrStmtV01.
    return _MESSAGES.get(_local_name(parent).removesuffix("V01"), "")


def _version(element: etree._Element, message: str) -> str:
    found = _VERSION.search(element.tag)
    return found[0] if found else message
