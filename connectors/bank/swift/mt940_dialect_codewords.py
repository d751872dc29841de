"""Code words between slashes in ``:86:``, as SWIFT and the Dutch banks write them (``/EREF/…/NAME/…/REMI/…``).

ABN AMRO, Knab and bunq name every part; Rabobank puts names into ``/ORDP//NAME/``; ING gives a party as
``/CNTP/account/BIC/name/city/`` and text as ``/REMI/USTD//text/`` (their format descriptions of MT940 Structured).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.swift.mt940_dialect_lines import FULL, FULL_WITH_TAG, glue, without_blanks, words_of
from connectors.bank.swift.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.bank.swift.mt940_dialect_lines import Lines

_PARTIES: Final = frozenset({"ORDP", "BENM", "CNTP"})
_ULTIMATE: Final = {"ULTD": "ABWA", "ULTC": "ABWE", "ULTB": "ABWE"}
_TYPES: Final = ("TRTP", "RTYP", "BUSP")  # the kind of booking in the words of the bank
# Values without inner structure, and our names for them. What is not renamed keeps the code of the bank.
_REFERENCES: Final = {
    "EREF": "EREF",
    "PREF": "KREF",
    "MARF": "MREF",
    "CSID": "CRED",
    "RTRN": "RTRN",
    "PURP": "PURP",
    "IREF": "IREF",
    "ACCW": "ACCW",
    "ISDT": "ISDT",
    "NRTX": "NRTX",
    "PIND": "PIND",
    "EXCH": "EXCH",
    "CHGS": "CHGS",
    "OCMT": "OCMT",
    "TRCD": "TRCD",
    "CDTRREF": "STRD",
    "CDTRREFTP": "CDTRREFTP",
}
# These say more about a party, and stand behind its code.
_DETAILS: Final = frozenset({"NAME", "ID", "ADDR", "CITY"})
_NEVER_BEHIND_TEXT: Final = frozenset({"ID", "ADDR", "CITY", "CD"})
_ACCOUNTS: Final = ("IBAN", "BBAN", "BIC")
_CODES: Final = "|".join(
    sorted({*_PARTIES, *_ULTIMATE, *_TYPES, *_REFERENCES, *_DETAILS, *_ACCOUNTS, "CD", "REMI"}, key=len, reverse=True)
)
_CODE: Final = re.compile(rf"/({_CODES})(?=/)")
# What a field may begin with. /ID/, /OCMT/ and their like also begin free text.
_BEGINS: Final = re.compile(
    r"\s*/(?:TRTP|RTYP|BUSP|IBAN|BBAN|NAME|REMI|EREF|PREF|IREF|MARF|CSID|RTRN|PURP|ORDP|BENM|CNTP|ACCW|ULT[BCD])/"
)
_ING: Final = re.compile(r"/CNTP/|/REMI/(?:USTD|STRD)/|///")
_RABOBANK: Final = "//NAME/"
_ANY_WIDTH: Final = range(67)  # ING breaks lines in the middle of words, wherever it is
_RABOBANK_WIDTHS: Final = frozenset({64, 65, 66})

_ACCOUNT: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9*]{8,30}|P?\d{5,18}")
_STRUCTURED: Final = re.compile(r"STRD/[^/]*/(?P<reference>[^/]+)/?")
_ISSUER: Final = re.compile(r"ISSUER: ?\w+ +REF: ?(?P<reference>\w+)", re.IGNORECASE)


def read(text: str, supplement: str = "") -> Purpose | None:
    """Read a field that begins with a code word; None for every other."""
    if not _BEGINS.match(text):
        return None
    found = _collect(_joined(text))
    account, bic, name, city = _party(found)
    remittance, glued, reference = _remittance(found)
    keywords = _keywords(found, city, reference)
    account = account or keywords.get("ACCW", "").partition(",")[0]
    extra = "".join(supplement.split())
    if _ACCOUNT.fullmatch(extra):  # Rabobank: the account stands in the second line of :61:
        account = account or ("" if not extra.strip("0") else extra)
    elif extra.startswith("/TRCD/"):  # ING: its own code for the kind of booking
        keywords["TRCD"] = extra.removeprefix("/TRCD/").partition("/")[0]
    elif words := words_of(supplement):
        remittance, glued = f"{remittance} {words}".strip(), f"{glued} {words}".strip()
    return Purpose(
        posting_text=" ".join(
            found.readable[code].replace("/", " ").strip() for code in _TYPES if code in found.readable
        ),
        remittance=remittance,
        remittance_glued=glued,
        name=name,
        account=account,
        bic=bic,
        keywords=keywords,
    )


class _Found(NamedTuple):
    """The values by code, for the eye and as they stood; a name behind ULTD or ULTC under that code."""

    readable: dict[str, str]
    glued: dict[str, str]


def _joined(text: str) -> Lines:
    without_breaks = text.replace("\n", "")
    if _ING.search(without_breaks):
        return glue(text, _ANY_WIDTH, _ANY_WIDTH)
    if _RABOBANK in without_breaks:
        return glue(text, _RABOBANK_WIDTHS, _RABOBANK_WIDTHS)
    return glue(text, FULL, FULL_WITH_TAG)


def _collect(lines: Lines) -> _Found:
    found = _Found({}, {})
    party = before = ""
    for code, start, end in _segments(lines.glued):
        if code in _PARTIES or code in _ULTIMATE:
            party = code
        key = before if code == "CD" else code  # the code of a purpose, or of the kind of a reference
        if party in _ULTIMATE and code in _DETAILS:
            key = party if code == "NAME" else f"{party}-{code}"
        # A code may come twice; both values belong to it.
        found.readable[key] = f"{found.readable.get(key, '')} {lines.readable(start, end)}".strip()
        found.glued[key] = found.glued.get(key, "") + lines.glued[start:end].strip()
        before = key
    return found


def _segments(glued: str) -> Iterator[tuple[str, int, int]]:
    code, start, seen = "", 0, set[str]()
    for found in _CODE.finditer(glued):
        # A payer may write such a code as well: what the bank has told already, or tells elsewhere, is text there.
        if code == "REMI" and found[1] != "REMI" and (found[1] in seen or found[1] in _NEVER_BEHIND_TEXT):
            continue
        if code:
            yield code, start, max(start, found.start())
        code, start = found[1], found.end() + 1
        seen.add(code)
    yield code, start, len(glued)


def _party(found: _Found) -> tuple[str, str, str, str]:
    """Give account, BIC, name and city of the other party."""
    account = without_blanks(_bare(found.glued.get("IBAN", "") or found.glued.get("BBAN", "")))
    bic = without_blanks(_bare(found.glued.get("BIC", "")))
    name, city = (
        _bare(found.readable.get("NAME", "")),
        _bare(found.readable.get("ADDR", "") or found.readable.get("CITY", "")),
    )
    for code in _PARTIES:
        written = found.readable.get(code, "")
        if not _bare(written):
            continue
        number, bank, told_name, told_city = _fixed_places(written)
        account, bic = account or number, bic or bank
        name, city = name or told_name, city or told_city
    return account, bic, name, city


def _fixed_places(written: str) -> tuple[str, str, str, str]:
    """Take ``account/BIC/name/city/`` apart; a name may hold a slash, the other three never do."""
    number, slash, rest = written.partition("/")
    if not slash or not (number == "" or _ACCOUNT.fullmatch(without_blanks(number))):
        return "", "", _bare(written), ""
    bank, _, rest = rest.partition("/")
    name, _, city = rest.removesuffix("/").rpartition("/")
    return without_blanks(number), without_blanks(bank), (name or city).strip("/ "), city.strip() if name else ""


def _remittance(found: _Found) -> tuple[str, str, str]:
    """Give the text for reading, the same glued, and the structured reference if the payer gave one."""
    readable, glued = _bare(found.readable.get("REMI", "")), _bare(found.glued.get("REMI", ""))
    if structured := _STRUCTURED.fullmatch(glued):
        return structured["reference"], structured["reference"], structured["reference"]
    readable, glued = (
        one.removeprefix("USTD").lstrip("/").strip() if one.startswith("USTD/") else one for one in (readable, glued)
    )
    if told := _bare(found.glued.get("CDTRREF", "")):
        return readable or told, glued or told, told
    issuer = _ISSUER.fullmatch(readable)
    return readable, glued, issuer["reference"] if issuer else ""


def _keywords(found: _Found, city: str, reference: str) -> dict[str, str]:
    keywords = {name: _bare(found.glued[code]) for code, name in _REFERENCES.items() if code in found.glued}
    # ULTD and ULTC of ING hold name and identification.
    keywords |= {
        name: _bare(found.readable[code]).partition("/")[0]
        for code, name in _ULTIMATE.items()
        if code in found.readable
    }
    keywords |= {"ADDR": city, "STRD": reference, "ID": _bare(found.glued.get("ID", ""))}
    return {name: value for name, value in keywords.items() if value}


def _bare(value: str) -> str:
    return value.strip().strip("/").strip()
