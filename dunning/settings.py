"""What the creditor's place and contracts decide about default and interest (Einstellungen je Mandant)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dunning.interest import DayCount
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from ledger.calendar import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningSettings:
    """The creditor's settings; every default is the one that never claims too much."""

    region: Region  # whose holidays shift deadlines (§ 193 BGB)
    terms_are_contractual: bool = False  # the due date was agreed, not only printed (§ 286 Abs. 2 Nr. 1 BGB)
    consumer_notice_on_invoice: bool = False  # invoices carry the 30-day notice (§ 286 Abs. 3 BGB)
    deadline_postpones_default: bool = True  # a reminder that sets a deadline starts default only after it
    email_receipt_working_days: int = 1  # assumed receipt (Zugang, § 130 BGB) after sending
    letter_receipt_working_days: int = 3
    business_margin_points: Decimal = Decimal(9)  # § 288 Abs. 2 BGB
    consumer_margin_points: Decimal = Decimal(5)  # § 288 Abs. 1 BGB
    day_count: DayCount = DayCount.ACT_ACT

    def margin_points(self, debtor_type: DebtorType) -> Decimal:
        """Give the points above the base rate; who is not known to be a business pays like a consumer."""
        return self.business_margin_points if debtor_type is DebtorType.BUSINESS else self.consumer_margin_points
