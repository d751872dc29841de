"""MT940 and MT942 (SWIFT FIN; DK, Anlage 3 chapter 8): tags at line starts, pages summed from 60F to 62F."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.bank import balance, mt940_entry, mt940_fallback
from connectors.bank.account import without_currency
from connectors.bank.format import Piece, Reading, plain_ascii, unreadable
from connectors.bank.mt940_values import UnknownDialect, read_amount, read_day
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from ledger.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from connectors.bank.mt940_entry import Field
    from ledger.money import Money
    from ledger.statement import StatementEntry

_BEGINS: Final = re.compile(rb"(?:^|[\r\n]|@@):20:")
_GOES_ON: Final = re.compile(rb"(?:[\r\n]|@@):(?:2[158][CP]?|60[FM]|34F|13D?):")
_TAG: Final = re.compile(r"^:(\d{2}[A-Z]?|NS):", re.MULTILINE)
# The end of a message: a lone dash, or the braces of the SWIFT blocks around it.
_END: Final = re.compile(r"\n(?:-[ \t]*(?=\n|\Z)|-?\}|\{[1-5]:)")
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})(\S+)")
_NO_DAY: Final = "000000"

# Only these tell that a message speaks of bookings to come or of the day so far.
_INTERIM_TAGS: Final = frozenset({"34F", "13D", "13", "90C", "90D"})


def looks_like(head: bytes) -> bool:
    """Whether these first bytes hold a message that begins with ``:20:`` and goes on as a statement does."""
    text = plain_ascii(head)
    return _BEGINS.search(text) is not None and _GOES_ON.search(text) is not None


def read(path: Path, place: str) -> Reading:
    """Read every message of a file; raise Unreadable with line and remedy.

    What our own reader does not understand is offered to the mt-940 package, whose result counts only if it adds up.
    """
    text = decode(path.read_bytes())
    lost = (_lost_characters(text, place),) if "\ufffd" in text else ()
    try:
        statements, findings = _read_text(text, place)
    except UnknownDialect as ours:
        try:
            statements, findings = mt940_fallback.read(text, place, str(ours))
        except Unreadable as theirs:
            raise Unreadable(str(ours)) from theirs
    return Reading(statements[0].format, statements, (*lost, *findings))


def pieces(path: Path, place: str) -> Iterator[Piece]:
    """Read piece by piece."""
    reading = read(path, place)
    for number, statement in enumerate(reading.statements):
        yield Piece(number, statement, True, reading.findings if number == 0 else ())


def decode(data: bytes) -> str:
    """Turn bytes into lines of text: byte order mark, strict UTF-8, Windows-1252; any line end, and FinTS ``@@``."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "@@:" in text:
        text = text.replace("@@", "\n")
    # No database and no letter can hold a NUL; it is told like any other character that was lost.
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _read_text(text: str, place: str) -> tuple[tuple[Statement, ...], tuple[Finding, ...]]:
    findings: list[Finding] = []
    statements = tuple(
        _statement(pages, place, findings)
        for pages in _in_pages(_page(message, place) for message in _messages(_fields(text)))
    )
    if not statements:
        raise unreadable(place, "the file holds no statement", what_to_do="Fetch it again from the bank.")
    return statements, tuple(findings)


def _fields(text: str) -> Iterator[Field]:
    line, counted = 1, 0
    found = _TAG.search(text)
    while found is not None:
        following = _TAG.search(text, found.end())
        line += text.count("\n", counted, found.start())
        counted = found.start()
        value = text[found.end() : following.start() if following else len(text)]
        if following is None or following[1] == "20":
            value = _END.split(value, maxsplit=1)[0]
        yield mt940_entry.Field(found[1], value.rstrip("\n"), line)
        found = following


def _messages(fields: Iterator[Field]) -> Iterator[list[Field]]:
    message: list[Field] = []
    for one in fields:
        if one.tag == "20" and message:
            yield message
            message = []
        message.append(one)
    if message:
        yield message


@dataclass(frozen=True, slots=True)
class _Balance:
    amount: Money
    day: date | None


@dataclass(slots=True)
class _Page:
    """One message: a whole statement, or a page of one."""

    line: int
    reference: str = ""
    account: str = ""
    number: str = ""
    opening: _Balance | None = None
    opens_between: bool = False  # 60M
    closing: _Balance | None = None
    closes_between: bool = False  # 62M
    interim: bool = False  # MT942
    currency: str = ""
    bookings: list[tuple[Field, list[Field]]] = field(default_factory=list)


