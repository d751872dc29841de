"""How the bytes of a file become lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from connectors.bank.swift import mt940
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.bank.reading import Reading

TEXT: Final = (
    ":20:T\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR100,00\n:61:2605040504C10,00NTRFNONREF\n"
    ":86:166?20Gruß?32Jürgen Groß\n:62F:C260504EUR110,00\n-\n"
)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("cp1252"),
        b"\xef\xbb\xbf" + TEXT.encode("cp1252"),  # the mark of another file was left standing
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),  # without a mark
        TEXT.encode("utf-16-be"),
        TEXT.replace(":61:", "\ufeff:61:").encode(),  # files put together
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "@@").encode(),
        f"{{1:F01X}}{{2:I940X}}{{4:\n{TEXT[:-2]}-}}{{5:{{CHK:1}}}}".encode(),
        TEXT.encode() + b"\x1a\x00 rubbish \xff\xfe behind the end",
        b"rubbish before it\n" + TEXT.encode(),
    ],
)
def test_however_it_is_written_it_reads_the_same(content: bytes, read_bytes: Callable[..., Reading]) -> None:
    (statement,) = read_bytes(content).statements
    (entry,) = statement.entries
    assert (entry.payer_name, entry.remittance) == ("Jürgen Groß", "Gruß")


def test_the_charset_of_mainframes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sta"
    path.write_bytes(TEXT.encode("cp273"))
    with pytest.raises(Unreadable, match="the file is written in EBCDIC, the charset of mainframes"):
        list(mt940.pieces(path, "a.sta"))


def test_what_holds_no_message_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sta"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(Unreadable, match="the file holds no statement"):
        list(mt940.pieces(path, "a.sta"))
