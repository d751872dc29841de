"""Invented names of firms, people and offices, and how they come out at the other end of a transfer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from ledger.text import fold

if TYPE_CHECKING:
    from random import Random

SURNAMES: Final = (
    "Achterberg Adler Ahrens Albers Arnold Bachmann Bahr Barth Baumann Becker Berger Bieber Blank Bock "
    "Böttcher Brandt Braun Brinkmann Bruns Busch Christiansen Claußen Dahlke Decker Demir Dietrich Döring "
    "Dreyer Ebel Eckhardt Engel Erdmann Ernst Faber Feldmann Fiedler Fink Förster Franke Freitag "
    "Friedrich Fröhlich Gebhardt Geißler Gerlach Götz Graf Groß Günther Haas Hahn Hartmann Heinrich Heß "
    "Hinrichs Hoffmann Horn Jäger Jahn Janssen Jung Kaiser Keller Kern Kirchner Klein Koch König Köhler "
    "Kowalczyk Kraft Kramer Kühn Kunz Lang Lehmann Lindner Löffler Lorenz Ludwig Mäder Marx Maurer Mayer "
    "Meier Meyer Möller Müller Nagel Neumann Nguyen Nowak Otto Öztürk Paul Peters Pfeiffer Pohl Raabe "
    "Reimann Richter Ritter Röder Roth Sander Sauer Schäfer Scherer Schilling Schmid Schmidt Schmitt "
    "Schneider Scholz Schröder Schubert Schulz Schwarz Seidel Simon Sommer Stein Straß Thiel Ulrich Vogel "
    "Vogt Voß Wagner Walter Weber Weiß Wendt Werner Winkler Wolf Yılmaz Zander Ziegler Zimmermann"
).split()
FIRST_NAMES: Final = (
    "Anna Alexander Anja Andreas Barbara Bernd Bettina Christoph Carola Daniel Dörte Dirk Elke Emre Eva "
    "Felix Friederike Frank Gabriele Georg Hannelore Heinz Heike Holger Ines Ingo Jana Jan Jörg Jutta Kai "
    "Karin Klaus Kerstin Lars Lena Lukas Manuela Marie Maximilian Mehmet Melanie Nadine Niklas Oliver "
    "Olga Paul Peter Rainer Regina Rüdiger Sandra Sebastian Silke Simone Sönke Susanne Sven Tanja Tim "
    "Torsten Ulrike Uwe Vera Volker Werner Yvonne"
).split()
_TRADES: Final = (
    "Bedachungen Bau Blechtechnik Catering Dental Drucktechnik Elektro Entsorgung Fahrzeugbau Fensterbau "
    "Fliesen Garten Gerüstbau Getränke Glas Großküchen Holzbau Hydraulik Immobilien Innenausbau Kälte "
    "Kunststoff Labor Landtechnik Logistik Malerbetrieb Maschinenbau Medien Messebau Metallbau Möbel "
    "Optik Orthopädie Papier Physiotherapie Reinigung Sicherheit Software Spedition Stahlhandel Textil "
    "Tiefbau Transporte Veranstaltungen Verpackung Werkzeuge"
).split()
_INVENTED: Final = (
    "Alvana Arctec Belora Bravida Calmet Corvus Delfin Elbtor Fenova Galant Havelia Inotec Jadewerk "
    "Kontra Lumina Mendox Nordlicht Orbis Pantera Quantis Rheingold Solaris Tectum Ultima Vesta Wendora "
    "Xantor Zenit"
).split()
_PLACES: Final = (
    "Aalen Bamberg Celle Dessau Emden Fulda Goslar Hameln Ilmenau Jena Kiel Lübeck Marburg Neuss Oldenburg Plauen "
    "Rostock Schwerin Trier Uelzen Verden Worms Xanten Zwickau Köln Düren Gießen Görlitz"
).split()
_LEGAL_FORMS: Final = (
    "GmbH",
    "GmbH",
    "GmbH",
    "GmbH & Co. KG",
    "GmbH & Co. KG",
    "AG",
    "KG",
    "OHG",
    "e.K.",
    "UG (haftungsbeschränkt)",
    "GbR",
    "mbH",
)
_OTHER_SPELLINGS: Final = {
    "GmbH": ("GmbH", "Gesellschaft mbH", "Ges.m.b.H.", ""),
    "GmbH & Co. KG": ("GmbH + Co KG", "GmbH u. Co. KG", "GmbH & Co KG", "GmbH"),
    "UG (haftungsbeschränkt)": ("UG", "UG haftungsbeschraenkt"),
    "e.K.": ("e.Kfm.", "", "Inh."),
}
_STREETS: Final = ("Lindenallee", "Am Markt", "Hauptstraße", "Gartenweg", "Ringstraße", "Schillerplatz", "Bergstraße")


_FIRM_PATTERNS: Final = {  # in a hundred
    "{surname} {trade} {form}": 40,
    "{word} {trade} {form}": 18,
    "{surname} & {partner} {form}": 8,
    "{trade} {place} {form}": 8,
    "{first} {surname} {trade}": 8,
    "{letters} {trade} {form}": 4,
    "{surname} Holding B.V.": 2,
    "{word} Trading Ltd.": 2,
    "Stadt {place}": 2,
    "Stadtwerke {place} AG": 1,
    "WEG {street} {number}": 3,
    "Turnverein {place} 18{number} e.V.": 2,
    "Ev. Kirchengemeinde {place}": 1,
    "Klinikum {place} gGmbH": 1,
}
_FIRMS: Final = tuple(_FIRM_PATTERNS)
_FIRM_SHARES: Final = tuple(_FIRM_PATTERNS.values())


def person(rng: Random) -> str:
    """Invent a person."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(SURNAMES)}"


