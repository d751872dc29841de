"""The identity of an entry: one booking is one, however often and in whichever format the bank delivers it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.statement import EntryStatus, StatementEntry
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from ledger.statement import Statement

# Shorter than this, a text is no proof that two equal amounts on one day are the same booking.
_TELLING_LENGTH: Final = 6

# What is announced is booked within a week, holidays included; formats also disagree about a booking's day.
NEARBY_DAYS: Final = 7

# An account number is written with or without leading zeros; the IBAN has ten digits (DE: 8 bank code, 10 number).
_GERMAN_IBAN: Final = re.compile(r"DE\d{2}(\d{8})(\d{10})")
_BANK_CODE_AND_NUMBER: Final = re.compile(r"(\d{8})/(\d+)")

_CONTRADICTION: Final = -1

_ID: Final = StatementEntry._fields.index("entry_id")


def identify(
    incoming: Sequence[StatementEntry],
    known: Iterable[StatementEntry],
    taken: Collection[str] = (),
    *,
    loosely: Collection[str] = (),
) -> list[StatementEntry]:
    """Give every incoming entry its identity: that of the known entry it repeats, or a new one.

    ``known`` are the entries of statements that may overlap with the incoming one. Duplicates are counted, not
    keyed away: each known entry is repeated by at most one incoming entry, so two equal bookings stay two.
    ``taken`` are identities already in use, of whatever statement. The order of the entries decides nothing.

    ``loosely`` names the known entries that must be among the incoming ones, because another format has told the same
    days completely: where day and amount agree they are the same booking, unless references or accounts contradict.
    """
    before = list(known)
    repeated = _repeated(incoming, before, loosely) if before else {}
    used = {*taken, *(entry.entry_id for entry in before)}
    numbers: dict[str, int] = defaultdict(int)
    identified = []
    for index, entry in enumerate(incoming):
        entry_id = repeated.get(index) or _new_identity(_root(entry), numbers, used)
        identified.append(_named(entry, entry_id))
    return identified


def likeness(one: StatementEntry, other: StatementEntry) -> int:
    """Say how surely two entries of one day and amount are one booking: 0 nothing tells, 3 beyond doubt.

    Below 0 they contradict each other. MT940 cuts names and texts that camt carries whole, so one text may be the
    beginning of the other.
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
    transaction_id: str


def _traits(entry: StatementEntry) -> _Traits:
    account = entry.payer_iban.replace(" ", "").upper()
    return _Traits(
        end_to_end_id=squeeze(entry.end_to_end_id) if entry.end_to_end_id else "",
        text=squeeze(entry.remittance_glued) if entry.remittance_glued else "",
        payer=_payer(account),
        is_iban=account[:2].isalpha(),
        transaction_id=entry.transaction_id,
    )


def _payer(account: str) -> str:
    found = _GERMAN_IBAN.fullmatch(account) or _BANK_CODE_AND_NUMBER.fullmatch(account)
    return f"{found[1]}/{found[2].lstrip('0')}" if found else account


class _Candidate(NamedTuple):
    """An entry that is still alone."""

    key: Any  # index of an incoming, identity of a known entry
    entry: StatementEntry
    traits: _Traits


def _repeated(
    incoming: Sequence[StatementEntry], known: Iterable[StatementEntry], loosely: Collection[str]
) -> dict[int, str]:
    """Pair incoming entries (by index) with the known ones they repeat, the surest pairs first.

    What is booked goes before what is only announced: of a booking that both tell, there must not be two.
    """
    new = [_Candidate(index, entry, _traits(entry)) for index, entry in enumerate(incoming)]
    old = [_Candidate(entry.entry_id, entry, _traits(entry)) for entry in known]
    booked = [one for one in old if not _is_provisional(one.entry)]
    provisional = [one for one in old if _is_provisional(one.entry)]
    repeated = _paired(new, booked, _exactly_alike, _alike, partial(_nearby, loosely=loosely))
    announced = _paired(new, provisional, _exactly_alike, _alike)
    # Two formats may tell a booking in words that have nothing in common; who has a better partner goes last.
    told_otherwise = [one for one in booked if one.key in loosely and one.key not in repeated.values()]
    left = [one for one in new if one.key not in repeated]
    repeated |= _surest_first(_equal_day_and_amount(left, told_otherwise, announced))
    left = [one for one in new if one.key not in repeated]
    return repeated | _paired(left, provisional, _exactly_alike, _alike, partial(_nearby, loosely=loosely))


