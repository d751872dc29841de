"""Phrases (Stichwörter) by which names and texts give a kind of money away, filed to be found with one look per word.

Tables are written by hand: phrases separated by semicolons, their meaning behind a bar, and an asterisk where a word
may go on ("tilgung*" also finds Tilgungsrate). Everything is compared folded: ä is ae, capitals do not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_WORD: Final = re.compile(r"[^\W_]+")
_STEM: Final = 4  # letters under which a phrase is filed whose first word may go on


class Phrase(NamedTuple):
    """Words in a row, what they mean, and whether the last one may go on."""

    words: tuple[str, ...]
    meaning: str
    open_end: bool


class Mention(NamedTuple):
    """A phrase found in a text, as it stands there."""

    text: str
    span: tuple[int, int]
    meaning: str


@dataclass(frozen=True, slots=True)
class Finder:
    """Phrases of several topics by their first word; ``stems`` by the first letters of one that may go on."""

    whole: Mapping[str, Sequence[tuple[str, Phrase]]]
    stems: Mapping[str, Sequence[tuple[str, Phrase]]]

    def find(self, text: str) -> dict[str, Mention]:
        """Give the first mention of each topic, the longest phrase where several begin at one word."""
        # Nearly every text mentions nothing, so it is split quickly first, and with its places only if needed.
        if not any(word in self.whole or word[:_STEM] in self.stems for word in words(text)):
            return {}
        found: dict[str, Mention] = {}
        for topic, mention in self._mentions(text):
            found.setdefault(topic, mention)
        return found

    def _mentions(self, text: str) -> Iterator[tuple[str, Mention]]:
        places = list(_WORD.finditer(text))
        folded = [fold(place[0]) for place in places]
        for at, word in enumerate(folded):
            filed = (*self.whole.get(word, ()), *self.stems.get(word[:_STEM], ()))
            fitting = [(topic, phrase) for topic, phrase in filed if _fits(phrase, folded, at)]
            for topic, phrase in sorted(fitting, key=lambda one: -len("".join(one[1].words))):
                span = (places[at].start(), places[at + len(phrase.words) - 1].end())
                yield topic, Mention(text[span[0] : span[1]], span, phrase.meaning)


def phrases(table: str) -> tuple[Phrase, ...]:
    """Read a table of phrases; a line without a bar has no particular meaning."""
    return tuple(_phrases(table))


def finder(topics: Mapping[str, Iterable[Phrase]]) -> Finder:
    """File the phrases of all topics."""
    whole: defaultdict[str, list[tuple[str, Phrase]]] = defaultdict(list)
    stems: defaultdict[str, list[tuple[str, Phrase]]] = defaultdict(list)
    for topic, known in topics.items():
        for phrase in known:
            goes_on = phrase.open_end and len(phrase.words) == 1
            filed = stems if goes_on else whole
            filed[phrase.words[0][:_STEM] if goes_on else phrase.words[0]].append((topic, phrase))
    return Finder(dict(whole), dict(stems))


def _phrases(table: str) -> Iterator[Phrase]:
    for line in filter(None, map(str.strip, table.splitlines())):
        written, _, meaning = line.partition("|")
        for phrase in filter(None, map(str.strip, written.split(";"))):
            parts, open_end = words(phrase), phrase.endswith("*")
            assert parts, line
            assert not open_end or len(parts) > 1 or len(parts[0]) >= _STEM, f"too short to go on: {phrase}"
            yield Phrase(parts, meaning.strip(), open_end)


def _fits(phrase: Phrase, folded: Sequence[str], at: int) -> bool:
    *first, last = phrase.words
    end = at + len(first)
    if end >= len(folded) or folded[at:end] != first:
        return False
    return folded[end].startswith(last) if phrase.open_end else folded[end] == last
