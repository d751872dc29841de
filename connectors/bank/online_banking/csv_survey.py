"""The survey of a CSV export (Durchsicht): every row once, to know its statements and prove their balances."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.bank.format import unreadable
from connectors.bank.online_banking.csv_account import account_of, own_account
from connectors.bank.online_banking.csv_balance import Break, Chain, Proven, Step
from connectors.bank.online_banking.csv_booking import balance_minor, balance_of, booking_of
from connectors.bank.online_banking.csv_table import rows
from connectors.bank.online_banking.csv_values import DAY_FIRST, UnreadableValue, read_day
from ledger.money import Money, german

if TYPE_CHECKING:
    from datetime import date

    from connectors.bank.online_banking.csv_booking import Balance, Booking
    from connectors.bank.online_banking.csv_layout import Layout
    from connectors.bank.online_banking.csv_table import Table

_PERIOD: Final = re.compile(r"(\d{1,2}\.\d{1,2}\.\d{4}) ?(?:-|–|bis) ?\d{1,2}\.\d{1,2}\.\d{4}")
# Each account and currency of a file is read in a pass of its own; more of them is no export of an office.
_MOST_STATEMENTS: Final = 100


@dataclass(slots=True)
class Group:
    """The rows of one account and currency."""

    account: str
    currency: str
    chain: Chain = field(default_factory=Chain)
    booked: int = 0  # rows
    without_balance: int = 0  # booked rows
    without_day: int = 0  # announced rows
    movement: int = 0
    first_day: date | None = None
    last_day: date | None = None


@dataclass(slots=True)
class Survey:
    """What the file holds as a whole."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)  # by account and currency
    accounts: dict[str, str] = field(default_factory=dict)  # as the rows write it -> our own account
    own_account: str = ""  # stated, or found above the table
    opening: Balance | None = None
    closing: Balance | None = None
    covers_from: date | None = None  # first day of the period that stands above the table

    def newest_first(self) -> bool | None:
        """Say which end of the file is the newest, where those of its statements that tell agree."""
        told = {group.chain.newest_first() for group in self.groups.values()} - {None}
        return told.pop() if len(told) == 1 else None


def survey_of(layout: Layout, table: Table) -> Survey:
    """Go through the file once; raise Unreadable for every row that cannot be read, and where there is none."""
    survey = Survey(own_account=own_account(layout, table), covers_from=_covers_from(table))
    for row in table.above:
        _note_balance(balance_of(row, layout), survey)
    for row in rows(table, quotes=layout.mapping.quotes):
        booking = booking_of(row, layout)
        if booking is None:
            _note_balance(balance_of(row, layout), survey)
        else:
            _add(booking, group_of(booking, survey, layout))
    if not survey.groups:
        raise unreadable(
            f"{table.place}:{table.header.line}",
            "below the column names there is no booking",
            what_to_do="If there really was none, delete the file; otherwise export the period again.",
        )
    return survey


def _note_balance(balance: Balance | None, survey: Survey) -> None:
    if balance is not None and balance.is_opening:
        survey.opening = balance
    elif balance is not None:
        survey.closing = balance


def group_of(booking: Booking, survey: Survey, layout: Layout) -> Group:
    """Give the statement a row belongs to; raise Unreadable where nothing says whose account it is."""
    account = survey.accounts.get(booking.account)
    if account is None:
        account = survey.accounts[booking.account] = account_of(booking, survey.own_account, layout)
    group = survey.groups.get((account, booking.currency))
    if group is None:
        group = survey.groups[account, booking.currency] = Group(account, booking.currency)
    if len(survey.accounts) > _MOST_STATEMENTS or len(survey.groups) > _MOST_STATEMENTS:
        raise unreadable(
            f"{layout.place}:{booking.line}",
            f"the file holds more than {_MOST_STATEMENTS} accounts and currencies",
            what_to_do="Look whether columns have slipped; export fewer accounts at once.",
        )
    return group


def _add(booking: Booking, group: Group) -> None:
    day = booking.day
    if day is None:
        group.without_day += 1
        return
    if booking.balance is not None:
        group.chain.add(Step(booking.line, day, booking.minor, booking.balance, booking.is_open))
    if booking.is_open:
        return
    group.booked += 1
    group.without_balance += booking.balance is None
    group.movement += booking.minor
    group.first_day = min(day, group.first_day or day)
    group.last_day = max(day, group.last_day or day)


def _covers_from(table: Table) -> date | None:
    """Give the first day that the export covers, as the bank writes it above the table."""
    periods = (found[1] for row in table.above for cell in row.cells if (found := _PERIOD.search(cell)))
    try:
        return next((read_day(first, DAY_FIRST) for first in periods), None)
    except UnreadableValue:
        return None  # a note of the bank; the bookings have their own days


def proven_of(group: Group, survey: Survey, layout: Layout) -> Proven | None:
    """Give the balances that prove the statement, None where there are none; raise Unreadable where they break."""
    chain = None if group.without_balance else group.chain.result(file_newest_first=survey.newest_first())
    if isinstance(chain, Break):
        raise unreadable(
            f"{layout.place}:{chain.line}",
            "the balance after this booking does not follow from the one before",
            found=(
                f"{_german(chain.before, group)} + {_german(chain.minor, group)} = "
                f"{_german(chain.before + chain.minor, group)}, but the file says {_german(chain.after, group)} "
                f"{group.currency}"
            ),
            what_to_do="Rows are missing or in another order: export the whole period again, sorted by booking day.",
        )
    return chain or _outer_balances(group, survey, layout)


def _outer_balances(group: Group, survey: Survey, layout: Layout) -> Proven | None:
    """Check the pair of balances outside the table; it is of one account, so the file must have but one."""
    if survey.opening is None or survey.closing is None or len(survey.groups) > 1:
        return None
    opening, closing = (balance_minor(one, layout, group.currency) for one in (survey.opening, survey.closing))
    if opening + group.movement != closing:
        raise unreadable(
            f"{layout.place}:{survey.closing.line}",
            "the balances of the file do not add up",
            found=(
                f"opening {_german(opening, group)} + bookings {_german(group.movement, group)} = "
                f"{_german(opening + group.movement, group)}, "
                f"but closing says {_german(closing, group)} {group.currency}"
            ),
            what_to_do="Rows are missing: export the whole period again.",
        )
    return Proven(opening, closing)


def _german(minor: int, group: Group) -> str:
    return german(Money(minor, group.currency))
