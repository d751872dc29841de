"""What the creditor's place and contracts decide about default and interest (Einstellungen je Mandant)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dunning.countries import GERMANY, ClaimKind, CountryLaw, rate_of
from dunning.interest import DayCount
from dunning.rate_table import Rate
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from dunning.rate_table import RateTable
    from ledger.calendar import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningSettings:
    """The creditor's settings; every default is the one that never claims too much."""

    region: Region  # whose holidays shift deadlines (§ 193 BGB), beside the debtor's
    law: CountryLaw = GERMANY
    terms_are_contractual: bool = False  # due dates were agreed, not only printed (§ 286 Abs. 2 Nr. 1 BGB)
    terms_agreed_with: frozenset[str] = frozenset()  # debtor numbers with whom they were, where not with everybody
    consumer_notice_on_invoice: bool = False  # invoices carry the 30-day notice (§ 286 Abs. 3 BGB)
    deadline_postpones_default: bool = True  # a reminder that sets a deadline starts default only after it
    email_receipt_working_days: int = 1  # assumed receipt (Zugang, § 130 BGB) after sending
    letter_receipt_working_days: int = 3
    business_margin_points: Decimal | None = None  # above the base rate, by contract; None: as the law says
    consumer_margin_points: Decimal | None = None  # of everybody else
    maturity_interest: bool = False  # our business debtors are merchants, who owe 5 % before default (§ 353 HGB)
    day_count: DayCount = DayCount.ACT_ACT

    def has_agreed_terms(self, debtor_number: str) -> bool:
        """Whether due dates were agreed with a debtor; who is not named has only read them on the invoice."""
        return self.terms_are_contractual or debtor_number in self.terms_agreed_with

    def rate(
        self,
        debtor_type: DebtorType,
        base_rates: RateTable,
        *,
        kind: ClaimKind = ClaimKind.PERFORMANCE,
        contract_on: date | None = None,
    ) -> Rate:
        """Give the rate of default interest; who is not known to be a business pays like a consumer (§ 288 BGB).

        ``base_rates`` are those of the country of the law; ``contract_on`` is None where only today's law can count.
        """
        rate = rate_of(self.law.default_rule(debtor_type, kind, contract_on), base_rates)
        business = debtor_type is DebtorType.BUSINESS
        own = self.business_margin_points if business else self.consumer_margin_points
        if own is None or kind is not ClaimKind.PERFORMANCE:
            return rate
        return Rate(points=own, table=base_rates, law=f"as agreed, instead of {rate.law}")
