"""What was agreed, looked at every night (Zusagen, Ratenpläne): kept, broken, and what goes on by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from dunning.hold import AfterHold, HoldReason
from dunning.instalments import PlanState, plan_standing
from dunning.promise import PromiseState, Received, left_for_others, promise_state, received_in_time, silent_until
from ledger.allocation import MOVES_MONEY
from ledger.debtor import DebtorType
from ledger.finding import Finding, Severity
from ledger.statement_chain import read_up_to
from storage.cases import load_successors
from storage.facts import load_debtors, load_items
from storage.holds import lift_hold, load_holds, place_hold
from storage.instalments import end_plan, load_plans
from storage.matches import load_booked
from storage.promises import end_promise, load_promises
from storage.statements import load_entries, load_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dunning.instalments import PlanStanding
    from dunning.promise import Promise
    from ledger.debtor import Debtor
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.instalments import StoredPlan
    from storage.promises import StoredPromise

Key = tuple[str, str]  # debtor number, of the successor where there is one, and currency

_CLOSED: Final = frozenset({HoldReason.INSOLVENCY.value, HoldReason.DECEASED.value})
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What agreements are judged by."""

    paid: Mapping[Key, Sequence[_Paid]]
    owing: frozenset[Key]  # who has anything open
    standing: frozenset[str]  # holds that nobody lifted
    closed: frozenset[str]  # debtors who are insolvent or have died: nothing agreed with them is judged or advised
    waiting: frozenset[str]  # debtors for whom tonight's run keeps silence already
    debtors: Mapping[str, Debtor]
    successors: Mapping[str, str]
    read_until: date | None  # the statements of every account; None: an account was never read

    def key(self, debtor_number: str, currency: str) -> Key:
        """Give under which key a debtor's money and items are found."""
        return self.successors.get(debtor_number, debtor_number), currency


@dataclass(frozen=True, slots=True)
class _Paid:
    """Money of a debtor with the decision that booked it."""

    seq: int
    money: Received


def settle_agreements(connection: Connection, work: Workplace) -> list[Finding]:
    """Write down which promises and plans were kept or broken, end their silence, and tell what a person must do.

    A broken promise needs nobody: its hold has expired, and the next stage follows. Nothing is called broken before
    the statements that would show the money are read; so long the silence goes on from night to night. To be called
    after matching and before dunning.
    """
    promises, plans = load_promises(connection, work.company_id), load_plans(connection, work.company_id)
    running = [one for one in promises if one.state is PromiseState.RUNNING]
    if not running and all(plan.ended is not None for plan in plans):
        return []
    known = _known(connection, work)
    running = [one for one in running if one.promise.debtor_number not in known.closed]
    plans = [one for one in plans if one.plan.debtor_number not in known.closed]
    findings: list[Finding] = []
    kept = [one.promise for one in promises if one.state is PromiseState.KEPT]
    for promise in running:
        findings += _promise(connection, work, promise, known, kept)
    for plan in plans:
        if plan.ended is None:
            findings += _plan(connection, work, plan, known)
    return findings


def _promise(
    connection: Connection, work: Workplace, stored: StoredPromise, known: _Known, kept: list[Promise]
) -> Iterator[Finding]:
    promise = stored.promise
    key = known.key(promise.debtor_number, promise.amount.currency)
    received = [one.money for one in known.paid.get(key, ())]
    for other in kept:  # the same money keeps no second promise
        if known.key(other.debtor_number, other.amount.currency) == key:
            received = left_for_others(other, received)
    state = promise_state(promise, received, work.run_date, read_until=known.read_until)
    if key not in known.owing:  # settled in another way, such as a credit note
        state = PromiseState.KEPT
    is_over = work.run_date > silent_until(promise)
    if state is PromiseState.RUNNING:
        if is_over and stored.hold_id in known.standing and promise.debtor_number not in known.waiting:
            _silent_tonight(connection, work, promise, "statements are not read up to its last day", None)
        return
    end_promise(connection, work.company_id, work.author, promise.promise_id, state)
    if state is PromiseState.KEPT:
        kept.append(promise)
        _lift(connection, work, stored.hold_id, known, broken=False)
        if is_over and key in known.owing:  # its hold has expired, and the next letter would call it broken
            _silent_tonight(connection, work, promise, "it was kept, as a later statement shows", AfterHold.RESUME)
        return
    came = received_in_time(promise, received, work.run_date)
    yield Finding(
        code="promise_broken",
        severity=Severity.NOTE,
        place=f"debtor {promise.debtor_number}",
        what=f"of {promise.amount} promised until {promise.pay_by} "
        + (f"only {came} came" if came.minor > 0 else "nothing came"),
        what_to_do="Nothing: the next stage follows. A call may be kinder.",
    )


def _silent_tonight(
    connection: Connection, work: Workplace, promise: Promise, because: str, after: AfterHold | None
) -> None:
    place_hold(
        connection,
        work.company_id,
        work.author,
        debtor_number=promise.debtor_number,
        item_id="",
        reason=HoldReason.PROMISE.value,
        note=f"promise {promise.promise_id}: {because}",
        owner=promise.owner or work.author.actor,
        expires_on=work.run_date,
        after=after,
        since=promise.made_on,
    )


