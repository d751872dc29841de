"""Names as payers and banks write them: the same debtor in every spelling, and never another one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.names import SAME_NAME, index_names, similarity

if TYPE_CHECKING:
    from collections.abc import Callable

# Debtor in the books, payer on the statement.
SAME: Final = """
    Schröder & Söhne GmbH & Co. KG          | SCHROEDER UND SOEHNE
    Schröder & Söhne GmbH & Co. KG          | Schroeder + Soehne GmbH u. Co KG
    Müller Haustechnik GmbH                 | MULLER HAUSTECHNIK
    Mueller Haustechnik GmbH                | Müller Haustechnik
    Müller Haustechnik GmbH                 | M?ller Haustechnik GmbH
    Müller Haustechnik GmbH                 | MÃ¼ller Haustechnik GmbH
    Müller Haustechnik GmbH                 | MÃœLLER HAUSTECHNIK
    Müller Haustechnik GmbH                 | Mller Haustechnik GmbH
    Müller Haustechnik GmbH                 | M ller Haustechnik GmbH
    Müller Haustechnik GmbH                 | MUELLERHAUSTECHNIKGMBH
    Müller Haustechnik GmbH                 | Mueller Haus technik GmbH
    Strauß Möbel e.K.                       | STRAUSS MOEBEL
    Strauß Möbel e. K.                      | Strau? M?bel
    Petra Groß                              | Gross, Petra
    Petra Groß                              | Frau Dr. Petra Gross
    Hans-Peter Müller-Lüdenscheid           | HANS PETER MUELLER LUEDENSCHEID
    Hans Muster                             | Hans und Erika Muster
    Hans Muster                             | Muster, Hans u. Erika
    Hans und Erika Muster                   | Erika Muster
    Eheleute Hans u. Erika Muster           | Muster Hans
    Hans Muster                             | Hans Muster oder Gerda Beispiel
    Hans Muster                             | Hans Muster c/o Beispiel Verwaltung
    Muster Bau GmbH                         | Muster Bau GmbH Filiale Augsburg
    Muster Bau GmbH                         | Muster Bau GmbH, Niederlassung Sued
    WEG Lindenstraße 5                      | WEG LINDENSTR. 5
    WEG Lindenstraße 5                      | Hausverwaltung Sonne fuer WEG Lindenstr. 5
    WEG Lindenstr. 5 vertr. d. Sonne GmbH   | WEG Lindenstrasse 5
    Café Sonne, Inh. Jürgen Groß            | Juergen Gross
    Café Sonne, Inh. Jürgen Groß            | CAFE SONNE
    Rossi S.p.A.                            | ROSSI SPA
    Lumière S.à r.l.                        | LUMIERE SARL
    Lumière SAS                             | Lumiere
    Alpenblick Gesellschaft m.b.H.          | ALPENBLICK GESMBH
    Uhren Schweizer AG                      | UHREN SCHWEIZER
    North Sea Trading Limited               | NORTH SEA TRADING LTD
    Wasserwirtschaftsverband Niederrhein Nord   | Wasserwirtschaftsverband Ni
    Gemeinnützige Wohnungsbaugenossenschaft Musterstadt eG | GEMEINNUETZIGE WOHNUNGSBAUGENOSSEN
    Beispielhafte Fördertechnik GmbH        | Beispielhafte Foerdertechnik G
"""

# Another person or firm, however little is between them; some resemble, and so may support a number.
OTHERS: Final = """
    Fritz Klein                 | Fritz Kleiner
    Fritz Klein                 | Franz Klein
    Fritz Klein                 | Fritze Klein
    Fritz Klein                 | Klein
    Jan Muster                  | Jana Muster
    Bauer Erika                 | Baur Erika
    Weiss Petra                 | Weis Petra
    Michael Huber               | Michal Huber
    Werk Nord GmbH              | Werk Sued GmbH
    Muster Bau GmbH Augsburg    | Muster Bau GmbH Ulm
    Muster Bau GmbH             | Muster Holz GmbH
    Hans Muster                 | Huber & Muster GmbH
    Max Muster                  | M. Muster
    GmbH                        | AG
    Muster GmbH Filiale Ulm     | Muster GmbH Filiale Augsburg
