"""Money that is not ours to match, in lines an accountant could have written: what came, and what it is.

    in   1.200,00 "Finanzamt Augsburg"         "USt 04/26"                     -> tax probable /refund of VAT/

``none`` after the arrow: nothing is said of it, it is a debtor's as far as anybody can see.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest

from ledger.numerals import read_money
from ledger.statement import EntryKind, StatementEntry
from reconciliation.ignored import asked_because, ignored_because, named_open, needs_a_person, not_ours
from reconciliation.other_money import KINDS, MoneyKind, label_of
from reconciliation.own_transfers import OwnTransfer
from tests.reconciliation.table import Book, check, read_book

AUTHORITIES = """
    in   1.200,00 "Finanzamt Augsburg-Stadt"   "USt-Erstattung 04/26"          -> tax probable /refund of VAT/
    in     340,00 "FINANZAMT MUENCHEN"         "KSt 2025"                      -> tax probable /corporation tax/
    in     512,00 "Finanzkasse Erfurt"         "Erstattung Einkommensteuer 2024" -> tax probable /income tax/
    in     800,00 "Finanzamt Österreich"       "Abgabenkonto 12-345/6789"      -> tax probable /the tax account/
    in     150,00 "Kantonales Steueramt Zürich" "Rückerstattung"                -> tax probable
    in     990,00 "Eidg. Steuerverwaltung"     "Verrechnungssteuer 2025"       -> tax probable /withholding tax/
    in     450,00 "Bundeszentralamt für Steuern" "Vorsteuervergütung"            -> tax probable
    in      87,00 "Stadtkasse Ulm"             "Gewerbesteuer 2025 Erstattung" -> tax probable /trade tax/
    in      60,00 "Landeshauptstadt Dresden"   "Grundsteuer Q1"                -> tax probable /property tax/
    in      96,00 "Bundeskasse Halle"          "KFZ-Steuer M-AB 123"           -> tax probable /vehicle tax/
    out  1.900,00 "Finanzamt Augsburg"         "Umsatzsteuervorauszahlung Mai" -> tax certain /payment of VAT/
    out    780,00 "Finanzamt Augsburg"         "Lohnsteuer-Anmeldung 05/26"    -> tax certain /wage tax/
    out  2.000,00 "Gemeindekasse Haar"         "Gewerbesteuer 2026"            -> tax certain
    in     500,00 "XY"                         "Erstattung" purpose TAXS       -> tax probable
    in     210,00 "Hauptzollamt Augsburg"      "Erstattung EUSt"               -> customs probable /customs/
    out    310,00 "Zollzahlstelle Flughafen"   "Einfuhrabgaben"                -> customs certain
    out    310,00 "Bundesamt für Zoll und Grenzsicherheit" "ZAZ 4711"                      -> customs certain
    in   3.500,00 "Bundeskasse Trier"          "Überbrückungshilfe IV"         -> subsidy probable
    in   2.500,00 "BAFA"                       "Bescheid 99"                   -> subsidy probable
    in   4.000,00 "Investitionsbank Berlin"    "Soforthilfe"                   -> subsidy probable
    in   1.000,00 "Stadt Augsburg"             "Zuschuss Jugendarbeit"         -> subsidy probable
    in     300,00 "Bundeskasse Trier"          "Kassenzeichen 1180 0450"       -> authority probable /may also pay/
    in     120,00 "Landesjustizkasse Bamberg"  "Az 3 C 112/25"                 -> authority probable
    out     72,00 "Justizkasse Hamburg"        "Mahnbescheid 25-1"             -> authority certain
"""
INSURERS = """
    in     412,00 "AOK Bayern" "Erstattung AAG U1 Mai" -> social_insurance probable /sick or maternity/
    in     777,00 "Techniker Krankenkasse"     "Mutterschaftsgeld"             -> social_insurance probable
    in      12,00 "BARMER"                     "Guthaben"                      -> social_insurance probable
    in      99,00 "DAK-Gesundheit"             "Beitragsnachweis Korrektur"    -> social_insurance probable
    out    850,00 "IKK classic"                "SV-Beiträge 05/2026"           -> social_insurance certain
    out    850,00 "BKK Mobil Oil"              "Beiträge"                      -> social_insurance certain
    out    222,00 "KNAPPSCHAFT-BAHN-SEE"       "Minijob-Zentrale 05/26"        -> social_insurance certain
    out    430,00 "Berufsgenossenschaft Holz und Metall" "BG-Beitrag"                    -> social_insurance certain
    out    430,00 "BG BAU"                     "Vorschuss"                     -> social_insurance certain
    in   1.900,00 "Bundesagentur für Arbeit"   "Kurzarbeitergeld 04/26"        -> social_insurance probable
    in     600,00 "Agentur für Arbeit Ulm"     "Eingliederungszuschuss"        -> subsidy probable
    out     18,00 "Deutsche Rentenversicherung Bund" "Nachzahlung"                   -> social_insurance certain
    out    444,00 "Österreichische Gesundheitskasse" "Beiträge 05"                   -> social_insurance certain
    out    512,00 "Ausgleichskasse Zug"        "AHV 2. Quartal"                -> social_insurance certain
    in   2.300,00 "Allianz Versicherungs-AG"   "Schaden 25-778812"             -> insurance probable /a claim/
    in      45,00 "HUK-COBURG" "Beitragserstattung KFZ" -> insurance probable /refund of premium/
    out    320,00 "R+V Allgemeine Versicherung AG" "Betriebshaftpflicht 2026"      -> insurance certain /a premium/
    out    120,00 "UNIQA Österreich"           "Prämie"                        -> insurance certain
    in     880,00 "Württembergische Versicherung AG" "Leitungswasser"                -> insurance probable
