"""What looks like a document number and is none: dates, amounts, telephone numbers, IBANs, other parties' numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_IBAN: Final = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}")
_CREDITOR_REFERENCE: Final = re.compile(r"\bRF[0-9]{2}(?: ?[A-Z0-9]){1,21}", re.IGNORECASE)  # ISO 11649
_GERMAN_DATE: Final = re.compile(r"(?<![0-9.])([0-9]{1,2})[./]([0-9]{1,2})[./]((?:19|20)?[0-9]{2})?(?![0-9])")
_ISO_DATE: Final = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([-/.])([0-9]{2})\2([0-9]{2})(?![0-9-])")
_DATE_AFTER_WORD: Final = re.compile(
    r"\b(?:vom|v|am|per|datum|dat|date|dated|bis|until|zum)[.: ]{1,3}(?:[0-9]{8}|[0-9]{6})(?![0-9])", re.IGNORECASE
)
_AMOUNT: Final = re.compile(r"(?<![0-9])(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{2}(?![0-9])")
_ENGLISH_AMOUNT: Final = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.[0-9]{2}(?![0-9.])")
_CURRENCY: Final = r"(?:EUR|EURO|CHF|USD|GBP|€)"
_AMOUNT_WITH_CURRENCY: Final = re.compile(
    rf"{_CURRENCY} ?[0-9][0-9.,]*(?![0-9])|(?<![0-9])[0-9][0-9.,]*(?:,-+)? ?{_CURRENCY}(?![A-Za-z])|[0-9][0-9.]*,-",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?:\b(?:tel|telefon|fon|phone|mobil|handy|fax|telefax|ruf)\b[.:]? ?(?:nr|nummer)?[.: ]{0,3}\+?|\+ ?)"
    r"[0-9][0-9 /()-]{4,}[0-9]",
    re.IGNORECASE,
)
_AREA_CODE: Final = re.compile(r"(?<![0-9])\(?0[1-9][0-9]{1,4}\)? ?/ ?[0-9]{5,}")
_LETTERS_BEFORE: Final = re.compile(r"[A-Za-zÄÖÜäöü]+[ ./:#-]{0,3}$")

CREDITOR_REFERENCE: Final = "creditor reference"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A stretch of text that must not be read as a document number, and what it is."""

    start: int
    end: int
    what: str


def lookalikes(text: str) -> list[Lookalike]:
    """Find everything in a text that is surely something else than a document number."""
    return [
        *_with_check_digits(text, _IBAN, "IBAN", 15),
        *_with_check_digits(text, _CREDITOR_REFERENCE, CREDITOR_REFERENCE, 5),
        *_dates(text),
        *(Lookalike(*m.span(), "amount") for m in _AMOUNT.finditer(text)),
        *(Lookalike(*m.span(), "amount") for m in _ENGLISH_AMOUNT.finditer(text)),
        *(Lookalike(*m.span(), "amount") for m in _AMOUNT_WITH_CURRENCY.finditer(text)),
        *(Lookalike(*m.span(), "telephone number") for m in _PHONE.finditer(text)),
        *(Lookalike(*m.span(), "telephone number") for m in _AREA_CODE.finditer(text)),
    ]


def _with_check_digits(text: str, pattern: re.Pattern[str], what: str, shortest: int) -> Iterator[Lookalike]:
    """Find IBANs and creditor references by their check digits, trying shorter readings where words follow."""
    for match in pattern.finditer(text):
        candidate = match[0]
        while len(candidate.replace(" ", "")) >= shortest:
            if _mod97(candidate) == 1:
                yield Lookalike(match.start(), match.start() + len(candidate), what)
                break
            candidate = candidate[:-1].rstrip()


def _mod97(reference: str) -> int:
    squeezed = reference.replace(" ", "").upper()
    rotated = squeezed[4:] + squeezed[:4]
    return int("".join(str(int(c, 36)) for c in rotated)) % 97


def _dates(text: str) -> Iterator[Lookalike]:
    for match in _GERMAN_DATE.finditer(text):
        # R25/10-00471 and 12/05/2026-7 go on after the slash: letters before, or a hyphen behind, mean a number.
        dotted = text[match.start() : match.end()].count(".") >= 1
        if _is_day(match[3] or "2024", match[2], match[1]) and (dotted or _stands_alone(text, match)):
            yield Lookalike(*match.span(), "date")
    for match in _ISO_DATE.finditer(text):
        if _is_day(match[1], match[3], match[4]):
            yield Lookalike(*match.span(), "date")
    for match in _DATE_AFTER_WORD.finditer(text):
        yield Lookalike(*match.span(), "date")


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    behind = text[match.end() : match.end() + 1]
    return match[3] is not None and behind not in {"-", "/"} and not _LETTERS_BEFORE.search(text[: match.start()])


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return False
    return True
