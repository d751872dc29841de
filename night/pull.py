"""Pull: open items from the accounting tools, statements from the inboxes; every failure is a line, never the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from config.sources import source_of
from connectors.bank.account import same_account
from connectors.bank.inbox import archive, reject, sha256_of, waiting
from connectors.bank.reading import read_statements
from ledger.errors import ConnectorError, Unreadable
from ledger.finding import Finding, Severity
from ledger.statement_chain import gaps, read_up_to
from storage.facts import load_items, save_debtors, save_open_set
from storage.statements import has_file, load_statements, save_file, save_rejected

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from config.settings import BankSettings, FileSourceSettings
    from ledger.statement import Statement
    from night.workplace import Workplace
    from storage.database import Connection

# Reports of the running day (camt.052, MT942) and notifications (camt.054) carry what a booked statement will repeat.
_BINDING = ("camt.053", "MT940")


class _OfAnotherCompany(Exception):
    """The file is a statement of an account of another company of this office."""


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
class FilePulled:
    """What became of one file of an inbox."""

    name: str
    inbox: str
    became: str  # taken, known, preview, left (to another company), rejected, failed
    format: str = ""
    statements: int = 0
    new_entries: int = 0
    known_entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """How far a bank account is known."""

    iban: str
    read_up_to: date | None
    gaps: tuple[Finding, ...]


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
    pulled.findings.extend(finding for account in pulled.accounts for finding in account.gaps)
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
        save_debtors(connection, work.company_id, source.name, read.debtors)
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
            pulled.files.append(_pull_file(work, inbox, path, pulled))
        except ConnectorError as error:
            pulled.failures.append(str(error))
            pulled.files.append(FilePulled(name=path.name, inbox=inbox.name, became="failed"))


def _pull_file(work: Workplace, inbox: Path, path: Path, pulled: Pulled) -> FilePulled:
    sha256 = sha256_of(path)
    with work.step() as connection:
        known = has_file(connection, work.company_id, sha256)
    if known:
        _archive(work, path, sha256)
        return FilePulled(name=path.name, inbox=inbox.name, became="known")
    try:
        reading = read_statements(path, limit_bytes=work.office.settings.max_statement_mb * 1024 * 1024)
        statements = tuple(_of_our_account(work, path, statement) for statement in reading.statements)
    except _OfAnotherCompany:
        # Two companies may share a folder; the other one takes it in its own night.
        return FilePulled(name=path.name, inbox=inbox.name, became="left")
    except Unreadable as error:
        return _reject(work, inbox, path, sha256, str(error), pulled)
    pulled.findings.extend(reading.findings)
    binding = reading.format.startswith(_BINDING)
    with work.step() as connection:
        taken = save_file(
            connection,
            work.company_id,
            name=path.name,
            sha256=sha256,
            content=path.read_bytes(),
            statement_format=reading.format,
            statements=statements if binding else (),
            received_on=work.run_date,
        )
    _archive(work, path, sha256)
    if not binding:
        pulled.findings.append(_preview(path, reading.format))
    return FilePulled(
        name=path.name,
        inbox=inbox.name,
        became="taken" if binding else "preview",
        format=reading.format,
        statements=taken.statements,
        new_entries=taken.new_entries,
        known_entries=taken.known_entries,
    )


def _of_our_account(work: Workplace, path: Path, statement: Statement) -> Statement:
    """Give the statement under our own IBAN; refuse one of an account that is not configured."""
    for iban in work.company.own_accounts:
        if same_account(statement.account, iban):
            entries = tuple(entry._replace(account=iban) for entry in statement.entries)
            return replace(statement, account=iban, entries=entries)
    for other in work.office.settings.company:
        if any(same_account(statement.account, iban) for iban in other.own_accounts):
            raise _OfAnotherCompany
    known = ", ".join(work.company.own_accounts)
    raise Unreadable(
        f"{path.name}: this is a statement of account {statement.account}, which is not ours\n"
        f"    Configured for {work.company_id}: {known}.\n"
        "    Add the account to the configuration and put the file into the inbox again, or remove the file."
    )


def _reject(work: Workplace, inbox: Path, path: Path, sha256: str, reason: str, pulled: Pulled) -> FilePulled:
    with work.step() as connection:
        save_rejected(
            connection,
            work.company_id,
            sha256=sha256,
            inbox=work.office.named(inbox),
            name=path.name,
            reason=reason,
            rejected_on=work.run_date,
        )
    if work.rehearsal is None:
        reject(path, sha256, reason)
    first_line, *details = (line.strip() for line in reason.splitlines())
    place, _, what = first_line.partition(": ")
    remedy = details.pop() if details else "Fetch it from the bank again."
    pulled.findings.append(
        Finding(
            code="statement_unreadable",
            severity=Severity.ERROR,
            place=place,
            what=what or place,
            excerpt=" ".join(details),
            what_to_do=f"{remedy} It lies in {inbox.name}/rejected beside its reason.",
        )
    )
    return FilePulled(name=path.name, inbox=inbox.name, became="rejected")


def _archive(work: Workplace, path: Path, sha256: str) -> None:
    if work.rehearsal is None:
        archive(path, sha256)


def _preview(path: Path, statement_format: str) -> Finding:
    return Finding(
        code="statement_preview",
        severity=Severity.NOTE,
        place=path.name,
        what=f"{statement_format} is a preview; its entries are taken from the booked statement",
        what_to_do="Nothing. Make sure that the account's camt.053 or MT940 arrives as well.",
    )


def _account(connection: Connection, work: Workplace, bank: BankSettings) -> AccountRead:
    statements = load_statements(connection, work.company_id, bank.iban)
    return AccountRead(iban=bank.iban, read_up_to=read_up_to(statements), gaps=gaps(statements))
