"""Text as banks, payers and tools really write it: folded for comparing, kept for showing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_SPECIAL: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "ł": "l",
        "đ": "d",
        "œ": "oe",
    }
)
_NOT_ALNUM: Final = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Fold case, umlauts (ä and ae are the same) and accents; keep everything else where it stands."""
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_SPECIAL)
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    # Decomposing brings capitals and special letters back: № becomes No, ǿ becomes ø.
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(_SPECIAL)


@lru_cache(maxsize=1 << 15)  # the numbers and texts of one payer are asked for again and again
def squeeze(text: str) -> str:
    """Fold and drop everything that is neither letter nor digit: what is left survives every bank."""
    return _NOT_ALNUM.sub("", fold(text))


def words(text: str) -> tuple[str, ...]:
    """Fold and split into runs of letters and digits."""
    return tuple(part for part in _NOT_ALNUM.split(fold(text)) if part)
