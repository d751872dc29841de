"""SFTP: statement folders on a server, of a bank, a service provider, or an EBICS program of one's own."""

from __future__ import annotations

import fnmatch
import posixpath
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from connectors.bank.container import is_rubbish
from connectors.bank.inbox import is_under_way, lay_in, waiting
from connectors.bank.wire.fetching import Fetched, FetchSettings
from connectors.bank.wire.sftp_key import is_fingerprint
from connectors.bank.wire.sftp_session import BROKEN, printed, signed_in, words
from connectors.wire.settings import SecretSettings
from ledger.errors import Refused, Unavailable, Unreadable
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paramiko import SFTPAttributes, SFTPClient

    from connectors.bank.wire.fetching import Remember
    from connectors.wire.line import SecretReader

_MOST_FILES: Final = 20_000  # in one folder: a list without an end would fill the memory
_PIECE_BYTES: Final = 32_768
_PIECES_AHEAD: Final = 64  # 2 MB are under way at most
_KEEP: Final = "keep"
_MOVE: Final = "move:"


class SftpSettings(FetchSettings):
    """A folder on an SFTP server. Its host key is pinned: whoever shows another one is not talked to."""

    kind: Literal["sftp"]
    host: str = Field(min_length=1)
    port: int = Field(22, ge=1, le=65535)
    user: str = Field(min_length=1)
    host_keys: tuple[str, ...] = Field(min_length=1)  # fingerprints: "SHA256:…"
    key: SecretSettings | None = None  # a private key, as ssh-keygen writes it
    key_passphrase: SecretSettings | None = None
    password: SecretSettings | None = None
    folder: str = "."
    patterns: tuple[str, ...] = ("*",)  # of file names; capital and small letters differ
    after: str = _KEEP  # what becomes of a file there: "keep" or "move:FOLDER"
    largest_mb: int = Field(256, ge=1, le=4096)
    silence_seconds: float = Field(30, gt=0, le=600)
    longest_minutes: float = Field(15, gt=0, le=240)
    settle_seconds: float = Field(5, ge=0, le=600)  # between two looks: what grows meanwhile is not whole yet

    @property
    def aside(self) -> str:
        """The folder that fetched files are moved into; empty where they are kept."""
        return posixpath.join(self.folder, self.after.removeprefix(_MOVE)) if self.after != _KEEP else ""

    @field_validator("host_keys")
    @classmethod
    def _are_fingerprints(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not is_fingerprint(one):
                raise ValueError(f'{one!r} is no fingerprint; write it as ssh-keygen -l shows it: "SHA256:…"')
        return value

    @field_validator("after")
    @classmethod
    def _can_be_done(cls, value: str) -> str:
        if value != _KEEP and not (value.startswith(_MOVE) and value.removeprefix(_MOVE).strip("./ ")):
            raise ValueError(f'{value!r} cannot be done; write "{_KEEP}" or "{_MOVE}FOLDER"')
        return value

    @model_validator(mode="after")
    def _prove_who_we_are(self) -> Self:
        if self.key is None and self.password is None:
            raise ValueError("name a key or a password")
        if self.key_passphrase and self.key is None:
            raise ValueError("key_passphrase opens a key: name the key")
        return self


class _Remote(NamedTuple):
    """A file on the server, as one look showed it."""

    size_bytes: int
    modified_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sftp:
    """Fetches what is new in a folder, and changes nothing there unless ``after`` says so."""

    settings: SftpSettings
    secret: SecretReader
    sleep: Callable[[float], None] = time.sleep

    def check(self) -> str:
        """Sign in and look into the folder; say what is there."""
        with self._visit() as visit:
            files, _ = visit.look()
        return f"{self.settings.host} lets us in; {len(files)} files in {self.settings.folder} are looked for"

    def fetch(self, inbox: Path, seen: Mapping[str, Fetched], remember: Remember) -> list[Finding]:
        """Lay each file that was not ``seen`` as it is now into ``inbox``; tell what was left out, and why.

        Raises Refused and Unavailable when nothing more can be fetched; what was remembered before lies in the inbox.
        """
        waiting(inbox)  # before anybody is asked: without it there is nowhere to lay anything
        with self._visit() as visit:
            files, findings = visit.look()
            new = [name for name in sorted(files) if not _is(seen.get(name), files[name])]
            done, known = dict(seen), {one.sha256 for one in seen.values()}
            for name, steady in visit.look_again(new, files, self.sleep):
                if not steady:
                    findings.append(visit.left_out(name, "it is still being written, or was just changed"))
                    continue
                try:
                    done[name] = visit.take(name, files[name], inbox, known)
                except Unreadable as error:
                    findings.append(visit.left_out(name, str(error)))
                    continue
                known.add(done[name].sha256)
                remember(done[name])
            for name in sorted(files):
                if self.settings.aside and _is(done.get(name), files[name]):
                    findings += visit.put_aside(done[name])
        return findings

    @contextmanager
    def _visit(self) -> Iterator[_Visit]:
        with signed_in(self.settings, self.secret) as server:
            yield _Visit(self.settings, server)


def _is(seen: Fetched | None, remote: _Remote) -> bool:
    """Whether a file is as it was when it was fetched."""
    return seen is not None and (seen.size_bytes, seen.modified_at) == remote


@dataclass(frozen=True, slots=True)
class _Visit:
    """The folder, while we are signed in."""

    settings: SftpSettings
    server: SFTPClient

    def look(self) -> tuple[dict[str, _Remote], list[Finding]]:
        """List the files that are looked for; tell of those that are no plain files of this folder."""
        files: dict[str, _Remote] = {}
        findings: list[Finding] = []
        for number, row in enumerate(self._rows()):
            if number >= _MOST_FILES:
                raise Refused(
                    f"{self.settings.folder} holds more than {_MOST_FILES} files\n"
                    '    Clear it up, or let what was fetched be moved: after = "move:FOLDER"'
                )
            if not self._is_looked_for(row):
                continue
            if why := _strange(row):
                findings.append(self.left_out(row.filename, why))
            elif row.st_size:  # of what is empty the content is still to come
                files[row.filename] = _remote(row)
        return files, findings

    def look_again(
        self, names: list[str], before: Mapping[str, _Remote], sleep: Callable[[float], None]
    ) -> list[tuple[str, bool]]:
        """Say of each file whether it stayed as it was for a while, as half an upload would not."""
        if not names:
            return []
        sleep(self.settings.settle_seconds)
        now, _ = self.look()
        return [(name, now.get(name) == before[name]) for name in names]

    def take(self, name: str, remote: _Remote, inbox: Path, known: set[str]) -> Fetched:
        """Fetch one file into the inbox; raise Unreadable where this one cannot be had."""
        if remote.size_bytes > self.settings.largest_mb * 1024 * 1024:
            raise Unreadable(f"it has {remote.size_bytes} bytes; largest_mb allows {self.settings.largest_mb} MB")
        sha256 = lay_in(inbox, name, self._pieces(name, remote), known)
        return Fetched(name=name, size_bytes=remote.size_bytes, modified_at=remote.modified_at, sha256=sha256)

    def put_aside(self, fetched: Fetched) -> Iterator[Finding]:
        """Move a file that lies in our inbox; nothing that changed meanwhile, and never over another file."""
        try:
            if not _is(fetched, _remote(self.server.lstat(self._path(fetched.name)))):
                return  # the next night fetches it as it is now
            self.server.rename(self._path(fetched.name), self._free_place(fetched))
        except BROKEN as error:
            yield Finding(
                code="fetched_file_not_moved",
                place=self._place(fetched.name),
                what=f"it was fetched, but cannot be moved into {self.settings.aside}: {self._refusal(error)}",
                what_to_do="Make that folder on the server and let us write there; the next night tries again.",
            )

    def left_out(self, name: str, why: str) -> Finding:
        """Tell that a file was not fetched."""
        return Finding(
            code="file_not_fetched",
            severity=Severity.WARNING,
            place=self._place(name),
            what=f"the file was not fetched: {why}",
            what_to_do="The next night tries again. Where it is needed today, lay it into the inbox by hand.",
        )

    def _rows(self) -> Iterator[SFTPAttributes]:
        try:
            yield from self.server.listdir_iter(self.settings.folder, read_aheads=1)
        except UnicodeDecodeError:
            raise Refused(
                f"{self.settings.folder} holds a file whose name is not in UTF-8\n    Rename it on the server."
            ) from None
        except BROKEN as error:
            raise Refused(f"the folder {self.settings.folder} cannot be read: {self._refusal(error)}") from None

    def _is_looked_for(self, row: SFTPAttributes) -> bool:
        name = row.filename
        wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in self.settings.patterns)
        return wanted and not (is_under_way(name) or is_rubbish(name)) and not stat.S_ISDIR(row.st_mode or 0)

    def _pieces(self, name: str, remote: _Remote) -> Iterator[bytes]:
        """Read a file piece by piece; raise Unreadable where it is not, or no longer, what the look showed."""
        missing = remote.size_bytes
        try:
            with self.server.open(self._path(name), "rb") as file:
                file.prefetch(remote.size_bytes, _PIECES_AHEAD)
                while missing > 0 and (piece := file.read(min(missing, _PIECE_BYTES))):
                    missing -= len(piece)
                    yield piece
            now = _remote(self.server.lstat(self._path(name)))
        except BROKEN as error:
            raise Unreadable(f"the server does not give it: {self._refusal(error)}") from None
        if missing or now != remote:
            raise Unreadable("it changed while it was fetched")

    def _free_place(self, fetched: Fetched) -> str:
        """Give the place a file is moved to; where its name is taken there, with the digits of its hash."""
        name = PurePosixPath(fetched.name)
        place = posixpath.join(self.settings.aside, fetched.name)
        try:
            self.server.lstat(place)
        except FileNotFoundError:
            return place
        return posixpath.join(self.settings.aside, f"{name.stem}-{fetched.sha256[:8]}{name.suffix}")

    def _refusal(self, error: Exception) -> str:
        """Give the server's own words for what it does not do; raise Unavailable where the connection broke."""
        channel = self.server.get_channel()
        silent_or_gone = not isinstance(error, OSError) or isinstance(error, TimeoutError | ConnectionError)
        if silent_or_gone or channel is None or channel.closed:
            raise Unavailable(f"the connection to {self.settings.host} broke: {words(error)}") from None
        return words(error)

    def _path(self, name: str) -> str:
        return posixpath.join(self.settings.folder, name)

    def _place(self, name: str) -> str:
        return f"{self.settings.name}: {printed(name)}"


def _remote(row: SFTPAttributes) -> _Remote:
    return _Remote(row.st_size or 0, row.st_mtime or 0)


def _strange(row: SFTPAttributes) -> str:
    """Say why a name is not followed; empty for a plain file of this folder."""
    name = row.filename
    if "/" in name or "\\" in name or not name.isprintable():
        return "its name leads out of the folder, or cannot be shown"
    if row.st_mode is not None and not stat.S_ISREG(row.st_mode):
        return "it is a link or a device, and no file"
    return ""
