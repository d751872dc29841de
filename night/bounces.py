"""Bounces of the night (Rückläufer): reports laid into a folder, read, recorded, and put aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from export.delivery.bounces import read_bounces
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity
from storage.bounces import save_bounces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dunning.bounce import Bounce
    from night.workplace import Workplace

FOLDER: Final = Path("bounces")
_READ: Final = "read"
_MOST_BYTES: Final = 20_000_000


def take_in_bounces(work: Workplace) -> list[Finding]:
    """Read ``bounces/COMPANY/*.eml``, record what came back, and move what was read into ``read``.

    No mailbox is opened: the mail server's filter or a mail program lays the reports there.
    """
    folder = work.office.resolve(FOLDER / work.company_id)
    if not folder.is_dir():
        return []
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.eml")):
        findings += _take_in(work, path)
    return findings


def _take_in(work: Workplace, path: Path) -> Iterator[Finding]:
    if path.stat().st_size > _MOST_BYTES:
        yield _unreadable(path, f"{path.name} is larger than {_MOST_BYTES // 1_000_000} MB")
        return
    raw = path.read_bytes()
    try:
        bounces = read_bounces(raw, path.name)
    except Unreadable as error:
        yield _unreadable(path, str(error))
        return
    with work.step() as connection:
        save_bounces(connection, work.company_id, work.author, path.name, raw, bounces)
    if work.rehearsal is None:
        (path.parent / _READ).mkdir(exist_ok=True)
        path.replace(path.parent / _READ / path.name)
    yield from (_came_back(path, bounce) for bounce in bounces if bounce.is_permanent)


def _came_back(path: Path, bounce: Bounce) -> Finding:
    return Finding(
        code="mail_came_back",
        severity=Severity.WARNING,
        place=path.name,
        what=f"the mail to {bounce.recipient} came back: {bounce.status} {bounce.says}".rstrip(),
        what_to_do="Correct the address in the accounting tool; until then the debtor is reached in another way.",
    )


def _unreadable(path: Path, what: str) -> Finding:
    return Finding(
        code="bounce_unreadable",
        severity=Severity.WARNING,
        place=path.name,
        what=what,
        what_to_do="Look at the mail yourself, and take it out of the folder.",
    )
