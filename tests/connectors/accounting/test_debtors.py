"""A debtor list: what is doubtful is dropped aloud, and the debtor stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.debtor import Debtor, DebtorType
from ledger.finding import Severity

if TYPE_CHECKING:
    from tests.connectors.accounting.conftest import Desk

HEADER = "debtor_number,name,street,postcode,city,country,email,phone,ibans,type,language"
IBAN = "DE02120300000000202051"


def test_a_full_row_is_read_to_the_last_column(desk: Desk) -> None:
    row = (
        "10001,Müller & Söhne GmbH,Am Markt 1,01067,Dresden,AT,info@mueller.example,+49 351 1,"
        f"{IBAN};DE02 1005 0000 0054 5404 02,business,en"
    )
    pulled = desk.debtors(row, header=HEADER)
    assert pulled.findings == ()
    assert pulled.debtors == (
        Debtor(
            number="10001",
            name="Müller & Söhne GmbH",
            street="Am Markt 1",
            postcode="01067",
            city="Dresden",
            country="AT",
            email="info@mueller.example",
            phone="+49 351 1",
            ibans=(IBAN, "DE02100500000054540402"),
            type=DebtorType.BUSINESS,
            language="en",
        ),
    )


def test_number_and_name_are_enough(desk: Desk) -> None:
    assert desk.debtors("10001,Huber", header="debtor_number,name").debtors == (Debtor(number="10001", name="Huber"),)


def test_a_german_list_needs_no_mapping(desk: Desk) -> None:
    pulled = desk.debtors(
        "10001;Huber GmbH;Am Markt 1;80331;München;Deutschland;Firma;deutsch",
        header="Kundennummer;Firma;Straße;PLZ;Ort;Land;Kundentyp;Sprache",
    )
    (debtor,) = pulled.debtors
    assert (debtor.city, debtor.country, debtor.type, debtor.language) == ("München", "DE", DebtorType.BUSINESS, "de")


def test_the_configuration_may_say_which_column_is_which(desk: Desk) -> None:
    pulled = desk.debtors("10001,Huber", header="Konto,name", debtor_columns={"debtor_number": "Konto"})
    assert [debtor.number for debtor in pulled.debtors] == ["10001"]


@pytest.mark.parametrize(
    ("column", "written", "code", "kept"),
    [
        ("ibans", "DE02120300000000202052", "invalid_iban", ()),
        ("ibans", f"{IBAN};4711", "invalid_iban", (IBAN,)),
        ("email", "nobody", "invalid_email", ""),
        ("email", "a@b.example; c@d.example", "invalid_email", ""),
        ("email", "Huber <a@b.example>", "invalid_email", ""),
        ("email", "a@b.example\nBcc: c@d.example", "invalid_email", ""),
        ("country", "Bavaria", "unknown_country", ""),
        ("type", "friend", "unknown_type", DebtorType.UNKNOWN),
        ("language", "bairisch", "unknown_language", "de"),
    ],
)
def test_what_cannot_be_used_is_dropped_and_told(
    desk: Desk, column: str, written: str, code: str, kept: object
) -> None:
    pulled = desk.debtors(f'10001,Huber,"{written}"', header=f"debtor_number,name,{column}")
    assert getattr(pulled.debtors[0], column) == kept
    assert [(f.code, f.place, f.severity) for f in pulled.findings] == [
        (code, f"debtors.csv:2:{column}", Severity.WARNING)
    ]
    assert pulled.complete


@pytest.mark.parametrize("row", ["10001,", ",Huber"])
def test_a_debtor_without_number_or_name_is_set_aside(desk: Desk, row: str) -> None:
    pulled = desk.debtors(row, header="debtor_number,name")
    assert pulled.debtors == ()
    assert [(f.code, f.severity) for f in pulled.findings] == [
        ("missing_value", Severity.ERROR),
        ("debtor_unknown", Severity.WARNING),
    ]
    assert pulled.complete  # the items were read, all of them


def test_a_debtor_told_twice_alike_counts_once(desk: Desk) -> None:
    pulled = desk.debtors("10001,Huber", "10001,Huber", header="debtor_number,name")
    assert len(pulled.debtors) == 1
    assert [(f.code, f.severity) for f in pulled.findings] == [("duplicate_debtor", Severity.NOTE)]


def test_a_debtor_told_in_two_ways_is_set_aside(desk: Desk) -> None:
    pulled = desk.debtors("10001,Huber", "10001,Maier", header="debtor_number,name")
    assert pulled.debtors == ()
    assert [f.code for f in pulled.findings] == ["contradictory_debtors", "debtor_unknown"]


def test_an_item_whose_debtor_is_missing_is_kept_and_told_once(desk: Desk) -> None:
    path = desk.folder / "debtors.csv"
    path.write_text("debtor_number,name\n10002,Huber\n", encoding="utf-8")
    row = "RE-{},invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR"
    pulled = desk.open_items(row.format(1), row.format(2), debtors=path)
    assert len(pulled.items) == 2
    assert [(f.code, f.place) for f in pulled.findings] == [("debtor_unknown", "open_items.csv:2")]


def test_without_a_debtor_list_nobody_is_missed(desk: Desk) -> None:
    pulled = desk.open_items("RE-1,invoice,10001,2026-05-01,2026-05-31,119.00,119.00,EUR")
    assert (pulled.debtors, pulled.findings) == ((), ())
