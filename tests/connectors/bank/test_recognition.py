"""What a file is: our formats however they begin, strangers by their name, and never one half of a mixed file."""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.bank import FORMATS
from connectors.bank.format import Format, Piece
from connectors.bank.reading import read_pieces, read_statements
from connectors.bank.recognition import HEAD_BYTES, format_of
from ledger.errors import Unreadable
from ledger.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connectors.bank.reading import Reading

SWIFT = ":20:X\r\n:25:12030000/202051\r\n:28C:1/1\r\n:60F:C260430EUR1,00\r\n:62F:C260430EUR1,00\r\n-\r\n"
CAMT = '<?xml version="1.0"?>\n<Document><BkToCstmrStmt><Stmt><Id>1</Id></Stmt></BkToCstmrStmt></Document>\n'
PAIN = '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{}"><GrpHdr/></Document>'


def office_document() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
    return target.getvalue()


STRANGERS = [
    (b"%PDF-1.7", "a PDF", "A PDF is for people"),
    (office_document(), "an Office document (Excel, Word or OpenDocument)", "as CAMT.053 or MT940"),
    (b"Rar!\x1a\x07\x01\x00", "a RAR archive", "Unpack it and put the files inside into the inbox"),
    (b"7z\xbc\xaf\x27\x1c\x00", "a 7-Zip archive", "Unpack it"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or a mail saved by Outlook", "Save the statement"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)", "A picture is for people"),
    (b"\xff\xd8\xff\xe0", "a picture (JPEG)", "A picture is for people"),
    (b"MZ\x90\x00", "a program of Windows", "Do not open it"),
    (b"[InternetShortcut]\r\nURL=x", "a shortcut to a web page", "Fetch the statement"),
    (b"-----BEGIN PGP MESSAGE-----", "encrypted (PGP)", "Decrypt it"),
    (b"\n<!DOCTYPE html>\n<html><body>Anmelden", "a web page", "sign in and fetch the statement again"),
    (b'<?xml version="1.0"?>\n<!-- x --><HTML xmlns="x">', "a web page", "sign in"),
    ("\ufeff<html>".encode("utf-16-le"), "a web page", "sign in"),
    (f"<html><pre>\n{SWIFT}".encode(), "a web page", "sign in"),
    (b"OFXHEADER:100\r\nDATA:OFXSGML", "an OFX file (Quicken, Money)", "as CAMT.053 or MT940"),
    (b"<?xml version='1.0'?><?OFX OFXHEADER='200'?><OFX>", "an OFX file (Quicken, Money)", "as CAMT.053"),
    (b"!Type:Bank\nD01/02'26", "a QIF file (Quicken)", "as CAMT.053"),
    (b'{"statements": []}', "a JSON file", "as CAMT.053"),
    (
        b"Return-Path: <x@example.org>\r\nSubject: Auszug\r\n\r\nbase64",
        "a mail",
        "Save the statement that is attached",
    ),
    (PAIN.format("pain.001.001.09").encode(), "pain.001, payment orders", "as CAMT.053"),
    (PAIN.format("pain.008.001.08").encode("utf-16"), "pain.008, direct debits to be collected", "as CAMT.053"),
    (PAIN.format("camt.029.001.09").encode(), "camt.029, another message of a bank", "as CAMT.053"),
]


