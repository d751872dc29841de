"""The facts (Tatsachen) of a dunning run: waiting payments, credits, holds, messages, and what was said and paid."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from dunning.gate import (
    DirectDebitInFlight,
    GateFacts,
    PaymentInReview,
    ReturnedBecause,
    ReturnedDebit,
)
from dunning.hold import Hold, HoldReason, holds_known_on
from dunning.notice import Channel, NoticeState
from dunning.principal import SettledPart
from dunning.stage import SentStage
from dunning.track import Choosing, Relation
from export.letterhead import missing_for_letters
from ledger.allocation import AllocationKind
from ledger.calendar import add_bank_days
from ledger.money import Money
from night.acknowledged import renewed_limitations
from night.bank_readings import account_readings
from night.case_life import away_of, decided_by_item
from night.noted_grounds import noted_grounds
from night.receipts import receipts_of
from reconciliation.outcome import EntryState
from reconciliation.return_cause import ReturnCause, cause_of, told_reason
from storage.cases import CaseDecision, load_decisions, load_successors
from storage.facts import load_items, missing_debtors
from storage.holds import load_all_holds
from storage.matches import load_all_booked, load_booked, load_outcomes
from storage.messages import load_unanswered
from storage.notices import load_notices
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dunning.noted import NotedFacts
    from dunning.receipt import Receipt
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from night.workplace import Workplace
    from storage.cases import NotedDecision
    from storage.database import Connection
    from storage.facts import StoredItem
    from storage.notices import StoredNotice

Key = tuple[str, str]  # debtor number and currency

# So long after the due date a direct debit of ours may still be on its way.
_DEBIT_SETTLES_WITHIN_BANK_DAYS: Final = 3


_ASKED_ABOUT: Final = {
    ReturnCause.DISPUTED: ReturnedBecause.DISPUTED,
    ReturnCause.DECEASED: ReturnedBecause.DECEASED,
    ReturnCause.OUR_MISTAKE: ReturnedBecause.OUR_MISTAKE,
}
_A_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningFacts:
    """Everything a dunning run is planned and gated with.

    Items and holds of a debtor whose items somebody else answers for stand under the successor's number. Looking
    back on a day, ``said_that_night`` is what its run said or kept back, and ``notices`` is what was said before it.
    """

    items: tuple[StoredItem, ...]
    by_item: Mapping[str, OpenItem]
    gate: Mapping[Key, GateFacts]
    history: Mapping[str, Sequence[SentStage]]
    notices: tuple[StoredNotice, ...]
    choosing: Choosing
    relations: Mapping[str, Relation]
    successors: Mapping[str, str]
    decisions: tuple[NotedDecision, ...]
    settled: Mapping[str, Sequence[SettledPart]]
    noted: Mapping[str, NotedFacts]  # by item, of what is open
    receipts: Mapping[str, Receipt]  # by notice, of all that left the house
    said_that_night: tuple[StoredNotice, ...] = ()


def load_dunning_facts(connection: Connection, work: Workplace, *, known_on: date | None = None) -> DunningFacts:
    """Read what the gate asks for, for every debtor with anything open.

    A night knows all there is. To explain a day, ``known_on`` is the day of the last night: of a day up to it counts
    what its run could know, and for a later one readings are as fresh as they were that night.
    """
    until = work.run_date if known_on is not None and work.run_date <= known_on else None
    read_on = min(work.run_date, known_on or work.run_date)
    successors = load_successors(connection, work.company_id, until=until)
    items = tuple(_answered_for(one, successors) for one in load_items(connection, work.company_id, until=until))
    said = load_notices(connection, work.company_id, silent_on=work.run_date)
    notices = tuple(said if until is None else _before_the_run_of(until, said))
    receipts = receipts_of(connection, work.company, notices, until=until)
    # What came back was not said: its stage was not reached, and it starts no clock.
    reached = tuple(one for one in notices if one.notice_id not in receipts or receipts[one.notice_id].received)
    decisions = tuple(load_decisions(connection, work.company_id, until=until))
    entries = load_entries(connection, work.company_id)
    owed_by = {stored.item.item_id: stored.item.debtor_number for stored in items}
    holds = _holds(connection, work, successors, owed_by, until)
    return DunningFacts(
        items=items,
        by_item={stored.item.item_id: stored.item for stored in items},
        gate=_gate_facts(
            connection,
            work,
            items,
            reached,
            decisions,
            successors,
            entries,
            receipts,
            holds,
            until=until,
            read_on=read_on,
        ),
        history=_history(reached, decisions, receipts),
        notices=notices,
        choosing=_choosing(work),
        relations=_relations(items, reached, successors, work),
        successors=successors,
        decisions=decisions,
        settled=_settled(connection, work, entries, until),
        noted=noted_grounds((stored.item for stored in items if _is_owed(stored)), decisions, holds),
        receipts=receipts,
        said_that_night=tuple(one for one in said if one.run_date == until),
    )


def _before_the_run_of(day: date, notices: Sequence[StoredNotice]) -> Iterator[StoredNotice]:
    """Give the notices as they stood when the run of a day began; what was sent in it or later still waited."""
    for notice in notices:
        if notice.run_date < day:
            waited = notice.sent_on is not None and notice.sent_on >= day
            yield replace(notice, state=NoticeState.QUEUED, sent_on=None) if waited else notice


def _answered_for(stored: StoredItem, successors: Mapping[str, str]) -> StoredItem:
    number = successors.get(stored.item.debtor_number)
    return stored if number is None else replace(stored, item=replace(stored.item, debtor_number=number))


def _gate_facts(
    connection: Connection,
    work: Workplace,
    items: Sequence[StoredItem],
    notices: Sequence[StoredNotice],
    decisions: Sequence[NotedDecision],
    successors: Mapping[str, str],
    entries: Mapping[str, StatementEntry],
    receipts: Mapping[str, Receipt],
    holds: Mapping[str, Sequence[Hold]],
    *,
    until: date | None,
    read_on: date,
) -> dict[Key, GateFacts]:
    owed_by = {stored.item.item_id: stored.item.debtor_number for stored in items}
    accounts = tuple(account_readings(connection, work, read_on))
    credits_ = _credits(connection, work, items, successors, until)
    reviews = _payments_in_review(connection, work, successors, entries, until)
    returned = _returned_debits(connection, work, decisions, entries, until)
    unlisted = _not_listed(items, read_on)
    missing = {
        number: seen_on
        for number, seen_on in missing_debtors(connection, work.company_id).items()
        if until is None or seen_on < until
    }
    messages: dict[str, date] = {}
    for message in load_unanswered(connection, work.company_id, until=until):
        messages.setdefault(successors.get(message.debtor_number, message.debtor_number), message.received_on)
    letterhead = missing_for_letters(work.company.letter_head())
    open_by_key: dict[Key, list[StoredItem]] = defaultdict(list)
    for stored in items:
        if _is_owed(stored):
            open_by_key[stored.item.debtor_number, stored.item.currency].append(stored)
    said: dict[str, list[StoredNotice]] = defaultdict(list)
    for notice in notices:
        for number in _told_by(notice, successors, owed_by):
            said[number].append(notice)
    away = away_of(items, notices, decisions)
    law = work.company.dunning.for_engine(work.company.region).law
    renewed = renewed_limitations(
        connection,
        work.company_id,
        [stored.item for open_items in open_by_key.values() for stored in open_items],
        day=work.run_date,
        law=law,
    )
    return {
        (debtor, currency): GateFacts(
            day=work.run_date,
            accounts=accounts,
            mirror_age_days=max(
                (_mirror_age(one, read_on) for one in open_items if one.item.item_id not in unlisted), default=0
            ),
            credit=credits_.get((debtor, currency), Money(0, currency)),
            payments_in_review=tuple(reviews[debtor]),
            holds=tuple(holds.get(debtor, ())),
            direct_debits=tuple(debits_in_flight(open_items, work.run_date)),
            blocked_in_tool={s.item.item_id: s.item.dunning_block for s in open_items if s.item.dunning_block},
            last_notice_on=max(filter(None, (_left_on(n, receipts) for n in said[debtor])), default=None),
            unanswered_message_on=messages.get(debtor),
            uncertain_notices=tuple(f"{n.title} of {n.run_date}" for n in said[debtor] if n.uncertain),
            waiting_notices=tuple(f"{n.title} of {n.run_date}" for n in said[debtor] if _waits(n)),
            handed_over_on=away.handed_over.get(debtor),
            court_since=away.in_court.get(debtor),
            returned_debits=tuple(returned[one.item.item_id] for one in open_items if one.item.item_id in returned),
            items_not_listed=frozenset(one.item.item_id for one in open_items) & unlisted,
            not_listed_since=missing.get(debtor),
            written_off=frozenset(one.item.item_id for one in open_items) & away.written_off,
            time_bar_waived=frozenset(one.item.item_id for one in open_items) & away.time_bar_waived,
            law=law,
            limitation_renewed=renewed,
            letterhead_missing=letterhead if work.company.dunning.letters_require_full_letterhead else (),
        )
        for (debtor, currency), open_items in open_by_key.items()
    }


def _is_owed(stored: StoredItem) -> bool:
    return stored.item.is_invoice and stored.item.open_amount.minor > 0


def _told_by(notice: StoredNotice, successors: Mapping[str, str], owed_by: Mapping[str, str]) -> set[str]:
    """Name the debtors who heard a notice: whom it was sent to, and who owes its items by now."""
    told = successors.get(notice.debtor_number, notice.debtor_number)
    return {told, *(owed_by.get(item.item_id, told) for item in notice.items)}


def _left_on(notice: StoredNotice, receipts: Mapping[str, Receipt]) -> date | None:
    """Give the day a notice really left: the minimum gap counts from a letter's posting day."""
    receipt = receipts.get(notice.notice_id)
    posted_on = receipt.posted_on if receipt else None
    return max(filter(None, (notice.sent_on, posted_on)), default=None)


