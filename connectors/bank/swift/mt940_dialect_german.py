"""German fields ``:86:`` without structure: SEPA keywords in running text, GVC 999, and solarisBank's colons."""

from __future__ import annotations

import re
from typing import Final

from connectors.bank.swift.mt940_dialect_lines import glue, one_line, without_blanks
from connectors.bank.swift.purpose import Purpose


def read(text: str) -> Purpose | None:
    """Read a field of one of these forms; None for every other."""
    return _unstructured(text) if text.startswith("999") else _keywords(text)


# solarisBank (Penta, Kontist): 999KIND:text:name:account[:more text]. Only the account cannot hold a colon.
_COLONS: Final = re.compile(
    r"999(?P<kind>[A-Z][A-Z_]{3,40}):(?P<text>.*):(?P<name>[^:]*)"
    r":(?P<account>[A-Z]{2}\d{2}[A-Z0-9]{8,30})(?::(?P<more>.*))?"
)
_NO_COUNTRY: Final = "XX"  # cards have an account of the bank's own making
_PRIMANOTA: Final = re.compile(r"999PN(?P<number>\d{4})(?P<text>.+)")


def _unstructured(text: str) -> Purpose | None:
    said = glue(text)
    readable = said.readable()
    if found := _COLONS.fullmatch(readable):
        words = one_line(f"{found['text']} {found['more'] or ''}")
        account = found["account"]
        return Purpose(
            posting_text=found["kind"].replace("_", " "),
            remittance=words,
            remittance_glued=words,
            name=found["name"].strip(),
            account="" if account.startswith(_NO_COUNTRY) else account,
        )
    if found := _PRIMANOTA.fullmatch(readable):
        return Purpose(
            remittance=found["text"], remittance_glued=found["text"], keywords={"PRIMANOTA": found["number"]}
        )
    return None


# At least one of the keywords that no payer writes by accident, at the start of the field, a line or a word.
_KEYWORD: Final = re.compile(
    r"(?:^|(?<=[ \n]))(?:(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|BREF|RREF|PURP|ANAM|IBAN|BIC)\+"
    r"|(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC): ?)"
)
_CERTAIN: Final = re.compile(r"(?:^|[ \n])(?:(?:EREF|MREF|CRED|SVWZ)[+:]|(?:KREF|ABWA|ABWE)\+)")
_NAMES: Final = frozenset({"ABWA", "ABWE", "ANAM"})


def _keywords(text: str) -> Purpose | None:
    if not ("+" in text or ":" in text) or not _CERTAIN.search(text):
        return None
    pieces = [piece for piece in _KEYWORD.split(text) if piece is not None]
    before = glue(pieces[0])
    readable, glued = [before.readable()], [before.glued.strip()]
    keywords: dict[str, str] = {}
    for keyword, value in zip(pieces[1::2], pieces[2::2], strict=True):
        said = glue(value)
        if keyword == "SVWZ" or keyword in keywords:
            readable.append(said.readable())
            glued.append(said.glued.strip())
        else:
            keywords[keyword] = said.readable() if keyword in _NAMES else said.glued.strip()
    return Purpose(
        remittance=" ".join(filter(None, readable)),
        remittance_glued=" ".join(filter(None, glued)),
        account=without_blanks(keywords.get("IBAN", "")),
        bic=without_blanks(keywords.get("BIC", "")),
        keywords={keyword: value for keyword, value in keywords.items() if value},
    )
