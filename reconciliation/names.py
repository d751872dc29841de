"""Every debtor's name, filed by its words (Namensverzeichnis), to find whom a payer or a text names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise, product
from typing import TYPE_CHECKING, Final, TypeVar

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extract_iter

from reconciliation.written_names import (
    NameReading,
    beginnings,
    begins_form,
    is_firm,
    is_form,
    lost_spellings,
    name_words,
    ordered_words,
    readings,
    skeleton,
    spelling,
    words_of_text,
    words_with_places,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

SAME_NAME: Final = 92.0  # from here a name is as good as equal; measured, see the evidence ladder
SIMILAR_NAME: Final = 85.0  # from here a name supports a document number

_OTHER_SPELLING: Final = 97.0  # the same letters with another umlaut, where one with the same exists
_REPAIRED: Final = 3.0  # points lost by letters, blanks and umlauts that a bank lost
_CITY_ADDED: Final = 96.0  # the payer adds the debtor's own city
_CITY_LEFT_OUT: Final = 95.0
_CUT_OFF: Final = 95.0
_INITIALS: Final = 90.0  # M. Muster is Max or Maria
_PART_OF_FIRM: Final = 88.0  # Muster GmbH and Muster Bau GmbH

_KNOWN_OF_CUT: Final = 13  # letters that must be left of a name that was cut off
_SHORT_WORD: Final = 7  # one letter more or less makes another first name: Jan and Jana, Fritz and Fritze
_CROWD: Final = 120  # words of more debtors than this tell nobody apart, except by the very same name
_SMALL: Final = 4  # up to here a tuple is searched as fast as a set
# What a question mark may have been, umlauts first.
_LOST_LETTERS: Final = (*"a o u ss ae oe ue e i c n".split(), "")
_FILLINGS: Final = 1728  # of one word with up to three lost letters
_READINGS: Final = 32  # of one name whose letters were lost
_SHORTEST_GLUED: Final = 6
_BLANKS_ASTRAY: Final = 4  # up to so many words, all blanks may stand in the wrong place
_LONGEST_MENTION: Final = 5  # words
_TELLING: Final = 5  # letters that a single word needs to name somebody in a text

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class LikeName:
    """A debtor whose name resembles the payer's, in percent; ``rivals`` are named at least as well."""

    debtor_number: str
    score: float
    rivals: int = 0