def _waits(notice: StoredNotice) -> bool:
    return notice.state is NoticeState.QUEUED and not notice.uncertain


def _returned_debits(
    connection: Connection,
    work: Workplace,
    decisions: Sequence[NotedDecision],
    entries: Mapping[str, StatementEntry],
    until: date | None,
) -> dict[str, ReturnedDebit]:
    """Give the returns that must be asked about, by item, as long as nobody has noted the answer."""
    noted = decided_by_item([one for one in decisions if one.decided is CaseDecision.RETURN_CLARIFIED])
    found: dict[str, ReturnedDebit] = {}
    for booked in load_all_booked(connection, work.company_id, until=until):
        item_id, entry = booked.allocation.item_id, entries[booked.entry_id]
        because = _ASKED_ABOUT.get(cause_of(entry.return_reason)) if entry.return_reason else None
        if not item_id or because is None or booked.allocation.amount.minor >= 0 or booked.reverses:
            continue
        if all(one.decided_on < entry.booking_date for one in noted.get(item_id, ())):
            found[item_id] = ReturnedDebit(
                item_id=item_id,
                returned_on=entry.booking_date,
                because=because,
                reason=told_reason(entry.return_reason),
            )
    return found


def _settled(
    connection: Connection, work: Workplace, entries: Mapping[str, StatementEntry], until: date | None
) -> dict[str, list[SettledPart]]:
    """Give what was paid on each item, on the days the bank credited it."""
    parts: dict[str, list[SettledPart]] = defaultdict(list)
    for booked in load_booked(connection, work.company_id, until=until):
        allocation, entry = booked.allocation, entries[booked.entry_id]
        if allocation.item_id:
            parts[allocation.item_id].append(
                SettledPart(
                    day=entry.value_date or entry.booking_date, kind=allocation.kind, amount=allocation.amount
                )
            )
    return parts


