"""Transfers between our own accounts (Umbuchungen), paired: an amount leaves one account and reaches another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.statement import EntryKind, EntryStatus
from reconciliation.index import account_key
from reconciliation.written_names import name_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from ledger.statement import StatementEntry

_DAYS: Final = 5  # a transfer over a long weekend, or to a bank abroad
_WAY: Final = (EntryKind.TRANSFER, EntryKind.INSTANT, EntryKind.OWN_TRANSFER, EntryKind.OTHER)

_Sides = tuple[list["StatementEntry"], list["StatementEntry"]]  # what left, what arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTransfer:
    """One side of a transfer between own accounts; ``other_side`` is empty where the other was not found."""

    says: str
    other_side: str = ""  # entry id
    other_account: str = ""


def own_transfers(
    entries: Iterable[StatementEntry], own_accounts: Iterable[str], own_names: Iterable[str] = (), days: int = _DAYS
) -> dict[str, OwnTransfer]:
    """Find both sides of our own transfers, each side once, by entry id.

    A side belongs here if the bank calls it so, or the other party has an account or the name of our own. Two sides
    belong together if currency and amount are equal, both accounts fit, and at most ``days`` lie between them. Where
    one side could belong to several, and they are not all alike, none of them is paired: a person decides. Only equal
    amounts of near days are compared, so the cost grows with the entries.
    """
    own = frozenset(map(account_key, own_accounts))
    names = frozenset(name_words(name) for name in own_names if name.strip())
    sides = [e for e in entries if e.status is EntryStatus.BOOKED and e.amount and _is_side(e, own, names)]
    groups: defaultdict[tuple[str, int], _Sides] = defaultdict(lambda: ([], []))
    for side in sorted(sides, key=lambda e: (e.booking_date, e.entry_id)):
        groups[side.amount.currency, abs(side.amount.minor)][side.amount.minor > 0].append(side)
    found = {side.entry_id: _alone(side, own) for side in sides}
    for out, back in groups.values():
        # What is booked on both sides on one day belongs together, however often the same amount is moved.
        for most in (0, days):
            rest = [[e for e in one if not found[e.entry_id].other_side] for one in (out, back)]
            for left, arrived in _pairs(rest[0], rest[1], own, most):
                found[left.entry_id] = _paired(left, arrived)
                found[arrived.entry_id] = _paired(arrived, left)
    return found


def _is_side(entry: StatementEntry, own: frozenset[str], names: frozenset[tuple[str, ...]]) -> bool:
    if entry.kind not in _WAY:
        return False
    other = account_key(entry.payer_iban)
    if other in own:
        return True
    # An account that is not ours is somebody else's, whatever the name: a namesake, or a company of the group.
    by_name = not other and bool(entry.payer_name) and name_words(entry.payer_name) in names
    return entry.kind is EntryKind.OWN_TRANSFER or by_name


def _pairs(
    out: Sequence[StatementEntry], back: Sequence[StatementEntry], own: frozenset[str], days: int
) -> Iterator[tuple[StatementEntry, StatementEntry]]:
    """Pair what has each other only; several that are all alike are paired in order, for it makes no difference."""
    arrived = {e.entry_id: e for e in back}
    partners = _partners(out, back, own, days)
    alike: defaultdict[frozenset[str], list[StatementEntry]] = defaultdict(list)
    for gone in out:
        alike[frozenset(partners.get(gone.entry_id, ()))].append(gone)
    for ids, left in alike.items():
        only_these = {e.entry_id for e in left}
        there = [arrived[entry_id] for entry_id in sorted(ids)]
        apart = len(left) == len(there) and all(partners[entry_id] == only_these for entry_id in ids)
        if apart and (len(left) == 1 or (_same(left) and _same(there))):
            yield from zip(left, there, strict=True)


def _same(sides: Sequence[StatementEntry]) -> bool:
    return len({(e.booking_date, account_key(e.account), account_key(e.payer_iban)) for e in sides}) == 1


def _partners(
    out: Sequence[StatementEntry], back: Sequence[StatementEntry], own: frozenset[str], days: int
) -> dict[str, set[str]]:
    partners: defaultdict[str, set[str]] = defaultdict(set)
    by_day: defaultdict[date, list[StatementEntry]] = defaultdict(list)
    for arrived in back:
        by_day[arrived.booking_date].append(arrived)
    for gone in out:
        for offset in range(-days, days + 1):
            for arrived in by_day.get(gone.booking_date + timedelta(days=offset), ()):
                if _fit(gone, arrived, own):
                    partners[gone.entry_id].add(arrived.entry_id)
                    partners[arrived.entry_id].add(gone.entry_id)
    return dict(partners)


def _fit(gone: StatementEntry, arrived: StatementEntry, own: frozenset[str]) -> bool:
    here, there = account_key(gone.account), account_key(arrived.account)
    target, source = account_key(gone.payer_iban), account_key(arrived.payer_iban)
    fits = (target == there or target not in own) and (source == here or source not in own)
    return here != there and fits


def _paired(side: StatementEntry, other: StatementEntry) -> OwnTransfer:
    way = f"to {other.account}" if side.amount.minor < 0 else f"from {other.account}"
    verb = "arrived" if side.amount.minor < 0 else "left"
    there = f"where it {verb} on {other.booking_date:%d.%m.%Y}"
    return OwnTransfer(
        says=f"a transfer between our own accounts (Umbuchung) {way}, {there}",
        other_side=other.entry_id,
        other_account=other.account,
    )


def _alone(side: StatementEntry, own: frozenset[str]) -> OwnTransfer:
    other = account_key(side.payer_iban)
    where = (f" {'to' if side.amount.minor < 0 else 'from'} {other}") if other in own else ""
    says = f"a transfer between our own accounts (Umbuchung){where}, whose other side is on no statement we have"
    return OwnTransfer(says=says, other_account=other if other in own else "")