def absorbed(identified: Sequence[StatementEntry], known: Iterable[StatementEntry]) -> dict[str, str]:
    """Give what was announced and turns out to be a booking that another format had told before (old to new)."""
    taken = {entry.entry_id for entry in identified}
    pending = [entry for entry in known if entry.status is EntryStatus.PENDING and entry.entry_id not in taken]
    new = [_Candidate(entry.entry_id, entry, _traits(entry)) for entry in identified]
    old = [_Candidate(entry.entry_id, entry, _traits(entry)) for entry in pending]
    paired = _paired(new, old, _exactly_alike, _alike, partial(_nearby, loosely=()))
    return {old_id: new_id for new_id, old_id in paired.items()}


def _is_provisional(entry: StatementEntry) -> bool:
    return entry.status in {EntryStatus.PENDING, EntryStatus.WITHDRAWN}


def _paired(
    new: list[_Candidate],
    old: list[_Candidate],
    *ways: Callable[[list[_Candidate], list[_Candidate]], Iterable[_Pair]],
) -> dict[Any, str]:
    """Pair in several ways, one after the other; nobody has two partners."""
    paired: dict[Any, str] = {}
    for pairs in ways:
        gone = set(paired.values())
        new = [one for one in new if one.key not in paired]
        old = [one for one in old if one.key not in gone]
        if not new or not old:
            break
        paired |= _surest_first(pairs(new, old))
    return paired


def _exactly_alike(new: list[_Candidate], old: list[_Candidate]) -> Iterator[_Pair]:
    waiting: dict[Any, list[_Candidate]] = defaultdict(list)
    for one in sorted(old, key=itemgetter(0), reverse=True):
        waiting[_group(one.entry), one.traits].append(one)
    for one in new:
        if same := waiting.get((_group(one.entry), one.traits)):
            yield _Pair(0, one, same.pop())


def _alike(new: list[_Candidate], old: list[_Candidate]) -> Iterator[_Pair]:
    """Pair what happened on one day and tells more or less the same."""
    for one, other in _sharing(new, old, _group):
        if (surety := _likeness(one.traits, other.traits)) > 0:
            yield _Pair(surety, one, other)


def _nearby(new: list[_Candidate], old: list[_Candidate], loosely: Collection[str]) -> Iterator[_Pair]:
    """Pair what was announced for another day than it was booked on, or whose day two formats tell differently.

    Two announcements of different days, and two bookings, are two: a debtor may pay the same bill twice.
    """
    for one, other in _sharing(new, old, lambda entry: (entry.amount.minor, entry.amount.currency)):
        pending = [entry.status is EntryStatus.PENDING for entry in (one.entry, other.entry)]
        same_value_date = one.entry.value_date is not None and one.entry.value_date == other.entry.value_date
        may_be = pending[0] != pending[1] or (same_value_date and other.key in loosely)
        apart = abs((one.entry.booking_date - other.entry.booking_date).days)
        if may_be and apart <= NEARBY_DAYS and (surety := _likeness(one.traits, other.traits)) > 1:
            yield _Pair(surety * 10 - apart, one, other)


