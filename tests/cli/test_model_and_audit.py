"""The accountant asks which model decides, answers the audit, and goes back to the shipped model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.audit
import cli.model
import night.own_model
import run_sync
from reconciliation.learned_weights import SHIPPED
from storage.own_models import add_model
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestOffice:
    """Give an office in which one automatic booking was drawn for audit."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor(iban=PAYERS[0])
    office.item("RE-2026-00471")
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00471"))
    monkeypatch.setattr(night.own_model, "is_drawn", lambda *_: True)
    report = office.night("2026-05-05")
    assert report["reconciled"]["audits_waiting"] == 1
    return office


def ask(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=240)
    for module in (cli.audit, cli.model, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, [*words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)


def test_what_was_drawn_is_listed_until_somebody_has_looked(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry_id,) = office.entry_ids()
    listed = ask(office, monkeypatch, "audit")
    assert listed.exit_code == 0
    for word in (entry_id, "119,00 EUR", "Huber GmbH", "RE-2026-00471", "number_exact", "0 of 0 audited"):
        assert word in listed.output
    right = ask(office, monkeypatch, "audit", "right", entry_id, "--who", "anna")
    assert right.exit_code == 0, right.output
    listed = ask(office, monkeypatch, "audit")
    for word in ("0 of 1 audited bookings were wrong, so at most 95.00% are", "Nothing waits for an audit."):
        assert word in listed.output
    again = ask(office, monkeypatch, "audit", "right", entry_id)
    assert (again.exit_code, "does not wait for an audit" in again.output) == (3, True)
    assert office.verified() == []


def test_a_booking_found_wrong_is_taken_back_and_waits_again(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry_id,) = office.entry_ids()
    wrong = ask(office, monkeypatch, "audit", "wrong", entry_id, "--reason", "it was for May", "--who", "anna")
    assert wrong.exit_code == 0, wrong.output
    assert office.open_items() == {"RE-2026-00471": 11900}
    told = json.loads(ask(office, monkeypatch, "audit", "--json").output)
    assert [(one["audited"], one["wrong"], one["waiting"]) for one in told] == [(1, 1, [])]
    shown = ask(office, monkeypatch, "model", "--as-of", "2026-05-06")
    assert (shown.exit_code, "the audit found 1 of 1 automatic bookings wrong" in shown.output) == (1, True)
    assert office.verified() == []


def test_the_model_is_told_with_its_promise(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ask(office, monkeypatch, "model", "--as-of", "2026-05-06")
    assert shown.exit_code == 0
    certificate = SHIPPED.certificate
    assert certificate is not None
    for word in (
        SHIPPED.name,
        f"{certificate.errors} of {certificate.accepted:,} were wrong",
        f"{certificate.bound:.2%}",
        certificate.sample,
        "none yet: 0 decisions of people",
        "not watched yet: 0 of 200 earlier payments",
        "0 of 0 were wrong, nothing known yet; 1 wait",
    ):
        assert word in shown.output
    (told,) = json.loads(ask(office, monkeypatch, "model", "--json").output)
    assert told["certificate"]["threshold"] == certificate.threshold
    assert (told["own"], told["held_back"], told["audit"]["waiting"]) == (None, [], 1)


def test_a_person_goes_back_to_the_shipped_model(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ask(office, monkeypatch, "model", "reset", "--why", "to compare")
    assert (refused.exit_code, "the shipped one decides already" in refused.output) == (3, True)
    few = ask(office, monkeypatch, "model", "adapt")
    assert (few.exit_code, "too few decisions of people" in few.output) == (3, True)
    office.decide(lambda c, i, a: add_model(c, i, a, SHIPPED, labels=4_000, labels_seq=1), day="2026-05-06")
    assert "4,000 decisions of people, certified" in ask(office, monkeypatch, "model").output
    assert ask(office, monkeypatch, "model", "reset", "--why", "to compare", "--who", "anna").exit_code == 0
    assert "none yet: 0 decisions of people; reset on" in ask(office, monkeypatch, "model").output
    assert office.verified() == []