def _not_listed(items: Sequence[StoredItem], day: date) -> frozenset[str]:
    """Name the open items that tonight's reading of their source did not show, though others were read there."""
    read = {stored.item.source for stored in items if stored.last_seen_on == day}
    return frozenset(
        stored.item.item_id
        for stored in items
        if stored.in_open_set and stored.last_seen_on < day and stored.item.source in read
    )


def _choosing(work: Workplace) -> Choosing:
    return work.company.dunning.choosing(work.company.country)


def _relations(
    items: Sequence[StoredItem], notices: Sequence[StoredNotice], successors: Mapping[str, str], work: Workplace
) -> dict[str, Relation]:
    """Tell how we stand with each debtor: since when, with how much turnover, and how often we had to ask."""
    since: dict[str, date] = {}
    turnover: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reminders: dict[str, int] = defaultdict(int)
    for stored in items:
        item = stored.item
        number = item.debtor_number
        since[number] = min(item.document_date, since.get(number, item.document_date))
        if work.run_date - _A_YEAR < item.document_date <= work.run_date:
            turnover[number][item.currency] += item.amount.minor if item.is_invoice else -item.amount.minor
    for notice in notices:
        stage = work.procedure.stage(notice.stage)
        if stage and stage.is_mahnung and notice.sent_on and notice.sent_on > work.run_date - _A_YEAR:
            reminders[successors.get(notice.debtor_number, notice.debtor_number)] += 1
    return {
        number: Relation(
            since=first,
            # Amounts of two currencies are never added up; the largest one stands for the customer.
            turnover_of_a_year_minor=max((0, *turnover[number].values())),
            reminders_of_a_year=reminders[number],
        )
        for number, first in since.items()
    }


