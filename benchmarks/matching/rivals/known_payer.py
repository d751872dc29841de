"""The rule of the known payer: an invoice of whoever pays from this account has the amount; the oldest is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.matching.rivals.bookings import as_far_as_it_goes, in_full
from benchmarks.matching.rivals.night import Rival, Suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.matching.rivals.night import Answers, Night
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_SHOWN: Final = 3


def decide(night: Night) -> Answers:
    """Look at the open invoices of the debtors of each account."""
    owed: dict[str, list[OpenItem]] = {}
    for item in night.items:
        owed.setdefault(item.debtor_number, []).append(item)
    return {entry.entry_id: _suggestions(entry, night.payers, owed) for entry in night.entries}


def _suggestions(
    entry: StatementEntry, payers: Mapping[str, Sequence[str]], owed: Mapping[str, Sequence[OpenItem]]
) -> list[Suggestion]:
    items = [item for debtor in payers.get(entry.payer_iban, ()) for item in owed.get(debtor, ())]
    exact = [bookings for item in items if (bookings := in_full([item], entry))]
    if exact:
        return [Suggestion(bookings, automatic=True) for bookings in exact[:_SHOWN]]
    together = in_full(items, entry) or as_far_as_it_goes(items, entry)
    return [Suggestion(together)] if together else []


RIVAL: Final = Rival(
    name="known payer and amount",
    how="Books the oldest open invoice with this amount, less Skonto in time or not, of a debtor who is known to pay "
    "from this account. The text is not read.",
    begin=lambda: decide,
)
