"""What a file is: a statement in one of our formats, or something else, told in words a person can act on."""

from __future__ import annotations

import re
import string
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.bank import FORMATS
from connectors.bank.format import Format, plain_ascii, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ledger.errors import Unreadable

# So much of a file is looked at to learn what it is; wrappers and comments fit in easily.
HEAD_BYTES: Final = 64 * 1024

# So much where that was not enough: behind long envelopes and covering texts.
_LONG_HEAD_BYTES: Final = 4 * 1024 * 1024

_WINDOW: Final = 128 * 1024  # small enough for the cache of the processor
_OVERLAP: Final = 2 * 1024  # of two windows: enough to recognise any message by its beginning

_FETCH: Final = "Fetch the statement from the bank as CAMT.053 or MT940."
_UNPACK: Final = "Unpack it and put the files inside into the inbox."
_SAVE: Final = "Save the statement that is attached to it, and put that into the inbox."
_PICTURE: Final = f"{_FETCH} A picture is for people."
_REMOVE: Final = f"Do not open it. {_FETCH}"
_SIGN_IN: Final = "The sign-in at the bank has probably expired: sign in and fetch the statement again."

# What people also put into the folder, by its first bytes.
_STRANGERS: Final = (
    (b"%PDF", "a PDF", f"{_FETCH} A PDF is for people."),
    (b"PK\x03\x04", "an Office document (Excel, Word or OpenDocument)", _FETCH),  # the other ZIPs are containers
    (b"PK\x07\x08", "one part of a ZIP archive in several parts", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"MSCF", "a cabinet archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"\x1f\x9d", "an archive made by `compress`", _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or a mail saved by Outlook", _SAVE),
    (b"\x78\x9f\x3e\x22", "a `winmail.dat` from Outlook", "Have the mail sent again as plain text."),
    (b"{\\rtf", "a text document (RTF)", _FETCH),
    (b"\x89PNG", "a picture (PNG)", _PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)", _PICTURE),
    (b"GIF8", "a picture (GIF)", _PICTURE),
    (b"II*\0", "a picture (TIFF)", _PICTURE),
    (b"MM\0*", "a picture (TIFF)", _PICTURE),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows", "Put the file it points to into the inbox."),
    (b"[InternetShortcut]", "a shortcut to a web page", _FETCH),
    (b"MZ", "a program of Windows", _REMOVE),
    (b"\x7fELF", "a program", _REMOVE),
    (b"SQLite format 3\0", "a database", _FETCH),
    (b"-----BEGIN PGP", "encrypted (PGP)", "Decrypt it and put the statement into the inbox."),
    (b"-----BEGIN PKCS7", "encrypted (PKCS #7)", "Decrypt it and put the statement into the inbox."),
)  # fmt: skip

# And what is text, by what stands near its beginning. A web page is told before our own formats are asked.
_WEB_PAGE: Final = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>)?+(?>\s*<!--.*?-->)*+\s*+<(?:!doctype\s+)?html\b", re.IGNORECASE | re.DOTALL
)
_TEXTS: Final = (
    (re.compile(rb"OFXHEADER:|<\?OFX|<OFX>"), "an OFX file (Quicken, Money)", _FETCH),
    (re.compile(rb"\A\s*!(?:type|account|option)", re.IGNORECASE), "a QIF file (Quicken)", _FETCH),
    (re.compile(rb"\A\s*[{\[]\s*[\"{\[\]}]"), "a JSON file", _FETCH),
    (
        re.compile(rb"^(?:Received|Return-Path|MIME-Version|Message-ID): ", re.IGNORECASE | re.MULTILINE),
        "a mail",
        _SAVE,
    ),
)
_ISO_MESSAGE: Final = re.compile(rb"\b((?:pain|pacs|camt|acmt|auth|admi|head)\.\d{3})\.\d{3}\.\d{2}\b")
_ISO_NAMES: Final = MappingProxyType(
    {
        "pain.001": "payment orders",
        "pain.008": "direct debits to be collected",
    }
)

# How the two formats begin that may stand in the middle of a file of another one.
_CAMT_NAME: Final = "BkToCstmr"
_CAMT_NAMES: Final = tuple(_CAMT_NAME.encode(charset) for charset in ("ascii", "utf-16-le", "utf-16-be"))
_SWIFT_BEGINS: Final = re.compile(rb":20:")  # at the beginning of a line
_SECOND_DOCUMENT: Final = re.compile(rb">\s*(?=<\?xml\s)")

# Everything that text consists of in EBCDIC, in the code pages of mainframes in Germany and elsewhere.
_EBCDIC: Final = b"".join(
    f"{string.printable}\x85äöüÄÖÜß€".encode(charset, errors="ignore") for charset in ("cp273", "cp500", "cp1140")
)


def format_of(path: Path, head: bytes, place: str, formats: Sequence[Format] = FORMATS) -> Format:
    """Give the first format that knows a file by its first bytes; raise Unreadable, naming what it is, if none does.

    Raise Unreadable as well where two formats stand in one file, because one of them would be lost.
    """
    text = plain_ascii(head)
    for magic, is_a, what_to_do in _STRANGERS:
        if head.startswith(magic):
            raise _stranger(place, is_a, what_to_do)
    if _WEB_PAGE.match(text):
        raise _stranger(place, "a web page", _SIGN_IN)
    chosen = _asked(head, formats)
    if chosen is None:
        longer = _long_head(path)
        chosen = _asked(longer, formats)
        if chosen is None:
            raise _unknown(head, text, place, formats)
        head = longer
    # XML that goes on after its end is refused by its reader; text would go on unread.
    if not is_xml(head) or next(_swift_in(head), None) is not None:
        refuse_mixture(path, head, place, chosen, formats)
    return chosen


