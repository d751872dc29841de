"""A letter about many invoices asks for one reference, and whoever writes nothing else has named them all."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pypdf

from tests.office import ROOT, Payment

if TYPE_CHECKING:
    from tests.office import TestOffice

STRANGER = "DE02701500000000594937"  # the private account of the boss, a new bank: nobody we know
MANY = 30


def written_to(office: TestOffice) -> str:
    """Send one letter about many invoices, and give the reference it asks for."""
    office.debtor()
    for number in range(MANY):
        office.item(f"RE-2026-{number + 101:05d}", amount=f"{119 + number}.00", due="2026-05-04")
    office.statement("2026-05-11")
    office.night("2026-05-12")
    (letter,) = (office.output / "letters").glob("*.pdf")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.read_bytes())).pages)
    (reference,) = {found[0] for found in re.finditer(r"RF[0-9]{2}M[0-9]+", text)}
    return reference


def whole() -> Decimal:
    return sum((Decimal(119 + n) for n in range(MANY)), Decimal(0))


def paid(office: TestOffice, text: str, amount: Decimal, payer: str = "Privat Huber") -> None:
    office.statement("2026-05-18", Payment(amount=f"{amount:.2f}", payer=payer, iban=STRANGER, text=text))
    office.night("2026-05-19")


def open_now(office: TestOffice) -> dict[str, int]:
    return {number: minor for number, minor in office.open_items("2026-05-19").items() if minor}


def test_a_payment_with_the_scanned_text_of_a_letter_is_booked_alone(office: TestOffice) -> None:
    reference = written_to(office)
    paid(office, reference, whole())
    (match,) = office.matches().values()
    assert match["state"] == "auto"
    assert len(match["allocations"]) == MANY
    assert open_now(office) == {}
    assert office.verified() == []


def test_what_was_settled_since_is_not_asked_for_any_more(office: TestOffice) -> None:
    reference = written_to(office)
    office.statement("2026-05-13", Payment(amount="119.00", payer="Huber GmbH", text="RE-2026-00101"))
    office.night("2026-05-15")
    paid(office, reference, whole() - 119)
    assert {row["state"] for row in office.matches().values()} == {"auto"}
    assert open_now(office) == {}


def test_paying_the_same_letter_twice_waits_for_a_person(office: TestOffice) -> None:
    reference = written_to(office)
    paid(office, reference, whole())
    office.statement(
        "2026-05-19", Payment(amount=f"{whole():.2f}", payer="Privat Huber", iban=STRANGER, text=f"{reference} .")
    )
    office.night("2026-05-20")
    assert office.matches()[f"{reference} ."]["state"] == "review"


def test_a_letter_with_lump_sums_is_paid_to_the_cent_and_booked_alone(office: TestOffice) -> None:
    own = (ROOT / "config" / "dunning.toml").read_text(encoding="utf-8")
    own = own.replace("claims_lump_sum = false\n", "claims_lump_sum = true\n", 1)
    office.folder.mkdir(parents=True)
    (office.folder / "stages.toml").write_text(own, encoding="utf-8")
    office.settings = '[company.dunning]\nprocedure = "stages.toml"\nterms_are_contractual = true\n'
    reference = written_to(office)
    (notice,) = office.notices()
    assert {item["lump_sum_minor"] for item in notice["items"]} == {4_000}
    asked = Decimal(notice["total_minor"]) / 100
    assert asked == whole() + 40 * MANY
    paid(office, reference, asked, "Huber GmbH")
    (match,) = office.matches().values()
    assert match["state"] == "auto"
    assert [a["amount_minor"] for a in match["allocations"] if a["kind"] == "fee"] == [4_000] * MANY
    assert len({a["document_number"] for a in match["allocations"] if a["kind"] == "fee"}) == MANY
    assert open_now(office) == {}
    assert office.verified() == []
