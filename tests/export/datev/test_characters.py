"""How names and numbers are spelled for DATEV."""

from __future__ import annotations

import pytest

from export.datev.characters import document_field, windows_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Bäcker & Söhne GmbH – Köln €", "Bäcker & Söhne GmbH – Köln €"),
        ("Łukasz Wałęsa", "Lukasz Walesa"),
        ("Jiří Dvořák, Đorđe Đoković", "Jirí Dvorák, Dorde Dokovic"),
        ("Şükrü Yılmaz, İzmir", "Sükrü Yilmaz, Izmir"),
        ("Ștefan Țepeș", "Stefan Tepes"),
        ("Erdős", "Erdos"),
        ("Жанна Щукина", "Schanna Schtschukina"),
        ("Γιώργος", "Giorgos"),
        ("ﬁx № 5 → 6", "fix No 5 _ 6"),
        ("東京", "__"),
        ("Zeile 1\r\n\tZeile\u00a02", "Zeile 1 Zeile 2"),
        ("u\u0308ber", "über"),
        ("a\u200bb\ufeffc\x81d\x00e", "abc d e"),
        ("Preis −5", "Preis -5"),
    ],
)
def test_a_name_outside_windows_1252_is_spelled_with_what_there_is(text: str, written: str) -> None:
    assert windows_text(text, 60) == written


def test_a_long_text_is_cut_without_a_blank_at_its_end() -> None:
    assert windows_text("1234 678", 5) == "1234"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("RE-2026/0042", "RE-2026/0042"),
        ("RE 2026-0042", "RE2026-0042"),
        ("R.1,2;3:4", "R1234"),
        ("Straße 5", "Strasse5"),
        ("ÄÖÜ-éñ", "AEOEUE-en"),
        ("RE–1", "RE-1"),
        ("№1_2", "No1_2"),
        ("東京", ""),
        ("", ""),
    ],
)
def test_a_document_number_keeps_only_what_belegfeld_1_may_hold(number: str, written: str) -> None:
    assert document_field(number) == written
