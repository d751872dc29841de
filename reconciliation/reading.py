"""Reading the remittance information (Verwendungszweck): the document numbers in it, however they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.text import fold, squeeze
from reconciliation.lookalikes import CREDITOR_REFERENCE, lookalikes
from reconciliation.numbers import FULL_DIGITS, digits_of, parts_of, without_zeros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.numbers import Numbers

_RUNS: Final = re.compile(r"[^\W\d_]+|[0-9]+")
_JOINS: Final = re.compile(r"[\s\-/._:#\\]{0,3}")  # what payers and banks put into the middle of a number
_LIST: Final = re.compile(r"\s*[,;+&/]\s*|\s*\b(?:und|u|and|sowie)\b\.?\s*", re.IGNORECASE)
_RANGE: Final = re.compile(r"\s*(?:\bbis\b|\bto\b|-|–)\s*", re.IGNORECASE)
_LONGEST_WINDOW: Final = 7
_LONGEST_RANGE: Final = 40
_SHORTEST_RUNNING: Final = 3

_INVOICE_WORDS: Final = frozenset(
    """
    re rg rnr rgnr renr rech rechn rechnr rechnung rechnungen rechnungsnr rechnungsnummer invoice inv beleg belegnr
    belegnummer bill gutschrift gs
    """.split()
)
_FILLER_WORDS: Final = frozenset("nr nrn no num nummer nummern number".split())
# A number behind one of these is somebody else's: ours only if it carries our letters.
_OTHER_WORDS: Final = frozenset(
    """
    kd kdnr kunde kunden kundennr kundennummer debitor debitorennr customer cust konto kto ktonr kontonr vertrag
    vertragsnr bestellung bestell bestellnr bestellnummer auftrag auftragsnr auftragsnummer order po lieferschein ls
    mandat mandatsref steuernr stnr ust plz blz
    """.split()
)


class Form(StrEnum):
    """How much of a document number was written."""

    FULL = "full"  # every letter and digit
    DIGITS = "digits"  # the letters are lost, or others
    ZEROS_LOST = "zeros_lost"
    LISTED = "listed"  # "RE-2026-0712, 713": completed from the number before it
    RANGE = "range"  # "RE-2026-0712 bis 0715": lies between two numbers
    RUNNING = "running"  # the running part alone
    GLUED = "glued"  # other digits follow directly


COMPLETE: Final = frozenset({Form.FULL, Form.DIGITS, Form.ZEROS_LOST, Form.LISTED})


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that reads like a document number of ours; ``item_ids`` is empty for one we do not know."""

    text: str
    squeezed: str  # the number in full, as far as we know it
    form: Form
    item_ids: tuple[str, ...]
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a text says: numbers of ours, numbers that look like ours, and every other word and number."""

    known: tuple[Found, ...]
    unknown: tuple[Found, ...]
    windows: Mapping[str, tuple[int, int]]  # squeezed run of words and numbers -> where it stands


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # folded
    start: int
    end: int
    whole: bool  # False for the halves of a glued 202600471

    @property
    def numeric(self) -> bool:
        return self.text[0].isdigit()


def read_entry(entry: StatementEntry, numbers: Numbers) -> Reading:
    """Read the text of an entry twice: as written, and with its lines joined as if the bank had never cut them."""
    written = read(entry.remittance, numbers)
    if not entry.remittance_glued or entry.remittance_glued == entry.remittance:
        return written
    glued = read(entry.remittance_glued, numbers)
    places = _places(entry.remittance_glued, entry.remittance)
    moved = [
        Found(f.text, f.squeezed, f.form, f.item_ids, _moved(f.span, places))
        for f in glued.known
        if f.form in COMPLETE
    ]
    known = _without_repeats([*written.known, *moved])
    explained = {f.squeezed for f in moved}
    unknown = tuple(f for f in written.unknown if not any(f.squeezed in whole for whole in explained))
    return Reading(known, unknown, written.windows)


def read(text: str, numbers: Numbers) -> Reading:
    """Read the document numbers of one text from left to right, the longest spelling first."""
    tokens, gaps = _tokens(text)
    known: list[Found] = []
    unknown: list[Found] = []
    at = 0
    while at < len(tokens):
        found, after = _read_at(text, tokens, gaps, at, numbers)
        if found is None:
            at += 1
            continue
        (known if found.item_ids else unknown).append(found)
        at = after
        if found.form in COMPLETE and found.item_ids:
            more, at = _read_list(text, tokens, gaps, at, found, numbers)
            known.extend(f for f in more if f.item_ids)
            unknown.extend(f for f in more if not f.item_ids)
    return Reading(
        _without_repeats(known), _without_repeats(unknown), {**_windows(tokens, gaps), **_references(text)}
    )


def _tokens(text: str) -> tuple[list[_Token], list[str]]:
    """Split a text into words and numbers, leaving out lookalikes; a gap is what stands before each token."""
    masked = lookalikes(text)
    tokens: list[_Token] = []
    for match in _RUNS.finditer(text):
        if any(m.start < match.end() and match.start() < m.end for m in masked):
            continue
        parts = parts_of(match[0]) if match[0][0].isdigit() else [fold(match[0])]
        start = match.start()
        for part in parts:
            end = start + len(part) if len(parts) > 1 else match.end()
            tokens.append(_Token(part, start, end, len(parts) == 1))
            start = end
    ends = [0, *(token.end for token in tokens)]
    return tokens, [text[end : token.start] for end, token in zip(ends, tokens, strict=False)]


def _read_at(
    text: str, tokens: Sequence[_Token], gaps: Sequence[str], at: int, numbers: Numbers
) -> tuple[Found | None, int]:
    """Read what begins at one token: a known number, else an unknown one of our look, else a running number."""
    windows = _windows_at(tokens, gaps, at)
    before = _word_before(tokens, at)
    for window in windows:
        form, item_ids = _look_up(window, numbers, before)
        if item_ids:
            return _found(text, window, form, numbers.squeezed[item_ids[0]], item_ids), at + len(window)
    for window in windows:
        if before not in _OTHER_WORDS and numbers.looks_like_ours(_joined(window)):
            return _found(text, window, Form.FULL, _joined(window), ()), at + len(window)
    found, after = _glued(text, windows, numbers, at)
    return (found, after) if found else _running(text, tokens, at, numbers, before)


def _windows_at(tokens: Sequence[_Token], gaps: Sequence[str], at: int) -> list[Sequence[_Token]]:
    """Give every run of joined tokens that begins here and ends in a number, longest first."""
    stop = at + 1
    while stop < min(len(tokens), at + _LONGEST_WINDOW) and _JOINS.fullmatch(gaps[stop]):
        stop += 1
    return [tokens[at:end] for end in range(stop, at, -1) if tokens[end - 1].numeric]


def _look_up(window: Sequence[_Token], numbers: Numbers, before: str) -> tuple[Form, tuple[str, ...]]:
    joined, lettered = _joined(window), not all(token.numeric for token in window)
    enough = len(joined) >= FULL_DIGITS or (len(joined) > _SHORTEST_RUNNING and before in _INVOICE_WORDS)
    if before in _OTHER_WORDS and not lettered:
        return Form.FULL, ()
    if (lettered or enough) and joined in numbers.full:
        return Form.FULL, numbers.full[joined]
    if not lettered and enough and joined in numbers.digits:
        return Form.DIGITS, numbers.digits[joined]
    if lettered or (enough and not _is_compact_date(window)):
        return Form.ZEROS_LOST, numbers.without_zeros.get(without_zeros(token.text for token in window), ())
    return Form.FULL, ()


def _is_compact_date(window: Sequence[_Token]) -> bool:
    """Whether 20260412 was written as one run of digits that is also a day; its zeros were not lost, then."""
    first, last = window[0], window[-1]
    digits = _joined(window)
    return len(digits) == 8 and last.end - first.start == 8 and "01" <= digits[4:6] <= "12" and digits[6:] <= "31"


def _glued(text: str, windows: Sequence[Sequence[_Token]], numbers: Numbers, at: int) -> tuple[Found | None, int]:
    """Read a number with its letters when other digits follow it directly, as banks glue lines together."""
    for window in windows:
        if window[0].text not in numbers.letters:
            break
        joined = _joined(window)
        for length in reversed(numbers.full_lengths):
            if length < len(joined) and (item_ids := numbers.full.get(joined[:length])):
                return _found(text, window, Form.GLUED, joined[:length], item_ids), at + len(window)
    return None, at


def _running(text: str, tokens: Sequence[_Token], at: int, numbers: Numbers, before: str) -> tuple[Found | None, int]:
    token = tokens[at]
    longest = max(numbers.running_length, _SHORTEST_RUNNING)
    year = len(token.text) == 4 and token.text[:2] in {"19", "20"} and before not in _INVOICE_WORDS
    if not token.numeric or not token.whole or before in _OTHER_WORDS or year:
        return None, at
    if not _SHORTEST_RUNNING <= len(token.text) <= longest:
        return None, at
    item_ids = numbers.running.get(token.text.lstrip("0"), ())
    return (_found(text, [token], Form.RUNNING, token.text, item_ids) if item_ids else None), at + 1


def _read_list(
    text: str, tokens: Sequence[_Token], gaps: Sequence[str], at: int, first: Found, numbers: Numbers
) -> tuple[list[Found], int]:
    """Complete the short forms behind a full number: "RE-2026-0712, 713 und 715", "RE-2026-0712 bis 0715"."""
    found: list[Found] = []
    assert first.span is not None, first
    previous, end = first.squeezed, first.span[1]
    while (index := _next_number(tokens, at)) is not None:
        token = tokens[index]
        gap = text[end : token.start]
        ranged = _RANGE.fullmatch(gap) is not None
        whole, _ = _read_at(text, tokens, gaps, index, numbers)
        begins_anew = whole is not None and whole.form in COMPLETE
        if begins_anew or not (ranged or _LIST.fullmatch(gap)) or not _is_short(token, previous, numbers):
            break
        number = previous[: -len(token.text)] + token.text
        span = (token.start, token.end)
        if ranged:
            found.extend(_between(previous, number, numbers, span))
        elif (item_ids := numbers.listed(number)) or _is_document_like(token.text):
            found.append(Found(token.text, number, Form.LISTED, item_ids, span))
        previous, at, end = number, index + 1, token.end
    return found, at


def _next_number(tokens: Sequence[_Token], at: int) -> int | None:
    """Give the place of the next number, stepping over at most one word such as "und" or "bis"."""
    return next((index for index in range(at, min(at + 2, len(tokens))) if tokens[index].numeric), None)


def _is_short(token: _Token, previous: str, numbers: Numbers) -> bool:
    """Whether a number is short enough to be completed from the one before."""
    shorter = len(token.text) <= numbers.running_length and len(token.text) < len(digits_of(previous))
    return token.whole and shorter and previous[-len(token.text) :].isdigit()


def _is_document_like(digits: str) -> bool:
    """Whether an unknown short form is long enough to be a number, and not a year."""
    return len(digits) >= _SHORTEST_RUNNING and not (len(digits) == 4 and digits[:2] in {"19", "20"})


def _between(first: str, last: str, numbers: Numbers, span: tuple[int, int]) -> Iterator[Found]:
    """Name every document after the first up to the last of a range; the first was read by itself."""
    head = first.rstrip("0123456789")
    low, high = int(first[len(head) :] or 0), int(last[len(head) :] or 0)
    if not low < high <= low + _LONGEST_RANGE:
        return
    for value in range(low + 1, high + 1):
        number = head + str(value).zfill(len(first) - len(head))
        if item_ids := numbers.listed(number):
            yield Found(number, number, Form.RANGE, item_ids, span)


def _found(text: str, window: Sequence[_Token], form: Form, squeezed: str, item_ids: tuple[str, ...]) -> Found:
    span = (window[0].start, window[-1].end)
    return Found(text[span[0] : span[1]], squeezed, form, item_ids, span)


def _joined(window: Iterable[_Token]) -> str:
    return "".join(token.text for token in window)


def _word_before(tokens: Sequence[_Token], at: int) -> str:
    """Give the word that says what a number is: "Kd" in "Kd-Nr. 10023"; empty where none stands before it."""
    for token in reversed(tokens[max(0, at - 2) : at]):
        if token.numeric:
            return ""
        if token.text not in _FILLER_WORDS:
            return token.text
    return ""


def _windows(tokens: Sequence[_Token], gaps: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Squeeze every run of joined tokens, for looking up order and customer numbers; the first place counts."""
    squeezed: dict[str, tuple[int, int]] = {}
    for at in range(len(tokens)):
        for window in _windows_at(tokens, gaps, at):
            squeezed.setdefault(_joined(window), (window[0].start, window[-1].end))
    return squeezed


