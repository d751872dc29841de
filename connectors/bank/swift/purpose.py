"""The field ``:86:`` (Mehrzweckfeld): posting text, purpose, SEPA keywords and the other party.

German structure: DK, Anlage 3 zum DFÜ-Abkommen, 8.2.4. Everything else is free text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Three digits GVC, then whatever character the bank separates subfields with, then the first subfield.
_SUBFIELDS: Final = "00|10|2[0-9]|3[0-4]|6[0-3]"
_STRUCTURED: Final = re.compile(rf"(\d{{3}})([^\w\s])(?={_SUBFIELDS})")
_KNOWN: Final = re.compile(_SUBFIELDS)

FULL: Final = 27  # characters of a purpose subfield
LINE: Final = 65  # characters of a line of the field
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")

# What banks write where there is no reference; DK wants it left out.
NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What the field said; ``gvc`` is empty where it has no German structure."""

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
        return given(self.keywords.get(name, ""))


def given(value: str) -> str:
    """Give a reference; empty where the bank only says that there is none."""
    return "" if value in NO_REFERENCE else value


def read(text: str) -> Purpose:
    """Read the field, structured or free."""
    return structured(text) or free(text)


def separator(text: str) -> str:
    """Give the character between the subfields; empty where the field does not have the German structure."""
    found = _STRUCTURED.match(unfolded(text))
    return found[2] if found else ""


def unfolded(text: str) -> str:
    """Take the line breaks out: they stand after 65 characters and are no content.

    Some banks trim a blank that ends a line; then it has 64.
    """
    *lines, last = text.split("\n")
    return "".join(f"{line} " if len(line) == LINE - 1 else line for line in lines) + last


def structured(text: str) -> Purpose | None:
    """Read a field of the German structure; None for every other."""
    in_one_line = unfolded(text)
    found = _STRUCTURED.match(in_one_line)
    if not found:
        return None
    parts = subfields(in_one_line[3:], found[2])
    said = purpose_of([parts[tag] for tag in sorted(parts) if tag[0] in "26" and _KNOWN.fullmatch(tag)])
    extra = joined([value for tag, value in parts.items() if not _KNOWN.fullmatch(tag)])
    bank, number = parts.get("30", "").strip(), parts.get("31", "").replace(" ", "")
    return Purpose(
        gvc=found[1],
        posting_text=parts.get("00", "").strip(),
        remittance=f"{said.remittance} {extra}".strip(),
        remittance_glued=f"{said.glued} {extra}".strip(),
        name=joined([parts[tag] for tag in ("32", "33") if tag in parts]),
        account=account(bank, number) or said.keywords.get("IBAN", "").replace(" ", ""),
        bic=bic(bank) or said.keywords.get("BIC", "").replace(" ", ""),
        addendum=parts.get("34", "").strip(),
        keywords=said.keywords,
    )


def free(text: str) -> Purpose:
    """Read a field without any structure: a full line was cut anywhere, a shorter one ended with a word."""
    lines = text.split("\n")
    full = [len(line) >= LINE for line in lines]
    display = "".join(line + ("" if is_full else " ") for line, is_full in zip(lines, full, strict=True))
    return Purpose(remittance=" ".join(display.split()), remittance_glued="".join(line.strip() for line in lines))


def subfields(text: str, separator: str) -> dict[str, str]:
    """Split at the separator, where a subfield really begins.

    Banks replace characters that SWIFT lacks by ``?``, so text may hold ``?20`` by accident. A subfield comes once,
    and its group (posting text, purpose, party, more purpose) never before one that has begun. Behind the party
    stand subfields that some banks made up (?35, ?70: more names); they are kept apart from the name.
    """
    parts: dict[str, list[str]] = {}
    group, latest = "", ""
    for piece in re.split(rf"{re.escape(separator)}(?=\d\d)", text):
        tag = piece[:2]
        known = _KNOWN.fullmatch(tag) is not None
        if tag not in parts and (tag[0] >= group if known else group >= "3"):
            group = tag[0] if known else group
            parts[tag], latest = [piece[2:]], tag
        elif latest:
            parts[latest] += (separator, piece)
    return {tag: "".join(pieces) for tag, pieces in parts.items()}


def account(bank: str, number: str) -> str:
    """Give the other party's IBAN, or BLZ/Konto: a number alone is one account at each of a thousand banks."""
    return f"{bank}/{number}" if number.isdigit() and bank.isdigit() else number


def bic(bank: str) -> str:
    """Give the BIC out of ?30, empty where the bank wrote its BLZ."""
    return bank if _BIC.fullmatch(bank) else ""


def joined(parts: Sequence[str]) -> str:
    """Put the parts of a name together: a full part was cut anywhere, a shorter one ended with a word."""
    return _readable("".join(parts), _joints(parts), 0, sum(map(len, parts)))


# ---- the keywords --------------------------------------------------------------------------------------------

