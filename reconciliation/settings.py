"""What a company may wish of the matching: tolerances, thresholds and limits, each with its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciliation.customer_policy import CustomerPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings(CustomerPolicy):
    """Wishes for one company. The defaults are right for a German office; amounts are minor units (Cent).

    Its own policy is that for every customer who has none of his own.
    """

    auto_minimum_probability: float = 0.75  # nothing below is booked without a person, whatever its class
    book_by_certificate: bool = True  # a certified probability books without a named class of evidence
    small_difference_minor: int = 5  # written off without asking, if number and payer are certain (Kleindifferenz)
    fee_maximum_minor: int = 10_000  # an overpayment up to here may be fee and interest of a reminder
    return_charge_maximum_minor: int = 2_500  # what a returned debit may have cost, if the bank does not say
    duplicate_days: int = 14  # the same payment again within so many days is suspected to be paid twice
    maximum_proposals: int = 5  # shown on the review desk
    maximum_possible_debtors: int = 50  # spared from dunning because of an amount alone
    amount_cap: int = 8  # more open items with one amount, and the amount says nothing
    shared_account_maximum: int = 10  # more debtors on one account, and it is a payment service that says nothing
    likely_debtors_maximum: int = 3  # whose open items are searched for sums
    subset_maximum_items: int = 40  # open items of a debtor among which sums are searched
    subset_maximum_solutions: int = 4  # sums shown; finding a second one already means review
    customers: Mapping[str, CustomerPolicy] = field(default_factory=dict, hash=False)  # by debtor number

    def policy_of(self, debtor_number: str) -> CustomerPolicy:
        """Give the policy for a debtor: his own, or that for everybody."""
        return self.customers.get(debtor_number, self)
