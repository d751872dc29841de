"""A workbook and a CSV file with the same content are the same list."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from connectors.accounting import FileSource
from ledger.errors import Refused
from ledger.money import Money

if TYPE_CHECKING:
    from connectors.accounting.file import ListsPulled
    from ledger.finding import Finding

COLUMNS = (
    "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency,"
    "skonto_percent,skonto_until,payment_reference,order_number,end_to_end_id"
).split(",")


def workbook(
    path: Path, *rows: list[Any], formats: dict[str, str] | None = None, header: list[str] = COLUMNS
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
    for column, number_format in (formats or {}).items():
        for cell in sheet[get_column_letter(header.index(column) + 1)][1:]:
            cell.number_format = number_format
    book.save(path)
    return path


def item_row(**changes: Any) -> list[Any]:
    good: dict[str, Any] = {
        "document_number": "RE-1",
        "kind": "invoice",
        "debtor_number": "10001",
        "document_date": date(2026, 5, 1),
        "due_date": datetime(2026, 5, 31),  # noqa: DTZ001 - cells know no time zone
        "amount": 119.5,
        "open_amount": 119.5,
        "currency": "EUR",
    }
    row = good | changes
    return [row.get(column) for column in COLUMNS]


def pull(path: Path, **settings: Any) -> ListsPulled:
    return FileSource(name="file", open_items=path, **settings).pull()


def test_cells_of_numbers_and_dates_are_understood_exactly(tmp_path: Path) -> None:
    (item,) = pull(workbook(tmp_path / "op.xlsx", item_row(skonto_percent=2, skonto_until=date(2026, 5, 11)))).items
    assert (item.amount, item.open_amount) == (Money(11_950, "EUR"), Money(11_950, "EUR"))
    assert (item.document_date, item.due_date) == (date(2026, 5, 1), date(2026, 5, 31))
    assert (item.skonto_percent, item.skonto_until) == (Decimal(2), date(2026, 5, 11))


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        (119.5, 11_950),
        (119, 11_900),
        (0.1 + 0.2, 30),
        (1.1 * 3, 330),
        (1_234_567.89, 123_456_789),
        (0.01, 1),
        (0, 0),
        (1.234, None),
        (119.005, None),
        (119.0001, None),
        (1e300, None),
        (True, None),
        (date(2026, 5, 1), None),
    ],
)
def test_an_amount_is_a_whole_number_of_cents_but_for_binary_noise(
    tmp_path: Path, cell: Any, minor: int | None
) -> None:
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row(amount=cell, open_amount=0)))
    if minor is None:
        assert [(f.code, f.place) for f in pulled.findings] == [("unreadable_amount", "op.xlsx:2:amount")]
    else:
        assert pulled.items[0].amount == Money(minor, "EUR")


def test_the_digits_of_a_currency_decide_what_is_exact(tmp_path: Path) -> None:
    path = workbook(tmp_path / "op.xlsx", item_row(amount=1.234, open_amount=1.234, currency="KWD"))
    assert pull(path).items[0].amount == Money(1_234, "KWD")


def test_a_number_cell_in_a_date_column_is_no_date(tmp_path: Path) -> None:
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row(due_date=46173)))
    assert [(f.code, f.place) for f in pulled.findings] == [("unreadable_date", "op.xlsx:2:due_date")]


@pytest.mark.parametrize(
    ("cell", "number_format", "text"),
    [(471, "General", "471"), (471.0, "General", "471"), ("00471", "@", "00471"), (471, "00000", "00471")],
)
def test_a_document_number_is_what_the_sheet_shows(tmp_path: Path, cell: Any, number_format: str, text: str) -> None:
    path = workbook(tmp_path / "op.xlsx", item_row(document_number=cell), formats={"document_number": number_format})
    assert pull(path).items[0].document_number == text


def test_a_percent_cell_means_what_it_shows(tmp_path: Path) -> None:
    row = item_row(skonto_percent=0.03, skonto_until=date(2026, 5, 11))
    path = workbook(tmp_path / "op.xlsx", row, formats={"skonto_percent": "0.00%"})
    assert pull(path).items[0].skonto_percent == Decimal(3)


def test_a_cell_that_shows_an_error_is_not_used(tmp_path: Path) -> None:
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row(open_amount="#N/A"), item_row(document_number="RE-2")))
    assert [item.document_number for item in pulled.items] == ["RE-2"]
    assert [(f.code, f.place) for f in pulled.findings] == [("error_cell", "op.xlsx:2:open_amount")]
    assert pulled.unreadable_numbers == {"RE-1"}


def test_a_formula_that_was_never_computed_is_missing(tmp_path: Path) -> None:
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row(open_amount="=F2")))
    assert [(f.code, f.place) for f in pulled.findings] == [("missing_value", "op.xlsx:2:open_amount")]


def test_a_formula_counts_with_its_saved_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "op.xlsx", item_row(open_amount="=F2"))
    import zipfile

    saved = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(saved, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<f>F2</f><v></v>", b"<f>F2</f><v>119.5</v>"))
    path.write_bytes(saved.getvalue())
    assert pull(path).items[0].open_amount == Money(11_950, "EUR")


def test_the_file_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    assert len(pull(workbook(tmp_path / "op.xlsx", item_row()).rename(tmp_path / "open_items.csv")).items) == 1


def test_blank_rows_count_as_lines(tmp_path: Path) -> None:
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row(), [], item_row(document_number="RE-2", amount="x")))
    assert [f.place for f in pulled.findings] == ["op.xlsx:4:amount"]


def test_rows_beyond_a_wrongly_declared_extent_are_read(tmp_path: Path) -> None:
    import zipfile

    path = workbook(tmp_path / "op.xlsx", item_row(), item_row(document_number="RE-2"))
    saved = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(saved, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:M3"', b'<dimension ref="A1:B2"'))
    path.write_bytes(saved.getvalue())
    assert len(pull(path).items) == 2


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Hinweise")
    sheet = book.create_sheet("OP")
    sheet.append(COLUMNS)
    sheet.append(item_row())
    book.save(tmp_path / "op.xlsx")
    assert len(pull(tmp_path / "op.xlsx", sheet="OP").items) == 1
    with pytest.raises(Refused, match=r"there is no sheet 'OPs'\. Found: Sheet, Hinweise, OP\."):
        pull(tmp_path / "op.xlsx", sheet="OPs")


def test_debtors_come_from_workbooks_as_well(tmp_path: Path) -> None:
    debtors = workbook(
        tmp_path / "debtors.xlsx",
        [10001, "Huber", 1067],
        header=["debtor_number", "name", "postcode"],
        formats={"postcode": "00000"},
    )
    pulled = pull(workbook(tmp_path / "op.xlsx", item_row()), debtors=debtors)
    assert [(d.number, d.postcode) for d in pulled.debtors] == [("10001", "01067")]
    assert pulled.findings == ()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8).filter(
    lambda text: not ILLEGAL_CHARACTERS_RE.search(text) and not text.startswith(("=", "#"))
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
CENTS = st.integers(-100, 10**9)


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[Any], list[str]]:
    """Draw one row twice: as cells of a workbook, and as texts of a CSV file."""
    cells: list[Any] = []
    texts: list[str] = []

    def put(cell: Any, text: str) -> None:
        cells.append(cell)
        texts.append(text)

    for value in (f"RE-{draw(st.integers(1, 9))}", draw(st.sampled_from(["invoice", "Gutschrift", "?"])), "10001"):
        put(value, value)
    for _ in range(2):
        day = draw(DAYS)
        put(*draw(st.sampled_from([(day, day.isoformat()), (f"{day:%d.%m.%Y}",) * 2])))
    for _ in range(2):
        cents = draw(CENTS)
        text = f"{Decimal(cents).scaleb(-2):.2f}"
        put(*draw(st.sampled_from([(cents / 100, text), (text, text), (text.replace(".", ","),) * 2])))
    currency = draw(st.sampled_from(["EUR", "CHF", "", "XXX"]))
    put(currency or None, currency)
    percent = draw(st.sampled_from([0, 2, 2.5, 3]))
    put(percent, str(percent))
    until = draw(DAYS)
    put(*draw(st.sampled_from([(until, until.isoformat()), (None, "")])))
    for _ in range(3):
        text = draw(TEXTS)
        put(text or None, text)
    return cells, texts


def without_file(pulled: ListsPulled) -> tuple[object, ...]:
    def anonymous(text: str) -> str:
        return text.replace("op.xlsx", "op").replace("op.csv", "op")

    def told(finding: Finding) -> tuple[str, str, str]:
        return finding.code, anonymous(finding.place), finding.severity

    items = tuple(replace(item, place=anonymous(item.place)) for item in pulled.items)
    return items, [told(f) for f in pulled.findings], pulled.complete, pulled.unreadable_numbers


@settings(max_examples=60, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=5))
def test_a_workbook_and_a_csv_file_with_the_same_content_are_the_same_list(
    drawn: list[tuple[list[Any], list[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        sheet = workbook(Path(folder) / "op.xlsx", *(cells for cells, _ in drawn))
        text = io.StringIO(newline="")
        csv.writer(text).writerows([COLUMNS, *(texts for _, texts in drawn)])
        plain = Path(folder) / "op.csv"
        plain.write_text(text.getvalue(), encoding="utf-8", newline="")
        assert without_file(pull(sheet)) == without_file(pull(plain))


@given(st.integers(0, 10**11), st.timedeltas(timedelta(0), timedelta(days=30_000)))
def test_every_cent_survives_the_spreadsheet(cents: int, age: timedelta) -> None:
    from connectors.accounting.record import Layout, Record
    from connectors.accounting.row import Cell, Row

    day = date(2020, 1, 1) + age
    cells: list[Cell] = [Decimal(repr(cents / 100)), day]
    layout = Layout(file="f", header=("amount", "day"), positions={"amount": 0, "day": 1}, width=2)
    record = Record(layout=layout, row=Row(2, cells), findings=[])
    assert record.money("amount", "EUR") == Money(cents, "EUR")
    assert record.day("day") == day
