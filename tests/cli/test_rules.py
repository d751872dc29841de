"""The accountant adds a rule in one step, tries it first, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.rules
import run_sync
from storage.database import open_database, reading
from storage.statements import load_entries
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office with two payments of a night ago: a debtor's, and a card company's."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(iban=PAYERS[0])
    office.item("RE-2026-00471")
    office.statement(
        "2026-05-04",
        Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00471"),
        Payment(amount="812.10", payer="Concardis GmbH", iban=PAYERS[1], text="Abrechnung 0512"),
    )
    office.night("2026-05-05")
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=220)
    for module in (cli.rules, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, ["rules", *words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def entry_ids(office: TestOffice) -> dict[str, str]:
    engine = open_database(office.database, base=office.folder)
    try:
        with reading(engine) as connection:
            return {entry.payer_name: entry_id for entry_id, entry in load_entries(connection, "muster").items()}
    finally:
        engine.dispose()


def test_always_for_this_payer_is_one_step(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_ids(office)["Concardis GmbH"]
    added = ask(office, monkeypatch, "add", "--entry", entry, "--why", "GP card account", "--who", "anna")
    assert (added.exit_code, "Recorded as R" in added.output, "Warning" in added.output) == (0, True, False)
    listed = ask(office, monkeypatch, "list").output
    for word in ("Kartenumsätze", "set aside", PAYERS[1], "money in", "anna", "GP card account"):
        assert word in listed
    rule_id = next(word for word in listed.split() if word.startswith("R") and word[1:].isdigit())
    again = ask(office, monkeypatch, "add", "--entry", entry)
    assert (again.exit_code, "says the same already" in again.output) == (3, True)
    assert ask(office, monkeypatch, "revoke", rule_id, "--why", "sold", "--who", "anna").exit_code == 0
    assert "There are no rules." in ask(office, monkeypatch, "list").output
    assert rule_id in ask(office, monkeypatch, "list", "--revoked").output


def test_trying_a_rule_warns_where_it_would_have_hidden_a_payment(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = ask(office, monkeypatch, "try", "--name", "Concardis", "--from-amount", "800,00")
    assert (harmless.exit_code, "1 entries would have matched" in harmless.output) == (0, True)
    harmful = ask(office, monkeypatch, "try", "--name", "Huber")
    assert harmful.exit_code == 1
    assert "settled a document" in harmful.output
    assert "Warning: 1 of 1 matched entries were booked to documents" in harmful.output
    assert "There are no rules." in ask(office, monkeypatch, "list").output


def test_a_rule_that_cannot_be_meant_is_refused_with_what_to_do(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, says in (
        (("add", "--label", "alles", "--direction", "in"), "direction and amount alone match strangers"),
        (("add", "--name", "X", "--from-amount", "1.234"), "--from-amount"),
        (("try", "--name", "X", "--to-amount", "1,00", "--currency", "eur"), "is not a currency we know"),
        (("try", "R99"), "there is no such rule"),
        (("add", "--entry", "nothing"), "there is no such entry"),
    ):
        refused = ask(office, monkeypatch, *words)
        assert refused.exit_code in {2, 3}, refused.output
        assert says in refused.output
