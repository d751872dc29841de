"""The company's own document numbers (Belegnummern): one look-up by digits, and the grammar they follow."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from ledger.text import fold, squeeze
from reconciliation.number_grammar import Layout, Shape, digit_runs, learn_layouts, look, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ledger.open_item import OpenItem
    from reconciliation.number_runs import Gap

    Filed = OpenItem | tuple[OpenItem, ...]  # one document is filed without a tuple: a million tuples cost memory

Key = TypeVar("Key")

_DIGITS: Final = re.compile(r"[0-9]+")
_LETTERS: Final = re.compile(r"[a-z]+")
_INNER: Final = re.compile(r"9[^9]*[a-z][^9]*(?=9)")
_REGULAR: Final = 0.02  # letters between digits that fewer numbers share are part of a code, and no word
_MOST_LAYOUTS: Final = 16  # a book with more kinds of numbers is a mixture; its rare kinds are found in full only
_MOST_BEGINNINGS: Final = 96
_MOST_LEADS: Final = 12  # digits that may have been left out in front of a running number
_MOST_DIGITS: Final = 40  # nobody numbers documents with more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """Document numbers filed by their digits, read as one whole number; letters are compared afterwards.

    RE-2026-00471, GS-2026-00471 and 2026/00471 are all filed under 202600471. What a payer may leave out or change is
    computed from the layouts, so that one more spelling costs no memory.
    """

    by_digits: Mapping[int, Filed]
    codes: Mapping[str, Filed]  # squeezed numbers that mix letters and digits like 4F7K2
    layouts: tuple[Layout, ...]  # the most used first
    shapes: Mapping[str, Shape]  # by look
    beginnings: tuple[tuple[int, int, int, int], ...]  # head, scale, lowest and highest running number
    prefixes: frozenset[str]  # letters before the first digit
    suffixes: frozenset[str]  # letters behind the last one
    inner: frozenset[str]  # letters between digits: the re of 2026-RE-00471
    years: frozenset[str]  # every year in our numbers, in four digits and in two
    lengths: frozenset[int]  # digits of a number, in every layout
    longest: int
    longest_running: int  # digits of a running part
    gaps: dict[str, Gap] = field(default_factory=dict, repr=False)  # what stood between numbers, as it was understood

    def with_digits(self, digits: str) -> tuple[OpenItem, ...]:
        """Give the documents whose digits are these, leading zeros aside."""
        return _listed(self.by_digits.get(int(digits)))

    def with_code(self, code: str) -> tuple[OpenItem, ...]:
        """Give the documents with exactly these letters and digits, where numbers mix both."""
        return _listed(self.codes.get(code))

    def with_running(self, running: str) -> tuple[OpenItem, ...]:
        """Give the documents of every year and series whose running part is this."""
        value = int(running)
        found: dict[str, OpenItem] = {}
        for head, scale, lowest, highest in self.beginnings:
            if lowest <= value <= highest and (filed := self.by_digits.get(head + value * scale)):
                found.update((item.item_id, item) for item in _listed(filed))
        return tuple(found.values())

    def with_ending(self, ending: str) -> tuple[OpenItem, ...]:
        """Give the documents numbered without zeros in front whose running part ends so: 104440 for 4440."""
        step = 10 ** len(ending)
        found: list[OpenItem] = []
        for head, scale, lowest, highest in self.beginnings:
            leads = range(lowest // step, highest // step + 1)
            for lead in leads if lowest >= step and len(leads) <= _MOST_LEADS else ():
                found.extend(_listed(self.by_digits.get(head + (lead * step + int(ending)) * scale)))
        return tuple(found)

    def shape(self, item: OpenItem) -> Shape:
        """Give what the number of a document has in common with all of its look."""
        return self.shapes[_look_of(item.document_number)[1]]

    def read(self, item: OpenItem) -> tuple[Shape, str]:
        """Give the shape and all digits of the number of a document."""
        number, looks_like = _look_of(item.document_number)
        shape = self.shapes[looks_like]
        return shape, shape.digits(number)

    def layout(self, item: OpenItem) -> Layout | None:
        """Give the layout of the number of a document; None for the rare looks of a mixed book."""
        shape, digits = self.read(item)
        return shape.layout(digits)

    def digits(self, item: OpenItem) -> str:
        """Give all digits of the number of a document."""
        return self.read(item)[1]


@dataclass(slots=True)
class _Filing(Generic[Key]):
    """Files documents under a key; only where several share one, they are a tuple."""

    filed: dict[Key, Filed] = field(default_factory=dict)
    shared: dict[Key, list[OpenItem]] = field(default_factory=dict)

    def add(self, keys: Iterable[Key], items: Iterable[OpenItem]) -> None:
        filed = self.filed
        for key, item in zip(keys, items, strict=True):
            first = filed.setdefault(key, item)
            if first is not item:
                self.shared.setdefault(key, []).append(item)

    def finished(self) -> dict[Key, Filed]:
        for shared, others in self.shared.items():
            self.filed[shared] = tuple(sorted((*_listed(self.filed[shared]), *others), key=lambda item: item.item_id))
        return self.filed


def digits_of(number: str) -> str:
    """Drop everything that is no digit."""
    if number.isascii() and number.isdigit():
        return number
    return "".join(_DIGITS.findall(number))


def learn_numbers(items: Iterable[OpenItem]) -> Numbers:
    """File the numbers of all documents, open or settled, and learn their grammar."""
    looks: defaultdict[str, list[OpenItem]] = defaultdict(list)
    for item in items:
        looks[look(fold(item.document_number))].append(item)
    groups = sorted((pair for pair in looks.items() if 0 < pair[0].count("9") <= _MOST_DIGITS), key=_most_used)
    mixed = _looks_of_codes(groups)
    by_digits: _Filing[int] = _Filing()
    codes: _Filing[str] = _Filing()
    layouts: dict[str, tuple[Layout, ...]] = {}
    for looks_like, group in groups:
        numbers = [fold(item.document_number) for item in group]
        if looks_like in mixed:
            codes.add(map(squeeze, numbers), group)
            continue
        by_digits.add(_keys(looks_like, numbers), group)
        if len(layouts) < _MOST_LAYOUTS:
            layouts[looks_like] = learn_layouts(looks_like, numbers, [item.document_date for item in group])
    return _numbers(by_digits, codes, layouts, [at for at, _ in groups if at not in mixed])


@lru_cache(maxsize=1 << 10)  # asked several times while one number is read
def _look_of(number: str) -> tuple[str, str]:
    """Give a number folded, and its look."""
    folded = fold(number)
    return folded, look(folded)


def _listed(filed: Filed | None) -> tuple[OpenItem, ...]:
    return () if filed is None else filed if isinstance(filed, tuple) else (filed,)


def _most_used(group: tuple[str, list[OpenItem]]) -> tuple[int, str]:
    looks_like, items = group
    return (-len(items), looks_like)


def _looks_of_codes(groups: Sequence[tuple[str, list[OpenItem]]]) -> frozenset[str]:
    """Find the looks whose letters stand between digits by chance: 4F7K2 is a code, 2026-RE-00471 is not."""
    shares: Counter[tuple[str, ...]] = Counter()
    for looks_like, group in groups:
        if _INNER.search(looks_like):
            shares[tuple(_LETTERS.findall(looks_like))] += len(group)
    enough = _REGULAR * shares.total()
    return frozenset(
        looks_like
        for looks_like, _ in groups
        if _INNER.search(looks_like) and shares[tuple(_LETTERS.findall(looks_like))] < enough
    )


def _keys(looks_like: str, numbers: Sequence[str]) -> Iterator[int]:
    """Give the digits of each number as one whole number."""
    runs = [slice(*span) for span in digit_runs(looks_like)]
    digits = itemgetter(*runs)
    return map(int, map(digits, numbers)) if len(runs) == 1 else map(int, map("".join, map(digits, numbers)))


def _numbers(
    by_digits: _Filing[int], codes: _Filing[str], layouts: dict[str, tuple[Layout, ...]], looks: Sequence[str]
) -> Numbers:
    merged: dict[tuple[object, ...], Layout] = {}
    for layout in (layout for several in layouts.values() for layout in several):
        known = merged.get(layout.fields)
        merged[layout.fields] = known.together_with(layout) if known else layout
    learned = tuple(merged.values())
    shapes = {at: shape_of(at, tuple(merged[layout.fields] for layout in layouts.get(at, ()))) for at in looks}
    beginnings = {
        (head, layout.scale, *bounds)
        for layout in learned
        for head, several in layout.heads.items()
        for bounds in several
    }
    return Numbers(
        by_digits=by_digits.finished(),
        codes=codes.finished(),
        layouts=learned,
        shapes=shapes,
        beginnings=tuple(sorted(beginnings, reverse=True)[:_MOST_BEGINNINGS]),  # the latest years first
        prefixes=frozenset(shape.prefix for shape in shapes.values()) - {""},
        suffixes=frozenset(shape.suffix for shape in shapes.values()) - {""},
        inner=frozenset(letters for at in looks for letters in _inner_letters(at)),
        years=frozenset(year for layout in learned for year in layout.years),
        lengths=frozenset(layout.length for layout in learned),
        longest=max((at.count("9") for at in looks), default=0),
        longest_running=max((layout.running[1] - layout.running[0] for layout in learned), default=0),
    )


def _inner_letters(looks_like: str) -> Iterator[str]:
    return ("".join(_LETTERS.findall(between)) for between in _INNER.findall(looks_like))
