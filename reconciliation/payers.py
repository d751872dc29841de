"""Who pays for whom (Zahler): accounts, names and mandates with the debtors that earlier payments prove for them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import squeeze
from reconciliation.names import SIMILAR_NAME, similarity
from reconciliation.payment_services import service_named
from reconciliation.written_names import name_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from ledger.debtor import Debtor
    from ledger.statement import StatementEntry
    from reconciliation.outcome import KnownPayer, PastPayment

_TOLD: Final = 3  # what the accounting tool says counts like so many payments
_CERTAINTY: Final = (0.0, 0.75, 0.9, 1.0)  # after no, one, two and more payments
_FRESH_DAYS: Final = 400  # a yearly payer is no stranger
_LOST_PER_YEAR: Final = 0.1
_FRESHNESS_MINIMUM: Final = 0.6
_MOVED_PAYMENTS: Final = 2  # so many payments of another debtor, and a silent one has left the account
_SHORTEST_NAME: Final = 6  # letters of a single word that may name somebody who pays for others


_GERMAN_IBAN: Final = re.compile(r"DE[0-9]{20}")
_BANK_AND_ACCOUNT: Final = re.compile(r"([1-9][0-9]{7})/([0-9]{1,10})")
_BANK_CODE: Final = re.compile(r"[1-9][0-9]{7}")
_OLD_ACCOUNT: Final = re.compile(r"[0-9]{1,10}")


class Proof(NamedTuple):
    """How well it is known that somebody pays for a debtor."""

    debtor_number: str
    payments: int  # booked payments that show it
    told: bool  # the accounting tool says so
    first: date | None
    last: date | None

    @property
    def support(self) -> int:
        """Count the payments; what the tool says counts like several."""
        return self.payments + (_TOLD if self.told else 0)

    @property
    def says(self) -> str:
        """Where the knowledge comes from, in words."""
        count = "1 earlier payment" if self.payments == 1 else f"{self.payments} earlier payments"
        last = f", the last on {self.last:%d.%m.%Y}" if self.last else ""
        return f"from {count}{last}" if self.payments else "from the accounting tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """The graph of who pays for whom. Nothing in it is searched: each question is one lookup."""

    shared_maximum: int  # more debtors than this, and the payer is a service that says nothing
    accounts: Mapping[str, tuple[Proof, ...]]  # key of an account -> debtors by number
    names: Mapping[tuple[str, ...], tuple[Proof, ...]]  # words of a name -> debtors by number
    mandates: Mapping[str, tuple[Proof, ...]]
    debtors_with_account: frozenset[str]

    def of_account(self, account: str, bank: str, on: date) -> tuple[Proof, ...]:
        """Give the debtors an account pays for on a day, without those whom it left; ``bank`` is a BIC or BLZ."""
        proofs = self.accounts.get(account_key(account, bank))
        return self._living(proofs, on) if proofs else ()

    def of_name(self, name: str, on: date) -> tuple[Proof, ...]:
        """Give the debtors for whom somebody of this name has paid."""
        if not self.names:
            return ()
        words = name_words(name)
        if not _is_telling(words) or service_named(name):
            return ()
        return self._living(self.names.get(words, ()), on)

    def of_mandate(self, mandate_id: str) -> tuple[Proof, ...]:
        """Give the debtors whose debits were collected under a mandate (Mandatsreferenz)."""
        return self.mandates.get(squeeze(mandate_id), ())

    def pays_for_many(self, account: str, bank: str, on: date) -> bool:
        """Whether so many debtors pay from an account that it says nothing about any of them."""
        living = _without_moved(self.accounts.get(account_key(account, bank), ()), on)
        return len(living) > self.shared_maximum

    def is_new_account(self, account: str, bank: str, debtor_number: str) -> bool:
        """Whether nobody has paid from an account, and this debtor has paid from another one."""
        unknown = bool(account) and account_key(account, bank) not in self.accounts
        return unknown and debtor_number in self.debtors_with_account

    def _living(self, proofs: tuple[Proof, ...], on: date) -> tuple[Proof, ...]:
        living = _without_moved(proofs, on)
        return living if len(living) <= self.shared_maximum else ()


def build_payers(
    *,
    debtors: Mapping[str, Debtor],
    known_payers: Iterable[KnownPayer] = (),
    past: Iterable[PastPayment] = (),
    shared_maximum: int = 10,
) -> Payers:
    """File what is told and what was learned; the order of the input decides nothing."""
    accounts: _Book = defaultdict(dict)
    names: _Book = defaultdict(dict)
    mandates: _Book = defaultdict(dict)
    for number, debtor in debtors.items():
        for iban in debtor.ibans:
            _seen(accounts, account_key(iban), number).told = True
    for habit, seen in _habits(past).items():
        if habit.mandate_id:
            _seen(mandates, squeeze(habit.mandate_id), habit.debtor_number).add(seen)
        if not _is_passed_on(habit, debtors):
            _seen(accounts, account_key(habit.payer_iban), habit.debtor_number).add(seen)
            if _is_telling(words := name_words(habit.payer_name)):
                _seen(names, " ".join(words), habit.debtor_number).add(seen)
    for known in known_payers:
        _learn_known(accounts, account_key(known.iban), known)
    return Payers(
        shared_maximum=shared_maximum,
        accounts={k: p for k, p in _proofs(accounts) if k},
        names={tuple(k.split()): p for k, p in _proofs(names)},
        mandates={k: p for k, p in _proofs(mandates) if k},
        debtors_with_account=frozenset(number for key, found in accounts.items() if key for number in found),
    )


@lru_cache(maxsize=4096)  # asked several times for one entry
def account_key(account: str, bank: str = "") -> str:
    """Give one key to an account, however it is written: a German IBAN holds bank code (BLZ) and account number.

    The way from BLZ and Konto to an IBAN differs from bank to bank; the way back does not, so it is the one taken.
    """
    written = account.replace(" ", "").upper()
    if _GERMAN_IBAN.fullmatch(written):
        return written[4:]
    if both := _BANK_AND_ACCOUNT.fullmatch(written):
        return both[1] + both[2].zfill(10)
    if _OLD_ACCOUNT.fullmatch(written):
        number = written.lstrip("0")
        return bank + number.zfill(10) if number and _BANK_CODE.fullmatch(bank) else number
    return written


def is_complete(account_or_key: str) -> bool:
    """Whether an account names its bank; a bare account number may exist at every bank."""
    return not _OLD_ACCOUNT.fullmatch(account_or_key)


def is_own_account(entry: StatementEntry, proof: Proof, debtor: Debtor | None) -> bool:
    """Whether an account that pays for one debtor alone is as good as the debtor's own.

    One payment may have been booked by mistake, a bare account number exists at many banks, and a payment service
    pays for everybody: there the payer's name must not speak against it.
    """
    sure = proof.told or proof.payments > 1
    doubtful = not sure or not is_complete(account_key(entry.payer_iban, entry.payer_bic))
    return not (doubtful or service_named(entry.payer_name)) or not names_another(entry.payer_name, debtor)


def worth(proof: Proof, among: Collection[Proof], on: date) -> float:
    """Say how much of its full weight a proof has, from 0 to 1: how often, how lately, and shared with whom.

    More payments never make it less, nor does a payment that is newer.
    """
    certainty = _CERTAINTY[min(proof.support, len(_CERTAINTY) - 1)]
    share = proof.support / max(1, sum(other.support for other in among))
    return certainty * share * _freshness(proof, on)


def names_another(payer_name: str, debtor: Debtor | None) -> bool:
    """Whether the payer has a name, and it is not the debtor's."""
    if not payer_name.strip() or debtor is None or not debtor.name:
        return False
    return similarity(payer_name, debtor.name) < SIMILAR_NAME