def is_xml(head: bytes) -> bool:
    """Whether a file that begins with these bytes is XML, or something very much like it."""
    return plain_ascii(head).lstrip().startswith(b"<")


def refuse_mixture(path: Path, head: bytes, place: str, chosen: Format, formats: Sequence[Format]) -> None:
    """Raise Unreadable, with the line, where a file of the chosen format goes on in another one, or begins in one."""
    for position, beginning in _beginnings(path, head):
        other = _asked(beginning, formats)
        if other is not None and other is not chosen:
            raise _glued(path, position, f"{chosen.name} and {other.name}", place)


def refuse_second_document(path: Path, place: str) -> None:
    """Raise Unreadable, with the line, where an XML document follows the end of another one."""
    for offset, window in _windows(path):
        if found := _SECOND_DOCUMENT.search(window):
            raise _glued(path, offset + found.end(), "two XML documents", place)


def _glued(path: Path, position: int, what: str, place: str) -> Unreadable:
    return unreadable(
        f"{place}:{_line_at(path, position)}",
        f"{what} stand in one file, the second from about here on",
        what_to_do="Fetch the statements again, each in a file of its own.",
    )


def _asked(head: bytes, formats: Sequence[Format]) -> Format | None:
    return next((candidate for candidate in formats if candidate.looks_like(head)), None)


def _long_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LONG_HEAD_BYTES)


def _stranger(place: str, is_a: str, what_to_do: str) -> Unreadable:
    return unreadable(place, f"this is {is_a}, not a statement", what_to_do=what_to_do)


def _unknown(head: bytes, text: bytes, place: str, formats: Sequence[Format]) -> Unreadable:
    if not text:
        return unreadable(
            place,
            "the file begins with nothing but zeros: whatever wrote it broke off",
            what_to_do="Fetch the statement again from the bank.",
        )
    if _is_ebcdic(head):
        return unreadable(
            place,
            "this is an EBCDIC file, text as only mainframes write it",
            found=f"it begins with {head[:60].decode('cp273')!r}",
            what_to_do="Ask the bank, or whoever transfers the file, for ASCII or UTF-8.",
        )
    if _CAMT_NAME.encode() in text:
        return unreadable(
            place,
            "other text stands before the XML",
            found=_beginning(text),
            what_to_do="Fetch the statement again from the bank, and save it as it comes.",
        )
    for pattern, is_a, what_to_do in _TEXTS:
        if pattern.search(text):
            return _stranger(place, is_a, what_to_do)
    if is_xml(head) and (message := _ISO_MESSAGE.search(text)):
        name = message[1].decode()
        return _stranger(place, f"{name}, {_ISO_NAMES.get(name, 'another message of a bank')}", _FETCH)
    return unreadable(
        place,
        "this is no bank statement we know",
        found=_beginning(head),
        what_to_do=f"Fetch it from the bank in one of these formats: {', '.join(f.name for f in formats)}.",
    )


def _beginning(head: bytes) -> str:
    return f"it begins with {head[:60].decode('utf-8', errors='replace')!r}"


def _is_ebcdic(head: bytes) -> bool:
    # Letters and digits, which no text is without, lie above 0x80; blanks and line ends of ASCII mean nothing there.
    letters = sum(byte > 0x80 for byte in head)
    return letters > len(head) // 3 and not head.translate(None, _EBCDIC)


def _beginnings(path: Path, head: bytes) -> Iterator[tuple[int, bytes]]:
    """Give every place where a second format may begin, with bytes to recognise it (or the first one) by."""
    if (first := next(_swift_in(head), None)) is not None:
        yield first, head[:first]
    last_tag = None
    for offset, window in _windows(path):
        for begin in chain(_xml_in(window), _swift_in(window)):
            yield offset + begin, window[begin : begin + _OVERLAP]
        tag = window.rfind(b"\n:")  # of two bytes both are searched for slowly, but this one is near the end
        tag = max(tag, window.rfind(b"\r:", max(0, tag)))
        last_tag = offset + tag + 1 if tag >= 0 else last_tag
    if last_tag is not None:
        yield _behind(path, last_tag)


def _xml_in(window: bytes) -> Iterator[int]:
    if b"<" not in window:  # to look for one byte costs nothing
        return
    for name in _CAMT_NAMES if b"\0" in window else _CAMT_NAMES[:1]:
        if (found := window.find(name)) >= 0:
            yield max(0, window.rfind(b"<", 0, found))


def _swift_in(window: bytes) -> Iterator[int]:
    found = _SWIFT_BEGINS.search(window)  # twice as fast as ``find``, and ten times as fast with a line's beginning
    while found is not None:
        begin = found.start()
        is_tag = begin == 0 or window[begin - 1] in b"\r\n@"
        if is_tag:
            yield begin
        # What begins soon behind another tag is in what is looked at there. A file may consist of nothing else.
        found = _SWIFT_BEGINS.search(window, begin + (_OVERLAP // 2 if is_tag else 1))


def _behind(path: Path, last_tag: int) -> tuple[int, bytes]:
    with path.open("rb") as file:
        file.seek(last_tag)
        line, separator, rest = file.read(HEAD_BYTES).replace(b"\r", b"\n").partition(b"\n")
    return last_tag + len(line + separator), rest


def _windows(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give a file in large pieces, each with the end of the one before, and where it begins."""
    position, end_before = 0, b""
    with path.open("rb") as file:
        while block := file.read(_WINDOW):
            yield position - len(end_before), end_before + block
            position += len(block)
            end_before = block[-_OVERLAP:]


def _line_at(path: Path, position: int) -> int:
    line = 1
    with path.open("rb") as file:
        while position > 0 and (block := file.read(min(_WINDOW, position))):
            line += block.count(b"\n")
            position -= len(block)
    return line
