"""What was learned (Gelerntes): who pays for whom, since when and by how many payments; revoked and restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import Refused
from night.reconcile import load_match_facts
from reconciliation.payers import build_payers
from reconciliation.revocations import PayerKind, Revoked, payer_key, still_teaching
from storage.learned import load_revocations, revoke_payer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from ledger.debtor import Debtor
    from night.reconcile import MatchFacts
    from reconciliation.payers import Payers, Proof
    from reconciliation.revocations import Revocation
    from storage.database import Connection
    from storage.decisions import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A payer who is known to pay for a debtor, or of whom a person said that this is not so."""

    kind: PayerKind
    payer: str  # account, name or mandate, as it was written last
    debtor_number: str
    debtor_name: str
    since: date | None = None
    last: date | None = None
    payments: int = 0  # booked ones; names and mandates are remembered for 425 days
    told: bool = False  # by the accounting tool
    debtors: int = 0  # for how many debtors this payer is known to pay
    revoked: Revocation | None = None

    def is_for(self, written: str, debtor_number: str) -> bool:
        """Whether this is about a payer, however it is written, and a debtor."""
        key = payer_key(self.kind, written)
        return bool(key) and debtor_number == self.debtor_number and key == payer_key(self.kind, self.payer)


def learned_payers(connection: Connection, company_id: str, run_date: date) -> list[Learned]:
    """Give who pays for whom, just as a night takes it, and what was revoked; ordered by debtor."""
    facts = load_match_facts(connection, company_id, run_date)
    payers = build_payers(
        debtors=facts.debtors,
        known_payers=facts.known_payers,
        past=still_teaching(facts.past, Revoked(facts.revocations)),
    )
    every = [*_in_force(payers, facts), *_revoked(facts.revocations, facts.debtors)]
    return sorted(every, key=lambda one: (one.debtor_number, one.kind.value, one.payer, one.revoked is not None))


def revoke_learned(
    connection: Connection, company_id: str, author: Author, written: str, debtor_number: str, why: str
) -> None:
    """Say that a payer does not pay for a debtor; later payments may teach it again. Raises Refused."""
    learned = learned_payers(connection, company_id, author.run_date)
    found = [one for one in learned if one.revoked is None and one.is_for(written, debtor_number)]
    if not found:
        shows = f"`learned --debtor {debtor_number}` shows who is"
        raise Refused(f"{written} is not known to pay for debtor {debtor_number}; {shows}")
    for one in found:
        if one.told:
            raise Refused(f"{one.payer} is debtor {debtor_number}'s account in the accounting tool: correct it there")
        _decide(connection, company_id, author, one.kind, one.payer, debtor_number, why, revoked=True)


def restore_learned(
    connection: Connection, company_id: str, author: Author, written: str, debtor_number: str, why: str
) -> None:
    """Take a revocation back: what was learned before it counts again. Raises Refused."""
    found = [
        one
        for one in load_revocations(connection, company_id)
        if one.debtor_number == debtor_number and payer_key(one.kind, one.payer) == payer_key(one.kind, written)
    ]
    if not found:
        raise Refused(f"nobody revoked that {written} pays for debtor {debtor_number}")
    for one in found:
        _decide(connection, company_id, author, one.kind, one.payer, debtor_number, why, revoked=False)


def _decide(
    connection: Connection,
    company_id: str,
    author: Author,
    kind: PayerKind,
    payer: str,
    debtor_number: str,
    why: str,
    *,
    revoked: bool,
) -> None:
    revoke_payer(
        connection, company_id, author, kind=kind, payer=payer, debtor_number=debtor_number, why=why, revoked=revoked
    )


def _in_force(payers: Payers, facts: MatchFacts) -> Iterator[Learned]:
    written = _written(facts)
    since = {(payer_key(PayerKind.ACCOUNT, k.iban), k.debtor_number): k.first_seen for k in facts.known_payers}
    for kind, key, proofs in _all(payers):
        for proof in proofs:
            number = proof.debtor_number
            # Accounts are counted over all years, names and mandates only as long as payments are remembered.
            first = since.get((key, number)) if kind is PayerKind.ACCOUNT else None
            yield Learned(
                kind=kind,
                payer=written[kind, key],
                debtor_number=number,
                debtor_name=_name(facts.debtors, number),
                since=first or proof.first,
                last=proof.last,
                payments=proof.payments,
                told=proof.told,
                debtors=len(proofs),
            )


def _all(payers: Payers) -> Iterator[tuple[PayerKind, str, Sequence[Proof]]]:
    yield from ((PayerKind.ACCOUNT, key, proofs) for key, proofs in payers.accounts.items())
    yield from ((PayerKind.NAME, " ".join(words), proofs) for words, proofs in payers.names.items())
    yield from ((PayerKind.MANDATE, key, proofs) for key, proofs in payers.mandates.items())


def _written(facts: MatchFacts) -> dict[tuple[PayerKind, str], str]:
    """Give each payer as it is written in the tool, or was by the bank the last time."""

    def every() -> Iterator[tuple[PayerKind, str]]:
        yield from ((PayerKind.ACCOUNT, iban) for debtor in facts.debtors.values() for iban in debtor.ibans)
        yield from ((PayerKind.ACCOUNT, known.iban) for known in facts.known_payers)
        for payment in sorted(facts.past, key=lambda p: (p.booking_date, p.entry_id)):
            yield PayerKind.ACCOUNT, payment.payer_iban
            yield PayerKind.NAME, payment.payer_name
            yield PayerKind.MANDATE, payment.mandate_id

    return {(kind, payer_key(kind, written)): written for kind, written in every()}


def _revoked(revocations: Sequence[Revocation], debtors: Mapping[str, Debtor]) -> Iterator[Learned]:
    for one in revocations:
        yield Learned(
            kind=one.kind,
            payer=one.payer,
            debtor_number=one.debtor_number,
            debtor_name=_name(debtors, one.debtor_number),
            revoked=one,
        )


def _name(debtors: Mapping[str, Debtor], number: str) -> str:
    return debtors[number].name if number in debtors else ""
