"""Whatever a hand or an accident makes of a file: it reads and adds up, or is refused in plain words, at once."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import os
import resource
import socket
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.reading import Reading, read_statements
from ledger.errors import ConnectorError, Unavailable, Unreadable
from ledger.statement import EntryStatus
from tests.fuzz.hostile_pieces import AMOUNTS, BYTES, CODES, CURRENCIES, DAYS, TEXTS
from tests.fuzz.judge import judged
from tests.fuzz.readers import FOUND, REJECTIONS, SAMPLES, gzipped, tarred, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS: Final = 1.0  # of computing, for one file
MEGABYTES: Final = 1_000  # more than there are already; what libxml2 takes for ten million bytes of attributes


@contextmanager
def little_memory() -> Iterator[None]:
    """Let nobody take more memory than one hostile file may cost; only Linux counts in a way that helps."""
    if sys.platform != "linux":
        yield
        return
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path of ours, and no file either
        size = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 1024 * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def outcome(tmp_path: Path) -> Callable[[bytes | str], Reading | ConnectorError]:
    """Write a file and judge what comes of it, in little memory and time."""

    def read(content: bytes | str) -> Reading | ConnectorError:
        path = tmp_path / "statement.dat"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        begin = time.process_time()
        with little_memory():
            result = judged(path)
        assert time.process_time() - begin < SECONDS, "this took too long"
        return result

    return read


def camt(inside: str = "", *, closing: str = "1.00", root: str = "", before: str = '<?xml version="1.0"?>') -> str:
    """Write a small statement, with something hostile in its only booking (``inside``), root or prolog."""
    return (
        f'{before}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"{root}><BkToCstmrStmt><Stmt>'
        "<Id>S</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balance('OPBD', '0.00')}{balance('CLBD', closing)}{booking(inside)}</Stmt></BkToCstmrStmt></Document>"
    )


def balance(code: str, amount: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-05-04</Dt></Dt></Bal>"
    )


def booking(inside: str = "", amount: str = "1.00", currency: str = "EUR", day: str = "2026-05-04") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{inside}</Ntry>"
    )


def purpose(text: str) -> str:
    return f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls>"


def swift(inside: str = "", *, booking: str = ":61:2605040504C1,00NTRFNONREF", closing: str = "1,00") -> str:
    """Write a small MT940, with something hostile behind its only booking."""
    return (
        f":20:S\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR0,00\n{booking}\n{inside}\n"
        f":62F:C260504EUR{closing}\n-\n"
    )


COLUMNS: Final = (
    "Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung"
)


def csv(*rows: str) -> str:
    """Write a small export of a bank whose balances are in its rows."""
    return "\n".join(
        [
            "Umsatzanzeige;Datei erstellt am: 07.05.2026 09:12",
            "",
            "IBAN;DE02120300000000202051",
            "",
            COLUMNS,
            *rows,
            "",
        ]
    )


def row(amount: str = "1,00", balance: str = "1,00", day: str = "04.05.2026", text: str = "RE-1") -> str:
    return f"{day};{day};Anna;Gutschrift;{text};{balance};EUR;{amount};EUR"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def rejection(right: str, wrong: str) -> str:
    assert right in REJECTIONS
    return REJECTIONS.replace(right, wrong, 1)


def test_what_all_this_is_made_of_reads_well(outcome: Callable[[bytes | str], Reading | ConnectorError]) -> None:
    for content in (camt(), camt(purpose("RE-1")), swift(), swift(":86:166?20RE-1"), csv(row()), REJECTIONS):
        assert isinstance(outcome(content), Reading), outcome(content)


# ---- attacks -------------------------------------------------------------------------------------------------------

MILLION: Final = 1_000_000
NAMESPACE: Final = " xmlns:n{0}='u{0}'"
ATTRIBUTE: Final = " a{}=''"
REFUSED: Final = "refused"
READ: Final = "read"
BOMB: Final = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
PARAMETER: Final = "<!DOCTYPE x [<!ENTITY % a SYSTEM 'http://192.0.2.1/x.dtd'> %a;]>"


def many(pattern: str, count: int) -> str:
    """Write the same thing many times, each with a number of its own."""
    return "".join(map(pattern.format, range(count)))


ATTACKS: Final[dict[str, tuple[Callable[[], bytes | str], str]]] = {
    # ---- XML
    "billion laughs": (lambda: camt("<x>&i;</x>", before=BOMB), REFUSED),
    "billion laughs in UTF-16": (lambda: camt("<x>&i;</x>", before=BOMB).encode("utf-16"), REFUSED),
    "billion laughs in an attribute": (lambda: camt('<x a="&i;"/>', before=BOMB), REFUSED),
    "a parameter entity": (lambda: camt(before=PARAMETER), REFUSED),
    "a parameter entity in UTF-16": (lambda: camt(before=PARAMETER).encode("utf-16-be"), REFUSED),
    "an empty document type": (lambda: camt(before="<!DOCTYPE Document>"), REFUSED),
    "a document type behind 60 KB of comment": (lambda: camt(before=f"<!--{'x' * 60_000}-->{BOMB}"), REFUSED),
    "a document type in the middle": (lambda: camt(BOMB), REFUSED),
    "an entity nobody declared": (lambda: camt(purpose("&x;")), REFUSED),
    "a character that is none": (lambda: camt(purpose("&#0;")), REFUSED),
    "half a character": (lambda: camt(purpose("&#xD83D;")), REFUSED),
    "a character beyond all": (lambda: camt(purpose("&#x110000;")), REFUSED),
    "a style sheet": (lambda: camt(before="<?xml-stylesheet href='http://192.0.2.1/x.xsl' type='text/xsl'?>"), READ),
    "100,000 processing instructions": (lambda: camt("<?x y?>" * 100_000), READ),
    "100,000 comments": (lambda: camt("<!-- Ntry -->" * 100_000), READ),
    "100,000 elements in each other": (lambda: camt("<x>" * 100_000 + "</x>" * 100_000), REFUSED),
    "100,000 elements in each other, never closed": (lambda: camt("<x>" * 100_000), REFUSED),
    "200 elements in each other": (lambda: camt("<x>" * 200 + "</x>" * 200), READ),
    "100,000 elements before the message": (lambda: "<a>" * 100_000 + camt(before=""), REFUSED),
    "200 bookings in each other": (lambda: camt("<Ntry>" * 200 + "</Ntry>" * 200), READ),
    "200 statements in each other": (lambda: camt("<Stmt>" * 200 + "</Stmt>" * 200), READ),
    "an attribute of 10 MB": (lambda: camt(f'<x a="{"a" * 10 * MILLION}"/>'), REFUSED),
    "a currency of 9 MB": (
        lambda: camt(f'<Chrgs><Rcrd><Amt Ccy="{"E" * 9 * MILLION}">1</Amt></Rcrd></Chrgs>'),
        REFUSED,
    ),
    "an amount of 3 MB": (lambda: camt().replace(">1.00<", f">{'1' * 3 * MILLION}<"), REFUSED),
    "a text of 10 MB": (lambda: camt(purpose("a" * 10 * MILLION)), REFUSED),
    "a text of 3 MB": (lambda: camt(purpose("a" * 3 * MILLION)), READ),
    "a million attributes": (lambda: camt(f"<x {many(ATTRIBUTE, MILLION)}/>"), REFUSED),
    "100,000 attributes": (lambda: camt(f"<x {many(ATTRIBUTE, 100_000)}/>"), READ),
    "20,000 namespaces at the root": (lambda: camt(root=many(NAMESPACE, 20_000)), REFUSED),
    "20,000 namespaces in a booking": (
        lambda: camt(f"<x {many(NAMESPACE, 20_000)}/>"),
        REFUSED,
    ),
    "20,000 namespaces one after the other": (
        lambda: camt(many(f"<x{NAMESPACE}/>", 20_000)),
        READ,
    ),
    "a prefix nobody declared": (lambda: camt("<n:x/>"), REFUSED),
    "no namespace": (lambda: camt().replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', ""), READ),
    "a namespace without a name": (lambda: camt('<x xmlns=""/>'), READ),
    "the namespace of XML itself": (lambda: camt('<x xmlns:xml="u"/>'), REFUSED),
    "a booking in a CDATA section": (lambda: camt(purpose(f"<![CDATA[{booking()}]]>")), READ),
    "a CDATA section without an end": (lambda: camt(purpose("<![CDATA[")), REFUSED),
    "100,000 elements that mean nothing": (lambda: camt("<x/>" * 100_000), READ),
    "4,000 shapes of the same thing": (lambda: camt(many("<x{}/>", 4_000)), READ),
    "3,000 balances": (lambda: camt().replace("<Ntry>", balance("ITBD", "1.00") * 3_000 + "<Ntry>", 1), READ),
    "a document in a document": (lambda: camt(camt(before="")), READ),
    "5 MB of tags that are none": (lambda: "<BkToCstmrStmt" + "<" * 5 * MILLION, REFUSED),
    "blanks before the XML": (lambda: "  \n" + camt(), REFUSED),
    "blanks behind the XML": (lambda: camt() + " \n" * 100_000, READ),
    "a summary with a number of 5,000 digits": (
        lambda: camt().replace(
            "<Ntry>", f"<TxsSummry><TtlNtries><NbOfNtries>{'9' * 5_000}</NbOfNtries></TtlNtries></TxsSummry><Ntry>", 1
        ),
        READ,
    ),
    "a page with a number of 5,000 digits": (
        lambda: camt().replace("<Acct>", f"<StmtPgntn><PgNb>{'9' * 5_000}</PgNb></StmtPgntn><Acct>", 1),
        READ,
    ),
    "a rejection of 5,000 digits": (lambda: rejection(">119.00<", f">{'1' * 5_000}<"), READ),
    "rejections in each other": (lambda: rejection("<Nm>", "<Nm>" + "<Nm>" * 150 + "</Nm>" * 150), READ),
    # ---- charsets
    "UTF-8 that says UTF-16": (lambda: camt(before='<?xml version="1.0" encoding="UTF-16"?>'), REFUSED),
    "UTF-16 that says UTF-8": (
        lambda: camt(before='<?xml version="1.0" encoding="UTF-8"?>').encode("utf-16"),
        REFUSED,
    ),
    "Windows-1252 that says UTF-8": (
        lambda: camt(purpose("Müller"), before='<?xml version="1.0" encoding="UTF-8"?>').encode("cp1252"),
        REFUSED,
    ),
    "UTF-7": (lambda: camt(before='<?xml version="1.0" encoding="UTF-7"?>').encode("utf-7"), REFUSED),
    "UTF-32": (lambda: camt().encode("utf-32"), REFUSED),
    "a charset that is no charset": (lambda: camt(before='<?xml version="1.0" encoding="hex"?>'), REFUSED),
    "a charset with a hostile name": (
        lambda: camt(before='<?xml version="1.0" encoding="../../etc/passwd"?>'),
        REFUSED,
    ),
    "overlong UTF-8": (lambda: camt(purpose("XX")).encode().replace(b"XX", b"\xc0\xbc"), REFUSED),
    "a surrogate in UTF-8": (lambda: camt(purpose("XX")).encode().replace(b"XX", b"\xed\xa0\x80"), REFUSED),
    "a NUL in XML": (lambda: camt(purpose("\0")), REFUSED),
    "a byte order mark in the middle of XML": (lambda: camt(purpose("\ufeffRE-1")), READ),
    "a million byte order marks": (lambda: codecs.BOM_UTF8 * MILLION + camt().encode(), REFUSED),
    "EBCDIC": (lambda: swift().encode("cp500"), REFUSED),
    "XML in EBCDIC": (lambda: camt().encode("cp500"), REFUSED),
    "an MT940 in UTF-16": (lambda: swift(":86:166?20Müller").encode("utf-16"), READ),
    "an MT940 in UTF-16 without a mark": (lambda: swift(":86:166?20Müller").encode("utf-16-le"), READ),
    "an MT940 in half UTF-8, half Windows-1252": (lambda: swift(":86:166?20Mü").encode() + b"\xfc\n", READ),
    "an MT940 with overlong UTF-8": (lambda: swift(":86:XX").encode().replace(b"XX", b"\xc0\xaf"), READ),
    "an MT940 with a surrogate": (lambda: swift(":86:XX").encode().replace(b"XX", b"\xed\xa0\x80"), READ),
    "an MT940 with NUL": (lambda: swift(":86:a\0b"), READ),
    "an MT940 with a mark in the middle": (lambda: swift("\ufeff:86:166?20RE-1"), READ),
    "5 MB of nothing": (lambda: b"\0" * 5 * MILLION, REFUSED),
    "5 MB of blanks": (lambda: b" " * 5 * MILLION, REFUSED),
    "5 MB of line ends": (lambda: b"\r\n" * 2 * MILLION, REFUSED),
    "all bytes there are": (lambda: bytes(range(256)) * 1_000, REFUSED),
    # ---- MT940
    "all line ends at once": (lambda: swift(":86:166?20RE-1").replace("\n", "\r\n", 3).replace("\n:6", "\r:6"), READ),
    "10,000 fields :86:": (lambda: swift(":86:x\n" * 10_000), READ),
    "10,000 fields :20:": (lambda: ":20:\n" * 10_000 + swift(), REFUSED),
    "20,000 beginnings behind a CSV": (lambda: csv(row()) + ":20:\n" * 20_000, REFUSED),
    "20,000 beginnings behind an MT940": (lambda: swift() + "\r:20:" * 20_000, REFUSED),
    "a field :86: of 300 KB without a break": (lambda: swift(":86:" + "a" * 300_000), READ),
    "150,000 subfields of the same name": (lambda: swift(":86:166" + "?20" * 150_000), READ),
    "20,000 keywords": (lambda: swift(":86:166?20" + "EREF+" * 20_000), READ),
    "20,000 lines that look like times": (lambda: swift(":86:x" + "\n:12:34" * 20_000), READ),
    "300,000 colons": (lambda: swift(":" * 300_000), READ),
    "a million dashes": (lambda: swift() + "-\n" * MILLION, READ),
    "a text without an end": (lambda: ":20:S\n:25:1\n:60F:C260430EUR0,\n" + "x" * 5 * MILLION, REFUSED),
    "390 characters without a break": (lambda: swift(":86:166?20" + "A" * 390), READ),
    "a booking without an amount": (lambda: swift(booking=":61:2605040504CNTRFNONREF"), REFUSED),
    "a booking that is empty": (lambda: swift(booking=":61:"), REFUSED),
    "2,000 bookings that are empty": (lambda: swift(booking=":61:\n" * 2_000), REFUSED),
    "a balance of 300,000 digits": (lambda: swift(closing="1" * 300_000), REFUSED),
    "an amount of 300,000 digits": (lambda: swift(booking=f":61:2605040504C{'1' * 300_000},00NTRF"), REFUSED),
    "half a time in an MT942": (lambda: ":20:V\n:25:DE02120300000000202051\n:28C:1\n:34F:EUR0,\n:13D:26\n", READ),
    "a time that is no number": (
        lambda: ":20:V\n:25:DE02120300000000202051\n:28C:1\n:34F:EUR0,\n:13D:26050²\n",
        READ,
    ),
    # ---- CSV
    "100,000 columns": (lambda: many("c{};", 100_000), REFUSED),
    "5 MB of separators": (lambda: ";" * 5 * MILLION, REFUSED),
    "a known header and 50,000 columns": (lambda: csv(row()).replace("Betrag;", "Betrag" + ";" * 50_000), REFUSED),
    "a row of 100,000 cells": (lambda: csv(row() + ";" * 100_000), READ),
    "a quotation mark that is never closed": (lambda: sample("csv/dkb.csv") + b'"04.05.26;' * 10_000, REFUSED),
    "100,000 quotation marks": (lambda: csv(row(text='"' * 100_000)), READ),
    "a cell of 190,000 characters": (lambda: csv(row(text="a" * 190_000)), REFUSED),
    "a line of 5 MB": (lambda: csv(row(text="a" * 5 * MILLION)), REFUSED),
    "a formula as text": (lambda: csv(row(text="=cmd|'/C calc'!A0")), READ),
    "a formula as an amount": (lambda: csv(row(amount="=1+1")), REFUSED),
    "a formula as a date": (lambda: csv(row(day="=TODAY()")), REFUSED),
    "NUL in a cell": (lambda: csv(row(text="a\0b")), REFUSED),
    "100,000 empty rows": (lambda: csv(row(), *[";" * 8] * 100_000), READ),
    "a header twice": (lambda: csv(row()) + csv(row()), REFUSED),
    # ---- mixtures and containers
    "an MT940 behind a camt": (lambda: camt() + "\n" + swift(), REFUSED),
    "a camt behind an MT940": (lambda: swift() + camt(), REFUSED),
    "a CSV behind an MT940": (lambda: swift() + csv(row()), REFUSED),
    "an MT940 behind a CSV": (lambda: csv(row()) + swift(), REFUSED),
    "two camts": (lambda: camt() + camt(), REFUSED),
    "a camt and a pain.002": (lambda: camt() + REJECTIONS, REFUSED),
    "a gzip of a gzip of a gzip": (lambda: gzipped(swift().encode(), 3), READ),
    "a gzip of a gzip, six times": (lambda: gzipped(swift().encode(), 6), REFUSED),
    "a bomb of zeros": (lambda: gzip.compress(gzip.compress(b"\0" * 100 * MILLION, 9), 9), REFUSED),
    "half a gzip": (lambda: gzip.compress(swift().encode())[:-20], REFUSED),
    "half a ZIP": (lambda: zipped(swift().encode())[:-20], REFUSED),
    "a ZIP of a ZIP of an MT940": (lambda: zipped(zipped(swift().encode())), READ),
    "a ZIP of all formats": (lambda: zipped(swift().encode(), camt().encode(), csv(row()).encode()), READ),
    "a TAR in bzip2": (lambda: bz2.compress(tarred(swift().encode())), READ),
    "a TAR in xz, twice": (lambda: lzma.compress(lzma.compress(tarred(swift().encode()))), READ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_read_or_refused_at_once(
    name: str, outcome: Callable[[bytes | str], Reading | ConnectorError]
) -> None:
    write, expected = ATTACKS[name]
    result = outcome(write())
    assert (READ if isinstance(result, Reading) else REFUSED) == expected, str(result)[:2_000]


# ---- values --------------------------------------------------------------------------------------------------------

Outcome = Reading | ConnectorError


def moved(result: Outcome) -> int:
    """Give what was booked, in cents; an amount of money that was not refused is the one the balances prove."""
    assert isinstance(result, Reading)
    return sum(
        entry.amount.minor
        for statement in result.statements
        for entry in statement.entries
        if entry.status is EntryStatus.BOOKED
    )


@pytest.mark.parametrize("amount", [*AMOUNTS, "1.00", "1,00"])
def test_an_amount_that_is_none_is_refused_and_never_guessed(
    amount: str, outcome: Callable[[bytes | str], Outcome]
) -> None:
    for content in (
        camt().replace(booking(), booking(amount=amount)),
        camt(f'<NtryDtls><TxDtls><Amt Ccy="EUR">{amount}</Amt></TxDtls></NtryDtls>'),
        camt(f'<Chrgs><Rcrd><Amt Ccy="EUR">{amount}</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>'),
        camt(f"<AmtDtls><InstdAmt><Amt Ccy='USD'>{amount}</Amt></InstdAmt></AmtDtls>"),
        camt(closing=amount),
        swift(booking=f":61:2605040504C{amount}NTRFNONREF"),
        swift(f"/OCMT/EUR{amount}/CHGS/EUR{amount}/\n:86:109?00RUECKLASTSCHRIFT?20OAMT+{amount} COAM+{amount}"),
        swift(closing=amount),
        csv(row(amount=amount)),
        csv(row(balance=amount)),
        csv(f"Alter Kontostand;{amount}", row()),
    ):
        result = outcome(content)
        # In a CSV a row proves nothing but its own sum, so there another amount may be as true as ours.
        if isinstance(result, Reading) and not result.format.startswith("CSV"):
            assert moved(result) == 100
    assert isinstance(outcome(rejection(">119.00<", f">{amount}<")), Reading)  # told, if not listed


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_currency_nobody_knows_is_refused(currency: str, outcome: Callable[[bytes | str], Outcome]) -> None:
    for content in (
        camt().replace(booking(), booking(currency=currency)),
        camt().replace("EUR", currency),
        camt(f'<NtryDtls><TxDtls><Amt Ccy="{currency}">1.00</Amt></TxDtls></NtryDtls>'),
        swift().replace("EUR", currency),
        swift(closing="1,00").replace("C260504EUR", f"C260504{currency}"),
        csv(row()).replace("EUR", currency),
        REJECTIONS.replace("EUR", currency),
    ):
        result = outcome(content)
        if isinstance(result, Reading) and result.format != "pain.002.001.03":
            assert {one.currency for one in result.statements} <= {"EUR", "USD", "JPY", "KWD"}


@pytest.mark.parametrize("day", DAYS)
def test_a_day_that_no_calendar_has_is_refused_or_told(day: str, outcome: Callable[[bytes | str], Outcome]) -> None:
    for content in (
        camt().replace(booking(), booking(day=day)),
        camt(f"<ValDt><Dt>{day}</Dt></ValDt>"),
        camt().replace("<Dt><Dt>2026-05-04", f"<Dt><Dt>{day}"),
        camt().replace("<Acct>", f"<CreDtTm>{day}</CreDtTm><FrToDt><FrDtTm>{day}</FrDtTm></FrToDt><Acct>"),
        swift(booking=f":61:{day}C1,00NTRFNONREF"),
        swift(booking=f":61:260504{day[-4:]}C1,00NTRFNONREF"),
        swift().replace("260504EUR", f"{day}EUR"),
        f":20:V\n:25:DE02120300000000202051\n:28C:1\n:34F:EUR0,\n:13D:{day}\n",
        csv(row(day=day)),
        csv(row()).replace("07.05.2026", day),
        rejection("2026-05-04", day),
    ):
        outcome(content)


@pytest.mark.parametrize("text", [*TEXTS, *CODES, *(piece.decode("latin-1") for piece in BYTES)])
def test_a_text_is_only_a_text(text: str, outcome: Callable[[bytes | str], Outcome]) -> None:
    for content in (
        camt(purpose(text)),
        camt(f"<AddtlNtryInf>{text}</AddtlNtryInf><AcctSvcrRef>{text}</AcctSvcrRef>"),
        camt().replace("<Cd>BOOK</Cd>", f"<Cd>{text}</Cd>"),
        camt().replace("<Id>S</Id>", f"<Id>{text}</Id>"),
        camt().replace("DE02120300000000202051", text),
        swift(f":86:{text}"),
        swift(f":86:166?20{text}?32{text}?31{text}"),
        swift(booking=f":61:2605040504C1,00N{text}"),
        swift(booking=f":61:2605040504{text}1,00NTRFNONREF"),
        swift().replace(":28C:1/1", f":28C:{text}"),
        swift().replace("DE02120300000000202051", text),
        csv(row(text=text)),
        csv(row()).replace("DE02120300000000202051", text),
        rejection("Rechnung RE-20260042", text),
        rejection("RJCT", text),
        rejection("DE02120300000000202051", text),
    ):
        result = outcome(content.encode("utf-8", "surrogatepass"))
        if isinstance(result, Reading) and result.format.startswith(("camt", "MT940")):
            opened = [one for one in result.statements if one.opening and one.closing]
            assert all(one.movement().minor == 100 for one in opened if one.account == "DE02120300000000202051")


# ---- the world around ----------------------------------------------------------------------------------------------


def test_nothing_outside_of_the_file_is_ever_opened(
    tmp_path: Path, outcome: Callable[[bytes | str], Outcome]
) -> None:
    """A pipe loses what is read from it, and a listening socket remembers who called."""
    pipe = tmp_path / "canary"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with socket.create_server(("127.0.0.1", 0)) as server, os.fdopen(handle, "r+b", buffering=0) as canary:
        server.setblocking(False)
        canary.write(b"alive")
        web = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for place in (pipe.as_uri(), str(pipe), "canary", web):
            for content in (
                camt("<x>&x;</x>", before=f"<!DOCTYPE x [<!ENTITY x SYSTEM '{place}'>]>"),
                camt("<x>&x;</x>", before=f"<!DOCTYPE x [<!ENTITY x PUBLIC 'y' '{place}'>]>"),
                camt(before=f"<!DOCTYPE x SYSTEM '{place}'>"),
                camt(before=f"<!DOCTYPE x [<!ENTITY % x SYSTEM '{place}'> %x;]>"),
                camt(before=f"<?xml-stylesheet href='{place}' type='text/xsl'?>"),
                camt(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{place}' parse='text'/>"),
                camt(root=f" xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:schemaLocation='urn:x {place}'"),
                camt("<x/>", before=f"<?xml-model href='{place}'?>"),
                REJECTIONS.replace(
                    "<Nm>", f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{place}'/><Nm>"
                ),
                place,
                f":20:{place}\n:25:{place}\n:28C:1\n:60F:C260430EUR0,\n:61:{place}\n:86:{place}\n:62F:C260430EUR0,\n",
                csv(row(text=f'=WEBSERVICE("{place}")')),
            ):
                for charset in ("utf-8", "utf-16"):
                    result = outcome(content.encode(charset))
                    assert "alive" not in str(result)
        assert canary.read(100) == b"alive", "somebody has read the canary"
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_file_of_five_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "statement.dat"
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)  # sparse: it takes no room
    with little_memory(), pytest.raises(Unreadable, match="5,368,709,120 bytes"):
        read_statements(path)


def test_a_hole_of_fifty_megabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "statement.dat"
    for beginning in (swift(), csv(row()), camt(), ""):
        path.write_text(beginning, encoding="utf-8", newline="")
        os.truncate(path, 50 * 1024**2)
        with little_memory():
            assert isinstance(judged(path), Unreadable)


def test_a_circle_of_links_and_a_folder_are_tried_again(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    for path in (one, other, tmp_path, tmp_path / "gone", tmp_path / "gone" / "too", one / "x"):
        assert isinstance(judged(path), Unavailable)


def test_what_a_file_says_is_shown_without_its_tricks(outcome: Callable[[bytes | str], Outcome]) -> None:
    colours = "\x1b[2J\x1b]0;owned\x07\u202e"
    for content in (
        swift(booking=f":61:{colours}"),
        swift(closing=colours),
        csv(row(amount=colours)),
        csv(row(day=colours * 1_000)),
        camt().replace(">1.00<", f">{'9' * 100_000}<"),
    ):
        message = str(outcome(content))
        assert "\x1b" not in message
        assert "\u202e" not in message
        assert len(message) < 1_500


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_by_fuzzing_is_found_no_more(path: Path) -> None:
    judged(path)
