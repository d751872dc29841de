"""What archives hold (ZIP, TAR, GZIP, BZIP2, XZ): told one by one, unpacked block by block, never written by name."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from enum import Enum
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

# As much of a file is enough to learn whether it is an archive.
HEAD_BYTES: Final = 1024

_BLOCK: Final = 64 * 1024
_TAR_BLOCK: Final = 8 * 1024
_ZIP_TAIL_BYTES: Final = 22 + 65_535  # the end of the directory, and the longest comment
_COUNTED_ELSEWHERE: Final = 0xFFFF  # in ZIP64, whose number of files we do not need: nobody packs so many
_ZIP_DIRECTORY_BYTES: Final = 4 * 1024 * 1024  # some 30,000 names, which take 60 MB once they are Python objects
_TAR_HEADER_BYTES: Final = 16 * 1024  # a path of 4,096 bytes and a few attributes
_XZ_MEMORY_BYTES: Final = 100 * 1024 * 1024  # `xz -9` needs 65 MiB

# What zipfile, tarfile, gzip, bz2, lzma and zlib were seen to raise.
_BROKEN: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,  # names in no charset, places before the beginning
    OverflowError,
    RuntimeError,  # endless headers of headers; methods nobody has
)

_FETCH: Final = "Fetch it again from the bank."
_ASK: Final = "Do not unpack it; ask the bank whether it really comes from there."
_GLUED: Final = "has something else glued to it, which would be lost"
_TAKE_APART: Final = "Fetch the files again, one by one."


class ArchiveRefused(Exception):
    """This archive is not unpacked: what is wrong with it (after the words "the archive"), and what to do."""

    def __init__(self, what: str, what_to_do: str) -> None:
        super().__init__(what)
        self.what_to_do = what_to_do


@contextmanager
def broken_is_refused() -> Iterator[None]:
    """Turn everything the libraries raise over a broken archive into ArchiveRefused; the system's own errors pass."""
    try:
        yield
    except _BROKEN as error:
        raise ArchiveRefused("is broken or was cut off", _FETCH) from error
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:  # bz2 and gzip have no number; EINVAL is a place before the file
            raise
        raise ArchiveRefused("is broken or was cut off", _FETCH) from error


class Kind(Enum):
    """What a thing inside an archive is."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "link or device"


class Packed(NamedTuple):
    """One thing inside an archive. Its blocks must be read before the next one is asked for."""

    name: str  # as the archive has it, which may be anything
    kind: Kind
    blocks: Iterator[bytes]


def kind_of(head: bytes) -> Callable[[Path, str], Iterator[Packed]] | None:
    """Give what opens the archive that begins with these bytes; None where they begin no archive.

    What opens it takes the path and the name it goes by, and raises ArchiveRefused, or anything that
    ``broken_is_refused`` knows. An Office document is a ZIP as well, but nothing to be unpacked.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if _is_office_document(head) else _zipped
    if _is_tar(head):
        return _tarred
    return next((opens for magic, opens in _STREAMS if head.startswith(magic)), None)


def _is_tar(head: bytes) -> bool:
    """Whether these bytes begin with the header of a TAR, whose checksum is right."""
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def _is_office_document(head: bytes) -> bool:
    length = int.from_bytes(head[26:28], "little")
    name = head[30 : 30 + length]
    if name == b"mimetype":
        return b"application/vnd.oasis.opendocument" in head[38:]
    return name == b"[Content_Types].xml" or name.startswith((b"_rels/", b"docProps/", b"xl/", b"word/", b"ppt/"))


def _zipped(path: Path, _: str) -> Iterator[Packed]:
    with _Guarded(io.FileIO(path), _ZIP_DIRECTORY_BYTES) as file:
        count = _count_at_the_end(file)
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            if count not in {len(infos), _COUNTED_ELSEWHERE}:
                raise zipfile.BadZipFile("a broken name in the directory has swallowed the next one")
            _refuse_what_no_bank_packs(infos)
            _refuse_overlaps(infos, archive.start_dir)
            for info in infos:
                yield Packed(info.filename, _zip_kind(info), _blocks_of(partial(archive.open, info), _BLOCK))


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    if info.filename.endswith("/") and not info.file_size:
        return Kind.FOLDER
    return Kind.FILE if stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG} else Kind.OTHER


def _count_at_the_end(file: IO[bytes]) -> int:
    """Give how many files the directory says it lists; refuse what follows it, where zipfile would not look."""
    file.seek(max(0, file.seek(0, io.SEEK_END) - _ZIP_TAIL_BYTES))
    tail = file.read(_ZIP_TAIL_BYTES)
    begin = tail.rfind(b"PK\x05\x06")
    end = begin + 22 + int.from_bytes(tail[begin + 20 : begin + 22], "little")
    if begin < 0 or end > len(tail):
        raise ArchiveRefused("is cut off: the directory at its end is missing", _FETCH)
    if tail[end:].strip(b"\0\r\n\x1a"):  # with these old ways of transfer fill a file up
        raise ArchiveRefused(_GLUED, _TAKE_APART)
    return int.from_bytes(tail[begin + 10 : begin + 12], "little")