def _equal_day_and_amount(
    new: list[_Candidate], old: list[_Candidate], announced: Collection[int]
) -> Iterator[_Pair]:
    """Pair what two formats tell of one day in words that have nothing in common."""
    waiting: dict[Any, list[_Candidate]] = defaultdict(list)
    for other in old:
        waiting[_group(other.entry)].append(other)
    for one in new:
        for other in waiting.get(_group(one.entry), ()):
            if _likeness(one.traits, other.traits) == 0:
                yield _Pair(-int(one.key in announced), one, other)


class _Pair(NamedTuple):
    surety: int
    new: _Candidate
    old: _Candidate


def _sharing(
    new: Iterable[_Candidate], old: Iterable[_Candidate], group: Callable[[StatementEntry], Any]
) -> Iterator[tuple[_Candidate, _Candidate]]:
    """Give the pairs of one group that have any clue in common; all others cannot be alike."""
    buckets: dict[Any, list[_Candidate]] = defaultdict(list)
    for other in old:
        for clue in _clues(other.traits):
            buckets[group(other.entry), clue].append(other)
    for one in new:
        seen: set[str] = set()
        for clue in _clues(one.traits):
            for other in buckets.get((group(one.entry), clue), ()):
                if other.key not in seen:
                    seen.add(other.key)
                    yield one, other


def _clues(traits: _Traits) -> Iterator[tuple[str, str]]:
    yield "text", traits.text[:_TELLING_LENGTH]
    if traits.end_to_end_id:
        yield "end to end", traits.end_to_end_id
    if traits.payer:
        yield "payer", traits.payer
    if traits.transaction_id:
        yield "transaction", traits.transaction_id


def _surest_first(pairs: Iterable[_Pair]) -> dict[int, str]:
    repeated: dict[int, str] = {}
    gone: set[str] = set()
    for pair in sorted(pairs, key=_order):
        if pair.new.key not in repeated and pair.old.key not in gone:
            repeated[pair.new.key] = pair.old.key
            gone.add(pair.old.key)
    return repeated


def _order(pair: _Pair) -> tuple[Any, ...]:
    one, other = pair.new.traits, pair.old.traits
    return -pair.surety, abs(len(one.text) - len(other.text)), one, pair.old.key, pair.new.key


def _likeness(one: _Traits, other: _Traits) -> int:
    if one.transaction_id and one.transaction_id == other.transaction_id:
        return 3
    both_referenced = bool(one.end_to_end_id and other.end_to_end_id)
    if both_referenced and one.end_to_end_id != other.end_to_end_id:
        return _CONTRADICTION
    both_named = bool(one.payer and other.payer)
    # Sub-accounts make an IBAN differ from the number it stands for, so only like is compared with like.
    if both_named and one.payer != other.payer and one.is_iban == other.is_iban:
        return _CONTRADICTION
    if one.text == other.text:
        return 3 if both_referenced or one.payer == other.payer else 1
    shorter, longer = sorted((one.text, other.text), key=len)
    if both_referenced or (len(shorter) >= _TELLING_LENGTH and longer.startswith(shorter)):
        return 2
    return int(not shorter and both_named and one.payer == other.payer)


def _group(entry: StatementEntry) -> tuple[date, int, str]:
    return entry.booking_date, entry.amount.minor, entry.amount.currency


def _named(entry: StatementEntry, entry_id: str) -> StatementEntry:
    # What ``_replace`` does, four times as fast: every entry that is stored passes here.
    return StatementEntry._make((*entry[:_ID], entry_id, *entry[_ID + 1 :]))


def _root(entry: StatementEntry) -> str:
    content = "|".join(
        (
            entry.account,
            entry.booking_date.isoformat(),
            str(entry.amount.minor),
            entry.amount.currency,
            entry.end_to_end_id,
            squeeze(entry.remittance_glued),
            _payer(entry.payer_iban.replace(" ", "").upper()),
        )
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _new_identity(root: str, numbers: dict[str, int], used: Collection[str]) -> str:
    """Count what is equal in every word: the first, the second, the third."""
    while True:
        numbers[root] += 1
        if (entry_id := f"{root}-{numbers[root]}") not in used:
            return entry_id
