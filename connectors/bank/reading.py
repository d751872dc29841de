"""Reading a statement file (Kontoauszugsdatei): recognised by its content, read completely or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from connectors.bank import FORMATS
from connectors.bank.container import LIMITS, is_container, members
from connectors.bank.format import Piece, Reading, readable, unreadable
from connectors.bank.recognition import HEAD_BYTES, format_of, is_xml, refuse_mixture, refuse_second_document
from ledger.collector import collector_paused
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from connectors.bank.format import Format
    from ledger.finding import Finding
    from ledger.statement import Statement, StatementEntry

__all__ = ["Piece", "Reading", "read_pieces", "read_statements"]

# More than this is no statement of an office; the configuration may say otherwise (`max_statement_mb`).
LIMIT_BYTES: Final = 256 * 1024 * 1024

# A container may hold as much as so many of the largest statements.
_STATEMENTS_IN_CONTAINER: Final = 4


def read_statements(
    path: Path, *, limit_bytes: int = LIMIT_BYTES, place: str = "", formats: Sequence[Format] = FORMATS
) -> Reading:
    """Read all statements of a file at once; raise as ``read_pieces`` does.

    The format is that of the first statement.
    """
    statements: list[Statement] = []
    entries: list[StatementEntry] = []
    findings: list[Finding] = []
    for piece in read_pieces(path, limit_bytes=limit_bytes, place=place, formats=formats):
        entries += piece.statement.entries
        findings += piece.findings
        if piece.is_last:
            statements.append(replace(piece.statement, entries=tuple(entries)))
            entries.clear()
    return Reading(statements[0].format, tuple(statements), tuple(findings))


def read_pieces(
    path: Path, *, limit_bytes: int = LIMIT_BYTES, place: str = "", formats: Sequence[Format] = FORMATS
) -> Iterator[Piece]:
    """Read a file piece by piece; raise Unreadable, with place and remedy, for what cannot be read without doubt.

    ``place`` is what messages call the file, by default its name; ``formats`` are asked in their order. All files of
    a container are read, one after the other, or none: where each is to have its own fate, open it with
    ``connectors.bank.container.members``. Raise Refused where we lack the right to read the file, and Unavailable
    where it cannot be read now.
    """
    found = _pieces(path, limit_bytes, place or path.name, formats)
    while True:
        with collector_paused():
            piece = next(found, None)
        if piece is None:
            return
        yield piece


def _pieces(path: Path, limit_bytes: int, place: str, formats: Sequence[Format]) -> Iterator[Piece]:
    with readable(path):
        _check_size(path.stat().st_size, limit_bytes, place)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if is_container(head):
            yield from _pieces_of_members(path, limit_bytes, place, formats)
        else:
            yield from _pieces_of_file(path, head, place, formats)


def _pieces_of_members(path: Path, limit_bytes: int, place: str, formats: Sequence[Format]) -> Iterator[Piece]:
    limits = replace(LIMITS, total_bytes=_STATEMENTS_IN_CONTAINER * limit_bytes)
    with members(path, place, limits) as contents:
        findings, number = contents.findings, -1
        for member in contents.members:
            begin = number + 1
            for piece in _pieces(member.path, limit_bytes, member.name, formats):
                number = begin + piece.number
                yield replace(piece, number=number, findings=(*findings, *piece.findings))
                findings = ()


def _pieces_of_file(path: Path, head: bytes, place: str, formats: Sequence[Format]) -> Iterator[Piece]:
    chosen = format_of(path, head, place, formats)
    try:
        yield from chosen.pieces(path, place)
    except Unreadable:
        if is_xml(head):  # what its reader took for broken XML may be whole, and something else behind it
            refuse_second_document(path, place)
            refuse_mixture(path, head, place, chosen, formats)
        raise


def _check_size(size: int, limit_bytes: int, place: str) -> None:
    if size == 0:
        raise unreadable(place, "the file is empty (0 bytes)", what_to_do="Fetch the statement again from the bank.")
    if size > limit_bytes:
        raise unreadable(
            place,
            f"the file has {size:,} bytes, more than the {limit_bytes:,} we read at once",
            what_to_do="Fetch the statements for shorter periods, or check whether this is a statement at all.",
        )
