"""What is agreed with a debtor (Gespräch, Ratenplan): recorded with its silence, and confirmed in writing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dunning.call import answer_by, call_mistakes, follow_up
from dunning.cause import Cause
from dunning.hold import AfterHold, HoldReason
from dunning.instalments import Claim, UnusableOffer, instalment_plan
from dunning.notice import Channel, NoticeItem
from dunning.promise import PromiseState
from dunning.reach import address_for
from export.letters.messages import (
    Booking,
    account_statement,
    dispute_confirmation,
    instalment_confirmation,
    promise_confirmation,
)
from ledger.allocation import SETTLES_PRINCIPAL, AllocationKind
from ledger.errors import Refused
from ledger.money import Money, total
from night.effects import to_confirm
from night.reach import without_unusable_mail
from storage.bounces import unusable_addresses
from storage.calls import save_call
from storage.confirmations import save_confirmation
from storage.facts import load_debtors, load_items
from storage.holds import load_all_holds, place_hold
from storage.instalments import load_plans, save_plan
from storage.matches import load_booked
from storage.promises import load_promises
from storage.receipts import returned_addresses
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from dunning.call import Call, Dispute
    from dunning.instalments import InstalmentPlan, Offer
    from dunning.promise import Promise
    from export.letters.messages import Message
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from night.workplace import Workplace
    from storage.database import Connection


_CLOSED: Final = {
    HoldReason.INSOLVENCY: "insolvency proceedings are open",
    HoldReason.DECEASED: "the debtor has died",
}


def debtor_of(connection: Connection, work: Workplace, debtor_number: str) -> Debtor:
    """Find a debtor as it can be reached now; raise Refused where there is none of this number."""
    debtor = load_debtors(connection, work.company_id).get(debtor_number)
    if debtor is None:
        raise Refused(
            f"there is no debtor {debtor_number} in {work.company_id}; look the number up in the debtor list"
        )
    reachable = without_unusable_mail(
        {debtor_number: debtor},
        unusable_addresses(connection, work.company_id, work.run_date),
        returned_addresses(connection, work.company_id),
    )
    return reachable[debtor_number]


def open_invoices(connection: Connection, work: Workplace, debtor_number: str) -> list[OpenItem]:
    """Give the invoices of a debtor that are open now, the oldest first."""
    items = [
        stored.item
        for stored in load_items(connection, work.company_id)
        if stored.item.debtor_number == debtor_number and stored.item.is_invoice and stored.item.open_amount.minor > 0
    ]
    return sorted(items, key=lambda item: (item.due_date, item.document_number))


def listed(items: Sequence[OpenItem], today: date, *, stage: str = "") -> tuple[NoticeItem, ...]:
    """Give items as a letter lists them, without interest and costs: those belong to the stages."""
    return tuple(
        NoticeItem(
            item_id=item.item_id,
            document_number=item.document_number,
            document_date=item.document_date,
            due_date=item.due_date,
            original=item.amount,
            open=item.open_amount,
            days_overdue=max(item.days_overdue(today), 0),
            stage=stage,
            interest=Money(0, item.currency),
        )
        for item in items
    )


def record_call(connection: Connection, work: Workplace, call: Call, *, confirm: bool) -> tuple[str, list[str]]:
    """Record a call with its silence and queue what confirms it; return its identification and what to tell.

    Raises Refused with every mistake.
    """
    debtor = debtor_of(connection, work, call.debtor_number)
    if call.called_on > work.run_date:
        raise Refused(f"--on: {call.called_on} is still to come; give the day of the call")
    items = open_invoices(connection, work, call.debtor_number)
    call = replace(call, disputes=tuple(_found(dispute, items) for dispute in call.disputes))
    open_amounts = {
        currency: total((item.open_amount for item in items if item.currency == currency), currency)
        for currency in sorted({item.currency for item in items})
    }
    if mistakes := call_mistakes(call, open_amounts):
        raise Refused("\n".join(mistakes))
    if call.promise is not None:
        _refuse_closed(connection, work, call.debtor_number, "promise")
    broken = [
        one.ended_on
        for one in load_promises(connection, work.company_id)
        if one.promise.debtor_number == call.debtor_number and one.state is PromiseState.BROKEN and one.ended_on
    ]
    follow = follow_up(call, broken_promises=broken)
    call_id = save_call(connection, work.company_id, work.author, call, follow)
    told = [*follow.warnings, follow.to_do]
    if confirm and call.cause is not Cause.INSOLVENCY and not _closed(connection, work, call.debtor_number):
        for number, message in enumerate(_confirmations(work, debtor, items, call, call_id), start=1):
            told.append(queue_message(connection, work, message, f"K-{work.run_date.year}-{call_id}-{number}"))
    return call_id, told


def agree_plan(
    connection: Connection,
    work: Workplace,
    debtor_number: str,
    offer: Offer,
    *,
    interest: Money,
    costs: Money,
    default_clause: bool,
    confirm: bool,
) -> tuple[str, InstalmentPlan]:
    """Record the acceptance of a debtor's offer with its silence, and queue the confirmation.

    The principal is everything open in the offer's currency. ``default_clause`` says that the debtor agreed to owe
    the whole rest at once when instalments are late. Raises Refused where the offer is no plan, where a plan runs
    already, and where the debtor is insolvent or has died.
    """
    debtor = debtor_of(connection, work, debtor_number)
    _refuse_closed(connection, work, debtor_number, "plan")
    for running in load_plans(connection, work.company_id):
        if running.plan.debtor_number == debtor_number and running.ended is None:
            raise Refused(
                f"debtor {debtor_number}: plan {running.plan.plan_id} of {running.plan.agreed_on} is still running; "
                f"end it with `hold lift {running.hold_id}`, which the next night notices, and agree anew after that"
            )
    items = [
        item for item in open_invoices(connection, work, debtor_number) if item.currency == offer.amount.currency
    ]
    principal = total((item.open_amount for item in items), offer.amount.currency)
    try:
        plan = instalment_plan(
            offer,
            Claim(costs=costs, interest=interest, principal=principal),
            debtor_number=debtor_number,
            debtor_type=debtor.type,
            agreed_on=work.run_date,
            default_clause=default_clause,
        )
    except UnusableOffer as error:
        raise Refused(f"debtor {debtor_number}: {error}") from None
    hold_id = place_hold(
        connection,
        work.company_id,
        work.author,
        debtor_number=debtor_number,
        item_id="",
        reason=HoldReason.INSTALMENTS.value,
        note=f"{len(plan.instalments)} instalments up to {plan.instalments[-1].due_on}; no deferral",
        owner=work.author.actor,
        expires_on=None,
        after=None if default_clause else AfterHold.AT_ONCE,
    )
    plan_id = save_plan(connection, work.company_id, work.author, plan, hold_id=hold_id)
    if confirm:
        message = instalment_confirmation(debtor, listed(items, work.run_date), plan, payments_until=work.run_date)
        queue_message(connection, work, message, f"K-{work.run_date.year}-{plan_id}")
    return plan_id, plan


def statement_of(connection: Connection, work: Workplace, debtor_number: str, currency: str) -> Message:
    """Give the statement of a debtor's account as we know it: documents, and what was booked on them."""
    debtor = debtor_of(connection, work, debtor_number)
    bookings = list(_bookings(connection, work, debtor_number, currency))
    if not bookings:
        raise Refused(f"nothing in {currency} is known of debtor {debtor_number}")
    return account_statement(debtor, bookings, currency=currency, today=work.run_date, payments_until=work.run_date)


