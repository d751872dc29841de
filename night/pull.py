"""Pull: open items from the accounting tools, statements from the inboxes; every failure is a line, never the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from config.sources import source_of
from connectors.bank.inbox import waiting
from ledger.errors import ConnectorError
from ledger.finding import Finding, Severity
from ledger.statement_chain import read_up_to
from night.statement_files import FAILED, FilePulled, take_file
from night.statements_overview import judge
from storage.facts import load_items, save_debtors, save_open_set
from storage.statements import load_statements

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from config.settings import BankSettings, FileSourceSettings
    from night.workplace import Workplace
    from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePulled:
    """What one accounting tool gave."""

    name: str
    items: int = 0
    debtors: int = 0
    left_open_set: int = 0
    complete: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """How far a bank account is known."""

    iban: str
    read_up_to: date | None
    gaps: tuple[Finding, ...]  # what is certainly missing
    findings: tuple[Finding, ...] = ()  # that, and what seems to be


@dataclass(slots=True, kw_only=True)
class Pulled:
    """What came in tonight."""

    sources: list[SourcePulled] = field(default_factory=list)
    files: list[FilePulled] = field(default_factory=list)
    accounts: list[AccountRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def pull(work: Workplace) -> Pulled:
    """Read every source and every inbox of the company."""
    pulled = Pulled()
    for number, source in enumerate(work.company.source):
        work.progress("open items", number, len(work.company.source))
        pulled.sources.append(_pull_source(work, source, pulled))
    for inbox in _inboxes(work):
        _pull_inbox(work, inbox, pulled)
    with work.step() as connection:
        pulled.accounts.extend(_account(connection, work, bank) for bank in work.company.bank)
    pulled.findings.extend(finding for account in pulled.accounts for finding in account.findings)
    return pulled


def _pull_source(work: Workplace, settings: FileSourceSettings, pulled: Pulled) -> SourcePulled:
    source = source_of(settings, work.office)
    try:
        read = source.pull()
    except ConnectorError as error:
        pulled.failures.append(f"{settings.name}: {error}")
        return SourcePulled(name=settings.name, failure=str(error))
    with work.step() as connection:
        vanished = 0 if read.items or not read.complete else _open_before(connection, work, source.name)
        save_debtors(connection, work.company_id, source.name, read.debtors, seen_on=work.run_date)
        gone = save_open_set(
            connection,
            work.company_id,
            source.name,
            read.items,
            complete=read.complete and not vanished,
            keep=read.unreadable_numbers,
            run_date=work.run_date,
        )
    pulled.findings.extend(
        _suddenly_empty(f, vanished) if vanished and f.code == "no_rows" else f for f in read.findings
    )
    return SourcePulled(
        name=source.name,
        items=len(read.items),
        debtors=len(read.debtors),
        left_open_set=gone,
        complete=read.complete and not vanished,
    )


def _open_before(connection: Connection, work: Workplace, source: str) -> int:
    """Count what a source reported as open the last time."""
    return sum(one.in_open_set and one.item.source == source for one in load_items(connection, work.company_id))


def _suddenly_empty(finding: Finding, vanished: int) -> Finding:
    # All paid in one day, or an export that broke off: taken for the first, it would confirm every payment of ours,
    # and the next whole list would make the paid invoices look open again.
    return replace(
        finding,
        code="list_suddenly_empty",
        severity=Severity.ERROR,
        what=f"there is no row below the header, but {vanished} items were open before; they were left as they are",
        what_to_do="Export the list again. If really everything is settled, nothing needs to be done.",
    )


def _inboxes(work: Workplace) -> list[Path]:
    return list(dict.fromkeys(work.office.resolve(bank.inbox) for bank in work.company.bank))


def _pull_inbox(work: Workplace, inbox: Path, pulled: Pulled) -> None:
    try:
        files = waiting(inbox)
    except ConnectorError as error:
        pulled.failures.append(str(error))
        return
    for number, path in enumerate(files):
        work.progress("statements", number, len(files))
        try:
            for taken in take_file(work, inbox, path):
                pulled.files.append(taken)
                pulled.findings.extend(taken.findings)
        except ConnectorError as error:
            pulled.failures.append(str(error))
            pulled.files.append(FilePulled(name=path.name, inbox=inbox.name, became=FAILED))


def _account(connection: Connection, work: Workplace, bank: BankSettings) -> AccountRead:
    statements = load_statements(connection, work.company_id, bank.iban)
    judged = judge(statements, work)
    return AccountRead(
        iban=bank.iban,
        read_up_to=read_up_to(statements),
        gaps=tuple(missing.finding for one in judged for missing in one.certain),
        findings=tuple(finding for one in judged for finding in one.findings),
    )
