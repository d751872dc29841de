"""The account statement of a debtor (Kontoauszug): everything that was charged, paid and allocated, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.money import Money, german, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from dunning.allocation_order import AllocationStep
    from ledger.debtor import Debtor


class EventKind(StrEnum):
    """What happened on the account."""

    INVOICE = "invoice"  # Rechnung
    LUMP_SUM = "lump_sum"  # Verzugspauschale
    FEE = "fee"  # Mahngebühr, Rücklastschriftkosten, Inkassokosten
    INTEREST = "interest"  # Verzugszinsen of a stated period
    CREDIT_NOTE = "credit_note"  # Gutschrift
    PAYMENT = "payment"  # Zahlungseingang
    DISCOUNT = "discount"  # Skonto, Kleindifferenz
    RETURNED = "returned"  # Rücklastschrift, Rückzahlung
    REVERSAL = "reversal"  # an earlier line was taken back


# On the same day charges come before what settles them, and what is taken back comes last.
_ORDER: Final = {kind: place for place, kind in enumerate(EventKind)}
# These make the debtor owe more; a reversal has the sign of what it takes back, turned round.
_CHARGES: Final = frozenset(
    {EventKind.INVOICE, EventKind.LUMP_SUM, EventKind.FEE, EventKind.INTEREST, EventKind.RETURNED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent:
    """One thing that happened. ``amount`` is positive, except of a reversal, which carries its own sign."""

    event_id: str  # keeps the order of two events alike
    day: date
    kind: EventKind
    amount: Money
    document_number: str = ""
    text: str = ""
    steps: tuple[AllocationStep, ...] = ()  # of a payment: what it settled, and why

    @property
    def effect(self) -> Money:
        """What it does to the balance: positive where the debtor owes more."""
        if self.kind is EventKind.REVERSAL or self.kind in _CHARGES:
            return self.amount
        return -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One line of the statement, with the balance after it."""

    event: AccountEvent
    balance: Money  # positive: the debtor owes; negative: we do


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """What a debtor owes on a day, and how it came about."""

    debtor_number: str
    debtor_name: str
    from_day: date
    to_day: date
    opening: Money
    lines: tuple[AccountLine, ...]

    @property
    def closing(self) -> Money:
        """The balance at the end of the last day."""
        return self.lines[-1].balance if self.lines else self.opening


def account_statement(
    debtor: Debtor, events: Iterable[AccountEvent], from_day: date, to_day: date, currency: str
) -> AccountStatement:
    """Draw the statement of one currency for the days from ``from_day`` to ``to_day``, both included.

    What happened before is the opening balance. The order of the input does not matter. Raises ValueError for an
    amount below zero that is no reversal, and for a payment whose steps settle more than was paid.
    """
    ordered = sorted(
        (event for event in events if event.amount.currency == currency and event.day <= to_day),
        key=lambda event: (event.day, _ORDER[event.kind], event.document_number, event.event_id),
    )
    for event in ordered:
        _refuse(event)
    before = [event for event in ordered if event.day < from_day]
    opening = total((event.effect for event in before), currency)
    return AccountStatement(
        debtor_number=debtor.number,
        debtor_name=debtor.name,
        from_day=from_day,
        to_day=to_day,
        opening=opening,
        lines=tuple(_lines(ordered[len(before) :], opening)),
    )


def text_of(statement: AccountStatement) -> str:
    """Write the statement as plain text for the accountant; a negative balance is in favour of the debtor."""
    who = f"{statement.debtor_number} {statement.debtor_name}".strip()
    first, last = _day(statement.from_day), _day(statement.to_day)
    lines = [
        f"Account statement (Kontoauszug) of {who}, {first} to {last}, in {statement.opening.currency}",
        "",
        f"{'day':<12}{'what':<14}{'document':<24}{'debit':>14}{'credit':>14}{'balance':>16}",
        f"{first:<12}{'opening balance':<66}{german(statement.opening):>16}",
    ]
    for line in statement.lines:
        lines.extend(_written(line))
    lines.append(f"{last:<12}{'closing balance':<66}{german(statement.closing):>16}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _refuse(event: AccountEvent) -> None:
    if event.amount.minor < 0 and event.kind is not EventKind.REVERSAL:
        raise ValueError(f"{event.event_id}: {event.kind} of {event.amount}; only a reversal has a sign of its own")
    settled = total((step.amount for step in event.steps), event.amount.currency)
    if settled > event.amount and event.steps:
        raise ValueError(f"{event.event_id}: its steps settle {settled}, but only {event.amount} was paid")


def _lines(events: Iterable[AccountEvent], balance: Money) -> Iterator[AccountLine]:
    for event in events:
        balance += event.effect
        yield AccountLine(event=event, balance=balance)


def _written(line: AccountLine) -> Iterator[str]:
    event = line.event
    debit, credit = (german(event.effect), "") if event.effect.minor >= 0 else ("", german(-event.effect))
    what = event.kind.replace("_", " ")
    yield (
        f"{_day(event.day):<12}{what:<14}{event.document_number:<24}{debit:>14}{credit:>14}{german(line.balance):>16}"
    )
    if event.text:
        yield f"{'':<12}{event.text}"
    for step in event.steps:
        yield f"{'':<12}- {step.because}"


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
