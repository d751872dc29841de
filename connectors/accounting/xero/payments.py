"""Payments (Zahlungen) in Xero: each names its operation in its reference, by which it is found again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.orders import Written
from connectors.accounting.xero.documents import INVOICE
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.accounting.orders import PaymentOrder
    from connectors.accounting.xero.tenant import Tenant
    from connectors.wire import Answer
    from ledger.money import Money

_MOST: Final = 1_000  # payments of one invoice
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Books payments of one organisation."""

    tenant: Tenant
    accounts: Mapping[str, str]  # own IBAN -> code or id of the account there; "" for every other IBAN

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for the payment whose reference names this operation; a deleted one is none."""
        if not _GUID.fullmatch(order.key.remote_id):
            raise Refused(f"{order.document_number}: {order.key.remote_id!r} is no id of Xero")
        params = {"where": f'Invoice.InvoiceID=guid("{order.key.remote_id}")', "page": 1, "pageSize": _MOST}
        for row in self.tenant.read("Payments", params=params).rows("Payments"):
            if order.operation in str(row.get("Reference") or "") and row.get("Status") != "DELETED":
                return Written(remote_id=str(row.get("PaymentID", "")), says="the payment stands there already")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came; Xero closes the invoice where nothing is left.

        Its idempotency keys are forgotten after six minutes: a broken connection is looked after, not talked over.
        """
        if why := _not_bookable(order):
            raise Refused(f"{self.tenant.wire.tool}: {order.document_number}: {why}\n    Book it there by hand.")
        account = self.accounts.get(order.own_account) or self.accounts[""]
        payment = {
            "Invoice": {INVOICE.identity: order.key.remote_id},
            "Account": {"AccountID" if _GUID.fullmatch(account) else "Code": account},
            "Date": order.day.isoformat(),
            "Amount": _number(order.amount),
            "Reference": f"{order.text} [{order.operation}]".strip(),
        }
        answer = self.tenant.write(
            "PUT", "Payments", json={"Payments": [payment]}, headers={"Idempotency-Key": order.operation}
        )
        number = _id(answer)
        return Written(remote_id=number, says=f"payment {number} over {order.amount}")


def _not_bookable(order: PaymentOrder) -> str:
    """Say why a payment cannot be told."""
    if order.is_credit_note:
        return "whether a credit was paid out or set off is not told to Xero"
    if not order.amount:
        return "Xero closes no invoice without a payment"
    if order.settled != order.amount:
        return f"{order.settled - order.amount} is waived, which Xero only knows as a credit note with its tax"
    return ""


def _number(amount: Money) -> Any:
    """Write an amount as the number that JSON has, with the very digits it has here."""
    return float(amount.decimal())


def _id(answer: Answer) -> str:
    rows = answer.rows("Payments")
    if len(rows) != 1 or not rows[0].get("PaymentID") or rows[0].get("HasValidationErrors"):
        raise answer.unexpected("one payment with its id")
    return str(rows[0]["PaymentID"])
