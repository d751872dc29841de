"""CAMT.052, .053 and .054 of every version (ISO 20022), read by local name in one pass, piece by piece."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from connectors.bank.format import PIECE_ENTRIES, Piece, plain_ascii, unreadable
from connectors.bank.iso20022.camt_page import Page
from connectors.bank.iso20022.camt_record import Record, header_of, local_name
from connectors.bank.iso20022.camt_vocabulary import HEADER
from connectors.bank.iso20022.xml_stream import TooFarApart, elements, forget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml import etree

# Message and statement element. Wrappers around the message are no concern of ours.
_MESSAGES: Final = {
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
}
_STATEMENTS: Final = ("Stmt", "Rpt", "Ntfctn")
_BOOKINGS: Final = ("Ntry", *_STATEMENTS)


def looks_like(head: bytes) -> bool:
    """Whether these first bytes belong to a camt message, in whatever encoding and wrapper."""
    text = plain_ascii(head)
    return text.lstrip().startswith(b"<") and any(name.encode() in text for name in _MESSAGES)


# A booking of more bytes is not waited for: its payments are read as they come. Nearly no booking is as large, and
# looking for payments everywhere would cost all the others a tenth of the time.
_MOST_BYTES: Final = 4 * 1024 * 1024


def pieces(path: Path, place: str) -> Iterator[Piece]:
    """Read every statement, report and notification of a file; raise Unreadable with place and remedy."""
    done = 0
    try:
        for piece in _pieces(path, place, _BOOKINGS):
            yield piece
            done += 1
    except TooFarApart:
        # Either way gives the same pieces, so those that are out already are passed over.
        yield from _patiently(path, place, done)


def _patiently(path: Path, place: str, done: int) -> Iterator[Piece]:
    try:
        yield from islice(_pieces(path, place, ("TxDtls", *_BOOKINGS)), done, None)
    except TooFarApart as error:
        raise unreadable(
            place,
            f"somewhere in it there is neither booking nor payment within {_MOST_BYTES:,} bytes",
            what_to_do="Check whether this is a statement at all.",
        ) from error


def _pieces(path: Path, place: str, names: tuple[str, ...]) -> Iterator[Piece]:
    page: Page | None = None
    number = 0
    for element in elements(path, place, names, most_bytes_between=_MOST_BYTES):
        name = local_name(element)
        statement = _statement_around(element, name)
        if page is None or page.element is not statement:
            if statement is None or not (message := _message_of(statement)):
                continue
            page = _begin(statement, message, number, path, place)
        if name == "Ntry":
            page.take_booking(element)
        elif name == "TxDtls":
            page.take_payment(element)
        while len(page.entries) >= PIECE_ENTRIES:
            yield page.piece()
        if element is statement:
            yield page.last_piece()
            page, number = None, number + 1
        forget(element, keep=HEADER if name == "Ntry" else None)
    if number == 0:
        raise unreadable(place, "the message holds no statement", what_to_do="Fetch it again from the bank.")


def _statement_around(element: etree._Element, name: str) -> etree._Element | None:
    """Give the element in which a booking, or the booking of a payment, stands; a statement stands in itself."""
    if name == "Ntry":
        return element.getparent()
    if name != "TxDtls":
        return element
    around = element.getparent()
    if around is not None and local_name(around) == "NtryDtls":
        around = around.getparent()
    # Other things of this name may be wrapped into supplementary data.
    return around.getparent() if around is not None and local_name(around) == "Ntry" else None


def _message_of(statement: etree._Element) -> str:
    around = statement.getparent()
    if around is None or local_name(statement) not in _STATEMENTS:
        return ""
    # The very first versions put their number into the name: BkToCstmrStmtV01.
    return _MESSAGES.get(local_name(around).removesuffix("V01"), "")


def _begin(statement: etree._Element, message: str, number: int, path: Path, place: str) -> Page:
    page = Page(statement, message, number, place, header_of(statement))
    if not page.account.number:
        # The account stands behind the bookings, which no version allows: only then the file is read twice.
        page = Page(statement, message, number, place, _headers(path, place)[number])
    page.check_account()
    return page


def _headers(path: Path, place: str) -> list[Record]:
    """Give what each statement says besides its bookings."""
    headers = []
    for element in elements(path, place, ("TxDtls", *_BOOKINGS), most_bytes_between=_MOST_BYTES):
        if _message_of(element):
            headers.append(header_of(element))
        forget(element)
    return headers
