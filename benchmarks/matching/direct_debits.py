"""Our own direct debits (Lastschriften): collected under our own reference, and sometimes given back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.matching.customers import Payer
from benchmarks.matching.diary import Clear, Payment
from benchmarks.matching.skonto import pay_less
from benchmarks.matching.ways_to_pay import NOTHING_LESS
from ledger.allocation import AllocationKind
from ledger.statement import EntryKind

if TYPE_CHECKING:
    from datetime import date

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.diary import Diary
    from ledger.allocation import Allocation
    from ledger.open_item import OpenItem

_CHARGES: Final = (300, 350, 450, 511, 760, 1_000)
_REASONS: Final = ("AC04", "AM04", "MD06", "MS02", "MS03")


def collect(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    """Collect what is open on an invoice; within days the bank may take it back."""
    minor, bookings = pay_less(diary, (item,), NOTHING_LESS)
    diary.write(_movement(diary, customer, item, day, "end_to_end", minor, EntryKind.DIRECT_DEBIT, bookings))
    if diary.rng.random() < diary.profile.returns:
        diary.wish(day + timedelta(days=diary.rng.randint(2, 9)), partial(_give_back, diary, customer, item, minor))


def _give_back(diary: Diary, customer: Customer, item: OpenItem, minor: int, day: date) -> None:
    charge = diary.rng.choice(_CHARGES)
    inside = diary.rng.random() < 0.8  # else the bank books its charge for itself
    bookings = diary.reopen(item, minor)
    if inside:
        bookings.append(diary.apart(AllocationKind.BANK_CHARGE, -charge, customer.number))
    taken = minor + charge if inside else minor
    payment = _movement(diary, customer, item, day, "returned_debit", -taken, EntryKind.RETURNED_DEBIT, bookings)
    told = diary.rng.random() < 0.8
    payment.original_minor = minor if told else 0
    payment.charges_minor = charge if told and inside else 0
    payment.return_reason = diary.rng.choice(_REASONS)
    payment.modifiers.append("charge_inside" if inside else "charge_apart")
    if diary.rng.random() < 0.15:  # some banks drop the reference, the text remains
        payment.end_to_end_id = ""
        payment.modifiers.append("reference_lost")
    diary.write(payment)
    if not inside:
        _charge_apart(diary, day, charge)
    if diary.rng.random() < 0.6:
        diary.wish(day + timedelta(days=diary.rng.randint(5, 30)), partial(_pay_after_all, diary, customer, item))


def _movement(
    diary: Diary,
    customer: Customer,
    item: OpenItem,
    day: date,
    payment_class: str,
    minor: int,
    kind: EntryKind,
    bookings: list[Allocation],
) -> Payment:
    return Payment(
        payment_class=payment_class,
        day=day,
        minor=minor,
        text=f"{diary.numbers[item.item_id]} Kd. {customer.number}",
        bookings=bookings,
        clear=Clear.BY_ITSELF,
        customer=customer,
        payer=Payer(customer.own_name, customer.payer.iban),
        kind=kind,
        end_to_end_id=item.end_to_end_id,
        mandate_id=f"M-{customer.number}",
        text_is_final=True,
    )


def _charge_apart(diary: Diary, day: date, charge: int) -> None:
    diary.write(
        Payment(
            payment_class="unrelated",
            day=day,
            minor=-charge,
            text="Entgelt Ruecklastschrift",
            payer=Payer("", ""),
            modifiers=["charge"],
            kind=EntryKind.CHARGE,
            text_is_final=True,
        )
    )


def _pay_after_all(diary: Diary, customer: Customer, item: OpenItem, day: date) -> None:
    if diary.left[item.item_id]:
        text = f"{diary.numbers[item.item_id]} Ruecklastschrift"
        minor, bookings = pay_less(diary, (item,), NOTHING_LESS)
        diary.write(
            Payment(
                payment_class="exact",
                day=day,
                minor=minor,
                text=text,
                bookings=bookings,
                clear=Clear.BY_ITSELF,
                customer=customer,
                modifiers=["after_return"],
            )
        )