"""
CARDS_AND_SERVICES = """
    in   1.512,33 "Concardis GmbH"             "Abrechnung 0512"               -> card_settlement probable
    in     812,10 "Nexi Germany GmbH"          "VP 4556"                       -> card_settlement probable
    in     400,00 "SIX Payment Services (Europe)" "Settlement"                    -> card_settlement probable
    in     300,00 "Worldline Schweiz AG"       "Merchant 1"                    -> card_settlement probable
    in     222,00 "SumUp Payments Limited"     "PID 12"                        -> card_settlement probable
    in     998,00 "Adyen N.V."                 "TX99 batch 4"                  -> card_settlement probable
    in     650,00 "American Express Europe"    "Axp 12"                        -> card_settlement probable
    in     180,00 "VR Bank"                    "Kartenumsatz 12.05." kind card_settlement -> card_settlement probable
    out    430,00 "First Data GmbH"            "Kartenabrechnung Mai"          -> card_settlement certain
    in     540,00 "PayPal Europe S.a.r.l."     "ABBUCHUNG VOM PAYPAL-KONTO"    -> payment_service probable
    in   1.204,00 "STRIPE TECHNOLOGY EUROPE"   "STRIPE PAYOUT po_1"            -> payment_service probable
    in   2.310,00 "Klarna Bank AB"             "Settlement 881"                -> payment_service probable
"""
THE_BANK = """
    out     12,90 ""                           "Kontoführung Mai" kind charge  -> bank_charge certain
    in       4,00 ""                           "Gutschrift Entgelt" kind charge -> bank_charge certain
    out     33,12 "Sparkasse"                  "Abschluss 30.06." kind charge  -> bank_charge certain
    in       0,87 ""                           "Habenzinsen" kind interest     -> interest certain
    out     90,00 ""                           "Sollzinsen" kind interest      -> interest certain
    out    500,00 ""                           "GA NR 1 BLZ" kind cash         -> cash certain
    in     900,00 ""                           "Einzahlung Filiale" kind cash  -> cash probable
    out  1.000,00 "Sparkasse Ulm"              "Darlehen 610 Tilgung"          -> loan certain
    out    750,00 "Hausbank"                   "Rate" code 604                 -> loan certain
    in 50.000,00 "KfW"                               "Auszahlung Darlehen 12"               -> loan probable
    in 25.000,00 "Volksbank"                         "Kreditauszahlung"                     -> loan probable
    in      44,00 "Telekom"                    "Rückgabe" kind refund          -> supplier_refund certain
    in      44,00 "Lieferant AG"               "IBAN falsch" kind returned_transfer -> returned_payment probable
"""
THE_REST = """
    out  2.812,00 "Anna Beispiel"              "Lohn/Gehalt 05/2026"           -> salary certain
    out  1.450,00 "Ben Beispiel"               "Ausbildungsvergütung Mai"      -> salary certain
    out    133,00 "Anna Beispiel"              "Danke" purpose SALA            -> salary certain
    out     87,30 "Cem Beispiel"               "Reisekostenabrechnung KW 20"   -> salary certain
    out  1.800,00 "Immo Verwaltung KG"         "Miete Juni Lager"              -> rent certain
    in     650,00 "Studio Yoga"                "Kaltmiete Juni"                -> rent probable
    out     50,00 "DRK"                        "Spende"                        -> donation certain
    in     100,00 "Erika Muster"               "Für den Verein" code 169       -> donation probable
    out     39,95 "Telekom GmbH" "Netz" creditor DE98ZZZ09999999999 -> direct_debit_by_others certain /telephone/
    out    210,00 "Stadtwerke Ulm" "Abschlag" code 105 -> direct_debit_by_others certain /power/
    out    399,00 "Deutsche Leasing"           "Vertrag 12"                    -> supplier_payment certain /leasing/
    out    512,00 "Lieferant AG" "Rechnung 8812" -> supplier_payment certain /our own payment to Lieferant AG/
    out     15,00 ""                           ""                              -> supplier_payment certain
    in      65,00 "Stadtwerke Ulm"             "Guthaben Jahresabrechnung"     -> supplier_refund probable
    in     119,00 "Werkzeug Maier GmbH"        "Retoure zu RE 4711"            -> supplier_refund probable
    in      30,00 "Druckerei Blau"             "Doppelzahlung zurück"          -> supplier_refund probable
    out     55,00 "Kunde Meier"                "Überzahlung RE 12"             -> refund_to_customer probable