"""


def pairs(table: str) -> list[tuple[str, str]]:
    lines = (line.strip().split("|") for line in table.strip().splitlines())
    return [(debtor.strip(), payer.strip()) for debtor, payer in lines]


@pytest.mark.parametrize(("debtor", "payer"), pairs(SAME))
def test_the_same_name_is_known_in_every_spelling(debtor: str, payer: str) -> None:
    assert similarity(payer, debtor) >= SAME_NAME


@pytest.mark.parametrize(("debtor", "payer"), pairs(OTHERS))
def test_another_name_is_never_as_good_as_equal(debtor: str, payer: str) -> None:
    assert similarity(payer, debtor) < SAME_NAME


def test_two_firms_of_one_name_in_two_cities_are_both_told_and_each_knows_of_the_other() -> None:
    names = index_names(
        [("1", "Müller GmbH Augsburg"), ("2", "Müller GmbH Ulm")], cities={"1": "Augsburg", "2": "Ulm"}
    )
    assert [(like.debtor_number, like.rivals) for like in names.like("MUELLER GMBH")] == [("1", 1), ("2", 1)]
    assert [like.debtor_number for like in names.like("Mueller GmbH Ulm")] == ["2"]


def test_the_city_of_the_debtor_behind_its_name_is_no_other_name() -> None:
    names = index_names([("1", "Muster Bau GmbH"), ("2", "Fritz Klein")], cities={"1": "Bad Tölz", "2": "Kempten"})
    assert [like.score for like in names.like("Muster Bau GmbH Bad Toelz")] == [96.0]
    assert [like.debtor_number for like in names.like("Fritz Klein Kempten")] == ["2"]
    assert names.like("Muster Bau GmbH Hamburg")[0].score < SAME_NAME


def test_where_both_spellings_are_debtors_the_one_as_written_comes_first_and_both_are_told() -> None:
    names = index_names([("1", "Anna Bär"), ("2", "Anna Bar")])
    assert [like.debtor_number for like in names.like("ANNA BAER")] == ["1", "2"]
    assert [like.debtor_number for like in names.like("ANNA BAR")] == ["2", "1"]
    assert {like.score for like in names.like("Anna B?r")} == {97.0}


def test_a_lost_letter_that_may_have_been_two_names_both_of_them() -> None:
    names = index_names([("1", "Karl Müller"), ("2", "Karl Möller")])
    assert [(like.debtor_number, like.rivals) for like in names.like("Karl M?ller")] == [("1", 1), ("2", 1)]


def test_a_debtor_is_found_by_the_whole_name_in_a_text_and_where_it_stands() -> None:
    names = index_names([("1", "Hans Muster"), ("2", "WEG Lindenstraße 5"), ("3", "Sonnenhof GmbH"), ("4", "Miete")])
    text = "Rg 471 im Auftrag von MUSTER HANS, Objekt WEG Lindenstr.5"
    assert [(m.debtor_numbers, text[slice(*m.span)]) for m in names.mentions(text)] == [
        (("1",), "MUSTER HANS"),
        (("2",), "WEG Lindenstr.5"),
    ]
    assert [m.word_count for m in names.mentions("fuer Sonnenhof GmbH")] == [2]
    assert [m.debtor_numbers for m in names.mentions("Hans zahlt Muster spaeter")] == []


# What the list of manglings does to a name of two or three long words.
MANGLINGS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": lambda n: n,
    "capitals": lambda n: n.upper(),
    "SEPA letters": lambda n: n.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss"),
    "umlauts without dots": lambda n: n.replace("ß", "ss").translate(str.maketrans("äöü", "aou")),
    "umlauts lost": lambda n: "".join(c for c in n if c not in "äöü"),
    "question marks": lambda n: "".join("?" if c in "äöüß" else c for c in n),
    "replacement characters": lambda n: "".join("\ufffd" if c in "äöüß" else c for c in n),
    "encoded twice": lambda n: n.encode().decode("latin-1"),
    "encoded twice by Windows": lambda n: n.encode().decode("cp1252"),
    "decomposed": lambda n: unicodedata.normalize("NFD", n),
    "other order": lambda n: " ".join(reversed(n.split())),
    "comma": lambda n: f"{n.split()[-1]}, {' '.join(n.split()[:-1])}",
    "legal form": lambda n: f"{n} GmbH & Co. KG",
    "Austrian form": lambda n: f"{n} Ges.m.b.H.",
    "French form": lambda n: f"{n} S.à r.l.",
    "title": lambda n: f"Herrn Prof. Dr. {n}",
    "firm": lambda n: f"Fa. {n}",
    "hyphens": lambda n: n.replace(" ", "-"),
    "glued": lambda n: n.replace(" ", ""),
    "blanks doubled": lambda n: n.replace(" ", "   "),
    "branch": lambda n: f"{n} Filiale Augsburg",
    "care of": lambda n: f"{n} c/o Sonne",
    "27 characters": lambda n: f"{n} Haustechnik und Gebäudereinigung"[:27],
    "35 characters": lambda n: f"{n} Haustechnik und Gebäudereinigung"[:35],
    "70 characters": lambda n: f"{n} Haustechnik und Gebäudereinigung Augsburg und Umgebung Meisterbetrieb"[:70],
}
WHOLE: Final = {
    "27 characters": " Haustechnik und Gebäudereinigung",
    "35 characters": " Haustechnik und Gebäudereinigung",
    "70 characters": " Haustechnik und Gebäudereinigung Augsburg und Umgebung Meisterbetrieb",
}
SYLLABLES: Final = "ber mar hol stein lin wal käl bach ren tör gus fel dorn hag mül sen kra win zel rotß".split()
WORDS: Final = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=3).map("".join)
NAMES: Final = st.lists(WORDS, min_size=2, max_size=3, unique=True).map(" ".join)


@pytest.mark.parametrize("mangling", MANGLINGS)
@settings(max_examples=30)
@given(name=NAMES)
def test_a_name_equals_itself_under_every_mangling(mangling: str, name: str) -> None:
    debtor = name + WHOLE.get(mangling, "")
    assert similarity(MANGLINGS[mangling](name), debtor) >= SAME_NAME


@given(
    st.permutations(
        [("1", "Hans Muster"), ("2", "Muster GmbH"), ("3", "Hans und Erika Muster"), ("4", "Fritz Klein")]
    )
)
def test_the_order_of_the_debtors_decides_nothing(debtors: list[tuple[str, str]]) -> None:
    assert index_names(debtors).like("Muster Hans") == index_names(sorted(debtors)).like("Muster Hans")


@given(names=st.lists(NAMES, min_size=1, max_size=6, unique=True), added=NAMES)
def test_an_unrelated_debtor_never_changes_whom_a_name_means(names: list[str], added: str) -> None:
    debtors = [(str(number), name) for number, name in enumerate(names)]
    asked = names[0].upper()
    before = index_names(debtors).like(asked)
    after = index_names([*debtors, ("x", added)]).like(asked)
    if "x" not in {like.debtor_number for like in after}:
        assert after == before


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_is_too_strange_to_be_a_name(payer: str, debtor: str) -> None:
    assert 0 <= similarity(payer, debtor) <= 100
    for mention in index_names([("1", debtor)]).mentions(payer):
        assert 0 <= mention.span[0] < mention.span[1] <= len(payer)
