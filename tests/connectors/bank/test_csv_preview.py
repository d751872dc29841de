"""The preview of a CSV export: what a person sees before anything is read at night."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import mapping_from
from connectors.bank.online_banking.csv_preview import Origin, preview
from connectors.bank.online_banking.csv_statement import looks_like, pieces
from ledger.errors import Unreadable
from ledger.money import Money

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "csv"
OWN: Final = "DE02120300000000202051"

UNKNOWN: Final = """\
Kontoauszug der Hausbank;;;
Datum;Wert;Auftraggeber/Empfänger;IBAN;Verwendungszweck;Soll;Haben;Saldo;Farbe
04.05.2026;04.05.2026;Müller & Söhne GmbH;DE89370400440532013000;RE-2026-0042;;1.119,00;1.119,00;blau
05.05.2026;05.05.2026;Strom AG;DE14701500000044444444;Abschlag;12,50;;1.106,50;rot
"""


def test_a_known_export_shows_sums_days_and_that_it_is_proven() -> None:
    seen = preview(SAMPLES / "volksbank.csv")
    (statement,) = seen.statements
    assert (seen.origin, seen.mapping.name, seen.header_line, seen.is_readable) == (
        Origin.KNOWN,
        "Volksbank",
        1,
        True,
    )
    assert (statement.account, statement.booked, statement.pending) == (OWN, 2, 0)
    assert (statement.money_in, statement.money_out) == (Money(11900, "EUR"), Money(-10000, "EUR"))
    assert (statement.first_day, statement.last_day) == (date(2026, 5, 4), date(2026, 5, 5))
    assert statement.is_proven
    assert ("Bemerkung", "") in seen.columns
    assert ("Saldo nach Buchung", "balance") in seen.columns


def test_an_export_without_account_is_shown_with_what_is_missing() -> None:
    seen = preview(SAMPLES / "paypal.csv")
    assert not seen.is_readable
    assert "does not say whose account it is" in seen.problems[0]
    assert "set aside" not in seen.problems[0]
    assert [(s.account, s.currency, s.is_proven) for s in seen.statements] == [("?", "EUR", True), ("?", "USD", True)]
    assert len(seen.entries) == 7


def test_an_unknown_export_is_guessed_but_never_read_at_night(tmp_path: Path) -> None:
    path = tmp_path / "hausbank.csv"
    path.write_bytes(UNKNOWN.encode("cp1252"))
    assert not looks_like(path.read_bytes())
    with pytest.raises(Unreadable, match="no line has the column names of an export we know"):
        list(pieces(path, path.name))
    seen = preview(path)
    assert (seen.origin, seen.header_line) == (Origin.GUESSED, 2)
    (statement,) = seen.statements
    assert (statement.opening, statement.closing) == (Money(0, "EUR"), Money(110650, "EUR"))
    assert [entry.amount for entry in seen.entries] == [Money(111900, "EUR"), Money(-1250, "EUR")]
    assert seen.entries[0].payer_iban == "DE89370400440532013000"


def test_the_guess_can_be_corrected_saved_and_then_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hausbank.csv"
    path.write_text(UNKNOWN, encoding="utf-8")
    written = preview(path).as_toml()
    assert "# Missing: hausbank.csv:3: the file does not say whose account it is" in written
    assert "# Not used: Farbe" in written
    saved = mapping_from(written.replace('account = ""', f'account = "{OWN}"').replace("my bank", "Hausbank"), "test")
    assert preview(path, saved).is_readable
    assert preview(path, mappings=[saved]).origin is Origin.GIVEN
    assert looks_like(path.read_bytes(), [saved])
    (piece,) = pieces(path, path.name, [saved])
    assert (piece.statement.account, piece.statement.format) == (OWN, "CSV Hausbank")
    assert piece.statement.adds_up()


def test_a_row_that_cannot_be_read_is_a_problem_in_the_preview(tmp_path: Path) -> None:
    path = tmp_path / "hausbank.csv"
    path.write_text(UNKNOWN.replace("12,50", "12,5O"), encoding="utf-8")
    seen = preview(path)
    assert any("'12,5O' is no amount" in problem for problem in seen.problems)


@pytest.mark.parametrize("text", ["", "hello", "Rechnung;Kunde;Offen\nRE-1;4711;119,00\n"])
def test_a_file_without_bookings_has_no_preview(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable):
        preview(path)


def test_a_mapping_that_does_not_fit_says_which_columns_it_looks_for() -> None:
    paypal = next(one for one in known_mappings() if one.name == "PayPal")
    with pytest.raises(Unreadable, match="no line has all columns of PayPal"):
        preview(SAMPLES / "volksbank.csv", paypal)
