"""Runs of bookings in an MT940 text, taken apart many at once as far as their lines ``:61:``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from operator import add, contains
from typing import TYPE_CHECKING, Any, Final

from connectors.bank.swift.mt940_text import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

# Dates with mark and funds code; amount and its cents; type; customer's and bank's reference; then the field :86:.
# Where a line is written in any other way, only its tag is found.
_LINE: Final = re.compile(
    r"\n:61:(?:([0-9]{6}(?:[0-9]{4}|)(?:R|)[CD](?:[A-Z]|))([0-9]{1,12}),([0-9]?[0-9]?)(?!NONREF)([NSF][A-Z0-9]{3})"
    r"(?:NONREF(?=[/\n])|)([^/\n]*+)(?://|(?=\n))([^\n]*+)\n:86:|)"
)
_TAG: Final = "\n:61:"
_CLOSES: Final = "\n:62"
_NO_TEXT: Final = Stretch("", 0, "")


@dataclass(frozen=True, slots=True)
class Run:
    """Bookings that follow each other in one statement, and the text behind the last of them."""

    text: _Text
    begin: int  # which of the bookings of the text is the first
    end: int
    rest: Stretch

    def __len__(self) -> int:
        return self.end - self.begin

    def columns(self, begin: int) -> tuple[list[list[Any]], list[str], list[int]]:
        """Give from a position on what the lines say, all that stands behind each of them, and where each begins.

        Of a line that is not regular nothing is known (None), and all of it stands behind.
        """
        part = slice(self.begin + begin, self.end)
        return [column[part] for column in self.text.columns], self.text.behind[part], self.text.lines[part]

    @property
    def line(self) -> int:
        """Where the first booking begins."""
        return self.text.lines[self.begin]

    def alone(self, position: int) -> Stretch:
        """Give one booking as text with its tag."""
        at = self.begin + position
        booking, _, _ = self.text.bookings[at].partition(_CLOSES)
        return Stretch(f":61:{booking}", self.text.lines[at], "61")


def runs(stretch: Stretch) -> Iterator[Run]:
    """Cut a stretch into runs of bookings; behind each may stand text that has to be read field by field."""
    text = _Text(stretch)
    last = len(text.behind) - 1
    if text.head:
        yield Run(text, 0, 0, Stretch(text.head, stretch.line, stretch.following if last < 0 else "61"))
    if last < 0:
        return
    begin = 0
    # To look for one character is ten times as fast as for several.
    if any(map(contains, text.behind, repeat(":"))):
        for at in range(last):
            if _CLOSES in text.behind[at]:
                yield text.run(begin, at, "61")
                begin = at + 1
    if stretch.following != "61" or _CLOSES in text.behind[last]:
        yield text.run(begin, last, stretch.following)
    else:
        text.behind[last] = text.behind[last].rstrip("\n")
        yield Run(text, begin, last + 1, _NO_TEXT)


class _Text:
    """A stretch, cut at its lines :61:; what they say stands in columns."""

    def __init__(self, stretch: Stretch) -> None:
        self._text = f"\n{stretch.text}"
        found: list[Any] = _LINE.split(self._text)
        step = _LINE.groups + 1
        self.head: str = found[0][1:]
        self.columns: list[list[Any]] = [found[group::step] for group in range(1, step)]
        self.behind: list[str] = found[step::step]
        first = stretch.line + (self.head.count("\n") + 1 if self.head else 0)
        breaks = map(str.count, self.behind, repeat("\n"))
        if all(self.columns[0]):
            breaks = map(add, breaks, repeat(2))
        else:
            breaks = map(add, breaks, [2 if is_regular else 1 for is_regular in self.columns[0]])
        self.lines = list(accumulate(breaks, initial=first))

    @cached_property
    def bookings(self) -> list[str]:
        """What stands between the tags, as it is written."""
        return self._text.split(_TAG)[1:]

    def run(self, begin: int, at: int, following: str) -> Run:
        """Give a run up to the last booking of a statement, without the fields that stand behind it.

        Where it cannot be told where these begin, the last booking is read with them, field by field.
        """
        behind, line = self.behind[at], self.lines[at]
        cut = behind.find(_CLOSES)
        if cut < 0:
            return Run(self, begin, at, Stretch(f":61:{self.bookings[at]}", line, following))
        self.behind[at] = behind[:cut]
        line += behind.count("\n", 0, cut) + (2 if self.columns[0][at] else 1)
        return Run(self, begin, at + 1, Stretch(behind[cut + 1 :], line, following))
