"""Copies of invoices (Rechnungskopien): PDFs in a folder of the office, named by the number of the document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from export.file_name import safe_file_name
from export.mail import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from night.workplace import Workplace

FOLDER: Final = Path("invoices")

# Many servers refuse mails beyond 10 MB, and what is attached grows by a third on its way.
_MOST_BYTES: Final = 6_000_000


def invoice_copies(work: Workplace, document_numbers: Iterable[str]) -> tuple[Attachment, ...]:
    """Give the copies we know of, from ``invoices/COMPANY`` or ``invoices``; what would make a mail too large stays.

    A copy is called like its document: ``RE-2026-0042.pdf``. What is missing is no mistake: the letter lists all.
    """
    attached, room = [], _MOST_BYTES
    for path in _copies(work, document_numbers):
        content = path.read_bytes()
        if content.startswith(b"%PDF") and len(content) <= room:
            attached.append(Attachment(path.name, content))
            room -= len(content)
    return tuple(attached)


def _copies(work: Workplace, document_numbers: Iterable[str]) -> Iterator[Path]:
    folders = (work.office.resolve(FOLDER / work.company_id), work.office.resolve(FOLDER))
    folder = next((one for one in folders if one.is_dir()), None)
    if folder is None:
        return
    for number in dict.fromkeys(document_numbers):
        path = folder / safe_file_name(f"{number}.pdf")
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            yield path
