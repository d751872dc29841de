"""The fields of an MT940 text: tags at line starts, values up to the next one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.bank.swift.mt940_text import Stretch

_TAG: Final = re.compile(r"^:(\d{2}[A-Z]?|NS):", re.MULTILINE)
# The end of a message: a lone dash, or the braces of the SWIFT blocks around it.
_END: Final = re.compile(r"\n(?:-[ \t]*(?=\n|\Z)|-?\}|\{[1-5]:)")

KNOWN: Final = frozenset("13 13D 20 21 25 25P 28 28C 34F 60F 60M 61 62F 62M 64 65 65F 86 90C 90D NS".split())
# Minutes and seconds of a time that was cut at a line's end: "T13" and ":12:11", or ":20:11", which has a known tag.
_REST_OF_TIME: Final = re.compile(r":[0-5]\d:[0-5]\d(?!\d)")
_CLOSINGS: Final = frozenset({"62F", "62M"})


class Field(NamedTuple):
    """A tag, what stands behind it, and its line in the file."""

    tag: str
    value: str
    line: int


def fields(stretch: Stretch) -> Iterator[Field]:
    """Take a text apart; what belongs to no tag, and what stands behind the end of a message, is left out."""
    text, line, counted = stretch.text, stretch.line, 0
    found = _next_tag(text, 0, in_booking=False)
    in_booking = False
    while found is not None:
        tag = found[1]
        in_booking = tag == "61" or (in_booking and tag not in _CLOSINGS)
        following = _next_tag(text, found.end(), in_booking=in_booking)
        line += text.count("\n", counted, found.start())
        counted = found.start()
        value = text[found.end() : following.start() if following else len(text)]
        if (following[1] if following else stretch.following) in {"20", ""}:
            value = _END.split(value, maxsplit=1)[0]
        yield Field(tag, value.rstrip("\n"), line)
        found = following


def _next_tag(text: str, position: int, *, in_booking: bool) -> re.Match[str] | None:
    found = _TAG.search(text, position)
    while found is not None and _is_rest_of_time(found, in_booking=in_booking):
        found = _TAG.search(text, found.end())
    return found


def _is_rest_of_time(found: re.Match[str], *, in_booking: bool) -> bool:
    # Outside of a booking no text goes on, so there a number that looks like seconds is one of a statement.
    known = found[1] in KNOWN and not (in_booking and found[1] not in {"61", "86"})
    return not known and _REST_OF_TIME.match(found.string, found.start()) is not None
