"""The desk (Prüfplatz): what a person decides about an entry, checked, recorded, and able to be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dunning.hold import HoldReason
from ledger.allocation import SETTLES_PRINCIPAL, Allocation, AllocationKind, money_moved
from ledger.errors import Refused
from ledger.money import Money
from reconciliation.outcome import EntryState, Outcome
from reconciliation.rejections import grounds_of, subject_of
from storage.facts import load_debtors, load_items
from storage.holds import lift_hold, load_holds, place_hold
from storage.matches import book, ignore, load_booked, load_ignored, load_outcomes, reverse, save_outcomes
from storage.rejections import load_rejections, save_rejection, withdraw_rejections
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dunning.hold import AfterHold
    from ledger.statement import StatementEntry
    from storage.database import Connection
    from storage.decisions import Author
    from storage.holds import Insolvency

WAITING = frozenset({EntryState.REVIEW, EntryState.UNMATCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An entry that waits for a person, with what the engine thinks of it."""

    entry: StatementEntry
    outcome: Outcome


def queue(connection: Connection, company_id: str) -> list[Waiting]:
    """Give what waits, the largest amounts first."""
    entries = load_entries(connection, company_id)
    waiting = [
        Waiting(entry=entries[outcome.entry_id], outcome=outcome)
        for outcome in load_outcomes(connection, company_id, *WAITING).values()
    ]
    return sorted(waiting, key=lambda one: (-abs(one.entry.amount.minor), one.entry.entry_id))


def accept(connection: Connection, company_id: str, author: Author, entry_id: str, number: int) -> Outcome:
    """Book a proposal as it stands (1 is the best); refuse it when its items are no longer open enough."""
    outcome = _waiting(connection, company_id, entry_id)
    if not 1 <= number <= len(outcome.proposals):
        raise Refused(f"entry {entry_id}: there is no proposal {number}; it has {len(outcome.proposals)}")
    proposal = outcome.proposals[number - 1]
    return _confirm(connection, company_id, author, outcome, proposal.allocations, proposal.reasons)


def assign(
    connection: Connection, company_id: str, author: Author, entry_id: str, parts: Sequence[tuple[str, int]]
) -> Outcome:
    """Split an entry over documents by hand; amounts in minor units must add up to the entry."""
    outcome = _waiting(connection, company_id, entry_id)
    entry = load_entries(connection, company_id)[entry_id]
    items = {stored.item.document_number: stored.item for stored in load_items(connection, company_id)}
    unknown = [number for number, _ in parts if number not in items]
    if unknown:
        raise Refused(f"entry {entry_id}: no open item has the number {', '.join(unknown)}")
    allocations = tuple(
        Allocation(
            kind=AllocationKind.PAYMENT,
            amount=Money(minor, entry.amount.currency),
            item_id=items[number].item_id,
            document_number=number,
            debtor_number=items[number].debtor_number,
        )
        for number, minor in parts
    )
    return _confirm(connection, company_id, author, outcome, allocations, ("A person assigned it.",))


def put_on_account(
    connection: Connection, company_id: str, author: Author, entry_id: str, debtor_number: str
) -> Outcome:
    """Keep an entry as credit of a debtor, without a document (Akontozahlung)."""
    outcome = _waiting(connection, company_id, entry_id)
    entry = load_entries(connection, company_id)[entry_id]
    if debtor_number not in load_debtors(connection, company_id):
        raise Refused(f"entry {entry_id}: there is no debtor {debtor_number}")
    allocation = Allocation(kind=AllocationKind.ON_ACCOUNT, amount=entry.amount, debtor_number=debtor_number)
    return _confirm(connection, company_id, author, outcome, (allocation,), ("A person put it on account.",))


