"""Pull: open items from the accounting tools, statements from the inboxes; every failure is a line, never the end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from config.sources import source_of
from connectors.accounting import Known, ToolSource
from connectors.accounting.document import RemoteKey
from connectors.accounting.tool import CompletesDocuments
from connectors.bank.inbox import waiting
from ledger.errors import ConnectorError
from ledger.finding import Finding, Severity
from ledger.statement_chain import read_up_to
from night.fetch import fetch_statements
from night.remote import row_of
from night.statement_files import FAILED, FilePulled, take_file
from night.statements_overview import judge
from storage.facts import load_items, note_reading, save_debtors, save_open_set
from storage.remote_documents import load_known, load_told, save_documents, unpacked
from storage.statements import load_statements

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from config.settings import BankSettings, SourceSettings
    from connectors.accounting import Pulled as SourceRead
    from connectors.accounting import Source
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
    changed: int = 0  # documents of a tool that are new or otherwise than at the last reading
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


# What each source gave or refused, by its name; and whether it is a tool rather than a list.
Asked = dict[str, "tuple[SourceRead, bool] | ConnectorError"]


def pull(work: Workplace, asked: Asked | None = None) -> Pulled:
    """Read every source and every inbox of the company; what was ``asked`` before is not asked again."""
    pulled = Pulled()
    for number, source in enumerate(work.company.source):
        work.progress("open items", number, len(work.company.source))
        pulled.sources.append(_pull_source(work, source, pulled, asked or {}))
    fetch_statements(work, pulled.findings, pulled.failures)
    for inbox in _inboxes(work):
        _pull_inbox(work, inbox, pulled)
    with work.step() as connection:
        pulled.accounts.extend(_account(connection, work, bank) for bank in work.company.bank)
    pulled.findings.extend(finding for account in pulled.accounts for finding in account.findings)
    return pulled


def ask_sources(work: Workplace) -> Asked:
    """Read every source without saving anything, for a rehearsal: while it lasts nobody else can write."""
    return {settings.name: _ask(work, settings) for settings in work.company.source}


def _ask(work: Workplace, settings: SourceSettings) -> tuple[SourceRead, bool] | ConnectorError:
    """Read one source, without a transaction: whoever waits for a tool shall not keep others waiting."""
    try:
        source = source_of(settings, work.office, work.engine, work.company_id)
        read = source.pull(_known(work, source))
    except ConnectorError as error:
        return error
    return read, isinstance(source, ToolSource)


def _known(work: Workplace, source: Source) -> Known:
    """Give what the last readings of a source left behind; word for word only where the tool builds on it."""
    with work.step() as connection:
        known = load_known(connection, work.company_id, source.name)
        builds = isinstance(source, ToolSource) and isinstance(source.tool, CompletesDocuments)
        told = load_told(connection, work.company_id, source.name) if builds else {}

    def payload(key: RemoteKey) -> dict[str, Any] | None:
        packed = told.get(key)
        return json.loads(unpacked(packed)) if packed else None

    return Known(open={RemoteKey(*key): i for key, i in known.open.items()}, cursors=known.cursors, told=payload)


def _pull_source(work: Workplace, settings: SourceSettings, pulled: Pulled, asked: Asked) -> SourcePulled:
    answer = asked.get(settings.name) or _ask(work, settings)
    if isinstance(answer, ConnectorError):
        pulled.failures.append(f"{settings.name}: {answer}")
        return SourcePulled(name=settings.name, failure=str(answer))
    read, is_tool = answer
    return (_save_tool if is_tool else _save_list)(work, settings.name, read, pulled)


def _save_list(work: Workplace, source: str, read: SourceRead, pulled: Pulled) -> SourcePulled:
    with work.step() as connection:
        vanished = 0 if read.items or not read.complete else _open_before(connection, work, source)
        save_debtors(connection, work.company_id, source, read.debtors, seen_on=work.run_date)
        gone = save_open_set(
            connection,
            work.company_id,
            source,
            read.items,
            complete=read.complete and not vanished,
            keep=read.unreadable_numbers,
            run_date=work.run_date,
        )
    pulled.findings.extend(
        _suddenly_empty(f, vanished) if vanished and f.code == "no_rows" else f for f in read.findings
    )
    return SourcePulled(
        name=source,
        items=len(read.items),
        debtors=len(read.debtors),
        left_open_set=gone,
        complete=read.complete and not vanished,
    )


def _save_tool(work: Workplace, source: str, read: SourceRead, pulled: Pulled) -> SourcePulled:
    """Save what a tool said: its documents word for word, and what they became."""
    with work.step() as connection:
        save_debtors(connection, work.company_id, source, read.debtors, seen_on=work.run_date)
        taken = save_documents(
            connection,
            work.company_id,
            source,
            map(row_of, read.documents),
            unclear=read.unclear,
            run_date=work.run_date,
            cursors=read.cursors,
        )
        note_reading(connection, work.company_id, source, work.run_date, complete=read.complete)
    pulled.findings.extend(read.findings)
    return SourcePulled(
        name=source,
        items=len(read.items),
        debtors=len(read.debtors),
        left_open_set=taken.left,
        complete=read.complete,
        changed=taken.changed,
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
