"""The words that say what a number is: Rechnung, Kunde, Lieferschein, Telefon (Bezeichnungen vor einer Nummer)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from ledger.text import fold


class Meaning(StrEnum):
    """What a word says of the number behind it."""

    NOTHING = ""
    INVOICE = "invoice"
    CREDIT = "credit"  # Gutschrift
    FILLER = "filler"  # Nr.: the word before it says more
    CUSTOMER = "customer"
    ORDER = "order"
    OTHER = "other"  # delivery note, contract, tax number, insurance …
    BANK = "bank"  # account numbers, written in groups
    PHONE = "phone"
    AMOUNT = "amount"
    DATE = "date"
    PLACE = "place"  # street, flat, postcode
    JOINING = "joining"  # und: the next number is of the same kind


OURS: Final = frozenset({Meaning.INVOICE, Meaning.CREDIT})

_WORDS: Final = {
    Meaning.INVOICE: """
        r re rg rn rnr rgnr renr rgn reg rech rechn rechnr rechnung rechnungen rechnungsnr rechnungsnummer rechnungnr
        invoice invoices inv invno bill bills beleg belege belegnr belegnummer fa faktura fakt fact facture fattura
        fac factuur rek dok dokument dokumentnr document doc
    """,
    Meaning.CREDIT: "gs gu gut gutschr gutschrift gutschriften gutschriftnr gutschriftsnr storno creditnote cn",
    Meaning.FILLER: "idnr ident identnr nr nrn no num numm nummer nummern number numbers numero nro n nos id",
    Meaning.CUSTOMER: """
        kd kdn kdnr kun kunde kunden kundennr kundennummer kundenkonto kundenkto knr debitor deb debnr debitorennr
        debitorennummer debitorenkonto customer cust custno client account acct mitglied mitgl mitgliedsnr
        mitgliedsnummer mgl mieter mieternr partner partnernr
    """,
    Meaning.ORDER: """
        bestellung bestell best bestellnr bestellnummer bestnr auftrag auftr auftragsnr auftragsnummer order ordernr
        orderno po ponr pono purchase ab auftragsbestaetigung angebot ang angebotsnr projekt proj projektnr
    """,
    Meaning.OTHER: """
        lieferschein lieferscheinnr ls lsnr lief lfs delivery dn vertrag vertr vertragsnr vertragsnummer vertragskonto
        contract police policennr versicherung versicherungsnr versnr vers vsnr vs schaden schadennr steuernr
        steuernummer stnr st steuer ust ustid ustidnr uid vat tax finanzamt mandat mandatsref mandatsreferenz mandate
        mref cred kref glaeubiger glaeubigerid creditor az aktenzeichen akz kassenzeichen kz ticket vorgang
        vorgangsnr tan hrb hra gln ean isbn artikel art artikelnr serial serien seriennr geraet zaehler zaehlernr
        zaehlernummer objekt objektnr kfz kennzeichen filiale markt kasse kassenbon bon trx transaktion transaction
        paypal seite kw woche quartal anzahl menge stueck stk pos position version charge lot
        terminal terminalid bnr sendung paket tracking
        m kst kostenstelle zahllauf mahnungsnr avisnr beitragsnr gebuehrennr patient patientennr fall fallnr
    """,
    Meaning.BANK: "iban bic swift blz bankleitzahl kto ktonr konto kontonr kontonummer bankkonto sortcode",
    Meaning.PHONE: "tel telefon telefonnr fon phone mobil mobile handy fax telefax ruf rufnr hotline durchwahl",
    Meaning.AMOUNT: """
        eur euro euros chf usd gbp fr franken betrag betr summe rechnungsbetrag restbetrag teilbetrag gesamt
        gesamtbetrag hoehe netto brutto amount total sum discount mwst
    """,
    Meaning.DATE: """
        vom v am per datum dat date dated zum until since seit faellig due rechnungsdatum belegdatum redat valuta wert
        januar februar maerz april mai juni juli august september oktober november dezember january february march may
        june july october december jan feb mrz apr jun jul aug sep sept okt oct nov dez dec jahr year
    """,
    Meaning.PLACE: """
        str strasse street weg platz allee gasse ring damm ufer plz postfach wohnung whg wohn haus hausnr apartment
        zimmer zi apt etage og eg stellplatz garage box
    """,
    Meaning.JOINING: "und u and sowie et",
}
_MEANINGS: Final = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_ENDINGS: Final = (
    (("datum", "date"), Meaning.DATE),
    (("betrag", "summe"), Meaning.AMOUNT),
    (("strasse", "str", "weg", "platz", "allee", "gasse", "damm"), Meaning.PLACE),
)
_BEGINNINGS: Final = (
    (("rechnung", "rechn", "invoice", "faktur"), Meaning.INVOICE),
    (("gutschrift", "rechnungskorrektur", "storno"), Meaning.CREDIT),
    (("kunden", "debitor", "customer", "mitglied"), Meaning.CUSTOMER),
    (("bestell", "auftrag", "order", "angebot"), Meaning.ORDER),
    (
        ("liefer", "vertrag", "versicher", "steuer", "mandat", "aktenz", "kassenz", "zaehler", "artikel", "polic"),
        Meaning.OTHER,
    ),
    (("kontonu", "kontonr", "bankverb"), Meaning.BANK),
    (("telefon", "rufnum"), Meaning.PHONE),
)
_SHORTEST_COMPOUND: Final = 6
_TELLING: Final = 40  # characters before a number
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SINCE_DIGITS: Final = re.compile(r"[^0-9]+$")
_SAYS_NOTHING: Final = frozenset({Meaning.NOTHING, Meaning.FILLER})


def is_plain(word: str) -> bool:
    """Whether a word is known by itself, and not as a compound."""
    return fold(word) in _MEANINGS


@lru_cache(maxsize=8192)  # the same few words stand before most numbers
def meaning_of(word: str) -> Meaning:
    """Say what a word, in small letters, tells of the number behind it; German compounds are understood."""
    folded = fold(word)
    known = _MEANINGS.get(folded)
    if known is not None:
        return known
    if len(folded) < _SHORTEST_COMPOUND:
        return Meaning.NOTHING
    for endings, meaning in _ENDINGS:
        if folded.endswith(endings):
            return meaning
    for beginnings, meaning in _BEGINNINGS:
        if folded.startswith(beginnings):
            return meaning
    return Meaning.NOTHING


def meaning_before(text: str, place: int) -> Meaning:
    """Say what the words directly before a place in a text tell of the number there: "Ihre Kd.-Nr. 10023"."""
    gap = _SINCE_DIGITS.search(text, max(0, place - _TELLING), place)
    words = _LETTERS.findall(gap[0].lower()) if gap else []
    return next((said for word in words[:-4:-1] if (said := meaning_of(word)) not in _SAYS_NOTHING), Meaning.NOTHING)
