"""Every row of an open-item list becomes an item or a finding with its place; nothing is guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting import TOOLS, Capability, FileSource
from connectors.accounting.open_item_rows import read_open_items
from connectors.accounting.record import Layout
from connectors.accounting.row import Row
from ledger.finding import Severity
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from tests.connectors.accounting.conftest import Desk

FULL_HEADER = (
    "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency,"
    "skonto_percent,skonto_until,payment_reference,order_number,end_to_end_id"
)
GOOD_HEADER = "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency"
GOOD = "RE-1,invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR"


def codes(findings: tuple[object, ...]) -> list[str]:
    return [getattr(finding, "code", "") for finding in findings]


def test_a_full_row_is_read_to_the_last_column(desk: Desk) -> None:
    row = (
        "RE-2026-00471,invoice,10023,2026-05-01,2026-05-31,1190.00,595.00,EUR,2,2026-05-11,RF18539007547034,B-7,E2E-1"
    )
    pulled = desk.open_items(row, header=FULL_HEADER)
    assert pulled.items == (
        OpenItem(
            item_id="file:invoice:RE-2026-00471",
            document_number="RE-2026-00471",
            kind=ItemKind.INVOICE,
            debtor_number="10023",
            document_date=date(2026, 5, 1),
            due_date=date(2026, 5, 31),
            amount=Money(119_000, "EUR"),
            open_amount=Money(59_500, "EUR"),
            skonto_percent=Decimal(2),
            skonto_until=date(2026, 5, 11),
            payment_reference="RF18539007547034",
            order_number="B-7",
            end_to_end_id="E2E-1",
            source="file",
            place="open_items.csv:2",
        ),
    )
    assert (pulled.findings, pulled.complete, pulled.unreadable_numbers) == ((), True, frozenset())


def test_the_optional_columns_may_be_absent(desk: Desk) -> None:
    (item,) = desk.open_items(GOOD).items
    assert (item.skonto_percent, item.skonto_until, item.payment_reference) == (None, None, "")


def test_a_german_list_needs_no_mapping(desk: Desk) -> None:
    header = (
        "Art;Rechnungs-Nr.;Kunden-Nr.;Rechnungsdatum;Fälligkeit;Betrag;Offener Betrag;Währung;Skonto %;Skonto bis"
    )
    pulled = desk.open_items(
        "Rechnung;00471;10023;01.05.2026;31.05.26;1.190,00 €;1190,00;EUR;2,5;11.05.2026",
        "Gutschrift;00012;10023;01.05.2026;01.05.2026;50,00;50,00;;;",
        header=header,
    )
    invoice, credit_note = pulled.items
    assert pulled.findings == ()
    assert invoice.document_number == "00471"  # zeros are part of the number
    assert (invoice.amount, invoice.skonto_percent) == (Money(119_000, "EUR"), Decimal("2.5"))
    assert (credit_note.kind, credit_note.open_amount) == (ItemKind.CREDIT_NOTE, Money(5_000, "EUR"))


@pytest.mark.parametrize("header", ["Document Number", "DOCUMENT-NUMBER", " document_number ", "documentNumber"])
def test_headers_match_whatever_their_case_blanks_and_dashes(desk: Desk, header: str) -> None:
    assert len(desk.open_items(GOOD, header=GOOD_HEADER.replace("document_number", header)).items) == 1


def test_columns_stand_in_any_order_and_unknown_ones_are_ignored(desk: Desk) -> None:
    pulled = desk.open_items(
        "Müller,EUR,119.00,119.00,2026-05-31,2026-05-01,10001,invoice,RE-1",
        header="salesman,currency,open_amount,amount,due_date,document_date,debtor_number,kind,document_number",
    )
    assert [item.document_number for item in pulled.items] == ["RE-1"]


def test_the_configuration_may_say_which_column_is_which(desk: Desk) -> None:
    pulled = desk.open_items(
        "4711,RE-1,invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR",
        header="Belegnummer,beleg nr,kind,debtor_number,document_date,due_date,amount,open_amount,currency",
        columns={"document_number": "Beleg Nr."},
    )
    assert [item.document_number for item in pulled.items] == ["RE-1"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(desk: Desk, delimiter: str) -> None:
    pulled = desk.open_items(GOOD.replace(",", delimiter), header=GOOD_HEADER.replace(",", delimiter))
    assert len(pulled.items) == 1


def test_a_comma_inside_a_header_does_not_mislead(desk: Desk) -> None:
    pulled = desk.open_items(
        GOOD.replace(",", ";") + ";a, b",
        header=GOOD_HEADER.replace(",", ";") + ';"remark, internal, long, and, with, more, commas, than, columns"',
    )
    assert len(pulled.items) == 1


def test_excels_own_delimiter_line_is_no_header(desk: Desk) -> None:
    pulled = desk.open_items(GOOD_HEADER.replace(",", ";"), GOOD.replace(",", ";"), header="sep=;")
    assert [item.place for item in pulled.items] == ["open_items.csv:3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_encoding_is_read(desk: Desk, encoding: str, line_end: str) -> None:
    header = GOOD_HEADER.replace("due_date", "Fälligkeit") + ",order_number"
    pulled = desk.raw((header + line_end + GOOD + ",Größe" + line_end).encode(encoding))
    assert [item.order_number for item in pulled.items] == ["Größe"]


def test_a_configured_encoding_is_used(desk: Desk) -> None:
    pulled = desk.raw(f"{GOOD_HEADER},order_number\n{GOOD},Größe\n".encode("cp850"), encoding="cp850")
    assert pulled.items[0].order_number == "Größe"


def test_line_breaks_inside_quotes_keep_the_lines_counted(desk: Desk) -> None:
    pulled = desk.open_items(
        GOOD + ',"two\nlines, and ""quotes"""',
        GOOD.replace("RE-1", "RE-2").replace("119.00,119.00", "x,119.00") + ",",
        header=GOOD_HEADER + ",order_number",
    )
    assert pulled.items[0].order_number == 'two\nlines, and "quotes"'
    assert pulled.findings[0].place == "open_items.csv:4:amount"


