"""The demo company (Musterfirma): writes configuration, lists, statements and the truth about them into a folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from demo.books import invent_books
from demo.camt import write_camt
from demo.lists import debtors_csv, open_items_csv, truth_jsonl
from demo.mt940 import write_mt940
from demo.names import OWN_BANKS, iban
from demo.payments import invent_payments
from demo.settings import COMPANY, settings_text
from demo.statements import DailyStatement, bank_days, daily_statements
from ledger.allocation import SETTLES_PRINCIPAL
from ledger.errors import Refused
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from demo.movement import Movement
    from ledger.open_item import OpenItem

INBOXES: Final = ("inbox/hausbank", "inbox/sparkasse")

_OWN_ACCOUNTS: Final = (iban(OWN_BANKS[0], 47_110_815), iban(OWN_BANKS[1], 1_903_472))
_OPENING_BALANCES: Final = (Money(18_432_177, "EUR"), Money(6_190_854, "EUR"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """What was written."""

    folder: Path
    company: str
    first_day: date
    last_day: date
    accounts: tuple[str, ...]  # IBANs
    debtors: int
    items: int  # documents in open_items.csv
    credit_notes: int  # of these
    statements: int  # files
    payments: int  # movements on the statements
    classes: Mapping[str, int]  # how many of each class
    unpaid: int  # invoices that stay open, in whole or in part, when every payment is booked rightly
    overdue: int  # of these, due before the last day


def write_demo(
    folder: Path,
    *,
    seed: int = 2026,
    until: date = date(2026, 6, 30),
    debtors: int = 300,
    items: int = 1200,
    months: int = 3,
) -> DemoSummary:
    """Invent a company and write it into a folder: the same seed gives the same bytes.

    ``open_items.csv`` shows the books of ``until`` as they are before any of the payments on the statements of the
    last ``months`` months was booked; ``truth.jsonl`` says what each of them settles. Raise Refused where the folder
    already has a kontorist.toml or cannot be written.
    """
    if (folder / "kontorist.toml").exists():
        raise Refused(f"{folder / 'kontorist.toml'}: is already there. Choose another folder, or remove it first.")
    rng = Random(seed)  # noqa: S311 - invents a company, guards no secret
    books = invent_books(rng, until=until, debtors=debtors, items=items)
    days = bank_days(_first_day(until, months), until)
    movements = invent_payments(rng, books, accounts=_OWN_ACCOUNTS, days=days, company=COMPANY)
    dailies = [
        daily
        for account, opening in zip(_OWN_ACCOUNTS, _OPENING_BALANCES, strict=True)
        for daily in daily_statements(rng, movements, account=account, days=days, opening=opening)
    ]
    moved = [movement for daily in dailies for booking in daily.bookings for movement in booking]
    try:
        _write_statements(folder, dailies)
        (folder / "open_items.csv").write_bytes(open_items_csv(books.items))
        (folder / "debtors.csv").write_bytes(debtors_csv(c.debtor for c in books.customers.values()))
        (folder / "truth.jsonl").write_bytes(truth_jsonl(moved, transliterated=_OWN_ACCOUNTS[1]))
        # The configuration comes last: a folder that has one is complete.
        (folder / "kontorist.toml").write_bytes(settings_text(_accounts()).encode())
    except OSError as error:
        raise Refused(
            f"{error.filename or folder}: cannot be written ({error.strerror}). Choose another folder."
        ) from error
    unpaid = _unpaid(books.items, moved)
    return DemoSummary(
        folder=folder,
        company=COMPANY,
        first_day=days[0],
        last_day=days[-1],
        accounts=_OWN_ACCOUNTS,
        debtors=len(books.customers),
        items=len(books.items),
        credit_notes=sum(not item.is_invoice for item in books.items),
        statements=len(dailies),
        payments=len(moved),
        classes=dict(sorted(Counter(str(m.payment_class) for m in moved).items())),
        unpaid=len(unpaid),
        overdue=sum(item.due_date < until for item in unpaid),
    )


def _write_statements(folder: Path, dailies: Sequence[DailyStatement]) -> None:
    for inbox in INBOXES:
        (folder / inbox).mkdir(parents=True, exist_ok=True)
    for daily in dailies:
        if daily.statement.account == _OWN_ACCOUNTS[0]:
            path = folder / INBOXES[0] / f"{daily.day}_camt053.xml"
            path.write_bytes(write_camt(daily, owner=COMPANY, bic=OWN_BANKS[0].bic))
        else:
            (folder / INBOXES[1] / f"{daily.day}_mt940.sta").write_bytes(write_mt940(daily))


def _accounts() -> list[tuple[str, str, str, str]]:
    return [
        (account, bank.bic, bank.name, inbox)
        for account, bank, inbox in zip(_OWN_ACCOUNTS, OWN_BANKS, INBOXES, strict=True)
    ]


def _first_day(until: date, months: int) -> date:
    """Go back whole months from the day after the last: three months until 30 June begin on 1 April."""
    end = until + timedelta(days=1)
    months_since_zero = end.year * 12 + end.month - 1 - months
    return date(months_since_zero // 12, months_since_zero % 12 + 1, min(end.day, 28))


def _unpaid(items: Iterable[OpenItem], movements: Iterable[Movement]) -> list[OpenItem]:
    settled: Counter[str] = Counter()
    for movement in movements:
        for allocation in movement.allocations:
            if allocation.item_id and allocation.kind in SETTLES_PRINCIPAL:
                settled[allocation.item_id] += allocation.amount.minor
    return [item for item in items if item.is_invoice and settled[item.item_id] < item.open_amount.minor]