"""
TRAPS = """
    in   1.190,00 "Steuerberater Huber" "Rechnung 4711" -> none  # a tax adviser pays his invoice
    in   1.190,00 "Steuerberatungsges. Huber mbH" "RE 4711 inkl. USt"             -> none
    in     595,00 "Versicherungsmakler Kunz"   "RE-2026-0815"                  -> none
    in     595,00 "Versicherungsbüro Allgaier" "Rechnung 12"                   -> none
    in     238,00 "Stadt Augsburg"             "Rechnung RE-2026-0815"         -> none
    in     238,00 "Stadtverwaltung Kempten"    "RE-2026-0816 incl. MwSt"       -> none
    in     238,00 "Stadtkasse Memmingen"       "Kassenzeichen 33, Ihre Rechnung 815" -> none
    in     357,00 "Finanzamt Catering GmbH"    "RE-2026-0817"                  -> none
    in     119,00 "Barmer Bau KG"              "RE-2026-0818"                  -> none
    in     119,00 "Zollamt Brauerei GmbH"      "RE-2026-0819"                  -> none
    in     119,00 "TK Logistik GmbH"           "RE-2026-0820"                  -> none
    in     119,00 "Allianz der Handwerker e.V." "RE-2026-0821"                  -> none
    in     119,00 "Mietzner Elektro"           "RE-2026-0822"                  -> none
    in     119,00 "Lohnunternehmen Bauer"      "RE-2026-0823 Mähdrescher"      -> none
    in     119,00 "Telekom Deutschland GmbH"   "Rechnung RE-2026-0824"         -> none
    in     119,00 "Stadtwerke Ulm"             "RE-2026-0825"                  -> none
    in     119,00 "Müller Zinshaus"            "RE-2026-0826 Zinsen"           -> none
    in     119,00 "Klinik am Park"             "Gehalt"                        -> none  # nobody pays us a salary
    in     119,00 "Muster Bau"                 "Einzug" kind direct_debit      -> none
    in     119,00 "Muster Bau"                 "Scheck" kind cheque            -> none
    out    119,00 "Muster Bau"                 "Finanzamt" kind returned_debit -> none
    out    119,00 "Muster Bau"                 "Storno" kind reversal          -> none
