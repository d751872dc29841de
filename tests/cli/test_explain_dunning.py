"""Why this notice, or why none: asked about a debtor and a day, on the terminal and as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.desk
import cli.explain_dunning
import cli.message
import run_sync
from dunning.gate import CHECKS
from dunning.hold import HoldReason
from review import cases, desk
from storage.cases import CaseDecision
from storage.holds import Insolvency
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Connection
    from storage.decisions import Author


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    """Give an office with a debtor who was reminded once."""
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.debtor()
    office.item("RE-1", amount="1000.00", due="2026-05-04")
    office.item("RE-2", amount="200.00", due="2026-05-29", issued="2026-05-15")
    office.statement("2026-05-11")
    office.night("2026-05-12")
    return office


def run(office: TestOffice, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    console = Console(width=200)
    for module in (cli.explain_dunning, cli.asked, cli.message, cli.desk):
        monkeypatch.setattr(module, "out", console)
    logging = structlog.get_config()
    try:
        result = CliRunner().invoke(run_sync.app, [*words, "--config", str(office.config())])
    finally:
        structlog.configure(**logging)
    assert result.exit_code == 0, result.output
    return result.output


def explained(office: TestOffice, monkeypatch: pytest.MonkeyPatch, day: str) -> dict[str, Any]:
    told = run(office, monkeypatch, "explain", "dunning", "--debtor", "10001", "--as-of", day, "--json")
    found: dict[str, Any] = json.loads(told)
    return found


def test_between_two_stages_it_says_which_comes_when(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    told = explained(office, monkeypatch, "2026-05-13")
    assert told["says"] == ["No stage is reached on 2026-05-13. The next one is call, from 2026-05-20 on."]
    first, second = told["items"]
    assert [[one[key] for key in ("stage", "on", "by", "deadline", "foreseen")] for one in first["sent"]] == [
        ["reminder", "2026-05-12", "letter", "2026-05-19", False]
    ]
    assert (first["next"]["stage"], first["next"]["not_before"]) == ("call", "2026-05-20")
    assert first["track"] == {"name": "standard", "because": "nothing else was chosen"}
    assert (second["next"]["stage"], second["next"]["not_before"]) == ("reminder", "2026-06-05")
    assert [one["code"] for one in told["gate"]["EUR"]] == ["too_recent"]
    asked = {one["code"] for one in told["gate"]["EUR"]} | told["gate_clear"]["EUR"].keys()
    assert asked == {check.code for check in CHECKS}


def test_the_day_of_a_night_is_explained_with_what_that_night_knew(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = explained(office, monkeypatch, "2026-05-12")
    office.statement("2026-05-13", Payment(amount="1000.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-1"))
    office.night("2026-05-14")
    told = explained(office, monkeypatch, "2026-05-12")
    assert told == before  # the payment of the day after changes nothing in it
    assert told["says"] == ["Zahlungserinnerung (reminder) by letter over 1.000,00 EUR, to be paid by 2026-05-19."]
    assert [one["says"] for one in told["that_night"]] == [
        (
            "The night of 2026-05-12 planned Zahlungserinnerung (reminder) by letter over 1.000,00 EUR, and it was "
            "sent on 2026-05-12."
        )
    ]
    assert "as the run of 2026-05-12 could know them" in told["known"]
    assert told["items"][0]["sent"] == []
    today = explained(office, monkeypatch, "2026-05-14")
    assert [item["document_number"] for item in today["items"]] == ["RE-2"]


def test_what_was_decided_later_is_not_known_on_an_earlier_day(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(connection: Connection, company_id: str, author: Author) -> None:
        desk.hold(
            connection, company_id, author, debtor_number="10001", document_number="RE-1",
            reason=HoldReason.DISPUTE, note="", expires_on=None,
        )  # fmt: skip
        cases.note(
            connection, company_id, author, debtor_number="10001", document_number="RE-1",
            decided=CaseDecision.COURT_BEGUN, why="",
        )  # fmt: skip
        cases.message(
            connection,
            company_id,
            author,
            debtor_number="10001",
            received_on=date(2026, 5, 12),
            said="Wo bleibt sie?",
        )

    office.decide(decide, "2026-05-14")
    office.statement("2026-05-14")
    office.night("2026-05-15")
    then = explained(office, monkeypatch, "2026-05-13")
    assert [one["code"] for one in then["gate"]["EUR"]] == ["too_recent"]
    assert (then["holds"], then["items"][0]["state"]) == ([], "running")
    now = explained(office, monkeypatch, "2026-05-15")
    assert [one["code"] for one in now["gate"]["EUR"]] == ["court", "disputed", "message_unanswered", "too_recent"]
    assert [one["reason"] for one in now["holds"]] == ["dispute"]


def test_a_day_to_come_tells_what_the_nights_until_then_would_say(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = explained(office, monkeypatch, "2026-08-03")
    assert [(one["on"], one["stage"]) for one in told["until_then"][:3]] == [
        ("2026-05-20", "call"),
        ("2026-05-28", "first_dunning"),
        ("2026-06-05", "reminder"),  # of the second invoice
    ]
    (last,) = [one for one in told["until_then"] if one["stage"] == "agency"]
    assert last["says"].endswith("a person releases it first.")
    assert [one["foreseen"] for one in told["items"][0]["sent"]] == [False, True, True, True, True]
    assert (
        told["says"][0]
        == f"Übergabe an Inkasso of {last['on']} waits to be released or sent; nothing else is said before."
    )
    assert "what the nights before would say is taken as sent" in told["known"]


def test_before_the_first_night_nothing_was_known(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    told = explained(office, monkeypatch, "2026-05-11")
    assert (told["items"], told["notices"]) == ([], [])
    assert told["says"] == ["No list of open items had been read by 2026-05-11, so nothing is known of that day."]


def test_the_whole_computation_stands_there_to_the_cent(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    told = explained(office, monkeypatch, "2026-06-10")
    item = told["items"][0]
    assert item["in_default"] == {
        "since": "2026-05-20",
        "begun": True,
        "basis": "reminder",
        "because": "a Mahnung was received, and the deadline it set is over",
        "law": "§ 286 Abs. 1 Satz 1 BGB",
    }
    (segment,) = item["interest"]["segments"]
    assert (segment["from"], segment["to"], segment["days"]) == ("2026-05-20", "2026-06-10", 22)
    assert (segment["base_rate_percent"], segment["points"], segment["law"]) == ("1.27", "9", "§ 288 Abs. 2 BGB")
    assert item["lump_sum"]["may_be_claimed"] == "40,00 EUR"
    # 1000 x 10.27 % x 22/365
    assert item["interest"]["amount"] == "6,19 EUR"


def test_the_text_tells_the_same(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(office, monkeypatch, "explain", "dunning", "--debtor", "10001", "--as-of", "2026-06-10")
    for words in (
        "10001  Huber GmbH  on 2026-06-10",
        "On 2026-05-20 Rückfrage (call) by letter over 1.000,00 EUR, to be paid by 2026-05-27.",
        "no insolvency is known; no death is known;",
        "reminder on 2026-05-12 by letter, to be paid by 2026-05-19",
        "1.000,00 EUR × 10.27 % × 22/365 = 6,19 EUR (base rate 1.27 + 9, § 288 Abs. 2 BGB)",
        "40,00 EUR arose with default",
        "standard, because nothing else was chosen",
        "after 2029-12-31",
    ):
        assert words in told, (words, told)


def test_an_insolvency_shows_what_to_file_and_until_when_interest_runs(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Insolvency(court="AG München", file_number="1500 IN 1/26", administrator="RAin Vogt")
    office.decide(
        lambda c, i, a: desk.hold(
            c, i, a, debtor_number="10001", document_number="", reason=HoldReason.INSOLVENCY, note="",
            expires_on=None, since=date(2026, 5, 25), insolvency=where,
        ),
        "2026-05-26",
    )  # fmt: skip
    told = explained(office, monkeypatch, "2026-06-10")
    (filing,) = told["insolvency"]
    assert (filing["opened_on"], filing["court"], filing["interest_until"]) == (
        "2026-05-25",
        "AG München",
        "2026-05-24",
    )
    assert [(one["document_number"], one["principal"], one["interest"]) for one in filing["claims"]] == [
        ("RE-1", "1.000,00 EUR", "1,41 EUR"),  # 1000 x 10.27 % x 5/365
        ("RE-2", "200,00 EUR", "0,00 EUR"),
    ]
    assert told["items"][0]["held_for"][0] == "insolvency"
    assert "AG München" in run(
        office, monkeypatch, "explain", "dunning", "--debtor", "10001", "--as-of", "2026-06-10"
    )


def test_messages_and_holds_are_noted_on_the_command_line(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(office, monkeypatch, "message", "add", "10001", "--note", "Wo ist die Ware?")
    waiting = run(office, monkeypatch, "message", "list")
    assert "Wo ist die Ware?" in waiting
    message = next(word for word in waiting.split() if word.startswith("B"))
    run(office, monkeypatch, "message", "answered", message)
    assert run(office, monkeypatch, "message", "list") == "No message waits for an answer.\n"
    run(
        office,
        monkeypatch,
        "hold",
        "place",
        "10001",
        "--reason",
        "promise",
        "--then",
        "softer",
        "--until",
        "2030-01-02",
    )
    held = run(office, monkeypatch, "hold", "list")
    assert "softer" in held
    hold = next(word for word in held.split() if word.startswith("H") and word[1:].isdigit())
    run(office, monkeypatch, "hold", "lift", hold, "--broken")
    assert run(office, monkeypatch, "hold", "list") == "Nobody is on hold.\n"
    run(office, monkeypatch, "case", "note", "10001", "court_begun", "--item", "RE-1")
    assert explained(office, monkeypatch, "2030-01-05")["items"][0]["state"] == "court"


def test_a_debtor_nobody_knows_is_refused(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    logging = structlog.get_config()
    result = CliRunner().invoke(
        run_sync.app, ["explain", "dunning", "--debtor", "99", "--config", str(office.config())]
    )
    structlog.configure(**logging)
    assert result.exit_code != 0
    assert "there is no debtor 99" in result.output
