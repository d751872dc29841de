"""A second reader for MT940 dialects that ours does not know: the mt-940 package, believed only if it adds up."""

from __future__ import annotations

import io
import logging
import re
from datetime import date
from typing import Any, Final

import mt940

from connectors.bank import balance, purpose
from connectors.bank.account import without_currency
from connectors.bank.codes import entry_kind
from connectors.bank.creditor_reference import creditor_references
from connectors.bank.format import unreadable
from ledger.finding import Finding, Severity
from ledger.money import Money, from_decimal
from ledger.statement import Statement, StatementEntry

_BOOKING: Final = re.compile(r"^:61:", re.MULTILINE)
# The package takes structured details apart itself; raw, they go through our own reading of :86:.
_NO_DETAILS_PROCESSORS: Final[dict[str, list[Any]]] = {"post_transaction_details": []}


def read(text: str, place: str, why: str) -> tuple[tuple[Statement, ...], tuple[Finding, ...]]:
    """Read what our own reader refused (``why``); raise Unreadable unless every statement adds up.

    The package drops cents after a decimal dot and merges bookings it does not understand, without a word. So the
    balances must be there and must fit, and there must be as many entries as there are ``:61:`` lines.
    """
    try:
        # Always a file object: the package would open a text that happens to be a path.
        blocks = mt940.parse_statements(
            io.StringIO(text), processors=_NO_DETAILS_PROCESSORS, options=mt940.Options.all()
        )
        statements = tuple(_statement(block, place) for block in blocks)
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise unreadable(place, "no reader understands this MT940", found=str(error), what_to_do=_REMEDY) from error
    entries = sum(len(statement.entries) for statement in statements)
    if not statements or entries != len(_BOOKING.findall(text)):
        raise unreadable(place, "not every booking of this MT940 is understood", what_to_do=_REMEDY)
    for statement in statements:
        balance.check(statement)
    return statements, (_second_reader(place, why),)


# What the package logs about lines it cannot read, our own message says better.
logging.getLogger(mt940.__name__).addHandler(logging.NullHandler())

_REMEDY: Final = "Fetch it again from the bank, as CAMT.053 if possible."


def _statement(block: Any, place: str) -> Statement:
    data = block.data
    opening, closing = data["final_opening_balance"], data["final_closing_balance"]
    account = without_currency(data["account_identification"])
    return Statement(
        account=account,
        currency=opening.amount.currency,
        statement_ref=data.get("transaction_reference") or "",
        number=str(data.get("statement_number") or ""),
        opening=_money(opening.amount),
        opening_date=_day(opening.date),
        closing=_money(closing.amount),
        closing_date=_day(closing.date),
        entries=tuple(_entry(one.data, account, number, place) for number, one in enumerate(block, start=1)),
        format="MT940",
        place=place,
    )


def _entry(data: dict[str, Any], account: str, number: int, place: str) -> StatementEntry:
    said = purpose.read(data.get("transaction_details") or "")
    amount = _money(data["amount"])
    reversal = str(data.get("status") or "").upper() in {"RC", "RD"}
    swift = data.get("id") or ""
    return StatementEntry(
        account=account,
        booking_date=_day(data.get("entry_date") or data["date"]),
        value_date=_day(data["date"]),
        amount=amount,
        kind=entry_kind(credit=amount.minor >= 0, gvc=said.gvc, swift=swift, reversal=reversal),
        payer_name=said.name,
        payer_iban=said.account,
        payer_bic=said.bic,
        ultimate_name=said.keyword("ABWA") if amount.minor >= 0 else said.keyword("ABWE"),
        remittance=said.remittance,
        remittance_glued=said.remittance_glued,
        references=creditor_references(said.remittance, said.remittance_glued),
        end_to_end_id=said.keyword("EREF"),
        mandate_id=said.keyword("MREF"),
        creditor_id=said.keyword("CRED"),
        bank_reference=data.get("bank_reference") or "",
        posting_text=said.posting_text,
        transaction_code=said.gvc or swift,
        booking_ref=str(number),
        place=place,
    )


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