"""


def lines(*tables: str) -> list[str]:
    return [line.partition("  #")[0].strip() for table in tables for line in table.splitlines() if line.strip()]


def entry_of(line: str) -> StatementEntry:
    words = re.findall(r'"[^"]*"|\S+', line.partition("->")[0])
    options = dict(pairwise(words[4:]))
    amount = read_money(words[1], "EUR")
    return StatementEntry(
        entry_id="e1",
        account="DE02120300000000202051",
        booking_date=date(2026, 5, 6),
        amount=amount if words[0] == "in" else -amount,
        kind=EntryKind(options.get("kind", "transfer")),
        payer_name=words[2].strip('"'),
        remittance=words[3].strip('"'),
        purpose_code=options.get("purpose", ""),
        transaction_code=options.get("code", ""),
        creditor_id=options.get("creditor", ""),
    )


@pytest.mark.parametrize("line", lines(AUTHORITIES, INSURERS, CARDS_AND_SERVICES, THE_BANK, THE_REST, TRAPS))
def test_money_that_is_not_ours_to_match_is_recognised_and_debtors_are_not(line: str) -> None:
    expected = line.partition("->")[2].strip()
    label = label_of(entry_of(line))
    said = re.findall(r"/([^/]+)/", expected)
    wanted = re.sub(r"/[^/]+/", "", expected).strip()
    assert (f"{label.kind} {label.sureness}" if label else "none") == wanted, label
    for words in said:
        assert label is not None
        assert words in label.says, label.says


@pytest.mark.parametrize("line", [one for one in lines(AUTHORITIES, INSURERS, THE_REST) if "-> none" not in one])
def test_every_sign_shows_where_it_was_read(line: str) -> None:
    entry = entry_of(line)
    label = label_of(entry)
    assert label is not None
    assert label.signs
    for sign in label.signs:
        if sign.span is not None:
            start, end = sign.span
            assert sign.text in {entry.payer_name[start:end], entry.remittance[start:end]}
    assert label.told().startswith("is ")


def test_nothing_that_comes_in_is_certain_unless_the_bank_says_so_of_itself() -> None:
    told_by_the_bank = {EntryKind.CHARGE, EntryKind.INTEREST, EntryKind.REFUND}
    for line in lines(AUTHORITIES, INSURERS, CARDS_AND_SERVICES, THE_BANK, THE_REST, TRAPS):
        entry = entry_of(line)
        label = label_of(entry)
        if label and label.is_certain and entry.amount.minor > 0:
            assert entry.kind in told_by_the_bank, line


def test_every_kind_of_money_is_asked_and_found() -> None:
    labels = [label_of(entry_of(one)) for one in lines(AUTHORITIES, INSURERS, CARDS_AND_SERVICES, THE_BANK, THE_REST)]
    assert {label.kind for label in labels if label} == set(MoneyKind) - {MoneyKind.OWN_TRANSFER}
    assert len({kind.__module__ for kind in KINDS}) == len(KINDS)


def test_an_own_transfer_is_certain_with_both_sides_and_probable_with_one() -> None:
    entry = entry_of('in 500,00 "Wir GmbH" "Übertrag"')
    paired = label_of(entry, OwnTransfer(says="a transfer", other_side="e2"))
    alone = label_of(entry, OwnTransfer(says="a transfer"))
    assert paired is not None
    assert alone is not None
    assert [(one.kind, one.is_certain) for one in (paired, alone)] == [
        (MoneyKind.OWN_TRANSFER, True),
        (MoneyKind.OWN_TRANSFER, False),
    ]


OPEN = """
    debtor 10002 "AOK Bayern"
    item RE-2026-00471  119,00
    item RE-2026-00472  238,00  10002
"""


def book_with(*table_lines: str) -> Book:
    return read_book(OPEN + "\n".join(table_lines))


def test_an_authority_that_owes_us_money_or_names_a_document_counts_as_a_debtor() -> None:
    book = book_with(
        'paid 500,00 "Erstattung AAG" from DE77 "AOK Bayern"',
        'paid 119,00 "RE-2026-00471" from DE78 "Finanzamt Ulm"',
        'paid 119,00 "USt 04" from DE78 "Finanzamt Ulm"',
    )
    index = book.index()
    debtor, names_ours, tax = book.entries
    assert not_ours(debtor, index) is None
    assert not_ours(names_ours, index) is None
    label = not_ours(tax, index)
    assert label is not None
    assert label.kind is MoneyKind.TAX
    assert [ignored_because(entry, index) for entry in book.entries] == ["", "", ""]


def test_what_names_an_open_document_is_looked_at_whatever_the_bank_calls_it() -> None:
    book = book_with(
        'paid 119,00 "Zinsen RE-2026-00471" kind interest from DE78',
        'paid 119,00 "RE-2026-00471" from DE02120300000000202051',
        'paid 119,00 "Zinsen" kind interest from DE78',
    )
    index = book.index()
    assert [bool(ignored_because(entry, index)) for entry in book.entries] == [False, False, True]
    assert [item.document_number for item in named_open(book.entries[0], index)] == ["RE-2026-00471"]
    assert [asked_because(entry, index) for entry in book.entries] == [
        ("interest of the bank (Zinsen)", "but it names the open document RE-2026-00471, so a person decides"),
        (
            "a transfer between our own accounts (Umbuchung)",
            "but it names the open document RE-2026-00471, so a person decides",
        ),
        (),
    ]


def test_money_that_leaves_says_what_it_is_and_a_refund_to_a_debtor_is_asked() -> None:
    check(
        OPEN
        + """
        debit  55,00 "Miete" from DE99 "Immo KG"             -> ignored /our own payment: rent (Miete) to Immo KG/
        debit 700,00 "SV-Beiträge" from DE77 "AOK Bayern"    -> ignored /social security contributions/
    """
    )
    book = book_with(
        'debit 55,00 "Überzahlung" from DE11 "Muster Bau"',
        'debit 55,00 "Überzahlung" from DE77 "Lieferant AG"',
    )
    index = book.index()
    asked = [needs_a_person(entry, index) for entry in book.entries]
    assert asked == [
        "a refund (Erstattung) to Muster Bau, who is a debtor, and no open credit note (Gutschrift) has this amount",
        "",
    ]
    assert asked_because(book.entries[0], index) == ()
