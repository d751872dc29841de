"""Mails (E-Mail) as bytes, ready to send and to archive: the same notice always gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from export.letters.composition import NOTHING_ELSE, compose
from export.letters.layout import business_data, grouped_iban
from export.letters.texts import texts
from export.mail_html import mail_html
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dunning.notice import Notice
    from export.letterhead import Letterhead
    from export.letters import Letter
    from export.letters.composition import Composition, Extra
    from export.letters.texts import Wording

_MOST_REFERENCES: Final = 20
_MESSAGE_ID: Final = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail, such as a copy of the invoice."""

    name: str
    content: bytes = field(repr=False)


def build_mail(
    notice: Notice,
    letter: Letter,
    letterhead: Letterhead,
    *,
    sender: str,
    message_id: str,
    date: datetime,
    answers: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    wording: Wording = texts,
    more: Extra = NOTHING_ELSE,
) -> bytes:
    """Write the mail that carries a letter: its words as plain text and as HTML, the PDF attached.

    ``sender`` is of our own domain, in From as in the envelope, so that SPF and DMARC agree; answers go to the
    letterhead's address. ``answers`` are the Message-IDs of our earlier mails about the same items, oldest first:
    mail programs then show one conversation. The subject is discreet until the second dunning letter: no amount, no
    name of the stage (§ 4a UWG, GDPR Art. 5). ``date`` needs a time zone. Raises Refused for an address that cannot
    be one.
    """
    composition = compose(notice, letterhead, letter.number, wording=wording, more=more)
    author = _mailbox(sender, letterhead.name)
    message = _message(composition.mail_subject, addresses(notice.debtor.email), author, message_id, date)
    message["Reply-To"] = _mailbox(letterhead.email or sender, letterhead.name)
    _thread(message, answers)
    _write(message, "\n".join(_body(composition, notice, letterhead)))
    message.add_alternative(mail_html(composition, notice, letterhead), subtype="html", cte="quoted-printable")
    for name, content in ((letter.file_name, letter.pdf), *((one.name, one.content) for one in attachments)):
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return _bytes(message, message_id)


def build_report_mail(
    subject: str,
    text: str,
    html: str | None,
    recipients: Sequence[str],
    sender: str,
    message_id: str,
    date: datetime,
) -> bytes:
    """Write the mail with the night's report to our own people; ``html`` is the same report, more comfortably."""
    message = _message(
        subject, tuple(a for r in recipients for a in addresses(r)), _mailbox(sender, ""), message_id, date
    )
    _write(message, text)
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    return _bytes(message, message_id)


def addresses(text: str) -> tuple[str, ...]:
    """Read the mail addresses in a field, separated by comma, semicolon or blank.

    The domain may have umlauts (it is written as punycode), the part before the @ may not: that would need a mail
    server that most are not. Raises Refused when there is no address or one is broken.
    """
    if _UNSEEN.search(text):
        raise Refused(f"{text!r} has control characters and is no mail address; correct it in the accounting tool")
    parts = [part for part in re.split(r"[,;\s]+", text) if part]
    if not parts:
        raise Refused("there is no mail address; enter one in the accounting tool or choose the letter channel")
    return tuple(map(_address, parts))


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError:
        ascii_domain = ""
    if not (at and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
        raise Refused(f"{text!r} is no mail address we can write to; correct it in the accounting tool")
    return f"{local}@{ascii_domain}"


def _mailbox(address: str, name: str) -> Address:
    (first, *_) = addresses(address)
    return Address(display_name=_one_line(name), addr_spec=first)


def _one_line(text: str) -> str:
    # A line break in a header would start a header of somebody else's choice.
    return " ".join(_UNSEEN.sub(" ", text).split())


def _message(
    subject: str, recipients: tuple[str, ...], author: Address, message_id: str, date: datetime
) -> EmailMessage:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} is no message id; it looks like <word@host>")
    if date.tzinfo is None:
        raise ValueError(f"the date of a mail needs a time zone, {date} has none")
    message = EmailMessage(policy=SMTP)
    message["From"] = author
    message["To"] = tuple(Address(addr_spec=recipient) for recipient in recipients)
    message["Subject"] = _one_line(subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot shall answer
    return message


def _thread(message: EmailMessage, answers: Sequence[str]) -> None:
    # RFC 5322, 3.6.4: the last one is answered, all are referred to; very old ones may be left out.
    known = [one for one in answers if _MESSAGE_ID.fullmatch(one)][-_MOST_REFERENCES:]
    if known:
        message["In-Reply-To"] = known[-1]
        message["References"] = " ".join(known)


def _write(message: EmailMessage, text: str) -> None:
    # Quoted-printable passes every server, and keeps the boundary out of the text.
    message.set_content(text, cte="quoted-printable")


def _bytes(message: EmailMessage, message_id: str) -> bytes:
    # The library would draw a random boundary, and the archived bytes could not be made again.
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        seed = f"{message_id}{number}" if number else message_id
        part.set_boundary(f"=_{sha256(seed.encode()).hexdigest()[:40]}")
    return message.as_bytes()


def _body(composition: Composition, notice: Notice, letterhead: Letterhead) -> Iterator[str]:
    words = composition.words
    yield from _paragraphs((composition.salutation, *composition.before))
    for number, _, due, _, still_open, _ in composition.items:
        yield f"  {words.label('document_number')} {number}, {words.label('due_date')} {due}: {_plain(still_open)}"
    if composition.items:
        yield ""
    yield from _extra(composition)
    if len(composition.sums) > 1 or len(composition.items) > 1:
        yield from (f"  {label}: {_plain(amount)}" for label, amount in composition.sums)
        yield ""
    if composition.demands_payment and letterhead.iban:
        yield from _account(composition, letterhead)
        yield ""
    yield from _paragraphs(composition.after)
    yield from _paragraphs((words.label("attached"), words.word("greeting")))
    yield from (line for line in (letterhead.contact_person, letterhead.name) if line)
    yield from (line for line in (letterhead.street, letterhead.place, letterhead.phone, letterhead.website) if line)
    yield ""
    yield from map(_plain, business_data(words, letterhead))


def _extra(composition: Composition) -> Iterator[str]:
    for row in composition.extra[1:]:
        cells = zip(composition.extra[0], row, strict=True)
        yield "  " + ", ".join(f"{heading} {_plain(cell)}".strip() for heading, cell in cells if cell)
    if composition.extra:
        yield ""


def _account(composition: Composition, letterhead: Letterhead) -> Iterator[str]:
    labelled = (
        ("recipient", letterhead.name),
        ("iban", grouped_iban(letterhead.iban)),
        ("bic", letterhead.bic),
        ("reference", composition.reference),
    )
    return (f"  {composition.words.label(name)}: {value}" for name, value in labelled if value)


def _paragraphs(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield _plain(paragraph)
        yield ""


def _plain(text: str) -> str:
    # A no-break space does nothing in a mail but trouble searching.
    return text.replace("\u00a0", " ")
