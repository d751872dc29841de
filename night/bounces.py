"""Delivery reports of the night (Rückläufer): laid into a folder, read, recorded, and put aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dunning.receipt import Proof, ReceiptFact
from export.delivery.bounces import read_report
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from storage.bounces import mail_of, save_bounces
from storage.receipts import note_receipts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dunning.bounce import Acceptance, Bounce, DeliveryReport
    from night.workplace import Workplace
    from storage.database import Connection

FOLDER: Final = Path("bounces")
_READ: Final = "read"
_NO_REPORT: Final = "other"
_MOST_BYTES: Final = 20_000_000


def take_in_bounces(work: Workplace) -> list[Finding]:
    """Read ``bounces/COMPANY/*.eml``, record what came back or arrived, and move what was read into ``read``.

    No mailbox is opened: the mail server's filter or a mail program lays the reports there. A mail that is no report
    is moved into ``other`` and told: it may be a debtor's answer.
    """
    folder = work.office.resolve(FOLDER / work.company_id)
    if not folder.is_dir():
        return []
    findings: list[Finding] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() == ".eml" and path.is_file():
            findings += _take_in(work, path)
    return findings


def _take_in(work: Workplace, path: Path) -> Iterator[Finding]:
    try:
        raw = _content(path)
        report = read_report(raw, path.name)
    except Unreadable as error:
        yield _unreadable(path, str(error))
        return
    if report is None:
        yield _no_report(path)
        yield from _put_aside(work, path, _NO_REPORT)
        return
    with work.step() as connection:
        concerned = _record(connection, work, path.name, raw, report)
    yield from _put_aside(work, path, _READ)
    gave_up = zip(report.bounces, concerned, strict=False)
    yield from (_came_back(path, bounce, mail) for bounce, mail in gave_up if bounce.gave_up)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Unreadable(f"{path.name} is larger than {_MOST_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error


def _record(connection: Connection, work: Workplace, name: str, raw: bytes, report: DeliveryReport) -> Sequence[str]:
    """Write down everything a report says; give the mails its bounces speak of, none where it was read before."""
    concerned = save_bounces(connection, work.company_id, work.author, name, raw, report.bounces)
    facts = []
    for acceptance in report.acceptances:
        outbox_id, recipient = mail_of(
            connection, work.company_id, work.author, acceptance.message_id, acceptance.recipient
        )
        if outbox_id:
            facts.append((outbox_id, _accepted(work, acceptance, recipient)))
    note_receipts(connection, work.company_id, work.author, facts)
    return concerned


def _accepted(work: Workplace, acceptance: Acceptance, recipient: str) -> ReceiptFact:
    # A report that does not say when counts from the day we read it: rather late than early.
    moment = acceptance.accepted_at
    local = moment.astimezone(work.author.now.tzinfo) if moment else None
    on = min(local.date(), work.run_date) if local else work.run_date
    return ReceiptFact(proof=Proof.SMTP_ACCEPTED, on=on, at=local, evidence=f"{recipient}: {acceptance.says}")


def _put_aside(work: Workplace, path: Path, where: str) -> Iterator[Finding]:
    """Move a file that was read; where it cannot be moved it is read again, which records nothing twice."""
    if work.rehearsal is not None:
        return
    try:
        (path.parent / where).mkdir(exist_ok=True)
        path.replace(path.parent / where / path.name)
    except OSError as error:
        yield _unreadable(path, f"{path.name} was read, but cannot be moved into {where}: {error.strerror}")


def _came_back(path: Path, bounce: Bounce, outbox_id: str) -> Finding:
    said = f"the mail to {bounce.recipient} came back: {bounce.status} {bounce.says}".rstrip()
    if not outbox_id:
        return Finding(
            code="mail_came_back_unknown",
            severity=Severity.WARNING,
            place=path.name,
            what=f"{said}; it names no mail we sent, so nothing follows from it",
            what_to_do="Where it is about a mail of ours after all, correct the address in the accounting tool.",
        )
    until = "" if bounce.is_permanent else " for a month"
    return Finding(
        code="mail_came_back",
        severity=Severity.WARNING,
        place=path.name,
        what=f"{said}; {outbox_id} counts as not received, and what it said is said again",
        what_to_do=(
            f"Correct the address in the accounting tool; until then{until} the debtor is reached in another way."
        ),
    )


def _no_report(path: Path) -> Finding:
    return Finding(
        code="no_delivery_report",
        severity=Severity.WARNING,
        place=path.name,
        what=f"{path.name} is no delivery report; it was moved into {_NO_REPORT}",
        what_to_do="Read it: where a debtor wrote, note it with `run_sync.py message add`.",
    )


def _unreadable(path: Path, what: str) -> Finding:
    return Finding(
        code="bounce_unreadable",
        severity=Severity.WARNING,
        place=path.name,
        what=what,
        what_to_do="Look at the mail yourself, and take it out of the folder.",
    )
