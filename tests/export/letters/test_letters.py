"""The letter as the debtor holds it: PDF/A, DIN 5008, and nothing of the debtor's data is ever obeyed."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import pikepdf
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import export.letters
from export.letterhead import Letterhead
from export.letters import Letter, render_letters
from export.letters.printable import printable
from ledger.debtor import Debtor, DebtorType

if TYPE_CHECKING:
    from collections.abc import Callable

    from dunning.notice import Notice

_MILLIMETRE = 72 / 25.4


def _letter(notice: Notice, letterhead: Letterhead, number: str = "M-2026-00012") -> Letter:
    (letter,) = render_letters([notice], letterhead, letter_numbers=[number])
    return letter


def _pages(letter: Letter) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.pdf)).pages]


def _text(letter: Letter) -> str:
    return " ".join("\n".join(_pages(letter)).split())


def _places(letter: Letter) -> dict[str, tuple[float, float]]:
    """Where texts stand on the first page: text -> millimetres from the left and from the top."""
    places: dict[str, tuple[float, float]] = {}

    def remember(text: str, current: list[float], matrix: list[float], *_: object) -> None:
        if text.strip():
            x = current[0] * matrix[4] + current[2] * matrix[5] + current[4]
            y = current[1] * matrix[4] + current[3] * matrix[5] + current[5]
            places[" ".join(text.split())] = (x / _MILLIMETRE, 297 - y / _MILLIMETRE)

    pypdf.PdfReader(io.BytesIO(letter.pdf)).pages[0].extract_text(visitor_text=remember)
    return places


def _place_of(letter: Letter, text: str) -> tuple[float, float]:
    (place,) = {place for said, place in _places(letter).items() if said.startswith(text)}
    return place


def test_a_letter_is_pdf_a_2b_with_title_author_and_language(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = _letter(notice_of(), letterhead)
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2A"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == letter.subject
        assert metadata["dc:creator"] == [letterhead.name]
        assert metadata["xmp:CreateDate"].startswith("2026-03-02")
        assert str(pdf.Root.Lang).startswith("de")


def test_every_font_is_inside_the_file(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    letter = _letter(notice_of("final_notice", items=3, interest=100), letterhead)
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        fonts = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/FontName" in thing]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
        assert all("Libertinus" in str(font.FontName) for font in fonts)


def test_a_letter_says_everything_the_content_matrix_asks_for(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    text = _text(_letter(notice_of("second_dunning", items=2, interest=150, fee=250), letterhead))
    for words in (
        "M-2026-00012",
        "02.03.2026",
        "10023",
        "Jörg Weiß",
        "0931 555010",
        "RE-2026-0042",
        "RE-2026-0043",
        "fällig am",
        "Rechnungsbetrag",
        "Tage überfällig",
        "1.290,00 €",
        "1.190,00 €",
        "Verzugszinsen (§§ 286, 288 BGB)",
        "10,27 %",
        "Verzugskosten (§§ 280, 286 BGB)",
        "2.388,01 € bis zum 12.03.2026",
        "DE02 1203 0000 0000 2020 51",
        "RE-2026-0042 RE-2026-0043 10023 M-2026-00012",
        "GiroCode",
        "27.02.2026 berücksichtigt",
        "Ratenzahlung",
        "Mit freundlichen Grüßen",
    ):
        assert words in text, words


def test_the_footer_carries_the_mandatory_data(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    text = _text(_letter(notice_of(), letterhead))
    for words in ("Sitz: Würzburg", "Amtsgericht Würzburg HRB 4711", "Änne Groß", "USt-IdNr.: DE123456789"):
        assert words in text, words


def test_the_fields_stand_where_din_5008_form_b_wants_them(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = _letter(notice_of(), letterhead)
    left, top = _place_of(letter, "Gärtnerei Blütenweiß GmbH ·")
    assert left == pytest.approx(25, abs=0.2)  # return address: 5 mm into the field that starts at 20
    assert 45 < top < 50
    left, top = _place_of(letter, "Café Süßmund")
    assert left == pytest.approx(25, abs=0.2)
    assert 62.7 < top < 67.5  # baseline of the first of six lines
    left, top = _place_of(letter, "Unser Zeichen")
    assert left == pytest.approx(125, abs=0.2)
    assert 50 < top < 54
    left, top = _place_of(letter, letter.subject)
    assert left == pytest.approx(25, abs=0.2)
    assert 98.4 < top < 103


def test_fold_marks_are_at_105_and_210_and_the_punch_mark_at_148_5(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    with pikepdf.open(io.BytesIO(_letter(notice_of(), letterhead).pdf)) as pdf:
        moves = [
            [float(str(number)) for number in step.operands]
            for step in pikepdf.parse_content_stream(pdf.pages[0], "cm")
            if isinstance(step, pikepdf.ContentStreamInstruction)
        ]
    # PDF counts from the bottom; the marks start 4 mm from the left edge.
    heights = {round(297 - move[5] / _MILLIMETRE, 1) for move in moves if abs(move[4] - 4 * _MILLIMETRE) < 0.1}
    assert heights == {105.0, 148.5, 210.0}


def test_the_page_is_a4(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    (page,) = pypdf.PdfReader(io.BytesIO(_letter(notice_of(), letterhead).pdf)).pages
    assert float(page.mediabox.width) == pytest.approx(210 * _MILLIMETRE, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(297 * _MILLIMETRE, abs=0.1)


def test_sixty_items_continue_on_numbered_pages(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    letter = _letter(notice_of("second_dunning", items=60, interest=150), letterhead)
    pages = _pages(letter)
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
        assert "M-2026-00012" in page
    assert all(f"RE-2026-{42 + n:04d}" in "".join(pages) for n in range(60))
    assert "Mit freundlichen Grüßen" in pages[-1]
    assert "RF06M202600012" in "".join(pages)


def test_a_short_letter_is_one_page_without_a_number(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    (page,) = _pages(_letter(notice_of("reminder"), letterhead))
    assert "Seite" not in page


def test_an_address_of_nine_lines_stays_in_its_field(
    notice_of: Callable[..., Notice], business: Debtor, letterhead: Letterhead
) -> None:
    name = "\n".join(f"Abteilung {n} für Lieferantenbuchhaltung" for n in range(6))
    debtor = replace(business, name=name, street="Haus 7\nNordstraße 12", country="AT", postcode="1010", city="Wien")
    places = _places(_letter(notice_of(debtor=debtor), letterhead))
    heights = [place[1] for text, place in places.items() if text.startswith("Abteilung")]
    assert len(heights) == 6
    assert min(heights) > 50
    assert _place_of(_letter(notice_of(debtor=debtor), letterhead), "ÖSTERREICH")[1] < 90


def test_an_english_letter_goes_to_a_foreign_country_in_capitals(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    debtor = Debtor(
        number="30001",
        name="Baker & Sons Ltd.",
        street="12 Baker Street",
        postcode="NW1 6XE",
        city="London",
        country="GB",
        language="en",
        type=DebtorType.BUSINESS,
    )
    letter = _letter(notice_of("final_notice", debtor=debtor, title="Final request", interest=150), letterhead)
    text = _text(letter)
    for words in (
        "UNITED KINGDOM",
        "London NW1 6XE",
        "12 March 2026",
        "EUR 1,191.50",
        "Dear Sir or Madam",
        "Page 1 of",
    ):
        assert words in text, words
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        assert str(pdf.Root.Lang).startswith("en")


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        "*fett* _kursiv_ `roh`",
        "$a + b$",
        "\\ \\\\ #",
        "= Überschrift",
        "[Klammer] {Klammer} <label> @ref",
        "#sys.inputs // Kommentar",
        'Zitat " und \' und \\"',
        "{title} {0} {debtor}",
    ],
)
def test_a_hostile_name_is_printed_and_never_obeyed(
    name: str, notice_of: Callable[..., Notice], business: Debtor, letterhead: Letterhead
) -> None:
    debtor = replace(business, name=name, street=name, city=name, type=DebtorType.CONSUMER)
    text = _text(_letter(notice_of(debtor=debtor), replace(letterhead, contact_person=name)))
    assert text.count(" ".join(name.split())) >= 4


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=120), number=st.text(min_size=1, max_size=60))
def test_every_name_and_number_gives_a_letter(
    name: str, number: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of(items=1)
    (item,) = notice.items
    hostile = replace(
        notice, debtor=replace(notice.debtor, name=name), items=(replace(item, document_number=number),)
    )
    assert _letter(hostile, letterhead).pdf.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Łódź Žižka Ørsted ẞ", "Łódź Žižka Ørsted ẞ"),
        ("Ивáнов Ωμέγα", "Ивáнов Ωμέγα"),
        ("株式会社 Müller", "???? Müller"),
        ("Blume \U0001f490", "Blume ?"),
        ("a\u0308 wird ä", "ä wird ä"),
        ("Tab\tund\x00Null\u200b", "Tab undNull"),
    ],
)
def test_only_what_the_fonts_have_is_printed(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_name_that_could_not_be_printed_in_full_is_told(
    notice_of: Callable[..., Notice], business: Debtor, letterhead: Letterhead
) -> None:
    assert (
        _letter(notice_of(debtor=replace(business, name="株式会社 株 Müller?")), letterhead).unprintable == "株式会社"
    )
    assert _letter(notice_of(), replace(letterhead, country="")).unprintable == ""


def test_the_same_notice_gives_the_same_bytes(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    notice = notice_of("second_dunning", items=3, interest=150)
    first = _letter(notice, letterhead)
    _letter(notice_of("reminder"), letterhead)
    export.letters._compiler.cache_clear()
    again = _letter(notice, letterhead)
    assert again.pdf == first.pdf
    assert first.sha256 == sha256(first.pdf).hexdigest()


def test_letters_get_their_numbers_in_order(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    letters = render_letters(
        [notice_of("reminder"), notice_of("first_dunning")], letterhead, letter_numbers=["M-1", "M-2"]
    )
    assert [letter.number for letter in letters] == ["M-1", "M-2"]
    assert [letter.file_name for letter in letters] == ["M-1_10023.pdf", "M-2_10023.pdf"]
    assert "M-2" in _text(letters[1])


def test_numbers_and_notices_must_be_as_many(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    with pytest.raises(ValueError, match="shorter"):
        render_letters([notice_of()], letterhead, letter_numbers=[])


def test_the_file_name_gives_nothing_away(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    letter = _letter(notice_of("final_notice"), letterhead)
    assert not re.search(r"mahn|süßmund|rechnung", letter.file_name, re.IGNORECASE)


def test_what_is_not_known_is_not_printed(notice_of: Callable[..., Notice], business: Debtor) -> None:
    letter = _letter(notice_of(debtor=Debtor(number="1", name="Wer")), Letterhead(name="Maler Bunt"))
    text = _text(letter)
    for words in ("None", "IBAN", "GiroCode", "Sitz:", "Telefon", "E-Mail"):
        assert words not in text, words
    assert "Gesamtbetrag" in text


def test_a_handed_over_claim_is_not_to_be_paid_to_us(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    text = _text(_letter(notice_of("agency_information", deadline=None), letterhead))
    assert "GiroCode" not in text
    assert "Verwendungszweck" not in text


def test_a_letter_in_another_currency_has_no_girocode(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of()
    (item,) = notice.items
    francs = replace(
        notice,
        total=replace(notice.total, currency="CHF"),
        items=(
            replace(
                item,
                original=replace(item.original, currency="CHF"),
                open=replace(item.open, currency="CHF"),
                interest=replace(item.interest, currency="CHF"),
            ),
        ),
    )
    text = _text(_letter(francs, letterhead))
    assert "1.190,00 CHF" in text
    assert "GiroCode" not in text


def test_a_letter_shows_itself_without_its_bytes(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    assert "%PDF" not in repr(_letter(notice_of(), letterhead))


def test_the_run_date_dates_the_letter(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    later = notice_of(run_date=date(2026, 3, 3))
    assert "03.03.2026" in _text(_letter(later, letterhead))
    assert _letter(later, letterhead).sha256 != _letter(notice_of(), letterhead).sha256


def test_much_mandatory_data_stays_on_the_sheet(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    partnership = replace(
        letterhead,
        name="Gärtnerei Blütenweiß und Landschaftsbau Würzburg Verwaltungs GmbH & Co. KG",
        general_partner="Blütenweiß Verwaltungs GmbH",
        general_partner_seat="Würzburg",
        general_partner_register="Amtsgericht Würzburg, HRB 4711",
        managing_directors=tuple(f"Maximilian-Alexander von Langenname {n}" for n in range(8)),
        supervisory_board_chair="Prof. Dr. Hildegard von Langenname-Weidenbach",
    )
    places = _places(_letter(notice_of(), partnership))
    assert max(top for _, top in places.values()) < 292
    assert any("DE123456789" in said for said in places)