# Identifiers end where another keyword begins, names and texts only where one stands apart.
_IDENTIFIERS: Final = frozenset(
    {"EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "BREF", "RREF", "PURP", "IBAN", "BIC"}
)
_TEXTS: Final = frozenset({"", "SVWZ", "MTLG"})  # MTLG: what a bank has to say about a return
_KEYWORD: Final = re.compile(
    r"(?P<plus>EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|BREF|RREF|PURP|ANAM"
    r"|IBAN(?=\+[A-Z]{2}\d)|BIC(?=\+[A-Z]{6}))\+"
    # Some banks write a colon.
    r"|(?P<colon>EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|MTLG):"
    # With IBAN and BIC that is how payers write as well, so it counts only behind another keyword.
    r"|(?P<behind>IBAN|BIC):"
)
# Commerzbank wrote them out before it knew the keywords, each in a subfield of its own.
_LABELS: Final = (
    ("EREF+", re.compile(r"END-TO-END-REF\.:", re.IGNORECASE)),
    ("MREF+", re.compile(r"(?:(?:CORE|COR1|B2B) ?/ ?)?MANDATSREF\.:", re.IGNORECASE)),
    ("CRED+", re.compile(r"GL(?:Ä|AE|\W)UBIGER-ID:", re.IGNORECASE)),
)
_ENDS: Final = re.compile(r"[A-Z][+:]|[Ff]\.:|[Dd]:")  # no keyword and no label ends in any other way
_LABEL_ENDS: Final = ("REF.:", "ID:")


def may_hold_keyword(text: str) -> bool:
    """Whether a keyword, or a label in its place, could stand anywhere in a text; often it is not one after all."""
    if not _ENDS.search(text):
        return False
    upper = text.upper()
    return _KEYWORD.search(text) is not None or any(end in upper for end in _LABEL_ENDS)


class _Segment(NamedTuple):
    keyword: str  # empty for text before, between and behind keywords
    label: int  # where the keyword begins
    start: int
    end: int


class Said(NamedTuple):
    """What the lines of purpose said."""

    remittance: str
    glued: str
    keywords: Mapping[str, str]


def purpose_of(parts: Sequence[str]) -> Said:
    """Give the purpose for reading, the same without any joint, and the keywords found in it.

    Text before the first keyword is purpose as well; without SVWZ+ there may be nothing else.
    """
    if any(":" in part for part in parts):
        parts = [_without_label(part) for part in parts]
    glued = "".join(parts)
    joints = _joints(parts)
    keywords: dict[str, str] = {}
    display, unbroken = [], []
    for segment in _segments(glued, joints):
        keyword, label, start, end = segment
        value = glued[start:end].strip()
        if keyword not in _TEXTS:
            if keyword not in _IDENTIFIERS:
                value = _readable(glued, joints, start, end)
            told = keywords.setdefault(keyword, value)
            # Portals repeat the keywords inside the text; what says something else was typed by the payer.
            if told.replace(" ", "").startswith(value.replace(" ", "")):
                continue
            start = label
        display.append(_readable(glued, joints, start, end))
        unbroken.append(glued[start:end].strip())
    return Said(" ".join(filter(None, display)), "".join(unbroken), keywords)


def _without_label(part: str) -> str:
    for keyword, label in _LABELS:
        if found := label.match(part):
            return keyword + part[found.end() :]
    return part


def _joints(parts: Sequence[str]) -> dict[int, int]:
    """Give for each place where two parts meet how long the part before it is."""
    joints, position = {}, 0
    for part in parts[:-1]:
        position += len(part)
        joints[position] = len(part)
    return joints


def _segments(glued: str, joints: Mapping[int, int]) -> Iterator[_Segment]:
    """Cut at the keywords: where a part begins, after a blank, or across a joint that broke the keyword itself."""
    keyword, label, start = "", 0, 0
    for found in _KEYWORD.finditer(glued):
        if _is_keyword(found, keyword, glued, joints):
            yield from _with_text_behind(_Segment(keyword, label, start, found.start()), glued, joints)
            keyword = found[0][:-1]
            label, start = found.span()
    yield from _with_text_behind(_Segment(keyword, label, start, len(glued)), glued, joints)


def _is_keyword(found: re.Match[str], current: str, glued: str, joints: Mapping[int, int]) -> bool:
    start, end = found.span()
    if found["behind"]:
        return current in _IDENTIFIERS
    apart = start == 0 or start in joints or glued[start - 1] == " " or any(start < joint < end for joint in joints)
    # Banks that trim a blank leave the keyword glued to the identifier before it.
    return apart or current in _IDENTIFIERS or (found["plus"] is not None and not glued[start - 1].isupper())


def _with_text_behind(segment: _Segment, glued: str, joints: Mapping[int, int]) -> Iterator[_Segment]:
    """Let an identifier overflow only from a full part; what follows a shorter one without any keyword is text."""
    keyword, label, start, end = segment
    if keyword not in _IDENTIFIERS:
        yield segment
        return
    ends = [j for j, length in joints.items() if start < j < end and length < FULL - 1 and glued[start:j].strip()]
    stop = min(ends, default=end)
    if keyword == "PURP":  # four letters, whatever is glued to them
        stop = min(stop, start + 4)
    yield _Segment(keyword, label, start, stop)
    if glued[stop:end].strip():
        yield _Segment("", stop, stop, end)


def _readable(glued: str, joints: Mapping[int, int], start: int, end: int) -> str:
    """Put a blank at every joint behind a part that is not full: there a word ended, or a blank was trimmed."""
    pieces, position = [], start
    for joint, length in joints.items():
        if start < joint < end:
            pieces += [glued[position:joint], "" if length >= FULL else " "]
            position = joint
    return " ".join("".join([*pieces, glued[position:end]]).split())
