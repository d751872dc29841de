"""The inbox folder: nothing is lost, nothing is read twice, and a crash at any instruction changes nothing."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.bank import inbox
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

MAY = datetime(2026, 5, 4, tzinfo=UTC).timestamp()


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., tuple[Path, str]]:
    """Put a file into the inbox; give its path and hash."""

    def put(name: str = "may.sta", content: bytes = b"content") -> tuple[Path, str]:
        path = tmp_path / name
        path.write_bytes(content)
        os.utime(path, (MAY, MAY))
        return path, inbox.sha256_of(path)

    return put


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_finished_plain_files_wait_in_order(tmp_path: Path) -> None:
    for name in (
        "b.sta",
        "a.xml",
        ".hidden",
        "up.part",
        "up.tmp",
        "up.FILEPART",
        "archive/old.sta",
        "rejected/x.sta",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "c.sta").symlink_to(tmp_path / "b.sta")
    assert [path.name for path in inbox.waiting(tmp_path)] == ["a.xml", "b.sta"]


def test_a_missing_inbox_is_refused_not_empty(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"does not exist\n    Create it, or correct `inbox` in the configuration"):
        inbox.waiting(tmp_path / "nowhere")


def test_a_read_file_is_archived_by_year(put: Callable[..., tuple[Path, str]], tmp_path: Path) -> None:
    path, sha256 = put()
    assert inbox.archive(path, sha256) == tmp_path / "archive" / "2026" / "may.sta"
    assert tree(tmp_path) == {"archive/2026/may.sta": b"content"}


def test_archiving_again_after_a_crash_changes_nothing(put: Callable[..., tuple[Path, str]], tmp_path: Path) -> None:
    path, sha256 = put()
    first = inbox.archive(path, sha256)
    assert inbox.archive(path, sha256) == first
    assert len(tree(tmp_path)) == 1


def test_the_same_file_delivered_again_only_leaves_the_inbox(
    put: Callable[..., tuple[Path, str]], tmp_path: Path
) -> None:
    inbox.archive(*put())
    inbox.archive(*put())
    assert tree(tmp_path) == {"archive/2026/may.sta": b"content"}


def test_another_file_of_the_same_name_keeps_both(put: Callable[..., tuple[Path, str]], tmp_path: Path) -> None:
    inbox.archive(*put())
    other, sha256 = put(content=b"other")
    assert inbox.archive(other, sha256).name == f"may-{sha256[:8]}.sta"
    again, sha256 = put(content=b"other")
    inbox.archive(again, sha256)
    assert sorted(tree(tmp_path).values()) == [b"content", b"other"]


def test_a_file_that_vanished_is_told(put: Callable[..., tuple[Path, str]]) -> None:
    path, sha256 = put()
    path.unlink()
    with pytest.raises(Refused, match="vanished from the inbox"):
        inbox.archive(path, sha256)
    with pytest.raises(Refused, match="vanished from the inbox"):
        inbox.reject(path, sha256, "why")


def test_a_rejected_file_lies_untouched_beside_its_reason(
    put: Callable[..., tuple[Path, str]], tmp_path: Path
) -> None:
    path, sha256 = put(content=b"\xff broken \x00")
    inbox.reject(path, sha256, "may.sta:3: Überraschung\n    Fetch it again.")
    assert tree(tmp_path) == {
        "rejected/may.sta": b"\xff broken \x00",
        "rejected/may.sta.reason.txt": "may.sta:3: Überraschung\n    Fetch it again.\n".encode(),
    }


def test_two_different_rejected_files_of_one_name_keep_their_own_reasons(
    put: Callable[..., tuple[Path, str]], tmp_path: Path
) -> None:
    inbox.reject(*put(), "first reason")
    second, sha256 = put(content=b"other")
    inbox.reject(second, sha256, "second reason")
    name = f"may-{sha256[:8]}.sta"
    assert tree(tmp_path) == {
        "rejected/may.sta": b"content",
        "rejected/may.sta.reason.txt": b"first reason\n",
        f"rejected/{name}": b"other",
        f"rejected/{name}.reason.txt": b"second reason\n",
    }


class Crash(BaseException):
    """The process is killed."""


@pytest.mark.parametrize("step", range(8))
def test_a_crash_at_any_step_of_rejecting_ends_in_the_same_state(
    step: int, put: Callable[..., tuple[Path, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sha256 = put()
    with monkeypatch.context() as patched:
        _crash_at(step, patched)
        try:
            inbox.reject(path, sha256, "reason")
        except Crash:
            assert b"content" in tree(tmp_path).values()
    for waiting in inbox.waiting(tmp_path):
        inbox.reject(waiting, sha256, "reason")
    assert inbox.reject(path, sha256, "reason") == tmp_path / "rejected" / "may.sta"
    assert tree(tmp_path) == {"rejected/may.sta": b"content", "rejected/may.sta.reason.txt": b"reason\n"}


def _crash_at(step: int, patched: pytest.MonkeyPatch) -> None:
    calls = 0

    def counting(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal calls
            if calls == step:
                raise Crash
            calls += 1
            return real(*arguments, **options)

        return call

    for target, name in ((os, "fsync"), (Path, "replace"), (Path, "mkdir")):
        patched.setattr(target, name, counting(getattr(target, name)))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "because the disk is full\n    Make room on the disk"),
        (errno.EROFS, "because the folder is read-only\n    Mount it writable"),
        (errno.EACCES, "because we have no right to it\n    Give the service the right"),
        (errno.EIO, f"because {os.strerror(errno.EIO)}\n    Check the folder and its disk"),
    ],
)
def test_what_the_system_refuses_is_told_in_words_and_loses_nothing(
    number: int, words: str, put: Callable[..., tuple[Path, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sha256 = put()

    def failing(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(Refused, match=words) as caught:
        inbox.archive(path, sha256)
    assert str(caught.value).startswith(f"{path}: cannot be moved to the archive, because")
    with pytest.raises(Refused, match=words):
        inbox.reject(path, sha256, "reason")
    assert path.read_bytes() == b"content"
    assert inbox.waiting(tmp_path) == [path]
