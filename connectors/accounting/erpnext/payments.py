"""Payments (Zahlungseingänge) in ERPNext: each is one submitted Payment Entry that carries our operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.accounting.computed import amount_of
from connectors.accounting.erpnext.documents import INVOICE
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import PaymentOrder, Written
from ledger.errors import Conflict, Refused
from ledger.money import Money

if TYPE_CHECKING:
    from connectors.accounting.erpnext.site import Filter, Row, Site

ENTRY: Final = "Payment Entry"

_METHOD: Final = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
_TAKEN_OVER: Final = ("company", "party_type", "party", "cost_center", "project")
_REFERENCE: Final = ("reference_doctype", "reference_name", "due_date", "payment_term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Looks for payments and books them."""

    site: Site
    company: str
    bank_account: str  # of the ledger; empty: the one of the bank account with our IBAN
    skonto_account: str
    difference_account: str
    cost_center: str

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look for a payment of ours: its reference number names the operation."""
        filters: list[Filter] = [
            ["reference_no", "=", order.operation],
            ["company", "=", self.company],
            ["docstatus", "!=", 2],
        ]
        found = self.site.first(ENTRY, filters, ["name", "docstatus"])
        if not found:
            return None
        name = str(found.get("name"))
        if str(found.get("docstatus")) != "1":
            raise Refused(f"{ENTRY} {name} stands there as a draft: submit it there, or delete it")
        return Written(remote_id=name, says=f"{ENTRY} {name} stands there already")

    def book(self, order: PaymentOrder) -> Written:
        """Book and submit a payment in one question, so that no draft is left behind where it breaks."""
        parameters = {"dt": INVOICE, "dn": order.key.remote_id, "reference_date": order.day.isoformat()}
        bank = self._bank(order)
        proposed = self.site.message(_METHOD, **parameters, bank_account=bank)
        try:
            entry = self._entry(order, Fields(proposed, f"{order.document_number} › {ENTRY}"), bank)
        except Mistake as mistake:
            raise Refused(f"{mistake}\n    {mistake.what_to_do}") from None
        said = self.site.add(ENTRY, entry)
        return Written(remote_id=str(said.get("name", "")), says=f"{ENTRY} {said.get('name')} over {order.amount}")

    def _entry(self, order: PaymentOrder, proposed: Fields, bank: str) -> Row:
        """Fill in what came for what ERPNext proposes; all amounts that follow from it are calculated there."""
        ours, theirs = ("paid_from", "paid_to") if order.is_credit_note else ("paid_to", "paid_from")
        wished = "Pay" if order.is_credit_note else "Receive"
        if proposed.text("payment_type") != wished:
            raise Conflict(f"{order.document_number}: ERPNext would not {wished} here: look at the invoice there")
        currency = proposed.needed(f"{theirs}_account_currency")
        if currency != order.amount.currency:
            raise Refused(
                f"{order.document_number}: its debtor account is kept in {currency}, and "
                f"{order.amount.currency} came: book it in ERPNext by hand, with its rate of exchange"
            )
        return {
            **{field: proposed.text(field) for field in _TAKEN_OVER if proposed.has(field)},
            "payment_type": wished,
            ours: bank,
            theirs: proposed.needed(theirs),
            "paid_amount": _number(order.amount),
            "received_amount": _number(order.amount),
            "posting_date": order.day.isoformat(),
            "reference_no": order.operation,
            "reference_date": order.day.isoformat(),
            "custom_remarks": 1,
            "remarks": order.text,
            "references": _references(order, proposed),
            "deductions": self._deductions(order, proposed),
            "docstatus": 1,
        }

    def _deductions(self, order: PaymentOrder, proposed: Fields) -> list[Row]:
        """Close what was not paid over the accounts for it; money that went out is less by it, and so negative.

        They are counted in the currency of the company.
        """
        granted = (
            (order.skonto, self.skonto_account, "skonto_account"),
            (order.difference, self.difference_account, "difference_account"),
        )
        for given, account, setting in granted:
            if given and not account:
                raise Refused(
                    f"{order.document_number}: no account is named over which {given} would be closed\n"
                    f"    Set {setting}, or book it in ERPNext by hand."
                )
        rate = "target_exchange_rate" if order.is_credit_note else "source_exchange_rate"
        if order.settled != order.amount and proposed.decimal(rate) != 1:
            raise Refused(
                f"{order.document_number}: {order.amount.currency} is not the currency of {self.company}: "
                "book what is granted in ERPNext by hand, with its rate of exchange"
            )
        return [
            {
                "account": account,
                "cost_center": self.cost_center or proposed.text("cost_center"),
                "amount": _number(-given if order.is_credit_note else given),
            }
            for given, account, _ in granted
            if given
        ]

    def _bank(self, order: PaymentOrder) -> str:
        """Find the account of the ledger behind the bank account that the money came to, and look at it."""
        name = self.bank_account or self._by_iban(order.own_account)
        account = self.site.one("Account", name)
        if account.get("account_currency") != order.amount.currency or account.get("company") != self.company:
            raise Refused(
                f"{name}: this account is not kept in {order.amount.currency}, or not by {self.company}\n"
                "    Correct bank_account in the configuration, or the Bank Account in ERPNext."
            )
        return name

    def _by_iban(self, own_account: str) -> str:
        filters: list[Filter] = [["is_company_account", "=", 1], ["company", "=", self.company]]
        rows = self.site.rows("Bank Account", filters, ["name", "iban", "account"])
        found = {
            str(row["account"])
            for row in rows
            if row.get("account") and "".join(str(row.get("iban") or "").split()).upper() == own_account
        }
        if len(found) != 1:
            raise Refused(
                f"ERPNext has no Bank Account of {self.company} with the IBAN {own_account}, or several\n"
                "    Write the IBAN into the Bank Account there, or set bank_account to the account of the ledger."
            )
        return found.pop()


def _references(order: PaymentOrder, proposed: Fields) -> list[Row]:
    """Spread what is settled over the parts that ERPNext proposes, which are one, or one for each term of payment."""
    sign, left, parts = (-1 if order.is_credit_note else 1), order.settled, []
    for row in proposed.each("references"):
        if row.text("reference_name") != order.key.remote_id:
            continue
        part = min(left, abs(amount_of(row, "allocated_amount", left.currency)))
        if part:
            kept = {field: row.values[field] for field in _REFERENCE if row.has(field)}
            parts.append({**kept, "allocated_amount": sign * _number(part)})
        left -= part
    if left:
        raise Conflict(
            f"{order.document_number}: {left} more would be settled than ERPNext shows as open: look at it there"
        )
    return parts


def _number(of: Money) -> float:
    """Write an amount as JSON has it: these very digits are sent, for a float is written as shortly as it can be."""
    return float(of.decimal())
