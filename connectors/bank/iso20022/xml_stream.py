"""Reading XML from outside: in one pass, in constant memory, and without trusting it."""

from __future__ import annotations

import codecs
import io
import re
import sys
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple
from xml.parsers import expat

from lxml import etree
from lxml.etree import QName

from connectors.bank.format import unreadable

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from pathlib import Path

_CHUNK: Final = 64 * 1024

# Valid in one place. Each has to be written anew for each element that is read there, so many take for ever.
_MOST_NAMESPACES: Final = 100

_DECLARED_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class TooFarApart(Exception):
    """So many bytes came without any of the wanted elements that waiting on would fill the memory."""


def elements(
    path: Path, place: str, names: Sequence[str], *, most_bytes_between: int = sys.maxsize
) -> Iterator[etree._Element]:
    """Yield every element with one of the local names, whatever its namespace, when it is complete.

    Raise Unreadable for broken XML, a wrong charset, and any document type declaration; raise TooFarApart where no
    such element is complete within ``most_bytes_between``.
    """
    refuse_declarations(path, place)
    namespaces = 0
    try:
        with path.open("rb") as file:
            watched = _Watched(file, most_bytes_between)
            for event, element in etree.iterparse(
                watched,
                events=("end", "start-ns", "end-ns"),
                tag=[f"{{*}}{name}" for name in names],
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            ):
                if event == "end":
                    watched.read_since = 0
                    yield element
                    continue
                namespaces += 1 if event == "start-ns" else -1
                if namespaces > _MOST_NAMESPACES:
                    raise unreadable(
                        place,
                        f"the XML declares more than {_MOST_NAMESPACES} namespaces at once, which no bank does",
                        what_to_do="Do not open the file; ask the bank whether it really comes from there.",
                    )
    except etree.XMLSyntaxError as error:
        refuse_wrong_charset(path, place)
        raise unreadable(
            f"{place}:{error.lineno or 1}",
            "the XML is broken, or the file was cut off",
            found=error.msg or "",
            what_to_do="Fetch the statement again from the bank.",
        ) from error


class _Watched:
    """A file that counts what is read of it since an element came out at the other end."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.read_since = 0
        self._file = file
        self._most = most

    def read(self, size: int) -> bytes:
        if self.read_since > self._most:
            raise TooFarApart
        self.read_since += size
        return self._file.read(size)


def forget(element: etree._Element, *, keep: Container[str] | None = None) -> None:
    """Free an element that was read, and its finished siblings, which the parser has left behind by now.

    Siblings of other names stay, or only those named in ``keep``: what no bank writes may be endless.
    """
    element.clear()
    around, before = element.getparent(), element.getprevious()
    while around is not None and before is not None:
        if before.tag != element.tag and (keep is None or QName(before).localname in keep):
            return
        around.remove(before)
        before = element.getprevious()


class _RootReached(Exception):
    """The prolog is over and there was no declaration in it."""


def refuse_declarations(path: Path, place: str) -> None:
    """Raise Unreadable when a document type is declared: bank messages have none, entity bombs need one.

    The prolog alone is parsed, and the parser is stopped at the declaration's first words, before any entity.
    """
    parser = expat.ParserCreate()

    def declared(name: str, *_: object) -> None:
        raise unreadable(
            f"{place}:{parser.CurrentLineNumber}",
            f"the XML declares a document type (<!DOCTYPE {name}>), which no bank does",
            what_to_do="Do not open the file; ask the bank whether it really comes from there.",
        )

    def root(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = root
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
    except _RootReached:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: charsets that expat cannot have
        refuse_wrong_charset(path, place)
        raise unreadable(
            f"{place}:{parser.CurrentLineNumber}",
            "the XML is broken before its first element",
            found=str(error),
            what_to_do="Fetch the statement again from the bank.",
        ) from error


def refuse_wrong_charset(path: Path, place: str) -> None:
    """Raise Unreadable, with the position, where the bytes are not in the charset the file declares."""
    with path.open("rb") as file:
        encoding = _encoding_of(file.read(1024))
        file.seek(0)
        try:
            io.TextIOWrapper(io.BytesIO(), encoding)  # refuses codecs that are no charsets
            wrong = _first_wrong_byte(file, codecs.getincrementaldecoder(encoding)())
        except (LookupError, UnicodeError) as error:
            raise unreadable(
                place,
                f"the file declares a charset nobody knows: {encoding}",
                what_to_do="Fetch it again from the bank, as UTF-8.",
            ) from error
    if wrong is not None:
        raise unreadable(
            f"{place}:{wrong.line}",
            f"the file says it is {encoding}, but it is not",
            found=f"byte {wrong.position:,} (0x{wrong.byte:02X}) cannot be {encoding}",
            what_to_do="Fetch it again from the bank, and do not open and save it in between.",
        )


def _encoding_of(head: bytes) -> str:
    if declared := _DECLARED_ENCODING.search(head):
        return declared[1].decode("ascii")
    return "UTF-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "UTF-8"


class _WrongByte(NamedTuple):
    line: int
    position: int  # from 1
    byte: int


def _first_wrong_byte(file: BinaryIO, decoder: codecs.IncrementalDecoder) -> _WrongByte | None:
    """Decode chunk by chunk; a character may begin in one and end in the next."""
    line, position = 1, 1
    while True:
        chunk = file.read(_CHUNK)
        data = decoder.getstate()[0] + chunk
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            start = error.start
            return _WrongByte(line + data.count(b"\n", 0, start), position + start, data[start])
        if not chunk:
            return None
        read = len(data) - len(decoder.getstate()[0])
        line += data.count(b"\n", 0, read)
        position += read
