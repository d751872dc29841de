"""The identity of an entry: one booking is one, however often and in whichever format the bank delivers it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ledger.statement import Statement, StatementEntry

# Shorter than this, a text is no proof that two equal amounts on one day are the same booking.
_TELLING_LENGTH = 6


def identify(
    incoming: Sequence[StatementEntry], known: Iterable[StatementEntry], taken: Iterable[str] = ()
) -> list[StatementEntry]:
    """Give every incoming entry its identity: that of the known entry it repeats, or a new one.

    ``known`` are the entries of statements that may overlap with the incoming one. Duplicates are counted, not
    keyed away: each known entry is repeated by at most one incoming entry, so two equal bookings stay two.
    ``taken`` are identities already in use, of whatever statement.
    """
    waiting: dict[tuple[date, int, str], list[StatementEntry]] = defaultdict(list)
    for entry in known:
        waiting[_group(entry)].append(entry)
    used = set(taken)
    identified = []
    for entry in incoming:
        candidates = waiting[_group(entry)]
        same = max(candidates, key=lambda other: likeness(entry, other), default=None)
        if same is not None and likeness(entry, same) > 0:
            candidates.remove(same)
            entry_id = same.entry_id
        else:
            entry_id = _new_identity(entry, used)
        used.add(entry_id)
        identified.append(replace(entry, entry_id=entry_id))
    return identified


def likeness(one: StatementEntry, other: StatementEntry) -> int:
    """Say how surely two entries of one day and amount are one booking: 0 not at all, 3 beyond doubt.

    MT940 cuts names and texts that camt carries whole, so one text may be the beginning of the other.
    """
    if one.end_to_end_id and other.end_to_end_id:
        if one.end_to_end_id != other.end_to_end_id:
            return 0
        return 3 if squeeze(one.remittance_glued) == squeeze(other.remittance_glued) else 2
    text, other_text = squeeze(one.remittance_glued), squeeze(other.remittance_glued)
    if text == other_text:
        return 3 if one.payer_iban == other.payer_iban else int(not (one.payer_iban and other.payer_iban))
    shorter, longer = sorted((text, other_text), key=len)
    return 2 if len(shorter) >= _TELLING_LENGTH and longer.startswith(shorter) else 0


def may_overlap(statement: Statement, other: Statement) -> bool:
    """Whether two statements of an account may contain the same bookings.

    They cannot when one begins with the balance the other ended with: pages and consecutive statements chain.
    A statement that moved nothing on balance proves nothing.
    """
    balances = (statement.opening, statement.closing, other.opening, other.closing)
    if None in balances or statement.opening == statement.closing or other.opening == other.closing:
        return True
    if (statement.opening, statement.closing) == (other.opening, other.closing):
        return True
    return statement.opening != other.closing and other.opening != statement.closing


def _group(entry: StatementEntry) -> tuple[date, int, str]:
    return entry.booking_date, entry.amount.minor, entry.amount.currency


def _new_identity(entry: StatementEntry, used: set[str]) -> str:
    content = "|".join(
        (
            entry.account,
            entry.booking_date.isoformat(),
            str(entry.amount.minor),
            entry.amount.currency,
            entry.end_to_end_id,
            squeeze(entry.remittance_glued),
        )
    )
    root = hashlib.sha256(content.encode()).hexdigest()[:16]
    number = 1
    while f"{root}-{number}" in used:
        number += 1
    return f"{root}-{number}"


def by_identity(entries: Iterable[StatementEntry]) -> Mapping[str, StatementEntry]:
    """Index entries by identity."""
    return {entry.entry_id: entry for entry in entries}
