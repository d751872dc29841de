"""A name as somebody wrote it (Schreibweise): its words without legal forms, and the ways in which it can be read."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Firms of Germany, Austria, Switzerland, England, America, France, Italy and the Netherlands.
_FIRM_FORMS: Final = frozenset(
    """
    ag aktiengesellschaft bv cie co cokg company corp corporation eg egbr ek ekfm ekfr eu eurl flexco gbr gesbr
    ges gesellschaft gesmbh ggmbh gmbh gmbhco inc
    keg kg kgaa klg kmg kommanditgesellschaft limited llc
    llp lp ltd mbb mbh nv oeg og ohg partg partgmbb partgesellschaft plc pllc sa sagl sarl sas sasu sca sci scs se
    snc societe spa srl srls ug
    """.split()
)
_OTHER_FORMS: Final = frozenset(
    """
    ev eingetragener il ig igr iliq haftung haftungsbeschraenkt beschraenkt beschraenkter mit
    haftungsbeschrankt beschrankt beschrankter haftungsbeschrnkt beschrnkt beschrnkter
    der die das des dem den the le la les il lo gli et and und u oder o
    """.split()
)
_TITLES: Final = frozenset(
    """
    herr herrn hr frau fr familie fam eheleute eheleuten ehel firma fa dr dres prof dipl ing dipling mag med dent vet
    phil jur rer nat pol oec hc habil mba msc bsc ba ma dkfm kfm stb ra mr mrs ms miss mme monsieur madame signor
    signora
    """.split()
)
_LEFT_OUT: Final = _FIRM_FORMS | _OTHER_FORMS | _TITLES
_BEGINNINGS_OF_FORMS: Final = frozenset(form[:end] for form in _LEFT_OUT for end in range(1, len(form) + 1))
_AND: Final = frozenset({"und", "u", "oder", "o", "and"})
_BRANCHES: Final = frozenset(
    """
    filiale fil niederlassung nl zweigniederlassung zndl zweigstelle standort betriebsstaette geschaeftsstelle gst
    verkaufsbuero vertriebsbuero aussenstelle branch succursale filiali
    """.split()
)

_CUT_FROM: Final = 26  # 27 characters less a blank at the end: the shortest field that banks cut names to (?32)

_WORD: Final = re.compile(r"\??[a-z0-9][a-z0-9?]*")
_TEXT_WORD: Final = re.compile(r"[^\W_]+")
_LOST: Final = re.compile(r"[?\ufffd\u00bf\u25a1]+")  # what banks print for a letter they do not have
_UMLAUT: Final = re.compile(r"(?<![aeouq])([aou])e(?!l$)")  # not in Bauer, and not in Michael, Noel, Samuel
_SPELLED_OUT: Final = re.compile(r"(?<![aeouq])[aou]e(?!l\b)")
_UMLAUT_OF: Final = {"ae": "ä", "oe": "ö", "ue": "ü"}
# What banks make of them: dots left off, letters left out; ß may fare better or worse.
_LOSSES: Final = tuple(
    str.maketrans(loss)
    for loss in (
        {"ä": "a", "ö": "o", "ü": "u"},
        {"ä": "a", "ö": "o", "ü": "u", "ß": "s"},
        {"ä": "", "ö": "", "ü": ""},
        {"ä": "", "ö": "", "ü": "", "ß": ""},
    )
)
_STREET: Final = re.compile(r"str(?:a|as|ass|asse)$")
_TWICE_ENCODED: Final = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u2013-\u203a\u20ac]")
_SAYS_MORE: Final = re.compile(
    r"(?P<agent>\bc ?/ ?o\b|\bvertr(?:eten|\.)? ?(?:d\.|durch\b)|\brepresented by\b|\bz\. ?hd\.)"
    r"|(?P<owner>\binh(?:\.|aber(?:in)?\b\.?:?))"
    r"|(?P<behalf>\bfuer (?:die |den |das |fa\. |firma )?|\bf\. (?=[a-z])|\bim auftrag (?:von |der |des )?"
    r"|\bi\. ?a\. |\bon behalf of |\bobo |\bnamens )"
)
# Without one of these words a name has no parts; looking for them is cheap.
_SAYING_MORE: Final = (
    _AND
    | _BRANCHES
    | frozenset("c co vertr vertreten represented z inh inhaber inhaberin fuer f im i on obo namens".split())
)


class NameReading(NamedTuple):
    """One way to read a name; ``lost`` is what the reading leaves out, in points of similarity."""

    words: tuple[str, ...]  # sorted, without legal forms and titles
    lost: float = 0.0
    cut: str = ""  # the last word, which a bank may have cut off
    in_order: tuple[str, ...] = ()  # the same words as they were written; for the whole name only


@lru_cache(maxsize=1 << 12)  # asked several times for one payer
def name_words(name: str) -> tuple[str, ...]:
    """Fold a name into its sorted words without legal forms; a name of nothing else keeps all its words."""
    return _significant(_in_order(_plain(name)))


def readings(name: str) -> tuple[NameReading, ...]:
    """Give the whole name first, then its parts: two account holders, head office, owner, whom it is written for."""
    plain = _plain(name)
    ordered = _in_order(plain)
    in_order = tuple([skeleton(word) for word in ordered if word not in _LEFT_OUT])
    words = tuple(sorted(set(in_order))) or _significant(ordered)
    whole = NameReading(words, cut=_cut_word(name, ordered), in_order=in_order)
    if _SAYING_MORE.isdisjoint(ordered):
        return (whole,)
    parts = (NameReading(part, lost) for part, lost in _parts(plain, ordered) if part)
    return tuple(dict.fromkeys((whole, *parts)))


def spelling(name: str) -> tuple[str, ...]:
    """Give the sorted words with ü as ue, to tell Bär from Bar where both are known."""
    return tuple(sorted(word for word in _in_order(_plain(name)) if word not in _LEFT_OUT))


@lru_cache(maxsize=1 << 17)
def skeleton(word: str) -> str:
    """Give what is left of a folded word in every spelling: Müller, Mueller and Muller are one, Straße and Str. too.

    A bank that writes ü as u leaves no trace, so both sides give it up; ue behind a vowel is none (Bauer and Baur).
    """
    shorter = _STREET.sub("str", word)
    return _UMLAUT.sub(r"\1", shorter) if "e" in shorter else shorter


def lost_spellings(name: str) -> Iterator[tuple[str, str]]:
    """Give pairs of a word as banks print it that lose umlauts and ß, and the word: mller is muller."""
    with_umlauts = _SPELLED_OUT.sub(lambda match: _UMLAUT_OF[match[0]], unicodedata.normalize("NFC", name).lower())
    if with_umlauts.isascii():
        return
    whole = ordered_words(with_umlauts)
    for loss in _LOSSES:
        printed = ordered_words(with_umlauts.translate(loss))
        if len(printed) == len(whole):
            yield from ((skeleton(one), skeleton(other)) for one, other in zip(printed, whole, strict=True))


def words_of_text(text: str) -> list[str]:
    """Give the words of a text as they are compared; legal forms and fillers too."""
    if text.isascii():
        return list(map(skeleton, _TEXT_WORD.findall(text.lower())))
    return [skeleton(fold(word)) for word in _TEXT_WORD.findall(text)]


def words_with_places(text: str) -> list[tuple[str, int, int]]:
    """Give the words of a text as they are compared, and where each stands; legal forms and fillers too."""
    return [(skeleton(fold(match[0])), match.start(), match.end()) for match in _TEXT_WORD.finditer(text)]


def is_firm(name: str) -> bool:
    """Whether a name has a legal form, and so is no person's."""
    return any(word in _FIRM_FORMS for word in _in_order(_plain(name)))


