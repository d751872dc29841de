"""The documents an invented company writes: invoices and some credit notes, numbered in the order of their days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

from benchmarks.matching.number_formats import CREDIT_NOTES, Series, series_of_company
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from benchmarks.matching.customers import Customer
    from benchmarks.matching.number_formats import DocumentNumber
    from benchmarks.matching.profiles import Profile

FIRST_DAY: Final = date(2025, 1, 1)
_DAYS_OF_MONTH: Final = 30.4375
_PRICES: Final = (
    990,
    1_490,
    1_990,
    2_900,
    4_900,
    7_900,
    9_900,
    12_900,
    19_900,
    24_900,
    39_000,
    59_000,
    99_000,
    149_000,
)
_VAT: Final = 119
_ORDERS: Final = ("45{:08d}", "AB-{:06d}", "B{:05d}", "PO-{:05d}", "{:07d}")
_LARGEST: Final = 5_000_000


def last_day(profile: Profile) -> date:
    """Give the last day of the books."""
    return FIRST_DAY + timedelta(days=round(profile.months * _DAYS_OF_MONTH) - 1)


def write_documents(
    rng: Random, seed: int, profile: Profile, customers: Sequence[Customer]
) -> list[tuple[OpenItem, DocumentNumber]]:
    """Write all documents of all months, in the order of their days and numbers."""
    series, credit_notes = series_of_company(rng, seed), Series(rng.choice(CREDIT_NOTES))
    prices = rng.sample(_PRICES, 6)
    orders = rng.choice(_ORDERS)
    documents = []
    for at, (day, customer, standing) in enumerate(_occasions(rng, profile, customers)):
        is_credit = not standing and rng.random() < profile.credit_notes
        own = credit_notes if is_credit else series[hash_of(customer.number) % len(series)]
        number = own.following(rng, day, customer.number)
        minor = customer.standing_minor if standing else _amount(rng, profile, prices)
        if is_credit:
            minor = max(500, minor // rng.choice((2, 3, 5, 10)))
        item = _item(rng, profile, customer, day, str(number), minor, at, orders, is_credit=is_credit)
        documents.append((item, number))
    return documents


def hash_of(text: str) -> int:
    """Give the same small number for the same text on every machine."""
    return sum(map(ord, text))


def _occasions(rng: Random, profile: Profile, customers: Sequence[Customer]) -> list[tuple[date, Customer, bool]]:
    """Say who gets a document when, and whether it is the standing monthly one."""
    occasions = []
    for customer in customers:
        if rng.random() < profile.standing:
            customer.standing_minor = rng.choice(_PRICES) * rng.choice((1, 1, 2))
            start = rng.randrange(profile.months)
            occasions += [(_month(month), customer, True) for month in range(start, profile.months)]
    occasions = rng.sample(occasions, min(len(occasions), profile.items // 2))
    days = (last_day(profile) - FIRST_DAY).days
    weights = [min(30.0, rng.paretovariate(1.1)) for _ in customers]
    chosen = rng.choices(customers, weights, k=profile.items - len(occasions))
    occasions += [(FIRST_DAY + timedelta(days=rng.randint(0, days)), customer, False) for customer in chosen]
    return sorted(occasions, key=lambda occasion: occasion[0])


def _month(number: int) -> date:
    return date(FIRST_DAY.year + number // 12, number % 12 + 1, 1)


def _amount(rng: Random, profile: Profile, prices: Sequence[int]) -> int:
    """Charge a price from the list, a round net amount with tax, or whatever the hours and metres came to."""
    if rng.random() < profile.price_list:
        return rng.choice(prices) * rng.choice((1, 1, 1, 2, 3))
    if rng.random() < 0.33:
        return rng.randint(1, 90) * rng.choice((10, 50, 100)) * _VAT
    return min(_LARGEST, max(800, round(rng.lognormvariate(10.3, 1.2))))


def _item(
    rng: Random,
    profile: Profile,
    customer: Customer,
    day: date,
    number: str,
    minor: int,
    at: int,
    orders: str,
    *,
    is_credit: bool,
) -> OpenItem:
    amount = Money(minor, profile.currency)
    percent, days = customer.skonto or (0, 0)
    offers = bool(percent) and not is_credit
    return OpenItem(
        item_id=f"D{at:07d}",
        document_number=number,
        kind=ItemKind.CREDIT_NOTE if is_credit else ItemKind.INVOICE,
        debtor_number=customer.number,
        document_date=day,
        due_date=day if is_credit else day + timedelta(days=customer.terms_days),
        amount=amount,
        open_amount=amount,
        skonto_percent=Decimal(percent) if offers else None,
        skonto_until=day + timedelta(days=days) if offers else None,
        payment_reference=_reference(profile, number, at) if customer.has_references and not is_credit else "",
        order_number=_order(rng, orders, at) if customer.has_orders else "",
        end_to_end_id=f"LS{at:07d}-{customer.number}" if customer.has_mandate and not is_credit else "",
    )


def _order(rng: Random, pattern: str, at: int) -> str:
    """Give an order number; deliveries in parts share one."""
    return pattern.format(5_000 + (at // 3 if rng.random() < 0.15 else at))


def _reference(profile: Profile, number: str, at: int) -> str:
    """Give the reference printed on the invoice: ISO 11649, or the 27 digits of the QR-bill."""
    if profile.reference_kind == "QRR":
        basic = f"{3_000_000 + at:026d}"
        return f"{basic}{esr.calc_check_digit(basic)}"
    basic = "".join(c for c in number.upper() if c.isascii() and c.isalnum())
    return f"RF{mod_97_10.calc_check_digits(f'{basic}RF')}{basic}"
