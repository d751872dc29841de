"""What banks make of a payment: SWIFT letters, 27 or 35 of them in a line, blanks lost, names cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.matching.names import without_umlauts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_SUBFIELD: Final = 27
_KEYWORD: Final = "SVWZ+"
_LONGEST_MT940: Final = 14 * _SUBFIELD
_CAMT_LINE: Final = 35
_LONGEST_SEPA: Final = 140
_SWIFT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "ss", "ı": "i", "&": "+"}
)
_NOT_SWIFT: Final = re.compile(r"[^A-Za-z0-9/?:().,'+\- ]")


class Delivered(NamedTuple):
    """What our readers make of what the bank delivers."""

    name: str
    remittance: str
    glued: str
    modifiers: tuple[str, ...]


def by_mt940(rng: Random, name: str, text: str) -> Delivered:
    """Deliver as MT940: lines of 27 letters, cut anywhere, with the blank at a cut trimmed."""
    modifiers = ["mt940"]
    name = _NOT_SWIFT.sub(".", name.translate(_SWIFT))
    text = _NOT_SWIFT.sub(".", text[:_LONGEST_SEPA].translate(_SWIFT))[:_LONGEST_MT940]
    if rng.random() < 0.4 and text + name != (text + name).upper():
        name, text = name.upper(), text.upper()
        modifiers.append("upper_case")
    if len(name) > _SUBFIELD and rng.random() < 0.5:
        name = name[:_SUBFIELD].rstrip()
        modifiers.append("name_truncated")
    lines = subfields(rng, text)
    if len(lines) > 1:
        modifiers.append("line_cut")
    return Delivered(name, *read_subfields(lines), tuple(modifiers))


def by_camt(rng: Random, name: str, text: str) -> Delivered:
    """Deliver as CAMT: one text, or lines of 35 letters that somebody on the way joined with blanks."""
    modifiers = ["camt"]
    text = " ".join(text[:_LONGEST_SEPA].split())
    if rng.random() < 0.06 and any(c in "äöüÄÖÜß" for c in name):
        name = without_umlauts(rng, name)
        modifiers.append("umlauts_lost")
    way = rng.random()
    if way < 0.7 or len(text) <= _CAMT_LINE:
        return Delivered(name, text, text, tuple(modifiers))
    lines = _lines(text, _CAMT_LINE)
    modifiers.append("line_cut")
    joined = " ".join(" ".join(lines).split())
    if way < 0.85:  # the payer's bank joined them, and nobody can tell any more
        return Delivered(name, joined, joined, tuple(modifiers))
    return Delivered(name, joined, "".join(lines).strip(), tuple(modifiers))


def subfields(rng: Random, text: str) -> list[str]:
    """Write a text into the subfields ?20 and following of MT940; some banks lose a blank on either side of a cut."""
    lines = _lines(f"{_KEYWORD}{text}", _SUBFIELD)
    if rng.random() < 0.3:
        lines = [line.lstrip() for line in lines]
    return [line.rstrip() for line in lines]


def read_subfields(lines: Sequence[str]) -> tuple[str, str]:
    """Join subfields as our reader does: for reading, with a blank behind a line that is not full; and glued."""
    pieces = [line + ("" if len(line) >= _SUBFIELD else " ") for line in lines]
    remittance = " ".join("".join(pieces)[len(_KEYWORD) :].split())
    return remittance, "".join(lines)[len(_KEYWORD) :].strip()


def _lines(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, max(1, len(text)), length)]
