"""Invents a company's open items and a month of payments for them, seeded, with the truth beside each payment."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import EntryKind, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_ACCOUNT: Final = "DE02120300000000202051"
_FIRST: Final = "Alpen Berg Delta Elbe Fels Garten Hafen Insel Jura Kern Linden Mosel Nord Ost Pfalz Quell".split()
_TRADE: Final = "Bau Blech Dach Druck Elektro Farben Glas Holz Immobilien Keramik Logistik Metall Optik".split()
_PEOPLE: Final = "Albrecht Brandt Conrad Dietrich Ebert Fischer Graf Huber Jansen Krüger Lorenz Müller".split()
_LEGAL: Final = ("GmbH", "AG", "GmbH & Co. KG", "KG", "e.K.", "OHG")
_NOISE: Final = ("", "danke", "vom 12.03.2026", "Kd-Nr 4711", "Tel. 089 123456", "Zahlung", "lt. Rechnung")
_FORMATS: Final = ("RE-2026-{:05d}", "2600{:04d}", "RG{:07d}", "2026{:05d}", "{:06d}", "R26/04-{:05d}")
_PRICES: Final = (1_190, 2_380, 4_998, 5_950, 11_900, 23_800, 35_700, 59_500)
_DAY: Final = date(2026, 5, 1)

CLASSES: Final = {  # what a payer does, and how often in a thousand
    "exact": 380,
    "no_number": 120,
    "several": 90,
    "several_no_number": 40,
    "skonto": 60,
    "short": 50,
    "typo": 50,
    "partial": 40,
    "over": 15,
    "duplicate": 15,
    "settled": 20,
    "wrong_number": 15,
    "stranger_quotes": 25,
    "unrelated": 80,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A company, its payments, and for each payment the items it is meant for (empty: none of ours)."""

    items: tuple[OpenItem, ...]
    debtors: dict[str, Debtor]
    entries: tuple[StatementEntry, ...]
    truth: dict[str, frozenset[str]]
    classes: dict[str, str]