def queue_statement(connection: Connection, work: Workplace, debtor_number: str, currency: str) -> str:
    """Put a statement of account into the outbox; return what to tell. Raises Refused where nobody can read it."""
    if reason := _closed(connection, work, debtor_number):
        raise Refused(f"debtor {debtor_number}: {reason}; write to the heirs or the administrator yourself")
    message = statement_of(connection, work, debtor_number, currency)
    return queue_message(connection, work, message, f"K-{work.run_date.isoformat()}-{debtor_number}-{currency}")


def _closed(connection: Connection, work: Workplace, debtor_number: str) -> str:
    """Say why nothing can be agreed with a debtor, and nothing is written to him; empty where there is no reason."""
    for hold in load_all_holds(connection, work.company_id):
        if hold.debtor_number == debtor_number and hold.reason in _CLOSED and hold.holds_on(work.run_date):
            return f"{_CLOSED[hold.reason]} (hold {hold.hold_id})"
    return ""


def _refuse_closed(connection: Connection, work: Workplace, debtor_number: str, what: str) -> None:
    if reason := _closed(connection, work, debtor_number):
        raise Refused(f"debtor {debtor_number}: {reason}; a {what} would bind nobody. Lift the hold if it is wrong.")


def _found(dispute: Dispute, items: Sequence[OpenItem]) -> Dispute:
    if not dispute.document_number:
        return dispute
    item = next((one for one in items if one.document_number == dispute.document_number), None)
    if item is None:
        known = ", ".join(one.document_number for one in items) or "nothing"
        raise Refused(f"--dispute: {dispute.document_number} is not open; open is {known}")
    return replace(dispute, item_id=item.item_id)


