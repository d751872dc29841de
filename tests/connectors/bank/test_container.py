"""Containers: every file inside comes out once, with its name and hash; what is broken or hostile is refused."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.bank.container import LIMITS, Limits, is_container, members
from connectors.bank.reading import read_pieces, read_statements
from ledger.errors import Refused, Unavailable, Unreadable
from ledger.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

A, B, C = b"first statement", b"second statement", b"third statement"


def gzipped(content: bytes) -> bytes:
    """Pack without the time of day, so that every process collects the same tests."""
    return gzip.compress(content, mtime=0)


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(files: Mapping[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=kind) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The place where containers are unpacked; empty again at the end of every test."""
    folder = tmp_path / "unpacked"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def inside(tmp_path: Path, private: Path) -> Callable[..., dict[str, bytes]]:
    """Write a file, open it, and give what is inside by name; every hash is checked."""
    assert private.is_dir()

    def inside(content: bytes, name: str = "c53.zip", limits: Limits = LIMITS) -> dict[str, bytes]:
        path = tmp_path / name
        path.write_bytes(content)
        with members(path, name, limits) as contents:
            assert all(hashlib.sha256(m.path.read_bytes()).hexdigest() == m.sha256 for m in contents.members)
            assert len({m.path for m in contents.members}) == len(contents.members)
            return {m.name: m.path.read_bytes() for m in contents.members}

    return inside


def refusal(inside: Callable[..., dict[str, bytes]], content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Unreadable) as caught:
        inside(content, limits=limits)
    return str(caught.value)


def test_a_plain_file_is_its_own_only_member(tmp_path: Path) -> None:
    path = tmp_path / "may.sta"
    path.write_bytes(A)
    with members(path, "may.sta") as contents:
        (member,) = contents.members
        assert (member.name, member.path, member.sha256) == ("may.sta", path, hashlib.sha256(A).hexdigest())


NESTED = {
    "2026/b.xml": B,
    "2026/a.xml": A,
    "z.tar.gz": gzipped(tarred({"c.xml": C})),
    "d.zip": zipped({"x": A}),
}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("c53.zip", zipped({"b.xml": B, "a.xml": A}), {"c53.zip/a.xml": A, "c53.zip/b.xml": B}),
        ("c53.ZIP", zipped({"a.xml": A}, zipfile.ZIP_STORED), {"c53.ZIP/a.xml": A}),
        ("a.tar", tarred({"b/b.sta": B, "a.sta": A}), {"a.tar/a.sta": A, "a.tar/b/b.sta": B}),
        ("a.tar", tarred({"ü" * 70: A}, tarfile.GNU_FORMAT), {f"a.tar/{'ü' * 70}": A}),
        ("a.tar", tarred({"a": A}, tarfile.USTAR_FORMAT), {"a.tar/a": A}),
        ("may.sta.gz", gzipped(A), {"may.sta.gz/may.sta": A}),
        ("may.sta.gz", gzipped(A) + gzipped(B), {"may.sta.gz/may.sta": A + B}),
        ("may.sta.bz2", bz2.compress(A) + bz2.compress(B), {"may.sta.bz2/may.sta": A + B}),
        ("may.sta.xz", lzma.compress(A) + bytes(8) + lzma.compress(B) + bytes(4), {"may.sta.xz/may.sta": A + B}),
        ("no suffix", gzipped(A), {"no suffix/no suffix": A}),
        ("a.tgz", gzipped(tarred({"a.xml": A})), {"a.tgz/a.tar/a.xml": A}),
        ("a.tar.xz", lzma.compress(tarred({"a.xml": A})), {"a.tar.xz/a.tar/a.xml": A}),
        (
            "c53.zip",
            zipped(NESTED),
            {
                "c53.zip/2026/a.xml": A,
                "c53.zip/2026/b.xml": B,
                "c53.zip/d.zip/x": A,
                "c53.zip/z.tar.gz/z.tar/c.xml": C,
            },
        ),
    ],
)
def test_every_file_inside_comes_out_in_the_order_of_names(
    name: str, content: bytes, expected: dict[str, bytes], inside: Callable[..., dict[str, bytes]]
) -> None:
    found = inside(content, name)
    assert found == expected
    assert list(found) == sorted(expected)


