"""Delivery into a folder: whole or not at all, once, and never over something else."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.delivery import deliver_file
from export.file_name import safe_file_name
from ledger.errors import Refused


def test_a_file_is_delivered_and_its_folder_made(tmp_path: Path) -> None:
    path = deliver_file(tmp_path / "briefe" / "2026", "M-1.pdf", b"%PDF")
    assert path == tmp_path / "briefe" / "2026" / "M-1.pdf"
    assert path.read_bytes() == b"%PDF"
    assert [file.name for file in path.parent.iterdir()] == ["M-1.pdf"]


def test_delivering_twice_changes_nothing(tmp_path: Path) -> None:
    first = deliver_file(tmp_path, "M-1.pdf", b"%PDF")
    written = first.stat().st_mtime_ns
    assert deliver_file(tmp_path, "M-1.pdf", b"%PDF") == first
    assert first.stat().st_mtime_ns == written


def test_other_content_under_the_same_name_is_never_overwritten(tmp_path: Path) -> None:
    path = deliver_file(tmp_path, "M-1.pdf", b"first")
    with pytest.raises(Refused, match="not overwritten"):
        deliver_file(tmp_path, "M-1.pdf", b"second")
    assert path.read_bytes() == b"first"


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "may not write")],
)
def test_a_disk_that_does_not_take_it_leaves_nothing_behind(
    code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("export.delivery.folder.os.fsync", fail)
    with pytest.raises(Refused, match=words):
        deliver_file(tmp_path, "M-1.pdf", b"%PDF")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "briefe").write_text("keine Mappe")
    with pytest.raises(Refused, match="a file stands where a folder is needed"):
        deliver_file(tmp_path / "briefe", "M-1.pdf", b"%PDF")


def test_a_half_written_file_of_a_crashed_night_does_not_disturb(tmp_path: Path) -> None:
    (tmp_path / ".M-1.pdf.part").write_bytes(b"%P")
    assert deliver_file(tmp_path, "M-1.pdf", b"%PDF").read_bytes() == b"%PDF"
    assert [file.name for file in tmp_path.iterdir()] == ["M-1.pdf"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("M-2026-00012_10023.pdf", "M-2026-00012_10023.pdf"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\Windows\\system.ini", "C_Windows_system.ini"),
        ("Müller & Söhne.pdf", "Müller_&_Söhne.pdf"),
        ("a\x00b\nc.pdf", "a_b_c.pdf"),
        (".versteckt", "versteckt"),
        ("con.pdf", "_con.pdf"),
        ("x. ", "x"),
    ],
)
def test_a_name_from_outside_is_never_a_path(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


@pytest.mark.parametrize("name", ["", "..", "///", " . ", "___"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="is no file name"):
        safe_file_name(name)


@given(st.text(max_size=300).filter(lambda name: any(c.isalnum() for c in name)))
def test_no_name_leaves_the_folder_or_is_too_long(name: str) -> None:
    safe = safe_file_name(name)
    assert Path(safe).name == safe
    assert 0 < len(safe.encode()) <= 210
    assert safe_file_name(safe) == safe
