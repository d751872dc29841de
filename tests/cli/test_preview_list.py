"""A preview tells an open-item list from bank bookings, and prints its guessed columns to paste."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import typer
from typer.testing import CliRunner

import cli.preview

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from typer.testing import Result

LIST = """RNr;Kd;Typ;vom;Termin;Brutto gesamt;noch zu zahlen
R-1;K7;Rechnung;01.05.2026;31.05.2026;119,00;119,00
R-2;K7;Rechnung;02.05.2026;01.06.2026;50,00;20,00
"""
BANK = """Buchungstag;Wertstellung;Auftraggeber;Verwendungszweck;Betrag;Währung
04.05.2026;04.05.2026;Müller GmbH;RE-1;119,00;EUR
"""
DOUBTFUL = LIST.replace("Termin;", "Termin A;Termin B;").replace(";119,00;119", ";30.06.2026;119,00;119")
DOUBTFUL = DOUBTFUL.replace("01.06.2026;", "01.06.2026;01.07.2026;")


def ask(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    app = typer.Typer()
    app.add_typer(cli.preview.app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["preview", str(path), *options], env={"COLUMNS": "160"})


def test_the_columns_the_sureness_and_the_first_items_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ask(tmp_path, LIST, monkeypatch)
    assert result.exit_code == 0, result.output
    for shown in ("RNr", "document_number", "by name", "likely", "sure", "2026-06-01", "20,00 EUR", "columns = {"):
        assert shown in result.output


def test_the_line_to_paste_is_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(tmp_path, LIST, monkeypatch, "--as-toml")
    assert tomllib.loads(result.output)["columns"] == {
        "document_number": "RNr",
        "debtor_number": "Kd",
        "document_date": "vom",
        "due_date": "Termin",
        "amount": "Brutto gesamt",
        "open_amount": "noch zu zahlen",
    }


def test_doubt_needs_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(tmp_path, DOUBTFUL, monkeypatch, "--as-toml")
    assert result.exit_code == 1
    assert "# due_date may be 'Termin A' or 'Termin B': choose one" in result.output
    assert "due_date =" not in result.output


def test_bank_bookings_are_shown_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(tmp_path, BANK, monkeypatch)
    assert "an open-item list" not in result.output
    assert "booking_date" in result.output


def test_a_person_may_say_that_it_is_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ask(tmp_path, "Kundennummer;Betrag\nK7;119,00\n", monkeypatch, "--open-items")
    assert result.exit_code == 1
    assert "due_date was not found: no column looks like it" in result.output
