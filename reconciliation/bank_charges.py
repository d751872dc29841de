"""A shortage read as what banks kept on the way (Bankspesen, SHA/OUR/BEN), and who bears it by the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.allocation import AllocationKind
from ledger.money import Money
from reconciliation.customer_policy import ChargeBearer
from reconciliation.hypothesis import Interpretation, hypothesis_of, in_currency, largest_of, payments, waived_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from reconciliation.customer_policy import CustomerPolicy
    from reconciliation.hypothesis import Hypothesis
    from reconciliation.settings import MatchSettings

_LARGEST_SHARE: Final = 10  # a tenth of what arrived; more is no charge that nobody names


class Kept(NamedTuple):
    """What is missing of a payment, by who kept it, in minor units; ``named`` says that the statement tells it."""

    ours: int  # our own bank, by its own word
    others: int  # banks before ours
    named: bool


def bank_charge(
    entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings
) -> Hypothesis | None:
    """Read the shortage as a charge: one that the bank names, or a small one missing from abroad.

    What we bear is our cost; what the debtor bears stays open. None where it is no charge, or none of it is ours.
    """
    largest = largest_of(items)
    policy = settings.policy_of(largest.debtor_number)
    kept = charge_kept(entry, short, policy.bank_charge_maximum_minor)
    if kept is None or short >= largest.balance_minor:
        return None
    borne = _borne_by_us(kept, policy)
    if not borne:
        return None
    owed = short - borne
    charge = waived_lines((largest,), {largest.item_id: borne}, AllocationKind.BANK_CHARGE)
    why = "the bank names this charge" if kept.named else "the payment comes from abroad"
    says = [f"pays {entry.amount}, {in_currency(borne, entry)} bank charge (Bankspesen) kept on the way: {why}"]
    if owed:
        says.append(f"{in_currency(owed, entry)} was kept by other banks, {_policy_says(largest, policy)}")
    if not kept.named and short <= policy.unnamed_bank_charge_maximum_minor:
        limit = in_currency(policy.unnamed_bank_charge_maximum_minor, entry)
        says.append(f"the policy for customer {largest.debtor_number} bears charges up to {limit} without proof")
    return hypothesis_of(
        items,
        Interpretation.BANK_CHARGE,
        payments(items, {largest.item_id: short}) + charge,
        says,
        residual=Money(owed, entry.amount.currency) if owed else None,
        doubt=_doubt(entry, kept, borne, short, policy),
    )


def borne_by_debtor(entry: StatementEntry, items: Sequence[OpenItem], short: int, settings: MatchSettings) -> str:
    """Say that a shortage is a charge the debtor bears, so that it stays open; nothing where that is not so."""
    largest = largest_of(items)
    policy = settings.policy_of(largest.debtor_number)
    if policy.bank_charges_borne_by is ChargeBearer.US:
        return ""
    kept = charge_kept(entry, short, policy.bank_charge_maximum_minor)
    if kept is None or not kept.named or _borne_by_us(kept, policy):
        return ""
    return f"the bank names {in_currency(short, entry)} of charges, {_policy_says(largest, policy)}"


def charge_kept(entry: StatementEntry, short: int, maximum: int) -> Kept | None:
    """Say who kept what is missing: by the word of the bank, or perhaps a little from abroad; else None.

    Our own bank tells its charge (CHGS, Chrgs). Where the statement also repeats the amount as ordered (OCMT,
    InstdAmt), what is missing beyond that charge was kept by banks before ours.
    """
    currency = entry.amount.currency
    told = entry.charges.minor if entry.charges is not None and entry.charges.currency == currency else 0
    ordered = entry.original_amount
    if told == short:
        return Kept(short, 0, named=True)
    if ordered is not None and ordered.currency == currency and ordered.minor == entry.amount.minor + short:
        ours = min(told, short)
        return Kept(ours, short - ours, named=True)
    small = short <= maximum and short * _LARGEST_SHARE <= entry.amount.minor
    return Kept(0, short, named=False) if small and _from_abroad(entry) else None


def _borne_by_us(kept: Kept, policy: CustomerPolicy) -> int:
    if policy.bank_charges_borne_by is ChargeBearer.DEBTOR:
        return 0
    return kept.ours if policy.bank_charges_borne_by is ChargeBearer.SHARED else kept.ours + kept.others


def _doubt(entry: StatementEntry, kept: Kept, borne: int, short: int, policy: CustomerPolicy) -> str:
    if not kept.named:
        allowed = short <= policy.unnamed_bank_charge_maximum_minor
        return "" if allowed else "a bank charge was deducted, and nobody says so"
    if borne > policy.bank_charge_maximum_minor:
        limit = in_currency(policy.bank_charge_maximum_minor, entry)
        return f"the bank charge is more than the {limit} that are borne without asking"
    return ""


def _policy_says(item: OpenItem, policy: CustomerPolicy) -> str:
    whose = "every charge" if policy.bank_charges_borne_by is ChargeBearer.DEBTOR else "the charges of other banks"
    return f"and by the policy for customer {item.debtor_number} the debtor bears {whose}: it stays open"


def _from_abroad(entry: StatementEntry) -> bool:
    payer = entry.payer_iban.lstrip()[:2].upper()
    return payer.isalpha() and payer != entry.account.lstrip()[:2].upper()
