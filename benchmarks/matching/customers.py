"""The customers (Debitoren) of an invented company: who they are, who pays for them, and how they write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks.matching.names import core, firm, person, spouse_of
from ledger.debtor import Debtor, DebtorType

if TYPE_CHECKING:
    from random import Random

    from benchmarks.matching.profiles import Profile

_CUSTOMER_NUMBERS: Final = ("{:05d}", "7{:05d}", "K{:05d}", "KD-{:04d}", "{:06d}")
_FIRST_CUSTOMER: Final = 10_001
_ADVISERS: Final = ("Steuerkanzlei {}", "{} Steuerberatung PartG mbB", "Lohn & Buch {} GmbH")
_MANAGERS: Final = ("Hausverwaltung {} GmbH", "{} Immobilienverwaltung KG", "{} Property Management GmbH")
_PARENTS: Final = ("{} Holding GmbH", "{} Beteiligungs SE", "{} Shared Services GmbH")
_FACTORS: Final = ("Nordfactoring AG", "TopFaktor Finanz GmbH")


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody who pays: the debtor, or another for one or for several debtors."""

    name: str
    iban: str
    role: str = ""  # empty for the debtor, else third_party or shared_account
    names_debtor: bool = False  # gives the debtor as ultimate debtor (abweichender Auftraggeber)


@dataclass(slots=True)
class Customer:
    """A debtor with habits. ``payer`` changes when the account does."""

    debtor: Debtor
    payer: Payer
    own_name: str
    is_person: bool
    willing: float  # share of its invoices it pays
    habit: int  # which wording it likes best
    spelling: float  # below the profile's share, its bank knows it under another name
    terms_days: int
    skonto: tuple[int, int] | None  # per cent, days
    has_mandate: bool
    has_references: bool
    has_orders: bool
    standing_minor: int = 0  # what it is charged every month, if it is
    slowness: int = 0  # days it pays after the due date, on average
    bank_spelling: str = ""  # the other name, once invented
    accounts: set[str] = field(default_factory=set)  # from which it was seen paying, or which the tool knows

    @property
    def number(self) -> str:
        """The debtor number."""
        return self.debtor.number


def invent_customers(rng: Random, profile: Profile) -> list[Customer]:
    """Invent all customers of a company; how often each is written to is decided elsewhere."""
    count = max(6, profile.items // profile.items_per_debtor)
    pattern = rng.choice(_CUSTOMER_NUMBERS)
    shared = _shared_payers(rng, profile, count)
    return [_customer(rng, profile, pattern.format(_FIRST_CUSTOMER + n * 3 % 90_000), shared) for n in range(count)]


def namesakes(customers: list[Customer]) -> Counter[frozenset[str]]:
    """Count how many customers people would recognise by the same words."""
    return Counter(core(customer.own_name) for customer in customers)


def iban(rng: Random, country: str = "DE") -> str:
    """Invent an account with its check digits (ISO 13616, ISO 7064 MOD 97-10)."""
    if country == "CH":
        basic = f"{rng.randint(80_000, 89_999):05d}{rng.randrange(10**12):012d}"
    else:
        basic = f"{rng.randint(100, 899)}{rng.choice(('500', '400', '900'))}{rng.randint(0, 99):02d}"
        basic += f"{rng.randrange(10**10):010d}"
    letters = "".join(str(int(c, 36)) for c in country)
    return f"{country}{98 - int(f'{basic}{letters}00') % 97:02d}{basic}"


def _customer(rng: Random, profile: Profile, number: str, shared: list[Payer]) -> Customer:
    is_person = rng.random() < profile.consumers
    name = person(rng) if is_person else firm(rng)
    account = iban(rng, "AT" if rng.random() < 0.03 else profile.country)
    told = rng.random() < profile.accounts_told
    payer = _payer(rng, profile, name, account, shared, is_person=is_person)
    good = rng.random() < profile.good_payers
    skonto = rng.choice(((2, 10), (2, 14), (3, 8), (3, 14))) if rng.random() < profile.skonto else None
    return Customer(
        debtor=Debtor(
            number=number,
            name=name,
            country=profile.country,
            ibans=(account,) if told else (),
            type=DebtorType.CONSUMER if is_person else DebtorType.BUSINESS,
        ),
        payer=payer,
        own_name=name,
        is_person=is_person,
        willing=rng.uniform(0.75, 0.95) if good else rng.uniform(0.05, 0.35),
        habit=rng.randrange(1_000),
        spelling=rng.random(),
        terms_days=rng.choice((14, 14, 30, 30, 30, 8, 10, 60)),
        skonto=None if is_person else skonto,
        has_mandate=rng.random() < profile.mandates,
        has_references=rng.random() < profile.references,
        has_orders=not is_person and rng.random() < profile.orders,
        slowness=rng.choice((-5, -2, 0, 0, 2, 5, 10, 25)),
        accounts={account} if told else set(),
    )


def _payer(rng: Random, profile: Profile, name: str, account: str, shared: list[Payer], *, is_person: bool) -> Payer:
    chance = rng.random()
    if chance < profile.shared and shared:
        return rng.choice(shared)
    if chance < profile.shared + profile.third_party:
        family = spouse_of(rng, name) if is_person else rng.choice(_PARENTS).format(rng.choice(name.split()[:2]))
        return Payer(family, iban(rng, profile.country), "third_party", rng.random() < 0.25)
    return Payer(name, account)


def _shared_payers(rng: Random, profile: Profile, customers: int) -> list[Payer]:
    """Invent tax advisers, property managers, parent companies and factors, each for about four customers."""
    wanted = max(1, round(customers * profile.shared / 4)) if profile.shared else 0
    kinds = (*_ADVISERS, *_MANAGERS, *_PARENTS)
    return [
        Payer(
            rng.choice(_FACTORS) if rng.random() < 0.1 else rng.choice(kinds).format(person(rng).split()[-1]),
            iban(rng, profile.country),
            "shared_account",
            rng.random() < 0.4,
        )
        for _ in range(wanted)
    ]
