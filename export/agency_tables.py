"""The hand-over file as tables (Übergabeliste): CSV for any agency, XLSX with a sheet for each part of the case."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from export.tables.excel_safe import excel_safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# One line per claim; debtor and creditor are repeated, because agencies read lines and not files.
CLAIM_COLUMNS: Final = (
    "case_id",
    "creditor",
    "debtor_number",
    "debtor_name",
    "debtor_kind",
    "street",
    "postcode",
    "city",
    "country",
    "email",
    "phone",
    "document_number",
    "document_date",
    "due_date",
    "contract_subject",
    "contract_date",
    "default_since",
    "default_basis",
    "interest_law",
    "limitation_end",
    "currency",
    "original",
    "open_principal",
    "interest",
    "cost",
    "lump_sum",
)

_SHEETS: Final = (
    ("interest_segments", "Interest"),
    ("earlier_costs", "Costs"),
    ("payments", "Payments"),
    ("history", "Letters"),
    ("said", "Talks"),
)


def claims_csv(case: Mapping[str, Any]) -> bytes:
    """Give the claims of a case (as ``case_of`` gives it) as CSV: UTF-8 with byte order mark, semicolons."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(CLAIM_COLUMNS)
    writer.writerows([excel_safe(str(cell)) for cell in row] for row in _claim_rows(case))
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def workbook(case: Mapping[str, Any]) -> bytes:
    """Give a case as XLSX: claims, interest day by day, payments, letters, talks, and what is unknown."""
    book = Workbook()
    book.properties.created = book.properties.modified = datetime.fromisoformat(case["case"]["created_on"])
    first = book.active
    assert first is not None
    first.title = "Claims"
    _fill(first, CLAIM_COLUMNS, list(_claim_rows(case)))
    for key, title in _SHEETS:
        listed = _interest_rows(case) if key == "interest_segments" else case.get(key, [])
        rows = [_in_whole_units(row, case["minor_digits"]) for row in listed]
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        if rows:
            _fill(book.create_sheet(title), columns, [[row.get(name, "") for name in columns] for row in rows])
    unknown = case.get("unknown_for_first_letter", [])
    if unknown:
        _fill(book.create_sheet("Unknown"), ("still to be told to the agency",), [[line] for line in unknown])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _claim_rows(case: Mapping[str, Any]) -> Iterator[list[str]]:
    debtor, digits = case["debtor"], case["minor_digits"]
    address = debtor.get("address", {})
    for claim in case["claims"]:
        known = {
            **claim,
            **{name: address.get(name, "") for name in ("street", "postcode", "city", "country")},
            "case_id": case["case"]["id"],
            "creditor": case["creditor"]["name"],
            "debtor_number": debtor["number"],
            "debtor_name": debtor["name"],
            "debtor_kind": debtor["kind"],
            "email": debtor.get("email", ""),
            "phone": debtor.get("phone", ""),
            "currency": case["currency"],
            "original": _amount(claim["original_minor"], digits),
            "open_principal": _amount(claim["open_principal_minor"], digits),
            "interest": _amount(claim["interest_minor"], digits),
            "cost": _amount(claim.get("cost_minor", 0), digits),
            "lump_sum": _amount(claim.get("lump_sum_minor", 0), digits),
        }
        yield [str(known.get(column, "")) for column in CLAIM_COLUMNS]


def _interest_rows(case: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for claim in case["claims"]:
        for segment in claim.get("interest_segments", ()):
            yield {"document_number": claim["document_number"], **segment}


def _in_whole_units(row: Mapping[str, Any], digits: int) -> dict[str, Any]:
    """Write amounts as people read them: what counts cents in the JSON is an amount with a comma here."""
    return {
        name.removesuffix("_minor"): _amount(value, digits) if name.endswith("_minor") else value
        for name, value in row.items()
    }


def _amount(minor: int, digits: int) -> str:
    """Write an amount with a decimal comma, as spreadsheets here read it."""
    sign, whole = ("-" if minor < 0 else ""), f"{abs(minor):0{digits + 1}d}"
    return f"{sign}{whole[:-digits]},{whole[-digits:]}" if digits else f"{sign}{whole}"


def _fill(sheet: Any, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([excel_safe(cell) if isinstance(cell, str) else cell for cell in row])
    for number, column in enumerate(columns, start=1):
        widest = max([len(column), *(len(str(row[number - 1])) for row in rows)])
        sheet.column_dimensions[get_column_letter(number)].width = min(widest + 2, 60)
    sheet.freeze_panes = "A2"
