"""The call list: a table that Excel opens safely, and a script that asks before it demands."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from export.call_list import call_list, call_scripts, script_steps
from export.tables.excel_safe import excel_safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import EarlierNotice, Notice
    from export.letterhead import Letterhead


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_call_has_debtor_phone_items_amount_and_room_for_the_answer(
    notice_of: Callable[..., Notice], letterhead: Letterhead, earlier: tuple[EarlierNotice, ...]
) -> None:
    headings, row = _rows(call_list([notice_of(items=2, earlier=earlier)], letterhead))
    call = dict(zip(headings, row, strict=True))
    assert call["Kundennummer"] == "10023"
    assert call["Name"] == "Café Süßmund OHG"
    assert call["Telefon"] == "'+49 361 5550"
    assert call["Offen"] == "2.380,01"
    assert call["Währung"] == "EUR"
    assert "RE-2026-0042" in call["Rechnungen"]
    assert "RE-2026-0043" in call["Rechnungen"]
    assert call["Älteste Fälligkeit"] == "21.01.2026"
    assert call["Tage überfällig"] == "40"
    assert "1. Mahnung vom 09.02.2026" in call["Bisherige Schreiben"]
    for heading in ("Angerufen am", "Gesprochen mit", "Ursache", "Zahlt bis", "Zugesagter Betrag", "Notiz"):
        assert call[heading] == ""
    assert "woran es liegt" in call["Gesprächsleitfaden"]


def test_the_file_opens_in_excel(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    content = call_list([notice_of()], letterhead)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.splitlines()[0].count(b";") == 18


def test_a_night_without_calls_has_headings_only(letterhead: Letterhead) -> None:
    assert len(_rows(call_list([], letterhead))) == 1


def test_an_english_office_gets_english_headings(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    headings, row = _rows(call_list([notice_of()], letterhead, language="en"))
    assert headings[0] == "Customer number"
    assert row[6] == "1,190.00"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_run_as_a_formula(start: str) -> None:
    assert excel_safe(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_a_hostile_name_stays_in_its_cell(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    notice = notice_of()
    hostile = replace(notice, debtor=replace(notice.debtor, name='=HYPERLINK("x";"y")\n"; =1+1'))
    _, row = _rows(call_list([hostile], letterhead))
    assert row[1] == '\'=HYPERLINK("x";"y") "; =1+1'


def test_the_script_asks_for_the_cause_before_it_asks_for_a_date(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    steps = script_steps(notice_of(), letterhead)
    assert "Jörg Weiß von Gärtnerei Blütenweiß GmbH" in steps[0]
    (cause,) = [n for n, step in enumerate(steps) if "woran es liegt" in step]
    (date,) = [n for n, step in enumerate(steps) if "Bis wann" in step]
    assert cause < date
    probe = steps[cause + 1]
    assert all(word in probe for word in ("angekommen", "Freigabe", "zufrieden", "finanziell"))


def test_the_script_is_in_the_debtors_language(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    notice = notice_of()
    english = replace(notice, debtor=replace(notice.debtor, language="en"))
    assert "EUR\u00a01,190.00 is outstanding" in " ".join(script_steps(english, letterhead))


def test_the_printed_script_offers_the_causes_and_forbids_threats(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of()
    hostile = replace(notice, debtor=replace(notice.debtor, name="# *Chef* [x](y)"))
    script = call_scripts([hostile], letterhead).decode()
    for words in ("☐ Vergessen", "☐ Unzufrieden", "☐ Vorübergehend knapp", "☐ Interner Ablauf", "Nicht drohen"):
        assert words in script, words
    assert "\\# \\*Chef\\* \\[x\\](y)" in script
