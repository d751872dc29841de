"""The mandatory data of business letters, by legal form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from export.letterhead import LegalForm, Letterhead, legal_form, missing_for_letters

_REGISTER = ("register_court", "register_number", "seat")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Muster GmbH", LegalForm.GMBH),
        ("Hilfe gGmbH", LegalForm.GMBH),
        ("Neustart UG (haftungsbeschränkt)", LegalForm.GMBH),
        ("Muster GmbH & Co. KG", LegalForm.GMBH_AND_CO),
        ("Muster GmbH & Co KG", LegalForm.GMBH_AND_CO),
        ("Klein UG (haftungsbeschränkt) & Co. KG", LegalForm.GMBH_AND_CO),
        ("Muster KG", LegalForm.PARTNERSHIP),
        ("Gebrüder Muster OHG", LegalForm.PARTNERSHIP),
        ("Muster AG", LegalForm.AG),
        ("Muster SE", LegalForm.AG),
        ("Muster GmbH & Co. KGaA", LegalForm.AG),
        ("Volksgut eG", LegalForm.COOPERATIVE),
        ("Erika Muster e.K.", LegalForm.MERCHANT),
        ("Erika Muster e. Kfr.", LegalForm.MERCHANT),
        ("Muster & Partner PartG mbB", LegalForm.PROFESSIONAL_PARTNERSHIP),
        ("Malermeister Lageregger", LegalForm.OTHER),
        ("Turnverein Musterstadt e. V.", LegalForm.OTHER),
    ],
)
def test_the_legal_form_is_read_from_the_name(name: str, form: LegalForm) -> None:
    assert legal_form(name) is form


def test_a_complete_gmbh_may_write_letters(letterhead: Letterhead) -> None:
    assert missing_for_letters(letterhead) == ()


def test_a_gmbh_without_register_may_not_write_letters(letterhead: Letterhead) -> None:
    bare = replace(letterhead, register_court="", register_number="", seat="", managing_directors=())
    assert missing_for_letters(bare) == ("managing_directors", *_REGISTER)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Erika Muster e.K.", _REGISTER),
        ("Muster KG", _REGISTER),
        ("Muster AG", ("managing_directors", *_REGISTER, "supervisory_board_chair")),
        (
            "Muster GmbH & Co. KG",
            ("managing_directors", *_REGISTER, "general_partner", "general_partner_seat", "general_partner_register"),
        ),
        ("Malermeister Lageregger", ()),
    ],
)
def test_the_law_asks_every_legal_form_for_its_own_data(name: str, missing: tuple[str, ...]) -> None:
    sender = Letterhead(name=name, street="Weg 1", postcode="10115", city="Berlin", phone="030 1", iban="DE1")
    assert missing_for_letters(sender) == missing


def test_an_austrian_company_names_register_and_seat_but_no_directors(letterhead: Letterhead) -> None:
    sender = replace(letterhead, country="AT", managing_directors=(), register_number="")
    assert missing_for_letters(sender) == ("register_number",)


def test_nobody_can_answer_a_letter_without_phone_and_mail(letterhead: Letterhead) -> None:
    assert missing_for_letters(replace(letterhead, phone="", email="")) == ("phone",)
    assert missing_for_letters(replace(letterhead, phone="")) == ()


def test_a_letter_without_address_and_account_is_none() -> None:
    assert missing_for_letters(Letterhead(name="Maler Bunt")) == ("street", "postcode", "city", "phone", "iban")
