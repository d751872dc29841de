"""Invented people, firms, streets and banks (Namen), believable in Bavaria and belonging to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.text import fold

if TYPE_CHECKING:
    from random import Random

SURNAMES: Final = (
    "Huber Bauer Maier Wagner Moser Brandl Eder Fuchs Gruber Hofmann Kainz Lechner Mayrhofer Niedermeier Obermüller "
    "Pichler Reiter Schuster Thaler Unterberger Vogl Wimmer Zeller Aigner Böhm Dietl Ertl Feichtner Gschwendtner "
    "Haslinger Jell Kirchbichler Loibl Meßner Neumayr Ostermaier Pfaffinger Rieger Schönberger Stöckl Trautmann "
    "Voglsang Weinzierl Zöttl Kaya Yıldız Nowak Kowalski Petrović Schäfer Krüger Lüders Hansen Petersen Krause"
).split()

FIRST_NAMES: Final = (
    "Sabine Thomas Andrea Michael Petra Stefan Claudia Josef Monika Andreas Birgit Markus Renate Christian Ursula "
    "Florian Katharina Martin Elisabeth Jürgen Veronika Günther Magdalena Björn Franziska Matthias Theresa Korbinian"
).split()

TRADES: Final = (
    "Haustechnik Heizungsbau Sanitär Bäderstudio Installationen Gebäudetechnik Hausverwaltung Wohnbau Solartechnik "
    "Lüftungsbau Rohrleitungsbau Badkeramik Energietechnik Bauservice Spenglerei Wärmetechnik Hotelbetriebe"
).split()

LEGAL_FORMS: Final = (
    "GmbH",
    "GmbH",
    "GmbH",
    "GmbH & Co. KG",
    "e.K.",
    "KG",
    "OHG",
    "UG (haftungsbeschränkt)",
    "AG",
    "GbR",
)

STREETS: Final = (
    "Am Mühlbach;Bahnhofstraße;Birkenweg;Industriestraße;Kirchplatz;Lindenallee;Marktplatz;Ringstraße;Schulgasse;"
    "Sonnenstraße;Tulpenweg;Untere Hauptstraße;Waldstraße;Ziegeleiweg;Gewerbepark;Dorfstraße;Isarweg;Rosenweg"
).split(";")

PLACES: Final = (
    ("80331", "München"),
    ("81541", "München"),
    ("82467", "Garmisch-Partenkirchen"),
    ("82515", "Wolfratshausen"),
    ("83022", "Rosenheim"),
    ("83278", "Traunstein"),
    ("84028", "Landshut"),
    ("85049", "Ingolstadt"),
    ("86150", "Augsburg"),
    ("87435", "Kempten"),
    ("89073", "Ulm"),
    ("90402", "Nürnberg"),
    ("93047", "Regensburg"),
    ("94032", "Passau"),
    ("97070", "Würzburg"),
    ("01067", "Dresden"),
    ("04109", "Leipzig"),
    ("70173", "Stuttgart"),
)


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that does not exist: its code (BLZ) and BIC are not assigned, so nobody can pay by mistake."""

    name: str
    code: str
    bic: str


OWN_BANKS: Final = (
    Bank("Hausbank Oberland", "70090900", "HBOBDEMMXXX"),
    Bank("Sparkasse Isartal", "70055500", "SKISDEM1XXX"),
)

BANKS: Final = (
    Bank("Volksbank Inntal", "71066600", "VBIADE71XXX"),
    Bank("Sparkasse Donauwinkel", "75055500", "SKDWDE71XXX"),
    Bank("Raiffeisenbank Ammerland", "70097700", "RBAMDEM1XXX"),
    Bank("Privatbank Lechfeld", "72061900", "PBLFDE71XXX"),
    Bank("Handelsbank Noris", "76095500", "HBNODE77XXX"),
    Bank("Bank für Handwerk", "60095500", "BFHWDES1XXX"),
    Bank("Direktbank Nord", "20041900", "DBNODEHHXXX"),
)


def iban(bank: Bank, account_number: int) -> str:
    """Build a German IBAN with its check digits (ISO 13616; ISO 7064 MOD 97-10 over BBAN, DE and 00)."""
    basic = f"{bank.code}{account_number:010d}"
    return f"DE{98 - int(basic + '131400') % 97:02d}{basic}"


def person(rng: Random) -> str:
    """Invent a person."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(SURNAMES)}"


def firm(rng: Random) -> str:
    """Invent a firm with its legal form; similar names happen, as they do in every town."""
    form = rng.choice(LEGAL_FORMS)
    name = person(rng) if form == "e.K." and rng.random() < 0.5 else rng.choice(SURNAMES)
    return f"{name} {rng.choice(TRADES)} {form}"


def street(rng: Random) -> str:
    """Invent a street with a house number."""
    return f"{rng.choice(STREETS)} {rng.randint(1, 120)}{rng.choice(('', '', '', 'a', 'b'))}"


def mail_domain(name: str) -> str:
    """Give a domain that can never exist (RFC 2606, .example)."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in fold(name)).split()
    return "-".join(words[:2]) + ".example"


def telephone(rng: Random) -> str:
    """Give a number reserved for invention (Bundesnetzagentur: 089 99998 000 to 999)."""
    return f"+49 89 99998 {rng.randint(0, 999):03d}"
