"""The text of an MT940 file: its charset, its line ends, and stretches of it that hold whole bookings."""

from __future__ import annotations

import codecs
import re
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# So much is in memory at once; about nine hundred bookings.
_BLOCK: Final = 256 * 1024
_HEAD: Final = 64 * 1024

# Nothing between two bookings is longer: MultiCash allows 800 characters for :86:. What has no end is no statement.
_LONGEST_FIELD: Final = 1024 * 1024

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FINTS_LINE_END: Final = re.compile(r"@@:(?:20|25P?|28C?|60[FM]|61):")
_EBCDIC_TAG: Final = ":20:".encode("cp500")


class Charset(NamedTuple):
    """How the bytes of a file become lines."""

    encoding: str
    fints: bool  # lines end with @@


class Stretch(NamedTuple):
    """A piece of the text that holds whole bookings, with the number of its first line in the file."""

    text: str
    line: int
    following: str  # the tag behind it, :61: or :20:; empty at the end of the file


def looks_like_ebcdic(head: bytes) -> bool:
    """Whether a tag stands here as mainframes write it."""
    return _EBCDIC_TAG in head


def charset(path: Path, place: str) -> Charset:
    """Find out how a file is written: byte order mark, strict UTF-8, else Windows-1252; any line end.

    The whole file is looked at once, a block at a time. Raise Unreadable for what is no text at all.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        encoding = _encoding_of_head(head, place)
        if not encoding:
            file.seek(0)
            encoding = "utf-8" if _is_utf8(iter(lambda: file.read(_BLOCK), b"")) else "cp1252"
    return Charset(encoding, _FINTS_LINE_END.search(head.decode(encoding, errors="replace")) is not None)


def _encoding_of_head(head: bytes, place: str) -> str:
    for mark, encoding in _BOMS:
        # A file that begins in UTF-8 need not go on in it.
        if head.startswith(mark) and encoding != "utf-8":
            return encoding
    if b":20:" not in head and looks_like_ebcdic(head):
        raise unreadable(
            place,
            "the file is written in EBCDIC, the charset of mainframes",
            what_to_do="Ask the bank for the statement in UTF-8.",
        )
    # UTF-16 without a mark: of Western text every second byte is zero.
    if head.count(b"\0") * 3 > len(head):
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return ""


def _is_utf8(blocks: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks:
            # Plain ASCII outside a broken character needs no decoder, and is what banks mostly write.
            if decoder.getstate()[0] or not block.isascii():
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def text_of(path: Path, how: Charset) -> Iterator[str]:
    """Give the text block by block, with plain line feeds; bytes that are no character are U+FFFD."""
    characters = codecs.getincrementaldecoder(how.encoding)(errors="replace")
    decoder = IncrementalNewlineDecoder(characters, translate=True)
    held = ""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text, held = held + decoder.decode(block), ""
            if how.fints:
                if text.endswith("@"):
                    text, held = text[:-1], "@"
                text = text.replace("@@", "\n")
            yield _cleaned(text)
    yield _cleaned(held + decoder.decode(b"", final=True))


def _cleaned(text: str) -> str:
    # Files are put together from others, each with its mark.
    if "\ufeff" in text:
        text = text.replace("\ufeff", "")
    if "ï»¿" in text:
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
