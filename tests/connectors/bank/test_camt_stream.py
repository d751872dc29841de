"""A camt file of any size is read piece by piece, in the same memory, and every booking keeps its place."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from connectors.bank.format import PIECE_ENTRIES
from connectors.bank.iso20022 import camt, camt_page
from connectors.bank.iso20022.xml_stream import forget
from ledger.errors import Unreadable
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from connectors.bank.format import Piece
    from connectors.bank.reading import Reading

ACCOUNT = "<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"


def balance(code: str, amount: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-05-04</Dt></Dt></Bal>"
    )


def booking(amount: str, inside: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-05-04</Dt></BookgDt>{inside}</Ntry>\n"
    )


def payment(amount: str, number: int) -> str:
    return f'<TxDtls><Refs><EndToEndId>E{number}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt></TxDtls>'


def write(path: Path, parts: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>\n'
        )
        file.writelines(parts)
        file.write("</Stmt></BkToCstmrStmt></Document>")
    return path


def read(path: Path) -> list[Piece]:
    return list(camt.pieces(path, path.name))


def test_a_long_statement_comes_in_pieces_and_the_last_one_proves_it(tmp_path: Path) -> None:
    count = 2 * PIECE_ENTRIES + 17
    path = write(
        tmp_path / "long.xml",
        (
            ACCOUNT,
            balance("OPBD", "1.00"),
            balance("CLBD", f"{count + 1}.00"),
            *(booking("1.00") for _ in range(count)),
        ),
    )
    pieces = read(path)
    assert [len(p.statement.entries) for p in pieces] == [PIECE_ENTRIES, PIECE_ENTRIES, 17]
    assert [p.is_last for p in pieces] == [False, False, True]
    assert {p.number for p in pieces} == {0}
    assert {p.statement.account for p in pieces} == {"DE02120300000000202051"}
    assert pieces[-1].statement.closing == Money(100 * (count + 1), "EUR")


def test_a_booking_missing_far_back_in_an_earlier_piece_is_noticed(tmp_path: Path) -> None:
    count = PIECE_ENTRIES + 5
    path = write(
        tmp_path / "gap.xml",
        (
            ACCOUNT,
            balance("OPBD", "0.00"),
            balance("CLBD", f"{count}.00"),
            *(booking("1.00") for _ in range(count - 1)),
        ),
    )
    with pytest.raises(Unreadable, match="the balances of statement S do not add up"):
        read(path)


def test_memory_does_not_grow_with_the_number_of_bookings(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = write(tmp_path / f"{count}.xml", (ACCOUNT, *(booking("1.00") for _ in range(count))))
        tracemalloc.start()
        for piece in camt.pieces(path, path.name):
            assert len(piece.statement.entries) <= PIECE_ENTRIES
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    peak(10)  # what is loaded once
    assert peak(22_000) < 1.2 * peak(11_000)


@pytest.mark.parametrize("between", ["", "</NtryDtls><NtryDtls>"])
def test_a_very_large_booking_is_read_payment_by_payment(
    between: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camt_page, "MOST_PAYMENTS_KEPT", 10)
    inside = between.join(payment("2.00", n) for n in range(25))
    parts = [ACCOUNT, booking("1.00"), booking("50.00", f"<NtryDtls>{inside}</NtryDtls>"), booking("3.00")]
    entries = [e for piece in read(write(tmp_path / "many.xml", parts)) for e in piece.statement.entries]
    assert [(e.booking_ref, e.position, e.amount.minor) for e in entries] == [
        ("1", 0, 100),
        *(("2", n, 200) for n in range(25)),
        ("3", 0, 300),
    ]
    assert [e.end_to_end_id for e in entries[1:26]] == [f"E{n}" for n in range(25)]


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("2.01", "a booking of 50,00 EUR holds 25 payments that do not add up to it"),
        ("", "a payment of a very large booking names no amount in the currency of the account"),
    ],
)
def test_a_very_large_booking_whose_payments_do_not_add_up_is_refused(
    last: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camt_page, "MOST_PAYMENTS_KEPT", 10)
    inside = "".join(payment("2.00", n) for n in range(24)) + payment(last, 24)
    path = write(tmp_path / "many.xml", [ACCOUNT, booking("50.00", f"<NtryDtls>{inside}</NtryDtls>")])
    with pytest.raises(Unreadable, match=message):
        read(path)


def test_a_booking_too_large_to_wait_for_changes_nothing_in_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camt, "PIECE_ENTRIES", 7)
    monkeypatch.setattr(camt_page, "PIECE_ENTRIES", 7)
    monkeypatch.setattr(camt_page, "MOST_PAYMENTS_KEPT", 10)
    inside = "".join(payment("2.00", n) for n in range(4_000))
    parts = [ACCOUNT, *(booking("1.00") for _ in range(20)), booking("8000.00", f"<NtryDtls>{inside}</NtryDtls>")]
    path = write(tmp_path / "large.xml", parts)
    patiently = read(path)
    monkeypatch.setattr(camt, "_MOST_BYTES", 100_000)
    assert read(path) == patiently
    assert sum(len(piece.statement.entries) for piece in patiently) == 4_020


def test_a_header_without_end_is_no_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt, "_MOST_BYTES", 100_000)
    path = write(tmp_path / "header.xml", [ACCOUNT, *(balance("CLAV", "1.00") for _ in range(2_000))])
    with pytest.raises(Unreadable, match="neither booking nor payment within 100,000 bytes"):
        read(path)


def test_payments_that_say_nothing_at_all_are_counted(tmp_path: Path) -> None:
    pieces = read(
        write(tmp_path / "empty.xml", [ACCOUNT, *(booking("1.00", "<NtryDtls><TxDtls/></NtryDtls>"),) * 200])
    )
    assert len(pieces[0].statement.entries) == 200
    pieces = read(
        write(tmp_path / "all.xml", [ACCOUNT, booking("1.00", f"<NtryDtls>{'<TxDtls/>' * 200}</NtryDtls>")])
    )
    assert "0 of 200 name an amount" in pieces[0].findings[0].excerpt


def test_each_payment_knows_its_line_and_its_path(tmp_path: Path) -> None:
    details = f"<NtryDtls>{payment('1.00', 1)}{payment('2.00', 2)}</NtryDtls>"
    path = write(tmp_path / "june 2026.xml", [ACCOUNT, "\n", booking("4.00"), booking("3.00", details)])
    (piece,) = read(path)
    assert [e.place for e in piece.statement.entries] == [
        "june 2026.xml:3 Stmt[1]/Ntry[1]",
        "june 2026.xml:4 Stmt[1]/Ntry[2]/TxDtls[1]",
        "june 2026.xml:4 Stmt[1]/Ntry[2]/TxDtls[2]",
    ]
    assert {e.place.rpartition(":")[0] for e in piece.statement.entries} == {"june 2026.xml"}


def test_where_lines_are_no_longer_counted_the_path_is_still_true(tmp_path: Path) -> None:
    path = write(tmp_path / "tall.xml", [ACCOUNT, "\n" * 66_000, booking("4.00")])
    (piece,) = read(path)
    assert piece.statement.entries[0].place == "tall.xml:Stmt[1]/Ntry[1]"


def test_a_refusal_in_a_file_of_one_line_names_the_path(read_bytes: Callable[..., Reading]) -> None:
    entries = (booking("1.00") + booking("1,5")).replace("\n", "")
    xml = f"<Document><BkToCstmrStmt><Stmt>{ACCOUNT}{entries}</Stmt></BkToCstmrStmt></Document>"
    with pytest.raises(Unreadable, match=r"statement\.dat:1 Stmt\[1\]/Ntry\[2\]: the amount '1,5' cannot be read"):
        read_bytes(xml)


def test_nothing_is_assumed_about_the_order_of_a_statement(tmp_path: Path) -> None:
    path = write(
        tmp_path / "order.xml",
        (
            balance("CLBD", "15.00"),
            booking("5.00"),
            ACCOUNT,
            balance("OPBD", "10.00"),
            "<ElctrncSeqNb>7</ElctrncSeqNb>",
        ),
    )
    (piece,) = read(path)
    assert (piece.statement.account, piece.statement.number) == ("DE02120300000000202051", "7")
    assert piece.statement.entries[0].account == "DE02120300000000202051"
    assert piece.statement.opening == Money(1000, "EUR")
    assert piece.findings == ()


def test_a_statement_without_bookings_is_proven_by_its_balances(tmp_path: Path) -> None:
    (piece,) = read(write(tmp_path / "quiet.xml", (ACCOUNT, balance("OPBD", "9.00"), balance("CLBD", "9.00"))))
    assert piece.is_last
    assert piece.statement.entries == ()
    assert piece.findings == ()
    with pytest.raises(Unreadable, match="do not add up"):
        read(write(tmp_path / "loud.xml", (ACCOUNT, balance("OPBD", "9.00"), balance("CLBD", "8.00"))))


def test_several_messages_in_one_envelope_are_several_statements(read_bytes: Callable[..., Reading]) -> None:
    def message(prefix: str, version: str, amount: str) -> str:
        plain = (
            f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'><BkToCstmrStmt><Stmt>{ACCOUNT}"
        )
        plain += f"{booking(amount)}</Stmt></BkToCstmrStmt></Document>"
        return (
            plain.replace("</", f"</{prefix}")
            .replace("<", f"<{prefix}")
            .replace(f"<{prefix}/{prefix}", f"</{prefix}")
            .replace("xmlns=", f"xmlns:{prefix[:-1]}=" if prefix else "xmlns=")
        )

    reading = read_bytes(
        '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>'
        f"{message('', '02', '1.00')}{message('a:', '08', '2.00')}{message('b-1:', '99', '3.00')}"
        "</soap:Body></soap:Envelope>"
    )
    assert [(s.format[-2:], s.entries[0].amount.minor) for s in reading.statements] == [
        ("02", 100),
        ("08", 200),
        ("99", 300),
    ]


def test_what_others_wrap_into_supplementary_data_is_no_payment_and_no_booking(
    read_bytes: Callable[..., Reading],
) -> None:
    strange = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>ours</EndToEndId></Refs><SplmtryData><Envlp><Ntry>"
        f"{payment('9.00', 9)}</Ntry><TxDtls><Amt Ccy='EUR'>8.00</Amt></TxDtls></Envlp></SplmtryData>"
        "</TxDtls></NtryDtls>"
    )
    xml = f"<Document><BkToCstmrStmt><Stmt>{ACCOUNT}{booking('1.00', strange)}</Stmt></BkToCstmrStmt></Document>"
    (entry,) = read_bytes(xml).statements[0].entries
    assert (entry.amount, entry.end_to_end_id) == (Money(100, "EUR"), "ours")


@pytest.mark.parametrize("before", [0, 65_530, 65_534, 65_536, 200_000])
def test_a_wrong_byte_is_found_wherever_it_stands(before: int, read_bytes: Callable[..., Reading]) -> None:
    head = f"<Document><BkToCstmrStmt><Stmt>{ACCOUNT}<AddtlStmtInf>".encode()
    content = head + b"\n" + "ä".encode() * (before // 2) + b"\xfc</AddtlStmtInf></Stmt></BkToCstmrStmt></Document>"
    position = content.index(b"\xfc<") + 1
    with pytest.raises(
        Unreadable, match=rf":2: the file says it is UTF-8, but it is not\n +byte {position:,} \(0xFC\)"
    ):
        read_bytes(content)


def test_pieces_and_the_whole_are_the_same(sample: Callable[[str], Reading]) -> None:
    for name in ("camt053_v02.xml", "camt053_v08.xml", "camt054.xml", "camt052.xml"):
        for statement in sample(name).statements:
            booked = [e.amount for e in statement.entries if e.status.value == "booked"]
            assert total(booked, statement.currency) == statement.movement()


def test_what_no_bank_writes_between_bookings_is_forgotten_with_them() -> None:
    statement = etree.fromstring(f"<Stmt>{balance('OPBD', '1.00')}<x/><Ntry/><x/><y/><Ntry/></Stmt>")
    forget(statement[-1], keep={"Bal"})
    assert [child.tag for child in statement] == ["Bal", "Ntry"]


def test_a_statement_keeps_its_header_while_its_bookings_are_forgotten() -> None:
    statement = etree.fromstring(f"<Stmt><Ntry/>{balance('OPBD', '1.00')}<Ntry/><Ntry/></Stmt>")
    forget(statement[-1])
    assert [child.tag for child in statement] == ["Ntry", "Bal", "Ntry"]
