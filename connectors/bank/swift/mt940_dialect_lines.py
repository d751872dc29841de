"""The lines of a field ``:86:`` as one text: glued for searching, and with blanks where the eye needs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

# SWIFT gives a line 65 characters; some writers take 66. A longer line was never cut, so its end is an end.
FULL: Final[Container[int]] = frozenset({65, 66})
# Some banks count the tag ``:86:`` as part of the first line.
FULL_WITH_TAG: Final[Container[int]] = frozenset({61, 65, 66})


class Lines(NamedTuple):
    """A text without its line breaks, and the positions in it at which a line ended with a word."""

    glued: str
    ends: tuple[int, ...]

    def readable(self, start: int = 0, end: int | None = None) -> str:
        """Give a part of the text for the eye: a blank where a short line ended, none where a word was cut."""
        stop = len(self.glued) if end is None else end
        pieces, position = [], start
        for place in self.ends:
            if start < place < stop:
                pieces.append(self.glued[position:place])
                position = place
        pieces.append(self.glued[position:stop])
        return one_line(" ".join(pieces))


def glue(text: str, full: Container[int] = FULL, first_full: Container[int] = FULL) -> Lines:
    """Join the lines; those whose length is in ``full`` (the first one: ``first_full``) were cut anywhere."""
    if "\n" not in text:
        return Lines(text.rstrip(), ())
    parts = [line.rstrip() for line in text.split("\n")]
    ends, position = [], 0
    for number, part in enumerate(parts[:-1]):
        position += len(part)
        if len(part) not in (full if number else first_full):
            ends.append(position)
    return Lines("".join(parts), tuple(ends))


# /OCMT/EUR12,50/CHGS/EUR0,10/, /TRCD/00100/: codes for the caller, or without meaning for us.
_TECHNICAL: Final = re.compile(r"(?:/{1,2}[A-Z]{4}/[^/]*)+/?")


def words_of(supplement: str) -> str:
    """Give the second line of ``:61:`` as text, nothing where it holds codes only."""
    extra = one_line(supplement)
    return "" if _TECHNICAL.fullmatch(extra) else extra


def one_line(text: str) -> str:
    """Give a text with single blanks and none around it."""
    return " ".join(text.split())


def without_blanks(text: str) -> str:
    """Give an account or a BIC as it is compared: no blanks, upper case."""
    return "".join(text.split()).upper()