def set_aside(connection: Connection, company_id: str, author: Author, entry_id: str, reason: str) -> Outcome:
    """Say that an entry is not about receivables; nobody is spared from dunning because of it any more."""
    outcome = _waiting(connection, company_id, entry_id)
    ignore(connection, company_id, author, entry_id, reason, ignored=True, proposals=outcome.proposals)
    decided = Outcome(entry_id=outcome.entry_id, state=EntryState.IGNORED, reasons=(reason,))
    save_outcomes(connection, company_id, [decided])
    return decided


def reject(
    connection: Connection, company_id: str, author: Author, entry_id: str, number: int, reason: str
) -> Outcome:
    """Say that a proposal is wrong (1 is the best): it does not come back unless something new speaks for it.

    The entry goes on waiting, whoever may have paid stays spared, and no night books it by itself.
    """
    outcome = _waiting(connection, company_id, entry_id)
    if not 1 <= number <= len(outcome.proposals):
        raise Refused(f"entry {entry_id}: there is no proposal {number}; it has {len(outcome.proposals)}")
    left = _rejected(connection, company_id, author, outcome, outcome.proposals[number - 1].allocations, reason)
    waits = replace(
        left,
        state=EntryState.REVIEW,
        reasons=(*outcome.reasons, f"Proposal {number} was rejected by {author.actor}: {reason}"),
    )
    save_outcomes(connection, company_id, [waits])
    return waits


def undo(connection: Connection, company_id: str, author: Author, entry_id: str, reason: str) -> Outcome:
    """Take back whatever was decided on an entry; it waits again, and no night books it by itself.

    What was booked counts as rejected. Where nothing is booked and nobody set the entry aside, what was rejected on
    it is taken back.
    """
    outcome = load_outcomes(connection, company_id).get(entry_id)
    if outcome is None:
        raise Refused(f"there is no entry {entry_id}")
    reversed_count = reverse(connection, company_id, author, entry_id, reason)
    set_aside_before = entry_id in load_ignored(connection, company_id)
    if set_aside_before:
        ignore(connection, company_id, author, entry_id, reason, ignored=False)
    if not reversed_count and not set_aside_before:
        return _unrejected(connection, company_id, author, outcome, reason)
    if reversed_count:
        left = _rejected(connection, company_id, author, outcome, outcome.allocations, reason)
    else:
        left = outcome
    waits = replace(
        left,
        state=EntryState.REVIEW,
        allocations=(),
        reasons=(f"Taken back by {author.actor}: {reason}",),
        possible_debtors=outcome.possible_debtors | {a.debtor_number for a in outcome.allocations if a.debtor_number},
    )
    save_outcomes(connection, company_id, [waits])
    return waits


def hold(
    connection: Connection,
    company_id: str,
    author: Author,
    *,
    debtor_number: str,
    document_number: str,
    reason: HoldReason,
    note: str,
    expires_on: date | None,
    after: AfterHold | None = None,
    since: date | None = None,
    insolvency: Insolvency | None = None,
) -> str:
    """Keep a debtor, or one of its documents, out of dunning; return the hold's identification.

    ``after`` says what happens when it is over, ``since`` the day it is about.
    """
    if insolvency is not None and reason is not HoldReason.INSOLVENCY:
        raise Refused(f"court, file number and administrator belong to an insolvency, not to {reason}")
    item_id = ""
    if document_number:
        items = [s.item for s in load_items(connection, company_id) if s.item.debtor_number == debtor_number]
        item_id = next((item.item_id for item in items if item.document_number == document_number), "")
        if not item_id:
            raise Refused(f"debtor {debtor_number} has no document {document_number}")
    elif debtor_number not in load_debtors(connection, company_id):
        raise Refused(f"there is no debtor {debtor_number}")
    return place_hold(
        connection,
        company_id,
        author,
        debtor_number=debtor_number,
        item_id=item_id,
        reason=reason.value,
        note=note,
        owner=author.actor,
        expires_on=expires_on,
        after=after,
        since=since,
        insolvency=insolvency,
    )


