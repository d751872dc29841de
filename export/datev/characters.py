"""Text for DATEV (Zeichensatz): Windows-1252, and the narrower alphabet of document numbers (Belegfeld 1)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from export.datev.columns import DOCUMENT_CHARACTERS, DOCUMENT_LENGTH

# Letters and signs that are no accented form of another one. Cyrillic and Greek as on German forms, not scholarly.
_SPELLING: Final = MappingProxyType(
    {"ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i", "ĸ": "k", "ə": "e", "ẞ": "SS", "æ": "ae", "ø": "oe"}
    | {
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "−": "-",
        "‐": "-",
        "‒": "-",
        "―": "-",
        "⁄": "/",
        "–": "-",
        "—": "-",
    }
    | dict(zip("абвгдезийклмнопрстуфыэіїєґ", "abwgdesijklmnoprstufyeiieg", strict=True))
    | {"ё": "jo", "ж": "sch", "х": "ch", "ц": "z", "ч": "tsch", "ш": "sch", "щ": "schtsch", "ъ": "", "ь": ""}
    | {"ю": "ju", "я": "ja", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz"}
    | dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE"})
_DOCUMENT: Final = re.compile(f"[{DOCUMENT_CHARACTERS}]")
_BLANKS: Final = re.compile(r"\s+")
_NOBODY_CAN_SPELL_IT: Final = "_"


def windows_text(text: str, length: int) -> str:
    """Give a text in Windows-1252, on one line and at most ``length`` characters long.

    What Windows-1252 lacks is spelled with what it has (ł as l, ж as sch); a sign nobody can spell becomes ``_``.
    """
    spelled = "".join(map(_windows, unicodedata.normalize("NFC", text)))
    return _BLANKS.sub(" ", spelled).strip()[:length].rstrip()


def document_field(document_number: str) -> str:
    """Give a document number as Belegfeld 1: only DATEV's characters, at most 36; the same number always the same.

    Letters are spelled out (Ü as UE), every other foreign character is dropped. Empty where nothing is left.
    """
    spelled = unicodedata.normalize("NFC", document_number).translate(_UMLAUTS)
    return "".join(map(_document, spelled))[:DOCUMENT_LENGTH]


@lru_cache(maxsize=4096)
def _windows(character: str) -> str:
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    if _fits(character):
        return character
    if unicodedata.category(character) == "Cf":  # zero-width joiners and byte order marks are no text
        return ""
    spelling = _spelling(character)
    return _NOBODY_CAN_SPELL_IT if spelling is None else spelling


@lru_cache(maxsize=4096)
def _document(character: str) -> str:
    if _DOCUMENT.fullmatch(character):
        return character
    return "".join(_DOCUMENT.findall(_spelling(character) or ""))


def _fits(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _spelling(character: str) -> str | None:
    """Spell a letter with plain ones; None where nobody here can."""
    if character in _SPELLING:
        return _SPELLING[character]
    if character.lower() in _SPELLING:
        return _SPELLING[character.lower()].capitalize()
    decomposed = unicodedata.normalize("NFKD", character)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    if letters == character:
        return None
    spelled = [letter if letter.isascii() else _spelling(letter) for letter in letters]
    return None if None in spelled else "".join(s for s in spelled if s)
