"""Files at the desk (Dateien): taking an imported file back whole, with everything that was decided on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import Refused
from ledger.statement import EntryStatus
from storage.deliveries import withdraw_statements
from storage.matches import ignore, load_booked, load_ignored, note_file_taken_back, reverse
from storage.raw_files import load_raw_files
from storage.statements import load_entries

if TYPE_CHECKING:
    from storage.database import Connection
    from storage.decisions import Author
    from storage.raw_files import RawFile


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What taking a file back undid."""

    file: RawFile
    entries: int  # no longer booked, because nobody else delivered them
    still_booked: int  # another file tells them as well
    reversed_entries: int  # whose bookings were reversed

    def __str__(self) -> str:
        return (
            f"{self.file.name} was taken back: {self.entries} entries are no longer booked "
            f"({self.reversed_entries} of them had been decided on); {self.still_booked} stay, "
            "because another file tells them as well"
        )


def take_back(connection: Connection, company_id: str, author: Author, file: str, reason: str) -> TakenBack:
    """Take a file out of the books, named as it came or by the beginning of its hash; it can be read again.

    Bookings on entries that nobody else delivered are reversed, with everything that follows from a reversal: the
    item is open again, the payer is no longer learned, and the next posting batch carries the correction.
    """
    found = _file(connection, company_id, file)
    booked_before = load_entries(connection, company_id, EntryStatus.BOOKED).keys()
    touched = withdraw_statements(connection, company_id, found.sha256)
    booked_now = load_entries(connection, company_id, EntryStatus.BOOKED).keys()
    gone = (touched & booked_before) - booked_now
    decided = {b.entry_id for b in load_booked(connection, company_id)} & gone
    for entry_id in sorted(decided):
        reverse(connection, company_id, author, entry_id, reason)
    set_aside = load_ignored(connection, company_id).keys() & gone
    for entry_id in sorted(set_aside):
        ignore(connection, company_id, author, entry_id, reason, ignored=False)
    note_file_taken_back(connection, company_id, author, found.sha256, found.name, reason, sorted(decided))
    return TakenBack(
        file=found,
        entries=len(gone),
        still_booked=len(touched & booked_before & booked_now),
        reversed_entries=len(decided | set_aside),
    )


def _file(connection: Connection, company_id: str, wanted: str) -> RawFile:
    files = load_raw_files(connection, company_id)
    candidates = [
        f for f in files if wanted in {f.name, f.sha256} or (len(wanted) >= 8 and f.sha256.startswith(wanted))
    ]
    in_use = [f for f in candidates if f.in_use]
    if len(in_use) == 1:
        return in_use[0]
    if in_use:
        hashes = ", ".join(f"{f.sha256[:12]} (received {f.received_on})" for f in in_use)
        raise Refused(f"{wanted}: several files have this name; say which one by its hash: {hashes}")
    if candidates:
        raise Refused(f"{wanted}: this file was taken back already; put it into the inbox to read it again")
    raise Refused(f"{wanted}: no such file was taken in; `statements` lists them")
