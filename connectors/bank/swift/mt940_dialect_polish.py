"""Polish banks: the labels of mBank (``Z RACH.: …; OD: …; TYT.: …``) and the MultiCash subfields with ``38``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from stdnum.iso7064 import mod_97_10

from connectors.bank.swift.mt940_dialect_lines import FULL, FULL_WITH_TAG, glue, one_line, without_blanks, words_of
from connectors.bank.swift.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from connectors.bank.swift.mt940_dialect_lines import Lines


def read(text: str, supplement: str = "") -> Purpose | None:
    """Read a field of a Polish bank; None for every other. The second line of ``:61:`` is posting text."""
    said = _labelled(text) or _multicash(text)
    extra = words_of(supplement)
    if said is None or not extra or extra.casefold() in said.posting_text.casefold():
        return said
    return replace(said, posting_text=f"{said.posting_text} {extra}".strip())


# mBank CompanyNet: code and kind of booking, then labels, each value closed with a semicolon; TNR is the bank's own.
_HEAD: Final = re.compile(r"\d{2,3} (?P<kind>[^;\n]{3,65});")
_PROOF: Final = re.compile(r";\s*(?:TNR: ?\s*\d|[ZN]A? RACH\.:)")
_LABEL: Final = re.compile(r"; *(?!\d)([^;:a-z]{2,20}):")
_OTHER_ACCOUNT: Final = ("Z RACH.", "NA RACH.")
_OTHER_NAME: Final = ("OD", "DLA")
_TITLE: Final = "TYT."
_REFERENCES: Final = {
    "TNR": "BREF",
    "REF. KLIENTA": "KREF",
    "REF. MT103": "REF. MT103",
    "DATA STEMPLA": "DATA STEMPLA",
}
_KNOWN: Final = frozenset({*_OTHER_ACCOUNT, *_OTHER_NAME, *_REFERENCES, _TITLE})
_BEFORE_ADDRESS: Final = re.compile(r" {2,}")


def _labelled(text: str) -> Purpose | None:
    head = _HEAD.match(text)
    if not head or not _PROOF.search(text):
        return None
    # Lines break between words. Blanks are kept for now: two of them stand between name and address.
    joined = "".join(line if line.endswith(" ") else f"{line} " for line in text.split("\n"))
    pieces = _LABEL.split(joined)
    values: dict[str, str] = {}
    for label, value in zip(pieces[1::2], pieces[2::2], strict=True):
        values.setdefault(label, value.strip())
    others = [f"{label}: {value}" for label, value in values.items() if label not in _KNOWN]
    remittance = one_line("; ".join([*filter(None, [values.get(_TITLE)]), *others]))
    return Purpose(
        posting_text=head["kind"],
        remittance=remittance,
        remittance_glued=remittance,
        name=one_line(_BEFORE_ADDRESS.split(_first(values, _OTHER_NAME))[0]),
        account=iban(without_blanks(_first(values, _OTHER_ACCOUNT))),
        keywords={_REFERENCES[label]: value for label, value in values.items() if value and label in _REFERENCES},
    )


def _first(values: Mapping[str, str], labels: Iterable[str]) -> str:
    return next((values[label] for label in labels if label in values), "")


def iban(number: str) -> str:
    """Give the IBAN of a Polish account number: it is the IBAN without the country, check digits first."""
    if len(number) == 26 and number.isdigit() and mod_97_10.is_valid(f"{number[2:]}PL{number[:2]}"):
        return f"PL{number}"
    return number


# MultiCash in Poland: the German subfields and 38, the whole account. 20 to 25 hold the text in 27 or 35 characters;
# 26 to 29 repeat account and party (BPH, Pekao) or are more text. Pekao's codes have four digits.
_CODE: Final = re.compile(r" ?(?P<code>\d{3,4})?(?P<separator>[<>?~^|@$])(?=00|20)")
_SEPA_KEYWORD: Final = re.compile(r"(?:EREF|MREF|SVWZ)\+")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_WIDE: Final = 35
_NARROW: Final = 27


def _multicash(text: str) -> Purpose | None:
    begins = _CODE.match(text)
    if not begins:
        return None
    separator, digits = begins["separator"], len(begins["code"] or "")
    # Without a code the lines are those of the payer, not of SWIFT.
    joined = text.replace("\n", "") if digits else glue(text, FULL, FULL_WITH_TAG).readable()
    if digits == 3:
        if _SEPA_KEYWORD.search(joined) or not (f"{separator}38" in joined or text.startswith(" ")):
            return None  # German
    elif not re.search(rf"{re.escape(separator)}(?:2[1-9]|3[0-38])", joined):
        return None  # a text that begins with a lost character
    parts = _parts(joined[begins.start("separator") :], separator)
    return _subfields(parts, names_in_text=digits == 4)


def _parts(joined: str, separator: str) -> dict[str, str]:
    """Split at the separator where one of the subfields begins for the first time."""
    parts: dict[str, str] = {}
    tag = ""
    for piece in re.split(rf"{re.escape(separator)}(?=(?:00|10|2\d|3[0-48]|6[0-6]))", joined):
        if piece[:2] not in parts and piece[:2].isdigit():
            tag = piece[:2]
            parts[tag] = piece[2:]
        elif tag:
            parts[tag] += separator + piece
    return parts


def _subfields(parts: Mapping[str, str], *, names_in_text: bool) -> Purpose:
    account = iban(without_blanks(parts.get("38", ""))) or _bank_and_number(parts)
    party, copy = _joined(parts, ("32", "33"), _NARROW), _joined(parts, ("27", "28", "29"), _WIDE)
    if party.glued and without_blanks(copy.glued).startswith(without_blanks(party.glued)[:20]):
        names_in_text = True
    texts = [
        tag for tag in ("20", "21", "22", "23", "24", "25", "26") if not _is_account(parts.get(tag, ""), account)
    ]
    if not names_in_text:
        texts += ["27", "28", "29"]
    said = _joined(parts, texts, _width([len(parts[tag]) for tag in texts if tag in parts]))
    notes = [one_line(parts[tag]) for tag in _NOTES if tag in parts]
    reference = next((found[1] for note in notes if (found := _REFERENCE.fullmatch(note))), "")
    others = [note for note in notes if note not in {"NONREF", ""} and not _REFERENCE.fullmatch(note)]
    address = ""
    if names_in_text:  # 60 goes on with the address
        address = one_line(f"{copy.readable()} {parts.get('60', '')}")
        others = [note for note in others if note != one_line(parts.get("60", ""))]
    keywords = {"BREF": reference, "ADDR": address}
    return Purpose(
        posting_text=one_line(parts.get("00", "")),
        remittance=" ".join([*filter(None, [said.readable()]), *others]),
        remittance_glued=" ".join([*filter(None, [said.glued.strip()]), *others]),
        name=party.readable() or (copy.readable() if names_in_text else ""),
        account=account,
        bic=bank if _BIC.fullmatch(bank := parts.get("30", "").strip()) else "",
        keywords={name: value for name, value in keywords.items() if value},
    )


def _width(lengths: list[int]) -> int:
    """Tell how long a part is that was cut: where most long parts have 27 characters, a longer one is an accident."""
    longer = sum(length > _NARROW for length in lengths)
    return _WIDE if longer > lengths.count(_NARROW) else _NARROW


_REFERENCE: Final = re.compile(r"REF ?([A-Z0-9]*\d{4}[A-Z0-9]*)")
_NOTES: Final = ("60", "61", "62", "63", "64", "65", "66")


def _joined(parts: Mapping[str, str], tags: Container[str], width: int) -> Lines:
    full = range(width, 3 * width)
    # In the order of the bank: some write 24 before 23.
    return glue("\n".join(part for tag, part in parts.items() if tag in tags), full, full)


def _is_account(part: str, account: str) -> bool:
    return bool(account) and without_blanks(part) == account.removeprefix("PL")


def _bank_and_number(parts: Mapping[str, str]) -> str:
    bank, number = (without_blanks(parts.get(tag, "")) for tag in ("30", "31"))
    return f"{bank}/{number}" if bank.isdigit() and number.isdigit() else number
