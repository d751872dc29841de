"""The package mt-940 at work: second reader of dialects we do not know, second opinion where sums prove nothing.

Where a bank's own balances prove our sum, the package is not asked: it is ten times slower, and on one real file in
twelve its sum is wrong (cents behind a decimal dot are dropped, bookings merged). It is asked in two cases.

* A field that we cannot read. Its result counts only when all balances are there and add up, and as many bookings
  came out as lines ``:61:`` went in.
* An MT942 without number and sum of its bookings (:90C:, :90D:). Two readers that differ in number or sum mean that
  one of them misunderstood, so the file is refused. Where the package cannot read it at all, it has no opinion.

What it is given is bounded: it needs twenty times the room of the text.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import mt940

from connectors.bank.account import without_currency
from connectors.bank.format import unreadable
from connectors.bank.swift.mt940_entry import Around, Line, build, described, told
from connectors.bank.swift.mt940_proof import check_balances
from ledger.finding import Finding, Severity
from ledger.money import Money, from_decimal, german
from ledger.statement import Statement, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

# Texts of more bytes are not given to the package.
LIMIT_BYTES: Final = 2 * 1024 * 1024

_BOOKING: Final = re.compile(r"^:61:", re.MULTILINE)
# The package takes structured details apart itself; raw, they go through our own reading of :86:.
_NO_DETAILS_PROCESSORS: Final[dict[str, list[Any]]] = {"post_transaction_details": []}
# What it raises over a text that it does not understand.
_GIVES_UP: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_REMEDY: Final = "Fetch it again from the bank, as CAMT.053 if possible."

# What the package logs about lines it cannot read, our own message says better.
logging.getLogger(mt940.__name__).addHandler(logging.NullHandler())


def read(text: str, place: str, why: str) -> tuple[tuple[Statement, ...], Finding]:
    """Read what our own reader refused (``why``); raise Unreadable unless every statement adds up.

    The package drops cents and merges bookings without a word, so the balances must be there and must fit.
    """
    findings: list[Finding] = []
    try:
        statements = tuple(_statement(block, place, findings) for block in _blocks(text))
        moved = [statement.movement().minor for statement in statements]
    except _GIVES_UP as error:
        raise unreadable(place, "no reader understands this MT940", found=str(error), what_to_do=_REMEDY) from error
    entries = sum(len(statement.entries) for statement in statements)
    if not statements or entries != len(_BOOKING.findall(text)):
        raise unreadable(place, "not every booking of this MT940 is understood", what_to_do=_REMEDY)
    for statement, minor in zip(statements, moved, strict=True):
        check_balances(statement, minor)
    return statements, _second_reader(place, why)


def second_opinion(text: str, place: str, *, number: int, moved: Money) -> None:
    """Raise Unreadable where the package reads another number of bookings than ``number``, or another sum."""
    try:
        amounts = [_money(one.data["amount"]) for block in _blocks(text) for one in block]
        theirs = sum(amount.minor for amount in amounts)
    except _GIVES_UP:
        return
    if len(amounts) == number and theirs == moved.minor and {a.currency for a in amounts} <= {moved.currency}:
        return
    raise unreadable(
        place,
        "two readers disagree about these bookings, and no balance decides",
        found=(
            f"one reads {number} bookings with {german(moved)}, "
            f"the other {len(amounts)} with {german(Money(theirs, moved.currency))} {moved.currency}"
        ),
        what_to_do=_REMEDY,
    )


def _blocks(text: str) -> Sequence[Any]:
    # Always a file object: the package would open a text that happens to be a path.
    return mt940.parse_statements(io.StringIO(text), processors=_NO_DETAILS_PROCESSORS, options=mt940.Options.all())


def _statement(block: Any, place: str, findings: list[Finding]) -> Statement:
    data = block.data
    opening, closing = data["final_opening_balance"], data["final_closing_balance"]
    around = Around(
        account=without_currency(data["account_identification"]), currency=opening.amount.currency, place=place
    )
    return Statement(
        account=around.account,
        currency=around.currency,
        statement_ref=data.get("transaction_reference") or "",
        number=str(data.get("statement_number") or ""),
        opening=_money(opening.amount),
        opening_date=_day(opening.date),
        closing=_money(closing.amount),
        closing_date=_day(closing.date),
        entries=tuple(_entry(one.data, around, number, findings) for number, one in enumerate(block, start=1)),
        format="MT940",
        place=place,
    )


def _entry(data: dict[str, Any], around: Around, number: int, findings: list[Finding]) -> StatementEntry:
    supplement = data.get("extra_details") or ""
    said = described(data.get("transaction_details") or "", supplement)
    amount = _money(data["amount"])
    line = Line(
        value="",
        booked="",
        mark=_mark(amount, str(data.get("status") or "").upper()),
        minus=False,
        amount="",
        type=data.get("id") or "",
        customer_reference=data.get("customer_reference") or "",
        bank_reference=data.get("bank_reference") or "",
        supplement=supplement,
    )
    return build(
        around,
        line,
        said,
        amount=amount,
        booking_date=_day(data.get("entry_date") or data["date"]),
        value_date=_day(data["date"]),
        number=number,
        where=around.place,
        told=told(said, supplement, around.currency, around.place, findings),
    )


def _mark(amount: Money, status: str) -> str:
    if status in {"RC", "RD"}:
        return "RD" if amount.minor >= 0 else "RC"
    return "C" if amount.minor >= 0 else "D"


def _money(amount: Any) -> Money:
    return from_decimal(amount.amount, amount.currency)


def _day(day: date) -> date:
    return date(day.year, day.month, day.day)  # the package has a date class of its own


def _second_reader(place: str, why: str) -> Finding:
    return Finding(
        code="second_reader",
        severity=Severity.NOTE,
        place=place,
        what="this dialect of MT940 was read by the second reader; its balances add up",
        excerpt=why.splitlines()[0],
        what_to_do="Nothing for now. Ask the bank for CAMT.053, which says more and is read directly.",
    )