def _page(message: list[Field], place: str) -> _Page:
    page = _Page(line=message[0].line)
    for one in message:
        match one.tag:
            case "20":
                page.reference = one.value.strip()
            case "25" | "25P":
                page.account = without_currency(one.value.partition("\n")[0])
            case "28" | "28C":
                page.number = one.value.strip().partition("/")[0]
            case "60F" | "60M":
                page.opening, page.opens_between = _balance(one, place), one.tag == "60M"
            case "62F" | "62M":
                page.closing, page.closes_between = _balance(one, place), one.tag == "62M"
            case "34F" | "90C" | "90D" if not page.currency:
                page.currency = _interim_currency(one.value)
            case "61":
                page.bookings.append((one, []))
            case "86" if page.bookings and page.closing is None:
                page.bookings[-1][1].append(one)
        page.interim = page.interim or one.tag in _INTERIM_TAGS
    return page


def _balance(one: Field, place: str) -> _Balance:
    where = f"{place}:{one.line}"
    found = _BALANCE.match(one.value)
    if not found:
        raise UnknownDialect(where, f"the balance :{one.tag}:{one.value.strip()} cannot be read")
    amount = read_amount(found[4], found[3], where)
    # Banks write zeros where there was no balance before.
    day = None if found[2] == _NO_DAY else read_day(found[2], where)
    return _Balance(amount if found[1] == "C" else -amount, day)


def _interim_currency(value: str) -> str:
    found = re.match(r"\d*([A-Z]{3})", value)
    return found[1] if found else ""


def _in_pages(pages: Iterator[_Page]) -> Iterator[list[_Page]]:
    """Put pages together: one that closes with 62M goes on in the next one of the same account with 60M."""
    together: list[_Page] = []
    for page in pages:
        if together and not (
            together[-1].closes_between and page.opens_between and together[-1].account == page.account
        ):
            yield together
            together = []
        together.append(page)
    if together:
        yield together


def _statement(pages: Sequence[_Page], place: str, findings: list[Finding]) -> Statement:
    first, last = pages[0], pages[-1]
    where = f"{place}:{first.line}"
    if not first.account:
        raise unreadable(where, "the statement names no account (:25:)", what_to_do="Fetch it again from the bank.")
    interim = first.interim and first.opening is None and last.closing is None
    if not interim:
        _check_complete(first, last, where)
    currency = first.opening.amount.currency if first.opening else first.currency
    statement = Statement(
        account=first.account,
        currency=currency,
        statement_ref=first.reference,
        number=first.number,
        opening=first.opening.amount if first.opening else None,
        opening_date=first.opening.day if first.opening else None,
        closing=last.closing.amount if last.closing else None,
        closing_date=last.closing.day if last.closing else None,
        entries=tuple(_entries(pages, place, currency, findings, interim=interim)),
        format="MT942" if interim else "MT940",
        place=where,
    )
    balance.check(statement)
    if first.opens_between or last.closes_between:
        findings.append(_missing_pages(statement, first=first.opens_between))
    return statement


def _check_complete(first: _Page, last: _Page, where: str) -> None:
    if first.opening is None:
        raise unreadable(
            where, "the statement has no opening balance (:60F:)", what_to_do="Fetch it again from the bank."
        )
    if last.closing is None:
        raise unreadable(
            where,
            "the statement has no closing balance (:62F:); the file was probably cut off",
            what_to_do="Fetch it again from the bank.",
        )


def _entries(
    pages: Sequence[_Page], place: str, currency: str, findings: list[Finding], *, interim: bool
) -> Iterator[StatementEntry]:
    bookings = (booking for page in pages for booking in page.bookings)
    for number, (line, details) in enumerate(bookings, start=1):
        yield mt940_entry.read(
            line,
            details,
            account=pages[0].account,
            currency=currency,
            number=number,
            place=place,
            findings=findings,
            interim=interim,
        )


def _missing_pages(statement: Statement, *, first: bool) -> Finding:
    return Finding(
        code="statement_pages_missing",
        place=statement.place,
        what=f"the {'first' if first else 'last'} pages of statement {statement.number} are not in this file",
        what_to_do="Put the file with the other pages into the inbox as well.",
    )


def _lost_characters(text: str, place: str) -> Finding:
    return Finding(
        code="characters_lost",
        severity=Severity.NOTE,
        place=f"{place}:{text.count(chr(10), 0, text.index(chr(0xFFFD))) + 1}",
        what=f"{text.count(chr(0xFFFD))} characters are neither UTF-8 nor Windows-1252 and cannot be shown",
        what_to_do="Ask the bank for UTF-8. Amounts are not affected.",
    )
