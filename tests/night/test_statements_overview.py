"""The overview shows every day and every statement of an account, and says first what an accountant wants to know."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.checks
import run_sync
from config.loading import load_office
from ledger.calendar import add_bank_days
from night.doctor import Diagnosis, examine
from night.workplace import Workplace
from tests.office import ACCOUNT, ROOT, Payment, TestOffice, author

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

FIRST_DAY = date(2026, 4, 1)
DAYS = [add_bank_days(FIRST_DAY - timedelta(days=1), n + 1).isoformat() for n in range(40)]
TODAY = "2026-06-01"


@pytest.fixture
def database_url(sqlite_with_tables: Path, tmp_path: Path) -> str:
    """Give an empty SQLite database: the overview only reads what the nights on both databases wrote."""
    shutil.copyfile(sqlite_with_tables, tmp_path / "kontorist.db")
    return f"sqlite:///{tmp_path / 'kontorist.db'}"


def _deliver(office: TestOffice) -> dict[str, Path]:
    """Put a statement of every bank day into the inbox; on every third one nothing was booked."""
    return {
        day: office.statement(day, *([Payment(amount="10.00", payer="Huber GmbH")] * (number % 3)))
        for number, day in enumerate(DAYS)
    }


def _ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *options: str, as_of: str = TODAY) -> Result:
    monkeypatch.setattr(cli.checks, "out", Console(width=80))
    logging = structlog.get_config()
    try:
        asked = ["--config", str(office.config()), "--as-of", as_of, *options]
        return CliRunner().invoke(run_sync.app, ["statements", *asked])
    finally:
        structlog.configure(**logging)


def _account(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, *options: str, as_of: str = TODAY
) -> dict[str, Any]:
    (told,) = json.loads(_ask(office, monkeypatch, "--json", *options, as_of=as_of).output)
    (account,) = told["accounts"]
    assert isinstance(account, dict)
    return account


def _days(account: dict[str, Any], state: str) -> list[str]:
    return [day["day"] for day in account["days"] if day["state"] == state]


def _calendar(result: Result) -> list[str]:
    """Give the rows of the months."""
    return [line.strip() for line in result.output.splitlines() if line[2:9] in {"2026-04", "2026-05", "2026-06"}]


def test_an_account_that_is_complete_says_so_in_the_first_line(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(office)
    office.night(TODAY)
    result = _ask(office, monkeypatch)
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == f"{ACCOUNT}: read up to 2026-05-29, complete since 2026-04-01"
    assert "Statements come on every bank day; the next one should be of 2026-06-01." in result.output


def test_the_calendar_has_a_row_for_each_month_and_a_cell_for_each_day(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(office)
    office.night(TODAY)
    result = _ask(office, monkeypatch)
    # Good Friday and Easter Monday are on 3 and 6 April, the first of May is a Friday.
    assert _calendar(result)[:3] == [
        "2026-04  □ ■         ■ □ ■ ■     □ ■ ■ □ ■     ■ □ ■ ■ □     ■ ■ □ ■",
        "2026-05        ■ □ ■ ■ □     ■ ■ □ ■ ■     □ ■ ■ □ ■     ■ □ ■ ■ □",
        "2026-06  · · · · ·     · · · · ·     · · · · ·     · · · · ·     · ·",
    ]
    legend = "■ statement with bookings   □ statement without movement   · not yet"
    assert legend in result.output
    assert "blank: weekend or bank holiday" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert "\x1b" not in result.output


def test_the_last_statements_are_listed_and_all_of_them_for_one_account(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(office)
    office.night(TODAY)
    result = _ask(office, monkeypatch)
    assert "The last 12 of 40 statements" in result.output
    assert " 40 camt.053 2026-05-29 2026-05-29 1.390,00 1.390,00       0 2026-05-29_40.xml" in result.output
    assert " 28 camt.053" not in result.output
    spaced = "de02 1203 0000 0000 2020 51"
    assert "  1 camt.053" in _ask(office, monkeypatch, "--account", spaced).output
    assert len(_account(office, monkeypatch, "--months", "2")["statements"]) == 20


def test_json_carries_every_figure(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    _deliver(office)
    office.night(TODAY)
    account = _account(office, monkeypatch)
    facts = ("account", "currency", "read_up_to", "complete_since", "rhythm", "next_expected", "missing", "findings")
    assert [account[fact] for fact in facts] == [
        *(ACCOUNT, "EUR", "2026-05-29", "2026-04-01", "every_bank_day", "2026-06-01", [], []),
    ]
    assert account["days"][1] == {"day": "2026-04-02", "state": "bookings", "entries": 1}
    assert account["statements"][1] == {
        "number": "2",
        "page": 0,
        "format": "camt.053.001.08",
        "file": "2026-04-02_2.xml",
        "place": account["statements"][1]["place"],
        "first_day": "2026-04-02",
        "last_day": "2026-04-02",
        "opening_minor": 100000,
        "closing_minor": 101000,
        "currency": "EUR",
        "entries": 1,
    }


def test_a_lost_statement_is_shown_in_its_place_and_a_person_is_needed(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _deliver(office)
    files["2026-05-19"].unlink()
    files["2026-05-20"].unlink()
    office.night(TODAY)
    result = _ask(office, monkeypatch, "--months", "2")
    assert result.exit_code == 1
    first = " ".join(result.output.split("\n  ")[0].split())
    assert first == (
        f"{ACCOUNT}: read up to 2026-05-29; something is missing before statement 34 of 2026-05-21; "
        "complete since 2026-05-21"
    )
    assert _calendar(result)[0] == "2026-05        ■ □ ■ ■ □     ■ ■ □ ■ ■     □ ✗ ✗ □ ■     ■ □ ■ ■ □"
    assert "✗ expected but missing" in result.output
    assert "Fetch the statements between 2026-05-18 and 2026-05-21" in " ".join(result.output.split())


def test_a_quiet_day_that_was_lost_is_missing_too_and_nothing_waits_for_it(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.debtor()
    office.item("RE-2026-00001", due="2026-04-01")
    _deliver(office)["2026-05-18"].unlink()
    office.night(TODAY)
    account = _account(office, monkeypatch)
    assert _days(account, "missing") == ["2026-05-18"]
    assert [finding["code"] for finding in account["findings"]] == ["statement_number_missing"]
    assert [hole["days"] for hole in account["missing"]] == [["2026-05-18"]]
    assert [notice["held_because"] for notice in office.notices()] != [["bank_data_gap"]]


def test_what_should_have_come_by_now_is_overdue(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    _deliver(office)
    office.night(TODAY)
    assert _account(office, monkeypatch, as_of="2026-06-04")["findings"] == []
    account = _account(office, monkeypatch, as_of="2026-06-08")
    assert account["summary"].endswith("; the next one is overdue")
    assert [finding["code"] for finding in account["findings"]] == ["statement_overdue"]
    assert _days(account, "missing") == ["2026-06-01", "2026-06-02"]
    assert _days(account, "not_yet")[0] == "2026-06-03"


def test_an_account_that_was_never_read_needs_a_person(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write_lists()
    _ = office.inbox
    result = _ask(office, monkeypatch)
    assert result.exit_code == 1
    assert result.output.strip() == f"{ACCOUNT}: no statement was read yet"
    assert _account(office, monkeypatch)["days"] == []


def test_an_account_nobody_has_is_wrong_usage(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write_lists()
    result = _ask(office, monkeypatch, "--account", "DE89370400440532013000")
    assert result.exit_code == 2
    assert f"--account: DE89370400440532013000 is not configured; there is {ACCOUNT}" in result.stderr


def test_the_gate_is_told_between_which_statements_something_is_missing(office: TestOffice) -> None:
    office.debtor()
    office.item("RE-2026-00001", due="2026-04-01")
    _deliver(office)["2026-05-19"].unlink()
    report = office.night(TODAY)
    (notice,) = report["dunned"]["spared"]
    assert dict(notice["because"])["bank_data_gap"] == (
        f"Statements of account {ACCOUNT} are missing before statement 33 of 2026-05-20. Put them into its inbox."
    )


def _diagnoses(office: TestOffice, day: str) -> list[Diagnosis]:
    loaded = load_office(office.config(), house=ROOT / "config")
    engine = office.engine()
    company = loaded.settings.company[0]
    work = Workplace(office=loaded, company=company, engine=engine, author=author(day, "kontorist test"))
    found = [diagnosis for diagnosis in examine(work) if ACCOUNT in diagnosis.what]
    engine.dispose()
    return found


def test_the_doctor_says_once_that_statements_are_late(office: TestOffice) -> None:
    _deliver(office)
    office.night(TODAY)
    assert [(one.what, one.well) for one in _diagnoses(office, TODAY)] == [(f"account {ACCOUNT}", True)]
    (late,) = _diagnoses(office, "2026-06-15")
    assert (late.well, late.says) == (False, "read up to 2026-05-29")
    assert late.what_to_do.startswith("Put statements up to 2026-06-09 into the inbox; until then nobody is dunned.")


def test_the_doctor_names_what_is_missing_and_what_only_may_be(office: TestOffice) -> None:
    files = _deliver(office)
    files["2026-05-18"].unlink()
    files["2026-05-27"].unlink()
    office.night(TODAY)
    account, statements = _diagnoses(office, TODAY)
    assert account.says == "read up to 2026-05-29; something is missing before statement 39 of 2026-05-28"
    assert (statements.well, statements.says) == (False, f"statement 31 of {ACCOUNT} never came")
