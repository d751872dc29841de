"""A letter before its time (Briefvorschau): what a stage would say to a debtor today, with what is really open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from config.letter_texts import letter_texts
from dunning.call import answer_by
from dunning.instalments import Claim, Offer, instalment_plan
from dunning.notice import Channel, EarlierNotice, Notice, NoticeState
from dunning.promise import Promise
from export.letters import render_letter
from export.letters.composition import NOTHING_ELSE
from export.letters.messages import (
    Message,
    crossed_payment,
    dispute_confirmation,
    instalment_confirmation,
    promise_confirmation,
    thank_you,
)
from export.mail import addresses, build_mail
from ledger.calendar import add_bank_days, next_working_day
from ledger.errors import Refused
from ledger.money import Money, total
from night.effects import NOBODY, copies_for
from night.talk import debtor_of, listed, open_invoices, statement_of
from storage.calls import load_calls
from storage.instalments import load_plans
from storage.notices import load_notices
from storage.promises import load_promises

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from dunning.instalments import InstalmentPlan
    from dunning.notice import NoticeItem
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
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
    text: str  # of the mail, as plain text


def draft(connection: Connection, work: Workplace, debtor_number: str, *, stage: str) -> Notice:
    """Give the notice a stage would be, with everything overdue now, in the currency of the oldest item.

    Interest and costs are missing: only a run computes them, and only for a debtor who has come that far. Raises
    Refused where nothing is open, or no stage is called so. An empty stage is the first of the procedure.
    """
    debtor = debtor_of(connection, work, debtor_number)
    stages = {one.name: one for one in work.procedure.stages}
    chosen = stages.get(stage or next(iter(stages)))
    if chosen is None:
        raise Refused(f"--stage: nothing is called {stage!r}; there is {', '.join((*stages, *_MESSAGES))}")
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


def stages_of(work: Workplace) -> tuple[str, ...]:
    """Name the stages of the procedure that a letter says."""
    return tuple(stage.name for stage in work.procedure.stages)


def message_draft(connection: Connection, work: Workplace, debtor_number: str, *, name: str) -> Message:
    """Give a text that is no stage as it would be today: the last thing agreed, else an example with what is open.

    Raises Refused where nothing is called so, or nothing is known to write about.
    """
    if name not in _MESSAGES:
        known = ", ".join((*stages_of(work), *_MESSAGES))
        raise Refused(f"--stage: nothing is called {name!r}; there is {known}")
    debtor = debtor_of(connection, work, debtor_number)
    items = open_invoices(connection, work, debtor_number)
    currency = next((item.currency for item in items), "EUR")
    if name in {STATEMENT, "account_statement"}:
        return statement_of(connection, work, debtor_number, currency)
    if not items:
        raise Refused(f"debtor {debtor_number} owes nothing; there is nothing to write about")
    same = [item for item in items if item.currency == currency]
    return _MESSAGES[name](_Example(connection=connection, work=work, debtor=debtor, items=same))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    """What an example is made of: a debtor and his open items in one currency, the oldest first."""

    connection: Connection
    work: Workplace
    debtor: Debtor
    items: list[OpenItem]

    @property
    def today(self) -> date:
        """The day of the letter."""
        return self.work.run_date

    @property
    def listed(self) -> tuple[NoticeItem, ...]:
        """The items as a letter lists them."""
        return listed(self.items, self.today)

    @property
    def open(self) -> Money:
        """What is open on all of them."""
        return total((item.open_amount for item in self.items), self.items[0].currency)


def _promise(example: _Example) -> Message:
    given = [
        one.promise
        for one in load_promises(example.connection, example.work.company_id)
        if one.promise.debtor_number == example.debtor.number and one.promise.amount.currency == example.open.currency
    ]
    promise = Promise(
        debtor_number=example.debtor.number,
        amount=example.open,
        pay_by=add_bank_days(example.today, _EXAMPLE_BANK_DAYS),
        made_on=example.today,
    )
    return promise_confirmation(
        example.debtor,
        example.listed,
        given[-1] if given else promise,
        today=example.today,
        payments_until=example.today,
    )


def _dispute(example: _Example) -> Message:
    calls = load_calls(example.connection, example.work.company_id, example.debtor.number)
    said = [(case, one.reason) for case, call in calls.items() for one in call.disputes] or [("C1", "…")]
    first = example.listed[:1]
    return dispute_confirmation(
        example.debtor,
        first,
        case=said[-1][0],
        said=said[-1][1],
        agent=example.work.company.letter_head().contact_person or example.work.company.name,
        disputed=first[0].open,
        rest=Money(0, first[0].open.currency),
        answer_until=answer_by(example.today),
        today=example.today,
        payments_until=example.today,
    )


def _instalments(example: _Example) -> Message:
    agreed = [
        one.plan
        for one in load_plans(example.connection, example.work.company_id)
        if one.plan.debtor_number == example.debtor.number and one.plan.claim.total.currency == example.open.currency
    ]
    return instalment_confirmation(
        example.debtor,
        example.listed,
        agreed[-1] if agreed else _example_plan(example),
        payments_until=example.today,
    )


def _example_plan(example: _Example) -> InstalmentPlan:
    third = Money(-(-example.open.minor // 3), example.open.currency)
    nothing = Money(0, example.open.currency)
    return instalment_plan(
        Offer(
            offered_on=example.today,
            offered_by=example.debtor.name,
            amount=third,
            first_on=add_bank_days(example.today, _EXAMPLE_BANK_DAYS),
        ),
        Claim(costs=nothing, interest=nothing, principal=example.open),
        debtor_number=example.debtor.number,
        debtor_type=example.debtor.type,
        agreed_on=example.today,
        default_clause=True,
    )


def _thanks(example: _Example) -> Message:
    paid, today = example.open, example.today
    return thank_you(example.debtor, example.listed, paid=paid, paid_on=today, today=today)


def _apology(example: _Example) -> Message:
    paid, today = example.open, example.today
    return crossed_payment(example.debtor, example.listed, paid=paid, paid_on=today, written_on=today, today=today)


def _statement(example: _Example) -> Message:
    return statement_of(example.connection, example.work, example.debtor.number, example.open.currency)


_EXAMPLE_BANK_DAYS: Final = 10
_MESSAGES: Final[Mapping[str, Callable[[_Example], Message]]] = MappingProxyType(
    {
        STATEMENT: _statement,
        "account_statement": _statement,
        "promise_confirmation": _promise,
        "dispute_confirmation": _dispute,
        "instalment_confirmation": _instalments,
        "thank_you": _thanks,
        "crossed_payment": _apology,
    }
)


def preview(connection: Connection, work: Workplace, debtor_number: str, *, stage: str) -> Previewed:
    """Write the letter and the mail of a stage, or of a text that is no stage, for looking at."""
    if stage in stages_of(work) or not stage:
        message = Message(notice=draft(connection, work, debtor_number, stage=stage), more=NOTHING_ELSE)
    else:
        message = message_draft(connection, work, debtor_number, name=stage)
    notice, more = message.notice, message.more
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
        attachments=copies_for(work, notice),
        wording=wording,
        more=more,
    )
    return Previewed(pdf=letter.pdf, mail=mail, subject=letter.subject, text=_plain_text(mail))


def _plain_text(mail: bytes) -> str:
    body = message_from_bytes(mail, policy=policy.default).get_body(("plain",))
    return str(body.get_content()) if body else ""


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
