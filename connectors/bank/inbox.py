"""The inbox folder (Posteingang): what waits in it, and where a file goes once it was read or refused."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import unicodedata
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.bank.container import is_rubbish
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path
    from typing import IO

    from connectors.bank.container import Member

ARCHIVE: Final = "archive"
REJECTED: Final = "rejected"
_UNFINISHED: Final = frozenset({".part", ".tmp", ".filepart", ".partial", ".crdownload"})  # still under way
_REASON: Final = ".reason.txt"

# File systems allow 143 to 255 bytes, and the digits of a hash and `.reason.txt` may come behind.
_NAME_BYTES: Final = 110
_SUFFIX_BYTES: Final = 12
_NOT_IN_NAMES: Final = frozenset('<>:"/\\|?*')
_DEVICES: Final = frozenset(
    {
        "con",
        "prn",
        "aux",
        "nul",
        "conin$",
        "conout$",
        *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
    }
)


def waiting(folder: Path) -> list[Path]:
    """List the files that wait to be read, by name; plain files, nothing hidden, half uploaded or left by a system.

    Raise Refused where the folder is missing or may not be read: an empty list would look like a quiet night.
    """
    if not folder.is_dir():
        raise Refused(
            f"{folder}: the inbox folder does not exist\n    Create it, or correct `inbox` in the configuration."
        )
    with _explained(folder, "read"):
        return sorted(path for path in folder.iterdir() if _is_statement_file(path))


def is_under_way(name: str) -> bool:
    """Whether a name says that its file is hidden or not whole yet."""
    return name.startswith(".") or name.lower().endswith(tuple(_UNFINISHED))


def lay_in(folder: Path, name: str, content: Iterable[bytes], known: Container[str] = ()) -> str:
    """Lay a file that comes piece by piece into the inbox, whole or not at all; give its SHA-256.

    What is ``known`` by its hash is not laid again, and a different file of the same name is never overwritten. What
    ``content`` raises leaves nothing behind.
    """
    safe = member_file_name(name)
    if safe.lower() in {ARCHIVE, REJECTED}:  # whose places these are
        safe = f"_{safe}"
    unfinished = folder / f".{safe}.part"
    digest = hashlib.sha256()
    with _explained(folder / safe, "written"):
        unfinished.unlink(missing_ok=True)  # of a night that was cut off
        try:
            with unfinished.open("xb") as file:
                for piece in content:
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() not in known:
                unfinished.replace(_free_name(folder, safe, digest.hexdigest()))
                _keep(folder)
        finally:
            unfinished.unlink(missing_ok=True)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal, read in pieces."""
    with _explained(path, "read"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        target = _free_name(folder, path.name, sha256)
        _write_reason(target, reason)
        return _move(path, folder, sha256)


def reject_member(member: Member, inbox: Path, reason: str) -> Path:
    """Write an unreadable file of a container, untouched, to ``rejected/`` beside its reason; give its place there.

    It is called after its container and itself, ``c53.zip--2026-06-30_C53.xml``, as far as that is a name. As with
    ``reject``, the reason comes first, a different file is never overwritten, and doing it twice changes nothing.
    The container itself is archived.
    """
    folder = inbox / REJECTED
    with _explained(inbox / member_file_name(member.name), "written to rejected/"):
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, member_file_name(member.name), member.sha256)
        _write_reason(target, reason)
        if not target.exists():
            with member.path.open("rb") as source, _written_atomically(target) as file:
                shutil.copyfileobj(source, file)
        return target


def member_file_name(name: str) -> str:
    """Give a file name for what a container called whatever it liked: safe on every system, its ending kept."""
    joined = unicodedata.normalize("NFC", name.replace("\\", "/").replace("/", "--"))
    safe = "".join("_" if c in _NOT_IN_NAMES or not c.isprintable() else c for c in joined).strip(". ")
    stem, dot, suffix = safe.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix.encode()) <= _SUFFIX_BYTES else ""
    short = _cut(safe.removesuffix(ending), _NAME_BYTES - len(ending.encode())).rstrip(". ")
    if not short or short.partition(".")[0].rstrip().lower() in _DEVICES:
        short = f"_{short}"
    # A name that ends like the reason of another file would take its place.
    return f"{short}{ending}".replace(_REASON, "_reason.txt")


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _is_statement_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not is_under_way(path.name) and not is_rubbish(path.name)


def _move(path: Path, folder: Path, sha256: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = _free_name(folder, path.name, sha256)
    if target.exists():  # the same bytes are there already
        path.unlink()
    else:
        path.replace(target)
    _keep(folder)
    _keep(path.parent)
    return target


def _free_name(folder: Path, name: str, sha256: str) -> Path:
    """Give the name that is free, or that holds these very bytes."""
    target = folder / name
    if target.exists() and sha256_of(target) != sha256:
        target = target.with_name(f"{target.stem}-{sha256[:8]}{target.suffix}")
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


def _write_reason(target: Path, reason: str) -> None:
    with _written_atomically(target.with_name(f"{target.name}{_REASON}")) as file:
        file.write(f"{reason.rstrip(chr(10))}\n".encode())


@contextmanager
def _written_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to; under its name there is all of it, on the disk, or nothing."""
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        yield file
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
