"""What no honest bank writes, and some do all the same: the pieces from which hostile files are made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

AMOUNTS: Final = (
    "1,2,3", "1.2.3", "-1", "+1", "1e5", "NaN", "Infinity", "-Infinity", "", " ", ",", ".", ",00", "1,", "0", "0,00",
    "0.00", "-0.00", "1.000", "1,000", "1.234,56", "1,234.56", "1'234.56", "1 234,56", "0x10", "1_000",
    "\u0661\u0662\u0663,\u0664", "1\u00b2", "\uff11\uff12", "9999999999999999999", "999999999999999.99",
    "9223372036854775808", "1" * 5_000, "0." + "0" * 400, "0" * 400 + "1.00", "1.005", "1,005", "--1", "1-", "(1.00)",
    "1.00 EUR", "\u221e", "=1+1",
)  # fmt: skip
CURRENCIES: Final = ("EUR", "USD", "JPY", "KWD", "XXX", "XAU", "eur", "EU", "EURO", "", "\u20ac", "123", "E R", "BTC")
DAYS: Final = (
    "2026-05-04", "2026-02-30", "2026-13-01", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01",
    "2026-05-04T25:61:00", "2026-05-04+99:99", "260504", "260230", "000000", "999999", "00000", "04.05.2026",
    "30.02.2026", "04.05.26", "31.12.9999", "01.01.0001", "4.5.2026", "5/4/2026", "2026/05/04",
    "\u0662\u0660\u0662\u0666-05-04", "", "tomorrow", "1", "-260504",
)  # fmt: skip
TEXTS: Final = (
    "", " ", "a" * 390, "RE-20260042", "\u00fc", "\U0001f4b6", "\x01", "a\x01b\x02c", "\x7f", "\u202e0042", "\u0000",
    "\x1b[31m", "\ufeff", "\ufffe", "\ud83d", "EREF+", "EREF+X KREF+Y SVWZ+Z", "SVWZ+" * 40, "?20", "?20?21?22",
    "?00?00?99", "166?00", "\n:61:", "\n:86:", "\n:62F:", "\n-\n", "\n:20:X\n", "{4:\n", "-}", "@@", "/EREF/1/REMI/2",
    "/IBAN/DE02120300000000202051/", "IBAN: DE02120300000000202051", "OAMT+1,00 COAM+2,00", "OCMT+EUR1,2,3",
    "/OCMT/EUR59,50/CHGS/EUR3,00/", "CHGS+NaN", "<Ntry>", "&lt;Ntry&gt;", "&#0;", "&x;", "]]>", "<![CDATA[", "<!-- ",
    "-->", "<?x?>", "=cmd|'/C calc'!A0", '"', '""', '";"', ";", "\t", "\r", "\x85", "\u2028", "\x0b", "\x1c",
    "RF18539007547034", "RF" * 50, "NOTPROVIDED", "NONREF", "%s%n", "../../etc/passwd", "DE02120300000000202051",
)  # fmt: skip
CODES: Final = (
    "BOOK", "PDNG", "INFO", "FUTR", "OPBD", "CLBD", "PRCD", "ITBD", "CLAV", "OIBD", "CIBD", "CRDT", "DBIT", "RJCT",
    "ACCP", "PART", "true", "1", "0", "C", "D", "RC", "RD", "EC", "c", "NTRF", "NRTI", "F123", "PMNT", "RCDT", "ESCT",
    "pain.001", "pain.008", "TRF", "CHK", "MS03", "AC04",
)  # fmt: skip

# Bytes that are hostile to whoever decodes them.
BYTES: Final = (
    b"\0", b"\x01", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\x80", b"\xff", b"\x1a", b"\r", b"\r\n", b"\n\r", b"\x85", b"\x0c",
)  # fmt: skip

_EVERYTHING: Final = (
    *BYTES,
    *(
        piece.encode("utf-8", "surrogatepass")
        for pieces in (AMOUNTS, CURRENCIES, DAYS, TEXTS, CODES)
        for piece in pieces
    ),
)
# Where files are cut into things that can be exchanged: tags, cells, lines, words, numbers.
_TOKENS: Final = re.compile(rb'<[^<>]*>|[\r\n]+:?|[A-Za-z]+|[0-9.,]+|"[^"]*"|[^A-Za-z0-9]')
_MOST_TOKENS: Final = 5_000


def with_one_wrong_byte(content: bytes) -> Iterator[bytes]:
    """Turn a bit of every byte round, leave every byte out, double every byte."""
    for at in range(len(content)):
        before, byte, behind = content[:at], content[at : at + 1], content[at + 1 :]
        yield before + bytes([byte[0] ^ (1 << at % 8)]) + behind
        yield before + behind
        yield before + byte + byte + behind


def damaged(content: bytes, random: Random) -> bytes:
    """Damage a file as a hostile hand would: leave out, double, exchange and replace whole pieces of it."""
    tokens = _TOKENS.findall(content)[:_MOST_TOKENS] or [b""]
    for _ in range(random.randint(1, 4)):
        here, there = sorted((random.randrange(len(tokens) + 1), random.randrange(len(tokens) + 1)))
        match random.randrange(6):
            case 0:
                tokens[here : here + 1] = []
            case 1:
                tokens[here:here] = tokens[here : min(there, here + 60)]
            case 2:
                tokens[here : here + 1] = [random.choice(_EVERYTHING)]
            case 3:
                tokens[here:here] = [random.choice(_EVERYTHING)]
            case 4:
                tokens[here : here + 1], tokens[there : there + 1] = (
                    tokens[there : there + 1],
                    tokens[here : here + 1],
                )
            case _:
                tokens[here : min(there, here + 60)] = []
    return b"".join(tokens)
