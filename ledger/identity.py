"""The identity of an entry: one booking is one, however often and in whichever format the bank delivers it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ledger.statement import Statement, StatementEntry

# Shorter than this, a text is no proof that two equal amounts on one day are the same booking.
_TELLING_LENGTH: Final = 6

# An account number is written with or without leading zeros; the IBAN has ten digits (DE: 8 bank code, 10 number).
_GERMAN_IBAN: Final = re.compile(r"DE\d{2}(\d{8})(\d{10})")
_BANK_CODE_AND_NUMBER: Final = re.compile(r"(\d{8})/(\d+)")


def identify(
    incoming: Sequence[StatementEntry], known: Iterable[StatementEntry], taken: Iterable[str] = ()
) -> list[StatementEntry]:
    """Give every incoming entry its identity: that of the known entry it repeats, or a new one.

    ``known`` are the entries of statements that may overlap with the incoming one. Duplicates are counted, not
    keyed away: each known entry is repeated by at most one incoming entry, so two equal bookings stay two.
    ``taken`` are identities already in use, of whatever statement. The order of the entries decides nothing.
    """
    before = list(known)
    repeated = _repeated(incoming, before)
    used = {*taken, *(entry.entry_id for entry in before)}
    identities: dict[int, str] = {}
    for index in sorted(range(len(incoming)), key=lambda index: _traits(incoming[index])):
        identities[index] = repeated.get(index) or _new_identity(incoming[index], used)
        used.add(identities[index])
    return [entry._replace(entry_id=identities[index]) for index, entry in enumerate(incoming)]


def likeness(one: StatementEntry, other: StatementEntry) -> int:
    """Say how surely two entries of one day and amount are one booking: 0 not at all, 3 beyond doubt.

    MT940 cuts names and texts that camt carries whole, so one text may be the beginning of the other.
    """
    return _likeness(_traits(one), _traits(other))


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
    return not (_follows(statement, other) or _follows(other, statement))


def _follows(later: Statement, earlier: Statement) -> bool:
    if (
        later.closing_date is not None
        and earlier.closing_date is not None
        and later.closing_date < earlier.closing_date
    ):
        return False  # the balances are the same by chance
    return later.opening == earlier.closing


class _Traits(NamedTuple):
    """What of an entry survives every bank and format, by which it is recognised."""

    end_to_end_id: str
    text: str
    payer: str
    is_iban: bool


def _traits(entry: StatementEntry) -> _Traits:
    account = entry.payer_iban.replace(" ", "").upper()
    found = _GERMAN_IBAN.fullmatch(account) or _BANK_CODE_AND_NUMBER.fullmatch(account)
    return _Traits(
        end_to_end_id=squeeze(entry.end_to_end_id),
        text=squeeze(entry.remittance_glued),
        payer=f"{found[1]}/{found[2].lstrip('0')}" if found else account,
        is_iban=account[:2].isalpha(),
    )


def _repeated(incoming: Sequence[StatementEntry], known: Iterable[StatementEntry]) -> dict[int, str]:
    """Pair incoming entries (by index) with the known ones they repeat, the surest pairs first."""
    exact: dict[tuple[Any, ...], list[StatementEntry]] = defaultdict(list)
    for entry in sorted(known, key=lambda entry: entry.entry_id, reverse=True):
        exact[_group(entry), _traits(entry)].append(entry)
    repeated: dict[int, str] = {}
    left = []
    for index, entry in enumerate(incoming):
        traits = _traits(entry)
        if same := exact[_group(entry), traits]:
            repeated[index] = same.pop().entry_id
        else:
            left.append((index, entry, traits))
    waiting: dict[tuple[date, int, str], list[tuple[StatementEntry, _Traits]]] = defaultdict(list)
    for (group, traits), entries in exact.items():
        waiting[group] += [(entry, traits) for entry in entries]
    gone: set[str] = set()
    for *_, entry_id, index in sorted(
        (-surety, _difference(traits, others), traits, other.entry_id, index)
        for index, entry, traits in left
        for other, others in waiting[_group(entry)]
        if (surety := _likeness(traits, others))
    ):
        if index not in repeated and entry_id not in gone:
            repeated[index] = entry_id
            gone.add(entry_id)
    return repeated


def _difference(one: _Traits, other: _Traits) -> int:
    return abs(len(one.text) - len(other.text))


def _likeness(one: _Traits, other: _Traits) -> int:
    both_referenced = bool(one.end_to_end_id and other.end_to_end_id)
    if both_referenced and one.end_to_end_id != other.end_to_end_id:
        return 0
    both_named = bool(one.payer and other.payer)
    # Sub-accounts make an IBAN differ from the number it stands for, so only like is compared with like.
    if both_named and one.payer != other.payer and one.is_iban == other.is_iban:
        return 0
    if one.text == other.text:
        return 3 if both_referenced or one.payer == other.payer else 1
    shorter, longer = sorted((one.text, other.text), key=len)
    if both_referenced or (len(shorter) >= _TELLING_LENGTH and longer.startswith(shorter)):
        return 2
    return int(not shorter and both_named and one.payer == other.payer)


def _group(entry: StatementEntry) -> tuple[date, int, str]:
    return entry.booking_date, entry.amount.minor, entry.amount.currency


def _new_identity(entry: StatementEntry, used: set[str]) -> str:
    traits = _traits(entry)
    content = "|".join(
        (
            entry.account,
            entry.booking_date.isoformat(),
            str(entry.amount.minor),
            entry.amount.currency,
            entry.end_to_end_id,
            traits.text,
            traits.payer,
        )
    )
    root = hashlib.sha256(content.encode()).hexdigest()[:16]
    number = 1
    while f"{root}-{number}" in used:
        number += 1
    return f"{root}-{number}"
