"""Court, credit bureau and limitation from the command line: everything from storage, every reason in one message."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner, Result

import cli.asked
import cli.hand_over
import run_sync
from dunning.hold import HoldReason
from review import desk
from storage.cases import load_decisions
from tests.office import Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

LETTERHEAD = """
[company.letterhead]
street = "Musterstraße 1"
postcode = "80331"
city = "München"
managing_directors = ["Eva Muster"]
[company.hand_over]
catalogue_number = 43
"""
STATED = ("--performed", "--represented-by", "Geschäftsführer Max Huber")
DAY = "2026-07-06"


@pytest.fixture(scope="module")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> TestOffice:
    """Give an office whose debtor was asked for two invoices until the last letter, and paid part of one."""
    folder = tmp_path_factory.mktemp("hand_over") / "office"
    office = TestOffice(folder=folder, database=f"sqlite:///{folder / 'kontorist.db'}", settings=LETTERHEAD)
    office.debtor()
    office.item("RE-1", amount="1000.00", due="2026-05-04")
    office.item("RE-2", amount="200.00", due="2026-05-04")
    for day in ("2026-05-12", "2026-05-20", "2026-05-29"):
        office.statement(day)
        office.night(day)
    office.statement("2026-06-15", Payment(amount="400.00", payer="Huber GmbH", text="RE-1 Teilzahlung"))
    office.night("2026-06-16")
    office.statement(DAY)
    office.night(DAY)
    return office


@pytest.fixture
def office(told_once: TestOffice, tmp_path: Path) -> TestOffice:
    """Give a copy of that office."""
    folder = tmp_path / "office"
    shutil.copytree(told_once.folder, folder)
    return replace(told_once, folder=folder, database=f"sqlite:///{folder / 'kontorist.db'}")


def run(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=250)
    moment = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
    monkeypatch.setattr(run_sync, "ask_the_clock", lambda: moment)
    for module in (cli.hand_over, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, [*words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def court(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    result = run(office, monkeypatch, "hand-over", "court", "10001", "--json", *STATED, *words)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.output)
    return data


def decisions(office: TestOffice) -> list[str]:
    found: list[str] = office.read(lambda c: [one.decided.value for one in load_decisions(c, "muster")])
    return found


def test_the_application_is_gathered_from_storage_and_records_nothing(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = court(office, monkeypatch)
    assert data["court"] == "Amtsgericht Coburg"
    first, second = data["main_claims"]
    assert (first["document_number"], first["amount"], first["default_since"]) == ("RE-1", "600,00", "2026-05-20")
    # 26 days of 1.000,00 € at 10,27 % before the part payment of 15 June are an amount; then 600,00 € run.
    assert (first["computed_interest"], first["computed_until"]) == ("7,32", "2026-06-14")
    assert first["interest_from"] == "2026-06-15"
    assert (second["amount"], second["computed_interest"], second["interest_from"]) == ("200,00", "", "2026-05-20")
    assert data["totals"]["principal"] == "800,00"
    assert data["court_fee_to_expect"]["amount"] == "38,00"
    folder = office.output / "court"
    assert sorted(file.name for file in folder.iterdir()) == [
        "Mahnantrag_2026-07-06_10001.csv",
        "Mahnantrag_2026-07-06_10001.json",
    ]
    assert json.loads((folder / "Mahnantrag_2026-07-06_10001.json").read_text(encoding="utf-8")) == data
    assert decisions(office) == []


def test_the_lump_sum_is_claimed_for_each_invoice_and_other_costs_as_they_are_told(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = court(office, monkeypatch, "--lump-sum", "--side-claim", "Auskünfte=12,50", "--document", "RE-2")
    assert [(one["kind"], one["amount"]) for one in data["side_claims"]] == [
        ("Verzugspauschale § 288 Abs. 5 BGB zu RE-2", "40,00"),
        ("Auskünfte", "12,50"),
    ]


def test_begun_it_is_noted_and_a_second_application_is_refused(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    court(office, monkeypatch, "--begin", "--document", "RE-1")
    assert decisions(office) == ["court_begun"]
    again = run(office, monkeypatch, "hand-over", "court", "10001", *STATED)
    assert again.exit_code == 3
    assert "In court since 2026-07-06" in again.output


def test_every_reason_is_told_at_once_and_no_file_is_written(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.decide(
        lambda c, i, a: desk.hold(
            c,
            i,
            a,
            debtor_number="10001",
            document_number="RE-2",
            reason=HoldReason.DISPUTE,
            note="",
            expires_on=None,
        ),
        DAY,
    )
    result = run(office, monkeypatch, "hand-over", "court", "10001", "--document", "RE-2", "--document", "RE-9")
    assert result.exit_code == 3
    for reason in (
        "RE-9: debtor 10001 has no such open invoice",
        "RE-2 is disputed",
        "--represented-by",
        "--performed",
    ):
        assert reason in result.output
    assert not (office.output / "court").exists()


def test_interest_that_needs_an_unpublished_rate_is_refused(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.statement("2027-02-01", Payment(amount="100.00", payer="Huber GmbH", text="RE-1 Teilzahlung"))
    office.night("2027-02-02")
    result = run(office, monkeypatch, "hand-over", "court", "10001", "--as-of", "2027-02-02", *STATED)
    assert result.exit_code == 3
    assert "what is provisional never goes to court" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--performed", "--no-performance-owed"), "contradict each other"),
        (("--side-claim", "12,50"), "write what it is"),
        (("--side-claim", "Auskünfte=viel"), "--side-claim"),
        (("--contract-on", "2025-01-01", "--effective-rate", "x"), "--effective-rate"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(
    words: tuple[str, ...], says: str, office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(office, monkeypatch, "hand-over", "court", "10001", *words)
    assert result.exit_code == 2
    assert says in result.output


def test_there_is_no_application_against_nobody(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(office, monkeypatch, "hand-over", "court", "4711", *STATED)
    assert "there is no debtor 4711" in result.output


def test_the_bureau_list_says_unknown_where_a_receipt_is_only_assumed_and_a_dispute_closes_it(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = run(office, monkeypatch, "hand-over", "bureau", "--json", "--output", str(tmp_path / "list"))
    assert result.exit_code == 0, result.output
    first = json.loads(result.output)[0]
    answers = {one["name"]: one["answer"] for one in first["conditions"]}
    assert (answers["two_written"], answers["notice_in_time"], answers["undisputed"]) == ("unknown", "not_met", "met")
    assert not first["ready"]
    assert sorted(file.suffix for file in (tmp_path / "list").iterdir()) == [".csv", ".json"]
    office.decide(
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number="10001", document_number="", reason=HoldReason.DISPUTE, note="", expires_on=None
        ),
        DAY,
    )
    closed = json.loads(run(office, monkeypatch, "hand-over", "bureau", "10001", "--json").output)
    (undisputed,) = [one for one in closed[0]["conditions"] if one["name"] == "undisputed"]
    assert (undisputed["answer"], undisputed["since"]) == ("not_met", DAY)


def test_the_limitation_list_tells_last_day_reason_and_what_to_do(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(run(office, monkeypatch, "limitation", "--json").output) == []
    told = json.loads(run(office, monkeypatch, "limitation", "--until", "2029-12-31", "--json").output)
    assert [(one["document_number"], one["last_day"], one["urgency"]) for one in told] == [
        ("RE-1", "2029-12-31", "later"),
        ("RE-2", "2029-12-31", "later"),
    ]
    # The part payment came in the year of the due date, before the time began.
    assert "before the time began" in told[0]["why"][1]
    shown = run(office, monkeypatch, "limitation", "--until", "2029-12-31").output
    assert "600,00 EUR" in shown
