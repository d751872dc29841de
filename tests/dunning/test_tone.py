"""Nobody is threatened before the last letter, and nothing is claimed that is not legally there."""

from __future__ import annotations

import pytest

from dunning.tone import (
    Tone,
    bureau_mistakes,
    claim_mistakes,
    missing_right_to_object,
    subject_mistakes,
    word_mistakes,
)

# kinds: c courtesy, a confirmation, d demand, f firm, l last letter, h handed over; - nobody, * everybody
_LETTERS = dict(
    zip(
        "cadflh",
        (Tone.COURTESY, Tone.CONFIRMATION, Tone.DEMAND, Tone.FIRM, Tone.FINAL, Tone.HANDED_OVER),
        strict=True,
    )
)

# who may say it | text
_TABLE = """
lh    | Wir übergeben an ein Inkassounternehmen.
lh    | We will instruct a collection agency.
lh    | Our debt collectors will be in touch.
lh    | Den Betrag lassen wir beitreiben.
l     | Danach leiten wir das gerichtliche Mahnverfahren ein.
l     | Wir wenden uns an das Amtsgericht.
l     | Unser Rechtsanwalt wird sich melden.
l     | Unsere Anwälte prüfen das schon.
l     | Unsere Anwaelte pruefen das schon.
l     | Wir werden die Forderung einklagen.
l     | Wir werden Sie verklagen.
l     | Sonst folgen rechtliche Schritte.
l     | Die Rechtsabteilung übernimmt.
l     | We will take legal action.
l     | We will sue.
l     | You are being sued.
l     | Our solicitors have been informed.
l     | This matter will be litigated.
-     | Der Gerichtsvollzieher kommt.
-     | Wir lassen Ihr Konto pfänden.
-     | Eine Kontopfändung ist unangenehm.
-     | Ihr Lohn wird gepfaendet.
-     | We will enforce the debt.
-     | Goods may be seized.
-     | Der Vollstreckungsbescheid folgt.
-     | Sie wurden rechtskräftig zur Zahlung verurteilt.
-     | This is an official notice.
-     | Wir stellen einen Insolvenzantrag.
-     | Offenbar sind Sie zahlungsunfähig.
-     | Das ist Betrug.
-     | Wir erstatten Strafanzeige.
-     | Not paying is a crime.
-     | This is theft.
-     | Wir informieren Ihren Arbeitgeber.
-     | We will tell your neighbours.
-     | Unser Außendienst macht einen Hausbesuch.
-     | Unsere Inkassoabteilung meldet sich.
-     | nach der Mahngebührenverordnung
-     | Sie stehen dann auf einer schwarzen Liste.
l     | Dies ist die letzte Mahnung.
l     | Wir setzen Ihnen eine letzte Frist.
l     | This is your final reminder.
l     | Dies ist Ihre allerletzte Gelegenheit.
fl    | Andernfalls müssen wir Konsequenzen ziehen.
fl    | Wir behalten uns weitere Maßnahmen vor.
fl    | Otherwise we must take further action.
*     | Solange Sie pünktlich zahlen, unternehmen wir keine weiteren Schritte.
fl    | Es fällt eine Mahngebühr an.
fl    | Zuzüglich Mahngebuehren und Mahnkosten.
fl    | Mahnspesen sind zu ersetzen.
fl    | A late fee applies.
fl    | Dadurch entstehen weitere Kosten.
afl   | Wir berechnen eine Pauschale.
afl   | Sie sind in Verzug.
afl   | You are in default.
adfl  | Verzugszinsen kommen hinzu.
adfl  | Please pay the amount plus interest.
*     | It is in your interest to call us; we are interested in your view.
-     | Wir berechnen Zinseszins.
-     | Wir verlangen eine Vertragsstrafe.
-     | A penalty applies.
-     | zuzüglich Umsatzsteuer
-     | zzgl. USt.
-     | Bitte zahlen Sie 5,00 € dazu.
-     | Bitte zahlen Sie 5 EUR dazu.
-     | Bitte zahlen Sie 40,- Euro dazu.
-     | Please add €40.
-     | Bitte zahlen Sie vierzig Euro dazu.
-     | Wir berechnen neun Prozent, also 9 % im Jahr.
-     | Es gibt Rabatt auf die nächste Bestellung
-     | Besuchen Sie unseren neuen Webshop.
-     | Wir verzichten auf die Zinsen.
-     | Wir verzichten diesmal auf alles.
-     | We waive the rest.
-     | Wir gewähren Ihnen Stundung.
-     | Sie sind ein säumiger Schuldner.
-     | Sie sind ein saeumiger Zahler.
-     | Sie sollten sich schämen.
-     | Our patience is at an end.
*     | Vielen Dank, alles ist erledigt.
*     | Bitte zahlen Sie {total} bis zum {deadline}.
*     | Wir haben gerichtet, was fehlte, und nachgefragt.
*     | Ihre Nachricht ist eingegangen; wir richten das Konto ein.
*     | Sie erreichen uns 24 Stunden am Tag.
"""


def _row(line: str) -> tuple[str, set[Tone]]:
    who, _, text = (part.strip() for part in line.partition("|"))
    return text, set(Tone) if who == "*" else {_LETTERS[letter] for letter in who.strip("-")}


@pytest.mark.parametrize(("text", "allowed"), [_row(line) for line in _TABLE.strip().splitlines()])
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


@pytest.mark.parametrize("hidden", ["In\u00adkasso", "Inkasso", "Wir pfa\u0308nden", "legal\n action"])
def test_hidden_hyphens_split_umlauts_and_line_ends_hide_nothing(hidden: str) -> None:
    assert list(word_mistakes(f"Sonst folgt: {hidden}.", Tone.COURTESY))


@pytest.mark.parametrize(
    ("text", "when", "fine"),
    [
        ("Dazu kommt die Verzugspauschale.", [], False),
        ("Dazu kommt die Verzugspauschale.", ["private"], False),
        ("Dazu kommt die Verzugspauschale.", ["business"], True),
        ("A lump sum is added.", ["not surely business"], False),
        ("A lump sum is added.", ["one item", "business"], True),
        ("Täglich kommen {daily_interest} hinzu.", [], False),
        ("Täglich kommen {daily_interest} hinzu.", ["daily interest"], True),
        ("Bitte zahlen Sie {total}.", [], True),
    ],
)
def test_a_claim_is_said_only_to_who_owes_it(text: str, when: list[str], *, fine: bool) -> None:
    assert (not list(claim_mistakes(text, when))) is fine
