"""DIN 5008 measured in the finished PDF: window, information block, text, fold marks and margins of both forms."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from export.letters import render_letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from ledger.debtor import Debtor

_MILLIMETRE = 72 / 25.4
_HEIGHT = 297.0
_WIDTH = 210.0

Form = Literal["A", "B"]

# form | address field from, to | information block from | text from | fold marks | punch mark
FORMS: dict[Form, tuple[float, float, float, float, tuple[float, float], float]] = {
    "A": (27.0, 72.0, 32.0, 80.46, (87.0, 192.0), 148.5),
    "B": (45.0, 90.0, 50.0, 98.46, (105.0, 210.0), 148.5),
}


def pages(notice: Notice, letterhead: Letterhead) -> list[pypdfium2.PdfPage]:
    return list(pypdfium2.PdfDocument(render_letter(notice, letterhead, letter_number="M-2026-00012").pdf))


def box(page: pypdfium2.PdfPage, words: str) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom of the first place of some words, in millimetres from the top left corner."""
    text = page.get_textpage()
    found = text.search(words).get_next()
    assert found is not None, words
    boxes = [text.get_charbox(found[0] + n, loose=True) for n in range(found[1])]
    left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return left / _MILLIMETRE, _HEIGHT - top / _MILLIMETRE, right / _MILLIMETRE, _HEIGHT - bottom / _MILLIMETRE


def marks(page: pypdfium2.PdfPage) -> list[tuple[float, float]]:
    """Give height and length of the lines that stand left of the margin."""
    drawn = (one.get_bounds() for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]))
    lines = ((left, bottom, right, top) for left, bottom, right, top in drawn if right / _MILLIMETRE < 20)
    return sorted(
        (round(_HEIGHT - (bottom + top) / 2 / _MILLIMETRE, 1), round((right - left) / _MILLIMETRE))
        for left, bottom, right, top in lines
    )


@pytest.mark.parametrize("form", FORMS)
def test_the_address_stands_in_the_window(
    form: Form, notice_of: Callable[..., Notice], letterhead: Letterhead, business: Debtor
) -> None:
    start, end, *_ = FORMS[form]
    debtor = replace(business, country="AT", postcode="1010", city="Wien")
    (page,) = pages(notice_of(debtor=debtor), replace(letterhead, din_form=form))
    for words in ("Café Süßmund OHG", "Straße der Einheit 5", "1010 Wien", "ÖSTERREICH"):
        left, top, right, bottom = box(page, words)
        assert left == pytest.approx(25, abs=0.6)
        assert right < 20 + 85
        # Below the notes of 17.7 mm, within the zone of the address of 27.3.
        assert start + 17.7 - 0.6 <= top
        assert bottom <= end
    sender = box(page, "Gärtnerei Blütenweiß GmbH ·")
    assert start <= sender[1]
    assert sender[3] <= start + 5.5


@pytest.mark.parametrize("form", FORMS)
def test_country_is_the_last_line_of_the_address(
    form: Form, notice_of: Callable[..., Notice], letterhead: Letterhead, business: Debtor
) -> None:
    debtor = replace(business, country="AT", postcode="1010", city="Wien")
    (page,) = pages(notice_of(debtor=debtor), replace(letterhead, din_form=form))
    lines = [box(page, words)[1] for words in ("Café", "Straße der", "1010", "ÖSTERREICH")]
    assert lines == sorted(lines)


@pytest.mark.parametrize("form", FORMS)
def test_a_very_long_address_stays_in_the_window(
    form: Form, notice_of: Callable[..., Notice], letterhead: Letterhead, business: Debtor
) -> None:
    start, end, *_ = FORMS[form]
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH\nAbteilung Einkauf\n"
    debtor = replace(business, name=name * 3, street="Straße des 18. Oktobers 123, Hinterhaus links, 4. Obergeschoss")
    (page,) = pages(notice_of(debtor=debtor), replace(letterhead, din_form=form))
    text = page.get_textpage()
    inside = text.get_text_bounded(
        left=20 * _MILLIMETRE,
        right=105 * _MILLIMETRE,
        top=(_HEIGHT - start) * _MILLIMETRE,
        bottom=(_HEIGHT - end) * _MILLIMETRE,
    )
    assert inside.count("Abteilung Einkauf") == 3
    assert "99084 Erfurt" in inside


@pytest.mark.parametrize("form", FORMS)
def test_information_and_text_begin_where_the_standard_has_them(
    form: Form, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    _, _, information, text, *_ = FORMS[form]
    (page,) = pages(notice_of("first_dunning"), replace(letterhead, din_form=form))
    left, top, *_ = box(page, "Unser Zeichen")
    assert left == pytest.approx(125, abs=0.6)
    assert information - 0.6 <= top <= information + 2
    left, top, *_ = box(page, "1. Mahnung zu Rechnung")
    assert left == pytest.approx(25, abs=0.6)
    assert top == pytest.approx(text, abs=1.5)


@pytest.mark.parametrize("form", FORMS)
def test_the_marks_for_folding_and_punching(
    form: Form, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    *_, folds, punch = FORMS[form]
    first, *others = pages(notice_of("first_dunning", items=60), replace(letterhead, din_form=form))
    assert marks(first) == sorted([*((fold, 4) for fold in folds), (punch, 6)])
    assert not any(marks(page) for page in others)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("items", [1, 14, 60])
def test_nothing_leaves_the_margins(
    form: Form, items: int, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("final_notice", items=items, interest=150, lump_sum=4_000)
    for page in pages(notice, replace(letterhead, din_form=form)):
        text = page.get_textpage()
        for number in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(number)
            if right > left:  # a blank has no box
                assert left / _MILLIMETRE >= 24.5
                assert right / _MILLIMETRE <= _WIDTH - 19.4
                assert bottom / _MILLIMETRE >= 10
                assert _HEIGHT - top / _MILLIMETRE >= 9


def test_every_page_but_the_last_has_a_subtotal_and_the_next_carries_it_over(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    said = [page.get_textpage().get_text_range() for page in pages(notice_of(items=200), letterhead)]
    listing = [text for text in said if "RE-2026-" in text.partition("Verwendungszweck")[0] and "Tage" in text]
    for before, after in pairwise(listing):
        subtotal = before.partition("Zwischensumme")[2].split("€")[0].split()
        carried = after.partition("Übertrag")[2].split("€")[0].split()
        assert subtotal
        assert subtotal == carried
    assert "Zwischensumme" not in listing[-1]
    assert "238.199,00" in said[-1] or "238.199,00" in said[-2]


def test_who_cannot_see_the_letter_hears_its_subject_tables_and_code(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = render_letter(notice_of("second_dunning", interest=150), letterhead, letter_number="M-2026-00012")
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        tags = [str(one.S) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one]
        said = [str(one.Alt) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    assert tags.count("/H1") == 1
    assert tags.count("/TH") >= 12  # the headings of the invoices and of the interest
    assert said == ["GiroCode für die Überweisung von 1.191,50\u00a0€ an Gärtnerei Blütenweiß GmbH"]