def lift(connection: Connection, company_id: str, author: Author, hold_id: str, *, broken: bool = False) -> None:
    """End a hold; refuse one that does not stand. ``broken``: because the debtor did not keep to it."""
    if all(row["hold_id"] != hold_id for row in load_holds(connection, company_id)):
        raise Refused(f"there is no hold {hold_id}")
    lift_hold(connection, company_id, author, hold_id, broken=broken)


def _waiting(connection: Connection, company_id: str, entry_id: str) -> Outcome:
    outcome = load_outcomes(connection, company_id).get(entry_id)
    if outcome is None:
        raise Refused(f"there is no entry {entry_id}")
    if outcome.state is EntryState.ANNOUNCED:
        raise Refused(f"entry {entry_id} is only announced by the bank; it can be decided when it is booked")
    if outcome.state not in WAITING or any(b.entry_id == entry_id for b in load_booked(connection, company_id)):
        raise Refused(f"entry {entry_id} is {outcome.state.value} already; undo that first")
    return outcome


def _rejected(
    connection: Connection,
    company_id: str,
    author: Author,
    outcome: Outcome,
    allocations: Sequence[Allocation],
    reason: str,
) -> Outcome:
    """Remember that an entry is not about these documents, and propose them no more."""
    subject = subject_of(allocations)
    same = [proposal for proposal in outcome.proposals if subject_of(proposal.allocations) == subject]
    save_rejection(
        connection,
        company_id,
        author,
        entry_id=outcome.entry_id,
        subject=subject,
        grounds=grounds_of(clue for proposal in same for clue in proposal.evidence),
        why=reason,
    )
    return replace(outcome, proposals=tuple(p for p in outcome.proposals if p not in same))


def _unrejected(connection: Connection, company_id: str, author: Author, outcome: Outcome, reason: str) -> Outcome:
    if outcome.entry_id not in load_rejections(connection, company_id):
        raise Refused(f"entry {outcome.entry_id}: nothing is booked or rejected on it, and nobody set it aside")
    withdraw_rejections(connection, company_id, author, outcome.entry_id, reason)
    why = f"{author.actor} took back what was rejected ({reason}); the next night proposes it again"
    waits = replace(outcome, reasons=(why,))
    save_outcomes(connection, company_id, [waits])
    return waits


def _confirm(
    connection: Connection,
    company_id: str,
    author: Author,
    outcome: Outcome,
    allocations: tuple[Allocation, ...],
    reasons: tuple[str, ...],
) -> Outcome:
    entry = load_entries(connection, company_id)[outcome.entry_id]
    moved = money_moved(allocations, entry.amount.currency)
    if moved != entry.amount:
        raise Refused(
            f"entry {entry.entry_id} is {entry.amount}, but {moved} would be booked; the rest must go somewhere"
        )
    _check_open(connection, company_id, allocations)
    returned = entry.amount.minor < 0 and any(a.item_id for a in allocations)
    state = EntryState.RETURNED if returned else EntryState.CONFIRMED
    decided = replace(outcome, state=state, allocations=allocations, reasons=reasons)
    book(connection, company_id, author, [decided])
    save_outcomes(connection, company_id, [decided])
    return decided


def _check_open(connection: Connection, company_id: str, allocations: Sequence[Allocation]) -> None:
    """Refuse to settle more of an item than is open now; somebody else may have been quicker."""
    items = {stored.item.item_id: stored.item for stored in load_items(connection, company_id)}
    for item_id in {a.item_id for a in allocations if a.item_id}:
        item = items[item_id]
        settled = sum(a.amount.minor for a in allocations if a.item_id == item_id and a.kind in SETTLES_PRINCIPAL)
        settled = settled if item.is_invoice else -settled
        if settled > item.open_amount.minor:
            wanted = Money(settled, item.currency)
            raise Refused(f"{item.document_number}: {wanted} would be settled, but only {item.open_amount} is open")