@dataclass(frozen=True, slots=True)
class Mention:
    """A debtor whose whole name stands in a text, and where; several where they have one name."""

    debtor_numbers: tuple[str, ...]
    span: tuple[int, int]
    word_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NameIndex:
    """Every debtor's name by its words, so that a payer is compared with few of them.

    A name is filed under each of its readings ("Hans und Erika Muster" are two people); ``owner``, ``words_of`` and
    ``lost`` say for each reading whose it is.
    """

    numbers: Sequence[str]  # debtor numbers, sorted
    names: Sequence[str]  # as the accounting tool writes them
    cities: Sequence[str]
    owner: Sequence[int]
    words_of: Sequence[tuple[str, ...]]
    spelled: Sequence[str]  # the words with blanks between them
    lost: Sequence[float]
    exact: Mapping[tuple[str, ...], Collection[int]]
    readings_of: Mapping[str, Collection[int]]  # word -> readings
    with_initials: Collection[int]  # readings
    vocabulary: Sequence[str]  # sorted
    lost_spellings: Mapping[str, tuple[str, ...]]  # mller -> muller
    _known: dict[str, tuple[LikeName, ...]] = field(default_factory=dict)  # payers repeat all night

    def like(self, payer_name: str) -> tuple[LikeName, ...]:
        """Give the debtors whose name is at least similar, best first; ties by debtor number."""
        known = self._known.get(payer_name)
        if known is None:
            known = self._known[payer_name] = tuple(self._search(payer_name))
        return known

    def mentions(self, text: str) -> Iterator[Mention]:
        """Find debtors whose whole name stands in a text, the longest first at each place."""
        # Most texts have no word of any name.
        if self.readings_of.keys().isdisjoint(words_of_text(text)):
            return
        found = words_with_places(text)
        at = 0
        while at < len(found):
            if found[at][0] not in self.readings_of:
                at += 1
                continue
            mention, after = self._mention_at(found, at)
            if mention is not None:
                yield mention
            at = after

    def _mention_at(self, found: Sequence[tuple[str, int, int]], at: int) -> tuple[Mention | None, int]:
        words: list[str] = []
        best: tuple[Mention | None, int] = (None, at + 1)
        for end in range(at, len(found)):
            word = found[end][0]
            if is_form(word):
                # A legal form behind a single word makes it a firm's name.
                if best[0] and end == best[1] and is_firm(word):
                    best = (Mention(best[0].debtor_numbers, (best[0].span[0], found[end][2]), 2), end + 1)
                if not words:
                    break
                continue
            if word not in self.readings_of or len(words) == _LONGEST_MENTION:
                break
            words.append(word)
            if (whose := self.exact.get(tuple(sorted(set(words))))) and any(len(w) >= _TELLING for w in words):
                debtors = tuple(sorted({self.numbers[self.owner[reading]] for reading in whose}))
                best = (Mention(debtors, (found[at][1], found[end][2]), len(words)), end + 1)
        return best

    def _search(self, payer_name: str) -> list[LikeName]:
        scores: dict[int, float] = {}
        asked = readings(payer_name)
        for reading in asked:
            self._score(reading, self._with_all_words(reading), scores)
        # Near misses and repairs cost more, and say nothing where somebody has the very name.
        if max(scores.values(), default=0.0) < SAME_NAME:
            for reading in asked:
                self._score(reading, self._with_all_but_one(reading), scores)
            for reading in self._repaired(payer_name, asked[0].words):
                self._score(reading, self._with_all_words(reading), scores)
        self._prefer_same_spelling(payer_name, scores)
        alike = sorted((-score, self.numbers[debtor]) for debtor, score in scores.items())
        as_good = [score for score, _ in alike if -score >= SAME_NAME]
        return [
            LikeName(number, -score, bisect_right(as_good, score) - 1 if -score >= SAME_NAME else 0)
            for score, number in alike
        ]

    def _score(self, asked: NameReading, candidates: Iterable[int], scores: dict[int, float]) -> None:
        for reading in candidates:
            debtor = self.owner[reading]
            score = self._likeness(asked, reading) - asked.lost - self.lost[reading]
            if score >= SIMILAR_NAME and score > scores.get(debtor, 0.0):
                scores[debtor] = score

    def _prefer_same_spelling(self, payer_name: str, scores: dict[int, float]) -> None:
        """Tell Bär from Bar and Weiß from Weiss only where both are debtors."""
        equal = [debtor for debtor, score in scores.items() if score > _OTHER_SPELLING]
        if len(equal) > 1:
            written = spelling(payer_name)
            other = [debtor for debtor in equal if spelling(self.names[debtor]) != written]
            if len(other) < len(equal):
                scores.update(dict.fromkeys(other, _OTHER_SPELLING))

    def _with_all_words(self, asked: NameReading) -> set[int]:
        """Give the readings with the same words, with more, with a shorter beginning, and those it may begin."""
        found = set(self.exact.get(asked.words, ()))
        for end in range(1, len(asked.in_order)):
            found.update(self.exact.get(tuple(sorted(set(asked.in_order[:end]))), ()))
        found.update(_unless_crowd(_all_of(self._crowds(asked.words))))
        if asked.cut:
            found.update(self._begun(asked))
        return found

    def _with_all_but_one(self, asked: NameReading) -> Iterator[int]:
        """Give the readings that share all words but one and are spelled alike, or have initials.

        Whoever shares all words but one shares one of the two rarest; so crowds are never walked through.
        """
        crowds = self._crowds([word for word in asked.words if len(word) > 1])
        if len(crowds) > 2:
            for few in (crowds[:2], crowds[1:], [crowds[0], *crowds[2:]]):
                yield from _unless_crowd(_all_of(few))
            return
        found = {reading for crowd in crowds for reading in _unless_crowd(crowd)}
        if len(crowds) < len(asked.words):
            yield from found
            return
        # They are compared in one call, because a first name has many bearers.
        near = extract_iter(
            " ".join(asked.words),
            {reading: self.spelled[reading] for reading in found},
            scorer=ratio,
            score_cutoff=SIMILAR_NAME,
        )
        yield from (reading for _, _, reading in near)
        yield from found.intersection(self.with_initials)

    def _crowds(self, words: Sequence[str]) -> list[Collection[int]]:
        """Give for each word the readings that have it, the rarest word first."""
        return sorted((self.readings_of.get(word, ()) for word in words), key=len)

    def _begun(self, asked: NameReading) -> Collection[int]:
        """Give the readings that have all words but the last, which was cut off, and a word that it begins."""
        begun: set[int] = set()
        for beginning in beginnings(asked.cut):
            at = bisect_left(self.vocabulary, beginning)
            while at < len(self.vocabulary) and self.vocabulary[at].startswith(beginning) and len(begun) <= _CROWD:
                begun.update(self.readings_of[self.vocabulary[at]])
                at += 1
        rest = self._crowds([word for word in asked.words if word != asked.cut])
        if begins_form(asked.cut) and rest:
            return _all_of(rest)
        return _all_of(sorted([*rest, begun], key=len))

    def _likeness(self, asked: NameReading, reading: int) -> float:
        """Compare two names word by word in percent, forgiving what banks and branches do to them."""
        own = self.words_of[reading]
        if own == asked.words:
            return 100.0
        extra = [word for word in asked.words if word not in own]
        missing = [word for word in own if word not in asked.words]
        if asked.cut and _is_cut_off(asked, extra, missing):
            return _CUT_OFF
        shared = len(own) - len(missing)
        if shared and not (extra and missing):
            return self._longer(asked, reading, extra, missing)
        if shared and (_are_initials(extra, missing) or _are_initials(missing, extra)):
            return _INITIALS
        return _spelled_alike(asked.words, own)

    def _longer(self, asked: NameReading, reading: int, extra: Sequence[str], missing: Sequence[str]) -> float:
        """Compare where one name has every word of the other: a city says where, another word may say who."""
        debtor = self.owner[reading]
        city = name_words(self.cities[debtor]) if self.cities[debtor] else ()
        if all(word in city for word in extra or missing):
            return _CITY_ADDED if extra else _CITY_LEFT_OUT
        alike = _spelled_alike(asked.words, self.words_of[reading])
        if len(extra) + len(missing) == 1 and is_firm(self.names[debtor]):
            return max(alike, _PART_OF_FIRM)
        return alike

    def _repaired(self, payer_name: str, as_written: tuple[str, ...]) -> Iterator[NameReading]:
        """Read a name as it may have been before a bank lost letters, lost blanks or put one into a word."""
        ordered = list(ordered_words(payer_name))
        if all(self._is_whole(word) for word in ordered):
            return
        whole = [ordered]
        for at, (one, other) in enumerate(pairwise(ordered)):
            joined = skeleton(one + other)
            if joined in self.readings_of or joined in self.lost_spellings:
                whole.append([*ordered[:at], one + other, *ordered[at + 2 :]])
        if 1 < len(ordered) <= _BLANKS_ASTRAY:
            whole.append(["".join(ordered)])
        for words in whole:
            options = [self._options(word) for word in words]
            for chosen in islice(product(*options), _READINGS):
                kept = tuple(sorted({skeleton(word) for part in chosen for word in part if not is_form(word)}))
                if kept and kept != as_written:
                    yield NameReading(kept, _REPAIRED)

    def _options(self, word: str) -> list[tuple[str, ...]]:
        """Give what a word may have been, itself first."""
        options: list[tuple[str, ...]] = [(word,)]
        if "?" in word:
            options.extend((full,) for full in _filled(word) if skeleton(full) in self.readings_of or is_form(full))
        options.extend((full,) for full in self.lost_spellings.get(skeleton(word), ()))
        if len(word) >= _SHORTEST_GLUED and skeleton(word) not in self.readings_of and not is_form(word):
            options.extend(self._unglued(word))
        return options

    def _is_whole(self, word: str) -> bool:
        """Whether a word needs no repair: it is known, and no other one looks like it where umlauts are lost."""
        known = skeleton(word) in self.readings_of or is_form(word)
        return known and skeleton(word) not in self.lost_spellings

    def _is_word(self, piece: str) -> bool:
        """Whether letters are a word of some debtor or a legal form; asked of very many pieces."""
        if piece in self.readings_of or is_form(piece):
            return True
        # Only these letters can have another skeleton.
        varies = "ae" in piece or "oe" in piece or "ue" in piece or "str" in piece
        return varies and skeleton(piece) in self.readings_of

    def _unglued(self, glued: str) -> list[tuple[str, ...]]:
        """Cut a word into words we know, the fewest first; at most three ways are given."""
        ways: list[list[tuple[str, ...]]] = [[] for _ in range(len(glued) + 1)]
        ways[0] = [()]
        for start, before in enumerate(ways):
            for end in range(start + 2, len(glued) + 1) if before else ():
                piece = glued[start:end]
                if self._is_word(piece):
                    kept = sorted([*ways[end], *((*way, piece) for way in before)], key=lambda way: (len(way), way))
                    ways[end] = kept[:3]
        return [way for way in ways[-1] if len(way) > 1]


