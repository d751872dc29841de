"""Reading the remittance information (Verwendungszweck): the document numbers in it, however they were written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciliation.found import COMPLETE, NOTHING_READ, Form, Found, Reading
from reconciliation.number_pass import NumberPass
from reconciliation.number_runs import may_be_confused, runs_of, small, windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.statement import StatementEntry
    from reconciliation.numbers import Numbers

__all__ = ["COMPLETE", "Form", "Found", "Reading", "read", "read_entry"]

_CONFUSED: Final = re.compile(r"[0-9][0-9oil]*[oil][0-9oil]*|(?<![^\W\d_])[oil]+[0-9][0-9oil]*")
_DIGIT_FOR_LETTER: Final = str.maketrans("oil", "011")
_DIGITS: Final = re.compile(r"[0-9]+")
_PIECE: Final = re.compile(r"[a-z0-9]+")
_MOST_PIECES: Final = 4  # of a code
_LONGEST_GAP: Final = 3  # characters between them


def read_entry(entry: StatementEntry, numbers: Numbers) -> Reading:
    """Read the text of an entry twice: as written, and with its lines joined as if the bank had never cut them."""
    written = read(entry.remittance, numbers)
    if not entry.remittance_glued or entry.remittance_glued == entry.remittance:
        return written
    if _is_clear(written) and _DIGITS.findall(entry.remittance) == _DIGITS.findall(entry.remittance_glued):
        return written  # no number was cut
    glued = read(entry.remittance_glued, numbers)
    return written if glued is NOTHING_READ else _together(written, glued, entry)


def read(text: str, numbers: Numbers) -> Reading:
    """Read the document numbers of one text. Costs microseconds, however many numbers are known."""
    lowered = small(text)
    runs = runs_of(lowered, numbers)
    if not runs:
        return NOTHING_READ
    reader = NumberPass(text, lowered, runs, numbers)
    reader.read_all()
    known = reader.known
    if numbers.codes:
        known.extend(_codes(text, lowered, numbers))
    if may_be_confused(lowered, runs) and _CONFUSED.search(lowered):
        known.extend(_with_confused_letters(text, lowered, numbers))
    windows = windows_of(lowered, runs, reader.hidden)
    windows.update(reader.references)
    return Reading(_without_repeats(known), _without_known(reader.unknown, known), windows, tuple(reader.others))


def _codes(text: str, lowered: str, numbers: Numbers) -> Iterator[Found]:
    """Find numbers that mix letters and digits: in one piece, or in up to four pieces with separators between."""
    pieces = [(match[0], *match.span()) for match in _PIECE.finditer(lowered)]
    for first, (_, start, _) in enumerate(pieces):
        joined, end_before = "", start
        for piece, begin, end in pieces[first : first + _MOST_PIECES]:
            if begin > end_before + _LONGEST_GAP:
                break
            end_before = end
            joined += piece
            if items := numbers.with_code(joined):
                span = (start, end)
                yield Found(text[start:end], joined, Form.FULL, tuple([item.item_id for item in items]), span)


def _with_confused_letters(text: str, lowered: str, numbers: Numbers) -> Iterator[Found]:
    """Read O as 0 and l as 1 where they stand among digits, and keep the numbers that only this brings out."""
    repaired = _CONFUSED.sub(lambda match: match[0].translate(_DIGIT_FOR_LETTER), lowered)
    changed = [at for at, (a, b) in enumerate(zip(lowered, repaired, strict=True)) if a != b]
    reader = NumberPass(text, repaired, runs_of(repaired, numbers), numbers)
    reader.read_all()
    for found in reader.known:
        if found.form in COMPLETE and found.span and any(found.span[0] <= at < found.span[1] for at in changed):
            yield found


def _together(written: Reading, glued: Reading, entry: StatementEntry) -> Reading:
    """Add what only the glued lines say, and show it where it stands in the written text."""
    said = {item_id for found in written.known if found.form in COMPLETE for item_id in found.item_ids}
    more = [f for f in glued.known if f.form in COMPLETE and not said.issuperset(f.item_ids)]
    new_windows = {key: span for key, span in glued.windows.items() if key not in written.windows}
    if not more and not new_windows:
        return written
    places = _places(entry.remittance_glued, entry.remittance)
    moved = [
        Found(f.text, f.squeezed, f.form, f.item_ids, _moved(f.span, places), f.doubt)
        for f in more
        if _was_cut(f.span, places)
    ]
    still_unknown = tuple(f for f in written.unknown if not any(f.squeezed in m.squeezed for m in moved))
    placed = {key: place for key, span in new_windows.items() if (place := _moved(span, places))}
    return Reading(
        _without_repeats([*written.known, *moved]), still_unknown, {**written.windows, **placed}, written.others
    )


def _is_clear(reading: Reading) -> bool:
    """Whether every number in a text was understood."""
    return not reading.unknown and not reading.others and all(found.form in COMPLETE for found in reading.known)


def _was_cut(span: tuple[int, int] | None, places: Sequence[int] | None) -> bool:
    """Whether gluing removed a blank inside a number; one without was read in the written text already."""
    moved = _moved(span, places)
    return moved is None or span is None or moved[1] - moved[0] > span[1] - span[0]


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


def _without_known(unknown: Sequence[Found], known: Sequence[Found]) -> tuple[Found, ...]:
    """Drop the unknown numbers that became known by reading on."""
    if not unknown:
        return ()
    spans = [found.span for found in known if found.span]
    return _without_repeats(
        [f for f in unknown if f.span and not any(a <= f.span[0] and f.span[1] <= b for a, b in spans)]
    )


def _without_repeats(found: Sequence[Found]) -> tuple[Found, ...]:
    """Keep one mention of each document, the most complete; a number said twice is said once."""
    if len(found) < 2:
        return tuple(found)
    best: dict[tuple[str, ...], Found] = {}
    for mention in found:
        key = mention.item_ids or (mention.squeezed,)
        if key not in best or _COMPLETENESS[mention.form] < _COMPLETENESS[best[key].form]:
            best[key] = mention
    return tuple(best.values())


_COMPLETENESS: Final = {form: rank for rank, form in enumerate(Form)}
