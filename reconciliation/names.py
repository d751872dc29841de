"""Names of payers and debtors: folded, without legal forms (Rechtsformen), compared as banks truncate them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rapidfuzz.fuzz import ratio

from ledger.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SAME_NAME: Final = 92.0  # from here a name is as good as equal; measured, see the evidence ladder
SIMILAR_NAME: Final = 85.0  # from here a name supports a document number
_BANK_NAME_LENGTH: Final = 27  # one MT940 subfield (?32)
_SHORT_WORD: Final = 5  # one letter more or less makes another first name: Jan and Jana, Fritz and Fritze
_CROWD: Final = 400  # words of more debtors than this tell nobody apart

_LEGAL_FORMS: Final = frozenset(
    """
    ag aktiengesellschaft bv co company cokg corp ek ev eg gbr ges gesellschaft gesmbh ggmbh gmbh gmbhco haftung inc
    inh inhaber kg kgaa limited llc llp ltd mbb mbh mit nv og ohg partg partgmbb plc sa sarl sas se sl spa srl
    stiftung ug und u the der die das beschraenkter haftungsbeschraenkt herr frau firma fa familie dr prof dipl
    ing e k v
    """.split()
)


@dataclass(frozen=True, slots=True)
class LikeName:
    """A debtor whose name resembles the payer's, with the similarity in percent."""

    debtor_number: str
    score: float


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Every debtor's name by its words, so that a payer is compared with few of them."""

    words_of: Mapping[str, tuple[str, ...]]
    debtors_of: Mapping[str, tuple[str, ...]]
    _known: dict[str, tuple[LikeName, ...]] = field(default_factory=dict)  # payers repeat all night

    def like(self, payer_name: str) -> tuple[LikeName, ...]:
        """Give the debtors whose name is at least similar, best first; ties by debtor number."""
        if payer_name not in self._known:
            self._known[payer_name] = tuple(self._search(payer_name))
        return self._known[payer_name]

    def _search(self, payer_name: str) -> list[LikeName]:
        asked = name_words(payer_name)
        cut = len(payer_name.strip()) >= _BANK_NAME_LENGTH - 1
        scored = (LikeName(n, similarity(asked, self.words_of[n], cut=cut)) for n in self._likely(asked))
        return sorted((s for s in scored if s.score >= SIMILAR_NAME), key=lambda s: (-s.score, s.debtor_number))

    def _likely(self, asked: tuple[str, ...]) -> set[str]:
        """Give the debtors who share the two rarest words, or at least the rarest; of a crowd, only equal names."""
        postings = sorted((found for word in set(asked) if (found := self.debtors_of.get(word))), key=len)
        if not postings:
            return set()
        shared = set.intersection(*map(set, postings[:2]))
        likely = shared or set(postings[0])
        return likely if len(likely) <= _CROWD else {n for n in shared if self.words_of[n] == asked}


def index_names(named: Iterable[tuple[str, str]]) -> NameIndex:
    """Index (debtor number, name) pairs by their words."""
    words_of = {number: name_words(name) for number, name in named}
    debtors_of: dict[str, list[str]] = {}
    for number, parts in sorted(words_of.items()):
        for word in set(parts):
            debtors_of.setdefault(word, []).append(number)
    return NameIndex(words_of, {word: tuple(numbers) for word, numbers in debtors_of.items()})


def name_words(name: str) -> tuple[str, ...]:
    """Fold a name into its sorted words without legal forms; a name of nothing else keeps all its words."""
    every = words(name)
    return tuple(sorted(w for w in every if w not in _LEGAL_FORMS)) or tuple(sorted(every))


def similarity(one: tuple[str, ...], other: tuple[str, ...], *, cut: bool = False) -> float:
    """Compare two names word by word in percent; where the bank cut one off, only as far as it goes.

    A short word that differs (Jan and Jana, Nord and Sued) is another person, however long the rest is.
    """
    if not one or not other:
        return 0.0
    left, right = " ".join(one), " ".join(other)
    score = ratio(left, right)
    if cut and len(one) > 1:
        score = max(score, _cut_score(one, other))
    if score >= SAME_NAME and _short_words(one) != _short_words(other) and not cut:
        return min(score, SAME_NAME - 1)
    return score


def _cut_score(cut_words: tuple[str, ...], whole: tuple[str, ...]) -> float:
    """Give full marks less one if every word but one cut-off word is found, and that one begins a word."""
    missing = [word for word in cut_words if word not in whole]
    rest = [word for word in whole if word not in cut_words]
    begun = not missing or (len(missing) == 1 and any(word.startswith(missing[0]) for word in rest))
    known = len(" ".join(cut_words)) >= _BANK_NAME_LENGTH // 2
    return 95.0 if begun and known and len(missing) < len(cut_words) else 0.0


def _short_words(name: tuple[str, ...]) -> set[str]:
    return {word for word in name if len(word) <= _SHORT_WORD}