def _plan(connection: Connection, work: Workplace, stored: StoredPlan, known: _Known) -> Sequence[Finding]:
    plan = stored.plan
    key = known.key(plan.debtor_number, plan.claim.total.currency)
    now = _standing(work, stored, known, key)
    is_paid = now.state is PlanState.PAID or key not in known.owing
    given_up = stored.hold_id not in known.standing  # by a person, who lifted the silence
    if is_paid or given_up or now.rest_is_due:
        ended = PlanState.PAID if is_paid else PlanState.BROKEN
        end_plan(connection, work.company_id, work.author, plan.plan_id, ended)
        _lift(connection, work, stored.hold_id, known, broken=not is_paid)
        if is_paid or given_up:
            return ()
    return tuple(_about_plan(stored, now))


def _standing(work: Workplace, stored: StoredPlan, known: _Known, key: Key) -> PlanStanding:
    """Tell where a plan stands by what was booked since it was agreed, on the last day our statements know of."""
    agreed_by = int(stored.plan.plan_id.removeprefix("R"))
    known_on = min(work.run_date, known.read_until + _A_DAY) if known.read_until else stored.plan.agreed_on
    debtor = known.debtors.get(stored.plan.debtor_number)
    return plan_standing(
        stored.plan,
        [one.money for one in known.paid.get(key, ()) if one.seq > agreed_by],
        known_on,
        debtor_type=debtor.type if debtor else DebtorType.UNKNOWN,
    )


def _about_plan(stored: StoredPlan, now: PlanStanding) -> Iterator[Finding]:
    plan = stored.plan
    place = f"debtor {plan.debtor_number}, plan {plan.plan_id}"
    late = ", ".join(f"{one.amount} of {one.due_on}" for one in now.late)
    end = f"`hold lift {stored.hold_id} --broken` ends the plan"
    if now.rest_is_due:
        yield Finding(
            code="plan_broken",
            severity=Severity.WARNING,
            place=place,
            what=f"the instalment plan is broken, {now.rest} is due at once; late: {late}",
            what_to_do="Nothing: the next stage asks for the whole rest.",
        )
    elif now.state is PlanState.BROKEN and not plan.default_clause:
        yield Finding(
            code="plan_without_clause",
            severity=Severity.WARNING,
            place=place,
            what=f"instalments are more than ten days late: {late}; no default clause (Verfallklausel) was agreed",
            what_to_do=f"Agree anew, or give the plan up in writing: {end}, and the stages go on.",
        )
    elif now.state is PlanState.BROKEN:
        yield Finding(
            code="plan_needs_deadline",
            severity=Severity.WARNING,
            place=place,
            what=f"instalments are more than ten days late: {late}",
            what_to_do=(
                "Set a last deadline of two weeks in writing and say that the rest falls due after it (§ 498 BGB "
                f"by analogy); when it is over in vain, {end}."
            ),
        )
    elif now.state is PlanState.LATE:
        yield Finding(
            code="instalment_late",
            severity=Severity.NOTE,
            place=place,
            what=f"not paid in time: {late}",
            what_to_do="Ring up before a second one is late.",
        )


def _lift(connection: Connection, work: Workplace, hold_id: str, known: _Known, *, broken: bool) -> None:
    if hold_id in known.standing:  # a person may have lifted it before
        lift_hold(connection, work.company_id, work.author, hold_id, broken=broken)


def _known(connection: Connection, work: Workplace) -> _Known:
    successors = load_successors(connection, work.company_id)
    holds = load_holds(connection, work.company_id)
    items = [stored.item for stored in load_items(connection, work.company_id)]
    read = [read_up_to(load_statements(connection, work.company_id, bank.iban)) for bank in work.company.bank]
    known_days = [day for day in read if day is not None]
    return _Known(
        paid=_paid(connection, work, successors),
        owing=frozenset(
            (successors.get(item.debtor_number, item.debtor_number), item.currency)
            for item in items
            if item.is_invoice and item.open_amount.minor > 0
        ),
        standing=frozenset(hold["hold_id"] for hold in holds),
        closed=frozenset(hold["debtor_number"] for hold in holds if hold["reason"] in _CLOSED),
        waiting=frozenset(
            hold["debtor_number"]
            for hold in holds
            if hold["reason"] == HoldReason.PROMISE.value and hold["expires_on"] == hold["placed_on"] == work.run_date
        ),
        debtors=load_debtors(connection, work.company_id),
        successors=successors,
        read_until=min(known_days) if known_days and len(known_days) == len(read) else None,
    )


def _paid(connection: Connection, work: Workplace, successors: Mapping[str, str]) -> dict[Key, list[_Paid]]:
    """Give the money of each debtor; a debit that came back counts with a minus, money we paid back does not."""
    entries = load_entries(connection, work.company_id)
    invoices = {stored.item.item_id for stored in load_items(connection, work.company_id) if stored.item.is_invoice}
    paid: dict[Key, list[_Paid]] = defaultdict(list)
    for one in load_booked(connection, work.company_id):
        allocation, entry = one.allocation, entries[one.entry_id]
        came = entry.amount.minor > 0 or allocation.item_id in invoices
        if allocation.kind in MOVES_MONEY and allocation.debtor_number and came:
            number = successors.get(allocation.debtor_number, allocation.debtor_number)
            money = Received(entry.value_date or entry.booking_date, allocation.amount)
            paid[number, allocation.amount.currency].append(_Paid(one.seq, money))
    return paid