def test_blank_rows_mean_nothing(desk: Desk) -> None:
    pulled = desk.open_items("", GOOD, ",,,,,,,", "  ")
    assert (len(pulled.items), pulled.findings, pulled.complete) == (1, (), True)


def test_a_currency_that_is_not_written_is_the_configured_one(desk: Desk) -> None:
    row = GOOD.replace(",EUR", ",")
    assert desk.open_items(row).items[0].currency == "EUR"
    assert desk.open_items(row, currency="CHF").items[0].currency == "CHF"
    without_column = desk.open_items(GOOD.removesuffix(",EUR"), header=GOOD_HEADER.removesuffix(",currency"))
    assert without_column.items[0].currency == "EUR"


def test_a_closed_item_is_still_listed(desk: Desk) -> None:
    pulled = desk.open_items(GOOD.replace("119.00,119.00", "119.00,0.00"))
    assert (pulled.items[0].open_amount, pulled.findings) == (Money(0, "EUR"), ())


SET_ASIDE = [
    # what stands there               what stands there instead        code                  column
    ("RE-1,invoice", ",invoice", "missing_value", "document_number"),
    ("invoice", "", "missing_value", "kind"),
    ("10001", "", "missing_value", "debtor_number"),
    ("2026-05-01", "", "missing_value", "document_date"),
    ("2026-05-31", "", "missing_value", "due_date"),
    ("119.00,119.00", ",119.00", "missing_value", "amount"),
    ("119.00,119.00", "119.00,", "missing_value", "open_amount"),
    ("119.00,119.00", '"1.234,5",119.00', "unreadable_amount", "amount"),
    ("119.00,119.00", "119.00,1.234", "unreadable_amount", "open_amount"),
    ("119.00,119.00", "119.005,119.00", "unreadable_amount", "amount"),
    ("119.00,119.00", "119.00 USD,119.00", "unreadable_amount", "amount"),
    ("119.00,119.00", "0.001,0.00", "unreadable_amount", "amount"),
    ("119.00,119.00", "much,119.00", "unreadable_amount", "amount"),
    ("119.00,119.00", "99999999999999999999.00,119.00", "unreadable_amount", "amount"),
    ("2026-05-31", "31.02.2026", "unreadable_date", "due_date"),
    ("2026-05-31", "31.02.", "unreadable_date", "due_date"),
    ("2026-05-31", "9999-12-31", "unreadable_date", "due_date"),
    ("2026-05-31", "30.12.1899", "unreadable_date", "due_date"),
    ("2026-05-01", "05/01/2026", "unreadable_date", "document_date"),
    ("EUR", "XXX", "unknown_currency", "currency"),
    ("invoice", "order", "unknown_kind", "kind"),
    ("119.00,119.00", "-119.00,119.00", "negative_amount", "amount"),
    ("119.00,119.00", "119.00,-1.00", "negative_amount", "open_amount"),
]


@pytest.mark.parametrize(("good", "bad", "code", "column"), SET_ASIDE)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_place(
    desk: Desk, good: str, bad: str, code: str, column: str
) -> None:
    pulled = desk.open_items(GOOD.replace("RE-1", "RE-0"), GOOD.replace(good, bad, 1))
    assert [item.document_number for item in pulled.items] == ["RE-0"]
    (finding,) = pulled.findings
    assert (finding.code, finding.place) == (code, f"open_items.csv:3:{column}")
    assert finding.severity is Severity.ERROR
    assert "set aside" in finding.what
    assert finding.what_to_do
    assert not pulled.complete
    assert pulled.unreadable_numbers == (frozenset() if column == "document_number" else {"RE-1"})


