"""Files that cannot be read as a whole: each says where, what, and what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connectors.accounting import FileSource, table
from ledger.errors import ConnectorError, Refused, Unavailable, Unreadable

if TYPE_CHECKING:
    from tests.connectors.accounting.conftest import Desk

HEADER = b"document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency\n"


def zipped(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", Unreadable, "empty (0 bytes)"),
        (b"\n\n  \n", Unreadable, "no header line"),
        (b'"never closed', Unreadable, "no header line"),
        (HEADER.replace(b"document_number,", b"").replace(b"due_date,", b""), Refused, "document_number, due_date"),
        (b"RE-1,invoice,10001,2026-05-01\n", Refused, "The header has: RE-1, invoice, 10001, 2026-05-01"),
        (HEADER.replace(b"currency", b"open_amount"), Refused, "may both be open_amount"),
        (HEADER.replace(b"document_number", b"Belegnummer,Rechnungsnummer"), Refused, "may both be document_number"),
        (b"\xef\xbb\xbf" + HEADER + b"\xe4", Unreadable, ":2: byte 89 (0xe4) is no character in utf-8"),
        (HEADER + b"\x81\n", Unreadable, "byte 86 (0x81) is no character in cp1252"),
        (HEADER.decode().encode("utf-16-le"), Unreadable, "NUL"),
        (b"PK\x03\x04 but no archive", Unreadable, "this workbook is damaged"),
        (zipped(a_xml=b"<a/>"), Unreadable, "this workbook is damaged"),
        (zipped(a_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), Refused, "document type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", Refused, "old Excel file (.xls) or one with a password"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_a_reason(
    desk: Desk, data: bytes, error: type[ConnectorError], message: str
) -> None:
    with pytest.raises(error) as refusal:
        desk.raw(data)
    assert message in str(refusal.value)
    assert str(desk.folder / "open_items.csv") in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": {"number": "x"}}, "columns names 'number', which is none of our columns (document_number, kind"),
        ({"columns": {"amount": "Brutto"}}, "columns looks for the column 'Brutto' (amount), which is not there"),
        ({"encoding": "klingon"}, "there is no encoding 'klingon'"),
        ({"delimiter": ";;"}, "';;' cannot be a delimiter"),
        ({"currency": "Euro"}, "'Euro' is no currency we know"),
    ],
)
def test_settings_that_do_not_fit_are_refused(desk: Desk, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        desk.raw(HEADER, **settings)
    assert message in str(refusal.value)


def test_all_that_is_wrong_with_the_columns_is_told_at_once(desk: Desk) -> None:
    with pytest.raises(Refused) as refusal:
        desk.raw(b"Nr,Art,Debitor,Datum,Betrag,Offen\n", columns={"due_date": "Ziel", "colour": "x"})
    ours = (
        "document_number, kind, debtor_number, document_date, due_date, amount, open_amount, currency, "
        "skonto_percent, skonto_until, tax_shares, payment_reference, order_number, end_to_end_id"
    )
    assert str(refusal.value) == (
        f"{desk.folder / 'open_items.csv'}: the columns cannot be told\n"
        f"    columns names 'colour', which is none of our columns ({ours})\n"
        "    columns looks for the column 'Ziel' (due_date), which is not there\n"
        "    mandatory columns are missing: document_number\n"
        "    The header has: Nr, Art, Debitor, Datum, Betrag, Offen\n"
        "    Rename the columns, or say in the configuration which is which: "
        'columns = { document_number = "name of your column" }'
    )


def test_a_bare_skonto_column_may_be_an_amount_and_is_not_believed(desk: Desk) -> None:
    row = b"RE-1,invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR,2.38\n"
    assert [item.skonto_percent for item in desk.raw(HEADER.replace(b"\n", b",Skonto\n") + row).items] == [None]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no such file"):
        FileSource(name="file", open_items=tmp_path / "none.csv").pull()


def test_a_missing_debtor_list_is_named(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"debtors\.csv: there is no such file"):
        desk.raw(HEADER, debtors=desk.folder / "debtors.csv")


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="this is a folder"):
        FileSource(name="file", open_items=tmp_path).pull()


@pytest.mark.parametrize(
    ("error", "becomes"),
    [(PermissionError(13, "Permission denied"), Refused), (OSError(5, "Input/output error"), Unavailable)],
)
def test_a_file_that_cannot_be_opened_is_told_by_what_to_do_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: OSError, becomes: type[ConnectorError]
) -> None:
    def fail(_: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(becomes):
        desk.raw(HEADER)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # a sparse file
    with pytest.raises(Refused, match="2,000,000,000 bytes are too much"):
        FileSource(name="file", open_items=path).pull()


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_BYTES", 1_000_000)
    with pytest.raises(Refused, match="unpacks to 5,000,000 bytes"):
        desk.raw(zipped(sheet_xml=b" " * 5_000_000))
