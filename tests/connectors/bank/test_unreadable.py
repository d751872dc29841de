"""Files that must be set aside: each with the message a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from connectors.bank.reading import read_statements
from ledger.errors import Refused, Unavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.bank.reading import Reading

SET_ASIDE = "The file was set aside untouched and nothing of it was booked."


def refused(read_bytes: Callable[..., Reading], content: bytes | str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(content)
    wanted = [line.strip() for line in message.strip().splitlines()]
    assert [line.strip() for line in str(caught.value).splitlines()][: len(wanted)] == wanted
    assert SET_ASIDE in str(caught.value)


def test_an_empty_file(read_bytes: Callable[..., Reading]) -> None:
    refused(
        read_bytes,
        b"",
        f"""
        statement.dat: the file is empty (0 bytes)
        {SET_ASIDE} Fetch the statement again from the bank.
        """,
    )


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)  # sparse: five gigabytes that take no room
    monkeypatch.delattr("pathlib.Path.open")
    with pytest.raises(Unreadable) as caught:
        read_statements(path)
    assert str(caught.value).startswith(
        "huge.xml: the file has 5,368,709,120 bytes, more than the 268,435,456 we read at once"
    )
    assert "Fetch the statements for shorter periods" in str(caught.value)


def test_xml_that_was_cut_off(sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]) -> None:
    text = sample_text("camt053_v08.xml")
    refused(
        read_bytes, text[: text.index("RE-20260050")], "statement.dat:33: the XML is broken, or the file was cut off"
    )


def test_xml_with_a_broken_tag(sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]) -> None:
    text = sample_text("camt053_v08.xml").replace("<NtryRef>2</NtryRef>", "<NtryRef>2</Ntry>")
    refused(read_bytes, text, "statement.dat:44: the XML is broken, or the file was cut off")


ENTITY_BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>\n<Document><BkToCstmrStmt>&i;</BkToCstmrStmt></Document>"
)
OUTSIDE_FILE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document><BkToCstmrStmt>&x;</BkToCstmrStmt></Document>'


@pytest.mark.parametrize(
    "content",
    [
        ENTITY_BOMB.encode(),
        ENTITY_BOMB.encode("utf-16"),
        OUTSIDE_FILE.encode(),
        f"<!--{'x' * 1000}-->{OUTSIDE_FILE}".encode(),
        b'<!DOCTYPE Document SYSTEM "http://192.0.2.1/x.dtd"><Document><BkToCstmrStmt/></Document>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(
    content: bytes, read_bytes: Callable[..., Reading]
) -> None:
    with pytest.raises(Unreadable, match=r"declares a document type \(<!DOCTYPE Document>\), which no bank does"):
        read_bytes(content)


def test_a_comment_that_only_speaks_of_a_document_type_does_no_harm(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("camt053_v08.xml").replace("<Envelope>", "<!-- <!DOCTYPE x> --><Envelope>")
    assert read_bytes(text).statements


def test_bytes_that_are_not_in_the_declared_charset(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    content = sample_text("camt053_v08.xml").encode("cp1252")
    position = content.index(b"\xfc") + 1
    refused(
        read_bytes,
        content,
        f"""
        statement.dat:38: the file says it is UTF-8, but it is not
        byte {position:,} (0xFC) cannot be UTF-8
        """,
    )


def test_a_charset_nobody_knows(read_bytes: Callable[..., Reading]) -> None:
    xml = '<?xml version="1.0" encoding="KLINGON"?><Document><BkToCstmrStmt/></Document>'
    refused(read_bytes, xml, "statement.dat: the file declares a charset nobody knows: KLINGON")


def test_camt_balances_that_do_not_add_up(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    refused(
        read_bytes,
        sample_text("camt053_v08.xml").replace("2389.70", "2400.00"),
        f"""
        statement.dat:7: the balances of statement 86 do not add up
        opening 1.052,50 + entries 1.337,20 = 2.389,70, but closing says 2.400,00 EUR
        {SET_ASIDE} A page is probably missing: fetch the statement again from the bank.
        """,
    )


def test_mt940_balances_that_do_not_add_up_over_all_pages(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    refused(
        read_bytes,
        sample_text("mt940_german.sta").replace(":62F:C260504EUR1042,50", ":62F:C260504EUR1042,51"),
        """
        statement.dat:1: the balances of statement 00085 do not add up
        opening 1.000,00 + entries 42,50 = 1.042,50, but closing says 1.042,51 EUR
        """,
    )


def test_an_mt940_without_its_end(sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]) -> None:
    text = sample_text("mt940_lower_case_marks.sta").replace("c25", "C25").replace("d5,", "D5,")
    refused(
        read_bytes,
        text[: text.index(":62F:")],
        "statement.dat:1: the statement has no closing balance (:62F:); the file was probably cut off",
    )


CAMT_MISTAKES = [
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="EUR">357,00<', "statement.dat:21: the amount '357,00' cannot be read"),
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="EUR">-357.00<', "statement.dat:21: the amount '-357.00' cannot be read"),
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="EUR">357.001<',
     "statement.dat:21: the amount '357.001' EUR cannot be read"),
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="EUR"><', "statement.dat:21: the amount '' cannot be read"),
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="XQX">357.00<', "statement.dat:21: the amount '357.00' XQX cannot be read"),
    ('<Amt Ccy="EUR">357.00<', '<Amt Ccy="USD">357.00<',
     "statement.dat:21: a booking in USD stands on an account in EUR"),
    ("<Dt>2026-05-05</Dt></BookgDt><ValDt><Dt>2026-02-30", "<Dt>2026-02-30</Dt></BookgDt><ValDt><Dt>x",
     "statement.dat:43: the booking date '2026-02-30' is no day of the calendar"),
    ("<BookgDt><Dt>2026-05-05</Dt></BookgDt><ValDt><Dt>2026-02-30</Dt></ValDt>", "",
     "statement.dat:43: the booking has no date"),
    ("<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>", "<CdtDbtInd>CREDIT</CdtDbtInd><RvslInd>",
     "statement.dat:43: the direction 'CREDIT' is neither CRDT nor DBIT"),
    ('<Amt Ccy="EUR">1052.50<', '<Amt Ccy="USD">1052.50<',
     "statement.dat:21: a booking in EUR stands on an account in USD"),
    ('<Amt Ccy="EUR">2389.70<', '<Amt Ccy="USD">2389.70<',
     "statement.dat:7: the statement opens in EUR and closes in USD"),
    ("<IBAN>DE02120300000000202051</IBAN>", "", "statement.dat:7: the statement names no account"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "message"), CAMT_MISTAKES)
def test_what_a_camt_file_cannot_say(
    right: str, wrong: str, message: str, sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("camt053_v08.xml")
    assert right in text
    refused(read_bytes, text.replace(right, wrong, 1), message)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (":60F:C260430EUR1000,00\n", "", "statement.dat:1: the statement has no opening balance (:60F:)"),
        (":25:12030000/0000202051EUR\n", "", "statement.dat:1: the statement names no account (:25:)"),
        ("CR119,NTRF", "CR1.1.9,NTRF", "statement.dat:6: the amount '1.1.9,' cannot be read"),
        ("CR119,NTRF", "CR119,005NTRF", "statement.dat:6: the amount '119,005' EUR cannot be read"),
        (
            ":61:2605040504CR119",
            ":61:2605040431CR119",
            "statement.dat:6: the booking date '0431' is no day of the calendar",
        ),
        (":61:2605040504CR119", ":61:garbage", "statement.dat:6: the booking :61:garbage,NTRFNONREF//2026050400001"),
        (":62F:C260504EUR1042,50", ":62F:C260231EUR1042,50", "statement.dat:27: '260231' is no day of the calendar"),
        (":60F:C260430EUR1000", ":60F:C260430XQX1000", "statement.dat:5: the amount '1000,00' XQX cannot be read"),
        (
            ":60F:C260430EUR1000",
            ":60F:C260430USD1000",
            "statement.dat:1: the statement opens in USD and closes in EUR",
        ),
    ],
)
def test_what_an_mt940_file_cannot_say(
    right: str, wrong: str, message: str, sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("mt940_german.sta")
    assert right in text
    with pytest.raises(Unreadable, match=re.escape(message)):
        read_bytes(text.replace(right, wrong, 1))


def test_the_second_reader_is_not_believed_when_its_sum_is_wrong(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    text = sample_text("mt940_lower_case_marks.sta").replace("EUR120,00", "EUR121,00")
    refused(read_bytes, text, "statement.dat:5: the booking :61:2605040504c25,50NTRFREF1//BANK1 cannot be read")


def test_a_path_in_the_text_is_never_opened(tmp_path: Path, read_bytes: Callable[..., Reading]) -> None:
    secret = tmp_path / "secret.sta"
    secret.write_text(":20:X\n")
    refused(read_bytes, f":20:{secret}\n:25:1\n:60F:x", "statement.dat:3: the balance :60F:x cannot be read")


def test_one_broken_statement_sets_the_whole_file_aside(
    sample_text: Callable[[str], str], read_bytes: Callable[..., Reading]
) -> None:
    good = sample_text("mt940_german.sta")
    with pytest.raises(Unreadable):
        read_bytes(good + good.replace("EUR1042,50", "EUR9999,99"))


def test_a_file_we_may_not_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sta"
    path.write_bytes(b"x")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    with pytest.raises(Refused, match="we may not read this file"):
        read_statements(path)


def test_a_file_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read now"):
        read_statements(tmp_path / "gone.sta")
