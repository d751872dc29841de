"""Statement files (Auszugsdateien): one after another out of an inbox into the books, or set aside with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.account import same_account
from connectors.bank.inbox import archive, reject, sha256_of
from connectors.bank.reading import read_pieces
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from storage.deliveries import Run, save_statements
from storage.raw_files import has_file, keep_raw, save_rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from connectors.bank.format import Piece
    from ledger.statement import Statement
    from night.workplace import Workplace

# What became of a file.
TAKEN: Final = "taken"
KNOWN: Final = "known"  # these very bytes were read before
PREVIEW: Final = "preview"  # announces, and books nothing
LEFT: Final = "left"  # nothing of it is this company's
REJECTED: Final = "rejected"
FAILED: Final = "failed"

# Up to here a file is read once and kept in memory. A longer one is read twice: first to prove it to the last
# booking, then to store it while it is being read.
_AT_ONCE_BYTES: Final = 8 * 1024 * 1024
_CHUNK: Final = 1024 * 1024


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
    findings: tuple[Finding, ...] = ()


class _Header(NamedTuple):
    """A statement as its last piece completes it, and the days of all its entries; None where it is not ours."""

    statement: Statement | None
    first_day: date | None
    last_day: date | None


def take_file(work: Workplace, inbox: Path, path: Path) -> Iterator[FilePulled]:
    """Take a file of the inbox into the books of the company, and move it to where it belongs.

    Raises Refused and Unavailable where the world stands in the way; what cannot be read is set aside.
    """
    sha256 = sha256_of(path)
    with work.step() as connection:
        known = has_file(connection, work.company_id, sha256)
    if known:
        _archive(work, path, sha256)
        yield FilePulled(name=path.name, inbox=inbox.name, became=KNOWN)
        return
    try:
        pulled = _take(work, inbox, path, sha256)
    except Unreadable as error:
        pulled = _reject(work, inbox, path, sha256, str(error))
    else:
        if pulled.became != LEFT:
            _archive(work, path, sha256)
    yield pulled


def _take(work: Workplace, inbox: Path, path: Path, sha256: str) -> FilePulled:
    limit = work.office.settings.max_statement_mb * 1024 * 1024
    at_once = list(read_pieces(path, limit_bytes=limit)) if path.stat().st_size <= _AT_ONCE_BYTES else None
    findings: list[Finding] = []
    headers = _headers(at_once if at_once is not None else read_pieces(path, limit_bytes=limit), findings)
    accounts = {header.statement.account for header in headers if header.statement is not None}
    ours = [_ours(work, header) for header in headers]
    if not any(header.statement for header in ours):
        if any(_belongs_to_another_company(work, account) for account in accounts):
            return FilePulled(name=path.name, inbox=inbox.name, became=LEFT)  # it takes it in its own night
        raise _of_nobody(work, path, sorted(accounts))
    findings += _strangers(work, path, sorted(accounts))
    formats = [header.statement.format for header in ours if header.statement is not None]
    pieces = at_once if at_once is not None else read_pieces(path, limit_bytes=limit)
    with work.step() as connection:
        keep_raw(
            connection,
            work.company_id,
            name=path.name,
            sha256=sha256,
            size_bytes=path.stat().st_size,
            content=_bytes_of(path),
            statement_format=formats[0],
            received_on=work.run_date,
        )
        taken = save_statements(connection, work.company_id, sha256, _runs(pieces, ours))
    binding = any(header.statement.is_binding for header in ours if header.statement is not None)
    return FilePulled(
        name=path.name,
        inbox=inbox.name,
        became=TAKEN if binding else PREVIEW,
        format=formats[0],
        statements=taken.statements,
        new_entries=taken.new_entries,
        known_entries=taken.known_entries,
        findings=(*findings, *taken.findings),
    )


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


def _belongs_to_another_company(work: Workplace, account: str) -> bool:
    return any(
        same_account(account, iban)
        for other in work.office.settings.company
        if other.id != work.company_id
        for iban in other.own_accounts
    )


def _strangers(work: Workplace, path: Path, accounts: Sequence[str]) -> Iterator[Finding]:
    """Tell of accounts that nobody in this office has configured; their statements are left out."""
    for account in accounts:
        ours = any(same_account(account, iban) for iban in work.company.own_accounts)
        if not ours and not _belongs_to_another_company(work, account):
            yield Finding(
                code="account_not_configured",
                place=path.name,
                what=f"the file also holds statements of account {account}, which were left out",
                what_to_do="Add the account to the configuration, take the file back, and bring it in again.",
            )


def _of_nobody(work: Workplace, path: Path, accounts: Sequence[str]) -> Unreadable:
    known = ", ".join(work.company.own_accounts)
    return Unreadable(
        f"{path.name}: this is a statement of account {', '.join(accounts)}, which is not ours\n"
        f"    Configured for {work.company_id}: {known}.\n"
        "    Add the account to the configuration and put the file into the inbox again, or remove the file."
    )


def _reject(work: Workplace, inbox: Path, path: Path, sha256: str, reason: str) -> FilePulled:
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
    finding = Finding(
        code="statement_unreadable",
        severity=Severity.ERROR,
        place=place,
        what=what or place,
        excerpt=" ".join(details),
        what_to_do=f"{remedy} It lies in {inbox.name}/rejected beside its reason.",
    )
    return FilePulled(name=path.name, inbox=inbox.name, became=REJECTED, findings=(finding,))


def _archive(work: Workplace, path: Path, sha256: str) -> None:
    if work.rehearsal is None:
        archive(path, sha256)
