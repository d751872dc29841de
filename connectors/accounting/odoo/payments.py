"""Payments (Zahlungen) booked by the wizard "Register Payment" of Odoo, which closes Skonto and differences as well.

Source: odoo/odoo, ``addons/account/wizard/account_payment_register.py``. It is filled in, read back and only then
pressed: what it would do is known before anything is booked, in every version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.fields import Fields
from connectors.accounting.odoo.database import id_of
from connectors.accounting.odoo.documents import line_id_of, move_id_of
from connectors.accounting.odoo.partners import BANK_ACCOUNT, IBAN
from connectors.accounting.orders import Written
from ledger.errors import Refused
from ledger.money import Money

if TYPE_CHECKING:
    from connectors.accounting.odoo.database import Database, Domain, Row
    from connectors.accounting.orders import PaymentOrder

_WIZARD: Final = "account.payment.register"
_PAYMENT: Final = "account.payment"
_CANCELLED: Final = frozenset({"cancel", "canceled", "rejected"})  # the first up to 17
_SHOWN: Final = "show_payment_difference"  # whether something can be written off; from 18 on
_FILLED_IN: Final = ["amount", "payment_difference", "early_payment_discount_mode", _SHOWN]
_WITH_ACCOUNTING_APP: Final = ("account.move", "payment_state_before_switch")  # a field of account_accountant


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Books payments, and looks whether they stand there."""

    database: Database
    journal: str = ""  # code of the bank journal for accounts that no journal of Odoo bears
    skonto_account: str = ""  # number of the account that takes Skonto which Odoo itself does not grant
    difference_account: str = ""  # number of the account that takes small differences and bank charges

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours: each bears the name of its operation in the memo.

        Raises Refused where it was cancelled there: somebody did not want it, so it is not booked again.
        """
        memo = self.database.named(_PAYMENT, "memo", "ref")  # the first from 18 on
        domain = [self._ours(), [memo, "like", order.operation]]
        found = list(self.database.rows(_PAYMENT, domain, ["name", "state"]))
        standing = [row for row in found if str(row.get("state")) not in _CANCELLED]
        if found and not standing:
            raise Refused(
                f"{self.database.wire.tool}: {_named(found[0])} for {order.document_number} was cancelled in Odoo\n"
                "    If that was right, take the booking back here as well."
            )
        if not standing:
            return None
        return Written(
            remote_id=str(standing[0]["id"]), says=f"{_named(standing[0])} over {order.amount} stands there"
        )

    def book(self, order: PaymentOrder) -> Written:
        """Book the money that moved, and close what was granted or waived; raise Refused before anything is done."""
        closing = order.skonto + order.difference
        if closing and not order.closes:
            raise self._refused(order, "something is to be waived, and yet something stays open; Odoo cannot do both")
        if not order.amount:
            raise self._refused(order, f"{closing} are to be waived without any money; Odoo has no payment for that")
        wizard = self._filled_in(order, closing)
        self.database.tell(
            _WIZARD, "action_create_payments", ids=[wizard], context={"dont_redirect_to_payments": True}
        )
        return self.booked(order) or Written(remote_id="", says=f"a payment over {order.amount} was registered")

    def _filled_in(self, order: PaymentOrder, closing: Money) -> int:
        """Fill the wizard in and read it back; give its id. Nothing is booked yet, so it may be said twice."""
        account = self._account(order, closing)
        journal = self._journal(order)
        values: Row = {
            "journal_id": journal,
            "payment_method_line_id": self._method(order, journal),
            "currency_id": self._currency(order),
            "amount": float(order.amount.decimal()),  # JSON has no other number; its shortest text is the amount
            "payment_date": order.day.isoformat(),
            "communication": _memo(order),
            "payment_difference_handling": "reconcile" if closing else "open",
        }
        if account:
            values |= {"writeoff_account_id": account, "writeoff_label": "Skonto" if order.skonto else "Differenz"}
        said = self.database.tell(_WIZARD, "create", context=_about(order), repeatable=True, vals_list=[values])
        wizard = id_of(said)
        known = [name for name in _FILLED_IN if self.database.has(_WIZARD, name)]
        shown = self.database.records(_WIZARD, [wizard], known) if wizard else []
        if not shown:
            raise self._refused(order, "Odoo does not show what it would book")
        self._as_wished(order, closing, account, shown[0])
        return wizard

    def _as_wished(self, order: PaymentOrder, closing: Money, account: int, shown: Row) -> None:
        """Refuse where the wizard would do something else than was ordered."""
        fields, currency = Fields(shown, self.database.wire.tool), order.amount.currency
        if round(fields.needed_decimal("amount"), 6) != order.amount.decimal():
            raise self._refused(order, f"Odoo would book {shown['amount']} {currency} instead of {order.amount}")
        difference = round(fields.needed_decimal("payment_difference"), 6)
        if difference < 0:
            raise self._refused(order, f"less than {order.amount} is open; somebody changed the document")
        if not closing:
            return
        if difference != closing.decimal():
            what = f"{difference.normalize():f} {currency} instead of {closing}"
            raise self._refused(order, f"Odoo would write off {what}; somebody changed the document")
        if fields.truth("early_payment_discount_mode"):
            return
        if not account:
            setting = "skonto_account" if order.skonto else "difference_account"
            raise self._refused(
                order, f"Odoo does not grant {closing} by itself, and no {setting} is named in the configuration"
            )
        # With the accounting app of Enterprise, a payment without an account makes no entry, and writes nothing off.
        if self.database.has(*_WITH_ACCOUNTING_APP) and fields.has(_SHOWN) and not fields.truth(_SHOWN):
            raise self._refused(order, f"the journal has no account for payments, so that {closing} stay open there")

    def _account(self, order: PaymentOrder, closing: Money) -> int:
        """Find the account that takes what is written off; 0 where none is named."""
        if order.skonto and order.difference:
            raise self._refused(order, "Skonto and a difference at once; Odoo writes off to one account only")
        code = self.skonto_account if order.skonto else self.difference_account
        if not closing or not code:
            return 0
        company = self.database.named("account.account", "company_ids", "company_id")  # the first from 18 on
        domain = [["code", "=", code], [company, "in", [self.database.company.id]]]
        return self._one(order, "account.account", domain, f"no account {code}")

    def _journal(self, order: PaymentOrder) -> int:
        """Find the journal whose bank account the money came to, else the one that is named."""
        kinds = ["type", "in", ["bank", "cash"]]
        own = [f"bank_account_id.{self.database.named(BANK_ACCOUNT, *IBAN)}", "=", order.own_account]
        for row in self.database.rows("account.journal", [self._ours(), kinds, own], ["code"]):
            return int(row["id"])
        domain = [self._ours(), kinds, ["code", "=", self.journal]]
        wanted = f"no bank journal with the account {order.own_account}, and none is named (journal)"
        return self._one(
            order, "account.journal", domain, f"no bank journal {self.journal}" if self.journal else wanted
        )

    def _method(self, order: PaymentOrder, journal: int) -> int:
        """Find the manual method of the journal: any other one would move money once more, in a file for the bank."""
        direction = "outbound" if order.is_credit_note else "inbound"
        domain = [
            ["journal_id", "=", journal],
            ["payment_method_id.payment_type", "=", direction],
            ["payment_method_id.code", "=", "manual"],
        ]
        return self._one(order, "account.payment.method.line", domain, f"no manual {direction} method in the journal")

    def _currency(self, order: PaymentOrder) -> int:
        domain = [["name", "=", order.amount.currency]]
        return self._one(order, "res.currency", domain, f"no active currency {order.amount.currency}")

    def _one(self, order: PaymentOrder, model: str, domain: Domain, otherwise: str) -> int:
        row = next(self.database.rows(model, domain, ["display_name"]), None)
        if row is None:
            raise self._refused(order, f"there is {otherwise} in Odoo")
        return id_of(row["id"])

    def _ours(self) -> list[Any]:
        return ["company_id", "=", self.database.company.id]

    def _refused(self, order: PaymentOrder, why: str) -> Refused:
        return Refused(
            f"{self.database.wire.tool}: {order.document_number}: {why}\n"
            "    Nothing was booked there. Put it right, or register this payment in Odoo by hand."
        )


def _about(order: PaymentOrder) -> Row:
    """Say what the wizard is for: the whole invoice, or one of its due dates."""
    line = line_id_of(order.key)
    model, record = ("account.move.line", line) if line else ("account.move", move_id_of(order.key))
    return {"active_model": model, "active_ids": [record], "active_id": record}


def _memo(order: PaymentOrder) -> str:
    return " · ".join(filter(None, (order.document_number, order.text, order.operation)))


def _named(row: Row) -> str:
    return f"payment {row.get('name') or row['id']}"