def invent(seed: int, items: int, payments: int, number_format: int = 0) -> Invented:
    """Invent everything from one seed; about one debtor for eight items."""
    chance = random.Random(seed)
    debtors = {str(10_000 + n): _debtor(chance, n) for n in range(max(2, items // 8))}
    numbers = list(debtors)
    book = [_item(chance, n, numbers, _FORMATS[number_format]) for n in range(items)]
    settled = {item.item_id for item in chance.sample(book, len(book) // 10)}
    book = [_settled(item) if item.item_id in settled else item for item in book]
    entries, truth, classes = _payments(chance, book, debtors, payments)
    return Invented(items=tuple(book), debtors=debtors, entries=tuple(entries), truth=truth, classes=classes)


def _debtor(chance: random.Random, number: int) -> Debtor:
    person = chance.random() < 0.2
    name = f"{chance.choice(_FIRST)}{chance.choice(_PEOPLE).lower()} {chance.choice(_TRADE)} {chance.choice(_PEOPLE)}"
    full = f"{chance.choice(_PEOPLE)} {chance.choice(_FIRST)}" if person else f"{name} {chance.choice(_LEGAL)}"
    ibans = (f"DE{number:020d}",) if chance.random() < 0.8 else ()
    return Debtor(number=str(10_000 + number), name=full, ibans=ibans)


def _item(chance: random.Random, number: int, debtors: Sequence[str], number_format: str) -> OpenItem:
    minor = chance.choice(_PRICES) if chance.random() < 0.25 else chance.randint(1_000, 900_000)
    document = number_format.format(number + 100)
    dated = _DAY - timedelta(days=chance.randint(5, 60))
    offers = chance.random() < 0.2
    return OpenItem(
        item_id=f"i{number}",
        document_number=document,
        kind=ItemKind.INVOICE,
        debtor_number=chance.choice(debtors),
        document_date=dated,
        due_date=dated + timedelta(days=30),
        amount=Money(minor, "EUR"),
        open_amount=Money(minor, "EUR"),
        skonto_percent=Decimal(2) if offers else None,
        skonto_until=_DAY + timedelta(days=10) if offers else None,
    )


def _settled(item: OpenItem) -> OpenItem:
    return replace(item, open_amount=Money(0, "EUR"))


def _payments(
    chance: random.Random, book: Sequence[OpenItem], debtors: dict[str, Debtor], count: int
) -> tuple[list[StatementEntry], dict[str, frozenset[str]], dict[str, str]]:
    unpaid = [item for item in book if item.open_amount]
    chance.shuffle(unpaid)
    of_debtor: dict[str, list[OpenItem]] = {}
    for item in unpaid:
        of_debtor.setdefault(item.debtor_number, []).append(item)
    settled = [item for item in book if not item.open_amount]
    entries: list[StatementEntry] = []
    truth: dict[str, frozenset[str]] = {}
    classes: dict[str, str] = {}
    owing = sorted(of_debtor)
    left = len(unpaid)
    while len(entries) < count and left:
        kind = chance.choices(list(CLASSES), list(CLASSES.values()))[0]
        debtor = debtors[chance.choice(owing)]
        own = of_debtor[debtor.number]
        if not own:
            continue
        several = min(len(own), chance.randint(2, 4)) if kind.startswith("several") else 1
        taken = [own.pop() for _ in range(several)]
        left -= several
        amount, text, meant = _story(chance, kind, taken, book, settled)
        stranger = kind in {"unrelated", "stranger_quotes"}
        if stranger:
            own.extend(taken)
            left += several
        for _ in range(2 if kind == "duplicate" else 1):
            entry = _entry(chance, len(entries), debtor, amount, text, stranger=stranger)
            entries.append(entry)
            truth[entry.entry_id] = meant
            classes[entry.entry_id] = kind
    return entries, truth, classes


def _story(
    chance: random.Random,
    kind: str,
    taken: Sequence[OpenItem],
    book: Sequence[OpenItem],
    settled: Sequence[OpenItem],
) -> tuple[int, str, frozenset[str]]:
    """Tell what is paid, with which words, and for what."""
    due = sum(item.open_amount.minor for item in taken)
    meant = frozenset(item.item_id for item in taken)
    number, noise = taken[0].document_number, chance.choice(_NOISE)
    written = f"{_written(chance, number)} {noise}"
    done = chance.choice(settled) if settled else taken[0]
    at = chance.randrange(len(number) - 4, len(number))
    nobody: frozenset[str] = frozenset()
    stories = {
        "no_number": (due, noise, meant),
        "several_no_number": (due, noise, meant),
        "several": (due, ", ".join(item.document_number for item in taken), meant),
        "skonto": (due - taken[0].skonto().minor, written, meant),
        "short": (due, f"Rg {number[-4:].lstrip('0')} {noise}", meant),
        "typo": (due, number[:at] + chance.choice("0123456789") + number[at + 1 :], meant),
        "partial": (max(1, due * chance.randint(20, 80) // 100), number, meant),
        "over": (due + chance.randint(100, 50_000), number, meant),
        "settled": (done.amount.minor, done.document_number, nobody),
        "wrong_number": (due, chance.choice(book).document_number, meant),
        "stranger_quotes": (chance.choice((due, chance.randint(500, 99_999))), number, nobody),
        "unrelated": (chance.choice((due, *[chance.randint(500, 900_000)] * 4)), "Erstattung 4711", nobody),
    }
    return stories.get(kind, (due, written, meant))


def _written(chance: random.Random, number: str) -> str:
    return chance.choice((number, number.replace("-", " "), number.replace("-", ""), f"Rechnung {number}"))


def _entry(
    chance: random.Random, place: int, debtor: Debtor, minor: int, text: str, *, stranger: bool
) -> StatementEntry:
    name = f"{chance.choice(_PEOPLE)} {chance.choice(_TRADE)}handel" if stranger else debtor.name
    own = debtor.ibans and not stranger and chance.random() < 0.92
    account = debtor.ibans[0] if own else f"DE99{chance.randrange(10**16):016d}"
    return StatementEntry(
        entry_id=f"p{place:06d}",
        account=OWN_ACCOUNT,
        booking_date=_DAY + timedelta(days=chance.randint(0, 9)),
        amount=Money(minor, "EUR"),
        kind=EntryKind.TRANSFER,
        payer_name=name.upper() if chance.random() < 0.4 else name,
        payer_iban=account,
        remittance=text,
        remittance_glued=text,
    )