def test_two_files_of_one_name_are_both_there(inside: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    path = tmp_path / "twice.tar"
    path.write_bytes(tarred({"a": A})[:1024] + tarred({"a": B}))
    with members(path, "twice.tar") as contents:
        assert [member.path.read_bytes() for member in contents.members] == [A, B]


def test_rubbish_is_passed_over_and_told(tmp_path: Path, private: Path) -> None:
    assert private.is_dir()
    path = tmp_path / "c53.zip"
    rubbish = {"__MACOSX/._a.xml": b"x", ".DS_Store": b"x", "n/Thumbs.db": b"x", "._a.xml": b"x", "folder/": b""}
    path.write_bytes(zipped({**rubbish, "a.xml": A}))
    with members(path, "c53.zip") as contents:
        assert [member.name for member in contents.members] == ["c53.zip/a.xml"]
    (finding,) = contents.findings
    assert (finding.code, finding.severity) == ("archive_files_passed_over", Severity.NOTE)
    assert finding.what == "4 of the files inside were passed over"


def test_an_empty_file_or_a_link_is_told_louder(tmp_path: Path) -> None:
    path = tmp_path / "c53.tar"
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, kind in (("empty.xml", tarfile.REGTYPE), ("sym", tarfile.SYMTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        hard = tarfile.TarInfo("hard")
        hard.type, hard.linkname = tarfile.LNKTYPE, "empty.xml"
        archive.addfile(hard)
        info = tarfile.TarInfo("a.xml")
        info.size = len(A)
        archive.addfile(info, io.BytesIO(A))
    path.write_bytes(target.getvalue())
    with members(path, "c53.tar") as contents:
        assert [member.path.read_bytes() for member in contents.members] == [A]
    (finding,) = contents.findings
    assert finding.severity is Severity.WARNING
    links = ", ".join(f"c53.tar/{name} (a link or device)" for name in ("sym", "dev", "hard"))
    assert finding.excerpt == f"c53.tar/empty.xml (empty), {links}"


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "c53.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.xml", A)
    with members(path, "c53.zip") as contents:
        assert [member.name for member in contents.members] == ["c53.zip/a.xml"]
    assert contents.findings[0].excerpt == "c53.zip/link.xml (a link or device)"


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/evil", "..\\..\\evil", "C:\\evil", "a/../../evil", "evil\n\x1b[2J\u202e"]
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_from_outside_is_never_a_place_on_our_disk(
    name: str, pack: Callable[[Mapping[str, bytes]], bytes], tmp_path: Path, private: Path
) -> None:
    path = tmp_path / "c53.zip"
    path.write_bytes(pack({name: A}))
    with members(path, "c53.zip") as contents:
        (member,) = contents.members
        (folder,) = private.iterdir()
        assert member.path.parent == folder
        assert member.path.name == "1"
        assert member.name.isprintable()
        assert ".." not in member.name.split("/")
        if os.name != "nt":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not any(found.name == "evil" for found in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["", ".", "..", "\\"])
def test_a_file_without_a_name_is_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "c53.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("name")
        info.filename = name
        with archive.open(info, "w") as file:
            file.write(A)
    with members(path, "c53.zip") as contents:
        assert [member.name for member in contents.members] == ["c53.zip/unnamed"]


def test_a_long_name_is_shown_by_its_end(inside: Callable[..., dict[str, bytes]]) -> None:
    (name,) = inside(zipped({"x" * 60_000 + ".xml": A}))
    assert name == f"c53.zip/{'x' * 116}.xml"


def test_nothing_is_left_when_whoever_reads_fails(tmp_path: Path, private: Path) -> None:
    path = tmp_path / "c53.zip"
    path.write_bytes(zipped({"a.xml": A}))
    with pytest.raises(ZeroDivisionError), members(path, "c53.zip"):
        1 / len(list(private.glob("nothing")))
    assert list(private.iterdir()) == []


def locked() -> bytes:
    archive = bytearray(zipped({"a.xml": A}))
    archive[6] |= 1
    archive[archive.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(archive)


def swallowing() -> bytes:
    """A ZIP whose first name in the directory has a comment as long as everything behind it."""
    archive = bytearray(zipped({"a.xml": A, "b.xml": B}))
    first, second = archive.index(b"PK\x01\x02"), archive.rindex(b"PK\x01\x02")
    archive[first + 32] = second - first
    return bytes(archive)


def overlapping() -> bytes:
    """Two names for the same packed bytes, as the better zip bomb does a thousand times."""
    one = zipped({"a.xml": bytes(1000)})
    directory = one.rindex(b"PK\x01\x02")
    entry = one[directory : one.rindex(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), directory, 0)
    return one[:directory] + entry * 2 + end


def headers_of_headers() -> bytes:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1
    return (info.tobuf() + b"x".ljust(512, b"\0")) * 5000 + tarred({"a": A})


def backwards() -> bytes:
    """An extended header that claims a size below zero, which once made tarfile run in circles."""
    info = tarfile.TarInfo("pax")
    record = b"19 size=-99999999\n"
    info.type, info.size = tarfile.XHDTYPE, len(record)
    return info.tobuf() + record.ljust(512, b"\0") + tarred({"a": A})


def long_header() -> bytes:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1024 * 1024
    return info.tobuf() + b"1" * info.size + tarred({"a": A})


TAR = tarred({"a.xml": A, "b.xml": B})
BROKEN = [
    ("a locked ZIP", locked(), "the archive is locked with a password"),
    ("a ZIP cut off", zipped({"a.xml": A})[:-30], "the archive is cut off"),
    ("a ZIP of which only the magic is left", b"PK\x03\x04rest", "the archive is cut off"),
    ("a wrong checksum", zipped({"a.xml": A}, zipfile.ZIP_STORED).replace(A, A[::-1]), "the archive is broken"),
    ("two ZIPs in a row", zipped({"a": A}) + zipped({"b": B}), "the archive has something else glued to it"),
    ("a ZIP and text", zipped({"a": A}) + b":20:X", "the archive has something else glued to it"),
    ("an empty ZIP", zipped({}), "the archive holds no file to be read"),
    ("a ZIP of rubbish", zipped({".DS_Store": b"x"}), "the archive holds no file to be read\n    c53.zip/.DS_Store"),
    ("a name that swallows the next", swallowing(), "the archive is broken or was cut off"),
    ("overlapping files", overlapping(), "the archive holds files that overlap"),
    ("an unusual method", zipped({"a": A}, zipfile.ZIP_LZMA), "the archive is packed with another method"),
    ("too many names", zipped({f"{n:0500}": b"" for n in range(8000)}), "the archive has a list of names far too"),
    ("a GZIP cut off", gzipped(A)[:-4], "the archive is broken or was cut off"),
    ("a GZIP with rubbish behind", gzipped(A) + b"rest", "the archive is broken or was cut off"),
    ("a wrong GZIP checksum", gzipped(A)[:-8] + bytes(8), "the archive is broken or was cut off"),
    ("a BZIP2 cut off", bz2.compress(A)[:-4], "the archive is cut off"),
    ("a second BZIP2 that is broken", bz2.compress(A) + bz2.compress(B)[:9] + bytes(9), "the archive is broken"),
    ("an XZ that is broken", lzma.compress(A)[:20] + bytes(20), "the archive is broken or was cut off"),
    ("an XZ that wants all memory", lzma.compress(A, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]),
     "the archive is broken"),
    ("a TAR without its end", TAR[:2048], "the archive is cut off"),
    ("a TAR cut in a file", TAR[:520], "the archive is broken or was cut off"),
    ("a TAR with a broken second header", TAR[:1024] + b"?" + TAR[1025:], "the archive is broken, or something else"),
    ("two TARs in a row", TAR + TAR, "the archive is broken, or something else is glued to its end"),
    ("headers of headers", headers_of_headers(), "the archive is broken or was cut off"),
    ("a size below zero", backwards(), "the archive "),
    ("a list of attributes without end", long_header(), "the archive has a list of names far too long"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_container_is_refused_whole(
    content: bytes, message: str, inside: Callable[..., dict[str, bytes]]
) -> None:
    text = refusal(inside, content)
    assert text.startswith(f"c53.zip: {message}")
    assert "The file was set aside untouched and nothing of it was booked." in text


def test_a_file_that_was_filled_up_with_zeros_on_its_way_is_whole(inside: Callable[..., dict[str, bytes]]) -> None:
    assert inside(zipped({"a.xml": A}) + bytes(200)) == {"c53.zip/a.xml": A}


def test_a_broken_container_inside_has_its_own_fate(tmp_path: Path) -> None:
    path = tmp_path / "c53.zip"
    path.write_bytes(zipped({"a.xml": A, "b.zip": locked(), "c.zip": zipped({"n": C, "broken.gz": gzipped(A)[:9]})}))
    with members(path, "c53.zip") as contents:
        names = [member.name for member in contents.members]
        locked_one = contents.members[1]
        with pytest.raises(Unreadable, match=r"c53\.zip/b\.zip: the archive is locked with a password"):
            list(read_pieces(locked_one.path, place=locked_one.name))
    assert names == ["c53.zip/a.xml", "c53.zip/b.zip", "c53.zip/c.zip/broken.gz", "c53.zip/c.zip/n"]


def deep(levels: int) -> bytes:
    content = A
    for level in range(levels):
        content = zipped({f"{level}": content})
    return content


def quine(content: bytes = b"") -> bytes:
    for _ in range(6):
        content = gzipped(content)
    return content


def lying() -> bytes:
    """A ZIP that says of its file that it has ten bytes."""
    archive = zipped({"a.xml": bytes(1000)})
    return archive.replace(struct.pack("<L", 1000), struct.pack("<L", 10))


def folders() -> bytes:
    info = tarfile.TarInfo("folder")
    info.type = tarfile.DIRTYPE
    return info.tobuf() * 5 + TAR


SMALL = Limits(members=4, total_bytes=5000, ratio=20, ratio_from_bytes=1000, depth=3)
NOISE = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(200))
BOMBS = [
    (zipped({str(n): A for n in range(5)}), "the archive holds more than 4 files"),
    (tarred({str(n): A for n in range(5)}), "the archive holds more than 4 files"),
    (folders(), "the archive holds more than 4 files"),
    (zipped({"a/": b"", "b/": b"", "c/": b"", "d/": b"", "e": A}), "the archive holds more than 4 files"),
    (zipped({"x": zipped({"a": A, "b": B}), "y": zipped({"a": A, "b": B})}), "the archive holds more than 4 files"),
    (zipped({"a": NOISE}), "the archive unpacks to more than 5,000 bytes"),
    (zipped({"a": NOISE[:2000], "b": NOISE[2000:4000], "c": NOISE[4000:]}), "the archive unpacks to more than 5,000"),
    (zipped({"a": zipped({"a": zipped({"a": NOISE[:2000]})})}), "the archive unpacks to more than 5,000 bytes"),
    (gzipped(bytes(4000)), "the archive unpacks to more than 20 times its size"),
    (bz2.compress(bytes(4000)), "the archive unpacks to more than 20 times its size"),
    (lzma.compress(bytes(4000)), "the archive unpacks to more than 20 times its size"),
    (deep(4), "the archive holds archives in archives, more than 3 deep"),
    (quine(), "the archive holds archives in archives, more than 3 deep"),
    (lying(), "the archive is broken"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), BOMBS)
def test_a_bomb_is_counted_while_it_is_unpacked(
    content: bytes, message: str, inside: Callable[..., dict[str, bytes]]
) -> None:
    assert refusal(inside, content, SMALL).startswith(f"c53.zip: {message}")


def test_a_bomb_never_takes_more_of_the_disk_than_allowed(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzipped(bytes(50_000_000)))
    sizes = []

    def refusing(*_: object, **__: object) -> Unreadable:
        sizes.append(sum(found.stat().st_size for found in private.rglob("*") if found.is_file()))
        return Unreadable()

    monkeypatch.setattr("connectors.bank.container.unreadable", refusing)
    with pytest.raises(Unreadable), members(path, "bomb.gz", Limits(total_bytes=1_000_000)):
        pass
    assert sizes[0] <= 1_000_000


def test_the_limits_leave_room_for_what_offices_get(inside: Callable[..., dict[str, bytes]]) -> None:
    assert len(inside(zipped({f"{n}.xml": A for n in range(500)}))) == 500
    assert inside(deep(4))


def test_a_container_that_cannot_be_read_now_is_tried_again(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert private.is_dir()
    path = tmp_path / "c53.zip"
    with pytest.raises(Unavailable, match="cannot be read now"), members(path, "c53.zip"):
        pass
    path.write_bytes(zipped({"a": A}))
    monkeypatch.setattr("tempfile.mkdtemp", failing(OSError(28, "No space left on device")))
    with pytest.raises(Unavailable, match="No space left on device"), members(path, "c53.zip"):
        pass
    monkeypatch.setattr("tempfile.mkdtemp", failing(PermissionError(13, "Permission denied")))
    with pytest.raises(Refused, match="may not read"), members(path, "c53.zip"):
        pass


def failing(error: OSError) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (zipped({"a.xml": A}), True),
        (zipped({}), True),
        (zipped({"[Content_Types].xml": A, "xl/workbook.xml": A}), False),
        (zipped({"docProps/app.xml": A}), False),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, zipfile.ZIP_STORED), False),
        (zipped({"report.xlsx": zipped({"[Content_Types].xml": A})}, zipfile.ZIP_STORED), True),
        (TAR, True),
        (TAR.replace(b"ustar", b"\0\0\0\0\0"), False),  # its checksum is wrong now
        (gzipped(A), True),
        (bz2.compress(A), True),
        (lzma.compress(A), True),
        (zlib.compress(A), False),
        (b":20:X\n:25:1", False),
        (b"<Document/>", False),
        (bytes(2000), False),
        (b"", False),
    ],
)
def test_a_container_is_known_by_its_first_bytes(head: bytes, expected: bool) -> None:
    assert is_container(head[:512]) is expected


PACKED = {
    "zip": zipped({"a.xml": A, "b.xml": B}),
    "stored": zipped({"a.xml": A, "b.xml": B}, zipfile.ZIP_STORED),
    "tar.gz": gzipped(TAR),
    "bz2": bz2.compress(A + B),
    "xz": lzma.compress(A + B),
}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kind=st.sampled_from(sorted(PACKED)),
    position=st.integers(0, 600),
    byte=st.integers(0, 255),
    cut=st.booleans(),
)
def test_a_damaged_container_gives_every_byte_or_none(
    kind: str, position: int, byte: int, cut: bool, tmp_path: Path
) -> None:
    whole = PACKED[kind]
    position %= len(whole)
    damaged = whole[:position] if cut else whole[:position] + bytes([byte]) + whole[position + 1 :]
    path = tmp_path / "c53"
    path.write_bytes(damaged)
    try:
        with members(path, "c53") as contents:
            found = b"".join(sorted(member.path.read_bytes() for member in contents.members))
            told = bool(contents.findings)
    except Unreadable:
        return
    assert found in {A + B, damaged} or told


