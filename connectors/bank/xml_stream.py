"""Reading XML from outside: in one pass, in constant memory, and without trusting it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from lxml import etree

from connectors.bank.format import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_CHUNK: Final = 64 * 1024
_DECLARED_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def elements(path: Path, place: str, names: Sequence[str]) -> Iterator[etree._Element]:
    """Yield every element with one of the local names, whatever its namespace, when it is complete.

    Raise Unreadable for broken XML, a wrong charset, and any document type declaration.
    """
    refuse_declarations(path, place)
    try:
        with path.open("rb") as file:
            for _, element in etree.iterparse(
                file,
                events=("end",),
                tag=[f"{{*}}{name}" for name in names],
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            ):
                yield element
    except etree.XMLSyntaxError as error:
        refuse_wrong_charset(path, place)
        raise unreadable(
            f"{place}:{error.lineno or 1}",
            "the XML is broken, or the file was cut off",
            found=error.msg or "",
            what_to_do="Fetch the statement again from the bank.",
        ) from error


def forget(element: etree._Element) -> None:
    """Free an element that was read, and its finished sibling, which the parser has left behind by now."""
    element.clear()
    before, parent = element.getprevious(), element.getparent()
    if parent is not None and before is not None and before.tag == element.tag:
        parent.remove(before)


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
    data = path.read_bytes()
    declared = _DECLARED_ENCODING.search(data[:1024])
    encoding = declared[1].decode("ascii") if declared else "UTF-8"
    if not declared and data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "UTF-16"
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise unreadable(
            f"{place}:{line}",
            f"the file says it is {encoding}, but it is not",
            found=f"byte {error.start + 1:,} (0x{data[error.start]:02X}) cannot be {encoding}",
            what_to_do="Fetch it again from the bank, and do not open and save it in between.",
        ) from error
    except (LookupError, UnicodeError) as error:
        raise unreadable(
            place,
            f"the file declares a charset nobody knows: {encoding}",
            what_to_do="Fetch it again from the bank, as UTF-8.",
        ) from error
