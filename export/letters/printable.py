"""Text that the letter's fonts can print: every other character is replaced, because PDF/A forbids missing glyphs."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import typst

# All of them are inside the typst wheel, so a letter looks the same on every machine.
FONTS: Final = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")

# Archivable with its text as text (PDF/A-2a), and readable aloud (PDF/UA-1): headings, tables, an image that says so.
STANDARDS: Final = ("a-2a", "ua-1")

_ONE_CHARACTER: Final = (
    '#set document(title: "?")\n#set text(font: ('
    + ", ".join(f'"{font}"' for font in FONTS)
    + "))\n#sys.inputs.character"
).encode()
_REPLACEMENT: Final = "?"


def printable(text: str) -> str:
    """Give the text as our fonts can print it: accents they lack are dropped, unknown characters become "?".

    Control and formatting characters disappear, except line breaks.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and composed.isprintable():
        return composed
    return "".join(map(_printable_character, composed))


def unprintable(text: str) -> str:
    """Give the characters of a text that become "?", each once, in their order."""
    return "".join(dict.fromkeys(c for c in text if c != _REPLACEMENT and _printable_character(c) == _REPLACEMENT))


@lru_cache(maxsize=10_000)
def _printable_character(character: str) -> str:
    if character in "\n\u00a0\u202f":
        return character
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    if category in {"Cc", "Cf"}:
        return " " if character in "\t\r\v\f" else ""
    if category not in {"Co", "Cn", "Cs"} and _has_glyph(character):
        return character
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return base if base and base.isascii() else _REPLACEMENT


def _has_glyph(character: str) -> bool:
    try:
        _compiler().compile(
            input=_ONE_CHARACTER,
            format="pdf",
            sys_inputs={"character": character},
            pdf_standards=list(STANDARDS),
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))
