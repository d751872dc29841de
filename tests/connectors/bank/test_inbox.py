"""The inbox folder: nothing is lost, nothing is read twice, and a crash at any instruction changes nothing."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank import inbox
from connectors.bank.container import Member
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


@pytest.fixture
def member(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Member]:
    """Unpack a file of a container, as far as the inbox knows: somewhere else, under a number."""

    def member(name: str = "c53.zip/2026-06-30_C53.xml", content: bytes = b"content") -> Member:
        path = tmp_path_factory.mktemp("unpacked") / "1"
        path.write_bytes(content)
        return Member(name, path, inbox.sha256_of(path))

    return member


def test_a_rejected_file_of_a_container_lies_untouched_beside_its_reason(
    member: Callable[..., Member], tmp_path: Path
) -> None:
    one = member(content=b"\xff broken \x00")
    assert inbox.reject_member(one, tmp_path, "c53.zip/a.xml:3: Überraschung") == (
        tmp_path / "rejected" / "c53.zip--2026-06-30_C53.xml"
    )
    assert tree(tmp_path) == {
        "rejected/c53.zip--2026-06-30_C53.xml": b"\xff broken \x00",
        "rejected/c53.zip--2026-06-30_C53.xml.reason.txt": "c53.zip/a.xml:3: Überraschung\n".encode(),
    }
    assert one.path.exists()


def test_rejecting_a_file_of_a_container_twice_changes_nothing_and_another_one_keeps_both(
    member: Callable[..., Member], tmp_path: Path
) -> None:
    first = inbox.reject_member(member(), tmp_path, "reason")
    before = tree(tmp_path)
    assert inbox.reject_member(member(), tmp_path, "reason") == first
    assert tree(tmp_path) == before
    other = member(content=b"other")
    second = inbox.reject_member(other, tmp_path, "other reason")
    assert second.name == f"c53.zip--2026-06-30_C53-{other.sha256[:8]}.xml"
    assert before.items() <= tree(tmp_path).items()
    assert len(tree(tmp_path)) == 4


@pytest.mark.parametrize("step", range(8))
def test_a_crash_at_any_step_of_rejecting_a_file_of_a_container_ends_in_the_same_state(
    step: int, member: Callable[..., Member], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _crash_at(step, patched)
        with suppress(Crash):
            inbox.reject_member(member(), tmp_path, "reason")
    target = tmp_path / "rejected" / "c53.zip--2026-06-30_C53.xml"
    assert not target.exists() or target.read_bytes() == b"content"
    inbox.reject_member(member(), tmp_path, "reason")
    assert tree(tmp_path) == {
        "rejected/c53.zip--2026-06-30_C53.xml": b"content",
        "rejected/c53.zip--2026-06-30_C53.xml.reason.txt": b"reason\n",
    }


def test_a_full_disk_is_told_when_a_file_of_a_container_is_rejected(
    member: Callable[..., Member], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(Refused, match=r"cannot be written to rejected/, because the disk is full"):
        inbox.reject_member(member(), tmp_path, "reason")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c53.zip/2026-06-30_C53.xml", "c53.zip--2026-06-30_C53.xml"),
        ("c53.zip/in.tar/Auszüge/a.xml", "c53.zip--in.tar--Auszüge--a.xml"),
        ("c53.zip/a\u0308.xml", "c53.zip--ä.xml"),
        ("c53.zip\\..\\a.xml", "c53.zip--..--a.xml"),
        ("../../etc/passwd", "--..--etc--passwd"),
        ('c53.zip/a<b>c:d"e|f?g*h\n\x00\u202e.xml', "c53.zip--a_b_c_d_e_f_g_h___.xml"),
        ("CON.zip/a.xml", "_CON.zip--a.xml"),
        ("nul", "_nul"),
        ("...", "_"),
        ("", "_"),
        (".hidden/a. . ", "hidden--a"),
        ("a.xml.reason.txt", "a.xml_reason.txt"),
        (f"c53.zip/{'x' * 300}.xml", f"c53.zip--{'x' * 97}.xml"),
        (f"c53.zip/{'ü' * 300}.xml", f"c53.zip--{'ü' * 48}.xml"),
        (f"c53.zip/a.{'x' * 300}", f"c53.zip--a.{'x' * 99}"),
    ],
)
def test_a_name_from_outside_becomes_a_file_name_for_every_system(name: str, expected: str) -> None:
    assert inbox.member_file_name(name) == expected


@given(name=st.text() | st.text(alphabet="./\\ :\0conCON1.", max_size=200) | st.text("x.reasontü", max_size=200))
def test_whatever_a_container_calls_its_files_their_names_are_safe(name: str) -> None:
    safe = inbox.member_file_name(name)
    assert 0 < len(safe.encode()) <= 111
    assert safe.isprintable()
    assert not set(safe) & set('<>:"/\\|?*')
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " ", ".reason.txt"))
    assert safe.partition(".")[0].strip().lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
    ending = name.rpartition(".")[2]
    if (
        len(ending) <= 4
        and ending.isascii()
        and ending.isalnum()
        and name.partition(".")[0].isalnum()
        and "." in name
    ):
        assert safe.endswith((f".{ending}", "_reason.txt"))


def test_what_a_system_leaves_in_the_inbox_does_not_wait(tmp_path: Path) -> None:
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "a.xml", "b.xml.crdownload"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in inbox.waiting(tmp_path)] == ["a.xml"]
