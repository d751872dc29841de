"""Whose account (eigenes Konto) a CSV export is of: stated in the mapping, above the table, or in each row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from connectors.bank.account import same_account
from connectors.bank.format import unreadable
from connectors.bank.online_banking.csv_known_banks import known_mappings
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from connectors.bank.online_banking.csv_booking import Booking
    from connectors.bank.online_banking.csv_layout import Layout
    from connectors.bank.online_banking.csv_table import Table

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SCIENTIFIC: Final = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)


class NoAccount(Unreadable):
    """The file does not say which account of ours it is of; a mapping must."""

    def __init__(self, place: str, written: str, layout: Layout) -> None:
        what = (
            f"the account number {written} has no bank code"
            if written
            else "the file does not say whose account it is"
        )
        example = "PAYPAL:shop@example.org" if layout.mapping.account_prefix else "DE…"
        like = f'`like = "{layout.mapping.name}"` and ' if layout.mapping in known_mappings() else ""
        remedy = f'Save a mapping with {like}`account = "{example}"`; the preview of the file writes one.'
        super().__init__(str(unreadable(place, what, what_to_do=remedy)))


def own_account(layout: Layout, table: Table) -> str:
    """Give the account that is stated in the mapping or stands above the table; both must be the same."""
    stated = "".join(layout.mapping.account.split())
    above = _accounts_above(table) if layout.mapping.account_above else []
    if len(above) > 1:
        raise unreadable(
            table.place,
            f"above the table stand several accounts: {', '.join(above)}",
            what_to_do="Export each account into a file of its own.",
        )
    if stated and above and not same_account(above[0], stated):
        raise _other_account(table.place, above[0], stated, layout)
    return stated or "".join(above)


def _accounts_above(table: Table) -> list[str]:
    parts = ("".join(part.split()) for row in table.above for cell in row.cells for part in cell.split("/"))
    return list(dict.fromkeys(part for part in parts if _IBAN.fullmatch(part)))


def account_of(booking: Booking, own: str, layout: Layout) -> str:
    """Give our own account for a row; raise Unreadable where nothing says it, or it is another one than stated."""
    place = f"{layout.place}:{booking.line}"
    written = "".join(booking.account.strip("'").split())
    if _SCIENTIFIC.search(written):
        raise unreadable(
            place,
            f"a spreadsheet has turned our account number into {written}",
            what_to_do="Download the file again in online banking, and do not save it through a spreadsheet.",
        )
    if own and written and not (same_account(written, own) or _is_number_of(written, own)):
        raise _other_account(place, written, own, layout)
    if own:
        return own
    if written and not written.isdigit():
        return written
    raise NoAccount(place, written, layout)


def _is_number_of(written: str, iban: str) -> bool:
    """Whether a number without bank code is the account number inside a German IBAN."""
    return written.isdigit() and iban[:2] == "DE" and iban[-10:].lstrip("0") == written.lstrip("0")


def _other_account(place: str, written: str, own: str, layout: Layout) -> Unreadable:
    return unreadable(
        place,
        f"the file is of account {written}, but by the mapping {layout.mapping.name} of {own}",
        what_to_do="Say with `file_name` which files the mapping is for, or correct its account.",
    )
