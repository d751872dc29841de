"""A statement of a camt file (Kontoauszug) while its bookings pass: its header, what is read, and what proves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.bank.format import PIECE_ENTRIES, Piece, unreadable
from connectors.bank.iso20022.camt_balance import Proof, currency_of, opening_and_closing
from connectors.bank.iso20022.camt_entry import Account, Booking, booking_of, check_many, entries_of, entry_of_many
from connectors.bank.iso20022.camt_facts import PaymentFacts, booking_facts, payment_facts
from connectors.bank.iso20022.camt_record import NOTHING, Record, header_of, local_name, plain_xml, record_of
from connectors.bank.iso20022.camt_values import is_true, place_of, read_day, told
from connectors.bank.iso20022.xml_stream import forget
from ledger.money import Money
from ledger.statement import Statement, StatementEntry

if TYPE_CHECKING:
    from lxml import etree

    from ledger.finding import Finding

_VERSION: Final = re.compile(r"camt\.05[234]\.\d{3}\.\d{2}")

# So many payments of one booking are kept until it ends; of a larger one, each becomes an entry as it passes.
MOST_PAYMENTS_KEPT: Final = PIECE_ENTRIES

_PAGE_DIGITS: Final = 5  # of the number of a page, by ISO 20022; Python refuses to count in thousands of them

# Its beginning and its end. Where there is more of the word, the payments are looked for one by one.
_TAGS_OF_ONE_PAYMENT: Final = 2


@dataclass(slots=True)
class _Many:
    """A very large booking, whose payments are no longer kept, while it is being read."""

    booking: Booking
    payments: int = 0
    minor: int = 0


class Page:
    """One Stmt, Rpt or Ntfctn from its first booking to its end; nothing is assumed about the order of its header."""

    def __init__(self, element: etree._Element, message: str, number: int, file: str, header: Record) -> None:
        self.element = element
        self.account = _account(element, message, header)
        self.entries: list[StatementEntry] = []  # of the piece to come
        self._number = number  # in the file, from 0
        self._file = file
        self._path = f"{local_name(element)}[{number + 1}]"
        self._place = place_of(file, _line(element), self._path)
        self._format = _format(element, message)
        self._header = header
        self._proof = Proof()
        self._findings: list[Finding] = []
        self._bookings = 0
        # Of the booking to come: its payments, and which element around them was the last.
        self._payments: list[PaymentFacts] = []
        self._details: etree._Element | None = None
        self._details_number = 0
        self._many: _Many | None = None

    def check_account(self) -> None:
        """Raise Unreadable where nobody can say whose statement this is."""
        if not self.account.number:
            raise unreadable(
                told(self._place),
                "the statement names no account",
                what_to_do="Ask the bank for a correct file.",
            )

    def take_payment(self, element: etree._Element) -> None:
        """Read a payment whose booking ends later."""
        self._count_details(element.getparent())
        facts = payment_facts(plain_xml(element))
        if self._details_number:
            facts = facts._replace(details=self._details_number)
        if self._many is not None:
            self._take_one_of_many(self._many, facts)
            return
        self._payments.append(facts)
        if len(self._payments) == MOST_PAYMENTS_KEPT:
            self._begin_many(element)

    def take_booking(self, element: etree._Element) -> None:
        """Read a booking, now that it has ended."""
        xml = plain_xml(element)
        if self._details is None and xml.count("TxDtls") > _TAGS_OF_ONE_PAYMENT:
            for payment in _payments_in(element):
                self.take_payment(payment)
                forget(payment)
            xml = plain_xml(element)
        if self._many is not None:
            booking = self._many.booking
            check_many(booking, Money(self._many.minor, booking.amount.currency), self._many.payments)
        else:
            booking, payments = self._booking(element, xml)
            self.entries += entries_of(booking, payments, self._findings)
        self._proof.add(booking)
        self._bookings += 1
        if self._details is not None:
            self._payments, self._details, self._details_number, self._many = [], None, 0, None
        if not self.account.currency:  # nobody named it, so the first booking does for all
            self.account = self.account._replace(currency=booking.amount.currency)

    def piece(self) -> Piece:
        """Hand over a full piece."""
        entries, self.entries = self.entries[:PIECE_ENTRIES], self.entries[PIECE_ENTRIES:]
        findings, self._findings = self._findings, []
        return Piece(self._number, self._statement(entries), False, tuple(findings))

    def last_piece(self) -> Piece:
        """Read the header once more, now that everything is there; check the statement and hand over the rest."""
        self._header = header_of(self.element)
        statement = self._statement(self.entries)
        findings = (*self._findings, *self._proof.findings(statement, self._header))
        return Piece(self._number, statement, True, findings)

    def _booking(self, element: etree._Element, xml: str) -> tuple[Booking, list[PaymentFacts]]:
        number = self._bookings + 1
        place = place_of(self._file, _line(element), f"{self._path}/Ntry[{number}]")
        facts, payment = booking_facts(xml)
        booking = booking_of(facts, number, self.account, place, self._findings)
        if self._details is None and any(around.lists_payments for around in facts.batches):
            return booking, [payment]
        return booking, self._payments

    def _count_details(self, details: etree._Element | None) -> None:
        if details is not self._details:
            if self._details is not None:
                self._details_number += 1
            self._details = details

    def _begin_many(self, payment: etree._Element) -> None:
        around = payment.getparent()
        while around is not None and local_name(around) != "Ntry":
            around = around.getparent()
        assert around is not None, payment
        booking, _ = self._booking(around, plain_xml(around))
        self._many = _Many(booking)
        for facts in self._payments:
            self._take_one_of_many(self._many, facts)
        self._payments.clear()

    def _take_one_of_many(self, many: _Many, facts: PaymentFacts) -> None:
        entry = entry_of_many(many.booking, facts, many.payments, self._findings)
        many.payments += 1
        many.minor += entry.amount.minor
        self.entries.append(entry)
        if self._details is not None:
            _forget_before(self._details)

    def _statement(self, entries: list[StatementEntry]) -> Statement:
        header = self._header
        # Reports have interim balances, and mostly of another moment than their bookings.
        is_balanced = self._format.startswith("camt.053")
        opening, closing = opening_and_closing(header, self._place) if is_balanced else (None, None)
        page, is_last_page = _pagination(header, _group_header(self.element))
        return Statement(
            account=self.account.number,
            currency=self.account.currency or currency_of(header),
            statement_ref=header.text("id"),
            number=header.text("electronic_sequence_number", "legal_sequence_number"),
            opening=opening.amount if opening else None,
            opening_date=opening.day if opening else None,
            closing=closing.amount if closing else None,
            closing_date=closing.day if closing else None,
            period_from=read_day(header.text("from_to_date.from", "from_to_date.from_date")),
            period_to=read_day(header.text("from_to_date.to", "from_to_date.to_date")),
            page=page,
            is_last_page=is_last_page,
            entries=tuple(entries),
            format=self._format,
            place=told(self._place),
        )


def _account(element: etree._Element, message: str, header: Record) -> Account:
    number = header.text(
        "account.id.iban",
        "account.id.other.id",
        "account.id.bban",
        "account.id.upic",
        "account.id.proprietary.id",
        "account.proxy.id",
    )
    binding = message == "camt.053"
    made = header.text("creation_date_time", "from_to_date.to", "from_to_date.to_date")
    if not binding:  # the message is as good as the day of what it only announces
        made = made or _group_header(element).text("creation_date_time")
    return Account(
        number="".join(number.split()),
        owner=header.text("account.owner.name", "account.owner.party.name"),
        # What only reports has balances of another moment, and now and then of another currency.
        currency=currency_of(header) if binding else header.text("account.currency"),
        provisional=message == "camt.052",
        binding=binding,
        made_on=read_day(made),
    )


def _group_header(statement: etree._Element) -> Record:
    """Read the header of the message (GrpHdr), which may page its statements as well."""
    around = statement.getparent()
    for element in () if around is None else around:
        if local_name(element) == "GrpHdr":
            return record_of(element, "GrpHdr")
    return NOTHING


def _pagination(header: Record, group_header: Record) -> tuple[int, bool]:
    """Give the number of the page, 0 where there are no pages, and whether it is the last one."""
    for record, word in (
        (header, "pagination"),
        (header, "report_pagination"),
        (header, "notification_pagination"),
        (group_header, "message_pagination"),
    ):
        page = record.text(f"{word}.page")
        if page.isdecimal() and len(page) <= _PAGE_DIGITS:
            return int(page), is_true(record.text(f"{word}.last_page_indicator"))
    return 0, True


def _format(element: etree._Element, message: str) -> str:
    found = _VERSION.search(element.tag)
    return found[0] if found else message


def _line(element: etree._Element) -> int:
    line: Any = element.sourceline  # the stubs do not say that it is a number
    return line or 0


def _payments_in(booking: etree._Element) -> list[etree._Element]:
    """Give the payments of a booking, which in version 01 stand directly in it."""
    details = [booking, *(child for child in booking if local_name(child) == "NtryDtls")]
    return [child for around in details for child in around if local_name(child) == "TxDtls"]


def _forget_before(element: etree._Element) -> None:
    """Remove what stands before an element and has been read: many bookings have an NtryDtls for each payment."""
    around, before = element.getparent(), element.getprevious()
    while around is not None and before is not None and before.tag == element.tag:
        around.remove(before)
        before = element.getprevious()
