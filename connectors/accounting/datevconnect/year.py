"""What a fiscal year (Wirtschaftsjahr) of DATEV says for all its postings: accounts, currency, terms of payment."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.accounting.fields import Fields, Mistake
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    Row = dict[str, Any]

_TECHNICAL: Final = 9  # digits to which every account is filled up with zeros at its end


class Year(NamedTuple):
    """The fiscal year (Wirtschaftsjahr) that is read, and what it says of all its accounts."""

    id: str
    digits: int  # of accounts of debtors: one more than those of the ledger
    currency: str
    today: date | None = None  # by the clock of the tool


class Term(NamedTuple):
    """The first step of Skonto of a term of payment (Zahlungsbedingung)."""

    percent: Decimal | None
    days: int


def year_of(row: Row, source: str) -> Year:
    """Read a fiscal year; raise Refused where its accounts cannot be told, as then nothing could."""
    fields = Fields(row, f"{source}: fiscal year {row.get('id')}")
    try:
        length = fields.whole("account_length")
        if length is None or not 4 <= length <= 8:
            raise fields.mistake("account_length", "is no length of accounts")
        currency = fields.currency("currency_code") if fields.has("currency_code") else "EUR"
        if not re.fullmatch(r"[0-9]{8}", fields.needed("id")):
            raise fields.mistake("id", "is no first day of a year")
        return Year(id=fields.needed("id"), digits=length + 1, currency=currency)
    except Mistake as mistake:
        raise Refused(f"{mistake}\n    Look at the master data of the client in DATEV.") from None


def terms_of(rows: Iterable[Row], source: str) -> Mapping[str, Term]:
    """Read terms of payment; one by the calendar (due as period) grants no Skonto that we know of."""
    found: dict[str, Term] = {}
    for row in rows:
        fields = Fields(row, f"{source}: term of payment {row.get('id')}")
        try:
            days = fields.inside("due_in_days").term("cash_discount1_days")
            if days is not None:
                percent = fields.percent("cash_discount1_percentage")
                found[term_id(fields.needed("id"))] = Term(percent=percent, days=days)
        except Mistake:
            continue  # without it no Skonto is granted: a discount that was taken is a difference for a person
    return MappingProxyType(found)


def account_of(fields: Fields, year: Year) -> str:
    """Give an account as people write it: 9 digits with zeros at the end there, 100010000 for 10001."""
    text = fields.needed("account_number")
    if len(text) != _TECHNICAL or not text.isdecimal() or text[year.digits :].strip("0"):
        raise fields.mistake("account_number", f"is no account of {year.digits} digits filled up to {_TECHNICAL}")
    return text[: year.digits]


def term_id(text: str) -> str:
    """Give the number of a term of payment, which is written with and without zeros before it."""
    return text.lstrip("0")
