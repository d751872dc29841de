"""The books of an invented company: its open items, a year and a half of bank entries, and the truth of each."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.matching.customers import invent_customers
from benchmarks.matching.diary import Diary
from benchmarks.matching.direct_debits import collect
from benchmarks.matching.documents import FIRST_DAY, last_day, write_documents
from benchmarks.matching.skonto import day_of_payment
from benchmarks.matching.strangers import expect_strangers
from benchmarks.matching.ways_to_pay import WAYS
from benchmarks.matching.ways_to_pay_several import WAYS_TO_PAY_SEVERAL, net_credit_note, pay_out
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.profiles import Profile
    from benchmarks.matching.truth import Truth
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_PAYMENTS_PER_ITEM: Final = 0.62  # about, so that strangers get their share
_FEW_OWE_SEVERAL: Final = {"list_short_forms": 2.2, "range": 2.2}
_ALL_WAYS: Final = {**WAYS, **WAYS_TO_PAY_SEVERAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything about one invented company. The open amount of each item is that of the day it was written."""

    seed: int
    profile: Profile
    first_day: date
    last_day: date
    own_accounts: frozenset[str]
    debtors: dict[str, Debtor]
    items: tuple[OpenItem, ...]  # oldest first
    entries: tuple[StatementEntry, ...]  # oldest first
    truth: Mapping[str, Truth]  # by entry id


def invent(profile: Profile, seed: int) -> Books:
    """Invent a company and its payments; the same profile and seed always give the same books."""
    rng = random.Random(f"{profile.name} {profile.items} {seed}")  # noqa: S311 - guards no secret
    customers = invent_customers(rng, profile)
    documents = write_documents(rng, seed, profile, customers)
    diary = Diary(rng, profile, customers, last_day(profile))
    diary.numbers.update((item.item_id, number) for item, number in documents)
    items = [item for item, _ in documents]
    by_number = {customer.number: customer for customer in customers}
    likings = _Likings(profile)
    for item in items:
        _intend(diary, by_number[item.debtor_number], item, likings)
    strangers = profile.items * _PAYMENTS_PER_ITEM * profile.shares["unrelated"] / 1_000
    expect_strangers(diary, FIRST_DAY, round(strangers))
    diary.live(items)
    return Books(
        seed=seed,
        profile=profile,
        first_day=FIRST_DAY,
        last_day=diary.last_day,
        own_accounts=frozenset(diary.own_accounts),
        debtors={customer.number: customer.debtor for customer in customers},
        items=tuple(items),
        entries=tuple(diary.entries),
        truth=diary.truth,
    )


def month_of(books: Books, months: int) -> date:
    """Give the first day after so many months of the books."""
    years, month = divmod(books.first_day.month - 1 + months, 12)
    return date(books.first_day.year + years, month + 1, 1)


def open_at(books: Books, day: date) -> dict[str, int]:
    """Replay the truth: what is open at the end of a day on each document written until then, in minor units."""
    still_open = {item.item_id: item.amount.minor for item in books.items if item.document_date <= day}
    signs = {item.item_id: 1 if item.is_invoice else -1 for item in books.items}
    for entry in books.entries:
        if entry.booking_date > day:
            break
        for item_id, minor in books.truth[entry.entry_id].allocations.items():
            still_open[item_id] -= signs[item_id] * minor
    return {item_id: minor for item_id, minor in still_open.items() if minor}


def known_on(books: Books, day: date) -> tuple[OpenItem, ...]:
    """Give the documents written until a day with what is open on them that evening, settled ones too."""
    left = open_at(books, day)
    return tuple(
        replace(item, open_amount=Money(left.get(item.item_id, 0), item.currency))
        for item in books.items
        if item.document_date <= day
    )


class _Likings:
    """How likely each way to pay is; a printed reference and an order number are needed for theirs."""

    def __init__(self, profile: Profile) -> None:
        shares = {name: share for name, share in profile.shares.items() if name in _ALL_WAYS}
        # What only some can do, those must do oftener, so that it happens as often as the profile says.
        shares["structured"] /= max(profile.references, 0.01)
        shares["order_number_only"] /= max(profile.orders * (1 - profile.consumers), 0.02)
        for name in WAYS_TO_PAY_SEVERAL:
            shares[name] *= _FEW_OWE_SEVERAL.get(name, 1.8)
        self.names = tuple(shares)
        self.weights = tuple(shares.values())


def _intend(diary: Diary, customer: Customer, item: OpenItem, likings: _Likings) -> None:
    """Plan when, if ever, a document is paid; how, is decided on the day."""
    rng = diary.rng
    if not item.is_invoice:
        if rng.random() < 0.35:
            later = item.document_date + timedelta(days=rng.randint(25, 60))
            diary.wish(later, partial(pay_out, diary, customer, item))
        return
    if customer.has_mandate:
        diary.wish(item.due_date, partial(_collect, diary, customer, item))
        return
    if rng.random() >= customer.willing:
        return
    late = customer.slowness + round(rng.triangular(-7, 12, 0))
    usual = max(item.due_date + timedelta(days=late), item.document_date + timedelta(days=1))
    day = day_of_payment(diary, item, usual)
    diary.wish(day, partial(_pay, diary, customer, item, likings))


def _collect(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    if diary.left[item.item_id]:
        collect(diary, customer, item, day)


def _pay(diary: Diary, customer: Customer, item: OpenItem, likings: _Likings, day: date) -> None:
    """Pay an invoice that may have been paid along with another by now, in a way that is possible."""
    if not diary.left[item.item_id] or item.item_id in diary.promised:
        return
    credit_notes = diary.open_credit_notes(customer.number)
    if credit_notes and diary.rng.random() < 0.5 and net_credit_note(diary, customer, item, credit_notes[0], day):
        return
    while not _ALL_WAYS[diary.rng.choices(likings.names, likings.weights)[0]](diary, customer, item, day):
        pass
