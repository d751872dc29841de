"""Brute force: the text is compared with every open number by similarity, and the best of them wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process

from benchmarks.matching.rivals.bookings import as_far_as_it_goes, fits, in_full
from benchmarks.matching.rivals.night import Rival, Suggestion
from ledger.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.matching.rivals.night import Answers, Night
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_FOR_THE_AMOUNT: Final = 20.0  # points on top of the similarity, which is 100 at most
# Nearly the whole number, and the amount. On fitting companies 105 books a little more with half as many wrong again,
# 115 has a fifth of the wrong ones and books a tenth less, and 100, the amount left out, gets every fourth wrong.
_CUT_OFF: Final = 110.0
_WORTH_SHOWING: Final = 60.0
_SHOWN: Final = 3


def decide(night: Night) -> Answers:
    """Score every pair of payment and open invoice; the cost is their product."""
    invoices = [item for item in night.items if item.is_invoice]
    numbers = [fold(item.document_number) for item in invoices]
    return {entry.entry_id: _suggestions(entry, invoices, numbers) for entry in night.entries}


def _suggestions(entry: StatementEntry, invoices: Sequence[OpenItem], numbers: Sequence[str]) -> list[Suggestion]:
    text = fold(" ".join((entry.remittance, *entry.references)))
    similar = process.extract(text, numbers, scorer=fuzz.partial_ratio, limit=None) if text else ()
    scored = [(ratio + _FOR_THE_AMOUNT * fits(invoices[at], entry), at) for _, ratio, at in similar]
    best = sorted(scored, key=lambda one: (-one[0], one[1]))[:_SHOWN]  # the older one where two are alike
    return [
        Suggestion(bookings, automatic=score >= _CUT_OFF)
        for score, at in best
        if score >= _WORTH_SHOWING
        and (bookings := in_full([invoices[at]], entry) or as_far_as_it_goes([invoices[at]], entry))
    ]


RIVAL: Final = Rival(
    name="fuzzy, brute force",
    how="Compares the text with the number of every open invoice (`partial_ratio` of the package rapidfuzz, at most "
    f"100), adds {_FOR_THE_AMOUNT:.0f} where the amount fits, and books the best one from {_CUT_OFF:.0f} on. "
    "What a script written in an afternoon does.",
    begin=lambda: decide,
)