def _freshness(proof: Proof, on: date) -> float:
    if proof.told or proof.last is None:
        return 1.0
    years = max(0, (on - proof.last).days - _FRESH_DAYS) / 365
    return max(_FRESHNESS_MINIMUM, 1.0 - _LOST_PER_YEAR * years)


def _without_moved(proofs: tuple[Proof, ...], on: date) -> tuple[Proof, ...]:
    """Leave out whoever has not paid from an account for long while another has, more than once."""
    if len(proofs) < 2:
        return proofs
    moved = any(p.payments >= _MOVED_PAYMENTS and not _is_silent(p, on) for p in proofs)
    return tuple(p for p in proofs if p.told or not _is_silent(p, on)) if moved else proofs


def _is_silent(proof: Proof, on: date) -> bool:
    return proof.last is not None and (on - proof.last).days > _FRESH_DAYS


def _is_telling(words: tuple[str, ...]) -> bool:
    return len(words) > 1 or (len(words) == 1 and len(words[0]) >= _SHORTEST_NAME)


class _Habit(NamedTuple):
    """Payments that teach the same: who paid, from where, under which mandate, for whom."""

    payer_iban: str
    payer_name: str
    mandate_id: str
    debtor_number: str


class _Seen:
    """What is being counted for one payer and one debtor."""

    __slots__ = ("first", "last", "payments", "told")

    def __init__(self) -> None:
        self.payments = 0
        self.told = False
        self.first: date | None = None
        self.last: date | None = None

    def on(self, day: date) -> None:
        self.first = min(self.first or day, day)
        self.last = max(self.last or day, day)

    def add(self, other: _Seen) -> None:
        self.payments += other.payments
        for day in (other.first, other.last):
            if day is not None:
                self.on(day)


_Book = defaultdict[str, dict[str, _Seen]]


def _seen(book: _Book, key: str, number: str) -> _Seen:
    of_key = book[key]
    if number not in of_key:
        of_key[number] = _Seen()
    return of_key[number]


def _habits(past: Iterable[PastPayment]) -> dict[_Habit, _Seen]:
    """Count equal payments together, so that each name is read once; money we paid out teaches nothing."""
    habits: defaultdict[_Habit, _Seen] = defaultdict(_Seen)
    for payment in past:
        if payment.amount.minor <= 0:
            continue
        for number in {a.debtor_number for a in payment.allocations if a.debtor_number}:
            seen = habits[_Habit(payment.payer_iban, payment.payer_name, payment.mandate_id, number)]
            seen.payments += 1
            seen.on(payment.booking_date)
    return habits


def _is_passed_on(habit: _Habit, debtors: Mapping[str, Debtor]) -> bool:
    """Whether a payment service paid, for somebody else; next time it will pay for yet another."""
    debtor = debtors.get(habit.debtor_number)
    return bool(service_named(habit.payer_name)) and (debtor is None or names_another(habit.payer_name, debtor))


def _learn_known(accounts: _Book, key: str, known: KnownPayer) -> None:
    """Take what storage has counted over all years; it has seen the same payments, so the larger count is true."""
    seen = _seen(accounts, key, known.debtor_number)
    seen.payments = max(seen.payments, known.payments)
    seen.told = seen.told or not known.payments
    if known.last_seen:
        seen.on(known.last_seen)


def _proofs(book: _Book) -> Iterator[tuple[str, tuple[Proof, ...]]]:
    for key in sorted(book):
        proofs = tuple(
            Proof(number, seen.payments, seen.told, seen.first, seen.last)
            for number, seen in sorted(book[key].items())
        )
        if proofs:
            yield key, proofs
