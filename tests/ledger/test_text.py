"""Texts are compared as they survive every bank: without case, accents, blanks and punctuation."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.text import fold, squeeze, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Bäckerei Müller & Söhne", "baeckerei mueller & soehne"),
        ("BAECKEREI MUELLER", "baeckerei mueller"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Café José Ñandú", "cafe jose nandu"),
        ("Łódź", "lodz"),
        ("Ærøskøbing Å", "aeroeskoebing aa"),
        ("Mu\u0308ller", "mueller"),  # the umlaut as two characters
        ("Ümit Çelik", "uemit celik"),
        ("ﬁnanz", "finanz"),
        ("№ 42", "no 42"),
        ("RE-2026/0042", "re-2026/0042"),
        ("", ""),
    ],
)
def test_the_same_name_is_folded_to_the_same_text(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_what_banks_do_to_a_number_does_not_show_after_squeezing() -> None:
    for written in ("RE-2026-0042", "re 2026 0042", "RE.2026/0042", "R E-20\u00a0260042", "RE–2026—0042"):
        assert squeeze(written) == "re20260042"


def test_words_are_runs_of_letters_and_digits() -> None:
    assert words("  Fa. Müller-Lüdenscheidt, RE-2026/0042! ") == (
        "fa",
        "mueller",
        "luedenscheidt",
        "re",
        "2026",
        "0042",
    )
    assert words(" -- ") == ()


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_only_plain_letters_and_digits_survive_squeezing(text: str) -> None:
    squeezed = squeeze(text)
    assert squeezed == "" or (squeezed.isascii() and squeezed.isalnum())
    assert "".join(words(text)) == squeezed


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_composed_and_decomposed_writing_are_the_same(text: str) -> None:
    assert squeeze(unicodedata.normalize("NFD", text)) == squeeze(unicodedata.normalize("NFC", text))
