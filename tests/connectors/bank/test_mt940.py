"""What MT940 and MT942 say: pages, marks, years, line ends, keywords."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from connectors.bank.account import same_account
from ledger.money import Money
from ledger.statement import EntryKind, EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.bank.reading import Reading


def test_pages_are_one_statement_from_60f_to_62f(sample: Callable[[str], Reading]) -> None:
    reading = sample("mt940_german.sta")
    first, second = reading.statements
    assert (first.opening, first.closing) == (Money(100000, "EUR"), Money(104250, "EUR"))
    assert (first.number, len(first.entries)) == ("00085", 4)
    assert same_account(first.account, "DE02120300000000202051")
    assert (second.account, second.entries, second.opening_date) == ("DE14701500000044444444", (), None)
    assert reading.findings == ()


def test_a_german_payment_gives_every_field(sample: Callable[[str], Reading]) -> None:
    entry = sample("mt940_german.sta").statements[0].entries[0]
    assert (entry.amount, entry.kind) == (Money(11900, "EUR"), EntryKind.TRANSFER)
    assert entry.payer_iban == "DE37370400440001111111"
    assert entry.payer_bic == "COBADEFFXXX"
    assert entry.ultimate_name == "Petra Mueller"
    assert entry.remittance == "Rechnung RE-2026 -0042 vom 01.04.2026 Kunde 1 0815 danke"
    assert "RE-2026-0042" in entry.remittance_glued
    assert (entry.end_to_end_id, entry.bank_reference) == ("E2E-2026-42", "2026050400001")
    assert (entry.posting_text, entry.transaction_code) == ("GUTSCHR. UEBERWEISUNG", "166")
    assert entry.place == "mt940_german.sta:6"


def test_a_returned_debit_tells_principal_fee_and_reason(sample: Callable[[str], Reading]) -> None:
    entry = sample("mt940_german.sta").statements[0].entries[1]
    assert entry.kind is EntryKind.RETURNED_DEBIT
    assert entry.amount == Money(-6250, "EUR")
    assert (entry.original_amount, entry.charges) == (Money(5950, "EUR"), Money(300, "EUR"))
    assert (entry.return_reason, entry.mandate_id) == ("MS03", "MANDAT-17")
    assert entry.payer_name == "Karla Kolumna"


def test_the_same_payment_reads_the_same_in_camt_and_mt940(sample: Callable[[str], Reading]) -> None:
    camt = sample("camt053_v02.xml").statements[0].entries
    mt940 = sample("mt940_german.sta").statements[0].entries
    for one, other in zip(camt[:3], mt940[:3], strict=True):
        for what in (
            "booking_date",
            "amount",
            "kind",
            "payer_iban",
            "mandate_id",
            "original_amount",
            "return_reason",
        ):
            assert getattr(one, what) == getattr(other, what), what


@pytest.mark.parametrize(
    ("mark", "minor", "kind"),
    [
        ("C", 1000, EntryKind.TRANSFER),
        ("CR", 1000, EntryKind.TRANSFER),  # R is the funds code, the third letter of EUR
        ("D", -1000, EntryKind.TRANSFER),
        ("DR", -1000, EntryKind.TRANSFER),
        ("RC", -1000, EntryKind.REVERSAL),  # a credit taken back: money leaves
        ("RD", 1000, EntryKind.REVERSAL),  # a debit taken back: money comes in
        ("RCR", -1000, EntryKind.REVERSAL),
    ],
)
def test_the_marks_of_a_booking(mark: str, minor: int, kind: EntryKind, read_bytes: Callable[..., Reading]) -> None:
    (entry,) = read_bytes(_mt940(f":61:2605040504{mark}10,00NTRFNONREF", sum_minor=minor)).statements[0].entries
    assert (entry.amount.minor, entry.kind, entry.status) == (minor, kind, EntryStatus.BOOKED)


@pytest.mark.parametrize(
    ("value", "booked", "booking_date"),
    [
        ("261231", "0102", date(2027, 1, 2)),
        ("270102", "1230", date(2026, 12, 30)),
        ("260504", "0504", date(2026, 5, 4)),
        ("260504", "", date(2026, 5, 4)),
        ("240301", "0229", date(2024, 2, 29)),
    ],
)
def test_the_year_of_the_booking_date(
    value: str, booked: str, booking_date: date, read_bytes: Callable[..., Reading]
) -> None:
    line = f":61:{value}{booked}C10,00NTRFNONREF"
    (entry,) = read_bytes(_mt940(line, sum_minor=1000)).statements[0].entries
    assert entry.booking_date == booking_date


@pytest.mark.parametrize(
    ("written", "minor"),
    [("10,00", 1000), ("10,", 1000), (",50", 50), ("10,5", 1050), ("000000001234,56", 123456), ("1.234,56", 123456),
     ("300", 30000), ("12.34", 1234)],
)  # fmt: skip
def test_amounts_as_banks_write_them(written: str, minor: int, read_bytes: Callable[..., Reading]) -> None:
    (entry,) = read_bytes(_mt940(f":61:2605040504C{written}NTRFNONREF", sum_minor=minor)).statements[0].entries
    assert entry.amount.minor == minor


def test_an_impossible_value_date_is_left_out_and_told(read_bytes: Callable[..., Reading]) -> None:
    reading = read_bytes(_mt940(":61:2602300301C10,00NTRFNONREF", sum_minor=1000))
    (entry,) = reading.statements[0].entries
    assert (entry.booking_date, entry.value_date) == (date(2026, 3, 1), None)
    assert [f.code for f in reading.findings] == ["value_date_impossible"]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "@@"])
def test_every_line_end_reads_the_same(
    line_end: str,
    sample_text: Callable[[str], str],
    sample: Callable[[str], Reading],
    read_bytes: Callable[..., Reading],
) -> None:
    text = sample_text("mt940_german.sta").replace("\n", line_end)
    reading = read_bytes(text, "mt940_german.sta")
    assert reading == sample("mt940_german.sta")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_survive_every_charset(encoding: str, read_bytes: Callable[..., Reading]) -> None:
    text = _mt940(":61:2605040504C10,00NTRFNONREF\n:86:166?00GUTSCHRIFT?20Gruß?32Jürgen Groß", sum_minor=1000)
    (entry,) = read_bytes(text.encode(encoding)).statements[0].entries
    assert (entry.payer_name, entry.remittance) == ("Jürgen Groß", "Gruß")


def test_characters_that_are_in_no_charset_are_told(read_bytes: Callable[..., Reading]) -> None:
    text = _mt940(":61:2605040504C10,00NTRFNONREF\n:86:166?20J#rgen", sum_minor=1000)
    reading = read_bytes(text.encode().replace(b"#", b"\x81"))
    assert [(f.code, f.place) for f in reading.findings] == [("characters_lost", "statement.dat:6")]


def test_swift_blocks_around_messages_do_no_harm(read_bytes: Callable[..., Reading]) -> None:
    one = "{1:F01BANKDEFFAXXX0000000000}{2:I940BANKDEFFXXXXN}{4:\n" + _mt940("", sum_minor=0).rstrip("-\n") + "\n-}"
    reading = read_bytes(f"{one}\n{one}")
    assert len(reading.statements) == 2


def test_an_intraday_message_is_only_a_preview(sample: Callable[[str], Reading]) -> None:
    reading = sample("mt942.sta")
    (statement,) = reading.statements
    assert reading.format == statement.format == "MT942"
    assert (statement.opening, statement.closing, statement.currency) == (None, None, "EUR")
    assert [(e.amount, e.status) for e in statement.entries] == [(Money(3000, "EUR"), EntryStatus.PENDING)]


def test_pages_that_are_elsewhere_are_told(read_bytes: Callable[..., Reading]) -> None:
    text = _mt940(":61:2605040504C10,00NTRFNONREF", sum_minor=1000).replace(":60F:", ":60M:")
    reading = read_bytes(text)
    assert reading.statements[0].opening == Money(10000, "EUR")
    assert [f.code for f in reading.findings] == ["statement_pages_missing"]


def test_pages_of_different_accounts_are_never_put_together(read_bytes: Callable[..., Reading]) -> None:
    first = _mt940("", sum_minor=0).replace(":62F:", ":62M:")
    other = (
        _mt940("", sum_minor=0).replace(":60F:", ":60M:").replace("DE02120300000000202051", "DE14701500000044444444")
    )
    assert len(read_bytes(first + other).statements) == 2


def test_free_text_keeps_its_words_and_its_cuts(read_bytes: Callable[..., Reading]) -> None:
    long = "PAYMENT OF INVOICE " + "X" * 44 + "RE"  # 65 characters: cut by the bank
    lines = f":61:2605040504C10,00NTRFNONREF//B1\nsupplement\n:86:{long}\n20260042\nTHANK YOU"
    (entry,) = read_bytes(_mt940(lines, sum_minor=1000)).statements[0].entries
    assert entry.remittance.endswith("RE20260042 THANK YOU supplement")
    assert "RE20260042THANK YOU" in entry.remittance_glued
    assert entry.transaction_code == "NTRF"


def test_original_amount_and_charges_of_a_foreign_payment(read_bytes: Callable[..., Reading]) -> None:
    lines = ":61:2605040504C985,00NTRFNONREF//B1\n/OCMT/USD1000,00/CHGS/EUR15,00/\n:86:202?20INV 77"
    (entry,) = read_bytes(_mt940(lines, sum_minor=98500)).statements[0].entries
    assert (entry.original_amount, entry.charges) == (Money(100000, "USD"), Money(1500, "EUR"))


def test_an_unreadable_keyword_amount_is_told_and_left_out(read_bytes: Callable[..., Reading]) -> None:
    lines = ":61:2605040504D10,00NRTINONREF\n:86:109?20OAMT+viel?21SVWZ+RETOURE?34905"
    reading = read_bytes(_mt940(lines, sum_minor=-1000))
    (entry,) = reading.statements[0].entries
    assert entry.original_amount is None
    assert entry.return_reason == "905 RETOURE"  # a number that banks use differently is not translated
    assert [f.code for f in reading.findings] == ["told_amount_unreadable"]


def test_an_original_amount_in_a_currency_nobody_knows_is_told_and_left_out(
    read_bytes: Callable[..., Reading],
) -> None:
    reading = read_bytes(_mt940(":61:2605040504C10,00NTRFNONREF\n/OCMT/XQX10,/CHGS/EUR1,", sum_minor=1000))
    (entry,) = reading.statements[0].entries
    assert (entry.original_amount, entry.charges) == (None, Money(100, "EUR"))
    assert [f.code for f in reading.findings] == ["told_amount_unreadable"]


def test_a_dialect_we_do_not_know_is_read_by_the_second_reader_and_told(sample: Callable[[str], Reading]) -> None:
    reading = sample("mt940_lower_case_marks.sta")
    (statement,) = reading.statements
    assert [e.amount.minor for e in statement.entries] == [2550, -550]
    assert statement.entries[0].payer_name == "Emil Erpel"
    assert [f.code for f in reading.findings] == ["second_reader"]


def _mt940(lines: str, *, sum_minor: int) -> str:
    closing = 10000 + sum_minor
    mark = "C" if closing >= 0 else "D"
    return (
        f":20:T\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260430EUR100,00\n{lines}\n"
        f":62F:{mark}260504EUR{abs(closing) // 100},{abs(closing) % 100:02d}\n-\n"
    ).replace("\n\n", "\n")
