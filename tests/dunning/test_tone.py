"""Nobody is threatened before the last letter, and nothing is claimed that is not legally there."""

from __future__ import annotations

import pytest

from dunning.tone import (
    Tone,
    bureau_mistakes,
    missing_right_to_object,
    subject_mistakes,
    word_mistakes,
)

_TABLE = [
    # text, the kinds that may say it
    ("Wir übergeben an ein Inkassounternehmen.", {Tone.FINAL, Tone.HANDED_OVER}),
    ("We will instruct a collection agency.", {Tone.FINAL, Tone.HANDED_OVER}),
    ("Danach leiten wir das gerichtliche Mahnverfahren ein.", {Tone.FINAL}),
    ("Unser Rechtsanwalt wird sich melden.", {Tone.FINAL}),
    ("We will take legal action.", {Tone.FINAL}),
    ("Der Gerichtsvollzieher kommt.", set()),
    ("Wir lassen Ihr Konto pfänden.", set()),
    ("Das ist Betrug.", set()),
    ("Unsere Inkassoabteilung meldet sich.", set()),
    ("nach der Mahngebührenverordnung", set()),
    ("Dies ist die letzte Mahnung.", {Tone.FINAL}),
    ("Es fällt eine Mahngebühr an.", {Tone.FIRM, Tone.FINAL}),
    ("A late fee applies.", {Tone.FIRM, Tone.FINAL}),
    ("Verzugszinsen kommen hinzu.", {Tone.CONFIRMATION, Tone.DEMAND, Tone.FIRM, Tone.FINAL}),
    ("zuzüglich Umsatzsteuer", set()),
    ("Bitte zahlen Sie 5,00 € dazu.", set()),
    ("Bitte zahlen Sie 5 EUR dazu.", set()),
    ("10 % Rabatt auf die nächste Bestellung", set()),
    ("Wir verzichten auf die Zinsen.", set()),
    ("Sie sind ein säumiger Schuldner.", set()),
    ("Vielen Dank, alles ist erledigt.", set(Tone)),
    ("Bitte zahlen Sie {total} bis zum {deadline}.", set(Tone)),
    ("Wir haben gerichtet, was fehlte.", set(Tone)),
]


@pytest.mark.parametrize(("text", "allowed"), _TABLE)
def test_each_word_has_its_place_on_the_ladder(text: str, allowed: set[Tone]) -> None:
    assert {kind for kind in Tone if not list(word_mistakes(text, kind))} == allowed


def test_a_mistake_names_the_word_and_the_reason() -> None:
    (mistake,) = word_mistakes("Sonst kommt der Gerichtsvollzieher.", Tone.FINAL)
    assert mistake.word == "Gerichtsvollzieher"
    assert "no title" in mistake.why


def test_a_hint_at_a_credit_bureau_must_say_that_disputing_prevents_it() -> None:
    hidden = "Wir können die Forderung der Schufa melden."
    assert [mistake.word for mistake in bureau_mistakes(hidden)] == ["Schufa"]
    assert not list(bureau_mistakes(f"{hidden} Bestreiten Sie sie, unterbleibt das."))


def test_a_last_letter_that_names_the_court_must_name_the_right_to_object() -> None:
    threat = "Danach beantragen wir einen Mahnbescheid beim Gericht."
    assert list(missing_right_to_object(threat, Tone.FINAL))
    assert not list(missing_right_to_object(f"{threat} Sie können der Forderung widersprechen.", Tone.FINAL))
    assert not list(missing_right_to_object("Bitte zahlen Sie.", Tone.FINAL))


@pytest.mark.parametrize(
    ("subject", "kind", "fine"),
    [
        ("Ihre Rechnung {document_number}", Tone.DEMAND, True),
        ("1. Mahnung zu {document_number}", Tone.DEMAND, False),
        ("{title}: Ihre Rechnung", Tone.DEMAND, False),
        ("{title}: Ihre Rechnung", Tone.FIRM, True),
        ("Offen: {total}", Tone.FINAL, False),
    ],
)
def test_the_subject_of_a_mail_is_discreet(subject: str, kind: Tone, fine: bool) -> None:
    assert (not list(subject_mistakes(subject, kind))) is fine
