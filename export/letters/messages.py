"""What is said beside the stages (Bestätigungen, Kontoauszug, Dank): each as a notice with what its text asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dunning.notice import Channel, Notice
from export.letters.composition import Extra, ExtraTable
from ledger.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dunning.instalments import InstalmentPlan
    from dunning.notice import NoticeItem
    from dunning.promise import Promise
    from export.letters.composition import Cell
    from ledger.debtor import Debtor


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text that is no stage, ready for ``render_letter`` and ``build_mail``."""

    notice: Notice
    more: Extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One line of an account (Kontobewegung), as the debtor would book it."""

    booked_on: date
    text: str  # Rechnung RE-1, Zahlung, Gutschrift
    amount: Money  # invoices positive, payments and credits negative


def promise_confirmation(
    debtor: Debtor, items: Sequence[NoticeItem], promise: Promise, *, today: date, payments_until: date
) -> Message:
    """Confirm a promise to pay: amount and day, and that nothing else was agreed."""
    notice = _notice(debtor, "promise_confirmation", items, today, payments_until, deadline=promise.pay_by)
    values: dict[str, Cell] = {
        "promised": promise.amount,
        "promised_until": promise.pay_by,
        "agreed_on": promise.made_on,
    }
    return Message(notice=notice, more=Extra(values=values, asked=promise.amount))


def dispute_confirmation(
    debtor: Debtor,
    items: Sequence[NoticeItem],
    *,
    case: str,
    said: str,
    agent: str,
    disputed: Money,
    rest: Money,
    answer_until: date,
    today: date,
    payments_until: date,
) -> Message:
    """Confirm a complaint: its number, who answers by when, and what is not asked for meanwhile."""
    notice = _notice(debtor, "dispute_confirmation", items, today, payments_until)
    values: dict[str, Cell] = {
        "case": case,
        "said": said,
        "agent": agent,
        "disputed": disputed,
        "rest": rest,
        "answer_until": answer_until,
        "agreed_on": today,
    }
    facts = frozenset({"undisputed rest"} if rest.minor > 0 else ())
    return Message(notice=notice, more=Extra(values=values, facts=facts))


def instalment_confirmation(
    debtor: Debtor, items: Sequence[NoticeItem], plan: InstalmentPlan, *, payments_until: date
) -> Message:
    """Accept the debtor's offer of instalments, with the schedule and what follows when it is broken."""
    notice = _notice(
        debtor,
        "instalment_confirmation",
        items,
        plan.agreed_on,
        payments_until,
        deadline=plan.instalments[0].due_on,
    )
    values: dict[str, Cell] = {
        "agreed_on": plan.agreed_on,
        "offered_on": plan.offer.offered_on,
        "instalment_count": len(plan.instalments),
        "plan_total": plan.claim.total,
    }
    rows = tuple(
        (one.number, one.due_on, one.costs, one.interest, one.principal, one.amount) for one in plan.instalments
    )
    claim = plan.claim
    columns = ("number", "due", "costs", "interest", "principal", "amount")
    table = ExtraTable(
        columns=tuple(f"instalment_{name}" for name in columns),
        rows=rows,
        sum=(None, None, claim.costs, claim.interest, claim.principal, claim.total),
    )
    facts = frozenset({"default clause"} if plan.default_clause else ())
    return Message(
        notice=notice, more=Extra(values=values, facts=facts, table=table, asked=plan.instalments[0].amount)
    )


def account_statement(
    debtor: Debtor, bookings: Sequence[Booking], *, currency: str, today: date, payments_until: date
) -> Message:
    """List everything booked on a debtor's account with the balance after each line, oldest first."""
    rows, balance = [], Money(0, currency)
    for one in sorted(bookings, key=lambda booking: (booking.booked_on, booking.text)):
        balance += one.amount
        charged, credited = (one.amount, None) if one.amount.minor > 0 else (None, -one.amount)
        rows.append((one.booked_on, one.text, charged, credited, balance))
    table = ExtraTable(
        columns=("booked_on", "booking_text", "charged", "credited", "balance"),
        rows=tuple(rows),
        sum=(None, None, None, None, balance),
    )
    notice = _notice(debtor, "account_statement", (), today, payments_until, currency=currency)
    return Message(notice=notice, more=Extra(values={"agreed_on": today, "balance": balance}, table=table))


def thank_you(debtor: Debtor, items: Sequence[NoticeItem], *, paid: Money, paid_on: date, today: date) -> Message:
    """Thank for a payment that closed everything we had asked for; ``items`` are what it paid."""
    notice = _notice(debtor, "thank_you", items, today, today, currency=paid.currency)
    return Message(notice=notice, more=Extra(values={"paid": paid, "paid_on": paid_on}))


def crossed_payment(
    debtor: Debtor, items: Sequence[NoticeItem], *, paid: Money, paid_on: date, written_on: date, today: date
) -> Message:
    """Apologise for a letter that crossed the payment it asked for."""
    notice = _notice(debtor, "crossed_payment", items, today, today, currency=paid.currency)
    return Message(notice=notice, more=Extra(values={"paid": paid, "paid_on": paid_on, "written_on": written_on}))


def _notice(
    debtor: Debtor,
    name: str,
    items: Sequence[NoticeItem],
    today: date,
    payments_until: date,
    *,
    deadline: date | None = None,
    currency: str = "",
) -> Notice:
    currency = currency or items[0].open.currency
    claims = [claim for item in items for claim in item.claims]
    return Notice(
        debtor=debtor,
        stage="",
        title="",
        template=name,
        channel=Channel.EMAIL,
        run_date=today,
        deadline=deadline,
        items=tuple(items),
        total=total(claims, currency),
        payments_considered_until=payments_until,
    )
