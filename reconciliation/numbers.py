"""The company's own document numbers (Belegnummern): every way they may be written, and what they look like."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.open_item import OpenItem

_PARTS: Final = re.compile(r"[a-z]+|[0-9]+")
_YEAR_GLUED: Final = re.compile(r"((?:19|20)[0-9]{2})([0-9]{3,})")  # 202600471 is 2026 and 00471
FULL_DIGITS: Final = 6  # so many digits name a document even where the letters are lost
_STEM: Final = 4  # numbers that differ in their last four digits only belong to one series


@dataclass(frozen=True, slots=True)
class Numbers:
    """Document numbers under each of their spellings; a spelling may belong to several documents.

    RE-2026-00471 is ``re202600471`` in full, ``202600471`` without letters, ``re/2026/471`` and ``2026/471`` without
    leading zeros, and ``471`` as a running number.
    """

    squeezed: Mapping[str, str]  # item -> its number in full
    full: Mapping[str, tuple[str, ...]]
    digits: Mapping[str, tuple[str, ...]]
    without_zeros: Mapping[str, tuple[str, ...]]
    running: Mapping[str, tuple[str, ...]]
    signatures: frozenset[str]  # letters kept, digits as 9: re999999999
    letters: frozenset[str]  # what our numbers begin with
    stems: frozenset[tuple[int, str]]  # length and leading digits of each series
    running_length: int
    full_lengths: tuple[int, ...]

    def listed(self, number: str) -> tuple[str, ...]:
        """Give the documents with exactly this squeezed number, or failing that with its digits."""
        return self.full.get(number) or self.digits.get(digits_of(number), ())

    def looks_like_ours(self, number: str) -> bool:
        """Whether a squeezed number that we do not know carries our letters, or belongs to one of our series."""
        if not number.isdigit():
            return signature(number) in self.signatures
        return len(number) >= FULL_DIGITS and (len(number), number[:-_STEM]) in self.stems


def parts_of(text: str) -> list[str]:
    """Split a number into runs of letters and runs of digits, a leading year apart."""
    parts: list[str] = []
    for part in _PARTS.findall(fold(text)):
        glued = _YEAR_GLUED.fullmatch(part)
        parts.extend(glued.groups() if glued else (part,))
    return parts


def without_zeros(parts: Iterable[str]) -> str:
    """Write the parts without leading zeros, each for itself: re/2026/471."""
    return "/".join(part.lstrip("0") or "0" for part in parts)


def digits_of(number: str) -> str:
    """Drop everything that is no digit."""
    return re.sub(r"[^0-9]", "", number)


def signature(number: str) -> str:
    """Give the look of a squeezed number: its letters, and 9 for every digit."""
    return re.sub(r"[0-9]", "9", number)


def learn_numbers(items: Iterable[OpenItem]) -> Numbers:
    """Index the numbers of all documents, open or settled, under every spelling."""
    full: defaultdict[str, set[str]] = defaultdict(set)
    digits_only: defaultdict[str, set[str]] = defaultdict(set)
    zeroless: defaultdict[str, set[str]] = defaultdict(set)
    running: defaultdict[str, set[str]] = defaultdict(set)
    squeezed_of: dict[str, str] = {}
    looks, stems, longest = set(), set(), 0
    for item in items:
        parts = parts_of(item.document_number)
        numeric = [part for part in parts if part.isdigit()]
        if not numeric:
            continue
        squeezed, digits = "".join(parts), "".join(numeric)
        squeezed_of[item.item_id] = squeezed
        full[squeezed].add(item.item_id)
        digits_only[digits].add(item.item_id)
        zeroless[without_zeros(parts)].add(item.item_id)
        if len(numeric) > 1:
            zeroless[without_zeros(numeric)].add(item.item_id)
        running[numeric[-1].lstrip("0")].add(item.item_id)
        looks.add(signature(squeezed))
        stems.add((len(digits), digits[:-_STEM]))
        longest = max(longest, len(numeric[-1]))
    return Numbers(
        squeezed=squeezed_of,
        full=_frozen(full),
        digits=_frozen(digits_only),
        without_zeros=_frozen(zeroless),
        running=_frozen(running),
        signatures=frozenset(look for look in looks if not look.isdigit()),
        letters=frozenset(parts_of(look)[0] for look in looks if not look[0].isdigit()),
        stems=frozenset(stems),
        running_length=longest,
        full_lengths=tuple(sorted({len(number) for number in full})),
    )


def _frozen(spellings: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {spelling: tuple(sorted(item_ids)) for spelling, item_ids in spellings.items()}
