"""Gives the story documents an office to tell their story in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dunning.hold import HoldReason
from review import desk
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

HUBER, KAYA = PAYERS[0], PAYERS[1]


class Story:
    """An office, told in a few words."""

    def __init__(self, folder: Path) -> None:
        self.office = TestOffice(folder / "office", "sqlite:///story.db")
        self.office.debtor("10001", "Huber GmbH", iban=HUBER, email="kasse@huber.example")
        self.office.debtor("10002", "Kaya Bau GmbH", iban=KAYA)

    def invoice(self, number: str, amount: str, due: str, **more: Any) -> None:
        """Issue an invoice to Huber GmbH, unless another debtor is named."""
        self.office.item(number, amount=amount, due=due, **more)

    def paid(
        self, day: str, amount: str, text: str, payer: str = "Huber GmbH", iban: str = HUBER, **more: str
    ) -> None:
        """Let a payment stand on the statement of a day."""
        self.office.statement(day, Payment(amount=amount, payer=payer, iban=iban, text=text))

    def collected(self, day: str, amount: str, reference: str) -> None:
        """Let the bank book a direct debit of ours."""
        text = f"Einzug {reference}"
        self._direct_debit(day, amount, reference, text, "IDDT ESDD")

    def given_back(self, day: str, amount: str, reference: str) -> None:
        """Let the bank take a direct debit back, with its charge."""
        text = f"Rückgabe {reference}"
        self._direct_debit(day, amount, reference, text, "IDDT UPDD")

    def _direct_debit(self, day: str, amount: str, reference: str, text: str, code: str) -> None:
        self.office.statement(
            day,
            Payment(amount=amount, payer="Huber GmbH", iban=HUBER, text=text, end_to_end_id=reference, code=code),
        )

    def quiet_day(self, day: str) -> None:
        """Let the bank say that nothing happened."""
        self.office.statement(day)

    def night(self, day: str) -> None:
        """Run a night, and print what it says to debtors."""
        self.office.night(day)
        for notice in self.office.notices():
            if notice["run_date"] == day:
                because = f" because {', '.join(notice['held_because'])}" if notice["held_because"] else ""
                print(f"{notice['debtor_number']} {notice['stage']}: {notice['state']}{because}")

    def bookings(self) -> None:
        """Print every entry with its state and what is booked on it."""
        for row in self.office.matches().values():
            booked = ", ".join(
                f"{a['document_number'] or '-'} {a['amount_minor'] / 100:.2f} {a['kind']}" for a in row["allocations"]
            )
            print(
                f"{row['booking_date']} {row['amount_minor'] / 100:9.2f} {row['state']}: {booked or 'nothing booked'}"
            )

    def why(self, text: str) -> None:
        """Print the reasons given for an entry."""
        for reason in self.office.matches()[text]["reasons"]:
            print(reason)

    def still_open(self) -> None:
        """Print what is open, by document."""
        for number, minor in sorted(self.office.open_items().items()):
            print(f"{number} {minor / 100:.2f}")

    def hold(self, debtor: str, reason: str, until: str, day: str, document: str = "") -> None:
        """Let the accountant keep a debtor, or one document, out of dunning."""
        from datetime import date

        self.office.decide(
            lambda c, i, a: desk.hold(
                c, i, a, debtor_number=debtor, document_number=document, reason=HoldReason(reason), note="",
                expires_on=date.fromisoformat(until),
            ),
            day,
        )  # fmt: skip

    def the_tool_says(self, number: str, open_amount: str) -> None:
        """Let the accounting tool report another open amount for a document."""
        changed = []
        for line in self.office.items:
            cells = line.split(",")
            if cells[0] == number:
                cells[6] = open_amount
            changed.append(",".join(cells))
        self.office.items = changed

    def problems(self) -> list[str]:
        """Verify the books."""
        return self.office.verified()


@pytest.fixture(autouse=True)
def _story(doctest_namespace: dict[str, Any], tmp_path: Path) -> None:
    doctest_namespace["story"] = Story(tmp_path)
    doctest_namespace["KAYA"] = KAYA