def _refuse_what_no_bank_packs(infos: list[zipfile.ZipInfo]) -> None:
    if any(info.flag_bits & 0x41 for info in infos):
        raise ArchiveRefused(
            "is locked with a password", "Unpack it with its password and put the files inside into the inbox."
        )
    # The other methods could blow up a few bytes to gigabytes in one step.
    if any(info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for info in infos):
        raise ArchiveRefused(
            "is packed with another method than ZIP files commonly are",
            "Unpack it with the program it was packed with, and put the files inside into the inbox.",
        )


def _refuse_overlaps(infos: list[zipfile.ZipInfo], directory: int) -> None:
    in_order = sorted(infos, key=attrgetter("header_offset"))
    begins = [*(info.header_offset for info in in_order), directory]
    if begins[0] != 0:
        raise ArchiveRefused(_GLUED, _TAKE_APART)
    for info, following in zip(in_order, begins[1:], strict=True):
        if info.header_offset + 30 + len(info.orig_filename) + info.compress_size > following:
            raise ArchiveRefused("holds files that overlap, which only an archive bomb does", _ASK)


def _tarred(path: Path, _: str) -> Iterator[Packed]:
    with _Guarded(io.FileIO(path), _TAR_HEADER_BYTES) as file:
        with tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as archive:
            for info in archive:
                kind = Kind.FILE if info.isreg() else Kind.FOLDER if info.isdir() else Kind.OTHER
                yield Packed(info.name, kind, _blocks_of(partial(archive.extractfile, info), _TAR_BLOCK))
            end = archive.offset
        _refuse_another_end(file, end)


def _refuse_another_end(file: IO[bytes], end: int) -> None:
    # A TAR ends with zeros. To tarfile anything else is its end as well, even a header that is broken.
    file.seek(end)
    block = file.read(512)
    if len(block) < 512:
        raise ArchiveRefused("is cut off: the mark at its end is missing", _FETCH)
    while block:
        if block.strip(b"\0"):
            raise ArchiveRefused("is broken, or something else is glued to its end", _FETCH)
        block = file.read(_TAR_BLOCK)


def _gzipped(path: Path, place: str) -> Iterator[Packed]:
    yield Packed(_without_suffix(place), Kind.FILE, _blocks_of(partial(gzip.open, path), _BLOCK))


def _bzipped(path: Path, place: str) -> Iterator[Packed]:
    yield Packed(_without_suffix(place), Kind.FILE, _decompressed(path, bz2.BZ2Decompressor))


def _xzipped(path: Path, place: str) -> Iterator[Packed]:
    begin = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    yield Packed(_without_suffix(place), Kind.FILE, _decompressed(path, begin))


_STREAMS: Final = (
    (b"\x1f\x8b", _gzipped),
    (b"BZh", _bzipped),
    (b"\xfd7zXZ\x00", _xzipped),
)


def _without_suffix(place: str) -> str:
    name = place.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if suffix.lower() in {"tgz", "tbz", "tbz2", "txz"}:
        return f"{stem}.tar"
    return stem if dot and suffix.lower() in {"gz", "gzip", "bz2", "xz"} else name


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _decompressed(path: Path, begin: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """Unpack streams that follow one another, as parallel packers write them, with little memory.

    The file objects of bz2 and lzma would skip a second stream that is broken, and know no limit of memory.
    """
    with path.open("rb") as file:
        data = file.read(_BLOCK)
        while data:
            stream = begin()
            while not stream.eof:
                if stream.needs_input and not data:
                    data = file.read(_BLOCK)
                    if not data:
                        raise ArchiveRefused("is cut off", _FETCH)
                yield stream.decompress(data, _BLOCK)
                data = b""
            data = stream.unused_data.lstrip(b"\0")  # xz fills up with zeros
            while not data and (block := file.read(_BLOCK)):
                data = block.lstrip(b"\0")


def _blocks_of(opens: Callable[[], IO[bytes] | gzip.GzipFile | None], size: int) -> Iterator[bytes]:
    file = opens()
    assert file is not None, "asked for the bytes of something that is no file"
    with file:
        while block := file.read(size):
            yield block


class _Guarded(io.BufferedReader):
    """A file that gives only a little at once: lists of names are read in one go, whatever size they claim."""

    def __init__(self, file: io.FileIO, at_once: int) -> None:
        super().__init__(file)
        self._at_once = at_once

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as a file does; refuse where there really is more than is given at once."""
        more = self._at_once + 1
        data = super().read(more if size is None or size < 0 else min(size, more))
        if len(data) == more:
            raise ArchiveRefused("has a list of names far too long for statements", _ASK)
        return data
