"""The books (OP-Bestand) of the invented company: its debtors with their habits, and what they owe."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from demo.names import BANKS, PLACES, Bank, firm, iban, mail_domain, person, street, telephone
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

CREDITOR_ID: Final = "DE98ZZZ09999999999"  # Gläubiger-ID the Bundesbank publishes for tests

ISSUED_DAYS: Final = 150  # how far back the oldest document goes
_ITEMS_PER_CREDIT_NOTE: Final = 40
_FIRST_DEBTOR_NUMBER: Final = 10001

# Net prices that many customers pay alike, in Cent: equal amounts are what makes matching hard.
_PRICE_LIST: Final = (4_990, 9_900, 14_900, 24_900, 39_900, 49_900, 89_000, 119_000, 249_000)


@dataclass(frozen=True, slots=True)
class Terms:
    """When a customer has to pay, and what early payment earns."""

    days: int
    skonto_percent: Decimal | None = None
    skonto_days: int = 0


_BUSINESS_TERMS: Final = (
    Terms(30, Decimal(2), 10),
    Terms(30, Decimal(2), 14),
    Terms(30, Decimal(3), 8),
    Terms(30),
    Terms(14),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A debtor as we know it, and what the books do not know of how it pays."""

    debtor: Debtor
    bank: Bank
    iban: str  # the account it really pays from
    terms: Terms
    own_account: int  # which of our two accounts it pays into
    mandate_id: str = ""  # we collect by direct debit
    uses_reference: bool = False  # its invoices carry an RF reference
    slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Customers by debtor number, and their items by date of document."""

    customers: dict[str, Customer]
    items: tuple[OpenItem, ...]
    items_by_debtor: dict[str, list[OpenItem]]

    def of_debtor(self, debtor_number: str) -> list[OpenItem]:
        """Give all items of a debtor."""
        return self.items_by_debtor.get(debtor_number, [])


def invent_books(rng: Random, *, until: date, debtors: int, items: int) -> Books:
    """Invent the customers and ``items`` documents of the last five months, credit notes among them."""
    customers = {c.debtor.number: c for c in _customers(rng, debtors)}
    credit_notes = items // _ITEMS_PER_CREDIT_NOTE
    owners = _owners(rng, tuple(customers.values()), items - credit_notes)
    days = sorted(_issue_day(rng, until) for _ in owners)
    first_number = rng.randint(80, 160)
    invoices = [
        _invoice(rng, owner, first_number + n, day) for n, (owner, day) in enumerate(zip(owners, days, strict=True))
    ]
    notes = [
        _credit_note(rng, rng.choice(invoices[: max(1, len(invoices) * 3 // 4)]), n + 1, until)
        for n in range(credit_notes)
    ]
    ordered = sorted((*invoices, *notes), key=lambda item: (item.document_date, item.document_number))
    by_debtor: dict[str, list[OpenItem]] = {number: [] for number in customers}
    for item in ordered:
        by_debtor[item.debtor_number].append(item)
    return Books(customers=customers, items=tuple(ordered), items_by_debtor=by_debtor)


def creditor_reference(digits: str) -> str:
    """Build a creditor reference (ISO 11649): RF, check digits by MOD 97-10, and our own digits."""
    return f"RF{98 - int(digits + '271500') % 97:02d}{digits}"


def _customers(rng: Random, count: int) -> list[Customer]:
    names: dict[str, bool] = {}
    while len(names) < count:
        consumer = rng.random() < 0.15
        names.setdefault(person(rng) if consumer else firm(rng), consumer)
    return [_customer(rng, name, _FIRST_DEBTOR_NUMBER + n, consumer=c) for n, (name, c) in enumerate(names.items())]


def _customer(rng: Random, name: str, number: int, *, consumer: bool) -> Customer:
    postcode, city = rng.choice(PLACES)
    bank = rng.choice(BANKS)
    account = iban(bank, rng.randint(10_000, 9_999_999_999))
    spare = iban(rng.choice(BANKS), rng.randint(10_000, 9_999_999_999))
    known = ((account,), (account,), (account, spare), (account,), ())[rng.randrange(5)]
    mailbox = "privat" if consumer else rng.choice(("buchhaltung", "rechnung", "info", "office"))
    email = f"{mailbox}@{mail_domain(name)}" if rng.random() < 0.9 else ""
    collected = rng.random() < 0.12
    return Customer(
        debtor=Debtor(
            number=str(number),
            name=name,
            street=street(rng),
            postcode=postcode,
            city=city,
            email=email,
            phone=telephone(rng) if rng.random() < 0.8 else "",
            ibans=(account,) if collected else known,
            type=DebtorType.CONSUMER if consumer else DebtorType.BUSINESS,
        ),
        bank=bank,
        iban=account,
        terms=Terms(14) if consumer else rng.choice(_BUSINESS_TERMS),
        own_account=0 if collected or rng.random() < 0.6 else 1,
        mandate_id=f"M-{number}-01" if collected else "",
        uses_reference=not collected and rng.random() < 0.14,
        slow=rng.random() < 0.15,
    )


def _owners(rng: Random, customers: Sequence[Customer], count: int) -> list[Customer]:
    """Give each customer one invoice and the rest to few: the first tenth of the customers buys nearly half."""
    few_buy_much = [1 / (n + 8) for n in range(len(customers))]
    owners = [*customers[:count], *rng.choices(customers, few_buy_much, k=max(0, count - len(customers)))]
    rng.shuffle(owners)
    return owners


def _issue_day(rng: Random, until: date) -> date:
    day = until - timedelta(days=rng.randint(2, ISSUED_DAYS))
    return day - timedelta(days=max(0, day.weekday() - 4))  # nobody invoices on a weekend


def _gross(rng: Random, *, consumer: bool) -> int:
    """Invent a net amount and add 19 % VAT, in Cent."""
    kind = rng.random()
    if kind < 0.25:
        net = rng.choice(_PRICE_LIST[:5] if consumer else _PRICE_LIST)
    elif kind < 0.5:
        net = rng.randint(1, 12 if consumer else 90) * 5_000
    else:
        net = int(math.exp(rng.uniform(8.3, 10.8 if consumer else 13.6)))
    return half_up(Fraction(net * 119, 100))


def _invoice(rng: Random, owner: Customer, number: int, day: date) -> OpenItem:
    document_number = f"RE-{day.year}-{number:05d}"
    amount = Money(_gross(rng, consumer=owner.debtor.type is DebtorType.CONSUMER), "EUR")
    terms = owner.terms
    return OpenItem(
        item_id=f"file:invoice:{document_number}",
        document_number=document_number,
        kind=ItemKind.INVOICE,
        debtor_number=owner.debtor.number,
        document_date=day,
        due_date=day + timedelta(days=terms.days),
        amount=amount,
        open_amount=amount,
        skonto_percent=terms.skonto_percent,
        skonto_until=day + timedelta(days=terms.skonto_days) if terms.skonto_percent else None,
        payment_reference=creditor_reference(f"{day.year}{number:05d}") if owner.uses_reference else "",
        order_number=rng.choice(("", "", f"B-{rng.randint(10000, 99999)}", f"45{rng.randint(0, 99999999):08d}")),
        end_to_end_id=f"LS{day:%y%m%d}{rng.randint(100000, 999999)}-{owner.debtor.number}"
        if owner.mandate_id
        else "",
    )


def _credit_note(rng: Random, invoice: OpenItem, number: int, until: date) -> OpenItem:
    day = min(invoice.document_date + timedelta(days=rng.randint(3, 12)), until)
    document_number = f"GS-{day.year}-{number:04d}"
    amount = Money(half_up(Fraction(invoice.amount.minor * rng.randint(5, 40), 100)), "EUR")
    return OpenItem(
        item_id=f"file:credit_note:{document_number}",
        document_number=document_number,
        kind=ItemKind.CREDIT_NOTE,
        debtor_number=invoice.debtor_number,
        document_date=day,
        due_date=day,
        amount=amount,
        open_amount=amount,
    )
