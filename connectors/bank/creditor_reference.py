"""The creditor reference (RF-Referenz, ISO 11649) that a payer typed into free text, proven by its check digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stdnum import iso11649

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Either in one piece, or as it is printed: in groups of four, the last one shorter.
_IN_ONE_PIECE: Final = re.compile(r"(?<![A-Z0-9])RF\d{2}[A-Z0-9]{1,21}(?![A-Z0-9])")
_IN_GROUPS: Final = re.compile(r"(?<![A-Z0-9])RF\d{2}(?: [A-Z0-9]{4}){0,5}(?: [A-Z0-9]{1,4})(?![A-Z0-9])")


def creditor_references(*texts: str) -> tuple[str, ...]:
    """Find every valid RF reference in the texts, upper case and without blanks, in the order of reading."""
    return tuple(dict.fromkeys(_valid_ones(text.upper() for text in texts if "rf" in text.lower())))


def _valid_ones(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for found in _IN_ONE_PIECE.finditer(text):
            if iso11649.is_valid(found[0]):
                yield found[0]
        for found in _IN_GROUPS.finditer(text):
            yield from _longest_valid(found[0].split())


def _longest_valid(groups: list[str]) -> Iterator[str]:
    # The words after a reference look like more of its groups, so the longest valid beginning counts.
    for end in range(len(groups), 1, -1):
        candidate = "".join(groups[:end])
        if iso11649.is_valid(candidate):
            yield candidate
            return
