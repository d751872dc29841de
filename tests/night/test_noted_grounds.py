"""Noted by a person, used by the night: grounds of default and deferrals, from the note to what is explained."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from config.loading import load_office
from dunning.hold import HoldReason
from ledger.errors import Refused
from night.case_facts import case_facts
from night.explained_dunning import explain_dunning
from night.gate_facts import load_dunning_facts
from night.stored_notice import as_notice
from night.workplace import Workplace
from review import cases, desk
from storage.cases import CaseDecision
from storage.database import reading
from storage.facts import load_debtors
from tests.office import ROOT, TestOffice, author

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Connection
    from storage.decisions import Author

HUBER = "10001"
NOTED_ON = "2026-06-01"


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """An office with one business debtor, who was reminded of one invoice on 12 May 2026; only printed terms."""
    office = TestOffice(tmp_path / "office", f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(HUBER)
    office.item("RE-1", amount="1000.00", due="2026-05-04")
    office.statement("2026-05-11")
    office.night("2026-05-12")
    return office


def note(office: TestOffice, decided: CaseDecision, on: str = "", days: int = 0, months: int = 0) -> None:
    def decide(connection: Connection, company_id: str, who: Author) -> None:
        cases.note(
            connection,
            company_id,
            who,
            debtor_number=HUBER,
            document_number="RE-1",
            decided=decided,
            why="Brief vom 30. Mai",
            happened_on=date.fromisoformat(on) if on else None,
            days=days,
            months=months,
        )

    office.decide(decide, NOTED_ON)


@contextmanager
def at(office: TestOffice, day: str) -> Iterator[tuple[Connection, Workplace]]:
    loaded = load_office(office.config(), house=ROOT / "config")
    engine = office.engine()
    work = Workplace(office=loaded, company=loaded.settings.company[0], engine=engine, author=author(day, "night"))
    with reading(engine) as connection:
        yield connection, work
    engine.dispose()


def explained(office: TestOffice, day: str) -> dict[str, Any]:
    with at(office, day) as (connection, work):
        found: dict[str, Any] = explain_dunning(connection, work, HUBER)["items"][0]
    return found


# What is noted on 1 June -> since when the debtor is in default, and on which ground
NOTED: list[tuple[CaseDecision, str, dict[str, int], str, str]] = [
    (CaseDecision.REFUSED, "2026-05-14", {}, "2026-05-15", "§ 286 Abs. 2 Nr. 3 BGB"),
    (CaseDecision.SERVED, "2026-05-15", {}, "2026-05-16", "§§ 286 Abs. 1 Satz 2, 291 BGB"),
    (CaseDecision.AGREED, "2026-05-08", {}, "2026-05-09", "§ 286 Abs. 2 Nr. 1 BGB"),
    (CaseDecision.EVENT, "2026-04-24", {"days": 14}, "2026-05-09", "§ 286 Abs. 2 Nr. 2 BGB"),
    (CaseDecision.EVENT, "2026-04-07", {"months": 1}, "2026-05-08", "§ 286 Abs. 2 Nr. 2 BGB"),
    (CaseDecision.DISPENSABLE, "2026-05-13", {}, "2026-05-14", "§ 286 Abs. 2 Nr. 4 BGB"),
    # Later than the reminder of 12 May, whose deadline was the 19th: it changes nothing.
    (CaseDecision.REFUSED, "2026-05-28", {}, "2026-05-20", "§ 286 Abs. 1 Satz 1 BGB"),
]


@pytest.mark.parametrize(("decided", "on", "term", "since", "law"), NOTED)
def test_a_noted_ground_puts_the_debtor_in_default_and_is_explained(
    office: TestOffice, decided: CaseDecision, on: str, term: dict[str, int], since: str, law: str
) -> None:
    assert explained(office, NOTED_ON)["in_default"]["since"] == "2026-05-20"
    note(office, decided, on, **term)
    told = explained(office, NOTED_ON)
    assert (told["in_default"]["since"], told["in_default"]["law"]) == (since, law)
    assert told["interest"]["segments"][0]["from"] == since
    assert [(one["on"], one["law"].startswith("§")) for one in told["noted"]] == [(on, True)]
    assert office.verified() == []


def test_the_last_word_of_a_kind_counts_and_all_of_them_can_be_undone(office: TestOffice) -> None:
    note(office, CaseDecision.REFUSED, "2026-05-13")
    note(office, CaseDecision.REFUSED, "2026-05-15")
    assert explained(office, NOTED_ON)["in_default"]["since"] == "2026-05-16"
    note(office, CaseDecision.GROUNDS_UNDONE)
    told = explained(office, NOTED_ON)
    assert (told["in_default"]["since"], told["noted"]) == ("2026-05-20", [])


@pytest.mark.parametrize(
    ("decided", "on", "term", "says"),
    [
        (CaseDecision.REFUSED, "", {}, "refused: say with --on"),
        (CaseDecision.REFUSED, "2026-06-02", {}, "2026-06-02 is a day to come"),
        (CaseDecision.EVENT, "2026-05-04", {}, "--days and --months"),
        (CaseDecision.SERVED, "2026-05-04", {"days": 14}, "--days and --months"),
        (CaseDecision.WRITTEN_OFF, "2026-05-04", {}, "written_off: --on is the day of a ground"),
    ],
)
def test_what_is_no_ground_cannot_be_noted_as_one(
    office: TestOffice, decided: CaseDecision, on: str, term: dict[str, int], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        note(office, decided, on, **term)


def deferral(office: TestOffice, until: str) -> None:
    def defer(connection: Connection, company_id: str, who: Author) -> None:
        desk.hold(
            connection,
            company_id,
            who,
            debtor_number=HUBER,
            document_number="RE-1",
            reason=HoldReason.DEFERRAL,
            note="bis Ende Juni gestundet",
            expires_on=date.fromisoformat(until),
        )

    office.decide(defer, NOTED_ON)


def test_a_deferral_ends_default_and_interest_until_its_last_day_and_is_explained(office: TestOffice) -> None:
    note(office, CaseDecision.AGREED, "2026-05-04")
    deferral(office, "2026-06-30")

    def told(day: str) -> tuple[str, list[str]]:
        found = explained(office, day)
        since = found["in_default"]
        return since["since"] if since and since["begun"] else "", [
            f"{one['from']} {one['to']}" for one in found["interest"]["segments"]
        ]

    assert told("2026-06-15") == ("", ["2026-05-05 2026-05-31"])
    assert told("2026-07-15") == ("2026-07-01", ["2026-05-05 2026-05-31", "2026-07-01 2026-07-15"])
    (deferred,) = explained(office, "2026-06-15")["deferred"]
    assert (deferred["from"], deferred["to"], deferred["law"]) == ("2026-06-01", "2026-06-30", "§§ 271, 286 BGB")


def test_the_case_for_the_agency_names_the_same_default(office: TestOffice) -> None:
    note(office, CaseDecision.REFUSED, "2026-05-14")
    with at(office, NOTED_ON) as (connection, work):
        facts = load_dunning_facts(connection, work)
        (stored,) = facts.notices
        notice = as_notice(stored, load_debtors(connection, work.company_id)[HUBER])
        claim = case_facts(connection, work, [notice])[HUBER].claims["RE-1"]
    assert (str(claim.default_since), claim.default_basis) == ("2026-05-15", "refusal")
