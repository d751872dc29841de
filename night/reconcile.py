"""Reconcile: every undecided entry goes through the engine; the certain is booked, the rest waits with reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import add_bank_days
from ledger.money import Money
from ledger.statement import EntryStatus
from ledger.statement_chain import read_up_to
from reconciliation.company_rules import rule_book
from reconciliation.engine import reconcile as match
from reconciliation.index import build_index
from reconciliation.outcome import EntryState, KnownPayer, Outcome, PastPayment
from storage.company_rules import load_rules
from storage.facts import load_debtors, load_items
from storage.matches import (
    book,
    load_all_booked,
    load_booked,
    load_ignored,
    reversed_with_files,
    save_outcomes,
)
from storage.statements import load_entries, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from config.settings import Company
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry
    from night.workplace import Workplace
    from reconciliation.company_rules import RuleBook
    from reconciliation.index import Index
    from storage.database import Connection
    from storage.facts import StoredItem
    from storage.matches import Booked

# A direct debit can be given back for 13 months (§ 676b BGB); so long a settled item must be recognised.
_MEMORY: Final = timedelta(days=425)

# What a bank announces it books within these days, or never.
_BOOKED_WITHIN_BANK_DAYS: Final = 5
_NEVER_BOOKED: Final = "the bank announced it and never booked it; later statements are read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What tonight's matching decided, with the entries it is about."""

    outcomes: tuple[Outcome, ...]
    entries: Mapping[str, StatementEntry]


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
    entries: Mapping[str, StatementEntry]


def reconcile(work: Workplace) -> Reconciled:
    """Match, book and remember, in one transaction.

    What is booked teaches (a payer's account, a settled number), so the undecided rest is looked at again until
    nothing more is booked. A second night over the same facts then has nothing left to find.
    """
    outcomes: dict[str, Outcome] = {}
    with work.step() as connection:
        while True:
            facts = load_match_facts(connection, work.company_id, work.run_date)
            found = _match(work, facts)
            outcomes.update((outcome.entry_id, outcome) for outcome in found)
            work.progress("matching", len(outcomes) - len(facts.undecided), len(outcomes))
            book(connection, work.company_id, work.author, found)
            if not any(outcome.allocations for outcome in found):
                break
        outcomes.update((outcome.entry_id, outcome) for outcome in _announced(work, connection, facts))
        save_outcomes(connection, work.company_id, outcomes.values())
    return Reconciled(outcomes=tuple(outcomes.values()), entries=facts.entries)


def _announced(work: Workplace, connection: Connection, facts: MatchFacts) -> list[Outcome]:
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
        *_match(work, replace(facts, undecided=tuple(live))),
        *(Outcome(entry_id=e.entry_id, state=EntryState.IGNORED, reasons=(_NEVER_BOOKED,)) for e in lapsed),
    ]


def _match(work: Workplace, facts: MatchFacts) -> list[Outcome]:
    return [
        _respecting_people(outcome, facts)
        for outcome in match(
            entries=facts.undecided,
            items=facts.items,
            debtors=facts.debtors,
            known_payers=facts.known_payers,
            past=facts.past,
            settings=work.company.matching.for_engine(),
            own_accounts=frozenset(work.company.own_accounts),
            rules=facts.rules,
            own_names=frozenset({work.company.name}),
        )
    ]


def index_of(facts: MatchFacts, company: Company) -> Index:
    """Build the lookups of a night, for whoever asks why."""
    return build_index(
        items=facts.items,
        debtors=facts.debtors,
        known_payers=facts.known_payers,
        past=facts.past,
        settings=company.matching.for_engine(),
        own_accounts=company.own_accounts,
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
    since = run_date - _MEMORY
    return MatchFacts(
        undecided=tuple(
            entry
            for entry in entries.values()
            if entry.entry_id not in decided and entry.status is EntryStatus.BOOKED
        ),
        announced=tuple(entry for entry in entries.values() if entry.status is EntryStatus.PENDING),
        items=tuple(_items(load_items(connection, company_id), since)),
        debtors=debtors,
        known_payers=tuple(_known_payers(debtors.values(), by_entry, entries)),
        past=tuple(_past(by_entry, entries, since)),
        taken_back=frozenset(taken_back),
        set_aside=ignored,
        rules=rule_book(load_rules(connection, company_id)),
        entries=entries,
    )


def _items(stored: Iterable[StoredItem], since: date) -> Iterable[OpenItem]:
    """Give what is open, and what was open lately: a payment may name an invoice that is settled already."""
    for one in stored:
        if one.item.open_amount.minor > 0:
            yield one.item
        elif one.in_open_set or one.last_seen_on >= since:
            yield replace(one.item, open_amount=Money(0, one.item.currency))


def _known_payers(
    debtors: Iterable[Debtor], by_entry: Mapping[str, Sequence[Booked]], entries: Mapping[str, StatementEntry]
) -> Iterable[KnownPayer]:
    """Give the accounts the tool knows, and those that booked payments came from."""
    payments: Counter[tuple[str, str]] = Counter()
    last_seen: dict[tuple[str, str], date] = {}
    for debtor in debtors:
        for iban in debtor.ibans:
            payments[iban, debtor.number] += 0
    for entry_id, booked in by_entry.items():
        entry = entries[entry_id]
        if not entry.payer_iban or entry.amount.minor <= 0:
            continue
        for debtor_number in {b.allocation.debtor_number for b in booked if b.allocation.debtor_number}:
            key = (entry.payer_iban, debtor_number)
            payments[key] += 1
            last_seen[key] = max(entry.booking_date, last_seen.get(key, entry.booking_date))
    for (iban, debtor_number), count in sorted(payments.items()):
        yield KnownPayer(
            iban=iban,
            debtor_number=debtor_number,
            payments=count,
            last_seen=last_seen.get((iban, debtor_number)),
        )


def _past(
    by_entry: Mapping[str, Sequence[Booked]], entries: Mapping[str, StatementEntry], since: date
) -> Iterable[PastPayment]:
    for entry_id, booked in by_entry.items():
        entry = entries[entry_id]
        if entry.booking_date >= since:
            yield PastPayment(
                entry_id=entry_id,
                account=entry.account,
                booking_date=entry.booking_date,
                amount=entry.amount,
                payer_iban=entry.payer_iban,
                payer_name=entry.payer_name,
                end_to_end_id=entry.end_to_end_id,
                mandate_id=entry.mandate_id,
                remittance=entry.remittance,
                allocations=tuple(b.allocation for b in booked),
            )


def _respecting_people(outcome: Outcome, facts: MatchFacts) -> Outcome:
    """Never book again by itself what a person took back: such an entry waits for a person."""
    if outcome.entry_id not in facts.taken_back or not outcome.allocations:
        return outcome
    return replace(
        outcome,
        state=EntryState.REVIEW,
        allocations=(),
        reasons=("A person took the booking of this entry back, so it waits for a decision.", *outcome.reasons),
    )
