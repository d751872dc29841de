"""What a bank format is to this room: how it is recognised, what reading it gives, and how it says no."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Refused, Unavailable, Unreadable
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.statement import Statement

SET_ASIDE: Final = "The file was set aside untouched and nothing of it was booked."


# As many entries are in memory at once, however long the statement is.
PIECE_ENTRIES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of entries of one statement, in the order of the file; most statements are one piece.

    Whoever takes pieces in must take them all or none: only the last one proves the balances.
    """

    number: int  # which statement of the file, from 0
    statement: Statement  # the header as far as it is known; whole, and checked over all pieces, in the last one
    is_last: bool  # of its statement
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one file said, at once in memory. A file is read completely or not at all."""

    format: str  # camt.053.001.08, MT940, MT942
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of bank statements: recognised by its first bytes, read from a path piece by piece.

    ``pieces`` takes the path and the place to name in messages; while it is iterated it raises
    ``ledger.errors.Unreadable``. It needs the same memory for a thousand entries and for a million.
    """

    name: str
    looks_like: Callable[[bytes], bool]
    pieces: Callable[[Path, str], Iterator[Piece]]


# Nobody reads more of a line.
_LONGEST_SHOWN: Final = 500


def unreadable(place: str, what: str, *, found: str = "", what_to_do: str) -> Unreadable:
    """Build the error for a file that must be set aside: where, what was found, what to do."""
    lines = [f"{_shown(place)}: {_shown(what)}"]
    if found:
        lines.append(f"    {_shown(found)}")
    lines.append(f"    {SET_ASIDE} {what_to_do}")
    return Unreadable("\n".join(lines))


def _shown(text: str) -> str:
    """Give what stands in somebody's file as it may be shown: in one line, printable, and not endless."""
    if len(text) > _LONGEST_SHOWN:
        text = f"{text[:_LONGEST_SHOWN]} …"
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the operating system says while a file is read into Refused (no right to it) or Unavailable."""
    try:
        yield
    except PermissionError as error:
        raise Refused(f"{path}: we may not read this file\n    Give the service the right to read it.") from error
    except OSError as error:
        raise Unavailable(
            f"{path}: the file cannot be read now ({error.strerror})\n    It is tried again later."
        ) from error


def plain_ascii(head: bytes) -> bytes:
    """Give the first bytes of a file without byte order mark and without the zero bytes of UTF-16, for searching."""
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")


def impossible_value_date(written: str, place: str) -> Finding:
    """Tell that a value date was left out because there is no such day."""
    return Finding(
        code="value_date_impossible",
        severity=Severity.NOTE,
        place=place,
        what=f"the value date {written} is no day of the calendar and was left out",
        what_to_do="Nothing: matching uses the booking date. Tell the bank if it happens often.",
    )
