"""An XML element as a record of words: its shape is understood once, its texts are then picked by their places.

Statements repeat few shapes a million times. libxml2 writes an element back as plain text faster than Python could
walk it: without comments, processing instructions and CDATA, with ``<`` and ``>`` nowhere but around tags. So the
tags between them are the shape, and what stands behind each tag is its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from lxml import etree

from connectors.bank.iso20022.camt_vocabulary import ENTRY, HEADER, MESSAGE, PAYMENT, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# A bank writes some dozens of shapes. Whoever invents a new one for every booking, or very long ones, gets them
# understood anew each time: what is remembered never takes more than a few megabytes.
_MOST_REMEMBERED: Final = 512
_LONGEST_REMEMBERED: Final = 6_000  # characters

# A shape seen as often gets a pattern of its own, which costs a few milliseconds to build.
_OFTEN: Final = 64

P = TypeVar("P")

_VOCABULARIES: Final[Mapping[str, Mapping[str, Word]]] = {
    "Ntry": ENTRY,
    "TxDtls": PAYMENT,
    "GrpHdr": MESSAGE,
    "Stmt": HEADER,
}
_UNKNOWN: Final[Mapping[str, Word]] = {}
_CURRENCY: Final = re.compile(r'\s(?:[^\s=:]+:)?Ccy="([^"]*)"')
# All that libxml2 ever escapes; the ampersand last, because it may stand before a name that is no escape.
_ESCAPED: Final = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#13;", "\r"),
    ("&#10;", "\n"),
    ("&#9;", "\t"),
    ("&amp;", "&"),
)


class Shape:
    """What stands where in an element: the places of each word's texts, the currencies, and the groups inside."""

    __slots__ = ("currencies", "groups", "places")

    def __init__(self) -> None:
        self.places: dict[str, list[int]] = {}
        self.currencies: dict[str, list[str]] = {}  # of amounts: attributes belong to the tags, so to the shape
        self.groups: dict[str, list[Shape]] = {}

    def places_of(self, *words: str) -> tuple[int, ...]:
        """Give where the texts of these words stand, the first word first."""
        return tuple(place for word in words for place in self.places.get(word, ()))

    def all_places(self) -> list[int]:
        """Give every place of a text that has a word, in the groups as well."""
        own = (place for places in self.places.values() for place in places)
        inside = (place for groups in self.groups.values() for group in groups for place in group.all_places())
        return [*own, *inside]

    def renumbered(self, numbers: Mapping[int, int]) -> Shape:
        """Give the same shape for texts that stand elsewhere."""
        shape = Shape()
        shape.currencies = self.currencies
        shape.places = {word: [numbers[place] for place in places] for word, places in self.places.items()}
        shape.groups = {word: [group.renumbered(numbers) for group in groups] for word, groups in self.groups.items()}
        return shape


class Record(NamedTuple):
    """What one XML element said, by dotted words."""

    shape: Shape
    texts: Sequence[str]

    def text(self, *words: str) -> str:
        """Give the first text under the first of these words that was said at all; else the empty string."""
        return next(filter(None, (self.texts[place].strip() for place in self.shape.places_of(*words))), "")

    def amount(self, word: str) -> tuple[str, str]:
        """Give an amount as written, with its currency; both empty where there is none."""
        return self.text(word), next(iter(self.shape.currencies.get(f"{word}.currency", ())), "")

    def group(self, word: str) -> list[Record]:
        """Give the records of a group, in the order of the file."""
        return [Record(shape, self.texts) for shape in self.shape.groups.get(word, ())]


NOTHING: Final = Record(Shape(), ())


