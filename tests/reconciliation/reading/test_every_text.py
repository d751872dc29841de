"""What must hold for every text: hypothesis looks for the counterexample."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from reconciliation.numbers import Numbers, learn_numbers
from reconciliation.reading import COMPLETE, Form, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

FORMATS = {
    "RE-{year}-{n:05}": "RE{s}{year}{s}{n:05}",
    "{yy}{n:06}": "Rechnung {yy}{n:06}",
    "RG{n:07}": "RG{s}{n:07}",
    "R{yy}/{month:02}-{n:05}": "R{s}{yy}{s}{month:02}{s}{n:05}",
    "{year}/{n:04}": "Rg. {year}{s}{n:04}",
}
OTHER_TEXT = st.lists(
    st.sampled_from(
        """danke Zahlung vom Muster_Bau_GmbH Kd-Nr_10034 12.03.2026 1.190,00_EUR Tel._089/3456712 2%_Skonto
        DE02120300000000202051 Hauptstr._14 gemaess_Avis Lieferschein_4711 Bestellung_B-4711 abzgl. 14:30_Uhr
        Miete_03/2026 SVWZ+ EREF+NOTPROVIDED Vertrag_V-88123 St.-Nr._12/345/67890 +49_89_3456712 EUR_77,20""".split()
    ).map(lambda word: word.replace("_", " ")),
    max_size=4,
).map(" ".join)
SEPARATORS = st.sampled_from(["", " ", "-", "/", " - ", ".", ". "])


def item(number: str, dated: date) -> OpenItem:
    return OpenItem(
        item_id=number,
        document_number=number,
        kind=ItemKind.INVOICE,
        debtor_number="10001",
        document_date=dated,
        due_date=dated,
        amount=Money(11900, "EUR"),
        open_amount=Money(11900, "EUR"),
    )


def written(number_format: str, n: int, separator: str = "") -> str:
    dated = day(n)
    return number_format.format(year=dated.year, yy=f"{dated.year % 100:02}", month=dated.month, n=n, s=separator)


def day(n: int) -> date:
    return date(2025, 7, 1) + timedelta(days=n % 500)


BOOKS: dict[str, Numbers] = {
    shape: learn_numbers(item(written(shape, n), day(n)) for n in range(400, 1400)) for shape in FORMATS
}
SHAPES = st.sampled_from(sorted(FORMATS))
RUNNING = st.integers(400, 1399)


def complete(numbers: Numbers, text: str) -> dict[str, Form]:
    return {i: f.form for f in read(text, numbers).known if f.form in COMPLETE for i in f.item_ids}


@settings(max_examples=400, deadline=None)
@given(SHAPES, RUNNING, SEPARATORS, OTHER_TEXT, OTHER_TEXT, st.booleans())
def test_a_number_is_found_with_any_separators_in_any_text(
    shape: str, n: int, separator: str, before: str, behind: str, small: bool
) -> None:
    number = written(FORMATS[shape], n, separator)
    text = f"{before} {number.lower() if small else number} {behind}"
    assert list(complete(BOOKS[shape], text)) == [written(shape, n)], text


@settings(max_examples=300, deadline=None)
@given(SHAPES, RUNNING, OTHER_TEXT, OTHER_TEXT)
def test_other_text_around_changes_nothing(shape: str, n: int, before: str, behind: str) -> None:
    number = written(shape, n)
    alone = read(number, BOOKS[shape])
    among = read(f"{before} {number} {behind}", BOOKS[shape])
    assert [(f.item_ids, f.form) for f in among.known] == [(f.item_ids, f.form) for f in alone.known]
    assert not among.unknown


@settings(max_examples=200, deadline=None)
@given(SHAPES, OTHER_TEXT)
def test_dates_amounts_telephone_numbers_and_foreign_numbers_are_never_ours(shape: str, text: str) -> None:
    reading = read(text, BOOKS[shape])
    assert not reading.known
    assert not reading.unknown


@settings(max_examples=300, deadline=None)
@given(
    SHAPES,
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    st.sampled_from(
        ["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "vom %d%m%Y", "vom %d%m%y", "am %Y%m%d"]
    ),
)
def test_a_date_is_never_a_number(shape: str, when: date, spelling: str) -> None:
    assert not read(f"Zahlung {when.strftime(spelling)} danke", BOOKS[shape]).known


@settings(max_examples=300, deadline=None)
@given(SHAPES, st.integers(1, 9_999_999), st.sampled_from(["{} EUR", "EUR {}", "{}€", "Betrag {}", "{}"]))
def test_an_amount_is_never_a_number(shape: str, minor: int, frame: str) -> None:
    german = f"{minor // 100:,}".replace(",", ".") + f",{minor % 100:02}"
    assert not read(frame.format(german), BOOKS[shape]).known


@settings(max_examples=300, deadline=None)
@given(SHAPES, st.text(alphabet="0123456789 -/.,:+OolRGE\näß€", max_size=390))
def test_places_are_right_and_nothing_breaks_whatever_is_written(shape: str, text: str) -> None:
    reading = read(text, BOOKS[shape])
    for found in (*reading.known, *reading.unknown, *reading.others):
        assert found.span is not None
        assert text[slice(*found.span)] == found.text
        assert any(c.isdigit() or c in "OolI" for c in found.text)
    for start, end in reading.windows.values():
        assert 0 <= start < end <= len(text)


@settings(max_examples=100, deadline=None)
@given(
    SHAPES,
    st.lists(RUNNING, min_size=1, max_size=12, unique=True),
    st.sampled_from([", ", " ", "; ", " / ", "+", " und "]),
)
def test_every_number_of_a_list_is_found(shape: str, several: list[int], separator: str) -> None:
    text = "Rechnungen " + separator.join(written(shape, n) for n in several)
    assert set(complete(BOOKS[shape], text)) == numbers_of(shape, several), text


@settings(max_examples=200, deadline=None)
@given(SHAPES, RUNNING, st.integers(3, 26))
def test_a_number_cut_by_the_bank_is_found(shape: str, n: int, place: int) -> None:
    text = f"Rechnung {written(shape, n)} danke"
    cut = text[:place] + " " + text[place:]
    known = {i for f in read(cut, BOOKS[shape]).known for i in f.item_ids}
    first, last = text.index(written(shape, n)), text.index(" danke")
    digits = written(shape, n)
    lead = len(digits) - len(digits.lstrip("REG-"))
    if place <= first or place >= last or place > first + lead:
        assert written(shape, n) in known, cut


def numbers_of(shape: str, several: Iterable[int]) -> set[str]:
    return {written(shape, n) for n in several}


@settings(max_examples=100, deadline=None)
@given(SHAPES, st.randoms(use_true_random=False))
def test_the_order_of_the_books_decides_nothing(shape: str, chance: Random) -> None:
    book = [item(written(shape, n), day(n)) for n in range(400, 440)]
    shuffled = learn_numbers(chance.sample(book, len(book)))
    first = learn_numbers(book)
    text = f"Rechnung {written(shape, 405)}, 417 und {written(shape, 430)}"
    assert read(text, first) == read(text, shuffled)
    assert (first.layouts, first.beginnings) == (shuffled.layouts, shuffled.beginnings)
