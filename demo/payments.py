"""Three months of movements (Umsätze): who pays when, who does not pay, and what banks put into one booking."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from demo.diary import Diary, OtherParty
from demo.names import BANKS, SURNAMES, iban
from demo.other_movements import write_other_movements
from demo.ways_to_pay import collect, net_credit_note, pay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from demo.books import Books, Customer
    from demo.movement import Movement
    from ledger.open_item import OpenItem

# Of 1,200 documents about 140 are never paid; returned debits and part payments add some fifty more.
UNPAID_SHARE: Final = 0.115
_NOT_YET_DUE_SHARE: Final = 0.4  # of the unpaid
_NETTED_SHARE: Final = 0.7  # of the credit notes
_BATCH_SHARE: Final = 0.2  # of the days
_ADVISERS: Final = 3


def invent_payments(
    rng: Random, books: Books, *, accounts: tuple[str, ...], days: tuple[date, ...], company: str
) -> tuple[Movement, ...]:
    """Invent every movement of the bank days; batches of the first account share a booking reference."""
    diary = Diary(rng=rng, books=books, accounts=accounts, days=days, advisers=_advisers(rng))
    plan = _plan(diary)
    diary.pending = defaultdict(dict)
    for _, item in plan:
        diary.pending[item.debtor_number][item.item_id] = item
    _net_credit_notes(diary)
    for day, item in plan:
        if item.item_id in diary.pending[item.debtor_number]:
            customer = books.customers[item.debtor_number]
            (collect if customer.mandate_id else pay)(diary, customer, item, day)
    write_other_movements(diary, company)
    return _with_batches(rng, diary.movements, accounts[0])


def _advisers(rng: Random) -> tuple[OtherParty, ...]:
    """Invent tax advisers who pay for several clients from one account."""
    return tuple(
        OtherParty(
            name=f"Steuerkanzlei {rng.choice(SURNAMES)} & Partner",
            iban=iban(bank, rng.randint(10_000, 9_999_999_999)),
            bic=bank.bic,
        )
        for bank in rng.sample(BANKS, _ADVISERS)
    )


def _plan(diary: Diary) -> list[tuple[date, OpenItem]]:
    """Say which invoices are paid or collected, and on which day, in the order of days."""
    invoices = [item for item in diary.books.items if item.is_invoice]
    unpaid = _unpaid(diary, invoices)
    plan = [(_day(diary, item), item) for item in invoices if item.item_id not in unpaid]
    return sorted(plan, key=lambda planned: (planned[0], planned[1].document_number))


def _unpaid(diary: Diary, invoices: Sequence[OpenItem]) -> set[str]:
    rng, last = diary.rng, diary.days[-1]
    uncollected = {i.item_id for i in invoices if _customer(diary, i).mandate_id and i.due_date > last}
    others = [i for i in invoices if not _customer(diary, i).mandate_id and i.document_date < last]
    not_due = [i.item_id for i in others if i.due_date > last]
    overdue = [i for i in others if i.due_date < last]
    target = round(len(diary.books.items) * UNPAID_SHARE)
    wanted = max(0, min(len(not_due), round(target * _NOT_YET_DUE_SHARE) - len(uncollected)))
    chosen = uncollected | set(rng.sample(not_due, wanted))
    # Slow payers come to the front of the queue of those who do not pay at all.
    overdue.sort(key=lambda i: rng.random() - (0.4 if _customer(diary, i).slow else 0))
    too_new = {i.item_id for i in invoices if i.document_date >= last}
    return chosen | too_new | {i.item_id for i in overdue[: max(0, target - len(chosen))]}


def _day(diary: Diary, item: OpenItem) -> date:
    rng, first, last = diary.rng, diary.days[0], diary.days[-1]
    customer = _customer(diary, item)
    wished = item.due_date
    if not customer.mandate_id:
        wished += timedelta(days=rng.randint(4, 40) if customer.slow else rng.randint(-8, 5))
    earliest = item.document_date + timedelta(days=1)
    if wished < first:
        wished = first + timedelta(days=rng.randint(0, 30))
    elif wished > last:
        wished = earliest + timedelta(days=rng.randint(0, (last - earliest).days))
    return diary.day(max(wished, earliest))


def _net_credit_notes(diary: Diary) -> None:
    for note in diary.books.items:
        if note.is_invoice or diary.rng.random() >= _NETTED_SHARE:
            continue
        customer = diary.books.customers[note.debtor_number]
        larger = [i for i in diary.pending[note.debtor_number].values() if i.amount > note.amount]
        if customer.mandate_id or not larger:
            continue
        item = diary.rng.choice(larger)
        known_since = max(item.document_date, note.document_date)
        day = diary.day(max(item.due_date, known_since + timedelta(days=1)))
        if day > known_since:
            net_credit_note(diary, customer, note, item, day)


def _customer(diary: Diary, item: OpenItem) -> Customer:
    return diary.books.customers[item.debtor_number]


def _with_batches(rng: Random, movements: Sequence[Movement], account: str) -> tuple[Movement, ...]:
    """Put the collections of a day, and on some days the transfers of payers, into one booking each."""
    alone: list[Movement] = []
    together: defaultdict[tuple[date, str], list[Movement]] = defaultdict(list)
    for movement in movements:
        entry = movement.entry
        if entry.account == account and entry.transaction_code in {"166", "171"}:
            together[entry.booking_date, entry.transaction_code].append(movement)
        else:
            alone.append(movement)
    for (day, gvc), group in sorted(together.items(), key=lambda found: found[0]):
        joined = len(group) > 1 if gvc == "171" else len(group) > 3 and rng.random() < _BATCH_SHARE
        if joined:
            batch = f"SAMMLER-{day:%Y%m%d}-{gvc}"
            group[:] = [
                replace(m, entry=m.entry._replace(booking_ref=batch, position=n)) for n, m in enumerate(group)
            ]
        alone.extend(group)
    return tuple(alone)
