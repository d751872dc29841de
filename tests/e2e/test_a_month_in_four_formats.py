"""A month of bookings in MT940, CAMT.052, .053 and .054, by days and as a whole, is one month, and no more."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.account import same_account
from connectors.bank.reading import read_statements
from demo.books import invent_books
from demo.camt import write_camt
from demo.mt940 import write_mt940
from demo.names import OWN_BANKS, iban
from demo.payments import invent_payments
from demo.statements import DailyStatement, bank_days, daily_statements
from ledger.money import Money
from ledger.statement import EntryStatus
from storage.database import reading, transaction
from storage.deliveries import Run, save_statements
from storage.entry_status import misjudged
from storage.raw_files import keep_raw
from storage.statements import load_entries, movements_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from demo.movement import Movement
    from ledger.finding import Finding
    from ledger.statement import StatementEntry

pytestmark = pytest.mark.slow  # many orders of many files

COMPANY: Final = "Muster GmbH"
ACCOUNT: Final = iban(OWN_BANKS[0], 47_110_815)
OTHER: Final = iban(OWN_BANKS[1], 1_903_472)


@cache
def _days() -> tuple[DailyStatement, ...]:
    """A month with batches, returns, charges, equal payments, and texts of every length."""
    rng = Random(7)
    days = bank_days(date(2026, 6, 1), date(2026, 6, 30))
    books = invent_books(rng, until=days[-1], debtors=80, items=400)
    movements = invent_payments(rng, books, accounts=(ACCOUNT, OTHER), days=days, company=COMPANY)
    return tuple(daily_statements(rng, movements, account=ACCOUNT, days=days, opening=Money(1_000_000, "EUR")))


def _month() -> DailyStatement:
    first, last = _days()[0], _days()[-1]
    bookings = tuple(booking for day in _days() for booking in day.bookings)
    entries = tuple(movement.entry for booking in bookings for movement in booking)
    whole = replace(
        last.statement,
        opening=first.statement.opening,
        opening_date=first.statement.opening_date,
        number="600",
        statement_ref="MONTH",
        entries=entries,
    )
    return DailyStatement(statement=whole, bookings=bookings)


def _camt(daily: DailyStatement) -> bytes:
    return write_camt(daily, owner=COMPANY, bic=OWN_BANKS[0].bic)


def _announced(daily: DailyStatement, message: str, root: str, element: str) -> bytes:
    """The same bookings without balances, as a report or a notification."""
    text = re.sub("<Bal>.*?</Bal>\n?", "", _camt(daily).decode())
    text = text.replace("camt.053", message).replace("BkToCstmrStmt", root)
    return text.replace("<Stmt>", f"<{element}>").replace("</Stmt>", f"</{element}>").encode()


def _only_batches(daily: DailyStatement) -> DailyStatement:
    return replace(daily, bookings=tuple(booking for booking in daily.bookings if len(booking) > 1))


def _with_totals(daily: DailyStatement) -> DailyStatement:
    """MT940 tells the total of a batch, and not its payments."""
    entries = tuple(_total(booking) if len(booking) > 1 else booking[0].entry for booking in daily.bookings)
    return replace(daily, statement=replace(daily.statement, entries=entries))


def _total(booking: Sequence[Movement]) -> StatementEntry:
    first = booking[0].entry
    amount = Money(sum(movement.entry.amount.minor for movement in booking), first.amount.currency)
    code = "194" if first.transaction_code == "166" else "192"
    return first._replace(
        amount=amount,
        transaction_code=code,
        posting_text="SAMMLER",
        payer_name="",
        payer_iban="",
        payer_bic="",
        end_to_end_id="",
        mandate_id="",
        creditor_id="",
        ultimate_name="",
        remittance=f"SAMMLER {len(booking)} POSTEN",
        remittance_glued=f"SAMMLER {len(booking)} POSTEN",
    )


def _files() -> dict[str, list[bytes]]:
    batches = [_only_batches(day) for day in _days()]
    return {
        "MT940 of each day": [write_mt940(_with_totals(day)) for day in _days()],
        "CAMT.053 of each day": [_camt(day) for day in _days()],
        "CAMT.053 of the month": [_camt(_month())],
        "CAMT.052 of each day": [_announced(d, "camt.052", "BkToCstmrAcctRpt", "Rpt") for d in _days() if d.bookings],
        "CAMT.054 of the batches": [
            _announced(day, "camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn") for day in batches if day.bookings
        ],
    }


def _deliver(engine: Engine, folder: Path, files: Iterable[bytes]) -> list[Finding]:
    findings: list[Finding] = []
    path = folder / "statement"
    for content in files:
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        runs = []
        for number, statement in enumerate(read_statements(path).statements):
            assert same_account(statement.account, ACCOUNT)
            entries = tuple(entry._replace(account=ACCOUNT) for entry in statement.entries)
            days = [entry.booking_date for entry in entries]
            ours = replace(statement, account=ACCOUNT, entries=entries)
            runs.append(Run(number, ours, min(days, default=None), max(days, default=None)))
        with transaction(engine, "muster") as connection:
            keep_raw(
                connection,
                "muster",
                name=sha256[:8],
                sha256=sha256,
                size_bytes=len(content),
                content=[content],
                statement_format=runs[0].statement.format,
                received_on=date(2026, 7, 1),
            )
            findings += save_statements(connection, "muster", sha256, runs).findings
    return findings


def _truth() -> Counter[tuple[date, int]]:
    movements = (m for day in _days() for booking in day.bookings for m in booking)
    return Counter((m.entry.booking_date, m.entry.amount.minor) for m in movements)


ORDERS: Final = [
    ("CAMT.053 of each day", "MT940 of each day", "CAMT.052 of each day", "CAMT.054 of the batches"),
    ("CAMT.054 of the batches", "CAMT.052 of each day", "MT940 of each day", "CAMT.053 of each day"),
    ("MT940 of each day", "CAMT.053 of the month", "CAMT.054 of the batches"),
    ("CAMT.052 of each day", "CAMT.053 of the month", "CAMT.053 of each day", "MT940 of each day"),
    ("MT940 of each day", "CAMT.054 of the batches", "CAMT.052 of each day"),
]


@pytest.mark.parametrize("order", ORDERS, ids=" then ".join)
def test_a_month_in_several_formats_is_one_month(engine: Engine, tmp_path: Path, order: tuple[str, ...]) -> None:
    files = _files()
    assert _deliver(engine, tmp_path, (content for name in order for content in files[name])) == []
    _check(engine)


@pytest.mark.parametrize("seed", range(3))
def test_all_formats_at_once_in_any_order_are_one_month(engine: Engine, tmp_path: Path, seed: int) -> None:
    files = [content for contents in _files().values() for content in contents]
    Random(seed).shuffle(files)
    assert _deliver(engine, tmp_path, files) == []
    _check(engine)


def _check(engine: Engine) -> None:
    with reading(engine) as connection:
        booked = load_entries(connection, "muster", EntryStatus.BOOKED).values()
        assert Counter((entry.booking_date, entry.amount.minor) for entry in booked) == _truth()
        assert load_entries(connection, "muster", EntryStatus.PENDING) == {}
        assert movements_match(connection, "muster") == []
        assert misjudged(connection, "muster") == []


def test_the_month_has_what_makes_it_hard() -> None:
    """Batches, equal payments of one day, money in both directions."""
    truth = _truth()
    assert sum(truth.values()) > 100
    assert max(truth.values()) > 1
    assert any(len(booking) > 1 for day in _days() for booking in day.bookings)
    assert {minor > 0 for _, minor in truth} == {True, False}
