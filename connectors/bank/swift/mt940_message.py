"""The header of one MT940 or MT942 message: whose account, which page, and the balances around the bookings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.account import without_currency
from connectors.bank.swift.mt940_proof import Sum
from connectors.bank.swift.mt940_values import UnknownDialect, day_of, read_amount, read_day
from ledger.money import MINOR_DIGITS

if TYPE_CHECKING:
    from datetime import date

    from connectors.bank.swift.mt940_fields import Field
    from ledger.money import Money

# What stands around the bookings and says whose they are, which page this is, and what they add up to.
HEADER_TAGS: Final = frozenset({"25", "25P", "28", "28C", "60F", "60M", "62F", "62M"})

_BALANCE: Final = re.compile(r"([CD])\s?(\d{6})([A-Z]{3})?\s?(\S+)")
_DAY: Final = re.compile(r"\d{6}")
_NO_DAY: Final = "000000"
_SUM: Final = re.compile(r"(\d{1,6})\s?([A-Z]{3})\s?(\S+)")
_NUMBER: Final = re.compile(r"(\d*)(?:/(\d{1,5}))?")
_LIMIT: Final = re.compile(r"\d*([A-Z]{3})")


class Balance(NamedTuple):
    """A balance and its day, which banks leave out where there was none before."""

    amount: Money
    day: date | None


@dataclass(slots=True)
class Message:
    """One message: a whole statement, or a page of one. It is filled while its fields are read."""

    line: int
    reference: str = ""
    account: str = ""
    account_currency: str = ""  # behind the account, if the bank writes it there
    number: str = ""
    page: int = 0
    opening: Balance | None = None
    opens_between: bool = False  # 60M
    closing: Balance | None = None
    closes_between: bool = False  # 62M
    interim_tags: bool = False  # those of an MT942
    limit_currency: str = ""
    reported_until: date | None = None  # 13D
    sums: dict[str, Sum] = field(default_factory=dict)  # by C and D
    early_text: str = ""  # a field :86: before its booking
    begun: bool = False  # its statement is open, or goes on with it

    @property
    def currency(self) -> str:
        """The currency of the account, from the surest place that names it."""
        return self.opening.amount.currency if self.opening else self.limit_currency or self.account_currency

    @property
    def is_interim(self) -> bool:
        """Whether it announces bookings (MT942) and books none."""
        return self.interim_tags and self.opening is None and self.closing is None

    def goes_on(self, before: Message) -> bool:
        """Whether this is the page after ``before``: same account, and the balance in between is the same."""
        return (
            before.closes_between
            and self.opens_between
            and before.account == self.account
            and before.closing is not None
            and self.opening is not None
            and before.closing.amount == self.opening.amount
        )

    def take(self, one: Field, place: str) -> None:
        """Take in one field; raise UnknownDialect where it cannot be read."""
        match one.tag:
            case "25" | "25P":
                self._take_account(one.value.partition("\n")[0])
            case "28" | "28C":
                self._take_number(one.value)
            case "60F" | "60M":
                self.opening, self.opens_between = self._balance(one, place), one.tag == "60M"
            case "62F" | "62M":
                self.closing, self.closes_between = self._balance(one, place), one.tag == "62M"
            case "34F":
                self._take_limit(one, place)
            case "13" | "13D":
                self._take_time(one.value)
            case "90C" | "90D":
                self._take_sum(one, place)
            case "86" if not self.begun:
                self.early_text = one.value

    def _take_account(self, written: str) -> None:
        self.account = without_currency(written)
        squeezed = "".join(written.split()).upper()
        self.account_currency = squeezed.removeprefix(self.account)

    def _take_number(self, written: str) -> None:
        squeezed = "".join(written.split())  # some banks break even this line
        found = _NUMBER.fullmatch(squeezed)
        self.number = found[1] if found else squeezed.partition("/")[0]
        self.page = int(found[2]) if found and found[2] else 0

    def _take_limit(self, one: Field, place: str) -> None:
        self.interim_tags = True
        if self.limit_currency or not (found := _LIMIT.match(one.value)):
            return
        if found[1] not in MINOR_DIGITS:
            where = f"{place}:{one.line}"
            raise UnknownDialect(where, f"the limit :34F:{one.value.strip()} is in no currency we know")
        self.limit_currency = found[1]

    def _take_time(self, written: str) -> None:
        self.interim_tags = True
        self.reported_until = day_of(written[:6]) if _DAY.match(written) else None

    def _take_sum(self, one: Field, place: str) -> None:
        self.interim_tags = True
        where = f"{place}:{one.line}"
        found = _SUM.match(one.value)
        if not found:
            raise UnknownDialect(where, f"the sum :{one.tag}:{one.value.strip()} cannot be read")
        self.limit_currency = self.limit_currency or found[2]
        self.sums[one.tag[2]] = Sum(int(found[1]), read_amount(found[3], found[2], where).minor)

    def _balance(self, one: Field, place: str) -> Balance:
        where = f"{place}:{one.line}"
        found = _BALANCE.match(one.value)
        # A closing balance without a currency is in that of the opening one.
        currency = found[3] or (self.opening.amount.currency if self.opening else "") if found else ""
        if not found or not currency:
            raise UnknownDialect(where, f"the balance :{one.tag}:{one.value.strip()} cannot be read")
        amount = read_amount(found[4], currency, where)
        # Banks write zeros where there was no balance before.
        day = None if found[2] == _NO_DAY else read_day(found[2], where)
        return Balance(amount if found[1] == "C" else -amount, day)