class Reader(Generic[P]):
    """Reads elements of one name; what a shape means to the caller is understood once for all elements that have it.

    Frequent shapes are recognised by a pattern of the whole element, which gives the texts alone, without the tags:
    half the work. Which pattern to try, the number of tags says. Either way gives the same.
    """

    def __init__(self, name: str, understand: Callable[[Shape], P]) -> None:
        self._name = name
        self._understand = understand
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._understood)
        self._frequent: dict[int, tuple[re.Pattern[str], P]] = {}

    def read(self, xml: str) -> tuple[P, Sequence[str]]:
        """Give what the shape of an element means, and the texts in it."""
        frequent = self._frequent.get(xml.count("<"))
        if frequent is not None and (found := frequent[0].fullmatch(xml)):
            texts = found.groups()
            if "&" in xml:
                return frequent[1], [unescaped(text) if "&" in text else text for text in texts]
            return frequent[1], texts
        return self._read_anew(xml)

    def _read_anew(self, xml: str) -> tuple[P, Sequence[str]]:
        tags, texts = tags_and_texts(xml)
        if len(tags) > _LONGEST_REMEMBERED:
            return self._understand(shape_of(self._name, tags)), texts
        understood = self._remembered(tags)
        understood.seen += 1
        if understood.seen == _OFTEN:
            self._frequent[xml.count("<")] = self._pattern(tags)
        return understood.meaning, texts

    def _understood(self, tags: str) -> _Understood[P]:
        return _Understood(self._understand(shape_of(self._name, tags)))

    def _pattern(self, tags: str) -> tuple[re.Pattern[str], P]:
        shape = shape_of(self._name, tags)
        # The first is never wanted, but a pattern without any text would have nothing to pick from.
        numbers = {place: number for number, place in enumerate(sorted({0, *shape.all_places()}))}
        pattern = "".join(
            f"<{re.escape(tag)}>" + ("([^<]*)" if place in numbers else "[^<]*")
            for place, tag in enumerate(tags.split("<"))
        )
        return re.compile(pattern), self._understand(shape.renumbered(numbers))


@dataclass(slots=True)
class _Understood(Generic[P]):
    meaning: P
    seen: int = 0


def plain_xml(element: etree._Element) -> str:
    """Write an element as libxml2 does: always in the same way."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def record_of(element: etree._Element, name: str) -> Record:
    """Read a whole element as ``name`` (Ntry, TxDtls, GrpHdr)."""
    tags, texts = tags_and_texts(plain_xml(element))
    return Record(shape_of(name, tags), texts)


def header_of(element: etree._Element) -> Record:
    """Read what a statement says besides its bookings."""
    children = "".join(plain_xml(child) for child in element if local_name(child) in HEADER)
    tags, texts = tags_and_texts(f"<Stmt>{children}</Stmt>")
    return Record(shape_of("Stmt", tags), texts)


def local_name(element: etree._Element) -> str:
    """Give the name of an element without its namespace."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :]


def tags_and_texts(xml: str) -> tuple[str, list[str]]:
    """Take apart what libxml2 wrote: all tags, joined by ``<``, and for each of them the text behind it."""
    parts = xml.replace(">", "<").split("<")
    texts = parts[2::2]
    if "&" in xml:
        texts = [unescaped(text) if "&" in text else text for text in texts]
    return "<".join(parts[1::2]), texts


def unescaped(text: str) -> str:
    """Give a text as it was meant."""
    for escaped, character in _ESCAPED:
        text = text.replace(escaped, character)
    return text


def shape_of(name: str, tags: str) -> Shape:
    """Understand the tags of an element by the vocabulary of ``name``; what it does not know is passed over."""
    shape = Shape()
    opened: list[tuple[Mapping[str, Word], Shape]] = []
    for place, tag in enumerate(tags.split("<")):
        if tag[0] == "/":
            opened.pop()
            continue
        inside, within = _understood(tag, place, opened[-1]) if opened else (_VOCABULARIES[name], shape)
        if tag[-1] != "/":
            opened.append((inside, within))
    assert not opened, tags
    return shape


def _understood(tag: str, place: int, around: tuple[Mapping[str, Word], Shape]) -> tuple[Mapping[str, Word], Shape]:
    """Note what an element says; give what its children may say, and where that is to be noted."""
    vocabulary, shape = around
    name = tag.split(maxsplit=1)[0].rstrip("/")
    known = vocabulary.get(name[name.rfind(":") + 1 :])
    if known is None:
        return _UNKNOWN, shape
    if known.is_group:
        group = Shape()
        shape.groups.setdefault(known.word, []).append(group)
        return known.inside, group
    if tag[-1] != "/" and known.has_text:
        shape.places.setdefault(known.word, []).append(place)
        if known.has_currency and (currency := _CURRENCY.search(tag)):
            shape.currencies.setdefault(f"{known.word}.currency", []).append(unescaped(currency[1]).strip())
    return known.inside, shape
