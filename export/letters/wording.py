"""The office's own words (eigene Brieftexte): TOML over the shipped texts, read with every mistake and its line."""

from __future__ import annotations

import re
import string
import tomllib
from typing import TYPE_CHECKING, Any, Final

from dunning.tone import (
    Tone,
    bureau_mistakes,
    claim_mistakes,
    missing_right_to_object,
    subject_mistakes,
    word_mistakes,
)
from export.letters.texts import FACTS, LANGUAGES, STYLES, Texts, shipped, texts, written_language
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from export.letters.texts import Wording

_PARTS: Final = ("subject", "mail_subject", "before", "after")
_KINDS_OF_TEXT: Final = ("template", "message")
_SUBJECTS: Final = frozenset({"subject", "mail_subject"})

# What every letter may ask for; confirmations may ask for what their shipped text asks for as well.
PLACEHOLDERS: Final = frozenset(
    "title debtor count document_number document_numbers document_date due_date open total payments_until deadline "
    "interest_continues daily_interest earlier contact".split()
)


def read_wording(folder: Path) -> Wording:
    """Read ``de.toml`` and ``en.toml`` of a folder over the shipped texts; raise Refused with all mistakes.

    A file says only what differs: ``style = "warm"``, a phrase, a label, or one part of one text, which it then
    replaces whole. What a text of its kind must not say is refused with file, line, word and the reason.
    """
    mistakes: list[str] = []
    own = {language: _own_texts(folder / f"{language}.toml", language, mistakes) for language in LANGUAGES}
    known = {f"{language}.toml" for language in LANGUAGES}
    mistakes += [
        f"{path}: no language is called so; there is {', '.join(sorted(known))}"
        for path in sorted(folder.glob("*.toml"))
        if path.name not in known
    ]
    if mistakes:
        raise Refused("\n".join(mistakes))
    return lambda language: own[written_language(language)]


def in_style(language: str, style: str) -> Texts:
    """Give the shipped texts of a language in a style."""
    base = texts(language).data
    return Texts(
        language=language, data=base if style == "formal" else _merged(base, tomllib.loads(shipped(language, style)))
    )


