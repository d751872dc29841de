"""Payments (Zahlungen) in Tryton: its own wizard books them, so that every rule and module there has its say."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.orders import Written
from connectors.accounting.tryton.documents import KIND
from connectors.accounting.tryton.session import date_of, decimal_of, unexpected
from ledger.errors import Conflict, ConnectorError, Refused, Uncertain

if TYPE_CHECKING:
    from connectors.accounting.document import Document
    from connectors.accounting.orders import PaymentOrder
    from connectors.accounting.tryton.session import Row, Rpc

_WIZARD: Final = "wizard.account.invoice.pay"
_METHOD: Final = "account.invoice.payment.method"
_FILLED_IN: Final = ("payee", "company", "currency", "invoice_account")  # taken as the wizard offers them
_WRITE_OFF: Final = "account.move.reconcile.write_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Books payments of one company; names are those that Tryton shows."""

    rpc: Rpc
    methods: dict[str, str]  # own IBAN -> payment method; "" for every other account
    skonto_write_off: str
    difference_write_off: str

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for the move of this very operation: its description ends with it."""
        origin = f"account.{KIND},{order.key.remote_id}"
        domain = [["origin", "=", origin], ["description", "like", f"%[{order.operation}]"]]
        for row in self.rpc.whole_rows("account.move", domain, ["number", "date"], limit=1):
            return Written(remote_id=str(row["id"]), says=f"move {row['number']} of {row['date']} stands there")
        return None

    def book(self, order: PaymentOrder, document: Document) -> Written:
        """Book the money that came on the document as it stands now, and close the rest where that is wished."""
        name = document.number or order.document_number
        if document.item is None or document.item.open_amount != order.open_before:
            shown = document.item.open_amount if document.item else "nothing readable"
            raise Conflict(
                f"{name}: {shown} is open in Tryton, and {order.open_before} was expected: look at it there"
            )
        if not order.amount:
            raise Refused(f"{name}: no money came, and Tryton would keep no trace of us: settle it there by hand")
        write_off = self._write_off(order, name)
        start = {
            "amount": decimal_of((-order.amount if order.is_credit_note else order.amount).decimal()),
            "date": date_of(order.day),
            "description": f"{order.text} [{order.operation}]".strip(),
            "payment_method": self._method(order.own_account),
        }
        self._pay(int(order.key.remote_id), start, write_off, name)
        try:
            written = self.booked(order)
        except ConnectorError as error:
            raise Uncertain(f"{name}: {order.amount} was booked in Tryton, which then said: {error}") from None
        if written is None:
            raise Uncertain(f"{name}: Tryton said yes to a payment of {order.amount}, and shows no move of it")
        return written

    def _write_off(self, order: PaymentOrder, name: str) -> int | None:
        """Find how the rest is closed: Tryton knows one reason for it, and only where nothing is left open."""
        rest = order.open_before - order.amount
        if not (order.skonto or order.difference):
            return None
        if not order.closes or order.skonto + order.difference != rest:
            raise Refused(
                f"{name}: Tryton closes a rest only as a whole; {rest} would be left: book it there by hand"
            )
        names = {
            wished
            for wished, given in (
                (self.skonto_write_off, order.skonto),
                (self.difference_write_off, order.difference),
            )
            if given
        }
        if len(names) != 1:
            raise Refused(f"{name}: Skonto and a difference at once need one write-off: book it there by hand")
        return self._id_of(_WRITE_OFF, names.pop(), "skonto_write_off and difference_write_off")

    def _method(self, own_account: str) -> int:
        return self._id_of(_METHOD, self.methods.get(own_account) or self.methods[""], "payment_method")

    def _id_of(self, model: str, name: str, setting: str) -> int:
        """Find what a setting names; not finding it is a mistake of the configuration."""
        domain = [["name", "=", name], ["company", "=", self.rpc.context["company"]]]
        found = self.rpc.whole_rows(model, domain, ["name"], limit=2) if name else []
        if len(found) != 1:
            raise Refused(
                f"{self.rpc.wire.tool}: Tryton has no {model} called {name!r} for this company, or several\n"
                f"    Correct {setting} in the configuration, or the name there."
            )
        return int(found[0]["id"])

    def _pay(self, invoice: int, start: Row, write_off: int | None, name: str) -> None:
        """Walk through the wizard; the step that books is said once, everything else may be repeated."""
        active = {"active_model": f"account.{KIND}", "active_id": invoice, "active_ids": [invoice]}
        session = _first(self.rpc.ask(f"{_WIZARD}.create", **active))
        try:
            filled_in = _defaults(self.rpc.ask(f"{_WIZARD}.execute", session, {}, "start", **active))
            if not filled_in.get("payee"):
                raise Refused(f"{name}: several parties may pay this invoice in Tryton: book it there by hand")
            given = {key: filled_in.get(key) for key in _FILLED_IN} | start
            said = self.rpc.tell(f"{_WIZARD}.execute", session, {"start": given}, "choice", **active)
            if not said:  # it fits what is open, and is booked
                return
            answer: Row = {"type": "partial"}
            if write_off is not None:
                lines = _defaults(said).get("lines_to_pay")
                answer = {"type": "writeoff", "writeoff": write_off, "lines": lines}
            self.rpc.tell(f"{_WIZARD}.execute", session, {"ask": answer}, "pay", **active)
        finally:
            # What is left of a wizard changes nothing, and a failure to clear it away must not hide what happened.
            with contextlib.suppress(ConnectorError):
                self.rpc.tell(f"{_WIZARD}.delete", session, **active)


def _first(said: Any) -> int:
    """Give the id of the wizard's session."""
    match said:
        case [int(session), *_]:
            return session
    raise unexpected("tryton", f"{_WIZARD}.create", said)


def _defaults(said: Any) -> Row:
    """Give what the wizard has filled in already."""
    match said:
        case {"view": {"defaults": dict(values)}}:
            return values
    raise unexpected("tryton", f"{_WIZARD}.execute", said)