@pytest.mark.parametrize(("content", "is_a", "what_to_do"), STRANGERS)
def test_a_stranger_is_told_by_its_name(
    content: bytes, is_a: str, what_to_do: str, read_bytes: Callable[..., Reading]
) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(content)
    text = str(caught.value)
    assert text.startswith(f"statement.dat: this is {is_a}, not a statement\n")
    assert what_to_do in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "this is no bank statement we know\n    it begins with 'hello'"),
        (b"\x00\x01\x02", "this is no bank statement we know"),
        (b"<Document><Other/></Document>", "this is no bank statement we know"),
        (b"{1:F01BANKDEFF}", "this is no bank statement we know"),
        (bytes(5000), "the file begins with nothing but zeros: whatever wrote it broke off"),
        (bytes(5_000_000), "the file begins with nothing but zeros"),
        (
            SWIFT.encode("cp273"),
            "this is an EBCDIC file, text as only mainframes write it\n    it begins with ':20:X",
        ),
        (SWIFT.replace("\r\n", "\x85").encode("cp500"), "this is an EBCDIC file"),
        (CAMT.encode("cp1140"), "this is an EBCDIC file"),
        ("Überweisung für Müller & Söhne".encode("cp273"), "this is an EBCDIC file"),
        (f"HTTP/1.1 200 OK\r\n\r\n{CAMT}".encode(), "other text stands before the XML\n    it begins with 'HTTP/1.1"),
    ],
)
def test_what_nobody_can_name_is_shown(content: bytes, message: str, read_bytes: Callable[..., Reading]) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(content)
    assert str(caught.value).startswith(f"statement.dat: {message}")


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["camt053_v08.xml", "mt940_german.sta"])
def test_the_same_statement_in_another_charset_is_the_same(
    name: str, charset: str, sample: Callable[[str], Reading], sample_text: Callable[[str], str],
    read_bytes: Callable[..., Reading],
) -> None:  # fmt: skip
    text = sample_text(name).replace('encoding="UTF-8"', f'encoding="{charset.removesuffix("-sig")}"')
    read, expected = read_bytes(text.encode(charset)).statements, sample(name).statements
    assert [[e._replace(place="") for e in s.entries] for s in read] == [
        [e._replace(place="") for e in s.entries] for s in expected
    ]


@pytest.mark.parametrize(
    "text", ["<!-- x -->\n", "<!--", "<?xml ", " ", ">", "\n:", "{", "-->", "<!-- x --><!DOCTYPE "]
)
def test_a_file_made_to_be_slow_is_recognised_at_once(text: str, read_bytes: Callable[..., Reading]) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable):
        read_bytes(text * 20_000)
    assert time.process_time() - started < 2


