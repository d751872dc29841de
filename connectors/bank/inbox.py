"""The inbox folder (Posteingang): what waits in it, and where a file goes once it was read or refused."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE: Final = "archive"
REJECTED: Final = "rejected"
_UNFINISHED: Final = frozenset({".part", ".tmp", ".filepart"})  # uploads still under way
_CHUNK: Final = 1024 * 1024


def waiting(folder: Path) -> list[Path]:
    """List the files that wait to be read, by name; plain files only, nothing hidden, nothing half uploaded.

    Raise Refused where the folder is missing or may not be read: an empty list would look like a quiet night.
    """
    if not folder.is_dir():
        raise Refused(
            f"{folder}: the inbox folder does not exist\n    Create it, or correct `inbox` in the configuration."
        )
    with _explained(folder, "read"):
        return sorted(path for path in folder.iterdir() if _is_statement_file(path))


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal, read in pieces."""
    digest = hashlib.sha256()
    with _explained(path, "read"), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def archive(path: Path, sha256: str) -> Path:
    """Move a file that was read to ``archive/<year>/`` and give its new place; doing it twice changes nothing.

    The year is that of the file's last change. A different file of the same name keeps both: the newcomer gets the
    first eight digits of its hash. The same file delivered again only leaves the inbox.
    """
    folder = path.parent / ARCHIVE
    if not path.exists():
        return _moved_before(path, folder.glob(f"*/{_escaped(path.stem)}*"), sha256)
    with _explained(path, "moved to the archive"):
        year = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).year
        return _move(path, folder / str(year), sha256)


def reject(path: Path, sha256: str, reason: str) -> Path:
    """Move an unreadable file, untouched, to ``rejected/`` beside ``<name>.reason.txt``; give its new place.

    The reason is on disk before the file moves. A crash in between leaves the file in the inbox, and the next run
    writes the same reason again.
    """
    folder = path.parent / REJECTED
    if not path.exists():
        return _moved_before(path, folder.glob(f"{_escaped(path.stem)}*"), sha256)
    with _explained(path, "moved to rejected/"):
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, path, sha256)
        _write_atomically(target.with_name(f"{target.name}.reason.txt"), reason)
        return _move(path, folder, sha256)


def _is_statement_file(path: Path) -> bool:
    hidden_or_unfinished = path.name.startswith(".") or path.suffix.lower() in _UNFINISHED
    return path.is_file() and not path.is_symlink() and not hidden_or_unfinished


def _move(path: Path, folder: Path, sha256: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = _free_name(folder, path, sha256)
    if target.exists():  # the same bytes are there already
        path.unlink()
    else:
        path.replace(target)
    _keep(folder)
    _keep(path.parent)
    return target


def _free_name(folder: Path, path: Path, sha256: str) -> Path:
    """Give the name that is free, or that holds these very bytes."""
    target = folder / path.name
    if target.exists() and sha256_of(target) != sha256:
        target = folder / f"{path.stem}-{sha256[:8]}{path.suffix}"
    return target


def _moved_before(path: Path, candidates: Iterator[Path], sha256: str) -> Path:
    for candidate in candidates:
        if candidate.is_file() and sha256_of(candidate) == sha256:
            return candidate
    raise Refused(
        f"{path}: the file has vanished from the inbox\n    Somebody moved or deleted it while it was read; "
        "put it back, so that it can be archived."
    )


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _write_atomically(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text.rstrip("\n") + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _keep(path.parent)


def _keep(folder: Path) -> None:
    """Make a folder's new names survive a power failure; Windows keeps them by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_IN_WORDS: Final = MappingProxyType(
    {
        errno.EACCES: ("we have no right to it", "Give the service the right to read and write the inbox."),
        errno.EPERM: ("we have no right to it", "Give the service the right to read and write the inbox."),
        errno.EROFS: ("the folder is read-only", "Mount it writable, or choose another inbox."),
        errno.ENOSPC: ("the disk is full", "Make room on the disk; nothing is lost, the next run goes on."),
        errno.EDQUOT: ("the disk quota is used up", "Make room, or have the quota raised."),
        errno.ENOENT: ("it has vanished meanwhile", "Look who else moves files out of the inbox."),
    }
)


@contextmanager
def _explained(path: Path, doing: str) -> Iterator[None]:
    """Turn what the operating system refuses into Refused: path, reason in words, remedy."""
    try:
        yield
    except OSError as error:
        why, what_to_do = _IN_WORDS.get(
            error.errno or 0, (error.strerror or str(error), "Check the folder and its disk.")
        )
        raise Refused(f"{path}: cannot be {doing}, because {why}\n    {what_to_do}") from error