def firm(rng: Random) -> str:
    """Invent whoever is no person: mostly firms, some offices, owners' associations and clubs."""
    pattern = rng.choices(_FIRMS, _FIRM_SHARES)[0]
    return pattern.format(
        surname=rng.choice(SURNAMES),
        partner=rng.choice(SURNAMES),
        first=rng.choice(FIRST_NAMES),
        trade=rng.choice(_TRADES),
        word=rng.choice(_INVENTED),
        place=rng.choice(_PLACES),
        letters="".join(rng.choices("ABDEGHKLMNRSTVW", k=3)),
        street=rng.choice(_STREETS),
        number=rng.randint(50, 99),
        form=rng.choice(_LEGAL_FORMS),
    )


def spouse_of(rng: Random, name: str) -> str:
    """Name somebody of the same family."""
    return f"{rng.choice(FIRST_NAMES)} {name.rsplit(maxsplit=1)[-1]}"


def variant(rng: Random, name: str, *, is_person: bool) -> str:
    """Give the name as the payer's bank keeps it: another legal form, another order, a partner, a shop."""
    if is_person:
        first, last = name.split(" ", 1)
        return rng.choice(
            (
                f"{last}, {first}",
                f"{last} {first}",
                f"{first} u. {rng.choice(FIRST_NAMES)} {last}",
                f"{first[0]}. {last}",
                f"Dr. {first} {last}",
            )
        )
    for form, spellings in _OTHER_SPELLINGS.items():
        if name.endswith(f" {form}"):
            return f"{name.removesuffix(form)}{rng.choice(spellings)}".strip()
    return rng.choice((f"Firma {name}", f"{name} Buchhaltung", name.replace(" & ", " und "), f"{name} Zentrale"))


def without_umlauts(rng: Random, text: str) -> str:
    """Lose what a foreign or an old system cannot write."""
    lost = rng.choice(("?", "", ".", "base"))
    if lost == "base":
        return text.translate(str.maketrans("äöüÄÖÜß", "aouAOUs"))
    return "".join(lost if c in "äöüÄÖÜß" else c for c in text)


@cache
def core(name: str) -> frozenset[str]:
    """Give the words by which people recognise a name, legal forms and titles apart."""
    return frozenset(w for w in fold(name).replace(",", " ").split() if w not in _NOT_TELLING)


_NOT_TELLING: Final = frozenset(
    "gmbh & co. co kg ag ohg e.k. ug (haftungsbeschraenkt) haftungsbeschraenkt gbr mbh + u. und dr. firma "
    "gesellschaft ges.m.b.h. e.kfm. inh. buchhaltung zentrale ltd. b.v.".split()
)