def test_an_mt940_behind_a_long_text_is_found(
    sample: Callable[[str], Reading], sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = "Sehr geehrte Damen und Herren,\n" * 10_000 + sample_text("mt940_german.sta")
    assert len(text) > 4 * HEAD_BYTES
    assert [s.closing for s in read_bytes(text).statements] == [
        s.closing for s in sample("mt940_german.sta").statements
    ]


def test_a_camt_in_a_large_envelope_is_found(
    sample: Callable[[str], Reading], sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("camt053_v08.xml")
    begin = text.index("<Document")
    header = f"<Header>{'<Token>x</Token>' * 20_000}</Header>"
    assert read_bytes(text[:begin] + header + text[begin:]).statements[0].closing == (
        sample("camt053_v08.xml").statements[0].closing
    )


def test_the_beginning_of_a_message_may_lie_across_the_first_look(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("mt940_german.sta")
    for before in range(HEAD_BYTES - 30, HEAD_BYTES + 3, 3):
        assert read_bytes("\n" * before + text).statements


MIXED = [
    (SWIFT + CAMT, "statement.dat:8: MT940/MT942 and CAMT.052/053/054 stand in one file, the second from about here"),
    (SWIFT * 30_000 + CAMT, "statement.dat:180002: MT940/MT942 and CAMT.052/053/054 stand in one file"),
    (SWIFT + CAMT.removeprefix('<?xml version="1.0"?>\n'), "statement.dat:7: MT940/MT942 and CAMT.052/053/054 stand"),
    (f"<Text>\n{SWIFT * 1000}</Text>\n{CAMT}", "MT940/MT942 and CAMT.052/053/054 stand in one file"),
    (CAMT + SWIFT, "statement.dat:3: CAMT.052/053/054 and MT940/MT942 stand in one file"),
    (CAMT + CAMT, "statement.dat:3: two XML documents stand in one file, the second from about here on"),
    (CAMT.strip() + CAMT, "statement.dat:2: two XML documents stand in one file"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), MIXED)
def test_two_formats_in_one_file_are_refused_with_the_line(
    content: str, message: str, read_bytes: Callable[..., Reading]
) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(content)
    assert message in str(caught.value)
    assert "each in a file of its own" in str(caught.value)


def test_an_mt940_with_a_camt_in_utf16_behind_it_is_refused(read_bytes: Callable[..., Reading]) -> None:
    with pytest.raises(Unreadable, match=r"MT940/MT942 and CAMT\.052/053/054 stand in one file"):
        read_bytes(SWIFT.encode() + CAMT.encode("utf-16"))


def pieces_of_csv(_: Path, place: str) -> Iterator[Piece]:
    yield Piece(0, Statement(account="1", currency="EUR", format="CSV", place=place), True)


# A format that is as easily content as a CSV.
WITH_CSV = (
    *FORMATS[:3],
    Format(name="CSV", looks_like=lambda head: b"Buchungstag;Betrag" in head, pieces=pieces_of_csv),
)
CSV = "Buchungstag;Betrag\n30.04.2026;1,00\n"
LONG_CSV = CSV + "30.04.2026;1,00\n" * 10_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CSV + SWIFT, "statement.dat:3: MT940/MT942 and CSV stand in one file"),
        (LONG_CSV + SWIFT, "statement.dat:10003: CSV and MT940/MT942 stand in one file"),
        (SWIFT + CSV, "MT940/MT942 and CSV stand in one file"),
        (SWIFT + LONG_CSV, "MT940/MT942 and CSV stand in one file"),
        (SWIFT * 20_000 + LONG_CSV, "MT940/MT942 and CSV stand in one file"),
        (CSV + CAMT, "statement.dat:4: CSV and CAMT.052/053/054 stand in one file"),
    ],
)
def test_a_csv_glued_to_another_format_is_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "statement.dat"
    path.write_text(content, encoding="utf-8", newline="")
    with pytest.raises(Unreadable) as caught:
        read_statements(path, formats=WITH_CSV)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [CSV, LONG_CSV, f"{CSV}30.04.2026;um\n:20:15 Uhr\n", f"{CSV}Zeit 10:20:30\n"])
def test_a_csv_alone_is_read(content: str, tmp_path: Path) -> None:
    path = tmp_path / "statement.dat"
    path.write_text(content, encoding="utf-8", newline="")
    assert read_statements(path, formats=WITH_CSV).format == "CSV"


def test_the_formats_are_asked_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"text")
    asked: list[str] = []

    def yes(name: str) -> Format:
        def looks_like(_: bytes) -> bool:
            asked.append(name)
            return True

        return Format(name=name, looks_like=looks_like, pieces=lambda *_: iter(()))

    assert format_of(path, b"text", "x", (yes("first"), yes("second"))).name == "first"
    assert asked == ["first"]


def test_messages_name_the_place_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "000001"
    path.write_bytes(b"hello")
    with pytest.raises(Unreadable, match=r"^c53\.zip/a\.xml: this is no bank statement"):
        list(read_pieces(path, place="c53.zip/a.xml"))


def test_a_reading_is_complete_or_there_is_none(sample_text: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "glued.xml"
    path.write_text(sample_text("camt053_v08.xml") * 2, encoding="utf-8")
    with pytest.raises(Unreadable, match="two XML documents stand in one file"):
        read_statements(path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.binary(min_size=1, max_size=600)
    | st.sampled_from([row[0][:8] for row in STRANGERS]).flatmap(lambda magic: st.binary().map(magic.__add__))
)
def test_no_bytes_are_ever_taken_for_more_than_they_are(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=r"\Ax.*\n(.*\n)*    The file was set aside untouched"):
        read_statements(path)