def _confirmations(
    work: Workplace, debtor: Debtor, items: Sequence[OpenItem], call: Call, call_id: str
) -> Iterator[Message]:
    today = work.run_date
    if call.promise is not None:
        yield _of_promise(debtor, items, call.promise, today)
    for dispute in call.disputes:
        concerned = [item for item in items if not dispute.item_id or item.item_id == dispute.item_id]
        for currency in sorted({item.currency for item in concerned}):
            those = [item for item in concerned if item.currency == currency]
            whole = total((item.open_amount for item in those), currency)
            disputed = dispute.amount or whole
            yield dispute_confirmation(
                debtor,
                listed(those, today),
                case=call_id,
                said=dispute.reason,
                agent=work.company.letter_head().contact_person or work.company.name,
                disputed=disputed,
                rest=max(whole - disputed, Money(0, currency)),
                answer_until=answer_by(call.called_on),
                today=today,
                payments_until=today,
            )


def _of_promise(debtor: Debtor, items: Sequence[OpenItem], promise: Promise, today: date) -> Message:
    those = [item for item in items if item.currency == promise.amount.currency]
    return promise_confirmation(debtor, listed(those, today), promise, today=today, payments_until=today)


def _bookings(connection: Connection, work: Workplace, debtor_number: str, currency: str) -> Iterator[Booking]:
    german = debtor_of(connection, work, debtor_number).language.casefold().startswith("de")
    invoice, credit, payment = (
        ("Rechnung", "Gutschrift", "Zahlung") if german else ("Invoice", "Credit note", "Payment")
    )
    booked = load_booked(connection, work.company_id)
    entries = load_entries(connection, work.company_id)
    ours: dict[str, int] = {}
    for one in booked:
        allocation = one.allocation
        if allocation.debtor_number != debtor_number or allocation.amount.currency != currency:
            continue
        if allocation.kind in SETTLES_PRINCIPAL:
            ours[allocation.item_id] = ours.get(allocation.item_id, 0) + allocation.amount.minor
        elif allocation.kind is not AllocationKind.ON_ACCOUNT:
            continue  # costs and interest are claims of their own, booked with the money that pays them
        word = "Skonto" if allocation.kind is AllocationKind.SKONTO else payment
        text = f"{word} {allocation.document_number}".strip()
        yield Booking(booked_on=entries[one.entry_id].booking_date, text=text, amount=-allocation.amount)
    for stored in load_items(connection, work.company_id):
        item = stored.item
        if item.debtor_number != debtor_number or item.currency != currency:
            continue
        sign = 1 if item.is_invoice else -1
        word = invoice if item.is_invoice else credit
        yield Booking(
            booked_on=item.document_date,
            text=f"{word} {item.document_number}",
            amount=Money(sign * item.amount.minor, currency),
        )
        # What the tool settled without us, so that the balance is what is open.
        elsewhere = item.amount.minor - item.open_amount.minor - sign * ours.get(item.item_id, 0)
        if elsewhere:
            yield Booking(
                booked_on=stored.last_seen_on,
                text=f"{payment} {item.document_number}",
                amount=Money(-sign * elsewhere, currency),
            )


def queue_message(connection: Connection, work: Workplace, message: Message, number: str) -> str:
    """Put a text that is no stage into the outbox, with its decision; return what to tell."""
    effect = to_confirm(work, message, number)
    what, debtor = message.notice.template, message.notice.debtor
    save_confirmation(
        connection,
        work.company_id,
        work.author,
        effect,
        what=what,
        to=debtor.number,
        sent_to=address_for(debtor, Channel.EMAIL if effect.recipients else Channel.LETTER),
    )
    way = f"to {', '.join(effect.recipients)}" if effect.recipients else "as a letter"
    return f"{what.replace('_', ' ').capitalize()} goes out {way} with the next night ({effect.outbox_id})."