def is_form(word: str) -> bool:
    """Whether a word is a legal form, a title or a filler, and tells nobody apart."""
    return word in _LEFT_OUT


def beginnings(cut: str) -> tuple[str, ...]:
    """Give how a word may begin of which a bank left so much; behind it the rule for a last letter does not hold."""
    return tuple(dict.fromkeys((cut, skeleton(f"{cut}x")[:-1])))


def begins_form(word: str) -> bool:
    """Whether a word may be a legal form that a bank cut off: Gm, Haftungsbe."""
    return word in _BEGINNINGS_OF_FORMS


def ordered_words(name: str) -> tuple[str, ...]:
    """Give the folded words of a name in the order they were written; a lost letter is a question mark."""
    return tuple(_in_order(_plain(name)))


def _plain(name: str) -> str:
    """Repair what was encoded twice, fold, and mark lost letters."""
    if not name.isascii():
        name = _TWICE_ENCODED.sub(_decoded, name) if _TWICE_ENCODED.search(name) else name
        name = _LOST.sub("?", name)
    folded = fold(name)
    if "?" in folded:
        folded = _LOST.sub("?", folded)
    return folded.replace("&", " und ").replace("+", " und ") if "&" in folded or "+" in folded else folded


def _decoded(match: re.Match[str]) -> str:
    """Read two characters as the two bytes of UTF-8 that they were; what is none stays."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return match[0].encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return match[0]


def _in_order(plain: str) -> list[str]:
    """Split into words; letters with dots between them that are a legal form become one: S.p.A., e. K."""
    found = _WORD.findall(plain)
    if all(len(word) > 1 for word in found):
        return found
    joined: list[str] = []
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and len(found[end]) == 1 and found[end].isalpha():
            end += 1
        # The longest legal form counts: s a r l is a Sarl, not a SA with two initials.
        form = next((e for e in range(end, at + 1, -1) if "".join(found[at:e]) in _LEFT_OUT), at + 1)
        joined.append("".join(found[at:form]))
        at = form
    return joined


def _significant(ordered: Sequence[str]) -> tuple[str, ...]:
    kept = sorted({skeleton(word) for word in ordered if word not in _LEFT_OUT})
    return tuple(kept) or tuple(sorted({skeleton(word) for word in ordered}))


def _cut_word(name: str, ordered: Sequence[str]) -> str:
    return skeleton(ordered[-1]) if len(name.strip()) >= _CUT_FROM and ordered else ""


def _parts(plain: str, ordered: Sequence[str]) -> Iterator[tuple[tuple[str, ...], float]]:
    branch = next((at for at, word in enumerate(ordered) if at and word in _BRANCHES), 0)
    if branch:
        yield _significant(ordered[:branch]), 5.0
    if any(word in _AND for word in ordered):
        yield from ((words, 7.0) for words in _holders(ordered))
    match = _SAYS_MORE.search(plain)
    if match and match.start():
        before, after = _in_order(plain[: match.start()]), _in_order(plain[match.end() :])
        # A manager named behind c/o is a neighbour of the payer at most; an owner or a principal is the payer.
        yield _significant(before), 4.0
        yield _significant(after), 12.0 if match["agent"] else 4.0


def _holders(ordered: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Read two people who hold an account together: "Hans und Erika Muster", "Muster, Hans u. Erika"."""
    people = [word for word in ordered if word not in _TITLES]
    at = next((place for place, word in enumerate(people) if word in _AND), 0)
    one, other = people[:at], people[at + 1 :]
    if not one or not other or len(one) > 3 or len(other) > 3 or any(word in _FIRM_FORMS for word in people):
        return
    if len(one) == 1 and len(other) == 1:
        return
    if len(one) == 1:
        one = [*one, other[-1]]
    elif len(other) == 1:
        other = [*other, one[0]]
    yield _significant(one)
    yield _significant(other)
