"""The base rate on the command line: shown, added without a network, and used from then on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.base_rates
import run_sync
from config.loading import load_office
from tests.office import TestOffice

if TYPE_CHECKING:
    from typer.testing import Result

HOUSE = Path(run_sync.__file__).parent / "config"
CHRISTMAS = datetime(2026, 12, 23, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    (office.folder / "inbox").mkdir(parents=True, exist_ok=True)
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=220)
    monkeypatch.setattr(cli.base_rates, "out", console)
    for name in ("out", "err"):
        monkeypatch.setattr(cli.asked, name, console)
    monkeypatch.setattr(run_sync, "ask_the_clock", lambda: CHRISTMAS)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, ["base-rates", *words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def test_what_is_known_is_shown(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ask(office, monkeypatch, "show")
    assert shown.exit_code == 0
    assert "Interest is certain until 2026-12-31" in shown.output
    told = json.loads(ask(office, monkeypatch, "show", "--json", "--country", "at").output)
    assert (told["country"], told["known_until"]) == ("AT", "2026-12-31")
    assert told["rates"][-1] == {"valid_from": "2026-07-01", "percent": "1.53"}


def test_a_new_rate_is_kept_beside_the_configuration_and_counts_from_then_on(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = ask(office, monkeypatch, "add", "--from", "01.01.2027", "--percent", "1,77")
    assert added.exit_code == 0
    assert "Added: 1.77 % from 2027-01-01 on." in added.output
    assert "Interest is certain until 2027-06-30." in added.output
    own = office.config().parent / "base_rates_de.csv"
    assert own.read_text(encoding="utf-8").splitlines()[-2:] == ["valid_from,percent", "2027-01-01,1.77"]
    assert str(load_office(office.config(), house=HOUSE).rates.known_until) == "2027-06-30"
    again = ask(office, monkeypatch, "add", "--from", "2027-01-01", "--percent", "1.77")
    assert "Nothing is new in it." in again.output
    assert own.read_text(encoding="utf-8").count("2027-01-01") == 1


def test_rows_of_a_file_are_added_too(office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "download.csv"
    file.write_text('"";BBIN1;\nEinheit;Prozent;\n2026-12;1,52;\n2027-01;1,77;\n', encoding="utf-8")
    assert "Added: 1.77 % from 2027-01-01 on." in ask(office, monkeypatch, "add", "--file", str(file)).output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--from", "2026-07-01", "--percent", "1.27"], "this says 1.27, but 1.52 is known for it"),
        (["--from", "2027-01-01", "--percent", "8.77"], "a step of 7.25 points from 1.52 to 8.77 cannot be right"),
        (["--from", "2027-01-02", "--percent", "1.77"], "base rates start on 1 January or 1 July only"),
        (["--from", "2027-01-01", "--percent", "much"], "--percent: 'much' is not a number"),
        (["--from", "soon", "--percent", "1.77"], "--from: 'soon' is not a date"),
        (["--from", "2027-01-01"], "write --from DATE with --percent P, or --file FILE"),
        (["--percent", "1.77"], "write --from DATE with --percent P, or --file FILE"),
        ([], "write --from DATE with --percent P, or --file FILE"),
        (["--from", "2027-01-01", "--percent", "1.77", "--country", "CH"], "'CH' has no base rate; write DE or AT"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_written(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    refused = ask(office, monkeypatch, "add", *words)
    assert refused.exit_code == 2
    assert says in refused.output
    assert not (office.config().parent / "base_rates_de.csv").exists()


def test_a_rate_of_a_distant_future_is_a_slip(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("2027-01-01,1.77\n2027-07-01,1.52\n", encoding="utf-8")
    refused = ask(office, monkeypatch, "add", "--file", str(file))
    assert refused.exit_code == 2
    assert "the rate of 2027-07-01 cannot be published by 2026-12-23; check the day" in refused.output


def test_an_own_file_that_contradicts_the_house_stops_everything(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = office.config().parent / "base_rates_de.csv"
    own.write_text("2026-07-01,2.52\n", encoding="utf-8")
    refused = ask(office, monkeypatch, "show")
    assert refused.exit_code == 2
    assert "base_rates_de.csv: 2026-07-01: this says 2.52, but 1.52 is known for it; check both" in refused.output
