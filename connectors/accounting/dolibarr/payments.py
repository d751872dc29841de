"""Payments (Zahlungseingänge) in Dolibarr: one for each order, whose number names our operation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from connectors.accounting.document import Standing
from connectors.accounting.dolibarr.documents import standing_of
from connectors.accounting.orders import PaymentOrder, Written
from ledger.errors import ConnectorError, Refused, Uncertain

if TYPE_CHECKING:
    from connectors.accounting.dolibarr.server import Server

_LONGEST_NUMBER: Final = 50  # beyond them Dolibarr would cut it off, and it would not be found again


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Looks for payments and books them."""

    server: Server
    currency: str
    time_zone: str
    bank_account: int  # id; 0: the one with the IBAN the money came to
    payment_mode: int  # id

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours, and whether its rest was closed as well."""
        payments = self.server.wire.read(f"invoices/{order.key.remote_id}/payments").rows()
        ours = next((row for row in payments if str(row.get("num")) == _number(order)), None)
        if ours is None:
            return None
        if _has_a_rest(order) and standing_of(self.server.invoice(order.key.remote_id)) is Standing.OPEN:
            raise Refused(
                f"{order.document_number}: the payment {ours.get('ref')} stands there, but its rest is still open\n"
                "    Classify the invoice there as paid partially, with the reason of the rest."
            )
        return Written(remote_id=str(ours.get("ref") or ""), says=f"payment {ours.get('ref')} stands there already")

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that came, and classify what is granted with it, so that nothing is left open."""
        if order.is_credit_note or order.amount.currency != self.currency:
            raise Refused(f"{order.document_number}: refunds and foreign currency are booked in Dolibarr by hand")
        if _has_a_rest(order) and not order.closes:
            raise Refused(f"{order.document_number}: Dolibarr closes a rest only as a whole: book it there by hand")
        noon = datetime.combine(order.day, time(12), ZoneInfo(self.time_zone))  # the same day wherever they are
        payment = {
            # A payment that is not told in the currency of the invoice is one in the main currency.
            "arrayofamounts": {
                order.key.remote_id: {"amount": str(order.amount.decimal()), "multicurrency_amount": ""}
            },
            "datepaye": int(noon.timestamp()),
            "paymentid": self.payment_mode,
            "closepaidinvoices": "yes",
            "accountid": self.bank_account or self._by_iban(order.own_account),
            "num_payment": _number(order),
            "comment": order.text,
        }
        number = str(self.server.wire.write("POST", "invoices/paymentsdistributed", json=payment).json())
        if _has_a_rest(order):
            self._close(order, number)
        return Written(remote_id=number, says=f"payment {number} over {order.amount}")

    def _close(self, order: PaymentOrder, number: str) -> None:
        """Classify the rest; where that fails, the payment stands there already and is found by a look."""
        reason = {"close_code": "discount_vat" if order.skonto else "other", "close_note": order.operation}
        try:
            self.server.wire.write("POST", f"invoices/{order.key.remote_id}/settopaid", json=reason)
        except ConnectorError as error:
            raise Uncertain(
                f"{order.document_number}: payment {number} was booked, but its rest may still be open: {error}"
            ) from None

    def _by_iban(self, own_account: str) -> int:
        found = {
            int(row["id"])
            for row in self.server.rows("bankaccounts")
            if "".join(str(row.get("iban") or row.get("iban_prefix") or "").split()).upper() == own_account
        }
        if len(found) != 1:
            raise Refused(
                f"Dolibarr has no bank account with the IBAN {own_account}, or several\n"
                "    Write the IBAN into the bank account there, or set bank_account to its id."
            )
        return found.pop()


def _number(order: PaymentOrder) -> str:
    return order.operation[:_LONGEST_NUMBER]


def _has_a_rest(order: PaymentOrder) -> bool:
    return bool(order.skonto or order.difference)
