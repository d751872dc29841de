"""What a tool said of its documents, word for word (Originaldaten): so that only what changed is written."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import select

from storage.bulk import among
from storage.facts import mark_unread, save_changed_items
from storage.tables import REMOTE_DOCUMENT, SOURCE_CURSOR
from storage.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from ledger.open_item import OpenItem

OPEN: Final = "open"  # the standing of documents that are asked for when they are absent
_GONE: Final = frozenset({"cancelled", "written_off", "draft", "deleted"})  # no claim any more, whatever is open
_TOGETHER: Final = 2_000
_NEW: Final = ("", "", "")  # hash, standing and item of what was never read before

Key = tuple[str, str]  # the kind of the document at the tool, and its id there


class RemoteRow(NamedTuple):
    """A document as it was read tonight."""

    kind: str
    remote_id: str
    standing: str
    item: OpenItem | None  # None where it could not be read, or is not there any more
    sha256: str  # of everything below and of what was made of it
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocuments:
    """What the last readings left behind."""

    open: Mapping[Key, str]  # the item of each document that was open; empty where it could not be read
    cursors: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class DocumentsTaken:
    """How much of a reading was new."""

    changed: int = 0
    unchanged: int = 0
    left: int = 0  # documents that left the open set


def load_known(connection: Connection, company_id: str, source: str) -> KnownDocuments:
    """Give what was known of a source before tonight."""
    document, stream = REMOTE_DOCUMENT.c, SOURCE_CURSOR.c
    rows = connection.execute(
        select(document.kind, document.remote_id, document.item_id).where(
            document.company_id == company_id, document.source == source, document.standing == OPEN
        )
    )
    cursors = connection.execute(
        select(stream.stream, stream.cursor).where(stream.company_id == company_id, stream.source == source)
    )
    return KnownDocuments(
        open={(kind, remote_id): item_id for kind, remote_id, item_id in rows},
        cursors={str(name): str(cursor) for name, cursor in cursors},
    )


def load_told(connection: Connection, company_id: str, source: str) -> dict[Key, bytes]:
    """Give what a source said of each document that was open at the last reading; ``unpacked`` makes JSON of it."""
    document = REMOTE_DOCUMENT.c
    rows = connection.execute(
        select(document.kind, document.remote_id, document.payload).where(
            document.company_id == company_id, document.source == source, document.standing == OPEN
        )
    )
    return {(kind, remote_id): payload for kind, remote_id, payload in rows}


def unpacked(payload: bytes) -> bytes:
    """Give back the JSON of a stored document."""
    return zlib.decompress(payload)


def save_documents(
    connection: Connection,
    company_id: str,
    source: str,
    rows: Iterable[RemoteRow],
    *,
    unclear: Collection[Key] = (),
    run_date: date,
    cursors: Mapping[str, str],
) -> DocumentsTaken:
    """Take in what was read, a few thousand documents at a time; what is as it was costs no writing.

    A document that cannot be read leaves its item as it was, and marks it as not seen; so do those in ``unclear``,
    which left the open set and nobody knows yet why.
    """
    taken = DocumentsTaken()
    open_before = load_known(connection, company_id, source).open
    mark_unread(connection, company_id, [open_before[key] for key in unclear if open_before.get(key)])
    rest = iter(rows)
    while some := list(islice(rest, _TOGETHER)):
        _save_some(connection, company_id, source, some, run_date, taken)
    upsert(
        connection,
        SOURCE_CURSOR,
        [
            {"company_id": company_id, "source": source, "stream": stream, "cursor": cursor}
            for stream, cursor in cursors.items()
        ],
    )
    return taken


def load_payload(connection: Connection, company_id: str, item_id: str) -> bytes | None:
    """Give what the tool said last of an item, as JSON; None where it came from no tool."""
    document = REMOTE_DOCUMENT.c
    packed = connection.execute(
        select(document.payload).where(document.company_id == company_id, document.item_id == item_id)
    ).scalar()
    return None if packed is None else unpacked(packed)


def load_keys(connection: Connection, company_id: str) -> dict[str, Key]:
    """Give how the tools themselves name each item that came from one."""
    document = REMOTE_DOCUMENT.c
    rows = connection.execute(
        select(document.item_id, document.kind, document.remote_id).where(
            document.company_id == company_id, document.item_id != ""
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def find_key(connection: Connection, company_id: str, source: str, item_id: str) -> Key | None:
    """Give how the tool itself names an item; None for an item that came from no tool."""
    document = REMOTE_DOCUMENT.c
    row = connection.execute(
        select(document.kind, document.remote_id).where(
            document.company_id == company_id, document.source == source, document.item_id == item_id
        )
    ).first()
    return None if row is None else (row[0], row[1])


def _save_some(
    connection: Connection,
    company_id: str,
    source: str,
    rows: Sequence[RemoteRow],
    run_date: date,
    taken: DocumentsTaken,
) -> None:
    stored = _stored(connection, company_id, source, rows)
    changed = [row for row in rows if stored.get((row.kind, row.remote_id), _NEW)[:2] != (row.sha256, row.standing)]
    taken.changed += len(changed)
    taken.unchanged += len(rows) - len(changed)
    items = [row.item for row in changed if row.item is not None and row.standing not in _GONE]
    lost = [(row, stored.get((row.kind, row.remote_id), _NEW)[2]) for row in changed]
    gone = [item_id for row, item_id in lost if row.standing in _GONE and item_id]
    unread = [item_id for row, item_id in lost if row.item is None and row.standing not in _GONE and item_id]
    save_changed_items(connection, company_id, source, items, gone=gone, unread=unread, run_date=run_date)
    left = (row for row in changed if row.standing != OPEN)
    taken.left += sum(stored.get((row.kind, row.remote_id), _NEW)[1] == OPEN for row in left)
    upsert(
        connection,
        REMOTE_DOCUMENT,
        [
            {
                "company_id": company_id,
                "source": source,
                "kind": row.kind,
                "remote_id": row.remote_id,
                "item_id": row.item.item_id if row.item is not None else known,
                "sha256": row.sha256,
                "standing": row.standing,
                "read_on": run_date,
                "payload": zlib.compress(row.payload),
            }
            for row, known in lost
        ],
    )


def _stored(
    connection: Connection, company_id: str, source: str, rows: Sequence[RemoteRow]
) -> dict[Key, tuple[str, str, str]]:
    document = REMOTE_DOCUMENT.c
    found = connection.execute(
        select(document.kind, document.remote_id, document.sha256, document.standing, document.item_id).where(
            document.company_id == company_id,
            document.source == source,
            among(connection, document.remote_id, [row.remote_id for row in rows]),
        )
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in found}
