"""A letter before its time (Briefvorschau): what a stage would say to a debtor today, with what is really open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from config.letter_texts import letter_texts
from dunning.notice import Channel, EarlierNotice, Notice, NoticeState
from export.letters import render_letter
from export.letters.composition import NOTHING_ELSE
from export.mail import addresses, build_mail
from ledger.calendar import next_working_day
from ledger.errors import Refused
from ledger.money import total
from night.effects import NOBODY
from night.invoices import invoice_copies
from night.talk import debtor_of, listed, open_invoices, statement_of
from storage.notices import load_notices

if TYPE_CHECKING:
    from export.letters.composition import Extra
    from night.workplace import Workplace
    from storage.database import Connection

# How letters number themselves while they are none.
_NUMBER = "M-VORSCHAU"
STATEMENT = "statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A letter and the mail that would carry it; nothing of it was recorded."""

    pdf: bytes = field(repr=False)
    mail: bytes = field(repr=False)
    subject: str


def draft(connection: Connection, work: Workplace, debtor_number: str, *, stage: str) -> Notice:
    """Give the notice a stage would be, with everything overdue now, in the currency of the oldest item.

    Interest and costs are missing: only a run computes them, and only for a debtor who has come that far. Raises
    Refused where nothing is open, or no stage is called so. An empty stage is the first of the procedure.
    """
    debtor = debtor_of(connection, work, debtor_number)
    stages = {one.name: one for one in work.procedure.stages}
    chosen = stages.get(stage or next(iter(stages)))
    if chosen is None:
        raise Refused(f"--stage: there is no stage {stage!r}; there is {', '.join(stages)}")
    open_items = open_invoices(connection, work, debtor_number)
    if not open_items:
        raise Refused(f"debtor {debtor_number} owes nothing; there is nothing to write about")
    currency = open_items[0].currency
    same = [item for item in open_items if item.currency == currency]
    overdue = [item for item in same if item.due_date < work.run_date]
    items = listed(overdue or same, work.run_date, stage=chosen.name)
    deadline = next_working_day(work.run_date + timedelta(days=chosen.deadline_days), work.company.region)
    return Notice(
        debtor=debtor,
        stage=chosen.name,
        title=chosen.title(debtor.language),
        template=chosen.template,
        channel=Channel.EMAIL,
        run_date=work.run_date,
        deadline=deadline if chosen.deadline_days else None,
        items=items,
        total=total((item.open for item in items), currency),
        payments_considered_until=work.run_date,
        earlier=tuple(_earlier(connection, work, debtor_number)),
    )


def preview(connection: Connection, work: Workplace, debtor_number: str, *, stage: str) -> Previewed:
    """Write the letter and the mail of a stage, or with ``statement`` the statement of account, for looking at."""
    more: Extra = NOTHING_ELSE
    if stage == STATEMENT:
        currency = next((item.currency for item in open_invoices(connection, work, debtor_number)), "EUR")
        message = statement_of(connection, work, debtor_number, currency)
        notice, more = message.notice, message.more
    else:
        notice = draft(connection, work, debtor_number, stage=stage)
    head = work.company.letter_head()
    wording = letter_texts(work.office, work.company)
    letter = render_letter(notice, head, letter_number=_NUMBER, wording=wording, more=more)
    (sender,) = addresses(work.smtp.sender if work.smtp else head.email or NOBODY)
    debtor = notice.debtor
    recipient = debtor.email or NOBODY
    mail = build_mail(
        notice if debtor.email else _reachable(notice, recipient),
        letter,
        head,
        sender=sender,
        message_id=f"<preview@{sender.partition('@')[2]}>",
        date=work.author.now,
        attachments=invoice_copies(work, [item.document_number for item in notice.items]),
        wording=wording,
        more=more,
    )
    return Previewed(pdf=letter.pdf, mail=mail, subject=letter.subject)


def _reachable(notice: Notice, address: str) -> Notice:
    return replace(notice, debtor=replace(notice.debtor, email=address))


def _earlier(connection: Connection, work: Workplace, debtor_number: str) -> list[EarlierNotice]:
    return [
        EarlierNotice(stage=one.stage, title=one.title, sent_on=one.sent_on)
        for one in load_notices(connection, work.company_id, silent_on=work.run_date)
        if one.debtor_number == debtor_number
        and one.state is NoticeState.SENT
        and one.sent_on is not None
        and one.channel in {Channel.EMAIL, Channel.LETTER}
    ]
