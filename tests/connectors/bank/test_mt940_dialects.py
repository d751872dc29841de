"""The field :86: as banks outside Germany fill it: who paid, from which account, and what for."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.swift import mt940_dialects
from connectors.bank.swift.mt940_dialect_lines import glue

if TYPE_CHECKING:
    from connectors.bank.swift.purpose import Purpose


def read(text: str, supplement: str = "") -> Purpose:
    """Read a field that some dialect must know."""
    said = mt940_dialects.read(text, supplement)
    assert said is not None
    return said


# Every line: the field as delivered, the second line of :61:, then name, account, text.
DIALECTS: Final = [
    pytest.param(
        "/TRTP/SEPA OVERBOEKING/IBAN/NL20ABNA0123456789/BIC/ABNANL2A\n"
        "/NAME/DE VRIES FIETSEN B.V./REMI/FACTUUR 2026-0042 EN 2026-0043 M\n"
        "ET DANK/EREF/NOTPROVIDED",
        "",
        "DE VRIES FIETSEN B.V.", "NL20ABNA0123456789", "FACTUUR 2026-0042 EN 2026-0043 MET DANK",
        id="ABN AMRO, code words",
    ),
    pytest.param(
        "SEPA OVERBOEKING                 IBAN: NL20ABNA0123456789\n"
        "BIC: ABNANL2A                    NAAM: K. BAKKER\n"
        "OMSCHRIJVING: NOTA 77",
        "",
        "K. BAKKER", "NL20ABNA0123456789", "NOTA 77",
        id="ABN AMRO, SEPA in columns",
    ),
    pytest.param(
        "GIRO   312456 WATERBEDRIJF       BETALINGSKENM.  000000018503995\n51 KLANT 9",
        "",
        "WATERBEDRIJF", "312456", "BETALINGSKENM. 000000018503995 51 KLANT 9",
        id="ABN AMRO, giro",
    ),
    pytest.param(
        "12.34.56.789                    DROGIST DE HOEK\nKLANT 12                         FACTUUR 8 VAN 3 MEI",
        "",
        "DROGIST DE HOEK", "123456789", "KLANT 12 FACTUUR 8 VAN 3 MEI",
        id="ABN AMRO, account before IBAN",
    ),
    pytest.param(
        "/EREF/E2E-7//CNTP/NL91INGB0001234567/INGBNL2A/Zon/Maan V.O.F./UTRECHT//REMI/USTD//Factuur 1/2026/",
        "/TRCD/00100/",
        "Zon/Maan V.O.F.", "NL91INGB0001234567", "Factuur 1/2026",
        id="ING, a slash in the name",
    ),
    pytest.param(
        "/CNTP/NL91INGB0001234567/INGBNL2A/Bloemen B.V.///REMI/STRD/CUR/5200150700013379/",
        "",
        "Bloemen B.V.", "NL91INGB0001234567", "5200150700013379",
        id="ING, payment reference",
    ),
    pytest.param(
        "NL91INGB0001234567 INGBNL2A P. VISSER NOTPROVIDED Contributie 2026",
        "",
        "P. VISSER", "NL91INGB0001234567", "Contributie 2026",
        id="ING before 2014",
    ),
    pytest.param(
        "Europese Incasso, doorlopend NL91INGB0001234567 INGBNL2A GAS NV NL12ZZZ301234560000 Termijn mei",
        "",
        "GAS NV", "NL91INGB0001234567", "Termijn mei",
        id="ING before 2014, direct debit",
    ),
    pytest.param(
        "/EREF/30-04-2026 08:15/ORDP//NAME/Stichting Het Licht en Donk\n"
        "er/ADDR/Kade 1 3511 AA Utrecht/REMI/Donatie/ISDT/2026-04-30",
        "NL44RABO0123456789",
        "Stichting Het Licht en Donk er", "NL44RABO0123456789", "Donatie",
        id="Rabobank",
    ),
    pytest.param("/IBAN/NL44BUNQ0123456789/NAME/Anna/REMI/", "", "Anna", "NL44BUNQ0123456789", "", id="bunq"),
    pytest.param("NOTA 12\nREK: NL44RABO0123456789/NAAM: JANSEN BV", "", "JANSEN BV", "NL44RABO0123456789", "NOTA 12",
                 id="Knab"),
    pytest.param("HOEK 12:45 PAS: 2222\nNAAM: BAKKER", "", "BAKKER", "", "HOEK 12:45 PAS: 2222", id="Knab, card"),
    pytest.param(
        f"NL44ASNB0123456789 a. mulder en zn\n{' ':65}\n{'huur mei':65}\n{' ':65}", "a. mulder en zn",
        "a. mulder en zn", "NL44ASNB0123456789", "huur mei",
        id="ASN and SNS",
    ),
    pytest.param(
        f"NL44ASNB0123456789 gas bv\n{' ':65}\n/TRTP/Incasso/NAME/GAS B.V./REMI/Nota 3/EREF/X1", "gas bv",
        "GAS B.V.", "NL44ASNB0123456789", "Nota 3",
        id="ASN, code words inside",
    ),
    pytest.param("000>100000000000\n>20RABONL2U\n>21NL44RABO0123456789\n>22BAKKERIJ JANSEN 12 ABC>23DEF\n>310999",
                 "", "", "NL44RABO0123456789", "BAKKERIJ JANSEN 12 ABC DEF", id="Triodos"),
    pytest.param("000>100123456789\n>20HUUR>21 MEI>310999999999", "", "", "0123456789", "HUUR MEI",
                 id="Triodos, account before IBAN"),
    pytest.param(
        "770 PRZELEW KRAJOWY; Z RACH.: 61109010140000071219812874; OD: SKLEP  \n"
        "UL. POLNA 1; TYT.: FV 7/2026   ; TNR: 1.2",
        "770-PRZELEW",
        "SKLEP", "PL61109010140000071219812874", "FV 7/2026",
        id="mBank",
    ),
    pytest.param(
        "1720<00PRZELEW<10\n<20Faktura 9/2026\n<27SKLEP SP. Z O.O. UL. POLNA 1\n<29\n<3010901014<310000071219812874\n"
        "<32SKLEP SP. Z O.O. UL. POLN<33A 1\n<3861109010140000071219812874\n<61NONREF\n<63REF0012345",
        "PRZELEW",
        "SKLEP SP. Z O.O. UL. POLN A 1", "PL61109010140000071219812874", "Faktura 9/2026",
        id="Pekao",
    ),
    pytest.param(">20Usluga 5/2026>3161109010140000071219812874>32BIURO\nUL. POLNA 1", "",
                 "BIURO UL. POLNA 1", "61109010140000071219812874", "Usluga 5/2026", id="subfields without a code"),
    pytest.param(
        "GIRO AUS ONLINE-SIC 80532 AUFTRAGGEBER: RETO MEIER SEEWEG 3 ZUERICH 260401CH12345678\n MITTEILUNGEN: RG 5",
        "20260401007602198765432000000012",
        "RETO MEIER SEEWEG 3 ZUERICH", "", "RG 5",
        id="PostFinance",
    ),
    pytest.param("DBTS 5078/Bnf. LARS OLSEN/Bnf.acc. NO9386011117947/Our fee DKK 20,00", "",
                 "LARS OLSEN", "NO9386011117947", "DBTS 5078 Our fee DKK 20,00", id="Danske Bank"),
    pytest.param("/ORDP/300000000460495\n/TRGOVIJA DOOEL\n/747//748\n/Faktura 747", "",
                 "TRGOVIJA DOOEL", "300000000460495", "747 748 Faktura 747", id="Komercijalna Banka"),
    pytest.param("999SEPA_CREDIT_TRANSFER:Betrifft: RE 5:Max Muster:DE89370400440532013000:MIETE", "",
                 "Max Muster", "DE89370400440532013000", "Betrifft: RE 5 MIETE", id="solarisBank"),
    pytest.param("EREF+E1 SVWZ+RE 5 IBAN+DE89370400440532013000 BIC+COBADEFFXXX", "",
                 "", "DE89370400440532013000", "RE 5", id="German keywords without structure"),
    pytest.param("EREF: E1 SVWZ: RE 5", "", "", "", "RE 5", id="German keywords with a colon"),
    pytest.param("999PN1234SCHECK NR. 7", "", "", "", "SCHECK NR. 7", id="GVC 999"),
    pytest.param("payment DE89 3704 0044 0532 0130 00 RE12 thanks", "", "", "DE89370400440532013000",
                 "payment DE89 3704 0044 0532 0130 00 RE12 thanks", id="free text with one IBAN"),
    pytest.param("Invoice 5", "DE89370400440532013000", "", "DE89370400440532013000",
                 "Invoice 5 DE89370400440532013000", id="free text, IBAN in :61:"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "supplement", "name", "account", "remittance"), DIALECTS)
def test_who_paid_and_what_for(field: str, supplement: str, name: str, account: str, remittance: str) -> None:
    said = read(field, supplement)
    assert (said.name, said.account, said.remittance) == (name, account, remittance)


@pytest.mark.parametrize(
    ("field", "keywords"),
    [
        ("/RTRN/MS03//EREF/E1//MARF/M-1//CSID/NL12ZZZ301234560000//CNTP/NL91INGB0001234567/INGBNL2A/A///REMI/USTD//x/",
         {"RTRN": "MS03", "EREF": "E1", "MREF": "M-1", "CRED": "NL12ZZZ301234560000"}),
        ("/TRTP/INCASSO/PREF/B 7/NRTX/162", {"KREF": "B 7", "NRTX": "162"}),
        ("/ORDP//NAME/A/ULTD//NAME/Kind van A/ULTC//NAME/School/REMI/x/PURP//CD/EPAY",
         {"ABWA": "Kind van A", "ABWE": "School", "PURP": "EPAY"}),
        ("/EREF/E1//PURP/OTHR//REMI/USTD//x/", {"EREF": "E1", "PURP": "OTHR"}),
        ("/NAME/A/REMI/Issuer: CUR  Ref: 1234567812345678/EREF/NOTPRO\nVIDED",
         {"STRD": "1234567812345678", "EREF": "NOTPROVIDED"}),
        ("/ORDP//NAME/A/CDTRREFTP//CD/SCOR/CDTRREF/RF18539007547034", {"STRD": "RF18539007547034"}),
        ("SEPA INCASSO ALGEMEEN DOORLOPEND INCASSANT: NL12ZZZ301234560000\nMACHTIGING: m-1a\nNAAM: GAS  KENMERK: E 7",
         {"CRED": "NL12ZZZ301234560000", "MREF": "m-1a", "EREF": "E 7"}),
        ("911 PRZELEW; OD: A; TYT.: b; REF. KLIENTA: K1; TNR: 17.01", {"KREF": "K1", "BREF": "17.01"}),
        ("EREF+E1 MREF+M1 ABWA+Otto Ohm SVWZ+x", {"EREF": "E1", "MREF": "M1", "ABWA": "Otto Ohm"}),
        ("Einzahlung 21 00000 00003 13947 14300 09017", {"STRD": "210000000003139471430009017"}),
        ("ESR 210000000003139471430009017", {"STRD": "210000000003139471430009017"}),
    ],
)  # fmt: skip
def test_references_have_their_german_names(field: str, keywords: dict[str, str]) -> None:
    said = read(field).keywords
    assert {name: said.get(name) for name in keywords} == keywords


def test_a_code_word_is_found_where_the_line_end_cuts_it() -> None:
    said = read("/EREF/E2E-2026-0001//CNTP/NL91INGB0001234567/INGBNL2A/Bakker///RE\nMI/USTD//Rekening 20\n260042/")
    assert (said.name, said.remittance) == ("Bakker", "Rekening 20260042")


def test_a_number_cut_at_the_full_line_is_whole_for_reading_and_searching() -> None:
    line = f"/NAME/A/REMI/{'x' * 46} 20260"
    assert len(line) == 65
    assert read(f"{line}\n042").remittance.endswith(" 20260042")
    assert read(f"/NAME/A/REMI/x{line[12:40]} 20260\n042").remittance_glued.endswith(" 20260042")


def test_what_the_payer_writes_never_replaces_what_the_bank_says() -> None:
    said = read("/IBAN/NL20ABNA0123456789/NAME/Real/REMI/see /NAME/Other/IBAN/NL91INGB0001234567/EREF/E1")
    assert (said.name, said.account) == ("Real", "NL20ABNA0123456789")
    assert said.remittance == "see /NAME/Other/IBAN/NL91INGB0001234567"


def test_the_bank_code_and_number_stay_apart_where_there_is_no_iban() -> None:
    assert (
        read("0150<00OPLATA<10\n<20OPLATA\n<3012402656<311111001135907105\n<38").account
        == "12402656/1111001135907105"
    )


def test_a_kind_of_booking_is_no_text_of_the_payer() -> None:
    said = read("/TRTP/SEPA OVERBOEKING/IBAN/NL20ABNA0123456789/NAME/A/REMI/x")
    assert said.posting_text == "SEPA OVERBOEKING"


@pytest.mark.parametrize(
    "field",
    [
        "RE 12/2026 u. 13/2026",
        "/2026/04 Rechnung",
        "/RE/12/ Danke",
        "2025-2026 Beitrag",
        "2025?2026 Beitrag",
        "?20 Jahre Jubil?um",
        "12.34.56.788 vom 1.5.",  # fails the test of Dutch account numbers
        "GIRO 7 Danke",
        "REK: 12 NAAM: Otto",
        "NAAM: Otto",
        "Name: Otto Ohm",
        "AUFTRAGGEBER: Otto Ohm",
        "12 Birnen; OD: Otto; 3 Nuesse",
        "999 Euro",
        "SEPA Danke IBAN",
        "Kto DE89370400440532013001",  # a wrong check digit
        "DE89370400440532013000 oder NL91ABNA0417164300",  # two accounts
        "210000000003139471430009016",  # a wrong check digit
        "0123456789 Rechnung 5",
        "166?20SVWZ+RE 5?32Otto",  # German
        "",
    ],
)
def test_free_text_is_no_dialect(field: str) -> None:
    assert mt940_dialects.read(field) is None


def test_a_dialect_never_claims_a_german_code() -> None:
    assert {read(str(param.values[0]), str(param.values[1])).gvc for param in DIALECTS} == {""}


def test_codes_of_the_second_line_are_no_text() -> None:
    assert read("NOTA 12\nREK: NL44RABO0123456789/NAAM: A", "/OCMT/EUR10,00//CHGS/EUR1,00/").remittance == "NOTA 12"


_PIECES: Final = st.sampled_from(
    ["/", "//", "/REMI/", "/NAME/", "/EREF/", "/CNTP/", ":", ";", "; OD: ", "TNR: 1", "999A_BCDE:", " ", "\n", "  ",
     "1", "?20", "<38", "000>10", "DE89370400440532013000", "AB12 CDEF ", "REK: ", "NAAM: ", "GIRO   ", "SEPA ", ".",
     "166", "IBAN: ", "GIRO A AUFTRAGGEBER: ", "DBTS 1234/Bnf. ", "770 ABC; ", "12.34.56.789 ", "SVWZ+"]
)  # fmt: skip
_FIELDS: Final = st.lists(_PIECES, max_size=60).map("".join) | st.text(max_size=400)


@settings(max_examples=400, deadline=None)
@given(text=_FIELDS, supplement=st.text(max_size=34))
def test_any_text_can_be_read(text: str, supplement: str) -> None:
    said = mt940_dialects.read(text, supplement)
    assert said is None or all(value and "\n" not in value for value in said.keywords.values())


@settings(max_examples=60, deadline=None)
@given(start=st.lists(_PIECES, max_size=4).map("".join), again=st.lists(_PIECES, min_size=1, max_size=3).map("".join))
def test_a_field_without_end_is_quick(start: str, again: str) -> None:
    text = (start + again * 10_000)[:10_000]
    began = time.process_time()
    mt940_dialects.read(text, again * 5)
    assert time.process_time() - began < 0.5


@given(st.lists(st.text(alphabet="abc 1", max_size=70), min_size=1, max_size=6))
def test_joining_lines_loses_no_word(lines: list[str]) -> None:
    said = glue("\n".join(lines))
    assert said.readable().replace(" ", "") == "".join(lines).replace(" ", "")
    assert said.glued == "".join(line.rstrip() for line in lines)


_CORPUS: Final = os.environ.get("KONTORIST_CORPUS", "")
_DUTCH: Final = re.compile(r"^:86:(/(?:TRTP|IBAN)/(?:.|\n(?!:|-))*)", re.MULTILINE)


def test_names_of_real_files_are_all_found() -> None:
    paths = [path for path in Path(_CORPUS).rglob("*") if path.is_file()] if _CORPUS else []
    texts = [
        path.read_text("utf-8", errors="replace").replace("\r\n", "\n") for path in paths if path.suffix != ".xml"
    ]
    fields = [found[1] for text in texts for found in _DUTCH.finditer(text) if "/NAME/" in found[1]]
    assert all(read(field).name for field in fields)
