"""What reconciliation says of an entry: its state, what is booked, what is proposed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.allocation import Allocation
    from ledger.money import Money
    from ledger.statement import StatementEntry

# A direct debit can be given back for 13 months (§ 676b BGB); so long a settled item and its payment are remembered.
MEMORY: Final = timedelta(days=425)


class EntryState(StrEnum):
    """Where an entry stands. AUTO, CONFIRMED and RETURNED are booked; IGNORED needs nobody; the rest waits.

    ANNOUNCED waits for the bank, the others for a person.
    """

    AUTO = "auto"  # booked by the engine
    CONFIRMED = "confirmed"  # booked by a person
    REVIEW = "review"  # proposals wait for a person
    UNMATCHED = "unmatched"  # money came in, and nothing is known about it
    IGNORED = "ignored"  # not about receivables: our own payments, charges, a person said so
    RETURNED = "returned"  # a returned debit that reopened its item
    ANNOUNCED = "announced"  # the bank has not booked it yet (vorgemerkt); spares whoever may have paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One clue (Indiz) that an entry belongs to an item or a debtor, found by one rule.

    ``strength`` is additive log-odds: what the clue adds to the belief, before all clues are weighed together.
    ``span`` is where in ``StatementEntry.remittance`` it was read, None where it was not read there.
    """

    rule: str  # name of the rule's file
    strength: float
    says: str  # the clue in words an accountant reads
    item_id: str = ""
    debtor_number: str = ""
    span: tuple[int, int] | None = None


class Weight(NamedTuple):
    """One argument for or against a booking, and the log-odds it adds."""

    argument: str
    log_odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One complete way to book an entry, with the probability that a careful accountant would book exactly this."""

    probability: float
    allocations: tuple[Allocation, ...]
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    weights: tuple[Weight, ...] = ()  # their sum is the log-odds behind the probability
    evidence_class: str = ""  # the named class that may, or may not, be booked without a person
    residual: Money | None = None  # what stays open on the items, or over on the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one night says of one entry. ``proposals`` is best first; ``allocations`` is what is to be booked now.

    ``possible_debtors`` names everybody whose payment this may be: while the entry waits, none of them is dunned.
    """

    entry_id: str
    state: EntryState
    reasons: tuple[str, ...]
    allocations: tuple[Allocation, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    possible_debtors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPayer:
    """An account from which a debtor is known to pay: told by the tool, or learned from booked payments."""

    iban: str
    debtor_number: str
    payments: int  # how many booked payments support it; 0 when only the accounting tool says so
    last_seen: date | None = None
    first_seen: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPayment:
    """A booked entry, as far as a later return, duplicate or habit needs it."""

    entry_id: str
    account: str
    booking_date: date
    amount: Money
    payer_iban: str
    payer_name: str
    end_to_end_id: str
    mandate_id: str
    remittance: str
    allocations: tuple[Allocation, ...]
    creditor_id: str = ""
    payer_bic: str = ""
    ultimate_name: str = ""
    batch_reference: str = ""
    transaction_id: str = ""


def as_payment(entry: StatementEntry, allocations: Iterable[Allocation]) -> PastPayment:
    """Remember an entry with what is booked on it."""
    return PastPayment(
        entry_id=entry.entry_id,
        account=entry.account,
        booking_date=entry.booking_date,
        amount=entry.amount,
        payer_iban=entry.payer_iban,
        payer_name=entry.payer_name,
        end_to_end_id=entry.end_to_end_id,
        mandate_id=entry.mandate_id,
        remittance=entry.remittance,
        allocations=tuple(allocations),
        creditor_id=entry.creditor_id,
        payer_bic=entry.payer_bic,
        ultimate_name=entry.ultimate_name,
        batch_reference=entry.batch_reference,
        transaction_id=entry.transaction_id,
    )
