"""A container (ZIP, TAR, GZIP and others, also nested): each file inside is treated as if it had come alone."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from connectors.bank.archives import HEAD_BYTES, ArchiveRefused, Kind, broken_is_refused, kind_of
from connectors.bank.format import readable, unreadable
from ledger.errors import Unreadable
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.bank.archives import Packed

_MIB: Final = 1024 * 1024

# What systems and programs leave in folders for themselves.
_RUBBISH: Final = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})

_RUBBISH_REASON: Final = "left there by the system it was packed on"
_EMPTY: Final = "empty"

_NAME_CHARACTERS: Final = 120  # of one name inside a container, as it is shown
_NAMES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one container may hold; counted while it is unpacked, because the sizes it declares may lie."""

    members: int = 10_000  # files, folders and links, over all levels
    total_bytes: int = 1024 * _MIB  # everything unpacked, the containers inside included
    ratio: int = 500  # times its own size; statements reach 20, the most uniform ones 230
    ratio_from_bytes: int = 64 * _MIB  # so little does no harm, whatever its ratio
    depth: int = 4  # inside each other; a .tar.gz is two


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """One file to be read: a plain file itself, or a file of a container, unpacked for as long as it is open."""

    name: str  # for messages: c53.zip/2026-06-30_C53.xml; printable, and never the name of a file to write
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a container in the order of their names, and what was passed over."""

    members: tuple[Member, ...]
    findings: tuple[Finding, ...] = ()


def is_container(head: bytes) -> bool:
    """Whether a file that begins with these bytes (512 or more of them) holds other files."""
    return kind_of(head) is not None


def is_rubbish(name: str) -> bool:
    """Whether a file is only there because of the system it was packed on: `.DS_Store`, `__MACOSX/…`, `Thumbs.db`."""
    parts = name.lower().split("/")
    return parts[-1].startswith("._") or not _RUBBISH.isdisjoint(parts)


@contextmanager
def members(path: Path, place: str, limits: Limits = LIMITS) -> Iterator[Contents]:
    """Open a file: a container gives its files, unpacked to a private folder for that time; any other file itself.

    A container is unpacked completely before its first file is given. Raise ``ledger.errors.Unreadable`` where it is
    broken, locked, empty or beyond the limits: then nothing of it is taken. A container *inside* that is broken or
    locked is given as the file it is, and refused on its own by whoever reads it. Raise Refused or Unavailable where
    the system gives no file or no room.
    """
    with ExitStack() as stack:
        with readable(path):
            if is_container(_head_of(path)):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kontorist-")))
                contents = _unpacked(path, place, folder, limits)
            else:
                with path.open("rb") as file:
                    contents = Contents((Member(place, path, hashlib.file_digest(file, "sha256").hexdigest()),))
        yield contents


def _unpacked(path: Path, place: str, folder: Path, limits: Limits) -> Contents:
    work = _Unpacking(place, folder, limits, packed_bytes=path.stat().st_size)
    found = _files_of(path, place, 1, work)
    if not found:
        raise unreadable(
            place,
            "the archive holds no file to be read",
            found=_listed(name for name, _ in work.passed_over),
            what_to_do="Fetch it again from the bank.",
        )
    return Contents(tuple(found), _passed_over(work))


def _files_of(container: Path, name: str, depth: int, work: _Unpacking) -> list[Member]:
    if depth > work.limits.depth:
        work.refuse(f"holds archives in archives, more than {work.limits.depth} deep")
    opens = kind_of(_head_of(container))
    assert opens is not None, container
    try:
        with broken_is_refused():
            parts = [part for packed in opens(container, name) for part in work.take(packed, name)]
    except ArchiveRefused as error:
        raise unreadable(name, f"the archive {error}", what_to_do=error.what_to_do) from error
    parts.sort(key=attrgetter("name"))
    return [member for part in parts for member in _unfolded(part, depth, work)]


def _unfolded(part: Member, depth: int, work: _Unpacking) -> list[Member]:
    """Give the files of a container inside a container, and any other file itself."""
    if not is_container(_head_of(part.path)):
        return [part]
    told_before = len(work.passed_over)
    try:
        found = _files_of(part.path, part.name, depth + 1, work)
    except Unreadable:
        if work.is_beyond_limits:
            raise
        del work.passed_over[told_before:]
        return [part]
    part.path.unlink()
    if not found and len(work.passed_over) == told_before:
        work.passed_over.append((part.name, _EMPTY))
    return found


@dataclass(slots=True)
class _Unpacking:
    """What was unpacked of one container so far, against what may be."""

    place: str
    folder: Path
    limits: Limits
    packed_bytes: int
    unpacked_bytes: int = 0
    things: int = 0
    is_beyond_limits: bool = False
    passed_over: list[tuple[str, str]] = field(default_factory=list)  # name and reason

    def take(self, packed: Packed, container: str) -> Iterator[Member]:
        """Unpack one file under a number of its own; give nothing where it is passed over."""
        self.things += 1
        if self.things > self.limits.members:
            self.refuse(f"holds more than {self.limits.members:,} files and folders")
        if packed.kind is Kind.FOLDER:
            return
        name = f"{container}/{_shown(packed.name)}"
        if is_rubbish(_shown(packed.name)):
            self.passed_over.append((name, _RUBBISH_REASON))
        elif packed.kind is Kind.OTHER:
            self.passed_over.append((name, f"a {packed.kind.value}"))
        else:
            path = self.folder / str(self.things)
            member = Member(name, path, self._write(path, packed.blocks))
            if path.stat().st_size:
                yield member
            else:
                self.passed_over.append((name, _EMPTY))

    def _write(self, path: Path, blocks: Iterator[bytes]) -> str:
        digest = hashlib.sha256()
        with path.open("xb") as file:
            for block in blocks:
                self._count(len(block))
                digest.update(block)
                file.write(block)
        return digest.hexdigest()

    def _count(self, size: int) -> None:
        self.unpacked_bytes += size
        if self.unpacked_bytes > self.limits.total_bytes:
            self.refuse(f"unpacks to more than {self.limits.total_bytes:,} bytes")
        if self.unpacked_bytes > max(self.limits.ratio_from_bytes, self.limits.ratio * self.packed_bytes):
            self.refuse(f"unpacks to more than {self.limits.ratio} times its size, which only an archive bomb does")

    def refuse(self, what: str) -> NoReturn:
        """Raise Unreadable over the container as a whole, however deep inside we are."""
        self.is_beyond_limits = True
        raise unreadable(
            self.place,
            f"the archive {what}",
            what_to_do="If it really comes from the bank, unpack it and put the files inside into the inbox.",
        )


def _passed_over(work: _Unpacking) -> tuple[Finding, ...]:
    if not work.passed_over:
        return ()
    only_rubbish = all(reason == _RUBBISH_REASON for _, reason in work.passed_over)
    return (
        Finding(
            code="archive_files_passed_over",
            severity=Severity.NOTE if only_rubbish else Severity.WARNING,
            place=work.place,
            what=f"{len(work.passed_over)} of the files inside were passed over",
            excerpt=_listed(f"{name} ({reason})" for name, reason in work.passed_over),
            what_to_do="Nothing: they are no statements."
            if only_rubbish
            else "If one of them should be a statement, fetch it again from the bank.",
        ),
    )


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _NAMES_SHOWN
    return ", ".join([*every[:_NAMES_SHOWN], *([f"and {more:,} more"] if more > 0 else [])])


def _shown(name: str) -> str:
    """Give a name from inside a container as it may be shown: printable, short, and below its container."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    printable = "".join(character if character.isprintable() else "_" for character in "/".join(parts))
    return printable[-_NAME_CHARACTERS:] or "unnamed"


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
