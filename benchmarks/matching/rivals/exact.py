"""The exact rule: the numbers stand in the text as printed, and the amount is their sum to the cent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.matching.rivals.bookings import as_far_as_it_goes, fits, in_full
from benchmarks.matching.rivals.night import Rival, Suggestion
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.matching.rivals.night import Answers, Night
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_PUNCTUATION: Final = ".,;:()"
_SHOWN: Final = 3


class _Numbers(NamedTuple):
    """Items under their number, lower case, and under their structured reference or the id of our direct debit."""

    printed: Mapping[str, Sequence[OpenItem]]
    structured: Mapping[str, Sequence[OpenItem]]
    most_words: int  # of a number, for those with blanks in them


def decide(night: Night) -> Answers:
    """Book what is named beyond doubt and paid exactly; show what is named, or has the amount."""
    numbers = _file(night.items)
    return {entry.entry_id: _suggestions(entry, numbers, night.items) for entry in night.entries}


def _suggestions(entry: StatementEntry, numbers: _Numbers, items: Sequence[OpenItem]) -> list[Suggestion]:
    found = list(_named(entry, numbers))
    named = list(dict.fromkeys(item for several in found for item in several))
    unique = all(len(several) == 1 for several in found)
    exact = in_full(named, entry)
    if exact:
        return [Suggestion(exact, automatic=unique)]
    alike = [item for item in items if fits(item, entry)] if not named else []
    ways = (in_full([item], entry) or as_far_as_it_goes([item], entry) for item in [*named, *alike][:_SHOWN])
    return [Suggestion(way) for way in ways if way]


def _named(entry: StatementEntry, numbers: _Numbers) -> Iterator[Sequence[OpenItem]]:
    """Look up every run of words of the text, and the structured fields."""
    for reference in (*entry.references, entry.end_to_end_id):
        if squeeze(reference) in numbers.structured:
            yield numbers.structured[squeeze(reference)]
    words = [word.strip(_PUNCTUATION) for word in entry.remittance.casefold().replace(",", " ").split()]
    for first in range(len(words)):
        for length in range(1, numbers.most_words + 1):
            run = " ".join(words[first : first + length])
            if run in numbers.printed and first + length <= len(words):
                yield numbers.printed[run]


def _file(items: Sequence[OpenItem]) -> _Numbers:
    printed: defaultdict[str, list[OpenItem]] = defaultdict(list)
    structured: defaultdict[str, list[OpenItem]] = defaultdict(list)
    for item in items:
        words = [word.strip(_PUNCTUATION) for word in item.document_number.casefold().split()]
        printed[" ".join(words)].append(item)
        for reference in {squeeze(item.payment_reference), squeeze(item.end_to_end_id)} - {""}:
            structured[reference].append(item)
    return _Numbers(printed, structured, max((number.count(" ") + 1 for number in printed), default=1))


RIVAL: Final = Rival(
    name="exact number and amount",
    how="Books if every number in the text as printed, or in a structured field, belongs to one open item and the "
    "payment is their sum, less Skonto in time or not. The rule of careful spreadsheets.",
    begin=lambda: decide,
)
