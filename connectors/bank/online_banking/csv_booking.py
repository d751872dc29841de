"""What a row of a CSV export did to the account (Umsatzzeile): its day, amount, currency and balance, or nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import unreadable
from connectors.bank.online_banking.csv_layout import cell_of
from connectors.bank.online_banking.csv_table import normalised
from connectors.bank.online_banking.csv_values import UnreadableValue, looks_like_day, read_day, read_minor
from ledger.money import UnknownCurrency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from connectors.bank.online_banking.csv_layout import Layout
    from connectors.bank.online_banking.csv_table import Row
    from ledger.errors import Unreadable

_CURRENCY_SIGNS: Final = MappingProxyType({"€": "EUR"})
_LOOK: Final = "Look at this row in the file. If it is as the bank wrote it, correct the mapping (see the preview)."
_AGAIN: Final = "Download it again in online banking, and do not save it through a spreadsheet."


class Booking(NamedTuple):
    """What a row did to the balance."""

    line: int
    cells: Sequence[str]
    day: date | None  # None where the bank announces a booking without a day
    account: str  # as in the row; empty where the file has no such column
    currency: str
    minor: int  # credit positive
    balance: int | None
    is_open: bool  # announced, held or on its way: not booked unless the balance says that it moved


class Balance(NamedTuple):
    """A balance that stands in a line of its own."""

    line: int
    written: str
    sign: str  # the S or H beside it
    is_opening: bool


def booking_of(row: Row, layout: Layout) -> Booking | None:
    """Read what a row did; None for a line that is no booking and says so. Raise Unreadable for every other line."""
    cells = row.cells
    day_at = layout.at["booking_date"]
    has_day = day_at < len(cells) and looks_like_day(cells[day_at])
    if _is_balance_row(cells, layout) or (not has_day and _is_outside(cells, layout)):
        return None
    is_open = len(cells) >= layout.width and any(normalised(cells[at]) in pending for at, _, pending in layout.status)
    if not has_day and not is_open:
        raise _no_booking(row.line, cells, layout)
    _check_cells(row.line, cells, layout)
    if not is_open:
        _check_status(row.line, cells, layout)
    currency = _currency(row.line, cells, layout)
    minor = _signed(row.line, cells, layout, currency)
    balance = cell_of(cells, layout, "balance")
    return Booking(
        row.line,
        cells,
        _day(row.line, cells[day_at], layout) if has_day else None,
        cell_of(cells, layout, "account"),
        currency,
        minor,
        _amount(row.line, balance, layout, currency) if balance else None,
        is_open,
    )


def balance_of(row: Row, layout: Layout) -> Balance | None:
    """Read the line of a balance above, below or inside the table; None where it is no such line."""
    cells, is_row = row.cells, _is_balance_row(row.cells, layout)
    if is_row:
        assert layout.balances_at is not None, row
        label, amounts = normalised(cells[layout.balances_at]), [cell_of(cells, layout, "amount")]
    else:
        label = normalised(next((cell for cell in cells if cell), ""))
        amounts = [cell for cell in cells if _is_amount(cell, layout)]
    if not amounts or label not in layout.opening | layout.closing:
        return None
    sign = cell_of(cells, layout, "sign") if is_row else ""
    return Balance(row.line, amounts[0], sign, label in layout.opening)


def balance_minor(balance: Balance, layout: Layout, currency: str) -> int:
    """Read the amount of a balance."""
    minor = _amount(balance.line, balance.written, layout, currency)
    return -minor if balance.sign in layout.mapping.debit_words else minor


def amounts_in(cells: Sequence[str], layout: Layout) -> Iterator[tuple[str, str]]:
    """Give the cells of a row that hold amounts of the account, with the column they stand in."""
    for column in ("amount", "debit", "credit", "balance"):
        if text := cell_of(cells, layout, column):
            yield column, text


def day_in(cells: Sequence[str], layout: Layout) -> str:
    """Give the booking day of a row as it is written; empty where there is none."""
    text = cell_of(cells, layout, "booking_date")
    return text if looks_like_day(text) else ""


def _is_outside(cells: Sequence[str], layout: Layout) -> bool:
    """Whether this is a line below the table that the mapping knows to be no booking."""
    first = normalised(next((cell for cell in cells if cell), ""))
    return first in layout.opening | layout.closing or any(first.startswith(word) for word in layout.skip)


def _is_balance_row(cells: Sequence[str], layout: Layout) -> bool:
    where = layout.balances_at
    return (
        where is not None
        and len(cells) >= layout.width
        and (normalised(cells[where]) in layout.opening | layout.closing)
    )


def _check_status(line: int, cells: Sequence[str], layout: Layout) -> None:
    """Refuse a row of which nobody can say whether it is booked."""
    for where, booked, _ in layout.status:
        if booked and normalised(cells[where]) not in booked:
            raise unreadable(
                f"{layout.place}:{line}",
                f"the column {layout.header.names[where]} says {cells[where]!r}, and the mapping of "
                f"{layout.mapping.name} does not know whether that is booked",
                what_to_do="Save a mapping of your own that lists it under `booked` or `pending` (see the preview).",
            )


def _no_booking(line: int, cells: Sequence[str], layout: Layout) -> Unreadable:
    names = [normalised(name) for name in layout.header.names]
    place, shown = f"{layout.place}:{line}", " | ".join(cell for cell in cells if cell)[:160]
    if [normalised(cell) for cell in cells if cell] == [n for n in names if not n.startswith("column")]:
        return unreadable(
            place,
            "a second table begins here, with column names of its own",
            found=shown,
            what_to_do="Export each account into a file of its own.",
        )
    date_column = layout.header.names[layout.at["booking_date"]]
    return unreadable(
        place,
        f"this line is no booking: its {date_column} is no date",
        found=shown,
        what_to_do="If it is a total or a note, name its first words under `skip` in a mapping of your own; "
        "a second account belongs into a file of its own.",
    )


def _check_cells(line: int, cells: Sequence[str], layout: Layout) -> None:
    """Refuse a row whose cells do not line up with the column names."""
    names = layout.header.names
    if len(cells) < layout.width or any(cells[len(names) :]):
        raise unreadable(
            f"{layout.place}:{line}",
            f"this row has {len(cells)} cells, but there are {len(names)} column names",
            found=" | ".join(cells)[:160],
            what_to_do=f"A cell is missing, or a text holds the delimiter {layout.header.delimiter!r}. {_AGAIN}",
        )
    for one, other in layout.twins:
        if other < len(cells) and cells[one] != cells[other]:
            raise unreadable(
                f"{layout.place}:{line}",
                f"the column {names[one]} is there twice, and says {cells[one]!r} and {cells[other]!r}",
                what_to_do="Remove one of them in online banking, or ask the bank what they mean.",
            )


def _currency(line: int, cells: Sequence[str], layout: Layout) -> str:
    written = cell_of(cells, layout, "currency")
    currency = _CURRENCY_SIGNS.get(written, written.upper()) or layout.mapping.currency
    if not currency:
        raise unreadable(
            f"{layout.place}:{line}",
            "this row names no currency",
            what_to_do="Save a mapping of your own with `currency` (see the preview).",
        )
    return currency


def _day(line: int, text: str, layout: Layout) -> date:
    try:
        return read_day(text, layout.date_order)
    except UnreadableValue as error:
        raise unreadable(f"{layout.place}:{line}", f"the booking date {error}", what_to_do=_LOOK) from None


def _amount(line: int, text: str, layout: Layout, currency: str) -> int:
    try:
        return read_minor(text, layout.decimal, currency)
    except (UnreadableValue, UnknownCurrency) as error:
        raise unreadable(f"{layout.place}:{line}", f"the amount {error}", what_to_do=_LOOK) from None


def _is_amount(text: str, layout: Layout) -> bool:
    try:
        read_minor(text, layout.decimal or ",", "EUR")
    except UnreadableValue:
        return False
    return True


def _signed(line: int, cells: Sequence[str], layout: Layout, currency: str) -> int:
    """Read the amount of a row: one column with its sign, amount and sign apart, or a debit and a credit column."""
    written = cell_of(cells, layout, "amount")
    minor = _amount(line, written, layout, currency) if written else None
    if minor is not None and "sign" in layout.at:
        minor = _with_sign(line, minor, cell_of(cells, layout, "sign"), layout)
    if "debit" in layout.at and "credit" in layout.at:
        minor = _of_two(line, cells, layout, currency, minor)
    if minor is None:
        raise unreadable(f"{layout.place}:{line}", "this row has no amount", what_to_do=_LOOK)
    if layout.mapping.charges_apart and (charges := cell_of(cells, layout, "charges")):
        minor -= abs(_amount(line, charges, layout, currency))
    return minor


def _with_sign(line: int, minor: int, sign: str, layout: Layout) -> int:
    if minor < 0 or sign not in {*layout.mapping.debit_words, *layout.mapping.credit_words}:
        raise unreadable(
            f"{layout.place}:{line}",
            f"the amount is {'negative and its sign' if minor < 0 else 'without a sign we know:'} {sign!r}",
            what_to_do="Save a mapping of your own with `debit_words` and `credit_words` (see the preview).",
        )
    return -minor if sign in layout.mapping.debit_words else minor


def _of_two(line: int, cells: Sequence[str], layout: Layout, currency: str, minor: int | None) -> int | None:
    """Read the debit or the credit column, one of which is filled; an amount beside them must agree."""
    debit, credit = (
        _amount(line, text, layout, currency) if (text := cell_of(cells, layout, column)) else 0
        for column in ("debit", "credit")
    )
    signed = (debit if layout.debit_is_minus else -debit) + credit
    if (debit and credit) or credit < 0 or (minor is not None and (debit or credit) and minor != signed):
        raise unreadable(
            f"{layout.place}:{line}",
            "debit, credit and amount of this row contradict each other",
            found=", ".join(
                f"{layout.header.names[layout.at[column]]} {text}" for column, text in amounts_in(cells, layout)
            ),
            what_to_do=_LOOK,
        )
    return signed if debit or credit else minor if minor is not None else _zero(cells, layout)


def _zero(cells: Sequence[str], layout: Layout) -> int | None:
    return 0 if cell_of(cells, layout, "debit") or cell_of(cells, layout, "credit") else None