SKONTO_HEADER = GOOD_HEADER + ",skonto_percent,skonto_until"


@pytest.mark.parametrize(
    ("skonto", "code", "column"),
    [
        ("two,2026-05-11", "unreadable_percent", "skonto_percent"),
        ("100,2026-05-11", "unreadable_percent", "skonto_percent"),
        ("-2,2026-05-11", "unreadable_percent", "skonto_percent"),
        ("2,soon", "unreadable_date", "skonto_until"),
    ],
)
def test_a_skonto_that_cannot_be_read_is_not_ignored(desk: Desk, skonto: str, code: str, column: str) -> None:
    pulled = desk.open_items(f"{GOOD},{skonto}", header=SKONTO_HEADER)
    assert pulled.items == ()
    assert [(f.code, f.place) for f in pulled.findings] == [(code, f"open_items.csv:2:{column}")]


@pytest.mark.parametrize(
    ("written", "percent"), [("2", "2"), ("2,5", "2.5"), ("2.00", "2"), ("3 %", "3"), ("3%", "3")]
)
def test_a_skonto_is_a_percentage(desk: Desk, written: str, percent: str) -> None:
    pulled = desk.open_items(f'{GOOD},"{written}",2026-05-11', header=SKONTO_HEADER)
    assert pulled.items[0].skonto_percent == Decimal(percent)


def test_no_skonto_is_granted_without_a_last_day(desk: Desk) -> None:
    pulled = desk.open_items(f"{GOOD},2,", header=SKONTO_HEADER)
    assert (pulled.items[0].skonto_percent, pulled.complete) == (None, True)
    assert [(f.code, f.severity) for f in pulled.findings] == [("skonto_without_date", Severity.WARNING)]


def test_no_skonto_at_all_is_no_finding(desk: Desk) -> None:
    pulled = desk.open_items(f"{GOOD},0,", f"{GOOD.replace('RE-1', 'RE-2')},,", header=SKONTO_HEADER)
    assert ([i.skonto_percent for i in pulled.items], pulled.findings) == ([None, None], ())


@pytest.mark.parametrize(
    ("good", "odd", "code"),
    [
        ("119.00,119.00", "119.00,120.00", "open_above_amount"),
        ("2026-05-31", "2026-04-30", "due_before_document_date"),
    ],
)
def test_an_odd_row_is_kept_and_told(desk: Desk, good: str, odd: str, code: str) -> None:
    pulled = desk.open_items(GOOD.replace(good, odd, 1))
    assert (len(pulled.items), pulled.complete) == (1, True)
    assert [(f.code, f.severity) for f in pulled.findings] == [(code, Severity.WARNING)]


def test_all_mistakes_of_a_row_are_told_at_once(desk: Desk) -> None:
    pulled = desk.open_items(",thing,,yesterday,tomorrow,x,y,ZZZ")
    assert codes(pulled.findings) == [
        "missing_value",
        "unknown_kind",
        "missing_value",
        "unreadable_date",
        "unreadable_date",
        "unknown_currency",
    ]


def test_identical_rows_count_once(desk: Desk) -> None:
    pulled = desk.open_items(GOOD, GOOD, GOOD)
    assert (len(pulled.items), pulled.complete) == (1, True)
    assert [(f.code, f.severity) for f in pulled.findings] == [("duplicate_row", Severity.NOTE)]


def test_contradictory_rows_are_all_set_aside(desk: Desk) -> None:
    pulled = desk.open_items(GOOD, GOOD.replace("119.00,119.00", "119.00,19.00"), GOOD.replace("RE-1", "RE-2"))
    assert [item.document_number for item in pulled.items] == ["RE-2"]
    (finding,) = pulled.findings
    assert (finding.code, finding.severity) == ("contradictory_rows", Severity.ERROR)
    assert finding.excerpt == "open_items.csv:2, open_items.csv:3"
    assert pulled.unreadable_numbers == {"RE-1"}
    assert not pulled.complete


def test_a_row_whose_twin_cannot_be_read_is_set_aside_too(desk: Desk) -> None:
    pulled = desk.open_items(GOOD, GOOD.replace("119.00,119.00", "1.234,19.00"))
    assert pulled.items == ()
    assert codes(pulled.findings) == ["unreadable_amount", "contradictory_rows"]


