"""The field :86: as German banks fill it, and as they should not."""

from __future__ import annotations

import pytest

from connectors.bank.swift import purpose

FULL = "x" * 27


@pytest.mark.parametrize(
    ("field", "remittance", "glued"),
    [
        ("166?20SVWZ+RE-2026?21 0042", "RE-2026 0042", "RE-2026 0042"),
        ("166?20RE 1?21und RE 2", "RE 1 und RE 2", "RE 1und RE 2"),  # no keyword: all of it is purpose
        ("166?20Kd 17?21EREF+E1?22SVWZ+RE 1", "Kd 17 RE 1", "Kd 17RE 1"),  # so is text before the first
        ("166?20EREF+E1", "", ""),
        (f"166?20{'SVWZ+Rechnung Nummer RE-202'}?2160042 danke", "Rechnung Nummer RE-20260042 danke",
         "Rechnung Nummer RE-20260042 danke"),  # cut after 27 characters: no blank
        (f"166?20{'SVWZ+Rechnung Nummer RE-20'}?2160042", "Rechnung Nummer RE-20 60042",
         "Rechnung Nummer RE-2060042"),  # 26: perhaps a blank was trimmed; the glued text keeps the other reading
        (f"166?20SVWZ+{FULL[5:]}?29y?60z", f"{FULL[5:]}y z", f"{FULL[5:]}yz"),  # lines 11 to 14 go on in ?60
        ("105?20EREF+E1?21MTLG:Grund?22nicht genannt", "Grund nicht genannt", "Grundnicht genannt"),
        ("105?20CRED+C1?21Beitrag 2026", "Beitrag 2026", "Beitrag 2026"),
        ("166?20EREF+E1?21SVWZ+RE 7 EREF: E2", "RE 7 EREF: E2", "RE 7EREF: E2"),  # typed by the payer: not lost
        ("166?20SVWZ+IBAN+BIC angeben", "IBAN+BIC angeben", "IBAN+BIC angeben"),
        ("166?20SVWZ+a?32Anna?70Empfaenger Otto Ohm UK 27?717 b", "a Empfaenger Otto Ohm UK 27 7 b",
         "a Empfaenger Otto Ohm UK 27 7 b"),  # subfields that a bank made up are no part of the name
    ],
)  # fmt: skip
def test_the_purpose_for_reading_and_glued(field: str, remittance: str, glued: str) -> None:
    said = purpose.read(field)
    assert (said.remittance, said.remittance_glued) == (remittance, glued)


@pytest.mark.parametrize(
    ("field", "keywords"),
    [
        ("105?20EREF+E1?21MREF+M1?22CRED+C1", {"EREF": "E1", "MREF": "M1", "CRED": "C1"}),
        ("105?20EREF+E1 MREF+M1", {"EREF": "E1", "MREF": "M1"}),  # two in one line
        ("105?20EREF: E1?21SVWZ: text", {"EREF": "E1"}),  # with a colon
        ("105?20EREF+12345678901234567890SV?21WZ+text", {"EREF": "12345678901234567890"}),  # the keyword itself cut
        ("105?20EREF+1234567890123456789012?21345", {"EREF": "1234567890123456789012345"}),  # overflow
        ("105?20KREF+K1?21ABWA+Otto Ohm?22ABWE+Erna Elm", {"KREF": "K1", "ABWA": "Otto Ohm", "ABWE": "Erna Elm"}),
        ("105?20COAM+3,00?21OAMT+59,50?22DEBT+D1", {"COAM": "3,00", "OAMT": "59,50", "DEBT": "D1"}),
        ("105?20BREF+B1?21RREF+R1?22PURP+SALA", {"BREF": "B1", "RREF": "R1", "PURP": "SALA"}),
        ("105?20EREF+E1PURP+SALAMREF+M1", {"EREF": "E1", "PURP": "SALA", "MREF": "M1"}),  # blanks were trimmed
        ("105?20KREF+EREF+E1", {"KREF": "", "EREF": "E1"}),
        ("159?20EREF+E1?21MTLG:Grund nicht genannt", {"EREF": "E1"}),  # what the bank has to say is text
        ("105?20CRED+C1?21Beitrag 2026", {"CRED": "C1"}),  # a short subfield does not overflow
        ("105?20SVWZ+ab EREF: E1 IBAN: DE02?2112 BIC: COBADEFFXXX?22EREF+E1",
         {"EREF": "E1", "IBAN": "DE0212", "BIC": "COBADEFFXXX"}),  # a portal put them into the text
        ("005?20END-TO-END-REF.:?21E1?22CORE / MANDATSREF.:?23M1?24GLÄUBIGER-ID:?25C1",
         {"EREF": "E1", "MREF": "M1", "CRED": "C1"}),
    ],
)  # fmt: skip
def test_the_sepa_keywords(field: str, keywords: dict[str, str]) -> None:
    assert purpose.read(field).keywords == keywords


