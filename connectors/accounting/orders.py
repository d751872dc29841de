"""Orders (Schreibaufträge): what a tool is told, and what it says it has done."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Protocol, runtime_checkable

from connectors.accounting.document import RemoteKey
from ledger.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """Book a payment on one document. All amounts are positive and in the currency of the document.

    For a credit note the money went out, or was set off. ``operation`` is the same however often it is tried, and is
    the idempotency key where a tool takes one.
    """

    operation: str  # at most 60 characters of [a-z0-9-]
    decision: int  # of ours that booked it
    item_id: str
    key: RemoteKey
    document_number: str
    debtor_number: str
    day: date  # Buchungstag of the bank
    amount: Money  # money that moved
    skonto: Money  # granted
    difference: Money  # small differences and bank charges that are waived
    is_credit_note: bool
    closes: bool  # whether nothing is left open afterwards
    open_before: Money  # what the tool is believed to show as open
    text: str  # what stands beside it there: payer and remittance, at most 140 characters
    own_account: str  # IBAN the money came to

    @property
    def settled(self) -> Money:
        """By how much the open amount falls."""
        return self.amount + self.skonto + self.difference


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningOrder:
    """Note on one document that a dunning stage was said."""

    operation: str
    item_id: str
    key: RemoteKey
    document_number: str
    level: int  # 1 for the first written reminder, counted over what the debtor really got
    stage: str  # our own name of it
    sent_on: date
    deadline: date | None
    fee: Money
    interest: Money


Order = PaymentOrder | DunningOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the tool says it has done."""

    remote_id: str  # of the payment or reminder there; empty where the tool gives none
    says: str  # for the log, in plain words


@runtime_checkable
class BooksPayments(Protocol):
    """A tool that can be told of payments."""

    def booked(self, order: PaymentOrder) -> Written | None:
        """Look whether this very payment stands there already; None where it does not."""

    def book(self, order: PaymentOrder) -> Written:
        """Book it; raise Refused with the tool's own words, Uncertain where nobody knows."""


@runtime_checkable
class SetsDunning(Protocol):
    """A tool that can be told of dunning."""

    def dunned(self, order: DunningOrder) -> Written | None:
        """Look whether this very stage is noted there already; None where it is not."""

    def dun(self, order: DunningOrder) -> Written:
        """Note it; raise Refused with the tool's own words, Uncertain where nobody knows."""


def order_bytes(order: Order) -> bytes:
    """Write an order for the outbox: JSON, amounts in minor units with their currency."""
    kind = "payment" if isinstance(order, PaymentOrder) else "dunning"
    values = {field.name: _plain(getattr(order, field.name)) for field in fields(order)}
    return json.dumps({"order": kind, **values}, ensure_ascii=False, sort_keys=True).encode()


def order_of(written: bytes) -> Order:
    """Read back what ``order_bytes`` wrote."""
    values: dict[str, Any] = json.loads(written)
    kind: type[Order] = PaymentOrder if values.pop("order") == "payment" else DunningOrder
    return kind(**{name: _read(name, value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return Money(value["minor"], value["currency"])
    if name == "key":
        return RemoteKey(*value)
    return date.fromisoformat(value) if name in {"day", "sent_on", "deadline"} and value else value
