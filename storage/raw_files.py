"""Raw files (Originaldateien): the bytes as the bank sent them, in parts, with their hash; and those set aside."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from storage.tables import RAW_FILE, RAW_PART, REJECTED_FILE, STATEMENT
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy import Connection

# Compressed bytes in one row; a statement of a million bookings has some twenty of them.
_PART_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedFile:
    """A file that was set aside, and why."""

    sha256: str
    inbox: str
    name: str
    reason: str
    rejected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """A file that was taken in."""

    sha256: str
    name: str
    format: str
    size_bytes: int
    received_on: date
    in_use: bool  # False after it was taken back


def has_file(connection: Connection, company_id: str, sha256: str) -> bool:
    """Whether the statements of these very bytes are in the books; not so after they were taken back."""
    return (
        connection.execute(
            select(STATEMENT.c.sha256).where(STATEMENT.c.company_id == company_id, STATEMENT.c.sha256 == sha256)
        ).first()
        is not None
    )


def keep_raw(
    connection: Connection,
    company_id: str,
    *,
    name: str,
    sha256: str,
    size_bytes: int,
    content: Iterable[bytes],
    statement_format: str,
    received_on: date,
) -> None:
    """Keep the bytes of a file, given piece by piece; bytes that are kept already are left as they are."""
    known = select(RAW_FILE.c.sha256).where(RAW_FILE.c.company_id == company_id, RAW_FILE.c.sha256 == sha256)
    if connection.execute(known).first() is not None:
        return
    connection.execute(
        insert(RAW_FILE).values(
            company_id=company_id,
            sha256=sha256,
            name=name,
            format=statement_format,
            size_bytes=size_bytes,
            received_on=received_on,
        )
    )
    for number, part in enumerate(_parts(content)):
        connection.execute(
            insert(RAW_PART).values(company_id=company_id, sha256=sha256, part_no=number, content=part)
        )


def _parts(content: Iterable[bytes]) -> Iterator[bytes]:
    """Compress into one stream and cut that."""
    packing = zlib.compressobj(6)
    waiting = bytearray()
    for piece in content:
        waiting += packing.compress(piece)
        while len(waiting) >= _PART_BYTES:
            yield bytes(waiting[:_PART_BYTES])
            del waiting[:_PART_BYTES]
    waiting += packing.flush()
    yield bytes(waiting)


def raw_content(connection: Connection, company_id: str, sha256: str) -> Iterator[bytes]:
    """Give back the bytes of a file as they came, piece by piece; raise zlib.error where they are damaged."""
    unpacking = zlib.decompressobj()
    parts = (
        select(RAW_PART.c.content)
        .where(RAW_PART.c.company_id == company_id, RAW_PART.c.sha256 == sha256)
        .order_by(RAW_PART.c.part_no)
    )
    with connection.execute(parts, execution_options={"yield_per": 1}) as rows:
        for part in rows.scalars():
            yield unpacking.decompress(part, _PART_BYTES)
            while unpacking.unconsumed_tail:
                yield unpacking.decompress(unpacking.unconsumed_tail, _PART_BYTES)
    yield unpacking.flush()


def damaged_files(connection: Connection, company_id: str) -> list[str]:
    """Name every stored file whose bytes no longer have the hash they came with."""
    files = connection.execute(
        select(RAW_FILE.c.name, RAW_FILE.c.sha256)
        .where(RAW_FILE.c.company_id == company_id)
        .order_by(RAW_FILE.c.name)
    ).all()
    return [name for name, sha256 in files if _hash_of(raw_content(connection, company_id, sha256)) != sha256]


def _hash_of(content: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    try:
        for piece in content:
            digest.update(piece)
    except zlib.error:
        return ""
    return digest.hexdigest()


def load_raw_files(connection: Connection, company_id: str) -> list[RawFile]:
    """Give every file that was ever taken in, oldest first."""
    used = set(
        connection.execute(
            select(STATEMENT.c.sha256).where(STATEMENT.c.company_id == company_id).distinct()
        ).scalars()
    )
    rows = connection.execute(
        select(RAW_FILE).where(RAW_FILE.c.company_id == company_id).order_by(RAW_FILE.c.received_on, RAW_FILE.c.name)
    ).mappings()
    return [
        RawFile(
            sha256=row["sha256"],
            name=row["name"],
            format=row["format"],
            size_bytes=row["size_bytes"],
            received_on=row["received_on"],
            in_use=row["sha256"] in used,
        )
        for row in rows
    ]


def save_rejected(
    connection: Connection, company_id: str, *, sha256: str, inbox: str, name: str, reason: str, rejected_on: date
) -> None:
    """Remember that a file could not be read, and why."""
    row = {
        "company_id": company_id,
        "sha256": sha256,
        "inbox": inbox,
        "name": name,
        "reason": reason,
        "rejected_on": rejected_on,
    }
    upsert(connection, REJECTED_FILE, [row])


def load_rejected(connection: Connection, company_id: str) -> list[RejectedFile]:
    """Give every file that could not be read, oldest first."""
    rows = connection.execute(
        select(REJECTED_FILE)
        .where(REJECTED_FILE.c.company_id == company_id)
        .order_by(REJECTED_FILE.c.rejected_on, REJECTED_FILE.c.name)
    ).mappings()
    return [
        RejectedFile(
            sha256=row["sha256"],
            inbox=row["inbox"],
            name=row["name"],
            reason=row["reason"],
            rejected_on=row["rejected_on"],
        )
        for row in rows
    ]
