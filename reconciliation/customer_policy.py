"""The policy for a customer (Kundenregel): what is granted without asking when less arrives than was owed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OnSkonto(StrEnum):
    """What becomes of a Skonto that the customer had no right to take."""

    ASK = "ask"  # a person decides
    ACCEPT = "accept"  # granted all the same (Kulanz)
    KEEP_OPEN = "keep_open"  # what was deducted stays open, and is asked for like any rest


class ChargeBearer(StrEnum):
    """Who bears what banks keep of a payment on its way (Entgeltregelung)."""

    US = "us"  # whatever is missing is our cost
    SHARED = "shared"  # SHA: our own bank's charge is ours, every other bank's is the debtor's
    DEBTOR = "debtor"  # OUR: the debtor owes the full amount here, so the shortage stays open


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPolicy:
    """Wishes for one customer, or for all who have none of their own; amounts are minor units (Cent).

    A policy frees a reading of its doubt up to its maximum; beyond it a person is asked as before.
    """

    skonto_grace_days: int = 3  # days after skonto_until that are still accepted (Kulanz)
    late_skonto: OnSkonto = OnSkonto.ASK
    late_skonto_maximum_minor: int = 5_000  # of one payment
    too_much_skonto: OnSkonto = OnSkonto.ASK  # more than was offered, or though none was offered
    too_much_skonto_maximum_minor: int = 500  # beyond what was offered
    bank_charges_borne_by: ChargeBearer = ChargeBearer.US
    bank_charge_maximum_minor: int = 5_000  # a shortage up to here may be a charge kept on the way (Bankspesen)
    unnamed_bank_charge_maximum_minor: int = 0  # borne from abroad though no bank names it