def tone_mistakes(source: str, name: str, data: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[str]:
    """Check the tone of every text that ``source`` (the TOML file called ``name``) writes.

    ``base`` are the texts it stands over: they say of what kind a text is, and complete the letters it only changes
    in part.
    """
    for place, text_name, part, number, paragraph in _paragraphs(data):
        kind = Tone(base[place][text_name]["kind"])
        text = str(paragraph["text"])
        found = [*word_mistakes(text, kind), *bureau_mistakes(text), *claim_mistakes(text, paragraph.get("when", ()))]
        found += subject_mistakes(text, kind) if part == "mail_subject" else ()
        for mistake in found:
            line = line_of(source, f"{place}.{text_name}.{part}", number, mistake.word)
            yield f"{name}, line {line}: {mistake.word!r} must not stand in {text_name}: {mistake.why}"
    for place in _KINDS_OF_TEXT:
        for text_name in data.get(place, {}):
            whole = _merged(base[place][text_name], data[place][text_name])
            said = " ".join(str(paragraph["text"]) for part in _PARTS for paragraph in whole[part])
            for mistake in missing_right_to_object(said, Tone(whole["kind"])):
                line = line_of(source, f"{place}.{text_name}", 0, mistake.word)
                yield f"{name}, line {line}: {text_name} says {mistake.word!r}, but {mistake.why}"


def line_of(source: str, table: str, number: int, word: str) -> int:
    """Give the line of a word in the numbered (from 0) table or array of tables; else of the table's head."""
    lines = source.splitlines()
    heads = [n for n, line in enumerate(lines) if _head(line) == table]
    heads = heads or [n for n, line in enumerate(lines) if _head(line).startswith(f"{table}.")]
    if not heads:
        return 1
    start = heads[min(number, len(heads) - 1)]
    # An array of tables ends where the next one begins.
    end = next((n for n in range(start + 1, len(lines)) if _head(lines[n])), len(lines))
    folded = word.casefold()
    return next((n for n in range(start, end) if folded in lines[n].casefold()), start) + 1


def _own_texts(path: Path, language: str, mistakes: list[str]) -> Texts:
    if not path.is_file():
        return texts(language)
    try:
        source = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(source)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(f"{path}: this cannot be read as TOML in UTF-8: {error}")
        return texts(language)
    style = data.pop("style", "formal")
    if style not in STYLES:
        mistakes.append(f"{path}: style = {style!r} is not known; there is {', '.join(STYLES)}")
        return texts(language)
    base = in_style(language, style)
    found = list(_shape_mistakes(source, str(path), data, base.data))
    mistakes += found or list(tone_mistakes(source, str(path), data, base.data))
    if found:
        return base
    return Texts(language=language, data=_merged(base.data, data | _resumptions(data, base.data)))


def _shape_mistakes(source: str, name: str, data: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key in _KINDS_OF_TEXT:
            yield from _text_mistakes(source, name, key, value, base[key])
        elif key == "salutation":
            yield from _paragraph_mistakes(source, name, key, value, frozenset({"debtor"}))
        elif key == "resumption":
            yield from _resumption_mistakes(source, name, value)
        else:
            yield from _word_mistakes(name, key, value, base)


def _resumptions(data: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Give the office's words for the ends of a silence, with the shipped ones for those it does not name."""
    own = data.get("resumption", [])
    named = [set(paragraph["when"]) for paragraph in own]
    return {"resumption": [*own, *(one for one in base["resumption"] if set(one["when"]) not in named)]}


def _resumption_mistakes(source: str, name: str, value: Any) -> Iterator[str]:
    found = list(_paragraph_mistakes(source, name, "resumption", value, frozenset()))
    yield from found
    for number, paragraph in enumerate(() if found else value):
        where = f"{name}, line {line_of(source, 'resumption', number, '')}"
        if not paragraph.get("when"):
            yield f'{where}: a [[resumption]] needs when = ["…"]; without it every letter would begin so'
        # It stands before the gentlest text as before the last.
        for mistake in word_mistakes(paragraph["text"], Tone.COURTESY):
            yield f"{where}: {mistake.word!r} must not stand in resumption: {mistake.why}"


def _word_mistakes(name: str, key: str, value: Any, base: Mapping[str, Any]) -> Iterator[str]:
    """Check a phrase, a label or a list of them: known, of the same form, and with no other placeholders."""
    if key not in base:
        yield f"{name}: {key} is not known here; known are {', '.join(sorted(base))}"
    elif isinstance(base[key], dict) and isinstance(value, dict):
        for inner, text in value.items():
            yield from _word_mistakes(f"{name}: {key}", inner, text, base[key])
    elif type(value) is not type(base[key]):
        yield f"{name}: {key} must be written like the shipped one: {base[key]!r}"
    elif isinstance(value, list) and len(value) != len(base[key]) and key == "columns":
        yield f"{name}: {key} has {len(value)} headings, but there are {len(base[key])} columns"
    elif unknown := _asked_for(value) - _asked_for(base[key]):
        yield f"{name}: {key} asks for {', '.join(sorted(unknown))}, which is not known there"


def _text_mistakes(source: str, name: str, place: str, value: Any, base: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name}: {place} must be written as [[{place}.NAME.before]]"
        return
    for text_name, parts in value.items():
        if text_name not in base or not isinstance(parts, dict):
            yield f"{name}: no text is called {text_name!r} under {place}; there is {', '.join(sorted(base))}"
            continue
        known = PLACEHOLDERS | _asked_for(base[text_name])
        for part, paragraphs in parts.items():
            if part not in _PARTS:
                yield f"{name}: {place}.{text_name}.{part} cannot be changed; there is {', '.join(_PARTS)}"
            else:
                yield from _paragraph_mistakes(source, name, f"{place}.{text_name}.{part}", paragraphs, known)


def _paragraph_mistakes(source: str, name: str, table: str, paragraphs: Any, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(paragraphs, list) or not paragraphs or not all(isinstance(one, dict) for one in paragraphs):
        yield f"{name}: {table} must be written as [[{table}]] with a text"
        return
    for number, paragraph in enumerate(paragraphs):
        text, when = paragraph.get("text"), paragraph.get("when", [])
        where = f"{name}, line {line_of(source, table, number, '')}"
        if not isinstance(text, str) or not text.strip() or not isinstance(when, list):
            yield f'{where}: {table} needs text = "…", and when = ["…"] where it is not always said'
            continue
        try:
            asked = _asked_for(text)
        except ValueError as error:
            yield f"{where}: the braces do not match ({error}); write {{{{ for a brace"
            continue
        for unknown in sorted(asked - known):
            yield f"{where}: {{{unknown}}} is not known in {table}; known are {', '.join(sorted(known))}"
        for unknown in sorted(set(map(str, when)) - FACTS):
            yield f"{where}: when = {unknown!r} is no fact we know; known are {', '.join(sorted(FACTS))}"
    if table.rpartition(".")[2] in {*_SUBJECTS, "salutation"} and "when" in paragraphs[-1]:
        yield f"{name}: the last [[{table}]] must be without `when`, so that there always is one"


def _paragraphs(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, int, Mapping[str, Any]]]:
    for place in _KINDS_OF_TEXT:
        for text_name, parts in data.get(place, {}).items():
            for part in _PARTS:
                for number, paragraph in enumerate(parts.get(part, ())):
                    yield place, text_name, part, number, paragraph


def _asked_for(value: Any) -> frozenset[str]:
    match value:
        case str():
            fields: Iterable[str | None] = (field for _, field, _, _ in string.Formatter().parse(value))
            return frozenset(re.split(r"[.\[]", field)[0] for field in fields if field is not None)
        case dict():
            return frozenset().union(*map(_asked_for, value.values()))
        case list():
            return frozenset().union(*map(_asked_for, value))
        case _:
            return frozenset()


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what differs over a base: tables are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in own.items():
        merged[key] = _merged(base[key], value) if isinstance(value, dict) and key in base else value
    return merged


def _head(line: str) -> str:
    found = re.match(r"\s*\[\[?\s*([\w.\-]+)\s*\]\]?", line)
    return found.group(1) if found else ""
