"""The accountant sees what was learned, revokes it, and rejects what is proposed, by command and by key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.learned
import run_sync
from review import terminal
from tests.office import PAYERS, Payment, TestOffice, author

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office that has learned one account and one name, and in which one payment waits."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0])
    office.debtor("10002", "Kaya Bau GmbH", iban="")
    office.item("RE-2026-00471")
    office.item("RE-2026-00472", "10002", "77.00")
    office.item("RE-2026-00473", "10002", "77.00")
    office.statement(
        "2026-05-04",
        Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[1], text="RE-2026-00471"),
        Payment(amount="77.00", payer="Kaya", iban=PAYERS[2], text="Danke"),
    )
    office.night("2026-05-05")
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=220)
    for module in (cli.learned, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, [*words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def told(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(ask(office, monkeypatch, "learned", *words, "--json").output)
    return rows


def test_the_list_says_who_pays_for_whom_since_when_and_how_it_is_known(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = ask(office, monkeypatch, "learned")
    assert listed.exit_code == 0, listed.output
    for words in (PAYERS[0], "told by the accounting tool", PAYERS[1], "10001 Huber GmbH", "2026-05-04", "learned"):
        assert words in listed.output
    assert [row["payer"] for row in told(office, monkeypatch, "--account", PAYERS[1])] == [PAYERS[1]]
    assert {row["payer"] for row in told(office, monkeypatch, "--text", "huber")} == {*PAYERS[:2]}
    assert told(office, monkeypatch, "--debtor", "10002") == []
    assert "Nothing was learned." in ask(office, monkeypatch, "learned", "--debtor", "10002").output


def test_what_was_learned_is_revoked_and_restored_with_a_reason(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = ("--reason", "not theirs", "--who", "anna")
    assert ask(office, monkeypatch, "learned", "revoke", PAYERS[1], "10001", *who).exit_code == 0
    assert told(office, monkeypatch, "--account", PAYERS[1]) == []
    assert "by anna: not theirs" in ask(office, monkeypatch, "learned", "--revoked").output
    (row,) = told(office, monkeypatch, "--account", PAYERS[1], "--revoked")
    assert (row["revoked_by"], row["revoked_because"]) == ("anna", "not theirs")
    again = ask(office, monkeypatch, "learned", "revoke", PAYERS[1], "10001", *who)
    assert (again.exit_code, "is not known to pay for debtor 10001" in again.output) == (3, True)
    assert ask(office, monkeypatch, "learned", "restore", PAYERS[1], "10001", *who).exit_code == 0
    assert [row["payments"] for row in told(office, monkeypatch, "--account", PAYERS[1])] == [1]
    tool = ask(office, monkeypatch, "learned", "revoke", PAYERS[0], "10001", *who)
    assert (tool.exit_code, "in the accounting tool: correct it there" in tool.output) == (3, True)


def test_a_proposal_is_rejected_by_command(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    row = office.matches()["Danke"]
    words = ("review", "reject", row["entry_id"], "1", "--reason", "another Kaya", "--who", "anna")
    rejected = ask(office, monkeypatch, *words)
    assert (rejected.exit_code, "Recorded." in rejected.output) == (0, True)
    after = office.matches()["Danke"]
    assert len(after["proposals"]) == len(row["proposals"]) - 1
    assert "Proposal 1 was rejected by anna: another Kaya" in after["reasons"]
    refused = ask(office, monkeypatch, "review", "reject", row["entry_id"], "9", "--reason", "no")
    assert (refused.exit_code, "there is no proposal 9" in refused.output) == (3, True)


def test_a_proposal_is_rejected_with_a_key_and_the_rest_is_shown_with_new_numbers(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["r", "x", "r", "1", "another invoice", "1"])
    console = Console(width=200, record=True)
    monkeypatch.setattr(console, "input", lambda *_args, **_more: next(answers))
    office.config()
    first, second, *_ = (p["allocations"] for p in office.matches()["Danke"]["proposals"])
    assert first != second
    engine = office.engine()
    try:
        assert terminal.session(console, engine, "muster", author("2026-05-06", "anna")) == 0
    finally:
        engine.dispose()
    assert "'x' is not the number of a proposal" in console.export_text()
    booked = office.matches()["Danke"]
    assert booked["state"] == "confirmed"
    assert [a["document_number"] for a in booked["allocations"]] == [a["document_number"] for a in second]
