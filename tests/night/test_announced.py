"""What a bank only announces books nothing, and nobody is dunned whose payment it may be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused
from night.explained import explain_entry
from review import desk
from tests.office import PAYERS, Payment

if TYPE_CHECKING:
    from tests.office import TestOffice

PAYMENT = Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00001")


def _owing(office: TestOffice) -> None:
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0], email="kasse@huber.example")
    office.item("RE-2026-00001", "10001", "119.00", due="2026-06-01")
    office.statement("2026-06-29")
    office.statement("2026-06-30")


def test_an_announced_payment_spares_its_debtor_and_is_booked_when_the_statement_comes(office: TestOffice) -> None:
    _owing(office)
    office.announcement("2026-07-01", PAYMENT)
    report = office.night("2026-07-01")
    assert [file["became"] for file in report["pulled"]["files"]] == ["taken", "taken", "preview"]
    assert report["reconciled"]["by_state"] == {"announced": 1}
    assert office.matches() == {}
    assert office.open_items() == {"RE-2026-00001": 11900}
    (notice,) = office.notices()
    assert notice["held_because"] == ["payment_in_review"]

    office.statement("2026-07-01", PAYMENT)
    assert office.night("2026-07-02")["reconciled"]["by_state"] == {"auto": 1}
    assert office.open_items() == {}
    assert office.verified() == []


def test_nobody_can_decide_on_what_is_only_announced(office: TestOffice) -> None:
    _owing(office)
    office.announcement("2026-07-01", PAYMENT)
    office.night("2026-07-01")
    (entry_id,) = office.entry_ids()
    with pytest.raises(Refused, match="only announced"):
        office.decide(lambda c, i, a: desk.accept(c, i, a, entry_id, 1))


def test_what_was_announced_and_never_booked_spares_nobody_for_ever(office: TestOffice) -> None:
    _owing(office)
    office.announcement("2026-07-01", PAYMENT)
    office.night("2026-07-01")
    for day in ("2026-07-01", "2026-07-02", "2026-07-08"):
        office.statement(day)
    report = office.night("2026-07-09")
    assert report["reconciled"]["by_state"] == {"ignored": 1}
    assert [n["debtor_number"] for n in report["dunned"]["written_to"]] == ["10001"]


def test_a_booking_explains_itself_down_to_the_line_of_each_file_that_told_it(office: TestOffice) -> None:
    _owing(office)
    office.announcement("2026-07-01", PAYMENT)
    office.night("2026-07-01")
    office.statement("2026-07-01", PAYMENT, name="july.xml")
    office.night("2026-07-02")
    (entry_id,) = office.entry_ids()
    explained = office.read(
        lambda connection: explain_entry(connection, office.company(), entry_id[:8], date(2026, 7, 2))
    )
    assert (explained["status"], explained["state"]) == ("booked", "auto")
    assert explained["said"]["remittance"] == "RE-2026-00001"
    told = [(one["file"], one["place"].partition(":")[0], one["says"]) for one in explained["delivered"]]
    assert told == [
        ("2026-07-01_C52.xml", "2026-07-01_C52.xml", "announced"),
        ("july.xml", "july.xml", "booked"),
    ]
    assert [one["document_number"] for one in explained["decided"]] == ["RE-2026-00001"]
