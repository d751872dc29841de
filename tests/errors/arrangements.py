"""What the world does to an office meanwhile: disks fill up, locks are held, servers refuse.

Each is real where that is possible for everybody: a file system of 64 KB or one mounted read-only needs root; without
it the system's answer is given at the same place.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, event

from storage import database
from tests.e2e.mail_server import PASSWORD, MailServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import pytest

    Arrangement = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[dict[str, str]]]


@contextmanager
def _mounted(folder: Path, *steps: list[str]) -> Iterator[bool]:
    """Mount something on a folder; False where this machine or this user cannot."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    done = mount is not None and all(_succeeds([mount, *step, str(folder)]) for step in steps)
    try:
        yield done
    finally:
        _succeeds(["umount", "--lazy", str(folder)])


def _succeeds(command: list[str]) -> bool:
    if os.geteuid() != 0 or not shutil.which(command[0]):
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _answers(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """Let every new folder below a folder be refused the way the system would."""
    make = Path.mkdir

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if path.is_relative_to(folder) and not path.is_dir():
            raise OSError(number, os.strerror(number), str(path))
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)


@contextmanager
def full_output(office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The disk of the output folder is full."""
    with _mounted(office / "output", ["-t", "tmpfs", "-o", "size=4k", "tmpfs"]) as real:
        if not real:
            _answers(monkeypatch, office / "output", errno.ENOSPC)
        yield {}


@contextmanager
def read_only_output(office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The output folder was mounted read-only."""
    output = office / "output"
    with _mounted(output, ["--bind", str(output)], ["-o", "remount,bind,ro"]) as real:
        if not real:
            _answers(monkeypatch, output, errno.EROFS)
        yield {}


@contextmanager
def read_only_inbox(office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The inbox was mounted read-only."""
    inbox = office / "inbox"
    shutil.rmtree(inbox / "archive")
    with _mounted(inbox, ["--bind", str(inbox)], ["-o", "remount,bind,ro"]) as real:
        if not real:
            _answers(monkeypatch, inbox, errno.EROFS)
        yield {}


@contextmanager
def _pragma(statement: str) -> Iterator[dict[str, str]]:
    def tell(connection: Any, _record: object) -> None:
        connection.execute(statement)

    event.listen(Engine, "connect", tell)
    try:
        yield {}
    finally:
        event.remove(Engine, "connect", tell)


@contextmanager
def full_database_disk(_office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """SQLite gets no more room for its file."""
    with _pragma("PRAGMA max_page_count = 1"):
        yield {}


@contextmanager
def read_only_database(_office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """SQLite may not write its file."""
    with _pragma("PRAGMA query_only = ON"):
        yield {}


@contextmanager
def locked_database(office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Another program is writing into the database and does not come to an end."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    other = sqlite3.connect(office / "kontorist.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield {}
    finally:
        other.close()


@contextmanager
def large_statement(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A statement of 1.5 MB lies in the inbox."""
    with (office / "inbox" / "2026-06-30.xml").open("ab") as file:
        file.write(b"\n" * 1_500_000)
    yield {}


@contextmanager
def two_gigabytes(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Two gigabytes of nothing lie in the inbox."""
    with (office / "inbox" / "2026-06-30.xml").open("r+b") as file:
        file.truncate(2 * 1024**3)
    yield {}


@contextmanager
def no_inbox(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Somebody has removed the inbox folder."""
    shutil.rmtree(office / "inbox")
    yield {}


@contextmanager
def no_open_items(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The accounting tool has not exported tonight."""
    (office / "open_items.csv").unlink()
    yield {}


@contextmanager
def no_debtors(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The list of debtors is not there."""
    (office / "debtors.csv").unlink()
    yield {}


@contextmanager
def no_configuration(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """There is no configuration."""
    (office / "kontorist.toml").unlink()
    yield {}


@contextmanager
def no_password(_office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The variable with the password is not set."""
    monkeypatch.delenv("SMTP_SECRET", raising=False)
    yield {}


@contextmanager
def newer_database(office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A newer version of the program has been here before."""
    connection = sqlite3.connect(office / "kontorist.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    connection.commit()
    connection.close()
    yield {}


@contextmanager
def _mail_server(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.setenv("SMTP_SECRET", PASSWORD)
    server.start()
    try:
        yield {"port": str(server.port)}
    finally:
        server.stop()


@contextmanager
def recipient_refused(_office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The mail server knows no such recipient."""
    with _mail_server(
        MailServer(answers={"kasse@huber.example": "550 5.1.1 no such mailbox"}), monkeypatch
    ) as values:
        yield values


@contextmanager
def recipient_delayed(_office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The mail server wants the mail later."""
    with _mail_server(MailServer(answers={"kasse@huber.example": "451 4.3.0 mailbox busy"}), monkeypatch) as values:
        yield values


@contextmanager
def server_hangs_up(_office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The mail server takes the mail and says nothing."""
    with _mail_server(MailServer(hangs_up=True), monkeypatch) as values:
        yield values


@contextmanager
def wrong_password(_office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The mail server does not accept the password."""
    with _mail_server(MailServer(), monkeypatch) as values:
        monkeypatch.setenv("SMTP_SECRET", "falsch")
        yield values


@contextmanager
def server_out_of_reach(_office: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Nobody listens where the mail server should be."""
    yield {"port": str(MailServer().port)}


ARRANGEMENTS: Final = MappingProxyType(
    {
        arrangement.__name__: arrangement
        for arrangement in (
            full_output,
            read_only_output,
            read_only_inbox,
            full_database_disk,
            read_only_database,
            locked_database,
            large_statement,
            two_gigabytes,
            no_inbox,
            no_open_items,
            no_debtors,
            no_configuration,
            no_password,
            newer_database,
            recipient_refused,
            recipient_delayed,
            server_hangs_up,
            wrong_password,
            server_out_of_reach,
        )
    }
)
