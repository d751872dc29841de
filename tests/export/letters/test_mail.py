"""The mail that carries a letter: discreet outside, complete inside, and the same bytes every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export.letters import Letter
from export.mail import addresses, build_mail, build_report_mail
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from dunning.notice import EarlierNotice, Notice
    from export.letterhead import Letterhead

_SENT = datetime(2026, 3, 2, 6, 30, tzinfo=timezone(timedelta(hours=1)))
_ID = "<m-2026-00012.10023@bluetenweiss.example>"


@pytest.fixture
def letter() -> Letter:
    return Letter(
        number="M-2026-00012",
        file_name="M-2026-00012_10023.pdf",
        pdf=b"%PDF-1.7 \x00\xff\r\n.\r\n",
        sha256="00",
        subject="1. Mahnung",
    )


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def _mail(notice: Notice, letter: Letter, letterhead: Letterhead) -> bytes:
    return build_mail(notice, letter, letterhead, sender="mahnwesen@bluetenweiss.example", message_id=_ID, date=_SENT)


def _body(raw: bytes) -> str:
    body = _read(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_mail_names_sender_recipient_date_and_answers_go_to_a_person(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    mail = _read(_mail(notice_of(), letter, letterhead))
    assert mail["From"] == "Gärtnerei Blütenweiß GmbH <mahnwesen@bluetenweiss.example>"
    assert mail["Reply-To"] == "Gärtnerei Blütenweiß GmbH <buchhaltung@bluetenweiss.example>"
    assert mail["To"] == "rechnung@suessmund.example"
    assert mail["Message-ID"] == _ID
    assert mail["Date"] == "Mon, 02 Mar 2026 06:30:00 +0100"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("template", "items", "subject"),
    [
        ("reminder", 1, "Ihre Rechnung RE-2026-0042"),
        ("first_dunning", 1, "Ihre Rechnung RE-2026-0042"),
        ("reminder", 2, "Ihre Rechnungen RE-2026-0042 und RE-2026-0043"),
        ("first_dunning", 5, "Ihre Rechnungen RE-2026-0042 und 4 weitere"),
        ("second_dunning", 1, "1. Mahnung: Ihre Rechnung RE-2026-0042"),
    ],
)
def test_the_subject_is_discreet(
    template: str,
    items: int,
    subject: str,
    notice_of: Callable[..., Notice],
    letter: Letter,
    letterhead: Letterhead,
) -> None:
    assert _read(_mail(notice_of(template, items=items), letter, letterhead))["Subject"] == subject


def test_the_body_says_what_is_owed_until_when_and_to_which_account(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead, earlier: tuple[EarlierNotice, ...]
) -> None:
    body = _body(_mail(notice_of("second_dunning", items=2, interest=150, earlier=earlier), letter, letterhead))
    for words in (
        "Sehr geehrte Damen und Herren,",
        "Zahlungserinnerung vom 28.01.2026 und 1. Mahnung vom 09.02.2026",
        "Rechnung RE-2026-0042, fällig am",
        "1.190,00 €",
        "Verzugszinsen bis 02.03.2026: 3,00 €",
        "Gesamtbetrag: 2.383,01 €",
        "12.03.2026",
        "IBAN: DE02 1203 0000 0000 2020 51",
        "Verwendungszweck: RE-2026-0042 RE-2026-0043 10023 M-2026-00012",
        "Mit freundlichen Grüßen",
        "Register: Amtsgericht Würzburg HRB 4711",
        "Geschäftsführung: Änne Groß, Jörg Weiß",
    ):
        assert words in body, words


def test_the_letter_is_attached_as_it_is_archived(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    (attachment,) = _read(_mail(notice_of(), letter, letterhead)).iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == "M-2026-00012_10023.pdf"
    assert attachment.get_payload(decode=True) == letter.pdf


def test_the_same_notice_gives_the_same_mail(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    assert _mail(notice_of(), letter, letterhead) == _mail(notice_of(), letter, letterhead)


def test_the_mail_is_plain_ascii_with_crlf_and_short_lines(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    raw = _mail(notice_of("second_dunning", items=9, interest=150), letter, letterhead)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile=st.text(alphabet=st.sampled_from('ab\r\n\x0b\x0c\x85\u2028:@<>,;" ='), max_size=60))
def test_no_name_or_number_can_add_a_header(
    hostile: str, notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    notice = notice_of("second_dunning", title=f"Mahnung\r\nBcc: a@b.example {hostile}")
    (item,) = notice.items
    notice = replace(notice, items=(replace(item, document_number=f"RE\nBcc: x@y.example{hostile}"),))
    mail = _read(_mail(notice, letter, replace(letterhead, name=f"Firma\r\nBcc: a@b.example{hostile}")))
    assert mail["Bcc"] is None
    assert sorted(mail.keys()) == sorted(
        "From To Subject Date Message-ID Auto-Submitted Reply-To MIME-Version Content-Type".split()
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "   ",
        "keine-adresse",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\nX: y",
        "ä@b.example",
        "a b@",
        "@b.example",
        "a@b..example",
        "<a@b.example>",
        "a@-b.example",
        "a..b@c.example",
    ],
)
def test_a_broken_address_is_refused(
    address: str, notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    notice = notice_of()
    with pytest.raises(Refused, match=r"mail address"):
        _mail(replace(notice, debtor=replace(notice.debtor, email=address)), letter, letterhead)


def test_several_addresses_and_domains_with_umlauts_are_understood() -> None:
    assert addresses("a@b.example; c.d@e.example,f@blüte.example") == (
        "a@b.example",
        "c.d@e.example",
        "f@xn--blte-1ra.example",
    )


@pytest.mark.parametrize("message_id", ["ohne-klammern@x", "<zwei worte@x>", "<a@b>\r\nBcc: x@y.example", "<a>"])
def test_a_message_id_must_be_one(
    message_id: str, notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    with pytest.raises(ValueError, match="no message id"):
        build_mail(notice_of(), letter, letterhead, sender="a@b.example", message_id=message_id, date=_SENT)


def test_a_mail_is_not_dated_without_a_time_zone(
    notice_of: Callable[..., Notice], letter: Letter, letterhead: Letterhead
) -> None:
    with pytest.raises(ValueError, match="time zone"):
        build_mail(
            notice_of(),
            letter,
            letterhead,
            sender="a@b.example",
            message_id=_ID,
            date=datetime(2026, 3, 2, 6, 30, tzinfo=UTC).replace(tzinfo=None),
        )


def test_the_report_goes_to_every_recipient_as_text_and_html() -> None:
    raw = build_report_mail(
        "Nacht vom 2. März",
        "14 Zahlungen zugeordnet\n",
        "<p>14 Zahlungen zugeordnet</p>",
        ["chefin@x.example", "steuer@y.example"],
        "kontorist@x.example",
        _ID,
        _SENT,
    )
    mail = _read(raw)
    assert mail["To"] == "chefin@x.example, steuer@y.example"
    assert mail["From"] == "kontorist@x.example"
    assert mail["Subject"] == "Nacht vom 2. März"
    assert _body(raw).splitlines() == ["14 Zahlungen zugeordnet"]
    html = mail.get_body(("html",))
    assert html is not None
    assert "<p>14" in html.get_content()


def test_a_report_without_html_is_one_part() -> None:
    raw = build_report_mail("Nacht", "Alles ruhig", None, ["a@x.example"], "b@x.example", _ID, _SENT)
    assert not _read(raw).is_multipart()
