"""Dutch banks without code words in ``:86:``: columns of ABN AMRO, ASN and SNS, Knab, ING until 2014, Triodos."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from connectors.bank.swift import mt940_dialect_codewords
from connectors.bank.swift.mt940_dialect_lines import Lines, glue, one_line, without_blanks
from connectors.bank.swift.purpose import Purpose

_IBAN: Final = r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}"
_BIC: Final = r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"


def read(text: str, supplement: str = "") -> Purpose | None:
    """Read a field of one of these banks; None for every other."""
    return (
        _columns_with_labels(text)
        or _columns(text)
        or _account_line(text, supplement)
        or _closing_line(text)
        or _words_in_order(text)
        or _triodos(text)
    )


# ABN AMRO, SEPA: two columns of 33 and 32 characters, each cell a label with its value or more of the last one.
_COLUMN: Final = 33
_SEPA: Final = re.compile(r"SEPA [A-Z .]{3,30}? +(?:IBAN|INCASSANT): ?[A-Z]{2}\d", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"(?:^|(?<=  )|(?<=^.{33}))"
    r"(IBAN|BIC|NAAM|OMSCHRIJVING|BETALINGSKENM\.|BETALINGSKENMERK|KENMERK|MACHTIGING|INCASSANT): ?",
    re.IGNORECASE | re.MULTILINE,
)
_REFERENCES: Final = {
    "BETALINGSKENM.": "STRD",
    "BETALINGSKENMERK": "STRD",
    "KENMERK": "EREF",
    "MACHTIGING": "MREF",
    "INCASSANT": "CRED",
}


def _columns_with_labels(text: str) -> Purpose | None:
    if not _SEPA.match(text):
        return None
    kind, *pieces = _LABEL.split(text)
    values: dict[str, Lines] = {}
    for label, value in zip(pieces[::2], pieces[1::2], strict=True):
        values.setdefault(label.upper(), glue(value))
    said = {label: value.readable() for label, value in values.items() if value.glued}
    texts = [label for label in ("OMSCHRIJVING", "BETALINGSKENM.", "BETALINGSKENMERK") if label in said]
    keywords = {_REFERENCES[label]: value for label, value in said.items() if label in _REFERENCES}
    # No identifier holds a blank, but a line may end in it.
    keywords |= {name: "".join(keywords[name].split()) for name in ("MREF", "CRED", "STRD") if name in keywords}
    return Purpose(
        posting_text=one_line(kind),
        remittance=" ".join(said[label] for label in texts),
        remittance_glued=" ".join(values[label].glued.strip() for label in texts),
        name=said.get("NAAM", ""),
        account=without_blanks(said.get("IBAN", "")),
        bic=without_blanks(said.get("BIC", "")),
        keywords=keywords,
    )


# ABN AMRO before SEPA: the same columns; the first cell begins with the account, GIRO before one of the Postbank.
_CLASSIC: Final = re.compile(r"(?:GIRO {2,}(?P<giro>\d{3,10})|(?P<account>\d{2}\.\d{2}\.\d{2}\.\d{3})) ")


def _columns(text: str) -> Purpose | None:
    found = _CLASSIC.match(text)
    if not found or not (found["giro"] or _passes_eleven_test(found["account"])):
        return None
    first, *others = (cell for line in text.split("\n") for cell in _two_cells(line))
    name = first[found.end() :].strip()
    if not name and others:
        name, others = others[0].strip(), others[1:]
    said = glue("\n".join(others), range(_COLUMN - 1, _COLUMN + 1))
    return Purpose(
        posting_text="GIRO" if found["giro"] else "",
        remittance=said.readable(),
        remittance_glued=said.glued.strip(),
        name=one_line(name),
        account=found["giro"] or found["account"].replace(".", ""),
    )


def _two_cells(line: str) -> list[str]:
    before, border = line[_COLUMN - 2 : _COLUMN - 1], line[_COLUMN - 1 : _COLUMN]
    if " " not in before + border:
        return [line]
    # In the first line the account begins one place further to the left.
    column = _COLUMN if border == " " else _COLUMN - 1
    return [cell for cell in (line[:column], line[column:]) if cell.strip()]


def _passes_eleven_test(account: str) -> bool:
    """Whether this is an account number before IBAN (elfproef), and no number of a document written alike."""
    digits = [int(one) for one in account if one.isdigit()]
    return sum(weight * digit for weight, digit in zip(range(9, 0, -1), digits, strict=True)) % 11 == 0


# ASN, SNS: a line with account and name, an empty one, then up to four lines of text; all padded to 65 characters.
_ACCOUNT_LINE: Final = re.compile(rf"(?P<account>{_IBAN}|\d{{7,10}}) (?P<name>[^\n]+)\n *\n")


def _account_line(text: str, supplement: str) -> Purpose | None:
    found = _ACCOUNT_LINE.match(text)
    if not found:
        return None
    name, short = found["name"].strip(), supplement.strip()
    # The bank writes the name into the second line of :61: as well; a number alone may be anything else.
    if not name.startswith(short) or (not short and found["account"].isdigit()):
        return None
    rest = text[found.end() :]
    if words := mt940_dialect_codewords.read(rest):
        return replace(words, name=words.name or one_line(name), account=words.account or found["account"])
    said = glue(rest)
    return Purpose(
        remittance=said.readable(),
        remittance_glued=said.glued.strip(),
        name=one_line(name),
        account=found["account"],
    )


# Knab: the other party in a line of its own behind the text; of a card payment the place alone.
_CLOSING_LINE: Final = re.compile(r"(?:^|\n)(?:REK: ?(?P<account>[^/\n]{5,34})/|(?<=\w\n))NAAM: ?(?P<name>[^\n]+)\Z")
_CARD: Final = re.compile(r"PAS: ?\w{3,4}\Z")


def _closing_line(text: str) -> Purpose | None:
    if "NAAM:" not in text:
        return None
    found = _CLOSING_LINE.search(text.rstrip())
    if not found or not (found["account"] or _CARD.search(text[: found.start()])):
        return None
    said = glue(text[: found.start()])
    return Purpose(
        remittance=said.readable(),
        remittance_glued=said.glued.strip(),
        name=one_line(found["name"]),
        account=without_blanks(found["account"] or ""),
    )


# ING from 2012 to 2014: account, BIC, name, creditor and reference in one row without separators. The name is known
# to end only where NOTPROVIDED or a creditor identifier follows. Lines break anywhere.
_ANY_WIDTH: Final = range(67)
_IN_ORDER: Final = re.compile(
    r"(?P<kind>(?:Zakelijke )?Europese Incasso, [a-z]+ )?(?P<account>(?P<country>[A-Z]{2})\d{2}[A-Z0-9]{10,30})"
    r" (?P<bic>[A-Z]{4}(?P=country)[A-Z0-9]{2}(?:[A-Z0-9]{3})?) (?P<rest>.+)"
)
_END_OF_NAME: Final = re.compile(r" (?:NOTPROVIDED|(?P<creditor>[A-Z]{2}\d{2}[A-Z0-9]{3}\d{12}))(?: |$)")


_STRUCTURED: Final = re.compile(r"\nSCOR/[A-Z]{3}/(?P<reference>\w+)\s*\Z")


def _words_in_order(text: str) -> Purpose | None:
    structured = _STRUCTURED.search(text)
    said = glue(text[: structured.start()] if structured else text, _ANY_WIDTH, _ANY_WIDTH)
    found = _IN_ORDER.fullmatch(said.glued)
    if not found:
        return None
    start, name, creditor = found.start("rest"), "", ""
    if ends := _END_OF_NAME.search(said.glued, start):
        name, creditor, start = said.readable(start, ends.start()), ends["creditor"] or "", ends.end()
    reference = structured["reference"] if structured else ""
    return Purpose(
        posting_text=(found["kind"] or "").strip(),
        remittance=f"{said.readable(start)} {reference}".strip(),
        remittance_glued=f"{said.glued[start:].strip()} {reference}".strip(),
        name=name,
        account=found["account"],
        bic=found["bic"],
        keywords={key: value for key, value in (("CRED", creditor), ("STRD", reference)) if value},
    )


# Triodos: the German tags with another meaning. >10 is the other account, >31 our own; >20 and >21 BIC and IBAN.
_TRIODOS: Final = re.compile(r"000>10(?P<account>\d{9,10})>20(?P<rest>.*)", re.DOTALL)
_SUBFIELD: Final = re.compile(r">(?=2[0-9]|31)")
_PARTY: Final = re.compile(rf"(?P<bic>{_BIC})>21(?P<account>{_IBAN})(?:>22|(?=>31)|$)")
_TRIODOS_WIDTH: Final = range(27, 30)


def _triodos(text: str) -> Purpose | None:
    found = _TRIODOS.match(text.replace("\n", ""))
    if not found:
        return None
    rest, account, bic = found["rest"], found["account"], ""
    if party := _PARTY.match(rest):
        account, bic, rest = party["account"], party["bic"], "00" + rest[party.end() :]
    else:
        rest = "20" + rest
    parts = [part[2:] for part in _SUBFIELD.split(rest) if not part.startswith("31")]
    said = _subfields(parts)
    return Purpose(
        remittance=said.readable(),
        remittance_glued=said.glued.strip(),
        account=account if account.strip("0") else "",
        bic=bic,
    )


def _subfields(parts: list[str]) -> Lines:
    return glue("\n".join(parts), _TRIODOS_WIDTH, _TRIODOS_WIDTH)
