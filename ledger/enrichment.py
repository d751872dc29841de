"""Enrichment (Anreicherung): what a second delivery of the same booking says that the first one did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.identity import likeness
from ledger.statement import EntryKind, EntryStatus
from ledger.text import squeeze

if TYPE_CHECKING:
    from ledger.statement import StatementEntry

# Taken over where the known entry has none; a second opinion about them is no better than the first.
_FILLED: Final = (
    "value_date",
    "payer_bic",
    "ultimate_name",
    "end_to_end_id",
    "mandate_id",
    "creditor_id",
    "bank_reference",
    "return_reason",
    "original_amount",
    "charges",
    "posting_text",
    "ultimate_own_name",
    "purpose_code",
    "batch_reference",
    "transaction_id",
    "exchange_rate",
)


def enriched(known: StatementEntry, incoming: StatementEntry, *, speaks_better: bool) -> StatementEntry:
    """Give the known entry with everything the incoming delivery of it adds; identity, amount and place stay.

    Where the two have no word in common, their words are not mixed: of two equal amounts of a day nobody knows which
    is which, so the one that tells more speaks alone.

    ``speaks_better`` says that the incoming format carries whole what the known one cuts (camt after MT940). What was
    only announced takes the day on which it is booked.
    """
    if likeness(known, incoming) <= 0:
        says_more = _told(incoming) - _told(known) or int(speaks_better)
        return _in_the_words_of(incoming, known) if says_more > 0 else known
    changes = {name: getattr(incoming, name) for name in _FILLED if not getattr(known, name)}
    if known.status is EntryStatus.PENDING and incoming.status is EntryStatus.BOOKED:
        changes["booking_date"] = incoming.booking_date
        changes["value_date"] = incoming.value_date or known.value_date
    if known.kind is EntryKind.OTHER or (speaks_better and incoming.kind is not EntryKind.OTHER):
        changes["kind"] = incoming.kind
        changes["transaction_code"] = incoming.transaction_code or known.transaction_code
    if _is_richer(known.payer_name, incoming.payer_name, speaks_better=speaks_better):
        changes["payer_name"] = incoming.payer_name
    if _is_richer(known.remittance_glued, incoming.remittance_glued, speaks_better=speaks_better):
        changes["remittance"], changes["remittance_glued"] = incoming.remittance, incoming.remittance_glued
    if incoming.payer_iban[:2].isalpha() and not known.payer_iban[:2].isalpha():
        changes["payer_iban"] = incoming.payer_iban
    changes["references"] = tuple(dict.fromkeys((*known.references, *incoming.references)))
    return known._replace(**changes)


def _told(entry: StatementEntry) -> int:
    """Count what a booking is recognised and matched by."""
    told = (entry.payer_iban, entry.payer_name, entry.end_to_end_id, entry.mandate_id, entry.remittance)
    return sum(map(bool, told)) + len(entry.references)


def _in_the_words_of(incoming: StatementEntry, known: StatementEntry) -> StatementEntry:
    return incoming._replace(
        entry_id=known.entry_id,
        status=known.status,
        booking_date=known.booking_date,
        booking_ref=known.booking_ref,
        position=known.position,
        place=known.place,
    )


def _is_richer(known: str, incoming: str, *, speaks_better: bool) -> bool:
    """Whether the incoming text says more: it goes on where the known one was cut, or has the real letters."""
    ours, theirs = squeeze(known), squeeze(incoming)
    if theirs.startswith(ours):
        return len(theirs) > len(ours) or known.isascii() > incoming.isascii()
    return speaks_better and bool(theirs) and not ours.startswith(theirs)
