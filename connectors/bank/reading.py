"""Reading a statement file (Kontoauszugsdatei): recognised by its content, read completely or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from connectors.bank import FORMATS
from connectors.bank.format import Format, Piece, Reading, unreadable
from ledger.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.finding import Finding
    from ledger.statement import Statement, StatementEntry

__all__ = ["Piece", "Reading", "read_pieces", "read_statements"]

# More than this is no statement of an office; the configuration may say otherwise (`max_statement_mb`).
LIMIT_BYTES: Final = 256 * 1024 * 1024

# So much of a file is looked at to learn what it is; wrappers and comments fit in easily.
_HEAD_BYTES: Final = 64 * 1024

# What people also put into the folder, by its first bytes.
_STRANGERS: Final = (
    (b"PK\x03\x04", "a ZIP archive", "Unpack it and put the files inside into the inbox."),
    (b"PK\x05\x06", "an empty ZIP archive", "Fetch the statements again from the bank."),
    (b"\x1f\x8b", "a GZIP archive", "Unpack it and put the file inside into the inbox."),
    (b"%PDF", "a PDF", "Fetch the statement as CAMT.053 or MT940 from the bank: a PDF is for people."),
)


def read_statements(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> Reading:
    """Read all statements of a file at once; raise as ``read_pieces`` does."""
    statements: list[Statement] = []
    entries: list[StatementEntry] = []
    findings: list[Finding] = []
    for piece in read_pieces(path, limit_bytes=limit_bytes):
        entries += piece.statement.entries
        findings += piece.findings
        if piece.is_last:
            statements.append(replace(piece.statement, entries=tuple(entries)))
            entries.clear()
    return Reading(statements[0].format, tuple(statements), tuple(findings))


def read_pieces(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[Piece]:
    """Read a file piece by piece; raise Unreadable, with place and remedy, for what cannot be read without doubt.

    Raise Refused where we lack the right to read it, and Unavailable where it cannot be read now.
    """
    place = path.name
    try:
        _check_size(path.stat().st_size, limit_bytes, place)
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        yield from _format_of(head, place).pieces(path, place)
    except PermissionError as error:
        raise Refused(f"{path}: we may not read this file\n    Give the service the right to read it.") from error
    except OSError as error:
        raise Unavailable(
            f"{path}: the file cannot be read now ({error.strerror})\n    It is tried again later."
        ) from error


def _check_size(size: int, limit_bytes: int, place: str) -> None:
    if size == 0:
        raise unreadable(place, "the file is empty (0 bytes)", what_to_do="Fetch the statement again from the bank.")
    if size > limit_bytes:
        raise unreadable(
            place,
            f"the file has {size:,} bytes, more than the {limit_bytes:,} we read at once",
            what_to_do="Fetch the statements for shorter periods, or check whether this is a statement at all.",
        )


def _format_of(head: bytes, place: str) -> Format:
    for magic, is_a, what_to_do in _STRANGERS:
        if head.startswith(magic):
            raise unreadable(place, f"this is {is_a}, not a statement", what_to_do=what_to_do)
    for candidate in FORMATS:
        if candidate.looks_like(head):
            return candidate
    raise unreadable(
        place,
        "this is no bank statement we know",
        found=f"it begins with {head[:60].decode('utf-8', errors='replace')!r}",
        what_to_do=f"Fetch it from the bank in one of these formats: {', '.join(f.name for f in FORMATS)}.",
    )
