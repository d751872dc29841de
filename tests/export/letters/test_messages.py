"""What is agreed is confirmed with its figures; long lists carry over; a print batch is sorted by postal code."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pypdf
import pypdfium2
import pytest

from dunning.hold import AfterHold, HoldReason, Resumption
from dunning.instalments import Claim, Offer, instalment_plan
from dunning.promise import Promise
from export.letters import render_letter, render_letters
from export.letters.composition import Composition, compose
from export.letters.messages import (
    Booking,
    Message,
    account_statement,
    crossed_payment,
    dispute_confirmation,
    instalment_confirmation,
    promise_confirmation,
    thank_you,
)
from export.letters.texts import LANGUAGES, STYLES, message_names, template_names
from export.letters.wording import in_style
from export.mail import Attachment, build_mail
from export.print_batch import Addressed, Printable, bind, in_print_order, page_count
from ledger.debtor import DebtorType
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from dunning.notice import Notice
    from export.letterhead import Letterhead

_DAY = date(2026, 3, 2)
_SAID_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def messages(notice: Notice) -> dict[str, Message]:
    debtor, items = notice.debtor, notice.items
    plan = instalment_plan(
        Offer(offered_on=_DAY, offered_by="Frau Süß", amount=euros(50_000), first_on=date(2026, 3, 31)),
        Claim(costs=euros(0), interest=euros(1_234), principal=euros(119_000)),
        debtor_number=debtor.number,
        debtor_type=debtor.type,
        agreed_on=_DAY,
        default_clause=True,
    )
    promise = Promise(debtor_number=debtor.number, amount=euros(60_000), pay_by=date(2026, 3, 13), made_on=_DAY)
    bookings = [
        Booking(booked_on=date(2026, 2, 1), text="Zahlung", amount=euros(-20_000)),
        Booking(booked_on=date(2026, 1, 7), text="Rechnung RE-1", amount=euros(129_000)),
    ]
    return {
        "promise_confirmation": promise_confirmation(debtor, items, promise, today=_DAY, payments_until=_DAY),
        "dispute_confirmation": dispute_confirmation(
            debtor,
            items,
            case="C17",
            said="Zwei Paletten waren naß <b>!</b>",
            agent="Jörg Weiß",
            disputed=euros(47_600),
            rest=euros(71_400),
            answer_until=date(2026, 3, 16),
            today=_DAY,
            payments_until=_DAY,
        ),
        "instalment_confirmation": instalment_confirmation(debtor, items, plan, payments_until=_DAY),
        "account_statement": account_statement(debtor, bookings, currency="EUR", today=_DAY, payments_until=_DAY),
        "thank_you": thank_you(debtor, items, paid=euros(119_000), paid_on=_DAY, today=_DAY),
        "crossed_payment": crossed_payment(
            debtor, items, paid=euros(119_000), paid_on=_DAY, written_on=date(2026, 2, 27), today=_DAY
        ),
    }


def composed(message: Message, letterhead: Letterhead) -> Composition:
    return compose(message.notice, letterhead, "K-1", more=message.more)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("name", sorted(message_names()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_written_in_both_languages(
    name: str, language: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("reminder")
    notice = replace(notice, debtor=replace(notice.debtor, language=language))
    message = messages(notice)[name]
    letter = render_letter(message.notice, letterhead, letter_number="K-1", more=message.more)
    assert letterhead.phone in text_of(letter.pdf).replace("\n", " ")
    assert "{" not in text_of(letter.pdf)


def test_a_promise_is_confirmed_with_the_promised_amount_and_its_code_asks_for_no_more(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    said = composed(messages(notice_of("reminder"))["promise_confirmation"], letterhead)
    assert "600,00\u00a0€ bis zum 13.03.2026" in said.before[0]
    assert said.asked == euros(60_000)


def test_instalments_are_confirmed_with_every_day_and_the_warning_of_what_it_means(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    said = composed(messages(notice_of("reminder"))["instalment_confirmation"], letterhead)
    assert [row[1] for row in said.extra[1:]] == ["31.03.2026", "30.04.2026", "31.05.2026", ""]
    assert said.extra[-1][-1] == "1.202,34\u00a0€"
    assert said.asked == euros(50_000)
    assert any("§ 212 BGB" in paragraph for paragraph in said.after)
    assert any("sofort fällig" in paragraph for paragraph in said.after)


def test_who_may_be_a_consumer_is_promised_a_deadline_before_the_rest_falls_due(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("reminder")
    notice = replace(notice, debtor=replace(notice.debtor, type=DebtorType.UNKNOWN))
    said = composed(messages(notice)["instalment_confirmation"], letterhead)
    assert any("Frist von zwei Wochen" in paragraph for paragraph in said.after)
    assert not any("sofort fällig" in paragraph for paragraph in said.after)


def test_a_statement_of_account_runs_from_the_oldest_booking_to_the_balance(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    said = composed(messages(notice_of("reminder"))["account_statement"], letterhead)
    assert [row[-1] for row in said.extra[1:]] == ["1.290,00\u00a0€", "1.090,00\u00a0€", "1.090,00\u00a0€"]
    assert not said.demands_payment


@pytest.mark.parametrize(
    ("reason", "after", "begins"),
    [
        ("promise", "at_once", "leider ist die Zahlung, die Sie uns zugesagt hatten,"),
        ("instalments", "whole_rest", "leider sind die Raten, die wir mit Ihnen vereinbart hatten,"),
        ("deferral", "resume", "die Stundung, die wir mit Ihnen vereinbart hatten, ist beendet."),
        ("deferral", "at_once", "die Stundung, die wir mit Ihnen vereinbart hatten, ist beendet."),
        ("dispute", "softer", "wegen Ihrer Beanstandung haben wir eine Weile nicht geschrieben;"),
        ("deceased", "softer", "wir melden uns nach einer längeren Pause"),
        ("manual", "at_once", "unsere Rechnung"),
    ],
)
def test_the_first_sentence_says_what_ended_the_silence(
    reason: str, after: str, begins: str, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    resumption = Resumption(after=AfterHold(after), reason=HoldReason(reason), silent_until=_DAY, hold_id="H1")
    for template in sorted(template_names() - {"agency_information"}):
        said = compose(notice_of(template, resumptions=(resumption,)), letterhead, "M-1").before
        plain = compose(notice_of(template), letterhead, "M-1").before
        if reason == "manual":
            assert said == plain
        else:
            assert said[0].startswith(begins)
            # What follows begins a sentence of its own, and says what it would have said.
            assert said[0].endswith(plain[0][0].upper() + plain[0][1:])
            assert said[1:] == plain[1:]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_silence_has_words_in_every_language_and_style(language: str, style: str) -> None:
    said = {tuple(one["when"]) for one in in_style(language, style).data["resumption"]}
    ends = ("broken promise", "broken plan", "ended deferral", "after complaint", "after silence")
    assert said == {(end,) for end in ends}


def test_two_ends_of_silence_are_both_told(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    both = tuple(
        Resumption(after=after, reason=reason, silent_until=_DAY, hold_id="H1")
        for reason, after in ((HoldReason.PROMISE, AfterHold.AT_ONCE), (HoldReason.DEFERRAL, AfterHold.RESUME))
    )
    first = compose(notice_of("reminder", resumptions=both), letterhead, "M-1").before[0]
    assert "eingegangen. Die Stundung" in first


def test_a_long_list_carries_its_sum_from_page_to_page(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    notice = notice_of("first_dunning", items=60)
    (letter,) = render_letters([notice], letterhead, letter_numbers=["M-2026-00001"])
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.pdf)).pages]
    words = compose(notice, letterhead, "M-1").words
    carried = compose(notice, letterhead, "M-1").carried
    assert "Zwischensumme" in pages[0]
    assert "Übertrag" in pages[1]
    listed = sum(item.document_number in pages[0] for item in notice.items)
    assert carried[listed - 1] in pages[0]
    assert carried[listed - 1] in pages[1]
    assert not any("Zwischensumme" in page for page in pages[-1:])
    assert carried[-1] == words.money(notice.total)


def test_a_short_list_carries_nothing(notice_of: Callable[..., Notice], letterhead: Letterhead) -> None:
    (letter,) = render_letters([notice_of("first_dunning", items=3)], letterhead, letter_numbers=["M-1"])
    assert "Übertrag" not in text_of(letter.pdf)
    assert "Zwischensumme" not in text_of(letter.pdf)


def test_form_a_sets_the_address_eighteen_millimetres_higher(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    heights = []
    for form in ("B", "A"):
        head = replace(letterhead, din_form=form)
        (letter,) = render_letters([notice_of()], head, letter_numbers=["M-1"])
        page = pypdfium2.PdfDocument(letter.pdf)[0].get_textpage()
        index, _ = page.search("Café").get_next()
        heights.append(page.get_charbox(index)[1])
    assert abs(heights[1] - heights[0]) == pytest.approx(18 / 25.4 * 72, abs=0.5)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_a_mail_answers_the_earlier_ones_and_says_the_same_in_html(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    message = messages(notice_of("reminder"))["dispute_confirmation"]
    letter = render_letter(message.notice, letterhead, letter_number="K-1", more=message.more)
    raw = build_mail(
        message.notice,
        letter,
        letterhead,
        sender="mahnung@bluetenweiss.example",
        message_id="<K-1@bluetenweiss.example>",
        date=_SAID_AT,
        answers=["<a@x.example>", "<b@x.example>"],
        attachments=[Attachment("RE-2026-0042.pdf", b"%PDF-1.7 invoice")],
        more=message.more,
    )
    mail = read(raw)
    assert mail["In-Reply-To"] == "<b@x.example>"
    assert mail["References"] == "<a@x.example> <b@x.example>"
    assert "bluetenweiss.example" in mail["From"]
    assert mail["Reply-To"] == "Gärtnerei Blütenweiß GmbH <buchhaltung@bluetenweiss.example>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["K-1_10023.pdf", "RE-2026-0042.pdf"]
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    page = html.get_content()
    assert "Zwei Paletten waren naß &lt;b&gt;!&lt;/b&gt;" in page
    assert not any(word in page for word in ("http", "<img", "<script", "src="))
    for paragraph in ("strittigen Betrag von 476,00", "antwortet Ihnen bis zum 16.03.2026"):
        assert paragraph in plain.get_content()
        assert paragraph in page
    assert raw == build_mail(
        message.notice,
        letter,
        letterhead,
        sender="mahnung@bluetenweiss.example",
        message_id="<K-1@bluetenweiss.example>",
        date=_SAID_AT,
        answers=["<a@x.example>", "<b@x.example>"],
        attachments=[Attachment("RE-2026-0042.pdf", b"%PDF-1.7 invoice")],
        more=message.more,
    )


def test_a_print_batch_is_sorted_by_postal_code_and_every_letter_begins_on_a_front_side(
    notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    one, three = render_letters(
        [notice_of(), notice_of(items=60)], letterhead, letter_numbers=["M-2026-00001", "M-2026-00002"]
    )
    places = [
        ("b", one, "DE", "99084"),
        ("a", three, "DE", "10115"),
        ("x", one, "AT", "1010"),
        ("c", one, "DE", "20095"),
    ]
    letters = [
        Addressed(letter=name, country=country, postcode=postcode, debtor_number=name)
        for name, _, country, postcode in places
    ]
    pdfs = {name: letter.pdf for name, letter, _, _ in places}
    (ordered,) = in_print_order(letters, "DE")
    assert list(in_print_order(reversed(letters), "DE")) == [ordered]
    batch = bind([Printable(name=one.letter, pdf=pdfs[one.letter]) for one in ordered])
    assert batch.names == ("a", "c", "b", "x")
    first = page_count(three.pdf)
    pages = pypdf.PdfReader(io.BytesIO(batch.pdf)).pages
    assert len(pages) == batch.pages == first + first % 2 + 2 + 2 + 1


def test_what_is_no_letter_of_ours_has_no_page_count() -> None:
    with pytest.raises(ValueError, match="none of our letters"):
        page_count(b"%PDF-1.7 x")
