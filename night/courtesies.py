"""Courtesies (Dank, Entschuldigung) of a night: said once for what was booked, withdrawn when that is taken back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dunning.courtesy import FORMAL_TEMPLATES, Courtesy, SaidOnPaper, Settled, courtesy_for
from dunning.hold import HoldReason
from dunning.notice import Channel, NoticeState
from dunning.reach import missing_for
from export.letters.messages import crossed_payment, thank_you
from ledger.allocation import AllocationKind
from ledger.money import Money
from night.reach import without_unusable_mail
from night.receipts import receipts_of
from night.talk import listed, queue_message
from storage.bounces import unusable_addresses
from storage.cases import CaseDecision, load_decisions, load_successors
from storage.courtesies import bookings_since
from storage.facts import load_debtors, load_items
from storage.holds import load_all_holds
from storage.matches import load_booked
from storage.messages import load_unanswered
from storage.notices import load_notices
from storage.outbox import EffectStatus, load_effects, settle
from storage.receipts import returned_addresses
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.settings import CourtesyWay
    from dunning.courtesy import WantedCourtesy
    from dunning.hold import Hold
    from export.letters.messages import Message
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.notices import StoredNotice

Key = tuple[str, str]  # debtor number and currency

# A night may fail and a mail server be down; after so many days a kind word would only puzzle.
_NEW_FOR: Final = timedelta(days=7)
_PAPER: Final = frozenset({Channel.EMAIL, Channel.LETTER})
_COSTS: Final = frozenset({AllocationKind.FEE, AllocationKind.INTEREST})
# Who disputes, is insolvent, has died or is in a legal matter hears from a person, or from nobody.
_SILENT: Final = frozenset({HoldReason.DISPUTE, HoldReason.INSOLVENCY, HoldReason.DECEASED, HoldReason.LEGAL})
_TAKEN_BACK_OR_WAITING: Final = frozenset({EffectStatus.CANCELLED, EffectStatus.QUEUED})
_UNDONE: Final = "It is no longer true, or something speaks against it now."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """What is known about payments and items of all debtors."""

    items: Mapping[str, OpenItem]
    settled: Mapping[Key, Sequence[Settled]]
    costs: Mapping[Key, Sequence[tuple[int, Money]]]  # interest and fees paid, with the decision to book them
    overdue: Mapping[str, bool]  # by debtor: whether anything else is open past its due date
    away: frozenset[str]  # debtors with the agency, in court, or for whom somebody else answers


def say_courtesies(connection: Connection, work: Workplace) -> None:
    """Put what should be said into the outbox, and withdraw what waits there and is true no more.

    To be called after matching. What was said about a notice once is never said again.
    """
    # By notice: "message-K-2026-N12-45" is about notice N12, and what decision 45 booked.
    said = [one for one in load_effects(connection, work.company_id) if _is_courtesy(one.outbox_id)]
    new = bookings_since(connection, work.company_id, work.run_date - _NEW_FOR)
    wanted = dict(_wanted(connection, work, new)) if new and work.company.dunning.enabled else {}
    for effect in said:
        if effect.status is EffectStatus.QUEUED and effect.outbox_id not in wanted:
            settle(connection, work.company_id, work.author, effect, EffectStatus.CANCELLED, _UNDONE)
    known = {one.outbox_id for one in said}
    # What still waits is in ``known``; what left the house, or may have, is said for good.
    said_for_good = {_about(one.outbox_id) for one in said if one.status not in _TAKEN_BACK_OR_WAITING}
    for outbox_id, message in sorted(wanted.items()):
        if outbox_id not in known and _about(outbox_id) not in said_for_good:
            queue_message(connection, work, message, outbox_id.removeprefix("message-"))


def _is_courtesy(outbox_id: str) -> bool:
    parts = outbox_id.split("-")
    return parts[:2] == ["message", "K"] and len(parts) == 5 and parts[3].startswith("N")


def _about(outbox_id: str) -> str:
    return outbox_id.rpartition("-")[0]


def _wanted(connection: Connection, work: Workplace, new: frozenset[int]) -> Iterator[tuple[str, Message]]:
    settings = work.company.dunning
    ways: dict[Courtesy, CourtesyWay] = {
        Courtesy.APOLOGY: settings.crossed_payment_apology,
        Courtesy.THANKS: settings.thanks_after_formal_letter,
    }
    if set(ways.values()) == {"never"}:
        return
    notices = load_notices(connection, work.company_id, silent_on=work.run_date)
    books = _books(connection, work, notices, new)
    said = _said(connection, work, notices)
    silent = {hold.debtor_number for hold in _silencing(connection, work)}
    silent |= {message.debtor_number for message in load_unanswered(connection, work.company_id)}
    debtors = without_unusable_mail(
        load_debtors(connection, work.company_id),
        unusable_addresses(connection, work.company_id, work.run_date),
        returned_addresses(connection, work.company_id),
    )
    for key, settled in sorted(books.settled.items()):
        number = key[0]
        if number in silent or number in books.away or not any(one.is_new for one in settled):
            continue
        found = _courtesy(said.get(key, ()), settled, books, key)
        debtor = debtors.get(number)
        if found and debtor and _reaches(debtor, ways[found.courtesy]):
            yield (
                f"message-K-{found.written_on.year}-{found.notice_id}-{found.booked_by}",
                _message(work, debtor, books, found),
            )


def _courtesy(
    said: Sequence[SaidOnPaper], settled: Sequence[Settled], books: _Books, key: Key
) -> WantedCourtesy | None:
    asked_for = {item_id for one in said for item_id in one.item_ids} & books.items.keys()
    return courtesy_for(
        said,
        settled,
        open_minor={item_id: books.items[item_id].open_amount.minor for item_id in asked_for},
        costs_paid=books.costs.get(key, ()),
        overdue=books.overdue.get(key[0], False),
    )


def _reaches(debtor: Debtor, way: CourtesyWay) -> bool:
    by_mail = not missing_for(debtor, Channel.EMAIL)
    by_post = way == "mail_or_letter" and not missing_for(debtor, Channel.LETTER)
    return way != "never" and (by_mail or by_post)


def _message(work: Workplace, debtor: Debtor, books: _Books, found: WantedCourtesy) -> Message:
    items = listed([books.items[item_id] for item_id in found.item_ids], work.run_date)
    if found.courtesy is Courtesy.THANKS:
        return thank_you(debtor, items, paid=found.paid, paid_on=found.paid_on, today=work.run_date)
    return crossed_payment(
        debtor,
        items,
        paid=found.paid,
        paid_on=found.paid_on,
        written_on=found.written_on,
        today=work.run_date,
    )


def _silencing(connection: Connection, work: Workplace) -> Iterator[Hold]:
    """Give the holds that forbid even a kind word today, about one item or all."""
    for hold in load_all_holds(connection, work.company_id):
        if hold.reason in _SILENT and hold.holds_on(work.run_date):
            yield hold


def _said(connection: Connection, work: Workplace, notices: Sequence[StoredNotice]) -> dict[Key, list[SaidOnPaper]]:
    """Give what was said on paper to each debtor, and did not come back."""
    receipts = receipts_of(connection, work.company, notices)
    said: dict[Key, list[SaidOnPaper]] = defaultdict(list)
    for notice in notices:
        if notice.channel not in _PAPER or notice.sent_on is None or notice.came_back:
            continue
        stage = work.procedure.stage(notice.stage)
        said[notice.debtor_number, notice.currency].append(
            SaidOnPaper(
                notice_id=notice.notice_id,
                seq=notice.seq,
                is_formal=stage is not None and stage.template in FORMAL_TEMPLATES,
                sent_on=notice.sent_on,
                received_on=receipts[notice.notice_id].day,
                item_ids=tuple(item.item_id for item in notice.items),
                costs=Money(
                    sum(item.interest_minor + item.fee_minor + item.lump_sum_minor for item in notice.items),
                    notice.currency,
                ),
            )
        )
    return said


def _books(connection: Connection, work: Workplace, notices: Sequence[StoredNotice], new: frozenset[int]) -> _Books:
    items = {stored.item.item_id: stored.item for stored in load_items(connection, work.company_id)}
    entries = load_entries(connection, work.company_id)
    settled: dict[Key, list[Settled]] = defaultdict(list)
    costs: dict[Key, list[tuple[int, Money]]] = defaultdict(list)
    for one in load_booked(connection, work.company_id):
        allocation, entry = one.allocation, entries[one.entry_id]
        item = items.get(allocation.item_id)
        number = item.debtor_number if item else allocation.debtor_number
        key = number, allocation.amount.currency
        if allocation.kind in _COSTS:
            costs[key].append((one.seq, allocation.amount))
        elif allocation.kind is AllocationKind.PAYMENT and item and allocation.amount.minor > 0:
            settled[key].append(
                Settled(
                    seq=one.seq,
                    item_id=item.item_id,
                    credited_on=entry.value_date or entry.booking_date,
                    amount=allocation.amount,
                    is_new=one.seq in new,
                )
            )
    overdue: dict[str, bool] = defaultdict(bool)
    for item in items.values():
        if item.is_invoice and item.open_amount.minor > 0:
            overdue[item.debtor_number] |= item.due_date < work.run_date
    return _Books(
        items=items,
        settled=settled,
        costs=costs,
        overdue=overdue,
        away=frozenset(_away(connection, work, notices, items)),
    )


def _away(
    connection: Connection, work: Workplace, notices: Sequence[StoredNotice], items: Mapping[str, OpenItem]
) -> Iterator[str]:
    """Name who hears from an agency or a court, or for whom somebody else answers."""
    yield from load_successors(connection, work.company_id)
    for notice in notices:
        if notice.channel is Channel.AGENCY and notice.state is NoticeState.SENT:
            yield notice.debtor_number
    last: dict[str, CaseDecision] = {}
    for one in load_decisions(connection, work.company_id):
        if one.decided in {CaseDecision.COURT_BEGUN, CaseDecision.COURT_ENDED}:
            last[one.item_id] = one.decided
    for item_id, decided in last.items():
        if decided is CaseDecision.COURT_BEGUN and item_id in items:
            yield items[item_id].debtor_number