def test_a_container_of_statements_is_read_like_its_statements(
    sample_text: Callable[[str], str], tmp_path: Path, private: Path
) -> None:
    assert private.is_dir()
    camt, swift = sample_text("camt053_v08.xml").encode(), sample_text("mt940_german.sta").encode()
    path = tmp_path / "c53.zip"
    path.write_bytes(zipped({"1.xml": camt, "2.zip": zipped({"2.sta": swift}), ".DS_Store": b"x"}))
    (tmp_path / "1.xml").write_bytes(camt)
    (tmp_path / "2.sta").write_bytes(swift)
    alone = [*read_statements(tmp_path / "1.xml").statements, *read_statements(tmp_path / "2.sta").statements]
    reading = read_statements(path)
    assert [s.movement() for s in reading.statements] == [s.movement() for s in alone]
    assert [len(s.entries) for s in reading.statements] == [len(s.entries) for s in alone]
    assert reading.format == alone[0].format
    assert reading.findings[0].code == "archive_files_passed_over"
    assert reading.statements[0].place.startswith("c53.zip/1.xml:")
    numbers = [piece.number for piece in read_pieces(path) if piece.is_last]
    assert numbers == list(range(len(alone)))


def test_one_refused_file_refuses_the_container_that_is_read_as_one(
    sample_text: Callable[[str], str], tmp_path: Path, private: Path
) -> None:
    assert private.is_dir()
    path = tmp_path / "c53.zip"
    path.write_bytes(zipped({"1.sta": sample_text("mt940_german.sta").encode(), "2.pdf": b"%PDF-1.7"}))
    with pytest.raises(Unreadable, match=r"c53\.zip/2\.pdf: this is a PDF, not a statement"):
        read_statements(path, place="c53.zip")


def test_a_member_is_no_larger_than_a_file_may_be(
    sample_text: Callable[[str], str], tmp_path: Path, private: Path
) -> None:
    assert private.is_dir()
    path = tmp_path / "c53.zip"
    path.write_bytes(zipped({"1.sta": sample_text("mt940_german.sta").encode()}))
    with pytest.raises(Unreadable, match=r"c53\.zip/1\.sta: the file has 1,\d+ bytes, more than the 1,000"):
        read_statements(path, limit_bytes=1000)
