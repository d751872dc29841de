"""Revocations (Widerrufe): who, as a person said, does not pay for a debtor; later payments may teach it again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.text import squeeze
from reconciliation.payers import account_key
from reconciliation.written_names import name_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reconciliation.outcome import KnownPayer, PastPayment


class PayerKind(StrEnum):
    """By what a payer is known."""

    ACCOUNT = "account"
    NAME = "name"
    MANDATE = "mandate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A person's word that a payer does not pay for a debtor.

    What the bank booked until ``revoked_on`` teaches the pair no more; what it books later may teach it again.
    """

    kind: PayerKind
    payer: str  # account, name or mandate, as somebody wrote it
    debtor_number: str
    revoked_on: date
    who: str
    why: str


def payer_key(kind: PayerKind, written: str) -> str:
    """Give one key to a payer, however it is written; empty where nothing of it can be compared."""
    match kind:
        case PayerKind.ACCOUNT:
            return account_key(written)
        case PayerKind.NAME:
            return " ".join(name_words(written))
        case PayerKind.MANDATE:
            return squeeze(written)


class Revoked:
    """The revocations in force, filed by debtor: a payment of anybody else is not touched."""

    def __init__(self, revocations: Iterable[Revocation]) -> None:
        until: defaultdict[str, dict[tuple[PayerKind, str], date]] = defaultdict(dict)
        for one in revocations:
            key = (one.kind, payer_key(one.kind, one.payer))
            until[one.debtor_number][key] = max(one.revoked_on, until[one.debtor_number].get(key, one.revoked_on))
        self._until: Mapping[str, Mapping[tuple[PayerKind, str], date]] = dict(until)

    def __bool__(self) -> bool:
        """Whether anything was revoked at all."""
        return bool(self._until)

    def __contains__(self, debtor_number: str) -> bool:
        """Whether anything was revoked that concerns a debtor."""
        return debtor_number in self._until

    def forgets(self, kind: PayerKind, written: str, debtor_number: str, booked_on: date) -> bool:
        """Whether a payment that the bank booked on a day teaches nothing of this payer and debtor."""
        of_debtor = self._until.get(debtor_number)
        until = of_debtor.get((kind, payer_key(kind, written))) if of_debtor else None
        return until is not None and booked_on <= until


def still_teaching(past: Sequence[PastPayment], revoked: Revoked) -> Sequence[PastPayment]:
    """Give the payments as far as they teach who pays for whom: without the payer, where the pair was revoked.

    A payment for several debtors is told apart, because it goes on teaching the others.
    """
    return [part for payment in past for part in _taught(payment, revoked)] if revoked else past


def still_known(known: Iterable[KnownPayer], revoked: Revoked) -> Iterable[KnownPayer]:
    """Leave out the accounts that are known by revoked payments alone; what the accounting tool tells stays known."""
    return [one for one in known if not _is_forgotten(one, revoked)] if revoked else known


def _is_forgotten(known: KnownPayer, revoked: Revoked) -> bool:
    if not known.payments or known.last_seen is None:
        return False
    return revoked.forgets(PayerKind.ACCOUNT, known.iban, known.debtor_number, known.last_seen)


def _taught(payment: PastPayment, revoked: Revoked) -> Iterator[PastPayment]:
    numbers = dict.fromkeys(a.debtor_number for a in payment.allocations)
    if not any(number in revoked for number in numbers):
        yield payment
        return
    for number in numbers:
        yield replace(
            payment,
            allocations=tuple(a for a in payment.allocations if a.debtor_number == number),
            payer_iban=_unless(revoked, PayerKind.ACCOUNT, payment.payer_iban, number, payment.booking_date),
            payer_name=_unless(revoked, PayerKind.NAME, payment.payer_name, number, payment.booking_date),
            mandate_id=_unless(revoked, PayerKind.MANDATE, payment.mandate_id, number, payment.booking_date),
        )


def _unless(revoked: Revoked, kind: PayerKind, written: str, debtor_number: str, day: date) -> str:
    return "" if revoked.forgets(kind, written, debtor_number, day) else written