def _references(text: str) -> dict[str, tuple[int, int]]:
    return {
        squeeze(text[m.start : m.end]): (m.start, m.end) for m in lookalikes(text) if m.what == CREDITOR_REFERENCE
    }


def _without_repeats(found: Iterable[Found]) -> tuple[Found, ...]:
    """Keep one mention of each document, the most complete; a number said twice is said once."""
    best: dict[tuple[str, ...], Found] = {}
    for mention in found:
        key = mention.item_ids or (mention.squeezed,)
        if key not in best or _COMPLETENESS[mention.form] < _COMPLETENESS[best[key].form]:
            best[key] = mention
    return tuple(best.values())


def _places(glued: str, written: str) -> list[int] | None:
    """Say for each character of the glued text where it stands in the written one; None if they differ otherwise."""
    places, at = [], 0
    for character in glued:
        while at < len(written) and written[at] != character and written[at].isspace():
            at += 1
        if at == len(written) or written[at] != character:
            return None
        places.append(at)
        at += 1
    return places


def _moved(span: tuple[int, int] | None, places: Sequence[int] | None) -> tuple[int, int] | None:
    return (places[span[0]], places[span[1] - 1] + 1) if span and places else None


_COMPLETENESS: Final = {form: rank for rank, form in enumerate(Form)}
