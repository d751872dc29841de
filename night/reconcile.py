"""Reconcile: every undecided entry goes through the engine; the certain is booked, the rest waits with reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from export.girocode import creditor_reference
from ledger.allocation import AllocationKind
from ledger.calendar import add_bank_days
from ledger.collector import collector_paused
from ledger.money import Money
from ledger.statement import EntryStatus
from ledger.statement_chain import read_up_to
from night.own_model import audits_waiting, decider_of, draw, look
from night.processes import share_for
from reconciliation.company_rules import rule_book
from reconciliation.engine import reconcile_on, under
from reconciliation.index import build_index
from reconciliation.item_history import AskedCosts
from reconciliation.outcome import MEMORY, EntryState, KnownPayer, Outcome, PastPayment, as_payment
from reconciliation.own_letters import OwnLetter
from reconciliation.revocations import PayerKind, Revoked
from storage.company_rules import load_rules
from storage.facts import load_debtors, load_items
from storage.learned import load_revocations
from storage.matches import (
    book,
    load_all_booked,
    load_booked,
    load_ignored,
    reversed_with_files,
    save_outcomes,
)
from storage.notices import load_notices
from storage.rejections import load_rejections
from storage.statements import load_entries, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.settings import Company
    from ledger.debtor import Debtor
    from ledger.finding import Finding
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from night.own_model import Decider
    from night.workplace import Workplace
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from reconciliation.rejections import Rejection
    from reconciliation.revocations import Revocation
    from reconciliation.settings import MatchSettings
    from storage.database import Connection
    from storage.facts import StoredItem
    from storage.matches import Booked
    from storage.notices import StoredNotice

# What a bank announces it books within these days, or never.
_BOOKED_WITHIN_BANK_DAYS: Final = 5
_COSTS: Final = frozenset({AllocationKind.FEE, AllocationKind.INTEREST})
_NEVER_BOOKED: Final = "the bank announced it and never booked it; later statements are read"


@dataclass(frozen=True, slots=True)
class Outcomes(Collection[Outcome]):
    """The last outcome of every entry of a night. A large night's are unpacked only while they are read."""

    rounds: Sequence[Collection[Outcome]]  # whatever a round does not book is looked at again in the next one
    rest: Sequence[Outcome] = ()

    def __iter__(self) -> Iterator[Outcome]:
        for one in self.rounds[:-1]:
            yield from (outcome for outcome in one if outcome.allocations)
        for one in self.rounds[-1:]:
            yield from one
        yield from self.rest

    def __len__(self) -> int:
        return len(self.rounds[0]) + len(self.rest)  # later rounds look at some of the first one again

    def __contains__(self, outcome: object) -> bool:
        return any(outcome == one for one in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What tonight's matching decided, with the entries it is about."""

    outcomes: Outcomes
    entries: Mapping[str, StatementEntry]
    decider: Decider
    audits_waiting: int  # drawn bookings that nobody has looked at yet
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFacts:
    """Everything the engine is given, as it stands in storage."""

    undecided: tuple[StatementEntry, ...]
    announced: tuple[StatementEntry, ...]  # what the bank has not booked yet
    items: tuple[OpenItem, ...]
    debtors: Mapping[str, Debtor]
    known_payers: tuple[KnownPayer, ...]
    past: tuple[PastPayment, ...]
    taken_back: frozenset[str]  # entries whose booking a person undid
    set_aside: Mapping[str, str]  # entries a person ignored, with the reason
    rules: RuleBook  # what the accountant said once for all
    revocations: tuple[Revocation, ...]  # who does not pay for whom
    rejections: Mapping[str, tuple[Rejection, ...]]  # by entry: what it does not settle
    asked: Mapping[str, Sequence[AskedCosts]]  # by item: what our notices asked for on top
    letters: tuple[OwnLetter, ...]  # that were sent, with what they asked for
    entries: Mapping[str, StatementEntry]


def reconcile(work: Workplace) -> Reconciled:
    """Match, book and remember, in one transaction.

    What is booked teaches (a payer's account, a settled number), so the undecided rest is looked at again until
    nothing more is booked. A second night over the same facts then has nothing left to find.
    """
    rounds: list[Collection[Outcome]] = []
    findings: list[Finding] = []
    with work.step() as connection:
        decider = decider_of(work, connection)
        while True:
            facts = load_match_facts(connection, work.company_id, work.run_date)
            index = index_of(facts, work.company, decider.for_engine)
            found = _match(work, facts, index, decider, findings)
            if not decider.has_looked:
                before, decider = decider, look(work, connection, decider, found, facts.entries)
                if decider.for_engine != before.for_engine:
                    index = under(index, decider.for_engine) or index_of(facts, work.company, decider.for_engine)
                    found = _match(work, facts, index, decider, findings)
            rounds.append(found)
            work.progress("matching", len(rounds[0]) - len(found), len(rounds[0]))
            booked = book(connection, work.company_id, work.author, found)
            draw(work, connection, found, booked)
            if not booked:
                break
        # Nothing was booked since the index was made, so it is as good for what is only announced.
        outcomes = Outcomes(rounds, _announced(work, connection, facts, index, decider, findings))
        save_outcomes(connection, work.company_id, outcomes)
        waiting = audits_waiting(connection, work.company_id)
    return Reconciled(
        outcomes=outcomes,
        entries=facts.entries,
        decider=decider,
        audits_waiting=waiting,
        findings=tuple(findings),
    )


def _announced(
    work: Workplace,
    connection: Connection,
    facts: MatchFacts,
    index: Index,
    decider: Decider,
    findings: list[Finding],
) -> list[Outcome]:
    """Look at what the banks only announced, after everything that is booked: whoever may have paid is spared."""
    read_up_to_by_account = {
        account: read_up_to(load_statements(connection, work.company_id, account))
        for account in {entry.account for entry in facts.announced}
    }
    live: list[StatementEntry] = []
    lapsed: list[StatementEntry] = []
    for entry in facts.announced:
        until = read_up_to_by_account[entry.account]
        is_late = until is not None and add_bank_days(entry.booking_date, _BOOKED_WITHIN_BANK_DAYS) <= until
        (lapsed if is_late else live).append(entry)
    return [
        *_match(work, replace(facts, undecided=tuple(live)), index, decider, findings),
        *(Outcome(entry_id=e.entry_id, state=EntryState.IGNORED, reasons=(_NEVER_BOOKED,)) for e in lapsed),
    ]


def _match(
    work: Workplace, facts: MatchFacts, index: Index, decider: Decider, findings: list[Finding]
) -> Collection[Outcome]:
    """Think about what nobody has decided; a large night with several processes."""
    found = reconcile_on(
        index,
        facts.undecided,
        model=decider.model,
        rules=facts.rules,
        own_names=frozenset({work.company.name}),
        rejections=facts.rejections,
        share=share_for(len(facts.undecided), work.office.settings.matching_processes, findings),
    )
    return _Respecting(found, facts.taken_back) if facts.taken_back else found


@collector_paused()
def index_of(facts: MatchFacts, company: Company, settings: MatchSettings | None = None) -> Index:
    """Build the lookups of a night, for the night itself and for whoever asks why."""
    return build_index(
        items=facts.items,
        debtors=facts.debtors,
        known_payers=facts.known_payers,
        past=facts.past,
        settings=settings or company.matching.for_engine(),
        own_accounts=company.own_accounts,
        revocations=facts.revocations,
        asked=facts.asked,
        letters=facts.letters,
    )


def load_match_facts(connection: Connection, company_id: str, run_date: date) -> MatchFacts:
    """Read everything the engine needs to know of one company."""
    entries = load_entries(connection, company_id)
    booked = load_booked(connection, company_id)
    debtors = load_debtors(connection, company_id)
    ignored = load_ignored(connection, company_id)
    decided = {b.entry_id for b in booked} | ignored.keys()
    with_file = reversed_with_files(connection, company_id)
    taken_back = {
        b.entry_id
        for b in load_all_booked(connection, company_id)
        if b.reverses and b.seq > with_file.get(b.entry_id, 0)
    } - decided
    by_entry: dict[str, list[Booked]] = defaultdict(list)
    for b in booked:
        by_entry[b.entry_id].append(b)
    since = run_date - MEMORY
    notices = load_notices(connection, company_id)
    revocations = load_revocations(connection, company_id)
    return MatchFacts(
        undecided=tuple(
            entry
            for entry in entries.values()
            if entry.entry_id not in decided and entry.status is EntryStatus.BOOKED
        ),
        announced=tuple(entry for entry in entries.values() if entry.status is EntryStatus.PENDING),
        items=tuple(_items(load_items(connection, company_id), since)),
        debtors=debtors,
        known_payers=tuple(_known_payers(debtors.values(), by_entry, entries, Revoked(revocations))),
        past=tuple(_past(by_entry, entries, since)),
        taken_back=frozenset(taken_back),
        set_aside=ignored,
        rules=rule_book(load_rules(connection, company_id)),
        revocations=revocations,
        rejections=load_rejections(connection, company_id),
        asked=_asked(notices, by_entry, entries),
        letters=tuple(_letters(notices)),
        entries=entries,
    )


def _items(stored: Iterable[StoredItem], since: date) -> Iterable[OpenItem]:
    """Give what is open, and what was open lately: a payment may name an invoice that is settled already."""
    for one in stored:
        if one.item.open_amount.minor > 0:
            yield one.item
        elif one.in_open_set or one.last_seen_on >= since:
            yield replace(one.item, open_amount=Money(0, one.item.currency))


def _asked(
    notices: Iterable[StoredNotice], by_entry: Mapping[str, Sequence[Booked]], entries: Mapping[str, StatementEntry]
) -> Mapping[str, Sequence[AskedCosts]]:
    """Give by item what our notices asked for on top; what was asked before the debtor last paid costs is paid."""
    paid_on: dict[str, date] = {}
    for entry_id, booked in by_entry.items():
        for debtor in {b.allocation.debtor_number for b in booked if b.allocation.kind in _COSTS}:
            paid_on[debtor] = max(entries[entry_id].booking_date, paid_on.get(debtor, date.min))
    asked: defaultdict[str, list[AskedCosts]] = defaultdict(list)
    for notice in notices:
        if notice.sent_on is None or notice.sent_on <= paid_on.get(notice.debtor_number, date.min):
            continue
        for item in notice.items:
            # Fee and lump sum are booked alike: as costs of being late.
            minors = item.fee_minor + item.lump_sum_minor, item.interest_minor
            fee, interest = (Money(minor, notice.currency) for minor in minors)
            if fee or interest:
                asked[item.item_id].append(AskedCosts(notice.notice_id, notice.title, notice.sent_on, fee, interest))
    return asked


def _letters(notices: Iterable[StoredNotice]) -> Iterator[OwnLetter]:
    """Give the letters and mails that were really sent; their payers may write nothing but the reference."""
    for notice in notices:
        if notice.letter_number and notice.sent_on is not None:
            reference = creditor_reference(notice.letter_number)
            yield OwnLetter(notice.letter_number, reference, tuple(item.item_id for item in notice.items))


def _known_payers(
    debtors: Iterable[Debtor],
    by_entry: Mapping[str, Sequence[Booked]],
    entries: Mapping[str, StatementEntry],
    revoked: Revoked,
) -> Iterable[KnownPayer]:
    """Give the accounts the tool knows, and those that booked payments came from, except before a revocation."""
    days: defaultdict[tuple[str, str], list[date]] = defaultdict(list)
    for debtor in debtors:
        for iban in debtor.ibans:
            days[iban, debtor.number] = []
    for entry_id, booked in by_entry.items():
        entry = entries[entry_id]
        if not entry.payer_iban or entry.amount.minor <= 0:
            continue
        for debtor_number in {b.allocation.debtor_number for b in booked if b.allocation.debtor_number}:
            if revoked.forgets(PayerKind.ACCOUNT, entry.payer_iban, debtor_number, entry.booking_date):
                continue
            days[entry.payer_iban, debtor_number].append(entry.booking_date)
    for (iban, debtor_number), booked_on in sorted(days.items()):
        yield KnownPayer(
            iban=iban,
            debtor_number=debtor_number,
            payments=len(booked_on),
            last_seen=max(booked_on, default=None),
            first_seen=min(booked_on, default=None),
        )


def _past(
    by_entry: Mapping[str, Sequence[Booked]], entries: Mapping[str, StatementEntry], since: date
) -> Iterable[PastPayment]:
    for entry_id, booked in by_entry.items():
        entry = entries[entry_id]
        if entry.booking_date >= since:
            yield as_payment(entry, (b.allocation for b in booked))


@dataclass(frozen=True, slots=True)
class _Respecting(Collection[Outcome]):
    """Outcomes that never book again by themselves what a person took back: such an entry waits for a person."""

    found: Collection[Outcome]
    taken_back: frozenset[str]  # entries

    def __iter__(self) -> Iterator[Outcome]:
        for outcome in self.found:
            is_again = outcome.allocations and outcome.entry_id in self.taken_back
            yield _asked_again(outcome) if is_again else outcome

    def __len__(self) -> int:
        return len(self.found)

    def __contains__(self, outcome: object) -> bool:
        return any(outcome == one for one in self)


def _asked_again(outcome: Outcome) -> Outcome:
    return replace(
        outcome,
        state=EntryState.REVIEW,
        allocations=(),
        reasons=("A person took the booking of this entry back, so it waits for a decision.", *outcome.reasons),
    )