def test_notprovided_is_nothing() -> None:
    assert purpose.read("166?20EREF+NOTPROVIDED?21SVWZ+a").keyword("EREF") == ""


@pytest.mark.parametrize("separator", list("?<~+^@$|/"))
def test_the_separator_is_whatever_stands_behind_the_code(separator: str) -> None:
    said = purpose.read("166?00TEXT?20RE 1?32Anna?33 Anders".replace("?", separator))
    assert (said.gvc, said.posting_text, said.remittance, said.name) == ("166", "TEXT", "RE 1", "Anna Anders")


@pytest.mark.parametrize(
    ("field", "remittance", "name"),
    [
        ("166?20Wie geht?99 das?32Anna", "Wie geht?99 das", "Anna"),  # no such subfield
        ("166?20Gr?20sse?32Anna", "Gr?20sse", "Anna"),  # a subfield comes once
        ("166?20RE 1?32Anna?21Allee", "RE 1", "Anna?21Allee"),  # purpose never begins again after the name
    ],
)
def test_a_lost_character_is_no_subfield(field: str, remittance: str, name: str) -> None:
    said = purpose.read(field)
    assert (said.remittance, said.name) == (remittance, name)


@pytest.mark.parametrize(
    ("field", "account", "bic"),
    [
        ("166?20a?30COBADEFFXXX?31DE37370400440001111111", "DE37370400440001111111", "COBADEFFXXX"),
        ("166?20a?3037040044?311111111", "37040044/1111111", ""),
        ("166?20IBAN+DE37370400440001111111?21BIC+COBADEFFXXX?22SVWZ+a", "DE37370400440001111111", "COBADEFFXXX"),
        ("166?20SVWZ+IBAN: DE1 BIC: X", "", ""),  # typed by the payer: stays text
    ],
)
def test_the_account_of_the_other_party(field: str, account: str, bic: str) -> None:
    said = purpose.read(field)
    assert (said.account, said.bic) == (account, bic)


def test_a_blank_that_ended_a_line_and_was_trimmed_is_put_back() -> None:
    line = "166?20" + "x" * 55 + "EUR"
    assert len(line) == 64
    assert purpose.read(f"{line}\n0,00").remittance.endswith("EUR 0,00")
    assert purpose.read(f"{line}\n0,00").remittance_glued.endswith("EUR 0,00")


def test_a_field_of_a_megabyte_is_read_at_once() -> None:
    said = purpose.read("166?20SVWZ+" + "?99a" * 250_000)
    assert said.remittance.startswith("?99a?99a")


def test_line_breaks_of_the_field_are_no_content() -> None:
    assert purpose.read("166?00GUTSCHR\nIFT?20RE-20\n26?2\n1 danke").remittance == "RE-2026 danke"


@pytest.mark.parametrize("field", ["Gehalt Mai", "911 Zahlung", "/EREF/1//REMI/RE 1/", "1662 von 2000", ""])
def test_everything_else_is_free_text(field: str) -> None:
    said = purpose.read(field)
    assert (said.gvc, said.remittance) == ("", field)
