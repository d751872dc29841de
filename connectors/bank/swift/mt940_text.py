"""The text of an MT940 file: its charset, its line ends, and stretches of it that hold whole bookings."""

from __future__ import annotations

import codecs
import re
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# So much is worked on at once, about two hundred bookings: what is made of them stays in the cache of the processor.
_BLOCK: Final = 64 * 1024
_HEAD: Final = 64 * 1024

# Nothing between two bookings is longer: MultiCash allows 800 characters for :86:. What has no end is no statement.
_LONGEST_FIELD: Final = 1024 * 1024

# A file that begins with the mark of UTF-8 need not go on in it.
_BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FINTS_LINE_END: Final = re.compile(r"@@:(?:20|25P?|28C?|60[FM]|61):")
_EBCDIC_TAG: Final = ":20:".encode("cp500")


class Charset(NamedTuple):
    """How the bytes of a file become lines."""

    encoding: str
    errors: str  # what becomes of bytes that are no character of it
    fints: bool  # lines end with @@


class Stretch(NamedTuple):
    """A piece of the text that holds whole bookings, with the number of its first line in the file."""

    text: str
    line: int
    following: str  # the tag behind it, :61: or :20:; empty at the end of the file


def charset(path: Path, place: str) -> Charset:
    """Find out how a file is written: byte order mark, UTF-8, else Windows-1252; the line ends of FinTS.

    The whole file is looked at once, a block at a time. Raise Unreadable for what is no text at all.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        encoding, errors = _encoding_of_head(head, place), "replace"
        if not encoding:
            file.seek(0)
            encoding, errors = _encoding_of_all(lambda: file.read(_BLOCK))
    fints = _FINTS_LINE_END.search(head.decode(encoding, errors="replace")) is not None
    return Charset(encoding, errors, fints)


def _encoding_of_head(head: bytes, place: str) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b":20:" not in head and _EBCDIC_TAG in head:
        raise unreadable(
            place,
            "the file is written in EBCDIC, the charset of mainframes",
            what_to_do="Ask the bank for the statement in UTF-8.",
        )
    # UTF-16 without a mark: of Western text every second byte is zero.
    if head.count(b"\0") * 3 > len(head):
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return ""


def _encoding_of_all(read: Callable[[], bytes]) -> tuple[str, str]:
    """Decide between UTF-8 and Windows-1252.

    Where a few bytes in between, or rubbish at the end, are not UTF-8, the rest of the file still is.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    characters = lost = 0
    for block in iter(read, b""):
        # Plain ASCII outside a broken character needs no decoder, and is what banks mostly write.
        if decoder.getstate()[0] or not block.isascii():
            text = decoder.decode(block)
            lost += text.count("\ufffd")
            characters += len(text) - len(text.encode("ascii", "ignore"))
    lost += len(decoder.decode(b"", final=True))
    if not lost:
        return "utf-8", "replace"
    # What is lost was counted among the characters.
    return ("utf-8", _AS_WINDOWS_1252) if characters - lost > lost else ("cp1252", "replace")


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


_AS_WINDOWS_1252: Final = "kontorist.windows-1252"
codecs.register_error(_AS_WINDOWS_1252, _as_windows_1252)


def text_of(path: Path, how: Charset) -> Iterator[str]:
    """Give the text block by block, with plain line feeds; bytes that are no character are U+FFFD."""
    characters = codecs.getincrementaldecoder(how.encoding)(how.errors)
    decoder = IncrementalNewlineDecoder(characters, translate=True)
    held = ""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text, held = held + decoder.decode(block), ""
            if how.fints:
                if (len(text) - len(text.rstrip("@"))) % 2:  # the other half is in the next block
                    text, held = text[:-1], "@"
                text = text.replace("@@", "\n")
            yield _cleaned(text)
    yield _cleaned(held + decoder.decode(b"", final=True))


def _cleaned(text: str) -> str:
    # Files are put together from others, each with its mark.
    if "\ufeff" in text:
        text = text.replace("\ufeff", "")
    if "ï" in text and "ï»¿" in text:
        text = text.replace("ï»¿", "")
    # No database and no letter can hold a NUL; it is told like any other character that was lost.
    return text.replace("\0", "\ufffd") if "\0" in text else text


def stretches(texts: Iterator[str], place: str) -> Iterator[Stretch]:
    """Cut the text before bookings and messages, so that none is ever in two pieces."""
    held, line = "", 1
    for text in texts:
        held += text
        cut, tag = max((held.rfind("\n:61:"), "61"), (held.rfind("\n:20:"), "20"))
        if cut < 0:
            if len(held) > _LONGEST_FIELD:
                raise unreadable(
                    f"{place}:{line}",
                    f"for {len(held):,} characters there is neither a booking (:61:) nor a message (:20:)",
                    what_to_do="Check whether this is a statement at all.",
                )
            continue
        yield Stretch(held[: cut + 1], line, tag)
        line += held.count("\n", 0, cut + 1)
        held = held[cut + 1 :]
    yield Stretch(held, line, "")
