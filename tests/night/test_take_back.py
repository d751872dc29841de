"""A file can be taken back whole, with everything that was decided on it, and read again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused
from review import desk
from review.files import take_back
from tests.office import PAYERS, Payment

if TYPE_CHECKING:
    from tests.office import TestOffice

PAID = Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00001")


def _a_night(office: TestOffice) -> None:
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0], email="kasse@huber.example")
    office.item("RE-2026-00001", "10001", "119.00", due="2026-06-01")
    office.statement("2026-06-30", PAID, Payment(amount="5.00", payer="Karla", text="Spende"), name="june.xml")
    office.night("2026-07-01")


def test_what_was_booked_from_it_is_open_again_and_the_next_batch_carries_the_correction(office: TestOffice) -> None:
    _a_night(office)
    assert office.open_items() == {}
    office.decide(lambda c, i, a: take_back(c, i, a, "june.xml", "wrong account holder"))
    assert office.open_items() == {"RE-2026-00001": 11900}
    assert office.matches() == {}
    assert office.verified() == []
    report = office.night("2026-07-02")
    assert report["reconciled"]["by_state"] == {}
    assert [batch["lines"] for batch in report["handed_over"]["batches"]] == [1]  # the counter posting
    assert office.verified() == []


def test_taken_back_and_read_again_it_is_booked_again_under_the_same_identity(office: TestOffice) -> None:
    _a_night(office)
    before = office.matches()
    office.decide(lambda c, i, a: take_back(c, i, a, "june.xml", "a mistake"))
    (archived,) = (office.inbox / "archive").rglob("june.xml")
    shutil.copy(archived, office.inbox / "june.xml")
    office.night("2026-07-02")
    again = office.matches()
    assert {name: row["entry_id"] for name, row in again.items()} == {n: row["entry_id"] for n, row in before.items()}
    assert again["RE-2026-00001"]["state"] == "auto"
    assert office.open_items() == {}
    assert office.verified() == []


def test_what_a_person_decided_on_it_is_taken_back_as_well(office: TestOffice) -> None:
    _a_night(office)
    entry_id = office.matches()["Spende"]["entry_id"]
    office.decide(lambda c, i, a: desk.set_aside(c, i, a, entry_id, "a gift"))
    taken: list[str] = []
    office.decide(lambda c, i, a: taken.append(str(take_back(c, i, a, "june.xml", "a mistake"))))
    (sentence,) = taken
    assert sentence == (
        "june.xml was taken back: 2 entries are no longer booked (2 of them had been decided on); 0 stay, because "
        "another file tells them as well"
    )
    assert office.verified() == []


def test_what_another_file_tells_as_well_stays_decided(office: TestOffice) -> None:
    _a_night(office)
    shutil.copy(next((office.inbox / "archive").rglob("june.xml")), office.inbox / "renewed.xml")
    renewed = office.inbox / "renewed.xml"
    renewed.write_text(renewed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    office.night("2026-07-02")
    office.decide(lambda c, i, a: take_back(c, i, a, "june.xml", "came twice"))
    assert office.open_items() == {}
    assert len(office.matches()) == 2
    assert office.verified() == []


@pytest.mark.parametrize(
    ("file", "says"),
    [("july.xml", "no such file was taken in"), ("june.xml", "taken back already")],
)
def test_a_file_that_is_not_there_or_taken_back_already_is_refused(office: TestOffice, file: str, says: str) -> None:
    _a_night(office)
    office.decide(lambda c, i, a: take_back(c, i, a, "june.xml", "a mistake"))
    with pytest.raises(Refused, match=says):
        office.decide(lambda c, i, a: take_back(c, i, a, file, "again"))
