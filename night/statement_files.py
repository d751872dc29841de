"""Statement files (Auszugsdateien): one after another out of an inbox into the books, or set aside with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from config.mappings import csv_mappings
from connectors.bank import formats_with
from connectors.bank.account import same_account
from connectors.bank.container import LIMITS, Limits, Member, members
from connectors.bank.inbox import archive, reject, reject_member, sha256_of
from connectors.bank.reading import read_pieces
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from storage.deliveries import Run, save_statements
from storage.raw_files import has_file, keep_raw, load_rejected, save_rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from connectors.bank.format import Format, Piece
    from ledger.statement import Statement
    from night.workplace import Workplace

# What became of a file.
TAKEN: Final = "taken"
KNOWN: Final = "known"  # these very bytes were read before
PREVIEW: Final = "preview"  # announces, and books nothing
LEFT: Final = "left"  # nothing of it is this company's
OPENED: Final = "opened"  # a container; what is in it is told file by file
REJECTED: Final = "rejected"
FAILED: Final = "failed"

# Up to here a file is read once and kept in memory. A longer one is read twice: first to prove it to the last
# booking, then to store it while it is being read.
_AT_ONCE_BYTES: Final = 8 * 1024 * 1024
_CHUNK: Final = 1024 * 1024

# A container may hold as much as so many of the largest statements.
_STATEMENTS_IN_CONTAINER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePulled:
    """What became of one file of an inbox."""

    name: str
    inbox: str
    became: str  # taken, known, preview, left (to another company), rejected, failed, opened (a container)
    format: str = ""
    statements: int = 0
    new_entries: int = 0
    known_entries: int = 0
    findings: tuple[Finding, ...] = ()


class _Header(NamedTuple):
    """A statement as its last piece completes it, and the days of all its entries; None where it is not ours."""

    statement: Statement | None
    first_day: date | None
    last_day: date | None


@dataclass(slots=True)
class _Visit:
    """A file of the inbox while it is being dealt with."""

    work: Workplace
    inbox: Path
    path: Path
    formats: Sequence[Format]
    awaited: bool = False  # whether another company has statements in it that it has not taken yet

    @property
    def limit_bytes(self) -> int:
        """The largest statement that is read."""
        return self.work.office.settings.max_statement_mb * 1024 * 1024

    def pulled(self, member: Member, became: str, **more: Any) -> FilePulled:
        """Tell what became of a file."""
        return FilePulled(name=member.name, inbox=self.inbox.name, became=became, **more)


def take_file(work: Workplace, inbox: Path, path: Path) -> Iterator[FilePulled]:
    """Take a file of the inbox, or every file in a container, into the books; move it to where it belongs.

    Raises Refused and Unavailable where the world stands in the way; what cannot be read is set aside. A file stays
    in the inbox as long as another company of this office has not taken its part of it.
    """
    visit = _Visit(work, inbox, path, formats_with(csv_mappings(work.office)))
    try:
        with members(path, path.name, _limits(visit)) as contents:
            if contents.findings:
                yield FilePulled(name=path.name, inbox=inbox.name, became=OPENED, findings=contents.findings)
            for member in contents.members:
                yield _take_member(visit, member)
    except Unreadable as error:
        yield _reject(visit, Member(path.name, path, sha256_of(path)), str(error))
    if not visit.awaited and work.rehearsal is None and path.exists():
        archive(path, sha256_of(path))


def _limits(visit: _Visit) -> Limits:
    return replace(LIMITS, total_bytes=_STATEMENTS_IN_CONTAINER * visit.limit_bytes)


def _take_member(visit: _Visit, member: Member) -> FilePulled:
    work = visit.work
    with work.step() as connection:
        known = has_file(connection, work.company_id, member.sha256)
    if known and not _shares_its_inbox(visit):
        return visit.pulled(member, KNOWN)
    try:
        return _take(visit, member, known=known)
    except Unreadable as error:
        return _reject(visit, member, str(error))


def _take(visit: _Visit, member: Member, *, known: bool) -> FilePulled:
    work = visit.work
    at_once = list(_pieces(visit, member)) if member.path.stat().st_size <= _AT_ONCE_BYTES else None
    findings: list[Finding] = []
    headers = _headers(at_once if at_once is not None else _pieces(visit, member), findings)
    accounts = sorted({h.statement.account for h in headers if h.statement is not None and h.statement.account})
    others = {other for account in accounts for other in _owners(work, account)}
    visit.awaited |= _is_awaited(work, others, member.sha256)
    if known:
        return visit.pulled(member, KNOWN)
    ours = [_ours(work, header) for header in headers]
    formats = [header.statement.format for header in ours if header.statement is not None]
    if not formats and others:
        return visit.pulled(member, LEFT)
    if not formats and accounts:
        raise _of_nobody(work, member, accounts)
    formats = formats or [header.statement.format for header in headers if header.statement is not None]
    pieces = at_once if at_once is not None else _pieces(visit, member)
    with work.step() as connection:
        keep_raw(
            connection,
            work.company_id,
            name=member.name,
            sha256=member.sha256,
            size_bytes=member.path.stat().st_size,
            content=_bytes_of(member.path),
            statement_format=formats[0],
            received_on=work.run_date,
        )
        taken = save_statements(connection, work.company_id, member.sha256, _runs(pieces, ours))
    # A list of rejected payments may name no account at all: then there are findings, and nothing to store.
    binding = any(header.statement.is_binding for header in ours if header.statement is not None)
    return visit.pulled(
        member,
        TAKEN if binding else PREVIEW,
        format=formats[0],
        statements=taken.statements,
        new_entries=taken.new_entries,
        known_entries=taken.known_entries,
        findings=(*findings, *_strangers(work, member, accounts), *taken.findings),
    )


def _pieces(visit: _Visit, member: Member) -> Iterator[Piece]:
    return read_pieces(member.path, limit_bytes=visit.limit_bytes, place=member.name, formats=visit.formats)


def _headers(pieces: Iterable[Piece], findings: list[Finding]) -> list[_Header]:
    """Read to the end, so that every balance is proven before anything is stored."""
    headers: list[_Header] = []
    first = last = None
    for piece in pieces:
        findings += piece.findings
        days = [entry.booking_date for entry in piece.statement.entries]
        first = min([*days, *([first] if first else [])], default=None)
        last = max([*days, *([last] if last else [])], default=None)
        if piece.is_last:
            headers.append(_Header(replace(piece.statement, entries=()), first, last))
            first = last = None
    return headers


def _ours(work: Workplace, header: _Header) -> _Header:
    """Give the header under our own IBAN, or without a statement where the account is not ours."""
    statement = header.statement
    assert statement is not None
    iban = next((iban for iban in work.company.own_accounts if same_account(statement.account, iban)), None)
    return header._replace(statement=replace(statement, account=iban) if iban else None)


def _runs(pieces: Iterable[Piece], headers: Sequence[_Header]) -> Iterator[Run]:
    for piece in pieces:
        header = headers[piece.number]
        if header.statement is None:
            continue
        account = header.statement.account
        entries = tuple(entry._replace(account=account) for entry in piece.statement.entries)
        yield Run(piece.number, replace(header.statement, entries=entries), header.first_day, header.last_day)


def _bytes_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _owners(work: Workplace, account: str) -> Iterator[str]:
    """Name the other companies of this office that have configured an account."""
    for other in work.office.settings.company:
        if other.id != work.company_id and any(same_account(account, iban) for iban in other.own_accounts):
            yield other.id


def _shares_its_inbox(visit: _Visit) -> bool:
    office = visit.work.office
    return any(
        office.resolve(bank.inbox) == visit.inbox
        for other in office.settings.company
        if other.id != visit.work.company_id
        for bank in other.bank
    )


def _is_awaited(work: Workplace, companies: Iterable[str], sha256: str) -> bool:
    with work.step() as connection:
        return any(not has_file(connection, company_id, sha256) for company_id in companies)


def _strangers(work: Workplace, member: Member, accounts: Sequence[str]) -> Iterator[Finding]:
    """Tell of accounts that nobody in this office has configured; their statements are left out."""
    for account in accounts:
        ours = any(same_account(account, iban) for iban in work.company.own_accounts)
        if not ours and not any(_owners(work, account)):
            yield Finding(
                code="account_not_configured",
                place=member.name,
                what=f"the file also holds statements of account {account}, which were left out",
                what_to_do="Add the account to the configuration, take the file back, and bring it in again.",
            )


def _of_nobody(work: Workplace, member: Member, accounts: Sequence[str]) -> Unreadable:
    known = ", ".join(work.company.own_accounts)
    return Unreadable(
        f"{member.name}: this is a statement of account {', '.join(accounts)}, which is not ours\n"
        f"    Configured for {work.company_id}: {known}.\n"
        "    Add the account to the configuration and put the file into the inbox again, or remove the file."
    )


def _reject(visit: _Visit, member: Member, reason: str) -> FilePulled:
    work = visit.work
    with work.step() as connection:
        told = any(member.sha256 == one.sha256 for one in load_rejected(connection, work.company_id))
        # Its container may wait for another company; what we said of this file once we do not say every night.
        told_before = told and member.path != visit.path
        save_rejected(
            connection,
            work.company_id,
            sha256=member.sha256,
            inbox=work.office.named(visit.inbox),
            name=member.name,
            reason=reason,
            rejected_on=work.run_date,
        )
    if told_before:
        return visit.pulled(member, REJECTED)
    if work.rehearsal is None:
        _set_aside(visit, member, reason)
    first_line, *details = (line.strip() for line in reason.splitlines())
    place, _, what = first_line.partition(": ")
    remedy = details.pop() if details else "Fetch it from the bank again."
    finding = Finding(
        code="statement_unreadable",
        severity=Severity.ERROR,
        place=place,
        what=what or place,
        excerpt=" ".join(details),
        what_to_do=f"{remedy} It lies in {visit.inbox.name}/rejected beside its reason.",
    )
    return visit.pulled(member, REJECTED, findings=(finding,))


def _set_aside(visit: _Visit, member: Member, reason: str) -> None:
    if member.path == visit.path:
        reject(visit.path, member.sha256, reason)
    else:
        reject_member(member, visit.inbox, reason)
