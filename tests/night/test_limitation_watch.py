"""What is about to expire stands in the report long before, by the law of the country and with what restarted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.country_laws import law_of
from dunning.countries import GERMANY
from dunning.hold import HoldReason
from ledger.errors import Refused
from night.report_text import report_text
from review import cases, desk
from storage.cases import CaseDecision
from tests.office import Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from dunning.countries import CountryLaw
    from storage.database import Connection
    from storage.decisions import Author


def watched(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["document_number"], one["last_day"], one["urgency"]) for one in report["limitation"]]


def codes(report: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in report["findings"]]


def night(office: TestOffice, day: str, *payments: Payment) -> dict[str, Any]:
    office.statement(day, *payments)
    return office.night(day)


def note(office: TestOffice, decided: CaseDecision, day: str, law: CountryLaw = GERMANY) -> None:
    def decide(connection: Connection, company_id: str, author: Author) -> None:
        cases.note(
            connection,
            company_id,
            author,
            debtor_number="10001",
            document_number="RE-1",
            decided=decided,
            why="as agreed with our lawyer",
            law=law,
        )

    office.decide(decide, day)


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office with a claim that expires in 2026 and one that does not."""
    office = TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")
    _claims(office)
    return office


def _claims(office: TestOffice) -> None:
    office.debtor()
    office.item("RE-1", amount="1000.00", due="2023-05-04", issued="2023-04-20")
    office.item("RE-2", amount="200.00", due="2024-01-02", issued="2023-12-15")


def test_from_july_on_the_report_names_what_ends_with_the_year_and_only_in_december_calls_for_a_person(
    office: TestOffice,
) -> None:
    assert watched(night(office, "2026-06-30")) == []
    early = night(office, "2026-07-01")
    assert watched(early) == [("RE-1", "2026-12-31", "early")]
    assert "limitation_near" not in codes(early)
    assert "What is about to expire (Verjährung)" in report_text(early)
    last = night(office, "2026-12-02")
    assert watched(last) == [("RE-1", "2026-12-31", "now")]
    (finding,) = [one for one in last["findings"] if one["code"] == "limitation_near"]
    assert finding["what"] == "1 claim of 1.000,00 EUR expires with the end of 2026-12-31"
    assert last["exit_code"] == 1


def test_a_part_payment_restarts_the_time_and_the_debtor_may_be_dunned_after_the_year_end(office: TestOffice) -> None:
    night(office, "2026-06-30")
    night(office, "2026-07-02", Payment(amount="400.00", payer="Huber GmbH", text="RE-1 Teilzahlung"))
    report = night(office, "2026-07-03")
    (claim,) = report["limitation"]
    assert (claim["last_day"], claim["without_acknowledgement"]) == ("2029-07-02", "2026-12-31")
    assert claim["urgency"] == "early"
    assert "A part payment of 400,00 EUR" in claim["why"][1]
    after = night(office, "2027-01-15")
    assert [one["items"] for one in after["dunned"]["written_to"]] == [["RE-1", "RE-2"]]
    assert after["dunned"]["left_out"] == []


def test_without_an_act_of_the_debtor_it_is_time_barred_after_the_year_end(office: TestOffice) -> None:
    night(office, "2026-12-28")
    report = night(office, "2027-01-15")
    (left,) = report["dunned"]["left_out"]
    assert left["document_number"] == "RE-1"
    assert "2026-12-31 (§§ 195, 199 BGB)" in left["because"][0][1]


def test_what_is_in_court_needs_no_warning(office: TestOffice) -> None:
    night(office, "2026-07-01")
    note(office, CaseDecision.COURT_BEGUN, "2026-07-01")
    assert watched(night(office, "2026-07-02")) == []


def test_a_dispute_takes_the_payment_its_meaning_and_is_a_hint(office: TestOffice) -> None:
    night(office, "2026-06-30")
    office.decide(
        lambda c, i, a: desk.hold(
            c,
            i,
            a,
            debtor_number="10001",
            document_number="RE-1",
            reason=HoldReason.DISPUTE,
            note="nass",
            expires_on=None,
        ),
        "2026-07-01",
    )
    night(office, "2026-07-02", Payment(amount="400.00", payer="Huber GmbH", text="RE-1 Teilzahlung"))
    (claim,) = night(office, "2026-07-03")["limitation"]
    assert claim["last_day"] == "2026-12-31"
    assert "may have stopped the time (§ 203 BGB)" in claim["why"][-1]


class AustrianOffice(TestOffice):
    """The same office in Austria."""

    def config(self) -> Path:
        path = TestOffice.config(self)
        written = path.read_text(encoding="utf-8").replace('country = "DE"\nstate = "BY"', 'country = "AT"')
        path.write_text(written, encoding="utf-8")
        return path


def test_in_austria_the_time_ends_three_years_after_the_due_date(tmp_path: Path) -> None:
    office, law = AustrianOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}"), law_of("AT")
    _claims(office)
    assert watched(night(office, "2026-04-10")) == [("RE-1", "2026-05-04", "now")]
    with pytest.raises(Refused, match="not time-barred"):
        note(office, CaseDecision.ASK_ANYWAY, "2026-05-04", law)
    barred = night(office, "2026-05-18")
    assert [(one["document_number"], one["because"][0][0]) for one in barred["dunned"]["left_out"]] == [
        ("RE-1", "time_barred")
    ]
    note(office, CaseDecision.ASK_ANYWAY, "2026-05-18", law)
