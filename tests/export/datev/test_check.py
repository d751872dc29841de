"""Every way in which exports go wrong in practice is found by our own check."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from export.datev.accounts import skr03
from export.datev.batch import DatevBatch, DatevSettings, datev_batches
from export.datev.check import check_batch, check_delivery
from export.datev.columns import COLUMNS, HEADER
from export.datev.posting import PostingFact
from export.datev.reader import read_batch
from ledger.allocation import Allocation, AllocationKind
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

IBAN = "DE02120300000000202051"


def a_batch() -> DatevBatch:
    allocations = (
        Allocation(
            kind=AllocationKind.PAYMENT,
            amount=Money(11662, "EUR"),
            item_id="1",
            document_number="RE-1",
            debtor_number="10001",
        ),
        Allocation(
            kind=AllocationKind.SKONTO,
            amount=Money(238, "EUR"),
            item_id="1",
            document_number="RE-1",
            debtor_number="10001",
        ),
        Allocation(
            kind=AllocationKind.FEE,
            amount=Money(250, "EUR"),
            item_id="1",
            document_number="RE-1",
            debtor_number="10001",
        ),
    )
    facts = [
        PostingFact(
            entry_id="E1",
            booking_date=date(2026, 5, 4),
            account=IBAN,
            allocation=a,
            payer_name="Bäcker Müller",
            remittance="RE-1",
        )
        for a in allocations
    ]
    settings = DatevSettings(chart=skr03(own_ibans=(IBAN,)), consultant_number=29098, client_number=55003)
    return datev_batches("muster", facts, settings, created_at=datetime(2026, 6, 1, tzinfo=UTC)).batches[0]


GOOD = a_batch()


def with_value(line: int, number: int, written: str) -> Callable[[bytes], bytes]:
    """Replace one field of one line (1 is the header) by exactly these characters."""

    def mutate(content: bytes) -> bytes:
        lines = content.decode("cp1252").split("\r\n")
        fields = lines[line - 1].split(";")  # no value of the good batch holds a semicolon
        fields[number - 1] = written
        lines[line - 1] = ";".join(fields)
        return "\r\n".join(lines).encode("cp1252")

    return mutate


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def mutate(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return mutate


MUTATIONS: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a decimal dot", with_value(3, 1, "116.62"), "datev-value"),
    ("a sign", with_value(3, 1, "-116,62"), "datev-value"),
    ("thousands marks", with_value(3, 1, "1.116,62"), "datev-value"),
    ("one decimal", with_value(3, 1, "116,6"), "datev-value"),
    ("turnover zero", with_value(3, 1, "0,00"), "datev-zero"),
    ("turnover missing", with_value(3, 1, ""), "datev-required"),
    ("side missing", with_value(3, 2, '""'), "datev-required"),
    ("side unknown", with_value(3, 2, '"X"'), "datev-value"),
    ("side unquoted", with_value(3, 2, "S"), "datev-quotes"),
    ("amount quoted", with_value(3, 1, '"116,62"'), "datev-quotes"),
    ("empty text without quotes", with_value(3, 3, ""), "datev-quotes"),
    ("rate without base amount", with_value(3, 4, "1,123400"), "datev-pair"),
    ("rate zero", with_value(3, 4, "0,00"), "datev-zero"),
    ("account missing", with_value(3, 7, ""), "datev-required"),
    ("account too long", with_value(3, 8, "100011"), "datev-account"),
    ("account against itself", with_value(3, 8, "1200"), "datev-account"),
    (
        "tax key on an automatic account",
        lambda c: with_value(3, 9, '"3"')(with_value(3, 8, "8400")(c)),
        "datev-tax-key",
    ),
    ("leading zero lost", with_value(3, 10, "405"), "datev-value"),
    ("no such day", with_value(3, 10, "3102"), "datev-date"),
    ("another month", with_value(3, 10, "0406"), "datev-date"),
    ("a blank in the document number", with_value(3, 11, '"RE 1"'), "datev-value"),
    ("an umlaut in the document number", with_value(3, 11, '"RÜ-1"'), "datev-value"),
    ("37 characters of document number", with_value(3, 11, f'"{"R" * 37}"'), "datev-value"),
    ("Skonto zero", with_value(3, 13, "0,00"), "datev-zero"),
    ("Skonto on a claim", with_value(4, 13, "1,00"), "datev-skonto"),
    ("61 characters of text", with_value(3, 14, f'"{"t" * 61}"'), "datev-value"),
    ("a dunning fee without debtor", with_value(4, 7, "1200"), "datev-person"),
    (
        "a due date without debtor",
        lambda c: with_value(4, 117, "31052026")(with_value(4, 7, "1200")(c)),
        "datev-person",
    ),
    ("21 characters of info kind", with_value(3, 21, f'"{"a" * 21}"'), "datev-value"),
    ("info kind without content", with_value(3, 22, '""'), "datev-pair"),
    ("bank without mandate", with_value(3, 17, "001"), "datev-pair"),
    ("locking by omission", with_value(3, 114, ""), "datev-locking"),
    ("locking by one line", with_value(4, 114, "1"), "datev-locking"),
    ("service date alone", with_value(3, 115, "04052026"), "datev-pair"),
    ("unknown Generalumkehr", with_value(3, 118, '"J"'), "datev-value"),
    ("not EXTF", with_value(1, 1, '"DTVF"'), "datev-value"),
    ("older version", with_value(1, 5, "12"), "datev-value"),
    ("Berater too small", with_value(1, 11, "1000"), "datev-value"),
    ("Mandant missing", with_value(1, 12, ""), "datev-required"),
    ("period outside the business year", with_value(1, 13, "20250101"), "datev-period"),
    ("account length nine", with_value(1, 14, "9"), "datev-value"),
    ("locking missing in the header", with_value(1, 21, ""), "datev-required"),
    ("30 header fields", lambda c: c.replace(b';"Kontorist"\r\n', b"\r\n", 1), "datev-width"),
    ("a column lost", replaced(b"Umsatz (ohne Soll/Haben-Kz);", b""), "datev-titles"),
    ("columns exchanged", replaced(b"WKZ Umsatz;Kurs", b"Kurs;WKZ Umsatz"), "datev-titles"),
    ("a field too many", replaced(b"116,62;", b"116,62;;"), "datev-width"),
    ("an open quotation mark", replaced(b'"RE-1"', b'"RE-1'), "datev-quotes"),
    ("a quotation mark inside", replaced(b'"RE-1"', b'"RE"1"'), "datev-quotes"),
    ("UTF-8", lambda c: c.decode("cp1252").encode("utf-8"), "datev-encoding"),
    ("a byte order mark", lambda c: b"\xef\xbb\xbf" + c, "datev-encoding"),
    ("a byte outside Windows-1252", replaced(b"RE-1", b"RE\x81"), "datev-encoding"),
    ("line feeds only", lambda c: c.replace(b"\r\n", b"\n"), "datev-line-ends"),
    ("a line break in a text", replaced(b"B\xe4cker", b"B\r\ncker"), "datev-width"),
    ("a cut file", lambda c: c[:-20], "datev-cut"),
    ("an empty file", lambda _: b"", "datev-width"),
]


def test_the_good_batch_is_good() -> None:
    assert check_delivery(GOOD) == ()
    assert GOOD.line_count == 3


@pytest.mark.parametrize(
    ("mutate", "code"), [(m, c) for _, m, c in MUTATIONS], ids=[name for name, _, _ in MUTATIONS]
)
def test_a_mistake_is_found(mutate: Callable[[bytes], bytes], code: str) -> None:
    findings = check_batch(mutate(GOOD.content))
    assert code in {finding.code for finding in findings}
    assert all(str(finding) for finding in findings)


@pytest.mark.parametrize(
    "batch",
    [
        replace(GOOD, file_name="Buchungsstapel.csv"),
        replace(GOOD, line_count=4),
        replace(GOOD, sum_debit=Money(1, "EUR")),
        replace(GOOD, sum_credit=Money(1, "EUR")),
    ],
)
def test_a_batch_that_is_not_what_it_says_is_not_delivered(batch: DatevBatch) -> None:
    assert [finding.code for finding in check_delivery(batch)] == ["datev-delivery"]


def test_money_accounts_outside_the_usual_ranges_can_be_named() -> None:
    elsewhere = with_value(3, 7, "1950")(GOOD.content)
    assert [f.code for f in check_batch(elsewhere)] == ["datev-skonto"]
    assert check_batch(elsewhere, money_accounts=(1950,)) == ()


def test_rows_are_read_by_the_official_titles() -> None:
    row = read_batch(GOOD.content).rows[0].as_dict()
    assert len(row) == len(COLUMNS)
    assert (row["Umsatz (ohne Soll/Haben-Kz)"], row["Belegfeld 1"], row["Skonto"]) == ("116,62", "RE-1", "2,38")


def test_a_message_tells_line_field_value_and_remedy() -> None:
    (finding,) = check_batch(with_value(3, 10, "405")(GOOD.content))
    assert str(finding) == (
        "DATEV batch, line 3, field 10 Belegdatum: the value is not allowed here\n"
        "    405\n"
        "    Write at most 4 characters of type date (inside header fields 15 and 16)."
    )


def test_columns_and_header_are_complete_and_in_order() -> None:
    assert [column.number for column in COLUMNS] == list(range(1, 126))
    assert [field.number for field in HEADER] == list(range(1, 32))
    assert len({column.title for column in COLUMNS}) == 125
    assert [column.number for column in COLUMNS if column.required] == [1, 2, 7, 8, 10]


OFFICIAL_HEADER = (
    '"EXTF";700;21;"Buchungsstapel";13;20240130140440439;;"RE";"";"";29098;55003;20240101;4;20240101;20240831;'
    '"Buchungsstapel";"WD";1;0;0;"EUR";;"";;;"03";;;"";""'
)


def test_a_header_as_datev_publishes_it_has_no_findings() -> None:
    content = f"{OFFICIAL_HEADER}\r\n{';'.join(c.title for c in COLUMNS)}\r\n".encode("cp1252")
    assert check_batch(content) == ()
