"""Bookings (Zahlungszuordnungen) in sevDesk: a bank transaction that lies there already is linked with a document.

The transaction itself is the identity of the operation: it is linked with this document, or it is not. None is made
up, because the bank's own one would then lie there a second time.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.orders import Written
from connectors.accounting.sevdesk.documents import CREDIT_NOTE, INVOICE
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from connectors.accounting.document import RemoteKey
    from connectors.accounting.orders import PaymentOrder
    from connectors.accounting.sevdesk.desk import Desk, Row

_MODELS: Final = {INVOICE.lower(): INVOICE, CREDIT_NOTE.lower(): CREDIT_NOTE}
_ZONE: Final = "Europe/Berlin"
_AROUND: Final = timedelta(days=5)  # asked for on both sides; which day counts is looked at here
_FREE: Final = "100"  # a transaction that nobody has linked yet
_ARCHIVED: Final = "0"
_SHORTEST_NUMBER: Final = 4  # characters of a document number that name it in a text
_NOON: Final = time(12, tzinfo=UTC)  # the same day everywhere in Europe


def model_of(key: RemoteKey) -> str:
    """Give sevDesk's own name of a kind of document."""
    if key.kind not in _MODELS:
        raise Refused(f"sevDesk: {key.kind!r} is no kind of document we read; look for a newer version")
    return _MODELS[key.kind]


def booked(desk: Desk, order: PaymentOrder, wished_account: str) -> Written | None:
    """Look whether a transaction of that day and amount is linked with this document."""
    account = _account(desk, order, wished_account)
    for transaction in _transactions(desk, order, account):
        if str(transaction.get("status")) != _FREE and _is_linked(desk, transaction, order):
            number = str(transaction.get("id"))
            return Written(remote_id=number, says=f"bank transaction {number} is linked with it already")
    return None


def book(desk: Desk, order: PaymentOrder, wished_account: str) -> Written:
    """Link the one free transaction that is meant; raise Refused where there is none, or more than one.

    The kind is never FULL_PAYMENT, which uses up a whole transaction whatever the amount.
    """
    kind = _kind(desk.name, order)
    account = _account(desk, order, wished_account)
    free = [one for one in _transactions(desk, order, account) if str(one.get("status")) == _FREE]
    transaction = _only(desk.name, order, free, account)
    number = str(transaction["id"])
    said = {
        "amount": str(_signed(order)),
        "date": int(datetime.combine(order.day, _NOON).timestamp()),
        "type": kind,
        "checkAccount": {"id": int(account["id"]), "objectName": "CheckAccount"},
        "checkAccountTransaction": {"id": int(number), "objectName": "CheckAccountTransaction"},
        "createFeed": True,
    }
    desk.tell("PUT", f"{model_of(order.key)}/{order.key.remote_id}/bookAmount", said)
    return Written(remote_id=number, says=f"bank transaction {number} over {order.amount} was linked ({kind})")


def _kind(name: str, order: PaymentOrder) -> str:
    """Give the kind of booking: a payment (N), one less Skonto (CB), one less another difference (O)."""
    if order.skonto and order.difference:
        raise _by_hand(name, order, "Skonto and another difference cannot be told in one booking")
    if not order.skonto and not order.difference:
        return "N"
    if not order.closes:
        raise _by_hand(name, order, "a discount closes the document in sevDesk, and this one stays open")
    return "CB" if order.skonto else "O"


def _account(desk: Desk, order: PaymentOrder, wished: str) -> Row:
    """Find the account (Zahlungskonto): by the name in the settings, else by the IBAN the money came to."""
    accounts = [one for one in desk.all("CheckAccount", {}) if str(one.get("status")) != _ARCHIVED]
    if wished:
        found = [one for one in accounts if str(one.get("name") or "").casefold() == wished.casefold()]
    else:
        found = [one for one in accounts if _squeezed(one.get("iban")) == _squeezed(order.own_account) != ""]
    if len(found) != 1:
        which = f"called {wished!r}" if wished else f"with the IBAN {order.own_account}"
        raise _by_hand(
            desk.name, order, f"{len(found)} accounts there are {which}; name the right one as check_account"
        )
    if str(found[0].get("currency") or "EUR") != order.amount.currency:
        raise _by_hand(desk.name, order, "the document is in another currency than the account")
    return found[0]


def _transactions(desk: Desk, order: PaymentOrder, account: Row) -> Iterator[Row]:
    """Give the transactions of that day and exactly that amount, linked or not."""
    noon = datetime.combine(order.day, _NOON)
    asked = {
        "checkAccount[id]": str(account["id"]),
        "checkAccount[objectName]": "CheckAccount",
        "startDate": str(int((noon - _AROUND).timestamp())),
        "endDate": str(int((noon + _AROUND).timestamp())),
    }
    for row in desk.all("CheckAccountTransaction", asked):
        fields = Fields(row, f"{desk.name}: bank transaction {row.get('id')}")
        try:
            days = {fields.day("valueDate", _ZONE), fields.day("entryDate", _ZONE)}
            if fields.decimal("amount") == _signed(order) and order.day in days:
                yield row
        except Mistake:  # a transaction that cannot be read is none that can be linked
            continue


def _is_linked(desk: Desk, transaction: Row, order: PaymentOrder) -> bool:
    """Ask with what a transaction is linked."""
    number, model = str(transaction["id"]), model_of(order.key)
    asked = {"checkAccountTransaction[id]": number, "checkAccountTransaction[objectName]": "CheckAccountTransaction"}
    return any(
        _reference(entry, "object") == (model, order.key.remote_id)
        and _reference(entry, "checkAccountTransaction")[1] == number
        for entry in desk.all("CheckAccountTransactionLog", asked)
    )


def _only(name: str, order: PaymentOrder, free: list[Row], account: Row) -> Row:
    """Give the one transaction that is meant: its payer is the one we saw, or its text names the document.

    The same day and amount alone are no proof: the right transaction may not be imported yet.
    """
    naming = [one for one in free if _names_document(one, order)]
    meant = naming if len(naming) == 1 else [one for one in free if one in naming or _names_payer(one, order)]
    if len(meant) != 1:
        raise _by_hand(
            name,
            order,
            f"{len(meant)} free bank transactions of {order.day} over {order.amount} on {account.get('name')!r} name "
            "this payer or this document, and exactly one is needed",
        )
    return meant[0]


def _names_payer(transaction: Row, order: PaymentOrder) -> bool:
    payer = _squeezed(transaction.get("payeePayerName"))
    return payer != "" and payer in _squeezed(order.text)


def _names_document(transaction: Row, order: PaymentOrder) -> bool:
    number = _squeezed(order.document_number)
    return len(number) >= _SHORTEST_NUMBER and number in _squeezed(transaction.get("paymtPurpose"))


def _signed(order: PaymentOrder) -> Decimal:
    """Give the amount as the bank's transaction has it: what went out is negative."""
    amount = order.amount.decimal()
    return -amount if order.is_credit_note else amount


def _reference(row: Row, part: str) -> tuple[str, str]:
    inner = row.get(part)
    return (str(inner.get("objectName")), str(inner.get("id"))) if isinstance(inner, dict) else ("", "")


def _squeezed(text: object) -> str:
    return "".join(str(text or "").casefold().split())


def _by_hand(name: str, order: PaymentOrder, why: str) -> Refused:
    return Refused(
        f"{name}: {order.document_number}: {why}\n    Import the bank's transactions there, or book it by hand."
    )
