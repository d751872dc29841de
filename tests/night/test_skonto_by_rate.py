"""From the list to the adviser: Skonto on a mixed invoice corrects the VAT of each rate; an undo takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from export.datev.reader import read_batch
from review.files import take_back
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

PAID = Payment(amount="169.05", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00001 abzgl. 2% Skonto")


@pytest.fixture
def mixed(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> TestOffice:
    """An invoice over 172,50, paid with 2 % Skonto on its last day; 119,00 of it at 19 % and 53,50 at 7 %."""
    header = "document_number,kind,debtor_number,document_date,due_date,amount,open_amount,currency"
    monkeypatch.setattr("tests.office._ITEM_HEADER", f"{header},skonto_percent,skonto_until,tax_shares")
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0])
    more = "2,2026-06-30,19:119.00 7:53.50"
    office.item("RE-2026-00001", "10001", "172.50", due="2026-07-30", issued="2026-06-16", more=more)
    office.statement("2026-06-30", PAID, name="june.xml")
    return office


def _lines(office: TestOffice, report: dict[str, object]) -> list[str]:
    handed = report["handed_over"]
    assert isinstance(handed, dict)
    files: list[Path] = [office.output / "datev" / batch["file"] for batch in handed["batches"]]
    rows = [row for file in files for row in read_batch(file.read_bytes()).rows]
    return [" ".join(row.value(n) for n in (1, 2, 7, 8, 11, 13)).strip() for row in rows]


def test_the_batch_corrects_the_tax_of_each_rate_and_takes_it_back_with_the_booking(mixed: TestOffice) -> None:
    assert _lines(mixed, mixed.night("2026-07-01")) == [
        "169,05 S 1200 10001 RE-2026-00001",
        "2,38 S 8736 10001 RE-2026-00001",
        "1,07 S 8731 10001 RE-2026-00001",
    ]
    assert mixed.open_items() == {}
    assert mixed.verified() == []
    mixed.decide(lambda c, i, a: take_back(c, i, a, "june.xml", "the wrong account"))
    assert mixed.open_items() == {"RE-2026-00001": 17250}
    assert _lines(mixed, mixed.night("2026-07-02")) == [
        "169,05 H 1200 10001 RE-2026-00001",
        "2,38 H 8736 10001 RE-2026-00001",
        "1,07 H 8731 10001 RE-2026-00001",
    ]
    assert mixed.verified() == []
