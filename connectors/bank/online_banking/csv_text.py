"""What banks write into the purpose (Verwendungszweck) of a CSV row beside it: ``EREF: …``, ``Mandatsref: …``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Names and purposes are many words, and the first label of theirs is the bank's. References are one word, and the
# last label is the bank's: the payer may have written "Ref. 4711" himself.
_MANY_WORDS: Final = frozenset({"payer_name", "ultimate_name", "purpose"})


class Label(NamedTuple):
    """A label found in the text, where it begins and ends, and which field stands behind it."""

    start: int
    end: int
    name: str


def told(text: str, labels: Mapping[str, str], has: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Take the labelled parts out of a text; give what is left of it, and the parts by field.

    A part whose field ``has`` another value already stays in the text.
    """
    found = _chosen(_labels(text, tuple(labels)), labels)
    if not found:
        return text, {}
    left, parts = [text[: found[0].start]], {}
    for label, following in zip(found, [*found[1:], None], strict=True):
        behind = text[label.end : following.start if following else len(text)]
        field = labels[label.name]
        value, rest = _value(behind, field, label.name)
        if field == "purpose":
            left.append(value)
        elif has.get(field, value) not in {"", value}:
            left.append(text[label.start : label.end] + behind)
        else:
            parts[field] = value
            left.append(rest)
    return " ".join(" ".join(left).split()), parts


def _labels(text: str, names: tuple[str, ...]) -> Iterable[Label]:
    return (Label(found.start(), found.end(), found[0]) for found in _pattern(names).finditer(text))


def _chosen(found: Iterable[Label], labels: Mapping[str, str]) -> list[Label]:
    """Keep one label for each field."""
    chosen: dict[str, Label] = {}
    for label in found:
        field = labels[label.name]
        if field not in _MANY_WORDS or field not in chosen:
            chosen[field] = label
    return sorted(chosen.values())


def _value(behind: str, field: str, label: str) -> tuple[str, str]:
    """Give the value behind a label, and what else stands there."""
    words = behind.split()
    if field in _MANY_WORDS or label.endswith("+"):
        return " ".join(words), ""
    return (words[0] if words else ""), " ".join(words[1:])


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    # EREF+ follows what is before it without a blank, and so does Kto/IBAN: at one bank; other labels are words.
    alternatives = (
        ("" if name.endswith("+") or "/" in name else r"(?<!\S)") + re.escape(name)
        for name in sorted(names, key=len, reverse=True)
    )
    return re.compile("|".join(alternatives))