def test_an_invoice_and_a_credit_note_may_share_a_number(desk: Desk) -> None:
    pulled = desk.open_items(GOOD, GOOD.replace("invoice", "credit_note"))
    assert [item.item_id for item in pulled.items] == ["file:invoice:RE-1", "file:credit_note:RE-1"]
    assert pulled.findings == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (GOOD.removesuffix(",EUR"), "wrong_cell_count"),
        (GOOD + ",what is this", "wrong_cell_count"),
        ('RE-9,"inv"oice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR', "unreadable_row"),
    ],
)
def test_a_row_that_does_not_line_up_is_set_aside(desk: Desk, row: str, code: str) -> None:
    pulled = desk.open_items(row, GOOD.replace("RE-1", "RE-2"))
    assert [item.document_number for item in pulled.items] == ["RE-2"]
    assert [(f.code, f.place, f.severity) for f in pulled.findings] == [(code, "open_items.csv:2", Severity.ERROR)]


def test_empty_cells_beyond_the_header_are_harmless(desk: Desk) -> None:
    assert len(desk.open_items(GOOD + ",,").items) == 1


def test_a_quote_that_never_ends_is_told_where_it_began(desk: Desk) -> None:
    pulled = desk.open_items(GOOD, 'RE-2,"invoice,10001', GOOD.replace("RE-1", "RE-3"))
    assert [item.document_number for item in pulled.items] == ["RE-1"]
    assert [(f.code, f.place) for f in pulled.findings] == [("unreadable_row", "open_items.csv:3")]
    assert not pulled.complete


def test_a_list_cut_in_the_middle_is_not_complete(desk: Desk) -> None:
    whole = f"{GOOD_HEADER}\n{GOOD}\n{GOOD.replace('RE-1', 'RE-2')}\n"
    for cut in range(len(GOOD_HEADER) + len(GOOD) + 6, len(whole) - len("119.00,EUR\n") - 1):
        assert not desk.raw(whole[:cut].encode()).complete


def test_a_header_without_rows_is_told(desk: Desk) -> None:
    pulled = desk.open_items()
    assert (pulled.items, pulled.complete, codes(pulled.findings)) == ((), True, ["no_rows"])


def test_a_finding_reads_well(desk: Desk) -> None:
    (finding,) = desk.open_items(GOOD.replace("119.00,119.00", '"1.234,5",119.00')).findings
    assert str(finding) == (
        "open_items.csv:2:amount: '1.234,5' has thousands marks but one decimal digit; a digit seems lost, "
        "write it in full; the row was set aside\n"
        "    RE-1 | invoice | 10001 | 2026-05-01 | 2026-05-31 | 1.234,5 | 119.00 | EUR\n"
        "    Write the amount with its two decimal digits."
    )


def test_the_table_of_tools_knows_the_file_source(desk: Desk) -> None:
    source = TOOLS["file"]
    assert source is FileSource
    only_items = FileSource(name="file", open_items=desk.folder / "x.csv")
    with_debtors = FileSource(name="file", open_items=desk.folder / "x.csv", debtors=desk.folder / "y.csv")
    of_items = {Capability.READS_OPEN_AMOUNTS, Capability.READS_CREDIT_NOTES, Capability.READS_SKONTO}
    assert only_items.capabilities == of_items
    assert with_debtors.capabilities == of_items | {Capability.READS_DEBTORS}


CELLS = st.one_of(
    st.sampled_from(
        ["", "RE-1", "invoice", "10001", "2026-05-01", "119.00", "EUR", "1.234", "31.02.2026", "-5", "€"]
    ),
    st.text(max_size=6),
)


@given(st.lists(st.lists(CELLS, min_size=6, max_size=10), max_size=6))
def test_every_row_is_an_item_or_a_finding(rows: list[list[str]]) -> None:
    header = tuple(GOOD_HEADER.split(","))
    layout = Layout(
        file="f.csv", header=header, positions={name: n for n, name in enumerate(header)}, width=len(header)
    )
    read = read_open_items([Row(n, cells) for n, cells in enumerate(rows, 2)], layout, "file", "EUR")
    told = {finding.place.split(":")[1] for finding in read.findings}
    counted = {item.place.split(":")[1] for item in read.items}
    repeated = {
        place.split(":")[1] for f in read.findings for place in f.excerpt.split(", ") if f.code == "duplicate_row"
    }
    contradictory = {
        place.split(":")[1]
        for f in read.findings
        for place in f.excerpt.split(", ")
        if f.code == "contradictory_rows"
    }
    assert told | counted | repeated | contradictory == {str(n) for n in range(2, len(rows) + 2)}
    assert read.complete == (not any(f.severity is Severity.ERROR for f in read.findings))


def test_a_number_longer_than_any_number_is_a_slipped_column(desk: Desk) -> None:
    pulled = desk.open_items(f"{'R' * 101},invoice,10001,2026-05-01,2026-05-31,1.00,1.00,EUR")
    assert [finding.code for finding in pulled.findings] == ["value_too_long"]
    assert not pulled.items
    assert not pulled.complete
