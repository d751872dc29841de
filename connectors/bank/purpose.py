"""The field ``:86:`` (Mehrzweckfeld): posting text, purpose, SEPA keywords and the other party.

German structure: DK, Anlage 3 zum DFÜ-Abkommen, 8.2.4. Everything else is free text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Three digits GVC, then whatever character the bank separates subfields with, then the first subfield.
_SUBFIELDS: Final = "00|10|2[0-9]|3[0-4]|6[0-3]"
_STRUCTURED: Final = re.compile(rf"(\d{{3}})([^\w\s])(?={_SUBFIELDS})")
_KEYWORD: Final = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|BREF|RREF|PURP|ANAM|IBAN|BIC)\+"
    # Some banks write a colon. With IBAN and BIC that is how payers write, so it stays text there.
    r"|(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE):"
)
_FULL: Final = 27  # characters of a purpose subfield
_FREE_LINE: Final = 65  # characters of a line of free text
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What the field said; ``gvc`` is empty where it was free text."""

    gvc: str = ""
    posting_text: str = ""
    remittance: str = ""
    remittance_glued: str = ""
    name: str = ""
    account: str = ""  # IBAN, or BLZ/Konto
    bic: str = ""
    addendum: str = ""  # Textschlüsselergänzung, ?34
    keywords: Mapping[str, str] = field(default_factory=dict)

    def keyword(self, name: str) -> str:
        """Give the value of a SEPA keyword; NOTPROVIDED is nothing."""
        value = self.keywords.get(name, "")
        return "" if value == "NOTPROVIDED" else value


def read(text: str) -> Purpose:
    """Read the field, structured or free."""
    in_one_line = text.replace("\n", "")  # breaks after 65 characters are no content
    found = _STRUCTURED.match(in_one_line)
    if not found:
        return _free(text)
    parts = subfields(in_one_line[3:], found[2])
    remittance, glued, keywords = _purpose([parts[tag] for tag in sorted(parts) if tag[0] in "26"])
    bank, number = parts.get("30", "").strip(), parts.get("31", "").replace(" ", "")
    return Purpose(
        gvc=found[1],
        posting_text=parts.get("00", "").strip(),
        remittance=remittance,
        remittance_glued=glued,
        name=_join([parts[tag] for tag in ("32", "33") if tag in parts]),
        account=_account(bank, number) or keywords.get("IBAN", ""),
        bic=bank if _BIC.fullmatch(bank) else keywords.get("BIC", ""),
        addendum=parts.get("34", "").strip(),
        keywords=keywords,
    )


def subfields(text: str, separator: str) -> dict[str, str]:
    """Split at the separator, where a subfield really begins.

    Banks replace characters that SWIFT lacks by ``?``, so text may hold ``?20`` by accident. A subfield comes once,
    and its group (posting text, purpose, party, more purpose) never before one that has begun.
    """
    parts: dict[str, str] = {}
    current = ""
    for piece in re.split(rf"{re.escape(separator)}(?=(?:{_SUBFIELDS}))", text):
        tag = piece[:2]
        if re.fullmatch(_SUBFIELDS, tag) and tag not in parts and tag[0] >= current[:1]:
            current = tag
            parts[tag] = piece[2:]
        elif current:
            parts[current] += separator + piece
    return parts


def _purpose(parts: Sequence[str]) -> tuple[str, str, dict[str, str]]:
    """Give the purpose for reading, the same without any joint, and the keywords found in it.

    Text before the first keyword is purpose as well; without SVWZ+ there may be nothing else.
    """
    glued = "".join(parts)
    joints = _joints(parts)
    keywords: dict[str, str] = {}
    display, unbroken = "", ""
    for name, start, end in _segments(glued, joints):
        if name in {"", "SVWZ"}:
            display = f"{display} {_readable(glued, joints, start, end)}".strip()
            unbroken += glued[start:end].strip()
        elif name in {"ABWA", "ABWE", "ANAM"}:
            keywords.setdefault(name, _readable(glued, joints, start, end))
        else:
            keywords.setdefault(name, glued[start:end].strip())
    return display, unbroken, keywords


def _joints(parts: Sequence[str]) -> dict[int, str]:
    """Say for each place where two parts meet what stands between them for the eye.

    A full part was cut anywhere, so nothing; a shorter one ended with a word, or with a blank that was trimmed.
    """
    joints, position = {}, 0
    for part in parts[:-1]:
        position += len(part)
        joints[position] = "" if len(part) >= _FULL else " "
    return joints


def _segments(glued: str, joints: Mapping[int, str]) -> Iterator[tuple[str, int, int]]:
    """Cut at the keywords: where a part begins, after a blank, or across a joint that broke the keyword itself."""
    name, start = "", 0
    for found in _KEYWORD.finditer(glued):
        begins = found.start() in joints or found.start() == 0 or glued[found.start() - 1] == " "
        if begins or any(found.start() < joint < found.end() for joint in joints):
            yield name, start, found.start()
            name, start = found[1] or found[2], found.end()
    yield name, start, len(glued)


def _readable(glued: str, joints: Mapping[int, str], start: int, end: int) -> str:
    pieces, position = [], start
    for joint in sorted(joints):
        if start < joint < end:
            pieces += [glued[position:joint], joints[joint]]
            position = joint
    return " ".join("".join([*pieces, glued[position:end]]).split())


def _join(parts: Sequence[str]) -> str:
    return _readable("".join(parts), _joints(parts), 0, sum(map(len, parts)))


def _account(bank: str, number: str) -> str:
    # A number alone is one account at each of a thousand banks.
    return f"{bank}/{number}" if number.isdigit() and bank.isdigit() else number


def _free(text: str) -> Purpose:
    lines = text.split("\n")
    full = [len(line) >= _FREE_LINE for line in lines]
    display = "".join(line + ("" if is_full else " ") for line, is_full in zip(lines, full, strict=True))
    return Purpose(remittance=" ".join(display.split()), remittance_glued="".join(line.strip() for line in lines))
