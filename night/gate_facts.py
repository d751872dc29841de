"""What the gate must know tonight: bank freshness, waiting payments, credits, holds, and what was said before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from connectors.bank.inbox import sha256_of, waiting
from dunning.gate import AccountReading, DirectDebitInFlight, GateFacts, PaymentInReview
from dunning.hold import Hold, HoldReason
from dunning.notice import Channel, NoticeState
from dunning.stage import SentStage
from export.letterhead import missing_for_letters
from ledger.allocation import AllocationKind
from ledger.calendar import add_bank_days
from ledger.errors import ConnectorError
from ledger.money import Money
from ledger.statement_chain import certainly_missing, read_up_to
from reconciliation.outcome import EntryState
from storage.facts import load_items
from storage.holds import load_holds
from storage.matches import load_booked, load_outcomes
from storage.notices import load_notices
from storage.raw_files import has_file, load_rejected
from storage.statements import load_entries, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from night.workplace import Workplace
    from storage.database import Connection
    from storage.facts import StoredItem
    from storage.notices import StoredNotice
    from storage.raw_files import RejectedFile

Key = tuple[str, str]  # debtor number and currency

# So long after the due date a direct debit of ours may still be on its way.
_DEBIT_SETTLES_WITHIN_BANK_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningFacts:
    """Everything a dunning run is planned and gated with."""

    items: tuple[StoredItem, ...]
    gate: Mapping[Key, GateFacts]
    history: Mapping[str, Sequence[SentStage]]
    notices: tuple[StoredNotice, ...]


def load_dunning_facts(connection: Connection, work: Workplace) -> DunningFacts:
    """Read what the gate asks for, for every debtor with anything open."""
    items = tuple(load_items(connection, work.company_id))
    notices = tuple(load_notices(connection, work.company_id, silent_on=work.run_date))
    accounts = tuple(_account_readings(connection, work))
    credits_ = _credits(connection, work, items)
    reviews = _payments_in_review(connection, work)
    holds = _holds(connection, work)
    missing = missing_for_letters(work.company.letter_head())
    by_key: dict[Key, list[StoredItem]] = defaultdict(list)
    for stored in items:
        if stored.item.is_invoice and stored.item.open_amount.minor > 0:
            by_key[stored.item.debtor_number, stored.item.currency].append(stored)
    said: dict[str, list[StoredNotice]] = defaultdict(list)
    for notice in notices:
        said[notice.debtor_number].append(notice)
    gate = {
        (debtor, currency): GateFacts(
            day=work.run_date,
            accounts=accounts,
            mirror_age_days=max((_mirror_age(one, work.run_date) for one in open_items), default=0),
            credit=credits_.get((debtor, currency), Money(0, currency)),
            payments_in_review=tuple(reviews[debtor]),
            holds=tuple(holds[debtor]),
            direct_debits=tuple(_debits_in_flight(open_items, work.run_date)),
            last_notice_on=max((n.sent_on for n in said[debtor] if n.sent_on is not None), default=None),
            uncertain_notices=tuple(f"{n.title} of {n.run_date}" for n in said[debtor] if n.uncertain),
            handed_over_on=max(
                (n.sent_on for n in said[debtor] if n.sent_on and n.channel is Channel.AGENCY), default=None
            ),
            letterhead_missing=missing if work.company.dunning.letters_require_full_letterhead else (),
        )
        for (debtor, currency), open_items in by_key.items()
    }
    return DunningFacts(items=items, gate=gate, history=_history(notices), notices=notices)


def _account_readings(connection: Connection, work: Workplace) -> list[AccountReading]:
    rejected = load_rejected(connection, work.company_id)
    readings = []
    for bank in work.company.bank:
        statements = load_statements(connection, work.company_id, bank.iban)
        until = read_up_to(statements)
        inbox = work.office.resolve(bank.inbox)
        readings.append(
            AccountReading(
                account=bank.iban,
                read_until=until,
                # A statement that is overdue by the bank's own rhythm is what the gate calls stale anyway.
                gaps=tuple(missing.where for missing in certainly_missing(statements)),
                unread_files=tuple(dict.fromkeys(_unread(connection, work, rejected, inbox, until))),
            )
        )
    return readings


def _unread(
    connection: Connection, work: Workplace, rejected: Sequence[RejectedFile], inbox: Path, until: date | None
) -> Iterator[str]:
    for file in rejected:
        if file.inbox == work.office.named(inbox) and _may_hide_payments(until, file.rejected_on):
            yield file.name
    if _may_hide_payments(until, work.run_date):
        yield from _still_waiting(connection, work, inbox)


def _may_hide_payments(until: date | None, day: date) -> bool:
    """Whether an unread file may tell something new: not where statements chain up to the bank day before."""
    return until is None or until < add_bank_days(day, -1)


def _still_waiting(connection: Connection, work: Workplace, inbox: Path) -> Iterator[str]:
    """Name what lies in an inbox and could not be read tonight, or the inbox itself."""
    try:
        for path in waiting(inbox):
            if not has_file(connection, work.company_id, sha256_of(path)):
                yield path.name
    except ConnectorError:
        yield f"the inbox {inbox}"


def _credits(connection: Connection, work: Workplace, items: Sequence[StoredItem]) -> dict[Key, Money]:
    """Add up what a debtor has with us: open credit notes, and payments on account."""
    found: dict[Key, Money] = {}
    amounts = [
        (stored.item.debtor_number, stored.item.open_amount)
        for stored in items
        if not stored.item.is_invoice and stored.item.open_amount.minor > 0
    ]
    amounts += [
        (booked.allocation.debtor_number, booked.allocation.amount)
        for booked in load_booked(connection, work.company_id)
        if booked.allocation.kind is AllocationKind.ON_ACCOUNT and booked.allocation.debtor_number
    ]
    for debtor, amount in amounts:
        key = (debtor, amount.currency)
        found[key] = found.get(key, Money(0, amount.currency)) + amount
    return found


def _payments_in_review(connection: Connection, work: Workplace) -> dict[str, list[PaymentInReview]]:
    entries = load_entries(connection, work.company_id)
    waiting: dict[str, list[PaymentInReview]] = defaultdict(list)
    states = (EntryState.REVIEW, EntryState.UNMATCHED, EntryState.ANNOUNCED)
    for outcome in load_outcomes(connection, work.company_id, *states).values():
        entry = entries[outcome.entry_id]
        if entry.amount.minor <= 0:
            continue
        for debtor in sorted(outcome.possible_debtors):
            waiting[debtor].append(
                PaymentInReview(
                    entry_id=entry.entry_id,
                    booking_date=entry.booking_date,
                    amount=entry.amount,
                    announced=outcome.state is EntryState.ANNOUNCED,
                )
            )
    return waiting


def _holds(connection: Connection, work: Workplace) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = defaultdict(list)
    for row in load_holds(connection, work.company_id):
        found[row["debtor_number"]].append(
            Hold(
                hold_id=row["hold_id"],
                debtor_number=row["debtor_number"],
                item_id=row["item_id"],
                reason=HoldReason(row["reason"]),
                note=row["note"],
                owner=row["owner"],
                placed_on=row["placed_on"],
                expires_on=row["expires_on"],
            )
        )
    return found


def _mirror_age(stored: StoredItem, run_date: date) -> int:
    """Give the days since the tool last told us of the item; what left the open set was read when it left."""
    return (run_date - stored.last_seen_on).days if stored.in_open_set else 0


def _debits_in_flight(open_items: Sequence[StoredItem], run_date: date) -> list[DirectDebitInFlight]:
    """Name the items we collect ourselves whose collection may not be booked yet, and was not returned."""
    return [
        DirectDebitInFlight(item_id=stored.item.item_id, collected_on=stored.item.due_date)
        for stored in open_items
        if stored.item.end_to_end_id
        and not stored.amount.unconfirmed.minor
        and run_date <= add_bank_days(stored.item.due_date + timedelta(days=1), _DEBIT_SETTLES_WITHIN_BANK_DAYS)
    ]


def _history(notices: Sequence[StoredNotice]) -> dict[str, list[SentStage]]:
    history: dict[str, list[SentStage]] = defaultdict(list)
    for notice in notices:
        if notice.state is NoticeState.SENT and notice.sent_on is not None:
            for item in notice.items:
                history[item.item_id].append(
                    SentStage(
                        stage=item.stage, sent_on=notice.sent_on, deadline=notice.deadline, channel=notice.channel
                    )
                )
    return history