def index_names(named: Iterable[tuple[str, str]], cities: Mapping[str, str] | None = None) -> NameIndex:
    """Index (debtor number, name) pairs by their words; ``cities`` says where debtors are, by number."""
    pairs = sorted(named)
    where = cities or {}
    owner: list[int] = []
    words_of: list[tuple[str, ...]] = []
    lost: list[float] = []
    printed: defaultdict[str, set[str]] = defaultdict(set)
    for debtor, (_, name) in enumerate(pairs):
        for lost_spelling, word in lost_spellings(name):
            if lost_spelling != word:
                printed[lost_spelling].add(word)
        for reading in readings(name):
            owner.append(debtor)
            words_of.append(reading.words)
            lost.append(reading.lost)
    readings_of = _filed((word, reading) for reading, words in enumerate(words_of) for word in words)
    return NameIndex(
        numbers=[number for number, _ in pairs],
        names=[name for _, name in pairs],
        cities=[where.get(number, "") for number, _ in pairs],
        owner=owner,
        words_of=words_of,
        spelled=[" ".join(words) for words in words_of],
        lost=lost,
        exact=_filed((words, reading) for reading, words in enumerate(words_of)),
        readings_of=readings_of,
        with_initials=frozenset(
            reading for reading, words in enumerate(words_of) if any(len(word) == 1 for word in words)
        ),
        vocabulary=sorted(readings_of),
        lost_spellings={lost_spelling: tuple(sorted(words)) for lost_spelling, words in printed.items()},
    )


