"""Bank readings (gelesene Kontoauszüge): up to which day each account is read, and what is missing or unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.bank.inbox import sha256_of, waiting
from dunning.gate import AccountReading
from ledger.calendar import add_bank_days
from ledger.errors import ConnectorError
from ledger.statement_chain import certainly_missing, read_up_to
from storage.raw_files import has_file, load_rejected
from storage.statements import load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.raw_files import RejectedFile


def account_readings(connection: Connection, work: Workplace, read_on: date) -> list[AccountReading]:
    """Give how each configured account is read; ``read_on`` is the day its inbox was last looked into."""
    rejected = load_rejected(connection, work.company_id)
    readings = []
    for bank in work.company.bank:
        statements = load_statements(connection, work.company_id, bank.iban)
        until = read_up_to(statements)
        inbox = work.office.resolve(bank.inbox)
        readings.append(
            AccountReading(
                account=bank.iban,
                read_until=until,
                # A statement that is overdue by the bank's own rhythm is what the gate calls stale anyway.
                gaps=tuple(missing.where for missing in certainly_missing(statements)),
                unread_files=tuple(dict.fromkeys(_unread(connection, work, rejected, inbox, until, read_on))),
            )
        )
    return readings


def _unread(
    connection: Connection,
    work: Workplace,
    rejected: Sequence[RejectedFile],
    inbox: Path,
    until: date | None,
    read_on: date,
) -> Iterator[str]:
    for file in rejected:
        if file.inbox == work.office.named(inbox) and _may_hide_payments(until, file.rejected_on):
            yield file.name
    if _may_hide_payments(until, read_on):
        yield from _still_waiting(connection, work, inbox)


def _may_hide_payments(until: date | None, day: date) -> bool:
    """Whether an unread file may tell something new: not where statements chain up to the bank day before."""
    return until is None or until < add_bank_days(day, -1)


def _still_waiting(connection: Connection, work: Workplace, inbox: Path) -> Iterator[str]:
    """Name what lies in an inbox and could not be read tonight, or the inbox itself."""
    try:
        for path in waiting(inbox):
            if not has_file(connection, work.company_id, sha256_of(path)):
                yield path.name
    except ConnectorError:
        yield f"the inbox {inbox}"
