"""The texts as data: every placeholder is known, and every letter says what it must."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from export.letters.composition import compose
from export.letters.texts import FACTS, LANGUAGES, template_names, texts
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dunning.notice import EarlierNotice, Notice
    from export.letterhead import Letterhead

_PLACEHOLDERS = frozenset(
    "title debtor count document_number document_numbers document_date due_date open total payments_until deadline "
    "interest_continues daily_interest earlier contact".split()
)
_DEMANDING = ("reminder", "enquiry", "first_dunning", "second_dunning", "final_notice")
_BOTH = [(language, template) for language in LANGUAGES for template in sorted(template_names())]


def _paragraphs(language: str, template: str, part: str) -> list[dict[str, Any]]:
    paragraphs: list[dict[str, Any]] = texts(language).data["template"][template][part]
    return paragraphs


def _placeholders(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _shape(value: Any) -> Any:
    """The skeleton of the texts: keys and conditions without the words."""
    if isinstance(value, dict):
        return {key: value[key] if key == "when" else _shape(value[key]) for key in value}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    return sorted(set(_placeholders(value))) if isinstance(value, str) else value


@pytest.mark.parametrize(("language", "template"), _BOTH)
def test_every_placeholder_of_a_letter_is_known(language: str, template: str) -> None:
    for part in ("subject", "mail_subject", "before", "after"):
        for paragraph in _paragraphs(language, template, part):
            assert set(_placeholders(paragraph["text"])) <= _PLACEHOLDERS, paragraph


@pytest.mark.parametrize(("language", "template"), _BOTH)
def test_every_condition_of_a_paragraph_is_a_known_fact(language: str, template: str) -> None:
    for part in ("subject", "mail_subject", "before", "after"):
        for paragraph in _paragraphs(language, template, part):
            assert set(paragraph.get("when", ())) <= FACTS, paragraph


def test_german_and_english_say_the_same_with_the_same_facts() -> None:
    german, english = texts("de").data, texts("en").data
    assert _shape(german["template"]) == _shape(english["template"])
    assert german["labels"].keys() == english["labels"].keys()
    assert german["countries"].keys() == english["countries"].keys()
    assert len(german["call"]["columns"]) == len(english["call"]["columns"])


@pytest.mark.parametrize("template", _DEMANDING)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize("written_before", [False, True])
def test_every_demand_names_amount_deadline_cut_off_and_contact(
    template: str,
    language: str,
    items: int,
    written_before: bool,
    notice_of: Callable[..., Notice],
    letterhead: Letterhead,
    earlier: tuple[EarlierNotice, ...],
) -> None:
    notice = notice_of(template, items=items, interest=150, earlier=earlier if written_before else ())
    words = texts(language)
    letter = compose(_in_language(notice, language), letterhead, "M-1")
    said = " ".join((*letter.before, *letter.after))

    assert words.money(notice.total) in said
    assert words.day(date(2026, 3, 12)) in said
    assert words.day(notice.payments_considered_until) in said
    assert letterhead.contact_person in said
    assert letterhead.phone in said
    assert letterhead.email in said
    assert [row[0] for row in letter.items] == [item.document_number for item in notice.items]
    if items == 1:
        assert "RE-2026-0042" in said
        assert words.day(notice.items[0].due_date) in said
    if written_before and template not in {"reminder", "enquiry"}:
        assert all(words.day(letter.sent_on) in said for letter in earlier)


@pytest.mark.parametrize(
    ("language", "next_step", "objection"),
    [("de", "Inkassounternehmen", "widersprechen"), ("en", "collection agency", "object")],
)
def test_the_final_notice_names_the_next_step_and_the_right_to_object(
    language: str, next_step: str, objection: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = compose(_in_language(notice_of("final_notice"), language), letterhead, "M-1")
    said = " ".join(letter.after)
    assert next_step in said
    assert objection in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["reminder", "enquiry", "first_dunning"])
def test_the_early_letters_announce_no_consequences(
    language: str, template: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = compose(_in_language(notice_of(template), language), letterhead, "M-1")
    said = " ".join((*letter.before, *letter.after)).casefold()
    for word in ("inkasso", "gericht", "anwalt", "collection agency", "court", "lawyer"):
        assert word not in said


@pytest.mark.parametrize(("language", "template"), _BOTH)
def test_no_letter_mentions_vat_or_a_credit_bureau(
    language: str, template: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = compose(_in_language(notice_of(template, interest=100, fee=250), language), letterhead, "M-1")
    paragraphs = " ".join((letter.subject, *letter.before, *letter.after, *(a for a, _ in letter.sums))).casefold()
    assert not any(word in paragraphs for word in ("mwst", "umsatzsteuer", "vat ", "schufa", "auskunftei", "bureau"))


def test_interest_tells_its_daily_amount_and_whether_it_is_provisional(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("second_dunning", interest=150, interest_provisional=True)
    said = " ".join(compose(notice, letterhead, "M-1").after)
    assert "Ab dem 03.03.2026" in said
    assert "0,33\u00a0€" in said
    assert "vorläufig" in said


def test_interest_and_costs_are_lines_of_their_own_with_their_legal_basis(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = compose(notice_of("second_dunning", items=2, interest=150, fee=250), letterhead, "M-1")
    assert letter.sums == (
        ("Offene Rechnungen", "2.380,01\u00a0€"),
        ("Verzugszinsen bis 02.03.2026", "3,00\u00a0€"),
        ("Verzugskosten (§§ 280, 286 BGB)", "5,00\u00a0€"),
        ("Gesamtbetrag", "2.388,01\u00a0€"),
    )
    assert letter.interest[0][0] == "RE-2026-0042"
    assert letter.interest[0][3:] == ("1.190,00\u00a0€", "10,27\u00a0%", "1,50\u00a0€")


def test_a_total_that_is_not_the_sum_is_never_written(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    with pytest.raises(AssertionError, match="total"):
        compose(notice_of(total=Money(1, "EUR")), letterhead, "M-1")


def test_a_stage_with_an_unknown_text_is_told_the_known_ones(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    with pytest.raises(ValueError, match=r"'zweite_mahnung'.*second_dunning"):
        compose(notice_of("zweite_mahnung"), letterhead, "M-1")


def test_a_demand_needs_a_day_to_pay_until(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    with pytest.raises(ValueError, match="day to pay until"):
        compose(notice_of(deadline=None), letterhead, "M-1")


@pytest.mark.parametrize(
    ("language", "money", "day", "rate"),
    [
        ("de", "−1.234,56\u00a0€", "05.03.2026", "−0,88\u00a0%"),
        ("de-AT", "−1.234,56\u00a0€", "05.03.2026", "−0,88\u00a0%"),
        ("", "−1.234,56\u00a0€", "05.03.2026", "−0,88\u00a0%"),
        ("en", "EUR\u00a0−1,234.56", "5 March 2026", "−0.88\u00a0%"),
        ("fr", "EUR\u00a0−1,234.56", "5 March 2026", "−0.88\u00a0%"),
    ],
)
def test_every_language_writes_numbers_and_dates_its_own_way(language: str, money: str, day: str, rate: str) -> None:
    words = texts(language)
    assert words.money(Money(-123456, "EUR")) == money
    assert words.day(date(2026, 3, 5)) == day
    assert words.percent(Decimal("-0.88")) == rate


def _in_language(notice: Notice, language: str) -> Notice:
    return replace(notice, debtor=replace(notice.debtor, language=language))
