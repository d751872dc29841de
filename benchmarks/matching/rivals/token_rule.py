"""The token rule of accounting systems: digits of the text against digits of the numbers, oldest first."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from benchmarks.matching.rivals.bookings import as_far_as_it_goes, in_full
from benchmarks.matching.rivals.night import Rival, Suggestion
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.matching.rivals.night import Answers, Night
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_SHORTEST_TOKEN: Final = 4
_TOLERANCE_PERCENT: Final = 3  # a shortage up to here is written off: what Skonto usually is
_SHOWN: Final = 3
_NOT_DIGIT: Final = re.compile(r"[^0-9]")


def decide(night: Night) -> Answers:
    """File the open items by their tokens, then look up the tokens of each payment."""
    filed: defaultdict[str, list[OpenItem]] = defaultdict(list)
    for item in night.items:
        for token in _tokens((item.document_number, item.payment_reference, item.end_to_end_id)):
            filed[token].append(item)
    places = {item.item_id: place for place, item in enumerate(night.items)}
    return {entry.entry_id: _suggestions(entry, filed, night.payers, places) for entry in night.entries}


def _suggestions(
    entry: StatementEntry,
    filed: Mapping[str, Sequence[OpenItem]],
    payers: Mapping[str, Sequence[str]],
    places: Mapping[str, int],
) -> list[Suggestion]:
    """Take the item with the exact amount; else pile up the oldest ones, and be content with an overpayment."""
    tokens = _tokens((entry.remittance, *entry.references, entry.end_to_end_id))
    found = {item.item_id: item for token in tokens for item in filed.get(token, ()) if item.is_invoice}
    debtors = payers.get(entry.payer_iban, ())
    candidates = sorted(
        (item for item in found.values() if not debtors or item.debtor_number in debtors),
        key=lambda item: places[item.item_id],
    )
    exact = [bookings for item in candidates if (bookings := in_full([item], entry))]
    if exact:
        return [Suggestion(bookings, automatic=True) for bookings in exact[:_SHOWN]]
    pile = _pile(candidates, entry)
    owed = sum(item.open_amount.minor for item in pile)
    short = owed - entry.amount.minor
    if pile and short <= 0:
        return [Suggestion(in_full(pile, entry) or as_far_as_it_goes(pile, entry), automatic=True)]
    if pile and short * 100 <= owed * _TOLERANCE_PERCENT:
        return [Suggestion(in_full(pile, entry) or _written_off(pile, entry, short), automatic=True)]
    return [Suggestion(as_far_as_it_goes([item], entry)) for item in candidates[:_SHOWN]]


def _tokens(texts: Iterable[str]) -> dict[str, None]:
    """Give each word without what is no digit, where enough is left; letters are lost on purpose."""
    words = (_NOT_DIGIT.sub("", word) for text in texts for word in text.split())
    return dict.fromkeys(word for word in words if len(word) >= _SHORTEST_TOKEN)


def _pile(candidates: Iterable[OpenItem], entry: StatementEntry) -> list[OpenItem]:
    """Take the oldest items until the payment is used up."""
    pile: list[OpenItem] = []
    for item in candidates:
        if item.currency == entry.amount.currency and sum(i.open_amount.minor for i in pile) < entry.amount.minor:
            pile.append(item)
    return pile


def _written_off(pile: Sequence[OpenItem], entry: StatementEntry, short: int) -> tuple[Allocation, ...]:
    """Settle all and write the shortage off on the last item."""
    last = pile[-1]
    difference = Allocation(
        kind=AllocationKind.SMALL_DIFFERENCE,
        amount=Money(short, last.currency),
        item_id=last.item_id,
        document_number=last.document_number,
        debtor_number=last.debtor_number,
    )
    return (*as_far_as_it_goes(pile, entry), difference)


RIVAL: Final = Rival(
    name="token rule",
    how="Drops everything but digits from each word and looks for what is left, if it is "
    f"{_SHORTEST_TOKEN} digits or more, among the open items, of the debtor who is known to pay from this account if "
    "there is one. An item with the exact amount "
    f"wins; else the oldest ones are piled up, a shortage up to {_TOLERANCE_PERCENT} % is written off, and too much "
    "stays as credit. After the automatic rules of large open accounting systems, with all their switches on.",
    begin=lambda: decide,
)