def _credits(
    connection: Connection,
    work: Workplace,
    items: Sequence[StoredItem],
    successors: Mapping[str, str],
    until: date | None,
) -> dict[Key, Money]:
    """Add up what a debtor has with us: open credit notes, and payments on account."""
    found: dict[Key, Money] = {}
    amounts = [
        (stored.item.debtor_number, stored.item.open_amount)
        for stored in items
        if not stored.item.is_invoice and stored.item.open_amount.minor > 0
    ]
    amounts += [
        (booked.allocation.debtor_number, booked.allocation.amount)
        for booked in load_booked(connection, work.company_id, until=until)
        if booked.allocation.kind is AllocationKind.ON_ACCOUNT and booked.allocation.debtor_number
    ]
    for debtor, amount in amounts:
        key = (successors.get(debtor, debtor), amount.currency)
        found[key] = found.get(key, Money(0, amount.currency)) + amount
    return found


def _payments_in_review(
    connection: Connection,
    work: Workplace,
    successors: Mapping[str, str],
    entries: Mapping[str, StatementEntry],
    until: date | None,
) -> dict[str, list[PaymentInReview]]:
    waiting: dict[str, list[PaymentInReview]] = defaultdict(list)
    states = (EntryState.REVIEW, EntryState.UNMATCHED, EntryState.ANNOUNCED)
    for outcome in load_outcomes(connection, work.company_id, *states).values():
        entry = entries[outcome.entry_id]
        if entry.amount.minor <= 0 or (until is not None and entry.booking_date > until):
            continue
        for debtor in sorted({successors.get(number, number) for number in outcome.possible_debtors}):
            waiting[debtor].append(
                PaymentInReview(
                    entry_id=entry.entry_id,
                    booking_date=entry.booking_date,
                    amount=entry.amount,
                    announced=outcome.state is EntryState.ANNOUNCED,
                )
            )
    return waiting


def _holds(
    connection: Connection,
    work: Workplace,
    successors: Mapping[str, str],
    owed_by: Mapping[str, str],
    until: date | None,
) -> dict[str, list[Hold]]:
    """Give the holds of each debtor; what was agreed about an item binds whoever owes it now.

    That is the successor, or whom the tool names since it gave the debtor another number.
    """
    found: dict[str, list[Hold]] = defaultdict(list)
    held = load_all_holds(connection, work.company_id)
    for hold in held if until is None else holds_known_on(held, until):
        debtor = successors.get(hold.debtor_number, hold.debtor_number)
        number = owed_by.get(hold.item_id, debtor)
        # The dead are not written to; once the heirs are known, they are the debtor.
        if number != hold.debtor_number and hold.reason is HoldReason.DECEASED:
            continue
        found[number].append(replace(hold, debtor_number=number))
    return found


def _mirror_age(stored: StoredItem, run_date: date) -> int:
    """Give the days since the tool last told us of the item; what left the open set was read when it left."""
    return (run_date - stored.last_seen_on).days if stored.in_open_set else 0


def debits_in_flight(open_items: Sequence[StoredItem], run_date: date) -> list[DirectDebitInFlight]:
    """Name the items we collect ourselves whose collection may not be booked yet, and was not returned."""
    return [
        DirectDebitInFlight(item_id=stored.item.item_id, collected_on=stored.item.due_date)
        for stored in open_items
        if stored.item.end_to_end_id
        and not stored.amount.unconfirmed.minor
        and run_date <= add_bank_days(stored.item.due_date + timedelta(days=1), _DEBIT_SETTLES_WITHIN_BANK_DAYS)
    ]


def _history(
    notices: Sequence[StoredNotice], decisions: Sequence[NotedDecision], receipts: Mapping[str, Receipt]
) -> dict[str, list[SentStage]]:
    """Give the stages really sent, by item; a hand-over that was taken back is no step any more."""
    noted = decided_by_item([one for one in decisions if one.decided is CaseDecision.HANDED_BACK])
    history: dict[str, list[SentStage]] = defaultdict(list)
    for notice in notices:
        if notice.state is not NoticeState.SENT or notice.sent_on is None:
            continue
        for item in notice.items:
            if notice.channel is Channel.AGENCY and any(
                one.decided_on >= notice.sent_on for one in noted.get(item.item_id, ())
            ):
                continue
            history[item.item_id].append(
                SentStage(
                    stage=item.stage,
                    sent_on=notice.sent_on,
                    deadline=notice.deadline,
                    channel=notice.channel,
                    receipt=receipts.get(notice.notice_id),
                    # What a hand-over adds up was charged by the letters before it.
                    fee_minor=0 if notice.channel is Channel.AGENCY else item.fee_minor,
                )
            )
    return history