@lru_cache(maxsize=1 << 14)
def similarity(one: str, other: str) -> float:
    """Compare two names in percent, as if they were the only ones."""
    like = index_names([("", other)]).like(one)
    return like[0].score if like else 0.0


def _filed(pairs: Iterable[tuple[K, int]]) -> dict[K, Collection[int]]:
    groups: defaultdict[K, list[int]] = defaultdict(list)
    for key, reading in pairs:
        groups[key].append(reading)
    return {key: tuple(found) if len(found) <= _SMALL else frozenset(found) for key, found in groups.items()}


def _filled(word: str) -> Iterator[str]:
    """Give what a word with lost letters may have been."""
    first, *pieces = word.split("?")
    for letters in islice(product(_LOST_LETTERS, repeat=len(pieces)), _FILLINGS):
        yield first + "".join(chain.from_iterable(zip(letters, pieces, strict=True)))


def _all_of(crowds: Sequence[Collection[int]]) -> Collection[int]:
    """Give what all crowds have in common, the smallest first."""
    if not crowds or not crowds[0]:
        return ()
    return [one for one in crowds[0] if all(one in crowd for crowd in crowds[1:])]


def _unless_crowd(found: Collection[int]) -> Collection[int]:
    """Leave out what so many share that it tells nobody apart."""
    return found if len(found) <= _CROWD else ()


def _is_cut_off(asked: NameReading, extra: Sequence[str], missing: Sequence[str]) -> bool:
    """Whether every word but the cut-off one is found, and that one begins a word or a legal form."""
    known = sum(map(len, asked.words)) + len(asked.words) - 1 >= _KNOWN_OF_CUT
    if not known or (extra and list(extra) != [asked.cut]):
        return False
    if not extra:
        return len(asked.words) > 1
    begun = any(word.startswith(beginnings(asked.cut)) for word in missing)
    return begun or (len(asked.words) > 1 and begins_form(asked.cut))


def _are_initials(short: Sequence[str], full: Sequence[str]) -> bool:
    alike = len(short) == len(full) and all(len(letter) == 1 for letter in short)
    return alike and sorted(short) == sorted(word[0] for word in full)


def _spelled_alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Compare letter by letter; a short word that differs (Jan and Jana, Nord and Sued) is another person."""
    score = ratio(" ".join(one), " ".join(other), score_cutoff=SIMILAR_NAME)
    if score >= SAME_NAME and _short_words(one) != _short_words(other):
        return SAME_NAME - 1
    return score


def _short_words(name: tuple[str, ...]) -> set[str]:
    return {word for word in name if len(word) <= _SHORT_WORD}
