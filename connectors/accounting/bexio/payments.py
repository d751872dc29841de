"""Payments (Zahlungen) in bexio: no field of theirs could hold our reference, so that day and amount tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import Written
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.accounting.document import RemoteKey
    from connectors.accounting.orders import PaymentOrder
    from connectors.wire import Answer, Wire

INVOICES: Final = "2.0/kb_invoice"

_MOST: Final = 2_000  # rows in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Books payments of one company."""

    wire: Wire
    accounts: Mapping[str, int]  # own IBAN -> id of the bank account there; "" for every other IBAN
    claimed: dict[str, str] = field(default_factory=dict)  # payment there -> operation of ours that it stands for

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of this day and amount.

        One that another order of tonight stands for is not this one: a debtor may pay two equal parts on one day.
        """
        answer = self.wire.read(_path(order), params={"limit": _MOST})
        for row in answer.rows():
            number = Fields(row, "").label("id")
            if self.claimed.get(number, order.operation) == order.operation and _is_of(order, row, answer):
                self.claimed[number] = order.operation
                return Written(remote_id=number, says=f"payment {number} of this day and amount stands there already")
        return None

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came; bexio closes the invoice where nothing is left."""
        if why := _not_bookable(order):
            raise Refused(f"{self.wire.tool}: {order.document_number}: {why}\n    Book it there by hand.")
        payment = {
            "date": order.day.isoformat(),
            "value": str(order.amount.decimal()),
            "bank_account_id": self.accounts.get(order.own_account) or self.accounts[""],
        }
        number = id_of(self.wire.write("POST", _path(order), json=payment))
        self.claimed[number] = order.operation
        return Written(remote_id=number, says=f"payment {number} over {order.amount}")


def _path(order: PaymentOrder) -> str:
    return f"{path_of(order.key)}/payment"


def path_of(key: RemoteKey) -> str:
    """Give where an invoice is."""
    return f"{INVOICES}/{quote(key.remote_id, safe='')}"


def _is_of(order: PaymentOrder, row: dict[str, Any], answer: Answer) -> bool:
    """Whether a payment there is of the day and over the amount of an order, and is money that came."""
    fields = Fields(row, f"payment {row.get('id')}")
    try:
        fields.needed("id")
        if fields.has("kb_credit_voucher_id") or fields.truth("is_cash_discount"):
            return False
        return fields.needed_day("date") == order.day and fields.needed_decimal("value") == order.amount.decimal()
    except Mistake:
        raise answer.unexpected("payments with an id, a date and a value") from None


def _not_bookable(order: PaymentOrder) -> str:
    """Say why a payment cannot be told."""
    if order.is_credit_note:
        return "bexio is not told of payments to customers"
    if not order.amount:
        return "bexio closes no invoice without a payment"
    if order.settled != order.amount:
        return f"{order.settled - order.amount} is waived, and its interface knows neither Skonto nor differences"
    return ""


def id_of(answer: Answer) -> str:
    """Read the id of what was created; raise Unreadable where there is none."""
    number = answer.record().get("id")
    if not isinstance(number, int):
        raise answer.unexpected("an id")
    return str(number)
