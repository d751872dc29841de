"""Words by which a payer says what the amount is: refund, part, reminder, Skonto, advance (Zweckangaben)."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Words by which a payer says what the amount is, in small letters: to look past capitals takes four times as long.
# Whole words, or the beginnings of long German ones.
_WORDS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "refund": re.compile(
            r"\b(?:erstatt|rueckerstatt|rückerstatt|rueckzahl|rückzahl|gutschrift|refund|reimburs|storno|retoure"
            r"|guthaben|ausschuett|ausschütt|auszahlung|provision|zinsen|gehalt|lohn|miete|praemie|prämie)",
        ),
        "invoice": re.compile(
            r"\b(?:rechnung|rechn\b|rechnr|rg\b|rgnr|rnr|re\b|renr|invoice|inv\b|beleg)", re.IGNORECASE
        ),
        "part": re.compile(r"\b(?:teil|abschlag|rate\b|raten|a-?conto|akonto|part\b|partial|instal)"),
        "reminder": re.compile(r"\b(?:mahn|verzug|zins|gebuehr|gebühr|reminder|dunning|late fee)"),
        "skonto": re.compile(r"\b(?:skonto|sk\b|abzgl|abzueglich|abzüglich|discount|less \d)"),
        "advance": re.compile(
            r"\b(?:anzahl|vorkasse|vorauszahl|vorauskasse|angebot|prepay|advance|deposit|down ?payment|kaution)",
        ),
    }
)


_INVOICE: Final = frozenset({"invoice"})
_NO_WORD: Final[frozenset[str]] = frozenset()
# Nearly every text speaks of an invoice, and few of anything else.
_RARE: Final = re.compile("|".join([p.pattern for kind, p in _WORDS.items() if kind != "invoice"]))


@lru_cache(maxsize=1024)  # every way to book one entry asks for the words of its text
def words_in(text: str) -> frozenset[str]:
    """Say which kinds of words by which payers name the purpose stand in a text."""
    lowered = text.lower()
    if _RARE.search(lowered):
        return frozenset([kind for kind, pattern in _WORDS.items() if pattern.search(lowered)])
    return _INVOICE if _WORDS["invoice"].search(lowered) else _NO_WORD
