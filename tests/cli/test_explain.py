"""Why, and why not: asked about an entry or a document, on the terminal and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.entries
import run_sync
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office with a payment that was booked, and one by somebody nobody knows."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(iban=PAYERS[0])
    office.item("RE-2026-00471")
    office.item("RE-2026-00472", amount="200.00")
    office.statement(
        "2026-05-04",
        Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00471"),
        Payment(amount="200.00", payer="Fremd", iban=PAYERS[1], text="RE-2026-00472"),
    )
    office.night("2026-05-05")
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    console = Console(width=200)
    for module in (cli.entries, cli.asked):
        monkeypatch.setattr(module, "out", console)
    logging = structlog.get_config()
    try:
        result = CliRunner().invoke(run_sync.app, ["explain", *words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_booked_entry_shows_its_clues_and_what_they_weigh(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = next(match["entry_id"] for match in office.matches().values() if match["state"] == "auto")
    told = ask(office, monkeypatch, "entry", booked)
    for words in ("booked: the full number", 'names RE-2026-00471 in the text ("RE-2026-00471")', "named: number"):
        assert words in told
    proposal = json.loads(ask(office, monkeypatch, "entry", booked, "--json"))["proposals"][0]
    number = next(clue for clue in proposal["clues"] if clue["rule"] == "document_number")
    assert (number["text"], number["span"]) == ("RE-2026-00471", [0, 13])
    assert {"named: number", "amount: exact"} <= {weight["argument"] for weight in proposal["weights"]}


def test_a_document_tells_which_payment_may_settle_it_and_what_is_missing(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ask(office, monkeypatch, "item", "re 2026 472")
    for words in ("RE-2026-00472", "200,00 EUR  Fremd", "not booked without you: the account is not known"):
        assert words in told
    settled = json.loads(ask(office, monkeypatch, "item", "RE-2026-00471", "--json"))
    assert (settled["open"], settled["settled_by"][0]["amount"]) == ("0,00 EUR", "119,00 EUR")


def test_a_payment_that_has_nothing_to_do_with_a_document_says_so(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = next(match["entry_id"] for match in office.matches().values() if match["state"] == "auto")
    told = ask(office, monkeypatch, "item", "RE-2026-00472", "--entry", booked)
    assert "differs from RE-2026-00472 in one place" in told
    assert "probability 0.0%" in told


def test_what_waits_says_which_fact_was_missing_and_what_a_booking_needs(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = next(match["entry_id"] for match in office.matches().values() if match["state"] == "review")
    told = ask(office, monkeypatch, "entry", waiting)
    assert f"if the account {PAYERS[1]} were known for" in " ".join(told.split())
    explained = json.loads(ask(office, monkeypatch, "entry", waiting, "--json"))
    assert explained["would_be_booked_if"] == [f"the account {PAYERS[1]} were known for Huber GmbH"]
    assert explained["needed"]["with_a_class_of_evidence"] == 0.75
