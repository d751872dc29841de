"""References with check digits, wherever a payer or a bank put them; and nothing else that looks like one."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum import iso11649, luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

from connectors.bank.creditor_reference import creditor_references, reference_kind

RF = "RF18539007547034"
QRR = "210000000003139471430009017"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # RF, as it is printed, typed, cut and glued.
        ("RF18539007547034", RF),
        ("RF18 5390 0754 7034", RF),
        ("rf18 5390 0754 7034", RF),
        ("Rf185390 07547034 danke", RF),
        ("R.-Nr. 4711 RF18 5390 0754 7034 vom 3. Mai", RF),
        ("RF: RF18539007547034", RF),
        ("RF:RF18539007547034.", RF),
        ("RF: 18 5390 0754 7034", RF),
        ("Ref.RF18 5390 0754 7034", RF),
        ("ReferenzRF18539007547034", RF),
        ("RF18-5390-0754-7034", RF),
        ("RF18539007547034vielen Dank", RF),
        ("SVWZ+RF18539007547034 EREF+NOTPROVIDED", RF),
        ("RF18539007\n547034", RF),
        ("RF18\xa05390\xa00754\xa07034", RF),
        ("RF185390075470Y", "RF185390075470Y"),
        ("RF97RE20260042", "RF97RE20260042"),
        # Switzerland.
        ("21 00000 00003 13947 14300 09017", QRR),
        ("Rechnung 210000000003139471430009017 Muster AG", QRR),
        ("KD 10234 21 00000 00003 13947 14300 09017 danke", QRR),
        ("00 00000 00000 00000 00018 78583", "000000000000000000001878583"),
        ("QRR: 2100 0000 0003 1394 7143 0009 017", QRR),
        ("QR-Referenz 210000000003139471430 009017", QRR),
        ("ESR 1234567890123456", "1234567890123456"),
        ("ESR-Ref. 1 23456 78901 23456", "1234567890123456"),
        # Belgium.
        ("+++090/9337/55493+++", "090933755493"),
        ("***090/9337/55493***", "090933755493"),
        ("+++090933755493+++", "090933755493"),
        ("+++ 090 9337 55493 +++", "090933755493"),
        ("betaling 090/9337/55493", "090933755493"),
        ("Mededeling: 090933755493", "090933755493"),
        # The Netherlands, Finland, Norway, Slovenia, Austria: with their labels.
        ("Betalingskenmerk 5000056789012345", "5000056789012345"),
        ("kenmerk: 5000 0567 8901 2345", "5000056789012345"),
        ("Viite 1 23453", "123453"),
        ("VIITENUMERO: 12344", "12344"),
        ("viitenro 12344 kiitos", "12344"),
        ("KID 0000000018", "0000000018"),
        ("KID-nr: 1234 5678 903", "12345678903"),
        ("kid: 123456785 Faktura", "123456785"),
        ("KID: 1009-", "1009-"),
        ("KID 123456782- danke", "123456782"),
        ("SI12 1234567890120", "SI121234567890120"),
        ("si121234567890120", "SI121234567890120"),
        ("SI05 10006-2026-42", "SI0510006-2026-42"),
        ("Zahlungsreferenz: 120345678901", "120345678901"),
        ("Zahlungsreferenz 1203 4567 8901 vom 4.5.", "120345678901"),
    ],
)
def test_a_reference_is_found_as_people_and_banks_write_it(text: str, found: str) -> None:
    assert creditor_references(text) == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Danke",
        "RE-20260042 vom 12.05.2026",
        "RF19 5390 0754 7034",  # wrong check digits
        "Bedarf 2026 und Dorf 18",
        "SURF18539007547034",  # a word before it
        "RF 2026 Rate 4",
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "NO93 8601 1117 947",
        "SI56 1910 0000 0123 438",
        "SI12345678",  # a VAT number
        "EG210000000003139471430009017",  # 27 digits of an Egyptian IBAN
        "210000000003139471430009018",
        "2100000000031394714300090170",
        "000000000000000000000000000",
        "12 10234 10235 10236 10237 10238 10239",
        "90/9337/55493",
        "090/9337/55494",
        "1090/9337/55493",
        "12/2026/00042",
        "090933755493",
        "5000056789012345",
        "4111 1111 1111 1111",  # a credit card
        "12344",
        "Viite 12345",
        "KID 123456784",
        "KID 2026-0042",
        "KIDNEY 123456785",
        "SI00 1234567890120",
        "SI12 1234567890121",
        "Zahlungsreferenz 4711",
        "0049 171 1234567",
        "+49 (0)30 1234567890",
        "2026-05-12 10:30:55",
        "20260512103055",
        "4711 4712 4713 4714 4715 4716",
    ],
)
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert creditor_references(text) == ()


def test_all_references_of_all_texts_are_given_once() -> None:
    assert creditor_references(f"{RF} {RF}", f"+++090/9337/55493+++ {RF}", QRR) == (RF, "090933755493", QRR)
    assert creditor_references() == ()


def test_a_reference_cut_by_the_bank_is_found_in_the_glued_text() -> None:
    assert creditor_references("Rechnung 2100000000031394 71430009017", "Rechnung 210000000003139471430009017") == (
        QRR,
    )


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        (RF, "RF"),
        ("rf18 5390 0754 7034", "RF"),
        (QRR, "QRR"),
        ("21 00000 00003 13947 14300 09017", "QRR"),
        ("1234567890123456", "ESR"),
        ("+++090/9337/55493+++", "BE"),
        ("090933755493", "BE"),
        ("5000056789012345", "NL"),
        ("SI121234567890120", "SI"),
        ("SI05 10006-2026-42", "SI"),
        ("12344", ""),  # Finnish for those who know it, and an invoice number for everybody else
        ("RE-20260042", ""),
        ("RF19539007547034", ""),
        ("٠٩٠٩٣٣٧٥٥٤٩٣", ""),
        ("", ""),
    ],
)
def test_a_reference_says_of_which_kind_it_is_where_its_number_proves_it(reference: str, kind: str) -> None:
    assert reference_kind(reference) == kind


# What always holds. The words around a reference are words: digits beside it could as well belong to it.
WORDS = st.sampled_from(["", "danke ", "Rechnung vom Mai, ", "Miete Wohnung links. ", "Zahlung für Müller & Söhne: "])
DIGITS = "0123456789"
ALNUM = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def spaced(text: str, blanks: list[int]) -> str:
    """Put blanks into a text at these places, each taken modulo its length."""
    characters = list(text)
    for blank in blanks:
        characters[blank % len(characters)] += " "
    return "".join(characters)


BLANKS = st.lists(st.integers(0, 40), max_size=8)


@given(body=st.text(ALNUM, min_size=1, max_size=21), blanks=BLANKS, lower=st.booleans(), before=WORDS, after=WORDS)
@example(body="539007547034", blanks=[0, 1, 2], lower=True, before="", after="danke ")
def test_every_rf_reference_is_found_whatever_blanks(
    body: str, blanks: list[int], lower: bool, before: str, after: str
) -> None:
    reference = f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"
    assert iso11649.is_valid(reference)
    written = "RF" + spaced(reference[2:], blanks)
    assert reference in creditor_references(f"{before}{written.lower() if lower else written} {after}")
    assert reference_kind(written) == "RF"


@given(reference=st.text(ALNUM, max_size=24).map("RF".__add__))
@example(reference="RF18539007547034")
@example(reference="RF1")
def test_an_rf_reference_is_one_where_the_standard_says_so(reference: str) -> None:
    assert (reference_kind(reference) == "RF") == (reference[2:4].isdigit() and iso11649.is_valid(reference))


@given(body=st.text(DIGITS, min_size=26, max_size=26), printed=st.booleans(), before=WORDS, after=WORDS)
def test_every_qr_reference_is_found_in_one_piece_and_as_printed(
    body: str, printed: bool, before: str, after: str
) -> None:
    assume(body.strip("0"))
    reference = body + esr.calc_check_digit(body)
    written = esr.format(reference) if printed else reference
    assert creditor_references(f"{before}{written} {after}") == (reference,)


@given(body=st.text(DIGITS, min_size=26, max_size=26), blanks=BLANKS, before=WORDS, after=WORDS)
def test_every_labelled_qr_reference_is_found_whatever_blanks(
    body: str, blanks: list[int], before: str, after: str
) -> None:
    assume(body.strip("0"))
    reference = body + esr.calc_check_digit(body)
    assert reference in creditor_references(" ".join(f"{before}QRR {spaced(reference, blanks)} {after}".split()))


@given(body=st.text(DIGITS, min_size=10, max_size=10), mark=st.sampled_from(["+++", "***", ""]), before=WORDS)
def test_every_belgian_communication_is_found(body: str, mark: str, before: str) -> None:
    reference = body + ogm_vcs.calc_check_digits(body)
    assert creditor_references(f"{before}{mark}{ogm_vcs.format(reference)}{mark}") == (reference,)


@given(body=st.text(DIGITS, min_size=3, max_size=19), blanks=BLANKS, before=WORDS, after=WORDS)
def test_every_finnish_reference_is_found_behind_its_label(
    body: str, blanks: list[int], before: str, after: str
) -> None:
    assume(body.strip("0"))
    weighted = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(body)))
    reference = body + str(-weighted % 10)
    assert creditor_references(f"{before}viite {spaced(reference, blanks)} {after}") == (reference,)


@given(body=st.text(DIGITS, min_size=3, max_size=24), blanks=BLANKS, before=WORDS, after=WORDS)
def test_every_kid_is_found_behind_its_label(body: str, blanks: list[int], before: str, after: str) -> None:
    assume(body.strip("0"))
    reference = body + luhn.calc_check_digit(body)
    assert creditor_references(f"{before}KID: {spaced(reference, blanks)} {after}") == (reference,)


NUMBER = st.from_regex(r"(RE|RG|R|AR|INV|2026)?[-/ ]?(20\d\d[-/]?)?\d{4,12}", fullmatch=True)


@given(numbers=st.lists(NUMBER, max_size=20), between=st.sampled_from([", ", "; ", " u. ", " ", " + "]))
def test_a_list_of_invoice_numbers_holds_no_reference(numbers: list[str], between: str) -> None:
    text = between.join(numbers)
    # Two digits and five numbers of five are exactly what the printed Swiss form is; 3/4/5 exactly the Belgian one.
    assume(not re.search(r"\b\d{2}( \d{5}){5}\b|\d{27}|\d{3}/\d{4}/\d{5}", text))
    assert creditor_references(text) == ()


@given(text=st.text(DIGITS + "RFKIDSVTE +*/.:-\n", max_size=200))
def test_whatever_is_found_stands_in_the_text(text: str) -> None:
    letters = re.sub(r"[^A-Z0-9]", "", text)
    for found in creditor_references(text):
        assert re.sub(r"[^A-Z0-9]", "", found).removeprefix("RF") in letters


@pytest.mark.parametrize(
    "unit",
    ["1", "1 ", "RF11", "RF11 ", "RF 1 1 1 1 ", "RF", "123/4567/", "+++", "KID 1 ", "SI12 12-", "21 00000 ", "A "],
)
def test_ten_thousand_characters_without_end_are_read_through(unit: str) -> None:
    assert isinstance(creditor_references(unit * (10_000 // len(unit))), tuple)
