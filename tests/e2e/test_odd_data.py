"""Odd data that came from outside once: it concerns one debtor, one file or one night, and never all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """An office without items, debtors or statements."""
    return TestOffice(tmp_path / "office", "sqlite:///kontorist.db")


@pytest.mark.parametrize(
    ("email", "laid"),
    [
        ("kasse@huber.example", "mail/M-2026-00001_10001.eml"),
        ("kasse@hübner.example", "mail/M-2026-00001_10001.eml"),
        ("jörg@huber.example", "letters/M-2026-00002_10001.pdf"),
        ("kasse..huber@huber.example", "letters/M-2026-00002_10001.pdf"),
        ("kasse.@huber.example", "letters/M-2026-00002_10001.pdf"),
    ],
)
def test_an_address_no_mail_can_be_written_to_stops_nobody_elses_mail(
    office: TestOffice, email: str, laid: str
) -> None:
    office.debtor("10001", "Huber GmbH", email=email)
    office.debtor("10002", "Kaya Bau GmbH", email="buero@kaya.example")
    office.item("RE-2026-00001", "10001", due="2026-06-01")
    office.item("RE-2026-00002", "10002", due="2026-06-01")
    office.statement("2026-06-30")
    report = office.night("2026-07-01")
    assert report["failures"] == []
    assert laid in office.sent_files()
    assert [one["state"] for one in office.notices()] == ["sent", "sent"]


@pytest.mark.parametrize("number", ["10/01", "../../../../10001", "10001\\neu", "CON", "Größe 7"])
def test_no_debtor_number_chooses_where_files_go(office: TestOffice, number: str) -> None:
    office.debtor(number)
    office.item("RE-2026-00001", number, amount="500.00", due="2026-05-01")
    for day in ("2026-06-01", "2026-06-15", "2026-06-29", "2026-07-13", "2026-07-27"):
        office.statement(day)
        assert office.night(day)["failures"] == []
    assert {len(path.split("/")) for path in office.sent_files()} == {2}
    assert len([path for path in office.sent_files() if not path.startswith("print/")]) == 5
    assert office.verified() == []


def _paid_and_booked(office: TestOffice) -> None:
    office.debtor(email="kasse@huber.example")
    office.item("RE-2026-00001", due="2026-06-01")
    office.item("RE-2026-00002", due="2026-12-01")
    office.statement("2026-06-30", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00001"))
    office.night("2026-07-01")
    assert office.open_items() == {"RE-2026-00002": 11900}


def _one_night_with(office: TestOffice, items: list[str]) -> None:
    whole, office.items = office.items, items
    office.statement("2026-07-01")
    office.night("2026-07-02")
    office.items = whole
    office.statement("2026-07-02")
    office.night("2026-07-03")


def test_a_list_that_was_empty_for_one_night_makes_no_paid_invoice_open_again(office: TestOffice) -> None:
    _paid_and_booked(office)
    _one_night_with(office, [])
    assert office.open_items() == {"RE-2026-00002": 11900}
    assert office.notices() == []


def test_a_list_that_was_cut_off_for_one_night_makes_no_paid_invoice_open_again(office: TestOffice) -> None:
    _paid_and_booked(office)
    _one_night_with(office, office.items[1:])
    assert office.open_items() == {"RE-2026-00002": 11900}
    assert office.notices() == []
