"""Whatever a bank writes in either format, we read the same sums, days and references."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.creditor_reference import creditor_references
from connectors.bank.reading import read_statements
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from ledger.statement import Statement


class Booking(NamedTuple):
    minor: int
    booked: date
    value: date
    reference: str
    text: str
    name: str


SAMPLES = Path(__file__).parents[2] / "samples" / "bank"
WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/.,", min_size=1, max_size=30)
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31))
BOOKING = st.builds(
    lambda minor, booked, shift, reference, text, name: Booking(
        minor, booked, booked + timedelta(days=shift), reference, text, name
    ),
    st.integers(-(10**9), 10**9).filter(bool),
    DAY,
    st.integers(-20, 20),
    st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=35),
    SENTENCE,
    st.text("ABCDEFGHIJKLM nopqrstuvwxyz", min_size=1, max_size=54).map(str.strip).filter(bool),
)
BOOKINGS = st.lists(BOOKING, max_size=6)


@settings(deadline=None, max_examples=60)
@given(bookings=BOOKINGS, opening=st.integers(-(10**9), 10**9), per_page=st.integers(1, 4))
def test_an_mt940_statement_reads_as_it_was_written(bookings: list[Booking], opening: int, per_page: int) -> None:
    _same(_read(_mt940(bookings, opening, per_page)), bookings, opening)


@settings(deadline=None, max_examples=60)
@given(bookings=BOOKINGS, opening=st.integers(-(10**9), 10**9), prefix=st.sampled_from(["", "ns2:"]))
def test_a_camt_statement_reads_as_it_was_written(bookings: list[Booking], opening: int, prefix: str) -> None:
    _same(_read(_camt(bookings, opening, prefix)), bookings, opening)


@given(text=st.text("RFrf0123456789 AB", max_size=60))
def test_whatever_looks_like_a_creditor_reference_is_proven(text: str) -> None:
    assert all(found.startswith("RF") and " " not in found for found in creditor_references(text))


@settings(deadline=None, max_examples=150)
@given(
    name=st.sampled_from(sorted(path.name for path in SAMPLES.iterdir())),
    at=st.floats(0, 1),
    length=st.integers(0, 40),
    junk=st.binary(max_size=10),
)
def test_a_damaged_file_is_read_or_set_aside_and_nothing_else(name: str, at: float, length: int, junk: bytes) -> None:
    content = (SAMPLES / name).read_bytes()
    start = int(at * len(content))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content[:start] + junk + content[start + length :])
        try:
            statements = read_statements(path).statements
        except Unreadable:
            return
    assert all(statement.adds_up() for statement in statements)


def _read(text: str) -> Statement:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(text.encode())
        (statement,) = read_statements(path).statements
    return statement


def _same(statement: Statement, bookings: list[Booking], opening: int) -> None:
    assert statement.account == "DE02120300000000202051"
    assert statement.opening is not None
    assert statement.opening.minor == opening
    assert statement.movement().minor == sum(b.minor for b in bookings)
    for entry, booking in zip(statement.entries, bookings, strict=True):
        assert entry.amount.minor == booking.minor
        assert (entry.booking_date, entry.value_date) == (booking.booked, booking.value)
        assert entry.end_to_end_id == booking.reference
        assert entry.payer_name.replace(" ", "") == booking.name.replace(" ", "")
        assert entry.remittance_glued.replace(" ", "") == booking.text.replace(" ", "")
        assert entry.remittance.replace(" ", "") == booking.text.replace(" ", "")


def _mt940(bookings: list[Booking], opening: int, per_page: int) -> str:
    pages = [bookings[start : start + per_page] for start in range(0, len(bookings), per_page)] or [[]]
    text, balance = "", opening
    for number, page in enumerate(pages, start=1):
        first, last = number == 1, number == len(pages)
        text += f":20:STARTUMS\r\n:25:DE02120300000000202051\r\n:28C:00001/{number:03d}\r\n"
        text += f":60{'F' if first else 'M'}:{_balance(balance)}\r\n"
        for booking in page:
            text += _mt940_booking(booking)
            balance += booking.minor
        text += f":62{'F' if last else 'M'}:{_balance(balance)}\r\n-\r\n"
    return text


def _mt940_booking(booking: Booking) -> str:
    mark = "C" if booking.minor > 0 else "D"
    line = f":61:{booking.value:%y%m%d}{booking.booked:%m%d}{mark}R{_german(booking.minor)}NTRFNONREF//B1\r\n"
    reference = _cut(f"EREF+{booking.reference}")
    lines = reference + _cut(f"SVWZ+{booking.text}")
    tags = [*range(20, 30), *range(60, 64)]
    purpose = "".join(f"?{tag}{part}" for tag, part in zip(tags, lines, strict=False))
    names = "".join(f"?{tag}{part}" for tag, part in zip((32, 33), _cut(booking.name), strict=False))
    field = f"166?00BUCHUNG{purpose}{names}"
    return line + ":86:" + "\r\n".join(field[at : at + 65] for at in range(0, len(field), 65)) + "\r\n"


def _cut(text: str) -> list[str]:
    return [text[at : at + 27] for at in range(0, len(text), 27)]


def _balance(minor: int) -> str:
    return f"{'D' if minor < 0 else 'C'}260504EUR{_german(minor)}"


def _german(minor: int) -> str:
    return f"{abs(minor) // 100},{abs(minor) % 100:02d}"


def _camt(bookings: list[Booking], opening: int, prefix: str) -> str:
    closing = opening + sum(b.minor for b in bookings)
    inside = _camt_balance("PRCD", opening) + _camt_balance("CLBD", closing)
    inside += "".join(map(_camt_booking, bookings))
    xml = (
        "<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id>"
        f"<IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>{inside}</Stmt></BkToCstmrStmt></Document>"
    )
    colon = f":{prefix.rstrip(':')}" if prefix else ""
    xml = xml.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    root = f"<{prefix}Document"
    return xml.replace(root, f'{root} xmlns{colon}="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', 1)


def _camt_balance(code: str, minor: int) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_camt_amount(minor)}<Dt><Dt>2026-05-04</Dt></Dt></Bal>"
    )


def _camt_amount(minor: int) -> str:
    number = _german(minor).replace(",", ".")
    return f'<Amt Ccy="EUR">{number}</Amt><CdtDbtInd>{"DBIT" if minor < 0 else "CRDT"}</CdtDbtInd>'


def _camt_booking(booking: Booking) -> str:
    party = "Dbtr" if booking.minor > 0 else "Cdtr"
    lines = "".join(
        f"<Ustrd>{escape(booking.text[at : at + 140])}</Ustrd>" for at in range(0, len(booking.text), 140)
    )
    return (
        f"<Ntry>{_camt_amount(booking.minor)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{booking.booked}</Dt></BookgDt><ValDt><Dt>{booking.value}</Dt></ValDt><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{booking.reference}</EndToEndId></Refs><RltdPties><{party}><Pty><Nm>{booking.name}</Nm></Pty>"
        f"</{party}></RltdPties><RmtInf>{lines}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )
