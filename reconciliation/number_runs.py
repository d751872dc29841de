"""The runs of digits in a text (Ziffernfolgen), and what the words and separators before each of them say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import fold
from reconciliation.number_words import OURS, Meaning, is_plain, meaning_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from reconciliation.numbers import Numbers

_RUNS: Final = re.compile(r"[0-9]+")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_JOIN: Final = re.compile(r"[\s\-‐‑–−/._:#\\]{1,3}")  # what payers and banks put into the middle of a number
_TIGHT: Final = frozenset(
    ("", "-", "‐", "‑", "–", "−", "/", ".", "_", "#")
)  # between letters and the digits they belong to
_LIST: Final = re.compile(
    r"\s*[,;+&/|]\s*(?:[,;+&/|]\s*)?(?:(?:und|u|and)\b\.?\s*)?|\s+(?:und|u|and|sowie)\b\.?\s*|\s+"
)
_RANGE: Final = re.compile(r"\s*(?:\bbis\b(?:\s+(?:nr|einschl)\b\.?)?|\bto\b|\bthru\b|[-‐‑–−]|\.\.\.?)\s*")
_INNER: Final = re.compile(r"[-/._]?([^\W\d_]{1,3})[-/._]?")
_SUFFIX: Final = re.compile(r"[-/. ]?([^\W\d_]+)")
_BEHIND: Final = re.compile(r"[a-z]{1,3}(?![a-z])")
_LIKE_DIGITS: Final = frozenset("oil")
_LONGEST_FOREIGN: Final = 4  # letters; longer ones are a word that lost its blank
# "Unser Beleg 4711" is the payer's own, "Ihre Rechnung 4711" is ours.
_THEIRS: Final = dict.fromkeys("beleg belegnr ref referenz zeichen dok dokument nr nummer".split(), Meaning.OTHER)
_LONGEST_WINDOW: Final = 7  # runs: a QR reference is written in six groups
_TELLING: Final = 40  # characters before a number; the rest of a long gap says nothing of it
_MOST_GAPS: Final = 50_000
_SAYS_WHAT: Final = frozenset(
    {Meaning.INVOICE, Meaning.CREDIT, Meaning.CUSTOMER, Meaning.ORDER, Meaning.OTHER, Meaning.BANK, Meaning.PHONE}
)


class Said(NamedTuple):
    """What the words before a number say of it."""

    meaning: Meaning = Meaning.NOTHING
    letters: str = ""  # ours, with which our numbers begin, folded
    reach: int = 0  # from where those letters begin to the digits
    tight: bool = False  # no blank between letters and digits
    foreign: str = ""  # letters that belong to the number, and are not ours
    carried: bool = False  # said of the first number of a list, of which this is another

    @property
    def names(self) -> bool:
        """Whether our letters, or a word such as Rechnung, say that this is a document number."""
        return bool(self.letters) or self.meaning in OURS


NOTHING_SAID: Final = Said()
CARRIED: Final = {
    meaning: Said(meaning, carried=True) for meaning in Meaning
}  # what was said of the first number of a list


class Gap:
    """What stands between a number and the one before it; understood once, as the same gaps stand in most texts."""

    __slots__ = ("ends_like_a_digit", "inner", "joins", "lists", "loose", "ranges", "said", "spaced", "words")

    def __init__(self, text: str, numbers: Numbers) -> None:
        words = [(match[0], match.start()) for match in _WORDS.finditer(text)]
        inner = _INNER.fullmatch(text)
        self.spaced = text.isspace()
        self.loose = any(c.isspace() for c in text)
        begin = _suffix_length(text, numbers)
        self.lists = _LIST.fullmatch(text, begin) is not None  # "712, 713 und 715"
        # Letters in the middle of a number, empty where only separators stand there, None where it is two numbers.
        self.inner = "" if _JOIN.fullmatch(text) else fold(inner[1]) if inner else None
        self.joins = self.inner == "" or (bool(words) and "".join([word for word, _ in words]) in numbers.inner)
        self.ends_like_a_digit = text[-1:] in _LIKE_DIGITS
        self.words = _words_before(text, words)  # directly before the number, folded, each with its reach
        self.said = _said(text, words, self.words, numbers)
        self.ranges = _RANGE.fullmatch(text, begin, len(text) - self.said.reach) is not None  # "712 bis 716"


class Run(NamedTuple):
    """A run of digits and what stands before it; a tuple, because one is made for every number of every text."""

    digits: str
    start: int
    end: int
    gap: Gap
    joined: bool  # nothing but separators between it and the one before


def small(text: str) -> str:
    """Write in small letters without moving any character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def runs_of(text: str, numbers: Numbers) -> list[Run]:
    """Find every run of digits. ``text`` is in small letters."""
    runs: list[Run] = []
    gaps = numbers.gaps
    end = 0
    for match in _RUNS.finditer(text):
        start, stop = match.span()
        between = text[end if start - end < _TELLING else start - _TELLING : start]
        gap = gaps.get(between)
        if gap is None:
            if len(gaps) >= _MOST_GAPS:
                gaps.clear()
            gap = gaps[between] = Gap(between, numbers)
        runs.append(Run(match[0], start, stop, gap, gap.joins and end > 0))
        end = stop
    return runs


def windows_of(text: str, runs: Sequence[Run], hidden: Container[int]) -> dict[str, tuple[int, int]]:
    """Squeeze every run of numbers, with the letters around it, for looking up orders and customers.

    ``hidden`` are the runs that are dates, amounts and the like. The first place counts.
    """
    windows: dict[str, tuple[int, int]] = {}
    file = windows.setdefault
    for first, run in enumerate(runs):
        if first in hidden:
            continue
        start, words, squeezed = run.start, run.gap.words, ""
        for last, other in enumerate(runs[first : first + _LONGEST_WINDOW], first):
            if last > first:
                inner = other.gap.inner
                if inner is None or last in hidden:
                    break
                squeezed += inner
            squeezed += other.digits
            end = other.end
            file(squeezed, (start, end))
            for letters, reach in words:
                file(letters + squeezed, (start - reach, end))
            if text[end : end + 1].isalpha() and (behind := _BEHIND.match(text, end)):
                file(squeezed + behind[0], (start, behind.end()))
    return windows


def may_be_confused(text: str, runs: Sequence[Run]) -> bool:
    """Whether a letter that looks like a digit stands beside one."""
    return any(run.gap.ends_like_a_digit or text[run.end : run.end + 1] in _LIKE_DIGITS for run in runs)


def _suffix_length(text: str, numbers: Numbers) -> int:
    """Count the characters with which the number before ends: the -RE of 2026-0471-RE."""
    match = _SUFFIX.match(text) if numbers.suffixes else None
    return match.end() if match and fold(match[1]) in numbers.suffixes else 0


def _words_before(text: str, words: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Give the word at the end, and the last two in one where nothing but separators stands between them."""
    if not words:
        return ()
    last, at = words[-1]
    tail = text[at + len(last) :]
    if tail not in _TIGHT and not _JOIN.fullmatch(tail):
        return ()
    single = (fold(last), len(text) - at)
    if len(words) == 1:
        return (single,)
    first, begin = words[-2]
    joined = _JOIN.fullmatch(text, begin + len(first), at)
    return (single, (fold(first + last), len(text) - begin)) if joined else (single,)


def _said(text: str, words: Sequence[tuple[str, int]], directly: Sequence[tuple[str, int]], numbers: Numbers) -> Said:
    if not words:
        return NOTHING_SAID
    last, at = words[-1]
    meaning = _meaning([word for word, _ in words], numbers)
    tail = text[at + len(last) :]
    tight = tail in _TIGHT
    for letters, reach in reversed(directly):
        if letters in numbers.prefixes:
            return Said(Meaning.NOTHING, letters, reach, tight)
    if not tight or is_plain(last):
        return Said(meaning)
    # A word that lost its blank may end in our letters: dankeRE-2026-00471.
    for length in range(min(len(last), 6) - 1, 1, -1):
        if last[-length:] in numbers.prefixes:
            return Said(Meaning.NOTHING, last[-length:], len(tail) + length, tight)
    foreign = meaning is Meaning.NOTHING and len(last) <= _LONGEST_FOREIGN
    return Said(foreign=last) if foreign else Said(meaning)


def _meaning(words: Sequence[str], numbers: Numbers) -> Meaning:
    """Ask the last word, or the one before it where the last says nothing by itself: Rechnung Nr., Kunde K."""
    meaning = meaning_of(words[-1])
    if len(words) > 1 and words[-2].startswith("uns"):
        return _THEIRS.get(words[-1], meaning)
    if meaning is Meaning.FILLER:
        for word in words[-2:-4:-1]:
            said = Meaning.INVOICE if fold(word) in numbers.prefixes else meaning_of(word)
            if said is not Meaning.FILLER:
                return said
        return Meaning.NOTHING
    if meaning is Meaning.NOTHING and len(words) > 1 and len(words[-1]) <= _LONGEST_FOREIGN:
        said = next((said for word in words[-2:-4:-1] if (said := meaning_of(word)) is not Meaning.FILLER), meaning)
        return said if said in _SAYS_WHAT else Meaning.NOTHING
    return meaning
